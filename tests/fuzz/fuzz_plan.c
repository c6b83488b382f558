/* SPDX-License-Identifier: BSD-2-Clause */
/* libFuzzer on the plan: the input is a program that edits a good system on a good machine. */
#include "edit.h"
#include "harness.h"
#include <libfdt.h>
#include <string.h>

static uint64_t trees[2][EDIT_ROOM / 8];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct {
        const char *hardware;
        const char *system; /* NULL: the same tree */
    } bases[] = {{"virt", "system"}, {"whole", NULL}, {"virt", "virt"}};
    uint32_t which = size ? data[0] % (sizeof(bases) / sizeof(bases[0])) : 0;
    struct plan_facts facts = harness_facts();
    struct edit edit = {.tree = {trees[0], trees[1]}, .facts = &facts};

    edit.data = data + (size != 0);
    edit.size = size - (size != 0);
    harness_tree(bases[which].hardware, trees[0], EDIT_ROOM);
    if (bases[which].system)
        harness_tree(bases[which].system, trees[1], EDIT_ROOM);
    else
        edit.tree[1] = trees[0];
    edit_run(&edit);
    harness_content(edit.content);
    fdt_pack(edit.tree[0]);
    fdt_pack(edit.tree[1]);
    harness_plan(&facts, edit.tree[0], fdt_totalsize(edit.tree[0]), edit.tree[1],
                 fdt_totalsize(edit.tree[1]));
    return 0;
}
