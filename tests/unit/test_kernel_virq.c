/* SPDX-License-Identifier: BSD-2-Clause */
/* Virtual interrupts: random sequences of what monitors, devices and guests do, each step compared
 * with a plain model of the GIC. BULKHEAD_SEED repeats a run, BULKHEAD_SEQUENCES says how many. */
#include "fake/random.h"
#include "fake/virq_bench.h"

enum { SEQUENCES = 20000, STEPS = 60 };

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
    bench_write(self, vcpu, field, intid, on);
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
        bench_write(self, vcpu, BH_VIRQ_PRIORITY, intid, value * 32);
        irq->priority = value * 32;
        break;
    case 1:
    case 2:
        value %= model.vcpus;
        if (intid < 32)
            break;
        NOTE(" %u:route i%u=%u", self, intid, value);
        bench_write(self, vcpu, BH_VIRQ_ROUTE, intid, 1u << value);
        irq->route = value;
        break;
    case 3:
        model.control = value == 0 ? 0 : value < 3 ? value : 3;
        NOTE(" %u:control %u", self, model.control);
        bench_write(self, vcpu, BH_VIRQ_CONTROL, 32, model.control);
        break;
    }
}

static void step_arrive(uint32_t self, uint32_t vcpu, uint32_t intid)
{
    struct model_irq *irq = model_irq(&model, vcpu, intid);
    uint32_t targets = (uint32_t)random_below(1u << model.vcpus);

    bench_on(self);
    if (irq->linked) {
        NOTE(" physical i%u.%u", vcpu, intid);
        irq->physical_pending = true;
    } else if (intid < 16) {
        bool group = random_below(8);

        NOTE(" %u:sgi%u of group %u to %x", self, intid, group, targets);
        virq_sgi(bench_partition, targets, intid, group);
        for (uint32_t i = 0; i < model.vcpus; i++)
            model.cpu[i].irq[intid].latch |=
                (targets >> i & 1) && model.cpu[i].irq[intid].group == group;
    } else if (intid >= 32) {
        NOTE(" %u:event i%u", self, intid);
        virq_pend(bench_partition, NULL, intid);
        irq->latch = true;
    }
}

/* Twenty at once: far more than there are list registers. */
static void step_burst(uint32_t self)
{
    NOTE(" %u:burst", self);
    bench_on(self);
    for (uint32_t i = 0; i < BENCH_INTIDS; i++)
        if (bench_intids[i] >= 32 && !model.shared[bench_intids[i]].linked) {
            virq_pend(bench_partition, NULL, bench_intids[i]);
            model.shared[bench_intids[i]].latch = true;
        }
    for (uint32_t v = 0; v < model.vcpus; v++) {
        virq_sgi(bench_partition, 1u << v, 1, model.cpu[v].irq[1].group);
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
    bench_write(self, vcpu, BH_VIRQ_ACTIVE, intid, 1);
    irq->active = true;
    cpu->dropped[cpu->drops++] = intid;
}

static void step_read(uint32_t self, uint32_t vcpu, uint32_t intid)
{
    const struct model_irq *irq = model_irq(&model, vcpu, intid);

    NOTE(" %u:read i%u.%u", self, vcpu, intid);
    bench_on(self);
    REQUIRE(bench_read(vcpu, BH_VIRQ_PENDING, intid) ==
            (model_pending(irq) || irq->physical_pending)); /* its input is read too */
    bench_on(self);
    REQUIRE(bench_read(vcpu, BH_VIRQ_ACTIVE, intid) == irq->active);
}

/* The guest acknowledges what is signalled: the model says what that must be. */
static bool step_acknowledge(uint32_t vcpu)
{
    struct model_cpu *cpu = &model.cpu[vcpu];
    uint32_t urgency;
    uint32_t intid;
    uint32_t group = 0;
    struct model_irq *irq;

    bench_enter(vcpu);
    urgency = model_urgency(&model, vcpu);
    /* What waits for another core to see its kick comes when that has happened. */
    if (bench_urgency() != urgency)
        bench_settle(vcpu);
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

    bench_enter(vcpu);
    if (!cpu->depth)
        return;
    intid = cpu->stack[--cpu->depth] & 0xffff;
    NOTE(" %u:eoi %u", vcpu, intid);
    if (model.split)
        cpu->dropped[cpu->drops++] = intid;
    else
        model_irq(&model, vcpu, intid)->active = false;
    ich_end(fake_ich, intid, cpu->stack[cpu->depth] >> 16);
    bench_enter(vcpu);
}

static void step_deactivate(uint32_t vcpu)
{
    struct model_cpu *cpu = &model.cpu[vcpu];
    uint32_t n;
    uint32_t intid;

    bench_enter(vcpu);
    if (!cpu->drops)
        return;
    n = (uint32_t)random_below(cpu->drops);
    intid = cpu->dropped[n];
    cpu->dropped[n] = cpu->dropped[--cpu->drops];
    NOTE(" %u:dir %u", vcpu, intid);
    model_irq(&model, vcpu, intid)->active = false;
    if (random_below(8) == 0) /* by ICACTIVER, through its monitor */
        bench_write(vcpu, vcpu, BH_VIRQ_ACTIVE, intid, 0);
    else if (!ich_deactivate(fake_ich, intid))
        virq_deactivate(&vcpus[vcpu], intid);
    bench_enter(vcpu);
}

static void step(void)
{
    uint32_t self = (uint32_t)random_below(model.vcpus);
    uint32_t vcpu = (uint32_t)random_below(model.vcpus);
    uint32_t intid = bench_intids[random_below(BENCH_INTIDS)];

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
    bench_take_all();
    if (random_below(2))
        bench_enter_all();
}

/* --- a whole sequence ----------------------------------------------------------------------- */
static void prepare(void)
{
    for (uint32_t v = 0; v < model.vcpus; v++)
        for (uint32_t i = 0; i < BENCH_INTIDS; i++) {
            struct model_irq *irq = model_irq(&model, v, bench_intids[i]);

            if (v && bench_intids[i] >= 32)
                continue;
            irq->enable = random_below(8);
            irq->group = random_below(8);
            irq->priority = (uint32_t)random_below(31) * 8;
            irq->route = (uint32_t)random_below(model.vcpus);
            bench_write(v, v, BH_VIRQ_ENABLE, bench_intids[i], irq->enable);
            bench_write(v, v, BH_VIRQ_GROUP, bench_intids[i], irq->group);
            bench_write(v, v, BH_VIRQ_PRIORITY, bench_intids[i], irq->priority);
            if (bench_intids[i] >= 32)
                bench_write(v, v, BH_VIRQ_ROUTE, bench_intids[i], 1u << irq->route);
        }
    model.control = 3;
    bench_write(0, 0, BH_VIRQ_CONTROL, 32, 3);
    bench_history_end = 0;
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
            for (uint32_t i = 0; i < BENCH_INTIDS; i++)
                if (model_irq(&model, v, bench_intids[i])->line) {
                    bench_write(v, v, BH_VIRQ_LINE, bench_intids[i], 0);
                    model_irq(&model, v, bench_intids[i])->line = false;
                }
            while (step_acknowledge(v))
                more = true;
            for (; model.cpu[v].depth; more = true)
                step_end(v);
            for (; model.cpu[v].drops; more = true)
                step_deactivate(v);
            bench_take_all();
        }
    }
    for (uint32_t v = 0; v < model.vcpus; v++) {
        for (uint32_t i = 0; i < BENCH_INTIDS; i++) {
            const struct model_irq *irq = model_irq(&model, v, bench_intids[i]);

            step_read(v, v, bench_intids[i]);
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
        bench_seed = random_state = seed + i;
        bench_begin(vcpu_total, split);
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
