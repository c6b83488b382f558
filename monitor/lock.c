/* SPDX-License-Identifier: BSD-2-Clause */
/* The monitor's one lock: a ticket lock, so that no vCPU of the partition starves another. */
#include "monitor.h"

static uint32_t lock_next;  /* the ticket that the next one to come draws */
static uint32_t lock_owner; /* the ticket whose turn it is */

void lock_take(void)
{
    uint32_t ticket = __atomic_fetch_add(&lock_next, 1, __ATOMIC_RELAXED);
    uint32_t owner;

    /* The exclusive load arms the monitor whose clearing, by lock_drop's store, is the event that
     * ends the WFE. Acquire: pairs with the release in lock_drop. */
    __asm__ volatile("   sevl\n"
                     "1: wfe\n"
                     "   ldaxr %w0, [%1]\n"
                     "   cmp %w0, %w2\n"
                     "   b.ne 1b\n"
                     : "=&r"(owner)
                     : "r"(&lock_owner), "r"(ticket)
                     : "cc", "memory");
}

void lock_drop(void)
{
    /* Release: pairs with the acquiring load in lock_take. Only the owner writes it. */
    __atomic_store_n(&lock_owner, lock_owner + 1, __ATOMIC_RELEASE);
}
