/* SPDX-License-Identifier: BSD-2-Clause */
/* System registers: access, and the bits that the kernel uses, under the Arm manual's names (DDI
 * 0487). */
#ifndef REGS_H
#define REGS_H

#include "types.h"

#define read_reg(name)                                                                             \
    ({                                                                                             \
        uint64_t read_value;                                                                       \
        __asm__ volatile("mrs %0, " name : "=r"(read_value));                                      \
        read_value;                                                                                \
    })
#define write_reg(name, value) __asm__ volatile("msr " name ", %x0" ::"rZ"((uint64_t)(value)))

/* Barriers and maintenance, each use with its reason beside it. */
#define isb()             __asm__ volatile("isb" ::: "memory")
#define dsb(kind)         __asm__ volatile("dsb " #kind ::: "memory")
#define tlbi(operation)   __asm__ volatile("tlbi " #operation ::: "memory")
#define dc_civac(address) __asm__ volatile("dc civac, %0" ::"r"(address) : "memory")

/* HCR_EL2. Guest and EL0 program differ in who owns EL0 and in stage 1. */
#define HCR_VM (1ull << 0) /* stage 2 on */
#define HCR_SWIO                                                                                   \
    (1ull << 1) /* a guest's DC ISW cleans too: it would drop other partitions' dirty lines */
#define HCR_FMO   (1ull << 3)  /* FIQ to EL2, virtual ones to the guest */
#define HCR_IMO   (1ull << 4)  /* IRQ likewise; ICC_SGI*R_EL1 traps */
#define HCR_AMO   (1ull << 5)  /* SError likewise */
#define HCR_DC    (1ull << 12) /* no stage 1: Normal write-back */
#define HCR_TWI   (1ull << 13) /* WFI: a service takes the time */
#define HCR_TID3  (1ull << 18) /* ID registers: what is not virtualised is hidden */
#define HCR_TSC   (1ull << 19) /* SMC: firmware is not the guest's */
#define HCR_TIDCP (1ull << 20) /* implementation-defined registers */
#define HCR_TACR  (1ull << 21) /* ACTLR_EL1 */
#define HCR_TGE   (1ull << 27) /* exceptions of EL0 come to EL2; EL1 does not exist */
#define HCR_RW    (1ull << 31) /* EL1 is AArch64 */
#define HCR_TLOR  (1ull << 35) /* limited ordering regions */
#define HCR_TERR  (1ull << 36) /* RAS error records: the machine's */
#define HCR_GUEST                                                                                  \
    (HCR_VM | HCR_SWIO | HCR_FMO | HCR_IMO | HCR_AMO | HCR_TID3 | HCR_TSC | HCR_TIDCP | HCR_TACR | \
     HCR_RW | HCR_TLOR | HCR_TERR)
#define HCR_USER (HCR_VM | HCR_SWIO | HCR_FMO | HCR_IMO | HCR_AMO | HCR_DC | HCR_TGE | HCR_RW)

/* CPTR_EL2 without E2H. */
#define CPTR_RES1  0x32ffull
#define CPTR_TZ    (1ull << 8)  /* SVE */
#define CPTR_TFP   (1ull << 10) /* FP and SIMD: the guest's, while its monitor runs */
#define CPTR_TSM   (1ull << 12) /* SME */
#define CPTR_TTA   (1ull << 20) /* trace registers */
#define CPTR_TAM   (1ull << 30) /* activity monitors */
#define CPTR_GUEST (CPTR_RES1 | CPTR_TZ | CPTR_TSM | CPTR_TTA | CPTR_TAM)
#define CPTR_USER  (CPTR_GUEST | CPTR_TFP)

/* MDCR_EL2: performance monitors and statistical profiling trap; debug registers are the guest's
 * own. */
#define MDCR_TPMCR (1ull << 5)
#define MDCR_TPM   (1ull << 6)
#define MDCR_TPMS  (1ull << 14)
#define MDCR_TTRF  (1ull << 19)

/* SCTLR_EL1 of a guest at reset, and of every EL0 program (its EL0 controls apply with stage 1 off
 * as well). */
#define SCTLR_EL1_RES1 0x30d00800ull
#define SCTLR_SA0      (1ull << 4)
#define SCTLR_DZE      (1ull << 14)
#define SCTLR_UCT      (1ull << 15)
#define SCTLR_NTWI     (1ull << 16)
#define SCTLR_NTWE     (1ull << 18)
#define SCTLR_SPAN     (1ull << 23)
#define SCTLR_UCI      (1ull << 26)
#define SCTLR_DSSBS    (1ull << 44)
#define SCTLR_USER                                                                                 \
    (SCTLR_EL1_RES1 | SCTLR_SA0 | SCTLR_DZE | SCTLR_UCT | SCTLR_NTWI | SCTLR_NTWE | SCTLR_UCI)

#define CNTKCTL_USER     3ull /* EL0PCTEN, EL0VCTEN: EL0 programs read the counters */
#define CNTHCTL_EL1PCTEN 1ull /* the physical counter and timer are the guest's own */
#define CNTHCTL_EL1PCEN  2ull

/* SPSR_EL2 / PSTATE. */
#define PSTATE_EL0T    0x0ull
#define PSTATE_EL1H    0x5ull
#define PSTATE_MODE    0x1full /* M[4:0] */
#define PSTATE_AARCH32 0x10ull
#define PSTATE_DAIF    0x3c0ull
#define PSTATE_BTYPE   (3ull << 10)
#define PSTATE_SSBS    (1ull << 12)
#define PSTATE_SS      (1ull << 21)
#define PSTATE_PAN     (1ull << 22)
#define PSTATE_DIT     (1ull << 24)
#define PSTATE_NZCV    (15ull << 28)

/* ESR_EL2. */
#define ESR_EC(esr)   ((uint32_t)((esr) >> 26 & 0x3f))
#define ESR_IL        (1ull << 25)
#define EC_WFX        0x01u
#define EC_HVC64      0x16u
#define EC_SMC64      0x17u
#define EC_SYS64      0x18u
#define EC_IABT_LOWER 0x20u
#define EC_DABT_LOWER 0x24u
#define ESR_ISV       (1ull << 24)
#define ESR_SAS(esr)  ((uint32_t)((esr) >> 22 & 3))
#define ESR_SSE       (1ull << 21)
#define ESR_SRT(esr)  ((uint32_t)((esr) >> 16 & 31))
#define ESR_SF        (1ull << 15)
#define ESR_CM        (1ull << 8)
#define ESR_S1PTW     (1ull << 7)
#define ESR_WNR       (1ull << 6)
#define ESR_FSC(esr)  ((uint32_t)((esr)&0x3f))
#define FSC_EXTERNAL  0x10ull

#endif
