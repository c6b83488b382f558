/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernels: their files are read, unpacked where they are compressed, and their segments placed. */
#include "build.h"
#include "format.h"
#include "layout.h"
#include <libfdt.h>
#include <string.h>

static void kernel_error(struct build *build, uint32_t index, const char *reason)
{
    int node = build->module[index][BUILD_KERNEL];

    report_error(build, NOTE_KERNEL_FORMAT, build->system, node, place_property(build, node), "%s",
                 reason);
}

/* A partition with the same module has unpacked it already, in this round or another. */
static bool kernel_find_unpacked(struct build *build, uint32_t index)
{
    struct plan_partition *partition = &build->plan->partition[index];
    const struct build_kept *kept = build->kept;

    for (uint32_t i = 0; i < kept->unpacked_count; i++)
        if (kept->unpacked[i].packed == partition->kernel.host &&
            kept->unpacked[i].kernel.size <= partition->ram_size) {
            partition->unpacked = kept->unpacked[i].kernel;
            return true;
        }
    return false;
}

static void kernel_keep_unpacked(struct build *build, const struct plan_partition *partition)
{
    struct build_kept *kept = build->kept;

    if (kept->unpacked_count == PLAN_PARTITIONS)
        return; /* it is unpacked again */
    kept->unpacked[kept->unpacked_count].packed = partition->kernel.host;
    kept->unpacked[kept->unpacked_count++].kernel = partition->unpacked;
}

/* Takes RAM and unpacks into it. No more than the guest's RAM could hold, whatever the file says.
 */
static bool kernel_unpack_new(struct build *build, uint32_t index, struct format *format)
{
    struct plan_partition *partition = &build->plan->partition[index];
    struct range pages;
    uint64_t size;
    uint8_t *to;

    if (!gunzip_size(format, &size))
        return false;
    if (size > partition->ram_size)
        size = partition->ram_size;
    pages.size = align_up(size, PAGE_SIZE);
    if (!place_unpacked(build, index, pages.size, &pages.base))
        return format_wrong(format, "gzip: no RAM is left for the %lu KiB that it unpacks to",
                            (unsigned long)(pages.size / 1024));
    leave_touch(build, &pages);
    to = build->facts->memory->write(&pages);
    if (!to)
        return format_wrong(format, "gzip: the manager cannot map RAM to unpack it");
    /* The monitor sees whole pages: no old content may be left in the last one. */
    memset(to + pages.size - PAGE_SIZE, 0, PAGE_SIZE);
    if (!gunzip(format, to, size))
        return false;
    partition->unpacked = (struct plan_module){pages.base, format->size};
    kernel_keep_unpacked(build, partition);
    return true;
}

static bool kernel_unpack(struct build *build, uint32_t index, struct format *format)
{
    const struct plan_module *unpacked = &build->plan->partition[index].unpacked;
    struct range pages;

    if (!kernel_find_unpacked(build, index))
        return kernel_unpack_new(build, index, format);
    pages = range_pages(unpacked->host, unpacked->size);
    format->data = build->facts->memory->read(&pages);
    format->size = unpacked->size;
    format->skipped = 0;
    return format->data || format_wrong(format, "gzip: the manager cannot map it");
}

/* A raw binary in the flash stays where it is: its own pages are what the guest sees there. */
static bool kernel_is_firmware(const struct format *format, const struct plan_layout *layout)
{
    const struct plan_segment *segment = &format->segment[0];

    return format->count == 1 && segment->target < layout->flash_size && !segment->offset &&
           segment->size == format->size && segment->room == format->size;
}

static void kernel_read(struct build *build, uint32_t index)
{
    const struct plan_memory *memory = build->facts->memory;
    struct plan_partition *partition = &build->plan->partition[index];
    const struct build_raw *raw = &build->raw[index];
    const struct range pages = range_pages(partition->kernel.host, partition->kernel.size);
    struct format format = {
        .size = partition->kernel.size,
        .ram = partition->layout.ram,
        .asked = raw->has_load || raw->has_entry,
        .has_load = raw->has_load,
        .has_entry = raw->has_entry,
        .load = raw->load,
        .entry = raw->entry,
    };

    if (memory->known && !memory->known(&pages)) {
        int node = build->module[index][BUILD_KERNEL];

        report_warning(build, NOTE_CONTENTS_UNKNOWN, build->system, node,
                       place_property(build, node), "contents not checked");
        return;
    }
    leave_touch(build, &pages);
    format.data = memory->read(&pages);
    if (!format.data) {
        kernel_error(build, index, "the manager cannot map it");
        return;
    }
    if (!format_open(&format) || (format.packed && !kernel_unpack(build, index, &format)) ||
        !format_place(&format)) {
        kernel_error(build, index, format.wrong);
        return;
    }
    partition->entry = format.entry;
    partition->segment_count = format.count;
    partition->firmware = kernel_is_firmware(&format, &partition->layout);
    if (partition->firmware && partition->ramdisk.size)
        report_error(build, NOTE_FLASH_RAMDISK, build->system, build->module[index][BUILD_RAMDISK],
                     "compatible",
                     "a kernel in the flash is firmware, which chooses its own RAM: make it a "
                     "module with bulkhead,load");
    memcpy(partition->segment, format.segment, sizeof(partition->segment));
}

void kernels_read(struct build *build)
{
    for (uint32_t i = 0; i < build->plan->partition_count && !leave_due(build); i++)
        if (build->readable[i] && build->plan->partition[i].ram_size)
            kernel_read(build, i);
}
