/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's CPU interface, as far as it traps: SGIs and deactivation (IHI 0069, section 12.2). */
#include "icc_regs.h"
#include "trap.h"

/* ICC_SGI1R makes SGIs of group 1, ICC_SGI0R and ICC_ASGI1R of group 0: with one security state the
 * "other state's group 1" is that (IHI 0069, 12.1.10). The affinity of a vCPU is its index in Aff0:
 * Aff1 to Aff3 and the range selector of a target list must be zero. */
static void icc_sgi(struct vcpu *vcpu, uint64_t value, uint32_t group)
{
    uint32_t targets = value & 0x00fff0ff00ff0000 ? 0 : (uint32_t)value & 0xffff;

    if (value >> 40 & 1) /* IRM: all but the sender */
        targets = ~(1u << vcpu->index);
    virq_sgi(vcpu->partition, targets, value >> 24 & 15, group);
}

bool icc_write(struct vcpu *vcpu, uint32_t key, uint64_t value)
{
    switch (key) {
    case SYSREG(3, 0, 12, 11, 5): /* ICC_SGI1R_EL1 */
        icc_sgi(vcpu, value, 1);
        return true;
    case SYSREG(3, 0, 12, 11, 6): /* ICC_ASGI1R_EL1 */
    case SYSREG(3, 0, 12, 11, 7): /* ICC_SGI0R_EL1 */
        icc_sgi(vcpu, value, 0);
        return true;
    case SYSREG(3, 0, 12, 11, 1): /* ICC_DIR_EL1: always traps (ich_control) */
        /* With EOImode 0 (VMCR.VEOIM) it is ignored, as on the bare board. */
        if (read_reg(ICH_VMCR_EL2) >> 9 & 1)
            virq_deactivate(vcpu, (uint32_t)value & 0xffffff);
        return true;
    }
    return false;
}
