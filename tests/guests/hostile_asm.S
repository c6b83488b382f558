/* SPDX-License-Identifier: BSD-2-Clause */
/* The harness of hostile.c: enters code with any registers and PSTATE, and comes back from any exception.
 *
 * Nothing that the code under trial leaves in registers is trusted: the vectors first make SCTLR_EL1 sane, then find
 * this core's context by MPIDR_EL1, which is the one register that a guest cannot write. */
#define CONTEXT_SHIFT 8
#define SANE_SCTLR 0x30d00800

    .text
    .globl hostile_try
/* uint64_t hostile_try(uint64_t pc, uint64_t pstate, const uint64_t x[31]): ESR_EL1, the vector's number << 56 */
hostile_try:
    mrs x3, mpidr_el1
    and x3, x3, #7
    adrp x4, contexts
    add x4, x4, :lo12:contexts
    add x4, x4, x3, lsl #CONTEXT_SHIFT
    stp x19, x20, [x4, #0]
    stp x21, x22, [x4, #16]
    stp x23, x24, [x4, #32]
    stp x25, x26, [x4, #48]
    stp x27, x28, [x4, #64]
    stp x29, x30, [x4, #80]
    mov x5, sp
    str x5, [x4, #96]
    msr elr_el1, x0
    msr spsr_el1, x1
    mov x30, x2
    .irp n, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26
    ldp x\n, x3, [x30, #8 * \n]
    .endr
    ldr x1, [x30, #8]
    ldr x3, [x30, #24]
    ldr x5, [x30, #40]
    ldr x7, [x30, #56]
    ldr x9, [x30, #72]
    ldr x11, [x30, #88]
    ldr x13, [x30, #104]
    ldr x15, [x30, #120]
    ldr x17, [x30, #136]
    ldr x19, [x30, #152]
    ldr x21, [x30, #168]
    ldr x23, [x30, #184]
    ldr x25, [x30, #200]
    ldr x27, [x30, #216]
    ldp x28, x29, [x30, #224]
    ldr x30, [x30, #240]
    eret

    .macro vector number
    .balign 128
    msr spsel, #1
    msr daifset, #15
    movz x0, #(SANE_SCTLR & 0xffff)
    movk x0, #(SANE_SCTLR >> 16), lsl #16
    msr sctlr_el1, x0
    isb
    movz x0, #(\number << 8), lsl #48
    b hostile_back
    .endm

    .balign 2048
    .globl hostile_vectors
hostile_vectors:
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    vector \n
    .endr

hostile_back:
    msr mdscr_el1, xzr
    mrs x3, mpidr_el1
    and x3, x3, #7
    adrp x4, contexts
    add x4, x4, :lo12:contexts
    add x4, x4, x3, lsl #CONTEXT_SHIFT
    mrs x1, esr_el1
    orr x0, x0, x1
    ldp x19, x20, [x4, #0]
    ldp x21, x22, [x4, #16]
    ldp x23, x24, [x4, #32]
    ldp x25, x26, [x4, #48]
    ldp x27, x28, [x4, #64]
    ldp x29, x30, [x4, #80]
    ldr x5, [x4, #96]
    mov sp, x5
    ret

    .bss
    .balign 256
contexts:
    .space 8 << CONTEXT_SHIFT
