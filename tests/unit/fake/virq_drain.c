/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of a sequence: whatever can be delivered is, within a bounded number of steps. */
#include "virq_steps.h"

enum { TURNS = 100 };

static uint32_t vcpu_total;

static void drain_step(enum step_kind kind, uint32_t self, uint32_t vcpu, uint32_t slot,
                       uint32_t value)
{
    struct step step = {kind, self, vcpu, slot, value, false};

    steps_do(&step);
}

/* Devices withdraw what asserts a level. */
static void drain_lines(void)
{
    for (uint32_t vcpu = 0; vcpu < vcpu_total; vcpu++)
        for (uint32_t slot = 0; slot < MODEL_SLOTS; slot++)
            if (model_irq(&worlds_any, vcpu, slot)->line)
                drain_step(model_link(slot) ? STEP_DEVICE : STEP_LINE, vcpu, vcpu, slot,
                           model_link(slot) ? 0 : 2);
}

static bool drain_acknowledge(uint32_t vcpu)
{
    uint32_t depth = steps_depth(vcpu);

    drain_step(STEP_ACKNOWLEDGE, vcpu, vcpu, 0, 9); /* group 1 */
    drain_step(STEP_ACKNOWLEDGE, vcpu, vcpu, 0, 8);
    return steps_depth(vcpu) > depth;
}

static bool drain_vcpu(uint32_t vcpu)
{
    bool more = false;

    if (vcpus[vcpu].state != VCPU_ON)
        return false;
    while (drain_acknowledge(vcpu))
        more = true;
    for (; steps_depth(vcpu); more = true) {
        drain_step(STEP_END, vcpu, vcpu, 0, 1);
        if (steps_depth(vcpu) % 3 == 2)
            drain_acknowledge(vcpu);
    }
    for (; steps_drops(vcpu); more = true)
        drain_step(STEP_DEACTIVATE, vcpu, vcpu, 0, 2);
    return more;
}

static void drain_all(void)
{
    bool more = true;

    drain_lines();
    for (uint32_t turns = 0; more; turns++) {
        if (turns > TURNS)
            bench_fail("interrupts that do not end");
        more = false;
        for (uint32_t vcpu = 0; vcpu < vcpu_total; vcpu++)
            more |= drain_vcpu(vcpu);
    }
}

static void drain_open(void)
{
    for (uint32_t vcpu = 0; vcpu < vcpu_total; vcpu++) {
        static const uint32_t open[] = {768, 769, 2050, 2051}; /* mask, groups, binary points */

        drain_step(STEP_ON, vcpu, vcpu, 0, 0);
        for (uint32_t i = 0; i < sizeof(open) / sizeof(open[0]); i++)
            drain_step(STEP_CONFIGURE, vcpu, vcpu, 0, open[i]);
    }
    drain_step(STEP_CONTROL, 0, 0, 0, 4);
    for (uint32_t vcpu = 0; vcpu < vcpu_total; vcpu++)
        for (uint32_t slot = vcpu ? 0 : MODEL_SLOTS - 1;
             vcpu ? slot < MODEL_PRIVATE : slot < MODEL_SLOTS; slot += vcpu ? 1 : ~0u) {
            if (model_irq(&worlds_any, vcpu, slot)->active)
                drain_step(STEP_ACTIVE, vcpu, vcpu, slot, 1);
            if (slot >= MODEL_PRIVATE && !model_irq(&worlds_any, 0, slot)->targets)
                drain_step(STEP_ROUTE, 0, 0, slot, slot << 2);
            drain_step(STEP_ENABLE, vcpu, vcpu, slot, 256 | 1);
        }
}

/* Nothing is pending or active, in the kernel or behind it. */
static void drain_check(void)
{
    worlds_quiet();
    for (uint32_t vcpu = 0; vcpu < vcpu_total; vcpu++)
        for (uint32_t slot = 0; slot < MODEL_SLOTS; slot++) {
            if (slot && model_intids[slot] / 32 == model_intids[slot - 1] / 32)
                continue; /* one read is for all */
            drain_step(STEP_READ, vcpu, vcpu, slot, 0);
            BENCH_REQUIRE(!bench_read(vcpu, vcpu, BH_VIRQ_PENDING, model_intids[slot]));
        }
    for (uint32_t vcpu = 0; vcpu < vcpu_total; vcpu++)
        for (uint32_t slot = 0; slot < MODEL_SLOTS; slot++) {
            BENCH_REQUIRE(!bench_physical(vcpu, slot)->active); /* or it is dead for ever */
            BENCH_REQUIRE(!bench_physical(vcpu, slot)->pending);
        }
}

void steps_drain(void)
{
    bool told = worlds_told;

    vcpu_total = worlds_any.vcpus;
    worlds_tell("  drain\n");
    bench_settle();
    drain_all();
    worlds_tell("  open everything\n");
    worlds_told = false;
    drain_open();
    worlds_told = told;
    drain_all();
    drain_check();
}
