/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry of bare-metal guests, first and further cores, and their exception vectors. The MMU stays off. */
#include "registers.inc"

#define STACK_SHIFT 15 /* guest.lds */
#define FRAME 272      /* struct frame in guest.h */

    .section .text.start, "ax"
    .globl _start
_start:
    mov x19, x0
    mov x20, x1
    mov x21, x2
    mov x22, x3
    adrp x9, bss_start
    add x9, x9, :lo12:bss_start
    adrp x10, bss_end
    add x10, x10, :lo12:bss_end
1:  cmp x9, x10
    b.hs 2f
    stp xzr, xzr, [x9], #16
    b 1b
2:  adrp x9, guest_entry
    add x9, x9, :lo12:guest_entry
    stp x19, x20, [x9]
    stp x21, x22, [x9, #16]
    mrs x10, currentel
    mrs x11, daif
    stp x10, x11, [x9, #32]
    mrs x10, spsel
    mrs x11, sctlr_el1
    stp x10, x11, [x9, #48]
    bl cpu_init
    mov x0, x19
    bl guest_main
    bl psci_system_off
3:  b 3b

/* CPU_ON's entry: x0 = context. */
    .globl secondary_start
secondary_start:
    mov x19, x0
    bl cpu_init
    mov x0, x19
    bl guest_secondary
    bl psci_cpu_off
4:  b 4b

/* Stack by the core's number, vectors. Clobbers x9 to x11. */
cpu_init:
    msr spsel, #1
    mrs x9, mpidr_el1
    and x9, x9, #7
    add x9, x9, #1
    adrp x10, stacks
    add x10, x10, :lo12:stacks
    add x10, x10, x9, lsl #STACK_SHIFT
    mov sp, x10
    adrp x9, vectors
    add x9, x9, :lo12:vectors
    msr vbar_el1, x9
    isb
    mov x29, xzr
    ret

    .macro save /* behind a vector */
    stp x2, x3, [sp, #16]
    stp x4, x5, [sp, #32]
    stp x6, x7, [sp, #48]
    stp x8, x9, [sp, #64]
    stp x10, x11, [sp, #80]
    stp x12, x13, [sp, #96]
    stp x14, x15, [sp, #112]
    stp x16, x17, [sp, #128]
    stp x18, x19, [sp, #144]
    stp x20, x21, [sp, #160]
    stp x22, x23, [sp, #176]
    stp x24, x25, [sp, #192]
    stp x26, x27, [sp, #208]
    stp x28, x29, [sp, #224]
    mrs x0, elr_el1
    mrs x1, spsr_el1
    stp x30, x0, [sp, #240]
    str x1, [sp, #256]
    mov x0, sp
    .endm

    .macro restore
    ldp x30, x0, [sp, #240]
    ldr x1, [sp, #256]
    msr elr_el1, x0
    msr spsr_el1, x1
    ldp x0, x1, [sp, #0]
    ldp x2, x3, [sp, #16]
    ldp x4, x5, [sp, #32]
    ldp x6, x7, [sp, #48]
    ldp x8, x9, [sp, #64]
    ldp x10, x11, [sp, #80]
    ldp x12, x13, [sp, #96]
    ldp x14, x15, [sp, #112]
    ldp x16, x17, [sp, #128]
    ldp x18, x19, [sp, #144]
    ldp x20, x21, [sp, #160]
    ldp x22, x23, [sp, #176]
    ldp x24, x25, [sp, #192]
    ldp x26, x27, [sp, #208]
    ldp x28, x29, [sp, #224]
    add sp, sp, #FRAME
    eret
    .endm

    .macro vector target
    .balign 128
    sub sp, sp, #FRAME
    stp x0, x1, [sp, #0]
    mov x0, #(. - 8 - vectors)
    str x0, [sp, #264]
    b \target
    .endm

    .text
    .balign 2048
vectors:
    .rept 4 /* EL1t, EL1h, EL0 in AArch64 and AArch32: all on this core's stack */
    vector vector_sync
    vector vector_irq
    vector vector_fiq
    vector vector_other
    .endr

/* What el0_call comes back to: x0 = what EL0 gave. */
    .globl el0_call
el0_call: /* (code, argument, SPSR, stack) */
    kept_save
    msr sp_el0, x3
    mov x13, x3 /* AArch32's stack pointer */
    msr elr_el1, x0
    msr spsr_el1, x2
    mov x0, x1
    adr x30, el0_end
    adr x14, el0_end_a32 /* AArch32's link register */
    eret
el0_end:
    svc #0x7777
el0_end_a32:
    .inst 0xef007777 /* the same */
    .globl el0_return
el0_return:
    kept_restore
    ret

vector_sync:
    save
    bl trap_sync
    restore
vector_irq:
    save
    bl irq_handle
    restore
vector_fiq:
    save
    bl fiq_handle
    restore
vector_other:
    save
    bl trap_other
    restore
