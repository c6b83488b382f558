/* SPDX-License-Identifier: BSD-2-Clause */
/* A manager for tests: plans and applies like partmgr, then gives each partition whose name begins
 * with "rogue" another monitor, the one that lies in its ramdisk. */
#include "carve.h"
#include "say.h"
#include "tests/roots/root.h"

static void rogue_monitor(const struct plan_partition *partition, uint64_t number)
{
    const uint64_t rights = BH_RIGHT_READ | BH_RIGHT_EXEC;
    const struct bh_program *program;
    uint64_t self = root_find(BH_TYPE_PARTITION, number, 0);
    uint64_t image = root_find(BH_TYPE_MEMORY, partition->ramdisk.host, rights);
    uint64_t size = bh_svc(BH_CAP_INSPECT, image, 0, 0, 0, 0, 0, 0).value[2];
    uint64_t copy = carve_slot();
    void *at;

    /* One that is used once is bound to its partition already, and needs no copy. */
    if (bh_svc(BH_MEMORY_SHARE, image, copy, rights, 0, 0, 0, 0).status < 0)
        copy = image;
    if (!say_done("rogue", "map", carve_map(copy, size, BH_RIGHT_READ, &at)))
        say_stop(0);
    program = at;
    if (program->magic != BH_PROGRAM_MAGIC ||
        program->ram_base != root_boot.monitor.header.ram_base ||
        program->ram_size > root_boot.monitor.header.ram_size)
        say_stop(0);
    for (uint64_t space = BH_SPACE_LOAD; space <= BH_SPACE_RUN; space++)
        root_need("map its image",
                  bh_svc(BH_MEMORY_MAP, copy, self, space, program->base, rights, 0, 0));
    root_need("set", bh_svc(BH_PARTITION_MONITOR, self, program->entry, program->stack_base,
                            program->stack_size, 0, 0, 0));
}

_Noreturn void manager_main(uint64_t tree, uint64_t kernel, uint64_t bundle, uint64_t roots,
                            uint64_t boot_core)
{
    root_build(tree, kernel, bundle, roots, boot_core);
    for (uint64_t number = 1; number <= root_plan.partition_count; number++)
        if (!__builtin_memcmp(root_plan.partition[number - 1].name, "rogue", 5))
            rogue_monitor(&root_plan.partition[number - 1], number);
    root_seal();
}
