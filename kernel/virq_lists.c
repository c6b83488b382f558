/* SPDX-License-Identifier: BSD-2-Clause */
/* Choosing what is in the list registers (IHI 0069, 12.4.8 ICH_LR<n>_EL2).
 *
 * Rule: the list registers hold the most urgent interrupts, active or pending. With EOImode 0 the
 * guest deactivates in order of urgency, so what lies outside is touched only when the list
 * registers have run empty (underflow maintenance), or counted in EOIcount when it was quicker.
 * With EOImode 1 it deactivates in any order and through a trap, so active ones make room for
 * pending ones. */
#include "virq_lr.h"

/* Less urgent than any: nothing; or active because software wrote so, which only software ends. */
enum { KEY_NONE = (VIRQ_NOT_TAKEN & ~1) << 1 };

/* Shared interrupts may have been routed away while they were active or pending here. */
static bool lists_routed_here(const struct vcpu *vcpu, uint32_t intid)
{
    return intid < VIRQ_SPI_FIRST ||
           vcpu->partition->virq.bank[intid / 32 - 1].route[intid % 32] >> vcpu->index & 1;
}

/* What is no longer listed here may be pending for another vCPU that it is routed to; but while it
 * is active it is nobody else's, and to tell others is for nothing, or for ever when they do the
 * same.
 */
static void lists_hand_over(struct vcpu *vcpu, uint32_t intid)
{
    struct virq_bank *bank = virq_bank(vcpu->partition, vcpu, intid);

    if (intid >= VIRQ_SPI_FIRST && (lists_pending(bank) & ~bank->active) >> intid % 32 & 1)
        virq_tell(vcpu->partition, bank->route[intid % 32] & ~(1u << vcpu->index));
}

/* Reads list register n back into the bank; returns whether it is still in use. */
static bool lists_fold(struct vcpu *vcpu, uint32_t n)
{
    uint64_t lr = ich_read(n);
    uint32_t intid = vcpu->virq.intid[n];
    struct virq_bank *bank = virq_bank(vcpu->partition, vcpu, intid);
    uint32_t bit = 1u << intid % 32;

    if (lr & LR_ACTIVE)
        bank->active |= bit;
    else
        bank->active &= ~bit;
    if (!(lr & LR_PENDING))
        bank->latched &= ~bit;
    /* Where nothing is linked, all of it has to end: pending, too, is the physical one. */
    if (bank->unlinked & bit && !(lr & (PLATFORM_LINK ? LR_ACTIVE : LR_ACTIVE | LR_PENDING))) {
        bank->unlinked &= ~bit;
        gic_deactivate(bank->physical[intid % 32]);
    }
    if (lr & (LR_PENDING | LR_ACTIVE))
        return true;
    ich_write(n, 0); /* or its end would ask for maintenance for ever */
    bank->listed &= ~bit;
    vcpu->virq.used &= ~(1u << n);
    lists_hand_over(vcpu, intid);
    return false;
}

static void lists_evict(struct vcpu *vcpu, uint32_t n)
{
    uint32_t intid = vcpu->virq.intid[n];
    struct virq_bank *bank = virq_bank(vcpu->partition, vcpu, intid);
    uint32_t bit = 1u << intid % 32;

    if (lists_fold(vcpu, n)) {
        if (sources_kept(bank, bank->latched & bit))
            sources_return(bank, intid);
        bank->latch |= bank->latched & bit;
        bank->latched &= ~bit;
        bank->listed &= ~bit;
        bank->unlinked &= ~bit; /* it may come back by another way than lists_place */
        vcpu->virq.used &= ~(1u << n);
        ich_write(n, 0);
        lists_hand_over(vcpu, intid);
    }
}

static void lists_place(struct vcpu *vcpu, uint32_t n, uint32_t intid)
{
    struct virq_bank *bank = virq_bank(vcpu->partition, vcpu, intid);
    uint32_t index = intid % 32;
    uint32_t bit = 1u << index;
    bool here = lists_routed_here(vcpu, intid);
    bool active = bank->active & bit;
    uint32_t urgency = lists_urgency(bank, index);
    /* Its end must be seen: it goes elsewhere then, or has another priority or group. */
    bool watched = !here || (active && bank->running[index] != urgency);
    bool pending = !watched && lists_pending(bank) & lists_enabled(vcpu, bank) & bit;
    bool more = false;
    uint64_t lr = lists_describe(bank, intid, active ? bank->running[index] : urgency);

    if (sources_kept(bank, bit)) {
        pending = pending && !active; /* from another source: behind the active one's end */
        more = pending ? sources_take(bank, index) : bank->latch & bit;
        lr |= LR_PHYSICAL(bank->physical[index]) | (more ? LR_EOI : 0);
    }
    /* A link raises no maintenance and is not pending and active at once. Where an end must be
     * seen, or both be shown, the kernel ends the physical interrupt (lists_fold). */
    if (bank->hardware & bit && (!PLATFORM_LINK || (active && (pending || watched)))) {
        bank->unlinked |= bit;
        lr &= ~(LR_HW | LR_PHYSICAL(0x3ffull));
    } else {
        bank->unlinked &= ~bit;
    }
    if (!(lr & LR_HW) && (watched || bank->unlinked & bit))
        lr |= LR_EOI;
    lists_write(vcpu, bank, n, intid, lr | (active ? LR_ACTIVE : 0) | (pending ? LR_PENDING : 0));
    if (more)
        bank->latch |= bit;
}

/* An interrupt that is listed already: something new merges into it, pending besides active; and it
 * makes room when it is only pending and its group is off by now. */
static void lists_refresh(struct vcpu *vcpu, uint32_t n)
{
    uint32_t intid = vcpu->virq.intid[n];
    struct virq_bank *bank = virq_bank(vcpu->partition, vcpu, intid);
    uint32_t bit = 1u << intid % 32;
    bool enabled = lists_enabled(vcpu, bank) & bit;
    bool again = enabled && bank->latch & bit && lists_routed_here(vcpu, intid);

    if ((!enabled && ich_read(n) & LR_PENDING) ||
        (again &&
         (bank->hardware & bit || bank->running[intid % 32] != lists_urgency(bank, intid % 32)))) {
        lists_evict(vcpu, n); /* lists_place cuts the link, or does not show both */
    } else if (again && sources_kept(bank, bit)) {
        if (bank->latched & bit)
            sources_merge(bank, intid);
        if (bank->latch & bit)
            ich_write(n, ich_read(n) | LR_EOI);
    } else if (again) {
        ich_write(n, ich_read(n) | LR_PENDING);
        bank->latch &= ~bit;
        bank->latched |= bit;
    }
}

/* Urgency, lower first: priority, then active before pending of the same priority (it cannot be
 * preempted). */
static uint32_t lists_key(const struct virq_bank *bank, uint32_t index, bool split)
{
    bool active = bank->active >> index & 1;

    if (active && split)
        return KEY_NONE - 1;
    return active ? (bank->running[index] & ~1u) << 1 : bank->priority[index] * 2u + 1;
}

struct lists_choice {
    uint32_t key; /* KEY_NONE: there is none */
    uint32_t at;  /* INTID or list register */
};

/* The most urgent of a bank's interrupts in `set`. */
static struct lists_choice lists_best(const struct virq_bank *bank, uint32_t set, uint32_t first,
                                      bool split, struct lists_choice best)
{
    for (; set; set &= set - 1) {
        uint32_t index = lowest(set);
        uint32_t key = lists_key(bank, index, split);

        if (key < best.key)
            best = (struct lists_choice){key, first + index};
    }
    return best;
}

static uint32_t lists_active_outside(const struct vcpu *vcpu, const struct virq_bank *bank)
{
    uint32_t mine = bank->active & ~bank->listed;

    for (uint32_t left = bank == &vcpu->virq.bank ? 0 : mine; left; left &= left - 1)
        if (bank->holder[lowest(left)] != vcpu->index)
            mine &= ~(1u << lowest(left));
    return mine;
}

static uint32_t lists_pending_outside(const struct vcpu *vcpu, const struct virq_bank *bank)
{
    uint32_t mine = lists_pending(bank) & lists_enabled(vcpu, bank) & ~bank->listed & ~bank->active;

    for (uint32_t left = bank == &vcpu->virq.bank ? 0 : mine; left; left &= left - 1)
        if (!(bank->route[lowest(left)] >> vcpu->index & 1))
            mine &= ~(1u << lowest(left));
    return mine;
}

enum lists_kind { LISTS_PENDING = 1, LISTS_ACTIVE = 2 };

/* The most urgent interrupt outside the list registers; which kinds count is a set of enum
 * lists_kind. */
static struct lists_choice lists_outside(struct vcpu *vcpu, uint32_t kinds, uint32_t live)
{
    struct lists_choice best = {KEY_NONE, 0};

    for (; live; live &= live - 1) {
        uint32_t first = lowest(live) * 32;
        struct virq_bank *bank = virq_bank(vcpu->partition, vcpu, first);
        uint32_t set = 0;

        if (kinds & LISTS_PENDING)
            set |= lists_pending_outside(vcpu, bank);
        if (kinds & LISTS_ACTIVE)
            set |= lists_active_outside(vcpu, bank);
        best = lists_best(bank, set, first, false, best);
    }
    return best;
}

/* Deactivates the most urgent active interrupt outside the list registers: the guest has ended it
 * unseen. */
static void lists_end_outside(struct vcpu *vcpu)
{
    struct lists_choice ended =
        lists_outside(vcpu, LISTS_ACTIVE, ~0u >> (31 - vcpu->partition->virq.used));
    struct virq_bank *bank = virq_bank(vcpu->partition, vcpu, ended.at);

    if (ended.key == KEY_NONE)
        return;
    bank->active &= ~(1u << ended.at % 32);
    lists_hand_over(vcpu, ended.at);
    if (bank->hardware >> ended.at % 32 & 1)
        gic_deactivate(bank->physical[ended.at % 32]);
}

/* Everything that the guest has done: list registers first, so that what was ended outside them is
 * the most urgent of what was outside then. With EOImode 1 deactivations outside trap; what is
 * counted then (QEMU counts priority drops) means nothing. */
static void lists_fold_all(struct vcpu *vcpu)
{
    bool split = ich_split_eoi();

    for (uint32_t left = vcpu->virq.used; left; left &= left - 1)
        lists_fold(vcpu, lowest(left));
    for (uint32_t ended = ich_take_eoicount(); ended && !split; ended--)
        lists_end_outside(vcpu);
}

void lists_evict_all(struct vcpu *vcpu)
{
    lists_fold_all(vcpu);
    for (uint32_t left = vcpu->virq.used; left; left &= left - 1)
        lists_evict(vcpu, lowest(left));
    vcpu_due(vcpu, DUE_LISTS); /* the guest does not run before they are filled again */
}

/* A free list register, or the least urgent one. */
static struct lists_choice lists_victim(struct vcpu *vcpu, bool split)
{
    struct lists_choice worst = {0, 0};

    for (uint32_t n = 0; n < ich_count(); n++) {
        uint32_t intid = vcpu->virq.intid[n];
        uint32_t key;

        if (!(vcpu->virq.used >> n & 1))
            return (struct lists_choice){KEY_NONE, n};
        key = lists_key(virq_bank(vcpu->partition, vcpu, intid), intid % 32, split);
        if (key > worst.key)
            worst = (struct lists_choice){key, n};
    }
    return worst;
}

static bool lists_any_pending(const struct vcpu *vcpu)
{
    bool any = false;

    for (uint32_t left = vcpu->virq.used; left; left &= left - 1)
        any |= ich_read(lowest(left)) >> 62 == 1; /* and not active: as the maintenance sees it */
    return any;
}

void lists_fill(struct vcpu *vcpu)
{
    bool split = ich_split_eoi();
    uint32_t kinds = split ? LISTS_PENDING : LISTS_PENDING | LISTS_ACTIVE;
    uint32_t live = 0; /* banks with anything in them: most are quiet most of the time */
    struct lists_choice best;
    bool active;

    for (uint32_t i = 0; i <= vcpu->partition->virq.used; i++) {
        struct virq_bank *bank = virq_bank(vcpu->partition, vcpu, i * 32);

        lists_absorb(bank);
        if (bank->latch | bank->line | bank->active | bank->listed)
            live |= 1u << i;
    }
    lists_fold_all(vcpu);
    for (uint32_t left = vcpu->virq.used; left; left &= left - 1)
        lists_refresh(vcpu, lowest(left));
    /* Ends: each turn fills a free register or puts a more urgent interrupt in the place of a less
     * urgent one. */
    for (best = lists_outside(vcpu, kinds, live); best.key != KEY_NONE;
         best = lists_outside(vcpu, kinds, live)) {
        struct lists_choice victim = lists_victim(vcpu, split);

        if (best.key >= victim.key)
            break;
        if (victim.key != KEY_NONE)
            lists_evict(vcpu, victim.at);
        lists_place(vcpu, victim.at, best.at);
    }
    active = lists_outside(vcpu, LISTS_ACTIVE, live).key != KEY_NONE;
    vcpu->virq.calm = best.key == KEY_NONE && !active;
    ich_control(best.key != KEY_NONE, best.key != KEY_NONE && (split || lists_any_pending(vcpu)),
                active);
}
