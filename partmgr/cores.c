/* SPDX-License-Identifier: BSD-2-Clause */
/* Bringing up the physical cores that the plan uses. */
#include "cores.h"
#include "carve.h"
#include "plan/text.h"
#include "say.h"
#include <bulkhead/count.h>

#define CORES_SECONDS 5u /* a core that has not come up by then will not */

static bool cores_wait(uint64_t slot, const char *who, uint64_t deadline)
{
    for (;;) {
        bool late = bh_count() > deadline;
        struct bh_result result = bh_svc(BH_CORE_STATE, slot, 0, 0, 0, 0, 0, 0);

        if (!say_done(who, "state", result.status))
            return false;
        if (result.value[0] == BH_CORE_ONLINE)
            return true;
        if (late) {
            say_error("%s: did not come up within %lu seconds", who, (unsigned long)CORES_SECONDS);
            return false;
        }
        __asm__ volatile("yield");
    }
}

static void cores_name(char name[32], uint64_t mpidr)
{
    text_format(name, 32, "core 0x%lx", (unsigned long)mpidr);
}

bool cores_start(const struct plan *plan, uint64_t boot_core, uint64_t slot[PLAN_CORES])
{
    uint64_t deadline;
    char name[32];

    for (uint32_t i = 0; i < plan->core_count; i++) {
        uint64_t mpidr = plan->core[i].mpidr;

        slot[i] = BH_ROOT_CORE;
        if (!plan->core[i].used || mpidr == boot_core)
            continue;
        slot[i] = carve_slot();
        cores_name(name, mpidr);
        if (!say_call(name, "create", BH_CONTROL_CREATE, BH_ROOT_CONTROL, BH_TYPE_CORE, slot[i],
                      mpidr, 0) ||
            !say_call(name, "start", BH_CORE_START, slot[i], 0, 0, 0, 0))
            return false;
    }
    deadline = bh_count() + CORES_SECONDS * bh_count_frequency();
    for (uint32_t i = 0; i < plan->core_count; i++) {
        cores_name(name, plan->core[i].mpidr);
        if (plan->core[i].used && !cores_wait(slot[i], name, deadline))
            return false;
    }
    return true;
}
