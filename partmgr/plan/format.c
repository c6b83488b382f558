/* SPDX-License-Identifier: BSD-2-Clause */
/* Which format a kernel has, and those that nobody can run here. */
#include "format.h"
#include "text.h"
#include <string.h>

#define GZIP_MAGIC  "\x1f\x8b"
#define FORMAT_TEXT 32u /* bytes: no code is so long without one that is no character */

/* Known, so that they are not taken for raw binaries. */
static const struct {
    uint32_t at;
    uint32_t length;
    const char *magic;
    const char *name;
} format_refused[] = {
    {0x24, 4, "\x18\x28\x6f\x01", "a 32-bit Arm zImage"},
    {4, 4, "zimg", "an EFI zboot image: take the arm64 Image out of it"},
    {0, 2, "MZ", "an EFI application without the header of an arm64 Image"},
    {0, 4, "\xd0\x0d\xfe\xed", "a device tree or FIT image: take the kernel out of it"},
    {0, 4, "\x27\x05\x19\x56", "a uImage inside something else"},
    {0, 2, GZIP_MAGIC, "gzip where no compression is expected"},
    {0, 6,
     "\xfd"
     "7zXZ\0",
     "compressed by xz, only gzip can be unpacked"},
    {0, 4, "\x28\xb5\x2f\xfd", "compressed by zstd, only gzip can be unpacked"},
    {0, 4, "\x04\x22\x4d\x18", "compressed by lz4, only gzip can be unpacked"},
    {0, 4, "\x02\x21\x4c\x18", "compressed by lz4, only gzip can be unpacked"},
    {0, 4, "\x89LZO", "compressed by lzop, only gzip can be unpacked"},
    {0, 3, "BZh", "compressed by bzip2, only gzip can be unpacked"},
    {0, 5, "\x5d\0\0\x80\0", "compressed by lzma, only gzip can be unpacked"},
};

bool format_wrong(struct format *format, const char *text, ...)
{
    va_list arguments;

    va_start(arguments, text);
    text_vformat(format->wrong, sizeof(format->wrong), text, arguments);
    va_end(arguments);
    return false;
}

static bool format_has(const struct format *format, uint64_t at, const char *magic, uint64_t length)
{
    return format->size >= at + length && memcmp(format->data + at, magic, length) == 0;
}

bool format_open(struct format *format)
{
    if (uimage_is(format))
        return uimage_open(format);
    format->packed = format_has(format, 0, GZIP_MAGIC, 2);
    return true;
}

bool format_one(struct format *format, uint64_t start, uint64_t room)
{
    uint64_t entry = format->has_entry ? format->entry : start;

    if (!range_valid(start, room))
        return format_wrong(format, "0x%lx bytes at 0x%lx cannot be", (unsigned long)room,
                            (unsigned long)start);
    if (entry % 4 || entry < start || format->size < 4 || entry - start > format->size - 4)
        return format_wrong(
            format, "entry 0x%lx is no instruction of it: it lies from 0x%lx to 0x%lx",
            (unsigned long)entry, (unsigned long)start, (unsigned long)(start + format->size - 1));
    format->entry = entry;
    format->segment[0] = (struct plan_segment){format->skipped, format->size, start, room};
    format->count = 1;
    return true;
}

/* Source, scripts, archives of Unix: what is taken for a kernel by a slip of the pen. */
static bool format_is_text(const struct format *format)
{
    uint64_t i = 0;

    while (i < FORMAT_TEXT && i < format->size &&
           ((format->data[i] >= ' ' && format->data[i] <= '~') || format->data[i] == '\n' ||
            format->data[i] == '\t' || format->data[i] == '\r'))
        i++;
    return i && (i == FORMAT_TEXT || i == format->size);
}

/* A raw binary: whatever nothing else is known of. */
static bool format_place_raw(struct format *format)
{
    for (uint32_t i = 0; i < sizeof(format_refused) / sizeof(format_refused[0]); i++)
        if (format_has(format, format_refused[i].at, format_refused[i].magic,
                       format_refused[i].length))
            return format_wrong(format, "%s", format_refused[i].name);
    if (!format->asked && format_is_text(format))
        return format_wrong(format, "text; a raw binary that begins so needs bulkhead,load");
    return format_one(format, format->has_load ? format->load : format->ram + FORMAT_RAW_OFFSET,
                      format->size);
}

bool format_place(struct format *format)
{
    bool elf = elf_is(format);

    if (!elf && !image_is(format))
        return format_place_raw(format);
    if (format->asked)
        return format_wrong(format,
                            "bulkhead,load and bulkhead,entry are for raw binaries, this is "
                            "%s",
                            elf ? "ELF" : "an arm64 Image");
    return elf ? elf_place(format) : image_place(format);
}
