/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel formats: from a file's bytes to segments in a guest's RAM, or to what is wrong with it.
 * All of it is hostile input: no length, offset or address is believed. */
#ifndef PLAN_FORMAT_H
#define PLAN_FORMAT_H

#include "plan.h"

#define FORMAT_RAW_OFFSET 0x80000u /* where what does not say it goes, from the start of RAM */

/* A kernel on its way. */
struct format {
    const uint8_t *data; /* what is left to be read */
    uint64_t size;
    uint64_t skipped; /* bytes before data that were read: a uImage's header */
    bool packed;      /* data is gzip */
    uint64_t ram;     /* guest physical: where the RAM begins; a multiple of 2 MiB */
    bool asked;       /* load or entry came with the tree, not with the file */
    bool has_load;
    bool has_entry;
    uint64_t load; /* guest physical */
    uint64_t entry;
    uint32_t count;
    struct plan_segment
        segment[PLAN_SEGMENTS]; /* apart, below RANGES_LIMIT; maybe not in the RAM */
    char wrong[128];
};

/* Says what is wrong; always false. */
bool format_wrong(struct format *format, const char *text, ...)
    __attribute__((format(printf, 2, 3)));

/* From here on false means: format->wrong says why. */

/* Reads what is around the kernel. If then it is packed, gunzip() comes before format_place(). */
bool format_open(struct format *format);

/* Finds segments and entry. */
bool format_place(struct format *format);

/* The one segment of everything but ELF: all of the data at `start`, with so much room. */
bool format_one(struct format *format, uint64_t start, uint64_t room);

/* gunzip.c: how many bytes the file says that it unpacks to (4 GiB are as many as none); and the
 * bytes, at most `room` of them. Then data and size are those. */
bool gunzip_size(struct format *format, uint64_t *size);
bool gunzip(struct format *format, uint8_t *to, uint64_t room);

/* Each is there for one format: is it that, and what becomes of it. */
bool uimage_is(const struct format *format);
bool uimage_open(struct format *format);
bool elf_is(const struct format *format);
bool elf_place(struct format *format);
bool image_is(const struct format *format);
bool image_place(struct format *format);

/* Numbers of `bytes` bytes at any address. */
static inline uint64_t format_little(const uint8_t *at, uint32_t bytes)
{
    uint64_t number = 0;

    while (bytes)
        number = number << 8 | at[--bytes];
    return number;
}

static inline uint64_t format_big(const uint8_t *at, uint32_t bytes)
{
    uint64_t number = 0;

    for (uint32_t i = 0; i < bytes; i++)
        number = number << 8 | at[i];
    return number;
}

#endif
