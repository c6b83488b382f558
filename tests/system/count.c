/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin for QEMU: counts, per core of the machine, the instructions that are executed at virtual
 * addresses of one range. Arguments: first=ADDRESS, end=ADDRESS, out=FILE, in which a line for each
 * core stands when the machine has ended. Of QEMU's interface (version 1) only what is used is
 * declared. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CORES = 16, NO_REGISTERS = 0 };

struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void on_translation(uint64_t id, struct qemu_plugin_tb *block);
typedef void on_execution(unsigned core, void *user);
typedef void on_exit_of(uint64_t id, void *user);

int qemu_plugin_version = 1;
int qemu_plugin_install(uint64_t id, const void *info, int count, char **arguments);
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, on_translation *call);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *instruction);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *instruction,
                                            on_execution *call, int flags, void *user);
void qemu_plugin_register_atexit_cb(uint64_t id, on_exit_of *call, void *user);

static uint64_t first, end;
static uint64_t executed[CORES]; /* each written by its core's thread alone */
static char file_name[4096];

static void executes(unsigned core, void *user)
{
    (void)user;
    if (core < CORES)
        executed[core]++;
}

static void translates(uint64_t id, struct qemu_plugin_tb *block)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
        struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);
        uint64_t address = qemu_plugin_insn_vaddr(instruction);

        if (address >= first && address < end)
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, executes, NO_REGISTERS, NULL);
    }
}

static void ends(uint64_t id, void *user)
{
    FILE *file = fopen(file_name, "w");

    (void)id;
    (void)user;
    for (unsigned core = 0; file && core < CORES; core++)
        fprintf(file, "%llu\n", (unsigned long long)executed[core]);
    if (file)
        fclose(file);
}

int qemu_plugin_install(uint64_t id, const void *info, int count, char **arguments)
{
    (void)info;
    for (int i = 0; i < count; i++) {
        const char *value = strchr(arguments[i], '=');

        if (!value++)
            return 1;
        if (!strncmp(arguments[i], "first=", 6))
            first = strtoull(value, NULL, 0);
        else if (!strncmp(arguments[i], "end=", 4))
            end = strtoull(value, NULL, 0);
        else if (!strncmp(arguments[i], "out=", 4))
            snprintf(file_name, sizeof(file_name), "%s", value);
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translates);
    qemu_plugin_register_atexit_cb(id, ends, NULL);
    return 0;
}
