/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers that nobody may change while victim.c's interrupts come and go. */
#include "registers.inc"

    .arch armv8-a+fp+simd
    .text

    .globl victim_hold
/* uint64_t victim_hold(uint64_t seed, uint64_t loops): how many of x2..x30 (less x18), SP_EL0 and v0..v31 have changed
 * after so many turns of a loop with interrupts on */
victim_hold:
    kept_save
    .irp EACH_FP_REGISTER
    fp_set \n, x0, (64 + \n), x2, x3
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
    .irp EACH_FP_REGISTER
    fp_test \n, x0, (64 + \n), x1, x2, x3, x4, x5
    .endr
    mov x0, x1
    kept_restore
    ret
