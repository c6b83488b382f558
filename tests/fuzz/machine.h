/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine as QEMU's virt board is (tests/unit/trees/virt.dts), for the fuzzers and the unit tests
 * of the plan: the kernel at the start of RAM, the bundle behind it, the tree where QEMU puts it.
 */
#ifndef FUZZ_MACHINE_H
#define FUZZ_MACHINE_H

#include "partmgr/plan/plan.h"
#include "partmgr/policy/policy.h"

static inline struct plan_facts machine_facts(const struct plan_memory *memory)
{
    return (struct plan_facts){
        .kernel = {0x40200000, 0x200000},
        .bundle = {0x40400000, 0x1945000},
        .bundle_header = {0x40400000, 0x1000},
        .monitor = {0x40401000, 0x8000},
        .system_tree = {0x40400000 + 0x1944000, 0x1000},
        .hardware_tree = {0x48000000, 0x100000},
        .monitor_ram = 0x30000,
        .guest_bits = 40,
        .root_count = 2,
        .root = {{0x09000000, 0x37200000}, {0x40400000, 0x10000000000 - 0x40400000}},
        .policy = policy_find("first-fit"),
        .memory = memory,
    };
}

#endif
