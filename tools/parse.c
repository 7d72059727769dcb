/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Numbers in arguments, and times for people.
 */
#include "parse.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "error.h"
#include "rights.h"

/* Reads decimal digits up to @limit from *@text, and moves it behind them. */
static bool parse_number(const char **text, uint64_t limit, uint64_t *number)
{
	const char *at = *text;
	uint64_t value = 0;

	while (*at >= '0' && *at <= '9') {
		value = value * 10 + (uint64_t)(*at++ - '0');
		if (value > limit)
			return false;
	}
	if (at == *text)
		return false;
	*text = at;
	*number = value;
	return true;
}

bool parse_serial(const char *text, int32_t *serial)
{
	uint64_t value;

	if (!parse_number(&text, INT32_MAX, &value) || *text || value == 0)
		return false;
	*serial = (int32_t)value;
	return true;
}

int parse_serial_error(const char *text)
{
	return error_usage("%s: not a serial: expected a number from 1 to 2147483647", text);
}

bool parse_ttl(const char *text, unsigned int *seconds)
{
	uint64_t unit = 1;
	uint64_t value;

	if (!parse_number(&text, UINT32_MAX, &value))
		return false;
	switch (*text) {
	case '\0':
		break;
	case 's':
		text++;
		break;
	case 'm':
		unit = 60;
		text++;
		break;
	case 'h':
		unit = 3600;
		text++;
		break;
	case 'd':
		unit = 86400;
		text++;
		break;
	default:
		return false;
	}
	if (*text || value == 0 || value > UINT32_MAX / unit)
		return false;
	*seconds = (unsigned int)(value * unit);
	return true;
}

static bool parse_hex(const char *text, uint32_t *number)
{
	size_t length = strlen(text);

	if (length < 1 || length > 8 || strspn(text, "0123456789abcdefABCDEF") != length)
		return false;
	*number = (uint32_t)strtoul(text, NULL, 16);
	return *number != 0;
}

bool parse_rights(const char *text, uint32_t *rights)
{
	const char *end;

	if (strncmp(text, "0x", 2) == 0)
		return parse_hex(text + 2, rights);
	*rights = 0;
	for (;; text = end + 1) {
		uint32_t word;

		end = strchrnul(text, ',');
		word = rights_word(text, (size_t)(end - text));
		if (!word)
			return false;
		*rights |= word;
		if (!*end)
			return true;
	}
}

char *format_seconds(int64_t seconds, char text[SECONDS_MAX_TEXT])
{
	static const struct {
		int64_t size;
		char letter;
	} units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
	size_t i = 0;

	if (seconds <= 0) {
		snprintf(text, SECONDS_MAX_TEXT, "now");
		return text;
	}
	while (seconds < units[i].size)
		i++;
	if (units[i].size == 1 || seconds % units[i].size < units[i + 1].size)
		snprintf(text, SECONDS_MAX_TEXT, "%" PRId64 "%c", seconds / units[i].size,
			 units[i].letter);
	else
		snprintf(text, SECONDS_MAX_TEXT, "%" PRId64 "%c %" PRId64 "%c",
			 seconds / units[i].size, units[i].letter,
			 seconds % units[i].size / units[i + 1].size, units[i + 1].letter);
	return text;
}

char *format_left(int64_t end, char text[SECONDS_MAX_TEXT])
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return format_seconds(end - now.tv_sec - (now.tv_nsec > 0), text);
}
