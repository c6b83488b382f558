/* SPDX-License-Identifier: BSD-2-Clause */
/* Upcalls: how the kernel enters a monitor, and how the monitor answers.
 *
 * The kernel enters the monitor's entry point on the vCPU's own core, at the top of that vCPU's
 * stack: x0 = kind, x1 = vCPU index, x2.. as below; what other registers
 * hold means nothing (of the manager there is nothing in them). The monitor runs to completion
 * and answers with BH_RETURN: x1 = action, x2..x5 values. Nothing of it is kept between upcalls but
 * its memory. */
#ifndef BULKHEAD_UPCALL_H
#define BULKHEAD_UPCALL_H

enum bh_upcall {
    /* Load the partition, in BH_SPACE_LOAD. Answer START (x2 = pc, x3 = x0 of vCPU 0) or STOP. */
    BH_UPCALL_LOAD = 0,
    /* A guest load from an address that is not mapped: x2 = guest physical address, x3 = bytes (1,
     * 2, 4, 8). Answer RESUME with x2 = the value, ABORT or STOP. */
    BH_UPCALL_MMIO_READ = 1,
    /* A guest store: x2 = address, x3 = bytes, x4 = value. Answer RESUME, ABORT or
     * STOP. */
    BH_UPCALL_MMIO_WRITE = 2,
    /* A guest's HVC or SMC outside the capability labels: x2..x8 = the guest's x0..x6, x9 = 1 for
     * SMC. Answer RESUME with x2..x5 = the guest's new x0..x3, OFF, STOP or SUSPEND. */
    BH_UPCALL_CALL = 3,
    /* The vCPU's Timer has run out. Answer RESUME or STOP. */
    BH_UPCALL_TIMER = 4,
    /* Badges have been set (BH_EVENT_UPCALL), on the core of vCPU 0, whether that is on or off: x1
     * = the set, which is clear again. Answer RESUME: physical interrupts among them may come
     * again. Or STOP. */
    BH_UPCALL_EVENT = 5,
};

enum bh_action {
    BH_DO_RESUME = 0, /* go on behind the instruction that trapped (or where the timer struck) */
    BH_DO_ABORT = 1,  /* the access is an external abort in the guest */
    BH_DO_OFF = 2,    /* this vCPU is off until it is started */
    /* The partition stops: x2 = enum bh_stop_reason (OFF, RESET, LOAD, CRASH, EXIT or WATCHDOG); of
     * the last three x3 and x4 are syndrome and address for the record (EXIT: the syndrome is the
     * access's). */
    BH_DO_STOP = 3,
    BH_DO_START = 4, /* answer to LOAD only */
    /* This vCPU stays on and waits on its core until an interrupt that is enabled is pending for
     * it, whatever it masks. x4 = 0: it goes on with x0 = x3. x4 = 1: it begins anew at x2 with x0
     * = x3; its timers and its interrupts are what they were, its CPU interface is reset. */
    BH_DO_SUSPEND = 5,
};

#endif
