/* SPDX-License-Identifier: BSD-2-Clause */
/* Damaged kernels: cut off anywhere, any byte or word changed, with and without the checksums made
 * good again. They may be refused or accepted, but nothing is read or written outside (the host
 * build has the address sanitizer), and what is accepted can be copied. */
#include "formats_fixture.h"

static struct file good;
static struct file changed;

static void hostile_run(bool uimage)
{
    struct format format = {0};

    format_run(&format, changed.data, changed.size);
    if (!uimage)
        return;
    file_uimage_sum(&changed);
    format = (struct format){0};
    format_run(&format, changed.data, changed.size);
}

static void hostile_file(bool uimage)
{
    static const uint64_t words[] = {0,          1,           0x7fffffff, 0x80000000, 0xfffffffc,
                                     0xffffffff, 0x100000000, 1ull << 52, 1ull << 63, ~0ull};
    uint32_t accepted = 0;

    for (size_t cut = 0; cut < good.size; cut++) {
        struct format format = {0};

        accepted += format_run(&format, good.data, cut);
    }
    assert_int_equal(accepted, 0); /* every byte of these files is needed */
    for (size_t at = 0; at < good.size; at++)
        for (unsigned flip = 1; flip <= 0x100; flip <<= 1) {
            changed = good;
            changed.data[at] = (uint8_t)(changed.data[at] ^ (flip > 0x80 ? 0xff : flip));
            hostile_run(uimage);
        }
    for (size_t at = 0; at + 8 <= good.size; at += 4)
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
            changed = good;
            put_little(changed.data + at, words[i], 8);
            hostile_run(uimage);
        }
}

static void hostile_elf(void **state)
{
    (void)state;
    file_elf(&good, 3, 0x10);
    file_elf_part(&good, &(struct part){1, 0x180, 0, 0, 0x40, 0x80, 0x1000});
    file_elf_part(&good, &(struct part){2, 0x1c0, 0, 0, 0x20, 0x20, 8});
    put_little(good.data + 0x1c0, 5, 8);
    good.size = 0x1e0;
    expect_good(&good);
    hostile_file(false);
}

static void hostile_image(void **state)
{
    (void)state;
    file_image_efi(&good, 0x900);
    put_little(good.data + 64 + 24 + 160 + 20, 0x100, 4);
    put_little(good.data + 64 + 24 + 160 + 16, 0x100, 4);
    good.size = 0x200;
    expect_good(&good);
    hostile_file(false);
}

static void hostile_gzip(void **state)
{
    (void)state;
    file_fill(&good, 0x400);
    file_gzip(&good);
    expect_good(&good);
    hostile_file(false);
}

static void hostile_uimage(void **state)
{
    (void)state;
    file_fill(&good, 0x100);
    file_gzip(&good);
    file_uimage(&good, 0x40080000, 0x40080000, 1);
    expect_good(&good);
    hostile_file(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_elf),
        cmocka_unit_test(hostile_image),
        cmocka_unit_test(hostile_gzip),
        cmocka_unit_test(hostile_uimage),
    };

    return cmocka_run_group_tests_name("formats_hostile", tests, NULL, NULL);
}
