/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Paths in files of saved descriptors.
 */
#include "saved_path.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

/* Characters that cannot be seen, end a line, or change the order in which others are. */
static bool is_hidden(ucs4_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x061c ||
	       (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff0 && c <= 0xfffb) ||
	       (c >= 0xe0000 && c <= 0xe0fff);
}

/* Bytes of the character that @text begins with, if it is written as it is; else 0. */
static size_t plain(const char *text, size_t length)
{
	ucs4_t c;
	int used = u8_mbtoucr(&c, (const uint8_t *)text, length);

	return used > 0 && !is_hidden(c) && c != '\\' ? (size_t)used : 0;
}

char *saved_path_escape(const char *path)
{
	size_t length = strlen(path);
	char *text = length < SIZE_MAX / 4 - 1 ? malloc(length * 4 + 1) : NULL;
	char *out = text;

	while (text && length > 0) {
		size_t used = plain(path, length);
		unsigned char byte = (unsigned char)*path;

		if (used > 0) {
			out = mempcpy(out, path, used);
		} else if (byte == '\\') {
			out = mempcpy(out, "\\\\", 2);
		} else {
			*out++ = '\\';
			*out++ = (char)('0' + (byte >> 6));
			*out++ = (char)('0' + (byte >> 3 & 7));
			*out++ = (char)('0' + (byte & 7));
		}
		used = used > 0 ? used : 1;
		path += used;
		length -= used;
	}
	if (text)
		*out = '\0';
	return text;
}

/* The byte that "ooo" stands for, not NUL; -1 if none. */
static int octal(const char *text, size_t length)
{
	int value = 0;

	if (length < 3 || text[0] > '3')
		return -1;
	for (int i = 0; i < 3; i++) {
		if (text[i] < '0' || text[i] > '7')
			return -1;
		value = value * 8 + text[i] - '0';
	}
	return value ? value : -1;
}

/* The byte at @text into *@byte; returns how many characters stand for it, 0 if they are wrong. */
static size_t take(const char *text, size_t length, char *byte)
{
	int value;

	*byte = *text;
	if (*text != '\\')
		return *text ? 1 : 0;
	if (length > 1 && text[1] == '\\')
		return 2;
	value = octal(text + 1, length - 1);
	*byte = (char)value;
	return value < 0 ? 0 : 4;
}

int saved_path_unescape(const char *text, size_t length, char **path)
{
	char *result = malloc(length + 1);
	char *out = result;

	if (!result)
		return -ENOMEM;
	while (length > 0) {
		size_t used = take(text, length, out++);

		if (!used) {
			free(result);
			return -EINVAL;
		}
		text += used;
		length -= used;
	}
	*out = '\0';
	*path = result;
	return 0;
}

const char *saved_path_fault(const char *path)
{
	if (strcmp(path, ".") == 0)
		return NULL;
	if (!*path)
		return "the path is empty";
	if (*path == '/')
		return "the path is absolute";
	for (const char *at = path;; at++) {
		size_t length = strcspn(at, "/");

		if (length == 0)
			return "the path has an empty name";
		if ((length == 1 && at[0] == '.') || (length == 2 && at[0] == '.' && at[1] == '.'))
			return "the path has \".\" or \"..\" as a name";
		at += length;
		if (!*at)
			return NULL;
	}
}
