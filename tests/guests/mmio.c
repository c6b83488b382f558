/* SPDX-License-Identifier: BSD-2-Clause */
/* Emulated registers: every width, extension and register of a single load or store gives what the
 * device has; any other access works as on the board or is a clean abort, and leaves the device
 * working. */
#include "guest.h"

enum {
    FR = 0x18,
    IBRD = 0x24,
    FBRD = 0x28,
    LCR_H = 0x2c,
    IMSC = 0x38,
    PERIPH_ID0 = 0xfe0,
    CELL_ID3 = 0xffc
};

extern const struct snippet mmio_loads[], mmio_stores[];

static char stack[1024] __attribute__((aligned(16)));

/* Either the access happens and the base register moves, or it aborts and does not. */
static bool awkward(const struct snippet *snippet, uint64_t address, uint64_t spsr, bool write)
{
    struct trap trap;
    uint64_t x0, esr;

    trap_expect();
    x0 = el0_call(snippet->code, address, spsr, (uint64_t)(uintptr_t)stack + sizeof(stack));
    trap = trap_result();
    if (!trap.count)
        return x0 == address + snippet->expected;
    esr = (spsr & 0xf ? 0x96000010 : 0x92000010) | (uint64_t)write << 6;
    /* Unaligned accesses may be taken for what they are: to Device memory. */
    if (trap.count == 1 && trap.esr == (esr ^ 0x10 ^ 0x21))
        return x0 == address;
    if (trap.count == 1 && trap.esr == esr && x0 == address && trap.far - address + 16 < 32)
        return true;
    print("# %s: %lu exceptions, esr %lx far %lx\n", snippet->name, trap.count, trap.esr, trap.far);
    return false;
}

static void check_awkward(const struct snippet *snippets, bool write, uint64_t uart)
{
    for (; snippets->name; snippets++) {
        bool good = awkward(snippets, GICD + 0x1000, 0x3c5, write);

        good = awkward(snippets, GICD + 0xfffc, 0x3c5, write) && good;
        good = awkward(snippets, uart, 0x3c5, write) && good;
        good = awkward(snippets, uart, SPSR_EL0, write) && good;
        tap_ok(good, "%s: works or aborts", snippets->name);
    }
}

static void check_loads(void)
{
    uint64_t value = ~0ul;

    __asm__ volatile("ldrsb %w0, [%1]" : "=r"(value) : "r"(UART + CELL_ID3));
    tap_ok(value == 0xffffffb1, "ldrsb to 32 bits: %lx", value);
    __asm__ volatile("ldrsb %0, [%1]" : "=r"(value) : "r"(UART + CELL_ID3));
    tap_ok(value == 0xffffffffffffffb1, "ldrsb to 64 bits: %lx", value);
    __asm__ volatile("ldrb %w0, [%1]" : "+r"(value) : "r"(UART + CELL_ID3));
    tap_ok(value == 0xb1, "ldrb: %lx", value);
    __asm__ volatile("ldrh %w0, [%1]" : "=r"(value) : "r"(UART + CELL_ID3));
    tap_ok(value == 0xb1, "ldrh: %lx", value);
    __asm__ volatile("ldrsh %0, [%1]" : "=r"(value) : "r"(UART + CELL_ID3));
    tap_ok(value == 0xb1, "ldrsh to 64 bits: %lx", value);
    value = ~0ul;
    __asm__ volatile("ldr %w0, [%1]" : "+r"(value) : "r"(UART + PERIPH_ID0));
    tap_ok(value == 0x11, "ldr to 32 bits clears the rest: %lx", value);
    __asm__ volatile("ldrsw %0, [%1]" : "=r"(value) : "r"(UART + PERIPH_ID0));
    tap_ok(value == 0x11, "ldrsw: %lx", value);
    __asm__ volatile("ldr %0, [%1]" : "=r"(value) : "r"(UART + PERIPH_ID0));
    tap_ok(value == 0x1000000011, "ldr of 64 bits is two registers: %lx", value);
    __asm__ volatile("ldr wzr, [%0]\n ldr xzr, [%0]\n ldrsb xzr, [%0]" ::"r"(UART + PERIPH_ID0));
    __asm__ volatile("mov x30, #0\n ldr w30, [%1]\n mov %0, x30"
                     : "=r"(value)
                     : "r"(UART + PERIPH_ID0)
                     : "x30");
    tap_ok(value == 0x11, "to x30: %lx", value);
    __asm__ volatile("mov x9, %1\n ldr w9, [x9]\n mov %0, x9"
                     : "=r"(value)
                     : "r"(UART + PERIPH_ID0)
                     : "x9");
    tap_ok(value == 0x11, "over its own address: %lx", value);
    __asm__ volatile("ldr %w0, [%1, %w2, uxtw #2]"
                     : "=r"(value)
                     : "r"(UART), "r"(PERIPH_ID0 / 4ul));
    tap_ok(value == 0x11, "at a scaled register: %lx", value);
}

static void check_stores(void)
{
    write32(UART + IMSC, 0x20);
    tap_ok(read32(UART + IMSC) == 0x20, "str");
    __asm__ volatile("str wzr, [%0]" ::"r"(UART + IMSC));
    tap_ok(read32(UART + IMSC) == 0, "str of wzr");
    write64(UART + FBRD, 0x7000000015);
    tap_ok(read32(UART + FBRD) == 0x15 && read32(UART + LCR_H) == 0x70,
           "str of 64 bits is two registers");
    write16(UART + IMSC, 0x40);
    tap_ok(read32(UART + IMSC) == 0x40, "strh");
    write8(UART + IMSC, 0x10);
    tap_ok(read32(UART + IMSC) == 0x10, "strb");
    write32(UART + IMSC, 0);
    tap_ok((read32(UART + FR) & 0xb0) == 0x90, "UARTFR: both FIFOs empty");
}

/* ldtr is EL1's with EL0's rights. */
static void check_unprivileged(void)
{
    uint64_t value = 0;

    __asm__ volatile("ldtr %w0, [%1]" : "=r"(value) : "r"(UART + PERIPH_ID0));
    tap_ok(value == 0x11, "ldtr: %lx", value);
    __asm__ volatile("sttr %w0, [%1]" ::"r"(0x20), "r"(UART + IMSC));
    tap_ok(read32(UART + IMSC) == 0x20, "sttr");
    write32(UART + IMSC, 0);
}

static uint64_t at_el0(uint64_t address)
{
    uint64_t value;

    __asm__ volatile("ldr %w0, [%1]" : "=r"(value) : "r"(address));
    return value;
}

void guest_main(const void *tree)
{
    (void)tree;
    write_sysreg(cpacr_el1, 3ul << 20);
    isb();
    write_sysreg(sctlr_el1, SCTLR_OFF | 1 << 14);
    isb();
    check_loads();
    check_stores();
    check_unprivileged();
    tap_ok(el0_call((uint64_t)(uintptr_t)at_el0, UART + PERIPH_ID0, SPSR_EL0,
                    (uint64_t)(uintptr_t)stack + sizeof(stack)) == 0x11,
           "a load of EL0");
    check_awkward(mmio_loads, false, UART + FR);
    check_awkward(mmio_stores, true, UART + IBRD);
    write32(UART + IMSC, 0);
    tap_ok(read32(UART + PERIPH_ID0) == 0x11, "the device still answers");
    tap_end();
}
