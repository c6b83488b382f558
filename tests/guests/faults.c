/* SPDX-License-Identifier: BSD-2-Clause */
/* Accesses to where nothing is, by every kind of instruction, at each exception level, with and
 * without stage 1: the abort that a machine would give, and nothing else happens. */
#include "faults.h"
#include "guest.h"

#define NOWHERE 0x0b000000ul  /* nothing lies there on the virt board */
#define BEYOND  0x500000000ul /* nor there */

enum { GIB_PROGRAM = 2, GIB_WALK = 3, GIB_NORMAL = 4, GIB_EL0 = 5, GIB_FAR = 6 };
#define GIB(n) ((uint64_t)(n) << 30)

extern const struct snippet faults_accesses[], faults_kernel[], faults_dpb[], faults_lse[],
    faults_lrcpc[], faults_a32[];

static char stack[1024] __attribute__((aligned(16)));

/* One way to run a snippet. Code that EL0 shall run lies at an alias with stage 1 on. */
struct way {
    const char *name;
    uint64_t address, spsr, alias;
    uint64_t fault; /* fault status of an external abort */
};

static bool fault_as_expected(const struct way *way, const struct snippet *snippet, uint64_t x0,
                              const struct trap *trap)
{
    bool lower = (way->spsr & 0xf) == 0, fetch = snippet->expected == FETCH;
    uint64_t vector = way->spsr == SPSR_EL1T ? 0
                      : !lower               ? 0x200
                      : way->spsr & 0x10     ? 0x600
                                             : 0x400;
    uint64_t esr = ((fetch ? 0x20ul : 0x24ul) + !lower) << 26 | 1ul << 25 | way->fault |
                   (uint64_t)(snippet->expected == STORE) << 6;

    /* An atomic access is a load first (DDI 0487, ESR_ELx, WnR); QEMU with several cores looks at
     * the store first. */
    if (snippet->expected == ATOMIC)
        esr |= trap->esr & 1 << 6;
    if (x0 != way->address)
        return false;
    if (snippet->expected == NOTHING)
        return trap->count == 0;
    return trap->count == 1 && trap->esr == esr && trap->far == way->address &&
           trap->elr == (fetch ? way->address : snippet->code + way->alias) &&
           trap->spsr == way->spsr && trap->vector == vector && trap->daif == 0x3c0 &&
           trap->sel == 1;
}

static bool fault_by(const struct way *way, const struct snippet *snippet)
{
    struct trap trap;
    uint64_t x0;
    bool good;

    trap_expect();
    x0 = el0_call(snippet->code + way->alias, way->address, way->spsr,
                  (uint64_t)(uintptr_t)stack + sizeof(stack) + way->alias);
    trap = trap_result();
    good = fault_as_expected(way, snippet, x0, &trap);
    if (!good)
        print("# %s, %s: %lu exceptions, esr %lx far %lx elr %lx of %lx spsr %lx vector %lx\n",
              snippet->name, way->name, trap.count, trap.esr, trap.far, trap.elr,
              snippet->code + way->alias, trap.spsr, trap.vector);
    return good;
}

static void check_table(const struct snippet *snippets, const struct way *ways, const char *where)
{
    for (; snippets->name; snippets++) {
        bool good = true;

        for (const struct way *way = ways; way->name; way++)
            good = fault_by(way, snippets) && good;
        tap_ok(good, "%s: %s", where, snippets->name);
    }
}

/* Which of the tables this core has instructions for. */
static void check_tables(const struct way *ways, const char *where)
{
    uint64_t isar0 = read_sysreg(id_aa64isar0_el1), isar1 = read_sysreg(id_aa64isar1_el1);

    check_table(faults_accesses, ways, where);
    if (isar1 & 15)
        check_table(faults_dpb, ways, where);
    if (isar0 >> 20 & 15)
        check_table(faults_lse, ways, where);
    if (isar1 >> 20 & 15)
        check_table(faults_lrcpc, ways, where);
}

static void check_without_stage_1(uint64_t ram_end)
{
    const struct way ways[] = {{"nowhere", NOWHERE, 0x3c5, 0, 0x10},
                               {"behind the RAM", ram_end, 0x3c5, 0, 0x10},
                               {"beyond", BEYOND, 0x3c5, 0, 0x10},
                               {"below all", 0x08200000, 0x3c5, 0, 0x10},
                               {"EL1t", NOWHERE, SPSR_EL1T, 0, 0x10},
                               {"EL0", NOWHERE, SPSR_EL0, 0, 0x10},
                               {"EL0, NZCV", NOWHERE, SPSR_EL0 | 0xful << 28, 0, 0x10},
                               {NULL, 0, 0, 0, 0}};
    const struct way el1[] = {{"EL1", NOWHERE, 0x3c5, 0, 0x10}, {NULL, 0, 0, 0, 0}};
    const struct way a32[] = {{"A32", NOWHERE, SPSR_A32, 0, 0x10}, {NULL, 0, 0, 0, 0}};

    write_sysreg(sctlr_el1, SCTLR_OFF | 1 << 26 | 1 << 14); /* UCI, DZE */
    isb();
    check_tables(ways, "stage 1 off");
    check_table(faults_kernel, el1, "EL1");
    if ((read_sysreg(id_aa64pfr0_el1) & 15) == 2)
        check_table(faults_a32, a32, "EL0");
}

static void check_with_stage_1(void)
{
    const struct way ways[] = {{"Normal", GIB(GIB_NORMAL), 0x3c5, 0, 0x10},
                               {"Normal, EL1t", GIB(GIB_NORMAL), SPSR_EL1T, 0, 0x10},
                               {"beyond", GIB(GIB_FAR), 0x3c5, 0, 0x10},
                               {"EL0", GIB(GIB_EL0), SPSR_EL0, GIB(GIB_PROGRAM) - RAM, 0x10},
                               {NULL, 0, 0, 0, 0}};

    mmu_set(GIB_PROGRAM, RAM | MMU_NORMAL | MMU_EL0);
    mmu_set(GIB_NORMAL, 0x100000000 | MMU_NORMAL);
    mmu_set(GIB_EL0, 0x100000000 | MMU_NORMAL | MMU_EL0);
    mmu_set(GIB_FAR, BEYOND | MMU_NORMAL);
    check_tables(ways, "stage 1 on");
}

/* A table that lies nowhere: the walk is what aborts. Level 1's own entry is there. */
static void check_walk(void)
{
    const struct way way = {"walk", GIB(GIB_WALK), 0x3c5, 0, 0x16};
    const struct way upper = {"upper", 0xffffff8000000000 | GIB(GIB_WALK), 0x3c5, 0, 0x16};
    const struct snippet *kinds[] = {&faults_accesses[2], &faults_accesses[10]};
    struct trap trap;

    mmu_set(GIB_WALK, NOWHERE | MMU_TABLE);
    for (unsigned i = 0; i < 2; i++)
        tap_ok(fault_by(&way, kinds[i]) && fault_by(&upper, kinds[i]), "walk: %s", kinds[i]->name);
    trap_expect();
    __asm__ volatile("blr %0" ::"r"(way.address) : "x30", "memory");
    trap = trap_result();
    tap_ok(trap.count == 1 && trap.esr == 0x86000016 && trap.far == way.address, "walk: fetch: %lx",
           trap.esr);
    trap_expect();
    __asm__ volatile("at s1e1r, %0\n isb" ::"r"(way.address));
    trap = trap_result();
    tap_ok(trap.count == 1 && trap.esr == 0x96000156 && trap.far == way.address, "walk: AT: %lx",
           trap.esr);
}

/* AT to where nothing is says where that would be. */
static void check_translation(void)
{
    uint64_t par;

    __asm__ volatile("at s1e1r, %0\n isb" ::"r"(GIB(GIB_FAR) + 0x5678));
    par = read_sysreg(par_el1);
    tap_ok((par & 1) == 0 && (par & 0xfffffffff000) == BEYOND + 0x5000, "AT to nowhere: %lx", par);
}

static void check_unaligned(void)
{
    struct trap trap;

    trap_expect();
    __asm__ volatile("ldr wzr, [%0]" ::"r"(GIB(GIB_NORMAL) + 1));
    trap = trap_result();
    tap_ok(trap.count == 1 && trap.esr == 0x96000010, "unaligned: external abort");
    tap_ok(trap.far == GIB(GIB_NORMAL) + 1, "unaligned: FAR is what was asked for");
}

void guest_main(const void *tree)
{
    uint64_t end = fdt_ram_end(tree);

    write_sysreg(cpacr_el1, 3ul << 20);
    isb();
    tap_ok(end > RAM, "the RAM ends somewhere");
    read32(end - 4); /* its last word is there: no exception */
    check_without_stage_1(end);
    mmu_on(SCTLR_CACHES | 1 << 26 | 1 << 14);
    check_with_stage_1();
    check_walk();
    check_translation();
    check_unaligned();
    tap_end();
}
