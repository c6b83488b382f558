/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest that misuses its interrupt controller, its timers and PSCI with all its vCPUs at once:
 * registers at random offsets in random widths, SGIs to everybody, interrupts ended twice, never or
 * in the wrong order, vCPUs that go off and on under each other's hands. What it draws depends on
 * the seed alone. */
#include "hostile.h"

enum { CPUS = 8, STEPS = 64, QUOTA = 32, LAST_INTID = 128 };

static struct dice dices[CPUS];
static unsigned taken[CPUS]; /* interrupts in this step */
static uint64_t seed, rounds;
static unsigned cpus;

/* Ends an interrupt, or not, or another one. */
static void end(struct dice *dice, unsigned intid)
{
    switch (dice_below(dice, 8)) {
    case 0:
        break;
    case 1:
        gic_eoi(dice_below(dice, LAST_INTID));
        break;
    case 2:
        gic_dir(intid);
        gic_eoi(intid);
        break;
    case 3:
        gic_eoi(intid);
        gic_eoi(intid);
        break;
    case 4:
        write_sysreg(icc_eoir0_el1, intid);
        break;
    default:
        gic_eoi(intid);
        gic_dir(intid);
        break;
    }
}

void irq_handle(struct frame *frame)
{
    unsigned cpu = cpu_number();
    unsigned intid = gic_ack();

    if (dice_one_in(&dices[cpu], 8))
        write_sysreg(cntv_ctl_el0, dice_below(&dices[cpu], 4));
    end(&dices[cpu], intid);
    if (++taken[cpu] > QUOTA) /* a level that never falls must not be all that it does */
        frame->spsr |= 0x80;
}

/* A register at a random offset: of the distributor, or of any vCPU's redistributor. */
static uint64_t gic_register(struct dice *dice)
{
    static const uint16_t blocks[] = {0x000, 0x080, 0x100, 0x180, 0x200, 0x280, 0x300,
                                      0x380, 0x400, 0x800, 0xc00, 0xd00, 0xf00, 0x6100};
    uint64_t base = dice_one_in(dice, 2) ? GICD : gic_sgi(dice_below(dice, cpus));
    uint64_t offset = blocks[dice_below(dice, 14)] + dice_below(dice, 0x80);

    switch (dice_below(dice, 8)) {
    case 0:
        return base + dice_below(dice, 0x10000);
    case 1:
        return gic_rd(dice_below(dice, cpus)) + dice_below(dice, 0x40);
    default:
        return base + (offset & ~3ull);
    }
}

static void step_registers(struct dice *dice)
{
    uint64_t at = gic_register(dice);
    uint64_t value = dice_one_in(dice, 4) ? ~0ull : dice_roll(dice);

    switch (dice_below(dice, 8)) {
    case 0:
        write8(at, (uint32_t)value);
        break;
    case 1:
        write16(at & ~1ull, (uint32_t)value);
        break;
    case 2:
        write64(at & ~7ull, value & 0xff);
        break;
    case 3:
        read8(at);
        read16(at & ~1ull);
        read64(at & ~7ull);
        break;
    case 4:
        read32(at & ~3ull);
        break;
    default:
        write32(at & ~3ull, (uint32_t)value);
        break;
    }
}

static void step_interface(struct dice *dice)
{
    uint64_t value = dice_roll(dice);

    switch (dice_below(dice, 16)) {
    case 0:
        write_sysreg(icc_pmr_el1, value & 0xff);
        break;
    case 1:
        write_sysreg(icc_bpr1_el1, value & 7);
        break;
    case 2:
        write_sysreg(icc_bpr0_el1, value & 7);
        break;
    case 3:
        write_sysreg(icc_ctlr_el1, value);
        break;
    case 4:
        write_sysreg(icc_igrpen1_el1, value & 1);
        write_sysreg(icc_igrpen0_el1, value >> 1 & 1);
        break;
    case 5:
        write_sysreg(icc_ap1r0_el1, value);
        break;
    case 6:
        write_sysreg(icc_ap0r0_el1, value);
        break;
    case 7:
        write_sysreg(icc_dir_el1, value % LAST_INTID);
        break;
    case 8:
        write_sysreg(icc_dir_el1, value);
        break;
    case 9:
        write_sysreg(icc_eoir1_el1, value % LAST_INTID);
        break;
    case 10:
        read_sysreg(icc_iar0_el1);
        break;
    case 11:
        gic_ack();
        break;
    case 12: /* EOImode under active interrupts */
        gic_eoimode(value & 1);
        break;
    default: /* as software should have it, or nothing would ever come */
        write_sysreg(icc_pmr_el1, 0xff);
        write_sysreg(icc_igrpen1_el1, 1);
        write_sysreg(icc_ap1r0_el1, 0);
        write32(GICD, 0x13);
        break;
    }
    isb();
}

static void step_timers(struct dice *dice)
{
    uint64_t now = clock_ticks();
    uint64_t when = dice_one_in(dice, 2)   ? now - dice_below(dice, 1 << 20)
                    : dice_one_in(dice, 2) ? now + dice_below(dice, 1 << 14)
                                           : dice_roll(dice);

    if (dice_one_in(dice, 2)) {
        write_sysreg(cntv_cval_el0, when);
        write_sysreg(cntv_ctl_el0, dice_below(dice, 4));
    } else {
        write_sysreg(cntp_cval_el0, when);
        write_sysreg(cntp_ctl_el0, dice_below(dice, 4));
    }
    isb();
}

static void step_sgis(struct dice *dice)
{
    uint64_t intid = dice_below(dice, 16);

    for (unsigned i = 0; i < 16; i++)
        switch (dice_below(dice, 4)) {
        case 0:
            write_sysreg(icc_sgi1r_el1, intid << 24 | 0xffff);
            break;
        case 1:
            write_sysreg(icc_sgi1r_el1, intid << 24 | 1ull << 40);
            break;
        case 2:
            write_sysreg(icc_sgi0r_el1, dice_roll(dice));
            break;
        default:
            write_sysreg(icc_asgi1r_el1, dice_roll(dice));
            break;
        }
}

static void step_power(struct dice *dice)
{
    uint64_t target = dice_below(dice, cpus + 1);

    switch (dice_below(dice, 4)) {
    case 0:
        psci(PSCI_AFFINITY_INFO, target, dice_below(dice, 5), 0);
        break;
    case 1:
        if (cpu_number() && dice_one_in(dice, 4))
            psci_cpu_off();
        break;
    default:
        psci_start(target, dice_roll(dice));
        break;
    }
}

static void step(struct dice *dice)
{
    taken[cpu_number()] = 0;
    switch (dice_below(dice, 8)) {
    case 0:
        step_sgis(dice);
        break;
    case 1:
        step_timers(dice);
        break;
    case 2:
        step_power(dice);
        break;
    case 3:
    case 4:
        step_interface(dice);
        break;
    default:
        step_registers(dice);
        break;
    }
    irq_on();
    irq_off();
}

static void prepare(void)
{
    for (unsigned i = 0; i < 32; i++)
        gic_enable(i);
    write_sysreg(icc_igrpen1_el1, 1);
    write_sysreg(icc_pmr_el1, 0xff);
    isb();
}

void guest_secondary(uint64_t context)
{
    unsigned cpu = cpu_number();

    (void)context;
    dices[cpu] = dice_for(dice_roll(&dices[cpu]), cpu);
    prepare();
    for (;;)
        step(&dices[cpu]);
}

void guest_main(const void *tree)
{
    seed = bootargs_number(tree, "seed", 1);
    rounds = bootargs_number(tree, "rounds", 100);
    cpus = cpu_count();
    for (unsigned i = 0; i < CPUS; i++)
        dices[i] = dice_for(seed, i);
    gic_init();
    trap_expect(); /* accesses that are refused are skipped, from here to the end */
    prepare();
    for (unsigned i = 1; i < cpus; i++)
        psci_start(i, 0);
    for (uint64_t round = 0; round < rounds; round++)
        for (unsigned i = 0; i < STEPS; i++)
            step(&dices[0]);
    print("\nseed %lu: all rounds are done\n", seed);
    psci_system_off();
}
