/* SPDX-License-Identifier: BSD-2-Clause */
/* The two symbols that a libfdt built with stack protection asks for. */
#include "say.h"

uintptr_t __stack_chk_guard = 0x00a5f00d0aff3700; /* a zero byte stops string functions */
_Noreturn void __stack_chk_fail(void);

_Noreturn void __stack_chk_fail(void)
{
    say_error("stack overwritten");
    say_stop(0);
}
