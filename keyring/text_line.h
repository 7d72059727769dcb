/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the texts of token keys and of call contexts have in common.  Pure functions. */
#ifndef GUISE_KEYRING_TEXT_LINE_H
#define GUISE_KEYRING_TEXT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Is all of @value a decimal number from 1 to @max in its one spelling? */
bool text_number(const char *value, int64_t max, int64_t *number);

/* Is @name 1 to @max letters, digits, '.', '_' and '-'? */
bool text_word_ok(const char *name, size_t max);

/* A buffer that is filled from its beginning. */
struct text_writer {
	char *buffer;
	size_t size, length;
	bool full; /* something did not fit; nothing is put any more */
};

/* Puts what @format gives, and a NUL that the next one overwrites. */
__attribute__((format(printf, 2, 3))) void text_put(struct text_writer *writer, const char *format,
						    ...);

#endif
