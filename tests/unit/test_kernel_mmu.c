/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's own map, as a walk from its root finds it: each page of the image with its rights,
 * guards without, three devices, nothing else. The image is the one of fake/image.lds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core.h"
#include "layout.h"
#include "manager.h"
#include "platform.h"

enum { ENTRIES = 512, GUARD = 4096, GICD_PAGES = 16, GICR_PAGES = 32 };

extern uint64_t boot_level0[ENTRIES], kernel_level0[ENTRIES];
extern char text_end[], rodata_end[], tables_start[], stacks_start[], stacks_end[];
void mmu_build(uint64_t load);

static uint64_t load(void)
{
    return (uint64_t)(uintptr_t)image_start;
}

static int setup(void **state)
{
    (void)state;
    regs_reset();
    regs_set("ctr_el0", 4ull << 16); /* lines of 64 bytes */
    assert_int_equal(load() % 0x200000, 0);
    for (char *at = tables_start; at < stacks_start; at++)
        *at = 0x5a; /* whatever memory held */
    mmu_build(load());
    return 0;
}

static uint64_t *table(uint64_t entry)
{
    return (uint64_t *)(uintptr_t)(entry & 0xfffffffff000);
}

/* The descriptor that maps an address, 0 for none; *level is where it stands. */
static uint64_t find(const uint64_t *root, uint64_t at, uint32_t *level)
{
    for (*level = 0; *level < 4; ++*level) {
        uint64_t entry = root[at >> (39 - 9 * *level) & 511];

        if (!(entry & 1))
            return 0;
        if (*level == 3 || !(entry & 2))
            return entry;
        root = table(entry);
    }
    return 0;
}

static bool writable(uint64_t entry)
{
    return !(entry >> 7 & 1);
}

static bool executable(uint64_t entry)
{
    return !(entry >> 54 & 1);
}

static bool guard(const char *at)
{
    uint64_t in_stack = (uint64_t)(at - stacks_start) % STACK_STRIDE;

    return at >= stacks_start && at < stacks_end &&
           (in_stack == 0 || in_stack == GUARD + STACK_SIZE);
}

static void image_pages(void **state)
{
    uint32_t guards = 0;

    (void)state;
    for (char *at = image_start; at < image_end; at += 4096) {
        uint32_t level;
        uint64_t entry = find(kernel_level0, KERNEL_BASE + (uint64_t)(at - image_start), &level);

        if (guard(at)) {
            assert_int_equal(entry, 0);
            guards++;
            continue;
        }
        assert_int_equal(level, 3);
        assert_int_equal(entry & 3, 3);
        assert_ptr_equal(table(entry), at);
        assert_false(writable(entry) && executable(entry));
        assert_int_equal(executable(entry), at < text_end);
        assert_int_equal(writable(entry), at >= rodata_end);
        assert_int_equal(entry >> 2 & 7, 1);  /* AttrIndx: Normal */
        assert_int_equal(entry >> 8 & 3, 3);  /* Inner Shareable */
        assert_int_equal(entry >> 10 & 1, 1); /* AF */
        assert_int_equal(entry >> 6 & 1, 1);  /* AP[1] is RES1 with one privilege level */
    }
    assert_int_equal(guards, 2 * LIMIT_CORES);
}

static void stacks_have_room(void **state)
{
    (void)state;
    /* Below each stack and each emergency stack lies a guard, and none of them is cut short. */
    assert_int_equal(stacks_end - stacks_start, LIMIT_CORES * STACK_STRIDE);
    for (char *at = stacks_start; at < stacks_end; at += STACK_STRIDE) {
        assert_true(guard(at));
        assert_false(guard(at + GUARD) || guard(at + STACK_SIZE));
        assert_true(guard(at + GUARD + STACK_SIZE));
        assert_false(guard(at + GUARD + STACK_SIZE + GUARD));
    }
}

static void device_page(uint64_t at, uint64_t physical)
{
    uint32_t level;
    uint64_t entry = find(kernel_level0, at, &level);

    assert_int_equal(level, 3);
    assert_int_equal(entry & 0xfffffffff000, physical);
    assert_int_equal(entry >> 2 & 7, 0); /* AttrIndx: Device */
    assert_false(executable(entry));
    assert_true(writable(entry));
}

static void devices(void **state)
{
    (void)state;
    device_page(mmu_device(DEVICE_UART), PLATFORM_UART);
    for (uint64_t i = 0; i < GICD_PAGES; i++)
        device_page(mmu_device(DEVICE_GICD) + i * 4096, PLATFORM_GICD + i * 4096);
    for (uint64_t i = 0; i < GICR_PAGES * LIMIT_CORES; i++)
        device_page(mmu_device(DEVICE_GICR) + i * 4096, PLATFORM_GICR + i * 4096);
}

/* Bytes mapped below a table. */
static uint64_t mapped(const uint64_t *root, uint32_t level)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < ENTRIES; i++)
        if (!(root[i] & 1))
            continue;
        else if (level == 3 || !(root[i] & 2))
            sum += 1ull << (39 - 9 * level);
        else if (level == 2)
            sum += mapped(table(root[i]), 3);
        else
            sum += mapped(table(root[i]), level + 1);
    return sum;
}

static void nothing_else(void **state)
{
    uint64_t image = (uint64_t)(image_end - image_start) - 2ull * LIMIT_CORES * GUARD;
    uint64_t pages = 1 + GICD_PAGES + GICR_PAGES * LIMIT_CORES;

    (void)state;
    assert_int_equal(mapped(kernel_level0, 0), image + pages * 4096);
}

/* While a core's MMU goes on it runs in the first 2 MiB one to one: read-only, executable. */
static void boot_map(void **state)
{
    uint32_t level;
    uint64_t entry = find(boot_level0, load(), &level);

    (void)state;
    assert_int_equal(level, 2);
    assert_ptr_equal(table(entry), image_start);
    assert_true(executable(entry) && !writable(entry));
    assert_int_equal(mapped(boot_level0, 0), mapped(kernel_level0, 0) + 0x200000);
    assert_int_equal(find(boot_level0, KERNEL_BASE, &level),
                     find(kernel_level0, KERNEL_BASE, &level));
}

static void addresses(void **state)
{
    const char *object = (const char *)KERNEL_BASE + 0x12345;

    (void)state;
    assert_int_equal(mmu_physical(object).raw, load() + 0x12345);
    assert_ptr_equal(mmu_pointer(pa(load() + 0x12345)), object);
}

static void forgotten(void **state)
{
    uint64_t first = (uint64_t)(manager_image - image_start);
    uint64_t end = (uint64_t)(manager_image_end - image_start);
    uint64_t before = mapped(kernel_level0, 0);
    uint32_t level;

    (void)state;
    regs_reset();
    mmu_forget((const char *)KERNEL_BASE + first, (const char *)KERNEL_BASE + end);
    for (uint64_t at = first; at < end; at += 4096)
        assert_int_equal(find(kernel_level0, KERNEL_BASE + at, &level), 0);
    assert_int_equal(mapped(kernel_level0, 0), before - (end - first));
    assert_string_equal(regs_log(0), "dsb ishst");
    assert_string_equal(regs_log(1), "tlbi alle2is");
    assert_string_equal(regs_log(2), "dsb ish");
    assert_string_equal(regs_log(3), "isb");
    assert_string_equal(regs_log(4), "");
}

/* Every line that the range touches, whether it begins at a line or not. */
static void cleaned(void **state)
{
    (void)state;
    regs_reset();
    regs_set("ctr_el0", 4ull << 16);
    cache_clean(image_start + 60, 8);
    assert_int_equal(regs_cleaned(), 2);
    assert_string_equal(regs_log(0), "dsb sy");
    cache_clean(image_start, 4096);
    assert_int_equal(regs_cleaned(), 2 + 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(image_pages, setup), cmocka_unit_test_setup(stacks_have_room, setup),
        cmocka_unit_test_setup(devices, setup),     cmocka_unit_test_setup(nothing_else, setup),
        cmocka_unit_test_setup(boot_map, setup),    cmocka_unit_test_setup(addresses, setup),
        cmocka_unit_test_setup(forgotten, setup),   cmocka_unit_test_setup(cleaned, setup),
    };

    return cmocka_run_group_tests_name("kernel_mmu", tests, NULL, NULL);
}
