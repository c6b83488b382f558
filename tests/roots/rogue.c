/* SPDX-License-Identifier: BSD-2-Clause */
/* A manager for tests: plans and applies like partmgr, then gives each partition whose name begins
 * with "rogue" another monitor, the one that lies in its ramdisk. */
#include "apply.h"
#include "carve.h"
#include "say.h"

static struct boot boot;
static struct plan plan;

_Noreturn void manager_main(uint64_t tree, uint64_t kernel, uint64_t bundle, uint64_t roots,
                            uint64_t boot_core);

static void need(const char *step, struct bh_result result)
{
    if (!say_done("rogue", step, result.status))
        say_stop(0);
}

/* Slot of this table with a capability of that type for which the first inspected value is
 * `value`, with at least those rights. */
static uint64_t rogue_find(enum bh_type type, uint64_t value, uint64_t rights, uint64_t *size)
{
    uint64_t slot = 0;
    struct bh_result result;

    do
        result = bh_svc(BH_CAP_INSPECT, ++slot, 0, 0, 0, 0, 0, 0);
    while (result.status == BH_OK &&
           ((result.value[0] & 0xff) != type || result.value[1] != value ||
            (result.value[0] >> 8 & rights) != rights));
    need("find", result);
    *size = result.value[2];
    return slot;
}

static void rogue_monitor(const struct plan_partition *partition, uint64_t number)
{
    const uint64_t rights = BH_RIGHT_READ | BH_RIGHT_EXEC;
    const struct bh_program *program;
    uint64_t size, none;
    uint64_t self = rogue_find(BH_TYPE_PARTITION, number, 0, &none);
    uint64_t image = rogue_find(BH_TYPE_MEMORY, partition->ramdisk.host, rights, &size);
    uint64_t copy = carve_slot();
    void *at;

    /* One that is used once is bound to its partition already, and needs no copy. */
    if (bh_svc(BH_MEMORY_SHARE, image, copy, rights, 0, 0, 0, 0).status < 0)
        copy = image;
    if (!say_done("rogue", "map", carve_map(copy, size, BH_RIGHT_READ, &at)))
        say_stop(0);
    program = at;
    if (program->magic != BH_PROGRAM_MAGIC || program->ram_base != boot.monitor.ram_base ||
        program->ram_size > boot.monitor.ram_size)
        say_stop(0);
    for (uint64_t space = BH_SPACE_LOAD; space <= BH_SPACE_RUN; space++)
        need("map its image",
             bh_svc(BH_MEMORY_MAP, copy, self, space, program->base, rights, 0, 0));
    need("set", bh_svc(BH_PARTITION_MONITOR, self, program->entry, program->stack_base,
                       program->stack_size, 0, 0, 0));
}

_Noreturn void manager_main(uint64_t tree, uint64_t kernel, uint64_t bundle, uint64_t roots,
                            uint64_t boot_core)
{
    carve_init(roots);
    if (!boot_read(&boot, tree, kernel, bundle, boot_core) ||
        !plan_build(&plan, &boot.facts, boot.hardware, boot.hardware_limit, boot.system,
                    boot.system_limit) ||
        !apply_plan(&boot, &plan))
        say_stop(0);
    for (uint64_t number = 1; number <= plan.partition_count; number++)
        if (!__builtin_memcmp(plan.partition[number - 1].name, "rogue", 5))
            rogue_monitor(&plan.partition[number - 1], number);
    need("policy",
         bh_svc(BH_CONTROL_POLICY, BH_ROOT_CONTROL, BH_PLATFORM_HALT, BH_PLATFORM_OFF, 0, 0, 0, 0));
    need("seal", bh_svc(BH_CONTROL_SEAL, BH_ROOT_CONTROL, 0, 0, 0, 0, 0, 0));
    say_stop(0);
}
