/* SPDX-License-Identifier: BSD-2-Clause */
/* Building the console service: its program, the UART, and a pair of rings for each partition. */
#include "service.h"
#include "carve.h"
#include "device.h"
#include "say.h"
#include <bulkhead/console.h>
#include <bulkhead/count.h>
#include <bulkhead/el0.h>
#include <string.h>

#define READ_WRITE (BH_RIGHT_READ | BH_RIGHT_WRITE)

static const char *const service_name = "console";
static uint64_t service_slot;
static uint64_t service_event; /* rung by monitors */

static bool service_map(uint64_t memory, uint64_t at, uint64_t rights)
{
    return say_call(service_name, "map", BH_MEMORY_MAP, memory, service_slot, BH_SPACE_RUN, at,
                    rights);
}

/* Its program is entered in BH_SPACE_RUN even to load, and nobody else uses it. */
static bool service_program(const struct boot_program *program, const struct plan_console *console,
                            uint64_t image)
{
    const struct bh_program *header = &program->header;
    uint64_t rodata;
    uint64_t ram;

    return boot_cut_program(service_name, program, image, &rodata) &&
           service_map(program->slot, header->base, BH_RIGHT_READ | BH_RIGHT_EXEC) &&
           service_map(rodata, header->base + header->text_size, BH_RIGHT_READ) &&
           say_done(service_name, "take its memory",
                    carve_ram(console->program_host, header->ram_size, &ram)) &&
           service_map(ram, header->ram_base, READ_WRITE) &&
           say_call(service_name, "set the program", BH_PARTITION_MONITOR, service_slot,
                    header->entry, header->stack_base, header->stack_size, 0);
}

static bool service_vcpu(const struct plan_console *console, uint64_t core)
{
    const uint64_t vcpu = carve_slot();
    const uint64_t timer = carve_slot();
    const uint64_t frequency = bh_count_frequency();

    return say_done(service_name, "create its vCPU",
                    bh_svc(BH_PARTITION_VCPU, service_slot, core, vcpu,
                           frequency * console->period / 1000000,
                           frequency * console->budget / 1000000, 0, 0)
                        .status) &&
           say_call(service_name, "create its timer", BH_VCPU_TIMER, vcpu, timer, 0, 0, 0) &&
           say_call(service_name, "give its timer", BH_CAP_COPY, timer, service_slot, BH_MON_TIMER,
                    BH_RIGHT_SET, 0);
}

/* An Event that leads to a badge of the partition's program. */
static bool service_bell(const char *who, uint64_t slot, uint32_t badge, uint64_t *event)
{
    *event = carve_slot();
    return say_call(who, "create an Event", BH_CONTROL_CREATE, BH_ROOT_CONTROL, BH_TYPE_EVENT,
                    *event, 0, 0) &&
           say_call(who, "bind an Event", BH_EVENT_BIND, *event, slot, BH_EVENT_UPCALL | badge, 0,
                    0);
}

static bool service_config(const struct plan *plan)
{
    struct bh_console_config *config;
    uint64_t slot;
    void *page;

    if (!say_done(service_name, "take its configuration's memory",
                  carve_ram(plan->console.config_host, PLAN_CONFIG_SIZE, &slot)) ||
        !say_done(service_name, "map its configuration",
                  carve_map(slot, PLAN_CONFIG_SIZE, READ_WRITE, &page)))
        return false;
    memset(page, 0, PLAN_CONFIG_SIZE);
    config = page;
    config->magic = BH_CONSOLE_MAGIC;
    config->ports = plan->partition_count;
    config->flags = plan->console.stamps ? BH_CONSOLE_STAMPS : 0;
    for (uint32_t i = 0; i < plan->partition_count; i++) {
        memcpy(config->port[i].name, plan->partition[i].name, sizeof(config->port[i].name));
        config->port[i].input = plan->partition[i].uart;
        config->port[i].stays = plan->partition[i].stays;
    }
    bh_cache_clean(page, PLAN_CONFIG_SIZE);
    return service_map(slot, BH_CONSOLE_CONFIG, BH_RIGHT_READ);
}

static bool service_create(const struct boot *boot, const struct plan *plan, uint64_t core)
{
    const struct plan_console *console = &plan->console;
    uint64_t uart;

    service_slot = carve_slot();
    return say_call(service_name, "create", BH_CONTROL_CREATE, BH_ROOT_CONTROL, BH_TYPE_PARTITION,
                    service_slot, 0, 0) &&
           service_vcpu(console, core) &&
           service_program(&boot->console, console, boot->facts.console.size) &&
           service_config(plan) &&
           device_map(service_name, &plan->uart.pages, service_slot, BH_SPACE_RUN, BH_CONSOLE_UART,
                      &uart) &&
           device_bind(service_name, &plan->uart.line, service_slot,
                       BH_EVENT_UPCALL | BH_CONSOLE_BADGE_UART) &&
           service_bell(service_name, service_slot, BH_CONSOLE_BADGE_OUTPUT, &service_event);
}

/* The shared pages, empty, in the monitor's spaces and the service's. */
static bool service_port(const struct plan *plan, uint32_t index, uint64_t slot)
{
    const char *name = plan->partition[index].name;
    uint64_t base = plan->console.ports_host + index * PLAN_PORT_SIZE;
    uint64_t copy = carve_slot();
    uint64_t pages;
    void *at;

    if (!say_done(name, "take its console's pages", carve_ram(base, PLAN_PORT_SIZE, &pages)) ||
        !say_done(name, "map its console's pages",
                  carve_map(pages, PLAN_PORT_SIZE, READ_WRITE, &at)))
        return false;
    memset(at, 0, PLAN_PORT_SIZE);
    bh_cache_clean(at, PLAN_PORT_SIZE);
    return say_call(name, "share its console's pages", BH_MEMORY_SHARE, pages, copy, READ_WRITE, 0,
                    0) &&
           say_call(name, "map its console's pages", BH_MEMORY_MAP, copy, slot, BH_SPACE_LOAD,
                    BH_MON_PORT, READ_WRITE) &&
           say_call(name, "map its console's pages", BH_MEMORY_MAP, copy, slot, BH_SPACE_RUN,
                    BH_MON_PORT, READ_WRITE) &&
           service_map(pages, BH_CONSOLE_PORTS + index * PLAN_PORT_SIZE, READ_WRITE);
}

/* The partition gets its pages and the service's Event; the service the partition's, and sight of
 * it. */
static bool service_join(const struct plan *plan, uint32_t index, uint64_t slot)
{
    const char *name = plan->partition[index].name;
    uint64_t bell;

    return service_port(plan, index, slot) &&
           service_bell(name, slot, BH_MON_BADGE_CONSOLE, &bell) &&
           say_call(name, "give the console its Event", BH_CAP_COPY, bell, service_slot,
                    BH_CONSOLE_EVENT + index, BH_RIGHT_SIGNAL, 0) &&
           say_call(name, "give the console's Event", BH_CAP_COPY, service_event, slot,
                    BH_MON_EVENT_CONSOLE, BH_RIGHT_SIGNAL, 0) &&
           say_call(name, "give the console sight of it", BH_CAP_COPY, slot, service_slot,
                    BH_CONSOLE_PARTITION + index, BH_RIGHT_STATE, 0);
}

bool service_build(const struct boot *boot, const struct plan *plan, uint64_t core,
                   const uint64_t *slot)
{
    if (!service_create(boot, plan, core))
        return false;
    for (uint32_t i = 0; i < plan->partition_count; i++)
        if (!service_join(plan, i, slot[i]))
            return false;
    return true;
}
