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

    .macro SLOT offset /* of a vector; what stands before it must leave room: .org does not go back */
    .org vectors + \offset
    .endm

    .macro FATAL /* from EL2 itself: the stack cannot be trusted, nothing comes back */
    mrs x0, tpidr_el2
    ldr x0, [x0, #CORE_EMERGENCY]
    mov sp, x0
    b   trap_fatal
    .endm

    .macro ENTER number
    mov x1, #\number
    b   trap_general
    .endm

/* A vector has room for 32 instructions. From below it is the entry itself; what follows an entry stands behind short
 * vectors. The quick ways (quick.c) come first, by direct branches only, which is why registers are not cleared for
 * them. NULL: the general way. */
    .text
    .balign 2048
    .globl vectors
vectors:
    /* Current level, with SP_EL0, which the kernel never uses, and with its own. */
    .irp offset, 0x000, 0x080, 0x100, 0x180, 0x200, 0x280, 0x300, 0x380
    SLOT \offset
    FATAL
    .endr
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

    SLOT 0x400 /* AArch64 */
trap_entry_sync:
    stp x0, x1, [sp, #-16]!
    mrs x1, esr_el2
    lsr x1, x1, #26
    cmp x1, #EC_SVC64
    b.eq trap_answer
trap_save:
    SAVE
    bl  quick_sync /* (core) */
    cbnz x0, trap_restore
    b   trap_sync

    SLOT 0x480
trap_entry_irq:
    stp x0, x1, [sp, #-16]!
    SAVE
    bl  quick_irq /* (core) */
    cbnz x0, trap_restore
    ENTER TRAP_IRQ

    SLOT 0x500
trap_entry_fiq:
    stp x0, x1, [sp, #-16]!
    SAVE
    ENTER TRAP_FIQ

    SLOT 0x580
trap_entry_serror:
    stp x0, x1, [sp, #-16]!
    SAVE
    ENTER TRAP_SERROR

    SLOT 0x600 /* AArch32 at EL1, which no guest has: those of its applications enter above */
trap_entry_32:
    b   trap_entry_sync
trap_answer: /* The answer that most upcalls end with: all but that goes the general way. */
    mov w1, #BH_RETURN_LABEL & 0xffff
    movk w1, #BH_RETURN_LABEL >> 16, lsl #16
    cmp x0, x1
    ldr x1, [sp, #8]
    ccmp x1, #BH_RESUME_ACTION, #0, eq
    b.ne trap_save
    mrs x0, tpidr_el2
    ldrb w1, [x0, #CORE_QUICK]
    cbz w1, trap_save /* no guest goes on: the manager, a service, a monitor whose vCPU is off */
    /* It ends the program: no register is kept but what carries it. */
    add sp, sp, #16
    bl  quick_return /* (core, x1 to x5) */
    b   trap_restore
trap_sync:
    ENTER TRAP_SYNC

    SLOT 0x680
    b   trap_entry_irq
trap_general: /* (core, kind) */
    /* Out with what a guest or a program controls, before C could speculate on it; x30 is the call's. */
    .irp n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
    mov x\n, xzr
    .endr
    mrs x0, tpidr_el2
    bl  trap_enter /* decides what runs next */
    b   trap_leave

    SLOT 0x700
    b   trap_entry_fiq
    SLOT 0x780
    b   trap_entry_serror
