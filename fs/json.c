/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A growing text, and JSON's escapes. */
#include "fs/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#define FIRST_ROOM 1024
#define REPLACEMENT 0xfffd

/* Room for @more bytes and a NUL. */
static bool grow(struct json *json, size_t more)
{
	size_t room = json->room ? json->room : FIRST_ROOM;
	char *text;

	if (json->failed)
		return false;
	while (room - json->length <= more)
		room *= 2;
	if (room == json->room)
		return true;
	text = realloc(json->text, room);
	if (!text) {
		json->failed = true;
		return false;
	}
	json->text = text;
	json->room = room;
	return true;
}

static void put_bytes(struct json *json, const char *bytes, size_t length)
{
	if (!grow(json, length))
		return;
	memcpy(json->text + json->length, bytes, length);
	json->length += length;
	json->text[json->length] = '\0';
}

static void put(struct json *json, const char *text)
{
	put_bytes(json, text, strlen(text));
}

/* A short text. */
__attribute__((format(printf, 2, 3))) static void put_format(struct json *json, const char *format,
							     ...)
{
	char text[32];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	put(json, text);
}

static void put_key(struct json *json, const char *key, const char *ending)
{
	put(json, json->comma ? ",\"" : "\"");
	put(json, key);
	put(json, ending);
	put(json, "\":");
	json->comma = true;
}

static bool is_plain(uint8_t c)
{
	return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

static void put_special(struct json *json, ucs4_t c)
{
	if (c == '"' || c == '\\')
		put_format(json, "\\%c", (char)c);
	else if (c < 0x10000)
		put_format(json, "\\u%04x", (unsigned int)c);
	else
		put_format(json, "\\u%04x\\u%04x", (unsigned int)(0xd7c0 + (c >> 10)),
			   (unsigned int)(0xdc00 + (c & 0x3ff)));
}

/* Puts @text in quotes; returns whether it is UTF-8. */
static bool put_text(struct json *json, const char *text)
{
	const uint8_t *at = (const uint8_t *)text;
	size_t left = strlen(text);
	bool valid = true;

	put(json, "\"");
	while (left) {
		ucs4_t c;
		int used = 0;

		while ((size_t)used < left && is_plain(at[used]))
			used++;
		if (used) {
			put_bytes(json, (const char *)at, (size_t)used);
		} else if ((used = u8_mbtoucr(&c, at, left)) > 0) {
			put_special(json, c);
		} else {
			put_special(json, REPLACEMENT);
			valid = false;
			used = 1;
		}
		at += used;
		left -= (size_t)used;
	}
	put(json, "\"");
	return valid;
}

void json_start(struct json *json)
{
	*json = (struct json){0};
	put(json, "{");
}

void json_put_number(struct json *json, const char *key, uint64_t number)
{
	put_key(json, key, "");
	put_format(json, "%llu", (unsigned long long)number);
}

void json_put_mask(struct json *json, const char *key, uint32_t mask)
{
	put_key(json, key, "");
	put_format(json, "\"0x%08x\"", mask);
}

void json_put_true(struct json *json, const char *key)
{
	put_key(json, key, "");
	put(json, "true");
}

void json_put_text(struct json *json, const char *key, const char *text)
{
	put_key(json, key, "");
	if (put_text(json, text))
		return;
	put_key(json, key, "_hex");
	put(json, "\"");
	for (; *text; text++)
		put_format(json, "%02x", (unsigned char)*text);
	put(json, "\"");
}

void json_put_array(struct json *json, const char *key)
{
	put_key(json, key, "");
	put(json, "[");
	json->comma = false;
}

void json_put_element(struct json *json, const char *text)
{
	if (json->comma)
		put(json, ",");
	put_text(json, text);
	json->comma = true;
}

void json_put_array_end(struct json *json)
{
	put(json, "]");
	json->comma = true;
}

char *json_finish(struct json *json, size_t *length)
{
	put(json, "}\n");
	if (json->failed) {
		free(json->text);
		return NULL;
	}
	*length = json->length;
	return json->text;
}
