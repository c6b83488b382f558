/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing JSON, indented by nesting, to standard output. */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stdint.h>

/* A member of an object has a key; an element of an array, and the whole, has none: NULL. */
void json_object(const char *key);
void json_array(const char *key);
void json_end(void); /* of the innermost object or array */

void json_string(const char *key, const char *value); /* NULL is null */
void json_number(const char *key, uint64_t value);
void json_bool(const char *key, bool value);
void json_null(const char *key);

#endif
