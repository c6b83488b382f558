/* SPDX-License-Identifier: BSD-2-Clause */
/* Known errata of the core that runs this. */
#ifndef ERRATA_H
#define ERRATA_H

/* Tells of those that nothing works around. */
void errata_report(void);

#endif
