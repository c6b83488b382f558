/* SPDX-License-Identifier: BSD-2-Clause */
/* A ticket lock. Who may wait for whom is written in doc/design.md, "Locks". */
#ifndef LOCK_H
#define LOCK_H

#include "arch.h"

struct lock {
    uint32_t next;
    uint32_t owner;
};

static inline void lock_take(struct lock *lock)
{
    uint32_t ticket = __atomic_fetch_add(&lock->next, 1, __ATOMIC_RELAXED);

    /* Acquire: pairs with the release in lock_drop. */
    while (__atomic_load_n(&lock->owner, __ATOMIC_ACQUIRE) != ticket)
        arch_relax();
}

static inline void lock_drop(struct lock *lock)
{
    __atomic_store_n(&lock->owner, lock->owner + 1, __ATOMIC_RELEASE);
}

#endif
