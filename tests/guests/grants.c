/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest that was given rights it should never have: what works is what the rights say, what the
 * seal forbids stays forbidden. Runs only under the manager tests/roots/grants.c. */
#include "../roots/grants.h"
#include "guest.h"
#include <bulkhead/invoke.h>

enum { WAIT_US = 3000000, NONE_US = 20000 };
enum { GPIO_IS = 0x404, GPIO_IEV = 0x40c, GPIO_IE = 0x410 };

static struct bh_result hvc(uint64_t label, uint64_t slot, uint64_t a, uint64_t b, uint64_t c,
                            uint64_t d)
{
    return bh_hvc(label, slot, a, b, c, d, 0, 0);
}

static void expect(const char *what, int64_t wanted, struct bh_result result)
{
    tap_ok(result.status == wanted, "%s: status %d, wanted %d", what, (int)result.status,
           (int)wanted);
}

static void check_bells(void)
{
    unsigned intid;

    gic_enable(GRANTS_INTID_SELF);
    expect("ring", BH_OK, hvc(BH_EVENT_SIGNAL, GRANTS_BELL, 0, 0, 0, 0));
    expect("ring again before it is seen", BH_OK, hvc(BH_EVENT_SIGNAL, GRANTS_BELL, 0, 0, 0, 0));
    intid = gic_wait(WAIT_US);
    tap_ok(intid == GRANTS_INTID_SELF, "the bell's interrupt %u", intid);
    expect("ring while it is active", BH_OK, hvc(BH_EVENT_SIGNAL, GRANTS_BELL, 0, 0, 0, 0));
    gic_eoi(intid);
    intid = gic_wait(WAIT_US);
    tap_ok(intid == GRANTS_INTID_SELF, "it comes once more");
    gic_eoi(intid);
    tap_ok(gic_wait(NONE_US) == SPURIOUS, "and no third time");
    expect("a bell that is not for guests", BH_ERR_RIGHTS,
           hvc(BH_EVENT_SIGNAL, GRANTS_BELL_MONITOR, 0, 0, 0, 0));
    expect("a bell that is bound to nothing", BH_ERR_STATE,
           hvc(BH_EVENT_SIGNAL, GRANTS_UNBOUND, 0, 0, 0, 0));
    expect("the neighbour's bell", BH_OK, hvc(BH_EVENT_SIGNAL, GRANTS_PEER, 0, 0, 0, 0));
}

static void check_lookup(void)
{
    struct bh_result result = hvc(BH_CAP_INSPECT, GRANTS_VCPU, 0, 0, 0, 0);

    tap_ok(result.status == BH_OK && (result.value[0] & 0xff) == BH_TYPE_VCPU, "inspect");
    expect("inspect what is not for guests", BH_ERR_RIGHTS,
           hvc(BH_CAP_INSPECT, BH_MON_PARTITION, 0, 0, 0, 0));
    expect("an empty slot", BH_ERR_RIGHTS, hvc(BH_EVENT_SIGNAL, GRANTS_EMPTY, 0, 0, 0, 0));
    expect("behind the table", BH_ERR_SLOT, hvc(BH_EVENT_SIGNAL, 64, 0, 0, 0, 0));
    expect("far behind the table", BH_ERR_SLOT, hvc(BH_EVENT_SIGNAL, ~0ull, 0, 0, 0, 0));
    expect("another type", BH_ERR_TYPE, hvc(BH_EVENT_SIGNAL, GRANTS_VCPU, 0, 0, 0, 0));
    expect("a label without operation", -1, hvc(BH_LABEL_END, GRANTS_VCPU, 0, 0, 0, 0));
    expect("return is for monitors", -1, hvc(BH_RETURN, 0, 0, 0, 0, 0));
}

static void check_sealed(void)
{
    expect("create a partition", BH_ERR_SEALED,
           hvc(BH_CONTROL_CREATE, GRANTS_CONTROL, BH_TYPE_PARTITION, GRANTS_EMPTY, 0, 0));
    expect("create an event", BH_ERR_SEALED,
           hvc(BH_CONTROL_CREATE, GRANTS_CONTROL, BH_TYPE_EVENT, GRANTS_EMPTY, 0, 0));
    expect("create a core", BH_ERR_SEALED,
           hvc(BH_CONTROL_CREATE, GRANTS_CONTROL, BH_TYPE_CORE, GRANTS_EMPTY, 7, 0));
    expect("create a vCPU", BH_ERR_SEALED,
           hvc(BH_PARTITION_VCPU, GRANTS_PARTITION, GRANTS_CORE, GRANTS_EMPTY, 0, 0));
    expect("move the monitor", BH_ERR_SEALED,
           hvc(BH_PARTITION_MONITOR, GRANTS_PARTITION, 0x200000, 0x400000, 4096, 0));
    expect("create a timer", BH_ERR_SEALED, hvc(BH_VCPU_TIMER, GRANTS_VCPU, GRANTS_EMPTY, 0, 0, 0));
    expect("bind an event", BH_ERR_SEALED,
           hvc(BH_EVENT_BIND, GRANTS_UNBOUND, GRANTS_PARTITION, 50, 0, 0));
    expect("copy a capability", BH_ERR_SEALED,
           hvc(BH_CAP_COPY, GRANTS_CONTROL, GRANTS_PARTITION, GRANTS_EMPTY, 0xff, 0));
    expect("set a policy", BH_ERR_SEALED, hvc(BH_CONTROL_POLICY, GRANTS_CONTROL, 0, 0, 0, 0));
    expect("start a core", BH_ERR_SEALED, hvc(BH_CORE_START, GRANTS_CORE, 0, 0, 0, 0));
    expect("seal again", BH_ERR_SEALED, hvc(BH_CONTROL_SEAL, GRANTS_CONTROL, 0, 0, 0, 0));
    for (uint64_t slot = 0; slot < 64; slot++)
        if (hvc(BH_MEMORY_MAP, slot, GRANTS_PARTITION, BH_SPACE_GUEST, 0x80000000, 1).status >= 0 ||
            hvc(BH_MEMORY_SPLIT, slot, GRANTS_EMPTY, 4096, 0, 0).status >= 0 ||
            hvc(BH_MEMORY_SHARE, slot, GRANTS_EMPTY, 1, 0, 0).status >= 0 ||
            hvc(BH_IRQ_SPLIT, slot, GRANTS_EMPTY, 1, 0, 0).status >= 0 ||
            hvc(BH_IRQ_BIND, slot, GRANTS_PARTITION, 51, 0, 0).status >= 0)
            tap_ok(false, "slot %u allows to map, split, share or bind", (unsigned)slot);
    tap_ok(true, "no slot allows to map, split, share or bind");
}

static void check_objects(void)
{
    struct bh_result result = hvc(BH_PARTITION_STATE, GRANTS_PARTITION, 0, 0, 0, 0);

    tap_ok(result.status == BH_OK && result.value[0] == BH_PARTITION_RUNNING, "it is running");
    result = hvc(BH_VCPU_STATE, GRANTS_VCPU, 0, 0, 0, 0);
    tap_ok(result.status == BH_OK && result.value[0] == 0, "its vCPU is on");
    expect("start a vCPU that runs", BH_ERR_ALREADY_ON,
           hvc(BH_VCPU_START, GRANTS_VCPU, RAM, 0, 0, 0));
    result = hvc(BH_CORE_STATE, GRANTS_CORE, 0, 0, 0, 0);
    tap_ok(result.status == BH_OK && result.value[0] == BH_CORE_ONLINE, "the core is online");
    expect("a timer, cancelled", BH_OK, hvc(BH_TIMER_SET, GRANTS_TIMER, ~0ull, 0, 0, 0));
    expect("no such field", BH_ERR_RANGE,
           hvc(BH_VIRQ_READ, GRANTS_PARTITION, BH_VIRQ_FIELDS, 32, 0, 0));
    expect("private interrupts of a partition", BH_ERR_RANGE,
           hvc(BH_VIRQ_READ, GRANTS_PARTITION, BH_VIRQ_ENABLE, 0, 0, 0));
    expect("shared interrupts of a vCPU", BH_ERR_RANGE,
           hvc(BH_VIRQ_WRITE, GRANTS_VCPU, BH_VIRQ_ENABLE, 32, 0, 0));
    expect("not at a word", BH_ERR_ALIGN,
           hvc(BH_VIRQ_READ, GRANTS_PARTITION, BH_VIRQ_ENABLE, 33, 0, 0));
    expect("no text", BH_ERR_RANGE, hvc(BH_CONTROL_CONSOLE, GRANTS_CONTROL, 0, 0, 0, 0));
}

/* A level interrupt from a real device, straight through: the GPIO controller asserts it for a line
 * that is low. */
static void check_device(void)
{
    unsigned intid;

    gic_enable(GRANTS_INTID_GPIO);
    write32(GRANTS_GPIO + GPIO_IS, 1);
    write32(GRANTS_GPIO + GPIO_IEV, 0);
    tap_ok(gic_wait(NONE_US) == SPURIOUS, "masked at the device: nothing");
    write32(GRANTS_GPIO + GPIO_IE, 1);
    intid = gic_wait(WAIT_US);
    tap_ok(intid == GRANTS_INTID_GPIO, "the device's interrupt %u", intid);
    gic_eoi(intid);
    intid = gic_wait(WAIT_US);
    tap_ok(intid == GRANTS_INTID_GPIO, "still asserted: it comes again");
    write32(GRANTS_GPIO + GPIO_IE, 0);
    gic_eoi(intid);
    tap_ok(gic_wait(NONE_US) == SPURIOUS, "no longer asserted: it does not");
    if (gic_version == 3) { /* a GICv2 for one core has no choice of targets */
        write64(GICD + 0x6000 + 8 * GRANTS_INTID_GPIO, 1ull << 8); /* GICD_IROUTER: no such core */
        write32(GRANTS_GPIO + GPIO_IE, 1);
        tap_ok(gic_wait(NONE_US) == SPURIOUS, "routed nowhere: nothing");
    }
    write32(GRANTS_GPIO + GPIO_IE, 1);
    gic_route(GRANTS_INTID_GPIO, 0);
    intid = gic_wait(WAIT_US);
    tap_ok(intid == GRANTS_INTID_GPIO, "routed to this core: it comes");
    write32(GRANTS_GPIO + GPIO_IE, 0);
    gic_eoi(intid);
    gic_disable(GRANTS_INTID_GPIO);
    write32(GRANTS_GPIO + GPIO_IE, 1);
    tap_ok(gic_wait(NONE_US) == SPURIOUS, "disabled at the distributor: nothing");
    gic_enable(GRANTS_INTID_GPIO);
    intid = gic_wait(WAIT_US);
    tap_ok(intid == GRANTS_INTID_GPIO, "enabled again: it is there");
    write32(GRANTS_GPIO + GPIO_IE, 0);
    gic_eoi(intid);
}

void guest_main(const void *tree)
{
    gic_init();
    gic_init_cpu();
    if (bootargs_number(tree, "neighbour", 0)) {
        unsigned intid;

        gic_enable(GRANTS_INTID_PEER);
        intid = gic_wait(10000000);
        tap_ok(intid == GRANTS_INTID_PEER, "rung by the neighbour: %u", intid);
        gic_eoi(intid);
    } else {
        check_lookup();
        check_sealed();
        check_objects();
        check_device();
        check_bells();
    }
    tap_end();
    psci_system_off();
}
