/* SPDX-License-Identifier: BSD-2-Clause */
/* What the guest of a partition that controls others has: a page of registers, and capabilities.
 *
 * Both allow the same. The page is for user space without a driver; its monitor turns each access
 * into a call with a capability of the partition's own, so that no value written to it can reach
 * beyond them. A guest at EL1 may make these calls itself, by HVC (bulkhead/invoke.h):
 * BH_PARTITION_STATE, BH_PARTITION_FAILURE, BH_PARTITION_EXITS and BH_PARTITION_CONTROL on slot
 * BH_MON_TARGET + n, BH_CONTROL_RESET on BH_MON_PLATFORM. Page, slots and names stand in the
 * guest's device tree, in the node that is compatible to "bulkhead,control-1".
 *
 * Registers have 64 bits and are accessed whole, or by aligned halves, the lower one first in
 * memory. All else reads as zero and ignores writes. Reading changes nothing. */
#ifndef BULKHEAD_CONTROL_H
#define BULKHEAD_CONTROL_H

#include <stdint.h>

#define BH_CTL_COMPATIBLE "bulkhead,control-1"
#define BH_CTL_SIZE       0x1000u
#define BH_CTL_TARGETS    15u                   /* partitions that one can control */
#define BH_CTL_MAGIC      0x314c544344484b42ull /* "BKHDCTL1" */
#define BH_CTL_RESET_KEY  0x74657372ull         /* what RESET wants to be written */

enum bh_ctl_register {
    BH_CTL_ID = 0x00,        /* BH_CTL_MAGIC */
    BH_CTL_COUNT = 0x08,     /* partitions that are controlled */
    BH_CTL_FREQUENCY = 0x10, /* of the count, in Hz */
    BH_CTL_NOW = 0x18,       /* the physical count: what failures are dated by */
    BH_CTL_RESET = 0x20,     /* write BH_CTL_RESET_KEY: resets the platform, if that was granted */

    /* Partition n has these at BH_CTL_TARGET(n). */
    BH_CTL_STATE = 0x00, /* enum bh_partition_state | enum bh_stop_reason of the last stop << 8 */
    BH_CTL_LIVES = 0x08, /* its failures, ever | times that it began anew << 32 */
    /* Write: enum bh_partition_do | a tag of your choice << 32. Read: the status of the last
     * command (enum bh_status, its lower 32 bits) | its tag << 32. */
    BH_CTL_COMMAND = 0x10,
    BH_CTL_UPCALLS = 0x18, /* exits of all its vCPUs, ever: to its monitor */
    BH_CTL_INTERRUPTS = 0x20,
    BH_CTL_TRAPS = 0x28, /* answered by the kernel */

    /* Failure k, 0 the last, has these at BH_CTL_FAILURE(n, k). All are zero when there was none.
     */
    BH_CTL_REASON = 0x00, /* enum bh_stop_reason | vCPU << 8 */
    BH_CTL_PC = 0x08,
    BH_CTL_TIME = 0x10, /* physical count */
    BH_CTL_SYNDROME = 0x18,
    BH_CTL_ADDRESS = 0x20,
};

#define BH_CTL_TARGET(n)     (0x100u * ((uint32_t)(n) + 1))
#define BH_CTL_FAILURE(n, k) (BH_CTL_TARGET(n) + 0x40u + 0x30u * (uint32_t)(k))

#endif
