/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest that executes what no guest should: system instructions of every encoding, accesses of
 * every kind to every kind of address, calls with any registers, at EL1 and EL0, stepped, with
 * broken tables. What it draws depends on the seed alone. It ends by PSCI while its other vCPUs are
 * in states that they cannot leave. */
#include "hostile.h"

enum {
    CPUS = 8,
    STUBS = 128, /* one trial each */
    STUB = 4,    /* words */
    SCRATCH = 0x40000,
    WAIT_SECONDS = 20
};

enum { NOP = 0xd503201f, BRK = 0xd4200000, ISB = 0xd5033fdf, A32_SVC = 0xef000000 };
enum { EL0 = 0x0, EL1T = 0x4, EL1H = 0x5, A32_USER = 0x10, MASKED = 0x3c0, STEP = 1 << 21 };

/* hostile_asm.S */
uint64_t hostile_try(uint64_t pc, uint64_t pstate, const uint64_t x[31]);
extern char hostile_vectors[];

struct cpu {
    struct dice dice;
    unsigned number;
    uint64_t x[31];
    uint64_t trials, undefined, aborts, interrupts, others;
};

static uint32_t code[CPUS][STUBS][STUB] __attribute__((aligned(4096)));
static uint64_t table[CPUS][512] __attribute__((aligned(4096)));
static uint8_t scratch[SCRATCH] __attribute__((aligned(4096)));
static volatile uint32_t done[CPUS];
static uint64_t seed, rounds, ram_end;

static uint32_t word(struct cpu *cpu)
{
    return (uint32_t)(dice_roll(&cpu->dice) >> 16);
}

/* Addresses worth trying. What this guest itself stands on is not among them. */
static uint64_t address(struct cpu *cpu)
{
    uint64_t small = dice_roll(&cpu->dice) & 0xfff;

    switch (dice_below(&cpu->dice, 16)) {
    case 0:
        return GICD + (small << 4);
    case 1:
        return GICR + (small << 8);
    case 2:
        return dice_one_in(&cpu->dice, 8) ? UART + small : 0x0b000000 + small;
    case 3:
        return ram_end - 8 + small % 16;
    case 4:
        return small;
    case 5:
        return (1ull << (32 + small % 32)) - small / 32;
    case 6:
        return ~small;
    case 7: /* whose lower half leads away from RAM too, whichever way it is extended */
        return (dice_roll(&cpu->dice) | 1ull << 31) & ~(1ull << 30);
    default: /* far from both ends, so that offsets stay inside */
        return (uint64_t)(uintptr_t)scratch + SCRATCH / 2 + small;
    }
}

static void fill_registers(struct cpu *cpu)
{
    for (unsigned i = 0; i < 31; i++)
        cpu->x[i] = address(cpu);
}

/* MSR, MRS, SYS, SYSL. Left out is what would take the harness away: VBAR_EL1, and the MMU on
 * without a table. */
static uint32_t make_system(struct cpu *cpu)
{
    uint32_t op = word(cpu);
    uint32_t rt = op & 31;
    uint32_t key;

    op = 0xd5000000 | (op & 0x3fffff) | (1 + dice_below(&cpu->dice, 3)) << 19;
    if (dice_one_in(&cpu->dice, 3)) /* where most registers of EL1 are */
        op &= ~0x00070000u;
    if (dice_one_in(&cpu->dice, 8)) /* the interrupt controller's */
        op = (op & ~0x000ff800u) | 0x0018c800;
    if (dice_one_in(&cpu->dice, 8)) /* ID group 3 */
        op = (op & ~0x0000f800u) | 0x00180000;
    key = op & 0x003fffe0;
    if (key == 0x0018c000) /* VBAR_EL1 */
        return NOP;
    if (key == 0x00181000 && rt < 31) /* SCTLR_EL1 */
        cpu->x[rt] &= ~1ull;
    if ((key == 0x0018c860 || key == 0x0018cc60) && rt < 31) /* ICC_BPR0_EL1, ICC_BPR1_EL1 */
        cpu->x[rt] &= 7; /* QEMU 7.2 ends with an assertion when bits beyond them are set */
    return op;
}

/* PSTATE fields, barriers and hints, less those that wait. */
static uint32_t make_hint(struct cpu *cpu)
{
    uint32_t op = 0xd500001f | (word(cpu) & 0x7ffe0);

    if ((op & 0xf000) == 0x1000 || (op & 0xf000) == 0x2000)
        return NOP;
    return op;
}

/* Any load or store; the base is no stack pointer, and no shifted index leads back into RAM. */
static uint32_t make_access(struct cpu *cpu)
{
    uint32_t op = (word(cpu) & ~0x0a000000u) | 0x08000000;

    if ((op & 0x39200c00) == 0x38200800)
        op &= ~0x1000u;
    return (op >> 5 & 31) == 31 ? op ^ 0x20 : op;
}

/* SVC, HVC, SMC, BRK, HLT, DCPS, and x0 as a function of interest. What would end the machine or
 * this vCPU is left out. */
static uint32_t make_call(struct cpu *cpu)
{
    static const uint32_t bases[] = {0xc6000000, 0x84000000, 0xc4000000, 0x80000000, 0x86000000};
    uint32_t function = bases[dice_below(&cpu->dice, 5)] + dice_below(&cpu->dice, 40);
    uint32_t low = function & 0x1f;

    if (dice_one_in(&cpu->dice, 16))
        function = 0xc60000ff;
    /* Not those that stop a core or wait: CPU_SUSPEND, CPU_OFF, CPU_ON, SYSTEM_OFF, SYSTEM_RESET,
     * SYSTEM_SUSPEND, SYSTEM_RESET2. */
    if ((function >> 24 & 0xbf) == 0x84 && 0x4430eu >> low & 1)
        function = 0x84000000;
    cpu->x[0] = function | (dice_one_in(&cpu->dice, 8) ? dice_roll(&cpu->dice) << 32 : 0);
    for (unsigned i = 1; i < 8; i++)
        if (dice_one_in(&cpu->dice, 2))
            cpu->x[i] = dice_below(&cpu->dice, 80);
    if (dice_one_in(&cpu->dice, 4))
        return 0xd4000000 | (word(cpu) & 0xe0001f);
    return 0xd4000002 | dice_below(&cpu->dice, 2);
}

/* AArch32: coprocessor instructions, and loads and stores that leave the PC alone. */
static uint32_t make_aarch32(struct cpu *cpu)
{
    uint32_t op = word(cpu) & 0x00ffffff;

    if (dice_one_in(&cpu->dice, 2))
        return 0xee000000 | op;
    op &= ~0x00088000u; /* base and target: r0 to r7 */
    return (dice_one_in(&cpu->dice, 2) ? 0xe4000000 : 0xe5000000) | op;
}

static void count(struct cpu *cpu, uint64_t result)
{
    uint32_t ec = (uint32_t)(result >> 26 & 0x3f);

    cpu->trials++;
    if ((result >> 56 & 3) == 1) {
        cpu->interrupts++;
        gic_eoi(gic_ack());
    } else if (ec == 0)
        cpu->undefined++;
    else if (ec == 0x20 || ec == 0x21 || ec == 0x24 || ec == 0x25)
        cpu->aborts++;
    else
        cpu->others++;
}

static void synchronise_code(void)
{
    __asm__ volatile("dsb sy\n ic iallu\n dsb sy\n isb" ::: "memory");
}

/* PSTATE of a trial: mostly EL1, everything masked. */
static uint64_t pstate(struct cpu *cpu)
{
    static const uint8_t modes[] = {EL1H, EL1H, EL1H, EL1T, EL0};
    uint64_t state = modes[dice_below(&cpu->dice, 5)] | (dice_roll(&cpu->dice) & 15) << 28;

    if (dice_one_in(&cpu->dice, 4))
        return state | (dice_roll(&cpu->dice) & MASKED);
    return state | MASKED;
}

static void round_instructions(struct cpu *cpu, uint32_t (*make)(struct cpu *cpu), uint64_t state)
{
    bool a32 = state == A32_USER;
    bool stepped = dice_one_in(&cpu->dice, 4);

    for (unsigned i = 0; i < STUBS; i++) {
        uint32_t *stub = code[cpu->number][i];

        fill_registers(cpu);
        for (unsigned j = 0; j < STUB; j++)
            stub[j] = a32 ? A32_SVC : BRK;
        stub[0] = make(cpu);
        synchronise_code();
        if (stepped)
            write_sysreg(mdscr_el1, 0xa001); /* MDE, KDE, SS */
        count(cpu, hostile_try((uintptr_t)stub,
                               a32       ? state | MASKED
                               : stepped ? (pstate(cpu) & ~0x200ull) | STEP
                                         : pstate(cpu),
                               cpu->x));
    }
}

static void round_jumps(struct cpu *cpu)
{
    const uint64_t own = (uintptr_t)scratch + SCRATCH;

    code[cpu->number][0][0] = BRK;
    synchronise_code();
    for (unsigned i = 0; i < STUBS; i++) {
        uint64_t to = address(cpu);

        fill_registers(cpu);
        if (to < RAM || to >= own)
            count(cpu, hostile_try(to, pstate(cpu), cpu->x));
        else /* PSTATE of any kind, illegal ones too, at a breakpoint */
            count(cpu, hostile_try((uintptr_t)code[cpu->number][0],
                                   (word(cpu) & 0xf060001f) | MASKED, cpu->x));
    }
}

/* The MMU on with a table of random descriptors, but for the GiB that this runs in. */
static void round_tables(struct cpu *cpu)
{
    uint32_t *stub = code[cpu->number][0];
    uint64_t *entries = table[cpu->number];

    for (unsigned i = 0; i < 512; i++)
        entries[i] = dice_one_in(&cpu->dice, 2)
                         ? (address(cpu) & 0xfffffffff000) | (dice_roll(&cpu->dice) & 0xfff)
                         : dice_roll(&cpu->dice);
    entries[RAM >> 30] = RAM | 0x701; /* block, AF, Inner Shareable, attribute 0 */
    for (unsigned i = 0; i < STUBS; i++) {
        fill_registers(cpu);
        for (unsigned j = 0; j < 4; j++)
            cpu->x[1 + j] = dice_roll(&cpu->dice) >> (24 + dice_below(&cpu->dice, 4));
        cpu->x[0] = read_sysreg(sctlr_el1) | 1 | (dice_roll(&cpu->dice) & 0x1004); /* C, I */
        stub[0] = 0xd5181000;                                                      /* SCTLR_EL1 */
        stub[1] = ISB;
        stub[2] = dice_one_in(&cpu->dice, 4)   ? 0xd5087801u | (word(cpu) & 0xe0) /* AT */
                  : dice_one_in(&cpu->dice, 2) ? 0xf9400025                       /* LDR */
                                               : 0xa9000c22;                      /* STP */
        stub[3] = BRK;
        synchronise_code();
        write_sysreg(ttbr0_el1, (uintptr_t)entries);
        write_sysreg(ttbr1_el1, address(cpu));
        write_sysreg(mair_el1, 0xff);
        /* T0SZ 25, 4 KiB, 40 bits; attributes of walks as they come */
        write_sysreg(tcr_el1, 2ull << 32 | 25 << 16 | 25 | (dice_roll(&cpu->dice) & 0x3f003f00));
        __asm__ volatile("tlbi vmalle1\n dsb sy\n isb" ::: "memory");
        count(cpu, hostile_try((uintptr_t)stub, EL1H | MASKED, cpu->x));
    }
}

static void attack(struct cpu *cpu)
{
    write_sysreg(vbar_el1, (uintptr_t)hostile_vectors);
    isb();
    for (uint64_t round = 0; round < rounds; round++) {
        write_sysreg(cpacr_el1, dice_roll(&cpu->dice) & 0x300000);
        switch (dice_below(&cpu->dice, 16)) {
        case 0:
            round_instructions(cpu, make_hint, 0);
            break;
        case 1:
        case 2:
            round_instructions(cpu, make_call, 0);
            break;
        case 3:
            round_instructions(cpu, make_aarch32, A32_USER);
            break;
        case 4:
            round_jumps(cpu);
            break;
        case 5:
            round_tables(cpu);
            break;
        case 6:
        case 7:
        case 8:
            round_instructions(cpu, make_access, 0);
            break;
        default:
            round_instructions(cpu, make_system, 0);
            break;
        }
    }
}

/* Ways not to come back. */
static _Noreturn void get_lost(struct cpu *cpu)
{
    uint32_t way = dice_below(&cpu->dice, 4);

    done[cpu->number] = 1;
    dsb();
    if (way == 0) { /* exceptions without end: no instruction can be fetched */
        write_sysreg(vbar_el1, 0x0b000000);
        isb();
        __asm__ volatile("brk #0");
    } else if (way == 1) { /* a table that holds nothing */
        write_sysreg(ttbr0_el1, (uintptr_t)scratch);
        __asm__ volatile("tlbi vmalle1\n dsb sy\n msr sctlr_el1, %0\n isb" ::"r"(0x30d00801ull));
    } else if (way == 2) { /* asleep for ever */
        write_sysreg(icc_igrpen1_el1, 0);
        for (;;)
            __asm__ volatile("wfi");
    }
    for (;;)
        ;
}

static struct cpu *prepare(void)
{
    static struct cpu cpus[CPUS];
    unsigned number = cpu_number();

    cpus[number].number = number;
    cpus[number].dice = dice_for(seed, number);
    return &cpus[number];
}

void guest_secondary(uint64_t context)
{
    struct cpu *cpu = prepare();

    (void)context;
    attack(cpu);
    get_lost(cpu);
}

void guest_main(const void *tree)
{
    unsigned cpus = cpu_count();
    struct cpu *cpu;
    uint64_t start;

    seed = bootargs_number(tree, "seed", 1);
    rounds = bootargs_number(tree, "rounds", 100);
    ram_end = fdt_ram_end(tree);
    cpu = prepare();
    gic_init();
    for (unsigned i = 0; i < 16; i++)
        gic_enable(i);
    for (unsigned i = 1; i < cpus; i++)
        psci_start(i, 0);
    attack(cpu);
    start = clock_ticks();
    for (unsigned i = 1; i < cpus; i++)
        while (!done[i] && clock_ticks() - start < WAIT_SECONDS * clock_hz())
            ;
    for (unsigned i = 1; i < cpus; i++)
        if (!done[i])
            print("\ncore %u is lost\n", i);
    print("\nseed %lu: %lu trials, %lu undefined, %lu aborts, %lu interrupts, %lu others\n", seed,
          cpu->trials, cpu->undefined, cpu->aborts, cpu->interrupts, cpu->others);
    psci_system_off();
}
