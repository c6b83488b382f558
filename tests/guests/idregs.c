/* SPDX-License-Identifier: BSD-2-Clause */
/* The state at entry, and the registers that an operating system reads and writes first. */
#include "guest.h"

/* All ID registers of AArch64 and AArch32: op0 3, op1 0, CRn 0, CRm 1 to 7. */
#define ID(crm, op2)                                                                               \
    __asm__ volatile("mrs %0, s3_0_c0_c" #crm "_" #op2 : "=r"(value)::"memory");                   \
    ids[crm][op2] = value;
#define IDS(crm)                                                                                   \
    ID(crm, 0) ID(crm, 1) ID(crm, 2) ID(crm, 3) ID(crm, 4) ID(crm, 5) ID(crm, 6) ID(crm, 7)

static uint64_t ids[8][8];

#define FIELD(low) (15ul << (low))

/* What Bulkhead does not virtualise. */
static const struct {
    unsigned crm, op2;
    uint64_t mask;
    const char *what;
} hidden[] = {
    {4, 0, FIELD(28), "RAS"},
    {4, 0, FIELD(32), "SVE"},
    {4, 0, FIELD(36) | FIELD(52), "secure EL2 and realms"},
    {4, 0, FIELD(40), "MPAM"},
    {4, 0, FIELD(44), "activity monitors"},
    {4, 1, FIELD(8), "MTE"},
    {4, 1, FIELD(12) | FIELD(16) | FIELD(32), "fractions of RAS, MPAM and CSV2"},
    {4, 1, FIELD(24), "SME"},
    {4, 1, FIELD(36), "non-maskable interrupts"},
    {5, 0, FIELD(4) | FIELD(40) | FIELD(44), "trace"},
    {5, 0, FIELD(8), "PMU"},
    {5, 0, FIELD(32), "statistical profiling"},
    {5, 0, FIELD(48) | FIELD(52), "multi-threaded PMU, branch records"},
    {5, 1, ~0ul, "ID_AA64DFR1_EL1"},
    {6, 0, FIELD(24), "transactions"},
    {6, 1, FIELD(4) | FIELD(8) | FIELD(24) | FIELD(28), "pointer authentication"},
    {6, 1, FIELD(60), "64-byte loads"},
    {6, 2, FIELD(8) | FIELD(12), "pointer authentication, the newer algorithm"},
    {7, 0, ~0ul << 32, "stage 2's granules, fine-grained traps, enhanced counters"},
    {7, 1, FIELD(8), "VHE"},
    {7, 1, FIELD(16), "limited ordering regions"},
    {7, 1, FIELD(28) | FIELD(32) | FIELD(40), "XNX, TWED, HCX"},
    {7, 2, FIELD(12), "IESB"},
    {7, 2, FIELD(24) | FIELD(40), "nested virtualisation, FWB"},
    {1, 0, FIELD(28) | FIELD(20), "AArch32: RAS, activity monitors"},
    {1, 1, FIELD(12), "AArch32: EL2"},
    {1, 2, FIELD(24), "AArch32: PMU"},
};

static unsigned field(uint64_t value, unsigned low)
{
    return value >> low & 15;
}

static void check_ids(void)
{
    uint64_t value, pfr0;
    struct trap trap;

    trap_expect();
    IDS(1) IDS(2) IDS(3) IDS(4) IDS(5) IDS(6) IDS(7) trap = trap_result();
    tap_ok(trap.count == 0, "56 ID registers are readable");
    pfr0 = ids[4][0];
    tap_ok(field(pfr0, 4) != 0, "ID_AA64PFR0_EL1 %lx: EL1", pfr0);
    tap_ok(field(pfr0, 8) == 0 && field(pfr0, 12) == 0, "neither EL2 nor EL3");
    tap_ok(field(pfr0, 24) == fdt_compatible((const void *)guest_entry.x[0], "intc", "arm,gic-v3"),
           "GIC CPU interface by system registers, if it is a GICv3");
    tap_ok(field(pfr0, 16) != 15, "floating point");
    for (unsigned crm = 1; crm < 8; crm++)
        for (unsigned op2 = 0; op2 < 8; op2++)
            if (ids[crm][op2])
                print("# s3_0_c0_c%u_%u = %lx\n", crm, op2, ids[crm][op2]);
    if (!on_bulkhead())
        return;
    for (unsigned i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
        tap_ok((ids[hidden[i].crm][hidden[i].op2] & hidden[i].mask) == 0, "hidden: %s",
               hidden[i].what);
    for (unsigned op2 = 2; op2 < 8; op2++)
        tap_ok(ids[4][op2] == 0, "hidden: SVE, SME and what is reserved: s3_0_c0_c4_%u", op2);
    tap_ok(field(pfr0, 4) == 1, "EL1 is AArch64 only");
    tap_ok(field(ids[7][0], 0) <= 2, "40 bits of physical address at most");
    tap_ok(field(pfr0, 56) <= 1, "CSV2 promises no SCXTNUM registers");
}

/* Each cache that CLIDR_EL1 names has a size. */
static void check_caches(uint64_t clidr)
{
    unsigned caches = 0, sizes = 0;

    for (unsigned level = 0; level < 7; level++) {
        unsigned type = clidr >> 3 * level & 7;

        for (unsigned instruction = 0; instruction < 2; instruction++)
            if (type == 3 || type == (instruction ? 1 : 2) || (type == 4 && !instruction)) {
                write_sysreg(csselr_el1, level << 1 | instruction);
                isb();
                caches++;
                sizes += read_sysreg(csselr_el1) == (level << 1 | instruction) &&
                         read_sysreg(ccsidr_el1) != 0;
            }
    }
    tap_ok(caches && caches == sizes, "CLIDR_EL1 %lx: %u caches have sizes", clidr, caches);
}

static void check_identity(void)
{
    struct trap trap;

    trap_expect();
    tap_ok((read_sysreg(mpidr_el1) & 0xff00ffffff) == 0, "MPIDR_EL1 %lx: core 0",
           read_sysreg(mpidr_el1));
    tap_ok(read_sysreg(mpidr_el1) >> 31 & 1, "MPIDR_EL1: bit 31");
    tap_ok((read_sysreg(midr_el1) >> 16 & 15) == 15, "MIDR_EL1 %lx", read_sysreg(midr_el1));
    read_sysreg(revidr_el1);
    read_sysreg(aidr_el1);
    tap_ok(field(read_sysreg(ctr_el0), 0) >= 2 && field(read_sysreg(ctr_el0), 16) >= 2,
           "CTR_EL0 %lx: lines of 16 bytes at least", read_sysreg(ctr_el0));
    tap_ok(!(read_sysreg(dczid_el0) & 16), "DCZID_EL0 %lx: DC ZVA is there",
           read_sysreg(dczid_el0));
    check_caches(read_sysreg(clidr_el1));
    trap = trap_result();
    tap_ok(trap.count == 0, "identification and cache registers are readable, esr %lx", trap.esr);
}

/* What Linux and others do to these in their first instructions. */
static void check_boot(void)
{
    struct trap trap;

    trap_expect();
    write_sysreg(oslar_el1, 0);
    write_sysreg(osdlr_el1, 0);
    write_sysreg(mdscr_el1, 0);
    read_sysreg(oslsr_el1);
    write_sysreg(dbgbcr0_el1, 0);
    write_sysreg(dbgwcr0_el1, 0);
    write_sysreg(cntkctl_el1, 3);
    write_sysreg(cpacr_el1, 3ul << 20);
    write_sysreg(contextidr_el1, 1);
    write_sysreg(tpidr_el1, 2);
    write_sysreg(tpidr_el0, 3);
    write_sysreg(tpidrro_el0, 4);
    write_sysreg(mair_el1, 0xff44);
    write_sysreg(tcr_el1, 0);
    write_sysreg(ttbr0_el1, 0x1000);
    write_sysreg(ttbr1_el1, 0x2000);
    write_sysreg(amair_el1, 0);
    write_sysreg(afsr0_el1, 0);
    write_sysreg(afsr1_el1, 0);
    write_sysreg(actlr_el1, read_sysreg(actlr_el1));
    write_sysreg(sctlr_el1, read_sysreg(sctlr_el1));
    __asm__ volatile("tlbi vmalle1\n dsb nsh\n ic iallu\n dsb nsh\n isb" ::: "memory");
    __asm__ volatile("tlbi vmalle1is\n dsb ish\n ic ialluis\n dsb ish\n isb" ::: "memory");
    __asm__ volatile(
        "dc civac, %0\n dc cvac, %0\n dc cvau, %0\n ic ivau, %0\n dsb sy" ::"r"(RAM + 0x100000)
        : "memory");
    __asm__ volatile("dc isw, %0\n dc csw, %0\n dc cisw, %0\n dsb sy" ::"r"(0ul) : "memory");
    trap = trap_result();
    tap_ok(trap.count == 0, "the registers that an OS sets up at boot, esr %lx elr %lx", trap.esr,
           trap.elr);
    tap_ok(read_sysreg(tpidr_el1) == 2 && read_sysreg(contextidr_el1) == 1 &&
               read_sysreg(mair_el1) == 0xff44 && read_sysreg(ttbr0_el1) == 0x1000,
           "and they keep their values");
    read32(UART + 0x18); /* an emulated access: the monitor runs */
    tap_ok(read_sysreg(tpidr_el1) == 2 && read_sysreg(tpidr_el0) == 3 &&
               read_sysreg(tpidrro_el0) == 4 && read_sysreg(ttbr1_el1) == 0x2000 &&
               read_sysreg(cntkctl_el1) == 3 && read_sysreg(mair_el1) == 0xff44,
           "also across an emulated access");
}

static void check_entry(const void *tree)
{
    tap_ok(guest_entry.current_el == 4 && guest_entry.spsel == 1, "entered in EL1h");
    tap_ok(guest_entry.daif == 0x3c0, "with interrupts masked");
    tap_ok(!(guest_entry.sctlr & 0x1005), "with MMU and caches off");
    tap_ok(guest_entry.x[0] == (uint64_t)(uintptr_t)tree && !(guest_entry.x[0] & 7),
           "x0 is the tree, at %lx", guest_entry.x[0]);
    tap_ok(!guest_entry.x[1] && !guest_entry.x[2] && !guest_entry.x[3], "x1 to x3 are zero");
}

void guest_main(const void *tree)
{
    check_entry(tree);
    check_identity();
    check_ids();
    check_boot();
    tap_end();
}
