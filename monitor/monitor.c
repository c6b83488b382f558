/* SPDX-License-Identifier: BSD-2-Clause */
/* A partition's monitor: every upcall enters here, on the vCPU's own core, and ends in one return
 * to the kernel. */
#include "monitor.h"
#include "watchdog.h"

#include <bulkhead/console.h>
#include <bulkhead/control.h>
#include <bulkhead/doorbell.h>
#include <bulkhead/invoke.h>

enum {
    GICD_SIZE = 0x10000,
    GICD_V2_SIZE = 0x1000,
    GICC_SIZE = 0x2000,
    GICC_DIR = 0x1000,
    GICR_SIZE = 0x20000,
    UART_SIZE = 0x1000,
    GPIO_SIZE = 0x1000
};

struct access {
    uint32_t vcpu;
    bool write;
    uint64_t address;
    uint64_t bytes;
    uint64_t value;
};

/* True when the whole access lies in [base, base + size); sets the offset. */
static bool monitor_inside(const struct access *access, uint64_t base, uint64_t size,
                           uint64_t *offset)
{
    *offset = access->address - base; /* wraps to something large below base */
    return *offset < size && access->bytes <= size - *offset;
}

/* Its registers have 32 bits: an access of 64 is two of them, the lower one first. */
static uint64_t monitor_uart(const struct bh_mon_config *config, const struct access *access,
                             uint64_t offset)
{
    uint64_t value = 0;

    for (uint64_t at = 0; at < access->bytes; at += 4)
        if (access->write)
            vuart_write(config, access->vcpu, offset + at, access->value >> (8 * at));
        else
            value |= (vuart_read(config, access->vcpu, offset + at) & 0xffffffff) << (8 * at);
    return value;
}

static uint64_t monitor_control(const struct bh_mon_config *config, const struct access *access,
                                uint64_t offset)
{
    if (!access->write)
        return control_read(config, offset, access->bytes);
    control_write(config, offset, access->bytes, access->value);
    return 0;
}

static uint64_t monitor_doorbell(const struct bh_mon_config *config, const struct access *access,
                                 uint64_t offset)
{
    if (!access->write)
        return doorbell_read(config, offset, access->bytes);
    doorbell_write(config, offset, access->bytes);
    return 0;
}

static uint64_t monitor_gpio(const struct bh_mon_config *config, const struct access *access,
                             uint64_t offset)
{
    if (!access->write)
        return gpio_read(config, offset);
    gpio_write(config, offset, access->value);
    return 0;
}

/* True when the access is the interrupt controller's, and answered. */
static bool monitor_gicv2(const struct bh_mon_config *config, const struct access *access,
                          uint64_t *value)
{
    uint64_t offset;

    if (monitor_inside(access, config->gicd_base, GICD_V2_SIZE, &offset)) {
        if (access->write)
            vgicv2_write(config, access->vcpu, offset, access->bytes, access->value);
        else
            *value = vgicv2_read(config, access->vcpu, offset, access->bytes);
        return true;
    }
    if (!monitor_inside(access, config->gicr_base, GICC_SIZE, &offset))
        return false;
    if (access->write && access->bytes == 4 && offset == GICC_DIR)
        vgicv2_deactivate(access->vcpu, access->value);
    return true;
}

static bool monitor_gicv3(const struct bh_mon_config *config, const struct access *access,
                          uint64_t *value)
{
    uint64_t offset;

    if (monitor_inside(access, config->gicd_base, GICD_SIZE, &offset)) {
        if (access->write)
            vgic_dist_write(config, offset, access->bytes, access->value);
        else
            *value = vgic_dist_read(config, offset, access->bytes);
        return true;
    }
    if (!monitor_inside(access, config->gicr_base, (uint64_t)config->vcpus * GICR_SIZE, &offset))
        return false;
    if (access->write)
        vgic_redist_write(config, offset, access->bytes, access->value);
    else
        *value = vgic_redist_read(config, offset, access->bytes);
    return true;
}

static bool monitor_at_watchdog(const struct bh_mon_config *config, const struct access *access,
                                uint64_t *offset)
{
    if (config->watchdog == BH_MON_WATCHDOG_NONE)
        return false;
    if (monitor_inside(access, config->watchdog_base, WATCHDOG_FRAME, offset))
        return true;
    if (config->watchdog != BH_MON_WATCHDOG_SBSA ||
        !monitor_inside(access, config->watchdog_base + WATCHDOG_CONTROL, WATCHDOG_FRAME, offset))
        return false;
    *offset += WATCHDOG_CONTROL;
    return true;
}

static struct answer monitor_access(const struct bh_mon_config *config, const struct access *access)
{
    struct answer answer = {BH_DO_RESUME, {0}};
    uint64_t offset;

    if (config->gic == 2 ? monitor_gicv2(config, access, &answer.value[0])
                         : monitor_gicv3(config, access, &answer.value[0]))
        return answer;
    if (monitor_at_watchdog(config, access, &offset))
        return watchdog_access(config, access->vcpu, access->write, offset, access->bytes,
                               access->value);
    if ((config->flags & BH_MON_UART) &&
        monitor_inside(access, config->uart_base, UART_SIZE, &offset))
        answer.value[0] = monitor_uart(config, access, offset);
    else if (config->control_base &&
             monitor_inside(access, config->control_base, BH_CTL_SIZE, &offset))
        answer.value[0] = monitor_control(config, access, offset);
    else if (config->doorbells &&
             monitor_inside(access, config->doorbell_base, BH_DOORBELL_SIZE, &offset))
        answer.value[0] = monitor_doorbell(config, access, offset);
    else if (config->gpio_lines && monitor_inside(access, config->gpio_base, GPIO_SIZE, &offset))
        answer.value[0] = monitor_gpio(config, access, offset);
    else if (config->flags & BH_MON_LENIENT)
        answer.value[0] = ~(uint64_t)0;
    else if (config->flags & BH_MON_STRICT)
        return guest_unhandled(config, access->address);
    else
        answer.action = BH_DO_ABORT;
    return answer;
}

static struct answer monitor_timer(const struct bh_mon_config *config, uint32_t vcpu)
{
    uint32_t due = alarm_due(vcpu);

    if (due >> ALARM_UART & 1)
        vuart_timer(config, vcpu);
    if (due >> ALARM_WATCHDOG & 1)
        return watchdog_timer(config, vcpu);
    return (struct answer){BH_DO_RESUME, {0}};
}

/* Called by libcap/el0/start.S with the kernel's registers x0 to x5. A call has more arguments than
 * PSCI looks at, and HVC and SMC mean the same to a guest. */
_Noreturn void monitor_upcall(uint64_t kind, uint64_t vcpu, uint64_t x2, uint64_t x3, uint64_t x4,
                              uint64_t x5);
_Noreturn void monitor_upcall(uint64_t kind, uint64_t vcpu, uint64_t x2, uint64_t x3, uint64_t x4,
                              uint64_t x5)
{
    const struct bh_mon_config *config = (const struct bh_mon_config *)BH_MON_CONFIG;
    const uint32_t index = (uint32_t)vcpu;
    struct answer answer = {BH_DO_ABORT, {0}};

    switch ((enum bh_upcall)kind) {
    case BH_UPCALL_LOAD:
        port_init(config);
        if (config->gic == 2)
            vgicv2_load(config);
        answer = load_partition(config);
        watchdog_load(config); /* loading takes time that is not the guest's */
        break;
    case BH_UPCALL_MMIO_READ:
    case BH_UPCALL_MMIO_WRITE:
        answer = monitor_access(config,
                                &(struct access){index, kind == BH_UPCALL_MMIO_WRITE, x2, x3, x4});
        break;
    case BH_UPCALL_CALL:
        answer = psci_call(config, index, x2, x3, x4, x5);
        break;
    case BH_UPCALL_TIMER:
        answer = monitor_timer(config, index);
        break;
    case BH_UPCALL_EVENT: /* on vCPU 0's core, with a set of badges */
        if (vcpu >> BH_MON_BADGE_CONSOLE & 1)
            vuart_event(config, 0);
        if (vcpu >> BH_MON_BADGE_LINE)
            gpio_event(config, (uint32_t)(vcpu >> BH_MON_BADGE_LINE));
        answer.action = BH_DO_RESUME;
        break;
    }
    bh_svc(BH_RETURN, answer.action, answer.value[0], answer.value[1], answer.value[2],
           answer.value[3], 0, 0);
    __builtin_trap(); /* a return does not come back */
}
