/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of placement policies. */
#include "policy.h"
#include <stddef.h>
#include <string.h>

static const struct policy *const policies[] = {
    &policy_first_fit,
    &policy_top_down,
    &policy_zero_copy,
};

#define POLICY_COUNT (sizeof(policies) / sizeof(policies[0]))

_Static_assert(POLICY_COUNT <= POLICY_LIMIT, "who lists them has so much room");

const struct policy *policy_at(uint32_t index)
{
    return index < POLICY_COUNT ? policies[index] : NULL;
}

const struct policy *policy_find(const char *name)
{
    for (uint32_t i = 0; i < POLICY_COUNT; i++)
        if (strcmp(policies[i]->name, name) == 0)
            return policies[i];
    return NULL;
}
