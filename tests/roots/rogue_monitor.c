/* SPDX-License-Identifier: BSD-2-Clause */
/* A monitor that does what none should. Its partition's name, "rogue-<what>-<seed>", says what:
 * each starts its guest, misbehaves through some upcalls, and then makes its last mistake. */
#include <bulkhead/el0.h>
#include <bulkhead/invoke.h>
#include <bulkhead/monitor.h>
#include <bulkhead/upcall.h>
#include <stdbool.h>

enum { RAW_OFFSET = 0x80000, LAST = 200, CALLS = 16, TICKS = 20000 };

/* Starts with other letters, so one is enough. */
enum what {
    ACTION = 'a', /* answers that the upcall does not allow */
    BREAKPOINT = 'b',
    CALL = 'c',  /* every call on every slot */
    DATA = 'd',  /* executes data */
    EARLY = 'e', /* sets its timer while it loads; nothing worse */
    FLOAT = 'f', /* FP registers */
    GUEST = 'g', /* the guest's memory, which it may not see while the guest runs */
    HVC = 'h',
    LOOP = 'l',      /* never comes back */
    NOTHING = 'n',   /* faults before it has started anything */
    OVERWRITE = 'o', /* all that it can write, then faults; off when it has begun anew thrice */
    PRIVILEGED = 'p',
    RESUME = 'r', /* what it has not started */
    START = 's',  /* vCPUs anywhere */
    TIMER = 't',  /* deadlines in the past */
    UNMAPPED = 'u',
    WRITE = 'w', /* writes its own code */
};

/* What its start-up code rebuilds. */
enum { KEPT = 0x5eed, TIMES = 3 };
static volatile uint64_t kept = KEPT;
static volatile uint64_t zero[512];
extern char program_data_start[], program_stack_base[], program_stack_size[];

static uint64_t state; /* of the numbers that look random; races between vCPUs do no harm */
static uint32_t upcalls;

_Noreturn void monitor_upcall(uint64_t kind, uint64_t vcpu);

static uint64_t roll(void)
{
    uint64_t x = state += 0x9e3779b97f4a7c15;

    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    return (x ^ x >> 27) * 0x94d049bb133111eb;
}

static uint64_t argument(void)
{
    switch (roll() >> 40 & 7) {
    case 0:
        return roll();
    case 1:
        return ~(roll() >> 60);
    case 2:
        return 1ull << (roll() >> 58);
    case 3:
        return roll() >> 56;
    default:
        return (roll() >> 40) % 10;
    }
}

static void call_anything(void)
{
    uint64_t label = BH_LABEL_BASE + (roll() >> 40) % (BH_LABEL_END - BH_LABEL_BASE + 2);
    uint64_t slot = roll() >> 63 ? (roll() >> 40) % 66 : BH_MON_PARTITION;

    if (label == BH_CONTROL_CONSOLE) /* text is not what this is about */
        bh_svc(label, slot, roll() >> 63 ? 0 : 41 + argument() % 1000, 0, 0, 0, 0, 0);
    else if (slot == BH_MON_PARTITION && roll() >> 63)
        bh_svc(BH_VIRQ_WRITE, roll() >> 63 ? BH_MON_PARTITION : BH_MON_VCPU + (roll() >> 62),
               (roll() >> 40) % BH_VIRQ_FIELDS, (roll() >> 60) * 8, argument(), roll(), 0, 0);
    else
        bh_svc(label, slot, argument(), argument(), argument(), argument(), argument(), argument());
}

static void answer(uint64_t action, uint64_t a, uint64_t b)
{
    bh_svc(BH_RETURN, action, a, b, roll(), roll(), 0, 0);
}

static void load(const struct bh_mon_config *config)
{
    char *to = (char *)(BH_MON_RAM + RAW_OFFSET);

    __builtin_memcpy(to, (const char *)config->image[0].address, config->image[0].size);
    bh_cache_clean(to, config->image[0].size);
    answer(BH_DO_START, config->bank[0].guest + RAW_OFFSET, 0);
}

static void privileged(uint64_t choice)
{
    switch (choice % 6) {
    case 0:
        __asm__ volatile("msr vbar_el1, xzr");
        break;
    case 1:
        __asm__ volatile("msr daifset, #15");
        break;
    case 2:
        __asm__ volatile("mrs x0, vttbr_el2" ::: "x0");
        break;
    case 3:
        __asm__ volatile("eret");
        break;
    case 4:
        __asm__ volatile("msr cntv_ctl_el0, xzr");
        break;
    default:
        __asm__ volatile("smc #0");
        break;
    }
}

/* Writes its data and every stack, its own last call's too. */
static _Noreturn void overwrite(const struct bh_mon_config *config)
{
    char *at = program_data_start;
    char *end = program_stack_base + (uintptr_t)program_stack_size * config->vcpus;

    __asm__ volatile("1: str %1, [%0], #8\n"
                     "   cmp %0, %1\n"
                     "   b.lo 1b\n"
                     "   brk #7"
                     : "+r"(at)
                     : "r"(end)
                     : "memory");
    __builtin_unreachable();
}

static void say(const char *text)
{
    uint64_t words[5] = {0};
    uint64_t count = 0;

    for (; text[count] && count < sizeof(words); count++)
        words[count / 8] |= (uint64_t)(unsigned char)text[count] << (count % 8 * 8);
    bh_svc(BH_CONTROL_CONSOLE, BH_MON_CONSOLE, count, words[0], words[1], words[2], words[3],
           words[4]);
}

/* Its memory must be as the first time. */
static void begin_anew(const struct bh_mon_config *config)
{
    struct bh_result life = bh_svc(BH_PARTITION_STATE, BH_MON_PARTITION, 0, 0, 0, 0, 0, 0);
    uint64_t wrong = kept != KEPT;

    for (unsigned i = 0; i < sizeof(zero) / sizeof(zero[0]); i++)
        wrong += zero[i] != 0;
    say(wrong ? "rogue: its memory is another\n" : "rogue: begins\n");
    if (life.value[2] >> 32 == TIMES)
        answer(BH_DO_STOP, BH_STOP_OFF, 0);
    if (life.value[2] >> 32 & 1)
        load(config); /* the first upcall of its guest is the last */
    overwrite(config);
}

/* What ends the partition. */
static void mistake(enum what what, const struct bh_mon_config *config)
{
    switch (what) {
    case BREAKPOINT:
        __asm__ volatile("brk #0");
        break;
    case DATA:
        ((void (*)(void))(uintptr_t)&state)();
        break;
    case FLOAT: /* FPCR is one of them; the build would refuse the others */
        __asm__ volatile("mrs x0, fpcr" ::: "x0");
        break;
    case GUEST:
        *(volatile char *)BH_MON_RAM;
        break;
    case HVC:
        __asm__ volatile("hvc #0");
        break;
    case LOOP:
        for (;;)
            ;
    case PRIVILEGED:
        privileged(config->name[12] + 0u);
        break;
    case WRITE:
        *(volatile uint32_t *)(uintptr_t)monitor_upcall = 0;
        break;
    case UNMAPPED:
        *(volatile uint64_t *)roll() = 0;
        break;
    case ACTION:
        answer(roll() >> 63 ? BH_DO_START : argument() | 8, argument(), argument());
        break;
    case RESUME:
        answer(BH_DO_RESUME, 0, 0);
        break;
    case CALL:
    case EARLY:
    case NOTHING:
    case OVERWRITE:
    case START:
    case TIMER:
        break;
    }
    answer(~0ull, 0, 0);
}

_Noreturn void monitor_upcall(uint64_t kind, uint64_t vcpu)
{
    const struct bh_mon_config *config = (const struct bh_mon_config *)BH_MON_CONFIG;
    const enum what what = (enum what)config->name[6];
    uint64_t now;

    if (kind == BH_UPCALL_LOAD) {
        for (const char *c = config->name; *c; c++)
            state = state * 31 + (unsigned char)*c;
        if (what == OVERWRITE)
            begin_anew(config);
        if (what == NOTHING || what == RESUME)
            mistake(what, config);
        if (what == EARLY) /* long over when the guest begins */
            bh_svc(BH_TIMER_SET, BH_MON_TIMER, 0, 0, 0, 0, 0, 0);
        if (what == CALL)
            for (unsigned i = 0; i < 200; i++)
                call_anything();
        load(config);
    }
    if (what == OVERWRITE)
        overwrite(config);
    if (what == EARLY)
        answer(kind == BH_UPCALL_CALL ? BH_DO_STOP : BH_DO_RESUME,
               kind == BH_UPCALL_CALL ? BH_STOP_OFF : 0, 0);
    if (++upcalls > LAST)
        mistake(what, config);
    __asm__ volatile("mrs %0, cntpct_el0" : "=r"(now));
    /* So that there is a next upcall whatever the guest does. */
    bh_svc(BH_TIMER_SET, BH_MON_TIMER + vcpu, what == TIMER ? now - argument() : now + TICKS, 0, 0,
           0, 0, 0);
    for (unsigned i = 0; what == CALL && i < CALLS; i++)
        call_anything();
    for (uint64_t i = 0; what == START && i < config->vcpus; i++)
        bh_svc(BH_VCPU_START, BH_MON_VCPU + i, roll() >> 63 ? roll() : argument() * 4096, roll(), 0,
               0, 0, 0);
    if (kind == BH_UPCALL_CALL && what == START && vcpu)
        answer(BH_DO_OFF, 0, 0);
    if (kind == BH_UPCALL_CALL && what == CALL && roll() >> 62 == 0)
        answer(BH_DO_SUSPEND, argument(), argument());
    if (kind <= BH_UPCALL_MMIO_WRITE && roll() >> 62 == 0)
        answer(BH_DO_ABORT, 0, 0);
    answer(BH_DO_RESUME, argument(), argument());
    __builtin_trap();
}
