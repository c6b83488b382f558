/* SPDX-License-Identifier: BSD-2-Clause */
/* The GICv2 distributor's registers: whose interrupts an access is for, and which state of them. */
#include "monitor_fake.h"

#include "monitor/vgic.c"
#include "monitor/vgicv2.c"

static struct bh_mon_config config;

static int setup(void **state)
{
    config = fake_config; /* two vCPUs, 64 SPIs */
    config.gic = 2;
    return fake_reset(state);
}

static void write(uint32_t vcpu, uint64_t offset, uint64_t bytes, uint64_t value)
{
    vgicv2_write(&config, vcpu, offset, bytes, value);
}

static uint64_t read(uint32_t vcpu, uint64_t offset, uint64_t bytes)
{
    return vgicv2_read(&config, vcpu, offset, bytes);
}

static void banked(void **state)
{
    static const struct {
        uint64_t own, shared;
        uint8_t field;
        uint32_t first; /* of the shared one */
    } cases[] = {{0x080, 0x084, BH_VIRQ_GROUP, 32},   {0x100, 0x108, BH_VIRQ_ENABLE, 64},
                 {0x180, 0x184, BH_VIRQ_ENABLE, 32},  {0x200, 0x204, BH_VIRQ_PENDING, 32},
                 {0x280, 0x288, BH_VIRQ_PENDING, 64}, {0x300, 0x304, BH_VIRQ_ACTIVE, 32},
                 {0x380, 0x384, BH_VIRQ_ACTIVE, 32},  {0x400, 0x420, BH_VIRQ_PRIORITY, 32},
                 {0xc00, 0xc08, BH_VIRQ_EDGE, 32}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        read(1, cases[i].own, 4);
        fake_expect_virq(BH_VIRQ_READ, BH_MON_VCPU + 1, cases[i].field, 0, 0, 0);
        read(1, cases[i].shared, 4);
        fake_expect_virq(BH_VIRQ_READ, BH_MON_PARTITION, cases[i].field, cases[i].first, 0, 0);
    }
    read(0, 0x41f, 1);
    fake_expect_virq(BH_VIRQ_READ, BH_MON_VCPU, BH_VIRQ_PRIORITY, 28, 0, 0);
    read(0, 0xc04, 4);
    fake_expect_virq(BH_VIRQ_READ, BH_MON_VCPU, BH_VIRQ_EDGE, 0, 0, 0);
}

static void sgis_stay_enabled(void **state)
{
    (void)state;
    vgicv2_load(&config);
    assert_int_equal(fake_count, 2);
    assert_int_equal(fake_calls[1].slot, BH_MON_VCPU + 1);
    assert_int_equal(fake_calls[1].argument[0], BH_VIRQ_ENABLE);
    assert_int_equal(fake_calls[1].argument[2], 0xffff);
    fake_reset(NULL);
    write(1, 0x180, 4, 0xffffffff);
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_VCPU + 1, BH_VIRQ_ENABLE, 0, 0, 0xffff0000);
    write(1, 0x184, 4, 0xffffffff);
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_PARTITION, BH_VIRQ_ENABLE, 32, 0, 0xffffffff);
    /* and are not made pending here */
    write(0, 0x200, 4, 0x0801ffff);
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_VCPU, BH_VIRQ_PENDING, 0, 0x08010000, 0x08010000);
    write(0, 0x280, 4, 0xffff);
    assert_int_equal(fake_count, 0);
    write(0, 0x204, 4, 0xffff);
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_PARTITION, BH_VIRQ_PENDING, 32, 0xffff, 0xffff);
}

static void targets(void **state)
{
    (void)state;
    assert_int_equal(read(1, 0x800, 4), 0x02020202); /* one's own interrupts are one's own */
    assert_int_equal(read(0, 0x81f, 1), 1);
    write(0, 0x800, 4, ~0u);
    assert_int_equal(fake_count, 0);
    write(0, 0x825, 1, 0xfe); /* only two vCPUs exist */
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_PARTITION, BH_VIRQ_ROUTE, 37, 2, ~0ull);
    write(0, 0x824, 4, 0x03020100);
    assert_int_equal(fake_count, 4);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(fake_calls[i].argument[1], 36 + i);
        assert_int_equal(fake_calls[i].argument[2], i);
    }
    fake_reset(NULL);
    fake_answer.value[0] = 3;
    assert_int_equal(read(0, 0x820, 4), 0x03030303);
    fake_reset(NULL);
    write(0, 0x860, 4, ~0u); /* behind the last interrupt */
    write(0, 0x822, 2, ~0u);
    write(0, 0x821, 4, ~0u);
    assert_int_equal(read(0, 0x860, 4), 0);
    config.vcpus = 1; /* no choice */
    write(0, 0x820, 4, ~0u);
    assert_int_equal(read(0, 0x820, 4), 0);
    assert_int_equal(read(0, 0x800, 4), 0);
    assert_int_equal(fake_count, 0);
}

static void software_interrupts(void **state)
{
    (void)state;
    config.vcpus = 3;
    write(1, 0xf00, 4, 0x00048005); /* a list, vCPU 2; NSATT means nothing */
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_VCPU + 2, BH_VIRQ_ROUTE, 5, 2, 2);
    write(1, 0xf00, 4, 0x02ff0003); /* oneself */
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_VCPU + 1, BH_VIRQ_ROUTE, 3, 2, 2);
    write(1, 0xf00, 4, 0x0100000f); /* all others */
    assert_int_equal(fake_count, 2);
    assert_int_equal(fake_calls[0].slot, BH_MON_VCPU);
    assert_int_equal(fake_calls[1].slot, BH_MON_VCPU + 2);
    fake_reset(NULL);
    write(1, 0xf00, 4, 0x03070005); /* reserved */
    write(1, 0xf00, 4, 0x00f80005); /* nobody who exists */
    write(1, 0xf00, 1, 0x05);
    assert_int_equal(read(1, 0xf00, 4), 0);
    assert_int_equal(fake_count, 0);
}

static void pending_sources(void **state)
{
    (void)state;
    write(1, 0xf25, 1, 3); /* SPENDSGIR: SGI 5 */
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_VCPU + 1, BH_VIRQ_ROUTE, 5, 3, 3);
    write(0, 0xf1f, 1, 0xff); /* CPENDSGIR: SGI 15 */
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_VCPU, BH_VIRQ_ROUTE, 15, 0, 3);
    write(0, 0xf20, 4, 0x00020000); /* of SGIs 0 to 3 the third alone */
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_VCPU, BH_VIRQ_ROUTE, 2, 2, 2);
    fake_answer.value[0] = 2;
    assert_int_equal(read(1, 0xf1a, 1), 2);
    fake_expect_virq(BH_VIRQ_READ, BH_MON_VCPU + 1, BH_VIRQ_ROUTE, 10, 0, 0);
    fake_answer.value[0] = 2;
    assert_int_equal(read(1, 0xf2c, 4), 0x02020202);
    assert_int_equal(fake_calls[0].argument[1], 12);
}

static void deactivation(void **state)
{
    (void)state;
    vgicv2_deactivate(1, 1 << 10 | 5); /* of an SGI from vCPU 1 */
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_VCPU + 1, BH_VIRQ_ACTIVE, 0, 0, 1 << 5);
    vgicv2_deactivate(0, 95);
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_PARTITION, BH_VIRQ_ACTIVE, 64, 0, 1ull << 31);
}

static void control(void **state)
{
    (void)state;
    write(1, 0, 4, ~0u);
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_PARTITION, BH_VIRQ_CONTROL, 32, 3, 3);
    fake_answer.value[0] = 3;
    assert_int_equal(read(1, 0, 4), 3);
    fake_reset(NULL);
    assert_int_equal(read(0, 4, 4), 1 << 5 | 2); /* two interfaces, 96 INTIDs */
    assert_int_equal(read(0, 8, 4), VGIC_IIDR);
    assert_int_equal(read(0, 0xfe8, 4), 0x2b); /* PIDR2: GICv2 */
    assert_int_equal(read(0, 0xffc, 4), 0xb1);
    assert_int_equal(read(0, 0xfd0, 4), 0x04);
    write(0, 4, 4, ~0u);
    write(0, 0xfe8, 4, ~0u);
    assert_int_equal(read(0, 0xf40, 4), 0);
    assert_int_equal(fake_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(banked, setup),
        cmocka_unit_test_setup(sgis_stay_enabled, setup),
        cmocka_unit_test_setup(targets, setup),
        cmocka_unit_test_setup(software_interrupts, setup),
        cmocka_unit_test_setup(pending_sources, setup),
        cmocka_unit_test_setup(deactivation, setup),
        cmocka_unit_test_setup(control, setup),
    };

    return cmocka_run_group_tests_name("monitor_vgicv2", tests, NULL, NULL);
}
