/* SPDX-License-Identifier: BSD-2-Clause */
/* The page by which a guest's user space controls other partitions (bulkhead/control.h). What it
 * may do is what the kernel finds in the slots: this file knows no rights. */
#include "monitor.h"

#include <bulkhead/control.h>
#include <bulkhead/invoke.h>

enum { BLOCK = 0x100, FAILURES = 0x40, FAILURE = 0x30 };

/* Of the last command to each, for COMMAND. Written whole; of two at once one stays. */
static uint64_t control_result[BH_CTL_TARGETS];

static struct bh_result control_call(uint64_t label, uint64_t target, uint64_t a, uint64_t b)
{
    return bh_svc(label, BH_MON_TARGET + target, a, b, 0, 0, 0, 0);
}

/* Sum over its vCPUs. */
static uint64_t control_exits(uint64_t target, uint64_t kind)
{
    uint64_t sum = 0;

    for (uint64_t vcpu = 0; vcpu < BH_MAX_VCPUS; vcpu++) {
        struct bh_result result = control_call(BH_PARTITION_EXITS, target, vcpu, 0);

        if (result.status != BH_OK)
            break;
        sum += result.value[kind];
    }
    return sum;
}

/* `at` is an offset behind BH_CTL_FAILURE(target, 0). */
static uint64_t control_failure(uint64_t target, uint64_t at)
{
    static const struct {
        uint8_t part, value;
    } where[] = {
        [BH_CTL_REASON / 8] = {0, 0},   [BH_CTL_PC / 8] = {0, 1},      [BH_CTL_TIME / 8] = {0, 2},
        [BH_CTL_SYNDROME / 8] = {1, 0}, [BH_CTL_ADDRESS / 8] = {1, 1},
    };
    uint64_t field = at % FAILURE / 8;
    struct bh_result result;

    if (field >= sizeof(where) / sizeof(where[0]))
        return 0;
    result = control_call(BH_PARTITION_FAILURE, target, at / FAILURE, where[field].part);
    return result.status == BH_OK ? result.value[where[field].value] : 0;
}

static uint64_t control_target(uint64_t target, uint64_t at)
{
    struct bh_result state;

    if (at >= FAILURES)
        return control_failure(target, at - FAILURES);
    switch (at) {
    case BH_CTL_STATE:
    case BH_CTL_LIVES:
        state = control_call(BH_PARTITION_STATE, target, 0, 0);
        if (state.status != BH_OK)
            return 0;
        return at == BH_CTL_STATE ? state.value[0] | state.value[1] << 8 : state.value[2];
    case BH_CTL_COMMAND:
        return __atomic_load_n(&control_result[target], __ATOMIC_RELAXED);
    case BH_CTL_UPCALLS:
    case BH_CTL_INTERRUPTS:
    case BH_CTL_TRAPS:
        return control_exits(target, (at - BH_CTL_UPCALLS) / 8);
    default:
        return 0;
    }
}

static uint64_t control_own(const struct bh_mon_config *config, uint64_t at)
{
    switch (at) {
    case BH_CTL_ID:
        return BH_CTL_MAGIC;
    case BH_CTL_COUNT:
        return config->targets;
    case BH_CTL_FREQUENCY:
        return clock_frequency();
    case BH_CTL_NOW:
        return clock_now();
    default:
        return 0;
    }
}

/* A target's number, and the offset in its registers; false: the page's own, or nobody's. */
static bool control_find(const struct bh_mon_config *config, uint64_t offset, uint64_t *target,
                         uint64_t *at)
{
    *target = offset / BLOCK - 1; /* wraps below the first */
    *at = offset % BLOCK;
    return *target < config->targets && *target < BH_CTL_TARGETS;
}

static bool control_fits(uint64_t offset, uint64_t bytes)
{
    return (bytes == 4 || bytes == 8) && offset % bytes == 0;
}

uint64_t control_read(const struct bh_mon_config *config, uint64_t offset, uint64_t bytes)
{
    uint64_t whole = offset & ~(uint64_t)7, value = 0;
    uint64_t target, at;

    if (!control_fits(offset, bytes))
        return 0;
    if (control_find(config, whole, &target, &at))
        value = control_target(target, at);
    else if (whole < BLOCK)
        value = control_own(config, whole);
    return value >> 8 * (offset - whole);
}

void control_write(const struct bh_mon_config *config, uint64_t offset, uint64_t bytes,
                   uint64_t value)
{
    uint64_t target, at;
    int64_t status;

    if (!control_fits(offset, bytes))
        return;
    if (offset == BH_CTL_RESET && value == BH_CTL_RESET_KEY)
        bh_svc(BH_CONTROL_RESET, BH_MON_PLATFORM, 0, 0, 0, 0, 0, 0);
    if (!control_find(config, offset, &target, &at) || at != BH_CTL_COMMAND)
        return;
    status = control_call(BH_PARTITION_CONTROL, target, (uint32_t)value, 0).status;
    __atomic_store_n(&control_result[target], (value >> 32) << 32 | (uint32_t)status,
                     __ATOMIC_RELAXED);
}
