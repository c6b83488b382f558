/* SPDX-License-Identifier: BSD-2-Clause */
/* Every encoding of a system register, op0 2 and 3, read and written back at EL1 and EL0: each
 * access works or is undefined, and the machine goes on. One block of instructions, made here, for
 * 128 encodings; `all=1` in bootargs
 * leaves none out. */
#include "guest.h"

enum { MRS = 1 << 21, RET = (int)0xd65f03c0, ENCODINGS = 128, EACH = 3 };
enum {
    EC_UNKNOWN = 0x00,
    EC_WFX = 0x01,
    EC_FP = 0x07,
    EC_SYSTEM = 0x18,
    EC_SVE = 0x19,
    EC_SME = 0x1d
};

static uint32_t code[EACH * ENCODINGS + 1] __attribute__((aligned(64)));
static char stack[1024] __attribute__((aligned(16)));

/* MSR <op0, op1, CRn, CRm, op2>, X1. */
static uint32_t instruction(unsigned op0, unsigned op1, unsigned crn, unsigned rest)
{
    return 0xd5000001u | op0 << 19 | op1 << 16 | crn << 12 | (rest >> 3) << 8 | (rest & 7) << 5;
}

/* x1 = 0, or what it reads; back it goes. What can only be written gets 0. */
static void make(unsigned op0, unsigned op1, unsigned crn)
{
    for (unsigned rest = 0; rest < ENCODINGS; rest++) {
        uint32_t write = instruction(op0, op1, crn, rest);

        code[EACH * rest] = 0xaa1f03e1; /* mov x1, xzr */
        code[EACH * rest + 1] = write | MRS;
        code[EACH * rest + 2] = write;
    }
    code[EACH * ENCODINGS] = (uint32_t)RET;
    dsb();
    __asm__ volatile("ic iallu\n dsb nsh\n isb" ::: "memory");
}

static void check_space(unsigned op0, unsigned op1, unsigned step, uint64_t spsr, const char *where)
{
    uint64_t classes = 0, count = 0;
    uint64_t good = 1ul << EC_UNKNOWN;

    /* EL1's own controls refuse some, and so does FEAT_IDST; and what is behind CPACR_EL1. */
    good |= 1ul << EC_SYSTEM | 1ul << EC_FP | 1ul << EC_SVE | 1ul << EC_SME;
    for (unsigned crn = 0; crn < 16; crn += step) {
        struct trap trap;

        make(op0, op1, crn);
        trap_expect();
        el0_call((uint64_t)(uintptr_t)code, 0, spsr, (uint64_t)(uintptr_t)stack + sizeof(stack));
        trap = trap_result();
        classes |= trap.classes;
        count += trap.count;
    }
    tap_ok((classes & ~good) == 0, "%s: op0 %u, op1 %u: each works or is undefined", where, op0,
           op1);
    if (classes & ~good)
        print("# exception classes %lx, %lu exceptions\n", classes, count);
}

void guest_main(const void *tree)
{
    gic_init();
    for (unsigned op0 = 2; op0 < 4; op0++)
        for (unsigned op1 = 0; op1 < 8; op1++) {
            /* Nobody below EL2 has a register there: a part must do, unless bootargs ask for all.
             */
            unsigned step = op1 < 4 || bootargs_number(tree, "all", 0) ? 1 : 4;

            check_space(op0, op1, step, 0x3c5, "EL1");
            if (op1 == 0 || op1 == 3) /* EL1's, and those that EL0 may have */
                check_space(op0, op1, step, SPSR_EL0, "EL0");
        }
    tap_ok(read_sysreg(currentel) == 4 && psci(PSCI_VERSION, 0, 0, 0) == 0x10001,
           "and the machine goes on");
    tap_end();
}
