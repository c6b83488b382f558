/* SPDX-License-Identifier: BSD-2-Clause */
/* Stands before every kernel source and its test (compiler option -include): system registers and
 * waiting, which the host does not have, become calls into the fakes. */
#ifndef FAKE_KERNEL_H
#define FAKE_KERNEL_H

#define REGS_H /* instead of kernel/arm64/regs.h */

#include <stdbool.h>
#include <stdint.h>

/* regs.c: registers by name, and a log of what was written and which barriers there were. */
void regs_reset(void);
uint64_t regs_read(const char *name);
void regs_set(const char *name, uint64_t value); /* not logged */
void regs_write(const char *name, uint64_t value);
void regs_event(const char *text);
const char *regs_log(uint32_t n); /* "" behind the end */
void regs_clean(uintptr_t address);
uint64_t regs_cleaned(void); /* lines since the reset */

#define read_reg(name)         regs_read(name)
#define write_reg(name, value) regs_write(name, (uint64_t)(value))
#define isb()                  regs_event("isb")
#define dsb(kind)              regs_event("dsb " #kind)
#define tlbi(operation)        regs_event("tlbi " #operation)
#define dc_civac(address)      regs_clean(address)

/* image.c: everything that the kernel's sources can write lies in one range (image.lds). */
void image_begin(void); /* as it was at the first call, before any test */
void image_save(void);  /* keeps it */
bool image_same(void);  /* nothing has changed since it was kept */

/* Waiting is where other cores get their turn. */
void fake_relax(void);
#define arch_relax arch_relax_of_the_host
#include "arch.h"
#undef arch_relax
#define arch_relax fake_relax

/* arch.c: the core that executes, and which cores have been kicked (a set of indexes). */
enum { FAKE_CORES = 256 }; /* cores with a redistributor: affinities below it */
extern struct core *fake_self;
extern uint32_t fake_kicked;
extern void (*fake_turn)(void); /* what fake_relax runs; NULL: nothing */
extern int64_t fake_psci;       /* what psci_core_on answers */

/* ich.c: list registers and the guest's interface of one virtual CPU. */
enum { ICH_LISTS = 4, ICH_NONE = 1023 };

struct ich {
    uint64_t list[ICH_LISTS];
    bool split;                       /* EOImode 1 */
    uint32_t mask;                    /* ICC_PMR_EL1 */
    uint32_t groups;                  /* ICC_IGRPEN: bit 0 group 0, bit 1 group 1 */
    uint32_t active[2];               /* ICH_APnR0: a bit for each priority / 8 */
    bool underflow, no_pending, trap; /* UIE, NPIE, TDIR */
    bool count_maintenance;           /* LRENPIE */
    uint32_t count;                   /* EOIcount */
};

extern struct ich *fake_ich; /* of the core that executes */

void ich_fake_init(struct ich *ich);
uint32_t ich_acknowledge(struct ich *ich, uint32_t *group);   /* ICH_NONE: nothing is signalled */
uint32_t ich_highest(const struct ich *ich, uint32_t *group); /* the same without taking it */
void ich_end(struct ich *ich, uint32_t intid, uint32_t group);
/* False: it traps. */
bool ich_deactivate(struct ich *ich, uint32_t intid);
/* What the interface asks of the hypervisor now. */
bool ich_maintenance(const struct ich *ich);
/* The test's physical distributor. */
extern void (*fake_physical_end)(uint32_t physical);
extern void (*fake_physical_end_at)(const struct core *core, uint32_t physical);
extern bool (*fake_physical_input)(const struct core *core, uint32_t physical);
extern bool (*fake_physical_active)(const struct core *core, uint32_t physical);
extern void (*fake_physical_enable)(uint32_t physical, bool on);
extern void (*fake_physical_route)(uint32_t physical, uint64_t mpidr);

#endif
