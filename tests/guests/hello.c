/* SPDX-License-Identifier: BSD-2-Clause */
/* The smallest guest: says hello and powers off. */
#include "guest.h"

void guest_main(const void *tree)
{
    print("hello from EL%u, args: %s\n", (unsigned)read_sysreg(currentel) >> 2 & 3, bootargs(tree));
}
