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
    tap_ok(field(pfr0, 28) == 0 && field(pfr0, 32) == 0, "no RAS, no SVE");
    tap_ok(field(pfr0, 40) == 0 && field(pfr0, 44) == 0, "no MPAM, no activity monitors");
    tap_ok(field(ids[4][1], 8) == 0 && field(ids[4][1], 24) == 0, "no MTE, no SME");
    tap_ok(ids[4][4] == 0 && ids[4][5] == 0, "ID_AA64ZFR0_EL1 and ID_AA64SMFR0_EL1 are zero");
    tap_ok(field(ids[5][0], 8) == 0 || field(ids[5][0], 8) == 15, "no PMU");
    tap_ok(field(ids[5][0], 4) == 0 && field(ids[5][0], 32) == 0, "no trace, no profiling");
    tap_ok(ids[4][6] == 0 && ids[4][7] == 0, "reserved ID registers are zero");
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
    read_sysreg(ctr_el0);
    read_sysreg(dczid_el0);
    read_sysreg(clidr_el1);
    write_sysreg(csselr_el1, 0);
    isb();
    tap_ok(read_sysreg(ccsidr_el1) != 0, "CCSIDR_EL1 %lx", read_sysreg(ccsidr_el1));
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
