/* SPDX-License-Identifier: BSD-2-Clause */
/* bulkhead-check: plans a system for a machine that is only described, and prints the answer as
 * JSON. tools/bulkhead check runs it; its addresses are where a boot loader would put things. */
#include "answer.h"
#include "partmgr/plan/guest_tree.h"
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 0: planned, without an error; 1: with errors; 2: not even tried. */
enum { MAIN_GOOD, MAIN_ERRORS, MAIN_USAGE };

struct options {
    const struct board *board;
    uint64_t kernel;         /* where the kernel's image lies */
    uint64_t bundle;         /* where the bundle begins in the image's file */
    uint64_t tree;           /* where the hardware tree lies */
    const char *guest_trees; /* folder for them; NULL: nobody wants them */
};

static const char main_usage[] =
    "bulkhead-check --board NAME --image FILE --image-at ADDRESS --bundle OFFSET\n"
    "               --tree FILE --tree-at ADDRESS [--module ADDRESS=FILE ...]\n"
    "               [--guest-trees FOLDER]\n";

static const struct board *main_board(const char *name)
{
    static const struct board *const boards[] = {&board_qemu_virt, &board_qemu_virt_gicv2};

    for (size_t i = 0; i < sizeof(boards) / sizeof(boards[0]); i++)
        if (strcmp(boards[i]->name, name) == 0)
            return boards[i];
    fprintf(stderr, "%s: no such board\n", name);
    return NULL;
}

static bool main_number(const char *text, char end, uint64_t *number, const char **rest)
{
    char *stop;

    errno = 0;
    *number = strtoull(text, &stop, 0);
    if (rest)
        *rest = stop + 1;
    if (stop != text && *stop == end && !errno)
        return true;
    fprintf(stderr, "%s: no address\n", text);
    return false;
}

static bool main_load(const char *path, uint64_t base)
{
    uint64_t size;
    const uint8_t *data = machine_file(path, &size);

    return data && machine_load(path, base, data, size);
}

static bool main_module(const char *argument)
{
    const char *path;
    uint64_t base;

    return main_number(argument, '=', &base, &path) && main_load(path, base);
}

/* Each guest's tree, as the manager would write it: FOLDER/NAME.dtb. */
static bool main_write_trees(const char *folder, const struct plan *plan)
{
    static uint8_t tree[PLAN_GUEST_TREE] __attribute__((aligned(8)));
    char path[4096];

    for (uint32_t i = 0; i < plan->partition_count; i++) {
        const uint64_t size = guest_tree_write(plan, i, tree, sizeof(tree));
        bool good;
        FILE *file;

        snprintf(path, sizeof(path), "%s/%s.dtb", folder, plan->partition[i].name);
        file = fopen(path, "wb");
        good = file && fwrite(tree, 1, size, file) == size;
        if (!file || fclose(file) != 0 || !good) {
            perror(path);
            return false;
        }
    }
    return true;
}

static int main_plan(const struct options *options)
{
    static struct boot boot;
    static struct plan plan;
    bool starts;

    if (!boot_read(&boot, options->board, options->tree, options->kernel,
                   options->kernel + options->bundle)) {
        answer_wrong(&boot);
        return MAIN_ERRORS;
    }
    starts = plan_build(&plan, &boot.facts, boot.hardware, boot.hardware_limit, boot.system,
                        boot.system_limit);
    answer(&boot, &plan, starts);
    if (starts && options->guest_trees && !main_write_trees(options->guest_trees, &plan))
        return MAIN_USAGE;
    return plan.error_count ? MAIN_ERRORS : MAIN_GOOD;
}

int main(int count, char **arguments)
{
    static const struct option known[] = {
        {"board", required_argument, NULL, 'b'},
        {"image", required_argument, NULL, 'i'},
        {"image-at", required_argument, NULL, 'I'},
        {"bundle", required_argument, NULL, 'o'},
        {"tree", required_argument, NULL, 't'},
        {"tree-at", required_argument, NULL, 'T'},
        {"module", required_argument, NULL, 'm'},
        {"guest-trees", required_argument, NULL, 'g'},
        {NULL, 0, NULL, 0},
    };
    struct options options = {.board = NULL};
    const char *image = NULL;
    const char *tree = NULL;
    bool good = true;
    int option;

    while (good && (option = getopt_long(count, arguments, "", known, NULL)) != -1) {
        switch (option) {
        case 'b':
            good = (options.board = main_board(optarg)) != NULL;
            break;
        case 'i':
            image = optarg;
            break;
        case 'I':
            good = main_number(optarg, 0, &options.kernel, NULL);
            break;
        case 'o':
            good = main_number(optarg, 0, &options.bundle, NULL);
            break;
        case 't':
            tree = optarg;
            break;
        case 'T':
            good = main_number(optarg, 0, &options.tree, NULL);
            break;
        case 'm':
            good = main_module(optarg);
            break;
        case 'g':
            options.guest_trees = optarg;
            break;
        default:
            good = false;
            break;
        }
    }
    if (!good || optind < count || !options.board || !image || !tree) {
        fputs(main_usage, stderr);
        return MAIN_USAGE;
    }
    if (!main_load(image, options.kernel) || !main_load(tree, options.tree))
        return MAIN_USAGE;
    return main_plan(&options);
}
