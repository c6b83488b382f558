/* SPDX-License-Identifier: BSD-2-Clause */
/* Raw binaries, arm64 Images, gzip and uImages: where they go, and what is said of broken ones. */
#include "formats_fixture.h"

static struct file file;

static void test_raw(void **state)
{
    struct format format = {.has_load = true, .has_entry = true, .load = 0x42000000};

    (void)state;
    file_fill(&file, 0x1001);
    format = expect_good(&file);
    assert_int_equal(format.count, 1);
    expect_segment(&format, 0, 0, 0x1001, 0x40080000, 0x1001);
    assert_int_equal(format.entry, 0x40080000);

    format = (struct format){.has_load = true, .load = 0x42000000, .asked = true};
    assert_true(format_run(&format, file.data, file.size));
    expect_segment(&format, 0, 0, 0x1001, 0x42000000, 0x1001);
    assert_int_equal(format.entry, 0x42000000);

    format = (struct format){.has_entry = true, .entry = 0x40080ffc, .asked = true};
    assert_true(format_run(&format, file.data, file.size));
    expect_segment(&format, 0, 0, 0x1001, 0x40080000, 0x1001);
    assert_int_equal(format.entry, 0x40080ffc);
}

/* Text is no kernel, unless somebody says where it goes. */
static void test_text(void **state)
{
    static const char script[] = "#!/bin/sh\nexec qemu-system-aarch64 -M virt\n";
    struct format format = {.has_load = true, .load = 0x42000000, .asked = true};

    (void)state;
    file_fill(&file, sizeof(script) - 1);
    memcpy(file.data, script, sizeof(script) - 1);
    expect_wrong(&file, "text; a raw binary that begins so needs bulkhead,load");
    assert_true(format_run(&format, file.data, file.size));
    file.data[31] = 0x7f; /* the last byte that is looked at */
    expect_good(&file);
    file.data[31] = '\n';
    file.data[32] = 0;
    expect_wrong(&file, "text; a raw binary that begins so needs bulkhead,load");
    file_fill(&file, 4);
    memcpy(file.data, "abc\n", 4);
    expect_wrong(&file, "text; a raw binary that begins so needs bulkhead,load");
}

static void test_raw_wrong(void **state)
{
    static const uint64_t entries[] = {0x4007fffc, 0x40081004, 0x40080002, 0, ~0ull, ~3ull};

    (void)state;
    file_fill(&file, 3);
    expect_wrong(&file, "entry 0x40080000 is no instruction of it: it lies from 0x40080000 to "
                        "0x40080002");
    file_fill(&file, 0x1001);
    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
        struct format format = {.has_entry = true, .entry = entries[i], .asked = true};

        assert_false(format_run(&format, file.data, file.size));
        assert_memory_equal(format.wrong, "entry 0x", 8);
        assert_non_null(strstr(format.wrong, "it lies from 0x40080000 to 0x40081000"));
    }
    for (int i = 0; i < 2; i++) {
        struct format format = {.has_load = true, .load = i ? ~0ull : RANGES_LIMIT - 0x1000};

        assert_false(format_run(&format, file.data, file.size));
        assert_memory_equal(format.wrong, "0x1001 bytes at 0x", 18);
    }
}

static void test_image(void **state)
{
    struct format format;

    (void)state;
    file_image(&file, 0, 0x20000);
    format = expect_good(&file);
    expect_segment(&format, 0, 0, 0x1000, 0x40000000, 0x20000);
    assert_int_equal(format.entry, 0x40000000);
    file_image(&file, 0x80000, 0x800); /* the file is longer than that */
    format = expect_good(&file);
    expect_segment(&format, 0, 0, 0x1000, 0x40080000, 0x1000);
    file_image(&file, 0x1234, 0); /* text_offset says nothing then */
    format = expect_good(&file);
    expect_segment(&format, 0, 0, 0x1000, 0x40080000, 0x1000);
    file_image_efi(&file, 0x1000); /* its last section ends where the file does */
    format = expect_good(&file);
    expect_segment(&format, 0, 0, 0x1000, 0x40000000, 0x20000);
}

static void test_image_wrong(void **state)
{
    struct format format = {.has_load = true, .load = 0x40080000, .asked = true};

    (void)state;
    file_image(&file, 0, 0x20000);
    file.data[24] = 1;
    expect_wrong(&file, "a big-endian arm64 Image");
    file_image(&file, ~0ull, 0x20000);
    expect_wrong(&file, "an arm64 Image that wants 0x20000 bytes at offset 0xffffffffffffffff");
    file_image(&file, 0, ~0ull);
    expect_wrong(&file, "an arm64 Image that wants 0xffffffffffffffff bytes at offset 0x0");
    file_image_efi(&file, 0x1001);
    expect_wrong(&file, "a truncated arm64 Image");
    file_image_efi(&file, 0x1000);
    file.size = 200; /* within the PE header */
    expect_wrong(&file, "a truncated arm64 Image");
    file.size = 70;
    expect_wrong(&file, "a truncated arm64 Image");
    file.size = 63;
    expect_wrong(&file, "an EFI application without the header of an arm64 Image");
    file_image(&file, 0, 0x20000);
    assert_false(format_run(&format, file.data, file.size));
    assert_string_equal(format.wrong, "bulkhead,load and bulkhead,entry are for raw binaries, this "
                                      "is an arm64 Image");
}

#define PACKED(by) "compressed by " by ", only gzip can be unpacked"

static void test_refused(void **state)
{
    static const struct {
        size_t at, length;
        uint64_t magic; /* as little-endian bytes */
        const char *wrong;
    } cases[] = {
        {0x24, 4, 0x016f2818, "a 32-bit Arm zImage"},
        {0, 8, 0x676d697a00005a4d, "an EFI zboot image: take the arm64 Image out of it"},
        {0, 2, 0x5a4d, "an EFI application without the header of an arm64 Image"},
        {0, 4, 0xedfe0dd0, "a device tree or FIT image: take the kernel out of it"},
        {0, 6, 0x005a587a37fd, PACKED("xz")},
        {0, 4, 0xfd2fb528, PACKED("zstd")},
        {0, 4, 0x184d2204, PACKED("lz4")},
        {0, 4, 0x184c2102, PACKED("lz4")}, /* legacy */
        {0, 4, 0x4f5a4c89, PACKED("lzop")},
        {0, 4, 0x39685a42, PACKED("bzip2")},
        {0, 6, 0xff008000005d, PACKED("lzma")},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        memset(&file, 0, sizeof(file));
        file.size = 0x1000;
        memcpy(file.data + cases[i].at, &cases[i].magic, cases[i].length);
        expect_wrong(&file, cases[i].wrong);
        file_gzip(&file); /* looked at when it is unpacked, too */
        expect_wrong(&file, cases[i].wrong);
    }
}

static void test_gzip(void **state)
{
    struct format format;

    (void)state;
    file_fill(&file, 0x3001);
    file_gzip(&file);
    format = expect_good(&file);
    expect_segment(&format, 0, 0, 0x3001, 0x40080000, 0x3001);
    file_image(&file, 0, 0x20000);
    file_gzip(&file);
    assert_true(file.size < 0x1000);
    format = expect_good(&file);
    expect_segment(&format, 0, 0, 0x1000, 0x40000000, 0x20000);
}

static void test_gzip_wrong(void **state)
{
    size_t size;

    (void)state;
    file_fill(&file, 0x3000);
    file_gzip(&file);
    size = file.size;
    file.data[size - 8] ^= 1;
    expect_wrong(&file, "damaged gzip: incorrect data check");
    file.data[size - 8] ^= 1;
    file.data[size - 4]++; /* the size: one byte more */
    expect_wrong(&file, "damaged gzip: incorrect length check");
    file.data[size - 4] = 0xff;
    file.data[size - 3] = 0x2f; /* less than it has */
    file.data[3] = 0;
    expect_wrong(&file,
                 "gzip that unpacks to more than 12287 bytes, which its end says or its memory "
                 "holds: truncated, damaged, or too large");
    memset(file.data + size - 4, 0, 4);
    expect_wrong(&file,
                 "gzip that says it unpacks to nothing: empty, truncated, or not alone in its "
                 "module");
    file.data[2] = 7;
    put_little(file.data + size - 4, 0x3000, 4);
    expect_wrong(&file, "damaged gzip: unknown compression method");
    file.data[2] = 8;
    file.size = 17;
    expect_wrong(&file, "truncated gzip");
    file.size = size - 40;
    memset(file.data + file.size - 4, 0xff, 4); /* whatever it ends with, it is a large number */
    expect_wrong(&file, "truncated gzip");
    file_fill(&file, 0x3000);
    file_gzip(&file);
    memcpy(file.data + file.size, file.data + file.size - 4, 4);
    file.size += 4;
    expect_wrong(&file, "gzip with 4 bytes behind its end");
    file_fill(&file, 0x3000);
    file_gzip(&file);
    file_gzip(&file);
    expect_wrong(&file, "gzip where no compression is expected");
    file_fill(&file, 0x3000);
    file_uimage(&file, 0, 0, 0);
    file_gzip(&file);
    expect_wrong(&file, "a uImage inside something else");
}

static void test_uimage(void **state)
{
    struct format format;

    (void)state;
    for (uint8_t packed = 0; packed <= 1; packed++) {
        uint64_t offset = packed ? 0 : 64;

        file_fill(&file, 0x1000);
        if (packed)
            file_gzip(&file);
        file_uimage(&file, 0x41000000, 0x41000040, packed);
        format = expect_good(&file);
        expect_segment(&format, 0, offset, 0x1000, 0x41000000, 0x1000);
        assert_int_equal(format.entry, 0x41000040);

        file_image(&file, 0x80000, 0x20000); /* the header says nothing: what is in it does */
        if (packed)
            file_gzip(&file);
        file_uimage(&file, 0, 0, packed);
        file.size += 100; /* padding behind it is nobody's */
        format = expect_good(&file);
        expect_segment(&format, 0, offset, 0x1000, 0x40080000, 0x20000);

        file_image(&file, 0x80000, 0x20000);
        if (packed)
            file_gzip(&file);
        file_uimage(&file, 0x40280000, 0x40280000, packed);
        format = expect_good(&file);
        expect_segment(&format, 0, offset, 0x1000, 0x40280000, 0x20000);
    }
}

static void test_uimage_wrong(void **state)
{
    struct format format = {.has_entry = true, .entry = 0x40080000, .asked = true};

    (void)state;
    file_fill(&file, 0x1000);
    file_uimage(&file, 0x41000000, 0x41000000, 0);
    file.data[70] ^= 1;
    expect_wrong(&file, "a uImage whose data have a wrong checksum");
    file.data[70] ^= 1;
    file.data[40] ^= 1;
    expect_wrong(&file, "a uImage whose header has a wrong checksum");
    file.data[40] ^= 1;
    file.size--;
    expect_wrong(&file, "a truncated uImage: 4095 of its 4096 bytes are there");
    file.size = 63;
    expect_wrong(&file, "a truncated uImage: shorter than its header");
    file.size = 0x1040;
    file.data[29] = 2;
    file_uimage_sum(&file);
    expect_wrong(&file, "a uImage for 32-bit Arm");
    file.data[29] = 3;
    file_uimage_sum(&file);
    expect_wrong(&file, "a uImage for architecture 3, AArch64 is 22");
    file.data[29] = 22;
    file.data[30] = 3;
    file_uimage_sum(&file);
    expect_wrong(&file, "a uImage of type 3, a kernel is 2");
    file.data[30] = 2;
    file.data[31] = 2;
    file_uimage_sum(&file);
    expect_wrong(&file, "a uImage with compression 2, only gzip (1) can be unpacked");
    file.data[31] = 1;
    file.data[file.size - 1] = 1; /* or it says that it unpacks to nothing */
    file_uimage_sum(&file);
    expect_wrong(&file, "damaged gzip: incorrect header check");
    file.data[31] = 0;
    put_big(file.data + 20, 0x41001000, 4);
    file_uimage_sum(&file);
    expect_wrong(&file, "entry 0x41001000 is no instruction of it: it lies from 0x41000000 to "
                        "0x41000fff");
    file_uimage_sum(&file);
    assert_false(format_run(&format, file.data, file.size));
    assert_string_equal(format.wrong, "bulkhead,load and bulkhead,entry are for raw binaries, this "
                                      "is a uImage");
    file_fill(&file, 0x1000);
    file_gzip(&file);
    file_uimage(&file, 0x41000000, 0x41000000, 0);
    expect_wrong(&file, "gzip where no compression is expected");
    file_image(&file, 0, 0x20000);
    file_uimage(&file, 0x40080000, 0x40080000, 0);
    expect_wrong(&file,
                 "a uImage that loads to 0x40080000 the arm64 Image in it, which needs offset "
                 "0x0 from a multiple of 2 MiB");
    file_elf(&file, 2, 0);
    file_uimage(&file, 0x40080000, 0x40080000, 0);
    expect_wrong(&file, "a uImage with a load address around an ELF");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_raw),         cmocka_unit_test(test_raw_wrong),
        cmocka_unit_test(test_text),        cmocka_unit_test(test_image),
        cmocka_unit_test(test_image_wrong), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_gzip),        cmocka_unit_test(test_gzip_wrong),
        cmocka_unit_test(test_uimage),      cmocka_unit_test(test_uimage_wrong),
    };

    return cmocka_run_group_tests_name("formats", tests, NULL, NULL);
}
