/* SPDX-License-Identifier: BSD-2-Clause */
/* The hypervisor's half of the CPU interface: list registers and their control (IHI 0069, 12.4). */
#include "arch.h"
#include "lib.h"
#include "regs.h"

#define HCR_EN             (1u << 0)
#define HCR_UIE            (1u << 1) /* one or none left: choose again */
#define HCR_LRENPIE        (1u << 2) /* a deactivation found no list register */
#define HCR_NPIE           (1u << 3) /* none pending left */
#define HCR_VGRP0EIE       (1u << 4) /* the guest has enabled group 0 at its interface */
#define HCR_VGRP0DIE       (1u << 5) /* disabled it */
#define HCR_VGRP1EIE       (1u << 6)
#define HCR_VGRP1DIE       (1u << 7)
#define HCR_TDIR           (1u << 14) /* ICC_DIR_EL1 traps */
#define HCR_EOICOUNT_SHIFT 27

#define ICH_LR(n)  "S3_4_C12_C12_" #n
#define ICH_LR8(n) "S3_4_C12_C13_" #n
/* clang-format off */
#define EACH_LR(X)                                                                                \
    X(0, ICH_LR(0)) X(1, ICH_LR(1)) X(2, ICH_LR(2)) X(3, ICH_LR(3))                               \
    X(4, ICH_LR(4)) X(5, ICH_LR(5)) X(6, ICH_LR(6)) X(7, ICH_LR(7))                               \
    X(8, ICH_LR8(0)) X(9, ICH_LR8(1)) X(10, ICH_LR8(2)) X(11, ICH_LR8(3))                         \
    X(12, ICH_LR8(4)) X(13, ICH_LR8(5)) X(14, ICH_LR8(6)) X(15, ICH_LR8(7))
/* clang-format on */

void ich_init(void)
{
    write_reg(ICC_SRE_EL2, 15); /* SRE, DFB, DIB, Enable */
    isb();                      /* the other registers of the interface exist from here on */
    write_reg(ICH_HCR_EL2, 0);
}

uint32_t ich_count(void)
{
    return (uint32_t)(read_reg(ICH_VTR_EL2) & 31) + 1;
}

uint64_t ich_read(uint32_t n)
{
    switch (n) {
#define X(index, name)                                                                             \
    case index:                                                                                    \
        return read_reg(name);
        EACH_LR(X)
#undef X
    }
    panic("list register", n, 0, 0);
}

void ich_write(uint32_t n, uint64_t value)
{
    switch (n) {
#define X(index, name)                                                                             \
    case index:                                                                                    \
        write_reg(name, value);                                                                    \
        break;
        EACH_LR(X)
#undef X
    }
}

uint32_t ich_empty(void)
{
    isb(); /* what was written since the last exit counts */
    return (uint32_t)read_reg(ICH_ELRSR_EL2);
}

bool ich_split_eoi(void)
{
    /* VMCR.VEOIM; where VTR.TDS says that DIR cannot trap alone, active ones must stay in as with
     * EOImode 0. */
    return read_reg(ICH_VMCR_EL2) >> 9 & read_reg(ICH_VTR_EL2) >> 19 & 1;
}

uint32_t ich_groups(void)
{
    return (uint32_t)read_reg(ICH_VMCR_EL2) & 3; /* VENG0, VENG1 */
}

void ich_control(bool outside, bool emptied, bool active_outside)
{
    bool split = ich_split_eoi();
    uint32_t groups = ich_groups();
    /* DIR always traps: with EOImode 1 any vCPU may deactivate what another one has; with EOImode 0
     * nobody writes it. */
    uint32_t hcr = HCR_EN | HCR_TDIR;

    /* A group that is off waits outside until it is on. While both are on, one that goes off makes
     * room for what waits (asked for only then: QEMU 7.2 looks at group 1 for either). */
    hcr |= groups & 1 ? 0 : HCR_VGRP0EIE;
    hcr |= groups & 2 ? 0 : HCR_VGRP1EIE;
    hcr |= outside && groups == 3 ? HCR_VGRP0DIE | HCR_VGRP1DIE : 0;
    /* With EOImode 1 active ones make room: whatever waits gets in as soon as none is pending. With
     * EOImode 0 that would never stop while all are active; there underflow is the moment, and the
     * other only when the last pending one is taken: the guest may have changed its mode. */
    hcr |= (outside ? HCR_UIE : 0) | (emptied ? HCR_NPIE : 0);
    hcr |= active_outside && !split ? HCR_LRENPIE : 0;
    write_reg(ICH_HCR_EL2, hcr);
    isb(); /* a maintenance interrupt that this ends is gone before it is looked for */
}

uint32_t ich_take_eoicount(void)
{
    uint64_t hcr = read_reg(ICH_HCR_EL2);

    write_reg(ICH_HCR_EL2, hcr & ((1u << HCR_EOICOUNT_SHIFT) - 1));
    return (uint32_t)(hcr >> HCR_EOICOUNT_SHIFT & 31);
}

void ich_reset(void)
{
    uint64_t preemption =
        read_reg(ICH_VTR_EL2) >> 26 & 7; /* PREbits - 1: how many AP registers exist */

    write_reg(ICC_SRE_EL1, 7);
    write_reg(ICH_AP0R0_EL2, 0);
    write_reg(ICH_AP1R0_EL2, 0);
    if (preemption > 4) {
        write_reg(ICH_AP0R1_EL2, 0);
        write_reg(ICH_AP1R1_EL2, 0);
    }
    if (preemption > 5) {
        write_reg(ICH_AP0R2_EL2, 0);
        write_reg(ICH_AP1R2_EL2, 0);
        write_reg(ICH_AP0R3_EL2, 0);
        write_reg(ICH_AP1R3_EL2, 0);
    }
    for (uint32_t n = 0; n < ich_count(); n++)
        ich_write(n, 0);
    write_reg(ICH_VMCR_EL2,
              0); /* groups off, everything masked; binary points go to their minimum */
    write_reg(ICH_HCR_EL2, HCR_EN);
    isb(); /* the reset state is there before list registers are filled */
}

void ich_off(void)
{
    write_reg(ICH_HCR_EL2, 0);
    isb(); /* no maintenance interrupt of a vCPU that is gone */
}
