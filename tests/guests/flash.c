/* SPDX-License-Identifier: BSD-2-Clause */
/* Modules beside the kernel, as tests/system/test_modules.py describes them: one in the flash,
 * which a guest reads and runs but does not write, and the same in its RAM, where it does. */
#include "guest.h"

enum { FLASH = 0x04000000, COPY = 0x40800004, SIZE = 0x1800, MAGIC = 0x600df1a5 };

/* What a store to the flash comes to. */
static bool refused(uint64_t address)
{
    uint32_t before = read32(address);
    struct trap trap;

    trap_expect();
    write32(address, ~before);
    trap = trap_result();
    if (trap.count == 1 && trap.esr == 0x96000050 && trap.far == address &&
        read32(address) == before)
        return true;
    print("# %lx: %lu exceptions, esr %lx far %lx, reads %x after %x\n", address, trap.count,
          trap.esr, trap.far, read32(address), before);
    return false;
}

static bool absent(uint64_t address)
{
    struct trap trap;

    trap_expect();
    read32(address);
    trap = trap_result();
    return trap.count == 1 && trap.esr == 0x96000010;
}

static uint32_t differences(void)
{
    uint32_t count = 0;

    for (uint32_t at = 0; at < SIZE; at += 4)
        count += read32(FLASH + at) != read32(COPY + at);
    return count;
}

void guest_main(const void *tree)
{
    uint32_t (*code)(void) = (uint32_t(*)(void))(uintptr_t)FLASH; /* mov w0, #...; ret */

    (void)tree;
    tap_ok(read32(FLASH + SIZE - 4) == MAGIC, "the flash has the module");
    tap_ok(read32(FLASH + SIZE) == 0, "and zeroes to the end of its last page");
    tap_ok(absent(FLASH - 4) && absent(FLASH + 0x2000), "there is nothing around it");
    tap_ok(code() == 0x1234, "its code runs");
    tap_ok(!differences(), "the RAM has it, too");
    tap_ok(refused(FLASH + 8) && refused(FLASH + SIZE - 4), "stores to the flash abort");
    write32(COPY, 0);
    tap_ok(read32(COPY) == 0 && read32(FLASH) != 0 && differences() == 1, "the RAM is its own");
    tap_end();
}
