/* SPDX-License-Identifier: BSD-2-Clause */
/* Sizes of the kernel's fixed pools. Nothing grows at run time; exhaustion is BH_ERR_POOL. */
#ifndef POOLS_H
#define POOLS_H

#define LIMIT_CORES           8u
#define LIMIT_PARTITIONS      16u  /* without the manager */
#define LIMIT_VCPUS           16u  /* of all partitions: a guest's and a service's on each core */
#define LIMIT_EVENTS          80u  /* the console's, and one for each end of a channel */
#define LIMIT_TABLES          256u /* 4 KiB stage 2 tables below the roots */
#define LIMIT_MANAGER_SLOTS   512u /* power of two: indexes are masked */
#define LIMIT_PARTITION_SLOTS 64u  /* power of two */
#define LIMIT_SPI_BANKS       30u  /* 32 shared virtual interrupts each: INTIDs 32 to 991 */
#define LIMIT_LINE            192u /* characters of a console line collected before it is cut */

#endif
