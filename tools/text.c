/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Printing text that others chose.
 */
#include "text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

/* Characters that cannot be seen, or change the order in which others are. */
static bool reorders(wchar_t c)
{
	return c == 0x061c || (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

/* Bytes of the printable character that @text starts with, 0 if it starts with none. */
static size_t printable(const char *text, size_t length, mbstate_t *state)
{
	wchar_t wide;
	size_t used = mbrtowc(&wide, text, length, state);

	if (used == (size_t)-1 || used == (size_t)-2) {
		memset(state, 0, sizeof(*state));
		return 0;
	}
	return used > 0 && iswprint((wint_t)wide) && !reorders(wide) ? used : 0;
}

char *text_escape(const char *text, size_t length)
{
	mbstate_t state = {0};
	char *escaped;
	char *out;

	if (length > (SIZE_MAX - 1) / 4)
		return NULL;
	escaped = malloc(length * 4 + 1);
	out = escaped;
	while (escaped && length > 0) {
		size_t used = printable(text, length, &state);
		unsigned char byte = (unsigned char)*text;

		if (used > 0) {
			out = mempcpy(out, text, used);
		} else {
			*out++ = '\\';
			*out++ = (char)('0' + (byte >> 6));
			*out++ = (char)('0' + (byte >> 3 & 7));
			*out++ = (char)('0' + (byte & 7));
			used = 1;
		}
		text += used;
		length -= used;
	}
	if (escaped)
		*out = '\0';
	return escaped;
}

void text_print(FILE *out, const char *text)
{
	TEXT_CLEANUP char *escaped = text_escape(text, strlen(text));

	fputs(escaped ? escaped : "?", out);
}

void text_print_name(FILE *out, const char *name)
{
	while (*name) {
		size_t length = strcspn(name, "\\");
		TEXT_CLEANUP char *escaped = text_escape(name, length);

		fputs(escaped ? escaped : "?", out);
		name += length;
		if (*name) {
			fputs("\\\\", out);
			name++;
		}
	}
}

int text_width(const char *escaped)
{
	mbstate_t state = {0};
	size_t length = strlen(escaped);
	int width = 0;

	while (length > 0) {
		wchar_t wide;
		size_t used = mbrtowc(&wide, escaped, length, &state);
		int columns;

		if (used == 0 || used > length)
			break;
		columns = wcwidth(wide);
		width += columns > 0 ? columns : 0;
		escaped += used;
		length -= used;
	}
	return width;
}

void text_pad(FILE *out, const char *escaped, int width)
{
	int missing = width - text_width(escaped);

	fprintf(out, "%s%*s", escaped, missing > 0 ? missing : 0, "");
}

void text_freep(char **text)
{
	free(*text);
}
