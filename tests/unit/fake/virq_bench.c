/* SPDX-License-Identifier: BSD-2-Clause */
/* A partition of up to three vCPUs on three cores, each with the list registers of fake/ich.c, and
 * the physical distributor behind its linked interrupts. */
#include "virq_bench.h"
#include <string.h>

struct model model;
uint64_t bench_seed;
char bench_history[BENCH_HISTORY];
size_t bench_history_end;

static struct ich interfaces[MODEL_VCPUS];

/* Interrupts that the sequences use: software and event ones, device lines, linked ones. */
const uint32_t bench_intids[BENCH_INTIDS] = {0,  1,  2,  15, 16, 20, 27, 30, 32, 33,
                                             34, 35, 36, 37, 38, 39, 40, 41, 42, 63,
                                             64, 65, 66, 67, 95, 96, 97, 127};
static const uint32_t linked[] = {40, 41, 42, 66, 67, 127};

enum { LINKED = sizeof(linked) / sizeof(linked[0]) };

void bench_on(uint32_t index)
{
    fake_self = &cores[index];
    fake_ich = &interfaces[index];
}

uint32_t bench_here(void)
{
    return (uint32_t)(fake_self - cores);
}

/* While a core waits for others, those that were kicked take their interrupt. */
static void bench_others(void)
{
    uint32_t self = bench_here();

    for (uint32_t i = 0; i < model.vcpus; i++)
        if (i != self && fake_kicked >> i & 1) {
            bench_on(i);
            virq_serve(&vcpus[i]);
        }
    bench_on(self);
}

/* The core takes what is pending for it and goes back to its guest. */
void bench_enter(uint32_t index)
{
    uint32_t turns = 0;

    bench_on(index);
    if (fake_kicked >> index & 1)
        virq_serve(&vcpus[index]);
    fake_kicked &= ~(1u << index);
    if (ich_maintenance(fake_ich))
        vcpu_due(&vcpus[index], DUE_LISTS);
    virq_deliver(&vcpus[index]);
    while (ich_maintenance(fake_ich)) {
        vcpu_due(&vcpus[index], DUE_LISTS);
        virq_deliver(&vcpus[index]);
        REQUIRE(++turns < 3);
    }
}

void bench_enter_all(void)
{
    for (uint32_t i = 0; i < model.vcpus; i++)
        bench_enter(i);
}

static struct model_irq *physical_owner(uint32_t physical)
{
    return model_irq(&model, bench_here(), physical < 32 ? physical : physical - 100);
}

/* Takes what is pending at the physical distributor: EOImode 1, so it is active from now on. */
static void physical_take(uint32_t vcpu, uint32_t intid)
{
    struct model_irq *irq = model_irq(&model, vcpu, intid);

    if (!irq->physical_pending || !irq->physical_enable || irq->physical_active)
        return;
    irq->physical_pending = false;
    irq->physical_active = true;
    irq->latch = true;
    bench_on(intid < 32 ? vcpu : irq->route % model.vcpus);
    if (intid < 32)
        virq_timer(&vcpus[vcpu], intid);
    else
        virq_pend(bench_partition, NULL, intid);
}

void bench_take_all(void)
{
    uint32_t self = bench_here();

    for (uint32_t i = 0; i < LINKED; i++)
        physical_take(0, linked[i]);
    for (uint32_t i = 0; i < model.vcpus; i++) {
        physical_take(i, 27);
        physical_take(i, 30);
    }
    bench_on(self);
}

static void physical_end(uint32_t physical)
{
    NOTE(" (end %u)", physical);
    REQUIRE(physical_owner(physical)->physical_active); /* exactly once */
    physical_owner(physical)->physical_active = false;
}

static struct model_irq *physical_of(const struct core *core, uint32_t physical)
{
    return model_irq(&model, (uint32_t)(core - cores), physical < 32 ? physical : physical - 100);
}

static void physical_end_at(const struct core *core, uint32_t physical)
{
    NOTE(" (end %u of %td)", physical, core - cores);
    REQUIRE(physical_of(core, physical)->physical_active);
    physical_of(core, physical)->physical_active = false;
}

/* Asserted until the guest has acknowledged it. */
static bool physical_input(const struct core *core, uint32_t physical)
{
    const struct model_irq *irq = physical_of(core, physical);

    return irq->physical_pending || irq->latch;
}

static bool physical_active(const struct core *core, uint32_t physical)
{
    return physical_of(core, physical)->physical_active;
}

static void physical_enable(uint32_t physical, bool on)
{
    REQUIRE(physical >= 132);
    physical_owner(physical)->physical_enable = on;
}

void bench_write(uint32_t self, uint32_t vcpu, enum bh_virq_field field, uint32_t intid,
                 uint32_t value)
{
    bool wide = field == BH_VIRQ_PRIORITY;
    bool plain = field == BH_VIRQ_ROUTE || field == BH_VIRQ_CONTROL;
    uint32_t unit = plain ? 1 : wide ? 4 : 32;
    uint32_t shift = plain ? 0 : wide ? intid % 4 * 8 : intid % 32;
    uint64_t mask = plain ? ~0ull : (wide ? 0xffull : 1ull) << shift;
    struct vcpu *owner = intid < 32 ? &vcpus[vcpu] : NULL;

    bench_on(self);
    assert_int_equal(virq_decode(owner, field, intid - intid % unit), BH_OK);
    virq_write(bench_partition, owner, field, intid - intid % unit, (uint64_t)value << shift, mask);
}

bool bench_read(uint32_t vcpu, enum bh_virq_field field, uint32_t intid)
{
    struct vcpu *owner = intid < 32 ? &vcpus[vcpu] : NULL;

    return virq_read(bench_partition, owner, field, intid & ~31u) >> intid % 32 & 1;
}

uint32_t bench_urgency(void)
{
    uint32_t group = 0;
    uint32_t intid = ich_highest(fake_ich, &group);

    return intid == ICH_NONE ? 0x100 : model_irq(&model, bench_here(), intid)->priority;
}

void bench_settle(uint32_t vcpu)
{
    for (uint32_t turns = 0; fake_kicked; turns++) {
        REQUIRE(turns < 10);
        for (uint32_t i = 0; i < model.vcpus; i++)
            if (fake_kicked >> i & 1)
                bench_enter(i);
    }
    bench_on(vcpu);
}

void bench_begin(uint32_t vcpu_total, bool split)
{
    memset(bench_partition, 0, sizeof(*bench_partition));
    virq_init_shared(&bench_partition->virq);
    memset(vcpus, 0, sizeof(vcpus));
    memset(cores, 0, sizeof(cores));
    memset(&model, 0, sizeof(model));
    model.vcpus = vcpu_total;
    model.split = split;
    partition_count = 2;
    bench_partition->index = 1;
    bench_partition->vcpu_count = core_count = vcpu_count = vcpu_total;
    for (uint32_t i = 0; i < vcpu_total; i++) {
        cores[i].mpidr = i;
        cores[i].vcpu = bench_partition->vcpu[i] = &vcpus[i];
        cores[i].resident = true;
        vcpus[i].partition = bench_partition;
        vcpus[i].core = &cores[i];
        vcpus[i].index = i;
        virq_init_cpu(&vcpus[i].virq);
        ich_fake_init(&interfaces[i]);
        interfaces[i].split = split;
        for (uint32_t intid = 0; intid < 16; intid++)
            model.cpu[i].irq[intid].edge = true;
        for (uint32_t intid = 27; intid <= 30; intid += 3)
            model.cpu[i].irq[intid].linked = model.cpu[i].irq[intid].physical_enable = true;
    }
    for (uint32_t i = 0; i < LINKED; i++) {
        struct virq_bank *bank = virq_bank(bench_partition, NULL, linked[i]);

        bank->hardware |= 1u << linked[i] % 32;
        bank->physical[linked[i] % 32] = (uint16_t)(linked[i] + 100);
        model.shared[linked[i]].linked = true;
    }
    fake_kicked = 0;
    fake_turn = bench_others;
    fake_physical_end = physical_end;
    fake_physical_end_at = physical_end_at;
    fake_physical_input = physical_input;
    fake_physical_active = physical_active;
    fake_physical_enable = physical_enable;
    fake_physical_route = NULL;
    bench_history_end = 0;
    bench_history[0] = 0;
}
