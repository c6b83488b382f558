/* SPDX-License-Identifier: BSD-2-Clause */
/* libFuzzer on kernel formats: the input is one file. */
#include "format.h"
#include "harness.h"
#include <stdlib.h>

enum { ROOM = 0x10000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct format format = {.data = data, .size = size, .ram = 0x40000000};
    uint8_t *room = NULL;
    uint64_t wanted;
    bool good = size && format_open(&format);

    if (good && format.packed) {
        good = gunzip_size(&format, &wanted);
        if (good && wanted > ROOM)
            wanted = ROOM;
        room = good ? malloc(wanted) : NULL;
        good = room && gunzip(&format, room, wanted);
    }
    if (good && format_place(&format))
        for (uint32_t i = 0; i < format.count; i++) {
            const struct plan_segment *segment = &format.segment[i];

            if (segment->size > segment->room || !range_valid(segment->target, segment->room) ||
                segment->offset < format.skipped ||
                segment->offset - format.skipped + segment->size > format.size)
                abort();
        }
    free(room);
    return 0;
}
