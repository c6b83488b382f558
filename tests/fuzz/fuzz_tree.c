/* SPDX-License-Identifier: BSD-2-Clause */
/* libFuzzer on the plan: the input is one tree for both, or two trees behind one another, damaged
 * in any way. */
#include "harness.h"
#include <libfdt.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct plan_facts facts = harness_facts();
    size_t first = size;

    /* The size in the first tree's header says where the second begins. */
    if (size >= 8 && fdt_totalsize(data) && fdt_totalsize(data) < size)
        first = fdt_totalsize(data);
    if (first == size)
        harness_plan(&facts, data, size, data, size);
    else
        harness_plan(&facts, data, first, data + first, size - first);
    return 0;
}
