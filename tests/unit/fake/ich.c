/* SPDX-License-Identifier: BSD-2-Clause */
/* The virtual CPU interface as IHI 0069 describes it (chapters 5 and 12.4, pseudocode of
 * ICV registers): list registers, their control, and what a guest's accesses do to them. Written
 * from the specification, not from the kernel. */
#include "arch.h"
#include <string.h>

struct ich *fake_ich;

#define HCR_EN      (1u << 0)
#define HCR_UIE     (1u << 1)
#define HCR_LRENPIE (1u << 2)
#define HCR_NPIE    (1u << 3)
#define HCR_VGRPIE  4 /* 0 enabled, 0 disabled, 1 enabled, 1 disabled */
#define HCR_TDIR    (1u << 14)
#define HCR_COUNT   27

enum { INVALID = 0, PENDING = 1, ACTIVE = 2, BOTH = 3, MINIMUM_BPR0 = 2, MINIMUM_BPR1 = 3 };

static uint32_t list_intid(uint64_t list)
{
    return (uint32_t)list;
}

static uint32_t list_priority(uint64_t list)
{
    return (uint32_t)(list >> 48 & 0xff);
}

static uint32_t list_group(uint64_t list)
{
    return (uint32_t)(list >> 60 & 1);
}

static bool list_linked(uint64_t list)
{
    return list >> 61 & 1;
}

static uint32_t list_state(uint64_t list)
{
    return (uint32_t)(list >> 62);
}

static void list_set_state(uint64_t *list, uint32_t state)
{
    *list = (*list & ~(3ull << 62)) | (uint64_t)state << 62;
}

void ich_fake_init(struct ich *ich, uint32_t lists)
{
    memset(ich, 0, sizeof(*ich));
    ich->lists = lists;
    for (uint32_t n = 0; n < lists; n++) /* reset values are unknown */
        ich->list[n] = ~0ull;
}

uint32_t ich_field(const struct ich *ich, enum ich_field field)
{
    return ich->vmcr >> (field >> 8) & ((1u << (field & 0xff)) - 1);
}

void ich_configure(struct ich *ich, enum ich_field field, uint32_t value)
{
    uint32_t shift = (uint32_t)field >> 8;
    uint32_t mask = ((1u << (field & 0xff)) - 1) << shift;
    uint32_t least = field == ICH_BPR0 ? MINIMUM_BPR0 : field == ICH_BPR1 ? MINIMUM_BPR1 : 0;

    if (field == ICH_PMR)
        value &= 0xf8; /* five bits of priority */
    ich->vmcr = (ich->vmcr & ~mask) | ((value < least ? least : value) << shift & mask);
}

uint32_t ich_eoicount(const struct ich *ich)
{
    return ich->hcr >> HCR_COUNT;
}

/* --- the hypervisor's half ------------------------------------------------------------------ */
/* CRm and op2 of an encoding: C11_1 is 11 << 3 | 1. */
static uint32_t ich_register(const char *name)
{
    uint32_t crm = (uint32_t)(name[10] - '0');

    name += 11;
    if (*name != '_')
        crm = crm * 10 + (uint32_t)(*name++ - '0');
    return crm << 3 | (uint32_t)(name[1] - '0');
}

static uint32_t ich_misr(const struct ich *ich)
{
    uint32_t valid = 0;
    bool pending = false;
    bool ended = false;
    uint32_t misr = 0;

    for (uint32_t n = 0; n < ich->lists; n++) {
        uint64_t list = ich->list[n];

        valid += list_state(list) != INVALID;
        pending |= list_state(list) == PENDING;
        ended |= list_state(list) == INVALID && list >> 41 & 1 && !list_linked(list);
    }
    misr |= ended;
    misr |= valid <= 1 ? ich->hcr & HCR_UIE : 0;
    misr |= ich_eoicount(ich) ? ich->hcr & HCR_LRENPIE : 0;
    misr |= pending ? 0 : ich->hcr & HCR_NPIE;
    for (uint32_t group = 0; group < 2; group++) {
        uint32_t off = !(ich->vmcr >> group & 1);

        misr |= ich->hcr & 1u << (HCR_VGRPIE + 2 * group + off);
    }
    return misr;
}

uint64_t ich_get(const char *name)
{
    const struct ich *ich = fake_ich;
    uint32_t at = ich_register(name);
    uint64_t empty = 0;

    switch (at) {
    case 8 << 3:
        return ich->active[0];
    case 9 << 3:
        return ich->active[1];
    case 11 << 3:
        return ich->hcr;
    case 11 << 3 | 1: /* ICH_VTR_EL2: five bits of priority and preemption */
        return 4u << 29 | 4u << 26 | (ich->no_dir_trap ? 0 : 1u << 19) | (ich->lists - 1);
    case 11 << 3 | 2:
        return ich_misr(ich);
    case 11 << 3 | 5: /* ICH_ELRSR_EL2: neither in use nor asking for maintenance */
        for (uint32_t n = 0; n < ich->lists; n++)
            if (list_state(ich->list[n]) == INVALID &&
                (list_linked(ich->list[n]) || !(ich->list[n] >> 41 & 1)))
                empty |= 1ull << n;
        return empty;
    case 11 << 3 | 7:
        return ich->vmcr;
    default:
        FAKE_REQUIRE(at >= 12 << 3 && at - (12 << 3) < ich->lists);
        return ich->list[at - (12 << 3)];
    }
}

/* What the architecture forbids in list registers (12.4.8) fails at once. */
static void ich_set_list(struct ich *ich, uint32_t n, uint64_t value)
{
    FAKE_REQUIRE(n < ich->lists);
    if (list_state(value) != INVALID) {
        FAKE_REQUIRE(!list_linked(value) || list_state(value) != BOTH);
        for (uint32_t i = 0; i < ich->lists; i++)
            FAKE_REQUIRE(i == n || list_state(ich->list[i]) == INVALID ||
                         list_intid(ich->list[i]) != list_intid(value));
    }
    ich->list[n] = value;
}

void ich_set(const char *name, uint64_t value)
{
    struct ich *ich = fake_ich;
    uint32_t at = ich_register(name);

    if (name[3] == '0' || at == (9 << 3 | 5)) /* ICC_SRE_EL1, ICC_SRE_EL2 */
        return;
    switch (at) {
    case 8 << 3:
    case 9 << 3:
        ich->active[at >> 3 & 1] = (uint32_t)value;
        break;
    case 11 << 3:
        ich->hcr = (uint32_t)value & ~(ich->no_dir_trap ? HCR_TDIR : 0);
        break;
    case 11 << 3 | 7:
        ich->vmcr = (uint32_t)value;
        ich_configure(ich, ICH_BPR0, ich_field(ich, ICH_BPR0));
        ich_configure(ich, ICH_BPR1, ich_field(ich, ICH_BPR1));
        break;
    default:
        FAKE_REQUIRE(at >= 12 << 3);
        ich_set_list(ich, at - (12 << 3), value);
        break;
    }
}

bool ich_maintenance(const struct ich *ich)
{
    return ich->hcr & HCR_EN && ich_misr(ich);
}

/* --- the guest's half ----------------------------------------------------------------------- */
/* Bits of a priority that count for preemption. */
static uint32_t ich_group_priority(const struct ich *ich, uint32_t priority, uint32_t group)
{
    uint32_t bits = group && !ich_field(ich, ICH_CBPR) ? ich_field(ich, ICH_BPR1)
                                                       : ich_field(ich, ICH_BPR0) + 1;

    return priority & ~((1u << bits) - 1);
}

uint32_t ich_running(const struct ich *ich)
{
    uint32_t active = ich->active[0] | ich->active[1];

    return active ? (uint32_t)__builtin_ctz(active) * 8 : 0xff;
}

/* The list register with the most urgent pending interrupt of an enabled group, or -1. */
static int ich_first(const struct ich *ich)
{
    int best = -1;

    if (!(ich->hcr & HCR_EN))
        return -1;
    for (int n = 0; n < (int)ich->lists; n++) {
        uint64_t list = ich->list[n];

        if (list_state(list) == PENDING && ich->vmcr >> list_group(list) & 1 &&
            (best < 0 || list_priority(list) < list_priority(ich->list[best])))
            best = n;
    }
    return best;
}

uint32_t ich_pending(const struct ich *ich, uint32_t group)
{
    int n = ich_first(ich);

    return n < 0 || list_group(ich->list[n]) != group ? ICH_NONE : list_intid(ich->list[n]);
}

uint32_t ich_acknowledge(struct ich *ich, uint32_t group)
{
    int n = ich_first(ich);
    uint32_t priority;

    if (n < 0 || list_group(ich->list[n]) != group)
        return ICH_NONE;
    priority = list_priority(ich->list[n]);
    if (priority >= ich_field(ich, ICH_PMR) ||
        ich_group_priority(ich, priority, group) >= ich_running(ich))
        return ICH_NONE;
    list_set_state(&ich->list[n], ACTIVE);
    ich->active[group] |= 1u << ich_group_priority(ich, priority, group) / 8;
    return list_intid(ich->list[n]);
}

/* The list register that has it active, or -1. */
static int ich_find_active(const struct ich *ich, uint32_t intid)
{
    for (int n = 0; n < (int)ich->lists; n++)
        if (list_intid(ich->list[n]) == intid && list_state(ich->list[n]) & ACTIVE)
            return n;
    return -1;
}

static void ich_list_deactivate(struct ich *ich, uint32_t n)
{
    uint64_t list = ich->list[n];

    list_set_state(&ich->list[n], list_state(list) & PENDING);
    if (list_linked(list))
        gic_deactivate((uint32_t)(list >> 32 & 0x1fff));
}

static void ich_count_end(struct ich *ich)
{
    ich->hcr += 1u << HCR_COUNT;
}

/* An end that finds no list register is counted with EOImode 1 too, as implementations do; one that
 * finds it with another group or priority than was dropped does not deactivate it. */
void ich_end(struct ich *ich, uint32_t intid, uint32_t group)
{
    uint32_t dropped = ich_running(ich);
    uint32_t from =
        ich->active[0] && 8u * (uint32_t)__builtin_ctz(ich->active[0]) == dropped ? 0 : 1;
    int n = ich_find_active(ich, intid);

    if (dropped == 0xff)
        return;
    ich->active[from] &= ich->active[from] - 1;
    if (n < 0)
        ich_count_end(ich);
    else if (!ich_field(ich, ICH_SPLIT) && list_group(ich->list[n]) == group &&
             ich_group_priority(ich, list_priority(ich->list[n]), group) == dropped)
        ich_list_deactivate(ich, (uint32_t)n);
}

bool ich_deactivate(struct ich *ich, uint32_t intid)
{
    int n = ich_find_active(ich, intid);

    if (ich->hcr & HCR_TDIR)
        return false;
    if (!ich_field(ich, ICH_SPLIT))
        return true;
    if (n < 0)
        ich_count_end(ich);
    else
        ich_list_deactivate(ich, (uint32_t)n);
    return true;
}
