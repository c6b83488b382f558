/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory maps of guests, RAM that a domain names itself, and direct maps. */
#include "plan_cases.h"
#include "plan_uart.h"

#include "plan_system.h" /* last: its variables have names that functions above use */

#define STATIC "xen,static-mem"

/* Sets a property to 64-bit numbers, address and size cells of /chosen (2 and 1 by default). */
static void set_ranges(const char *path, const uint64_t *numbers, size_t pairs)
{
    uint8_t bytes[12 * (PLAN_BANKS + 1)];

    for (size_t i = 0; i < pairs; i++) {
        fdt64_st(bytes + 12 * i, numbers[2 * i]);
        fdt32_st(bytes + 12 * i + 8, (uint32_t)numbers[2 * i + 1]);
    }
    assert_int_equal(fdt_setprop(system_tree, fdt_path_offset(system_tree, path), STATIC, bytes,
                                 (int)pairs * 12),
                     0);
}

#define SET(path, ...)                                                                             \
    set_ranges(path, (const uint64_t[]){__VA_ARGS__}, sizeof((const uint64_t[]){__VA_ARGS__}) / 16)

static void set_memory(const char *path, uint64_t kib)
{
    assert_int_equal(
        fdt_setprop_u64(system_tree, fdt_path_offset(system_tree, path), "memory", kib), 0);
}

static void set_word(const char *path, const char *property, const char *word)
{
    assert_int_equal(fdt_setprop(system_tree, fdt_path_offset(system_tree, path), property, word,
                                 (int)strlen(word) + 1),
                     0);
}

/* The machine has more RAM: so many 4 GiB from this address on. */
static void set_machine_ram(uint32_t high, uint32_t low, uint32_t size_high)
{
    const uint32_t cells[] = {high, low, size_high, 0};
    fdt32_t reg[4];

    for (int i = 0; i < 4; i++)
        reg[i] = cpu_to_fdt32(cells[i]);
    fixture_change(hardware,
                   &(struct fixture_change){"/memory@more", "device_type", TEXT("memory")});
    fixture_change(hardware,
                   &(struct fixture_change){"/memory@more", "reg", (const char *)reg, sizeof(reg)});
}

static void expect_bank(const struct plan_partition *partition, uint32_t bank, uint64_t guest,
                        uint64_t host, uint64_t size)
{
    assert_true(bank < partition->bank_count);
    assert_int_equal(partition->bank[bank].guest, guest);
    assert_int_equal(partition->bank[bank].host, host);
    assert_int_equal(partition->bank[bank].size, size);
}

static void xen_layout(void **state)
{
    const struct plan_partition *a = &plan.partition[0];

    (void)state;
    set_word(A, "bulkhead,layout", "xen");
    expect_plan();
    assert_int_equal(a->layout.kind, PLAN_LAYOUT_XEN);
    assert_int_equal(a->layout.gicd, 0x03001000);
    assert_int_equal(a->layout.gicr, 0x03020000);
    assert_int_equal(a->layout.gicc, 0x03002000);
    assert_int_equal(a->layout.uart, 0x22000000);
    assert_int_equal(a->layout.uart_intid, 32);
    assert_int_equal(a->layout.flash_size, 0);
    assert_int_equal(a->bank_count, 1);
    assert_int_equal(a->bank[0].guest, 0x40000000);
}

/* 3 GiB below 4 GiB, the rest from 8 GiB on; kernel, ramdisk and tree in the first bank. */
static void xen_two_banks(void **state)
{
    const struct plan_partition *a = &plan.partition[0];

    (void)state;
    set_machine_ram(1, 0, 8);
    set_word(A, "bulkhead,layout", "xen");
    set_memory(A, 5 << 20);
    expect_plan();
    assert_int_equal(a->bank_count, 2);
    expect_bank(a, 0, 0x40000000, 0x100000000, 0xc0000000);
    expect_bank(a, 1, 0x200000000, 0x1c0000000, 0x80000000);
    assert_int_equal(a->tree_guest, 0xbfe00000);
    /* One bank of the virt board's map. */
    set_word(A, "bulkhead,layout", "qemu-virt");
    expect_plan();
    assert_int_equal(a->bank_count, 1);
    expect_bank(a, 0, 0x40000000, 0x100000000, 0x140000000);
}

/* In no memory map do two devices meet, or a device and RAM. */
static void layouts_hold_their_devices(void **state)
{
    static const struct plan_layout *const layouts[] = {&layout_qemu_virt, &layout_xen};

    (void)state;
    for (uint32_t i = 0; i < 2; i++)
        for (uint32_t gic = 2; gic <= 3; gic++)
            for (uint32_t dog = 0; dog < 3; dog++) {
                struct plan_partition partition = {.vcpus = BH_MAX_VCPUS,
                                                   .uart = true,
                                                   .control = true,
                                                   .watchdog = dog,
                                                   .layout = *layouts[i]};
                struct layout_device device[LAYOUT_DEVICES];
                uint32_t count;

                if (gic == 2 && layouts[i] == &layout_xen)
                    partition.layout.gicd_size = LAYOUT_GICD_V2_SIZE;
                count = layout_devices(&partition, gic, device);

                assert_true(count >= 4 && count <= LAYOUT_DEVICES);
                for (uint32_t j = 0; j < count; j++) {
                    assert_true(device[j].range.base >= layouts[i]->flash_size);
                    assert_true(device[j].range.base + device[j].range.size <= layouts[i]->ram);
                    for (uint32_t k = 0; k < j; k++)
                        assert_false(range_overlaps(&device[j].range, &device[k].range));
                }
            }
}

static void static_ram(void **state)
{
    const struct plan_partition *a = &plan.partition[0];
    uint64_t left;

    (void)state;
    expect_plan();
    left = plan.ram_left;
    SET(A, 0x60003000, 0x8000000, 0x50000000, 0x8000000); /* in the guest in this order */
    expect_plan();
    assert_true(a->is_static);
    assert_int_equal(a->bank_count, 2);
    expect_bank(a, 0, 0x40000000, 0x60003000, 0x8000000);
    expect_bank(a, 1, 0x48000000, 0x50000000, 0x8000000);
    assert_int_equal(layout_ram(a).size, 0x10000000);
    assert_int_equal(a->tree_guest, 0x4fe00000);
    assert_int_equal(plan.ram_left, left);
    for (uint32_t i = 1; i < 3; i++)
        for (uint32_t j = 0; j < 2; j++) {
            const struct range other = {plan.partition[i].bank[0].host, plan.partition[i].ram_size};
            const struct range range = {a->bank[j].host, a->bank[j].size};

            assert_false(range_overlaps(&range, &other));
        }
}

static void static_cells(void **state)
{
    (void)state;
    fixture_change(system_tree,
                   &(struct fixture_change){"/chosen", "#size-cells", BYTES("\0\0\0\2")});
    /* The modules' reg has the domain's own cells then. */
    fixture_change(system_tree,
                   &(struct fixture_change){CONTROL, "#size-cells", BYTES("\0\0\0\1")});
    fixture_change(system_tree, &(struct fixture_change){
                                    A, STATIC, BYTES("\0\0\0\0\x50\0\0\0\0\0\0\0\x10\0\0\0")});
    expect_plan();
    expect_bank(&plan.partition[0], 0, 0x40000000, 0x50000000, 0x10000000);
}

/* One mistake each. */
static void static_mistakes(void **state)
{
#define WRONG(name_, text_, ...)                                                                   \
    do {                                                                                           \
        SET(A, __VA_ARGS__);                                                                       \
        expect_error(A ": " STATIC ": " text_);                                                    \
        assert_int_equal(plan.error[0].name, NOTE_##name_);                                        \
    } while (0)
    (void)state;
    WRONG(STATIC_SUM, "262140 KiB, but memory says 262144", 0x50000000, 0xffff000);
    WRONG(STATIC_ALIGNMENT, "0x50000800 with size 0x10000000 is not made of whole pages of 4 KiB",
          0x50000800, 0x10000000);
    WRONG(STATIC_ALIGNMENT, "0x50000000 with size 0x800 is not made of whole pages of 4 KiB",
          0x50000000, 0x800);
    WRONG(STATIC_NO_RAM, "0x78000000 with size 0x10000000 is not all in usable RAM", 0x78000000,
          0x10000000);
    WRONG(STATIC_NO_RAM, "0x1000 with size 0x10000000 is not all in usable RAM", 0x1000,
          0x10000000);
    WRONG(STATIC_ON_OURS,
          "0x40000000 with size 0x10000000 overlaps the separation kernel at "
          "0x40200000",
          0x40000000, 0x10000000);
    WRONG(STATIC_ON_MODULE,
          "0x43000000 with size 0x4000000 overlaps module module@44000000 of control", 0x43000000,
          0x4000000, 0x50000000, 0xc000000);
    WRONG(STATIC_OVERLAP, "0x57fff000 with size 0x8000000 overlaps RAM of linux-a", 0x50000000,
          0x8000000, 0x57fff000, 0x8000000);
    WRONG(STATIC_MANY, "9 ranges, at most 8", 0x50000000, 4096, 0x51000000, 4096, 0x52000000, 4096,
          0x53000000, 4096, 0x54000000, 4096, 0x55000000, 4096, 0x56000000, 4096, 0x57000000, 4096,
          0x58000000, 4096);
    WRONG(RANGE_BAD, "0x50000000 with size 0x0 is no memory range", 0x50000000, 0);
#undef WRONG
}

static void static_of_two(void **state)
{
    (void)state;
    SET(A, 0x50000000, 0x10000000);
    SET(B, 0x5fff0000, 0x8000000);
    expect_error(B ": " STATIC ": 0x5fff0000 with size 0x8000000 overlaps RAM of linux-a");
    assert_int_equal(plan.error[0].name, NOTE_STATIC_OVERLAP);
    SET(B, 0x60000000, 0x8000000);
    expect_plan();
}

/* The boot loader's reservations, and what lies in the bundle, are nobody's. */
static void static_reserved(void **state)
{
    (void)state;
    assert_int_equal(fdt_add_mem_rsv(hardware, 0x5a000000, 0x1000), 0);
    SET(A, 0x50000000, 0x10000000);
    expect_error(A ": " STATIC ": 0x50000000 with size 0x10000000 is in part the boot loader's, or "
                   "the bundle's");
    assert_int_equal(plan.error[0].name, NOTE_STATIC_RESERVED);
}

/* A bundle of eight ranges that Xen's map cuts once more. */
static void static_cut(void **state)
{
    const struct plan_partition *a = &plan.partition[0];

    (void)state;
    set_machine_ram(1, 0, 8);
    set_word(A, "bulkhead,layout", "xen");
    set_memory(A, 4 << 20);
    SET(A, 0x100000000, 0x80000000, 0x1c0000000, 0x80000000);
    expect_plan();
    assert_int_equal(a->bank_count, 3);
    expect_bank(a, 0, 0x40000000, 0x100000000, 0x80000000);
    expect_bank(a, 1, 0xc0000000, 0x1c0000000, 0x40000000);
    expect_bank(a, 2, 0x200000000, 0x200000000, 0x40000000);
    assert_int_equal(layout_ram(a).size, 0xc0000000);
}

static void add_controller(const char *second)
{
    static const char path[] = "/intc@8000000";

    fixture_change(hardware, &(struct fixture_change){path, "compatible", TEXT("arm,gic-v3")});
    fixture_change(hardware, &(struct fixture_change){path, "reg", second, 32});
}

static const char controller[] = "\0\0\0\0\x08\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\x08\x0a\0\0\0\0\0\0"
                                 "\0\xf6\0\0";

static void direct_map(void **state)
{
    const struct plan_partition *a = &plan.partition[0];

    (void)state;
    add_controller(controller);
    uart_add(hardware);
    SET(A, 0x60000000, 0x8000000, 0x50001000, 0x8000000);
    fixture_change(system_tree, &(struct fixture_change){A, "direct-map", EMPTY});
    expect_plan();
    assert_int_equal(a->layout.kind, PLAN_LAYOUT_DIRECT);
    expect_bank(a, 0, 0x50001000, 0x50001000, 0x8000000);
    expect_bank(a, 1, 0x60000000, 0x60000000, 0x8000000);
    assert_int_equal(a->layout.ram, 0x50200000);
    assert_int_equal(a->segment[0].target, 0x50280000);
    assert_int_equal(a->tree_guest, 0x57e00000);
    assert_int_equal(a->layout.gicd, 0x08000000);
    assert_int_equal(a->layout.gicr, 0x080a0000);
    assert_int_equal(a->layout.uart, 0x09000000);
    assert_int_equal(a->layout.uart_intid, 39);
    set_word(A, "bulkhead,layout", "direct"); /* says the same */
    expect_plan();
    set_word(A, "bulkhead,layout", "xen");
    expect_error(A ": bulkhead,layout: \"xen\" beside direct-map, which has the machine's");
    assert_int_equal(plan.error[0].name, NOTE_LAYOUT_BESIDE_DIRECT);
}

static void direct_mistakes(void **state)
{
    (void)state;
    fixture_change(system_tree, &(struct fixture_change){A, "direct-map", EMPTY});
    expect_error(A ": direct-map: needs xen,static-mem: it says where the RAM is");
    assert_int_equal(plan.error[0].name, NOTE_DIRECT_NOT_STATIC);
    SET(A, 0x50000000, 0x10000000);
    expect_error(A ": the machine's tree does not say where its interrupt controller is");
    assert_int_equal(plan.error[0].name, NOTE_DIRECT_CONTROLLER);
    add_controller(controller);
    expect_error(A ": the machine has no PL011 in whose place its UART could be");
    assert_int_equal(plan.error[0].name, NOTE_DIRECT_UART);
    uart_add(hardware);
    expect_plan();
    /* The machine has RAM where the guest would find its redistributors. */
    add_controller("\0\0\0\0\x08\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\x5f\xfe\0\0\0\0\0\0\0\xf6\0\0");
    expect_error(A ": " STATIC ": 0x50000000 with size 0x10000000 is where its guest has the "
                   "redistributors");
    assert_int_equal(plan.error[0].name, NOTE_DIRECT_COLLISION);
    add_controller("\0\0\0\0\x08\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\x09\0\0\0\0\0\0\0\0\xf6\0\0");
    expect_error(A ": the redistributors and the UART of its guest meet at 0x9000000");
}

static void static_beyond(void **state)
{
    (void)state;
    facts.guest_bits = 36;
    set_machine_ram(0xf, 0xf0000000, 1);
    add_controller(controller);
    uart_add(hardware);
    fixture_change(system_tree, &(struct fixture_change){A, "direct-map", EMPTY});
    SET(A, 0xff8000000, 0x10000000);
    expect_error(A ": " STATIC ": ends at 0x1008000000 for its guest, which has 36 bits of "
                   "address");
    assert_int_equal(plan.error[0].name, NOTE_STATIC_ADDRESSES);
}

/* RAM that fits nowhere in one piece: the largest first, one bank for the guest. */
static void several_pieces(void **state)
{
    const struct plan_partition *a = &plan.partition[0];

    (void)state;
    assert_int_equal(fdt_add_mem_rsv(hardware, 0x60000000, 0x1000), 0);
    set_memory(A, 0x240000 / 4); /* 576 MiB, of 1 GiB */
    expect_plan();
    assert_int_equal(a->bank_count, 2);
    assert_int_equal(a->bank[0].guest, 0x40000000);
    assert_int_equal(a->bank[1].guest, 0x40000000 + a->bank[0].size);
    assert_true(a->bank[0].size >= a->bank[1].size && a->bank[0].size % BLOCK_SIZE == 0);
    assert_int_equal(a->bank[0].size + a->bank[1].size, a->ram_size);
    assert_int_equal(layout_ram(a).size, a->ram_size);
}

static void top_down(void **state)
{
    (void)state;
    set_word("/chosen", "bulkhead,policy", "top-down");
    expect_plan();
    assert_string_equal(plan.policy, "top-down");
    expect_bank(&plan.partition[0], 0, 0x40000000, 0x7fe00000 - 0x10000000, 0x10000000);
    assert_int_equal(plan.partition[0].core[0], 3);
    assert_int_equal(plan.partition[2].core[0], 0);
    set_word("/chosen", "bulkhead,policy", "worst-fit");
    expect_error("/chosen: bulkhead,policy: \"worst-fit\" is not known, only: first-fit, top-down, zero-copy");
}

/* Answers that no policy should give are not believed. */
static struct range bad_answer;

static bool bad_memory(const struct plan *of, const struct policy_request *request,
                       const struct ranges *free, struct range *answer)
{
    if (request->purpose != POLICY_GUEST_RAM)
        return policy_first_fit.memory(of, request, free, answer);
    *answer = bad_answer;
    return true;
}

/* Too little where no second piece may follow. */
static bool mean_memory(const struct plan *of, const struct policy_request *request,
                        const struct ranges *free, struct range *answer)
{
    bool good = policy_first_fit.memory(of, request, free, answer);

    if (request->purpose == POLICY_PRIVATE)
        answer->size = PAGE_SIZE;
    return good;
}

static void policies_are_not_believed(void **state)
{
    static const struct range answers[] = {
        {0x50001000, 0x10000000}, /* not aligned */
        {0x40200000, 0x10000000}, /* the kernel's */
        {0x50000000, 0x20000000}, /* more than was asked for */
        {0x50000000, 0x00101000}, /* a part that leaves the next one unaligned */
        {0x50000000, 0},
    };
    const struct policy bad = {"bad", bad_memory, policy_first_fit.core, false};
    const struct policy mean = {"mean", mean_memory, policy_first_fit.core, false};

    (void)state;
    facts.policy = &bad;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        bad_answer = answers[i];
        assert_false(fixture_build(&plan, &facts, hardware, system_tree));
        assert_int_equal(plan.error[0].name, NOTE_MEMORY_NO_ROOM);
        assert_string_equal(plan.error[0].path, A); /* not one that comes later */
    }
    facts.policy = &mean;
    assert_false(fixture_build(&plan, &facts, hardware, system_tree));
    assert_int_equal(plan.error[0].name, NOTE_PRIVATE_NO_ROOM);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, system_setup, system_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(xen_layout),     TEST(xen_two_banks),   TEST(layouts_hold_their_devices),
        TEST(static_ram),     TEST(static_cells),    TEST(static_mistakes),
        TEST(static_of_two),  TEST(static_reserved), TEST(static_cut),
        TEST(direct_map),     TEST(direct_mistakes), TEST(static_beyond),
        TEST(several_pieces), TEST(top_down),        TEST(policies_are_not_believed),
    };

    return cmocka_run_group_tests_name("plan_memory", tests, NULL, NULL);
}
