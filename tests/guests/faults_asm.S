/* SPDX-License-Identifier: BSD-2-Clause */
/* Every kind of access that an instruction can make, at x0. */
#include "snippets.inc"
#include "faults.h"
    .arch armv8.3-a+fp+simd
    .text

    snippets faults_accesses
    snippet "ldrb", LOAD, ldrb w1, [x0]
    snippet "ldrh", LOAD, ldrh w1, [x0]
    snippet "ldr w", LOAD, ldr w1, [x0]
    snippet "ldr x", LOAD, ldr x1, [x0]
    snippet "ldrsb w", LOAD, ldrsb w1, [x0]
    snippet "ldrsw x", LOAD, ldrsw x1, [x0]
    snippet "ldr wzr", LOAD, ldr wzr, [x0]
    snippet "ldr by register", LOAD, ldr w1, [x0, xzr, lsl #2]
    snippet "strb", STORE, strb w1, [x0]
    snippet "strh", STORE, strh w1, [x0]
    snippet "str w", STORE, str w1, [x0]
    snippet "str x", STORE, str x1, [x0]
    snippet "str xzr", STORE, str xzr, [x0]
    snippet "ldp w", LOAD, ldp w1, w2, [x0]
    snippet "ldp x", LOAD, ldp x1, x2, [x0]
    snippet "ldnp x", LOAD, ldnp x1, x2, [x0]
    snippet "ldpsw", LOAD, ldpsw x1, x2, [x0]
    snippet "stp w", STORE, stp w1, w2, [x0]
    snippet "stp x", STORE, stp x1, x2, [x0]
    snippet "ldr, post-index", LOAD, ldr w1, [x0], #4
    snippet "ldr, pre-index", LOAD, ldr w1, [x0, #0]!
    snippet "str, post-index", STORE, str w1, [x0], #4
    snippet "ldp, post-index", LOAD, ldp x1, x2, [x0], #16
    snippet "stp, pre-index", STORE, stp x1, x2, [x0, #0]!
    snippet "ldr b", LOAD, ldr b0, [x0]
    snippet "ldr d", LOAD, ldr d0, [x0]
    snippet "ldr q", LOAD, ldr q0, [x0]
    snippet "str q", STORE, str q0, [x0]
    snippet "ldp q", LOAD, ldp q0, q1, [x0]
    snippet "ld1", LOAD, ld1 {v0.16b}, [x0]
    snippet "ld1r", LOAD, ld1r {v0.4s}, [x0]
    snippet "ld4", LOAD, ld4 {v0.16b, v1.16b, v2.16b, v3.16b}, [x0]
    snippet "st1", STORE, st1 {v0.16b}, [x0]
    snippet "ldxr", LOAD, ldxr w1, [x0]
    snippet "ldaxr", LOAD, ldaxr x1, [x0]
    snippet "ldxp", LOAD, ldxp x1, x2, [x0]
    snippet "ldar", LOAD, ldar w1, [x0]
    snippet "stlr", STORE, stlr w1, [x0]
    snippet "ldur", LOAD, ldur w1, [x0]
    snippet "prfm", NOTHING, prfm pldl1keep, [x0]
    snippet "dc civac", NOTHING, dc civac, x0
    snippet "dc cvac", NOTHING, dc cvac, x0
    snippet "dc cvau", NOTHING, dc cvau, x0
    snippet "ic ivau", NOTHING, ic ivau, x0
    snippet "dc zva", STORE, dc zva, x0
    snippet "ret", FETCH, ret x0 /* with br, BTYPE would change */
    snippets_end

    snippets faults_kernel /* with stage 1 off only, EL1 */
    snippet "ldtr", LOAD, ldtr w1, [x0]
    snippet "sttr", STORE, sttr w1, [x0]
    snippet "dc ivac", NOTHING, dc ivac, x0
    snippets_end

    snippets faults_dpb
    snippet "dc cvap", NOTHING, .inst 0xd50b7c20
    snippets_end

    snippets faults_lse
    .arch armv8.1-a
    snippet "ldadd", ATOMIC, ldadd w1, w2, [x0]
    snippet "stset", ATOMIC, stset x1, [x0]
    snippet "swp", ATOMIC, swp x1, x2, [x0]
    snippet "cas", ATOMIC, cas w1, w2, [x0]
    snippet "casp", ATOMIC, casp x2, x3, x4, x5, [x0]
    snippets_end

    snippets faults_lrcpc
    .arch armv8.3-a
    snippet "ldapr", LOAD, ldapr w1, [x0]
    snippets_end

    /* A32: r0 is the address. */
    .macro a32 name, expected, instruction
    .pushsection .rodata.names, "a"
91: .asciz "\name"
    .popsection
    .pushsection .rodata.snippets, "a"
    .balign 8
    .quad 91b, 92f, \expected
    .popsection
92: .inst \instruction
    .inst 0xe12fff1e /* bx lr */
    .endm
    snippets faults_a32
    a32 "A32 ldr", LOAD, 0xe5901000
    a32 "A32 ldrb", LOAD, 0xe5d01000
    a32 "A32 ldrd", LOAD, 0xe1c020d0
    a32 "A32 ldm", LOAD, 0xe8900006
    a32 "A32 ldrex", LOAD, 0xe1901f9f
    a32 "A32 str", STORE, 0xe5801000
    a32 "A32 stm", STORE, 0xe8800006
    a32 "A32 ldr, post-index", LOAD, 0xe4901004
    a32 "A32 bx", FETCH, 0xe12fff10
    snippets_end
