/* SPDX-License-Identifier: BSD-2-Clause */
/* Virtual interrupts as the vCPU's own core meets them: before each entry, when others ask for
 * them, at the end; and the physical side of linked ones. */
#include "lib.h"
#include "object.h"
#include "virq_lr.h"
#include "virq_sources.h"

static void virq_end(const struct vcpu *vcpu, uint32_t physical)
{
    if (vcpu && vcpu->core != core_self())
        gic_deactivate_at(vcpu->core, physical);
    else
        gic_deactivate(physical);
}

void virq_physical(const struct virq_bank *bank, const struct vcpu *vcpu, uint32_t enabled,
                   uint32_t disabled, uint32_t dropped)
{
    for (uint32_t left = (enabled | disabled) & bank->hardware; !vcpu && left; left &= left - 1) {
        uint32_t bit = lowest(left);

        gic_enable(bank->physical[bit], enabled >> bit & 1);
    }
    for (uint32_t left = dropped & bank->hardware; left; left &= left - 1)
        virq_end(vcpu, bank->physical[lowest(left)]);
}

uint32_t virq_inputs(struct virq_bank *bank, const struct vcpu *vcpu, uint32_t mask)
{
    const struct core *core = vcpu ? vcpu->core : core_self();
    uint32_t asserted = 0;

    for (uint32_t left = mask & bank->hardware & ~bank->edge; left; left &= left - 1) {
        uint32_t bit = lowest(left);
        uint32_t physical = bank->physical[bit];

        if (gic_is_pending(core, physical)) {
            asserted |= 1u << bit;
        } else if (bank->latch & ~bank->active & 1u << bit && gic_is_active(core, physical)) {
            bank->latch &= ~(1u << bit);
            virq_end(vcpu, physical);
        }
    }
    return asserted;
}

void virq_serve(struct vcpu *vcpu)
{
    /* Acquire: pairs with the lock under which `hold` was raised; a miss is repeated by the kick.
     */
    if (!__atomic_load_n(&vcpu->virq.hold, __ATOMIC_ACQUIRE))
        return;
    lock_take(&vcpu->partition->lock);
    lists_evict_all(vcpu);
    lock_drop(&vcpu->partition->lock);
}

void virq_timer(struct vcpu *vcpu, uint32_t intid)
{
    bool done;

    lock_take(&vcpu->partition->lock);
    done = lists_again(vcpu, intid);
    lock_drop(&vcpu->partition->lock);
    if (!done)
        vcpu_arrived(vcpu, intid);
}

/* The lock is held, nobody holds this vCPU. */
static void virq_choose(struct vcpu *vcpu)
{
    /* Before the look at what has arrived: who finds it clear afterwards kicks. */
    uint32_t due = vcpu_done(vcpu, DUE_ARRIVED | DUE_LISTS);

    if (due & DUE_LISTS || (due & DUE_ARRIVED && !lists_add(vcpu)))
        lists_fill(vcpu);
}

void virq_deliver(struct vcpu *vcpu)
{
    struct virq_cpu *cpu = &vcpu->virq;
    struct lock *lock = &vcpu->partition->lock;

    lock_take(lock);
    while (cpu->hold) {
        lists_evict_all(vcpu);
        lock_drop(lock);
        /* Off the lock, or those who hold this vCPU would queue behind it for nothing. */
        while (__atomic_load_n(&cpu->hold, __ATOMIC_ACQUIRE))
            arch_relax();
        lock_take(lock);
    }
    virq_choose(vcpu);
    lock_drop(lock);
}

__attribute__((cold)) bool virq_wakes(struct vcpu *vcpu)
{
    struct partition *partition = vcpu->partition;
    uint32_t targets = 0;

    lock_take(&partition->lock);
    lists_evict_all(vcpu);
    ich_off(); /* nothing is listed: no maintenance before the next fill */
    /* Before the look at what has arrived, as in virq_deliver. */
    vcpu_done(vcpu, DUE_ARRIVED | DUE_LISTS);
    for (uint32_t first = 0; first <= partition->virq.used * 32; first += 32) {
        struct virq_bank *bank = virq_bank(partition, vcpu, first);
        uint32_t groups = (partition->virq.control & 1 ? ~bank->group : 0) |
                          (partition->virq.control & 2 ? bank->group : 0);
        uint32_t set;

        lists_absorb(bank);
        set = lists_pending(bank) & bank->enable & groups & ~bank->active;
        if (set)
            targets |= virq_targets(bank, first ? NULL : vcpu, set);
    }
    lock_drop(&partition->lock);
    return targets >> vcpu->index & 1;
}

void virq_quiesce(struct vcpu *vcpu)
{
    struct virq_bank *bank = &vcpu->virq.bank;

    lock_take(&vcpu->partition->lock);
    lists_evict_all(vcpu);
    lists_absorb(bank);
    virq_physical(bank, vcpu, 0, 0, bank->active | bank->latch);
    bank->active = 0;
    bank->latch = 0;
    /* Shared ones that are active stay so: no guest has them in hand any more. */
    for (uint32_t i = 0; i < LIMIT_SPI_BANKS; i++) {
        struct virq_bank *shared = &vcpu->partition->virq.bank[i];

        for (uint32_t left = shared->active; left; left &= left - 1)
            if (shared->holder[lowest(left)] == vcpu->index)
                shared->running[lowest(left)] = VIRQ_NOT_TAKEN;
    }
    if (SOURCES)
        memset(bank->route, 0, SOURCES_SGIS);
    lock_drop(&vcpu->partition->lock);
}

void virq_badges_done(struct partition *partition, uint32_t enable)
{
    struct virq_bank *bank = &partition->virq.bank[LIMIT_SPI_BANKS];

    /* It has been loaded: nobody else writes them. In one order with virq_pend: that sees this, or
     * core_upcall sees what has arrived. */
    if (enable)
        __atomic_store_n(&bank->enable, enable, __ATOMIC_SEQ_CST);
    virq_physical(bank, NULL, enable, 0, bank->active);
    bank->active = 0;
}

void virq_stop(struct partition *partition)
{
    lock_take(&partition->lock);
    for (uint32_t i = 0; i < VIRQ_BANKS; i++) {
        struct virq_bank *bank = &partition->virq.bank[i];

        lists_absorb(bank);
        virq_physical(bank, NULL, 0, bank->enable, bank->active | bank->latch);
        for (uint32_t left = bank->hardware; left; left &= left - 1)
            gic_route(bank->physical[lowest(left)], partition->vcpu[0]->core);
        /* As after reset; what is bound stays bound. */
        bank->edge = bank->wired;
        bank->enable = bank->latch = bank->line = bank->active = bank->group = 0;
        bank->listed = bank->latched = bank->unlinked = 0;
        memset(bank->priority, 0, sizeof(bank->priority));
        memset(bank->route, 1, sizeof(bank->route));
    }
    partition->virq.control = 0;
    for (uint32_t i = 0; i < partition->vcpu_count; i++)
        virq_init_cpu(&partition->vcpu[i]->virq);
    lock_drop(&partition->lock);
}
