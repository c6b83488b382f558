/* SPDX-License-Identifier: BSD-2-Clause */
/* The manager's own book-keeping: free capability slots, and which slot holds which piece of the
 * root memory and of the root Irq. */
#ifndef CARVE_H
#define CARVE_H

#include "plan/ranges.h"

/* Learns the `count` root ranges from the kernel. */
void carve_init(uint64_t count);

/* Root range number `index` as it was at the start; false behind the last. */
bool carve_root(uint32_t index, struct range *range);

/* A slot of the manager's table that was never used. Beyond the table's end the kernel refuses it.
 */
uint64_t carve_slot(void);

/* Cuts one shared interrupt out of the root Irq; the same for it. */
int64_t carve_irq(uint32_t intid, uint64_t *slot);

/* Cuts the range (whole pages, all in one root range, not taken before) out of the root memory, as
 * RAM, as a device, or as RAM that nobody caches. Gives the slot or a status: BH_ERR_RANGE when no piece holds the range. */
int64_t carve_ram(uint64_t base, uint64_t size, uint64_t *slot);
int64_t carve_device(uint64_t base, uint64_t size, uint64_t *slot);
int64_t carve_uncached(uint64_t base, uint64_t size, uint64_t *slot);

/* The lowest address from `next` on that is as far from a multiple of `alignment` as `base` is. */
uint64_t carve_congruent(uint64_t next, uint64_t base, uint64_t alignment);

/* Maps a RAM capability, of the memory at `base`, into the manager's space as far from a 2 MiB
 * boundary as in physical memory, so that blocks can be used. */
int64_t carve_map_blocks(uint64_t slot, uint64_t base, uint64_t size, uint64_t rights, void **at);

/* Maps a RAM capability into the manager's space at an address of its choosing; consecutive calls
 * give consecutive addresses. */
int64_t carve_map(uint64_t slot, uint64_t size, uint64_t rights, void **at);

#endif
