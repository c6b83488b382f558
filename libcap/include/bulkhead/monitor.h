/* SPDX-License-Identifier: BSD-2-Clause */
/* What partmgr tells a monitor: one read-only structure at a fixed address of the monitor's spaces.
 */
#ifndef BULKHEAD_MONITOR_H
#define BULKHEAD_MONITOR_H

#include <stdint.h>

#define BH_MON_MAGIC 0x414e4f4d48424b42ull /* changes with the layout */

/* Where things lie in a monitor's spaces (addresses of the program header come from its image). */
#define BH_MON_CONFIG 0x00800000ull /* this structure, LOAD and RUN, read-only */
#define BH_MON_DEVICES                                                                             \
    0x10000000ull /* devices that are written to before guest RAM is, LOAD only */
#define BH_MON_DEVICES_SIZE 0x200000ull
#define BH_MON_RAM                                                                                 \
    0x100000000ull /* guest RAM, LOAD only, from here on: addresses stand in the structure */
#define BH_MON_MODULES                                                                             \
    0x800000000ull /* images, LOAD only, read-only: addresses stand in the structure */

#define BH_MON_BADGE_LINE 8u /* line n of the PL061 has been rung: badge BH_MON_BADGE_LINE + n */

#define BH_MON_IMAGES 22 /* segments of a kernel, ramdisk, tree, other modules */
#define BH_MON_BANKS  8  /* pieces of RAM */
#define BH_MON_WRITES 16 /* to devices, before all that */

/* A piece of the guest's RAM, whole pages. The next one may begin where it ends. */
struct bh_mon_bank {
    uint64_t guest;   /* physical address */
    uint64_t size;    /* bytes, not 0 */
    uint64_t address; /* in BH_SPACE_LOAD */
};

/* What the guest's RAM begins with: where the monitor reads it and where it goes. */
struct bh_mon_image {
    uint64_t address; /* in BH_SPACE_LOAD; 0: it lies where it belongs already */
    uint64_t size;    /* bytes, not 0 */
    uint64_t target;  /* guest physical address to copy it to */
};

/* A 32-bit register of a device, and what makes the device leave memory alone. */
struct bh_mon_write {
    uint64_t address; /* in BH_SPACE_LOAD */
    uint64_t value;
};

enum bh_mon_flags {
    BH_MON_UART = 1u,    /* emulate a PL011 */
    BH_MON_LENIENT = 2u, /* nothing at an address: loads read ones, stores are ignored; no abort */
    BH_MON_RING = 4u,    /* text goes to the console service, by the pages at BH_MON_PORT */
    BH_MON_DROP = 8u,    /* what the console has no room for is dropped: the guest does not wait */
    BH_MON_STRICT = 0x100u, /* nothing at an address: the partition fails */
};

enum bh_mon_watchdog {
    BH_MON_WATCHDOG_NONE = 0,
    BH_MON_WATCHDOG_SBSA = 1,  /* Arm's generic watchdog */
    BH_MON_WATCHDOG_SP805 = 2, /* an SP805, clocked with 1 MHz */
};

struct bh_mon_config {
    uint64_t magic;
    char name[32]; /* zero terminated */
    uint32_t vcpus;
    uint32_t flags;
    uint32_t spis; /* shared interrupts: INTIDs 32 to 31 + spis; a multiple of 32 */
    uint32_t uart_intid;
    uint32_t gic; /* version of the interrupt controller: 2 or 3 */
    uint32_t images;
    uint32_t watchdog; /* enum bh_mon_watchdog */
    uint32_t watchdog_intid;
    /* Guest physical, 4 KiB; a generic one has its refresh frame there and its control frame 64 KiB
     * behind. */
    uint64_t watchdog_base;
    uint64_t
        watchdog_start; /* seconds that it has from the start on; 0: it is the guest's to start */
    uint64_t gicd_base; /* guest physical; 64 KiB, of a GICv2 4 KiB */
    uint64_t gicr_base; /* 128 KiB per vCPU; of a GICv2 its CPU interface, 8 KiB */
    uint64_t uart_base; /* 4 KiB */
    uint64_t entry;     /* guest physical: where vCPU 0 begins */
    uint64_t tree;      /* guest physical: its x0 */
    struct bh_mon_image
        image[BH_MON_IMAGES]; /* so many as `images` says, ascending by target, apart */
    uint64_t control_base;    /* bulkhead/control.h; 0: it controls nothing */
    uint64_t targets;         /* partitions that it controls */
    uint64_t banks;
    struct bh_mon_bank bank[BH_MON_BANKS]; /* so many as `banks` says, ascending, apart */
    uint64_t doorbell_base; /* bulkhead/doorbell.h; means nothing without doorbells */
    uint64_t doorbells;     /* event channels */
    uint64_t gpio_base;     /* a PL061, 4 KiB; means nothing without lines */
    uint32_t gpio_lines;    /* doorbells that lead to its lines: badges from BH_MON_BADGE_LINE on */
    uint32_t gpio_intid;
    uint64_t writes;
    struct bh_mon_write write[BH_MON_WRITES]; /* so many as `writes` says, in this order */
};

_Static_assert(sizeof(struct bh_mon_config) == 1168, "monitor configuration layout");

#endif
