/* SPDX-License-Identifier: BSD-2-Clause */
/* What entries to the kernel cost, in ticks of the virtual count: the smallest and the median of
 * many rounds, less what an empty measurement takes. With one vCPU what it does to itself, with two
 * the way from one to the other. */
#include "guest.h"
#include "relay.h"

enum { ROUNDS = 100, SELF = 1, OTHER = 2, BACK = 3, TIMER = 27, AHEAD = 4000, PAUSE = 20000 };

static volatile uint64_t arrived; /* when the handler of the interrupt under test began */
static volatile uint32_t up;

static void bench_send(unsigned intid, uint64_t targets)
{
    if (gic_version == 2) {
        gic_send(intid, (unsigned)targets);
        return;
    }
    write_sysreg(icc_sgi1r_el1, (uint64_t)intid << 24 | targets);
    isb();
}

void irq_handle(struct frame *frame)
{
    uint64_t now = clock_ticks();
    unsigned intid = gic_ack();

    (void)frame;
    if (intid == SPURIOUS)
        return;
    if (intid == TIMER) {
        write_sysreg(cntv_ctl_el0, 0);
        isb(); /* the timer's line is low before the interrupt ends */
    }
    if (intid != BACK)
        arrived = now;
    gic_eoi(intid);
    if (intid == OTHER)
        bench_send(BACK, 1); /* wakes who waits for it */
}

static void bench_timer(uint64_t due)
{
    arrived = 0;
    write_sysreg(cntv_cval_el0, due);
    write_sysreg(cntv_ctl_el0, 1);
    isb();
}

/* Until the interrupt has come; others run. Interrupts are off before and after. */
static void bench_sleep(void)
{
    while (!arrived) {
        wfi();
        irq_on();
        irq_off();
    }
}

/* Not by counting: QEMU may run a busy core for long before it looks at the next. */
static void bench_pause(void)
{
    bench_timer(clock_ticks() + PAUSE);
    bench_sleep();
}

static uint64_t nothing(void)
{
    uint64_t start = clock_ticks();

    return clock_ticks() - start;
}

static uint64_t hypercall(void)
{
    uint64_t start = clock_ticks();

    psci(PSCI_VERSION, 0, 0, 0);
    return clock_ticks() - start;
}

static uint64_t register_read(void)
{
    uint64_t start = clock_ticks();

    read32(GICD + 4); /* GICD_TYPER */
    return clock_ticks() - start;
}

static uint64_t self_sgi(void)
{
    uint64_t start;

    arrived = 0;
    irq_on();
    start = clock_ticks();
    bench_send(SELF, 1);
    while (!arrived)
        ;
    irq_off();
    return arrived - start;
}

static uint64_t virtual_timer(void)
{
    uint64_t due = clock_ticks() + AHEAD;

    bench_timer(due);
    irq_on();
    while (!arrived)
        ;
    irq_off();
    return arrived - due;
}

static uint64_t other_sgi(void)
{
    uint64_t start;

    bench_pause(); /* the other goes to its WFI */
    arrived = 0;
    start = clock_ticks();
    bench_send(OTHER, 2);
    bench_sleep();
    return arrived - start;
}

/* A ring of this guest's own memory, with messages of RELAY_MESSAGE bytes. */
static uint64_t ring_memory[512] __attribute__((aligned(BH_RING_HEAD)));
static struct bh_ring_producer producer;
static struct bh_ring_consumer consumer;
static uint64_t message[RELAY_WORDS];

static void ring_begin(void)
{
    struct bh_ring_layout layout = {
        .produced = ring_memory,
        .produced_size = sizeof(ring_memory) - BH_RING_HEAD,
        .consumed = ring_memory + (sizeof(ring_memory) - BH_RING_HEAD) / 8,
        .consumed_size = BH_RING_HEAD,
        .message = RELAY_MESSAGE,
        .count = 64,
    };

    bh_ring_attach_producer(&producer, &layout);
    bh_ring_attach_consumer(&consumer, &layout);
    bh_ring_put(&producer, message); /* each is told that the other has begun */
    bh_ring_take(&consumer, message);
}

static uint64_t ring_put(void)
{
    uint64_t start = clock_ticks(), ticks;

    bh_ring_put(&producer, message);
    ticks = clock_ticks() - start;
    bh_ring_take(&consumer, message);
    return ticks;
}

static uint64_t ring_take(void)
{
    uint64_t start;

    bh_ring_put(&producer, message);
    start = clock_ticks();
    bh_ring_take(&consumer, message);
    return clock_ticks() - start;
}

static const struct {
    const char *name;
    uint64_t (*round)(void);
    unsigned cpus;
} benches[] = {
    {"nothing", nothing, 1},
    {"hypercall", hypercall, 1},
    {"register-read", register_read, 1},
    {"self-sgi", self_sgi, 1},
    {"virtual-timer", virtual_timer, 1},
    {"ring-put", ring_put, 1},
    {"ring-take", ring_take, 1},
    {"other-sgi", other_sgi, 2},
};

void guest_secondary(uint64_t context)
{
    (void)context;
    gic_init_cpu();
    gic_enable(OTHER);
    up = 1;
    for (;;) {
        wfi();
        irq_on();
        irq_off();
    }
}

/* One measurement: sorted as it goes. */
static void bench_run(unsigned index, uint64_t *overhead)
{
    static uint64_t sorted[ROUNDS];

    for (unsigned i = 0; i < ROUNDS; i++) {
        uint64_t ticks = benches[index].round();
        unsigned at = i;

        for (; at > 0 && sorted[at - 1] > ticks; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = ticks;
    }
    if (index == 0)
        *overhead = sorted[0];
    print("%s min=%lu median=%lu overhead=%lu\n", benches[index].name, sorted[0] - *overhead,
          sorted[ROUNDS / 2] - *overhead, *overhead);
}

void guest_main(const void *tree)
{
    uint64_t overhead = 0;
    unsigned cpus;

    (void)tree;
    gic_init();
    ring_begin();
    cpus = cpu_count();
    gic_enable(SELF);
    gic_enable(BACK);
    gic_enable(TIMER);
    if (cpus > 1) {
        psci_start(1, 0);
        while (!up)
            bench_pause();
    }
    for (unsigned i = 0; i < sizeof(benches) / sizeof(benches[0]); i++)
        if (i == 0 || benches[i].cpus == cpus)
            bench_run(i, &overhead);
}
