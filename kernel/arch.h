/* SPDX-License-Identifier: BSD-2-Clause */
/* What the generic kernel asks of the architecture, and of the platform. Nothing else crosses. */
#ifndef ARCH_H
#define ARCH_H

#include "layout.h"
#include "types.h"

struct core;
struct frame;
struct partition;
struct space;
struct vcpu;

/* One step of waiting: lets other cores run under a simulator that runs them in turn. */
#ifdef __aarch64__
static inline void arch_relax(void)
{
    __asm__ volatile("yield" ::: "memory");
}
#else
static inline void arch_relax(void)
{
}
#endif

/* Waits until an interrupt is pending; it need not be enabled at this level. */
void arch_wait(void);

/* Stops the core for ever. */
_Noreturn void arch_halt(void);

/* --- mmu.c: the kernel's own addresses ------------------------------------------------------ */
/* In the order of PLATFORM_DEVICES. Behind the distributor a GICv3 has its redistributors, a GICv2
 * its CPU interface and its hypervisor control. */
enum device { DEVICE_UART, DEVICE_GICD, DEVICE_GICR, DEVICE_GICC = DEVICE_GICR, DEVICE_GICH };

/* Where it is mapped. */
static inline uintptr_t mmu_device(enum device device)
{
    return DEVICE_BASE + (uintptr_t)device * DEVICE_STRIDE;
}

paddr_t mmu_physical(const void *kernel); /* of a kernel object */
void *mmu_pointer(paddr_t physical);      /* back again; the address must lie in the image */
/* Takes [start, end) of the image out of the kernel's map on all cores. Page aligned. */
void mmu_forget(const void *start, const void *end);
/* Cleans and invalidates to the point of coherency. */
void cache_clean(const void *start, size_t size);

static inline uint32_t mmio_read32(uintptr_t address)
{
    return *(volatile uint32_t *)address;
}

static inline void mmio_write32(uintptr_t address, uint32_t value)
{
    *(volatile uint32_t *)address = value;
}

/* --- stage2.c: spaces ----------------------------------------------------------------------- */
struct space {
    paddr_t root;   /* concatenated level 1 tables */
    uint64_t vttbr; /* VTTBR_EL2: root and VMID */
};

uint64_t stage2_limit(void);        /* first address beyond a space */
uint64_t stage2_output_limit(void); /* first physical address that does not exist */
void space_init(struct space *space, uint16_t index);
/* Decode and commit of one mapping: the first finds every error, the second cannot fail. */
int64_t space_map_decode(const struct space *space, ipa_t at, paddr_t from, uint64_t size);
void space_map_commit(const struct space *space, ipa_t at, paddr_t from, uint64_t size,
                      uint8_t rights, uint8_t kind);
/* Empties the space for good and drops what TLBs hold of it, on all cores. */
void space_destroy(const struct space *space);

/* --- gic.c: physical interrupts ------------------------------------------------------------- */
enum { GIC_SGI_KICK = 0, GIC_SGI_HALT = 1, GIC_SPI_FIRST = 32, GIC_SPI_END = 1020 };

bool gic_knows(uint64_t mpidr); /* a core with this affinity has a redistributor that is mapped */
void gic_init(void);            /* the distributor, once */
void gic_init_core(void);       /* this core's redistributor and CPU interface */
void gic_kick(const struct core *core);
void gic_halt_others(void);
/* Before the seal: trigger, priority, group and target of a shared interrupt; it stays disabled. */
void gic_setup(uint32_t intid, bool edge, const struct core *core);
void gic_enable(uint32_t intid, bool on);
void gic_route(uint32_t intid, const struct core *core);
/* Ends an interrupt that was taken: one of this core's own, or a shared one. */
void gic_deactivate(uint32_t intid);
/* The same for a private one of another core, and what the interrupts of a core are now, shared
 * ones included: input asserted or pending; taken and not ended. */
void gic_deactivate_at(const struct core *core, uint32_t intid);
bool gic_is_pending(const struct core *core, uint32_t intid);
bool gic_is_active(const struct core *core, uint32_t intid);
/* Takes and handles one interrupt of this core; false: none is pending. */
bool gic_handle(struct core *core);

/* --- ich.c: list registers ------------------------------------------------------------------ */
void ich_init(void); /* this core's half: reachable, and off */
uint32_t ich_count(void);
uint64_t ich_read(uint32_t n);
uint32_t ich_empty(void); /* set of those with neither pending nor active in them */
void ich_write(uint32_t n, uint64_t value);
/* Maintenance and traps: something waits outside the list registers; also for the moment when none
 * is pending any more; an active one that the guest has taken waits outside. Returns
 * and clears the number of deactivations that found no list register. */
void ich_control(bool outside, bool emptied, bool active_outside);
uint32_t ich_take_eoicount(void);
uint32_t ich_groups(void); /* groups that the guest has enabled at its interface: bits 0 and 1 */
bool ich_split_eoi(void);  /* the guest drops priority and deactivates separately (EOImode 1) */
void ich_reset(void);      /* as a vCPU finds its interface after reset */
void ich_off(void);

/* --- vcpu_regs.c: who runs -------------------------------------------------------- */
void arch_init_core(void); /* every EL2 register of this core; no vCPU is resident */
/* Makes a vCPU resident in its state after reset; its core runs it at its entry from the next exit
 * on. */
void vcpu_reset(struct core *core, struct vcpu *vcpu);
/* Stops this core's guest timers. */
void vcpu_quiesce(void);
/* Guest state in the registers that EL0 programs use too, back in place after an upcall. */
void vcpu_resume(struct core *core, struct vcpu *vcpu);
/* Goes on with an EL0 program as its frame says, in a space of its partition. */
void uspace_enter(struct core *core, const struct space *space, struct frame *frame);
/* The same for a service; and back to the vCPU that is resident. */
void uspace_borrow(struct core *core, struct vcpu *service);
void uspace_give_back(struct core *core);
/* Whether the WFI of this core's guest traps. */
void vcpu_trap_wait(struct core *core, bool on);
void uspace_allow_fp(void); /* the manager's C library uses FP registers; monitors may not */

/* --- timer, firmware ------------------------------------------------------------------------ */
void arch_timer_set(uint64_t deadline); /* this core's hypervisor timer; ~0: off */
uint64_t arch_count(void);
uint64_t arch_frequency(void); /* of the count: ticks in a second */
int64_t psci_core_on(uint64_t mpidr, struct core *core);
void psci_system(bool reset); /* comes back only when firmware cannot */

/* --- platform ------------------------------------------------------------------------------- */
void platform_putc(char c);

#endif
