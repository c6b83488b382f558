/* SPDX-License-Identifier: BSD-2-Clause */
/* How a guest's tree is written: nodes and properties in order, for the files that know what stands
 * in it. */
#ifndef PLAN_GUEST_TREE_WRITER_H
#define PLAN_GUEST_TREE_WRITER_H

#include "guest_tree.h"
#include <stddef.h>

/* Ours. Nodes of other trees that are copied keep theirs, which are none of PHANDLE_FIRST and more;
 * one such tree may say what the interrupt controller's is (guest_tree_gic_phandle()). */
#define PHANDLE_FIRST    0x7fff0000u
#define PHANDLE_GIC      0x7fff0001u
#define PHANDLE_CLOCK    0x7fff0002u
#define PHANDLE_WATCHDOG 0x7fff0003u /* its clock */
#define PHANDLE_GPIO     0x7fff0004u

/* interrupts = <type number flags> of the GIC's binding */
#define GIC_SPI     0u
#define GIC_PPI     1u
#define LEVEL_HIGH  4u
#define EDGE_RISING 1u

#define CELLS_64(value) (uint32_t)((uint64_t)(value) >> 32), (uint32_t)(value)

/* The first error sticks, so that one test at the end covers the whole tree. */
struct writer {
    void *out;
    int error;
};

/* guest_tree_channels.c: the doorbells of the partition with that index. */
void guest_tree_channels(struct writer *writer, const struct plan *plan, uint32_t index);

void guest_tree_begin(struct writer *writer, const char *name);
void guest_tree_end(struct writer *writer);
void guest_tree_bytes(struct writer *writer, const char *name, const void *value, size_t length);
void guest_tree_string(struct writer *writer, const char *name, const char *value);
void guest_tree_cells(struct writer *writer, const char *name, const uint32_t *cells,
                      uint32_t count);
void guest_tree_cell(struct writer *writer, const char *name, uint32_t value);
/* A node named after its address. */
void guest_tree_begin_at(struct writer *writer, const char *name, uint64_t address);
void guest_tree_path(struct writer *writer, const char *property, const char *path,
                     uint64_t address);

/* What a guest shares with others: guest_tree_shared.c. */
void guest_tree_shared(struct writer *writer, const struct plan *plan, uint32_t index);

/* What a partition has of the machine's devices: guest_tree_devices.c. */
uint32_t guest_tree_gic_phandle(const struct plan *plan, uint32_t index);
void guest_tree_nodes(struct writer *writer, const struct plan *plan, uint32_t index);
void guest_tree_devices(struct writer *writer, const struct plan *plan, uint32_t index);

#endif
