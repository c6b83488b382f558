/* SPDX-License-Identifier: BSD-2-Clause */
/* Status codes of every capability call: zero or positive is success, negative says what was wrong.
 */
#ifndef BULKHEAD_STATUS_H
#define BULKHEAD_STATUS_H

enum bh_status {
    BH_OK = 0,
    BH_ERR_LABEL = -1, /* no such operation */
    BH_ERR_SLOT = -2,  /* slot outside the table, empty where a capability is needed, or taken where
                          none may be */
    BH_ERR_TYPE = -3,  /* the capability is of another type than the operation works on */
    BH_ERR_RIGHTS = -4, /* the capability lacks a right that the operation needs */
    BH_ERR_RANGE = -5,  /* an argument is outside its range */
    BH_ERR_ALIGN = -6,  /* an address or size is not a multiple of what the operation works in */
    BH_ERR_STATE = -7,  /* the object is in a state that does not allow this */
    BH_ERR_SEALED = -8, /* the machine is sealed: its structure does not change any more */
    BH_ERR_POOL = -9,   /* a fixed pool is exhausted (objects, translation tables) */
    BH_ERR_TAKEN = -10, /* the resource is bound or mapped already */
    BH_ERR_ALREADY_ON = -11, /* the vCPU runs */
    BH_ERR_ON_PENDING = -12, /* the vCPU is being started */
    BH_ERR_PLATFORM = -13,   /* firmware refused; the first result is its code */
};

#endif
