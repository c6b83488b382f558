/* SPDX-License-Identifier: BSD-2-Clause */
/* The registers that guests and EL0 programs take turns in: inline, for the ways that are quick.
 * The exit that follows is the context synchronisation for all of them. */
#ifndef SWAP_H
#define SWAP_H

#include "object.h"
#include "regs.h"
#include "stage2.h"

static inline void swap_keep(struct vcpu *vcpu)
{
    vcpu->sctlr = read_reg("sctlr_el1");
    vcpu->cntkctl = read_reg("cntkctl_el1");
    vcpu->mdscr = read_reg("mdscr_el1");
}

static inline void swap_to_guest(const struct vcpu *vcpu)
{
    write_reg("sctlr_el1", vcpu->sctlr);
    write_reg("cntkctl_el1", vcpu->cntkctl);
    write_reg("mdscr_el1", vcpu->mdscr);
    write_reg("cptr_el2", CPTR_GUEST);
    write_reg("vttbr_el2", vcpu->partition->space[BH_SPACE_GUEST].vttbr);
    write_reg("hcr_el2", vcpu->hcr);
}

static inline void swap_to_program(const struct space *space)
{
    write_reg("sctlr_el1", SCTLR_USER);
    write_reg("cntkctl_el1", CNTKCTL_USER);
    write_reg("mdscr_el1", 0);
    write_reg("cptr_el2", CPTR_USER);
    write_reg("vttbr_el2", space->vttbr);
    write_reg("hcr_el2", HCR_USER);
}

#endif
