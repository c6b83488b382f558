/* SPDX-License-Identifier: BSD-2-Clause */
/* Trapped system registers: ID registers less what is not virtualised, and the interrupt
 * controller's. */
#include "platform.h"
#include "regs.h"
#include "trap.h"

#define SYSREG_KEY(esr)  ((uint32_t)((esr)&0x3ffc1e))
#define SYSREG_RT(esr)   ((uint32_t)((esr) >> 5 & 31))
#define SYSREG_READ(esr) ((esr)&1)

#define FIELD(shift)     (15ull << (shift))
#define GIC_FIELD(shift) (PLATFORM_GIC == 3 ? FIELD(shift) : 0) /* its system registers exist */

/* ID registers that a guest sees, and the fields that stay. What is not here reads as zero: not
 * implemented. AArch32 ones serve its applications. */
/* clang-format off */
#define ID_REGS(X)                                                                                 \
    X(1, 0, "id_pfr0_el1", 0xffff)                                                                 \
    X(1, 1, "id_pfr1_el1", FIELD(0) | FIELD(4) | FIELD(16) | GIC_FIELD(28))                            \
    X(1, 2, "id_dfr0_el1", FIELD(0) | FIELD(8))                                                    \
    X(1, 4, "id_mmfr0_el1", ~0ull)                                                                 \
    X(1, 5, "id_mmfr1_el1", ~0ull)                                                                 \
    X(1, 6, "id_mmfr2_el1", ~0ull)                                                                 \
    X(1, 7, "id_mmfr3_el1", ~0ull)                                                                 \
    X(2, 0, "id_isar0_el1", ~0ull)                                                                 \
    X(2, 1, "id_isar1_el1", ~0ull)                                                                 \
    X(2, 2, "id_isar2_el1", ~0ull)                                                                 \
    X(2, 3, "id_isar3_el1", ~0ull)                                                                 \
    X(2, 4, "id_isar4_el1", ~0ull)                                                                 \
    X(2, 5, "id_isar5_el1", ~0ull)                                                                 \
    X(3, 0, "mvfr0_el1", ~0ull)                                                                    \
    X(3, 1, "mvfr1_el1", ~0ull)                                                                    \
    X(3, 2, "mvfr2_el1", ~0ull)                                                                    \
    X(4, 0, "id_aa64pfr0_el1",                                                                     \
      FIELD(0) | FIELD(16) | FIELD(20) | GIC_FIELD(24) | FIELD(48) | FIELD(56) | FIELD(60))            \
    X(4, 1, "id_aa64pfr1_el1", FIELD(0) | FIELD(4))                                                \
    X(5, 0, "id_aa64dfr0_el1", FIELD(0) | FIELD(12) | FIELD(20) | FIELD(28) | FIELD(36))           \
    X(6, 0, "id_aa64isar0_el1", ~FIELD(24) /* TME */)                                                \
    X(6, 1, "id_aa64isar1_el1",                                                                    \
      FIELD(0) | FIELD(12) | FIELD(16) | FIELD(20) | FIELD(32) | FIELD(36) | FIELD(40) |           \
          FIELD(44) | FIELD(52))                                                                   \
    X(7, 0, "id_aa64mmfr0_el1", 0xffffffff)                                                        \
    X(7, 1, "id_aa64mmfr1_el1", FIELD(0) | FIELD(4) | FIELD(12) | FIELD(20) | FIELD(24))           \
    X(7, 2, "id_aa64mmfr2_el1",                                                                    \
      FIELD(0) | FIELD(4) | FIELD(8) | FIELD(16) | FIELD(20) | FIELD(28) | FIELD(32) | FIELD(36))
/* clang-format on */

/* Fields that say more than the core: EL1 is AArch64 only, EL2 and EL3 are not there, addresses end
 * with the space. */
static uint64_t sysreg_adapt(uint32_t crm, uint32_t op2, uint64_t value)
{
    uint64_t range = value & 15;

    /* CSV2 above 1 would promise SCXTNUM registers, which trap. */
    if (crm == 4 && op2 == 0)
        return (value & FIELD(56) ? (value & ~FIELD(56)) | 1ull << 56 : value) | 1ull << 4;
    if (crm == 7 && op2 == 0)
        return (value & ~15ull) | (range > 2 ? 2 : range); /* 40 bits: stage2.c, SPACE_BITS */
    return value;
}

static const uint64_t sysreg_masks[8][8] = {
#define X(m, o, name, mask) [m][o] = mask,
    ID_REGS(X)
#undef X
};

static uint64_t sysreg_id(uint32_t crm, uint32_t op2)
{
    uint64_t value = 0;

    switch (crm << 3 | op2) {
#define X(m, o, name, mask)                                                                        \
    case (m) << 3 | (o):                                                                           \
        value = read_reg(name);                                                                    \
        break;
        ID_REGS(X)
#undef X
    }
    return sysreg_adapt(crm, op2, value & sysreg_masks[crm & 7][op2]);
}

static bool sysreg_write(struct vcpu *vcpu, uint32_t key, uint64_t value)
{
    if (key == SYSREG(3, 0, 1, 0, 1)) /* ACTLR_EL1: nothing implementation defined to be set */
        return true;
    return icc_write(vcpu, key, value);
}

static bool sysreg_read(uint32_t key, uint64_t *value)
{
    *value = 0;
    if (key == SYSREG(3, 0, 1, 0, 1)) /* ACTLR_EL1 */
        return true;
    /* ID group 3: op0 3, op1 0, CRn 0, CRm 1 to 7. */
    if ((key & SYSREG(3, 7, 15, 0, 0)) != SYSREG(3, 0, 0, 0, 0) || !(key >> 1 & 15) ||
        (key >> 1 & 15) > 7)
        return false;
    *value = sysreg_id(key >> 1 & 15, key >> 17 & 7);
    return true;
}

void sysreg_trap(struct core *core, struct frame *frame, uint64_t esr)
{
    uint32_t target = SYSREG_RT(esr);
    uint64_t value;
    bool known;

    if (SYSREG_READ(esr)) {
        known = sysreg_read(SYSREG_KEY(esr), &value);
        if (known && target < 31)
            frame->x[target] = value;
    } else {
        known = sysreg_write(core->vcpu, SYSREG_KEY(esr), target < 31 ? frame->x[target] : 0);
    }
    if (known)
        trap_skip(frame);
    else
        trap_undefined(frame);
}
