/* SPDX-License-Identifier: BSD-2-Clause */
/* Partitions: cores, what is where in a guest's address space, images and interrupts. */
#include "answer.h"
#include "json.h"
#include "partmgr/plan/layout.h"
#include <bulkhead/call.h>
#include <bulkhead/control.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>

/* More than a guest can have. */
#define GUEST_REGIONS (64u + PLAN_SHARED + PLAN_DEVICES * PLAN_DEVICE_RANGES)

struct guest_region {
    struct range range;
    const char *kind;
    const char *name;
    uint64_t host; /* 0: nothing lies behind it */
};

struct guest_map {
    uint32_t count;
    struct guest_region at[GUEST_REGIONS];
};

static void guest_add(struct guest_map *map, const char *kind, const char *name, uint64_t base,
                      uint64_t size, uint64_t host)
{
    if (size && map->count < GUEST_REGIONS)
        map->at[map->count++] = (struct guest_region){{base, size}, kind, name, host};
}

static void guest_controller(struct guest_map *map, const struct plan *plan,
                             const struct plan_partition *partition)
{
    const struct plan_layout *layout = &partition->layout;

    guest_add(map, "emulated", "GICD", layout->gicd, layout->gicd_size, 0);
    if (plan->gic != 2) {
        guest_add(map, "emulated", "GICR", layout->gicr, LAYOUT_GICR_SIZE * partition->vcpus, 0);
        return;
    }
    guest_add(map, "device", "GICC", layout->gicc, plan->gicv.size, plan->gicv.base);
    guest_add(map, "emulated", "GICC_DIR", layout->gicc + plan->gicv.size,
              2 * LAYOUT_GICV_SIZE - plan->gicv.size, 0);
}

static void guest_devices(struct guest_map *map, const struct plan *plan,
                          const struct plan_partition *partition)
{
    const struct plan_layout *layout = &partition->layout;

    guest_controller(map, plan, partition);
    if (partition->board_uart)
        guest_add(map, "device", "UART", layout->uart, LAYOUT_UART_SIZE, plan->uart.pages.base);
    else if (partition->uart)
        guest_add(map, "emulated", "UART", layout->uart, LAYOUT_UART_SIZE, 0);
    if (partition->watchdog != BH_MON_WATCHDOG_NONE)
        guest_add(map, "emulated", "watchdog", layout->watchdog, LAYOUT_WATCHDOG_SIZE, 0);
    if (partition->watchdog == BH_MON_WATCHDOG_SBSA)
        guest_add(map, "emulated", "watchdog control", layout->watchdog + LAYOUT_WATCHDOG_CONTROL,
                  LAYOUT_WATCHDOG_SIZE, 0);
    if (partition->control)
        guest_add(map, "emulated", "control", layout->control, BH_CTL_SIZE, 0);
    if (partition->doorbell_count)
        guest_add(map, "emulated", "doorbells", layout->doorbell, BH_DOORBELL_SIZE, 0);
    if (partition->gpio_lines)
        guest_add(map, "emulated", "PL061", layout->gpio, LAYOUT_GPIO_SIZE, 0);
}

static void guest_flash(struct guest_map *map, const struct plan_partition *partition,
                        const char *name, const struct plan_module *module, uint64_t target)
{
    const struct range pages = range_pages(module->host, module->size);

    if (module->size && target < partition->layout.flash_size)
        guest_add(map, "flash", name, target, pages.size, pages.base);
}

static void guest_memory(struct guest_map *map, const struct plan_partition *partition)
{
    for (uint32_t i = 0; i < partition->bank_count; i++) {
        const struct plan_bank *bank = &partition->bank[i];
        struct guest_region *last = map->count ? &map->at[map->count - 1] : NULL;

        /* Around a kernel in its place it is one piece, there as well as here. */
        if (i && last->range.base + last->range.size == bank->guest &&
            last->host + last->range.size == bank->host)
            last->range.size += bank->size;
        else
            guest_add(map, "ram", "RAM", bank->guest, bank->size, bank->host);
    }
    if (partition->firmware)
        guest_flash(map, partition, "kernel", &partition->kernel, partition->segment[0].target);
    for (uint32_t i = 0; i < PLAN_EXTRAS; i++)
        guest_flash(map, partition, "module", &partition->extra[i].module,
                    partition->extra[i].load);
}

static void guest_shared(struct guest_map *map, const struct plan *plan,
                         const struct plan_partition *partition)
{
    const uint32_t index = (uint32_t)(partition - plan->partition);

    for (uint32_t i = 0; i < plan->shared_count; i++)
        for (uint32_t k = 0; k < plan->shared[i].peer_count; k++)
            if (plan->shared[i].peer[k].partition == index)
                guest_add(map, "shared", plan->shared[i].id, plan->shared[i].peer[k].guest,
                          plan->shared[i].size, plan->shared[i].host);
}

static void guest_passed(struct guest_map *map, const struct plan *plan, uint32_t index)
{
    for (uint32_t i = 0; i < plan->device_count; i++)
        for (uint32_t k = 0; k < plan->device[i].range_count; k++) {
            const struct plan_device_range *range = &plan->device[i].range[k];

            if (plan->device[i].partition == index && !range->again)
                guest_add(map, "device", plan->device[i].name, range->guest, range->size,
                          range->host);
        }
}

static int guest_compare(const void *a, const void *b)
{
    const struct guest_region *first = a;
    const struct guest_region *second = b;

    return first->range.base < second->range.base   ? -1
           : first->range.base > second->range.base ? 1
                                                    : 0;
}

static void guest_regions(const struct plan *plan, const struct plan_partition *partition)
{
    struct guest_map map = {.count = 0};

    guest_devices(&map, plan, partition);
    guest_memory(&map, partition);
    guest_shared(&map, plan, partition);
    guest_passed(&map, plan, (uint32_t)(partition - plan->partition));
    qsort(map.at, map.count, sizeof(map.at[0]), guest_compare);
    json_array("regions");
    for (uint32_t i = 0; i < map.count; i++) {
        json_object(NULL);
        json_number("base", map.at[i].range.base);
        json_number("size", map.at[i].range.size);
        json_string("kind", map.at[i].kind);
        json_string("name", map.at[i].name);
        if (map.at[i].host)
            json_number("host", map.at[i].host);
        else
            json_null("host");
        json_end();
    }
    json_end();
}

static void guest_image(const char *role, const char *name, uint64_t host, uint64_t size,
                        uint64_t target)
{
    if (!size)
        return;
    json_object(NULL);
    json_string("role", role);
    json_string("name", name);
    json_number("host", host);
    json_number("size", size);
    json_number("target", target);
    json_end();
}

/* What is copied into its RAM, or stands in its flash: a kernel segment by segment, without those
 * that only are zeroes. */
static void guest_images(const struct plan_partition *partition)
{
    const struct plan_module *kernel =
        partition->unpacked.size ? &partition->unpacked : &partition->kernel;

    json_array("images");
    for (uint32_t i = 0; i < partition->segment_count; i++) {
        const struct plan_segment *segment = &partition->segment[i];

        guest_image("kernel", partition->in_place ? "kernel in place" : "kernel",
                    kernel->host + segment->offset, segment->size, segment->target);
    }
    guest_image("ramdisk", "ramdisk", partition->ramdisk.host, partition->ramdisk.size,
                partition->ramdisk_guest);
    guest_image("tree", "device tree", partition->config_host + PLAN_CONFIG_SIZE, PLAN_GUEST_TREE,
                partition->tree_guest);
    for (uint32_t i = 0; i < PLAN_EXTRAS; i++)
        guest_image("module", "module", partition->extra[i].module.host,
                    partition->extra[i].module.size, partition->extra[i].load);
    json_end();
}

static void guest_interrupt(uint32_t virtual, const char *name, bool physical, uint32_t intid)
{
    json_object(NULL);
    json_number("virtual", virtual);
    json_string("name", name);
    if (physical)
        json_number("physical", intid);
    else
        json_null("physical");
    json_end();
}

static void guest_doorbells(const struct plan *plan, const struct plan_partition *partition)
{
    const uint32_t index = (uint32_t)(partition - plan->partition);

    if (partition->gpio_lines)
        guest_interrupt(partition->gpio_intid, "PL061", false, 0);
    for (uint32_t i = 0; i < 2 * plan->channel_count; i++) {
        const struct plan_end *end = &plan->channel[i / 2].end[i % 2];

        if (end->partition == index && !end->gpio)
            guest_interrupt(end->intid, "doorbell", false, 0);
    }
}

static void guest_interrupts(const struct plan *plan, const struct plan_partition *partition)
{
    json_array("interrupts");
    if (partition->uart || partition->board_uart)
        guest_interrupt(partition->layout.uart_intid, "UART", partition->board_uart,
                        plan->uart.line.intid);
    if (partition->watchdog != BH_MON_WATCHDOG_NONE)
        guest_interrupt(partition->layout.watchdog_intid, "watchdog", false, 0);
    guest_doorbells(plan, partition);
    for (uint32_t i = 0; i < plan->device_count; i++)
        for (uint32_t k = 0; k < plan->device[i].line_count; k++)
            if (&plan->partition[plan->device[i].partition] == partition)
                guest_interrupt(plan->device[i].line[k].intid, plan->device[i].name, true,
                                plan->device[i].line[k].intid);
    json_end();
}

static void guest_passed_device(const struct plan *plan, const struct plan_device *device)
{
    char path[256];

    json_object(NULL);
    json_string("name", device->name);
    if (device->node && fdt_get_path(plan->hardware, device->node, path, sizeof(path)) == 0)
        json_string("path", path);
    else
        json_null("path");
    json_array("ranges");
    for (uint32_t i = 0; i < device->range_count; i++) {
        json_object(NULL);
        json_number("host", device->range[i].host);
        json_number("guest", device->range[i].guest);
        json_number("size", device->range[i].size);
        json_end();
    }
    json_end();
    json_array("interrupts");
    for (uint32_t i = 0; i < device->line_count; i++) {
        json_object(NULL);
        json_number("physical", device->line[i].intid);
        json_number("virtual", device->line[i].intid);
        json_bool("edge", device->line[i].edge);
        json_end();
    }
    json_end();
    json_bool("dma", device->masters);
    json_end();
}

static void guest_passed_devices(const struct plan *plan, const struct plan_partition *partition)
{
    json_array("devices");
    for (uint32_t i = 0; i < plan->device_count; i++)
        if (&plan->partition[plan->device[i].partition] == partition)
            guest_passed_device(plan, &plan->device[i]);
    json_end();
}

static const char *guest_console(const struct plan *plan, const struct plan_partition *partition)
{
    if (partition->board_uart)
        return "physical";
    if (!partition->uart || (plan->uart.given && !plan->console.used))
        return "none"; /* it may have a UART that leads nowhere */
    return partition->ring ? "ring" : "kernel";
}

static const char *guest_on_failure(uint32_t on_failure)
{
    static const char *const names[] = {
        [BH_FAILURE_STOP] = "stop",
        [BH_FAILURE_RESTART] = "restart",
        [BH_FAILURE_PLATFORM] = "reset-platform",
    };

    return names[on_failure];
}

static const char *guest_layout(enum plan_layout_kind kind)
{
    static const char *const names[] = {[PLAN_LAYOUT_QEMU_VIRT] = "qemu-virt",
                                        [PLAN_LAYOUT_XEN] = "xen",
                                        [PLAN_LAYOUT_DIRECT] = "direct"};

    return names[kind];
}

static void guest_partition(const struct plan *plan, const struct plan_partition *partition)
{
    json_object(NULL);
    json_string("name", partition->name);
    json_string("layout", guest_layout(partition->layout.kind));
    json_number("vcpus", partition->vcpus);
    json_array("cores");
    for (uint32_t i = 0; i < partition->vcpus; i++)
        json_number(NULL, partition->core[i]);
    json_end();
    json_number("memory", partition->ram_size);
    json_string("policy", partition->policy);
    json_bool("in_place", partition->in_place);
    json_number("entry", partition->entry);
    json_number("tree", partition->tree_guest);
    json_string("bootargs", partition->bootargs);
    json_string("start", partition->manual ? "manual" : "boot");
    json_string("on_failure", guest_on_failure(partition->on_failure));
    json_string("console", guest_console(plan, partition));
    guest_regions(plan, partition);
    guest_images(partition);
    guest_interrupts(plan, partition);
    guest_passed_devices(plan, partition);
    json_number("spis", partition->spis);
    json_array("controls");
    for (uint32_t i = 0; i < partition->target_count; i++)
        json_string(NULL, partition->target[i].name);
    json_end();
    json_end();
}

void answer_partitions(const struct plan *plan)
{
    json_array("partitions");
    for (uint32_t i = 0; i < plan->partition_count; i++)
        guest_partition(plan, &plan->partition[i]);
    json_end();
}
