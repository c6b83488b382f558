/* SPDX-License-Identifier: BSD-2-Clause */
/* Boots the kernel on the host as boot_main does, then creates objects by calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "manager.h"
#include "world.h"
#include <bulkhead/program.h>
#include <string.h>

struct frame world_frame;
bool world_guest;
struct partition *world_caller;

int64_t world_call(uint64_t label, uint64_t slot, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    struct frame frame = {.x = {label, slot, a, b, c, d, 0, 0, 0x1234}};

    world_frame = frame;
    call_dispatch(fake_self, world_caller, &world_frame, world_guest);
    assert_int_equal(world_frame.x[8], 0x1234);
    return (int64_t)world_frame.x[0];
}

void world_forge(uint32_t slot, struct cap cap)
{
    world_caller->caps[slot] = cap;
}

static void must(int64_t status)
{
    assert_int_equal(status, BH_OK);
}

static void world_boot(void)
{
    struct bh_program program = {.magic = BH_PROGRAM_MAGIC,
                                 .base = 0x200000,
                                 .entry = 0x200000 + sizeof(program),
                                 .text_size = 0x2000,
                                 .rodata_size = 0x1000,
                                 .ram_base = 0x203000,
                                 .ram_size = 0x5000,
                                 .stack_base = 0x206000,
                                 .stack_size = 0x2000};

    image_begin();
    regs_reset();
    regs_set("id_aa64mmfr0_el1", 2);
    memcpy(manager_image, &program, sizeof(program));
    memset(manager_image + sizeof(program), 0x5a, 0x8000 - sizeof(program));
    fake_self = core_add(0);
    fake_self->state = BH_CORE_ONLINE;
    fake_kicked = 0;
    fake_psci = 0;
    fake_turn = NULL;
    fake_wait = NULL;
    fake_system = FAKE_ON;
    fake_hooks = (struct fake_hooks){0};
    manager_start(fake_self, 0);
    world_caller = &partitions[0];
    world_guest = false;
}

void world_begin(void)
{
    uint32_t ram = BH_ROOT_MEMORY;

    world_boot();
    /* The root range right behind the image. */
    while (world_caller->caps[ram].base < mmu_physical(image_start).raw)
        ram++;
    must(world_call(BH_MEMORY_SPLIT, ram, WORLD_UNTYPED, 0x40000000, 0, 0));
    must(world_call(BH_MEMORY_SPLIT, ram, ram, 0, BH_KIND_RAM, 0));
    world_caller->caps[WORLD_RAM] = world_caller->caps[ram];
    world_caller->caps[ram] = (struct cap){0};
    must(world_call(BH_MEMORY_SPLIT, WORLD_UNTYPED, WORLD_FREE, 0x10000, 0, 0));
    must(world_call(BH_MEMORY_SPLIT, WORLD_FREE, WORLD_FREE + 1, 0x10000, 0, 0));
    must(world_call(BH_MEMORY_SPLIT, WORLD_FREE, WORLD_FREE, 0, BH_KIND_DEVICE, 0));
    world_caller->caps[WORLD_DEVICE] = world_caller->caps[WORLD_FREE];
    memset(&world_caller->caps[WORLD_FREE], 0, 2 * sizeof(struct cap));
    must(world_call(BH_CONTROL_CREATE, BH_ROOT_CONTROL, BH_TYPE_PARTITION, WORLD_PARTITION, 0, 0));
    must(world_call(BH_CONTROL_CREATE, BH_ROOT_CONTROL, BH_TYPE_PARTITION, WORLD_OTHER, 0, 0));
    must(world_call(BH_CONTROL_CREATE, BH_ROOT_CONTROL, BH_TYPE_EVENT, WORLD_EVENT, 0, 0));
    must(world_call(BH_CONTROL_CREATE, BH_ROOT_CONTROL, BH_TYPE_CORE, WORLD_CORE, 1, 0));
    must(world_call(BH_PARTITION_VCPU, WORLD_PARTITION, BH_ROOT_CORE, WORLD_VCPU, 0, 0));
    must(world_call(BH_VCPU_TIMER, WORLD_VCPU, WORLD_TIMER, 0, 0, 0));
    must(world_call(BH_IRQ_SPLIT, BH_ROOT_IRQ, WORLD_IRQS, 1, 0, 0));
    world_caller->caps[WORLD_IRQ] = world_caller->caps[BH_ROOT_IRQ];
    world_caller->caps[BH_ROOT_IRQ] = (struct cap){0};
}

uint32_t world_slot(enum bh_type type)
{
    switch (type) {
    case BH_TYPE_MEMORY:
        return WORLD_RAM;
    case BH_TYPE_IRQ:
        return WORLD_IRQ;
    case BH_TYPE_VCPU:
        return WORLD_VCPU;
    case BH_TYPE_PARTITION:
        return WORLD_PARTITION;
    case BH_TYPE_EVENT:
        return WORLD_EVENT;
    case BH_TYPE_TIMER:
        return WORLD_TIMER;
    case BH_TYPE_CORE:
        return WORLD_CORE;
    case BH_TYPE_CONTROL:
        return BH_ROOT_CONTROL;
    case BH_TYPE_NONE:
        break;
    }
    return WORLD_FREE;
}

int world_setup(void **state)
{
    (void)state;
    world_begin();
    return 0;
}

void world_refuse(int64_t status, uint64_t label, uint64_t slot, uint64_t a, uint64_t b, uint64_t c,
                  uint64_t d)
{
    image_save();
    assert_int_equal(world_call(label, slot, a, b, c, d), status);
    assert_true(image_same());
}

void world_allow(uint64_t label, uint64_t slot, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    assert_int_equal(world_call(label, slot, a, b, c, d), BH_OK);
}

const struct cap *world_cap(uint32_t slot)
{
    return &world_caller->caps[slot];
}

void world_partition_argument(uint64_t label, uint64_t slot, uint64_t b, uint64_t c, uint64_t d)
{
    struct cap weak = *world_cap(WORLD_OTHER);

    weak.rights = (uint8_t)~BH_RIGHT_MANAGE;
    world_forge(LIMIT_MANAGER_SLOTS - 1, weak);
    world_refuse(BH_ERR_SLOT, label, slot, LIMIT_MANAGER_SLOTS, b, c, d);
    world_refuse(BH_ERR_SLOT, label, slot, LIMIT_MANAGER_SLOTS - 2, b, c, d);
    world_refuse(BH_ERR_TYPE, label, slot, WORLD_EVENT, b, c, d);
    world_refuse(BH_ERR_RIGHTS, label, slot, LIMIT_MANAGER_SLOTS - 1, b, c, d);
    world_forge(LIMIT_MANAGER_SLOTS - 1, (struct cap){0});
}
