/* SPDX-License-Identifier: BSD-2-Clause */
/* Properties of the device tree that Linux has as files. */
#ifndef TREE_H
#define TREE_H

#include <stddef.h>
#include <stdint.h>

/* The bytes of a node's property, at most `room`; their number, or -1. */
int tree_read(const char *node, const char *property, void *to, size_t room);

/* So many cells, big-endian, as one number; two at most mean something. */
uint64_t tree_cells(const unsigned char *at, unsigned cells);

#endif
