/* SPDX-License-Identifier: BSD-2-Clause */
/* The virtual CPU interface as IHI 0069 describes it (chapter 5 and section 12.4): list registers,
 * and what a guest's accesses do to them. Written from the specification, not from the kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

struct ich *fake_ich;

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

enum { INVALID = 0, PENDING = 1, ACTIVE = 2, BOTH = 3 };

static void list_set_state(uint64_t *list, uint32_t state)
{
    *list = (*list & ~(3ull << 62)) | (uint64_t)state << 62;
}

void ich_fake_init(struct ich *ich)
{
    memset(ich, 0, sizeof(*ich));
    ich->mask = 0xf8;
    ich->groups = 3;
}

/* The kernel's half: what kernel/arm64/ich.c offers. */
uint32_t ich_count(void)
{
    return ICH_LISTS;
}

uint64_t ich_read(uint32_t n)
{
    assert_in_range(n, 0, ICH_LISTS - 1);
    return fake_ich->list[n];
}

/* What the architecture forbids in list registers (12.4.8) fails at once. */
void ich_write(uint32_t n, uint64_t value)
{
    assert_in_range(n, 0, ICH_LISTS - 1);
    if (list_state(value) != INVALID) {
        assert_false(list_linked(value) && list_state(value) == BOTH);
        for (uint32_t i = 0; i < ICH_LISTS; i++)
            if (i != n && list_state(fake_ich->list[i]) != INVALID)
                assert_int_not_equal(list_intid(fake_ich->list[i]), list_intid(value));
    }
    fake_ich->list[n] = value;
}

uint32_t ich_empty(void)
{
    uint32_t empty = 0;

    for (uint32_t i = 0; i < ICH_LISTS; i++) /* 12.4.7 ICH_ELRSR_EL2 */
        empty |= (uint32_t)(list_state(fake_ich->list[i]) == INVALID &&
                            (list_linked(fake_ich->list[i]) || !(fake_ich->list[i] >> 41 & 1)))
                 << i;
    return empty;
}

void ich_control(bool outside, bool active_outside)
{
    bool split = fake_ich->split;

    fake_ich->underflow = outside;
    fake_ich->no_pending = outside && split;
    fake_ich->trap = true; /* always: any vCPU may deactivate what another one has */
    fake_ich->count_maintenance = active_outside && !split;
    fake_ich->count = 0; /* ICH_HCR_EL2 is written whole */
}

uint32_t ich_take_eoicount(void)
{
    uint32_t count = fake_ich->count;

    fake_ich->count = 0;
    return count;
}

uint32_t ich_groups(void)
{
    return fake_ich->groups;
}

bool ich_split_eoi(void)
{
    return fake_ich->split;
}

void ich_reset(void)
{
    ich_fake_init(fake_ich);
}

void ich_off(void)
{
}

/* The guest's half. */
static uint32_t ich_running(const struct ich *ich)
{
    uint32_t active = ich->active[0] | ich->active[1];

    return active ? (uint32_t)__builtin_ctz(active) * 8 : 0xff;
}

static int ich_candidate(const struct ich *ich)
{
    int best = -1;

    for (int n = 0; n < ICH_LISTS; n++) {
        uint64_t list = ich->list[n];

        if (list_state(list) != PENDING || !(ich->groups >> list_group(list) & 1))
            continue;
        if (best < 0 || list_priority(list) < list_priority(ich->list[best]))
            best = n;
    }
    if (best < 0 || list_priority(ich->list[best]) >= ich->mask ||
        list_priority(ich->list[best]) >= ich_running(ich))
        return -1;
    return best;
}

uint32_t ich_highest(const struct ich *ich, uint32_t *group)
{
    int n = ich_candidate(ich);

    if (n < 0)
        return ICH_NONE;
    *group = list_group(ich->list[n]);
    return list_intid(ich->list[n]);
}

uint32_t ich_acknowledge(struct ich *ich, uint32_t *group)
{
    int n = ich_candidate(ich);

    if (n < 0)
        return ICH_NONE;
    *group = list_group(ich->list[n]);
    list_set_state(&ich->list[n], ACTIVE);
    ich->active[*group] |= 1u << list_priority(ich->list[n]) / 8;
    return list_intid(ich->list[n]);
}

/* Deactivates in a list register; false: it is in none. */
static bool ich_deactivate_listed(struct ich *ich, uint32_t intid)
{
    for (uint32_t n = 0; n < ICH_LISTS; n++) {
        uint64_t list = ich->list[n];

        if (list_intid(list) != intid || !(list_state(list) & ACTIVE))
            continue;
        list_set_state(&ich->list[n], list_state(list) & PENDING);
        if (list_linked(list))
            gic_deactivate((uint32_t)(list >> 32 & 0x1fff));
        return true;
    }
    return false;
}

/* A count that nobody asked for is kept too, as implementations do with EOImode 1. */
void ich_end(struct ich *ich, uint32_t intid, uint32_t group)
{
    assert_true(ich->active[group]);
    ich->active[group] &= ich->active[group] - 1;
    if (!ich->split && !ich_deactivate_listed(ich, intid))
        ich->count++;
}

bool ich_deactivate(struct ich *ich, uint32_t intid)
{
    if (ich->trap)
        return false;
    if (!ich_deactivate_listed(ich, intid))
        ich->count++;
    return true;
}

bool ich_maintenance(const struct ich *ich)
{
    uint32_t valid = 0;
    bool pending = false;
    bool ended = false;

    for (uint32_t n = 0; n < ICH_LISTS; n++) {
        uint64_t list = ich->list[n];

        valid += list_state(list) != INVALID;
        pending |= list_state(list) == PENDING;
        ended |= list_state(list) == INVALID && list >> 41 & 1 && !list_linked(list); /* EISR */
    }
    return ended || (ich->underflow && valid <= 1) || (ich->no_pending && !pending) ||
           (ich->count_maintenance && ich->count);
}
