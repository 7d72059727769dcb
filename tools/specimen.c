/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A descriptor by itself. */
#include "specimen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nettle/base16.h>
#include <nettle/base64.h>

#include "acl/ntacl.h"
#include "acl/sddl.h"
#include "error.h"
#include "keyring/scoped.h"

/* of a file: more than the largest descriptor takes as text */
#define FILE_MAX_SIZE (4u << 20)

enum form { FORM_SDDL, FORM_BINARY, FORM_NTACL };
enum coat { COAT_NONE, COAT_HEX, COAT_BASE64 };

struct specimen {
	const char *path;
	char *real;     /* where it is, without links; NULL of what is no file */
	struct stat st; /* of the file that was read */
	bool standard;  /* input, and output */
	struct descriptor *sd;
	enum form form;
	enum coat coat;
	struct ntacl_info info; /* of FORM_NTACL */
};

/* All of @fd, with a NUL after it. */
static int slurp(int fd, char **bytes, size_t *size)
{
	SCOPED_BUFFER char *room = malloc(FILE_MAX_SIZE + 1);

	*size = 0;
	if (!room)
		return -ENOMEM;
	for (;;) {
		ssize_t got = read(fd, room + *size, FILE_MAX_SIZE + 1 - *size);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		*size += (size_t)got;
		if (*size > FILE_MAX_SIZE)
			return -EFBIG;
		if (got == 0)
			break;
	}
	room[*size] = '\0';
	*bytes = room;
	room = NULL;
	return 0;
}

/* Takes off what getfattr(1) puts on, in place.  False: it is not what it begins as. */
static bool uncoat(struct specimen *specimen, char *text, size_t *size)
{
	struct base16_decode_ctx hex;
	struct base64_decode_ctx base64;

	if (*size < 2 || text[0] != '0' || (text[1] != 'x' && text[1] != 's'))
		return true;
	specimen->coat = text[1] == 'x' ? COAT_HEX : COAT_BASE64;
	if (specimen->coat == COAT_HEX) {
		base16_decode_init(&hex);
		return base16_decode_update(&hex, size, (uint8_t *)text, *size - 2, text + 2) &&
		       base16_decode_final(&hex);
	}
	base64_decode_init(&base64);
	return base64_decode_update(&base64, size, (uint8_t *)text, *size - 2, text + 2) &&
	       base64_decode_final(&base64);
}

static enum form find_form(const char *bytes, size_t size)
{
	if (size >= 4 && bytes[0] == SID_REVISION && ((unsigned char)bytes[3] & 0x80))
		return FORM_BINARY;
	if (size >= 4 && bytes[0] >= 1 && bytes[0] <= NTACL_VERSION_MAX && !bytes[1])
		return FORM_NTACL;
	return FORM_SDDL;
}

static enum sd_error read_sddl(const char *path, const char *text, size_t size,
			       struct descriptor **sd)
{
	struct sddl_fault fault = {0, "SDDL"};
	SCOPED_BUFFER char *line = NULL;
	enum sd_error error;

	while (size && strchr(" \t\r\n", text[size - 1]))
		size--;
	if (memchr(text, '\0', size)) {
		error_about(path, "neither SDDL nor a binary descriptor");
		return SD_BAD_SYNTAX;
	}
	line = strndup(text, size);
	if (!line)
		return SD_NO_MEMORY;
	error = sddl_read(line, NULL, sd, &fault);
	if (error == SD_BAD_SYNTAX)
		error_about(path, "SDDL: at offset %zu: expected %s", fault.offset, fault.expected);
	return error;
}

static int parse(struct specimen *specimen, char *bytes, size_t size)
{
	enum sd_error error;

	if (!uncoat(specimen, bytes, &size)) {
		error_about(specimen->path, "expected pairs of hexadecimal digits after \"0x\", or "
					    "base64 after \"0s\"");
		return -EBADMSG;
	}
	specimen->form = find_form(bytes, size);
	if (specimen->form == FORM_SDDL)
		error = read_sddl(specimen->path, bytes, size, &specimen->sd);
	else if (specimen->form == FORM_BINARY)
		error = descriptor_read((const uint8_t *)bytes, size, &specimen->sd);
	else
		error = ntacl_read_info((const uint8_t *)bytes, size, &specimen->sd, NULL,
					&specimen->info);
	if (error != SD_OK && error != SD_NO_MEMORY && specimen->form != FORM_SDDL)
		error_about(specimen->path, "%s", sd_strerror(error));
	return error == SD_OK ? 0 : error == SD_NO_MEMORY ? -ENOMEM : -EBADMSG;
}

static bool same_file(const struct stat *one, const struct stat *other)
{
	return one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

/* Is what lies at its place, and is no link, the file that was read? */
static int check_place(const struct specimen *specimen)
{
	struct stat st;

	if (lstat(specimen->real, &st) < 0)
		return errno == ENOENT ? -ESTALE : -errno;
	return same_file(&st, &specimen->st) ? 0 : -ESTALE;
}

/* A pipe that the shell handed over, as by <(...), has somebody at its other end. */
static bool is_handed_over(const char *path, const struct stat *st)
{
	return S_ISFIFO(st->st_mode) &&
	       (strncmp(path, "/dev/fd/", 8) == 0 || strcmp(path, "/dev/stdin") == 0);
}

/* What is open as @fd can be read without waiting for anybody, and where it is. */
static int place(struct specimen *specimen, const char *path, int fd)
{
	if (fstat(fd, &specimen->st) < 0)
		return -errno;
	if (S_ISDIR(specimen->st.st_mode))
		return -EISDIR;
	if (is_handed_over(path, &specimen->st))
		return fcntl(fd, F_SETFL, O_RDONLY) < 0 ? -errno : 0;
	if (!S_ISREG(specimen->st.st_mode)) {
		error_about(path, "it is not a regular file");
		return -EBADMSG;
	}
	/* links are followed once; what is written goes beside what they lead to */
	specimen->real = realpath(path, NULL);
	return specimen->real ? 0 : -errno;
}

static int open_file(struct specimen *specimen, const char *path)
{
	int fd = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	int error = fd < 0 ? -errno : place(specimen, path, fd);

	if (error == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return error;
}

static int read_specimen(struct specimen *specimen, const char *path)
{
	SCOPED_FD fd = specimen->standard ? -1 : open_file(specimen, path);
	SCOPED_BUFFER char *bytes = NULL;
	size_t size;
	int error;

	if (!specimen->standard && fd < 0)
		return fd;
	error = slurp(specimen->standard ? STDIN_FILENO : fd, &bytes, &size);
	return error < 0 ? error : parse(specimen, bytes, size);
}

int specimen_open(const char *path, struct specimen **result)
{
	struct specimen *specimen = calloc(1, sizeof(*specimen));
	int error;

	if (!specimen)
		return -ENOMEM;
	specimen->standard = strcmp(path, "-") == 0;
	specimen->path = specimen->standard ? "standard input" : path;
	error = read_specimen(specimen, path);
	if (error < 0)
		specimen_close(specimen);
	else
		*result = specimen;
	return error;
}

void specimen_close(struct specimen *specimen)
{
	if (!specimen)
		return;
	descriptor_destroy(specimen->sd);
	ntacl_info_clear(&specimen->info);
	free(specimen->real);
	free(specimen);
}

bool specimen_is_stream(const struct specimen *specimen)
{
	return specimen->standard;
}

int specimen_read(const struct specimen *specimen, struct descriptor **sd)
{
	*sd = descriptor_copy(specimen->sd);
	return *sd ? 0 : -ENOMEM;
}

static enum sd_error encode(const struct specimen *specimen, const struct descriptor *sd,
			    uint8_t **bytes, size_t *size)
{
	enum sd_error error;

	switch (specimen->form) {
	case FORM_BINARY:
		return descriptor_write(sd, bytes, size);
	case FORM_NTACL:
		/* hashes of what it was stored beside are of nothing any more */
		return ntacl_write(sd, NULL, bytes, size);
	default:
		error = sddl_write(sd, NULL, (char **)bytes);
		*size = error == SD_OK ? strlen((char *)*bytes) : 0;
		return error;
	}
}

/* As getfattr(1) shows bytes. */
static int put_coated(FILE *out, enum coat coat, const uint8_t *bytes, size_t size)
{
	size_t length =
		coat == COAT_HEX ? BASE16_ENCODE_LENGTH(size) : BASE64_ENCODE_RAW_LENGTH(size);
	SCOPED_BUFFER char *text = malloc(length + 1);

	if (!text)
		return -ENOMEM;
	if (coat == COAT_HEX)
		base16_encode_update(text, size, bytes);
	else
		base64_encode_raw(text, size, bytes);
	fprintf(out, "0%c%.*s\n", coat == COAT_HEX ? 'x' : 's', (int)length, text);
	return 0;
}

static int put(const struct specimen *specimen, FILE *out, const uint8_t *bytes, size_t size)
{
	if (specimen->coat != COAT_NONE)
		return put_coated(out, specimen->coat, bytes, size);
	fwrite(bytes, 1, size, out);
	if (specimen->form == FORM_SDDL)
		putc('\n', out);
	return 0;
}

/* Makes @fd, a new file, what is to take the specimen's place. */
static int fill(const struct specimen *specimen, int fd, const uint8_t *bytes, size_t size)
{
	const struct stat *st = &specimen->st;
	FILE *out;
	int error;

	/* first whose it is: a mode of one owner's file is not for another's */
	if ((st->st_uid != geteuid() || st->st_gid != getegid()) &&
	    fchown(fd, st->st_uid, st->st_gid) < 0)
		return -errno;
	if (fchmod(fd, st->st_mode & 0777) < 0)
		return -errno;
	fd = dup(fd);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!out) {
		if (fd >= 0)
			close(fd);
		return -errno;
	}
	error = put(specimen, out, bytes, size);
	if (error == 0 && (fflush(out) != 0 || fsync(fd) < 0))
		error = -errno;
	fclose(out);
	return error;
}

static int replace(const struct specimen *specimen, const uint8_t *bytes, size_t size)
{
	SCOPED_BUFFER char *draft = NULL;
	SCOPED_FD fd = -1;
	int error;

	if (!specimen->real)
		return -ESPIPE;
	if (asprintf(&draft, "%s.XXXXXX", specimen->real) < 0) {
		draft = NULL;
		return -ENOMEM;
	}
	fd = mkostemp(draft, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	error = fill(specimen, fd, bytes, size);
	if (error == 0)
		error = check_place(specimen);
	if (error == 0 && rename(draft, specimen->real) < 0)
		error = -errno;
	if (error < 0)
		unlink(draft);
	return error;
}

int specimen_write(const struct specimen *specimen, const struct descriptor *sd)
{
	SCOPED_BUFFER uint8_t *bytes = NULL;
	enum sd_error error;
	size_t size;

	error = encode(specimen, sd, &bytes, &size);
	if (error != SD_OK)
		return -sd_errno(error);
	if (!specimen->standard)
		return replace(specimen, bytes, size);
	return put(specimen, stdout, bytes, size);
}
