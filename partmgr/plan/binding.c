/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes of a property, known or unknown, by the one table of all of them. */
#include "binding.h"
#include <libfdt.h>
#include <string.h>

#define BINDING_OURS "bulkhead,"

static const enum binding_rest binding_rests[] = {
#define KIND(kind, rest) [BINDING_##kind] = BINDING_##rest,
#define PROPERTY(kind, name, type, fate, low, high, words)
#include "binding.def"
#undef KIND
#undef PROPERTY
};

static const struct binding_property binding_properties[] = {
#define KIND(kind, rest)
#define PROPERTY(kind, name, type, fate, low, high, words)                                         \
    {BINDING_##kind, name, BINDING_##type, BINDING_##fate, low, high, words},
#include "binding.def"
#undef KIND
#undef PROPERTY
};

#define BINDING_PROPERTIES (sizeof(binding_properties) / sizeof(binding_properties[0]))

enum binding_rest binding_rest_of(enum binding_kind kind)
{
    return binding_rests[kind];
}

const struct binding_property *binding_at(uint32_t index)
{
    return index < BINDING_PROPERTIES ? &binding_properties[index] : NULL;
}

static const struct binding_property *binding_find(enum binding_kind kind, const char *name)
{
    for (uint32_t i = 0; i < BINDING_PROPERTIES; i++)
        if (binding_properties[i].kind == kind && strcmp(binding_properties[i].name, name) == 0)
            return &binding_properties[i];
    return NULL;
}

static void binding_unknown(struct build *build, int node, enum binding_kind kind, const char *name)
{
    const size_t ours = sizeof(BINDING_OURS) - 1;

    if (binding_rests[kind] == BINDING_WARN ||
        (binding_rests[kind] == BINDING_PREFIX && strncmp(name, BINDING_OURS, ours) == 0))
        report_warning(build, NOTE_PROPERTY_UNKNOWN, build->system, node, name, "unknown, ignored");
}

static void binding_judge(struct build *build, int node, enum binding_kind kind, const char *name)
{
    const struct binding_property *property = binding_find(kind, name);

    if (!property) {
        binding_unknown(build, node, kind, name);
        return;
    }
    switch (property->fate) {
    case BINDING_NEEDED:
    case BINDING_READ:
        return;
    case BINDING_IGNORED:
        report_warning(build, NOTE_PROPERTY_IGNORED, build->system, node, name,
                       "has no meaning here, ignored");
        return;
    case BINDING_MISPLACED:
        report_warning(build, NOTE_PROPERTY_KERNEL_ONLY, build->system, node, name,
                       "counts only on the kernel, ignored");
        return;
    }
}

void binding_check(struct build *build, int node, enum binding_kind kind)
{
    int property;

    fdt_for_each_property_offset(property, build->system, node)
    {
        const char *name = NULL;

        if (fdt_getprop_by_offset(build->system, property, &name, NULL) && name)
            binding_judge(build, node, kind, name);
    }
}
