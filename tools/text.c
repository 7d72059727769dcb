/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Printing text that others chose.
 */
#include "text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

/*
 * Characters that cannot be seen, or change the order or look of others: those of Unicode's
 * category Cf that have no shape of their own, what is to be ignored by default, and the
 * separators of lines and paragraphs.  In order.
 */
static const struct {
	wchar_t first, last;
} hidden[] = {
	{0x00ad, 0x00ad},   {0x034f, 0x034f},   {0x061c, 0x061c},   {0x070f, 0x070f},
	{0x115f, 0x1160},   {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x200b, 0x200f},
	{0x2028, 0x202e},   {0x2060, 0x206f},   {0x3164, 0x3164},   {0xfe00, 0xfe0f},
	{0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb},   {0x13430, 0x1343f},
	{0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

bool text_hides(wchar_t c)
{
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]) && c >= hidden[i].first; i++) {
		if (c <= hidden[i].last)
			return true;
	}
	return false;
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
	return used > 0 && iswprint((wint_t)wide) && !text_hides(wide) ? used : 0;
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
