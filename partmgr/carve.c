/* SPDX-License-Identifier: BSD-2-Clause */
/* The manager's own book-keeping of slots, root memory, interrupts and its own addresses. */
#include "carve.h"
#include "plan/plan.h"
#include "pools.h"
#include <bulkhead/invoke.h>

#define CARVE_ROOTS  64u
#define CARVE_PIECES LIMIT_MANAGER_SLOTS /* each has a slot of its own */
#define CARVE_LINES  320u            /* pieces of interrupts: one more with each that is taken */
#define CARVE_WINDOW 0x1000000000ull /* the manager's own addresses for what it maps */

struct carve_piece {
    struct range range;
    uint64_t slot;
};

_Static_assert(CARVE_LINES > PLAN_DEVICES * PLAN_DEVICE_LINES + 2, "each leaves a piece above it");

static struct range carve_roots[CARVE_ROOTS];
static uint32_t carve_root_count;
static struct carve_piece carve_pieces[CARVE_PIECES]; /* untyped, in the slots that they lie in */
static uint32_t carve_count;
static struct carve_piece carve_lines[CARVE_LINES]; /* of the root Irq: by INTID */
static uint32_t carve_line_count;
static uint64_t carve_next_slot;
static uint64_t carve_next_address = CARVE_WINDOW;

static void carve_init_lines(void)
{
    struct bh_result result = bh_svc(BH_CAP_INSPECT, BH_ROOT_IRQ, 0, 0, 0, 0, 0, 0);

    if (result.status == BH_OK && result.value[2])
        carve_lines[carve_line_count++] =
            (struct carve_piece){{result.value[1], result.value[2]}, BH_ROOT_IRQ};
}

void carve_init(uint64_t count)
{
    carve_init_lines();
    carve_next_slot = BH_ROOT_MEMORY + count;
    for (uint64_t i = 0; i < count && i < CARVE_ROOTS; i++) {
        struct bh_result result = bh_svc(BH_CAP_INSPECT, BH_ROOT_MEMORY + i, 0, 0, 0, 0, 0, 0);
        struct range range = {result.value[1], result.value[2]};

        if (result.status != BH_OK || (result.value[0] & 0xff) != BH_TYPE_MEMORY || !range.size)
            continue;
        carve_roots[carve_root_count++] = range;
        carve_pieces[carve_count++] = (struct carve_piece){range, BH_ROOT_MEMORY + i};
    }
}

bool carve_root(uint32_t index, struct range *range)
{
    if (index >= carve_root_count)
        return false;
    *range = carve_roots[index];
    return true;
}

uint64_t carve_slot(void)
{
    return carve_next_slot++;
}

/* Cuts a piece of interrupts in two; the upper part is the last one then. */
static int64_t carve_split_lines(uint32_t index, uint64_t count)
{
    struct carve_piece *lower = &carve_lines[index];
    struct carve_piece *upper = &carve_lines[carve_line_count];
    int64_t status;

    if (carve_line_count == CARVE_LINES)
        return BH_ERR_POOL;
    upper->slot = carve_slot();
    status = bh_svc(BH_IRQ_SPLIT, lower->slot, upper->slot, count, 0, 0, 0, 0).status;
    if (status < 0)
        return status;
    upper->range = (struct range){lower->range.base + count, lower->range.size - count};
    lower->range.size = count;
    carve_line_count++;
    return BH_OK;
}

int64_t carve_irq(uint32_t intid, uint64_t *slot)
{
    uint32_t index = 0;
    int64_t status = BH_OK;

    while (index < carve_line_count &&
           intid - carve_lines[index].range.base >= carve_lines[index].range.size)
        index++;
    if (index == carve_line_count)
        return BH_ERR_RANGE;
    if (intid > carve_lines[index].range.base) {
        status = carve_split_lines(index, intid - carve_lines[index].range.base);
        index = carve_line_count - 1;
    }
    if (status >= 0 && carve_lines[index].range.size > 1)
        status = carve_split_lines(index, 1);
    if (status < 0)
        return status;
    *slot = carve_lines[index].slot;
    carve_lines[index] = carve_lines[--carve_line_count];
    return BH_OK;
}

/* Splits the piece at the offset; the upper part becomes a piece of its own, whose index is the
 * count before. */
static int64_t carve_split(uint32_t index, uint64_t offset)
{
    struct carve_piece *lower = &carve_pieces[index];
    struct carve_piece *upper = &carve_pieces[carve_count];
    int64_t status;

    if (carve_count == CARVE_PIECES)
        return BH_ERR_POOL;
    upper->slot = carve_slot();
    status = bh_svc(BH_MEMORY_SPLIT, lower->slot, upper->slot, offset, 0, 0, 0, 0).status;
    if (status < 0)
        return status;
    upper->range.base = lower->range.base + offset;
    upper->range.size = lower->range.size - offset;
    lower->range.size = offset;
    carve_count++;
    return BH_OK;
}

static int64_t carve_take(uint64_t base, uint64_t size, enum bh_kind kind, uint64_t *slot)
{
    uint32_t index = 0;
    int64_t status = BH_OK;

    while (index < carve_count) {
        const struct range *range = &carve_pieces[index].range;

        if (base >= range->base && size <= range->size && base - range->base <= range->size - size)
            break;
        index++;
    }
    if (index == carve_count || !size)
        return BH_ERR_RANGE;
    if (base > carve_pieces[index].range.base) {
        status = carve_split(index, base - carve_pieces[index].range.base);
        index = carve_count - 1;
    }
    if (status >= 0 && size < carve_pieces[index].range.size)
        status = carve_split(index, size);
    if (status < 0)
        return status;
    *slot = carve_pieces[index].slot;
    carve_pieces[index] = carve_pieces[--carve_count];
    /* Onto itself at offset 0: only gives the kind. */
    return bh_svc(BH_MEMORY_SPLIT, *slot, *slot, 0, kind, 0, 0, 0).status;
}

int64_t carve_ram(uint64_t base, uint64_t size, uint64_t *slot)
{
    return carve_take(base, size, BH_KIND_RAM, slot);
}

int64_t carve_device(uint64_t base, uint64_t size, uint64_t *slot)
{
    return carve_take(base, size, BH_KIND_DEVICE, slot);
}

int64_t carve_uncached(uint64_t base, uint64_t size, uint64_t *slot)
{
    return carve_take(base, size, BH_KIND_UNCACHED, slot);
}

int64_t carve_map(uint64_t slot, uint64_t size, uint64_t rights, void **at)
{
    int64_t status =
        bh_svc(BH_MEMORY_MAP, slot, BH_ROOT_SELF, BH_SPACE_RUN, carve_next_address, rights, 0, 0)
            .status;

    *at = (void *)carve_next_address;
    if (status >= 0)
        carve_next_address += size;
    return status;
}

uint64_t carve_congruent(uint64_t next, uint64_t base, uint64_t alignment)
{
    uint64_t address = align_down(next, alignment) + base % alignment;

    return address < next ? address + alignment : address;
}

int64_t carve_map_blocks(uint64_t slot, uint64_t base, uint64_t size, uint64_t rights, void **at)
{
    carve_next_address = carve_congruent(carve_next_address, base, BLOCK_SIZE);
    return carve_map(slot, size, rights, at);
}
