/* SPDX-License-Identifier: BSD-2-Clause */
/* The kept inputs of fuzz_plan and fuzz_tree, once each and without libFuzzer: what the oracle has
 * against any of them is printed, and then comes the next. For tests/unit/plan_mutants.py, which
 * compiles the two with other names of their entry. */
#include "harness.h"
#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int corpus_plan(const uint8_t *data, size_t size);
int corpus_tree(const uint8_t *data, size_t size);

static sigjmp_buf corpus_next;

static void corpus_abort(int number)
{
    siglongjmp(corpus_next, number);
}

/* True when nothing is wrong. */
static bool corpus_run(const char *path, int (*run)(const uint8_t *data, size_t size))
{
    static uint8_t data[0x10000];
    FILE *file = fopen(path, "rb");
    size_t size = file ? fread(data, 1, sizeof(data), file) : 0;

    if (!file || fclose(file) != 0)
        return true; /* "." and ".." */
    if (sigsetjmp(corpus_next, 1) != 0)
        return false;
    run(data, size);
    return true;
}

static size_t corpus_folder(const char *corpus, const char *name,
                            int (*run)(const uint8_t *data, size_t size), bool *good)
{
    char path[1024];
    struct dirent **entry;
    int count;

    snprintf(path, sizeof(path), "%s/%s", corpus, name);
    count = scandir(path, &entry, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof(path), "%s/%s/%s", corpus, name, entry[i]->d_name);
        *good = corpus_run(path, run) && *good;
        free(entry[i]);
    }
    return count > 2 ? (size_t)count : 0;
}

int main(int count, char **arguments)
{
    bool good = true;

    if (count != 2)
        return 2;
    LLVMFuzzerInitialize(&count, &arguments);
    signal(SIGABRT, corpus_abort);
    return corpus_folder(arguments[1], "plan", corpus_plan, &good) &&
                   corpus_folder(arguments[1], "tree", corpus_tree, &good)
               ? !good
               : 2;
}
