/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the plan library: the state of one run, and the steps. */
#ifndef PLAN_BUILD_H
#define PLAN_BUILD_H

#include "plan.h"

struct tree_cells;

/* The modules of a partition: kernel, ramdisk, passthrough tree, PLAN_EXTRAS others. */
enum {
    BUILD_KERNEL,
    BUILD_RAMDISK,
    BUILD_TREE,
    BUILD_EXTRA,
    BUILD_KINDS = BUILD_EXTRA + PLAN_EXTRAS
};

/* Where the tree wants a raw binary. */
struct build_raw {
    bool has_load;
    bool has_entry;
    uint64_t load; /* guest physical */
    uint64_t entry;
};

/* One end of an event channel, as its node says it. */
struct build_end {
    int node;
    uint32_t partition;
    uint32_t port;   /* 0: the node is wrong, which has been reported */
    uint32_t number; /* of the partition's */
    bool gpio;
    uint32_t line;
    uint32_t peer; /* phandle */
};

#define BUILD_ENDS (2 * PLAN_CHANNELS)

/* What one round of planning hands to the next, which has fewer domains. */
struct build_kept {
    bool may_leave;            /* bad domains are left out */
    int left[PLAN_PARTITIONS]; /* their nodes, as many as the plan counts */
    struct ranges touched; /* memory that the plan has read or written: nobody else's any more */
    uint32_t unpacked_count;
    struct {
        uint64_t packed; /* host physical */
        struct plan_module kernel;
    } unpacked[PLAN_PARTITIONS];
};

struct build {
    struct build_kept *kept;
    struct plan *plan;
    const struct plan_facts *facts;
    const struct policy *policy;                      /* the system's … */
    const struct policy *own_policy[PLAN_PARTITIONS]; /* … and of domains that name one */
    const void *hardware;
    const void *system;
    struct ranges usable; /* RAM that may be mapped: banks without firmware's and the kernel's */
    struct ranges free;   /* what is still to be given away */
    bool fatal;           /* there is a mistake outside all domains */
    uint32_t bad;         /* a bit for each domain that has one */
    uint32_t warned[PLAN_WARNINGS]; /* whom a warning is about: index + 1, or 0 */
    int node[PLAN_PARTITIONS];
    int node_end[PLAN_PARTITIONS]; /* the first node behind it and all in it; negative: none */
    int module[PLAN_PARTITIONS][BUILD_KINDS];
    bool readable[PLAN_PARTITIONS]; /* the kernel module is in usable RAM and meets nothing else */
    struct build_raw raw[PLAN_PARTITIONS];
    uint64_t controller[2]; /* where the machine's GICD, and GICC or GICR are; 0: unknown */
    int pool_node[PLAN_CORES];
    int vcpu_node[PLAN_PARTITIONS][BH_MAX_VCPUS];    /* negative: the vCPU has none */
    uint32_t allowed[PLAN_PARTITIONS][BH_MAX_VCPUS]; /* a bit for each core */
    bool console_chosen;                             /* the description says on which core */
    int shared_node[PLAN_SHARED][PLAN_PARTITIONS];   /* of each peer */
    bool shared_bad; /* a node is wrong: nobody knows who would have what together */
    bool tree_readable[PLAN_PARTITIONS]; /* as `readable`: the passthrough tree */
    const void *fragment;                /* the passthrough tree that is being read … */
    int fragment_node;                   /* … and its module's node */
    const char *inside; /* of what node in such a tree, that has been read, notes are */
    uint32_t end_count;
    struct build_end end[BUILD_ENDS];
};

/* Where the plan keeps a module of a partition. */
static inline struct plan_module *build_module(struct build *build, uint32_t partition,
                                               uint32_t kind)
{
    struct plan_partition *at = &build->plan->partition[partition];

    return kind == BUILD_KERNEL    ? &at->kernel
           : kind == BUILD_RAMDISK ? &at->ramdisk
           : kind == BUILD_TREE    ? &at->passthrough
                                   : &at->extra[kind - BUILD_EXTRA].module;
}

/* Who places a partition. */
static inline const struct policy *build_policy(const struct build *build, uint32_t partition)
{
    const struct policy *own = build->own_policy[partition];

    return own ? own : build->policy;
}

/* Records a mistake or a remark at a node; property may be NULL. The tree must have passed
 * tree_check(). */
void report_error(struct build *build, enum plan_note_name name, const void *tree, int node,
                  const char *property, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
void report_warning(struct build *build, enum plan_note_name name, const void *tree, int node,
                    const char *property, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* A mistake that has no node: `where` stands for the path. */
void report_plain(struct build *build, enum plan_note_name name, const char *where,
                  const char *message);

/* Bad domains: what is to become of them, whether this one has been left out, where one begins and
 * ends, and whose a node is (index + 1, or 0). */
void leave_read(struct build *build, int chosen);
bool leave_has(const struct build *build, int node);
void leave_add_domain(struct build *build, uint32_t index, int node);
uint32_t leave_domain(const struct build *build, const void *tree, int node);

/* Keeps in mind whose a mistake is (tree may be NULL); true when its domain is left out for it. */
bool leave_blame(struct build *build, const void *tree, int node);

/* Memory that modules are read from or unpacked to stays what it is in later rounds. */
void leave_touch(struct build *build, const struct range *pages);
void leave_keep_touched(struct build *build);

/* True when this round is for finding bad domains only, and has found one: whoever else would get
 * no memory or no core may get it without them. */
bool leave_due(const struct build *build);

/* True when there must be another round, without the bad domains; behind the last one, whether the
 * system can start. */
bool leave_again(struct build *build);
bool leave_ends_well(struct build *build);

/* Cores, RAM banks and reserved memory. */
void hardware_read(struct build *build);

/* The interrupt controller. */
void controller_read(struct build *build);

/* Every enabled domain of /chosen. */
void domains_read(struct build *build);

/* How many shared interrupts a guest has; then, with all that it gets known, that they are enough.
 */
void spis_read(struct build *build, uint32_t partition);
void spis_check(struct build *build);

/* What follows the end of one domain, and of all of them. */
void life_read(struct build *build, uint32_t partition);
void life_read_machine(struct build *build, int chosen);

/* What the domains, which are all known, may do to each other. */
void controls_read(struct build *build);

/* The modules of one domain, whose node and index in the plan are known. */
void modules_read(struct build *build, uint32_t partition, struct tree_cells cells);

/* Shared memory: one node of a domain; then, with all areas known, RAM for those whose place is
 * said, before anything else gets some, and for the others. */
void shared_read(struct build *build, uint32_t partition, int node, struct tree_cells cells);
void shared_take(struct build *build);
void shared_place(struct build *build);

/* Event channels: one node of a domain; then the nodes, which are all known, are joined in pairs.
 */
void channel_read(struct build *build, uint32_t partition, int node);
void channels_join(struct build *build);
/* Gives each end its interrupt: all else that has one is known. */
void channels_place(struct build *build);

/* Passthrough trees: the devices of the machine that domains get for themselves. */
void passthrough_read_all(struct build *build);

/* The same without a tree: domains name the machine's nodes. And what these need. */
void devices_read_all(struct build *build);
void needs_check(struct build *build);

/* Which of them write to memory by themselves, and what that asks of their domains. */
void masters_check(struct build *build);

/* How they are told to leave memory alone; whether this one is. */
void quiesce_read(struct build *build, uint32_t partition);
bool quiesce_covers(const struct plan *plan, const struct plan_device *device);

/* The node that asks for a domain's devices: its passthrough tree's module, or the domain itself by
 * a property. */
int device_asker(const struct build *build, uint32_t partition);
const char *device_asks(const struct build *build, uint32_t partition);

/* Sees that what the description adds to the guests' maps meets nothing that is there. */
void guest_maps_check(struct build *build);

/* A domain's memory map; its RAM is known, if it is static. One that is the machine's is complete
 * once the machine is known; false: it cannot be, which is reported. */
void layout_read(struct build *build, uint32_t partition);
bool layout_direct(struct build *build, uint32_t partition);

/* RAM that a domain names itself; it is taken before anything else is placed. */
void static_read(struct build *build, uint32_t partition, struct tree_cells cells);
void static_take(struct build *build);

/* True when the machine's console is a PL011: its registers and its INTID. */
bool uart_find(struct build *build, uint64_t *base, uint32_t *intid);

/* The board's UART: where it is, who of the domains wants it, and whether that may be. */
void uart_read(struct build *build);
/* Where the tree's console is and which interrupt it has, whoever it belongs to; false: unknown. */
bool uart_pages(const struct build *build, struct range *pages);
bool uart_line(const struct build *build, uint32_t *intid);
void uart_read_domain(struct build *build, uint32_t partition);
void uart_place(struct build *build);

/* The console service: whether the description wants one, the UART, its core. */
bool console_is(const void *tree, int node);
void console_read(struct build *build);
void console_place_core(struct build *build);

/* Each partition's own seeds, if the hardware tree has one to make them from. */
void seed_partitions(struct build *build);

/* Reads the kernels: what format they have, what of them goes where. */
void kernels_read(struct build *build);

/* Sees that all that goes to a partition's RAM or flash, its kernel's segments too, lies in it and
 * apart from what else does. */
void pieces_check(struct build *build, uint32_t partition);

/* What of ours a range overlaps, and where that begins; NULL: nothing. */
const char *place_meets_ours(const struct build *build, const struct range *pages, uint64_t *at);

/* The placement policies that the description and a domain name. */
void place_read_policy(struct build *build, int chosen);
void place_read_domain_policy(struct build *build, uint32_t partition);

/* Lays the RAM of guests around their kernels, where the policy wants that and it can be. */
void in_place_all(struct build *build);

/* The property of a module's node that says where the module lies. */
const char *place_property(struct build *build, int node);

/* Takes free RAM for what a partition's kernel unpacks to; false when there is none. */
bool place_unpacked(struct build *build, uint32_t partition, uint64_t size, uint64_t *base);

/* The pools of cores, and which one a domain's cores are of. */
bool pool_is(const void *tree, int node);
void pools_read(struct build *build);
void pool_read_domain(struct build *build, uint32_t partition);

/* Which of them each vCPU of a domain may have. */
bool affinity_is(const void *tree, int node);
void affinity_read(struct build *build, uint32_t partition);

/* Reads all that is said of cores, and gives them away. */
void cores_place(struct build *build);
/* The same for an area of shared memory, of which that partition is the first peer. */
bool place_shared(struct build *build, uint32_t partition, uint64_t size, uint64_t *base);

/* Sees that each guest's tree, of which all is planned by now, has room. */
void guest_trees_check(struct build *build);

/* Sees that the kernel's pools are large enough for what has been placed. */
void tables_check(struct build *build);
void slots_check(struct build *build);

/* Checks the modules against each other and the machine, then gives away cores and memory. */
void place_all(struct build *build);

#endif
