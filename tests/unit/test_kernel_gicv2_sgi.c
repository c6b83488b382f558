/* SPDX-License-Identifier: BSD-2-Clause */
/* GICv2: an SGI is pending once for each vCPU that sent it, and its handler learns which (IHI 0048,
 * 4.3.13 to 4.3.16); and the forms of a list register. */
#include "fake/virq_bench.h"
#include "kernel/arm64/gicv2/lr.h"

enum { SGI = 5, LISTS = 4 };

#define ALL_SOURCES 0xffull

static void setup(void)
{
    bench_begin((struct bench_config){.vcpus = 3, .lists = LISTS});
    virq_write(bench_partition, NULL, BH_VIRQ_CONTROL, 32, 3, 3);
    for (uint32_t i = 0; i < 3; i++)
        virq_write(bench_partition, &vcpus[i], BH_VIRQ_ENABLE, 0, 0xffff, 0xffff);
    bench_enter_all();
}

static void send(uint32_t to, uint32_t from)
{
    bench_on(from);
    virq_write(bench_partition, &vcpus[to], BH_VIRQ_ROUTE, SGI, 1ull << from, 1ull << from);
}

/* The list register that holds the SGI on this vCPU; 0: none does. */
static uint64_t listed(uint32_t vcpu)
{
    bench_on(vcpu);
    for (uint32_t n = 0; n < LISTS; n++)
        if (fake_ich->list[n] >> 62 && (uint32_t)fake_ich->list[n] == SGI)
            return fake_ich->list[n];
    return 0;
}

/* Takes the SGI as a guest does; the vCPU that it says it is from. */
static uint32_t take(uint32_t vcpu)
{
    uint32_t group;

    bench_enter(vcpu);
    assert_int_equal(bench_acknowledge(&group), SGI);
    return (uint32_t)(listed(vcpu) >> 32) & 7;
}

static void end(uint32_t vcpu)
{
    bench_on(vcpu);
    ich_end(fake_ich, SGI, 0);
}

static void nothing_left(uint32_t vcpu)
{
    uint32_t group;

    bench_enter(vcpu);
    assert_int_equal(bench_acknowledge(&group), ICH_NONE);
    assert_int_equal(virq_read(bench_partition, &vcpus[vcpu], BH_VIRQ_ROUTE, SGI), 0);
}

static void each_source_once(void **state)
{
    (void)state;
    setup();
    send(2, 1);
    send(2, 0);
    send(2, 1); /* is pending already */
    assert_int_equal(take(2), 0);
    end(2);
    assert_int_equal(take(2), 1);
    end(2);
    nothing_left(2);
}

/* Pending in a list register: another from there is the same one. */
static void merges_with_the_listed_one(void **state)
{
    (void)state;
    setup();
    send(0, 1);
    bench_enter(0);
    assert_true(listed(0));
    send(0, 1);
    bench_enter(0);
    assert_int_equal(take(0), 1);
    end(0);
    nothing_left(0);
}

/* From itself, while it is active: again, but behind its end. */
static void comes_again_behind_its_end(void **state)
{
    uint32_t group;

    (void)state;
    setup();
    send(1, 1);
    assert_int_equal(take(1), 1);
    send(1, 1);
    send(1, 2);
    bench_enter(1);
    assert_int_equal(listed(1) >> 62, 2); /* active, not pending as well */
    assert_int_equal(bench_acknowledge(&group), ICH_NONE);
    end(1);
    assert_int_equal(take(1), 1);
    end(1);
    assert_int_equal(take(1), 2);
    end(1);
    nothing_left(1);
}

/* GICD_SPENDSGIR and GICD_CPENDSGIR: all sources are seen, that of the listed one too, and each can
 * be cleared. */
static void sources_are_read_and_cleared(void **state)
{
    (void)state;
    setup();
    send(0, 0);
    send(0, 1);
    send(0, 2);
    bench_enter(0);
    assert_true(listed(0));
    assert_int_equal(virq_read(bench_partition, &vcpus[0], BH_VIRQ_ROUTE, SGI), 7);
    virq_write(bench_partition, &vcpus[0], BH_VIRQ_ROUTE, SGI, 0, 3);
    assert_int_equal(virq_read(bench_partition, &vcpus[0], BH_VIRQ_ROUTE, SGI), 4);
    assert_int_equal(virq_read(bench_partition, &vcpus[0], BH_VIRQ_PENDING, 0), 1u << SGI);
    assert_int_equal(take(0), 2);
    end(0);
    nothing_left(0);
    send(0, 1);
    virq_write(bench_partition, &vcpus[0], BH_VIRQ_ROUTE, SGI, 0, ALL_SOURCES);
    assert_int_equal(virq_read(bench_partition, &vcpus[0], BH_VIRQ_PENDING, 0), 0);
    nothing_left(0);
}

/* Out of the list registers and back, pending or active, it keeps its source. */
static void survives_eviction(void **state)
{
    (void)state;
    setup();
    send(1, 2);
    bench_enter(1);
    virq_read(bench_partition, &vcpus[1], BH_VIRQ_PENDING, 0);
    assert_int_equal(take(1), 2);
    assert_int_equal(virq_read(bench_partition, &vcpus[1], BH_VIRQ_ACTIVE, 0), 1u << SGI);
    bench_enter(1);
    assert_int_equal(listed(1) >> 62, 2);
    assert_int_equal(listed(1) >> 32 & 7, 2);
    end(1);
    nothing_left(1);
}

static void ends_with_its_vcpu(void **state)
{
    (void)state;
    setup();
    send(1, 0);
    send(1, 2);
    bench_enter(1);
    virq_quiesce(&vcpus[1]);
    nothing_left(1);
}

static void only_sgis_have_sources(void **state)
{
    (void)state;
    setup();
    assert_int_equal(virq_decode(&vcpus[0], BH_VIRQ_ROUTE, 15), BH_OK);
    assert_int_equal(virq_decode(&vcpus[0], BH_VIRQ_ROUTE, 16), BH_ERR_RANGE);
    assert_int_equal(virq_decode(&vcpus[0], BH_VIRQ_ROUTE, 32), BH_ERR_RANGE);
    assert_int_equal(virq_decode(NULL, BH_VIRQ_ROUTE, 15), BH_ERR_RANGE);
    assert_int_equal(virq_decode(NULL, BH_VIRQ_ROUTE, 32), BH_OK);
}

static void list_registers(void **state)
{
    /* GICH_LR<n>'s fields, one after the other, and where GICv3's form has them. */
    static const struct {
        uint32_t shift, bits, to;
    } fields[] = {{0, 10, 0},  {10, 10, 32}, {23, 5, 51}, {28, 1, 62},
                  {29, 1, 63}, {30, 1, 60},  {31, 1, 61}};

    (void)state;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        for (uint32_t bit = 0; bit < fields[i].bits; bit++) {
            uint32_t v2 = 1u << (fields[i].shift + bit);
            uint64_t v3 = 1ull << (fields[i].to + bit);

            assert_int_equal(lr_to_v2(v3), v2);
            assert_int_equal(lr_from_v2(v2), v3);
        }
    assert_int_equal(lr_to_v2(7ull << 48), 0);        /* priorities have five bits */
    assert_int_equal(lr_to_v2(1ull << 41), 1u << 19); /* EOI */
    assert_int_equal(lr_from_v2(7u << 20), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_source_once),
        cmocka_unit_test(merges_with_the_listed_one),
        cmocka_unit_test(comes_again_behind_its_end),
        cmocka_unit_test(sources_are_read_and_cleared),
        cmocka_unit_test(survives_eviction),
        cmocka_unit_test(ends_with_its_vcpu),
        cmocka_unit_test(only_sgis_have_sources),
        cmocka_unit_test(list_registers),
    };

    return cmocka_run_group_tests_name("kernel_gicv2_sgi", tests, NULL, NULL);
}
