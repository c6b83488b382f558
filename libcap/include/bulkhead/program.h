/* SPDX-License-Identifier: BSD-2-Clause */
/* The header at the first byte of an EL0 program's flat image (libcap/el0/program.lds writes it).
 */
#ifndef BULKHEAD_PROGRAM_H
#define BULKHEAD_PROGRAM_H

#include <stdint.h>

#define BH_PROGRAM_MAGIC 0x31474f5250484b42ull /* "BKHPROG1", little endian */

/* All addresses and sizes are multiples of 4 KiB but `entry`. Text and rodata lie at `base`, one
 * behind the other, and are all that a monitor's image holds: its start-up code rebuilds its RAM.
 * The manager's image holds its RAM too, right behind the rodata (ram_base = base + text_size +
 * rodata_size). */
struct bh_program {
    uint64_t magic;
    uint64_t base;        /* address of this header in the program's space */
    uint64_t entry;       /* address of the first instruction */
    uint64_t text_size;   /* executable, read-only */
    uint64_t rodata_size; /* read-only; initialisers of writable data included */
    uint64_t ram_base;    /* writable: data, bss, stacks */
    uint64_t ram_size;
    uint64_t stack_base; /* lowest stack; lies in the RAM */
    uint64_t stack_size; /* of one stack */
};

_Static_assert(sizeof(struct bh_program) == 72, "image header layout");

#endif
