/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest's HVC and SMC: PSCI 1.1 (DEN0022) and the SMC Calling Convention 1.1 (DEN0028). */
#include "monitor.h"

#include <bulkhead/guest.h>
#include <bulkhead/invoke.h>

#define SMCCC_VERSION          0x80000000u
#define SMCCC_ARCH_FEATURES    0x80000001u
#define PSCI_VERSION           0x84000000u
#define PSCI_CPU_SUSPEND_32    0x84000001u
#define PSCI_CPU_SUSPEND_64    0xc4000001u
#define PSCI_CPU_OFF           0x84000002u
#define PSCI_CPU_ON_32         0x84000003u
#define PSCI_CPU_ON_64         0xc4000003u
#define PSCI_AFFINITY_INFO_32  0x84000004u
#define PSCI_AFFINITY_INFO_64  0xc4000004u
#define PSCI_MIGRATE_INFO_TYPE 0x84000006u
#define PSCI_SYSTEM_OFF        0x84000008u
#define PSCI_SYSTEM_RESET      0x84000009u
#define PSCI_SYSTEM_RESET2_32  0x84000012u
#define PSCI_SYSTEM_RESET2_64  0xc4000012u
#define PSCI_FEATURES          0x8400000au
#define PSCI_SYSTEM_SUSPEND_32 0x8400000eu
#define PSCI_SYSTEM_SUSPEND_64 0xc400000eu

#define SMC64       0x40000000u /* in a function identifier: arguments are 64 bits wide */
#define VERSION_1_1 0x10001

/* CPU_SUSPEND's power_state in its original format: identifier, which is the platform's and here
 * means nothing; type; level, of which only a core's own is there; zeros. */
#define POWER_STATE_ID   0x0000ffffu
#define POWER_STATE_DOWN 0x00010000u

enum psci_result {
    PSCI_SUCCESS = 0,
    PSCI_NOT_SUPPORTED = -1, /* also SMCCC's answer to an unknown function */
    PSCI_INVALID_PARAMETERS = -2,
    PSCI_DENIED = -3,
    PSCI_ALREADY_ON = -4,
    PSCI_ON_PENDING = -5,
    PSCI_INTERNAL_FAILURE = -6,
    PSCI_INVALID_ADDRESS = -9,
};

enum { AFFINITY_ON = 0, AFFINITY_OFF = 1, AFFINITY_ON_PENDING = 2, MIGRATE_NOT_NEEDED = 2 };

static int64_t psci_vcpu_state(uint64_t vcpu)
{
    struct bh_result result = bh_svc(BH_VCPU_STATE, BH_MON_VCPU + vcpu, 0, 0, 0, 0, 0, 0);

    return result.status == BH_OK ? (int64_t)result.value[0] : PSCI_INTERNAL_FAILURE;
}

/* An address where a vCPU may begin. */
static bool psci_entry(const struct bh_mon_config *config, uint64_t entry)
{
    for (uint64_t i = 0; i < config->banks; i++)
        if (entry >= config->bank[i].guest && entry - config->bank[i].guest < config->bank[i].size)
            return entry % 4 == 0;
    return false;
}

/* Affinity fields as CPU_ON and AFFINITY_INFO take them: Aff3 in bits 39 to 32, Aff2 to Aff0 in 23
 * to 0. Other bits must be zero. vCPU n is 0.0.0.n, so that a valid affinity is the index itself. A
 * vCPU that is on says so whatever the address is, as QEMU's board does. */
static int64_t psci_cpu_on(const struct bh_mon_config *config, uint64_t target, uint64_t entry,
                           uint64_t context)
{
    if (target >= config->vcpus)
        return PSCI_INVALID_PARAMETERS;
    if (!psci_entry(config, entry))
        switch (psci_vcpu_state(target)) {
        case AFFINITY_ON:
            return PSCI_ALREADY_ON;
        case AFFINITY_ON_PENDING:
            return PSCI_ON_PENDING;
        default:
            return PSCI_INVALID_ADDRESS;
        }
    switch (bh_svc(BH_VCPU_START, BH_MON_VCPU + target, entry, context, 0, 0, 0, 0).status) {
    case BH_OK:
        return PSCI_SUCCESS;
    case BH_ERR_ALREADY_ON:
        return PSCI_ALREADY_ON;
    case BH_ERR_ON_PENDING:
        return PSCI_ON_PENDING;
    default:
        return PSCI_INTERNAL_FAILURE;
    }
}

/* Level 0 is a vCPU. All vCPUs lie in one instance of each level above: it is on when any of them
 * is, off when all are off (DEN0022, AFFINITY_INFO). */
static int64_t psci_affinity_info(const struct bh_mon_config *config, uint64_t target,
                                  uint64_t level)
{
    int64_t state, answer = AFFINITY_OFF;

    if (level > 3)
        return PSCI_INVALID_PARAMETERS;
    if (level == 0)
        return target < config->vcpus ? psci_vcpu_state(target) : PSCI_INVALID_PARAMETERS;
    /* Fields below the level are ignored; those from it on must name the one instance there is. */
    target &= ~(((uint64_t)1 << 8 * level) - 1);
    if (target)
        return PSCI_INVALID_PARAMETERS;
    for (uint64_t vcpu = 0; vcpu < config->vcpus; vcpu++) {
        state = psci_vcpu_state(vcpu);
        if (state == AFFINITY_ON)
            return AFFINITY_ON;
        if (state == AFFINITY_ON_PENDING)
            answer = AFFINITY_ON_PENDING;
    }
    return answer;
}

/* The vCPU waits for an interrupt and goes on behind the call. So does one that asked for power
 * down: the request becomes a standby, as DEN0022 5.4 allows (in DEN0022A it is 5.4.2, clause 3)
 * and as QEMU's board does. */
static int64_t psci_cpu_suspend(const struct bh_mon_config *config, uint64_t power_state,
                                uint64_t entry)
{
    if (power_state & ~(uint64_t)(POWER_STATE_ID | POWER_STATE_DOWN))
        return PSCI_INVALID_PARAMETERS;
    if (power_state & POWER_STATE_DOWN && !psci_entry(config, entry))
        return PSCI_INVALID_ADDRESS;
    return PSCI_SUCCESS;
}

/* The last vCPU that is on may suspend the system (DEN0022, 5.20). It stays so: nobody is there to
 * start another. */
static int64_t psci_system_suspend(const struct bh_mon_config *config, uint32_t self,
                                   uint64_t entry)
{
    for (uint32_t vcpu = 0; vcpu < config->vcpus; vcpu++)
        if (vcpu != self && psci_vcpu_state(vcpu) != AFFINITY_OFF)
            return PSCI_DENIED;
    return psci_entry(config, entry) ? PSCI_SUCCESS : PSCI_INVALID_ADDRESS;
}

static int64_t psci_features(uint32_t function)
{
    switch (function) {
    case SMCCC_VERSION:
    case PSCI_VERSION:
    case PSCI_CPU_SUSPEND_32: /* flags zero: original format, no OS-initiated mode */
    case PSCI_CPU_SUSPEND_64:
    case PSCI_CPU_OFF:
    case PSCI_CPU_ON_32:
    case PSCI_CPU_ON_64:
    case PSCI_AFFINITY_INFO_32:
    case PSCI_AFFINITY_INFO_64:
    case PSCI_MIGRATE_INFO_TYPE:
    case PSCI_SYSTEM_OFF:
    case PSCI_SYSTEM_RESET:
    case PSCI_SYSTEM_RESET2_32:
    case PSCI_SYSTEM_RESET2_64:
    case PSCI_FEATURES:
    case PSCI_SYSTEM_SUSPEND_32:
    case PSCI_SYSTEM_SUSPEND_64:
        return PSCI_SUCCESS;
    default:
        return PSCI_NOT_SUPPORTED;
    }
}

static int64_t psci_arch_features(uint32_t function)
{
    /* The architecture's workaround calls are not there: a guest must use what its core says of
     * itself. */
    return function == SMCCC_VERSION || function == SMCCC_ARCH_FEATURES ? PSCI_SUCCESS
                                                                        : PSCI_NOT_SUPPORTED;
}

/* The partition ends. Its last words come first; one line even when two vCPUs ask at once. */
static struct answer psci_stop(const struct bh_mon_config *config, enum bh_stop_reason reason)
{
    static bool ended;
    struct text text = {.length = 0};

    vuart_flush(config);
    lock_take();
    if (!ended) {
        ended = true;
        text_string(&text, config->name);
        text_string(&text, reason == BH_STOP_OFF ? " ended off at=" : " ended reset at=");
        text_number(&text, clock_us());
        text_string(&text, "us");
        port_print(&text);
    }
    lock_drop();
    return (struct answer){BH_DO_STOP, {reason}};
}

struct answer psci_call(const struct bh_mon_config *config, uint32_t vcpu, uint64_t x0, uint64_t x1,
                        uint64_t x2, uint64_t x3)
{
    const uint32_t function = (uint32_t)x0; /* DEN0028: W0, whatever the width */
    const uint64_t width = function & SMC64 ? ~(uint64_t)0 : 0xffffffffu;
    const uint64_t a = x1 & width, b = x2 & width, c = x3 & width;
    int64_t result = PSCI_NOT_SUPPORTED;

    switch (function) {
    case SMCCC_VERSION:
    case PSCI_VERSION:
        result = VERSION_1_1;
        break;
    case SMCCC_ARCH_FEATURES:
        result = psci_arch_features((uint32_t)a);
        break;
    case PSCI_FEATURES:
        result = psci_features((uint32_t)a);
        break;
    case PSCI_MIGRATE_INFO_TYPE:
        result = MIGRATE_NOT_NEEDED; /* no trusted OS */
        break;
    case PSCI_CPU_ON_32:
    case PSCI_CPU_ON_64:
        result = psci_cpu_on(config, a, b, c);
        break;
    case PSCI_AFFINITY_INFO_32:
    case PSCI_AFFINITY_INFO_64:
        result = psci_affinity_info(config, a, b);
        break;
    case PSCI_CPU_SUSPEND_32:
    case PSCI_CPU_SUSPEND_64:
        result = psci_cpu_suspend(config, a, b);
        if (result == PSCI_SUCCESS)
            return (struct answer){BH_DO_SUSPEND, {0, PSCI_SUCCESS, 0}};
        break;
    case PSCI_SYSTEM_SUSPEND_32:
    case PSCI_SYSTEM_SUSPEND_64:
        result = psci_system_suspend(config, vcpu, a);
        if (result == PSCI_SUCCESS)
            return (struct answer){BH_DO_SUSPEND, {a, b, 1}};
        break;
    case PSCI_CPU_OFF:
        vuart_vcpu_off(vcpu);
        return (struct answer){BH_DO_OFF, {0}};
    case PSCI_SYSTEM_OFF:
        return psci_stop(config, BH_STOP_OFF);
    case PSCI_SYSTEM_RESET:
        return psci_stop(config, BH_STOP_RESET);
    case PSCI_SYSTEM_RESET2_32:
    case PSCI_SYSTEM_RESET2_64:
        if (a & 0xffffffffu) { /* only the warm reset that the specification defines */
            result = PSCI_INVALID_PARAMETERS;
            break;
        }
        return psci_stop(config, BH_STOP_RESET);
    case BH_GUEST_CRASH:
        return guest_crash(config, a, b);
    case BH_GUEST_STATE:
        return guest_state();
    case BH_GUEST_FAILURE:
        return guest_failure(a, b);
    default:
        break;
    }
    return (struct answer){BH_DO_RESUME, {(uint64_t)result, x1, x2, x3}};
}
