/* SPDX-License-Identifier: BSD-2-Clause */
/* What bare-metal guests stand on: output, interrupts, timers, PSCI, the tree, and test reports in
 * TAP. MMU and caches stay off, so memory is Device: no exclusives, no unaligned accesses; cores
 * talk through volatile words and barriers. */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GICD 0x08000000ul
#define GICR 0x080a0000ul /* GICv3 */
#define GICC 0x08010000ul /* GICv2 */
#define UART 0x09000000ul
#define RAM  0x40000000ul

#define read_sysreg(name)                                                                          \
    ({                                                                                             \
        uint64_t value_;                                                                           \
        __asm__ volatile("mrs %0, " #name : "=r"(value_)::"memory");                               \
        value_;                                                                                    \
    })
#define write_sysreg(name, value)                                                                  \
    __asm__ volatile("msr " #name ", %0" ::"r"((uint64_t)(value)) : "memory")

static inline void isb(void)
{
    __asm__ volatile("isb" ::: "memory");
}
static inline void dsb(void)
{
    __asm__ volatile("dsb sy" ::: "memory");
}
static inline void wfi(void)
{
    __asm__ volatile("dsb sy\n wfi" ::: "memory");
}
static inline void irq_on(void)
{
    __asm__ volatile("msr daifclr, #2\n isb" ::: "memory");
}
static inline void irq_off(void)
{
    __asm__ volatile("msr daifset, #2\n isb" ::: "memory");
}
static inline void fiq_on(void)
{
    __asm__ volatile("msr daifclr, #1\n isb" ::: "memory");
}
static inline void fiq_off(void)
{
    __asm__ volatile("msr daifset, #1\n isb" ::: "memory");
}

/* Single instructions, so that an emulated register always sees a syndrome it can decode. */
static inline uint32_t read32(uint64_t address)
{
    uint32_t value;
    __asm__ volatile("ldr %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
    return value;
}
static inline uint64_t read64(uint64_t address)
{
    uint64_t value;
    __asm__ volatile("ldr %0, [%1]" : "=r"(value) : "r"(address) : "memory");
    return value;
}
static inline uint32_t read16(uint64_t address)
{
    uint32_t value;
    __asm__ volatile("ldrh %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
    return value;
}
static inline uint32_t read8(uint64_t address)
{
    uint32_t value;
    __asm__ volatile("ldrb %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
    return value;
}
static inline void write32(uint64_t address, uint32_t value)
{
    __asm__ volatile("str %w0, [%1]" ::"r"(value), "r"(address) : "memory");
}
static inline void write64(uint64_t address, uint64_t value)
{
    __asm__ volatile("str %0, [%1]" ::"r"(value), "r"(address) : "memory");
}
static inline void write16(uint64_t address, uint32_t value)
{
    __asm__ volatile("strh %w0, [%1]" ::"r"(value), "r"(address) : "memory");
}
static inline void write8(uint64_t address, uint32_t value)
{
    __asm__ volatile("strb %w0, [%1]" ::"r"(value), "r"(address) : "memory");
}

/* The state at the first instruction: start.S. */
struct guest_entry {
    uint64_t x[4];
    uint64_t current_el, daif, spsel, sctlr;
};
extern struct guest_entry guest_entry;

/* An interrupted or trapped context: start.S. */
struct frame {
    uint64_t x[31];
    uint64_t elr, spsr;
    uint64_t vector; /* offset of the vector that was taken */
};
_Static_assert(sizeof(struct frame) == 272, "FRAME in start.S");

/* Every guest has these; all but the first have defaults that say "unexpected". */
void guest_main(const void *tree);
void irq_handle(struct frame *frame);
void fiq_handle(struct frame *frame);
void guest_secondary(uint64_t context);

/* print.c: %s, %d, %u, %x (all 64 bits wide), %c; only one core prints. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* trap.c: between trap_expect() and trap_result() exceptions are counted, the last one is kept and
 * its instruction skipped; a failing fetch returns to its caller; debug events are switched off. */
struct trap {
    uint64_t count, esr, far, elr, spsr, vector;
    uint64_t classes;        /* set of all that came */
    uint64_t daif, sel, pan; /* in the handler; pan is 0 where the core has it not */
};
void trap_expect(void);
struct trap trap_result(void);

/* Runs code with an argument at the SPSR's level until it returns, or does SVC #0x7777; gives its
 * x0. start.S, trap.c. */
#define SPSR_EL0  0x3c0ul
#define SPSR_A32  0x1d0ul /* user mode, A32 */
#define SPSR_EL1T 0x3c4ul
uint64_t el0_call(uint64_t code, uint64_t argument, uint64_t spsr, uint64_t stack);

/* Tables of instructions: snippets.inc. */
struct snippet {
    const char *name;
    uint64_t code, expected;
};

/* mmu.c: stage 1 with the virt board's devices and RAM where they are, EL1 only. mmu_set changes
 * the descriptor of one GiB, on all cores. */
#define SCTLR_OFF    0x30d00800ul /* RES1, PAN left alone */
#define SCTLR_ON     (SCTLR_OFF | 1)
#define SCTLR_CACHES (SCTLR_ON | 1 << 2 | 1 << 12)
#define MMU_BLOCK    0x1ul
#define MMU_TABLE    0x3ul
#define MMU_EL0      (1ul << 6)
#define MMU_READ     (1ul << 7) /* only */
#define MMU_ACCESS   (1ul << 10)
#define MMU_XN       (3ul << 53)
#define MMU_DEVICE   (MMU_BLOCK | MMU_ACCESS | MMU_XN)
#define MMU_NORMAL   (MMU_BLOCK | 1 << 2 | 3 << 8 | MMU_ACCESS)
#define MMU_UNCACHED (MMU_BLOCK | 2 << 2 | 3 << 8 | MMU_ACCESS)
void mmu_on(uint64_t sctlr);
void mmu_off(void);
void mmu_set(unsigned gib, uint64_t descriptor);

/* psci.c */
#define PSCI_VERSION           0x84000000u
#define PSCI_CPU_SUSPEND       0xc4000001u
#define PSCI_CPU_OFF           0x84000002u
#define PSCI_CPU_ON_32         0x84000003u
#define PSCI_CPU_ON            0xc4000003u
#define PSCI_AFFINITY_INFO_32  0x84000004u
#define PSCI_AFFINITY_INFO     0xc4000004u
#define PSCI_MIGRATE_INFO_TYPE 0x84000006u
#define PSCI_SYSTEM_OFF        0x84000008u
#define PSCI_SYSTEM_RESET      0x84000009u
#define PSCI_FEATURES          0x8400000au
#define SMCCC_VERSION          0x80000000u
#define SMCCC_ARCH_FEATURES    0x80000001u
int64_t psci(uint64_t function, uint64_t a, uint64_t b, uint64_t c);
int64_t psci_smc(uint64_t function, uint64_t a, uint64_t b, uint64_t c);
_Noreturn void psci_system_off(void);
_Noreturn void psci_cpu_off(void);
void secondary_start(void);
int64_t psci_start(uint64_t cpu, uint64_t context); /* at guest_secondary */

/* fdt.c: bootargs (an empty string when there are none), and the number behind `key=` in them. */
const char *bootargs(const void *tree);
uint64_t bootargs_number(const void *tree, const char *key, uint64_t otherwise);
/* True when a child of the root lists `name` in its `compatible`. */
bool fdt_compatible(const void *tree, const char *node, const char *name);
/* A property's first number, of one cell or of two; 0 when there is none. child may be NULL. */
uint64_t fdt_number(const void *tree, const char *node, const char *child, const char *name);
/* A property's text, an empty string when there is none; whether there is that property; a `reg` of
 * one range, of two cells each. child may be NULL. */
const char *fdt_string(const void *tree, const char *node, const char *child, const char *name);
bool fdt_flag(const void *tree, const char *node, const char *child, const char *name);
bool fdt_reg(const void *tree, const char *node, const char *child, uint64_t *base, uint64_t *size);
/* End of the RAM that the tree names. */
uint64_t fdt_ram_end(const void *tree);

/* clock.c */
uint64_t clock_ticks(void); /* the virtual count */
uint64_t clock_hz(void);
void clock_wait_us(uint64_t us); /* busy */

/* gic.c: the interrupt controller of the tree, GICv2 or GICv3. gic_init sets up distributor and
 * this core's interface, one group (0 of GICv2, 1 of GICv3), everything disabled, priority mask
 * open. */
enum { SPURIOUS = 1023 };
/* Registers with a few bits per interrupt, at the same offsets in both versions. */
enum {
    IGROUPR = 0x80,
    ISENABLER = 0x100,
    ICENABLER = 0x180,
    ISPENDR = 0x200,
    ICPENDR = 0x280,
    ISACTIVER = 0x300,
    ICACTIVER = 0x380,
    IPRIORITYR = 0x400,
    ICFGR = 0xc00,
};
extern unsigned gic_version; /* 2 or 3, from gic_init on */
void gic_init(void);         /* once */
void gic_init_keep(void);    /* the same, but what is pending stays: others may have rung */
void gic_init_cpu(void);     /* on every core */
unsigned cpu_number(void);
unsigned cpu_count(void);
unsigned gic_intids(void);      /* as GICD_TYPER says, a multiple of 32 */
uint64_t gic_rd(unsigned cpu);  /* GICv3: redistributor's first frame */
uint64_t gic_sgi(unsigned cpu); /* and second; GICv2: the distributor's banked registers */
uint64_t gic_word(unsigned intid,
                  uint64_t block); /* this core's word that has the interrupt's bit */
void gic_groups(unsigned enables); /* GICD_CTLR: bit 0 group 0, bit 1 group 1 */
void gic_enable(unsigned intid);
void gic_disable(unsigned intid);
void gic_priority(unsigned intid, unsigned priority);
void gic_group(unsigned intid, unsigned group);
void gic_edge(unsigned intid, bool edge);
void gic_pend(unsigned intid);
void gic_unpend(unsigned intid);
bool gic_is_pending(unsigned intid);
bool gic_is_active(unsigned intid);
void gic_route(unsigned intid, unsigned cpu);    /* an SPI */
void gic_send(unsigned intid, unsigned targets); /* an SGI to a set of cores */
void gic_send_others(unsigned intid);

/* gic_cpu.c: this core's CPU interface, the usual group. */
void gic_init_interface(void);
unsigned gic_ack(void);
unsigned gic_source(unsigned intid); /* GICv2: the core that sent the SGI that was acknowledged */
void gic_eoi(unsigned intid);
void gic_dir(unsigned intid);
void gic_eoimode(unsigned mode);
void gic_mask(unsigned priority);
void gic_binary_point(unsigned point);
unsigned gic_running(void); /* priority */
unsigned gic_highest(void); /* pending */
/* Acknowledges what is pending, waiting a while for it: SPURIOUS when nothing came. */
unsigned gic_wait(uint64_t us);

/* True under Bulkhead, false on a bare board, which cannot or need not do everything. */
bool on_bulkhead(void);

/* crew.c: cores 1 and up take interrupts and count them, while core 0 looks; it takes its own in
 * the functions that wait. A guest with a crew says CREW_GUEST, once. */
enum { CREW_CORES = 8, CREW_INTIDS = 288 };
enum crew_mode {
    CREW_IDLE,   /* in WFI */
    CREW_BUSY,   /* spins with interrupts on */
    CREW_MASKED, /* spins with interrupts off */
    CREW_HOLD,   /* stays in the handler of the next interrupt until the mode changes */
    CREW_OFF,    /* calls CPU_OFF */
};
struct crew_notes {
    unsigned intid;
    uint32_t seen[CREW_CORES];
};
extern volatile uint32_t crew_seen[CREW_CORES][CREW_INTIDS]; /* interrupts by core and INTID */
void crew_irq(void);
void crew_main(void);
#define CREW_GUEST                                                                                 \
    void irq_handle(struct frame *interrupted)                                                     \
    {                                                                                              \
        (void)interrupted;                                                                         \
        crew_irq();                                                                                \
    }                                                                                              \
    void guest_secondary(uint64_t context)                                                         \
    {                                                                                              \
        (void)context;                                                                             \
        crew_main();                                                                               \
    }
unsigned crew_begin(void); /* gic_init, all cores idle, SGIs enabled; how many cores */
bool crew_start(unsigned cpu, enum crew_mode mode);
void crew_set(unsigned cpu, enum crew_mode mode);
void crew_hush(unsigned cpu, enum crew_mode mode);        /* one that is not in WFI: sends no SGI */
void crew_do(unsigned cpu, void (*task)(void));           /* has that core do it, and waits */
void crew_end(void);                                      /* and tap_end */
void crew_note(struct crew_notes *notes, unsigned intid); /* what was seen until now */
/* Waits until each core of the set has seen `more` since then; no other core may have seen any. */
bool crew_saw(const struct crew_notes *notes, unsigned set, unsigned more);
/* Waits until some core of the set has seen one, and no other core any. */
bool crew_one_saw(const struct crew_notes *notes, unsigned set);

/* tap.c */
void tap_ok(bool passed, const char *format, ...) __attribute__((format(printf, 2, 3)));
void tap_end(void);

#endif
