/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes of an access to nothing; for C and assembly. */
#ifndef FAULTS_H
#define FAULTS_H

#define NOTHING 0
#define LOAD    1
#define STORE   2
#define FETCH   3
#define ATOMIC  4

#endif
