/* SPDX-License-Identifier: BSD-2-Clause */
/* Before guest RAM is written: devices that write to it by themselves are told not to. */
#include "monitor.h"

void quiesce_devices(const struct bh_mon_config *config)
{
    for (uint64_t i = 0; i < config->writes; i++)
        *(volatile uint32_t *)config->write[i].address = (uint32_t)config->write[i].value;
    /* A write may be acknowledged on its way to the device (nGnRE). What answers a read of the same
     * register has seen the write. */
    for (uint64_t i = 0; i < config->writes; i++)
        (void)*(volatile uint32_t *)config->write[i].address;
    /* What they have been told stands before what RAM is filled with. */
    __asm__ volatile("dsb sy" ::: "memory");
}
