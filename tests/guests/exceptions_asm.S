/* SPDX-License-Identifier: BSD-2-Clause */
/* Instructions that raise an exception, and the syndrome of each (DDI 0487, ESR_EL1). */
#include "snippets.inc"
#define UNDEFINED 0x02000000
    .arch armv8-a+fp+simd
    .text

    snippets exceptions_el1
    snippet "brk", 0xf2000005, brk #5
    snippet "brk of 16 bits", 0xf200ffff, brk #0xffff
    snippet "svc", 0x56000003, svc #3
    snippet "hlt", UNDEFINED, hlt #1
    snippet "udf", UNDEFINED, udf #7
    snippet "an unallocated instruction", UNDEFINED, .inst 0x02000000
    snippet "a register of EL2", UNDEFINED, mrs x1, hcr_el2
    snippet "writing one", UNDEFINED, msr vttbr_el2, x1
    snippet "a list register", UNDEFINED, mrs x1, s3_4_c12_c12_0
    snippet "a register of EL3", UNDEFINED, mrs x1, scr_el3
    snippet "sp_el1", UNDEFINED, mrs x1, sp_el1
    snippet "sctlr_el12", UNDEFINED, mrs x1, s3_5_c1_c0_0
    snippet "tlbi alle2", UNDEFINED, tlbi alle2
    snippet "tlbi vmalls12e1", UNDEFINED, tlbi vmalls12e1
    snippet "at s12e1r", UNDEFINED, at s12e1r, x0
    snippet "at s1e2r", UNDEFINED, at s1e2r, x0
    snippet "a reserved register", UNDEFINED, mrs x1, s3_2_c7_c7_7
    snippet "a reserved system instruction", UNDEFINED, sys #7, c8, c15, #7, x1
    snippet "dcps1", UNDEFINED, dcps1
    snippet "drps", UNDEFINED, drps
    snippets_end

    snippets exceptions_el0
    snippet "brk", 0xf2000005, brk #5
    snippet "svc", 0x56000003, svc #3
    snippet "hlt", UNDEFINED, hlt #1
    snippet "udf", UNDEFINED, udf #7
    snippet "hvc", UNDEFINED, hvc #0
    snippet "smc", UNDEFINED, smc #0
    snippet "eret", UNDEFINED, eret
    snippet "a register of EL1", UNDEFINED, mrs x1, sctlr_el1
    snippet "writing one", UNDEFINED, msr vbar_el1, x1
    snippet "a register of EL2", UNDEFINED, mrs x1, hcr_el2
    snippet "tlbi", UNDEFINED, tlbi vmalle1
    snippet "dc isw", UNDEFINED, dc isw, x0
    snippet "ic iallu", UNDEFINED, ic iallu
    snippet "msr spsel", UNDEFINED, msr spsel, #1
    snippet "mrs daif", 0x6232d025, mrs x1, daif
    snippet "ctr_el0", 0x6232c021, mrs x1, ctr_el0
    snippet "cntvct_el0", 0x6234f821, mrs x1, cntvct_el0
    snippet "dc civac", 0x6212dc3c, dc civac, x1
    snippet "dc zva", 0x6212dc28, dc zva, x1
    snippet "wfi", 0x07e00000, wfi
    snippets_end

    snippets exceptions_fp
    snippet "fadd", 0x1fe00000, fadd d0, d1, d2
    snippet "ldr q", 0x1fe00000, ldr q0, [x0]
    snippet "mrs fpcr", 0x1fe00000, mrs x1, fpcr
    snippets_end

    snippets exceptions_debug
    snippet "step", 0, nop
    nop
    ret
    snippet "step over an emulated load", 0, ldr w1, [x0]
    snippet "breakpoint", 0, nop
    snippet "watch a load", 0, ldr w1, [x0]
    snippet "watch a store", 0, str wzr, [x0]
    snippets_end
