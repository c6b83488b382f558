/* SPDX-License-Identifier: BSD-2-Clause */
/* Keeps, compares and restores all that the kernel's sources can write; addresses of its objects as
 * the real map has them, with the image at the start of RAM. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>

enum { LOAD = 0x40000000 };

extern char image_start[], image_end[], state_start[], state_end[];

static uint64_t *kept, *pristine;

/* Between the kernel's variables lie the sanitizer's red zones: only plain loops may cross them. */
#define PLAIN __attribute__((no_sanitize("address", "undefined")))

static size_t image_words(void)
{
    return (size_t)(state_end - state_start) / sizeof(uint64_t);
}

static PLAIN void image_copy(volatile uint64_t *to, const volatile uint64_t *from)
{
    for (size_t i = 0; i < image_words(); i++)
        to[i] = from[i];
}

void image_save(void)
{
    if (!kept)
        kept = malloc((size_t)(state_end - state_start));
    image_copy(kept, (uint64_t *)state_start);
}

void image_begin(void)
{
    if (pristine) {
        image_copy((uint64_t *)state_start, pristine);
        return;
    }
    pristine = malloc((size_t)(state_end - state_start));
    image_copy(pristine, (uint64_t *)state_start);
}

PLAIN bool image_same(void)
{
    const volatile uint64_t *now = (uint64_t *)state_start;

    for (size_t i = 0; i < image_words(); i++)
        if (now[i] != kept[i])
            return false;
    return true;
}

paddr_t mmu_physical(const void *kernel)
{
    assert_in_range((uintptr_t)kernel, (uintptr_t)image_start, (uintptr_t)image_end);
    return pa((uint64_t)((const char *)kernel - image_start) + LOAD);
}

void *mmu_pointer(paddr_t physical)
{
    assert_in_range(physical.raw, LOAD, LOAD + (uint64_t)(image_end - image_start));
    return image_start + (physical.raw - LOAD);
}
