/* SPDX-License-Identifier: BSD-2-Clause */
/* Start-up of EL0 programs. Two kinds, one file: the manager is started once with its RAM in place; a monitor is
 * entered for every upcall, and rebuilds its RAM from read-only initialisers when the upcall says "load". */

    .section .header, "a"
    .globl program_header
program_header: /* struct bh_program */
    .quad 0x31474f5250484b42
    .quad program_base
    .quad _start
    .quad program_text_size
    .quad program_rodata_size
    .quad program_ram_base
    .quad program_ram_size
    .quad program_stack_base
    .quad program_stack_size

    .section .text.start, "ax"
#ifdef BH_MONITOR
    /* x0 = kind, x1.. = what the kernel passes: kept for monitor_upcall(). */
    .globl _start
    .type _start, %function
_start:
    bti c
    cbnz x0, 4f /* BH_UPCALL_LOAD is 0: nothing else rebuilds the RAM */
    adrp x10, program_data_start
    add x10, x10, :lo12:program_data_start
    adrp x11, program_data_end
    add x11, x11, :lo12:program_data_end
    adrp x12, program_data_image
    add x12, x12, :lo12:program_data_image
1:  cmp x10, x11
    b.hs 2f
    ldr x13, [x12], #8
    str x13, [x10], #8
    b 1b
2:  adrp x11, program_bss_end
    add x11, x11, :lo12:program_bss_end
3:  cmp x10, x11
    b.hs 4f
    str xzr, [x10], #8
    b 3b
4:  mov x29, xzr
    mov x30, xzr
    bl monitor_upcall /* (x0 to x7): what a program wants of x8 and x9 it saves before */
    brk #1 /* it must have returned by BH_RETURN */
    .size _start, . - _start
#else
    .globl _start
    .type _start, %function
_start:
    bti c
    mov x29, xzr
    mov x30, xzr
    bl manager_main
    brk #1 /* the seal does not return, an error ends in a halt */
    .size _start, . - _start
#endif
