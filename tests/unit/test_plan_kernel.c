/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernels in the plan: where they may not lie, what the tree may say of raw binaries, and what is
 * unpacked once for all. */
#include "plan_system.h"
#include <zlib.h>

#define A       "/chosen/linux-a"
#define KERNEL  A "/kernel"
#define CONTROL "/chosen/control/module@44000000"

enum { KERNEL_HOST = 0x40420000, SIZE = 0x3000 };

static uint8_t kernel[0x10000];

static int setup(void **state)
{
    memset(kernel, 0, sizeof(kernel));
    system_setup(state);
    fixture_files[0] = (struct fixture_file){KERNEL_HOST, kernel};
    fixture_written = (struct range){0, 0};
    return 0;
}

static void kernel_size(const char *path, uint64_t size)
{
    uint64_t image[2] = {cpu_to_fdt64(0x20000), cpu_to_fdt64(size)};

    assert_int_equal(
        fdt_setprop(system_tree, fdt_path_offset(system_tree, path), "bulkhead,image", image, 16),
        0);
}

static void kernel_address(const char *property, uint64_t address)
{
    int node = fdt_path_offset(system_tree, KERNEL);

    assert_int_equal(fdt_setprop_u64(system_tree, node, property, address), 0);
}

static void plan_raw(void **state)
{
    (void)state;
    expect_plan();
    assert_int_equal(plan.partition[0].segment_count, 1);
    assert_int_equal(plan.partition[0].segment[0].size, 0x1800000);
    assert_int_equal(plan.partition[0].segment[0].target, layout_qemu_virt.ram + 0x80000);
    assert_int_equal(plan.partition[0].entry, layout_qemu_virt.ram + 0x80000);
    assert_int_equal(plan.partition[0].unpacked.size, 0);
    kernel_address("bulkhead,load", 0x42000000);
    kernel_address("bulkhead,entry", 0x42000100);
    expect_plan();
    assert_int_equal(plan.partition[0].segment[0].target, 0x42000000);
    assert_int_equal(plan.partition[0].entry, 0x42000100);
    assert_int_equal(fdt_setprop_u32(system_tree, fdt_path_offset(system_tree, KERNEL),
                                     "bulkhead,load", 0x41000000),
                     0);
    expect_plan(); /* one cell will do */
    assert_int_equal(plan.partition[0].segment[0].target, 0x41000000);
}

static void plan_raw_wrong(void **state)
{
    int node = fdt_path_offset(system_tree, KERNEL);

    (void)state;
    assert_int_equal(fdt_setprop(system_tree, node, "bulkhead,load", "abc", 3), 0);
    expect_error(KERNEL ": bulkhead,load: 3 bytes long, must be 8");
    kernel_address("bulkhead,load", 0x42000000);
    assert_int_equal(fdt_setprop(system_tree, node, "bulkhead,entry", "abcdefghijkl", 12), 0);
    expect_error(KERNEL ": bulkhead,entry: 12 bytes long, must be 8");
    kernel_address("bulkhead,entry", 0x41fffffc);
    expect_error(KERNEL ": bulkhead,image: entry 0x41fffffc is no instruction of it: it lies from "
                        "0x42000000 to 0x437fffff");
    assert_int_equal(fdt_delprop(system_tree, node, "bulkhead,entry"), 0);
    /* The RAM has 256 MiB, ramdisk and tree at its end. */
    kernel_address("bulkhead,load", 0x3ffff000);
    expect_error(KERNEL ": bulkhead,image: 0x1800000 bytes at 0x3ffff000 are not in its RAM, "
                        "0x10000000 bytes at 0x40000000");
    kernel_address("bulkhead,load", 0x4e800001);
    expect_error(KERNEL ": bulkhead,image: entry 0x4e800001 is no instruction of it: it lies from "
                        "0x4e800001 to 0x50000000");
    kernel_address("bulkhead,load", 0x4e800004);
    expect_error(KERNEL ": bulkhead,image: 0x1800000 bytes at 0x4e800004 are not in its RAM, "
                        "0x10000000 bytes at 0x40000000");
    kernel_address("bulkhead,load", 0x4fcdc000 - 0x1800000 + 4);
    expect_error(KERNEL
                 ": bulkhead,image: 0x1800000 bytes at 0x4e4dc004 overlap the ramdisk, 0x123456"
                 " bytes at 0x4fcdc000");
    kernel_address("bulkhead,load", 0x4fcdc000 - 0x1800000);
    expect_plan();
    assert_int_equal(fdt_del_node(system_tree, fdt_path_offset(system_tree, "/chosen/linux-b")), 0);
    kernel_size(KERNEL, 0x1000);
    kernel_address("bulkhead,load", 0x4fdff458); /* just behind the ramdisk */
    expect_error(KERNEL
                 ": bulkhead,image: 0x1000 bytes at 0x4fdff458 overlap the device tree, 0x10000"
                 " bytes at 0x4fe00000");
    kernel_address("bulkhead,load", 0x4fe10000); /* behind it is room */
    expect_plan();
}

static void plan_image(void **state)
{
    (void)state;
    memcpy(kernel + 56, "ARM\x64", 4);
    assert_int_equal(fdt_del_node(system_tree, fdt_path_offset(system_tree, "/chosen/linux-b")), 0);
    kernel[10] = 8; /* text_offset */
    kernel[17] = 0xc0;
    kernel[18] = 0xcd; /* image_size: as much as is left, but from there on */
    kernel[19] = 0x0f;
    expect_error(KERNEL
                 ": bulkhead,image: 0xfcdc000 bytes at 0x40080000 overlap the ramdisk, 0x123456"
                 " bytes at 0x4fcdc000");
    kernel[10] = 0;
    expect_plan();
    memset(kernel + 16, 0xff, 4);
    expect_error(
        A ": memory: 262144 KiB are too few for kernel (4194303 KiB), ramdisk (1165 KiB) and "
          "device tree");
}

/* Everything that is wrong with any kernel is told at once. */
static void plan_two_wrong(void **state)
{
    static uint8_t other[0x8000];
    char note[512];

    (void)state;
    memcpy(kernel,
           "\x7f"
           "ELF\1",
           5);
    memcpy(other,
           "\xfd"
           "7zXZ\0",
           6);
    fixture_files[1] = (struct fixture_file){0x44000000, other};
    kernel_size(KERNEL, 0x2000);
    kernel_size("/chosen/linux-b@1/kernel", 0x2000);
    assert_false(fixture_build(&plan, &facts, hardware, system_tree));
    assert_int_equal(plan.error_count, 3); /* two partitions have the first one */
    plan_note_text(&plan.error[0], note, sizeof(note));
    assert_string_equal(note, KERNEL ": bulkhead,image: a 32-bit ELF");
    plan_note_text(&plan.error[1], note, sizeof(note));
    assert_string_equal(note, "/chosen/linux-b@1/kernel: bulkhead,image: a 32-bit ELF");
    plan_note_text(&plan.error[2], note, sizeof(note));
    assert_string_equal(note, CONTROL ": reg: compressed by xz, only gzip can be unpacked");
}

static uint64_t pack(void)
{
    static uint8_t plain[SIZE];
    z_stream stream = {
        .next_in = plain, .avail_in = SIZE, .next_out = kernel, .avail_out = 0x10000};

    for (size_t i = 0; i < SIZE; i++)
        plain[i] = (uint8_t)(i * i >> 5);
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 16 + 15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    kernel_size(KERNEL, stream.total_out);
    kernel_size("/chosen/linux-b@1/kernel", stream.total_out);
    return stream.total_out;
}

static void plan_gzip(void **state)
{
    const struct plan_partition *a = &plan.partition[0];
    const struct plan_partition *b = &plan.partition[1];

    (void)state;
    pack();
    expect_plan();
    assert_int_equal(a->unpacked.size, SIZE);
    assert_int_equal(a->unpacked.host, fixture_written.base);
    assert_int_equal(fixture_written.size, SIZE);
    assert_memory_equal(&a->unpacked, &b->unpacked, sizeof(a->unpacked)); /* once for both */
    for (size_t i = 0; i < SIZE; i++)
        assert_int_equal(fixture_room[i], (uint8_t)(i * i >> 5));
    assert_int_equal(fixture_room[SIZE], 0x55);
    for (uint32_t i = 0; i < plan.partition_count; i++) {
        const struct range unpacked = {a->unpacked.host, SIZE};
        const struct range ram = {plan.partition[i].bank[0].host, plan.partition[i].bank[0].size};
        const struct range monitor = {plan.partition[i].monitor_host, facts.monitor_ram};
        const struct range config = {plan.partition[i].config_host, 0x3000};

        assert_false(range_overlaps(&unpacked, &ram));
        assert_false(range_overlaps(&unpacked, &monitor));
        assert_false(range_overlaps(&unpacked, &config));
    }
    assert_int_equal(plan.partition[2].unpacked.size, 0);
    assert_int_equal(a->segment[0].size, SIZE);
}

static void plan_gzip_wrong(void **state)
{
    uint64_t size = pack();

    (void)state;
    kernel_size("/chosen/linux-b@1/kernel", 0x1800000); /* another error than that of interest */
    assert_false(fixture_build(&plan, &facts, hardware, system_tree));
    assert_int_equal(fdt_del_node(system_tree, fdt_path_offset(system_tree, "/chosen/linux-b")), 0);
    kernel[size - 1] = 0x80; /* 2 GiB: more than its 256 MiB, and more than the test lends */
    expect_error(KERNEL ": bulkhead,image: gzip: the manager cannot map RAM to unpack it");
    assert_int_equal(fixture_written.size, 256 << 20);
    kernel[size - 1] = 0;
    kernel[size - 2] = 1; /* 64 KiB too much */
    expect_error(KERNEL ": bulkhead,image: damaged gzip: incorrect length check");
    kernel[size - 2] = 0;
    kernel[100] ^= 1;
    assert_false(fixture_build(&plan, &facts, hardware, system_tree));
    assert_int_equal(plan.error_count, 1);
    kernel[100] ^= 1;
    facts.root_count = 1; /* only what lies before the kernel */
    assert_false(fixture_build(&plan, &facts, hardware, system_tree));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(plan_raw, setup, system_teardown),
        cmocka_unit_test_setup_teardown(plan_raw_wrong, setup, system_teardown),
        cmocka_unit_test_setup_teardown(plan_image, setup, system_teardown),
        cmocka_unit_test_setup_teardown(plan_two_wrong, setup, system_teardown),
        cmocka_unit_test_setup_teardown(plan_gzip, setup, system_teardown),
        cmocka_unit_test_setup_teardown(plan_gzip_wrong, setup, system_teardown),
    };

    return cmocka_run_group_tests_name("plan_kernel", tests, NULL, NULL);
}
