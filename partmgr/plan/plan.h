/* SPDX-License-Identifier: BSD-2-Clause */
/* The plan: who gets which cores and memory, or the list of everything that is wrong with the
 * trees.
 *
 * This library is pure: two device trees, the modules and a few facts go in, a struct plan comes
 * out (and, in RAM that it has planned for that, what compressed kernels unpack to), the same for
 * the same input. It makes no capability call, allocates nothing and runs on the host as well as in
 * the manager. */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "ranges.h"
#include <bulkhead/cap.h>
#include <bulkhead/console.h>
#include <bulkhead/control.h>
#include <bulkhead/doorbell.h>
#include <bulkhead/monitor.h>

#define PLAN_PARTITIONS    16u
#define PLAN_CORES         8u
#define PLAN_NAME          sizeof(((struct bh_mon_config *)0)->name)
#define PLAN_BOOTARGS      1024u
#define PLAN_POLICY        16u /* the name of one */
#define PLAN_ROOTS         64u
#define PLAN_TREE_LIMIT    0x200000u /* largest tree that is read, as for Linux and Xen */
#define PLAN_CONFIG_SIZE   0x1000u   /* struct bh_mon_config */
#define PLAN_PORT_SIZE     BH_CONSOLE_PORT_SIZE
#define PLAN_GUEST_TREE    0x10000u /* room for a guest's tree */
#define PLAN_RNG_SEED      32       /* bytes; a shorter one of the machine's is not used */
#define PLAN_EXTRAS        4u       /* modules beside kernel and ramdisk */
#define PLAN_SEGMENTS      (BH_MON_IMAGES - 2 - PLAN_EXTRAS) /* of a kernel; others: ramdisk, tree */
#define PLAN_TARGETS       BH_CTL_TARGETS
#define PLAN_BANKS         BH_MON_BANKS
#define PLAN_SHARED        32u /* areas of shared memory */
#define PLAN_SHARED_ID     16u /* with the terminator, as in Xen */
#define PLAN_CHANNELS      32u /* event channels */
#define PLAN_DEVICES       32u /* that are passed through */
#define PLAN_RESOURCES     16u /* clocks and regulators of a guest */
#define PLAN_WRITES        16u /* to registers of a partition's devices, before it is loaded */
#define PLAN_DEVICE_REGS   8u  /* of a node, in so many pieces of pages: */
#define PLAN_DEVICE_RANGES 4u
#define PLAN_DEVICE_LINES  8u
#define PLAN_ERRORS        32u
#define PLAN_WARNINGS      32u

struct policy;

/* How the plan gets at bytes of modules. Both functions give NULL, having said why, when they are
 * refused; both are asked only for whole pages of usable RAM that belong to nothing else. */
struct plan_memory {
    const uint8_t *(*read)(const struct range *pages); /* the same pages may be asked for again */
    uint8_t *(*write)(const struct range *pages);      /* each range once */
    /* False where nobody can say what the pages will hold (off the machine); NULL: all is known. */
    bool (*known)(const struct range *pages);
};

/* What the plan must know beside the trees. Ranges of size 0 do not exist. */
struct plan_facts {
    struct range kernel; /* image and pools */
    struct range bundle; /* everything behind the image; bulkhead,image counts from its base */
    struct range hardware_tree;
    struct range bundle_header;
    struct range system_tree; /* in the bundle */
    struct range monitor;     /* in the bundle */
    uint64_t monitor_ram;     /* private memory of one monitor; 0 when there is no monitor */
    struct range console;     /* in the bundle */
    uint64_t console_ram;     /* private memory of the console service; 0 when there is none */
    uint64_t boot_core;       /* MPIDR affinity */
    uint32_t guest_bits;      /* of guest physical addresses */
    uint32_t root_count; /* physical ranges that may be given away, ascending; 0 stands for all */
    struct range root[PLAN_ROOTS];
    const struct policy *policy; /* where the description names none */
    const struct plan_memory *memory;
};

/* What a note is about: notes.def. */
enum plan_note_name {
#define NOTE(name, advice) NOTE_##name,
#include "notes.def"
#undef NOTE
    NOTE_NAMES
};

struct plan_note {
    enum plan_note_name name;
    bool left_out; /* it is about a domain that is left out: the others start */
    bool hardware; /* the node is in the hardware tree, and that is another one than the system's */
    char path[96]; /* node */
    char inside[64]; /* the node of a passthrough tree, which is the module `path`; else empty */
    char property[40];
    char message[160];
};

struct plan_core {
    uint64_t mpidr;
    bool used;
    uint32_t pool; /* 0: in none, else 1 and more: number pool - 1 of struct plan */
};

struct plan_pool {
    char name[PLAN_NAME];
};

struct plan_module {
    uint64_t host;
    uint64_t size; /* bytes; 0: there is none */
};

/* What is copied into the guest's RAM. */
struct plan_segment {
    uint64_t offset; /* in the module that it comes from */
    uint64_t size;   /* bytes */
    uint64_t target; /* guest physical */
    uint64_t room;   /* bytes from there on that are the kernel's; what is not copied is zero */
};

/* A module that means nothing to us: it goes where the tree says. */
struct plan_extra {
    struct plan_module module; /* size 0: there is none, and none behind it */
    uint64_t load;             /* guest physical; in the flash it is mapped, in the RAM copied */
};

/* A partition that another one controls. */
struct plan_target {
    uint32_t partition;
    char name[PLAN_NAME];
};

/* RAM that is one piece for the guest and in the machine; whole pages. */
struct plan_bank {
    uint64_t guest;
    uint64_t host;
    uint64_t size;
};

enum plan_layout_kind {
    PLAN_LAYOUT_QEMU_VIRT, /* QEMU's virt board */
    PLAN_LAYOUT_XEN,       /* Xen's guests */
    PLAN_LAYOUT_DIRECT,    /* the machine itself */
};

/* A guest's memory map: guest physical addresses, and INTIDs. Of gicc and gicr one means something,
 * by the interrupt controller's version. */
struct plan_layout {
    enum plan_layout_kind kind;
    uint64_t flash_size; /* from 0 on: modules may stand there, in memory that guests only read */
    uint64_t ram;        /* where it begins; of a direct map: the first multiple of 2 MiB in it */
    uint64_t low_size;   /* so much of it is there, 0: all, … */
    uint64_t high;       /* … and the rest from here on */
    uint64_t uart;
    uint64_t gicd;
    uint64_t gicd_size;
    uint64_t gicc; /* GICv2: the first page is GICV */
    uint64_t gicc_size;
    uint64_t gicr;
    uint64_t watchdog;
    uint64_t control;  /* alone in its 64 KiB, as large as a page of Linux may be */
    uint64_t doorbell; /* the same */
    uint64_t gpio;     /* the same */
    uint32_t uart_intid;
    uint32_t watchdog_intid;
};

/* A register of the partition's devices, of 32 bits, and what makes its device leave memory alone.
 */
struct plan_write {
    uint64_t host;
    uint64_t load; /* its monitor's, in BH_SPACE_LOAD */
    uint32_t value;
};

struct plan_partition {
    char name[PLAN_NAME];
    uint32_t vcpus;
    uint32_t pool;               /* of which its cores are, as in struct plan_core */
    uint32_t core[BH_MAX_VCPUS]; /* of each vCPU: index into struct plan's cores */
    bool uart;                   /* has an emulated PL011 */
    bool board_uart;             /* has the board's */
    bool ring;                   /* text goes to the console service */
    bool drop;                   /* what that has no room for is dropped */
    bool lenient;                /* accesses to nothing do not abort */
    bool strict;                 /* they are failures */
    bool stays;                  /* the machine's end does not wait for its end */
    bool on_reset;               /* SYSTEM_RESET begins anew */
    uint32_t on_failure;         /* enum bh_failure_action */
    uint32_t budget; /* times it may begin anew after a failure within so many seconds */
    uint32_t period;
    uint32_t spis; /* shared interrupts of its guest: INTIDs from LAYOUT_SPI_FIRST on */
    bool manual;   /* does not start at boot */
    bool control;  /* has the means to control its targets … */
    bool resets;   /* … and the platform */
    uint32_t target_count;
    struct plan_target target[PLAN_TARGETS];
    uint32_t doorbell_count; /* event channels */
    uint32_t gpio_lines;     /* of them lead to lines of a PL061, … */
    uint32_t gpio_intid;     /* … which has this interrupt */
    uint32_t watchdog;       /* enum bh_mon_watchdog */
    uint64_t watchdog_start; /* seconds */
    char bootargs[PLAN_BOOTARGS];
    struct plan_layout layout;
    bool is_static;           /* the description says which RAM of the machine it has */
    bool in_place;            /* the kernel stays where it lies: its pages are a bank of the RAM */
    char policy[PLAN_POLICY]; /* the name of its own placement policy, or of the system's */
    uint64_t ram_size;        /* of all banks */
    uint32_t bank_count;
    struct plan_bank bank[PLAN_BANKS]; /* ascending for the guest, apart; some may touch */
    struct plan_module kernel;
    struct plan_module ramdisk;
    struct plan_module unpacked; /* the kernel, where it came compressed: what is loaded then */
    uint64_t entry;              /* guest physical */
    uint32_t segment_count;
    struct plan_segment segment[PLAN_SEGMENTS];
    bool firmware; /* the kernel is not loaded: it stands in the flash, where segment 0 says */
    struct plan_extra extra[PLAN_EXTRAS];
    struct plan_module passthrough; /* the tree of the devices that it gets */
    uint32_t write_count;
    struct plan_write write[PLAN_WRITES]; /* before it is loaded, in this order */
    uint32_t resource_count; /* nodes of the machine's tree that these need and that are copied */
    int resource[PLAN_RESOURCES];
    const void *fragment;  /* that tree, where it can be read; NULL: there is none */
    uint64_t monitor_host; /* private memory of the monitor, as large as the facts say */
    uint64_t config_host;  /* PLAN_CONFIG_SIZE, then PLAN_GUEST_TREE */
    uint64_t ramdisk_guest;
    uint64_t tree_guest;
    bool seeded; /* the hardware tree has a seed for random numbers */
    uint8_t rng_seed[PLAN_RNG_SEED];
    uint8_t kaslr_seed[8];
};

/* An interrupt of the machine's. */
struct plan_line {
    uint32_t intid;
    bool edge;
};

/* The UART that the hardware tree names as its console. */
struct plan_uart {
    bool given; /* to the console service or a partition; otherwise the rest means nothing */
    struct plan_line line;
    struct range pages;
};

/* The service that has the UART. */
struct plan_console {
    bool used;
    bool stamps;     /* lines begin with the time */
    uint32_t core;   /* index into struct plan's cores */
    uint32_t budget; /* us of each period */
    uint32_t period;
    uint64_t program_host; /* its private memory, as large as the facts say */
    uint64_t config_host;  /* PLAN_CONFIG_SIZE */
    uint64_t ports_host;   /* what it shares with each monitor, one behind the other */
};

enum plan_role {
    PLAN_BORROWER, /* reads and writes */
    PLAN_OWNER,    /* the same */
    PLAN_READER,   /* only reads */
};

struct plan_peer {
    uint32_t partition;
    enum plan_role role;
    uint64_t guest; /* physical, where this one sees it */
};

/* Memory that several partitions have. */
struct plan_shared {
    char id[PLAN_SHARED_ID];
    uint64_t host;
    uint64_t size;
    bool fixed;     /* the description says where */
    bool cacheable; /* the peers map it as Normal write-back memory */
    uint32_t peer_count;
    struct plan_peer peer[PLAN_PARTITIONS];
};

/* One signals, the other gets an interrupt, both ways. The two may be of one partition. */
struct plan_channel {
    struct plan_end {
        uint32_t partition;
        uint32_t port; /* the partition's own number for it */
        uint32_t
            number;    /* of the partition's channels, in the description's order; 0 is the first */
        bool gpio;     /* the partition learns of a ring by a line of its PL061 … */
        uint32_t line; /* … with this number, */
        uint32_t intid; /* or by this interrupt */
    } end[2];
};

/* One of the machine's devices, which a partition has for itself. */
struct plan_device {
    uint32_t partition;
    char name[32];          /* of its node */
    int node;               /* of the machine's tree; 0: it has none */
    bool written;           /* its guest's node is written after that one, for no tree has it */
    bool forced;            /* the description says that it may reach all memory … */
    bool masters;           /* … which it can */
    uint32_t address_cells; /* of its reg */
    uint32_t size_cells;
    uint32_t range_count;
    struct plan_device_range {
        uint64_t host;
        uint64_t guest;
        uint64_t size;
        bool again; /* another device of the partition has these pages: they are mapped already */
        uint64_t load; /* in BH_SPACE_LOAD, so that it can be quieted; 0: it is not there */
    } range[PLAN_DEVICE_RANGES];
    uint32_t line_count;
    struct plan_line line[PLAN_DEVICE_LINES]; /* the partition has them by the same numbers */
};

struct plan {
    /* First what stays when planning begins anew without bad domains. */
    uint32_t left_out_count;
    char left_out[PLAN_PARTITIONS][PLAN_NAME]; /* names of those */
    uint32_t error_count; /* all that were found; the array keeps the first ones */
    uint32_t warning_count;
    struct plan_note error[PLAN_ERRORS];
    struct plan_note warning[PLAN_WARNINGS];
    const void *hardware; /* the machine's tree */
    uint32_t gic;         /* version of the interrupt controller, the machine's and every guest's */
    struct range gicv;    /* GICv2: the virtual CPU interface, as much of it as guests get */
    uint32_t core_count;  /* cores that can be used */
    struct plan_core core[PLAN_CORES];
    uint32_t pool_count;
    struct plan_pool pool[PLAN_CORES];
    uint32_t partition_count;
    struct plan_partition partition[PLAN_PARTITIONS];
    uint32_t on_end;          /* enum bh_platform_action */
    char policy[PLAN_POLICY]; /* the placement policy's name */
    struct plan_uart uart;
    struct plan_console console;
    uint32_t shared_count;
    struct plan_shared shared[PLAN_SHARED];
    uint32_t channel_count;
    struct plan_channel channel[PLAN_CHANNELS];
    uint32_t device_count;
    struct plan_device device[PLAN_DEVICES];
    struct ranges ram;  /* as the hardware tree names it, whole pages */
    struct ranges free; /* what of it belongs to nobody */
    uint64_t ram_left;  /* bytes of that */
};

/* Builds the plan; *_limit is how many bytes may be read at each tree. The trees may be the same
 * one. Returns true when the system can start: there is no error, or each is about a domain that
 * the description wants left out then. Otherwise only the notes mean anything. */
bool plan_build(struct plan *plan, const struct plan_facts *facts, const void *hardware,
                uint64_t hardware_limit, const void *system, uint64_t system_limit);

/* Writes "/chosen/linux-a: memory: missing" (zero terminated) and returns its length. */
uint64_t plan_note_text(const struct plan_note *note, char *out, uint64_t size);

/* The name as in notes.def, and what to do about it. */
const char *plan_note_name(enum plan_note_name name);
const char *plan_note_advice(enum plan_note_name name);

#endif
