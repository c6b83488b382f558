/* SPDX-License-Identifier: BSD-2-Clause */
/* The hypervisor's half of the CPU interface: list registers and their control (IHI 0069, 12.4). */
#include "ich.h"
#include "icc_regs.h"
#include "lib.h"
#include "regs.h"

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
    ich_command(0);
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

void ich_command(uint32_t hcr)
{
    write_reg(ICH_HCR_EL2, hcr);
    isb(); /* in force before anyone looks for interrupts, or fills list registers */
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
    /* Groups off, everything masked; binary points go to their minimum. */
    write_reg(ICH_VMCR_EL2, 0);
    ich_command(HCR_EN);
}
