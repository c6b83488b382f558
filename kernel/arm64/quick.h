/* SPDX-License-Identifier: BSD-2-Clause */
/* The quick ways into the kernel and out again; vectors.S calls them. */
#ifndef QUICK_H
#define QUICK_H

#include "object.h"

struct frame *quick_sync(struct core *core);
struct frame *quick_irq(struct core *core);
/* BH_RETURN with BH_DO_RESUME and its values, while a vCPU is resident. */
struct frame *quick_return(struct core *core, uint64_t action, uint64_t a, uint64_t b, uint64_t c,
                           uint64_t d);

#endif
