/* SPDX-License-Identifier: BSD-2-Clause */
/* The common part of managers made for tests. */
#include "tests/roots/root.h"
#include "apply.h"
#include "carve.h"
#include "say.h"

struct boot root_boot;
struct plan root_plan;

void root_build(uint64_t tree, uint64_t kernel, uint64_t bundle, uint64_t roots, uint64_t boot_core)
{
    carve_init(roots);
    if (!boot_read(&root_boot, tree, kernel, bundle, boot_core) ||
        !plan_build(&root_plan, &root_boot.facts, root_boot.hardware, root_boot.hardware_limit,
                    root_boot.system, root_boot.system_limit) ||
        !apply_plan(&root_boot, &root_plan))
        say_stop(0);
}

void root_seal(void)
{
    root_need("policy", bh_svc(BH_CONTROL_POLICY, BH_ROOT_CONTROL, BH_PLATFORM_HALT,
                               BH_PLATFORM_OFF, 0, 0, 0, 0));
    root_need("seal", bh_svc(BH_CONTROL_SEAL, BH_ROOT_CONTROL, 0, 0, 0, 0, 0, 0));
    say_stop(0);
}

void root_need(const char *step, struct bh_result result)
{
    if (!say_done("root", step, result.status))
        say_stop(0);
}

uint64_t root_find(enum bh_type type, uint64_t value, uint64_t rights)
{
    uint64_t slot = 0;
    struct bh_result result;

    do
        result = bh_svc(BH_CAP_INSPECT, ++slot, 0, 0, 0, 0, 0, 0);
    while (result.status == BH_OK &&
           ((result.value[0] & 0xff) != type || result.value[1] != value ||
            (result.value[0] >> 8 & rights) != rights));
    root_need("find", result);
    return slot;
}
