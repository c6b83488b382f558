/* SPDX-License-Identifier: BSD-2-Clause */
/* One run of the plan under all its checks: sanitizers, twice the same, the oracle. */
#include "harness.h"
#include "machine.h"
#include "oracle.h"
#include "partmgr/plan/guest_tree.h"
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { HARNESS_FILE = 0x2000000, HARNESS_PACKED = 0x10000, HARNESS_TREE = 0x8000 };

static struct plan plans[2];
static uint8_t zeroes[HARNESS_FILE];
static uint8_t image[HARNESS_FILE];
static uint8_t elf[HARNESS_FILE];
static uint8_t packed[HARNESS_FILE];
static uint8_t unpacked[HARNESS_FILE];
static const uint8_t *content = zeroes;
static struct range written;
static uint64_t guest_tree[PLAN_GUEST_TREE / 8];

static void put(uint8_t *at, uint64_t number, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++)
        at[i] = (uint8_t)(number >> 8 * i);
}

/* Modules come from the bundle or from where the tree says: what they hold does not depend on it.
 */
static const uint8_t *harness_read(const struct range *pages)
{
    if (written.size && written.base == pages->base)
        return unpacked;
    return pages->size <= HARNESS_FILE ? content : NULL;
}

static uint8_t *harness_write(const struct range *pages)
{
    if (pages->size > HARNESS_FILE)
        return NULL;
    written = *pages;
    return unpacked;
}

static const struct plan_memory memory = {harness_read, harness_write, NULL};

static void harness_image(uint8_t *at, uint64_t size)
{
    put(at + 8, 0x80000, 8);
    put(at + 16, size, 8);
    memcpy(at + 0x38, "ARM\x64", 4);
}

static void harness_elf(uint8_t *at)
{
    memcpy(at, "\177ELF\2\1\1", 7);
    put(at + 16, 2, 2);
    put(at + 18, 183, 2);
    put(at + 20, 1, 4);
    put(at + 24, 0x40010000, 8);
    put(at + 32, 64, 8);
    put(at + 52, 64, 2);
    put(at + 54, 56, 2);
    put(at + 56, 2, 2);
    for (uint32_t i = 0; i < 2; i++) {
        uint8_t *header = at + 64 + i * 56;

        put(header, 1, 4);
        put(header + 4, 5, 4);
        put(header + 8, 0x1000 * (i + 1), 8);
        put(header + 16, 0x40010000 + 0x10000 * i, 8);
        put(header + 24, 0x40010000 + 0x10000 * i, 8);
        put(header + 32, 0x1000, 8);
        put(header + 40, 0x3000, 8);
        put(header + 48, 0x1000, 8);
    }
}

static void harness_pack(uint8_t *to, const uint8_t *from, uint32_t size)
{
    z_stream stream = {.next_in = (z_const Bytef *)from,
                       .avail_in = size,
                       .next_out = to,
                       .avail_out = HARNESS_PACKED};

    if (deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, 0) != Z_OK ||
        deflate(&stream, Z_FINISH) != Z_STREAM_END)
        abort();
    deflateEnd(&stream);
}

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count;
    (void)arguments;
    harness_image(image, 0x800000);
    harness_elf(elf);
    harness_pack(packed, image, 0x20000);
    return 0;
}

void harness_content(uint32_t which)
{
    static const uint8_t *const contents[] = {zeroes, image, elf, packed};

    content = contents[which % 4];
}

struct plan_facts harness_facts(void)
{
    return machine_facts(&memory);
}

static void harness_load(const char *name, void *tree, size_t room)
{
    static uint8_t raw[HARNESS_TREE];
    char path[512];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s.dtb", TREES_DIR, name);
    file = fopen(path, "rb");
    if (!file || !fread(raw, 1, sizeof(raw), file) || fdt_open_into(raw, tree, (int)room) != 0) {
        fprintf(stderr, "%s: no tree for the fuzzer\n", path);
        abort();
    }
    fclose(file);
}

void harness_tree(const char *name, void *tree, size_t room)
{
    static struct {
        const char *name;
        uint64_t tree[HARNESS_TREE / 8];
    } loaded[8];
    uint32_t i = 0;

    while (loaded[i].name && strcmp(loaded[i].name, name) != 0)
        i++;
    if (!loaded[i].name)
        harness_load(name, loaded[i].tree, sizeof(loaded[i].tree));
    loaded[i].name = name;
    if (fdt_open_into(loaded[i].tree, tree, (int)room) != 0)
        abort();
}

static void *harness_copy(const void *data, size_t size)
{
    void *copy = malloc(size ? size : 1);

    if (!copy)
        abort();
    memcpy(copy, data, size);
    return copy;
}

static void harness_judge(const struct plan_facts *facts, const void *hardware, const void *system)
{
    const char *wrong;

    if (memcmp(&plans[0], &plans[1], sizeof(plans[0])) != 0) {
        fprintf(stderr, "the same trees, and two plans\n");
        abort();
    }
    wrong = oracle_wrong(&plans[0], facts, hardware, system);
    if (wrong) {
        fprintf(stderr, "oracle: %s\n", wrong);
        abort();
    }
    for (uint32_t i = 0;
         (!plans[0].error_count || plans[0].left_out_count) && i < plans[0].partition_count; i++)
        if (!guest_tree_write(&plans[0], i, guest_tree, sizeof(guest_tree))) {
            fprintf(stderr, "the guest's tree does not fit\n");
            abort();
        }
}

void harness_plan(const struct plan_facts *facts, const void *hardware, size_t hardware_size,
                  const void *system, size_t system_size)
{
    void *first = harness_copy(hardware, hardware_size);
    void *second = system == hardware ? first : harness_copy(system, system_size);

    for (uint32_t i = 0; i < 2; i++) {
        written.size = 0;
        memset(&plans[i], i ? 0xaa : 0x55, sizeof(plans[i]));
        plan_build(&plans[i], facts, first, hardware_size, second, system_size);
    }
    harness_judge(facts, first, second);
    if (second != first)
        free(second);
    free(first);
}
