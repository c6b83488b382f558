/* SPDX-License-Identifier: BSD-2-Clause */
/* bulkctl: a Linux guest of a control partition lists and controls the partitions that it was
 * given.
 *
 * The device tree says where the page of registers is and what the partitions are called;
 * bulkhead/control.h describes the page. It is mapped by /dev/mem, so this needs root and no
 * driver. */
#include "tree.h"
#include <bulkhead/call.h>
#include <bulkhead/control.h>
#include <bulkhead/status.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#define TREE "/proc/device-tree"

enum { NAME = 32, PATIENCE_MS = 60000, STEP_MS = 5, EXIT_REFUSED = 1, EXIT_TROUBLE = 2 };

static struct {
    char node[256]; /* of the tree */
    char *page;
    int memory; /* /dev/mem */
    unsigned count;
    char name[BH_CTL_TARGETS][NAME];
} control;

static _Noreturn void fail(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fputs("bulkctl: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(EXIT_TROUBLE);
}

/* One plain load and one plain store: the registers behind the page see nothing else. */
static uint64_t control_read(unsigned offset)
{
    uint64_t value;

    __asm__ volatile("ldr %0, [%1]" : "=r"(value) : "r"(control.page + offset) : "memory");
    return value;
}

static void control_write(unsigned offset, uint64_t value)
{
    __asm__ volatile("str %0, [%1]" ::"r"(value), "r"(control.page + offset) : "memory");
}

/* Calls `each` with the path of every node right below `node`, until it returns true. */
static bool tree_children(const char *node, bool (*each)(const char *path))
{
    DIR *folder = opendir(node);
    struct dirent *entry;
    bool done = false;
    char path[512];

    if (!folder)
        fail("cannot read %s: this needs a device tree, /proc and /sys", node);
    while (!done && (entry = readdir(folder))) {
        if (entry->d_name[0] == '.' || entry->d_type != DT_DIR)
            continue;
        snprintf(path, sizeof(path), "%s/%s", node, entry->d_name);
        done = each(path);
    }
    closedir(folder);
    return done;
}

static bool control_is_here(const char *path)
{
    char compatible[64] = "";

    if (tree_read(path, "compatible", compatible, sizeof(compatible) - 1) <= 0 ||
        strcmp(compatible, BH_CTL_COMPATIBLE) != 0)
        return false;
    snprintf(control.node, sizeof(control.node), "%s", path);
    return true;
}

static bool control_add(const char *path)
{
    unsigned char reg[4];
    uint64_t number;

    if (tree_read(path, "reg", reg, sizeof(reg)) != sizeof(reg))
        return false;
    number = tree_cells(reg, 1);
    if (number < BH_CTL_TARGETS)
        tree_read(path, "label", control.name[number], NAME - 1);
    return false;
}

static void control_open(void)
{
    unsigned char reg[16];

    if (!tree_children(TREE, control_is_here))
        fail("this partition controls no other");
    if (tree_read(control.node, "reg", reg, sizeof(reg)) != sizeof(reg))
        fail("%s/reg is not as expected", control.node);
    tree_children(control.node, control_add);
    control.memory = open("/dev/mem", O_RDWR | O_SYNC);
    if (control.memory < 0)
        fail("cannot open /dev/mem: %m");
    control.page = mmap(NULL, BH_CTL_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, control.memory,
                        (off_t)tree_cells(reg, 2));
    if (control.page == MAP_FAILED)
        fail("cannot map the control page: %m");
    if (control_read(BH_CTL_ID) != BH_CTL_MAGIC)
        fail("no control page at %#llx", (unsigned long long)tree_cells(reg, 2));
    control.count = (unsigned)control_read(BH_CTL_COUNT);
    if (control.count > BH_CTL_TARGETS)
        fail("a control page with %u partitions", control.count);
}

static unsigned control_find(const char *name)
{
    for (unsigned i = 0; i < control.count; i++)
        if (strcmp(control.name[i], name) == 0)
            return i;
    fail("%s: no partition of this name is controlled from here", name);
}

static const char *state_name(uint64_t state)
{
    static const char *const names[] = {
        [BH_PARTITION_NEW] = "new",         [BH_PARTITION_LOADING] = "loading",
        [BH_PARTITION_RUNNING] = "running", [BH_PARTITION_STOPPING] = "stopping",
        [BH_PARTITION_STOPPED] = "stopped",
    };

    state &= 0xff;
    return state < sizeof(names) / sizeof(names[0]) ? names[state] : "?";
}

static const char *reason_name(uint64_t reason)
{
    static const char *const names[BH_STOP_REASONS] = {
        [BH_STOP_NONE] = "-",
        [BH_STOP_OFF] = "off",
        [BH_STOP_RESET] = "reset",
        [BH_STOP_CONTROL] = "stopped",
        [BH_STOP_RESTART] = "restarted",
        [BH_STOP_LOAD] = "not-loaded",
        [BH_STOP_MONITOR] = "monitor-failed",
        [BH_STOP_SERROR] = "serror",
        [BH_STOP_CRASH] = "crashed",
        [BH_STOP_EXIT] = "bad-exit",
        [BH_STOP_WATCHDOG] = "watchdog",
    };

    reason &= 0xff;
    return reason < BH_STOP_REASONS && names[reason] ? names[reason] : "?";
}

static int list(void)
{
    printf("%-20s %-9s %-14s %8s %8s %12s %12s %12s\n", "name", "state", "last stop", "restarts",
           "failures", "upcalls", "interrupts", "traps");
    for (unsigned i = 0; i < control.count; i++) {
        unsigned at = BH_CTL_TARGET(i);
        uint64_t state = control_read(at + BH_CTL_STATE), lives = control_read(at + BH_CTL_LIVES);

        printf("%-20s %-9s %-14s %8llu %8llu %12llu %12llu %12llu\n", control.name[i],
               state_name(state), reason_name(state >> 8), (unsigned long long)(lives >> 32),
               (unsigned long long)(lives & 0xffffffff),
               (unsigned long long)control_read(at + BH_CTL_UPCALLS),
               (unsigned long long)control_read(at + BH_CTL_INTERRUPTS),
               (unsigned long long)control_read(at + BH_CTL_TRAPS));
    }
    return 0;
}

/* Oldest first. The records move up when it fails once more: then they are read again. */
static void log_one(unsigned target)
{
    uint64_t record[BH_FAILURES][5], lives, frequency = control_read(BH_CTL_FREQUENCY);

    do {
        lives = control_read(BH_CTL_TARGET(target) + BH_CTL_LIVES);
        for (unsigned k = 0; k < BH_FAILURES; k++)
            for (unsigned i = 0; i < 5; i++)
                record[k][i] = control_read(BH_CTL_FAILURE(target, k) + 8 * i);
    } while ((uint32_t)lives != (uint32_t)control_read(BH_CTL_TARGET(target) + BH_CTL_LIVES));
    for (unsigned k = BH_FAILURES; k--;)
        if (record[k][BH_CTL_REASON / 8])
            printf("%s: %.6f s: %s, vcpu %u, pc %#llx, syndrome %#llx, address %#llx\n",
                   control.name[target],
                   (double)record[k][BH_CTL_TIME / 8] / (double)(frequency ? frequency : 1),
                   reason_name(record[k][BH_CTL_REASON / 8]),
                   (unsigned)(record[k][BH_CTL_REASON / 8] >> 8),
                   (unsigned long long)record[k][BH_CTL_PC / 8],
                   (unsigned long long)record[k][BH_CTL_SYNDROME / 8],
                   (unsigned long long)record[k][BH_CTL_ADDRESS / 8]);
}

/* Waits until it is in that state. A partition that is to run may come to its end at once. */
static bool wait_for(unsigned target, uint64_t wanted)
{
    for (unsigned waited = 0; waited < PATIENCE_MS; waited += STEP_MS) {
        uint64_t state = control_read(BH_CTL_TARGET(target) + BH_CTL_STATE) & 0xff;

        if (state == wanted)
            return true;
        if (state == BH_PARTITION_STOPPED)
            return false;
        usleep(STEP_MS * 1000);
    }
    fail("%s: still not %s", control.name[target], state_name(wanted));
}

static int command(unsigned target, const char *verb, uint64_t action)
{
    unsigned at = BH_CTL_TARGET(target);
    uint64_t tag = (uint32_t)getpid(), result;
    int status;

    flock(control.memory, LOCK_EX); /* another bulkctl's result stands in the same place */
    control_write(at + BH_CTL_COMMAND, tag << 32 | action);
    result = control_read(at + BH_CTL_COMMAND);
    flock(control.memory, LOCK_UN);
    if (result >> 32 != tag)
        fail("%s: somebody else gave a command at the same time", control.name[target]);
    status = (int)(uint32_t)result;
    if (status == BH_ERR_STATE) {
        fprintf(stderr, "bulkctl: cannot %s %s: it is %s\n", verb, control.name[target],
                state_name(control_read(at + BH_CTL_STATE)));
        return EXIT_REFUSED;
    }
    if (status != BH_OK) {
        fprintf(stderr, "bulkctl: cannot %s %s: status %d\n", verb, control.name[target], status);
        return EXIT_REFUSED;
    }
    if (!wait_for(target,
                  action == BH_PARTITION_DO_STOP ? BH_PARTITION_STOPPED : BH_PARTITION_RUNNING))
        fprintf(stderr, "bulkctl: %s has ended already: %s\n", control.name[target],
                reason_name(control_read(at + BH_CTL_STATE) >> 8));
    return 0;
}

static int reset_platform(void)
{
    control_write(BH_CTL_RESET, BH_CTL_RESET_KEY);
    fputs("bulkctl: cannot reset the platform: not granted\n", stderr);
    return EXIT_REFUSED;
}

static int usage(void)
{
    fputs("usage: bulkctl list                      what is controlled from here, and how it is\n"
          "       bulkctl start|stop|restart NAME.. and wait until it is done\n"
          "       bulkctl log [NAME..]              the last failures\n"
          "       bulkctl reset-platform            the whole machine, if that was granted\n",
          stderr);
    return EXIT_TROUBLE;
}

int main(int count, char **argument)
{
    static const char *const verbs[] = {
        [BH_PARTITION_DO_START] = "start",
        [BH_PARTITION_DO_STOP] = "stop",
        [BH_PARTITION_DO_RESTART] = "restart",
    };
    const char *verb = count > 1 ? argument[1] : "list";
    int worst = 0;

    if (strcmp(verb, "list") == 0 && count <= 2)
        return control_open(), list();
    if (strcmp(verb, "reset-platform") == 0 && count == 2)
        return control_open(), reset_platform();
    if (strcmp(verb, "log") == 0) {
        control_open();
        for (unsigned i = 0; count == 2 && i < control.count; i++)
            log_one(i);
        for (int i = 2; i < count; i++)
            log_one(control_find(argument[i]));
        return 0;
    }
    for (unsigned action = 0; action < sizeof(verbs) / sizeof(verbs[0]); action++) {
        if (strcmp(verb, verbs[action]) != 0 || count < 3)
            continue;
        control_open();
        for (int i = 2; i < count; i++) {
            int status = command(control_find(argument[i]), verb, action);

            worst = status > worst ? status : worst;
        }
        return worst;
    }
    return usage();
}
