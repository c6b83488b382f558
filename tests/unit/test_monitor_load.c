/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the monitor puts kernel, ramdisk and tree, and what it refuses. */
#include "monitor_fake.h"

#include "monitor/load.c"
#include "monitor/text.c"

static struct piece filled[PIECES];
static unsigned fills;

void fill_ram(const struct bh_mon_config *config, const struct piece pieces[PIECES])
{
    (void)config;
    memcpy(filled, pieces, sizeof(filled));
    fills++;
}

static struct image_header image;
static struct bh_mon_config config;

enum { MIB = 0x100000 };

/* A partition with an arm64 Image, a ramdisk and a tree, that loads. */
static int setup(void **state)
{
    image = (struct image_header){.image_size = 4 * MIB, .magic = IMAGE_MAGIC};
    config = fake_config;
    config.kernel = (struct bh_mon_image){(uint64_t)(uintptr_t)&image, 3 * MIB, 0};
    config.ramdisk = (struct bh_mon_image){0x1000, MIB, 0x4f000000};
    config.tree = (struct bh_mon_image){0x2000, 4096, 0x4fe00000};
    fills = 0;
    fake_now = 7;
    return fake_reset(state);
}

static void expect_start(uint64_t pc, uint64_t tree)
{
    struct answer answer = load_partition(&config);

    assert_string_equal(fake_console, "guest started cores=2 memory=256M at=7us\n");
    assert_int_equal(answer.action, BH_DO_START);
    assert_int_equal(answer.value[0], pc);
    assert_int_equal(answer.value[1], tree);
    assert_int_equal(fills, 1);
    assert_int_equal(filled[KERNEL].start, pc);
}

static void expect_refusal(const char *message)
{
    struct answer answer = load_partition(&config);

    assert_string_equal(fake_console, message);
    assert_int_equal(answer.action, BH_DO_STOP);
    assert_int_equal(answer.value[0], BH_STOP_LOAD);
    assert_int_equal(fills, 0);
}

static void test_image(void **state)
{
    (void)state;
    expect_start(0x40000000, 0x4fe00000);
    assert_int_equal(filled[KERNEL].size, 3 * MIB);
    assert_int_equal(filled[RAMDISK].start, 0x4f000000);
    setup(NULL);
    image.text_offset = 0x80000;
    expect_start(0x40080000, 0x4fe00000);
    setup(NULL);
    image.image_size = 0; /* text_offset says nothing then */
    image.text_offset = 0x1234;
    expect_start(0x40080000, 0x4fe00000);
    setup(NULL);
    config.kernel.target = 0x42000000;
    expect_start(0x42000000, 0x4fe00000);
}

static void test_raw(void **state)
{
    (void)state;
    image.magic = 0;
    config.ram_base = 0x40001000; /* no 2 MiB alignment is needed */
    config.ram_size -= 0x1000;
    config.ramdisk.size = config.tree.size = 0;
    assert_int_equal(load_partition(&config).value[0], 0x40081000);
    assert_string_equal(fake_console, "guest started cores=2 memory=262140K at=7us\n");
    setup(NULL);
    config.kernel.size = 8; /* too short for a header */
    config.tree.size = 0;
    expect_start(0x40080000, 0);
}

static void test_full(void **state)
{
    (void)state;
    image.image_size = 0xf000000; /* up to the ramdisk */
    config.tree.target = 0x4f000000 + MIB;
    config.tree.size = 0x50000000 - config.tree.target; /* to the last byte */
    expect_start(0x40000000, config.tree.target);
}

static void test_kernel_refused(void **state)
{
    (void)state;
    config.kernel.size = 0;
    expect_refusal("guest error: kernel: missing\n");
    setup(NULL);
    image.flags = 1;
    expect_refusal("guest error: kernel: a big-endian arm64 Image\n");
    setup(NULL);
    config.ram_base += 0x1000;
    expect_refusal(
        "guest error: kernel: an arm64 Image needs RAM that begins at a multiple of 2 MiB\n");
    setup(NULL);
    image.text_offset = 0x10000000;
    expect_refusal("guest error: kernel: does not fit in the RAM\n");
    setup(NULL);
    image.text_offset = ~0ull;
    expect_refusal("guest error: kernel: does not fit in the RAM\n");
    setup(NULL);
    image.image_size = 0x10000001;
    expect_refusal("guest error: kernel: does not fit in the RAM\n");
    setup(NULL);
    image.image_size = ~0ull;
    expect_refusal("guest error: kernel: does not fit in the RAM\n");
    setup(NULL);
    config.kernel.target = 0x3fe00000;
    expect_refusal("guest error: kernel: does not fit in the RAM\n");
}

static void test_others_refused(void **state)
{
    (void)state;
    config.ramdisk.size = ~0ull;
    expect_refusal("guest error: ramdisk: does not fit in the RAM\n");
    setup(NULL);
    config.tree.target = 0x50000000 - 4095;
    expect_refusal("guest error: tree: does not fit in the RAM\n");
    setup(NULL);
    config.tree.target = 0x1000;
    expect_refusal("guest error: tree: does not fit in the RAM\n");
    setup(NULL);
    image.image_size = 0xf000001;
    expect_refusal("guest error: ramdisk: overlaps the kernel\n");
    setup(NULL);
    config.tree.target = 0x40000000 + 4 * MIB - 1;
    expect_refusal("guest error: tree: overlaps the kernel\n");
    setup(NULL);
    config.tree.target = config.ramdisk.target - 4095;
    expect_refusal("guest error: tree: overlaps the ramdisk\n");
    setup(NULL);
    config.magic++;
    expect_refusal("monitor error: configuration: of another version\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_image, setup),
        cmocka_unit_test_setup(test_raw, setup),
        cmocka_unit_test_setup(test_full, setup),
        cmocka_unit_test_setup(test_kernel_refused, setup),
        cmocka_unit_test_setup(test_others_refused, setup),
    };

    return cmocka_run_group_tests_name("monitor_load", tests, NULL, NULL);
}
