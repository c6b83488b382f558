/* SPDX-License-Identifier: BSD-2-Clause */
/* The root partition manager's flat image, or that of a test in its place. */
    .section .manager, "aw"
    .balign 4096
    .globl manager_image, manager_image_end
manager_image:
    .incbin MANAGER_IMAGE
    .balign 4096
manager_image_end:
