/* SPDX-License-Identifier: BSD-2-Clause */
/* Stage 1, caches, exclusives and atomics on several vCPUs: what is written is read, by every way
 * to the same memory, and code that is changed is executed. Three vCPUs. */
#include "guest.h"

enum { CORES = 3, TURNS = 5000, WORDS = 512, GIB_UNCACHED = 2, GIB_MOVED = 3, GIB_HIGH = 4 };
#define GIB(n) ((uint64_t)(n) << 30)

static volatile uint64_t up[CORES], finished[CORES], phase, seen[CORES];
static uint64_t counter, atomic_counter, locked_counter;
static uint32_t ticket_next, ticket_now;
static volatile uint64_t message, flag;
static volatile uint64_t data[WORDS] __attribute__((aligned(4096)));
static uint32_t code[16] __attribute__((aligned(64)));

static uint64_t alias(const volatile void *at, unsigned gib)
{
    return (uint64_t)(uintptr_t)at - RAM + GIB(gib);
}

static void add_exclusive(uint64_t *word, uint64_t by)
{
    uint64_t value;
    uint32_t failed;

    do
        __asm__ volatile("ldxr %0, [%3]\n add %0, %0, %4\n stxr %w1, %0, [%3]"
                         : "=&r"(value), "=&r"(failed), "+m"(*word)
                         : "r"(word), "r"(by));
    while (failed);
}

static bool has_atomics(void)
{
    return read_sysreg(id_aa64isar0_el1) >> 20 & 15;
}

static void add_atomic(uint64_t *word, uint64_t by)
{
    if (!has_atomics()) {
        add_exclusive(word, by);
        return;
    }
    __asm__ volatile(".arch_extension lse\n stadd %1, [%0]" ::"r"(word), "r"(by) : "memory");
}

static void lock(void)
{
    uint32_t mine, next, failed, now;

    do
        __asm__ volatile("ldaxr %w0, [%3]\n add %w1, %w0, #1\n stxr %w2, %w1, [%3]"
                         : "=&r"(mine), "=&r"(next), "=&r"(failed)
                         : "r"(&ticket_next)
                         : "memory");
    while (failed);
    do
        __asm__ volatile("ldar %w0, [%1]" : "=r"(now) : "r"(&ticket_now) : "memory");
    while (now != mine);
}

static void unlock(void)
{
    __asm__ volatile("stlr %w0, [%1]" ::"r"(ticket_now + 1), "r"(&ticket_now) : "memory");
}

static void work(void)
{
    for (unsigned i = 0; i < TURNS; i++) {
        add_exclusive(&counter, 1);
        add_atomic(&atomic_counter, 3);
    }
    for (unsigned i = 0; i < TURNS / 10; i++) {
        lock();
        locked_counter++;
        unlock();
    }
}

static uint64_t call(void)
{
    uint64_t (*function)(void) = (uint64_t(*)(void))(uintptr_t)code;

    return function();
}

/* What the others do: the same work, then in step with the first. */
void guest_secondary(uint64_t context)
{
    unsigned self = cpu_number();

    (void)context;
    mmu_on(SCTLR_CACHES);
    up[self] = 1;
    while (!flag)
        ;
    __asm__ volatile("dmb ishld" ::: "memory");
    seen[self] = message;
    work();
    finished[self] = 1;
    for (uint64_t step = 1; step < 4; step++) {
        while (phase < step)
            ;
        isb();
        if (step < 3)
            seen[self] = call();
        else
            seen[self] = *(volatile uint64_t *)(uintptr_t)alias(data, GIB_MOVED);
        __asm__ volatile("dmb ish" ::: "memory");
        finished[self] = step + 1;
    }
}

static bool all_finished(uint64_t step)
{
    uint64_t start = clock_ticks();

    for (unsigned cpu = 1; cpu < CORES; cpu++)
        while (finished[cpu] != step)
            if (clock_ticks() - start > 10 * clock_hz())
                return false;
    __asm__ volatile("dmb ish" ::: "memory");
    return true;
}

static bool all_saw(uint64_t value)
{
    for (unsigned cpu = 1; cpu < CORES; cpu++)
        if (seen[cpu] != value)
            return false;
    return true;
}

/* mov x0, #number; ret */
static void code_set(unsigned number)
{
    uint64_t at = (uint64_t)(uintptr_t)code;

    *(volatile uint32_t *)&code[0] = 0xd2800000u | number << 5;
    *(volatile uint32_t *)&code[1] = 0xd65f03c0;
    __asm__ volatile("dc cvau, %0\n dsb ish\n ic ivau, %0\n dsb ish\n isb" ::"r"(at) : "memory");
}

static void check_shared(void)
{
    tap_ok(all_finished(1), "all are done");
    tap_ok(all_saw(0x123456789), "a message behind a flag");
    tap_ok(counter == (uint64_t)CORES * TURNS, "exclusives lose nothing: %lu", counter);
    tap_ok(atomic_counter == 3ul * CORES * TURNS, "nor do atomics");
    tap_ok(locked_counter == (uint64_t)CORES * (TURNS / 10), "nor a lock");
}

static void check_code(void)
{
    for (unsigned step = 1; step < 3; step++) {
        code_set(100 + step);
        tap_ok(call() == 100 + step, "changed code, time %u", step);
        __asm__ volatile("dmb ish" ::: "memory");
        phase = step;
        tap_ok(all_finished(step + 1) && all_saw(100 + step), "changed code on the others");
    }
}

/* A mapping that one makes and the others use after its TLBI. */
static void check_tlb(void)
{
    data[0] = 0xabcdef;
    mmu_set(GIB_MOVED, RAM | MMU_NORMAL);
    phase = 3;
    tap_ok(all_finished(4) && all_saw(0xabcdef), "a mapping that another core has made");
}

static void clean(const volatile void *at)
{
    __asm__ volatile("dc civac, %0\n dsb sy" ::"r"(at) : "memory");
}

/* The same memory by way of the caches and beside them. */
static void check_aliases(void)
{
    volatile uint64_t *beside = (volatile uint64_t *)(uintptr_t)alias(data, GIB_UNCACHED);
    unsigned good = 0;

    mmu_set(GIB_UNCACHED, RAM | MMU_UNCACHED);
    for (unsigned i = 0; i < WORDS; i++)
        data[i] = i * 0x100000001ul;
    for (unsigned i = 0; i < WORDS; i++)
        clean(&data[i]);
    for (unsigned i = 0; i < WORDS; i++)
        good += beside[i] == i * 0x100000001ul;
    tap_ok(good == WORDS, "cleaned, then read beside the caches");
    for (unsigned i = good = 0; i < WORDS; i++)
        beside[i] = ~(uint64_t)i;
    dsb();
    for (unsigned i = 0; i < WORDS; i++)
        __asm__ volatile("dc ivac, %0" ::"r"(&data[i]) : "memory");
    dsb();
    for (unsigned i = 0; i < WORDS; i++)
        good += data[i] == ~(uint64_t)i;
    tap_ok(good == WORDS, "written beside the caches, invalidated, read");
}

static void by_set_and_way(void)
{
    uint64_t clidr = read_sysreg(clidr_el1);

    for (unsigned level = 0; level < 7 && (clidr >> 3 * level & 7) >= 2; level++) {
        uint64_t size, ways, sets, line, shift;

        write_sysreg(csselr_el1, level << 1);
        isb();
        size = read_sysreg(ccsidr_el1);
        ways = size >> 3 & 0x3ff;
        sets = size >> 13 & 0x7fff;
        line = (size & 7) + 4;
        shift = ways ? (uint64_t)__builtin_clz((unsigned)ways) : 31;
        for (uint64_t way = 0; way <= ways; way++)
            for (uint64_t set = 0; set <= sets; set += 64) /* some of them: each may trap */
                __asm__ volatile("dc cisw, %0" ::"r"(way << shift | set << line | level << 1));
    }
    dsb();
}

/* All of data[] with the MMU off; in registers alone, what the stack has is in the caches. */
static uint64_t sum_without_mmu(void)
{
    uint64_t sum = 0, at = (uint64_t)(uintptr_t)data, value;

    __asm__ volatile("msr sctlr_el1, %4\n isb\n"
                     "1: ldr %2, [%0], #8\n add %1, %1, %2\n cmp %0, %3\n b.lo 1b\n"
                     "msr sctlr_el1, %5\n isb"
                     : "+&r"(at), "+&r"(sum), "=&r"(value)
                     : "r"(at + sizeof(data)), "r"(SCTLR_OFF), "r"(SCTLR_CACHES)
                     : "cc", "memory");
    return sum;
}

static void check_maintenance(void)
{
    uint64_t block = 4ul << (read_sysreg(dczid_el0) & 15), zeros = 0;
    uint64_t zeroed = block / 8 * (block / 8 + 1) / 2;
    unsigned good = 0;

    for (unsigned i = 0; i < WORDS; i++)
        data[i] = i + 1;
    by_set_and_way();
    for (unsigned i = 0; i < WORDS; i++)
        good += data[i] == i + 1;
    tap_ok(good == WORDS, "cleaned and invalidated by set and way: nothing is lost");
    __asm__ volatile("dc zva, %0" ::"r"(data) : "memory");
    for (unsigned i = 0; i < WORDS; i++)
        zeros += data[i] == 0;
    tap_ok(zeros == block / 8 && data[block / 8] == block / 8 + 1, "DC ZVA zeroes %lu bytes",
           block);
    for (unsigned i = 0; i < WORDS; i++)
        clean(&data[i]);
    tap_ok(sum_without_mmu() == (uint64_t)WORDS * (WORDS + 1) / 2 - zeroed,
           "cleaned, then read with the MMU off");
}

void guest_main(const void *tree)
{
    (void)tree;
    mmu_on(SCTLR_CACHES);
    tap_ok(read_sysreg(sctlr_el1) == SCTLR_CACHES, "MMU and caches on");
    for (unsigned cpu = 1; cpu < CORES; cpu++) {
        /* What it reads with its caches off. */
        tap_ok(psci_start(cpu, 0) == 0, "core %u", cpu);
        while (!up[cpu])
            ;
    }
    message = 0x123456789;
    __asm__ volatile("dmb ishst" ::: "memory");
    flag = 1;
    work();
    check_shared();
    check_code();
    check_tlb();
    check_aliases();
    check_maintenance();
    tap_end();
}
