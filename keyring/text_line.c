/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers, words and a bounded buffer. */
#include "keyring/text_line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool text_number(const char *value, int64_t max, int64_t *number)
{
	*number = 0;
	if (*value < '1' || *value > '9')
		return false;
	for (; *value; value++) {
		if (*value < '0' || *value > '9' || __builtin_mul_overflow(*number, 10, number) ||
		    __builtin_add_overflow(*number, *value - '0', number))
			return false;
	}
	return *number <= max;
}

bool text_word_ok(const char *name, size_t max)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t length = strnlen(name, max + 1);

	return length > 0 && length <= max && strspn(name, allowed) == length;
}

void text_put(struct text_writer *writer, const char *format, ...)
{
	size_t room = writer->size - writer->length;
	va_list values;
	int width;

	if (writer->full)
		return;
	va_start(values, format);
	width = vsnprintf(writer->buffer + writer->length, room, format, values);
	va_end(values);
	if (width < 0 || (size_t)width >= room)
		writer->full = true;
	else
		writer->length += (size_t)width;
}
