/* SPDX-License-Identifier: BSD-2-Clause */
/* A manager for tests: plans and applies like partmgr, then makes a service of the program in the
 * first partition's ramdisk, on the core of the last partition's first vCPU, with a device, Events
 * from and to the first partition's guest, and a page shared with it. */
#include "tests/roots/services.h"
#include "carve.h"
#include "say.h"
#include "tests/roots/root.h"
#include <bulkhead/el0.h>
#include <string.h>

/* RAM that no plan for a few small guests reaches. */
#define FREE_RAM 0x60000000ull

static const uint64_t read_write = BH_RIGHT_READ | BH_RIGHT_WRITE;

static uint64_t create(enum bh_type type)
{
    uint64_t slot = carve_slot();

    root_need("create", bh_svc(BH_CONTROL_CREATE, BH_ROOT_CONTROL, type, slot, 0, 0, 0, 0));
    return slot;
}

static void give(uint64_t from, uint64_t partition, uint64_t slot, uint64_t rights)
{
    root_need("give", bh_svc(BH_CAP_COPY, from, partition, slot, rights, 0, 0, 0));
}

static void map(uint64_t memory, uint64_t partition, enum bh_space space, uint64_t at,
                uint64_t rights)
{
    root_need("map", bh_svc(BH_MEMORY_MAP, memory, partition, space, at, rights, 0, 0));
}

static void bind(uint64_t event, uint64_t partition, uint64_t to)
{
    root_need("bind", bh_svc(BH_EVENT_BIND, event, partition, to, 0, 0, 0, 0));
}

static uint64_t take(uint64_t base, uint64_t size)
{
    uint64_t slot;

    if (!say_done("root", "take", carve_ram(base, size, &slot)))
        say_stop(0);
    return slot;
}

static void *look_at(uint64_t memory, uint64_t size, uint64_t rights)
{
    void *at;

    if (!say_done("root", "map", carve_map(memory, size, rights, &at)))
        say_stop(0);
    return at;
}

/* The ramdisk is bound to its partition, so the service gets a copy. */
static void program(uint64_t service)
{
    const struct plan_module *module = &root_plan.partition[0].ramdisk;
    uint64_t image = root_find(BH_TYPE_MEMORY, module->host, BH_RIGHT_READ);
    uint64_t size = bh_svc(BH_CAP_INSPECT, image, 0, 0, 0, 0, 0, 0).value[2];
    uint64_t text = take(FREE_RAM, size);
    const struct bh_program *header = look_at(image, size, BH_RIGHT_READ);
    void *copy = look_at(text, size, read_write);

    memcpy(copy, header, size);
    bh_cache_clean(copy, size);
    map(text, service, BH_SPACE_RUN, header->base, BH_RIGHT_READ | BH_RIGHT_EXEC);
    map(take(FREE_RAM + 0x400000, header->ram_size), service, BH_SPACE_RUN, header->ram_base,
        read_write);
    root_need("enter", bh_svc(BH_PARTITION_MONITOR, service, header->entry, header->stack_base,
                              header->stack_size, 0, 0, 0));
}

static void device(uint64_t service)
{
    uint64_t slot = 0, clock;
    struct bh_result irq;

    if (!say_done("root", "take", carve_device(SERVICES_CLOCK_BASE, 4096, &clock)))
        say_stop(0);
    map(clock, service, BH_SPACE_RUN, SERVICES_CLOCK_BASE, read_write);
    do { /* the range with its interrupt */
        irq = bh_svc(BH_CAP_INSPECT, ++slot, 0, 0, 0, 0, 0, 0);
        root_need("find", irq);
    } while ((irq.value[0] & 0xff) != BH_TYPE_IRQ || irq.value[1] > SERVICES_CLOCK_INTID ||
             irq.value[1] + irq.value[2] <= SERVICES_CLOCK_INTID);
    if (irq.value[1] < SERVICES_CLOCK_INTID) {
        uint64_t rest = carve_slot();

        root_need("split", bh_svc(BH_IRQ_SPLIT, slot, rest, SERVICES_CLOCK_INTID - irq.value[1], 0,
                                  0, 0, 0));
        slot = rest;
    }
    root_need("split", bh_svc(BH_IRQ_SPLIT, slot, carve_slot(), 1, 0, 0, 0, 0));
    root_need("bind",
              bh_svc(BH_IRQ_BIND, slot, service, BH_EVENT_UPCALL | SERVICES_CLOCK, 0, 0, 0, 0));
}

static void share_page(uint64_t service, uint64_t guest)
{
    uint64_t page = take(FREE_RAM + 0x200000, 4096);
    uint64_t copy = carve_slot();

    root_need("share", bh_svc(BH_MEMORY_SHARE, page, copy, read_write, 0, 0, 0, 0));
    map(page, service, BH_SPACE_RUN, SERVICES_PAGE, read_write);
    map(copy, guest, BH_SPACE_GUEST, SERVICES_PAGE, read_write);
}

_Noreturn void manager_main(uint64_t tree, uint64_t kernel, uint64_t bundle, uint64_t roots,
                            uint64_t boot_core)
{
    uint64_t guest, service, core, vcpu, timer, bell;

    root_build(tree, kernel, bundle, roots, boot_core);
    guest = root_find(BH_TYPE_PARTITION, 1, 0);
    core = root_find(BH_TYPE_CORE, root_plan.partition_count - 1, 0); /* all have one vCPU */
    service = create(BH_TYPE_PARTITION);
    vcpu = carve_slot();
    timer = carve_slot();
    root_need("vCPU", bh_svc(BH_PARTITION_VCPU, service, core, vcpu, SERVICES_PERIOD,
                             SERVICES_BUDGET, 0, 0));
    root_need("timer", bh_svc(BH_VCPU_TIMER, vcpu, timer, 0, 0, 0, 0, 0));
    give(timer, service, SERVICES_TIMER, BH_RIGHT_SET);
    give(BH_ROOT_CONTROL, service, BH_MON_CONSOLE, BH_RIGHT_CONSOLE);
    program(service);
    device(service);
    share_page(service, guest);
    bell = create(BH_TYPE_EVENT);
    bind(bell, guest, SERVICES_INTID);
    give(bell, service, SERVICES_BELL, BH_RIGHT_SIGNAL);
    for (uint64_t badge = 0; badge < SERVICES_BADGES; badge++) {
        uint64_t event = create(BH_TYPE_EVENT);

        bind(event, service, BH_EVENT_UPCALL | badge);
        give(event, guest, SERVICES_RING + badge, BH_RIGHT_SIGNAL | BH_RIGHT_GUEST);
    }
    /* It begins anew once after failures; nobody waits for its end. */
    root_need("policy", bh_svc(BH_PARTITION_POLICY, service, BH_LIFE_STAYS, BH_FAILURE_RESTART, 1,
                               ~0ull, 0, 0));
    root_seal();
}
