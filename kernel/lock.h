/* SPDX-License-Identifier: BSD-2-Clause */
/* A partition's lock: only its own cores take it, so that who waits here waits for nobody else
 * (doc/design.md, "Locks"). Whoever runs may have it next; between a partition's own cores no order
 * is owed. */
#ifndef LOCK_H
#define LOCK_H

#include "arch.h"

struct lock {
    uint32_t taken;
};

static inline void lock_take(struct lock *lock)
{
    /* Acquire: pairs with the release in lock_drop. */
    while (__atomic_exchange_n(&lock->taken, 1, __ATOMIC_ACQUIRE))
        while (__atomic_load_n(&lock->taken, __ATOMIC_RELAXED))
            arch_relax();
}

static inline void lock_drop(struct lock *lock)
{
    __atomic_store_n(&lock->taken, 0, __ATOMIC_RELEASE);
}

#endif
