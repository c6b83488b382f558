/* SPDX-License-Identifier: BSD-2-Clause */
/* Accesses to a device, at x0, that are more than one load or store of one register. */
#include "snippets.inc"
    .arch armv8-a+fp+simd
    .text
    snippets mmio_loads
    snippet "ldp w", 0, ldp w1, w2, [x0]
    snippet "ldp x", 0, ldp x1, x2, [x0]
    snippet "ldpsw", 0, ldpsw x1, x2, [x0]
    snippet "ldr, post-index", 4, ldr w1, [x0], #4
    snippet "ldr, pre-index", 4, ldr w1, [x0, #4]!
    snippet "ldrb, post-index", 1, ldrb w1, [x0], #1
    snippet "ldp, post-index", 8, ldp w1, w2, [x0], #8
    snippet "ldr s", 0, ldr s0, [x0]
    snippet "ldr d", 0, ldr d0, [x0]
    snippet "ldr q", 0, ldr q0, [x0]
    snippet "ldp q", 0, ldp q0, q1, [x0]
    snippet "ld1", 0, ld1 {v0.16b}, [x0]
    snippet "ld4, one lane", 0, ld4 {v0.b, v1.b, v2.b, v3.b}[0], [x0]
    snippet "ldxr", 0, ldxr w1, [x0]
    snippet "ldaxr", 0, ldaxr w1, [x0]
    snippet "ldxp", 0, ldxp w1, w2, [x0]
    snippet "ldar", 0, ldar w1, [x0]
    snippet "ldarb", 0, ldarb w1, [x0]
    snippet "ldur across two words", 0, ldur w1, [x0, #2]
    snippet "ldur across the end of a page", 0, ldur x1, [x0, #-4]
    snippets_end
    snippets mmio_stores
    snippet "stp w", 0, stp w1, w2, [x0]
    snippet "stp x", 0, stp x1, x2, [x0]
    snippet "str, post-index", 4, str w1, [x0], #4
    snippet "str, pre-index", 4, str w1, [x0, #4]!
    snippet "str s", 0, str s0, [x0]
    snippet "str q", 0, str q0, [x0]
    snippet "st1", 0, st1 {v0.16b}, [x0]
    snippet "stlr", 0, stlr w1, [x0]
    snippet "stlrb", 0, stlrb w1, [x0]
    snippet "stnp", 0, stnp w1, w2, [x0]
    snippet "stur across two words", 0, stur w1, [x0, #2]
    snippet "stur across the end of a page", 0, stur x1, [x0, #-4]
    snippets_end
