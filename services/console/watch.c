/* SPDX-License-Identifier: BSD-2-Clause */
/* Failures are told from the record that the kernel keeps of them, each once; of one that fails
 * faster than anyone looks, the last ones. */
#include "watch.h"

#include <bulkhead/invoke.h>

enum { LINE = 200 };

struct words {
    char text[LINE];
    uint32_t length;
};

static uint32_t watch_told[BH_CONSOLE_MAX]; /* failures */

static void watch_string(struct words *words, const char *string)
{
    while (*string && words->length < LINE - 1)
        words->text[words->length++] = *string++;
    words->text[words->length] = 0;
}

static void watch_number(struct words *words, const char *label, uint64_t value)
{
    char digits[20] = "0x";
    uint32_t count = 1;

    while (count < 16 && value >> (4 * count))
        count++;
    for (uint32_t i = 0; i < count; i++)
        digits[2 + i] = "0123456789abcdef"[value >> (4 * (count - 1 - i)) & 15];
    digits[2 + count] = 0;
    watch_string(words, label);
    watch_string(words, digits);
}

/* Failure number `number` of all; false when the terminal has no room for it now. */
static bool watch_tell(struct mux *mux, uint32_t index, uint32_t back, bool stopped)
{
    const uint64_t slot = BH_CONSOLE_PARTITION + index;
    struct bh_result how = bh_svc(BH_PARTITION_FAILURE, slot, back, 0, 0, 0, 0, 0);
    struct bh_result why = bh_svc(BH_PARTITION_FAILURE, slot, back, 1, 0, 0, 0, 0);
    struct words words = {.length = 0};

    if (how.status != BH_OK || why.status != BH_OK)
        return true;
    watch_number(&words, " failed, reason ", how.value[0] & 0xff);
    watch_number(&words, " vcpu ", how.value[0] >> 8);
    watch_number(&words, " pc ", how.value[1]);
    watch_number(&words, " syndrome ", why.value[0]);
    watch_number(&words, " address ", why.value[1]);
    watch_string(&words, stopped ? ": stopped" : ": begins anew");
    return mux_say(mux, mux->port[index].name, words.text);
}

bool watch_look(struct mux *mux)
{
    bool ended = true, begun = false;

    for (uint32_t i = 0; i < mux->count; i++) {
        struct bh_result life =
            bh_svc(BH_PARTITION_STATE, BH_CONSOLE_PARTITION + i, 0, 0, 0, 0, 0, 0);
        const bool stopped = life.value[0] == BH_PARTITION_STOPPED;
        const uint32_t failures = (uint32_t)life.value[2];

        if (life.status != BH_OK)
            continue;
        mux_end(mux, i, stopped);
        ended = ended && (stopped || mux->port[i].stays);
        /* Stopped for no reason: it waits for its first start. */
        begun = begun || (!mux->port[i].stays && (!stopped || life.value[1] != BH_STOP_NONE));
        /* A failure is told when it has been dealt with, and what came before it is out. */
        if (life.value[0] == BH_PARTITION_STOPPING || mux_said(mux, i))
            continue;
        if (failures - watch_told[i] > BH_FAILURES)
            watch_told[i] = failures - BH_FAILURES;
        if (watch_told[i] != failures) {
            uint32_t back = failures - 1 - watch_told[i];

            if (watch_tell(mux, i, back, stopped && !back))
                watch_told[i]++;
            ended = false; /* that line is still to come out, and maybe more of them */
        }
    }
    return ended && begun;
}
