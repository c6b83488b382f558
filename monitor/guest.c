/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls beside PSCI that a guest makes of its monitor (bulkhead/guest.h): its own failures. */
#include "monitor.h"

#include <bulkhead/guest.h>
#include <bulkhead/invoke.h>

#define INVALID_PARAMETERS (-2)

struct answer guest_crash(const struct bh_mon_config *config, uint64_t code, uint64_t detail)
{
    vuart_flush(config);
    return (struct answer){BH_DO_STOP, {BH_STOP_CRASH, code, detail}};
}

struct answer guest_unhandled(const struct bh_mon_config *config, uint64_t address)
{
    vuart_flush(config);
    return (struct answer){BH_DO_STOP, {BH_STOP_EXIT, 0, address}};
}

struct answer guest_state(void)
{
    struct bh_result result = bh_svc(BH_PARTITION_STATE, BH_MON_PARTITION, 0, 0, 0, 0, 0, 0);

    return (struct answer){BH_DO_RESUME, {0, result.value[2], result.value[1], 0}};
}

struct answer guest_failure(uint64_t back, uint64_t part)
{
    struct bh_result result =
        bh_svc(BH_PARTITION_FAILURE, BH_MON_PARTITION, back, part, 0, 0, 0, 0);

    if (result.status != BH_OK)
        return (struct answer){BH_DO_RESUME, {(uint64_t)INVALID_PARAMETERS}};
    return (struct answer){BH_DO_RESUME, {0, result.value[0], result.value[1], result.value[2]}};
}
