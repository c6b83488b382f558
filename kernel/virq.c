/* SPDX-License-Identifier: BSD-2-Clause */
/* The virtual interrupt state machine (IHI 0069, chapters 4 and 12): what monitors and events
 * change. */
#include "virq.h"
#include "lib.h"
#include "object.h"
#include "virq_lr.h"
#include "virq_sources.h"

enum {
    TIMER_VIRTUAL = 27,
    TIMER_PHYSICAL = 30,
    PRIORITY_MASK = 0xf8 /* five bits */,
    GATHER_LOOKS = 64
};

void virq_init_cpu(struct virq_cpu *cpu)
{
    memset(cpu, 0, sizeof(*cpu));
    cpu->bank.own = true;
    cpu->bank.edge = 0xffff; /* SGIs are edge-triggered */
    cpu->bank.hardware = 1u << TIMER_VIRTUAL | 1u << TIMER_PHYSICAL;
    cpu->bank.physical[TIMER_VIRTUAL] = TIMER_VIRTUAL;
    cpu->bank.physical[TIMER_PHYSICAL] = TIMER_PHYSICAL;
}

void virq_init_shared(struct virq_shared *shared)
{
    for (uint32_t i = 0; i < VIRQ_BANKS; i++)
        memset(shared->bank[i].route, 1, sizeof(shared->bank[i].route));
}

static struct vcpu *virq_self(const struct partition *partition)
{
    struct vcpu *vcpu = core_self()->vcpu;

    return vcpu && vcpu->partition == partition ? vcpu : NULL;
}

uint32_t virq_targets(const struct virq_bank *bank, const struct vcpu *vcpu, uint32_t mask)
{
    uint32_t targets = 0;

    if (vcpu)
        return 1u << vcpu->index;
    for (; mask; mask &= mask - 1) {
        uint32_t bit = lowest(mask);

        /* In one order with the store in virq_write_wide and with what virq_pend set before: either
         * this sees the new route, or who wrote it sees the interrupt. */
        targets |= __atomic_load_n(&bank->route[bit], __ATOMIC_SEQ_CST);
        if (bank->listed >> bit & 1) /* routed away while it was active there */
            targets |= 1u << bank->holder[bit];
    }
    return targets;
}

/* One that is told already will look before it enters its guest: a storm of signals is one kick. */
static void virq_tell_one(struct vcpu *vcpu, uint32_t what)
{
    if (!(vcpu_due(vcpu, what) & (DUE_ARRIVED | DUE_LISTS)))
        core_kick(vcpu->core);
}

void virq_tell(const struct partition *partition, uint32_t targets)
{
    for (uint32_t i = 0; i < partition->vcpu_count; i++)
        if (targets >> i & 1)
            virq_tell_one(partition->vcpu[i], DUE_LISTS);
}

/* Keeps another vCPU from entering its guest. The kick is for whatever it does: it may be in its
 * monitor, and wait for the caller's there. */
static void virq_hold(struct vcpu *vcpu)
{
    vcpu->virq.hold++;
    vcpu_due(vcpu, DUE_LISTS);
    core_kick(vcpu->core);
}

/* Brings the state of the interrupts in `mask` back from list registers, wherever they are; other
 * vCPUs that had one are held at EL2 and returned as a set, for virq_release. Waits for cores of
 * this partition only, and serves theirs meanwhile. The lock is held before and after, not between.
 */
static uint32_t virq_gather(struct partition *partition, struct vcpu *vcpu, uint32_t intid,
                            uint32_t mask, uint32_t held)
{
    struct vcpu *self = virq_self(partition);
    const struct virq_bank *bank = virq_bank(partition, vcpu, intid);

    for (;;) {
        uint32_t remote = 0;
        uint32_t before;

        for (uint32_t left = bank->listed & mask; left; left &= left - 1) {
            uint32_t bit = lowest(left);
            struct vcpu *holder = vcpu ? vcpu : partition->vcpu[bank->holder[bit]];

            if (holder == self)
                lists_evict_all(self);
            else
                remote |= 1u << holder->index;
        }
        if (!remote)
            return held;
        for (uint32_t i = 0; i < partition->vcpu_count; i++)
            if ((remote & ~held) >> i & 1) {
                virq_hold(partition->vcpu[i]);
            }
        held |= remote;
        before = bank->listed;
        lock_drop(&partition->lock);
        /* Some looks without the lock, which those who shall give something back need. */
        for (uint32_t i = 0;
             i < GATHER_LOOKS && before == __atomic_load_n(&bank->listed, __ATOMIC_RELAXED); i++) {
            if (self)
                virq_serve(self);
            arch_relax();
        }
        lock_take(&partition->lock);
    }
}

/* The same for every interrupt of the partition: all its vCPUs are held first, so that none lists
 * anything again. */
static uint32_t virq_gather_all(struct partition *partition)
{
    struct vcpu *self = virq_self(partition);
    uint32_t held = 0;

    for (uint32_t i = 0; i < partition->vcpu_count; i++)
        if (partition->vcpu[i] != self) {
            virq_hold(partition->vcpu[i]);
            held |= 1u << i;
        }
    for (uint32_t i = 1; i <= LIMIT_SPI_BANKS; i++)
        held = virq_gather(partition, NULL, i * 32, ~0u, held);
    for (uint32_t i = 0; i < partition->vcpu_count; i++)
        held = virq_gather(partition, partition->vcpu[i], 0, ~0u, held);
    return held;
}

static void virq_release(struct partition *partition, uint32_t held, uint32_t targets)
{
    for (uint32_t i = 0; i < partition->vcpu_count; i++)
        if (held >> i & 1)
            partition->vcpu[i]->virq.hold--;
    lock_drop(&partition->lock);
    virq_tell(partition, targets | held);
}

int64_t virq_decode(const struct vcpu *vcpu, uint64_t field, uint64_t intid)
{
    bool single = field == BH_VIRQ_ROUTE;
    uint64_t unit = single ? 1 : field == BH_VIRQ_PRIORITY ? 4 : 32;

    if (field >= BH_VIRQ_FIELDS || intid >= VIRQ_SPI_FIRST * (LIMIT_SPI_BANKS + 1))
        return BH_ERR_RANGE;
    if (SOURCES && vcpu && single)
        return intid < SOURCES_SGIS ? BH_OK : BH_ERR_RANGE;
    if (vcpu ? intid >= VIRQ_SPI_FIRST || field >= BH_VIRQ_ROUTE : intid < VIRQ_SPI_FIRST)
        return BH_ERR_RANGE;
    return intid % unit ? BH_ERR_ALIGN : BH_OK;
}

static uint32_t *virq_word(struct virq_bank *bank, enum bh_virq_field field)
{
    switch (field) {
    case BH_VIRQ_ENABLE:
        return &bank->enable;
    case BH_VIRQ_PENDING:
        return &bank->latch;
    case BH_VIRQ_ACTIVE:
        return &bank->active;
    case BH_VIRQ_GROUP:
        return &bank->group;
    case BH_VIRQ_EDGE:
        return &bank->edge;
    case BH_VIRQ_LINE:
        return &bank->line;
    case BH_VIRQ_PRIORITY:
    case BH_VIRQ_ROUTE:
    case BH_VIRQ_CONTROL:
    case BH_VIRQ_BADGE:
    case BH_VIRQ_FIELDS:
        break;
    }
    return NULL;
}

uint64_t virq_read(struct partition *partition, struct vcpu *vcpu, uint64_t field, uint32_t intid)
{
    struct virq_bank *bank = virq_bank(partition, vcpu, intid);
    uint32_t *word = virq_word(bank, (enum bh_virq_field)field);
    uint32_t held = 0;
    uint64_t value = 0;

    lock_take(&partition->lock);
    if (field == BH_VIRQ_PENDING || field == BH_VIRQ_ACTIVE ||
        (SOURCES && vcpu && field == BH_VIRQ_ROUTE))
        held = virq_gather(partition, vcpu, intid, ~0u, 0);
    lists_absorb(bank);
    if (field == BH_VIRQ_PENDING)
        value = virq_inputs(bank, vcpu, ~0u) | lists_pending(bank);
    else if (word)
        value = *word;
    else if (field == BH_VIRQ_PRIORITY)
        for (uint32_t i = 0; i < 4; i++)
            value |= (uint64_t)bank->priority[intid % 32 + i] << (8 * i);
    else if (field == BH_VIRQ_BADGE)
        value = partition->virq.bank[LIMIT_SPI_BANKS].enable;
    else
        value = field == BH_VIRQ_ROUTE ? bank->route[intid % 32] : partition->virq.control;
    virq_release(partition, held, 0); /* what was taken from this vCPU itself is marked already */
    return value;
}

/* The word-wide fields. The lock is held, the interrupts of mask are out of the list registers. */
static void virq_write_word(struct virq_bank *bank, struct vcpu *vcpu, enum bh_virq_field field,
                            uint32_t value, uint32_t mask)
{
    uint32_t *word = virq_word(bank, field);
    uint32_t old = *word;
    uint32_t set = mask & value;
    uint32_t cleared = mask & ~value & old;

    if (field == BH_VIRQ_ENABLE || field == BH_VIRQ_PENDING)
        virq_inputs(bank, vcpu, set); /* nothing that is over by now */
    /* In one order with what virq_pend sets before it looks at the enables: either that sees the
     * new one, or who is told next sees the interrupt. */
    __atomic_store_n(word, (*word & ~cleared) | set, __ATOMIC_SEQ_CST);
    if (field == BH_VIRQ_LINE)
        bank->latch |= set & ~old & bank->edge;
    if (field == BH_VIRQ_ENABLE)
        virq_physical(bank, vcpu, set & ~old, cleared, 0);
    else if (field == BH_VIRQ_PENDING)
        virq_physical(bank, vcpu, 0, 0, cleared & ~bank->active);
    else if (field == BH_VIRQ_ACTIVE)
        virq_physical(bank, vcpu, 0, 0, cleared); /* what is pending as well comes again */
    for (uint32_t left = field == BH_VIRQ_ACTIVE ? set & ~old : 0; left; left &= left - 1) {
        uint32_t bit = lowest(left);

        /* One that is routed nowhere is vCPU 0's. */
        bank->holder[bit] = (uint8_t)(vcpu ? vcpu->index : lowest(bank->route[bit]));
        bank->running[bit] = VIRQ_NOT_TAKEN;
    }
}

/* Priority, route, group enables: fields with more than a bit. */
static void virq_write_wide(struct partition *partition, struct virq_bank *bank, uint64_t field,
                            uint32_t first, uint64_t value, uint64_t mask)
{
    if (field == BH_VIRQ_PRIORITY)
        for (uint32_t i = 0; i < 4; i++) {
            uint64_t byte = (bank->priority[first + i] & ~(mask >> (8 * i))) |
                            (value >> (8 * i) & mask >> (8 * i));

            bank->priority[first + i] = (uint8_t)(byte & PRIORITY_MASK);
        }
    else if (field == BH_VIRQ_CONTROL)
        partition->virq.control =
            (uint32_t)((partition->virq.control & ~mask) | (value & mask)) & 3;
    else if (sources_kept(bank, 1u << first))
        sources_write(bank, first, (uint32_t)value, (uint32_t)mask);
    else {
        uint8_t route = (uint8_t)(value & ((1u << partition->vcpu_count) - 1));

        __atomic_store_n(&bank->route[first], route, __ATOMIC_SEQ_CST);
        if (bank->hardware >> first & 1)
            gic_route(bank->physical[first], partition->vcpu[lowest(route)]->core);
    }
}

/* Which interrupts a write needs out of the list registers before it changes them. */
static uint32_t virq_affected(const struct virq_bank *bank, uint64_t field, uint32_t intid,
                              uint32_t value, uint32_t mask)
{
    switch ((enum bh_virq_field)field) {
    case BH_VIRQ_ENABLE:
        return mask & bank->enable & ~value;
    case BH_VIRQ_PENDING:
    case BH_VIRQ_ACTIVE:
        return mask;
    case BH_VIRQ_GROUP:
        return mask & (bank->group ^ value);
    case BH_VIRQ_EDGE:
        return mask & (bank->edge ^ value);
    case BH_VIRQ_LINE:
        return mask & bank->line & ~value;
    case BH_VIRQ_ROUTE:
        return 1u << intid % 32;
    case BH_VIRQ_PRIORITY:
        return 0xfu << intid % 32;
    case BH_VIRQ_CONTROL: /* virq_gather_all() */
    case BH_VIRQ_BADGE:
    case BH_VIRQ_FIELDS:
        break;
    }
    return 0;
}

void virq_write(struct partition *partition, struct vcpu *vcpu, uint64_t field, uint32_t intid,
                uint64_t value, uint64_t mask)
{
    struct virq_bank *bank = virq_bank(partition, vcpu, intid);
    uint32_t bits = field < BH_VIRQ_PRIORITY ? (uint32_t)mask : 0xfu << intid % 32;
    uint32_t held;
    uint32_t targets;

    if (field == BH_VIRQ_ROUTE)
        bits = 1u << intid % 32;
    if (SOURCES && vcpu && field == BH_VIRQ_ROUTE && !(mask & ~value)) {
        sources_send(vcpu, intid, (uint32_t)mask);
        return;
    }
    lock_take(&partition->lock);
    if (field == BH_VIRQ_BADGE) {
        virq_write_word(&partition->virq.bank[LIMIT_SPI_BANKS], NULL, BH_VIRQ_ENABLE,
                        (uint32_t)value, (uint32_t)mask);
        lock_drop(&partition->lock);
        if (partition->vcpu_count)                     /* before the seal there may be none */
            core_tell(partition->vcpu[0], DUE_UPCALL); /* what has come meanwhile */
        return;
    }
    if (partition->virq.used < intid / 32)
        partition->virq.used = intid / 32;
    held = virq_gather(partition, vcpu, intid,
                       virq_affected(bank, field, intid, (uint32_t)value, (uint32_t)mask), 0);
    if (field == BH_VIRQ_CONTROL)
        held = virq_gather_all(partition);
    lists_absorb(bank);
    targets = virq_targets(bank, vcpu, bits);
    if (virq_word(bank, (enum bh_virq_field)field))
        virq_write_word(bank, vcpu, (enum bh_virq_field)field, (uint32_t)value, (uint32_t)mask);
    else
        virq_write_wide(partition, bank, field, intid % 32, value, mask);
    targets |= virq_targets(bank, vcpu, bits); /* the new route too */
    if (field == BH_VIRQ_CONTROL)
        targets = ~0u;
    virq_release(partition, held, targets);
}

void virq_pend(struct partition *partition, struct vcpu *vcpu, uint32_t intid)
{
    struct virq_bank *bank = virq_bank(partition, vcpu, intid);
    uint32_t bit = 1u << intid % 32;

    /* No lock: the caller may be another partition. A route that changes meanwhile tells its new
     * vCPU itself. */
    __atomic_fetch_or(&bank->arrived, bit, __ATOMIC_SEQ_CST);
    if (vcpu)
        virq_tell_one(vcpu, DUE_ARRIVED);
    else if (!(__atomic_load_n(&bank->enable, __ATOMIC_SEQ_CST) & bit))
        return; /* it disturbs nobody: who enables it looks at what has arrived */
    else if (intid >= VIRQ_BADGES)
        core_tell(partition->vcpu[0], DUE_UPCALL);
    else
        virq_tell(partition, virq_targets(bank, NULL, bit));
}

void virq_sgi(struct partition *partition, uint32_t targets, uint32_t intid, uint32_t group)
{
    for (uint32_t i = 0; i < partition->vcpu_count; i++) {
        struct vcpu *vcpu = partition->vcpu[i];

        /* Relaxed: a group that changes at this moment has no order with the SGI. */
        if (targets >> i & 1 &&
            (__atomic_load_n(&vcpu->virq.bank.group, __ATOMIC_RELAXED) >> intid & 1) == group)
            virq_pend(partition, vcpu, intid);
    }
}

void virq_deactivate(struct vcpu *self, uint32_t intid)
{
    struct partition *partition = self->partition;
    bool private = intid < VIRQ_SPI_FIRST;

    if (intid < VIRQ_SPI_FIRST * (LIMIT_SPI_BANKS + 1))
        virq_write(partition, private ? self : NULL, BH_VIRQ_ACTIVE, intid & ~31u, 0,
                   1ull << intid % 32);
}
