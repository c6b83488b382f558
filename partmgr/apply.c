/* SPDX-License-Identifier: BSD-2-Clause */
/* From the plan to capability calls: cores, then partition by partition. */
#include "apply.h"
#include "carve.h"
#include "channels.h"
#include "cores.h"
#include "device.h"
#include "images.h"
#include "plan/guest_tree.h"
#include "plan/layout.h"
#include "say.h"
#include "service.h"
#include "shared.h"
#include <bulkhead/count.h>
#include <bulkhead/el0.h>
#include <string.h>

/* What is the same for all partitions. */
struct apply {
    const struct boot *boot;
    const struct plan_uart *uart;
    uint32_t gic;              /* version of the interrupt controller */
    uint64_t core[PLAN_CORES]; /* slots */
    uint64_t partition[PLAN_PARTITIONS];
    uint64_t gicv;   /* GICv2: the virtual CPU interface, to be shared */
    uint64_t rodata; /* the monitor's, to be shared like its text */
};

static bool apply_map(const struct plan_partition *partition, const char *step, uint64_t memory,
                      uint64_t slot, enum bh_space space, uint64_t at, uint64_t rights)
{
    return say_call(partition->name, step, BH_MEMORY_MAP, memory, slot, space, at, rights);
}

static bool apply_map_both(const struct plan_partition *partition, const char *step,
                           uint64_t memory, uint64_t slot, uint64_t at, uint64_t rights)
{
    return apply_map(partition, step, memory, slot, BH_SPACE_LOAD, at, rights) &&
           apply_map(partition, step, memory, slot, BH_SPACE_RUN, at, rights);
}

static bool apply_share(const struct plan_partition *partition, uint64_t memory, uint64_t slot,
                        uint64_t at, uint64_t rights)
{
    uint64_t copy = carve_slot();

    return say_call(partition->name, "share the monitor", BH_MEMORY_SHARE, memory, copy, rights, 0,
                    0) &&
           apply_map_both(partition, "map the monitor", copy, slot, at, rights);
}

static bool apply_monitor(const struct apply *apply, const struct plan_partition *partition,
                          uint64_t slot)
{
    const struct bh_program *program = &apply->boot->monitor.header;
    uint64_t ram;

    return apply_share(partition, apply->boot->monitor.slot, slot, program->base,
                       BH_RIGHT_READ | BH_RIGHT_EXEC) &&
           apply_share(partition, apply->rodata, slot, program->base + program->text_size,
                       BH_RIGHT_READ) &&
           say_done(partition->name, "take the monitor's memory",
                    carve_ram(partition->monitor_host, program->ram_size, &ram)) &&
           apply_map_both(partition, "map the monitor's memory", ram, slot, program->ram_base,
                          BH_RIGHT_READ | BH_RIGHT_WRITE) &&
           say_call(partition->name, "set the monitor", BH_PARTITION_MONITOR, slot, program->entry,
                    program->stack_base, program->stack_size, 0);
}

/* A kernel that stays in its place has been taken to read it. */
static bool apply_take_bank(const struct plan_partition *partition, uint32_t index, uint64_t *ram)
{
    const struct plan_bank *bank = &partition->bank[index];

    if (layout_in_place(partition, index))
        return images_take_ram(partition->name, &(struct range){bank->host, bank->size}, ram);
    return say_done(partition->name, "take its RAM", carve_ram(bank->host, bank->size, ram));
}

static bool apply_bank(const struct plan_partition *partition, uint32_t index, uint64_t address,
                       uint64_t slot)
{
    const struct plan_bank *bank = &partition->bank[index];
    uint64_t ram;

    return apply_take_bank(partition, index, &ram) &&
           apply_map(partition, "map its RAM", ram, slot, BH_SPACE_GUEST, bank->guest,
                     BH_RIGHT_READ | BH_RIGHT_WRITE | BH_RIGHT_EXEC) &&
           apply_map(partition, "map its RAM to load it", ram, slot, BH_SPACE_LOAD, address,
                     BH_RIGHT_READ | BH_RIGHT_WRITE);
}

/* Maps the banks, and tells the monitor of them. */
static bool apply_guest_ram(const struct plan_partition *partition, uint64_t slot,
                            struct bh_mon_config *config, uint64_t *images)
{
    uint64_t next = BH_MON_RAM;

    for (uint32_t i = 0; i < partition->bank_count; i++) {
        const struct plan_bank *bank = &partition->bank[i];
        const uint64_t address = carve_congruent(next, bank->host, BLOCK_SIZE);

        if (!apply_bank(partition, i, address, slot))
            return false;
        config->bank[config->banks++] = (struct bh_mon_bank){bank->guest, bank->size, address};
        next = address + bank->size;
    }
    *images = next > BH_MON_MODULES ? next : BH_MON_MODULES; /* there may be gaps between banks */
    return true;
}

/* GICv2: a guest finds the virtual CPU interface in the physical one's place. It is one page that
 * partitions share: behind it each core has its own, and a core has vCPUs of one partition. */
static bool apply_gicv(const struct apply *apply, const struct plan_partition *partition,
                       uint64_t slot)
{
    const uint64_t rights = BH_RIGHT_READ | BH_RIGHT_WRITE;
    uint64_t copy;

    if (apply->gic != 2)
        return true;
    copy = carve_slot();
    return say_call(partition->name, "share the virtual CPU interface", BH_MEMORY_SHARE,
                    apply->gicv, copy, rights, 0, 0) &&
           apply_map(partition, "map the virtual CPU interface", copy, slot, BH_SPACE_GUEST,
                     partition->layout.gicc, rights);
}

/* The board's UART, and what else of the machine it has: its guest's, with nobody between. */
static bool apply_devices(const struct plan *plan, uint32_t index, uint64_t slot)
{
    const struct plan_partition *partition = &plan->partition[index];
    uint64_t uart;

    if (partition->board_uart &&
        (!device_map(partition->name, &plan->uart.pages, slot, BH_SPACE_GUEST,
                     partition->layout.uart, &uart) ||
         !device_bind(partition->name, &plan->uart.line, slot, partition->layout.uart_intid)))
        return false;
    return device_give_all(plan, index, slot);
}

static bool apply_vcpus(const struct apply *apply, const struct plan_partition *partition,
                        uint64_t slot)
{
    for (uint32_t i = 0; i < partition->vcpus; i++) {
        uint64_t vcpu = carve_slot();
        uint64_t timer = carve_slot();

        if (!say_call(partition->name, "create a vCPU", BH_PARTITION_VCPU, slot,
                      apply->core[partition->core[i]], vcpu, 0, 0) ||
            !say_call(partition->name, "give a vCPU", BH_CAP_COPY, vcpu, slot, BH_MON_VCPU + i,
                      BH_RIGHT_VIRQ | BH_RIGHT_STATE | BH_RIGHT_START, 0) ||
            !say_call(partition->name, "create a timer", BH_VCPU_TIMER, vcpu, timer, 0, 0, 0) ||
            !say_call(partition->name, "give a timer", BH_CAP_COPY, timer, slot, BH_MON_TIMER + i,
                      BH_RIGHT_SET, 0))
            return false;
    }
    return true;
}

static void apply_fill_config(const struct plan_partition *partition, uint32_t gic,
                              struct bh_mon_config *config)
{
    const struct plan_layout *layout = &partition->layout;

    config->magic = BH_MON_MAGIC;
    memcpy(config->name, partition->name, sizeof(config->name));
    config->vcpus = partition->vcpus;
    config->flags = (partition->uart ? BH_MON_UART : 0u) |
                    (partition->lenient ? BH_MON_LENIENT : 0u) |
                    (partition->strict ? BH_MON_STRICT : 0u) |
                    (partition->ring ? BH_MON_RING : 0u) | (partition->drop ? BH_MON_DROP : 0u);
    config->spis = (uint32_t)align_up(partition->spis, 32);
    config->gic = gic;
    config->uart_intid = layout->uart_intid;
    config->gicd_base = layout->gicd;
    config->gicr_base = gic == 2 ? layout->gicc : layout->gicr;
    config->uart_base = layout->uart;
    config->watchdog_base = layout->watchdog;
    config->watchdog = partition->watchdog;
    config->watchdog_start = partition->watchdog_start;
    config->watchdog_intid = layout->watchdog_intid;
    config->entry = partition->entry;
    config->tree = partition->tree_guest;
    config->control_base = partition->control ? layout->control : 0;
    config->targets = partition->target_count;
    config->doorbell_base = layout->doorbell;
    config->doorbells = partition->doorbell_count;
    config->gpio_base = layout->gpio;
    config->gpio_lines = partition->gpio_lines;
    config->gpio_intid = partition->gpio_intid;
    config->writes = partition->write_count;
    for (uint32_t i = 0; i < partition->write_count; i++)
        config->write[i] =
            (struct bh_mon_write){partition->write[i].load, partition->write[i].value};
}

/* Keeps the images ascending. The plan has made sure that there are not too many. */
static void apply_add_image(struct bh_mon_config *config, uint64_t address, uint64_t size,
                            uint64_t target)
{
    uint32_t i = config->images++;

    for (; i && config->image[i - 1].target > target; i--)
        config->image[i] = config->image[i - 1];
    config->image[i] = (struct bh_mon_image){address, size, target};
}

/* Maps the kernel from *next on, and moves *next behind it; or maps it in the guest's flash. */
static bool apply_kernel(const struct plan_partition *partition, uint64_t slot,
                         struct bh_mon_config *config, uint64_t *next)
{
    uint64_t address = 0;

    if (partition->firmware)
        return images_map_flash(partition, slot, images_kernel(partition),
                                partition->segment[0].target);
    if (partition->in_place) { /* its one segment lies where it belongs */
        apply_add_image(config, 0, partition->segment[0].size, partition->segment[0].target);
        return true;
    }
    if (!images_map(partition, slot, images_kernel(partition), next, &address))
        return false;
    for (uint32_t i = 0; i < partition->segment_count; i++) {
        const struct plan_segment *segment = &partition->segment[i];

        if (segment->size)
            apply_add_image(config, address + segment->offset, segment->size, segment->target);
    }
    return true;
}

/* The same for a module that goes to `target` as it is; none is fine. */
static bool apply_module(const struct plan_partition *partition, uint64_t slot,
                         const struct plan_module *module, uint64_t target,
                         struct bh_mon_config *config, uint64_t *next)
{
    uint64_t address = 0;

    if (!module->size)
        return true;
    if (target < partition->layout.flash_size)
        return images_map_flash(partition, slot, module, target);
    if (!images_map(partition, slot, module, next, &address))
        return false;
    apply_add_image(config, address, module->size, target);
    return true;
}

static bool apply_images(const struct plan_partition *partition, uint64_t slot,
                         struct bh_mon_config *config, uint64_t *next)
{
    if (!apply_kernel(partition, slot, config, next) ||
        !apply_module(partition, slot, &partition->ramdisk, partition->ramdisk_guest, config, next))
        return false;
    for (uint32_t i = 0; i < PLAN_EXTRAS; i++)
        if (!apply_module(partition, slot, &partition->extra[i].module, partition->extra[i].load,
                          config, next))
            return false;
    return true;
}

/* The two private pieces that the manager writes itself: they are mapped here until the seal. */
static bool apply_take_private(const struct plan_partition *partition, uint64_t base, uint64_t size,
                               uint64_t *slot, void **at)
{
    return say_done(partition->name, "take its configuration's memory",
                    carve_ram(base, size, slot)) &&
           say_done(partition->name, "map its configuration",
                    carve_map(*slot, size, BH_RIGHT_READ | BH_RIGHT_WRITE, at));
}

static bool apply_config(const struct plan *plan, uint32_t index, uint64_t slot)
{
    const struct plan_partition *partition = &plan->partition[index];
    uint64_t next;
    struct bh_mon_config *config;
    uint64_t config_slot;
    uint64_t tree_slot;
    uint64_t tree_size;
    void *page;
    void *tree;

    if (!apply_take_private(partition, partition->config_host, PLAN_CONFIG_SIZE, &config_slot,
                            &page) ||
        !apply_take_private(partition, partition->config_host + PLAN_CONFIG_SIZE, PLAN_GUEST_TREE,
                            &tree_slot, &tree))
        return false;
    memset(page, 0, PLAN_CONFIG_SIZE);
    memset(tree, 0, PLAN_GUEST_TREE);
    config = page;
    apply_fill_config(partition, plan->gic, config);
    tree_size = guest_tree_write(plan, index, tree, PLAN_GUEST_TREE);
    if (!tree_size) {
        say_error("%s: its device tree does not fit in %lu bytes", partition->name,
                  (unsigned long)PLAN_GUEST_TREE);
        return false;
    }
    if (!apply_guest_ram(partition, slot, config, &next) ||
        !apply_images(partition, slot, config, &next))
        return false;
    next = align_up(next, BLOCK_SIZE);
    apply_add_image(config, next, tree_size, partition->tree_guest);
    bh_cache_clean(page, PLAN_CONFIG_SIZE);
    bh_cache_clean(tree, PLAN_GUEST_TREE);
    return apply_map(partition, "map its device tree", tree_slot, slot, BH_SPACE_LOAD, next,
                     BH_RIGHT_READ) &&
           apply_map_both(partition, "map its configuration", config_slot, slot, BH_MON_CONFIG,
                          BH_RIGHT_READ);
}

static bool apply_life(const struct plan_partition *partition, uint64_t slot)
{
    uint64_t flags = (partition->on_reset ? BH_LIFE_RESET : 0u) |
                     (partition->stays ? BH_LIFE_STAYS : 0u) |
                     (partition->manual ? BH_LIFE_MANUAL : 0u);

    return say_call(partition->name, "set what follows a failure", BH_PARTITION_POLICY, slot, flags,
                    partition->on_failure, partition->budget,
                    partition->period * bh_count_frequency());
}

/* What it may do to others: control and watch those that it names, and nothing else. */
static bool apply_control(const struct apply *apply, const struct plan_partition *partition,
                          uint64_t slot)
{
    for (uint32_t i = 0; i < partition->target_count; i++)
        if (!say_call(partition->name, "give control over a partition", BH_CAP_COPY,
                      apply->partition[partition->target[i].partition], slot, BH_MON_TARGET + i,
                      BH_RIGHT_CONTROL | BH_RIGHT_STATE | BH_RIGHT_GUEST, 0))
            return false;
    return !partition->resets ||
           say_call(partition->name, "give the platform's reset", BH_CAP_COPY, BH_ROOT_CONTROL,
                    slot, BH_MON_PLATFORM, BH_RIGHT_RESET | BH_RIGHT_GUEST, 0);
}

static bool apply_partition(const struct apply *apply, const struct plan *plan, uint32_t index)
{
    const struct plan_partition *partition = &plan->partition[index];
    const uint64_t slot = apply->partition[index];

    return say_call(partition->name, "create", BH_CONTROL_CREATE, BH_ROOT_CONTROL,
                    BH_TYPE_PARTITION, slot, 0, 0) &&
           (apply->uart->given || /* where it is not the kernel's, nobody writes by the kernel */
            say_call(partition->name, "give the console", BH_CAP_COPY, BH_ROOT_CONTROL, slot,
                     BH_MON_CONSOLE, BH_RIGHT_CONSOLE, 0)) &&
           say_call(partition->name, "give itself", BH_CAP_COPY, slot, slot, BH_MON_PARTITION,
                    BH_RIGHT_VIRQ | BH_RIGHT_STATE, 0) &&
           apply_vcpus(apply, partition, slot) && apply_monitor(apply, partition, slot) &&
           apply_gicv(apply, partition, slot) && apply_devices(plan, index, slot) &&
           apply_config(plan, index, slot) && apply_life(partition, slot);
}

bool apply_plan(const struct boot *boot, const struct plan *plan)
{
    struct apply apply = {.boot = boot, .uart = &plan->uart, .gic = plan->gic};

    if (!plan->partition_count)
        return true;
    if (!cores_start(plan, boot->facts.boot_core, apply.core) ||
        !boot_cut_program("monitor", &boot->monitor, boot->facts.monitor.size, &apply.rodata) ||
        !images_take(plan))
        return false;
    if (plan->gic == 2 && !say_done("machine", "take the virtual CPU interface",
                                    carve_device(plan->gicv.base, plan->gicv.size, &apply.gicv)))
        return false;
    for (uint32_t i = 0; i < plan->partition_count; i++) {
        apply.partition[i] = carve_slot();
        if (!apply_partition(&apply, plan, i))
            return false;
    }
    for (uint32_t i = 0; i < plan->partition_count; i++)
        if (!apply_control(&apply, &plan->partition[i], apply.partition[i]))
            return false;
    if (!shared_build(plan, apply.partition) || !channels_build(plan, apply.partition))
        return false;
    return !plan->console.used ||
           service_build(boot, plan, apply.core[plan->console.core], apply.partition);
}
