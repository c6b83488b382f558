/* SPDX-License-Identifier: BSD-2-Clause */
/* A network device that writes into this very image when its partition begins anew: every receive
 * buffer is the same piece of it, and the queue is in it as well, so that a freshly loaded one is a
 * queue that a device could go on with. Each life but the first finds it as it was built, for a
 * second in which packets come. For a direct map at 0x60000000, and legacy virtio-mmio. Boot
 * arguments: at=ADDRESS of the transport, in decimal; lives=N; rests=1: no packets while it begins
 * anew, so that they meet a whole image. */
#include "guest.h"
#include <bulkhead/guest.h>

enum { MAGIC = 0x00, VERSION = 0x04, DEVICE = 0x08, FEATURES = 0x20, PAGES = 0x28, SELECT = 0x30 };
enum { COUNT = 0x38, ALIGN = 0x3c, QUEUE = 0x40, NOTIFY = 0x50, STATUS = 0x70 };
enum { VIRT = 0x74726976, NETWORK = 1, DRIVER_OK = 7, WRITTEN = 2 };
enum { ENTRIES = 256, BUFFER = 2048, SOME = 4, PATTERN = 0x5a5a5a5a, MOVED = 0x20000000 };
enum { WATCH_MS = 1000, COME_MS = 5000, REST_MS = 200 };

/* What the device gets and gives: Virtual I/O Device specification, split virtqueues. */
static volatile struct queue {
    struct {
        uint64_t address;
        uint32_t length;
        uint16_t flags, next;
    } buffer[ENTRIES];
    uint16_t posted_flags, posted, post[ENTRIES];
    uint16_t used_flags __attribute__((aligned(4096))), used;
    struct {
        uint32_t id, length;
    } use[ENTRIES];
} queue __attribute__((aligned(4096)));

static volatile uint32_t piece[BUFFER / 4] = {[0 ... BUFFER / 4 - 1] = PATTERN};

/* Linked for 0x40080000; nothing but this needs to know where it runs. */
static volatile struct queue queue = {
    .buffer = {{(uint64_t)piece + MOVED, BUFFER, WRITTEN, 0}},
    .used_flags = 0,
};

static uint64_t device;

static uint32_t life(void)
{
    register uint64_t x0 __asm__("x0") = BH_GUEST_STATE;
    register uint64_t x1 __asm__("x1") = 0;

    __asm__ volatile("hvc #0"
                     : "+r"(x0), "+r"(x1)::"x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10",
                       "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory");
    return (uint32_t)(x1 >> 32);
}

static bool intact(void)
{
    for (unsigned i = 0; i < BUFFER / 4; i++)
        if (piece[i] != PATTERN)
            return false;
    return queue.used == 0 && queue.use[0].length == 0;
}

static void post(unsigned count)
{
    dsb();
    queue.posted = (uint16_t)(queue.used + count);
    dsb();
    write32(device + NOTIFY, 0);
}

static void start(void)
{
    write32(device + STATUS, 0);
    write32(device + STATUS, 3);
    write32(device + FEATURES, 0);
    write32(device + PAGES, 4096);
    write32(device + SELECT, 0);
    write32(device + COUNT, ENTRIES);
    write32(device + ALIGN, 4096);
    write32(device + QUEUE, (uint32_t)((uint64_t)&queue >> 12));
    write32(device + STATUS, DRIVER_OK);
    post(ENTRIES);
}

/* Packets have come; and, if they are to, they come no more. */
static bool hears(bool rests)
{
    const uint64_t end = clock_ticks() + clock_hz() / 1000 * COME_MS;
    uint16_t before;

    while (queue.used < SOME && clock_ticks() < end)
        ;
    if (queue.used < SOME || piece[4] == PATTERN)
        return false;
    if (rests)
        print("rests\n");
    while (rests) {
        before = queue.used;
        clock_wait_us(REST_MS * 1000);
        rests = queue.used != before && clock_ticks() < end;
    }
    return clock_ticks() < end;
}

void guest_main(const void *tree)
{
    const uint32_t lives = (uint32_t)bootargs_number(tree, "lives", 3);
    const bool rests = bootargs_number(tree, "rests", 0);
    const uint32_t now = life();
    bool good = intact();

    device = bootargs_number(tree, "at", 0);
    print("life %u\n", now);
    tap_ok(read32(device + MAGIC) == VIRT && read32(device + VERSION) == 1 &&
               read32(device + DEVICE) == NETWORK,
           "a network device");
    for (unsigned i = 0; now && i < WATCH_MS && good; i++) {
        clock_wait_us(1000);
        good = intact();
    }
    tap_ok(good, "its image is intact");
    start();
    tap_ok(hears(rests), "packets come");
    if (now + 1 < lives) {
        post(ENTRIES);
        psci(PSCI_SYSTEM_RESET, 0, 0, 0);
    }
    tap_end();
}
