/* SPDX-License-Identifier: BSD-2-Clause */
/* The partition manager: reads the trees, plans, applies, seals, and is gone. */
#include "apply.h"
#include "carve.h"
#include "plan/text.h"
#include "say.h"

static struct boot boot;
static struct plan plan;

/* Called by the start-up code with what the kernel passes. */
_Noreturn void manager_main(uint64_t tree, uint64_t kernel, uint64_t bundle, uint64_t roots,
                            uint64_t boot_core);

static void main_say_notes(void)
{
    char text[sizeof(struct plan_note) + 8];

    for (uint32_t i = 0; i < plan.warning_count && i < PLAN_WARNINGS; i++) {
        plan_note_text(&plan.warning[i], text, sizeof(text));
        say("warning: %s", text);
    }
    if (plan.warning_count > PLAN_WARNINGS)
        say("warning: %lu more", (unsigned long)(plan.warning_count - PLAN_WARNINGS));
    for (uint32_t i = 0; i < plan.error_count && i < PLAN_ERRORS; i++) {
        plan_note_text(&plan.error[i], text, sizeof(text));
        say_error("%s", text);
    }
    for (uint32_t i = 0; i < plan.left_out_count; i++)
        say("left out: %s", plan.left_out[i]);
}

static void main_say_plan(void)
{
    uint32_t used = 0;

    for (uint32_t i = 0; i < plan.core_count; i++)
        used += plan.core[i].used;
    for (uint32_t i = 0; i < plan.partition_count; i++) {
        const struct plan_partition *partition = &plan.partition[i];
        char cores[BH_MAX_VCPUS * 8];
        size_t length = 0;

        for (uint32_t vcpu = 0; vcpu < partition->vcpus; vcpu++)
            length += text_format(cores + length, sizeof(cores) - length, " %lu",
                                  (unsigned long)partition->core[vcpu]);
        say("%s: core%s%s, %lu KiB of RAM at 0x%lx%s", partition->name,
            partition->vcpus == 1 ? "" : "s", cores, (unsigned long)(partition->ram_size / 1024),
            (unsigned long)partition->bank[0].host, partition->in_place ? ", kernel in place" : "");
    }
    if (!plan.partition_count)
        say("no partitions");
    else
        say("%lu partition%s on %lu of %lu cores, %lu MiB of RAM left",
            (unsigned long)plan.partition_count, plan.partition_count == 1 ? "" : "s",
            (unsigned long)used, (unsigned long)plan.core_count,
            (unsigned long)(plan.ram_left >> 20));
}

_Noreturn void manager_main(uint64_t tree, uint64_t kernel, uint64_t bundle, uint64_t roots,
                            uint64_t boot_core)
{
    carve_init(roots);
    if (!boot_read(&boot, tree, kernel, bundle, boot_core))
        say_stop(0);
    if (!plan_build(&plan, &boot.facts, boot.hardware, boot.hardware_limit, boot.system,
                    boot.system_limit)) {
        main_say_notes();
        say_stop(plan.error_count > PLAN_ERRORS ? plan.error_count - PLAN_ERRORS : 0);
    }
    main_say_notes();
    main_say_plan();
    if (!apply_plan(&boot, &plan))
        say_stop(0);
    if (say_call("machine", "set the policy", BH_CONTROL_POLICY, BH_ROOT_CONTROL, BH_PLATFORM_HALT,
                 plan.on_end, plan.uart.given, 0))
        say_call("machine", "seal", BH_CONTROL_SEAL, BH_ROOT_CONTROL, 0, 0, 0, 0);
    say_stop(0); /* the seal does not come back */
}
