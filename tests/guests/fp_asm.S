/* SPDX-License-Identifier: BSD-2-Clause */
/* The only code of the guests that touches FP registers. */
    .arch armv8-a+fp+simd
    .text

    .globl fp_any
fp_any:
    mov x0, xzr
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    mov x1, v\n\().d[0]
    mov x2, v\n\().d[1]
    orr x0, x0, x1
    orr x0, x0, x2
    .endr
    ret

    .globl fp_fill
fp_fill:
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    add x1, x0, #\n
    mvn x2, x1
    mov v\n\().d[0], x1
    mov v\n\().d[1], x2
    .endr
    ret

    .globl fp_wrong
fp_wrong:
    mov x5, xzr
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    add x1, x0, #\n
    mvn x2, x1
    mov x3, v\n\().d[0]
    mov x4, v\n\().d[1]
    cmp x1, x3
    ccmp x2, x4, #0, eq
    cinc x5, x5, ne
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
