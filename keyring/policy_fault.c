/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Complaints: one line each, whatever the file holds. */
#include "keyring/policy_fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* of the file's name; the end says most */
#define FILE_SHOWN 512

const char *policy_fault_word(const char *word, char shown[FAULT_WORD_SIZE])
{
	size_t at = 0;

	for (; *word; word++) {
		unsigned char c = (unsigned char)*word;

		if (at + 8 > FAULT_WORD_SIZE) {
			memcpy(shown + at, "...", sizeof("..."));
			return shown;
		}
		if (c >= ' ' && c < 0x7f)
			shown[at++] = (char)c;
		else
			at += (size_t)snprintf(shown + at, FAULT_WORD_SIZE - at, "\\%03o", c);
	}
	shown[at] = '\0';
	return shown;
}

/* Names come from administrators, and still must not look like another line. */
static void defuse(char *text)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			*text = '?';
	}
}

void policy_fault_set(struct policy_fault *fault, const char *file, unsigned int line,
		      const char *format, ...)
{
	size_t length = strlen(file), at;
	char number[16] = "";
	va_list values;

	fault->line = line;
	if (line)
		snprintf(number, sizeof(number), "%u:", line);
	at = (size_t)snprintf(fault->text, sizeof(fault->text), "%s:%s ",
			      length > FILE_SHOWN ? file + length - FILE_SHOWN : file, number);
	va_start(values, format);
	vsnprintf(fault->text + at, sizeof(fault->text) - at, format, values);
	va_end(values);
	defuse(fault->text);
}
