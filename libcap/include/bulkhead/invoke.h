/* SPDX-License-Identifier: BSD-2-Clause */
/* Stubs for capability calls: bh_svc for EL0 programs, bh_hvc for guests. */
#ifndef BULKHEAD_INVOKE_H
#define BULKHEAD_INVOKE_H

#include <bulkhead/call.h>
#include <bulkhead/cap.h>
#include <bulkhead/status.h>
#include <stdint.h>

struct bh_result {
    int64_t status; /* enum bh_status */
    uint64_t value[3];
};

#ifdef __aarch64__
/* One call: the instruction is all that differs between EL0 and a guest. Memory is clobbered so
 * that what the caller wrote before is in place when another program acts on the call. */
#define BH_DEFINE_CALL(name, instruction)                                                          \
    static inline struct bh_result name(uint64_t label, uint64_t slot, uint64_t a, uint64_t b,     \
                                        uint64_t c, uint64_t d, uint64_t e, uint64_t f)            \
    {                                                                                              \
        register uint64_t x0 __asm__("x0") = label;                                                \
        register uint64_t x1 __asm__("x1") = slot;                                                 \
        register uint64_t x2 __asm__("x2") = a;                                                    \
        register uint64_t x3 __asm__("x3") = b;                                                    \
        register uint64_t x4 __asm__("x4") = c;                                                    \
        register uint64_t x5 __asm__("x5") = d;                                                    \
        register uint64_t x6 __asm__("x6") = e;                                                    \
        register uint64_t x7 __asm__("x7") = f;                                                    \
        __asm__ volatile(instruction " #0"                                                         \
                         : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)                                  \
                         : "r"(x4), "r"(x5), "r"(x6), "r"(x7)                                      \
                         : "memory");                                                              \
        return (struct bh_result){(int64_t)x0, {x1, x2, x3}};                                      \
    }
BH_DEFINE_CALL(bh_svc, "svc")
BH_DEFINE_CALL(bh_hvc, "hvc")
#undef BH_DEFINE_CALL
#endif

#endif
