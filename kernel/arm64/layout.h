/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers that C and assembly share; C proves them in cpu.c. */
#ifndef LAYOUT_H
#define LAYOUT_H

#define KERNEL_BASE   0x800000000000
#define KERNEL_TABLES 4 /* level 3 tables for the image: 2 MiB each */
#define DEVICE_BASE   (KERNEL_BASE + 0x40000000)
#define DEVICE_STRIDE 0x10000 /* from one device to the next; the last may be larger */

#define CORE_FRAME     0
#define CORE_STACK     8
#define CORE_EMERGENCY 16
#define CORE_QUICK     321

#define FRAME_SP     248
#define FRAME_PC     256
#define FRAME_PSTATE 264

#define STACK_SIZE                                                                                 \
    8192 /* of one core; a guard page below, then the emergency stack and its guard */
#define STACK_STRIDE (4096 + STACK_SIZE + 4096 + 4096)

/* ESR_EL2.EC that assembly looks at, and the label and action that end most upcalls
 * (bulkhead/call.h, bulkhead/upcall.h). */
#define EC_SVC64         0x15
#define BH_RETURN_LABEL  0xc60000ff
#define BH_RESUME_ACTION 0

/* What the vectors hand to C. */
#define TRAP_SYNC   0
#define TRAP_IRQ    1
#define TRAP_FIQ    2
#define TRAP_SERROR 3

#endif
