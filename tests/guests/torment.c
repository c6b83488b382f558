/* SPDX-License-Identifier: BSD-2-Clause */
/* Stops, starts and restarts another partition at any moment, also while it is loaded, and tells in
 * which states it found it. In the end it must run. Boot argument: times=N. */
#include "guest.h"
#include <bulkhead/invoke.h>

enum { SLOT = 40, STATES = 5, DELAY_US = 3000, WAIT_US = 5000000 };

static uint64_t random_state = 1;

static uint64_t roll(void)
{
    random_state = random_state * 6364136223846793005 + 1442695040888963407;
    return random_state >> 33;
}

static int64_t control(uint64_t action)
{
    return bh_hvc(BH_PARTITION_CONTROL, SLOT, action, 0, 0, 0, 0, 0).status;
}

static uint64_t look(void)
{
    return bh_hvc(BH_PARTITION_STATE, SLOT, 0, 0, 0, 0, 0, 0).value[0];
}

static void wait_us(uint64_t us)
{
    uint64_t start = clock_ticks();

    while (clock_ticks() - start < clock_hz() / 1000000 * us)
        ;
}

void guest_main(const void *tree)
{
    uint64_t times = bootargs_number(tree, "times", 100);
    unsigned found[STATES] = {0}, other = 0;
    uint64_t start;

    for (uint64_t i = 0; i < times; i++) {
        int64_t status;

        wait_us(roll() % DELAY_US);
        found[look() % STATES]++;
        status = control(roll() % 3);
        other += status != BH_OK && status != BH_ERR_STATE;
        if (roll() % 4 == 0)
            control(BH_PARTITION_DO_RESTART);
    }
    tap_ok(other == 0, "%u commands failed for no good reason", other);
    tap_ok(found[BH_PARTITION_LOADING] && found[BH_PARTITION_STOPPED], "loading %u, stopped %u",
           found[BH_PARTITION_LOADING], found[BH_PARTITION_STOPPED]);
    /* Begins once more, however it stands, and runs for a while. */
    start = clock_ticks();
    while (control(BH_PARTITION_DO_RESTART) != BH_OK)
        ;
    while (look() != BH_PARTITION_RUNNING && clock_ticks() - start < clock_hz() / 1000000 * WAIT_US)
        ;
    tap_ok(look() == BH_PARTITION_RUNNING, "it runs in the end");
    tap_end();
}
