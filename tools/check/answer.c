/* SPDX-License-Identifier: BSD-2-Clause */
/* Notes, cores, interrupts, and what is left over. */
#include "answer.h"
#include "json.h"
#include "partmgr/plan/layout.h"
#include "partmgr/plan/text.h"
#include "partmgr/policy/policy.h"
#include <bulkhead/call.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

/* As the manager prints what stands in a tree. */
static void answer_text(const char *key, const char *text)
{
    char line[sizeof(struct plan_note)];

    text_format(line, sizeof(line), "%s", text);
    json_string(key, line);
}

static void answer_note(const struct plan_note *note, bool error)
{
    char name[64];
    size_t length = 0;

    for (const char *at = plan_note_name(note->name); *at && length < sizeof(name) - 1; at++)
        name[length++] = *at == '_' ? '-' : (char)tolower((unsigned char)*at);
    name[length] = 0;
    json_object(NULL);
    json_string("level", error ? "error" : "warning");
    json_string("name", name);
    answer_text("node", note->path);
    answer_text("property", note->property);
    answer_text("inside", note->inside);
    json_string("message", note->message);
    json_string("advice", plan_note_advice(note->name));
    json_string("tree", note->hardware ? "hardware" : "system");
    json_end();
}

static void answer_notes(const struct plan *plan)
{
    const uint32_t errors = plan->error_count < PLAN_ERRORS ? plan->error_count : PLAN_ERRORS;
    const uint32_t warnings =
        plan->warning_count < PLAN_WARNINGS ? plan->warning_count : PLAN_WARNINGS;

    json_array("notes");
    for (uint32_t i = 0; i < warnings; i++)
        answer_note(&plan->warning[i], false);
    for (uint32_t i = 0; i < errors; i++)
        answer_note(&plan->error[i], true);
    json_end();
    json_object("omitted");
    json_number("errors", plan->error_count - errors);
    json_number("warnings", plan->warning_count - warnings);
    json_end();
}

void answer_wrong(const struct boot *boot)
{
    json_object(NULL);
    json_bool("ok", false);
    json_array("notes");
    answer_note(&boot->wrong, true);
    json_end();
    json_object("omitted");
    json_number("errors", 0);
    json_number("warnings", 0);
    json_end();
    json_null("plan");
    json_end();
}

static void answer_banks(const struct plan *plan)
{
    json_array("banks");
    for (uint32_t i = 0; i < plan->ram.count; i++) {
        json_object(NULL);
        json_number("base", plan->ram.at[i].base);
        json_number("size", plan->ram.at[i].size);
        json_end();
    }
    json_end();
}

static void answer_core(const struct boot *boot, const struct plan *plan, uint32_t core)
{
    json_object(NULL);
    json_number("index", core);
    json_number("mpidr", plan->core[core].mpidr);
    json_bool("boot", plan->core[core].mpidr == boot->facts.boot_core);
    json_string("pool", plan->core[core].pool ? plan->pool[plan->core[core].pool - 1].name : NULL);
    for (uint32_t i = 0; i < plan->partition_count; i++)
        for (uint32_t vcpu = 0; vcpu < plan->partition[i].vcpus; vcpu++)
            if (plan->partition[i].core[vcpu] == core) {
                json_string("partition", plan->partition[i].name);
                json_number("vcpu", vcpu);
                goto found;
            }
    json_null("partition");
    json_null("vcpu");
found:
    json_string("service", plan->console.used && plan->console.core == core ? "console" : NULL);
    json_end();
}

/* The partition that has the board's UART, or NULL. */
static const struct plan_partition *answer_uart_owner(const struct plan *plan)
{
    for (uint32_t i = 0; i < plan->partition_count; i++)
        if (plan->partition[i].board_uart)
            return &plan->partition[i];
    return NULL;
}

static void answer_device_line(const struct plan *plan, const struct plan_device *device,
                               const struct plan_line *line)
{
    json_object(NULL);
    json_number("intid", line->intid);
    json_string("owner", plan->partition[device->partition].name);
    json_number("virtual", line->intid);
    json_string("name", device->name);
    json_end();
}

static void answer_interrupts(const struct plan *plan)
{
    const struct plan_partition *owner = answer_uart_owner(plan);

    json_array("interrupts");
    if (plan->uart.given) {
        json_object(NULL);
        json_number("intid", plan->uart.line.intid);
        json_string("owner", owner ? owner->name : "console");
        if (owner)
            json_number("virtual", owner->layout.uart_intid);
        else
            json_null("virtual");
        json_string("name", "UART");
        json_end();
    }
    for (uint32_t i = 0; i < plan->device_count; i++)
        for (uint32_t k = 0; k < plan->device[i].line_count; k++)
            answer_device_line(plan, &plan->device[i], &plan->device[i].line[k]);
    json_end();
}

static void answer_left(const struct plan *plan)
{
    json_object("left");
    json_number("memory", plan->ram_left);
    json_number("largest", ranges_largest(&plan->free, PAGE_SIZE));
    json_array("cores");
    for (uint32_t i = 0; i < plan->core_count; i++)
        if (!plan->core[i].used)
            json_number(NULL, i);
    json_end();
    json_end();
}

static void answer_peer(const struct plan *plan, const struct plan_peer *peer)
{
    static const char *const roles[] = {
        [PLAN_BORROWER] = "borrower",
        [PLAN_OWNER] = "owner",
        [PLAN_READER] = "reader",
    };

    json_object(NULL);
    json_string("partition", plan->partition[peer->partition].name);
    json_string("role", roles[peer->role]);
    json_number("guest", peer->guest);
    json_end();
}

static void answer_shared(const struct plan *plan)
{
    json_array("shared");
    for (uint32_t i = 0; i < plan->shared_count; i++) {
        const struct plan_shared *area = &plan->shared[i];

        json_object(NULL);
        json_string("id", area->id);
        json_number("host", area->host);
        json_number("size", area->size);
        json_bool("cacheable", area->cacheable);
        json_array("peers");
        for (uint32_t k = 0; k < area->peer_count; k++)
            answer_peer(plan, &area->peer[k]);
        json_end();
        json_end();
    }
    json_end();
}

static void answer_channels(const struct plan *plan)
{
    static const char *const names[] = {"a", "b"};

    json_array("channels");
    for (uint32_t i = 0; i < plan->channel_count; i++) {
        json_object(NULL);
        for (uint32_t k = 0; k < 2; k++) {
            const struct plan_end *end = &plan->channel[i].end[k];

            json_object(names[k]);
            json_string("partition", plan->partition[end->partition].name);
            json_number("port", end->port);
            json_number("slot", BH_MON_DOORBELL + end->number);
            json_number("offset", BH_DOORBELL_RING(end->number));
            json_string("notify", end->gpio ? "gpio" : "interrupt");
            if (end->gpio) {
                json_null("virtual");
                json_number("line", end->line);
            } else {
                json_number("virtual", end->intid);
                json_null("line");
            }
            json_end();
        }
        json_end();
    }
    json_end();
}

static const char *answer_on_end(uint32_t on_end)
{
    static const char *const names[] = {
        [BH_PLATFORM_HALT] = "stay",
        [BH_PLATFORM_OFF] = "off",
        [BH_PLATFORM_RESET] = "reset",
    };

    return names[on_end];
}

static void answer_plan(const struct boot *boot, const struct plan *plan)
{
    json_object("plan");
    json_number("gic", plan->gic);
    json_string("policy", plan->policy);
    json_string("on_end", answer_on_end(plan->on_end));
    answer_banks(plan);
    if (!answer_memory(boot, plan))
        abort();
    json_array("cores");
    for (uint32_t i = 0; i < plan->core_count; i++)
        answer_core(boot, plan, i);
    json_end();
    answer_interrupts(plan);
    answer_partitions(plan);
    answer_shared(plan);
    answer_channels(plan);
    answer_left(plan);
    json_end();
}

void answer(const struct boot *boot, const struct plan *plan, bool starts)
{
    json_object(NULL);
    json_bool("ok", starts);
    answer_notes(plan);
    json_array("left_out");
    for (uint32_t i = 0; i < plan->left_out_count; i++)
        json_string(NULL, plan->left_out[i]);
    json_end();
    if (starts)
        answer_plan(boot, plan);
    else
        json_null("plan");
    json_end();
}
