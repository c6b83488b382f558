/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry from firmware or boot loader, on the boot core and later on every other: MMU off, any address. */
#include "layout.h"

    .section .head, "ax"
    /* arm64 Image header (Linux Documentation/arch/arm64/booting.rst) */
    b   boot_first
    .long 0
    .quad 0          /* text_offset */
    .quad image_size /* with BSS and pools; the packer adds the bundle */
    .quad 0xa        /* little endian, 4 KiB pages, anywhere in memory */
    .quad 0, 0, 0
    .ascii "ARM\x64"
    .long 0

boot_first:
    mov x20, x0 /* the tree */
    mrs x1, currentel
    cmp x1, #(2 << 2)
    b.ne boot_wrong_level
    msr spsel, #1
    msr daifset, #15
    bl  boot_quiet
    /* Lines that a boot loader left dirty over BSS, tables and stacks would later cover what is written there past the
     * caches: out with them, before the stack is used. */
    mrs x3, ctr_el0
    ubfx x3, x3, #16, #4 /* DminLine: log2 of words */
    mov x4, #4
    lsl x4, x4, x3
    adrp x1, bss_start
    adrp x2, image_end
1:  dc  civac, x1
    add x1, x1, x4
    cmp x1, x2
    b.lo 1b
    dsb sy
    /* The first C runs with the MMU off, on this core's own stack. */
    adrp x1, stacks_start + 4096 + STACK_SIZE
    mov sp, x1
    adrp x0, image_start
    bl  mmu_build
    mov x19, xzr /* core 0 */
    b   boot_tables

    .globl boot_next
boot_next: /* PSCI CPU_ON: x0 = index of the core */
    mov x19, x0
    msr spsel, #1
    msr daifset, #15
    bl  boot_quiet
boot_tables:
    adrp x0, boot_level0
    bl  boot_mmu_on
    /* On: go to the link address and leave the identity map behind. */
    ldr x1, =boot_high
    br  x1

/* EL2's own controls, as far as they decide how this code runs: reset values are unknown. */
boot_quiet:
    ldr x1, =0x30c50830 /* SCTLR_EL2.RES1: MMU, caches, alignment checks off */
    msr sctlr_el2, x1
    ldr x1, =0x80000000 /* HCR_EL2.RW alone: no E2H, no TGE */
    msr hcr_el2, x1
    isb /* in force for all that follows */
    ret

boot_wrong_level:
    wfe
    b boot_wrong_level

/* x0 = level 0 table. */
boot_mmu_on:
    ldr x1, =0xff04 /* MAIR: 0 Device-nGnRE, 1 Normal write-back */
    msr mair_el2, x1
    /* TCR_EL2: 48-bit addresses, 4 KiB, walks write-back Inner Shareable; PS from the core */
    ldr x1, =0x80803510
    mrs x2, id_aa64mmfr0_el1
    and x2, x2, #15
    mov x3, #5 /* 48 bits at the most: that is what the descriptors hold */
    cmp x2, x3
    csel x2, x2, x3, lo
    orr x1, x1, x2, lsl #16
    msr tcr_el2, x1
    msr ttbr0_el2, x0
    /* Nothing stale: neither translations nor instructions from before the image was written. */
    isb
    tlbi alle2
    ic  iallu
    dsb nsh
    isb
    ldr x1, =0x30cd183d /* RES1, M, C, I, SA, WXN */
    msr sctlr_el2, x1
    isb /* the next fetch goes through the tables */
    ret

    .text
boot_high:
    adrp x0, kernel_level0
    ldr x1, =image_start
    sub x0, x0, x1 /* virtual here: to physical by the offset that boot_offset keeps */
    adrp x2, boot_offset
    ldr x2, [x2, :lo12:boot_offset]
    add x0, x0, x2
    msr ttbr0_el2, x0
    isb /* before what the old table gave is dropped */
    tlbi alle2 /* the identity map is gone */
    dsb nsh
    isb
    adrp x0, vectors
    add x0, x0, :lo12:vectors
    msr vbar_el2, x0
    isb /* a fault from here on is reported */
    cbnz x19, 2f
    /* BSS, with the caches on; what was written before them lies elsewhere. */
    adrp x0, bss_start
    adrp x1, bss_end
1:  stp xzr, xzr, [x0], #16
    cmp x0, x1
    b.lo 1b
2:  /* This core's structure and stacks. */
    adrp x0, stacks_start
    mov x1, #STACK_STRIDE
    madd x0, x19, x1, x0
    add x0, x0, #4096
    add x1, x0, #STACK_SIZE /* top of the stack */
    add x2, x1, #4096
    add x2, x2, #4096 /* top of the emergency stack */
    mov sp, x1
    mov x3, x2
    mov x2, x1
    mov x1, x20
    mov x0, x19
    mov x29, xzr
    mov x30, xzr
    b   boot_main /* (index, tree, stack, emergency stack) */
