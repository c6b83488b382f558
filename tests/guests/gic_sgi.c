/* SPDX-License-Identifier: BSD-2-Clause */
/* SGIs of a GICv3 with every form of target: lists, ranges, all but self, other clusters; and by
 * group. */
#include "guest.h"

enum { SGI = 6, SGI0 = 7 };
#define RS(n)     ((uint64_t)(n) << 44)
#define IRM       (1ul << 40)
#define AFF(a, n) ((uint64_t)(n) << ((a) == 1 ? 16 : (a) == 2 ? 32 : 48))

static unsigned count;
static volatile uint32_t fast[CREW_CORES]; /* FIQs */

CREW_GUEST

void fiq_handle(struct frame *frame)
{
    unsigned intid = (unsigned)read_sysreg(icc_iar0_el1);

    (void)frame;
    if (intid == SGI0)
        fast[cpu_number()]++;
    write_sysreg(icc_eoir0_el1, intid);
    dsb();
}

static bool reaches(uint64_t value, unsigned set)
{
    struct crew_notes notes;

    crew_note(&notes, SGI);
    write_sysreg(icc_sgi1r_el1, value | (uint64_t)SGI << 24);
    isb();
    return crew_saw(&notes, set, set != 0);
}

static void check_lists(void)
{
    const unsigned all = (1u << count) - 1;
    bool right = true;

    for (unsigned set = 0; set <= all; set += count > 4 ? 11 : 1)
        right = right && reaches(set, set);
    tap_ok(right, "target lists: whatever set of %u cores", count);
    tap_ok(reaches(0xffff, all), "cores that do not exist are ignored");
    tap_ok(reaches(0xffff & ~all, 0), "only such: nobody");
    tap_ok(reaches(0, 0), "an empty list: nobody");
}

static void check_affinity(void)
{
    tap_ok(reaches(AFF(1, 1) | 0xffff, 0), "another Aff1: nobody");
    tap_ok(reaches(AFF(1, 0x80) | 0xffff, 0), "another Aff1, its highest bit: nobody");
    tap_ok(reaches(AFF(2, 1) | 0xffff, 0), "another Aff2: nobody");
    tap_ok(reaches(AFF(3, 1) | 0xffff, 0), "another Aff3: nobody");
    if (read_sysreg(icc_ctlr_el1) >> 18 & 1) { /* RSS */
        tap_ok(reaches(RS(1) | 0xffff, 0), "range 1: cores 16 to 31, nobody");
        tap_ok(reaches(RS(15) | 0xffff, 0), "range 15: nobody");
    }
}

static void check_others(void)
{
    const unsigned others = ((1u << count) - 1) & ~1u;

    tap_ok(reaches(IRM, others), "all but self");
    tap_ok(reaches(IRM | 0xffff, others), "all but self: the list is ignored");
    tap_ok(reaches(IRM | AFF(1, 3) | AFF(2, 4) | AFF(3, 5) | 1, others),
           "all but self: the affinity is ignored");
}

static void open_group_0(void)
{
    gic_group(SGI0, 0);
    write_sysreg(icc_igrpen0_el1, 1);
    isb();
}

static void enter_fast(void)
{
    irq_on(); /* for what would hide it: only the highest is signalled */
    fiq_on();
    clock_wait_us(200);
    fiq_off();
    irq_off();
}

/* Where the SGI is of group 0 at one core and of group 1 at the others. */
static void check_groups(void)
{
    const unsigned all = (1u << count) - 1;
    struct crew_notes notes;
    uint32_t had = fast[1];

    gic_groups(3);
    crew_do(1, open_group_0);
    crew_note(&notes, SGI0);
    write_sysreg(icc_sgi1r_el1, (uint64_t)SGI0 << 24 | all);
    isb();
    tap_ok(crew_saw(&notes, all & ~2u, 1), "ICC_SGI1R_EL1: where it is of group 1");
    crew_do(1, enter_fast);
    tap_ok(fast[1] == had, "and not where it is of group 0");
    crew_note(&notes, SGI0);
    write_sysreg(icc_sgi0r_el1, (uint64_t)SGI0 << 24 | all);
    isb();
    tap_ok(crew_saw(&notes, 0, 0), "ICC_SGI0R_EL1: not where it is of group 1");
    crew_do(1, enter_fast);
    tap_ok(fast[1] == had + 1, "but where it is of group 0");
    write_sysreg(icc_sgi0r_el1, (uint64_t)SGI0 << 24 | IRM);
    isb();
    crew_do(1, enter_fast);
    tap_ok(fast[1] == had + 2, "ICC_SGI0R_EL1: all but self");
    write_sysreg(icc_asgi1r_el1, (uint64_t)SGI0 << 24 | all);
    isb();
    crew_do(1, enter_fast);
    tap_ok(crew_saw(&notes, 0, 0) && fast[1] == had + 3, "ICC_ASGI1R_EL1: as ICC_SGI0R_EL1");
    write32(gic_sgi(1) + IGROUPR, ~0u);
}

/* To a core that is off: kept pending, or lost with it, but the core lives. */
static void check_off(void)
{
    struct crew_notes notes;
    const unsigned last = count - 1;

    crew_set(last, CREW_OFF);
    while (psci(PSCI_AFFINITY_INFO, last, 0, 0) != 1)
        ;
    crew_note(&notes, SGI);
    write_sysreg(icc_sgi1r_el1, (uint64_t)SGI << 24 | ((1u << count) - 1));
    isb();
    tap_ok(crew_saw(&notes, ((1u << count) - 1) & ~(1u << last), 1), "the others, when one is off");
    crew_start(last, CREW_IDLE);
    clock_wait_us(2000);
    tap_ok(reaches(1u << last, 1u << last), "started again it takes SGIs");
}

void guest_main(const void *tree)
{
    (void)tree;
    count = crew_begin();
    for (unsigned i = 0; i < 2; i++) {
        check_lists();
        check_others();
        for (unsigned cpu = 1; cpu < count && cpu < 3;
             cpu++) /* more would only fight for their host */
            crew_set(cpu, CREW_BUSY);
    }
    check_affinity();
    check_groups();
    check_off();
    crew_end();
}
