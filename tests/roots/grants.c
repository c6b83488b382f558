/* SPDX-License-Identifier: BSD-2-Clause */
/* A manager for tests: plans and applies like partmgr, then hands every guest far more than partmgr
 * would, with the right to invoke it. What such a guest can still do after the seal is what the
 * kernel alone prevents. */
#include "tests/roots/grants.h"
#include "carve.h"
#include "say.h"
#include "tests/roots/root.h"

static void grants_give(uint64_t from, uint64_t partition, uint64_t slot, uint64_t rights)
{
    root_need("copy", bh_svc(BH_CAP_COPY, from, partition, slot, rights, 0, 0, 0));
}

/* An Event that makes a virtual interrupt of a partition pending; intid 0: bound to nothing. */
static uint64_t grants_event(uint64_t partition, uint64_t intid)
{
    uint64_t slot = carve_slot();

    root_need("create",
              bh_svc(BH_CONTROL_CREATE, BH_ROOT_CONTROL, BH_TYPE_EVENT, slot, 0, 0, 0, 0));
    if (intid)
        root_need("bind", bh_svc(BH_EVENT_BIND, slot, partition, intid, 0, 0, 0, 0));
    return slot;
}

static void grants_partition(uint64_t number, uint64_t count)
{
    uint64_t self = root_find(BH_TYPE_PARTITION, number, 0);
    uint64_t peer = root_find(BH_TYPE_PARTITION, number % count + 1, 0);
    uint64_t bell = grants_event(self, GRANTS_INTID_SELF);

    if (peer != self &&
        bh_svc(BH_CAP_COPY, peer, self, GRANTS_EMPTY, BH_RIGHTS_ALL, 0, 0, 0).status !=
            BH_ERR_RANGE)
        say_error("authority over a neighbour was given away");
    grants_give(bell, self, GRANTS_BELL, BH_RIGHTS_ALL);
    grants_give(bell, self, GRANTS_BELL_MONITOR, BH_RIGHT_SIGNAL);
    grants_give(grants_event(peer, GRANTS_INTID_PEER), self, GRANTS_PEER, BH_RIGHTS_ALL);
    grants_give(grants_event(self, 0), self, GRANTS_UNBOUND, BH_RIGHTS_ALL);
    grants_give(BH_ROOT_CONTROL, self, GRANTS_CONTROL, BH_RIGHTS_ALL);
    grants_give(BH_ROOT_CORE, self, GRANTS_CORE, BH_RIGHTS_ALL);
    grants_give(self, self, GRANTS_PARTITION, BH_RIGHTS_ALL);
    grants_give(root_find(BH_TYPE_VCPU, number - 1, 0), self, GRANTS_VCPU, BH_RIGHTS_ALL);
    grants_give(root_find(BH_TYPE_TIMER, number - 1, 0), self, GRANTS_TIMER, BH_RIGHTS_ALL);
}

/* The board's GPIO controller with its interrupt, for the first partition. */
static void grants_device(uint64_t partition)
{
    uint64_t irq = carve_slot();
    uint64_t device = 0;
    struct bh_result found;

    for (uint64_t slot = BH_ROOT_MEMORY; !device; slot++) {
        found = bh_svc(BH_CAP_INSPECT, slot, 0, 0, 0, 0, 0, 0);
        root_need("find the device", found);
        if ((found.value[0] & 0xff) == BH_TYPE_MEMORY && found.value[1] <= GRANTS_GPIO &&
            GRANTS_GPIO - found.value[1] < found.value[2]) {
            device = GRANTS_GPIO == found.value[1] ? slot : carve_slot();
            if (device != slot)
                root_need("split", bh_svc(BH_MEMORY_SPLIT, slot, device,
                                          GRANTS_GPIO - found.value[1], 0, 0, 0, 0));
        }
    }
    root_need("split", bh_svc(BH_MEMORY_SPLIT, device, carve_slot(), 4096, 0, 0, 0, 0));
    root_need("kind", bh_svc(BH_MEMORY_SPLIT, device, device, 0, BH_KIND_DEVICE, 0, 0, 0));
    root_need("map", bh_svc(BH_MEMORY_MAP, device, partition, BH_SPACE_GUEST, GRANTS_GPIO,
                            BH_RIGHT_READ | BH_RIGHT_WRITE, 0, 0));
    root_need("split",
              bh_svc(BH_IRQ_SPLIT, BH_ROOT_IRQ, irq, GRANTS_GPIO_PHYSICAL - 32, 0, 0, 0, 0));
    root_need("split", bh_svc(BH_IRQ_SPLIT, irq, carve_slot(), 1, 0, 0, 0, 0));
    root_need("bind", bh_svc(BH_IRQ_BIND, irq, partition, GRANTS_INTID_GPIO, 0, 0, 0, 0));
}

_Noreturn void manager_main(uint64_t tree, uint64_t kernel, uint64_t bundle, uint64_t roots,
                            uint64_t boot_core)
{
    root_build(tree, kernel, bundle, roots, boot_core);
    for (uint64_t number = 1; number <= root_plan.partition_count; number++) {
        grants_partition(number, root_plan.partition_count);
        /* A partition of this name gets a monitor that cannot run: its entry is data. */
        if (!__builtin_strcmp(root_plan.partition[number - 1].name, "broken"))
            root_need("break",
                      bh_svc(BH_PARTITION_MONITOR, root_find(BH_TYPE_PARTITION, number, 0),
                             root_boot.monitor.header.ram_base, root_boot.monitor.header.stack_base,
                             root_boot.monitor.header.stack_size, 0, 0, 0));
    }
    grants_device(root_find(BH_TYPE_PARTITION, 1, 0));
    root_seal();
}
