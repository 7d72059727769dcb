/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A recorded attribute security.NTACL as a hexadecimal dump, sixteen bytes a line:
 *
 *   [0010] 8B 57 A0 0C F3 F7 9D 64   DF 3E 91 46 09 B8 07 A5   .W.....d .>.F....
 */
#include <stdlib.h>
#include <string.h>

#include "acl/ntacl.h"
#include "tests/vectors.h"

#define HEX_DIGITS "0123456789abcdefABCDEF"
#define DUMP_BYTES 16

static void freep(void *pointer)
{
	free(*(void **)pointer);
}

/* Columns of byte @i: "[0010] " before the first, a wider gap in the middle. */
static size_t dump_column(size_t i)
{
	return 7 + 3 * i + (i >= DUMP_BYTES / 2 ? 2 : 0);
}

/* Appends the bytes of @line; false if it is not a line of a dump at this offset. */
static bool dump_take(const char *line, uint8_t *bytes, size_t *size)
{
	size_t length = strlen(line), i;
	char *end;

	if (line[0] != '[' || strspn(line + 1, HEX_DIGITS) != 4 || line[5] != ']' ||
	    strtoul(line + 1, &end, 16) != *size)
		return false;
	for (i = 0; i < DUMP_BYTES; i++) {
		const char *byte = line + dump_column(i);

		if (dump_column(i) + 2 > length || strspn(byte, HEX_DIGITS) < 2)
			break;
		bytes[(*size)++] = (uint8_t)strtoul((char[]){byte[0], byte[1], '\0'}, NULL, 16);
	}
	return i > 0;
}

/* The bytes of a whole dump; changes @text.  Allocates *@bytes (free()). */
static bool dump_read(char *text, uint8_t **bytes, size_t *size, struct vector_report *report)
{
	*size = 0;
	/* each byte takes more than one character */
	*bytes = malloc(strlen(text) + 1);
	if (!*bytes) {
		report_fail(report, "no memory");
		return false;
	}
	while (*text) {
		char *end = strchrnul(text, '\n');
		char *next = *end ? end + 1 : end;

		*end = '\0';
		report->line++;
		if (*text && !dump_take(text, *bytes, size)) {
			report_fail(report, "line expected a hexadecimal dump got %.80s", text);
			return false;
		}
		text = next;
	}
	return true;
}

/* Is it written, with all that was read, as the same bytes? */
static bool written_as(const struct descriptor *sd, const struct ntacl_info *info,
		       const uint8_t *blob, size_t size, struct vector_report *report)
{
	uint8_t *got __attribute__((cleanup(freep))) = NULL;
	size_t got_size;
	enum sd_error error = ntacl_write_info(sd, NULL, info, &got, &got_size);

	if (error)
		report_fail(report, "blob expected to be written got %s", sd_strerror(error));
	else if (got_size != size || memcmp(got, blob, size) != 0)
		report_fail(report, "blob expected %zu bytes got %zu, or others", size, got_size);
	else
		return true;
	return false;
}

void vectors_dump(char *text, struct vector_report *report)
{
	struct descriptor *sd __attribute__((cleanup(descriptor_destroyp))) = NULL;
	struct ntacl_info info __attribute__((cleanup(ntacl_info_clear))) = {0};
	uint8_t *blob __attribute__((cleanup(freep))) = NULL;
	enum sd_error error;
	size_t size;

	if (!dump_read(text, &blob, &size, report))
		return;
	error = ntacl_read_info(blob, size, &sd, NULL, &info);
	if (error)
		report_fail(report, "blob expected to be read got %s", sd_strerror(error));
	else if (written_as(sd, &info, blob, size, report))
		report_pass(report);
}
