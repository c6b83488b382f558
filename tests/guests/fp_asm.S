/* SPDX-License-Identifier: BSD-2-Clause */
/* The only code of the guests that touches FP registers. */
#include "registers.inc"

    .arch armv8-a+fp+simd
    .text

    .globl fp_any
fp_any:
    mov x0, xzr
    .irp EACH_FP_REGISTER
    mov x1, v\n\().d[0]
    mov x2, v\n\().d[1]
    orr x0, x0, x1
    orr x0, x0, x2
    .endr
    ret

    .globl fp_fill
fp_fill:
    .irp EACH_FP_REGISTER
    fp_set \n, x0, \n, x1, x2
    .endr
    ret

    .globl fp_wrong
fp_wrong:
    mov x5, xzr
    .irp EACH_FP_REGISTER
    fp_test \n, x0, \n, x5, x1, x2, x3, x4
    .endr
    mov x0, x5
    ret

    .globl fp_sum
fp_sum:
    ucvtf d0, x0
    ucvtf d1, x1
    fadd d0, d0, d1
    fcvtzu x0, d0
    ret

/* Waits until a word is another than it was, for at most x1 turns; every register stays as fp_fill left it. Gives the
 * turns that were left. */
    .globl fp_wait
fp_wait: /* (word, turns, value) */
1:  ldr x3, [x0]
    cmp x3, x2
    b.ne 2f
    subs x1, x1, #1
    b.ne 1b
2:  mov x0, x1
    ret

/* Loads and stores of every width, through memory at x0: 0 when all came back. */
    .globl fp_memory
fp_memory:
    ldr q0, [x0]
    str q0, [x0, #64]
    ldp q1, q2, [x0]
    stp q2, q1, [x0, #96]
    ld1 {v3.16b, v4.16b}, [x0]
    ldr d5, [x0, #8]
    str d5, [x0, #80]
    ldr s6, [x0, #4]
    ldr h7, [x0, #2]
    ldr b8, [x0, #1]
    ldp x1, x2, [x0]
    ldp x3, x4, [x0, #64]
    cmp x1, x3
    ccmp x2, x4, #0, eq
    mov x3, v4.d[1]
    ldr x4, [x0, #24]
    ccmp x3, x4, #0, eq
    ldr x3, [x0, #80]
    ccmp x3, x2, #0, eq
    ldr x3, [x0, #120]
    ccmp x3, x2, #0, eq
    mov w3, v6.s[0]
    lsr x4, x1, #32
    ccmp x3, x4, #0, eq
    umov w3, v7.h[0]
    ubfx x4, x1, #16, #16
    ccmp x3, x4, #0, eq
    umov w3, v8.b[0]
    ubfx x4, x1, #8, #8
    ccmp x3, x4, #0, eq
    cset x0, ne
    ret
