/* SPDX-License-Identifier: BSD-2-Clause */
/* What the monitor loads, and what it refuses of a configuration that no manager would write. */
#include "monitor_fake.h"

#include "monitor/direct.c"
#include "monitor/load.c"
#include "monitor/port.c"
#include "monitor/text.c"

static unsigned fills;
static unsigned quiets;

void quiesce_devices(const struct bh_mon_config *config)
{
    (void)config;
    quiets++;
}

void fill_ram(const struct bh_mon_config *config)
{
    (void)config;
    assert_int_equal(quiets, 1);
    fills++;
}

static struct bh_mon_config config;

enum { MIB = 0x100000 };

/* A partition with a kernel, a ramdisk and a tree, that loads. */
static int setup(void **state)
{
    config = fake_config;
    config.images = 3;
    config.image[0] = (struct bh_mon_image){0x1000, 3 * MIB, 0x40080000};
    config.image[1] = (struct bh_mon_image){0x2000, MIB, 0x4fd00000};
    config.image[2] = (struct bh_mon_image){0x3000, 4096, 0x4fe00000};
    config.entry = 0x40080040;
    config.tree = 0x4fe00000;
    fills = 0;
    quiets = 0;
    fake_now = 7;
    return fake_reset(state);
}

static void expect_start(const char *message)
{
    struct answer answer = load_partition(&config);

    assert_string_equal(fake_console, message);
    assert_int_equal(answer.action, BH_DO_START);
    assert_int_equal(answer.value[0], 0x40080040);
    assert_int_equal(answer.value[1], 0x4fe00000);
    assert_int_equal(fills, 1);
}

static void expect_refusal(const char *message)
{
    struct answer answer = load_partition(&config);

    assert_string_equal(fake_console, message);
    assert_int_equal(answer.action, BH_DO_STOP);
    assert_int_equal(answer.value[0], BH_STOP_LOAD);
    assert_int_equal(fills, 0);
    setup(NULL);
}

static void test_start(void **state)
{
    (void)state;
    expect_start("guest started cores=2 memory=256M at=7us\n");
    setup(NULL);
    config.bank[0].size -= 0x1000;
    expect_start("guest started cores=2 memory=262140K at=7us\n");
    setup(NULL);
    config.image[2].size = 0x200000; /* to the last byte, and without a gap before it */
    expect_start("guest started cores=2 memory=256M at=7us\n");
}

static void test_refused(void **state)
{
    static const char outside[] = "guest error: configuration: images outside of the RAM\n";

    (void)state;
    config.image[0].target = 0x3fffffff;
    expect_refusal(outside);
    config.image[2].size = 0x200001;
    expect_refusal(outside);
    config.image[1].size = ~0ull;
    expect_refusal(outside);
    config.image[2].target = 0x50000001;
    expect_refusal(outside);
    config.image[1].size++; /* into the next one */
    expect_refusal(outside);
    config.image[1].target = 0x40080000; /* on the one before */
    expect_refusal(outside);
    config.magic++;
    expect_refusal("monitor error: configuration: of another version\n");
    config.images = BH_MON_IMAGES + 1;
    expect_refusal("monitor error: configuration: of another version\n");
    config.vcpus = BH_MAX_VCPUS + 1;
    expect_refusal("monitor error: configuration: of another version\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_start, setup),
        cmocka_unit_test_setup(test_refused, setup),
    };

    return cmocka_run_group_tests_name("monitor_load", tests, NULL, NULL);
}
