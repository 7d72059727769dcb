/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writing guise-save(5).
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <nettle/base64.h>

#include "exact.h"
#include "keyring/scoped.h"
#include "saved.h"
#include "saved_path.h"
#include "text.h"

void saved_clear(struct saved *saved)
{
	free(saved->path);
	descriptor_destroy(saved->sd);
	*saved = (struct saved){0};
}

char saved_type(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return SAVED_FOLDER;
	case S_IFREG:
		return 'f';
	case S_IFLNK:
		return 'l';
	case S_IFIFO:
		return 'p';
	case S_IFSOCK:
		return 's';
	case S_IFBLK:
		return 'b';
	case S_IFCHR:
		return 'c';
	default:
		return SAVED_UNKNOWN;
	}
}

static int put(struct saved_writer *writer, const char *text)
{
	size_t length = strlen(text);

	sha256_update(&writer->hash, length, (const uint8_t *)text);
	return fwrite(text, 1, length, writer->file) == length ? 0 : -EIO;
}

/* Writes @path with what @before and @after are. */
static int put_path(struct saved_writer *writer, const char *before, const char *path,
		    const char *after)
{
	SCOPED_BUFFER char *text = saved_path_escape(path);
	int error = text ? put(writer, before) : -ENOMEM;

	if (error == 0)
		error = put(writer, text);
	return error == 0 ? put(writer, after) : error;
}

int saved_begin(struct saved_writer *writer, FILE *file, const char *path, bool sacl)
{
	int error;

	*writer = (struct saved_writer){.file = file};
	sha256_init(&writer->hash);
	error = put(writer, "#guise-save 1\n");
	if (error == 0)
		error = put_path(writer, "#path ", path, "\n");
	return error == 0 ? put(writer, sacl ? "#sacl yes\n" : "#sacl no\n") : error;
}

static int put_binary(struct saved_writer *writer, const struct descriptor *sd)
{
	SCOPED_BUFFER uint8_t *bytes = NULL;
	SCOPED_BUFFER char *text = NULL;
	size_t size;
	enum sd_error fault = descriptor_write(sd, &bytes, &size);
	int error;

	if (fault != SD_OK)
		return -sd_errno(fault);
	text = malloc(BASE64_ENCODE_RAW_LENGTH(size) + 1);
	if (!text)
		return -ENOMEM;
	base64_encode_raw(text, size, bytes);
	text[BASE64_ENCODE_RAW_LENGTH(size)] = '\0';
	error = put(writer, "base64:");
	return error == 0 ? put(writer, text) : error;
}

/* Can @text stand on a line? */
static bool is_plain(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	}
	return true;
}

static int put_descriptor(struct saved_writer *writer, const struct descriptor *sd)
{
	TEXT_CLEANUP char *text = NULL;
	int error = exact_sddl(sd, &text);

	if (error == -ENOTSUP || (error == 0 && !is_plain(text)))
		return put_binary(writer, sd);
	return error == 0 ? put(writer, text) : error;
}

int saved_put(struct saved_writer *writer, const struct saved *saved)
{
	const char type[] = {'\t', saved->type, '\t', '\0'};
	bool root = strcmp(saved->path, ".") == 0;
	int error = put_path(writer, root ? "" : "./", saved->path, type);

	if (error == 0 && saved->implied)
		error = put(writer, "none:");
	if (error == 0)
		error = put_descriptor(writer, saved->sd);
	if (error == 0)
		error = put(writer, "\n");
	writer->count++;
	return error;
}

int saved_note(struct saved_writer *writer, const char *path, const char *why)
{
	int error = put_path(writer, "#not saved: ", path, ": ");

	return error == 0 ? put_path(writer, "", why, "\n") : error;
}

int saved_end(struct saved_writer *writer)
{
	uint8_t digest[SHA256_DIGEST_SIZE];

	sha256_digest(&writer->hash, sizeof(digest), digest);
	fprintf(writer->file, "~end %" PRIu64 " sha256 ", writer->count);
	for (size_t i = 0; i < sizeof(digest); i++)
		fprintf(writer->file, "%02x", digest[i]);
	fputc('\n', writer->file);
	return fflush(writer->file) != 0 || ferror(writer->file) ? -EIO : 0;
}
