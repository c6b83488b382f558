/* SPDX-License-Identifier: BSD-2-Clause */
/* The words and numbers that edited trees are made of. */
#ifndef FUZZ_EDIT_WORDS_H
#define FUZZ_EDIT_WORDS_H

#include <stdint.h>

extern const char *const edit_words[];
extern const uint32_t edit_word_count;
extern const uint32_t edit_numbers[];
extern const uint32_t edit_number_count;

#endif
