/* SPDX-License-Identifier: BSD-2-Clause */
/* ELF for AArch64: executables, and position-independent ones that need no relocation. */
#include "format.h"

enum {
    ELF_MAGIC = 0x464c457f,
    ELF_HEADER = 64,
    ELF_CLASS = 4, /* offsets in the header */
    ELF_DATA = 5,
    ELF_TYPE = 16,
    ELF_MACHINE = 18,
    ELF_VERSION = 20,
    ELF_ENTRY = 24,
    ELF_PHOFF = 32,
    ELF_PHENTSIZE = 54,
    ELF_PHNUM = 56,
    ELF_CLASS_64 = 2,
    ELF_LITTLE = 1,
    ELF_PHNUM_MAX = 64, /* ours: bounds the time that a hostile one takes */
    ELF_EXEC = 2,
    ELF_DYN = 3,
    ELF_AARCH64 = 183,
    ELF_P_SIZE = 56, /* a program header, and offsets in it */
    ELF_P_TYPE = 0,
    ELF_P_OFFSET = 8,
    ELF_P_VADDR = 16,
    ELF_P_PADDR = 24,
    ELF_P_FILESZ = 32,
    ELF_P_MEMSZ = 40,
    ELF_P_ALIGN = 48,
    ELF_LOAD = 1,
    ELF_DYNAMIC = 2,
    ELF_INTERP = 3,
    ELF_D_SIZE = 16, /* an entry of the dynamic section: tag and value */
    ELF_D_END = 0,
    ELF_D_NEEDED = 1,
    ELF_D_PLTRELSZ = 2,
    ELF_D_RELASZ = 8,
    ELF_D_RELSZ = 18,
    ELF_D_RELRSZ = 35,
};

/* A program header. */
struct elf_part {
    uint64_t type, offset, virtual, physical, file_size, size, align;
};

bool elf_is(const struct format *format)
{
    return format->size >= 4 && format_little(format->data, 4) == ELF_MAGIC;
}

static bool elf_header_good(struct format *format)
{
    const uint8_t *header = format->data;
    uint64_t type, machine, at, count;

    if (format->size < ELF_HEADER)
        return format_wrong(format, "a truncated ELF: shorter than its header");
    if (header[ELF_CLASS] != ELF_CLASS_64)
        return format_wrong(format, "a 32-bit ELF");
    if (header[ELF_DATA] != ELF_LITTLE)
        return format_wrong(format, "a big-endian ELF");
    type = format_little(header + ELF_TYPE, 2);
    machine = format_little(header + ELF_MACHINE, 2);
    if (machine != ELF_AARCH64)
        return format_wrong(format, "an ELF for machine %lu, AArch64 is %lu",
                            (unsigned long)machine, (unsigned long)ELF_AARCH64);
    if (type != ELF_EXEC && type != ELF_DYN)
        return format_wrong(format, "an ELF of type %lu, an executable is %lu or %lu",
                            (unsigned long)type, (unsigned long)ELF_EXEC, (unsigned long)ELF_DYN);
    if (format_little(header + ELF_VERSION, 4) != 1 ||
        format_little(header + ELF_PHENTSIZE, 2) != ELF_P_SIZE)
        return format_wrong(format, "an ELF of another version");
    at = format_little(header + ELF_PHOFF, 8);
    count = format_little(header + ELF_PHNUM, 2);
    if (count > ELF_PHNUM_MAX)
        return format_wrong(format, "an ELF with more than %lu program headers",
                            (unsigned long)ELF_PHNUM_MAX);
    if (at > format->size || count * ELF_P_SIZE > format->size - at)
        return format_wrong(format, "a truncated ELF: its program headers are not in it");
    return true;
}

/* Number `index` of those that elf_header_good() has found to be in the file. */
static struct elf_part elf_part(const struct format *format, uint64_t index)
{
    const uint8_t *at =
        format->data + format_little(format->data + ELF_PHOFF, 8) + index * ELF_P_SIZE;

    return (struct elf_part){
        format_little(at + ELF_P_TYPE, 4),   format_little(at + ELF_P_OFFSET, 8),
        format_little(at + ELF_P_VADDR, 8),  format_little(at + ELF_P_PADDR, 8),
        format_little(at + ELF_P_FILESZ, 8), format_little(at + ELF_P_MEMSZ, 8),
        format_little(at + ELF_P_ALIGN, 8),
    };
}

static bool elf_in_file(struct format *format, const struct elf_part *part)
{
    if (part->offset <= format->size && part->file_size <= format->size - part->offset)
        return true;
    return format_wrong(format, "a truncated ELF: 0x%lx bytes at offset 0x%lx are not in its 0x%lx",
                        (unsigned long)part->file_size, (unsigned long)part->offset,
                        (unsigned long)format->size);
}

/* Nobody here would relocate it or find its libraries. */
static bool elf_is_static(struct format *format, const struct elf_part *part)
{
    const uint8_t *at = format->data + part->offset;

    for (uint64_t left = part->file_size; left >= ELF_D_SIZE;
         left -= ELF_D_SIZE, at += ELF_D_SIZE) {
        uint64_t tag = format_little(at, 8);

        if (tag == ELF_D_END)
            break;
        if (tag == ELF_D_NEEDED)
            return format_wrong(format, "an ELF that needs shared libraries");
        if ((tag == ELF_D_PLTRELSZ || tag == ELF_D_RELASZ || tag == ELF_D_RELSZ ||
             tag == ELF_D_RELRSZ) &&
            format_little(at + 8, 8))
            return format_wrong(format, "an ELF that has to be relocated");
    }
    return true;
}

static bool elf_add(struct format *format, const struct elf_part *part)
{
    const struct range range = {part->physical, part->size};

    if (!range_valid(range.base, range.size) || part->file_size > part->size ||
        part->align & (part->align - 1) || part->align > RANGES_LIMIT)
        return format_wrong(format,
                            "an ELF with a segment of 0x%lx bytes, 0x%lx of them in the file, "
                            "at 0x%lx, aligned to 0x%lx",
                            (unsigned long)part->size, (unsigned long)part->file_size,
                            (unsigned long)part->physical, (unsigned long)part->align);
    if (format->count == PLAN_SEGMENTS)
        return format_wrong(format, "an ELF with more than %lu segments",
                            (unsigned long)PLAN_SEGMENTS);
    for (uint32_t i = 0; i < format->count; i++) {
        const struct range other = {format->segment[i].target, format->segment[i].room};

        if (range_overlaps(&other, &range))
            return format_wrong(format, "an ELF with segments on one another at 0x%lx and 0x%lx",
                                (unsigned long)other.base, (unsigned long)range.base);
    }
    format->segment[format->count++] = (struct plan_segment){
        format->skipped + part->offset, part->file_size, part->physical, part->size};
    return true;
}

/* What is position independent and linked below the RAM, at 0 that is, moves into it as a whole. */
static bool elf_move(struct format *format, uint64_t align)
{
    uint64_t lowest = RANGES_LIMIT;
    uint64_t by;

    for (uint32_t i = 0; i < format->count; i++)
        if (format->segment[i].target < lowest)
            lowest = format->segment[i].target;
    if (lowest >= format->ram || format_little(format->data + ELF_TYPE, 2) != ELF_DYN)
        return true;
    by = align_up(format->ram + FORMAT_RAW_OFFSET, align) - align_down(lowest, align);
    format->entry += by;
    for (uint32_t i = 0; i < format->count; i++) {
        format->segment[i].target += by;
        if (!range_valid(format->segment[i].target, format->segment[i].room))
            return format_wrong(format, "an ELF with a segment at 0x%lx",
                                (unsigned long)(format->segment[i].target - by));
    }
    return true;
}

bool elf_place(struct format *format)
{
    bool entered = false;
    uint64_t align = PAGE_SIZE;
    uint64_t entry;

    if (!elf_header_good(format))
        return false;
    if (format->has_load)
        return format_wrong(format, "a uImage with a load address around an ELF");
    entry = format_little(format->data + ELF_ENTRY, 8);
    for (uint64_t i = 0; i < format_little(format->data + ELF_PHNUM, 2); i++) {
        const struct elf_part part = elf_part(format, i);

        if (part.type == ELF_INTERP)
            return format_wrong(format, "an ELF that needs an interpreter");
        if (part.type == ELF_DYNAMIC &&
            (!elf_in_file(format, &part) || !elf_is_static(format, &part)))
            return false;
        if (part.type != ELF_LOAD || !part.size)
            continue;
        if (!elf_in_file(format, &part) || !elf_add(format, &part))
            return false;
        if (part.align > align)
            align = part.align;
        if (entry - part.virtual < part.file_size) { /* wraps to something large below it */
            format->entry = entry - part.virtual + part.physical;
            entered = true;
        }
    }
    if (!format->count)
        return format_wrong(format, "an ELF with nothing to load");
    if (!entered || format->entry % 4)
        return format_wrong(format, "an ELF whose entry 0x%lx is no instruction of it",
                            (unsigned long)entry);
    return elf_move(format, align);
}
