/* SPDX-License-Identifier: BSD-2-Clause */
/* Not a test by itself: plans one compiled description on the tests' board, and prints where each
 * partition's RAM is; or the errors. */
#include "plan_fixture.h"

static struct plan plan;

int main(int count, char **arguments)
{
    struct plan_facts facts = fixture_facts();
    static uint8_t system[PLAN_TREE_LIMIT];
    void *hardware = fixture_tree("virt");
    FILE *file = count == 2 ? fopen(arguments[1], "rb") : NULL;

    if (!file || !fread(system, 1, sizeof(system), file))
        return 2;
    fclose(file);
    if (!plan_build(&plan, &facts, hardware, fdt_totalsize(hardware), system, sizeof(system))) {
        for (uint32_t i = 0; i < plan.error_count && i < PLAN_ERRORS; i++)
            printf("%s: %s\n", plan.error[i].path, plan.error[i].message);
        return 1;
    }
    for (uint32_t i = 0; i < plan.partition_count; i++)
        printf("%s %#lx %u\n", plan.partition[i].name,
               (unsigned long)plan.partition[i].bank[0].host, plan.partition[i].core[0]);
    free(hardware);
    return 0;
}
