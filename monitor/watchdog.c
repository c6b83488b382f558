/* SPDX-License-Identifier: BSD-2-Clause */
/* A partition's watchdog: its time, its interrupt, and the end.
 *
 * Time is kept by the Timer of the vCPU that last put the deadline off, so that it passes whatever
 * the guest does: a Timer is the monitor's, and its upcall comes though interrupts are masked or
 * the vCPU is off. Timers that other vCPUs set before find nothing to do. */
#include "watchdog.h"
#include "monitor.h"

#include <bulkhead/invoke.h>

/* All of it under the lock. */
static struct watchdog watchdog;
static bool asserted; /* the level that the virtual interrupt has now */

enum passed { NOT_YET, ONCE, TWICE };

/* Time goes on. From the signal to the end it is never less than a period, however late we look. */
static enum passed watchdog_look(uint64_t now)
{
    if (!watchdog.counts || now < watchdog.deadline)
        return NOT_YET;
    if (!watchdog.signalled) {
        watchdog.signalled = true;
        watchdog.deadline = now + watchdog.period;
        return ONCE;
    }
    if (watchdog.ends)
        return TWICE;
    watchdog.deadline +=
        ((now - watchdog.deadline) / watchdog.period + 1) * watchdog.period; /* an SP805's: not 0 */
    return NOT_YET;
}

/* After a change: the interrupt, and when to look again. */
static void watchdog_settle(const struct bh_mon_config *config, uint32_t vcpu)
{
    uint64_t next =
        watchdog.counts && (!watchdog.signalled || watchdog.ends) ? watchdog.deadline : 0;

    line_drive(config->watchdog_intid, watchdog.counts && watchdog.signalled, &asserted);
    alarm_set(vcpu, ALARM_WATCHDOG, next);
}

static uint32_t watchdog_word(const struct bh_mon_config *config, uint64_t now, bool write,
                              uint64_t offset, uint32_t value)
{
    const bool sbsa = config->watchdog == BH_MON_WATCHDOG_SBSA;

    if (!write)
        return sbsa ? watchdog_sbsa_read(&watchdog, offset)
                    : watchdog_sp805_read(&watchdog, now, offset);
    if (sbsa)
        watchdog_sbsa_write(&watchdog, now, offset, value);
    else
        watchdog_sp805_write(&watchdog, now, offset, value);
    return 0;
}

static struct answer watchdog_end(const struct bh_mon_config *config)
{
    vuart_flush(config);
    return (struct answer){BH_DO_STOP, {BH_STOP_WATCHDOG}};
}

/* Registers have 32 bits: an access of 64 is two of them, the lower one first; narrower ones, and
 * unaligned ones, read as zero and ignore writes. */
struct answer watchdog_access(const struct bh_mon_config *config, uint32_t vcpu, bool write,
                              uint64_t offset, uint64_t bytes, uint64_t value)
{
    struct answer answer = {BH_DO_RESUME, {0}};
    enum passed passed;
    uint64_t now;

    lock_take();
    now = clock_now();
    passed = watchdog_look(now);
    for (uint64_t at = 0; passed != TWICE && offset % 4 == 0 && at + 4 <= bytes; at += 4)
        answer.value[0] |=
            (uint64_t)watchdog_word(config, now, write, offset + at, (uint32_t)(value >> 8 * at))
            << 8 * at;
    if (write || passed == ONCE)
        watchdog_settle(config, vcpu);
    lock_drop();
    return passed == TWICE ? watchdog_end(config) : answer;
}

struct answer watchdog_timer(const struct bh_mon_config *config, uint32_t vcpu)
{
    enum passed passed;

    lock_take();
    passed = watchdog_look(clock_now());
    if (passed == ONCE)
        watchdog_settle(config, vcpu);
    lock_drop();
    return passed == TWICE ? watchdog_end(config) : (struct answer){BH_DO_RESUME, {0}};
}

void watchdog_load(const struct bh_mon_config *config)
{
    struct bh_result state = bh_svc(BH_PARTITION_STATE, BH_MON_PARTITION, 0, 0, 0, 0, 0, 0);
    bool expired = state.status == BH_OK && state.value[1] == BH_STOP_WATCHDOG;

    if (config->watchdog == BH_MON_WATCHDOG_SBSA)
        watchdog_sbsa_load(&watchdog, clock_now(), expired, config->watchdog_start);
    else if (config->watchdog == BH_MON_WATCHDOG_SP805)
        watchdog_sp805_load(&watchdog, clock_now(), config->watchdog_start);
    watchdog_settle(config, 0);
}
