/* SPDX-License-Identifier: BSD-2-Clause */
/* Virtual interrupts: random sequences of what monitors, devices and guests do, each step compared
 * with a plain model of the GIC. BULKHEAD_SEED repeats a run, BULKHEAD_SEQUENCES says how many. */
#include "fake/gic_model.h"
#include "fake/random.h"
#include "object.h"
#include "virq_lists.h"
#include <cmocka.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

enum { SEQUENCES = 20000, STEPS = 60, HISTORY = 4096 };

/* Interrupts that the sequences use: software and event ones, device lines, linked ones. */
static const uint32_t intids[] = {0,  1,  2,  15, 16, 20, 27, 30, 32, 33, 34, 35, 36, 37,
                                  38, 39, 40, 41, 42, 63, 64, 65, 66, 67, 95, 96, 97, 127};
static const uint32_t linked[] = {40, 41, 42, 66, 67, 127};

enum { INTIDS = sizeof(intids) / sizeof(intids[0]), LINKED = sizeof(linked) / sizeof(linked[0]) };

static struct model model;
static struct ich interfaces[MODEL_VCPUS];
static struct partition *const partition = &partitions[1];
static uint64_t sequence_seed;
static char history[HISTORY];
static size_t history_end;

#define NOTE(...)                                                                                  \
    history_end +=                                                                                 \
        (size_t)snprintf(history + history_end, history_end < HISTORY - 64 ? 64 : 0, __VA_ARGS__)
#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "BULKHEAD_SEED=%" PRIu64 " BULKHEAD_SEQUENCES=1:%s\n", sequence_seed,  \
                    history);                                                                      \
            fail_msg("%s", #condition);                                                            \
        }                                                                                          \
    } while (0)

static void on_core(uint32_t index)
{
    fake_self = &cores[index];
    fake_ich = &interfaces[index];
}

static uint32_t here(void)
{
    return (uint32_t)(fake_self - cores);
}

/* While a core waits for others, those that were kicked take their interrupt. */
static void others_serve(void)
{
    uint32_t self = here();

    for (uint32_t i = 0; i < model.vcpus; i++)
        if (i != self && fake_kicked >> i & 1) {
            on_core(i);
            virq_serve(&vcpus[i]);
        }
    on_core(self);
}

/* The core takes what is pending for it and goes back to its guest. */
static void enter(uint32_t index)
{
    uint32_t turns = 0;

    on_core(index);
    if (fake_kicked >> index & 1)
        virq_serve(&vcpus[index]);
    fake_kicked &= ~(1u << index);
    virq_deliver(&vcpus[index], ich_maintenance(fake_ich));
    while (ich_maintenance(fake_ich)) {
        virq_deliver(&vcpus[index], true);
        REQUIRE(++turns < 3);
    }
}

static void enter_all(void)
{
    for (uint32_t i = 0; i < model.vcpus; i++)
        enter(i);
}

static struct model_irq *physical_owner(uint32_t physical)
{
    return model_irq(&model, here(), physical < 32 ? physical : physical - 100);
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
    on_core(intid < 32 ? vcpu : irq->route % model.vcpus);
    virq_pend(partition, intid < 32 ? &vcpus[vcpu] : NULL, intid);
}

static void physical_take_all(void)
{
    uint32_t self = here();

    for (uint32_t i = 0; i < LINKED; i++)
        physical_take(0, linked[i]);
    for (uint32_t i = 0; i < model.vcpus; i++) {
        physical_take(i, 27);
        physical_take(i, 30);
    }
    on_core(self);
}

static void physical_end(uint32_t physical)
{
    NOTE(" (end %u)", physical);
    REQUIRE(physical_owner(physical)->physical_active); /* exactly once */
    physical_owner(physical)->physical_active = false;
}

static void physical_enable(uint32_t physical, bool on)
{
    REQUIRE(physical >= 132);
    physical_owner(physical)->physical_enable = on;
}

static void write_field(uint32_t self, uint32_t vcpu, enum bh_virq_field field, uint32_t intid,
                        uint32_t value)
{
    bool wide = field == BH_VIRQ_PRIORITY;
    bool plain = field == BH_VIRQ_ROUTE || field == BH_VIRQ_CONTROL;
    uint32_t unit = plain ? 1 : wide ? 4 : 32;
    uint32_t shift = plain ? 0 : wide ? intid % 4 * 8 : intid % 32;
    uint64_t mask = plain ? ~0ull : (wide ? 0xffull : 1ull) << shift;
    struct vcpu *owner = intid < 32 ? &vcpus[vcpu] : NULL;

    on_core(self);
    assert_int_equal(virq_decode(owner, field, intid - intid % unit), BH_OK);
    virq_write(partition, owner, field, intid - intid % unit, (uint64_t)value << shift, mask);
}

static bool read_bit(uint32_t vcpu, enum bh_virq_field field, uint32_t intid)
{
    struct vcpu *owner = intid < 32 ? &vcpus[vcpu] : NULL;

    return virq_read(partition, owner, field, intid & ~31u) >> intid % 32 & 1;
}

/* --- one random step each ------------------------------------------------------------------- */
static void step_word(uint32_t self, uint32_t vcpu, uint32_t intid)
{
    static const enum bh_virq_field fields[] = {BH_VIRQ_ENABLE, BH_VIRQ_PENDING, BH_VIRQ_LINE,
                                                BH_VIRQ_ENABLE, BH_VIRQ_PENDING, BH_VIRQ_LINE,
                                                BH_VIRQ_GROUP,  BH_VIRQ_EDGE};
    struct model_irq *irq = model_irq(&model, vcpu, intid);
    enum bh_virq_field field = fields[random_below(8)];
    bool on = random_below(3);
    bool idle = !irq->active && !model_pending(irq);

    if ((field == BH_VIRQ_LINE && (irq->linked || intid < 16)) ||
        (field == BH_VIRQ_PENDING && irq->linked && (on || (intid < 32 && vcpu != self))) ||
        (field == BH_VIRQ_GROUP && !idle) ||
        (field == BH_VIRQ_EDGE && (!idle || irq->linked || irq->line || intid < 16)))
        return;
    NOTE(" %u:write f%d i%u.%u=%d", self, (int)field, vcpu, intid, on);
    write_field(self, vcpu, field, intid, on);
    if (field == BH_VIRQ_ENABLE)
        irq->enable = on;
    else if (field == BH_VIRQ_PENDING)
        irq->latch = on;
    else if (field == BH_VIRQ_GROUP)
        irq->group = on;
    else if (field == BH_VIRQ_EDGE)
        irq->edge = on;
    else {
        irq->latch |= on && !irq->line && irq->edge;
        irq->line = on;
    }
}

static void step_wide(uint32_t self, uint32_t vcpu, uint32_t intid)
{
    struct model_irq *irq = model_irq(&model, vcpu, intid);
    uint32_t value = (uint32_t)random_below(8);

    switch (random_below(4)) {
    case 0: /* a pending one may keep its old priority: only idle ones change */
        if (irq->active || model_pending(irq))
            break;
        NOTE(" %u:priority i%u.%u=%x", self, vcpu, intid, value * 32);
        write_field(self, vcpu, BH_VIRQ_PRIORITY, intid, value * 32);
        irq->priority = value * 32;
        break;
    case 1:
    case 2:
        value %= model.vcpus;
        if (intid < 32)
            break;
        NOTE(" %u:route i%u=%u", self, intid, value);
        write_field(self, vcpu, BH_VIRQ_ROUTE, intid, value);
        irq->route = value;
        break;
    case 3:
        model.control = value == 0 ? 0 : value < 3 ? value : 3;
        NOTE(" %u:control %u", self, model.control);
        write_field(self, vcpu, BH_VIRQ_CONTROL, 32, model.control);
        break;
    }
}

static void step_arrive(uint32_t self, uint32_t vcpu, uint32_t intid)
{
    struct model_irq *irq = model_irq(&model, vcpu, intid);
    uint32_t targets = (uint32_t)random_below(1u << model.vcpus);

    on_core(self);
    if (irq->linked) {
        NOTE(" physical i%u.%u", vcpu, intid);
        irq->physical_pending = true;
    } else if (intid < 16) {
        NOTE(" %u:sgi%u to %x", self, intid, targets);
        virq_sgi(partition, targets, intid);
        for (uint32_t i = 0; i < model.vcpus; i++)
            model.cpu[i].irq[intid].latch |= targets >> i & 1;
    } else if (intid >= 32) {
        NOTE(" %u:event i%u", self, intid);
        virq_pend(partition, NULL, intid);
        irq->latch = true;
    }
}

/* Twenty at once: far more than there are list registers. */
static void step_burst(uint32_t self)
{
    NOTE(" %u:burst", self);
    on_core(self);
    for (uint32_t i = 0; i < INTIDS; i++)
        if (intids[i] >= 32 && !model.shared[intids[i]].linked) {
            virq_pend(partition, NULL, intids[i]);
            model.shared[intids[i]].latch = true;
        }
    for (uint32_t v = 0; v < model.vcpus; v++) {
        virq_sgi(partition, 1u << v, 1);
        model.cpu[v].irq[1].latch = true;
    }
}

/* ISACTIVER: the guest of the vCPU that it goes to may deactivate it later. */
static void step_activate(uint32_t self, uint32_t vcpu, uint32_t intid)
{
    struct model_irq *irq = model_irq(&model, vcpu, intid);
    struct model_cpu *cpu = &model.cpu[intid < 32 ? vcpu : irq->route];

    if (!model.split || irq->linked || irq->active || model_pending(irq))
        return;
    NOTE(" %u:activate i%u.%u", self, vcpu, intid);
    write_field(self, vcpu, BH_VIRQ_ACTIVE, intid, 1);
    irq->active = true;
    cpu->dropped[cpu->drops++] = intid;
}

static void step_read(uint32_t self, uint32_t vcpu, uint32_t intid)
{
    const struct model_irq *irq = model_irq(&model, vcpu, intid);

    NOTE(" %u:read i%u.%u", self, vcpu, intid);
    on_core(self);
    REQUIRE(read_bit(vcpu, BH_VIRQ_PENDING, intid) == model_pending(irq));
    on_core(self);
    REQUIRE(read_bit(vcpu, BH_VIRQ_ACTIVE, intid) == irq->active);
}

static uint32_t ich_urgency(void)
{
    uint32_t group = 0;
    uint32_t intid = ich_highest(fake_ich, &group);

    return intid == ICH_NONE ? 0x100 : model_irq(&model, here(), intid)->priority;
}

static void settle(uint32_t vcpu)
{
    for (uint32_t turns = 0; fake_kicked; turns++) {
        REQUIRE(turns < 10);
        for (uint32_t i = 0; i < model.vcpus; i++)
            if (fake_kicked >> i & 1)
                enter(i);
    }
    on_core(vcpu);
}

/* The guest acknowledges what is signalled: the model says what that must be. */
static bool step_acknowledge(uint32_t vcpu)
{
    struct model_cpu *cpu = &model.cpu[vcpu];
    uint32_t urgency;
    uint32_t intid;
    uint32_t group = 0;
    struct model_irq *irq;

    enter(vcpu);
    urgency = model_urgency(&model, vcpu);
    /* What waits for another core to see its kick comes when that has happened. */
    if (ich_urgency() != urgency)
        settle(vcpu);
    intid = ich_acknowledge(fake_ich, &group);
    NOTE(" %u:ack %u", vcpu, intid);
    REQUIRE((intid == ICH_NONE) == (urgency == 0x100)); /* none lost, none invented */
    if (intid == ICH_NONE)
        return false;
    REQUIRE(intid < MODEL_INTIDS && model_signals(&model, vcpu, intid)); /* none twice */
    irq = model_irq(&model, vcpu, intid);
    REQUIRE(irq->priority == urgency);
    REQUIRE(irq->group == group);
    irq->active = true;
    irq->latch = false;
    cpu->stack[cpu->depth++] = intid | group << 16;
    return true;
}

static void step_end(uint32_t vcpu)
{
    struct model_cpu *cpu = &model.cpu[vcpu];
    uint32_t intid;

    enter(vcpu);
    if (!cpu->depth)
        return;
    intid = cpu->stack[--cpu->depth] & 0xffff;
    NOTE(" %u:eoi %u", vcpu, intid);
    if (model.split)
        cpu->dropped[cpu->drops++] = intid;
    else
        model_irq(&model, vcpu, intid)->active = false;
    ich_end(fake_ich, intid, cpu->stack[cpu->depth] >> 16);
    enter(vcpu);
}

static void step_deactivate(uint32_t vcpu)
{
    struct model_cpu *cpu = &model.cpu[vcpu];
    uint32_t n;
    uint32_t intid;

    enter(vcpu);
    if (!cpu->drops)
        return;
    n = (uint32_t)random_below(cpu->drops);
    intid = cpu->dropped[n];
    cpu->dropped[n] = cpu->dropped[--cpu->drops];
    NOTE(" %u:dir %u", vcpu, intid);
    model_irq(&model, vcpu, intid)->active = false;
    if (random_below(8) == 0) /* by ICACTIVER, through its monitor */
        write_field(vcpu, vcpu, BH_VIRQ_ACTIVE, intid, 0);
    else if (!ich_deactivate(fake_ich, intid))
        virq_deactivate(&vcpus[vcpu], intid);
    enter(vcpu);
}

static void step(void)
{
    uint32_t self = (uint32_t)random_below(model.vcpus);
    uint32_t vcpu = (uint32_t)random_below(model.vcpus);
    uint32_t intid = intids[random_below(INTIDS)];

    switch (random_below(17)) {
    case 16:
        if (random_below(2))
            step_burst(self);
        else
            step_activate(self, vcpu, intid);
        break;
    case 0:
    case 1:
    case 2:
        step_word(self, vcpu, intid);
        break;
    case 3:
        step_wide(self, vcpu, intid);
        break;
    case 4:
    case 5:
    case 6:
        step_arrive(self, vcpu, intid);
        break;
    case 7:
        step_read(self, vcpu, intid);
        break;
    case 8:
    case 9:
    case 10:
    case 11:
        step_acknowledge(vcpu);
        break;
    case 12:
    case 13:
        step_end(vcpu);
        break;
    default:
        step_deactivate(vcpu);
        break;
    }
    physical_take_all();
    if (random_below(2))
        enter_all();
}

/* --- a whole sequence ----------------------------------------------------------------------- */
static void begin(uint32_t vcpu_total, bool split)
{
    memset(partition, 0, sizeof(*partition));
    memset(vcpus, 0, sizeof(vcpus));
    memset(cores, 0, sizeof(cores));
    memset(&model, 0, sizeof(model));
    model.vcpus = vcpu_total;
    model.split = split;
    partition_count = 2;
    partition->index = 1;
    partition->vcpu_count = core_count = vcpu_count = vcpu_total;
    for (uint32_t i = 0; i < vcpu_total; i++) {
        cores[i].mpidr = i;
        cores[i].vcpu = partition->vcpu[i] = &vcpus[i];
        cores[i].resident = true;
        vcpus[i].partition = partition;
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
        struct virq_bank *bank = virq_bank(partition, NULL, linked[i]);

        bank->hardware |= 1u << linked[i] % 32;
        bank->physical[linked[i] % 32] = (uint16_t)(linked[i] + 100);
        model.shared[linked[i]].linked = true;
    }
    fake_kicked = 0;
    fake_turn = others_serve;
    fake_physical_end = physical_end;
    fake_physical_enable = physical_enable;
    fake_physical_route = NULL;
    history_end = 0;
    history[0] = 0;
}

static void prepare(void)
{
    for (uint32_t v = 0; v < model.vcpus; v++)
        for (uint32_t i = 0; i < INTIDS; i++) {
            struct model_irq *irq = model_irq(&model, v, intids[i]);

            if (v && intids[i] >= 32)
                continue;
            irq->enable = random_below(8);
            irq->group = random_below(8);
            irq->priority = (uint32_t)random_below(31) * 8;
            irq->route = (uint32_t)random_below(model.vcpus);
            write_field(v, v, BH_VIRQ_ENABLE, intids[i], irq->enable);
            write_field(v, v, BH_VIRQ_GROUP, intids[i], irq->group);
            write_field(v, v, BH_VIRQ_PRIORITY, intids[i], irq->priority);
            if (intids[i] >= 32)
                write_field(v, v, BH_VIRQ_ROUTE, intids[i], irq->route);
        }
    model.control = 3;
    write_field(0, 0, BH_VIRQ_CONTROL, 32, 3);
    history_end = 0;
}

/* Everything is handled, in any order; then nothing may be left over. */
static void drain(void)
{
    bool more = true;

    NOTE(" drain");
    for (uint32_t turns = 0; more; turns++) {
        REQUIRE(turns < 1000);
        more = false;
        for (uint32_t v = 0; v < model.vcpus; v++) {
            for (uint32_t i = 0; i < INTIDS; i++)
                if (model_irq(&model, v, intids[i])->line) {
                    write_field(v, v, BH_VIRQ_LINE, intids[i], 0);
                    model_irq(&model, v, intids[i])->line = false;
                }
            while (step_acknowledge(v))
                more = true;
            for (; model.cpu[v].depth; more = true)
                step_end(v);
            for (; model.cpu[v].drops; more = true)
                step_deactivate(v);
            physical_take_all();
        }
    }
    for (uint32_t v = 0; v < model.vcpus; v++) {
        for (uint32_t i = 0; i < INTIDS; i++) {
            const struct model_irq *irq = model_irq(&model, v, intids[i]);

            step_read(v, v, intids[i]);
            REQUIRE(!irq->active);
            REQUIRE(irq->physical_active == (irq->linked && irq->latch));
        }
    }
}

static void sequences(const char *name, uint32_t vcpu_total, bool split)
{
    uint64_t seed = random_seed(name);
    uint64_t count = random_number("BULKHEAD_SEQUENCES", SEQUENCES);

    for (uint64_t i = 0; i < count; i++) {
        sequence_seed = random_state = seed + i;
        begin(vcpu_total, split);
        prepare();
        for (uint32_t n = 0; n < STEPS; n++)
            step();
        drain();
    }
}

static void one_vcpu(void **state)
{
    (void)state;
    sequences("one vCPU", 1, false);
}

static void one_vcpu_split(void **state)
{
    (void)state;
    sequences("one vCPU, EOImode 1", 1, true);
}

static void three_vcpus(void **state)
{
    (void)state;
    sequences("three vCPUs", 3, false);
}

static void three_vcpus_split(void **state)
{
    (void)state;
    sequences("three vCPUs, EOImode 1", 3, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_vcpu),
        cmocka_unit_test(one_vcpu_split),
        cmocka_unit_test(three_vcpus),
        cmocka_unit_test(three_vcpus_split),
    };

    return cmocka_run_group_tests_name("kernel_virq", tests, NULL, NULL);
}
