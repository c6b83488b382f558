/* SPDX-License-Identifier: BSD-2-Clause */
/* Labels of the capability calls: what each does, its arguments, results and errors.
 *
 * A call is `SVC #0` from EL0 or `HVC #0` from a guest. Registers: x0 label, x1 capability slot,
 * x2..x7 arguments; back come x0 = status (bulkhead/status.h, sign extended) and x1..x3 = results;
 * other registers keep their values. Labels lie in the vendor-specific hypervisor range of the SMC
 * Calling Convention (DEN0028, table "SMC32/HVC32/SMC64 function identifier ranges"): fast call, 64
 * bit, owner 6. A guest may invoke only capabilities that carry BH_RIGHT_GUEST. Any call may also
 * fail with BH_ERR_LABEL, BH_ERR_SLOT, BH_ERR_TYPE or BH_ERR_RIGHTS; calls marked "structure" fail
 * with BH_ERR_SEALED after the seal. A destination slot must be empty (else BH_ERR_SLOT). Nothing
 * changes when a call fails. */
#ifndef BULKHEAD_CALL_H
#define BULKHEAD_CALL_H

#define BH_LABEL_BASE 0xc6000000u

enum bh_label {
    /* inspect(any): what is in the slot. x1 = type | rights << 8 | kind << 16 | shared << 24; x2,
     * x3 = base and size in bytes (Memory), first INTID and count (Irq), object number (others). An
     * empty slot is type 0. */
    BH_CAP_INSPECT = 0xc6000000u,

    /* copy(any but Memory and Irq, partition slot, slot in that partition's table, rights):
     * structure. Gives the partition a copy with rights AND'ed. Needs MANAGE on the partition.
     * RANGE for a Vcpu or Timer capability of another partition than the one that is to have it,
     * and for a Partition of another one with other rights than CONTROL, STATE and GUEST. */
    BH_CAP_COPY,

    /* console(control, count 1..40, five words of text, first byte lowest): CONSOLE. Text is
     * collected per core and comes out at a line feed or when the collector is full. */
    BH_CONTROL_CONSOLE,

    /* create(control, type, destination slot, argument): CREATE, structure. Partition (no
     * argument), Event (no argument), Core (argument: MPIDR affinity fields). POOL when there is no
     * more; TAKEN for a core that exists; RANGE for one that the interrupt controller does not
     * know. */
    BH_CONTROL_CREATE,

    /* policy(control, on panic, on end, quiet): SEAL, structure. What the platform does on a kernel
     * panic and when the last partition has stopped: enum bh_platform_action each. Until then both
     * are BH_PLATFORM_HALT. Quiet 1: the kernel says nothing of partitions' failures, because a
     * service does, until a service itself fails; else 0. */
    BH_CONTROL_POLICY,

    /* seal(control): SEAL. Empties the manager's table, destroys its space, scrubs its memory and
     * starts every partition. Does not return. STATE when a core is not online or a partition has
     * no vCPU or no monitor. */
    BH_CONTROL_SEAL,

    /* reset(control): RESET. Resets the platform. PLATFORM when firmware did not. */
    BH_CONTROL_RESET,

    /* split(memory, destination slot, offset, kind): structure. Cuts at the offset (bytes, page
     * multiple, inside): the capability keeps what lies below, the destination gets the rest, with
     * `kind` when the capability is untyped (0 leaves it so) and with its kind otherwise (`kind`
     * must be 0 or the same). TAKEN once mapped or shared. Offset 0 with the destination equal to
     * the capability's own slot only sets the kind. */
    BH_MEMORY_SPLIT,

    /* share(memory, destination slot, rights): structure. An explicitly shared copy with rights
     * AND'ed. TAKEN when the capability is mapped and was not shared before. */
    BH_MEMORY_SHARE,

    /* map(memory, partition slot, space, address, rights): structure. Puts the whole range at the
     * address (page multiple) with the rights, which must be READ, READ|WRITE, READ|EXEC or, in
     * BH_SPACE_GUEST, all three. STATE when untyped. TAKEN when the capability is bound to another
     * partition or something is mapped there already. The first map into a partition binds the
     * capability to it; the manager's own space does not count. */
    BH_MEMORY_MAP,

    /* split(irq, destination slot, count): MANAGE, structure. The capability keeps its first
       `count` interrupts. */
    BH_IRQ_SPLIT,

    /* bind(irq of one interrupt, partition slot, virtual INTID or badge, edge 0/1): MANAGE,
     * structure. The physical interrupt becomes that virtual one, linked in hardware: the guest's
     * own deactivation ends it. Or it sets that badge (BH_EVENT_UPCALL | number) and stays active
     * until the BH_UPCALL_EVENT that reports it is answered; it is enabled while the partition
     * runs.
     */
    BH_IRQ_BIND,

    /* vcpu(partition, core slot, destination slot, period, budget): MANAGE, structure. Period 0:
     * creates the partition's next vCPU on that core (TAKEN when it has one). x1 = its index in the
     * partition; the affinity in its MPIDR_EL1 is Aff0 = index. Else the partition is a service: no
     * guest, this vCPU only, on a core that has no other service; its program is entered in
     * BH_SPACE_RUN, and runs at most `budget` ticks of the physical count in each `period`. RANGE:
     * budget 0 or more than the period, a period beyond 32 bits; STATE: another vCPU of a service.
     */
    BH_PARTITION_VCPU,

    /* monitor(partition, entry, stack base, stack size): MANAGE, structure. Where upcalls enter
     * (address in LOAD and RUN), and where stacks lie: vCPU n enters with SP = base + (n + 1) *
     * size. */
    BH_PARTITION_MONITOR,

    /* policy(partition, flags, on failure, restarts, period): MANAGE, structure. enum
     * bh_life_flags; what happens after a failure (enum bh_failure_action); how often it may begin
     * anew for that within a period (in ticks of the physical count). Until then: no flag, it stays
     * stopped. */
    BH_PARTITION_POLICY,

    /* state(partition): STATE. x1 = enum bh_partition_state, x2 = enum bh_stop_reason of the last
     * stop, x3 = number of failures | number of times it began anew << 32. */
    BH_PARTITION_STATE,

    /* failure(partition, back, part): STATE. One of the last BH_FAILURES failures, 0 the last. Part
     * 0: x1 = enum bh_stop_reason | vCPU << 8, x2 = PC, x3 = physical count then. Part 1: x1 =
     * syndrome, x2 = address. RANGE when there was none. */
    BH_PARTITION_FAILURE,

    /* control(partition, action): CONTROL. enum bh_partition_do. STATE when it is not in a state
     * for that: stop wants it loading or running, start stopped. */
    BH_PARTITION_CONTROL,

    /* exits(partition, vCPU): STATE. How often that vCPU has left its guest, ever: x1 = to the
     * monitor, x2 = for interrupts, x3 = for what the kernel answered. RANGE when it has no such
     * vCPU. */
    BH_PARTITION_EXITS,

    /* start(vcpu, pc, x0): START. Claims a vCPU that is off and starts it at pc with x0; one atomic
     * operation. ALREADY_ON, ON_PENDING. */
    BH_VCPU_START,

    /* state(vcpu): STATE. x1 = 0 on, 1 off, 2 on pending (PSCI AFFINITY_INFO's codes, DEN0022). */
    BH_VCPU_STATE,

    /* timer(vcpu, destination slot): structure, needs START. Creates the vCPU's Timer. */
    BH_VCPU_TIMER,

    /* read(partition or vcpu, field, INTID): VIRQ. x1 = the field (enum bh_virq_field) of the 32
     * interrupts that begin at INTID. Partition: shared interrupts (INTID 32 up); Vcpu: private
     * ones (INTID 0). */
    BH_VIRQ_READ,

    /* write(partition or vcpu, field, INTID, value, mask): VIRQ. Replaces the bits of the mask by
       those of value. */
    BH_VIRQ_WRITE,

    /* bind(event, partition slot, virtual INTID or badge): needs MANAGE on the partition,
     * structure. Signals make that virtual interrupt pending, or set that badge (BH_EVENT_UPCALL |
     * number) and enter the monitor or service with BH_UPCALL_EVENT. STATE: a badge of a partition
     * without a vCPU. */
    BH_EVENT_BIND,

    /* signal(event): SIGNAL. A core's signals are at least 10 us apart: one that comes earlier waits
     * in the call. STATE when it is bound to nothing. */
    BH_EVENT_SIGNAL,

    /* set(timer, deadline): SET. From the core's physical count reaching the deadline on, the
     * monitor is entered once with BH_UPCALL_TIMER on the timer's vCPU, also while that is off. ~0
     * cancels, and so does the partition's stop. RANGE when called on another core. */
    BH_TIMER_SET,

    /* start(core): MANAGE, structure. Asks firmware (PSCI CPU_ON by SMC) to start it; comes back at
       once. */
    BH_CORE_START,

    /* state(core): MANAGE. x1 = 0 off, 1 starting, 2 online. */
    BH_CORE_STATE,

    BH_LABEL_END,

    /* return(action, values): ends an upcall, see bulkhead/upcall.h. Only from a monitor; no slot.
     */
    BH_RETURN = 0xc60000ffu,
};

/* Second argument of both binds: a badge of the partition's program instead of a virtual INTID. */
#define BH_EVENT_UPCALL 0x10000u
#define BH_BADGES       32u /* of a partition */

enum bh_platform_action { BH_PLATFORM_HALT = 0, BH_PLATFORM_OFF = 1, BH_PLATFORM_RESET = 2 };

enum bh_core_state { BH_CORE_OFF = 0, BH_CORE_STARTING = 1, BH_CORE_ONLINE = 2 };

enum bh_partition_state {
    BH_PARTITION_NEW = 0,     /* before the seal */
    BH_PARTITION_LOADING = 1, /* its monitor places images; no vCPU runs */
    BH_PARTITION_RUNNING = 2,
    BH_PARTITION_STOPPING = 3, /* its cores are dropping what they do */
    BH_PARTITION_STOPPED = 4,
};

enum bh_stop_reason {
    BH_STOP_NONE = 0,
    BH_STOP_OFF = 1,       /* the guest asked: PSCI SYSTEM_OFF */
    BH_STOP_RESET = 2,     /* the guest asked: PSCI SYSTEM_RESET */
    BH_STOP_CONTROL = 3,   /* who controls it asked it to stop */
    BH_STOP_RESTART = 4,   /* or to begin anew */
    BH_STOP_LOAD = 5,      /* the monitor could not load it */
    BH_STOP_FAILURE = 6,   /* from here on: failures */
    BH_STOP_MONITOR = 6,   /* the monitor faulted or made an impossible return */
    BH_STOP_SERROR = 7,    /* an SError was taken while it ran */
    BH_STOP_CRASH = 8,     /* the guest says that it has crashed */
    BH_STOP_EXIT = 9,      /* the guest did what its monitor cannot answer */
    BH_STOP_WATCHDOG = 10, /* its watchdog has run out */
    BH_STOP_REASONS = 11,
};

enum bh_life_flags {
    BH_LIFE_RESET = 1u,  /* the guest's SYSTEM_RESET begins anew */
    BH_LIFE_STAYS = 2u,  /* the machine's end does not wait for this partition's */
    BH_LIFE_MANUAL = 4u, /* it does not start at the seal: who controls it starts it */
};

enum bh_failure_action {
    BH_FAILURE_STOP = 0,
    BH_FAILURE_RESTART = 1,
    BH_FAILURE_PLATFORM = 2, /* the whole platform is reset */
};

enum bh_partition_do {
    BH_PARTITION_DO_START = 0,
    BH_PARTITION_DO_STOP = 1,
    BH_PARTITION_DO_RESTART = 2,
};

#define BH_FAILURES 4u /* failures that are kept of a partition */

/* Fields of virtual interrupt state. One bit per interrupt, but for PRIORITY, ROUTE and CONTROL. */
enum bh_virq_field {
    BH_VIRQ_ENABLE = 0,
    BH_VIRQ_PENDING = 1, /* read: latched, asserted or pending in a list register; write: the latch
                            (ISPENDR, ICPENDR) */
    BH_VIRQ_ACTIVE = 2,
    BH_VIRQ_GROUP = 3, /* 1: group 1 */
    BH_VIRQ_EDGE = 4,  /* 1: edge-triggered */
    BH_VIRQ_LINE = 5,  /* the input of an emulated device: level, or a rising edge latches */
    BH_VIRQ_PRIORITY =
        6, /* four interrupts from INTID (multiple of 4), one byte each as in GICD_IPRIORITYR */
    BH_VIRQ_ROUTE = 7, /* shared ones only: the set of vCPUs (bit n is vCPU n) of which any one gets
                          INTID; bits beyond the last vCPU are ignored, 0 is nowhere. With a Vcpu
                          on a GICv2: the set of vCPUs from which SGI INTID is pending */
    BH_VIRQ_CONTROL =
        8, /* the distributor's group enables: bit 0 group 0, bit 1 group 1; INTID is 32 */
    BH_VIRQ_BADGE = 9, /* the badges that enter the partition's program; others wait until they are
                          set here. All are when the partition has been loaded; INTID is 32 */
    BH_VIRQ_FIELDS = 10,
};

#endif
