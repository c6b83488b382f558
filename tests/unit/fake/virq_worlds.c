/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets of worlds, filtered and multiplied by seen. */
#include "virq_worlds.h"
#include <stdarg.h>
#include <string.h>

enum { WORLDS = 256 };

struct model worlds_any;
bool worlds_told;

static struct model worlds[WORLDS];
static struct model next[WORLDS];
static uint32_t world_count;
static uint32_t next_count;

void worlds_begin(uint32_t vcpu_total)
{
    memset(&worlds[0], 0, sizeof(worlds[0]));
    world_count = 1;
    worlds[0].vcpus = vcpu_total;
    for (uint32_t vcpu = 0; vcpu < vcpu_total; vcpu++) {
        worlds[0].pe[vcpu] =
            (struct model_pe){.on = true, .groups = 3, .mask = 0xf8, .point = {2, 3}};
        for (uint32_t slot = 0; slot < MODEL_PRIVATE; slot++)
            worlds[0].own[vcpu][slot].edge = model_intids[slot] < 16;
    }
    for (uint32_t slot = MODEL_PRIVATE; slot < MODEL_SLOTS; slot++) {
        worlds[0].shared[slot - MODEL_PRIVATE].targets = 1;
        worlds[0].shared[slot - MODEL_PRIVATE].edge = model_link(slot) == MODEL_EDGE;
    }
    worlds_any = worlds[0];
}

static bool worlds_join_irqs(struct model_irq *irqs, const struct model_irq *others, uint32_t count,
                             bool change)
{
    for (uint32_t i = 0; i < count; i++) {
        struct model_irq joined = irqs[i];

        joined.late |= others[i].late;
        joined.may = others[i].may > joined.may ? others[i].may : joined.may;
        if (change)
            irqs[i] = joined;
        joined.late = others[i].late;
        joined.may = others[i].may;
        if (memcmp(&joined, &others[i], sizeof(joined)))
            return false;
    }
    return true;
}

/* Makes one of two worlds that differ in nothing but what may happen. False: they differ in more.
 */
static bool worlds_join(struct model *model, const struct model *other)
{
    enum { OWN = MODEL_VCPUS * MODEL_PRIVATE, SHARED = MODEL_SLOTS - MODEL_PRIVATE };

    for (uint32_t change = 0; change < 2; change++)
        if (memcmp(model->pe, other->pe, sizeof(model->pe)) || model->control != other->control ||
            !worlds_join_irqs(model->own[0], other->own[0], OWN, change) ||
            !worlds_join_irqs(model->shared, other->shared, SHARED, change))
            return false;
    return true;
}

static void worlds_keep(const struct model *model)
{
    for (uint32_t i = 0; i < next_count; i++)
        if (worlds_join(&next[i], model))
            return;
    BENCH_REQUIRE(next_count < WORLDS);
    next[next_count++] = *model;
}

static void worlds_turn(void)
{
    if (!next_count)
        bench_fail("the specification does not allow this");
    memcpy(worlds, next, next_count * sizeof(*next));
    world_count = next_count;
    worlds_any = worlds[0];
}

void worlds_see(const struct observed *event)
{
    worlds_tell_event(event);
    next_count = 0;
    for (uint32_t i = 0; i < world_count; i++) {
        struct model other;
        uint32_t outcomes = model_step(&worlds[i], event, &other);

        if (outcomes)
            worlds_keep(&worlds[i]);
        if (outcomes > 1)
            worlds_keep(&other);
    }
    worlds_turn();
}

/* Every order of the seen that are left. */
static void worlds_order(const struct model *model, const struct observed *seen, uint32_t left)
{
    if (!left)
        worlds_keep(model);
    for (uint32_t set = left; set; set &= set - 1) {
        uint32_t i = (uint32_t)__builtin_ctz(set);
        struct model one = *model;
        struct model other;
        uint32_t outcomes = model_step(&one, &seen[i], &other);

        if (outcomes)
            worlds_order(&one, seen, left & ~(1u << i));
        if (outcomes > 1)
            worlds_order(&other, seen, left & ~(1u << i));
    }
}

void worlds_see_all(const struct observed *seen, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        worlds_tell_event(&seen[i]);
    next_count = 0;
    for (uint32_t i = 0; i < world_count; i++)
        worlds_order(&worlds[i], seen, (1u << count) - 1);
    worlds_turn();
}

uint32_t worlds_possible(void)
{
    return world_count;
}

void worlds_quiet(void)
{
    next_count = 0;
    for (uint32_t i = 0; i < world_count; i++)
        if (!model_waits(&worlds[i]))
            worlds_keep(&worlds[i]);
    BENCH_REQUIRE(next_count && "nothing waits that a vCPU must take");
    worlds_turn();
}

/* --- for people ----------------------------------------------------------------------------- */
void worlds_tell(const char *format, ...)
{
    va_list arguments;

    if (!worlds_told)
        return;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
}

static void worlds_tell_slots(const struct observed *event)
{
    for (uint32_t slots = event->slots; slots; slots &= slots - 1) {
        uint32_t slot = (uint32_t)__builtin_ctz(slots);

        worlds_tell(" %u", model_intids[slot]);
        if (slot < MODEL_PRIVATE)
            worlds_tell(".%u", event->vcpu);
    }
}

void worlds_tell_event(const struct observed *event)
{
    static const char *const kinds[] = {"write", "read", "SGI",        "signal",   "device", "IAR",
                                        "EOIR",  "DIR",  "configures", "vCPU off", "vCPU on"};
    static const char *const fields[] = {"enable", "pending",  "active", "group",  "edge",
                                         "line",   "priority", "route",  "control"};
    static const char *const registers[] = {"PMR", "groups", "EOImode", "CBPR", "BPR0", "BPR1"};

    if (!worlds_told)
        return;
    worlds_tell("  vCPU %u: %s", event->self, kinds[event->kind]);
    if (event->kind == EVENT_ACKNOWLEDGE || event->kind == EVENT_END || event->kind == EVENT_SGI)
        worlds_tell("%u", event->group);
    if (event->kind == EVENT_WRITE || event->kind == EVENT_READ)
        worlds_tell(" %s", fields[event->field]);
    if (event->kind == EVENT_CONFIGURE)
        worlds_tell(" %s", registers[event->field]);
    if (event->kind == EVENT_OFF || event->kind == EVENT_ON)
        worlds_tell(" %u", event->vcpu);
    worlds_tell_slots(event);
    if (event->kind == EVENT_READ) {
        struct observed set = {.vcpu = event->vcpu, .slots = event->result};

        worlds_tell(" are");
        worlds_tell_slots(&set);
    } else if (event->kind == EVENT_ACKNOWLEDGE) {
        worlds_tell(" = %u%s", event->result == MODEL_NONE ? 1023u : model_intids[event->result],
                    event->prompt ? "" : " (may be late)");
    } else if (event->kind < EVENT_ACKNOWLEDGE || event->kind == EVENT_CONFIGURE) {
        worlds_tell(" := 0x%x", event->value);
    }
    worlds_tell("\n");
}
