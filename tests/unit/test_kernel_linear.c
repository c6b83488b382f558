/* SPDX-License-Identifier: BSD-2-Clause */
/* Linear memory and the seal. Whatever a manager splits, shares and maps, no page is in two
 * partitions unless it was shared, and after the seal nothing of the structure changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fake/random.h"
#include "fake/walker.h"
#include "fake/world.h"
#include "manager.h"
#include <string.h>

enum {
    STEPS = 100000,
    LIFE = 2000, /* steps before everything begins again: pools run empty */
    PAGES = 2048,
    FIRST = WORLD_FREE,
    SLOTS = 64
};

static uint64_t region;       /* where the pages lie that the steps play with */
static bool shared[PAGES];    /* was shared on purpose */
static uint8_t owner[PAGES];  /* partition that maps it; 0: none */
static uint32_t partition_at; /* that is looked at */

static void begin(void)
{
    world_begin();
    memset(shared, 0, sizeof(shared));
    region = world_caller->caps[WORLD_RAM].base;
    assert_int_equal(
        world_call(BH_CONTROL_CREATE, BH_ROOT_CONTROL, BH_TYPE_PARTITION, FIRST + SLOTS, 0, 0),
        BH_OK);
    assert_int_equal(
        world_call(BH_MEMORY_SPLIT, WORLD_RAM, FIRST + SLOTS + 1, PAGES * PAGE_SIZE, 0, 0), BH_OK);
    world_caller->caps[FIRST] = world_caller->caps[WORLD_RAM];
    world_caller->caps[WORLD_RAM] = (struct cap){0};
}

/* Capabilities that are not shared lie beside each other; shared ones only over what was shared. */
static void check_capabilities(void)
{
    uint32_t covered[PAGES] = {0};

    for (uint32_t slot = FIRST; slot < FIRST + SLOTS; slot++) {
        const struct cap *cap = &world_caller->caps[slot];

        if (cap->type != BH_TYPE_MEMORY)
            continue;
        assert_in_range(cap->base, region, region + (PAGES - 1) * PAGE_SIZE);
        assert_in_range(cap->size, PAGE_SIZE, region + PAGES * PAGE_SIZE - cap->base);
        for (uint64_t at = cap->base; at < cap->base + cap->size; at += PAGE_SIZE) {
            uint64_t page = (at - region) / PAGE_SIZE;

            assert_int_equal(cap->shared, shared[page]);
            assert_true(shared[page] || !covered[page]);
            covered[page]++;
        }
    }
    for (uint32_t page = 0; page < PAGES; page++)
        assert_true(covered[page]); /* nothing is lost either */
}

static void check_page(void *context, uint64_t at, uint64_t physical, uint64_t entry)
{
    uint64_t page = (physical - region) / PAGE_SIZE;
    bool guest = *(bool *)context;

    (void)at;
    assert_in_range(physical, region, region + (PAGES - 1) * PAGE_SIZE);
    /* Nothing is writable and executable outside the guest's own space. */
    assert_true(guest || !(entry >> 7 & 1) || entry >> 54 & 1);
    assert_true(!owner[page] || owner[page] == partition_at || shared[page]);
    owner[page] = (uint8_t)partition_at;
}

static void check_spaces(void)
{
    memset(owner, 0, sizeof(owner));
    for (partition_at = 1; partition_at < partition_count; partition_at++)
        for (uint32_t i = 0; i < BH_SPACES; i++) {
            bool guest = i == BH_SPACE_GUEST;

            walk_pages(&partitions[partition_at].space[i], check_page, &guest);
        }
}

static uint32_t any_slot(void)
{
    return FIRST + (uint32_t)random_below(SLOTS);
}

/* Mostly a capability that is there. */
static uint32_t taken_slot(void)
{
    for (uint32_t i = 0; i < 8; i++) {
        uint32_t slot = any_slot();

        if (world_caller->caps[slot].type)
            return slot;
    }
    return any_slot();
}

static void step(bool compare)
{
    static const uint32_t targets[] = {WORLD_PARTITION, WORLD_OTHER, FIRST + SLOTS, BH_ROOT_SELF};
    uint32_t slot = taken_slot();
    uint32_t to = any_slot();
    struct cap cap = world_caller->caps[slot];
    uint64_t pages = random_below(4) ? random_below(64) : random_below(PAGES + 2);
    uint64_t address = random_below(4) ? cap.base : random_below(1 << 12) * PAGE_SIZE;
    int64_t status;

    if (compare)
        image_save();
    switch (random_below(6)) {
    case 0:
    case 1:
    case 2:
        status = world_call(BH_MEMORY_SPLIT, slot, to, pages * PAGE_SIZE,
                            random_below(8) ? 0 : random_below(4), 0);
        break;
    case 3:
        status = random_below(4) ? BH_ERR_RANGE
                                 : world_call(BH_MEMORY_SHARE, slot, to, random_below(8), 0, 0);
        for (uint64_t at = 0; status == BH_OK && at < cap.size; at += PAGE_SIZE)
            shared[(cap.base + at - region) / PAGE_SIZE] = true;
        break;
    default:
        status = world_call(BH_MEMORY_MAP, slot, targets[random_below(4)], random_below(4),
                            address + (random_below(32) ? 0 : 8), random_below(9));
        break;
    }
    if (compare && status != BH_OK)
        assert_true(image_same());
}

static void linear(void **state)
{
    uint64_t seed = random_seed("linear");
    uint64_t steps = random_number("BULKHEAD_STEPS", STEPS);

    (void)state;
    random_state = seed;
    for (uint64_t i = 0; i < steps; i++) {
        if (i % LIFE == 0)
            begin();
        step(i % 37 == 0);
        if (i % 50 == 0)
            check_capabilities();
        if (i % 500 == 499)
            check_spaces();
    }
    check_capabilities();
    check_spaces();
}

/* --- the seal ------------------------------------------------------------------------------- */
static const struct {
    uint64_t label;
    enum bh_type type;
} structure[] = {
    {BH_CAP_COPY, BH_TYPE_EVENT},
    {BH_CONTROL_CREATE, BH_TYPE_CONTROL},
    {BH_CONTROL_POLICY, BH_TYPE_CONTROL},
    {BH_CONTROL_SEAL, BH_TYPE_CONTROL},
    {BH_MEMORY_SPLIT, BH_TYPE_MEMORY},
    {BH_MEMORY_SHARE, BH_TYPE_MEMORY},
    {BH_MEMORY_MAP, BH_TYPE_MEMORY},
    {BH_IRQ_SPLIT, BH_TYPE_IRQ},
    {BH_IRQ_BIND, BH_TYPE_IRQ},
    {BH_PARTITION_VCPU, BH_TYPE_PARTITION},
    {BH_PARTITION_MONITOR, BH_TYPE_PARTITION},
    {BH_VCPU_TIMER, BH_TYPE_VCPU},
    {BH_EVENT_BIND, BH_TYPE_EVENT},
    {BH_CORE_START, BH_TYPE_CORE},
};

static int64_t seal(void)
{
    return world_call(BH_CONTROL_SEAL, BH_ROOT_CONTROL, 0, 0, 0, 0);
}

/* What must be in place first. */
static void seal_refused(void **state)
{
    (void)state;
    world_begin();
    image_save();
    assert_int_equal(seal(), BH_ERR_STATE); /* no monitor */
    assert_true(image_same());
    world_call(BH_PARTITION_MONITOR, WORLD_PARTITION, 0x1000, 0x2000, 0x1000, 0);
    world_call(BH_PARTITION_MONITOR, WORLD_OTHER, 0x1000, 0x2000, 0x1000, 0);
    image_save();
    assert_int_equal(seal(), BH_ERR_STATE); /* no vCPU */
    assert_true(image_same());
    world_call(BH_PARTITION_VCPU, WORLD_OTHER, WORLD_CORE, WORLD_FREE, 0, 0);
    image_save();
    assert_int_equal(seal(), BH_ERR_STATE); /* its core is off */
    assert_true(image_same());
    cores[1].state = BH_CORE_ONLINE;
    /* Only the manager seals. */
    partitions[1].caps[1] = partitions[0].caps[BH_ROOT_CONTROL];
    world_caller = &partitions[1];
    image_save();
    assert_int_equal(world_call(BH_CONTROL_SEAL, 1, 0, 0, 0, 0), BH_ERR_STATE);
    assert_true(image_same());
    world_caller = &partitions[0];
    assert_int_equal(seal(), BH_OK);
}

static void sealed(void **state)
{
    struct cap *theirs;

    (void)state;
    world_begin();
    world_call(BH_PARTITION_MONITOR, WORLD_PARTITION, 0x1000, 0x2000, 0x1000, 0);
    world_call(BH_PARTITION_MONITOR, WORLD_OTHER, 0x1000, 0x2000, 0x1000, 0);
    world_call(BH_PARTITION_VCPU, WORLD_OTHER, WORLD_CORE, WORLD_FREE, 0, 0);
    world_call(BH_PARTITION_POLICY, WORLD_OTHER, BH_LIFE_MANUAL, 0, 0, 0);
    cores[1].state = BH_CORE_ONLINE;
    fake_self->user.x[5] = 0x5ec7e7;
    theirs = partitions[1].caps;
    for (uint32_t type = BH_TYPE_MEMORY; type <= BH_TYPE_CONTROL; type++)
        theirs[type] = partitions[0].caps[world_slot((enum bh_type)type)];
    assert_int_equal(seal(), BH_OK);

    /* The manager is gone: table, space, memory, registers. */
    assert_int_equal(partitions[0].slots, 0);
    for (uint32_t i = 0; i < LIMIT_MANAGER_SLOTS; i++)
        assert_int_equal(partitions[0].caps[i].type, BH_TYPE_NONE);
    assert_int_equal(walk_totals(&partitions[0].space[BH_SPACE_RUN]).bytes, 0);
    for (char *at = manager_image; at < manager_image_end; at++)
        assert_int_equal(*at, 0);
    assert_int_equal(fake_self->user.x[5], 0);
    assert_int_equal(fake_kicked, 2);
    assert_int_equal(partitions[1].state, BH_PARTITION_LOADING);
    assert_int_equal(partitions[2].state, BH_PARTITION_STOPPED); /* until it is started */
    assert_int_equal(world_call(BH_CAP_INSPECT, BH_ROOT_CONTROL, 0, 0, 0, 0), BH_ERR_SLOT);

    /* And whoever kept a capability changes nothing with it. */
    world_caller = &partitions[1];
    image_save();
    for (uint32_t i = 0; i < sizeof(structure) / sizeof(structure[0]); i++)
        for (uint32_t guest = 0; guest < 2; guest++) {
            struct cap cap = theirs[structure[i].type];

            world_guest = guest;
            if (guest && !(cap.rights & BH_RIGHT_GUEST))
                continue;
            assert_int_equal(world_call(structure[i].label, structure[i].type, 20, 0, 0, 0),
                             BH_ERR_SEALED);
        }
    assert_true(image_same());
    world_guest = false;
    /* What is not structure still works. */
    assert_int_equal(world_call(BH_VCPU_STATE, BH_TYPE_VCPU, 0, 0, 0, 0), BH_OK);
    assert_int_equal(world_call(BH_TIMER_SET, BH_TYPE_TIMER, 9, 0, 0, 0), BH_OK);
    assert_int_equal(world_call(BH_PARTITION_STATE, BH_TYPE_PARTITION, 0, 0, 0, 0), BH_OK);
    assert_int_equal(world_frame.x[1], BH_PARTITION_LOADING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linear),
        cmocka_unit_test(seal_refused),
        cmocka_unit_test(sealed),
    };

    return cmocka_run_group_tests_name("kernel_linear", tests, NULL, NULL);
}
