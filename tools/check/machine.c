/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's memory: pieces whose bytes are known, and RAM for what the plan writes. */
#include "machine.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MACHINE_PIECES 256u
#define MACHINE_FILE   (1ull << 40) /* more than any file that is meant */

static struct machine_piece {
    struct range range;
    const uint8_t *data;
} machine_pieces[MACHINE_PIECES];
static size_t machine_count;

const uint8_t *machine_file(const char *path, uint64_t *size)
{
    struct stat stat;
    void *data = MAP_FAILED;
    int file = open(path, O_RDONLY | O_CLOEXEC);

    /* Behind its end a mapped page holds zeroes, as in a machine's memory. */
    if (file >= 0 && fstat(file, &stat) == 0 && S_ISREG(stat.st_mode) && stat.st_size > 0 &&
        (uint64_t)stat.st_size < MACHINE_FILE)
        data = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    if (file >= 0)
        close(file);
    if (data == MAP_FAILED) {
        fprintf(stderr, "%s: cannot be read, or is empty\n", path);
        return NULL;
    }
    *size = (uint64_t)stat.st_size;
    return data;
}

bool machine_load(const char *what, uint64_t base, const uint8_t *data, uint64_t size)
{
    const struct range range = {base, size};

    if (machine_count == MACHINE_PIECES || !range_valid(base, size)) {
        fprintf(stderr, "%s: cannot lie at 0x%llx\n", what, (unsigned long long)base);
        return false;
    }
    for (size_t i = 0; i < machine_count; i++)
        if (range_overlaps(&machine_pieces[i].range, &range)) {
            fprintf(stderr, "%s: at 0x%llx lies something else\n", what, (unsigned long long)base);
            return false;
        }
    machine_pieces[machine_count++] = (struct machine_piece){range, data};
    return true;
}

const uint8_t *machine_at(uint64_t base, uint64_t size)
{
    for (size_t i = 0; i < machine_count; i++) {
        const struct machine_piece *piece = &machine_pieces[i];
        /* The rest of the last page can be read, too. */
        const uint64_t room = align_up(piece->range.size, PAGE_SIZE);

        if (base >= piece->range.base && size <= room && base - piece->range.base <= room - size)
            return piece->data + (base - piece->range.base);
    }
    return NULL;
}

/* The piece that begins at the pages or before them and reaches into them; NULL: there is none. */
static struct machine_piece *machine_piece(const struct range *pages)
{
    for (size_t i = 0; i < machine_count; i++)
        if (pages->base >= machine_pieces[i].range.base &&
            pages->base - machine_pieces[i].range.base < machine_pieces[i].range.size)
            return &machine_pieces[i];
    return NULL;
}

static bool machine_known(const struct range *pages)
{
    return machine_piece(pages) != NULL;
}

/* A file that is shorter than its module: behind it the memory is taken to hold zeroes. */
static const uint8_t *machine_read(const struct range *pages)
{
    const uint8_t *data = machine_at(pages->base, pages->size);
    struct machine_piece *piece = machine_piece(pages);
    uint64_t offset;
    uint8_t *room;

    if (data || !piece)
        return data;
    offset = pages->base - piece->range.base;
    room = mmap(NULL, offset + pages->size, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED)
        return NULL;
    memcpy(room, piece->data, piece->range.size);
    piece->data = room;
    piece->range.size = offset + pages->size;
    return room + offset;
}

/* Memory is taken as it is written to, however much the tree asks for. */
static uint8_t *machine_write(const struct range *pages)
{
    void *data = mmap(NULL, pages->size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (data == MAP_FAILED ||
        !machine_load("what a kernel unpacks to", pages->base, data, pages->size))
        return NULL;
    return data;
}

const struct plan_memory machine_memory = {machine_read, machine_write, machine_known};

void machine_roots(struct plan_facts *facts, const struct board *board, uint32_t address_bits)
{
    struct ranges all = {.count = 1, .at = {{0, 1ull << address_bits}}};

    for (size_t i = 0; i < board->count; i++)
        ranges_remove(&all, board->never[i].base, board->never[i].size);
    ranges_remove(&all, facts->kernel.base, facts->kernel.size);
    for (uint32_t i = 0; i < all.count && i < PLAN_ROOTS; i++)
        facts->root[facts->root_count++] = all.at[i];
}
