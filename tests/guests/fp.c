/* SPDX-License-Identifier: BSD-2-Clause */
/* Floating point and SIMD: registers are zero at the start, work, and stay what they are through
 * every kind of exit, whatever other vCPUs have in theirs. Two vCPUs. */
#include "guest.h"

enum { TIMER = 27, SGI = 3, FPCR = 0x03c00000, FPSR = 0x0800009f, ROUNDS = 300 };
#define NOWHERE 0x0b000000ul
#define SEED    0x1234567800000000ul

/* fp_asm.S */
uint64_t fp_any(void);                   /* all 32 registers OR'ed together */
void fp_fill(uint64_t seed);             /* register n gets {seed + n, ~(seed + n)} */
uint64_t fp_wrong(uint64_t seed);        /* how many do not hold that */
uint64_t fp_sum(uint64_t a, uint64_t b); /* by way of double */
uint64_t fp_wait(const volatile uint64_t *word, uint64_t turns, uint64_t value);
uint64_t fp_memory(uint64_t *memory);

static volatile uint64_t second_any = 1, second_up, second_wrong, second_stop, second_done, taken;

void irq_handle(struct frame *frame)
{
    unsigned intid = gic_ack();

    (void)frame;
    if (intid == TIMER)
        write_sysreg(cntv_ctl_el0, 0);
    if (intid != SPURIOUS)
        gic_eoi(intid);
    taken++;
}

/* Fills its own registers with something else, over and over, in loops and through calls. */
void guest_secondary(uint64_t context)
{
    uint64_t wrong = 0;

    (void)context;
    write_sysreg(cpacr_el1, 3ul << 20);
    isb();
    second_any = fp_any() | read_sysreg(fpcr) | read_sysreg(fpsr);
    dsb();
    second_up = 1;
    for (uint64_t i = 0; !second_stop; i++) {
        fp_fill(i << 32);
        psci(PSCI_VERSION, 0, 0, 0);
        read32(UART + 0x18);
        wrong += fp_wrong(i << 32);
    }
    second_wrong = wrong;
    dsb();
    second_done = 1;
}

static bool kept(void)
{
    return fp_wrong(SEED) == 0 && read_sysreg(fpcr) == FPCR && read_sysreg(fpsr) == FPSR;
}

static void through_load(void)
{
    read32(UART + 0x18);
}

static void through_store(void)
{
    write32(UART + 0x38, 0);
}

static void through_call(void)
{
    psci(PSCI_VERSION, 0, 0, 0);
}

static void through_abort(void)
{
    trap_expect();
    read32(NOWHERE);
    trap_result();
}

static void through_id(void)
{
    read_sysreg(id_aa64pfr0_el1);
}

static void through_undefined(void)
{
    trap_expect();
    __asm__ volatile("mrs x0, hcr_el2" ::: "x0");
    trap_result();
}

static void through_sgi(void)
{
    uint64_t before = taken;

    gic_send(SGI, 1);
    irq_on();
    fp_wait(&taken, 10000000, before);
    irq_off();
}

/* The timer's interrupt in 50 us; masked, so that it does not come before who waits for it. */
static void set_alarm(void)
{
    write_sysreg(cntv_cval_el0, clock_ticks() + clock_hz() / 20000);
    write_sysreg(cntv_ctl_el0, 1);
}

/* An interrupt that comes while nothing but this loop runs. */
static void through_timer(void)
{
    uint64_t before = taken;

    set_alarm();
    irq_on();
    fp_wait(&taken, 10000000, before);
    irq_off();
}

static void through_distributor(void)
{
    read32(GICD + ISENABLER + 4);
    write32(GICD + ISENABLER + 4, 0);
}

static void through_suspension(void)
{
    set_alarm();
    psci(PSCI_CPU_SUSPEND, 0, 0, 0);
    irq_on();
    irq_off();
}

static void through_sleep(void)
{
    set_alarm();
    wfi();
    irq_on();
    irq_off();
}

static void check_kept(const char *where)
{
    static const struct {
        const char *name;
        void (*pass)(void);
        unsigned times;
    } ways[] = {
        {"emulated loads", through_load, ROUNDS},
        {"emulated stores", through_store, ROUNDS},
        {"accesses to the distributor", through_distributor, ROUNDS},
        {"calls", through_call, ROUNDS},
        {"aborts", through_abort, ROUNDS},
        {"trapped registers", through_id, ROUNDS},
        {"undefined instructions", through_undefined, ROUNDS},
        {"SGIs", through_sgi, ROUNDS},
        {"timer interrupts", through_timer, 50},
        {"suspensions", through_suspension, 20},
        {"sleeps", through_sleep, 20},
    };

    for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        unsigned good = 0;

        fp_fill(SEED);
        write_sysreg(fpcr, FPCR);
        write_sysreg(fpsr, FPSR);
        for (unsigned time = 0; time < ways[i].times; time++) {
            ways[i].pass();
            good += kept();
        }
        tap_ok(good == ways[i].times, "%s: across %u %s", where, good, ways[i].name);
    }
    write_sysreg(fpcr, 0);
    write_sysreg(fpsr, 0);
}

static void check_memory(void)
{
    static uint64_t memory[32] __attribute__((aligned(64)));
    unsigned good = 0;

    for (unsigned i = 0; i < 32; i++)
        memory[i] = i * 0x0102030405060708ul + 0x1112131415161718ul;
    for (unsigned i = 0; i < 100; i++)
        good += fp_memory(memory) == 0;
    tap_ok(good == 100, "loads and stores of every width");
}

void guest_main(const void *tree)
{
    (void)tree;
    write_sysreg(cpacr_el1, 3ul << 20); /* FPEN */
    isb();
    tap_ok(fp_any() == 0, "all registers are zero at the start");
    tap_ok(read_sysreg(fpcr) == 0 && read_sysreg(fpsr) == 0, "FPCR and FPSR too");
    gic_init();
    gic_enable(TIMER);
    gic_enable(SGI);
    tap_ok(fp_sum(1u << 30, 12345) == (1u << 30) + 12345, "arithmetic");
    check_memory();
    fp_fill(SEED);
    tap_ok(fp_wrong(SEED) == 0, "all registers hold what was written");
    tap_ok(fp_wrong(SEED + 1) == 32, "and nothing else");
    check_kept("alone");
    fp_fill(SEED);
    tap_ok(psci_start(1, 0) == 0, "a second vCPU");
    while (!second_up)
        ;
    tap_ok(second_any == 0, "whose registers are zero at its start");
    tap_ok(fp_wrong(SEED) == 0, "the first one's are what they were");
    check_kept("beside it");
    second_stop = 1;
    dsb();
    while (!second_done)
        ;
    tap_ok(second_wrong == 0, "the second one's were kept as well");
    tap_end();
}
