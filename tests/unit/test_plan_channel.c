/* SPDX-License-Identifier: BSD-2-Clause */
/* Event channels in the plan: nodes that are joined in pairs, and every mistake that they can have.
 */
#include "layout.h"
#include "plan_links.h"

#define CHANNEL "xen,evtchn-v1"
#define ENDS    "xen,evtchn"
#define CA      A "/evtchn@1"
#define CB      B "/evtchn@2"

/* The node's own phandle is 0x10 for CA, 0x11 for CB. */
static const struct fixture_change channel[] = {
    {CA, "compatible", TEXT(CHANNEL)},         {CA, "phandle", BYTES("\0\0\0\x10")},
    {CA, ENDS, BYTES("\0\0\0\x0a\0\0\0\x11")}, {CB, "compatible", TEXT(CHANNEL)},
    {CB, "phandle", BYTES("\0\0\0\x11")},      {CB, ENDS, BYTES("\0\0\0\x0b\0\0\0\x10")},
};

static bool build(const struct fixture_change *changes)
{
    const struct plan_facts facts = fixture_facts();

    return links_build(&facts, channel, sizeof(channel) / sizeof(channel[0]), changes);
}

static void test_channel(void **state)
{
    (void)state;
    build(NULL);
    assert_int_equal(plan.channel_count, 1);
    assert_int_equal(plan.channel[0].end[0].partition, 0);
    assert_int_equal(plan.channel[0].end[0].port, 10);
    assert_int_equal(plan.channel[0].end[1].partition, 1);
    assert_int_equal(plan.channel[0].end[1].port, 11);
    assert_int_equal(plan.warning_count, 0);
    assert_int_equal(plan.error_count, 0);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(plan.partition[i].doorbell_count, 1);
        assert_int_equal(plan.channel[0].end[i].number, 0);
        assert_int_equal(plan.channel[0].end[i].intid, LAYOUT_DOORBELL_INTID);
    }
}

/* Both ends in one domain, as Xen has it; and the same port in two domains. */
static void test_loop(void **state)
{
    static const struct fixture_change changes[LINKS_CHANGES] = {
        {A "/evtchn@3", "compatible", TEXT(CHANNEL)},
        {A "/evtchn@3", "phandle", BYTES("\0\0\0\x12")},
        {A "/evtchn@3", ENDS, BYTES("\0\0\0\x0b\0\0\0\x10")},
        {CA, ENDS, BYTES("\0\0\0\x0a\0\0\0\x12")},
        {CB, "status", TEXT("disabled")},
    };

    (void)state;
    build(changes);
    assert_int_equal(plan.channel_count, 1);
    assert_int_equal(plan.channel[0].end[0].partition, 0);
    assert_int_equal(plan.channel[0].end[1].partition, 0);
    assert_int_not_equal(plan.channel[0].end[0].port, plan.channel[0].end[1].port);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(plan.channel[0].end[i].number, i);
        assert_int_equal(plan.channel[0].end[i].intid, LAYOUT_DOORBELL_INTID + i);
    }
}

static void test_mistakes(void **state)
{
    static const struct link_case cases[] = {
        {"CHANNEL_VALUE",
         CA,
         ENDS,
         "missing",
         {{CA, ENDS, GONE}, {CB, "status", TEXT("disabled")}}},
        {"CHANNEL_VALUE", CB, ENDS, "4 bytes long, must be 8", {{CB, ENDS, BYTES("\0\0\0\1")}}},
        {"CHANNEL_VALUE",
         CB,
         ENDS,
         "16 bytes long, must be 8",
         {{CB, ENDS, BYTES("\0\0\0\x0b\0\0\0\x10\0\0\0\x0c\0\0\0\x10")}}},
        {"CHANNEL_PORT",
         CA,
         ENDS,
         "port 0 is not 1 to 131071",
         {{CA, ENDS, BYTES("\0\0\0\0\0\0\0\x11")}}},
        {"CHANNEL_PORT",
         CA,
         ENDS,
         "port 131072 is not 1 to",
         {{CA, ENDS, BYTES("\0\2\0\0\0\0\0\x11")}}},
        {"CHANNEL_PORT_TWICE",
         CA,
         ENDS,
         "port 10 is evtchn@3's already",
         {{A "/evtchn@3", "compatible", TEXT(CHANNEL)},
          {A "/evtchn@3", ENDS, BYTES("\0\0\0\x0a\0\0\0\x10")}}},
        {"CHANNEL_SELF",
         CA,
         ENDS,
         "names the node itself",
         {{CA, ENDS, BYTES("\0\0\0\x0a\0\0\0\x10")}, {CB, "status", TEXT("disabled")}}},
        {"PHANDLE_UNKNOWN",
         CA,
         ENDS,
         "0x77 is no node's phandle",
         {{CA, ENDS, BYTES("\0\0\0\x0a\0\0\0\x77")}, {CB, "status", TEXT("disabled")}}},
        {"PHANDLE_UNKNOWN",
         CA,
         ENDS,
         "0xffffffff is no node's phandle",
         {{CA, ENDS, BYTES("\0\0\0\x0a\xff\xff\xff\xff")}, {CB, "status", TEXT("disabled")}}},
        {"CHANNEL_NO_PEER",
         CA,
         ENDS,
         "kernel is no event channel",
         {{B "/kernel", "phandle", BYTES("\0\0\0\x20")},
          {CA, ENDS, BYTES("\0\0\0\x0a\0\0\0\x20")},
          {CB, "status", TEXT("disabled")}}},
        {"CHANNEL_PEER_OFF",
         CA,
         ENDS,
         "evtchn@2 is disabled, or its domain is",
         {{CB, "status", TEXT("disabled")}}},
        {"CHANNEL_PEER_OFF",
         CA,
         ENDS,
         "evtchn is disabled, or its domain is",
         {{"/chosen/off/evtchn", "compatible", TEXT(CHANNEL)},
          {"/chosen/off/evtchn", "phandle", BYTES("\0\0\0\x20")},
          {"/chosen/off/evtchn", ENDS, BYTES("\0\0\0\x01\0\0\0\x10")},
          {CA, ENDS, BYTES("\0\0\0\x0a\0\0\0\x20")},
          {CB, "status", TEXT("disabled")}}},
        /* Three that name each other in a circle. */
        {"CHANNEL_ONE_WAY",
         CA,
         ENDS,
         "evtchn@2, which it names, does not name it",
         {{CONTROL "/c", "compatible", TEXT(CHANNEL)},
          {CONTROL "/c", "phandle", BYTES("\0\0\0\x12")},
          {CONTROL "/c", ENDS, BYTES("\0\0\0\x0c\0\0\0\x10")},
          {CB, ENDS, BYTES("\0\0\0\x0b\0\0\0\x12")}}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_false(build(cases[i].change));
        links_expect_error(&cases[i]);
        assert_int_equal(plan.channel_count, 0);
    }
}

/* Each end of the other channel is right by itself. */
static void test_port_twice(void **state)
{
    static const struct link_case twice = {"CHANNEL_PORT_TWICE",
                                           CA,
                                           ENDS,
                                           "port 10 is evtchn@3's already",
                                           {{A "/evtchn@3", "compatible", TEXT(CHANNEL)},
                                            {A "/evtchn@3", "phandle", BYTES("\0\0\0\x20")},
                                            {A "/evtchn@3", ENDS, BYTES("\0\0\0\x0a\0\0\0\x21")},
                                            {B "/evtchn@4", "compatible", TEXT(CHANNEL)},
                                            {B "/evtchn@4", "phandle", BYTES("\0\0\0\x21")},
                                            {B "/evtchn@4", ENDS, BYTES("\0\0\0\x0c\0\0\0\x20")}}};

    (void)state;
    assert_false(build(twice.change));
    links_expect_error(&twice);
}

static void test_no_interrupt(void **state)
{
    static const struct link_case none = {"CHANNEL_INTERRUPTS",
                                          CB,
                                          "",
                                          "no interrupt of its domain is left",
                                          {{B, "nr_spis", BYTES("\0\0\0\0")},
                                           {B, "bulkhead,watchdog", GONE},
                                           {B, "bulkhead,watchdog-start", GONE}}};

    (void)state;
    assert_false(build(none.change));
    links_expect_error(&none);
}

/* Channels of one domain, both ends of each in it; what the plan says of them. */
static bool build_many(uint32_t ends)
{
    const struct plan_facts facts = fixture_facts();
    void *hardware = fixture_tree("virt");
    void *system = fixture_tree("system");
    bool good;

    /* The last one added is the first in the tree. */
    for (uint32_t i = ends - 1; i < ends; i--) {
        const char value[8] = {0, 0, 0, (char)(i + 1), 0, 0, 0, (char)(0x10 + (i ^ 1))};
        const char own[4] = {0, 0, 0, (char)(0x10 + i)};
        char path[48];

        snprintf(path, sizeof(path), A "/evtchn@%u", i);
        fixture_change(system, &(struct fixture_change){path, "compatible", TEXT(CHANNEL)});
        fixture_change(system, &(struct fixture_change){path, "phandle", own, sizeof(own)});
        fixture_change(system, &(struct fixture_change){path, ENDS, value, sizeof(value)});
    }
    good = fixture_build(&plan, &facts, hardware, system);
    free(hardware);
    free(system);
    return good;
}

static void test_many(void **state)
{
    (void)state;
    assert_true(build_many(BH_DOORBELLS - 1));
    assert_int_equal(plan.channel_count, BH_DOORBELLS / 2);
    assert_false(build_many(BH_DOORBELLS + 1));
    assert_int_equal(plan.error_count, 1);
    assert_string_equal(plan_note_name(plan.error[0].name), "CHANNELS_MANY");
    assert_string_equal(plan.error[0].message, "more than 15 event channels of one domain");
    assert_false(build_many(2 * PLAN_CHANNELS + 1));
    assert_int_equal(plan.channel_count, PLAN_CHANNELS);
    assert_int_equal(plan.error_count, 2);
    assert_string_equal(plan_note_name(plan.error[1].name), "CHANNELS_MANY");
    assert_string_equal(plan.error[1].message, "more than 64 ends of event channels");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_channel),      cmocka_unit_test(test_loop),
        cmocka_unit_test(test_mistakes),     cmocka_unit_test(test_port_twice),
        cmocka_unit_test(test_no_interrupt), cmocka_unit_test(test_many),
    };

    return cmocka_run_group_tests_name("plan_channel", tests, NULL, NULL);
}
