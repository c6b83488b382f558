/* SPDX-License-Identifier: BSD-2-Clause */
/* Not a test by itself: plans one compiled description on the tests' board, whose modules are all
 * zeroes, and prints what the plan says of it. Ends with 0 when there is nothing to say. */
#include "plan_uart.h"

static struct plan plan;

static void say(const char *kind, const struct plan_note *notes, uint32_t count, uint32_t kept)
{
    char text[512];

    for (uint32_t i = 0; i < count && i < kept; i++) {
        plan_note_text(&notes[i], text, sizeof(text));
        printf("%s: %s\n", kind, text);
    }
}

/* The first passthrough tree is one. */
static void passthrough_add(const void *system)
{
    int node = fdt_check_header(system) == 0
                   ? fdt_node_offset_by_compatible(system, -1, "multiboot,device-tree")
                   : -1;
    const fdt32_t *image = node < 0 ? NULL : fdt_getprop(system, node, "bulkhead,image", NULL);

    if (image)
        fixture_passthrough(fdt32_to_cpu(image[1]));
}

/* A clock that may be given away. */
static void clock_add(void *hardware)
{
    const struct fixture_change changes[] = {
        {"/rtc@9010000", "compatible", TEXT("arm,pl031\0arm,primecell")},
        {"/rtc@9010000", "reg", BYTES("\0\0\0\0\x09\1\0\0\0\0\0\0\0\0\x10\0")},
    };

    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
        fixture_change(hardware, &changes[i]);
}

int main(int count, char **arguments)
{
    struct plan_facts facts = fixture_facts();
    static uint8_t system[PLAN_TREE_LIMIT];
    void *hardware = fixture_tree("virt");
    FILE *file = count == 2 ? fopen(arguments[1], "rb") : NULL;

    if (!file || !fread(system, 1, sizeof(system), file)) {
        printf("usage: plan_accepts FILE.dtb\n");
        return 2;
    }
    fclose(file);
    facts.console_ram = 0x8000;
    uart_add(hardware);
    passthrough_add(system);
    clock_add(hardware);
    facts.root[0] = (struct range){0x9000000, 0x31200000};
    /* A description with cores is a machine's tree. */
    if (fdt_check_header(system) == 0 && fdt_subnode_offset(system, 0, "cpus") >= 0)
        plan_build(&plan, &facts, system, sizeof(system), system, sizeof(system));
    else
        plan_build(&plan, &facts, hardware, fdt_totalsize(hardware), system, sizeof(system));
    free(hardware);
    say("error", plan.error, plan.error_count, PLAN_ERRORS);
    say("warning", plan.warning, plan.warning_count, PLAN_WARNINGS);
    return plan.error_count || plan.warning_count ? 1 : 0;
}
