/* SPDX-License-Identifier: BSD-2-Clause */
/* ELF: segments by p_paddr, the entry translated, position-independent ones moved; and every way to
 * be broken. */
#include "formats_fixture.h"

enum { EXEC = 2, DYN = 3, LOAD = 1, DYNAMIC = 2, INTERP = 3, NOTE = 4 };

static struct file file;

static const struct part code = {LOAD,   0x1000, 0xffff000000080000, 0x40100000, 0x1000,
                                 0x1000, 0x10000};
static const struct part data = {LOAD, 0x800, 0xffff000000180000, 0x40300000, 0x801, 0x9000, 8};

/* A kernel at a virtual address, with BSS behind its data, that is good. */
static int setup(void **state)
{
    (void)state;
    file_elf(&file, EXEC, 0xffff000000080ffc);
    file_elf_part(&file, &(struct part){NOTE, ~0ull, 0, 0, ~0ull, 0, 4}); /* whatever that is */
    file_elf_part(&file, &data);
    file_elf_part(&file, &(struct part){LOAD, 0, 0, 0, 0, 0, 0}); /* empty */
    file_elf_part(&file, &code);
    return 0;
}

static void test_exec(void **state)
{
    struct format format = expect_good(&file);

    (void)state;
    assert_int_equal(format.count, 2);
    expect_segment(&format, 0, 0x800, 0x801, 0x40300000, 0x9000);
    expect_segment(&format, 1, 0x1000, 0x1000, 0x40100000, 0x1000);
    assert_int_equal(format.entry, 0x40100ffc);
    file_gzip(&file);
    format = expect_good(&file);
    expect_segment(&format, 0, 0x800, 0x801, 0x40300000, 0x9000);
    setup(NULL);
    file_uimage(&file, 0, 0, 0);
    format = expect_good(&file);
    expect_segment(&format, 1, 0x1040, 0x1000, 0x40100000, 0x1000);
    assert_int_equal(format.entry, 0x40100ffc);
}

/* BSS alone: nothing is copied. */
static void test_bss(void **state)
{
    struct format format;

    (void)state;
    file_elf_part(&file, &(struct part){LOAD, 0x2000, 0, 0x40400000, 0, 0x5000, 0x1000});
    format = expect_good(&file);
    assert_int_equal(format.count, 3);
    expect_segment(&format, 2, 0x2000, 0, 0x40400000, 0x5000);
}

static void test_dyn(void **state)
{
    struct format format;

    (void)state;
    file_elf(&file, DYN, 0x1010);
    file_elf_part(&file, &(struct part){LOAD, 0, 0, 0, 0x800, 0x800, 0x1000});
    file_elf_part(&file, &(struct part){LOAD, 0x1000, 0x1000, 0x1000, 0x100, 0x200, 0x1000});
    format = expect_good(&file); /* moved as a whole */
    expect_segment(&format, 0, 0, 0x800, 0x40080000, 0x800);
    expect_segment(&format, 1, 0x1000, 0x100, 0x40081000, 0x200);
    assert_int_equal(format.entry, 0x40081010);
    put_little(file.data + 64 + 48, 0x200000, 8); /* as it is aligned */
    format = expect_good(&file);
    expect_segment(&format, 1, 0x1000, 0x100, 0x40201000, 0x200);
    put_little(file.data + 16, EXEC, 2); /* this one does not move */
    format = expect_good(&file);
    expect_segment(&format, 1, 0x1000, 0x100, 0x1000, 0x200);
    file_elf(&file, DYN, 0xffff000000080000);
    file_elf_part(&file, &code); /* in the RAM already */
    format = expect_good(&file);
    expect_segment(&format, 0, 0x1000, 0x1000, 0x40100000, 0x1000);
}

/* A dynamic section is fine, as long as there is nothing to do for a loader. */
static void test_dynamic(void **state)
{
    static const struct {
        uint64_t tag, value;
        const char *wrong;
    } cases[] = {
        {6, 1, NULL}, /* DT_SYMTAB */
        {8, 0, NULL}, /* an empty table */
        {8, 24, "an ELF that has to be relocated"},
        {2, 24, "an ELF that has to be relocated"},
        {18, 16, "an ELF that has to be relocated"},
        {35, 8, "an ELF that has to be relocated"},
        {1, 7, "an ELF that needs shared libraries"},
        {0, 8, NULL},
    };

    (void)state;
    file_elf_part(&file, &(struct part){DYNAMIC, 0x1800, 0, 0, 0x48, 0x48, 8});
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        put_little(file.data + 0x1800, 5, 8); /* DT_STRTAB */
        put_little(file.data + 0x1810, cases[i].tag, 8);
        put_little(file.data + 0x1818, cases[i].value, 8);
        if (cases[i].wrong)
            expect_wrong(&file, cases[i].wrong);
        else
            expect_good(&file);
    }
    file.data[0x1810] = 8; /* behind the end of the section */
    file.data[0x1818] = 1;
    put_little(file.data + 64 + 4 * 56 + 32, 0x1f, 8);
    expect_good(&file);
    put_little(file.data + 64 + 4 * 56 + 32, 0x801, 8);
    expect_wrong(&file, "a truncated ELF: 0x801 bytes at offset 0x1800 are not in its 0x2000");
}

static void test_header_wrong(void **state)
{
    static const struct {
        size_t at;
        uint8_t value;
        const char *wrong;
    } cases[] = {
        {4, 1, "a 32-bit ELF"},
        {5, 2, "a big-endian ELF"},
        {18, 62, "an ELF for machine 62, AArch64 is 183"},
        {16, 1, "an ELF of type 1, an executable is 2 or 3"},
        {20, 2, "an ELF of another version"},
        {54, 32, "an ELF of another version"},
        {56, 65, "an ELF with more than 64 program headers"},
        {57, 0xff, "an ELF with more than 64 program headers"},
        {33, 0x20, "a truncated ELF: its program headers are not in it"},
        {39, 0x80, "a truncated ELF: its program headers are not in it"},
        {56, 0, "an ELF with nothing to load"},
        {24, 0x02, "an ELF whose entry 0xffff000000080f02 is no instruction of it"},
        {26, 0x09, "an ELF whose entry 0xffff000000090ffc is no instruction of it"},
        {31, 0x00, "an ELF whose entry 0xff000000080ffc is no instruction of it"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        setup(NULL);
        file.data[cases[i].at] = cases[i].value;
        expect_wrong(&file, cases[i].wrong);
    }
    setup(NULL);
    file.size = 63;
    expect_wrong(&file, "a truncated ELF: shorter than its header");
    file.size = 64 + 4 * 56 - 1;
    expect_wrong(&file, "a truncated ELF: its program headers are not in it");
    setup(NULL);
    file.size = 0x1fff;
    expect_wrong(&file, "a truncated ELF: 0x1000 bytes at offset 0x1000 are not in its 0x1fff");
    setup(NULL);
    file_elf_part(&file, &(struct part){INTERP, 0, 0, 0, 1, 1, 1});
    expect_wrong(&file, "an ELF that needs an interpreter");
    for (int asked = 0; asked < 2; asked++) {
        struct format format = {.has_load = true, .load = 0x40080000, .asked = asked};

        setup(NULL);
        assert_false(format_run(&format, file.data, file.size));
        assert_string_equal(format.wrong, asked ? "bulkhead,load and bulkhead,entry are for raw "
                                                  "binaries, this is ELF"
                                                : "a uImage with a load address around an ELF");
    }
}

static void test_segments_wrong(void **state)
{
    static const struct part wrong[] = {
        {LOAD, 0, 0, 0x40400000, 0x101, 0x100, 0},  {LOAD, 0, 0, 0x40400000, 1, 1, 3},
        {LOAD, 0, 0, 0x40400000, 1, 1, 1ull << 63}, {LOAD, 0, 0, ~0ull, 1, 1, 0},
        {LOAD, 0, 0, 0x40400000, 1, ~0ull, 0},      {LOAD, 0, 0, 1ull << 52, 1, 1, 0},
        {LOAD, 0, 0, (1ull << 52) - 1, 1, 2, 0},
    };
    static const struct part outside[] = {
        {LOAD, 0x2001, 0, 0x40400000, 0, 1, 0},
        {LOAD, ~0ull, 0, 0x40400000, 2, 2, 0},
        {LOAD, 1, 0, 0x40400000, ~0ull, ~0ull, 0},
    };
    struct part part = code;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct format format = {0};

        setup(NULL);
        file_elf_part(&file, &wrong[i]);
        assert_false(format_run(&format, file.data, file.size));
        assert_memory_equal(format.wrong, "an ELF with a segment of 0x", 27);
    }
    for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
        struct format format = {0};

        setup(NULL);
        file_elf_part(&file, &outside[i]);
        assert_false(format_run(&format, file.data, file.size));
        assert_memory_equal(format.wrong, "a truncated ELF: 0x", 19);
    }
    setup(NULL);
    part.physical = 0x40308fff; /* the last byte of the BSS */
    file_elf_part(&file, &part);
    expect_wrong(&file, "an ELF with segments on one another at 0x40300000 and 0x40308fff");
    setup(NULL);
    for (uint64_t i = 0; i < PLAN_SEGMENTS - 2; i++) {
        part.physical = 0x41000000 + i * 0x1000;
        file_elf_part(&file, &part);
    }
    expect_good(&file);
    part.physical = 0x42000000;
    file_elf_part(&file, &part);
    expect_wrong(&file, "an ELF with more than 16 segments");
    file_elf(&file, DYN, 0);
    file_elf_part(&file, &(struct part){LOAD, 0, 0, 0, 8, 8, 0});
    file_elf_part(&file, &(struct part){LOAD, 0, 0, (1ull << 52) - 16, 8, 8, 0});
    expect_wrong(&file, "an ELF with a segment at 0xffffffffffff0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_exec, setup),
        cmocka_unit_test_setup(test_bss, setup),
        cmocka_unit_test_setup(test_dyn, setup),
        cmocka_unit_test_setup(test_dynamic, setup),
        cmocka_unit_test_setup(test_header_wrong, setup),
        cmocka_unit_test_setup(test_segments_wrong, setup),
    };

    return cmocka_run_group_tests_name("formats_elf", tests, NULL, NULL);
}
