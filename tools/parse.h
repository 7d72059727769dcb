/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Numbers in arguments, and times for people.
 */
#ifndef GUISE_TOOLS_PARSE_H
#define GUISE_TOOLS_PARSE_H

#include <stdbool.h>
#include <stdint.h>

/* A key serial: decimal digits and nothing else, 1 to 2147483647. */
bool parse_serial(const char *text, int32_t *serial);

/* A time to live: decimal digits and at most one unit of s, m, h, d; 1 to UINT32_MAX seconds. */
bool parse_ttl(const char *text, unsigned int *seconds);

/*
 * Access rights: words with commas between (read, write, execute, delete, modify,
 * full), or "0x" and one to eight hexadecimal digits; not none.
 */
bool parse_rights(const char *text, uint32_t *rights);

/* the longest text format_seconds() writes, with its NUL */
#define SECONDS_MAX_TEXT 48

/* Writes @seconds as its two largest units ("9m 12s", "3d 4h"); "now" if not positive.  Returns
 * @text. */
char *format_seconds(int64_t seconds, char text[SECONDS_MAX_TEXT]);

/* The same for what is left until @end, in seconds since the epoch: whole seconds only. */
char *format_left(int64_t end, char text[SECONDS_MAX_TEXT]);

/* Reports that @text is no serial; returns STATUS_USAGE. */
int parse_serial_error(const char *text);

#endif
