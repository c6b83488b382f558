/* SPDX-License-Identifier: BSD-2-Clause */
/* Devices, timers, and what the kernel does at the physical distributor. */
#include "virq_physical.h"
#include <string.h>

enum { PHYSICAL_OFFSET = 100 /* of a shared interrupt's number from its virtual one's */ };

static struct bench_physical physicals[MODEL_VCPUS][MODEL_SLOTS];

struct bench_physical *bench_physical(uint32_t vcpu, uint32_t slot)
{
    return &physicals[slot < MODEL_PRIVATE ? vcpu : 0][slot];
}

void bench_device(uint32_t vcpu, uint32_t slot, bool on)
{
    struct bench_physical *physical = bench_physical(vcpu, slot);

    if (model_link(slot) == MODEL_LEVEL)
        physical->line = on;
    else
        physical->pending = true;
}

bool physical_calls(uint32_t core, uint32_t slot)
{
    const struct bench_physical *physical = bench_physical(core, slot);

    return (physical->line || physical->pending) && physical->enabled && !physical->active &&
           (slot < MODEL_PRIVATE || physical->core == core);
}

/* What the physical interrupt's number belongs to on a core. */
static struct bench_physical *physical_of(const struct core *core, uint32_t physical)
{
    uint32_t slot = model_slot(physical < 32 ? physical : physical - PHYSICAL_OFFSET);

    FAKE_REQUIRE(slot != MODEL_NONE && model_link(slot));
    return bench_physical((uint32_t)(core - cores), slot);
}

static struct bench_physical *physical_find(uint32_t physical)
{
    return physical_of(fake_self, physical);
}

static void physical_end_at(const struct core *core, uint32_t physical)
{
    physical_of(core, physical)->active = false;
}

static bool physical_input(const struct core *core, uint32_t physical)
{
    return physical_of(core, physical)->line || physical_of(core, physical)->pending;
}

static bool physical_active(const struct core *core, uint32_t physical)
{
    return physical_of(core, physical)->active;
}

/* Ending what is not active has no effect. */
static void physical_end(uint32_t physical)
{
    physical_find(physical)->active = false;
}

static void physical_enable(uint32_t physical, bool on)
{
    FAKE_REQUIRE(physical >= 32);
    physical_find(physical)->enabled = on;
}

static void physical_route(uint32_t physical, uint64_t mpidr)
{
    physical_find(physical)->core = (uint32_t)mpidr;
}

static void physical_timers_off(void)
{
    for (uint32_t slot = 0; slot < MODEL_PRIVATE; slot++)
        physicals[fake_self - cores][slot].line = false;
}

/* As gic_handle(): EOImode 1, so a physical interrupt that was taken is active until the guest, or
 * the kernel for it, ends it. */
void physical_take(uint32_t slot)
{
    struct vcpu *vcpu = fake_self->vcpu;
    struct bench_physical *physical = bench_physical((uint32_t)(fake_self - cores), slot);

    physical->pending = false;
    physical->active = true;
    if (slot < MODEL_PRIVATE)
        virq_timer(vcpu, model_intids[slot]);
    else
        virq_pend(bench_partition, NULL, model_intids[slot]);
}

void physical_begin(uint32_t vcpu_total)
{
    memset(physicals, 0, sizeof(physicals));
    fake_hooks = (struct fake_hooks){.end = physical_end,
                                     .end_at = physical_end_at,
                                     .input = physical_input,
                                     .active = physical_active,
                                     .enable = physical_enable,
                                     .route = physical_route,
                                     .timers_off = physical_timers_off};
    for (uint32_t slot = 0; slot < MODEL_SLOTS; slot++) {
        uint32_t intid = model_intids[slot];
        struct virq_bank *bank = virq_bank(bench_partition, &vcpus[0], intid);

        for (uint32_t i = 0; i < vcpu_total && slot < MODEL_PRIVATE; i++)
            physicals[i][slot].enabled = true;
        if (slot < MODEL_PRIVATE || !model_link(slot))
            continue;
        bank->hardware |= 1u << intid % 32;
        bank->edge |= (uint32_t)(model_link(slot) == MODEL_EDGE) << intid % 32;
        bank->physical[intid % 32] = (uint16_t)(intid + PHYSICAL_OFFSET);
    }
}
