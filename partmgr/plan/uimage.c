/* SPDX-License-Identifier: BSD-2-Clause */
/* U-Boot's legacy uImage: a header of 64 bytes, big endian, with two checksums. */
#include "format.h"
#include <zlib.h>

enum {
    UIMAGE_MAGIC = 0x27051956,
    UIMAGE_HEADER = 64,
    UIMAGE_HEADER_CRC = 4, /* offsets */
    UIMAGE_SIZE = 12,
    UIMAGE_LOAD = 16,
    UIMAGE_ENTRY = 20,
    UIMAGE_DATA_CRC = 24,
    UIMAGE_ARCH = 29,
    UIMAGE_TYPE = 30,
    UIMAGE_COMPRESSION = 31,
    UIMAGE_ARCH_ARM = 2,
    UIMAGE_ARCH_ARM64 = 22,
    UIMAGE_TYPE_STANDALONE = 1,
    UIMAGE_TYPE_KERNEL = 2,
    UIMAGE_GZIP = 1,
};

bool uimage_is(const struct format *format)
{
    return format->size >= 4 && format_big(format->data, 4) == UIMAGE_MAGIC;
}

static uint64_t uimage_crc(uint64_t crc, const uint8_t *data, uint64_t size)
{
    const uint64_t most = 0x40000000; /* zlib counts in 32 bits */

    while (size) {
        uint64_t count = size < most ? size : most;

        crc = crc32(crc, data, (uInt)count);
        data += count;
        size -= count;
    }
    return crc;
}

/* The header's own checksum counts as zero in it. */
static bool uimage_header_good(const uint8_t *header)
{
    static const uint8_t zero[4];
    uint64_t crc = uimage_crc(0, header, UIMAGE_HEADER_CRC);

    crc = uimage_crc(crc, zero, 4);
    crc = uimage_crc(crc, header + UIMAGE_HEADER_CRC + 4, UIMAGE_HEADER - UIMAGE_HEADER_CRC - 4);
    return crc == format_big(header + UIMAGE_HEADER_CRC, 4);
}

static bool uimage_fits(struct format *format, const uint8_t *header)
{
    uint8_t arch = header[UIMAGE_ARCH], type = header[UIMAGE_TYPE];

    if (arch == UIMAGE_ARCH_ARM)
        return format_wrong(format, "a uImage for 32-bit Arm");
    if (arch != UIMAGE_ARCH_ARM64)
        return format_wrong(format, "a uImage for architecture %lu, AArch64 is %lu",
                            (unsigned long)arch, (unsigned long)UIMAGE_ARCH_ARM64);
    if (type != UIMAGE_TYPE_KERNEL && type != UIMAGE_TYPE_STANDALONE)
        return format_wrong(format, "a uImage of type %lu, a kernel is %lu", (unsigned long)type,
                            (unsigned long)UIMAGE_TYPE_KERNEL);
    if (header[UIMAGE_COMPRESSION] > UIMAGE_GZIP)
        return format_wrong(format,
                            "a uImage with compression %lu, only gzip (%lu) can be unpacked",
                            (unsigned long)header[UIMAGE_COMPRESSION], (unsigned long)UIMAGE_GZIP);
    if (format->asked)
        return format_wrong(format,
                            "bulkhead,load and bulkhead,entry are for raw binaries, this is "
                            "a uImage");
    return true;
}

bool uimage_open(struct format *format)
{
    const uint8_t *header = format->data;
    uint64_t size;

    if (format->size < UIMAGE_HEADER)
        return format_wrong(format, "a truncated uImage: shorter than its header");
    if (!uimage_header_good(header))
        return format_wrong(format, "a uImage whose header has a wrong checksum");
    if (!uimage_fits(format, header))
        return false;
    size = format_big(header + UIMAGE_SIZE, 4);
    if (!size || size > format->size - UIMAGE_HEADER)
        return format_wrong(format, "a truncated uImage: %lu of its %lu bytes are there",
                            (unsigned long)(format->size - UIMAGE_HEADER), (unsigned long)size);
    if (uimage_crc(0, header + UIMAGE_HEADER, size) != format_big(header + UIMAGE_DATA_CRC, 4))
        return format_wrong(format, "a uImage whose data have a wrong checksum");
    format->data += UIMAGE_HEADER;
    format->size = size;
    format->skipped = UIMAGE_HEADER;
    format->packed = header[UIMAGE_COMPRESSION] == UIMAGE_GZIP;
    format->load = format_big(header + UIMAGE_LOAD, 4);
    format->entry = format_big(header + UIMAGE_ENTRY, 4);
    /* Both zero: it does not say, and what is in it decides. */
    format->has_load = format->has_entry = format->load || format->entry;
    return true;
}
