/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers that nobody may change while victim.c's interrupts come and go. */
    .arch armv8-a+fp+simd
    .text

    .globl victim_hold
/* uint64_t victim_hold(uint64_t seed, uint64_t loops): how many of x2..x30 (less x18), SP_EL0 and v0..v31 have changed
 * after so many turns of a loop with interrupts on */
victim_hold:
    stp x29, x30, [sp, #-96]!
    stp x19, x20, [sp, #16]
    stp x21, x22, [sp, #32]
    stp x23, x24, [sp, #48]
    stp x25, x26, [sp, #64]
    stp x27, x28, [sp, #80]
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    add x2, x0, #(64 + \n)
    mvn x3, x2
    mov v\n\().d[0], x2
    mov v\n\().d[1], x3
    .endr
    add x2, x0, #128
    msr sp_el0, x2
    .irp n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,19,20,21,22,23,24,25,26,27,28,29,30
    add x\n, x0, #\n
    .endr
    msr daifclr, #2
1:  subs x1, x1, #1
    b.ne 1b
    msr daifset, #2
    .irp n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,19,20,21,22,23,24,25,26,27,28,29,30
    sub x\n, x\n, x0
    cmp x\n, #\n
    cinc x1, x1, ne
    .endr
    mrs x2, sp_el0
    sub x2, x2, x0
    cmp x2, #128
    cinc x1, x1, ne
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    add x2, x0, #(64 + \n)
    mvn x3, x2
    mov x4, v\n\().d[0]
    mov x5, v\n\().d[1]
    cmp x2, x4
    ccmp x3, x5, #0, eq
    cinc x1, x1, ne
    .endr
    mov x0, x1
    ldp x19, x20, [sp, #16]
    ldp x21, x22, [sp, #32]
    ldp x23, x24, [sp, #48]
    ldp x25, x26, [sp, #64]
    ldp x27, x28, [sp, #80]
    ldp x29, x30, [sp], #96
    ret
