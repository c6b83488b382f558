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
static struct carve_piece carve_lines[CARVE_LINES];

/* What nobody has been given, and the call that cuts a piece of it in two. */
struct carve_list {
    struct carve_piece *piece;
    uint32_t count;
    uint32_t limit;
    enum bh_label split;
};

static struct carve_list carve_memory = {carve_pieces, 0, CARVE_PIECES, BH_MEMORY_SPLIT};
static struct carve_list carve_irqs = {carve_lines, 0, CARVE_LINES, BH_IRQ_SPLIT}; /* by INTID */
static uint64_t carve_next_slot;
static uint64_t carve_next_address = CARVE_WINDOW;

static void carve_init_lines(void)
{
    struct bh_result result = bh_svc(BH_CAP_INSPECT, BH_ROOT_IRQ, 0, 0, 0, 0, 0, 0);

    if (result.status == BH_OK && result.value[2])
        carve_lines[carve_irqs.count++] =
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
        carve_pieces[carve_memory.count++] = (struct carve_piece){range, BH_ROOT_MEMORY + i};
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

/* Splits the piece at the offset; the upper part becomes the last piece. */
static int64_t carve_split(struct carve_list *list, uint32_t index, uint64_t offset)
{
    struct carve_piece *lower = &list->piece[index];
    struct carve_piece *upper = &list->piece[list->count];
    int64_t status;

    if (list->count == list->limit)
        return BH_ERR_POOL;
    upper->slot = carve_slot();
    status = bh_svc(list->split, lower->slot, upper->slot, offset, 0, 0, 0, 0).status;
    if (status < 0)
        return status;
    upper->range = (struct range){lower->range.base + offset, lower->range.size - offset};
    lower->range.size = offset;
    list->count++;
    return BH_OK;
}

/* Cuts the range out of the piece that it is in, and off the list. */
static int64_t carve_cut(struct carve_list *list, uint64_t base, uint64_t size, uint64_t *slot)
{
    uint32_t index = 0;
    int64_t status = BH_OK;

    while (index < list->count) {
        const struct range *range = &list->piece[index].range;

        if (base >= range->base && size <= range->size && base - range->base <= range->size - size)
            break;
        index++;
    }
    if (index == list->count || !size)
        return BH_ERR_RANGE;
    if (base > list->piece[index].range.base) {
        status = carve_split(list, index, base - list->piece[index].range.base);
        index = list->count - 1;
    }
    if (status >= 0 && size < list->piece[index].range.size)
        status = carve_split(list, index, size);
    if (status < 0)
        return status;
    *slot = list->piece[index].slot;
    list->piece[index] = list->piece[--list->count];
    return BH_OK;
}

int64_t carve_irq(uint32_t intid, uint64_t *slot)
{
    return carve_cut(&carve_irqs, intid, 1, slot);
}

static int64_t carve_take(uint64_t base, uint64_t size, enum bh_kind kind, uint64_t *slot)
{
    int64_t status = carve_cut(&carve_memory, base, size, slot);

    /* Onto itself at offset 0: only gives the kind. */
    return status < 0 ? status : bh_svc(BH_MEMORY_SPLIT, *slot, *slot, 0, kind, 0, 0, 0).status;
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
