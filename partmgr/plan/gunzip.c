/* SPDX-License-Identifier: BSD-2-Clause */
/* gzip, by zlib, with memory of our own and into a room of known size. */
#include "format.h"
#define ZLIB_CONST
#include <zlib.h>

#define GUNZIP_MIN   18u          /* header and trailer of a gzip file */
#define GUNZIP_WBITS (16 + 15)    /* a gzip header, and the largest window */
#define GUNZIP_HEAP  0xc000u      /* zlib wants its state and, where it stops in between, 32 KiB */
#define GUNZIP_CHUNK 0x40000000ul /* zlib counts in 32 bits */

static struct {
    uint64_t bytes[GUNZIP_HEAP / 8];
    uint32_t used;
} gunzip_heap;

static voidpf gunzip_alloc(voidpf opaque, uInt items, uInt size)
{
    uint64_t wanted = align_up((uint64_t)items * size, 16);
    uint64_t *at = gunzip_heap.bytes + gunzip_heap.used / 8;

    (void)opaque;
    if (wanted > GUNZIP_HEAP - gunzip_heap.used)
        return Z_NULL;
    gunzip_heap.used += (uint32_t)wanted;
    return at;
}

/* The next file begins with an empty heap. */
static void gunzip_free(voidpf opaque, voidpf at)
{
    (void)opaque;
    (void)at;
}

bool gunzip_size(struct format *format, uint64_t *size)
{
    if (format->size < GUNZIP_MIN)
        return format_wrong(format, "truncated gzip");
    *size = format_little(format->data + format->size - 4, 4);
    if (!*size)
        return format_wrong(format,
                            "gzip that says it unpacks to nothing: empty, truncated, or not "
                            "alone in its module");
    return true;
}

static uInt gunzip_chunk(uint64_t left)
{
    return (uInt)(left < GUNZIP_CHUNK ? left : GUNZIP_CHUNK);
}

/* All of the stream, or until it cannot go on. Each turn but the last moves one of the two ends. */
static int gunzip_run(struct format *format, z_stream *stream, uint8_t *to, uint64_t room)
{
    int status = Z_OK;

    stream->next_in = format->data;
    stream->next_out = to;
    while (status == Z_OK) {
        stream->avail_in = gunzip_chunk((uint64_t)(format->data + format->size - stream->next_in));
        stream->avail_out = gunzip_chunk((uint64_t)(to + room - stream->next_out));
        status = inflate(stream, Z_NO_FLUSH);
    }
    return status;
}

bool gunzip(struct format *format, uint8_t *to, uint64_t room)
{
    z_stream stream = {.zalloc = gunzip_alloc, .zfree = gunzip_free};
    int status;

    gunzip_heap.used = 0;
    status = inflateInit2(&stream, GUNZIP_WBITS);
    if (status == Z_OK)
        status = gunzip_run(format, &stream, to, room);
    if (status == Z_BUF_ERROR && stream.avail_in)
        return format_wrong(format,
                            "gzip that unpacks to more than %lu bytes, which its end says or "
                            "its memory holds: truncated, damaged, or too large",
                            (unsigned long)room);
    if (status == Z_BUF_ERROR)
        return format_wrong(format, "truncated gzip");
    if (status != Z_STREAM_END)
        return format_wrong(format, "damaged gzip: %s",
                            stream.msg ? stream.msg : "refused by zlib");
    if (stream.avail_in)
        return format_wrong(format, "gzip with %lu bytes behind its end",
                            (unsigned long)stream.avail_in);
    format->data = to;
    format->size = (uint64_t)(stream.next_out - to);
    format->skipped = 0;
    format->packed = false;
    return true;
}
