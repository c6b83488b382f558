/* SPDX-License-Identifier: BSD-2-Clause */
/* The loop whose instructions are counted from outside: between these two symbols. */
    .text
    .globl checksum_run
/* uint64_t checksum_run(const uint64_t *words, uint64_t count, uint64_t rounds) */
checksum_run:
    mov x3, #0
1:  cbz x2, 3f
    mov x4, x0
    mov x5, x1
2:  ldr x6, [x4], #8
    ror x3, x3, #63
    add x3, x3, x6
    subs x5, x5, #1
    b.ne 2b
    sub x2, x2, #1
    b 1b
3:  mov x0, x3
    ret
    .globl checksum_end
checksum_end:
