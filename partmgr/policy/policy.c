/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of placement policies. */
#include "policy.h"
#include <string.h>

static const struct policy *const policies[] = {
    &policy_first_fit,
};

const struct policy *policy_find(const char *name)
{
    for (uint32_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++)
        if (strcmp(policies[i]->name, name) == 0)
            return policies[i];
    return NULL;
}
