/* SPDX-License-Identifier: BSD-2-Clause */
/* Areas and doorbells from /proc/device-tree, through /dev/mem and the GPIO character device. */
#include "peer.h"
#include "tree.h"
#include <bulkhead/doorbell.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define TREE  "/proc/device-tree"
#define CHIPS "/sys/bus/gpio/devices"

enum { EXIT_TROUBLE = 2, PATH = 512 };

void fail(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fputs("bulkring: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(EXIT_TROUBLE);
}

/* The cells of a property as one number from cell `first` on, or `otherwise` where they are not. */
static uint64_t tree_number(const char *node, const char *property, unsigned first, unsigned cells,
                            uint64_t otherwise)
{
    unsigned char bytes[64];

    if (tree_read(node, property, bytes, sizeof(bytes)) < (int)(4 * (first + cells)))
        return otherwise;
    return tree_cells(bytes + 4 * first, cells);
}

static void tree_text(const char *node, const char *property, char *to, size_t room)
{
    memset(to, 0, room);
    tree_read(node, property, to, room - 1);
}

/* Calls `each` with the path of every node right below `node` that is compatible to that, or of
 * every one; in the order of their names, until it returns true. */
static bool tree_children(const char *node, const char *compatible,
                          bool (*each)(const char *path, void *context), void *context)
{
    struct dirent **entries;
    int count = scandir(node, &entries, NULL, alphasort);
    bool done = false;

    for (int i = 0; i < count; i++) {
        char path[PATH], first[64];

        snprintf(path, sizeof(path), "%s/%s", node, entries[i]->d_name);
        tree_text(path, "compatible", first, sizeof(first));
        if (!done && entries[i]->d_name[0] != '.' && entries[i]->d_type != DT_REG &&
            (!compatible || strcmp(first, compatible) == 0))
            done = each(path, context);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return done;
}

/* A page or more of this partition's physical addresses. A file of its own for each, so that the
 * right to write is asked for only where it is there. */
static void *map(uint64_t address, uint64_t size, bool writable)
{
    int memory = open("/dev/mem", (writable ? O_RDWR : O_RDONLY) | O_SYNC);
    void *at;

    if (memory < 0)
        fail("cannot open /dev/mem: %s", strerror(errno));
    at = mmap(NULL, size, PROT_READ | (writable ? PROT_WRITE : 0), MAP_SHARED, memory,
              (off_t)address);
    if (at == MAP_FAILED)
        fail("cannot map %#llx: %s", (unsigned long long)address, strerror(errno));
    close(memory);
    return at;
}

static bool area_read(const char *path, void *context)
{
    struct area area = {0};
    char role[16];

    tree_text(path, "xen,id", area.id, sizeof(area.id));
    tree_text(path, "bulkhead,role", role, sizeof(role));
    area.address = tree_number(path, "reg", 0, 2, 0);
    area.size = tree_number(path, "reg", 2, 2, 0);
    area.reader = strcmp(role, "reader") == 0;
    (*(void (**)(const struct area *))context)(&area);
    return false;
}

void area_each(void (*found)(const struct area *area))
{
    tree_children(TREE "/reserved-memory", "xen,shared-memory-v1", area_read, &found);
}

static struct {
    const char *name;
    struct area area;
    struct bell bell;
    bool found;
} wanted;

static void area_match(const struct area *area)
{
    if (strcmp(area->id, wanted.name) != 0)
        return;
    wanted.area = *area;
    wanted.found = true;
}

struct area area_open(const char *id)
{
    wanted.name = id;
    wanted.found = false;
    area_each(area_match);
    if (!wanted.found)
        fail("%s: no shared memory of this name", id);
    wanted.area.memory = map(wanted.area.address, wanted.area.size, !wanted.area.reader);
    return wanted.area;
}

static bool bell_read(const char *path, void *context)
{
    struct bell bell = {.events = -1};

    tree_text(path, "bulkhead,peer", bell.peer, sizeof(bell.peer));
    bell.number = (uint32_t)tree_number(path, "reg", 0, 1, 0);
    bell.line = (int)(int32_t)tree_number(path, "gpios", 1, 1, (uint32_t)-1);
    (*(void (**)(const struct bell *))context)(&bell);
    return false;
}

static bool bells_read(const char *path, void *context)
{
    tree_children(path, NULL, bell_read, context);
    return true;
}

void bell_each(void (*found)(const struct bell *bell))
{
    tree_children(TREE, BH_DOORBELL_COMPATIBLE, bells_read, &found);
}

static void bell_match(const struct bell *bell)
{
    if (strcmp(bell->peer, wanted.name) != 0)
        return;
    wanted.bell = *bell;
    wanted.found = true;
}

static bool bells_map(const char *path, void *context)
{
    *(char **)context = map(tree_number(path, "reg", 0, 2, 0), BH_DOORBELL_SIZE, true);
    return true;
}

struct bell bell_open(const char *peer)
{
    char *page;

    wanted.name = peer;
    wanted.found = false;
    bell_each(bell_match);
    if (!wanted.found || !tree_children(TREE, BH_DOORBELL_COMPATIBLE, bells_map, &page))
        fail("%s: no channel to a partition of this name", peer);
    wanted.bell.ring = (uint32_t *)(void *)(page + BH_DOORBELL_RING(wanted.bell.number));
    return wanted.bell;
}

/* The chip that is the virtual PL061: the node of the tree says which one. */
static bool chip_open(const char *path, void *context)
{
    char node[PATH], device[PATH], *name;

    if (snprintf(node, sizeof(node), "%s/of_node", path) >= (int)sizeof(node) ||
        !(name = realpath(node, NULL)))
        return false;
    if (!strstr(name, "/base/pl061@")) { /* at the root: one of the machine's is further down */
        free(name);
        return false;
    }
    free(name);
    snprintf(device, sizeof(device), "/dev/%s", strrchr(path, '/') + 1);
    *(int *)context = open(device, O_RDWR);
    return *(int *)context >= 0;
}

void bell_listen(struct bell *bell)
{
    struct gpio_v2_line_request request = {.num_lines = 1, .consumer = "bulkring"};
    int chip = -1;

    if (bell->line < 0)
        return;
    if (!tree_children(CHIPS, NULL, chip_open, &chip))
        fail("no GPIO chip for the doorbells: is /dev there, and the kernel's PL061 driver?");
    request.offsets[0] = (uint32_t)bell->line;
    request.config.flags = GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_RISING;
    if (ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &request) < 0)
        fail("line %d: %s", bell->line, strerror(errno));
    close(chip);
    bell->events = request.fd;
}

void bell_ring(struct bell *bell)
{
    /* A plain store: what is behind that address sees nothing else. */
    __asm__ volatile("str %w0, [%1]" ::"r"(1), "r"(bell->ring) : "memory");
    bell->rung++;
}

bool bell_wait(struct bell *const *bells, unsigned count, int timeout_ms)
{
    struct gpio_v2_line_event events[16];
    struct pollfd polled[8];
    bool any = false;

    for (unsigned i = 0; i < count; i++) {
        polled[i] = (struct pollfd){bells[i]->events, POLLIN, 0};
        if (bells[i]->line < 0)
            timeout_ms = 1;
    }
    if (poll(polled, count, timeout_ms) < 0)
        fail("cannot wait: %s", strerror(errno));
    for (unsigned i = 0; i < count; i++)
        if (polled[i].revents && read(polled[i].fd, events, sizeof(events)) > 0) {
            bells[i]->heard++;
            any = true;
        }
    return any;
}
