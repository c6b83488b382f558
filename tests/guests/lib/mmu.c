/* SPDX-License-Identifier: BSD-2-Clause */
/* Stage 1: a flat map of the first GiB as Device and of the second as Normal memory, and what tests
 * ask for beside it. 39 bits of address, level 1 first, granule 4 KiB. Each core switches its own
 * MMU on; the table is one. */
#include "guest.h"

enum { ATTR_DEVICE = 0, ATTR_NORMAL = 1, ATTR_UNCACHED = 2 };

static uint64_t mmu_level1[512] __attribute__((aligned(4096)));

void mmu_set(unsigned gib, uint64_t descriptor)
{
    mmu_level1[gib] = descriptor;
    dsb();
    __asm__ volatile("tlbi vmalle1is\n dsb ish\n isb" ::: "memory");
}

void mmu_on(uint64_t sctlr)
{
    mmu_level1[0] = MMU_DEVICE;
    mmu_level1[1] = RAM | MMU_NORMAL;
    write_sysreg(mair_el1, 0x44ff00); /* nGnRnE, write-back, not cacheable */
    /* T0SZ, T1SZ 25; write-back, Inner Shareable walks; 40 bits */
    write_sysreg(tcr_el1, 25ul | 25ul << 16 | 5ul << 8 | 3ul << 12 | 5ul << 24 | 3ul << 28 |
                              2ul << 30 | 2ul << 32);
    write_sysreg(ttbr0_el1, (uint64_t)(uintptr_t)mmu_level1);
    write_sysreg(ttbr1_el1, (uint64_t)(uintptr_t)mmu_level1);
    dsb();
    __asm__ volatile("tlbi vmalle1\n ic iallu\n dsb nsh\n isb" ::: "memory");
    write_sysreg(sctlr_el1, sctlr);
    isb();
}

void mmu_off(void)
{
    write_sysreg(sctlr_el1, SCTLR_OFF);
    isb();
    __asm__ volatile("tlbi vmalle1\n ic iallu\n dsb nsh\n isb" ::: "memory");
}
