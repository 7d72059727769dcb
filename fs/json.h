/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writing one JSON object (RFC 8259) as one line of ASCII, whatever bytes go into it.
 *
 * Keys are the program's own.  Memory that is short shows at the end, in json_finish().
 */
#ifndef GUISE_FS_JSON_H
#define GUISE_FS_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json {
	char *text;
	size_t length;
	size_t room;
	bool failed; /* no memory */
	bool comma;  /* something stands before what comes next */
};

/* Starts an object in @json, whose old content does not matter. */
void json_start(struct json *json);

void json_put_number(struct json *json, const char *key, uint64_t number);
/* as a string, "0x" and eight digits */
void json_put_mask(struct json *json, const char *key, uint32_t mask);
void json_put_true(struct json *json, const char *key);

/*
 * @text, which may be any bytes.  What is not ASCII or not printable is escaped.  What is not
 * UTF-8 is replaced by U+FFFD, and then the bytes stand once more, in hexadecimal digits, under
 * the key with "_hex" at its end: nothing is lost and no two texts look alike.
 */
void json_put_text(struct json *json, const char *key, const char *text);

/* An array of texts in ASCII. */
void json_put_array(struct json *json, const char *key);
void json_put_element(struct json *json, const char *text);
void json_put_array_end(struct json *json);

/*
 * Ends the object with a newline.  Returns the text (free() it) and its length without the NUL, or
 * NULL without memory.
 */
char *json_finish(struct json *json, size_t *length);

#endif
