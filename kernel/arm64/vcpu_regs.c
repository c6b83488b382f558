/* SPDX-License-Identifier: BSD-2-Clause */
/* Per-core EL2 registers, and a vCPU's registers: at reset, when it leaves, and beside an EL0
 * program's. */
#include "arch.h"
#include "layout.h"
#include "lib.h"
#include "object.h"
#include "regs.h"
#include "swap.h"

/* EL1 registers in their state at a vCPU's reset. SCTLR_EL1, CNTKCTL_EL1 and MDSCR_EL1 are swapped
 * with those of EL0 programs and come from the vCPU's structure. The timers are off before a start
 * (vcpu_quiesce), and go on when a vCPU begins anew after a suspension. */
/* clang-format off */
#define RESET_REGS(X)                                                                             \
    X("ttbr0_el1", 0) X("ttbr1_el1", 0) X("tcr_el1", 0) X("mair_el1", 0) X("amair_el1", 0)        \
    X("vbar_el1", 0) X("esr_el1", 0) X("far_el1", 0) X("afsr0_el1", 0) X("afsr1_el1", 0)          \
    X("cpacr_el1", 0) X("contextidr_el1", 0) X("tpidr_el0", 0) X("tpidrro_el0", 0)                \
    X("tpidr_el1", 0) X("par_el1", 0) X("csselr_el1", 0) X("sp_el1", 0) X("elr_el1", 0)           \
    X("spsr_el1", 0) X("fpsr", 0) X("fpcr", 0)
/* clang-format on */

/* EL2 controls that never change after a core's start; every one is written, reset values are
 * unknown. */
/* clang-format off */
#define CORE_REGS(X)                                                                              \
    X("hcr_el2", HCR_USER) X("cptr_el2", CPTR_USER) X("hstr_el2", 0) X("hacr_el2", 0)             \
    X("mdcr_el2", MDCR_TPM | MDCR_TPMCR | MDCR_TPMS | MDCR_TTRF | pmu_counters())                 \
    X("cnthctl_el2", CNTHCTL_EL1PCTEN | CNTHCTL_EL1PCEN) X("cntvoff_el2", 0)                      \
    X("cnthp_ctl_el2", 0) X("vpidr_el2", read_reg("midr_el1")) X("vtcr_el2", stage2_vtcr())       \
    X("vttbr_el2", 0) X("actlr_el2", 0) X("afsr0_el2", 0) X("afsr1_el2", 0) X("tpidr_el0", 0)     \
    X("cntv_ctl_el0", 0) X("cntp_ctl_el0", 0)
/* clang-format on */

/* MDCR_EL2.HPMN: all counters stay reachable from EL1, whose accesses trap anyway; 0 would be
 * unpredictable. */
static uint64_t pmu_counters(void)
{
    uint64_t version = read_reg("id_aa64dfr0_el1") >> 8 & 15;

    return version && version != 15 ? read_reg("pmcr_el0") >> 11 & 31 : 0;
}

/* EL2 controls of later architecture versions, where they exist: what they could trap or change
 * stays off, memory partitioning traps. */
static void arch_init_extensions(void)
{
    if (read_reg("id_aa64mmfr0_el1") >> 56 & 15) { /* fine-grained traps */
        write_reg("S3_4_C1_C1_4", 0);              /* HFGRTR_EL2 */
        write_reg("S3_4_C1_C1_5", 0);              /* HFGWTR_EL2 */
        write_reg("S3_4_C1_C1_6", 0);              /* HFGITR_EL2 */
        write_reg("S3_4_C3_C1_4", 0);              /* HDFGRTR_EL2 */
        write_reg("S3_4_C3_C1_5", 0);              /* HDFGWTR_EL2 */
    }
    if (read_reg("id_aa64mmfr1_el1") >> 40 & 15)
        write_reg("S3_4_C1_C2_2", 0); /* HCRX_EL2 */
    if (read_reg("id_aa64pfr0_el1") >> 40 & 15)
        write_reg("S3_4_C10_C5_0", 3ull << 48); /* MPAM2_EL2: TRAPMPAM0EL1, TRAPMPAM1EL1 */
    if (read_reg("id_aa64pfr0_el1") >> 28 & 15)
        write_reg("S3_4_C5_C2_3", 0); /* VSESR_EL2 */
    if (read_reg("id_aa64dfr0_el1") >> 32 & 15)
        write_reg("S3_4_C9_C9_0", 0); /* PMSCR_EL2 */
    if (read_reg("id_aa64dfr0_el1") >> 40 & 15)
        write_reg("S3_4_C1_C2_1", 0); /* TRFCR_EL2 */
}

void arch_init_core(void)
{
    ich_init();
#define X(name, value) write_reg(name, value);
    CORE_REGS(X)
#undef X
    arch_init_extensions();
    isb();                  /* VTCR_EL2 and HCR_EL2 say what the invalidation below is about */
    CHECK(ich_count() > 1); /* underflow maintenance says "one or none left" */
    /* No translation of an earlier owner of this core. */
    tlbi(alle1);
    dsb(nsh);
    isb();
}

static void vcpu_zero_fp(void)
{
    write_reg("cptr_el2", CPTR_GUEST);
    isb(); /* FP is enabled before it is used */
    /* clang-format off */
#define V(n) __asm__ volatile(".arch_extension fp\n\t.arch_extension simd\n\tmovi v" #n ".2d, #0");
    V(0) V(1) V(2) V(3) V(4) V(5) V(6) V(7) V(8) V(9) V(10) V(11) V(12) V(13) V(14) V(15)
    V(16) V(17) V(18) V(19) V(20) V(21) V(22) V(23) V(24) V(25) V(26) V(27) V(28) V(29) V(30) V(31)
#undef V
    /* clang-format on */
}

void vcpu_reset(struct core *core, struct vcpu *vcpu)
{
    memset(&vcpu->frame, 0, sizeof(vcpu->frame));
    vcpu->frame.x[0] = vcpu->argument;
    vcpu->frame.pc = vcpu->entry;
    vcpu->frame.pstate = PSTATE_EL1H | PSTATE_DAIF;
    vcpu->sctlr = SCTLR_EL1_RES1;
    vcpu->cntkctl = 0;
    vcpu->mdscr = 0;
    vcpu->hcr = HCR_GUEST;
    vcpu_zero_fp();
#define X(name, value) write_reg(name, value);
    RESET_REGS(X)
#undef X
    /* RES1 bit 31; Aff0 is the index (icc_sgi relies on it), the other fields are zero. */
    write_reg("vmpidr_el2", 1ull << 31 | vcpu->index);
    vcpu_resume(core, vcpu);
    isb(); /* VTTBR_EL2 names the guest's VMID */
    /* What was loaded may have been fetched or translated before, by an earlier life of this
     * partition. */
    tlbi(vmalls12e1);
    __asm__ volatile("ic iallu" ::: "memory");
    dsb(nsh);
    isb();
}

void vcpu_trap_wait(struct core *core, bool on)
{
    core->vcpu->hcr = on ? HCR_GUEST | HCR_TWI : HCR_GUEST;
    if (core->mode == CORE_GUEST)
        write_reg("hcr_el2", core->vcpu->hcr);
}

void vcpu_resume(struct core *core, struct vcpu *vcpu)
{
    swap_to_guest(vcpu);
    core->frame = &vcpu->frame;
}

void vcpu_quiesce(void)
{
    write_reg("cntv_ctl_el0", 0);
    write_reg("cntp_ctl_el0", 0);
    isb(); /* the timers are silent before anyone looks for their interrupts */
}

void uspace_enter(struct core *core, const struct space *space, struct frame *frame)
{
    if (core->resident)
        swap_keep(core->vcpu);
    else
        write_reg("tpidr_el0", 0); /* what the manager had there is nobody else's */
    swap_to_program(space);
    core->frame = frame;
}

void uspace_borrow(struct core *core, struct vcpu *service)
{
    if (core->resident) {
        /* EL0 reaches these, and this program is not of the guest's partition. */
        core->vcpu->thread = read_reg("tpidr_el0");
        core->vcpu->thread_ro = read_reg("tpidrro_el0");
    }
    write_reg("tpidrro_el0", 0);
    uspace_enter(core, &service->partition->space[BH_SPACE_RUN], &service->frame);
    write_reg("tpidr_el0", 0);
}

void uspace_give_back(struct core *core)
{
    write_reg("tpidr_el0", core->vcpu->thread);
    write_reg("tpidrro_el0", core->vcpu->thread_ro);
    vcpu_resume(core, core->vcpu);
}

void uspace_allow_fp(void)
{
    write_reg("cptr_el2", CPTR_GUEST);
    write_reg("cpacr_el1", 3u << 20); /* FPEN: no trap at EL0 */
    isb();                            /* before the exit, whichever comes first */
}
