/* SPDX-License-Identifier: BSD-2-Clause */
/* What is told, and does not stop anything. */
#ifndef PLAN_CASES_WARNING_H
#define PLAN_CASES_WARNING_H

#include "plan_cases.h"

static const struct plan_case warnings[] = {
    {{A, "vpl011", TEXT("enabled")}, A, "vpl011", "its presence counts"},
    {{A, "sve", BYTES("\0\0\0\1")}, A, "sve", "has no meaning here"},
    {{A, "max_grant_frames", BYTES("\0\0\0\1")}, A, "max_grant_frames", "has no meaning here"},
    {{A, "memroy", BYTES("\0\0\0\1")}, A, "memroy", "unknown, ignored"},
    {{A "/extra", NULL, EMPTY}, A "/extra", "", "unknown node, ignored"},
    {{KERNEL, "load", BYTES("\0\0\0\1")}, KERNEL, "load", "unknown, ignored"},
    {{RAMDISK, "bootargs", TEXT("x")}, RAMDISK, "bootargs", "counts only on the kernel"},
    {{"/chosen/dom0", "compatible", TEXT("multiboot,kernel\0multiboot,module")},
     "/chosen/dom0",
     "",
     "a module outside any domain"},
};

#endif
