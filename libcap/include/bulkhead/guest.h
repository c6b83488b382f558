/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that a guest can make of its monitor, by HVC #0 or SMC #0, beside PSCI: function in x0,
 * arguments from x1 on, results from x0 on. They lie in the vendor-specific hypervisor range of the
 * SMC Calling Convention (DEN0028): fast calls, 64 bit, owner 6. Unknown ones are NOT_SUPPORTED
 * (-1). */
#ifndef BULKHEAD_GUEST_H
#define BULKHEAD_GUEST_H

enum bh_guest_call {
    /* crash(code, detail): the guest says that it has failed. It is stopped, or begins anew, as its
     * description says; both values stand in the failure's record as syndrome and address. Does not
     * return. */
    BH_GUEST_CRASH = 0xc6000100u,

    /* state(): x0 = 0, x1 = number of its failures | number of times that it began anew << 32, x2 =
     * enum bh_stop_reason of its last stop (bulkhead/call.h). */
    BH_GUEST_STATE = 0xc6000101u,

    /* failure(back, part): x0 = 0 and x1 to x3 as BH_PARTITION_FAILURE (bulkhead/call.h) says, of
     * the guest's own partition; x0 = -2 (INVALID_PARAMETERS) when there was none so far back. */
    BH_GUEST_FAILURE = 0xc6000102u,
};

#endif
