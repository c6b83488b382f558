/* SPDX-License-Identifier: BSD-2-Clause */
/* Loads the partition: decides where kernel, ramdisk and tree go, and says what is wrong when they
 * cannot. */
#include "monitor.h"

/* The arm64 Image header (Linux, Documentation/arm64/booting.rst), little endian as we are. */
struct image_header {
    uint32_t code[2];
    uint64_t text_offset;
    uint64_t image_size; /* 0: a kernel of the time before this field, with the text_offset below */
    uint64_t flags;      /* bit 0: big endian */
    uint64_t reserved[3];
    uint32_t magic;
    uint32_t pe_offset;
};
_Static_assert(sizeof(struct image_header) == 64, "arm64 Image header layout");

#define IMAGE_MAGIC      0x644d5241u /* "ARM\x64" */
#define IMAGE_BIG_ENDIAN 1u
#define IMAGE_ALIGN      0x200000u
#define OLD_TEXT_OFFSET  0x80000u /* of images that give no size, and where raw binaries go */

enum { KERNEL, RAMDISK, TREE };
static const char *const load_names[PIECES] = {"kernel", "ramdisk", "tree"};

static struct answer load_refuse(const struct bh_mon_config *config, const char *what,
                                 const char *reason)
{
    struct text text = {.length = 0};

    text_string(&text, config->name);
    text_string(&text, " error: ");
    text_string(&text, what);
    text_string(&text, ": ");
    text_string(&text, reason);
    text_print(&text);
    return (struct answer){BH_DO_STOP, {BH_STOP_LOAD}};
}

/* Where the kernel goes, by its format. Returns what is wrong, or NULL. */
static const char *load_place_kernel(const struct bh_mon_config *config, struct piece *piece)
{
    const struct image_header *header = (const struct image_header *)piece->from;
    uint64_t offset = OLD_TEXT_OFFSET;

    if (!piece->size)
        return "missing";
    if (piece->size >= sizeof(*header) && header->magic == IMAGE_MAGIC) {
        if (header->flags & IMAGE_BIG_ENDIAN)
            return "a big-endian arm64 Image";
        if (config->ram_base % IMAGE_ALIGN)
            return "an arm64 Image needs RAM that begins at a multiple of 2 MiB";
        if (header->image_size) {
            offset = header->text_offset;
            if (header->image_size > piece->reserved)
                piece->reserved = header->image_size;
        }
    }
    if (!piece->start) {
        if (offset >= config->ram_size)
            return "does not fit in the RAM";
        piece->start = config->ram_base + offset;
    }
    return NULL;
}

/* True when the piece lies in RAM. No sum is formed before it is known to fit. */
static bool load_fits(const struct bh_mon_config *config, const struct piece *piece)
{
    return piece->start >= config->ram_base &&
           piece->start - config->ram_base <= config->ram_size &&
           piece->reserved <= config->ram_size - (piece->start - config->ram_base);
}

/* Both in RAM, so that the sums do not overflow. */
static bool load_overlap(const struct piece *a, const struct piece *b)
{
    return a->reserved && b->reserved && a->start < b->start + b->reserved &&
           b->start < a->start + a->reserved;
}

static void load_report(const struct bh_mon_config *config)
{
    struct text text = {.length = 0};

    text_string(&text, config->name);
    text_string(&text, " started cores=");
    text_number(&text, config->vcpus);
    text_string(&text, " memory=");
    if (config->ram_size % 0x100000) {
        text_number(&text, config->ram_size >> 10);
        text_string(&text, "K at=");
    } else {
        text_number(&text, config->ram_size >> 20);
        text_string(&text, "M at=");
    }
    text_number(&text, clock_us());
    text_string(&text, "us");
    text_print(&text);
}

struct answer load_partition(const struct bh_mon_config *config)
{
    const struct bh_mon_image *const images[PIECES] = {&config->kernel, &config->ramdisk,
                                                       &config->tree};
    struct piece pieces[PIECES];
    const char *reason;

    if (config->magic != BH_MON_MAGIC || config->vcpus > BH_MAX_VCPUS)
        return load_refuse(&(struct bh_mon_config){.name = "monitor"}, "configuration",
                           "of another version");
    for (uint32_t i = 0; i < PIECES; i++)
        pieces[i] = (struct piece){(const char *)images[i]->address, images[i]->target,
                                   images[i]->size, images[i]->size};
    reason = load_place_kernel(config, &pieces[KERNEL]);
    if (reason)
        return load_refuse(config, load_names[KERNEL], reason);
    for (uint32_t i = 0; i < PIECES; i++)
        if (pieces[i].size && !load_fits(config, &pieces[i]))
            return load_refuse(config, load_names[i], "does not fit in the RAM");
    if (load_overlap(&pieces[RAMDISK], &pieces[KERNEL]))
        return load_refuse(config, load_names[RAMDISK], "overlaps the kernel");
    if (load_overlap(&pieces[TREE], &pieces[KERNEL]))
        return load_refuse(config, load_names[TREE], "overlaps the kernel");
    if (load_overlap(&pieces[TREE], &pieces[RAMDISK]))
        return load_refuse(config, load_names[TREE], "overlaps the ramdisk");
    fill_ram(config, pieces);
    load_report(config);
    return (struct answer){BH_DO_START,
                           {pieces[KERNEL].start, pieces[TREE].size ? pieces[TREE].start : 0}};
}
