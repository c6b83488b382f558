/* SPDX-License-Identifier: BSD-2-Clause */
/* The manager's image inside the kernel's (arm64/manager.S, arm64/kernel.lds). */
#ifndef MANAGER_H
#define MANAGER_H

extern char image_start[], image_end[];
extern char manager_image[] __attribute__((aligned(4096))), manager_image_end[];

#endif
