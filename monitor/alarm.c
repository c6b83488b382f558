/* SPDX-License-Identifier: BSD-2-Clause */
/* The deadlines of emulated devices: a vCPU has one Timer, which is set to the earliest of them. */
#include "monitor.h"

#include <bulkhead/invoke.h>

/* As they begin, none is set. Each vCPU's are touched on its own core only, and need no lock. */
static struct {
    uint64_t at[ALARMS];
    uint64_t timer; /* what the Timer is set to */
} alarms[BH_MAX_VCPUS];

static void alarm_program(uint32_t vcpu)
{
    uint64_t first = 0;

    for (uint32_t i = 0; i < ALARMS; i++)
        if (alarms[vcpu].at[i] && (!first || alarms[vcpu].at[i] < first))
            first = alarms[vcpu].at[i];
    if (first == alarms[vcpu].timer)
        return;
    alarms[vcpu].timer = first;
    bh_svc(BH_TIMER_SET, BH_MON_TIMER + vcpu, first ? first : ~(uint64_t)0, 0, 0, 0, 0, 0);
}

void alarm_set(uint32_t vcpu, enum alarm alarm, uint64_t deadline)
{
    alarms[vcpu].at[alarm] = deadline;
    alarm_program(vcpu);
}

uint32_t alarm_due(uint32_t vcpu)
{
    uint64_t now = clock_now();
    uint32_t due = 0;

    alarms[vcpu].timer = 0; /* it has run out */
    for (uint32_t i = 0; i < ALARMS; i++)
        if (alarms[vcpu].at[i] && alarms[vcpu].at[i] <= now) {
            alarms[vcpu].at[i] = 0;
            due |= 1u << i;
        }
    alarm_program(vcpu);
    return due;
}
