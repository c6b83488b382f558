/* SPDX-License-Identifier: BSD-2-Clause */
/* The interrupt controller's registers: which access becomes which state of which interrupt, and
 * which is ignored. */
#include "monitor_fake.h"

#include "monitor/vgic.c"
#include "monitor/vgic_dist.c"
#include "monitor/vgic_redist.c"

#define VCPU_FRAME 0x20000u
#define SGI_FRAME  0x10000u

static void dist_write(uint64_t offset, uint64_t bytes, uint64_t value)
{
    vgic_dist_write(&fake_config, offset, bytes, value);
}

static uint64_t dist_read(uint64_t offset, uint64_t bytes)
{
    return vgic_dist_read(&fake_config, offset, bytes);
}

static void redist_write(uint64_t offset, uint64_t bytes, uint64_t value)
{
    vgic_redist_write(&fake_config, offset, bytes, value);
}

static uint64_t redist_read(uint64_t offset, uint64_t bytes)
{
    return vgic_redist_read(&fake_config, offset, bytes);
}

static void test_bits(void **state)
{
    static const struct {
        uint16_t offset;
        uint8_t field;
        bool set, clear;
    } cases[] = {
        {0x080, BH_VIRQ_GROUP, true, true},    {0x100, BH_VIRQ_ENABLE, true, false},
        {0x180, BH_VIRQ_ENABLE, false, true},  {0x200, BH_VIRQ_PENDING, true, false},
        {0x280, BH_VIRQ_PENDING, false, true}, {0x300, BH_VIRQ_ACTIVE, true, false},
        {0x380, BH_VIRQ_ACTIVE, false, true},
    };
    const uint64_t value = 0x80000001;

    (void)state;
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t mask = cases[i].set && cases[i].clear ? 0xffffffff : value;
        uint64_t written = cases[i].set ? value : 0;

        dist_write(cases[i].offset + 8u, 4, value);
        fake_expect_virq(BH_VIRQ_WRITE, BH_MON_PARTITION, cases[i].field, 64, written, mask);
        redist_write(VCPU_FRAME + SGI_FRAME + cases[i].offset, 4, value);
        fake_expect_virq(BH_VIRQ_WRITE, BH_MON_VCPU + 1, cases[i].field, 0, written, mask);
        dist_read(cases[i].offset + 4u, 4);
        fake_expect_virq(BH_VIRQ_READ, BH_MON_PARTITION, cases[i].field, 32, 0, 0);
        redist_read(SGI_FRAME + cases[i].offset, 4);
        fake_expect_virq(BH_VIRQ_READ, BH_MON_VCPU, cases[i].field, 0, 0, 0);
    }
}

static void test_outside(void **state)
{
    (void)state;
    dist_write(0x100, 4, ~0u); /* private interrupts */
    dist_write(0x10c, 4, ~0u); /* behind the last: 64 SPIs end at INTID 95 */
    dist_write(0x400, 4, ~0u); /* private */
    dist_write(0xc00, 4, ~0u); /* private */
    dist_write(0x104, 2, ~0u); /* sizes that do not exist */
    dist_write(0x104, 1, ~0u);
    dist_write(0x104, 8, ~0u);
    dist_write(0x422, 2, ~0u);
    dist_write(0x106, 4, ~0u); /* across two */
    dist_write(0x820, 4, ~0u); /* ITARGETSR */
    dist_write(0xf00, 4, ~0u); /* SGIR */
    dist_write(0xffff, 1, ~0u);
    redist_write(SGI_FRAME + 0x104, 4, ~0u); /* a redistributor has 32 interrupts */
    redist_write(SGI_FRAME + 0x420, 4, ~0u);
    redist_write(SGI_FRAME + 0xc00, 4, ~0u); /* SGIs are edge-triggered */
    redist_write(0x100, 4, ~0u);             /* the other frame */
    dist_write(0x104, 4, 0);                 /* no bit is set: nothing to do */
    assert_int_equal(dist_read(0x100, 4), 0);
    assert_int_equal(dist_read(0x104, 2), 0);
    assert_int_equal(dist_read(0x5000, 4), 0);
    assert_int_equal(redist_read(0x5000, 4), 0);
    assert_int_equal(fake_count, 0);
}

static void test_priority(void **state)
{
    (void)state;
    dist_write(0x400 + 40, 4, 0x11223344);
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_PARTITION, BH_VIRQ_PRIORITY, 40, 0x11223344, 0xffffffff);
    dist_write(0x400 + 43, 1, 0xffffff80);
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_PARTITION, BH_VIRQ_PRIORITY, 40, 0x80000000, 0xff000000);
    redist_write(SGI_FRAME + 0x400 + 27, 1, 0x90);
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_VCPU, BH_VIRQ_PRIORITY, 24, 0x90000000, 0xff000000);
    fake_answer.value[0] = 0x11223344;
    assert_int_equal(dist_read(0x400 + 42, 1), 0x22);
    assert_int_equal(dist_read(0x400 + 40, 4), 0x11223344);
}

static void test_trigger(void **state)
{
    (void)state;
    dist_write(0xc00 + 12, 4, 0x80000002); /* INTIDs 48 to 63 */
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_PARTITION, BH_VIRQ_EDGE, 32, 0x80010000, 0xffff0000);
    dist_write(0xc00 + 8, 4, 0x55555555); /* the lower bits are reserved */
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_PARTITION, BH_VIRQ_EDGE, 32, 0, 0xffff);
    redist_write(SGI_FRAME + 0xc04, 4, 0xaaaaaaaa);
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_VCPU, BH_VIRQ_EDGE, 0, 0xffff0000, 0xffff0000);
    fake_answer.value[0] = 0x8001ffff;
    assert_int_equal(dist_read(0xc00 + 12, 4), 0x80000002);
    assert_int_equal(dist_read(0xc00 + 8, 4), 0xaaaaaaaa);
}

static void test_route(void **state)
{
    const uint64_t at = 0x6000 + 8 * 40;

    (void)state;
    dist_write(at, 8, 0x00000001);
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_PARTITION, BH_VIRQ_ROUTE, 40, 2, ~0ull);
    assert_int_equal(dist_read(at, 8), 1);
    dist_write(at + 4, 4, 0xff); /* Aff3: no vCPU's */
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_PARTITION, BH_VIRQ_ROUTE, 40, 0, ~0ull);
    assert_int_equal(dist_read(at, 8), 0xff00000001);
    assert_int_equal(dist_read(at + 4, 4), 0xff);
    dist_write(at, 4, 0x00000002); /* nor now: Aff3 stays */
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_PARTITION, BH_VIRQ_ROUTE, 40, 0, ~0ull);
    assert_int_equal(dist_read(at, 8), 0xff00000002);
    dist_write(at, 8, ~0x80000000ull); /* the rest is reserved */
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_PARTITION, BH_VIRQ_ROUTE, 40, 0, ~0ull);
    assert_int_equal(dist_read(at, 8), 0xff00ffffff);
    dist_write(at, 8, 0);
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_PARTITION, BH_VIRQ_ROUTE, 40, 1, ~0ull);
    dist_write(at, 4, 0x80010203); /* any vCPU's */
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_PARTITION, BH_VIRQ_ROUTE, 40, ~0ull, ~0ull);
    assert_int_equal(dist_read(at, 8), 0x80010203);
    dist_write(at, 4, 0x10203); /* nobody's */
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_PARTITION, BH_VIRQ_ROUTE, 40, 0, ~0ull);
    assert_int_equal(dist_read(at, 8), 0x10203);
    assert_int_equal(dist_read(at, 4), 0x10203);
    assert_int_equal(dist_read(at + 4, 4), 0);
    dist_write(0x6000 + 8 * 31, 8, 1);
    dist_write(0x6000 + 8 * 96, 8, 1);
    dist_write(0x6000 + 8 * 1023, 8, 1);
    dist_write(at, 2, 1);
    assert_int_equal(fake_count, 0);
}

static void test_control(void **state)
{
    (void)state;
    dist_write(0, 4, 0xffffffff);
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_PARTITION, BH_VIRQ_CONTROL, 32, 3, 3);
    fake_answer.value[0] = 2;
    assert_int_equal(dist_read(0, 4), 0x52);
    assert_int_equal(dist_read(4, 4) & 0x1f, 2); /* 64 SPIs */
    assert_int_equal(dist_read(4, 4) >> 19 & 0x1f, 9);
    assert_int_equal(dist_read(0xffe8, 4), 0x3b);
    assert_int_equal(dist_read(0xffe0, 4), 0x92);
    assert_int_equal(dist_read(0xfffc, 4), 0xb1);
    assert_int_equal(dist_read(0xffe8, 1), 0);
}

static void test_redistributor(void **state)
{
    (void)state;
    assert_int_equal(redist_read(8, 8), 0);
    assert_int_equal(redist_read(VCPU_FRAME + 8, 8), 1ull << 32 | 1 << 8 | 0x10); /* the last */
    assert_int_equal(redist_read(VCPU_FRAME + 12, 4), 1);
    assert_int_equal(redist_read(VCPU_FRAME + 8, 4), 0x110);
    assert_int_equal(redist_read(0x14, 4), 6);
    redist_write(0x14, 4, 0);
    assert_int_equal(redist_read(0x14, 4), 0);
    assert_int_equal(redist_read(VCPU_FRAME + 0x14, 4), 6);
    redist_write(0x14, 4, 2);
    assert_int_equal(redist_read(0x14, 4), 6);
    assert_int_equal(redist_read(0xffe8, 4), 0x3b);
    assert_int_equal(redist_read(0xffe0, 4), 0x93);
    assert_int_equal(fake_count, 0);
}

static void test_refused(void **state)
{
    (void)state;
    fake_answer = (struct bh_result){BH_ERR_RANGE, {0xdead}};
    assert_int_equal(dist_read(0x104, 4), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_bits, fake_reset),
        cmocka_unit_test_setup(test_outside, fake_reset),
        cmocka_unit_test_setup(test_priority, fake_reset),
        cmocka_unit_test_setup(test_trigger, fake_reset),
        cmocka_unit_test_setup(test_route, fake_reset),
        cmocka_unit_test_setup(test_control, fake_reset),
        cmocka_unit_test_setup(test_redistributor, fake_reset),
        cmocka_unit_test_setup(test_refused, fake_reset),
    };

    return cmocka_run_group_tests_name("monitor_vgic", tests, NULL, NULL);
}
