/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading files that `icacls NAME /save FILE` wrote, and those that an editor made of them: UTF-16
 * or UTF-8, with or without a byte order mark, lines that end in any way.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "saved.h"
#include "saved_path.h"

/* The next byte, or EOF. */
static int next_byte(struct saved_reader *reader)
{
	int c = getc_unlocked(reader->file);
	uint8_t byte = (uint8_t)c;

	if (c != EOF)
		sha256_update(&reader->hash, 1, &byte);
	return c;
}

/* The next unit of UTF-16: 1, 0 at the end, or -errno. */
static int next_unit(struct saved_reader *reader, uint16_t *unit)
{
	int low = next_byte(reader);
	int high = low == EOF ? EOF : next_byte(reader);

	if (ferror(reader->file))
		return -EIO;
	if (low == EOF)
		return 0;
	if (high == EOF)
		return saved_fail(reader, "it ends in the middle of a character");
	*unit = (uint16_t)(low | high << 8);
	return 1;
}

static int next_wide(struct saved_reader *reader, ucs4_t *c)
{
	uint16_t units[2];
	int got = next_unit(reader, &units[0]);

	*c = units[0];
	if (got <= 0 || units[0] < 0xd800 || units[0] > 0xdfff)
		return got;
	if (units[0] < 0xdc00)
		got = next_unit(reader, &units[1]);
	if (got < 0)
		return got;
	if (got == 0 || units[0] >= 0xdc00 || units[1] < 0xdc00 || units[1] > 0xdfff)
		return saved_fail(reader, "half of a surrogate pair");
	*c = 0x10000 + ((units[0] - 0xd800u) << 10) + (units[1] - 0xdc00u);
	return 1;
}

/* Whether it is UTF-8 is asked of the whole line. */
static int next_narrow(struct saved_reader *reader, ucs4_t *c)
{
	int byte = next_byte(reader);

	if (byte == EOF)
		return ferror(reader->file) ? -EIO : 0;
	*c = (ucs4_t)byte;
	return 1;
}

static int add_character(struct saved_reader *reader, ucs4_t c)
{
	uint8_t bytes[6];
	char byte = (char)c;
	int size;

	if (c == 0)
		return saved_fail(reader, "a NUL");
	if (!reader->wide)
		return saved_add(reader, &byte, 1);
	size = u8_uctomb(bytes, c, sizeof(bytes));
	if (size < 0)
		return saved_fail(reader, "a character that there is not");
	return saved_add(reader, (const char *)bytes, (size_t)size);
}

/* Reads up to the end of the line: 1, 0 if there is none, or -errno. */
static int read_line(struct saved_reader *reader)
{
	ucs4_t c = 0;
	int got, error = 0;

	reader->length = 0;
	error = saved_add(reader, "", 0);
	while (error == 0 &&
	       (got = reader->wide ? next_wide(reader, &c) : next_narrow(reader, &c)) != 0) {
		bool second = c == '\n' && reader->after_return && reader->length == 0;

		if (got < 0)
			return got;
		reader->after_return = c == '\r';
		if (second)
			continue;
		if (c == '\r' || c == '\n')
			return 1;
		error = add_character(reader, c);
	}
	return error < 0 ? error : reader->length > 0;
}

/* Drops what an editor, or who joined two files, put before the line. */
static int drop_mark(struct saved_reader *reader)
{
	static const char mark[] = "\xef\xbb\xbf";
	size_t size = sizeof(mark) - 1;

	if (u8_check((const uint8_t *)reader->text, reader->length))
		return saved_fail(reader, "neither UTF-8 nor UTF-16");
	if (strncmp(reader->text, mark, size) == 0) {
		reader->length -= size;
		memmove(reader->text, reader->text + size, reader->length + 1);
	}
	return 1;
}

static int next_line(struct saved_reader *reader)
{
	int got;

	reader->line++;
	got = read_line(reader);
	return got > 0 ? drop_mark(reader) : got;
}

/* "C:", or "C:\": a drive. */
static bool has_drive(const char *path)
{
	return ((path[0] | 0x20) >= 'a' && (path[0] | 0x20) <= 'z') && path[1] == ':' &&
	       (path[2] == '\0' || path[2] == '/');
}

/* The folder that was saved may be called ".". */
static int read_path(struct saved_reader *reader, struct saved *saved)
{
	const char *path = reader->text;

	for (char *at = reader->text; (at = strchr(at, '\\'));)
		*at = '/';
	if (has_drive(path))
		return saved_fail(reader, "the path is absolute");
	if (strncmp(path, "./", 2) == 0)
		path += 2;
	if (saved_path_fault(path))
		return saved_fail(reader, saved_path_fault(path));
	saved->path = strdup(path);
	return saved->path ? 0 : -ENOMEM;
}

static int read_descriptor(struct saved_reader *reader, struct saved *saved)
{
	int error = saved_read_sddl(reader, reader->text, saved);
	const struct descriptor *sd = saved->sd;

	if (error < 0)
		return error;
	if ((sd->control & (SE_DACL_PRESENT | SE_SACL_PRESENT)) || sd->has_owner || sd->has_group)
		return 0;
	return saved_fail(reader, "not the SDDL of a descriptor");
}

/*
 * After an empty line: the folder that was saved may have no name, a drive's root; or only empty
 * lines follow.
 */
static int read_nameless(struct saved_reader *reader, struct saved *saved)
{
	int got = next_line(reader);

	if (got > 0 && reader->length > 0) {
		saved->path = strdup(".");
		got = saved->path ? read_descriptor(reader, saved) : -ENOMEM;
		return got < 0 ? got : 1;
	}
	while (got > 0 && reader->length == 0)
		got = next_line(reader);
	return got > 0 ? saved_fail(reader, "a path is missing") : got;
}

static int read_named(struct saved_reader *reader, struct saved *saved)
{
	int got = read_path(reader, saved);

	if (got == 0)
		got = next_line(reader);
	else
		return got;
	if (got == 0)
		return saved_fail(reader,
				  "it ends after a path: the line with its SDDL is missing");
	if (got > 0)
		got = read_descriptor(reader, saved);
	return got < 0 ? got : 1;
}

int saved_next_icacls(struct saved_reader *reader, struct saved *saved)
{
	int got = reader->ended ? 0 : next_line(reader);

	saved->line = reader->line;
	saved->type = SAVED_UNKNOWN;
	if (got > 0)
		got = reader->length > 0 ? read_named(reader, saved) : read_nameless(reader, saved);
	if (got > 0)
		reader->count++;
	if (got == 0 && !reader->ended) {
		sha256_digest(&reader->hash, sizeof(reader->digest), reader->digest);
		reader->ended = reader->complete = true;
	}
	return got;
}

/* Looks at what comes first for the size of characters: no other text has NULs. */
int saved_open_icacls(struct saved_reader *reader)
{
	uint8_t start[4096];
	size_t size = fread(start, 1, sizeof(start), reader->file);

	if (ferror(reader->file) || fseeko(reader->file, 0, SEEK_SET) < 0)
		return -EIO;
	if (size >= 2 && start[0] == 0xfe && start[1] == 0xff)
		return saved_fail(reader, "UTF-16 with the high byte first is not read");
	reader->wide =
		memchr(start, 0, size) || (size >= 2 && start[0] == 0xff && start[1] == 0xfe);
	return 0;
}
