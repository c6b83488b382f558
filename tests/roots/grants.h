/* SPDX-License-Identifier: BSD-2-Clause */
/* What the manager grants.c and the guest grants.c agree on. */
#ifndef GRANTS_H
#define GRANTS_H

enum {
    GRANTS_BELL = 40,         /* Event: own interrupt */
    GRANTS_BELL_MONITOR = 41, /* the same, not for the guest */
    GRANTS_PEER = 42,         /* Event: the next partition's interrupt */
    GRANTS_UNBOUND = 43,      /* Event bound to nothing */
    GRANTS_CONTROL = 44,
    GRANTS_CORE = 45,
    GRANTS_PARTITION = 46,
    GRANTS_VCPU = 47,
    GRANTS_TIMER = 48,
    GRANTS_EMPTY = 49,

    GRANTS_INTID_SELF = 48,
    GRANTS_INTID_PEER = 49,
    GRANTS_INTID_GPIO = 63,

    GRANTS_GPIO = 0x09030000, /* PL061 of QEMU's virt board, SPI 7 */
    GRANTS_GPIO_PHYSICAL = 39
};

#endif
