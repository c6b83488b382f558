/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine whose description says that accesses to nothing do not abort: loads read ones, stores
 * are ignored. */
#include "guest.h"

#define NOWHERE 0x0b000000ul

void guest_main(const void *tree)
{
    uint64_t end = fdt_ram_end(tree), signed_byte;
    struct trap trap;

    trap_expect();
    tap_ok(read8(NOWHERE) == 0xff, "a byte of nothing");
    tap_ok(read16(NOWHERE + 2) == 0xffff, "a half-word of nothing");
    tap_ok(read32(NOWHERE + 4) == 0xffffffff, "a word of nothing");
    tap_ok(read64(NOWHERE + 8) == ~0ul, "a double-word of nothing");
    __asm__ volatile("ldrsb %w0, [%1]" : "=r"(signed_byte) : "r"(NOWHERE));
    tap_ok(signed_byte == 0xffffffff, "a signed byte of nothing");
    tap_ok(read32(end) == 0xffffffff, "behind the RAM");
    tap_ok(read32(GICD + 0x10000) == 0xffffffff, "behind the distributor");
    write8(NOWHERE, 1);
    write64(NOWHERE, 1);
    write32(end, 1);
    tap_ok(read32(NOWHERE) == 0xffffffff && read32(end) == 0xffffffff, "stores leave no trace");
    trap = trap_result();
    tap_ok(trap.count == 0, "nothing aborts");
    trap_expect();
    __asm__ volatile("blr %0" ::"r"(NOWHERE) : "x30", "memory");
    trap = trap_result();
    tap_ok(trap.count == 1 && trap.esr == 0x86000010, "but a fetch does: %lx", trap.esr);
    trap_expect();
    __asm__ volatile("ldp x0, x1, [%0]" ::"r"(NOWHERE) : "x0", "x1", "memory");
    trap = trap_result();
    tap_ok(trap.count == 1 && trap.esr == 0x96000010, "and a pair: %lx", trap.esr);
    tap_end();
}
