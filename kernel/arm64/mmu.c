/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's own stage 1: its image by pages, its devices, nothing else. Writable is never
 * executable. */
#include "arch.h"
#include "core.h"
#include "layout.h"
#include "lib.h"
#include "manager.h"
#include "platform.h"
#include "regs.h"

#define PTE_TABLE    3ull
#define PTE_PAGE     3ull
#define PTE_BLOCK    1ull
#define PTE_NORMAL   (1ull << 2 | 3ull << 8) /* attribute 1, Inner Shareable */
#define PTE_DEVICE   (0ull << 2)
#define PTE_RES1     (1ull << 6) /* AP[1]: one privilege level */
#define PTE_READONLY (1ull << 7)
#define PTE_AF       (1ull << 10)
#define PTE_XN       (1ull << 54)
#define PTE_RX       (PTE_PAGE | PTE_NORMAL | PTE_RES1 | PTE_READONLY | PTE_AF)
#define PTE_RO       (PTE_RX | PTE_XN)
#define PTE_RW       (PTE_PAGE | PTE_NORMAL | PTE_RES1 | PTE_AF | PTE_XN)
#define PTE_MMIO     (PTE_PAGE | PTE_DEVICE | PTE_RES1 | PTE_AF | PTE_XN)

enum { ENTRIES = 512 };

#define BOOT_TABLES __attribute__((aligned(4096), section(".boot_tables")))

typedef uint64_t table[ENTRIES];

extern char tables_start[], text_end[], rodata_end[], stacks_start[], stacks_end[];

/* boot_level0 maps the first 2 MiB of the image one to one as well, for the moment when a core's
 * MMU goes on. */
BOOT_TABLES table boot_level0, kernel_level0;
static BOOT_TABLES table boot_level1, boot_level2;
static BOOT_TABLES table kernel_level1, kernel_level2, device_level2, device_level3;
static BOOT_TABLES table kernel_level3[KERNEL_TABLES];
static char stacks[LIMIT_CORES][STACK_STRIDE]
    __attribute__((aligned(4096), section(".stacks"), used));

/* Physical address of the image. Not in BSS: written before that is cleared. */
uint64_t boot_offset __attribute__((section(".boot_tables")));

static uint64_t mmu_page_rights(const char *at)
{
    uint64_t in_stack = (uint64_t)(at - stacks_start) % STACK_STRIDE;

    if (at < text_end)
        return PTE_RX;
    if (at < rodata_end)
        return PTE_RO;
    /* Guard pages below each stack and each emergency stack. */
    if (at >= stacks_start && at < stacks_end && (!in_stack || in_stack == 4096 + STACK_SIZE))
        return 0;
    return PTE_RW;
}

static void mmu_clean_lines(const char *from, const char *to)
{
    uint64_t line = 4ull << (read_reg("ctr_el0") >> 16 & 15); /* CTR_EL0.DminLine */

    for (uintptr_t at = (uintptr_t)from & ~(line - 1); at < (uintptr_t)to; at += line)
        dc_civac(at);
    dsb(sy); /* done before anything that relies on it */
}

/* Runs with the MMU off at whatever address the image was loaded: addresses of objects are physical
 * here, and memory is Device, so no exclusives and nothing unaligned. */
void mmu_build(uint64_t load)
{
    static const struct {
        uint32_t base, pages;
    } devices[] = {PLATFORM_DEVICES};
    char *image = image_start;
    const uint64_t size = (uint64_t)(image_end - image_start);
    char *tables = tables_start;

    for (uint64_t i = 0; i < (uint64_t)(stacks_start - tables) / 8; i++)
        ((volatile uint64_t *)tables)[i] = 0;
    boot_offset = load;
    boot_level0[load >> 39] = (uint64_t)boot_level1 | PTE_TABLE;
    boot_level1[load >> 30 & 511] = (uint64_t)boot_level2 | PTE_TABLE;
    boot_level2[load >> 21 & 511] = load | (PTE_RX & ~PTE_PAGE) | PTE_BLOCK;
    boot_level0[KERNEL_BASE >> 39] = (uint64_t)kernel_level1 | PTE_TABLE;
    kernel_level0[KERNEL_BASE >> 39] = (uint64_t)kernel_level1 | PTE_TABLE;
    kernel_level1[0] = (uint64_t)kernel_level2 | PTE_TABLE;
    kernel_level1[1] = (uint64_t)device_level2 | PTE_TABLE;
    device_level2[0] = (uint64_t)device_level3 | PTE_TABLE;
    for (uint64_t i = 0; i < KERNEL_TABLES; i++)
        kernel_level2[i] = (uint64_t)kernel_level3[i] | PTE_TABLE;
    for (uint64_t at = 0; at < size; at += PAGE_SIZE) {
        uint64_t rights = mmu_page_rights(image + at);

        kernel_level3[at >> 21][at >> 12 & 511] = rights ? (load + at) | rights : 0;
    }
    for (uint64_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
        for (uint64_t page = 0; page < devices[i].pages; page++)
            device_level3[DEVICE_STRIDE / PAGE_SIZE * i + page] =
                (devices[i].base + PAGE_SIZE * page) | PTE_MMIO;
    /* What was speculated into the caches meanwhile is older than what memory holds now: clean
     * lines, dropped. */
    mmu_clean_lines(tables, stacks_start);
}

paddr_t mmu_physical(const void *kernel)
{
    return pa((uintptr_t)kernel - KERNEL_BASE + boot_offset);
}

void *mmu_pointer(paddr_t physical)
{
    return (void *)(physical.raw - boot_offset + KERNEL_BASE);
}

void mmu_forget(const void *start, const void *end)
{
    for (uintptr_t at = (uintptr_t)start - KERNEL_BASE; at < (uintptr_t)end - KERNEL_BASE;
         at += PAGE_SIZE)
        kernel_level3[at >> 21][at >> 12 & 511] = 0;
    dsb(ishst);    /* the tables are changed for every walker */
    tlbi(alle2is); /* and no core remembers how they were */
    dsb(ish);      /* all have forgotten */
    isb();         /* nothing fetched or translated before is used behind this */
}

void cache_clean(const void *start, size_t size)
{
    mmu_clean_lines(start, (const char *)start + size);
}
