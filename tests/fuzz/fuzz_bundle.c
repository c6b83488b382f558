/* SPDX-License-Identifier: BSD-2-Clause */
/* libFuzzer on what lies behind the kernel: the bundle's page, a program's header, where trees may
 * lie and the first bytes of one. What is taken for good is held against the rules once more. */
#include "harness.h"
#include "partmgr/plan/bundle.h"
#include "partmgr/plan/layout.h"
#include <stdlib.h>
#include <string.h>

#define BUNDLE_BASE 0x40400000ull

/* Every path to an answer has a reason to be wrong. */
static void bundle_judge(bool good)
{
    if (!good)
        abort();
}

static bool bundle_holds(const struct plan_facts *facts, const struct range *range)
{
    return !range->size || (range->base % PAGE_SIZE == 0 && range->size % PAGE_SIZE == 0 &&
                            range->base > facts->bundle.base &&
                            range->base + range->size <= facts->bundle.base + facts->bundle.size);
}

static void bundle_try_page(const uint8_t page[PAGE_SIZE])
{
    struct plan_facts facts = {.bundle = {BUNDLE_BASE, PAGE_SIZE}};
    char wrong[BUNDLE_WRONG] = "";

    if (!bundle_read(&facts, page, wrong)) {
        bundle_judge(wrong[0] && memchr(wrong, 0, sizeof(wrong)));
        return;
    }
    bundle_judge(facts.bundle.base == BUNDLE_BASE && facts.bundle.size >= PAGE_SIZE &&
                 range_valid(facts.bundle.base, facts.bundle.size));
    bundle_judge(bundle_holds(&facts, &facts.monitor) && bundle_holds(&facts, &facts.console) &&
                 bundle_holds(&facts, &facts.system_tree));
}

/* A program that is taken begins in its text, has its stacks in its RAM, and all of it below what
 * is mapped for its guest. */
static void bundle_try_program(const struct bh_program *program, uint64_t image, uint64_t stacks)
{
    const uint64_t end = program->base + program->text_size + program->rodata_size;

    if (!bundle_program_good(program, image, stacks))
        return;
    bundle_judge(program->entry >= program->base && program->entry < end && end >= program->base);
    bundle_judge(program->text_size + program->rodata_size <= image);
    bundle_judge(program->stack_base >= program->ram_base &&
                 program->stack_base + stacks * program->stack_size <=
                     program->ram_base + program->ram_size);
    bundle_judge(end <= BH_MON_CONFIG || program->base > BH_MON_CONFIG);
    bundle_judge(end <= program->ram_base ||
                 program->ram_base + program->ram_size <= program->base);
}

static void bundle_try_tree(const uint8_t *head, uint64_t address)
{
    struct range pages = {0, 0};
    char wrong[BUNDLE_WRONG];

    if (bundle_tree_place(address, wrong) && bundle_tree_pages(head, address, &pages, wrong))
        bundle_judge(pages.base <= address && pages.size && pages.base % PAGE_SIZE == 0 &&
                     pages.base + pages.size >= address + 8 &&
                     pages.size <= PLAN_TREE_LIMIT + PAGE_SIZE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint64_t page[PAGE_SIZE / 8];
    struct bh_program program;
    uint64_t numbers[2] = {0, 0};

    memset(page, 0, sizeof(page));
    memset(&program, 0, sizeof(program));
    memcpy(page, data, size < sizeof(page) ? size : sizeof(page));
    memcpy(&program, data, size < sizeof(program) ? size : sizeof(program));
    memcpy(numbers, page, sizeof(numbers));
    bundle_try_page((const uint8_t *)page);
    bundle_try_program(&program, page[sizeof(program) / 8], 1 + page[sizeof(program) / 8 + 1] % 8);
    bundle_try_tree((const uint8_t *)page + 8, numbers[0]);
    return 0;
}
