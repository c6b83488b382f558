/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of kernel formats share: files made by hand, and what becomes of them. */
#ifndef FORMATS_FIXTURE_H
#define FORMATS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "partmgr/plan/format.h"

enum { FILE_ROOM = 0x10000, RAM = 0x40000000 };

/* A file, and where the next byte goes. */
struct file {
    uint8_t data[FILE_ROOM];
    size_t size;
};

static inline void put_little(uint8_t *at, uint64_t number, int bytes)
{
    for (; bytes; bytes--, number >>= 8)
        *at++ = (uint8_t)number;
}

static inline void put_big(uint8_t *at, uint64_t number, int bytes)
{
    while (bytes--)
        *at++ = (uint8_t)(number >> (8 * bytes));
}

/* `size` bytes that compress a little. */
static inline void file_fill(struct file *file, size_t size)
{
    for (size_t i = 0; i < size; i++)
        file->data[i] = (uint8_t)(i * i >> 5);
    file->size = size;
}

static inline void file_image(struct file *file, uint64_t text_offset, uint64_t image_size)
{
    memset(file, 0, sizeof(*file));
    put_little(file->data + 8, text_offset, 8);
    put_little(file->data + 16, image_size, 8);
    memcpy(file->data + 56, "ARM\x64", 4);
    file->size = 0x1000;
}

/* A PE header with one section, as Linux has one when it is an EFI application too. */
static inline void file_image_efi(struct file *file, uint64_t section_end)
{
    file_image(file, 0, 0x20000);
    memcpy(file->data, "MZ", 2);
    put_little(file->data + 60, 64, 4);
    memcpy(file->data + 64, "PE\0\0", 4);
    put_little(file->data + 64 + 6, 1, 2);
    put_little(file->data + 64 + 20, 160, 2);
    put_little(file->data + 64 + 24 + 160 + 16, section_end - 0x800, 4);
    put_little(file->data + 64 + 24 + 160 + 20, 0x800, 4);
}

/* An ELF without segments; the other values are those of AArch64. */
static inline void file_elf(struct file *file, uint64_t type, uint64_t entry)
{
    memset(file, 0, sizeof(*file));
    memcpy(file->data,
           "\x7f"
           "ELF\2\1\1",
           7);
    put_little(file->data + 16, type, 2);
    put_little(file->data + 18, 183, 2);
    put_little(file->data + 20, 1, 4);
    put_little(file->data + 24, entry, 8);
    put_little(file->data + 32, 64, 8);
    put_little(file->data + 54, 56, 2);
    file->size = 0x2000;
}

struct part {
    uint64_t type, offset, virtual, physical, file_size, size, align;
};

static inline void file_elf_part(struct file *file, const struct part *part)
{
    uint8_t *count = file->data + 56;
    uint8_t *at = file->data + 64 + 56 * *count;
    const uint64_t numbers[] = {part->offset,    part->virtual, part->physical,
                                part->file_size, part->size,    part->align};

    ++*count;
    put_little(at, part->type, 4);
    for (int i = 0; i < 6; i++)
        put_little(at + 8 + 8 * i, numbers[i], 8);
}

/* Both checksums of a uImage, after a change. */
static inline void file_uimage_sum(struct file *file)
{
    put_big(file->data + 24, crc32(0, file->data + 64, (uInt)file->size - 64), 4);
    put_big(file->data + 4, 0, 4);
    put_big(file->data + 4, crc32(0, file->data, 64), 4);
}

/* What is in the file becomes the data of a uImage. */
static inline void file_uimage(struct file *file, uint32_t load, uint32_t entry,
                               uint8_t compression)
{
    assert_true(file->size + 64 <= FILE_ROOM);
    memmove(file->data + 64, file->data, file->size);
    memset(file->data, 0, 64);
    put_big(file->data, 0x27051956, 4);
    put_big(file->data + 12, file->size, 4);
    put_big(file->data + 16, load, 4);
    put_big(file->data + 20, entry, 4);
    file->data[28] = 5;
    file->data[29] = 22;
    file->data[30] = 2;
    file->data[31] = compression;
    file->size += 64;
    file_uimage_sum(file);
}

static inline void file_gzip(struct file *file)
{
    struct file *packed = calloc(1, sizeof(*packed));
    z_stream stream = {0};

    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 16 + 15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = file->data;
    stream.avail_in = (uInt)file->size;
    stream.next_out = packed->data;
    stream.avail_out = FILE_ROOM;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    packed->size = stream.total_out;
    deflateEnd(&stream);
    *file = *packed;
    free(packed);
}

/* Reads a file as the plan does, from memory of exactly its size and into a room of exactly the
 * size that it gives, so that the sanitizer sees every byte too many. */
static inline bool format_run(struct format *format, const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    uint8_t *room = NULL;
    uint64_t wanted = 0;
    bool good;

    memcpy(copy, data, size);
    format->data = copy;
    format->size = size;
    format->ram = RAM;
    good = format_open(format);
    if (good && format->packed) {
        good = gunzip_size(format, &wanted);
        if (good && wanted > FILE_ROOM)
            wanted = FILE_ROOM;
        room = malloc(wanted ? wanted : 1);
        good = good && gunzip(format, room, wanted);
    }
    good = good && format_place(format);
    /* What comes out can be copied as it is. */
    for (uint32_t i = 0; good && i < format->count; i++) {
        const struct plan_segment *segment = &format->segment[i];

        assert_true(segment->size <= segment->room);
        assert_true(range_valid(segment->target, segment->room));
        assert_true(segment->offset >= format->skipped &&
                    segment->offset - format->skipped <= format->size &&
                    segment->size <= format->size - (segment->offset - format->skipped));
    }
    assert_true(!good || format->count);
    assert_true(good || format->wrong[0]);
    free(room);
    free(copy);
    return good;
}

static inline struct format expect_good(const struct file *file)
{
    struct format format = {0};

    if (!format_run(&format, file->data, file->size))
        fail_msg("%s", format.wrong);
    return format;
}

static inline void expect_wrong(const struct file *file, const char *wrong)
{
    struct format format = {0};

    assert_false(format_run(&format, file->data, file->size));
    assert_string_equal(format.wrong, wrong);
}

static inline void expect_segment(const struct format *format, uint32_t index, uint64_t offset,
                                  uint64_t size, uint64_t target, uint64_t room)
{
    assert_true(index < format->count);
    assert_int_equal(format->segment[index].offset, offset);
    assert_int_equal(format->segment[index].size, size);
    assert_int_equal(format->segment[index].target, target);
    assert_int_equal(format->segment[index].room, room);
}

#endif
