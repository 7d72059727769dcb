/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading guise-save(5).
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/base64.h>

#include "acl/sddl.h"
#include "keyring/scoped.h"
#include "saved.h"
#include "saved_path.h"

#define HEADER "#guise-save 1"
#define HEADER_ANY "#guise-save "

int saved_fail(struct saved_reader *reader, const char *fault)
{
	reader->fault = fault;
	return -EBADMSG;
}

/* Adds to the line, with a NUL after it. */
int saved_add(struct saved_reader *reader, const char *bytes, size_t length)
{
	size_t size = reader->length + length + 1;

	if (size > SAVED_LINE_MAX)
		return saved_fail(reader, "the line is too long");
	if (size > reader->room) {
		size_t room = 2 * size + 256;
		char *text = realloc(reader->text, room);

		if (!text)
			return -ENOMEM;
		reader->text = text;
		reader->room = room;
	}
	memcpy(reader->text + reader->length, bytes, length);
	reader->length += length;
	reader->text[reader->length] = '\0';
	return 0;
}

int saved_line(struct saved_reader *reader)
{
	int c = EOF, error;

	reader->length = 0;
	reader->line++;
	error = saved_add(reader, "", 0);
	while (error == 0 && (c = getc_unlocked(reader->file)) != EOF && c != '\n') {
		char byte = (char)c;

		error = saved_add(reader, &byte, 1);
	}
	if (error < 0)
		return error;
	if (ferror(reader->file))
		return -EIO;
	if (c == EOF && reader->length == 0)
		return 0;
	sha256_update(&reader->hash, reader->length, (const uint8_t *)reader->text);
	if (c == '\n')
		sha256_update(&reader->hash, 1, (const uint8_t *)"\n");
	return 1;
}

int saved_read_sddl(struct saved_reader *reader, const char *text, struct saved *saved)
{
	switch (sddl_read(text, reader->domain, &saved->sd, NULL)) {
	case SD_OK:
		return 0;
	case SD_NO_MEMORY:
		return -ENOMEM;
	case SD_TOO_LARGE:
		return saved_fail(reader, "the descriptor is too large");
	default:
		return saved_fail(reader, "not the SDDL of a descriptor");
	}
}

static int read_binary(struct saved_reader *reader, const char *text, struct saved *saved)
{
	size_t length = strlen(text);
	SCOPED_BUFFER uint8_t *bytes = malloc(BASE64_DECODE_LENGTH(length) + 1);
	struct base64_decode_ctx base64;
	size_t size = BASE64_DECODE_LENGTH(length);

	if (!bytes)
		return -ENOMEM;
	base64_decode_init(&base64);
	if (!base64_decode_update(&base64, &size, bytes, length, text) ||
	    !base64_decode_final(&base64))
		return saved_fail(reader, "not base64");
	switch (descriptor_read(bytes, size, &saved->sd)) {
	case SD_OK:
		return 0;
	case SD_NO_MEMORY:
		return -ENOMEM;
	default:
		return saved_fail(reader, "not the bytes of a descriptor");
	}
}

static const char *after(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

static int read_descriptor(struct saved_reader *reader, const char *text, struct saved *saved)
{
	const char *rest = after(text, "none:");
	const char *binary;

	saved->implied = rest;
	if (rest)
		text = rest;
	binary = after(text, "base64:");
	return binary ? read_binary(reader, binary, saved) : saved_read_sddl(reader, text, saved);
}

static int read_path(struct saved_reader *reader, const char *text, size_t length,
		     struct saved *saved)
{
	bool root = length == 1 && *text == '.';
	int error;

	if (!root && (length < 3 || strncmp(text, "./", 2) != 0))
		return saved_fail(reader, "a path must be \".\" or begin with \"./\"");
	error = root ? saved_path_unescape(text, length, &saved->path)
		     : saved_path_unescape(text + 2, length - 2, &saved->path);
	if (error == -EINVAL)
		return saved_fail(reader, "the path has a wrong escape");
	if (error == 0 && saved_path_fault(saved->path))
		return saved_fail(reader, saved_path_fault(saved->path));
	if (error == 0 && !root && strcmp(saved->path, ".") == 0)
		return saved_fail(reader, "the path has \".\" or \"..\" as a name");
	return error;
}

/* PATH, type and descriptor with tabs between. */
static int read_record(struct saved_reader *reader, struct saved *saved)
{
	const char *type = strchr(reader->text, '\t');
	int error;

	if (!type || !type[1] || type[2] != '\t')
		return saved_fail(reader, "not a path, a type and a descriptor, with tabs between");
	if (!strchr("dflpsbc", type[1]))
		return saved_fail(reader, "there is no such type");
	saved->type = type[1];
	saved->line = reader->line;
	error = read_path(reader, reader->text, (size_t)(type - reader->text), saved);
	return error == 0 ? read_descriptor(reader, type + 3, saved) : error;
}

/* "~end COUNT sha256 HEX", of which @digest is that of what was before. */
static int read_end(struct saved_reader *reader, const uint8_t *digest)
{
	char hex[2 * SHA256_DIGEST_SIZE + 1];
	char wanted[2 * SHA256_DIGEST_SIZE + 64];

	for (size_t i = 0; i < SHA256_DIGEST_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	snprintf(wanted, sizeof(wanted), "~end %" PRIu64 " sha256 %s", reader->count, hex);
	if (strcmp(reader->text, wanted) != 0)
		return saved_fail(reader, "it was changed: count or checksum are not those of what "
					  "is before");
	memcpy(reader->digest, digest, SHA256_DIGEST_SIZE);
	reader->complete = true;
	return 0;
}

/* The next line into reader->text: 1, 0 at the end, or -errno. */
static int next_line(struct saved_reader *reader)
{
	int got = saved_line(reader);

	if (got == 0) {
		reader->ended = true;
		return saved_fail(reader, "it ends before its last line: it was cut off");
	}
	if (got > 0 && strlen(reader->text) != reader->length)
		return saved_fail(reader, "a NUL");
	return got;
}

/* Reads what begins with '#', of which the reader needs little. */
static int read_remark(struct saved_reader *reader)
{
	const char *path = after(reader->text, "#path ");
	int error = 0;

	if (strcmp(reader->text, "#sacl yes") == 0)
		reader->sacl = true;
	if (path && !reader->path)
		error = saved_path_unescape(path, strlen(path), &reader->path);
	return error == -EINVAL ? saved_fail(reader, "the path has a wrong escape") : error;
}

/* Nothing may follow the last line. */
static int at_end(struct saved_reader *reader)
{
	int got = reader->complete ? saved_line(reader) : 0;

	return got > 0 ? saved_fail(reader, "something follows the last line") : got;
}

static int next_guise(struct saved_reader *reader, struct saved *saved)
{
	while (!reader->ended) {
		struct sha256_ctx hash = reader->hash;
		uint8_t digest[SHA256_DIGEST_SIZE];
		int got = next_line(reader);

		if (got < 0)
			return got;
		if (*reader->text == '~') {
			sha256_digest(&hash, sizeof(digest), digest);
			reader->ended = true;
			got = read_end(reader, digest);
			return got == 0 ? at_end(reader) : got;
		}
		if (*reader->text != '#') {
			reader->count++;
			got = read_record(reader, saved);
			return got == 0 ? 1 : got;
		}
		got = read_remark(reader);
		if (got < 0)
			return got;
	}
	return 0;
}

int saved_next(struct saved_reader *reader, struct saved *saved)
{
	int got = reader->format == SAVED_GUISE ? next_guise(reader, saved)
						: saved_next_icacls(reader, saved);

	if (got <= 0)
		saved_clear(saved);
	return got;
}

/*
 * Is it guise-save(5)?  1, 0 (nothing was read), or -errno.  Of one that lost its first line, as
 * grep(1) makes, the end cannot be right.
 */
static int read_header(struct saved_reader *reader)
{
	char start[3] = "";
	size_t size = fread(start, 1, sizeof(start) - 1, reader->file);

	if (ferror(reader->file) || fseeko(reader->file, 0, SEEK_SET) < 0)
		return -EIO;
	if (size == 0)
		return saved_fail(reader, "it is empty");
	if (strcmp(start, ".\t") == 0 || strcmp(start, "./") == 0)
		return 1;
	if (*start != '#')
		return 0;
	return next_line(reader) < 0 ? -EBADMSG
	       : strcmp(reader->text, HEADER) == 0
		       ? 1
		       : saved_fail(reader, after(reader->text, HEADER_ANY)
						    ? "this version of the format is not known"
						    : "not a file of saved descriptors");
}

int saved_open(struct saved_reader *reader, FILE *file, const struct sid *domain)
{
	int guise;

	*reader = (struct saved_reader){.file = file, .domain = domain};
	sha256_init(&reader->hash);
	guise = read_header(reader);
	if (guise < 0)
		return guise;
	reader->format = guise ? SAVED_GUISE : SAVED_ICACLS;
	return guise ? 0 : saved_open_icacls(reader);
}

void saved_close(struct saved_reader *reader)
{
	free(reader->text);
	free(reader->path);
	reader->text = reader->path = NULL;
}
