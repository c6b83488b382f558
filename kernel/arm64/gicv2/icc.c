/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's CPU interface is memory, GICV's: none of its registers trap, none is a system
 * register. */
#include "trap.h"

bool icc_write(struct vcpu *vcpu, uint32_t key, uint64_t value)
{
    (void)vcpu;
    (void)key;
    (void)value;
    return false;
}
