/* SPDX-License-Identifier: BSD-2-Clause */
/* Filling guest RAM: images where they belong, across banks that touch, and zeroes everywhere else.
 * The banks are buffers of the test's; cleaning is recorded. */
#include "monitor_fake.h"

static uint64_t cleaned; /* bytes */

void bh_cache_clean(const volatile void *start, size_t size)
{
    (void)start;
    cleaned += size;
}

void zero_ram(char *at, const char *end)
{
    memset(at, 0, (size_t)(end - at));
    cleaned += (uint64_t)(end - at);
}

#include "monitor/fill.c"

enum { PAGE = 4096, GUEST = 0x40000000 };

static uint8_t first[4 * PAGE], second[4 * PAGE], third[2 * PAGE];
static uint8_t image[5 * PAGE];
static struct bh_mon_config config;

/* Two banks that touch for the guest, and one apart. */
static int setup(void **state)
{
    (void)state;
    memset(first, 0x55, sizeof(first));
    memset(second, 0x55, sizeof(second));
    memset(third, 0x55, sizeof(third));
    for (uint32_t i = 0; i < sizeof(image); i++)
        image[i] = (uint8_t)(i % 251 + 1);
    cleaned = 0;
    config = (struct bh_mon_config){
        .banks = 3,
        .bank = {{GUEST, sizeof(first), (uintptr_t)first},
                 {GUEST + sizeof(first), sizeof(second), (uintptr_t)second},
                 {GUEST + 0x100000, sizeof(third), (uintptr_t)third}},
    };
    return 0;
}

static bool zero(const uint8_t *at, uint64_t size)
{
    for (uint64_t i = 0; i < size; i++)
        if (at[i])
            return false;
    return true;
}

static void test_empty(void **state)
{
    (void)state;
    fill_ram(&config);
    assert_true(zero(first, sizeof(first)));
    assert_true(zero(second, sizeof(second)));
    assert_true(zero(third, sizeof(third)));
    assert_int_equal(cleaned, 10 * PAGE);
}

static void test_image_across_banks(void **state)
{
    (void)state;
    config.images = 2;
    config.image[0] =
        (struct bh_mon_image){(uintptr_t)image, sizeof(image), GUEST + 3 * PAGE - 100};
    config.image[1] = (struct bh_mon_image){(uintptr_t)image, PAGE, GUEST + 0x101000};
    fill_ram(&config);
    assert_true(zero(first, 3 * PAGE - 100));
    assert_memory_equal(first + 3 * PAGE - 100, image, PAGE + 100);
    assert_memory_equal(second, image + PAGE + 100, 4 * PAGE - 100);
    assert_true(zero(second + 4 * PAGE - 100, 100));
    assert_true(zero(third, PAGE));
    assert_memory_equal(third + PAGE, image, PAGE);
    assert_int_equal(cleaned, 10 * PAGE);
}

/* What lies there is left as it is, is cleaned, and what is around it is zeroed. */
static void test_image_in_place(void **state)
{
    (void)state;
    memcpy(first + PAGE, image, 2 * PAGE);
    config.images = 1;
    config.image[0] = (struct bh_mon_image){0, 2 * PAGE, GUEST + PAGE};
    fill_ram(&config);
    assert_true(zero(first, PAGE));
    assert_memory_equal(first + PAGE, image, 2 * PAGE);
    assert_true(zero(first + 3 * PAGE, PAGE));
    assert_int_equal(cleaned, 10 * PAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_empty, setup),
        cmocka_unit_test_setup(test_image_across_banks, setup),
        cmocka_unit_test_setup(test_image_in_place, setup),
    };

    return cmocka_run_group_tests_name("monitor_fill", tests, NULL, NULL);
}
