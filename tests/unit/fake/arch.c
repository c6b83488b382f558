/* SPDX-License-Identifier: BSD-2-Clause */
/* What the generic kernel asks of the architecture: nothing happens, what matters is recorded. */
#include "core.h"
#include "exit.h"
#include <stdlib.h>

struct core *fake_self = cores;
uint32_t fake_kicked;
void (*fake_turn)(void);
void (*fake_wait)(void);
int64_t fake_psci;
uint64_t fake_count;
enum fake_system fake_system;
struct fake_hooks fake_hooks;
uint64_t fake_timer;
bool fake_wait_traps;

struct core *core_self(void)
{
    return fake_self;
}

void fake_relax(void)
{
    if (fake_turn)
        fake_turn();
}

bool gic_knows(uint64_t mpidr)
{
    return mpidr < FAKE_CORES;
}

void gic_kick(const struct core *core)
{
    fake_kicked |= 1u << (core - cores);
}

void gic_setup(uint32_t intid, bool edge, const struct core *core)
{
    (void)edge;
    gic_route(intid, core);
}

void gic_enable(uint32_t intid, bool on)
{
    if (fake_hooks.enable)
        fake_hooks.enable(intid, on);
}

void gic_route(uint32_t intid, const struct core *core)
{
    if (fake_hooks.route)
        fake_hooks.route(intid, core->mpidr);
}

bool gic_is_pending(const struct core *core, uint32_t intid)
{
    return fake_hooks.input && fake_hooks.input(core, intid);
}

bool gic_is_active(const struct core *core, uint32_t intid)
{
    return fake_hooks.active && fake_hooks.active(core, intid);
}

void gic_deactivate_at(const struct core *core, uint32_t intid)
{
    if (fake_hooks.end_at)
        fake_hooks.end_at(core, intid);
}

void gic_deactivate(uint32_t intid)
{
    if (fake_hooks.end)
        fake_hooks.end(intid);
}

int64_t psci_core_on(uint64_t mpidr, struct core *core)
{
    (void)mpidr;
    (void)core;
    return fake_psci;
}

/* Nothing of these shows in what is tested here. */
void gic_init_core(void)
{
}

bool gic_handle(struct core *core)
{
    (void)core;
    return false;
}

/* What comes next is the test's to say. */
void arch_wait(void)
{
    if (!fake_wait)
        fake_fail("a core waits at EL2");
    fake_wait();
}

void arch_timer_set(uint64_t deadline)
{
    fake_timer = deadline;
}

uint64_t arch_count(void)
{
    return fake_count;
}

uint64_t arch_frequency(void)
{
    return 0; /* nobody waits for a count that stands still */
}

void psci_system(bool reset)
{
    if (fake_system == FAKE_ON) /* what comes later comes too late */
        fake_system = reset ? FAKE_RESET : FAKE_OFF;
}

void platform_putc(char c)
{
    (void)c;
}

void cache_clean(const void *start, size_t size)
{
    (void)start;
    (void)size;
}

void mmu_forget(const void *start, const void *end)
{
    (void)start;
    (void)end;
}

void vcpu_reset(struct core *core, struct vcpu *vcpu)
{
    (void)core;
    (void)vcpu;
}

void vcpu_quiesce(void)
{
    if (fake_hooks.timers_off)
        fake_hooks.timers_off();
}

void uspace_enter(struct core *core, const struct space *space, struct frame *frame)
{
    (void)space;
    core->frame = frame;
}

void uspace_borrow(struct core *core, struct vcpu *service)
{
    core->frame = &service->frame;
}

void uspace_give_back(struct core *core)
{
    core->frame = &core->vcpu->frame;
}

void vcpu_trap_wait(struct core *core, bool on)
{
    (void)core;
    fake_wait_traps = on;
}

void uspace_allow_fp(void)
{
}

void exit_to_frame(struct core *core)
{
    (void)core;
    abort();
}
