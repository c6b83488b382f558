/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the plan library: the state of one run, and the steps. */
#ifndef PLAN_BUILD_H
#define PLAN_BUILD_H

#include "plan.h"

enum build_kind { BUILD_KERNEL, BUILD_RAMDISK, BUILD_KINDS };

struct build {
    struct plan *plan;
    const struct plan_facts *facts;
    const void *hardware;
    const void *system;
    struct ranges usable; /* RAM that may be mapped: banks without firmware's and the kernel's */
    struct ranges free;   /* what is still to be given away */
    uint32_t wanted;      /* vCPUs of all partitions */
    int node[PLAN_PARTITIONS];
    int module[PLAN_PARTITIONS][BUILD_KINDS];
};

/* Records a mistake or a remark at a node; property may be NULL. The tree must have passed
 * tree_check(). */
void report_error(struct build *build, const void *tree, int node, const char *property,
                  const char *format, ...) __attribute__((format(printf, 5, 6)));
void report_warning(struct build *build, const void *tree, int node, const char *property,
                    const char *format, ...) __attribute__((format(printf, 5, 6)));

/* A mistake that has no node: `where` stands for the path. */
void report_plain(struct build *build, const char *where, const char *message);

/* Cores, RAM banks and reserved memory. */
void hardware_read(struct build *build);

/* The interrupt controller. */
void controller_read(struct build *build);

/* Every enabled domain of /chosen. */
void domains_read(struct build *build);

/* The modules of one domain, whose node and index in the plan are known. */
struct tree_cells;
void modules_read(struct build *build, uint32_t partition, struct tree_cells cells);

/* Each partition's own seeds, if the hardware tree has one to make them from. */
void seed_partitions(struct build *build);

/* Checks the modules against each other and the machine, then gives away cores and memory. */
void place_all(struct build *build);

#endif
