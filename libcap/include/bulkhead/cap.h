/* SPDX-License-Identifier: BSD-2-Clause */
/* Capability types, rights, and the slots that are filled when the manager and a monitor begin. */
#ifndef BULKHEAD_CAP_H
#define BULKHEAD_CAP_H

/* What a capability stands for. */
enum bh_type {
    BH_TYPE_NONE = 0,   /* empty slot */
    BH_TYPE_MEMORY = 1, /* a physical range, linear: in one place unless explicitly shared */
    BH_TYPE_IRQ = 2,    /* a range of physical interrupts (SPI INTIDs), linear */
    BH_TYPE_VCPU = 3,   /* a virtual CPU, pinned to a core */
    BH_TYPE_PARTITION =
        4,               /* a partition: capability table, spaces, virtual interrupts, life cycle */
    BH_TYPE_EVENT = 5,   /* a doorbell */
    BH_TYPE_TIMER = 6,   /* a deadline that enters the monitor */
    BH_TYPE_CORE = 7,    /* a physical core */
    BH_TYPE_CONTROL = 8, /* the machine itself: create, seal, policies, console */
};

/* Rights. Their meaning depends on the type; BH_RIGHT_GUEST is the same for all. */
#define BH_RIGHT_READ  0x01u /* Memory: may be mapped readable */
#define BH_RIGHT_WRITE 0x02u /* Memory: may be mapped writable */
#define BH_RIGHT_EXEC  0x04u /* Memory: may be mapped executable */

#define BH_RIGHT_VIRQ    0x01u /* Vcpu, Partition: read and write virtual interrupt state */
#define BH_RIGHT_MANAGE  0x02u /* Partition, Irq, Core: give it resources, bind, place, start */
#define BH_RIGHT_STATE   0x04u /* Vcpu, Partition: read the life-cycle state */
#define BH_RIGHT_START   0x08u /* Vcpu: start it */
#define BH_RIGHT_CONTROL 0x10u /* Partition: stop it, start it, let it begin anew */

#define BH_RIGHT_SIGNAL 0x01u /* Event: ring it */
#define BH_RIGHT_SET    0x01u /* Timer: set the deadline */

#define BH_RIGHT_CONSOLE 0x01u /* Control: write to the console */
#define BH_RIGHT_CREATE  0x02u /* Control: create objects */
#define BH_RIGHT_SEAL    0x04u /* Control: set policies and seal */
#define BH_RIGHT_RESET   0x08u /* Control: reset the platform */

#define BH_RIGHT_GUEST 0x80u /* the partition's guest may invoke it too, by HVC */
#define BH_RIGHTS_ALL  0xffu

/* What a Memory capability's range holds. The root ranges are untyped; `split` gives a kind, once.
 */
enum bh_kind {
    BH_KIND_UNTYPED = 0, /* cannot be mapped */
    BH_KIND_RAM = 1,     /* Normal, Inner Shareable, write-back */
    BH_KIND_DEVICE = 2,  /* Device-nGnRE, never executable */
    /* Normal Non-cacheable: all who share it see the same, however each of them maps it */
    BH_KIND_UNCACHED = 3,
};

/* The manager's table at its start. Slots from BH_ROOT_MEMORY hold the root Memory ranges,
 * ascending and without overlap: the physical address space less the kernel, its pools and the
 * platform's never-map list. */
#define BH_ROOT_CONTROL 1u
#define BH_ROOT_SELF    2u /* the manager's own Partition: its space is BH_SPACE_RUN */
#define BH_ROOT_CORE    3u /* the core that booted */
#define BH_ROOT_IRQ     4u /* every shared peripheral interrupt: INTIDs 32 to 1019 */
#define BH_ROOT_MEMORY  5u /* as many as the manager's fourth start argument says */

/* Slots that a monitor finds in its partition's table. partmgr fills them, the kernel knows nothing
 * of them. */
#define BH_MON_CONSOLE   1u /* Control, right CONSOLE */
#define BH_MON_PARTITION 2u /* its own Partition, rights VIRQ and STATE */
#define BH_MON_VCPU                                                                                \
    8u /* vCPU n of the partition in slot BH_MON_VCPU + n, rights VIRQ, STATE and START */
#define BH_MON_TIMER    16u /* the Timer of vCPU n in slot BH_MON_TIMER + n */
#define BH_MON_EVENT    24u /* first slot for Events: the console service's */
/* Who has event channels: the Event that rings the peer of the n-th in slot BH_MON_DOORBELL + n,
 * rights SIGNAL and GUEST. */
#define BH_MON_DOORBELL 25u
/* Who controls others: rights CONTROL, STATE and GUEST over the n-th in slot BH_MON_TARGET + n; and
 * Control with RESET and GUEST, if that was granted. */
#define BH_MON_TARGET   40u
#define BH_MON_PLATFORM 55u

/* A partition's spaces. The manager has BH_SPACE_RUN only. */
enum bh_space {
    BH_SPACE_GUEST = 0, /* the guest's physical address space */
    BH_SPACE_LOAD =
        1, /* the monitor's while it loads: images, guest RAM; no vCPU of the partition runs then */
    BH_SPACE_RUN = 2, /* the monitor's while the guest runs: no guest RAM */
    BH_SPACES = 3,
};

#define BH_MAX_VCPUS 8u /* vCPUs a partition can have; monitor slots are laid out for it */

#endif
