/* SPDX-License-Identifier: BSD-2-Clause */
/* Stands before every kernel source and its test (compiler option -include): system registers and
 * waiting, which the host does not have, become calls into the fakes. */
#ifndef FAKE_KERNEL_H
#define FAKE_KERNEL_H

#define REGS_H /* instead of kernel/arm64/regs.h */

#include "kernel/arm64/gicv3/icc_regs.h"
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

/* List registers and their control are a machine of their own (ich.c). */
#define ICH_MISR_EL2 "S3_4_C12_C11_2"
#define ICH_EISR_EL2 "S3_4_C12_C11_3"

uint64_t ich_get(const char *name);
void ich_set(const char *name, uint64_t value);

#ifdef FAKE_ICH /* the source that drives it */
#define read_reg(name)         ich_get(name)
#define write_reg(name, value) ich_set(name, (uint64_t)(value))
#else
#define read_reg(name)         regs_read(name)
#define write_reg(name, value) regs_write(name, (uint64_t)(value))
#endif
#define isb()             regs_event("isb")
#define dsb(kind)         regs_event("dsb " #kind)
#define tlbi(operation)   regs_event("tlbi " #operation)
#define dc_civac(address) regs_clean(address)

/* panic.c: a test has failed; fake_caught, when it is set, does not come back. */
extern void (*fake_caught)(const char *what);
_Noreturn void fake_fail(const char *what);
#define FAKE_REQUIRE(condition) ((condition) ? (void)0 : fake_fail(#condition))

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
extern void (*fake_wait)(void); /* what arch_wait runs; NULL: no core may */
extern int64_t fake_psci;       /* what psci_core_on answers */
extern uint64_t fake_timer;     /* what arch_timer_set set; ~0: off */
extern bool fake_wait_traps;    /* the guest's WFI does */
extern uint64_t fake_count;     /* the physical count */
extern enum fake_system { FAKE_ON, FAKE_OFF, FAKE_RESET } fake_system;

/* Before each atomic access other cores may get on: what fake_point runs; NULL: nothing. */
extern void (*fake_race)(void);
static inline void fake_point(void)
{
    if (fake_race)
        fake_race();
}
#define __atomic_load_n(...)             (fake_point(), __atomic_load_n(__VA_ARGS__))
#define __atomic_store_n(...)            (fake_point(), __atomic_store_n(__VA_ARGS__))
#define __atomic_exchange_n(...)         (fake_point(), __atomic_exchange_n(__VA_ARGS__))
#define __atomic_fetch_or(...)           (fake_point(), __atomic_fetch_or(__VA_ARGS__))
#define __atomic_fetch_and(...)          (fake_point(), __atomic_fetch_and(__VA_ARGS__))
#define __atomic_add_fetch(...)          (fake_point(), __atomic_add_fetch(__VA_ARGS__))
#define __atomic_sub_fetch(...)          (fake_point(), __atomic_sub_fetch(__VA_ARGS__))
#define __atomic_compare_exchange_n(...) (fake_point(), __atomic_compare_exchange_n(__VA_ARGS__))

/* ich.c: the registers of one virtual CPU interface, and what a guest does with it. */
enum { ICH_LISTS = 16, ICH_NONE = 1023 };

struct ich {
    uint32_t lists;           /* how many list registers there are */
    bool no_dir_trap;         /* ICH_VTR_EL2.TDS is 0 */
    uint64_t list[ICH_LISTS]; /* ICH_LRn_EL2 */
    uint32_t hcr, vmcr;
    uint32_t active[2]; /* ICH_APnR0_EL2 */
};

/* Fields of ICH_VMCR_EL2: lowest bit, number of bits. */
enum ich_field {
    ICH_GROUPS = 0 << 8 | 2,
    ICH_CBPR = 4 << 8 | 1,
    ICH_SPLIT = 9 << 8 | 1, /* EOImode */
    ICH_BPR1 = 18 << 8 | 3,
    ICH_BPR0 = 21 << 8 | 3,
    ICH_PMR = 24 << 8 | 8
};

extern struct ich *fake_ich; /* of the core that executes */

void ich_fake_init(struct ich *ich, uint32_t lists);
/* ICC_PMR, BPR, CTLR, IGRPEN: one field. */
void ich_configure(struct ich *ich, enum ich_field field, uint32_t value);
uint32_t ich_field(const struct ich *ich, enum ich_field field);
uint32_t ich_eoicount(const struct ich *ich);
/* ICC_IAR0 or 1: ICH_NONE when nothing of that group is signalled. */
uint32_t ich_acknowledge(struct ich *ich, uint32_t group);
uint32_t ich_pending(const struct ich *ich, uint32_t group);   /* ICC_HPPIR0 or 1 */
uint32_t ich_running(const struct ich *ich);                   /* ICC_RPR */
void ich_end(struct ich *ich, uint32_t intid, uint32_t group); /* ICC_EOIR0 or 1 */
bool ich_deactivate(struct ich *ich, uint32_t intid);          /* ICC_DIR; false: it traps */
bool ich_maintenance(const struct ich *ich); /* the maintenance interrupt's line */
/* The test's physical distributor. */
struct fake_hooks {
    void (*end)(uint32_t physical);
    void (*end_at)(const struct core *core, uint32_t physical);
    bool (*input)(const struct core *core, uint32_t physical);
    bool (*active)(const struct core *core, uint32_t physical);
    void (*enable)(uint32_t physical, bool on);
    void (*route)(uint32_t physical, uint64_t mpidr);
    void (*timers_off)(void);
};
extern struct fake_hooks fake_hooks;

#endif
