/* SPDX-License-Identifier: BSD-2-Clause */
/* Stage 2: spaces of guests and EL0 programs. 4 KiB granule, levels 1 to 3, level 1 concatenated to
 * 40 bits. */
#include "stage2.h"
#include "arch.h"
#include "lib.h"
#include "pools.h"
#include "regs.h"
#include <bulkhead/cap.h>
#include <bulkhead/status.h>

enum {
    ENTRIES = 512,
    ROOT_ENTRIES = 2 * ENTRIES,
    SPACE_BITS = 40,
    SPACES = 1 + LIMIT_PARTITIONS * BH_SPACES
};

static uint64_t roots[SPACES][ROOT_ENTRIES] __attribute__((aligned(8192)));
static uint64_t tables[LIMIT_TABLES][ENTRIES] __attribute__((aligned(4096)));
static uint32_t tables_used;

_Static_assert(SPACES <= 256, "one VMID of eight bits for each space, never reused");

static uint32_t stage2_parange(void)
{
    uint32_t range = (uint32_t)(read_reg("id_aa64mmfr0_el1") & 15);

    return range > 5 ? 5 : range; /* 48 bits is what a 4 KiB descriptor holds */
}

uint64_t stage2_output_limit(void)
{
    static const uint8_t bits[] = {32, 36, 40, 42, 44, 48};

    return 1ull << bits[stage2_parange()];
}

uint64_t stage2_limit(void)
{
    uint64_t output = stage2_output_limit();

    return output < 1ull << SPACE_BITS ? output : 1ull << SPACE_BITS;
}

uint64_t stage2_vtcr(void)
{
    uint64_t bits = (uint64_t)__builtin_ctzll(stage2_limit());

    /* RES1, PS, walks write-back Inner Shareable, start at level 1, VMIDs of 8 bits. */
    return 1ull << 31 | (uint64_t)stage2_parange() << 16 | 3ull << 12 | 1ull << 10 | 1ull << 8 |
           1ull << 6 | (64 - bits);
}

void space_init(struct space *space, uint16_t index)
{
    space->root = mmu_physical(roots[index]);
    space->vttbr = space->root.raw | (index + 1ull) << 48;
}

/* The one place where a stage 2 descriptor is made. */
static uint64_t stage2_descriptor(paddr_t to, uint32_t level, uint8_t rights, uint8_t kind)
{
    static const uint16_t attributes[] = {
        [BH_KIND_RAM] = 15u << 2 | 3u << 8,     /* write-back, Inner Shareable */
        [BH_KIND_DEVICE] = 1u << 2,             /* nGnRE */
        [BH_KIND_UNCACHED] = 5u << 2 | 2u << 8, /* Non-cacheable, which is Outer Shareable */
    };
    uint64_t entry = to.raw | 1ull << 10 | (level == 3 ? 3 : 1); /* AF, page or block */

    entry |= attributes[kind];
    entry |= rights & BH_RIGHT_READ ? 1ull << 6 : 0;
    entry |= rights & BH_RIGHT_WRITE ? 1ull << 7 : 0;
    entry |= rights & BH_RIGHT_EXEC ? 0 : 1ull << 54;
    return entry;
}

static uint32_t stage2_shift(uint32_t level)
{
    return 39 - 9 * level;
}

/* Level of the largest block that fits at this point. */
static uint32_t stage2_level(uint64_t at, uint64_t from, uint64_t size)
{
    uint32_t level = 1;

    while (level < 3 && ((at | from) & ((1ull << stage2_shift(level)) - 1) ||
                         size < 1ull << stage2_shift(level)))
        level++;
    return level;
}

static uint64_t *stage2_entry(uint64_t *table, uint64_t at, uint32_t level)
{
    return &table[at >> stage2_shift(level) & (level == 1 ? ROOT_ENTRIES - 1 : ENTRIES - 1)];
}

static uint64_t *stage2_next(uint64_t entry)
{
    return mmu_pointer(pa(entry & 0xfffffffff000));
}

int64_t space_map_decode(const struct space *space, ipa_t at, paddr_t from, uint64_t size)
{
    uint64_t limit = stage2_limit();
    uint64_t needed = 0;
    uint64_t step;

    if ((at.raw | from.raw | size) & PAGE_MASK)
        return BH_ERR_ALIGN;
    if (!size || at.raw >= limit || size > limit - at.raw)
        return BH_ERR_RANGE;
    for (uint64_t done = 0; done < size; done += step) {
        uint64_t here = at.raw + done;
        uint32_t level = stage2_level(here, from.raw + done, size - done);
        uint64_t *table = mmu_pointer(space->root);
        uint32_t l = 1;

        step = 1ull << stage2_shift(level);
        for (; l < level && *stage2_entry(table, here, l) & 2; l++)
            table = stage2_next(*stage2_entry(table, here, l));
        /* Something is there: a block, a page, or a table below what should become a block. */
        if (*stage2_entry(table, here, l))
            return BH_ERR_TAKEN;
        /* Missing tables count once: at the first step, or where their range begins. */
        for (; l < level; l++)
            needed += !done || !(here & ((1ull << stage2_shift(l)) - 1));
        if (needed > LIMIT_TABLES - tables_used)
            return BH_ERR_POOL; /* at once: a huge range must not take for ever */
    }
    return BH_OK;
}

void space_map_commit(const struct space *space, ipa_t at, paddr_t from, uint64_t size,
                      uint8_t rights, uint8_t kind)
{
    uint64_t step;

    for (uint64_t done = 0; done < size; done += step) {
        uint64_t here = at.raw + done;
        uint32_t level = stage2_level(here, from.raw + done, size - done);
        uint64_t *table = mmu_pointer(space->root);

        step = 1ull << stage2_shift(level);
        for (uint32_t l = 1; l < level; l++) {
            uint64_t *entry = stage2_entry(table, here, l);

            if (!*entry) {
                CHECK(tables_used < LIMIT_TABLES);
                *entry = mmu_physical(tables[tables_used++]).raw | 3;
            }
            table = stage2_next(*entry);
        }
        *stage2_entry(table, here, level) =
            stage2_descriptor(pa(from.raw + done), level, rights, kind);
    }
    /* Invalid entries became valid, no TLB holds them: walkers only have to see them before they
     * are used. */
    dsb(ishst);
    isb();
}

void space_destroy(const struct space *space)
{
    uint64_t *root = mmu_pointer(space->root);
    uint64_t current = read_reg("vttbr_el2");

    for (uint32_t i = 0; i < ROOT_ENTRIES; i++)
        for (uint32_t j = 0; root[i] & 2 && j < ENTRIES; j++) {
            uint64_t *entry = &stage2_next(root[i])[j];

            if (*entry & 2)
                memset(stage2_next(*entry), 0, PAGE_SIZE);
            *entry = 0;
        }
    memset(root, 0, sizeof(roots[0]));
    write_reg("vttbr_el2", space->vttbr);
    isb();              /* the invalidation is for the VMID in VTTBR_EL2 */
    dsb(ishst);         /* emptied tables before the invalidation */
    tlbi(vmalls12e1is); /* on all cores, both stages */
    dsb(ish);           /* all have forgotten */
    write_reg("vttbr_el2", current);
    isb(); /* the caller's space again, for whatever comes next */
}
