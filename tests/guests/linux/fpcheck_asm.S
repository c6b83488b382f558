/* SPDX-License-Identifier: BSD-2-Clause */
/* The start of fpcheck, and its only code that touches FP registers. */
#include "registers.inc"

    .arch armv8-a+fp+simd
    .text

    .globl _start
_start:
    mov x29, xzr
    mov x30, xzr
    ldr x0, [sp]        /* argc */
    add x1, sp, #8      /* argv */
    bl fpcheck_main
    mov x8, #94         /* exit_group */
    svc #0

/* struct fp_result fp_round(uint64_t seed, uint64_t turns, const uint64_t call[7]) */
    .globl fp_round
fp_round:
    mov x11, x0
    mov x12, x1
    mov x15, x2
    .irp EACH_FP_REGISTER
    fp_set \n, x11, \n, x3, x4
    .endr
    ubfx x9, x11, #0, #4
    lsl x9, x9, #22     /* FPCR: RMode, FZ, DN */
    msr fpcr, x9
    ubfx x10, x11, #4, #5   /* FPSR: IOC to IXC */
    ubfx x3, x11, #9, #1
    bfi x10, x3, #7, #1     /* IDC */
    ubfx x3, x11, #10, #1
    bfi x10, x3, #27, #1    /* QC */
    msr fpsr, x10

    mov x13, x12
1:  subs x13, x13, #1
    b.ne 1b
    mov x14, xzr
    ldr x8, [x15]
    cbz x8, 2f
    ldp x0, x1, [x15, #8]
    ldp x2, x3, [x15, #24]
    ldp x4, x5, [x15, #40]
    svc #0
    mov x14, x0
2:  mov x13, x12
3:  subs x13, x13, #1
    b.ne 3b

    mov x0, xzr
    .irp EACH_FP_REGISTER
    fp_test \n, x11, \n, x0, x3, x4, x5, x6
    .endr
    mrs x3, fpcr
    mrs x4, fpsr
    cmp x3, x9
    cinc x0, x0, ne
    cmp x4, x10
    cinc x0, x0, ne
    mov x1, x14
    ret

/* uint64_t fp_count(uint64_t turns): so many, counted in a register of doubles. */
    .globl fp_count
fp_count:
    fmov d0, xzr
    fmov d1, #1.0
4:  fadd d0, d0, d1
    subs x0, x0, #1
    b.ne 4b
    fcvtzu x0, d0
    ret
    .section .note.GNU-stack, "", %progbits
