/* SPDX-License-Identifier: BSD-2-Clause */
/* Every capability call through the dispatcher: what libcap/include/bulkhead/call.h promises, error
 * by error; a call that fails changes nothing in the kernel, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fake/world.h"
#include "manager.h"
#include "platform.h"
#include <string.h>

enum { ANY = 0x1fe, HIGH = WORLD_FREE + 8, PAGE = 4096 };

#define SET(name) (1u << BH_TYPE_##name)

/* What call.h says of each label; `rights` are those that the invoked capability needs. */
static const struct rule {
    uint64_t label;
    uint32_t types; /* 0: any, the empty slot too */
    uint8_t rights;
    bool structure;
} rules[] = {
    {BH_CAP_INSPECT, 0, 0, false},
    {BH_CAP_COPY, ANY & ~(SET(MEMORY) | SET(IRQ)), 0, true},
    {BH_CONTROL_CONSOLE, SET(CONTROL), BH_RIGHT_CONSOLE, false},
    {BH_CONTROL_CREATE, SET(CONTROL), BH_RIGHT_CREATE, true},
    {BH_CONTROL_POLICY, SET(CONTROL), BH_RIGHT_SEAL, true},
    {BH_CONTROL_SEAL, SET(CONTROL), BH_RIGHT_SEAL, true},
    {BH_CONTROL_RESET, SET(CONTROL), BH_RIGHT_RESET, false},
    {BH_MEMORY_SPLIT, SET(MEMORY), 0, true},
    {BH_MEMORY_SHARE, SET(MEMORY), 0, true},
    {BH_MEMORY_MAP, SET(MEMORY), 0, true},
    {BH_IRQ_SPLIT, SET(IRQ), BH_RIGHT_MANAGE, true},
    {BH_IRQ_BIND, SET(IRQ), BH_RIGHT_MANAGE, true},
    {BH_PARTITION_VCPU, SET(PARTITION), BH_RIGHT_MANAGE, true},
    {BH_PARTITION_MONITOR, SET(PARTITION), BH_RIGHT_MANAGE, true},
    {BH_PARTITION_POLICY, SET(PARTITION), BH_RIGHT_MANAGE, true},
    {BH_PARTITION_STATE, SET(PARTITION), BH_RIGHT_STATE, false},
    {BH_PARTITION_FAILURE, SET(PARTITION), BH_RIGHT_STATE, false},
    {BH_PARTITION_CONTROL, SET(PARTITION), BH_RIGHT_CONTROL, false},
    {BH_PARTITION_EXITS, SET(PARTITION), BH_RIGHT_STATE, false},
    {BH_VCPU_START, SET(VCPU), BH_RIGHT_START, false},
    {BH_VCPU_STATE, SET(VCPU), BH_RIGHT_STATE, false},
    {BH_VCPU_TIMER, SET(VCPU), BH_RIGHT_START, true},
    {BH_VIRQ_READ, SET(VCPU) | SET(PARTITION), BH_RIGHT_VIRQ, false},
    {BH_VIRQ_WRITE, SET(VCPU) | SET(PARTITION), BH_RIGHT_VIRQ, false},
    {BH_EVENT_BIND, SET(EVENT), 0, true},
    {BH_EVENT_SIGNAL, SET(EVENT), BH_RIGHT_SIGNAL, false},
    {BH_TIMER_SET, SET(TIMER), BH_RIGHT_SET, false},
    {BH_CORE_START, SET(CORE), BH_RIGHT_MANAGE, true},
    {BH_CORE_STATE, SET(CORE), BH_RIGHT_MANAGE, false},
};

enum { RULES = sizeof(rules) / sizeof(rules[0]) };
_Static_assert(RULES == BH_LABEL_END - BH_LABEL_BASE, "a rule for each label");

static void labels(void **state)
{
    static const uint64_t none[] = {0,          BH_LABEL_BASE - 1, BH_LABEL_END,         BH_RETURN,
                                    0xffffffff, 0x84000000,        BH_LABEL_BASE + 0x100};

    (void)state;
    for (uint32_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        world_refuse(BH_ERR_LABEL, none[i], BH_ROOT_CONTROL, 0, 0, 0, 0);
    /* SMCCC: the identifier is 32 bits wide. */
    world_allow(0xffffffff00000000 | BH_CAP_INSPECT, BH_ROOT_CONTROL, 0, 0, 0, 0);
}

/* Slots, types and rights of every label. */
static void invoked_capability(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < RULES; i++) {
        const struct rule *rule = &rules[i];
        uint32_t right_type = rule->types ? (uint32_t)__builtin_ctz(rule->types) : BH_TYPE_CONTROL;
        struct cap weak = *world_cap(world_slot((enum bh_type)right_type));

        world_refuse(BH_ERR_SLOT, rule->label, LIMIT_MANAGER_SLOTS, 0, 0, 0, 0);
        world_refuse(BH_ERR_SLOT, rule->label, ~0ull, 0, 0, 0, 0);
        world_refuse(BH_ERR_SLOT, rule->label, 1ull << 32 | BH_ROOT_CONTROL, 0, 0, 0, 0);
        if (!rule->types)
            continue;
        world_refuse(BH_ERR_SLOT, rule->label, HIGH, 0, 0, 0, 0);
        for (uint32_t type = BH_TYPE_MEMORY; type <= BH_TYPE_CONTROL; type++)
            if (!(rule->types >> type & 1))
                world_refuse(BH_ERR_TYPE, rule->label, world_slot((enum bh_type)type), 0, 0, 0, 0);
        weak.rights = (uint8_t)~rule->rights;
        world_forge(HIGH, weak);
        if (rule->rights)
            world_refuse(BH_ERR_RIGHTS, rule->label, HIGH, 0, 0, 0, 0);
        world_forge(HIGH, (struct cap){0});
    }
}

/* A guest invokes what carries the right for it, and nothing else. */
static void guests(void **state)
{
    (void)state;
    world_guest = true;
    for (uint32_t i = 0; i < RULES; i++)
        for (uint32_t type = BH_TYPE_MEMORY; type <= BH_TYPE_CONTROL; type++) {
            struct cap cap = *world_cap(world_slot((enum bh_type)type));

            cap.rights &= (uint8_t)~BH_RIGHT_GUEST;
            world_forge(HIGH, cap);
            world_refuse(BH_ERR_RIGHTS, rules[i].label, HIGH, 0, 0, 0, 0);
        }
    world_forge(HIGH, (struct cap){0});
    world_refuse(BH_ERR_RIGHTS, BH_CAP_INSPECT, HIGH, 0, 0, 0, 0);
    world_allow(BH_VCPU_STATE, WORLD_VCPU, 0, 0, 0, 0);
    world_allow(BH_CAP_INSPECT, BH_ROOT_CONTROL, 0, 0, 0, 0);
}

static void root(void **state)
{
    static const struct {
        uint64_t base, size;
    } never[] = {PLATFORM_NEVER_MAP};
    uint64_t total = 0;
    uint64_t given = 0;

    (void)state;
    for (uint32_t slot = BH_ROOT_MEMORY; slot < WORLD_PARTITION; slot++) {
        const struct cap *cap = world_cap(slot);

        if (cap->type != BH_TYPE_MEMORY)
            continue;
        given += cap->size;
        assert_true(cap->base + cap->size <= mmu_physical(image_start).raw ||
                    cap->base >= mmu_physical(image_end).raw);
        for (uint32_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
            assert_true(cap->base + cap->size <= never[i].base ||
                        cap->base >= never[i].base + never[i].size);
    }
    for (uint32_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
        total += never[i].size;
    total += (uint64_t)(image_end - image_start);
    /* All that is not forbidden is given, but for the cut that world_begin threw away. */
    assert_true(given + total <= 1ull << 40);
}

static void inspect(void **state)
{
    (void)state;
    world_allow(BH_CAP_INSPECT, WORLD_RAM, 0, 0, 0, 0);
    assert_int_equal(world_frame.x[1], BH_TYPE_MEMORY | 7u << 8 | BH_KIND_RAM << 16);
    assert_int_equal(world_frame.x[2], world_cap(WORLD_RAM)->base);
    assert_int_equal(world_frame.x[3], 0x40000000);
    world_allow(BH_CAP_INSPECT, WORLD_IRQS, 0, 0, 0, 0);
    assert_int_equal(world_frame.x[1], BH_TYPE_IRQ | 0xff00);
    assert_int_equal(world_frame.x[2], 33);
    assert_int_equal(world_frame.x[3], 1019 - 32);
    world_allow(BH_CAP_INSPECT, WORLD_OTHER, 0, 0, 0, 0);
    assert_int_equal(world_frame.x[1], BH_TYPE_PARTITION | 0xff00);
    assert_int_equal(world_frame.x[2], 2);
    world_allow(BH_CAP_INSPECT, HIGH, 0, 0, 0, 0);
    assert_int_equal(world_frame.x[1], 0);
}

static void copy(void **state)
{
    (void)state;
    world_partition_argument(BH_CAP_COPY, WORLD_EVENT, 1, BH_RIGHTS_ALL, 0);
    world_refuse(BH_ERR_SLOT, BH_CAP_COPY, WORLD_EVENT, WORLD_OTHER, LIMIT_PARTITION_SLOTS, 1, 0);
    world_allow(BH_CAP_COPY, WORLD_EVENT, WORLD_OTHER, 1, 0x81, 0);
    assert_int_equal(partitions[2].caps[1].type, BH_TYPE_EVENT);
    assert_int_equal(partitions[2].caps[1].rights, 0x81);
    world_refuse(BH_ERR_SLOT, BH_CAP_COPY, WORLD_EVENT, WORLD_OTHER, 1, 1, 0);
    /* Authority over a partition goes to that one alone. */
    world_refuse(BH_ERR_RANGE, BH_CAP_COPY, WORLD_PARTITION, WORLD_OTHER, 2, 0xff, 0);
    world_refuse(BH_ERR_RANGE, BH_CAP_COPY, WORLD_VCPU, WORLD_OTHER, 2, 0xff, 0);
    world_refuse(BH_ERR_RANGE, BH_CAP_COPY, WORLD_TIMER, WORLD_OTHER, 2, 0xff, 0);
    world_refuse(BH_ERR_RANGE, BH_CAP_COPY, BH_ROOT_SELF, WORLD_OTHER, 2, 0xff, 0);
    /* But for what one may be allowed to do to another; and nothing of that to the manager. */
    for (uint32_t right = 1; right <= BH_RIGHTS_ALL; right <<= 1)
        if (!(right & (BH_RIGHT_CONTROL | BH_RIGHT_STATE | BH_RIGHT_GUEST)))
            world_refuse(BH_ERR_RANGE, BH_CAP_COPY, WORLD_PARTITION, WORLD_OTHER, 2,
                         right | BH_RIGHT_CONTROL, 0);
    world_refuse(BH_ERR_RANGE, BH_CAP_COPY, BH_ROOT_SELF, WORLD_OTHER, 2, BH_RIGHT_CONTROL, 0);
    world_refuse(BH_ERR_RANGE, BH_CAP_COPY, WORLD_VCPU, WORLD_OTHER, 2, BH_RIGHT_STATE, 0);
    world_allow(BH_CAP_COPY, WORLD_PARTITION, WORLD_OTHER, 2,
                BH_RIGHT_CONTROL | BH_RIGHT_STATE | BH_RIGHT_GUEST, 0);
    assert_int_equal(partitions[2].caps[2].rights,
                     BH_RIGHT_CONTROL | BH_RIGHT_STATE | BH_RIGHT_GUEST);
    assert_int_equal(partitions[2].caps[2].object, 1);
    world_allow(BH_CAP_COPY, WORLD_PARTITION, WORLD_PARTITION, 2, 5, 0);
    world_allow(BH_CAP_COPY, WORLD_VCPU, WORLD_PARTITION, 3, 0xff, 0);
    world_allow(BH_CAP_COPY, WORLD_TIMER, WORLD_PARTITION, 4, 0xff, 0);
}

static void control(void **state)
{
    (void)state;
    world_refuse(BH_ERR_RANGE, BH_CONTROL_CONSOLE, BH_ROOT_CONTROL, 0, 0, 0, 0);
    world_refuse(BH_ERR_RANGE, BH_CONTROL_CONSOLE, BH_ROOT_CONTROL, 41, 0, 0, 0);
    world_refuse(BH_ERR_RANGE, BH_CONTROL_CONSOLE, BH_ROOT_CONTROL, ~0ull, 0, 0, 0);
    for (uint32_t i = 0; i < 3 * LIMIT_LINE; i++) /* a line that never ends */
        world_allow(BH_CONTROL_CONSOLE, BH_ROOT_CONTROL, 1, 'x', 0, 0);
    world_allow(BH_CONTROL_CONSOLE, BH_ROOT_CONTROL, 40, 'x', 0, 0);
    world_refuse(BH_ERR_RANGE, BH_CONTROL_POLICY, BH_ROOT_CONTROL, 3, 0, 0, 0);
    world_refuse(BH_ERR_RANGE, BH_CONTROL_POLICY, BH_ROOT_CONTROL, 0, 1ull << 32, 0, 0);
    world_allow(BH_CONTROL_POLICY, BH_ROOT_CONTROL, BH_PLATFORM_RESET, BH_PLATFORM_OFF, 0, 0);
    assert_int_equal(machine_on_panic, BH_PLATFORM_RESET);
    assert_int_equal(machine_on_end, BH_PLATFORM_OFF);
    fake_system = FAKE_ON;
    assert_int_equal(world_call(BH_CONTROL_RESET, BH_ROOT_CONTROL, 0, 0, 0, 0), BH_ERR_PLATFORM);
    assert_int_equal(fake_system, FAKE_RESET); /* of this firmware it comes back */
}

static void exits(void **state)
{
    (void)state;
    vcpus[0].exits[EXIT_UPCALL] = 1;
    vcpus[0].exits[EXIT_INTERRUPT] = 1ull << 40;
    vcpus[0].exits[EXIT_TRAP] = 3;
    world_refuse(BH_ERR_RANGE, BH_PARTITION_EXITS, WORLD_PARTITION, 1, 0, 0, 0);
    world_refuse(BH_ERR_RANGE, BH_PARTITION_EXITS, WORLD_PARTITION, ~0ull, 0, 0, 0);
    world_refuse(BH_ERR_RANGE, BH_PARTITION_EXITS, WORLD_PARTITION, 1ull << 32, 0, 0, 0);
    world_refuse(BH_ERR_RANGE, BH_PARTITION_EXITS, WORLD_OTHER, 0, 0, 0, 0);
    world_allow(BH_PARTITION_EXITS, WORLD_PARTITION, 0, 0, 0, 0);
    assert_int_equal(world_frame.x[1], 1);
    assert_int_equal(world_frame.x[2], 1ull << 40);
    assert_int_equal(world_frame.x[3], 3);
}

/* One that is started by hand; but not before the seal. */
static void manual(void **state)
{
    (void)state;
    world_refuse(BH_ERR_RANGE, BH_PARTITION_POLICY, WORLD_PARTITION, 8, 0, 0, 0);
    world_allow(BH_PARTITION_POLICY, WORLD_OTHER, BH_LIFE_MANUAL, 0, 0, 0);
    assert_true(partitions[2].manual);
    world_refuse(BH_ERR_STATE, BH_PARTITION_CONTROL, WORLD_OTHER, BH_PARTITION_DO_START, 0, 0, 0);
}

/* Creates until the pool is empty: so many succeed. */
static void create_all(enum bh_type type, uint32_t exist, uint32_t limit)
{
    for (uint32_t i = exist; i < limit; i++) {
        world_allow(BH_CONTROL_CREATE, BH_ROOT_CONTROL, type, HIGH + i, 100 + i, 0);
        assert_int_equal(world_cap(HIGH + i)->object, i);
        assert_int_equal(world_cap(HIGH + i)->type, type);
        memset(&world_caller->caps[HIGH + i], 0, sizeof(struct cap));
    }
    world_refuse(BH_ERR_POOL, BH_CONTROL_CREATE, BH_ROOT_CONTROL, type, HIGH, 99, 0);
}

static void create(void **state)
{
    (void)state;
    world_refuse(BH_ERR_SLOT, BH_CONTROL_CREATE, BH_ROOT_CONTROL, BH_TYPE_EVENT, WORLD_RAM, 0, 0);
    world_refuse(BH_ERR_SLOT, BH_CONTROL_CREATE, BH_ROOT_CONTROL, BH_TYPE_EVENT, ~0ull, 0, 0);
    for (uint64_t type = 0; type < 20; type++)
        if (type != BH_TYPE_PARTITION && type != BH_TYPE_EVENT && type != BH_TYPE_CORE)
            world_refuse(BH_ERR_RANGE, BH_CONTROL_CREATE, BH_ROOT_CONTROL, type, HIGH, 9, 0);
    world_refuse(BH_ERR_TAKEN, BH_CONTROL_CREATE, BH_ROOT_CONTROL, BH_TYPE_CORE, HIGH, 1, 0);
    world_refuse(BH_ERR_RANGE, BH_CONTROL_CREATE, BH_ROOT_CONTROL, BH_TYPE_CORE, HIGH, 1 << 24, 0);
    create_all(BH_TYPE_PARTITION, 3, 1 + LIMIT_PARTITIONS);
    create_all(BH_TYPE_EVENT, 1, LIMIT_EVENTS);
    create_all(BH_TYPE_CORE, 2, LIMIT_CORES);
}

static void split(void **state)
{
    (void)state;
    world_refuse(BH_ERR_SLOT, BH_MEMORY_SPLIT, WORLD_RAM, WORLD_EVENT, PAGE, 0, 0);
    world_refuse(BH_ERR_SLOT, BH_MEMORY_SPLIT, WORLD_RAM, WORLD_RAM, PAGE, 0, 0);
    world_refuse(BH_ERR_SLOT, BH_MEMORY_SPLIT, WORLD_RAM, LIMIT_MANAGER_SLOTS, PAGE, 0, 0);
    world_refuse(BH_ERR_ALIGN, BH_MEMORY_SPLIT, WORLD_RAM, HIGH, PAGE + 1, 0, 0);
    world_refuse(BH_ERR_RANGE, BH_MEMORY_SPLIT, WORLD_RAM, HIGH, 0, 0, 0);
    world_refuse(BH_ERR_RANGE, BH_MEMORY_SPLIT, WORLD_RAM, HIGH, 0x40000000, 0, 0);
    world_refuse(BH_ERR_RANGE, BH_MEMORY_SPLIT, WORLD_RAM, HIGH, ~0xfffull, 0, 0);
    world_refuse(BH_ERR_RANGE, BH_MEMORY_SPLIT, WORLD_RAM, HIGH, PAGE, BH_KIND_UNCACHED + 1, 0);
    world_refuse(BH_ERR_STATE, BH_MEMORY_SPLIT, WORLD_RAM, HIGH, PAGE, BH_KIND_DEVICE, 0);
    world_refuse(BH_ERR_STATE, BH_MEMORY_SPLIT, WORLD_RAM, WORLD_RAM, 0, BH_KIND_DEVICE, 0);
    world_allow(BH_MEMORY_SPLIT, WORLD_UNTYPED, HIGH, 3 * PAGE, BH_KIND_RAM, 0);
    assert_int_equal(world_cap(WORLD_UNTYPED)->kind, BH_KIND_UNTYPED);
    assert_int_equal(world_cap(WORLD_UNTYPED)->size, 3 * PAGE);
    assert_int_equal(world_cap(HIGH)->kind, BH_KIND_RAM);
    assert_int_equal(world_cap(HIGH)->base, world_cap(WORLD_UNTYPED)->base + 3 * PAGE);
    assert_int_equal(world_cap(HIGH)->size, 0x10000 - 3 * PAGE);
    world_allow(BH_MEMORY_SPLIT, WORLD_UNTYPED, WORLD_UNTYPED, 0, BH_KIND_DEVICE, 0);
    assert_int_equal(world_cap(WORLD_UNTYPED)->kind, BH_KIND_DEVICE);
    world_refuse(BH_ERR_STATE, BH_MEMORY_SPLIT, WORLD_UNTYPED, WORLD_UNTYPED, 0, BH_KIND_UNCACHED,
                 0);
    /* Not what is shared, nor what is mapped. */
    world_allow(BH_MEMORY_SHARE, HIGH, HIGH + 1, 7, 0, 0);
    world_refuse(BH_ERR_TAKEN, BH_MEMORY_SPLIT, HIGH, HIGH + 2, PAGE, 0, 0);
    world_refuse(BH_ERR_TAKEN, BH_MEMORY_SPLIT, HIGH + 1, HIGH + 2, PAGE, 0, 0);
    world_allow(BH_MEMORY_MAP, WORLD_DEVICE, WORLD_OTHER, BH_SPACE_GUEST, 0, 3);
    world_refuse(BH_ERR_TAKEN, BH_MEMORY_SPLIT, WORLD_DEVICE, HIGH + 2, PAGE, 0, 0);
}

static void share(void **state)
{
    (void)state;
    world_refuse(BH_ERR_SLOT, BH_MEMORY_SHARE, WORLD_DEVICE, WORLD_DEVICE, 7, 0, 0);
    world_allow(BH_MEMORY_SHARE, WORLD_DEVICE, HIGH, 1, 0, 0);
    assert_true(world_cap(WORLD_DEVICE)->shared && world_cap(HIGH)->shared);
    assert_int_equal(world_cap(HIGH)->rights, 1);
    assert_int_equal(world_cap(HIGH)->size, world_cap(WORLD_DEVICE)->size);
    /* Each copy is one partition's; a shared one may be shared again though it is mapped. */
    world_allow(BH_MEMORY_MAP, WORLD_DEVICE, WORLD_OTHER, BH_SPACE_GUEST, 0, 3);
    world_allow(BH_MEMORY_MAP, HIGH, WORLD_PARTITION, BH_SPACE_GUEST, 0, 1);
    world_refuse(BH_ERR_TAKEN, BH_MEMORY_MAP, HIGH, WORLD_OTHER, BH_SPACE_RUN, 0, 1);
    world_allow(BH_MEMORY_SHARE, HIGH, HIGH + 1, 7, 0, 0);
    assert_int_equal(world_cap(HIGH + 1)->rights, 1); /* never more */
    world_allow(BH_MEMORY_MAP, HIGH + 1, WORLD_OTHER, BH_SPACE_RUN, 0, 1);
    world_allow(BH_MEMORY_MAP, WORLD_RAM, WORLD_OTHER, BH_SPACE_GUEST, 0x40000000, 7);
    world_refuse(BH_ERR_TAKEN, BH_MEMORY_SHARE, WORLD_RAM, HIGH + 2, 7, 0, 0);
}

static void map(void **state)
{
    struct cap weak = *world_cap(WORLD_RAM);

    (void)state;
    world_partition_argument(BH_MEMORY_MAP, WORLD_RAM, BH_SPACE_GUEST, 0, 1);
    world_refuse(BH_ERR_RANGE, BH_MEMORY_MAP, WORLD_RAM, WORLD_OTHER, BH_SPACES, 0, 1);
    world_refuse(BH_ERR_RANGE, BH_MEMORY_MAP, WORLD_RAM, BH_ROOT_SELF, BH_SPACE_GUEST, 0, 1);
    world_refuse(BH_ERR_RANGE, BH_MEMORY_MAP, WORLD_RAM, BH_ROOT_SELF, BH_SPACE_LOAD, 0, 1);
    world_refuse(BH_ERR_STATE, BH_MEMORY_MAP, WORLD_UNTYPED, WORLD_OTHER, BH_SPACE_GUEST, 0, 1);
    for (uint64_t rights = 0; rights < 16; rights++)
        for (uint64_t space = 0; space < BH_SPACES; space++) {
            bool fits = rights == 1 || rights == 3 || rights == 5;

            if (!fits && !(rights == 7 && space == BH_SPACE_GUEST))
                world_refuse(BH_ERR_RANGE, BH_MEMORY_MAP, WORLD_RAM, WORLD_OTHER, space, 0, rights);
            if (rights & BH_RIGHT_EXEC)
                world_refuse(BH_ERR_RANGE, BH_MEMORY_MAP, WORLD_DEVICE, WORLD_OTHER, space, 0,
                             rights);
        }
    weak.rights = BH_RIGHT_READ;
    world_forge(HIGH, weak);
    world_refuse(BH_ERR_RIGHTS, BH_MEMORY_MAP, HIGH, WORLD_OTHER, BH_SPACE_GUEST, 0, 3);
    world_forge(HIGH, (struct cap){0});
    world_refuse(BH_ERR_ALIGN, BH_MEMORY_MAP, WORLD_RAM, WORLD_OTHER, BH_SPACE_GUEST, 1, 7);
    world_refuse(BH_ERR_RANGE, BH_MEMORY_MAP, WORLD_RAM, WORLD_OTHER, BH_SPACE_GUEST, 1ull << 40,
                 7);
    /* The manager's own window does not bind; a partition's mapping does. */
    world_allow(BH_MEMORY_MAP, WORLD_RAM, BH_ROOT_SELF, BH_SPACE_RUN, 0x100000000, 3);
    assert_int_equal(world_cap(WORLD_RAM)->bound, 0);
    world_allow(BH_MEMORY_MAP, WORLD_RAM, WORLD_OTHER, BH_SPACE_GUEST, 0x40000000, 7);
    world_refuse(BH_ERR_TAKEN, BH_MEMORY_MAP, WORLD_RAM, WORLD_OTHER, BH_SPACE_GUEST, 0x40001000,
                 7);
    world_refuse(BH_ERR_TAKEN, BH_MEMORY_MAP, WORLD_RAM, WORLD_PARTITION, BH_SPACE_GUEST, 0, 7);
    world_allow(BH_MEMORY_MAP, WORLD_RAM, WORLD_OTHER, BH_SPACE_LOAD, 0x40000000, 3);
    /* 256 tables cannot map 1 GiB by pages. */
    world_allow(BH_MEMORY_MAP, WORLD_DEVICE, WORLD_PARTITION, BH_SPACE_RUN, 0, 1);
    world_refuse(BH_ERR_POOL, BH_MEMORY_MAP, WORLD_RAM, WORLD_OTHER, BH_SPACE_RUN, PAGE, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(labels, world_setup),
        cmocka_unit_test_setup(invoked_capability, world_setup),
        cmocka_unit_test_setup(guests, world_setup),
        cmocka_unit_test_setup(root, world_setup),
        cmocka_unit_test_setup(inspect, world_setup),
        cmocka_unit_test_setup(copy, world_setup),
        cmocka_unit_test_setup(control, world_setup),
        cmocka_unit_test_setup(exits, world_setup),
        cmocka_unit_test_setup(manual, world_setup),
        cmocka_unit_test_setup(create, world_setup),
        cmocka_unit_test_setup(split, world_setup),
        cmocka_unit_test_setup(share, world_setup),
        cmocka_unit_test_setup(map, world_setup),
    };

    return cmocka_run_group_tests_name("kernel_cap", tests, NULL, NULL);
}
