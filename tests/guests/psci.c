/* SPDX-License-Identifier: BSD-2-Clause */
/* PSCI on one vCPU's initiative: discovery, starting and stopping a second one, every error code.
 * `end=1` in bootargs ends with SYSTEM_RESET. */
#include "guest.h"

enum {
    NOT_SUPPORTED = -1,
    INVALID_PARAMETERS = -2,
    DENIED = -3,
    ALREADY_ON = -4,
    ON_PENDING = -5,
    INVALID_ADDRESS = -9
};
enum { ON = 0, OFF = 1 };
enum { SYSTEM_SUSPEND_32 = 0x8400000e, ROUNDS = 20 };

#define CPU_SUSPEND_32 0x84000001u
#define SYSTEM_SUSPEND 0xc400000eu

static volatile uint64_t second_context, second_state, second_go, second_runs;

void guest_secondary(uint64_t context)
{
    second_state = (read_sysreg(currentel) == 4 && read_sysreg(spsel) == 1 &&
                    read_sysreg(daif) == 0x3c0 && !(read_sysreg(sctlr_el1) & 0x1005));
    second_runs++;
    second_context = context;
    dsb();
    while (!second_go)
        ;
}

static uint64_t entry(void)
{
    return (uint64_t)(uintptr_t)secondary_start;
}

static bool second_reaches(int64_t state)
{
    for (unsigned i = 0; i < 10000; i++) {
        if (psci(PSCI_AFFINITY_INFO, 1, 0, 0) == state)
            return true;
        clock_wait_us(100);
    }
    return false;
}

static int64_t second_begins(uint64_t function, uint64_t context)
{
    int64_t result;

    second_go = 0;
    second_context = 0;
    second_state = 0;
    dsb();
    result = psci(function, 1, entry(), context);
    for (unsigned i = 0; i < 10000 && !second_context; i++)
        clock_wait_us(100);
    return result;
}

static bool second_ends(void)
{
    second_go = 1;
    dsb();
    return second_reaches(OFF);
}

static void check_round(const char *name, uint64_t function, uint64_t context)
{
    tap_ok(second_begins(function, context) == 0, "%s: CPU_ON", name);
    tap_ok(second_context == context, "%s: it runs with its context", name);
    tap_ok(second_state, "%s: in EL1h, interrupts masked, MMU and caches off", name);
    tap_ok(second_reaches(ON), "%s: AFFINITY_INFO says on", name);
    tap_ok(psci(function, 1, entry(), 0) == ALREADY_ON, "%s: again is ALREADY_ON", name);
    tap_ok(psci(function, 1, 0, 0) == ALREADY_ON, "%s: again, at no address, too", name);
    tap_ok(second_ends(), "%s: CPU_OFF, and AFFINITY_INFO says off", name);
}

/* QEMU's board lets a second start through until the first has happened. */
static void check_pending(void)
{
    int64_t again;

    second_go = 0;
    psci(PSCI_CPU_ON, 1, entry(), 1);
    again = psci(PSCI_CPU_ON, 1, entry(), 2);
    tap_ok(again == ALREADY_ON || again == ON_PENDING, "CPU_ON at once again: %ld", again);
    second_reaches(ON);
    tap_ok(second_ends() && second_context == 1, "the first start counts");
}

static void check_loop(void)
{
    unsigned good = 0;

    second_runs = 0;
    for (unsigned i = 1; i <= ROUNDS; i++)
        good += second_begins(PSCI_CPU_ON, i) == 0 && second_context == i && second_state &&
                second_ends();
    tap_ok(good == ROUNDS && second_runs == ROUNDS, "on and off %u times", ROUNDS);
}

static void check_features(void)
{
    static const struct {
        uint32_t function;
        int32_t answer;
        const char *name;
    } features[] = {
        {PSCI_VERSION, 0, "PSCI_VERSION"},
        {PSCI_CPU_SUSPEND, 0, "CPU_SUSPEND, original format"},
        {CPU_SUSPEND_32, 0, "CPU_SUSPEND, 32 bits"},
        {PSCI_CPU_OFF, 0, "CPU_OFF"},
        {PSCI_CPU_ON, 0, "CPU_ON"},
        {PSCI_CPU_ON_32, 0, "CPU_ON, 32 bits"},
        {PSCI_AFFINITY_INFO, 0, "AFFINITY_INFO"},
        {PSCI_AFFINITY_INFO_32, 0, "AFFINITY_INFO, 32 bits"},
        {PSCI_MIGRATE_INFO_TYPE, 0, "MIGRATE_INFO_TYPE"},
        {PSCI_SYSTEM_OFF, 0, "SYSTEM_OFF"},
        {PSCI_SYSTEM_RESET, 0, "SYSTEM_RESET"},
        {PSCI_FEATURES, 0, "PSCI_FEATURES"},
        {SYSTEM_SUSPEND_32, 0, "SYSTEM_SUSPEND, 32 bits"},
        {SYSTEM_SUSPEND, 0, "SYSTEM_SUSPEND"},
        {SMCCC_VERSION, 0, "SMCCC_VERSION"},
        {0x84000005, NOT_SUPPORTED, "MIGRATE: none"},
        {0x8400000b, NOT_SUPPORTED, "CPU_FREEZE: none"},
        {0x8400000f, NOT_SUPPORTED, "SET_SUSPEND_MODE: none"},
        {0xc4000000, NOT_SUPPORTED, "a version of 64 bits: none"},
        {0x8400001f, NOT_SUPPORTED, "an unknown function: none"},
        {0xffffffff, NOT_SUPPORTED, "what is no function: none"},
    };

    for (unsigned i = 0; i < sizeof(features) / sizeof(features[0]); i++)
        tap_ok((int32_t)psci(PSCI_FEATURES, features[i].function, 0, 0) == features[i].answer,
               "FEATURES: %s", features[i].name);
}

static void check_affinity(void)
{
    tap_ok(psci(PSCI_AFFINITY_INFO, 0, 0, 0) == ON, "AFFINITY_INFO: this core is on");
    tap_ok(psci(PSCI_AFFINITY_INFO, 1, 0, 0) == OFF, "AFFINITY_INFO: the other is off");
    tap_ok(psci(PSCI_AFFINITY_INFO_32, 0xff00000001, 0, 0) == OFF, "AFFINITY_INFO of 32 bits");
    tap_ok(psci(PSCI_AFFINITY_INFO, 2, 0, 0) == INVALID_PARAMETERS, "AFFINITY_INFO: no such core");
    tap_ok(psci(PSCI_AFFINITY_INFO, 1ul << 32, 0, 0) == INVALID_PARAMETERS,
           "AFFINITY_INFO: nor in Aff3");
    for (unsigned level = 1; level <= 3; level++)
        tap_ok(psci(PSCI_AFFINITY_INFO, 1, level, 0) == ON, "AFFINITY_INFO: level %u is on", level);
    tap_ok(psci(PSCI_AFFINITY_INFO, 0, 4, 0) == INVALID_PARAMETERS, "AFFINITY_INFO: no level 4");
    tap_ok(psci(PSCI_AFFINITY_INFO, 0x100, 1, 0) == INVALID_PARAMETERS,
           "AFFINITY_INFO: no such cluster");
}

static void check_refused(uint64_t ram_end)
{
    tap_ok(psci(PSCI_CPU_ON, 77, entry(), 0) == INVALID_PARAMETERS, "CPU_ON: no such core");
    tap_ok(psci(PSCI_CPU_ON, 0x101, entry(), 0) == INVALID_PARAMETERS, "CPU_ON: Aff1 counts");
    tap_ok(psci(PSCI_CPU_ON, 0x100000001, entry(), 0) == INVALID_PARAMETERS, "CPU_ON: Aff3 counts");
    tap_ok(psci(PSCI_CPU_ON, 77, 0, 0) == INVALID_PARAMETERS, "CPU_ON: no such core comes first");
    tap_ok(psci(PSCI_CPU_ON, 0, entry(), 0) == ALREADY_ON, "CPU_ON: this core");
    tap_ok(psci(PSCI_CPU_ON, 0, 0, 0) == ALREADY_ON, "CPU_ON: this core comes before the address");
    tap_ok(psci(PSCI_CPU_ON, 1, RAM + 2, 0) == INVALID_ADDRESS, "CPU_ON between two instructions");
    /* QEMU's board starts a core anywhere, and off it would not come again. */
    if (!on_bulkhead())
        return;
    tap_ok(psci(PSCI_CPU_ON, 1, 0x1000, 0) == INVALID_ADDRESS, "CPU_ON below the RAM");
    tap_ok(psci(PSCI_CPU_ON, 1, UART, 0) == INVALID_ADDRESS, "CPU_ON in a device");
    tap_ok(psci(PSCI_CPU_ON, 1, ram_end, 0) == INVALID_ADDRESS, "CPU_ON behind the RAM");
    tap_ok(psci(PSCI_CPU_ON, 1, ~3ul, 0) == INVALID_ADDRESS, "CPU_ON at the end of everything");
}

void guest_main(const void *tree)
{
    tap_ok(psci(PSCI_VERSION, 0, 0, 0) == 0x10001, "VERSION: 1.1");
    tap_ok(psci(PSCI_MIGRATE_INFO_TYPE, 0, 0, 0) == 2, "MIGRATE_INFO_TYPE: no migration needed");
    check_features();
    check_affinity();
    check_refused(fdt_ram_end(tree));
    check_round("64 bits", PSCI_CPU_ON, 0x123456789abcdef);
    check_round("32 bits", PSCI_CPU_ON_32, 0x89abcdef);
    second_go = 0;
    tap_ok(psci(PSCI_CPU_ON_32, 0xff00000001, entry() | 1ul << 32, 0xff00000042) == 0,
           "CPU_ON of 32 bits looks at no more");
    tap_ok(second_reaches(ON) && second_ends() && second_context == 0x42, "nor takes more");
    check_loop();
    if (on_bulkhead())
        check_pending();
    second_begins(PSCI_CPU_ON, 1);
    tap_ok(psci(SYSTEM_SUSPEND, entry(), 0, 0) == DENIED, "SYSTEM_SUSPEND while another is on");
    second_ends();
    tap_end();
    if (bootargs_number(tree, "end", 0) == 1)
        psci(PSCI_SYSTEM_RESET, 0, 0, 0);
}
