/* SPDX-License-Identifier: BSD-2-Clause */
/* libFuzzer harness for the plan: the input is one tree for both, or two trees behind one another.
 *
 * By hand, from the source folder:
 *   clang -g -O1 -fsanitize=fuzzer,address,undefined -Ilibcap/include -I. tests/fuzz/fuzz_plan.c \
 *       partmgr/plan/(all).c partmgr/policy/(all).c -lfdt -lz -o build/fuzz_plan
 *   build/fuzz_plan -max_total_time=20 -max_len=8192 build/corpus build/host/trees
 */
#include "partmgr/plan/guest_tree.h"
#include "partmgr/plan/plan.h"
#include "partmgr/policy/policy.h"
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct plan plan;
/* Modules are zeroes: tests/fuzz/fuzz_format.c is for what is in them. */
static uint8_t zeroes[0x2000000];

static const uint8_t *fuzz_read(const struct range *pages)
{
    return pages->size <= sizeof(zeroes) ? zeroes : NULL;
}

static const struct plan_memory memory = {fuzz_read, NULL, NULL};

static uint64_t guest_tree[PLAN_GUEST_TREE / 8];

/* An aligned copy of exactly that size. */
static void *fuzz_copy(const uint8_t *data, size_t size)
{
    void *copy = malloc(size ? size : 1);

    if (copy && size)
        memcpy(copy, data, size);
    return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct plan_facts facts = {
        .kernel = {0x40200000, 0x200000},
        .bundle = {0x40400000, 0x2000000},
        .bundle_header = {0x40400000, 0x1000},
        .monitor = {0x40401000, 0x8000},
        .hardware_tree = {0x48000000, 0x100000},
        .monitor_ram = 0x30000,
        .guest_bits = 40,
        .policy = policy_find("first-fit"),
        .memory = &memory,
    };
    size_t first = size;
    void *hardware;
    void *system;

    /* The size in the first tree's header says where the second begins. */
    if (size >= 8 && fdt_totalsize(data) < size)
        first = fdt_totalsize(data);
    hardware = fuzz_copy(data, first);
    system = first < size ? fuzz_copy(data + first, size - first) : hardware;
    plan_build(&plan, &facts, hardware, first, system, first < size ? size - first : first);
    for (uint32_t i = 0; !plan.error_count && i < plan.partition_count; i++)
        if (!guest_tree_write(&plan.partition[i], plan.gic, guest_tree, sizeof(guest_tree)))
            abort();
    if (system != hardware)
        free(system);
    free(hardware);
    return 0;
}
