/* SPDX-License-Identifier: BSD-2-Clause */
/* Exception vectors: the whole way into the kernel and out of it. */
#include "layout.h"

/* Saves everything to core->frame; SP is the top of the core's stack, because nothing of the kernel outlives a
 * trap. x0 and x1 are on it already. */
    .macro SAVE
    mrs x0, tpidr_el2
    ldr x0, [x0, #CORE_FRAME]
    stp x2, x3, [x0, #16]
    ldp x2, x3, [sp], #16
    stp x2, x3, [x0]
    stp x4, x5, [x0, #32]
    stp x6, x7, [x0, #48]
    stp x8, x9, [x0, #64]
    stp x10, x11, [x0, #80]
    stp x12, x13, [x0, #96]
    stp x14, x15, [x0, #112]
    stp x16, x17, [x0, #128]
    stp x18, x19, [x0, #144]
    stp x20, x21, [x0, #160]
    stp x22, x23, [x0, #176]
    stp x24, x25, [x0, #192]
    stp x26, x27, [x0, #208]
    stp x28, x29, [x0, #224]
    mrs x1, sp_el0
    stp x30, x1, [x0, #240]
    mrs x2, elr_el2
    mrs x3, spsr_el2
    stp x2, x3, [x0, #FRAME_PC]
    mrs x0, tpidr_el2
    .endm

    .macro CLEAR /* what a guest or a program controls, before C could speculate on it */
    .irp n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
    mov x\n, xzr
    .endr
    mrs x0, tpidr_el2
    .endm

    .macro RESTORE /* x0 = frame */
    ldp x2, x3, [x0, #FRAME_PC]
    msr elr_el2, x2
    msr spsr_el2, x3
    ldp x30, x1, [x0, #240]
    msr sp_el0, x1
    ldp x28, x29, [x0, #224]
    ldp x26, x27, [x0, #208]
    ldp x24, x25, [x0, #192]
    ldp x22, x23, [x0, #176]
    ldp x20, x21, [x0, #160]
    ldp x18, x19, [x0, #144]
    ldp x16, x17, [x0, #128]
    ldp x14, x15, [x0, #112]
    ldp x12, x13, [x0, #96]
    ldp x10, x11, [x0, #80]
    ldp x8, x9, [x0, #64]
    ldp x6, x7, [x0, #48]
    ldp x4, x5, [x0, #32]
    ldp x2, x3, [x0, #16]
    ldp x0, x1, [x0]
    .endm

    .macro FATAL /* from EL2 itself: the stack cannot be trusted, nothing comes back */
    .balign 128
    mrs x0, tpidr_el2
    ldr x0, [x0, #CORE_EMERGENCY]
    mov sp, x0
    b   trap_fatal
    .endm

    .macro LOWER kind
    .balign 128
    b   trap_\kind
    .endm

    .text
    .balign 2048
    .globl vectors
vectors:
    FATAL /* current level, SP_EL0: the kernel never uses it */
    FATAL
    FATAL
    FATAL
    FATAL /* current level */
    FATAL
    FATAL
    FATAL
    LOWER entry_sync /* AArch64 */
    LOWER entry_irq
    LOWER entry_fiq
    LOWER entry_serror
    LOWER entry_sync /* AArch32, a guest's applications */
    LOWER entry_irq
    LOWER entry_fiq
    LOWER entry_serror
    .balign 128

    .macro ENTER number
    mov x1, #\number
    b   trap_general
    .endm

/* Synchronous exceptions and interrupts first try what running guests do most (quick.c): direct branches only, which
 * is why registers are not cleared for it. NULL: the general way. */
trap_entry_sync:
    stp x0, x1, [sp, #-16]!
    mrs x1, esr_el2
    lsr x1, x1, #26
    cmp x1, #EC_SVC64
    b.eq 2f
1:  SAVE
    bl  quick_sync /* (core) */
    cbnz x0, trap_restore
    ENTER TRAP_SYNC
2:  mov w1, #BH_RETURN_LABEL & 0xffff
    movk w1, #BH_RETURN_LABEL >> 16, lsl #16
    cmp x0, x1
    ldr x1, [sp, #8]
    ccmp x1, #BH_RESUME_ACTION, #0, eq
    b.ne 1b
    mrs x0, tpidr_el2
    ldrb w1, [x0, #CORE_RESIDENT]
    cbz w1, 1b /* there is nobody to go on: the manager, or a monitor that has started nothing */
    /* This answer ends the program: no register is kept but what carries it. */
    add sp, sp, #16
    bl  quick_return /* (core, x1 to x5) */
    b   trap_restore

trap_entry_irq:
    stp x0, x1, [sp, #-16]!
    SAVE
    bl  quick_irq /* (core) */
    cbnz x0, trap_restore
    ENTER TRAP_IRQ

trap_entry_fiq:
    stp x0, x1, [sp, #-16]!
    SAVE
    ENTER TRAP_FIQ

trap_entry_serror:
    stp x0, x1, [sp, #-16]!
    SAVE
    mov x1, #TRAP_SERROR

trap_general: /* (core, kind) */
    CLEAR
    bl  trap_enter /* decides what runs next */
    b   trap_leave

    .globl exit_to_frame
exit_to_frame: /* (core): the first exit of a core */
    ldr x1, [x0, #CORE_STACK]
    mov sp, x1
trap_leave:
    mrs x0, tpidr_el2
    ldr x0, [x0, #CORE_FRAME]
trap_restore:
    RESTORE
    eret
    /* No speculation past the exit. */
    dsb nsh
    isb
