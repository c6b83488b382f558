/* SPDX-License-Identifier: BSD-2-Clause */
/* The arm64 Image (Linux, Documentation/arm64/booting.rst), and its PE header for where its file
 * ends. */
#include "format.h"

enum {
    IMAGE_HEADER = 64,
    IMAGE_TEXT_OFFSET = 8, /* offsets */
    IMAGE_SIZE = 16,       /* 0: a kernel of the time before this field, at FORMAT_RAW_OFFSET */
    IMAGE_FLAGS = 24,
    IMAGE_MAGIC_AT = 56,
    IMAGE_PE = 60,
    IMAGE_MAGIC = 0x644d5241, /* "ARM\x64" */
    IMAGE_BIG_ENDIAN = 1,
    IMAGE_PE_MAGIC = 0x4550, /* "PE\0\0" */
    IMAGE_PE_HEADER = 24,
    IMAGE_PE_SECTIONS = 6,
    IMAGE_PE_OPTIONAL = 20,
    IMAGE_SECTION = 40,
    IMAGE_SECTION_SIZE = 16,
    IMAGE_SECTION_AT = 20,
};

bool image_is(const struct format *format)
{
    return format->size >= IMAGE_HEADER &&
           format_little(format->data + IMAGE_MAGIC_AT, 4) == IMAGE_MAGIC;
}

/* The Image's own header does not say how long the file is. One that is an EFI application too has
 * a PE header, whose sections do. */
static bool image_whole(const struct format *format)
{
    const uint8_t *data = format->data;
    uint64_t pe = format_little(data + IMAGE_PE, 4);
    uint64_t at, sections;

    if (!pe || data[0] != 'M' || data[1] != 'Z')
        return true;
    if (pe + IMAGE_PE_HEADER > format->size)
        return false;
    if (format_little(data + pe, 4) != IMAGE_PE_MAGIC)
        return true;
    sections = format_little(data + pe + IMAGE_PE_SECTIONS, 2);
    at = pe + IMAGE_PE_HEADER + format_little(data + pe + IMAGE_PE_OPTIONAL, 2);
    if (at + sections * IMAGE_SECTION > format->size)
        return false;
    for (; sections; sections--, at += IMAGE_SECTION)
        if (format_little(data + at + IMAGE_SECTION_AT, 4) +
                format_little(data + at + IMAGE_SECTION_SIZE, 4) >
            format->size)
            return false;
    return true;
}

bool image_place(struct format *format)
{
    uint64_t offset = format_little(format->data + IMAGE_TEXT_OFFSET, 8);
    uint64_t room = format_little(format->data + IMAGE_SIZE, 8);

    if (format_little(format->data + IMAGE_FLAGS, 8) & IMAGE_BIG_ENDIAN)
        return format_wrong(format, "a big-endian arm64 Image");
    if (!image_whole(format))
        return format_wrong(format, "a truncated arm64 Image");
    if (!room)
        offset = FORMAT_RAW_OFFSET;
    if (offset >= RANGES_LIMIT || room >= RANGES_LIMIT)
        return format_wrong(format, "an arm64 Image that wants 0x%lx bytes at offset 0x%lx",
                            (unsigned long)room, (unsigned long)offset);
    if (room < format->size)
        room = format->size;
    if (!format->has_load)
        return format_one(format, format->ram + offset, room);
    if ((format->load - offset) % BLOCK_SIZE)
        return format_wrong(format,
                            "a uImage that loads to 0x%lx the arm64 Image in it, which needs "
                            "offset 0x%lx from a multiple of 2 MiB",
                            (unsigned long)format->load, (unsigned long)offset);
    return format_one(format, format->load, room);
}
