/* SPDX-License-Identifier: BSD-2-Clause */
/* Doorbells: the event channels of a partition, as its guest finds them.
 *
 * The guest's device tree has one node that is compatible to BH_DOORBELL_COMPATIBLE, with a child
 * for each channel: its number n, the peer's name, and how its own rings arrive, by an interrupt or
 * by a line of a PL061. A guest at EL1 rings by HVC (bulkhead/invoke.h): BH_EVENT_SIGNAL on slot
 * BH_MON_DOORBELL + n. The node's page is for user space without a driver: a 32-bit store of any
 * value to BH_DOORBELL_RING(n) rings, a 32-bit load from there gives 1 where there is a channel n.
 * All else reads as zero and ignores writes. Both ways do the same.
 *
 * A ring carries no value. Rings that come while one is pending already are one. */
#ifndef BULKHEAD_DOORBELL_H
#define BULKHEAD_DOORBELL_H

#define BH_DOORBELL_COMPATIBLE "bulkhead,doorbell-v1"
#define BH_DOORBELL_SIZE       0x1000u
#define BH_DOORBELLS           15u /* that a partition can have */
#define BH_DOORBELL_RING(n)    (4u * (unsigned)(n))
#define BH_DOORBELL_LINES      8u /* of the PL061 that a partition may have for rings */

#endif
