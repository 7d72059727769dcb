/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How far a walk has come, in a file. */
#include "resume.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <nettle/base16.h>

#include "command.h"
#include "error.h"
#include "keyring/scoped.h"

#define HEADER "guise-resume 1\n"

struct resume {
	const char *path;
	const char *name; /* its last part */
	int folder;       /* where it is */
	char *identity;   /* the command and its folder, in hexadecimal digits */
	bool pending;
	unsigned long index;
	char *below; /* its names, each ended by a NUL, and one more */
	time_t written;
	char *last; /* not written yet, if so */
	size_t last_room;
	unsigned long last_index;
	bool noted;
};

static char *to_hex(const void *bytes, size_t size)
{
	char *text = malloc(BASE16_ENCODE_LENGTH(size) + 1);

	if (!text)
		return NULL;
	base16_encode_update(text, size, bytes);
	text[BASE16_ENCODE_LENGTH(size)] = '\0';
	return text;
}

/* The bytes that the digits of @text up to a newline stand for, with two NULs behind. */
static char *from_hex(const char *text)
{
	size_t length = strcspn(text, "\n"), size = length;
	char *bytes = calloc(1, length / 2 + 2);
	struct base16_decode_ctx context;

	base16_decode_init(&context);
	if (bytes && base16_decode_update(&context, &size, (uint8_t *)bytes, length, text) &&
	    base16_decode_final(&context))
		return bytes;
	free(bytes);
	return NULL;
}

/* All arguments and the folder they were given in. */
static char *find_identity(void)
{
	SCOPED_FD fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	SCOPED_BUFFER char *folder = get_current_dir_name();
	SCOPED_BUFFER char *bytes = NULL;
	size_t size = 0, room = 0;
	ssize_t got = 1;

	if (fd < 0 || !folder)
		return NULL;
	while (got > 0) {
		if (room - size < 4096) {
			char *larger = realloc(bytes, room += 65536);

			if (!larger)
				return NULL;
			bytes = larger;
		}
		got = read(fd, bytes + size, room - size);
		size += got > 0 ? (size_t)got : 0;
	}
	if (got < 0 || strlen(folder) > room - size)
		return NULL;
	memcpy(bytes + size, folder, strlen(folder));
	return to_hex(bytes, size + strlen(folder));
}

/* The slashes of a path become the ends of names. */
static void split(char *below)
{
	for (; *below; below++) {
		if (*below == '/')
			*below = '\0';
	}
}

/* What @text says: false if it is no such file. */
static bool parse(struct resume *resume, const char *text, bool *is_other)
{
	size_t length = strlen(resume->identity);
	int used = 0;

	if (strncmp(text, HEADER, strlen(HEADER)) != 0)
		return false;
	text += strlen(HEADER);
	if (strncmp(text, "command ", 8) != 0)
		return false;
	text += 8;
	*is_other = strcspn(text, "\n") != length || strncmp(text, resume->identity, length) != 0;
	if (*is_other)
		return true;
	if (sscanf(text + length, "\ndone %lu %n", &resume->index, &used) != 1 || !used)
		return false;
	text += length + (size_t)used;
	/* the mark that it was written to its end */
	if (*text != ':' || !strchr(text, '\n'))
		return false;
	resume->below = from_hex(text + 1);
	if (!resume->below)
		return false;
	split(resume->below);
	resume->pending = true;
	return true;
}

/* more than a command and a path take */
#define FILE_MAX_SIZE (16u << 20)

/*
 * Opens the file, if it is there: -ENOENT if not, -EPERM if others could have written what it says.
 */
static int open_own(const struct resume *resume, size_t *size)
{
	int fd = openat(resume->folder, resume->name,
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	int error = fd < 0 ? -errno : 0;

	if (error == 0 && fstat(fd, &st) < 0)
		error = -errno;
	if (error == 0 && (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_nlink != 1 ||
			   (st.st_mode & 0022)))
		error = -EPERM;
	if (error == 0 && st.st_size > FILE_MAX_SIZE)
		error = -EFBIG;
	if (error < 0 && fd >= 0)
		close(fd);
	*size = error == 0 ? (size_t)st.st_size : 0;
	return error < 0 ? error : fd;
}

/* Its text, NUL-terminated, in *@text. */
static int read_own(const struct resume *resume, char **text)
{
	size_t size, done = 0;
	SCOPED_FD fd = open_own(resume, &size);
	char *bytes = fd < 0 ? NULL : calloc(1, size + 1);
	ssize_t got = 1;

	if (fd < 0)
		return fd;
	if (!bytes)
		return -ENOMEM;
	while (done < size && (got = read(fd, bytes + done, size - done)) > 0)
		done += (size_t)got;
	*text = bytes;
	return got < 0 ? -errno : 0;
}

static int load(struct resume *resume)
{
	SCOPED_BUFFER char *text = NULL;
	bool is_other = false;
	int error = read_own(resume, &text);

	if (error == -ENOENT)
		return STATUS_OK;
	if (error == -EPERM || error == -ELOOP) {
		error_about(resume->path, "expected a file of your own that nobody else may write");
		return STATUS_FAILED;
	}
	if (error < 0)
		return error_report(resume->path, -error);
	if (!parse(resume, text, &is_other)) {
		error_about(resume->path, "not a file of --resume");
		return STATUS_USAGE;
	}
	if (is_other) {
		error_about(resume->path, "is of another command, or of one in another folder; "
					  "repeat that, or remove the file");
		return STATUS_USAGE;
	}
	return STATUS_OK;
}

/* Where the file is, or is to be. */
static int open_folder(struct resume *resume)
{
	const char *slash = strrchr(resume->path, '/');
	SCOPED_BUFFER char *folder = NULL;

	resume->name = slash ? slash + 1 : resume->path;
	folder = slash ? strndup(resume->path, (size_t)(slash - resume->path) + 1) : strdup(".");
	if (!folder)
		return -ENOMEM;
	if (!*resume->name)
		return -EISDIR;
	resume->folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return resume->folder < 0 ? -errno : 0;
}

int resume_open(const char *path, struct resume **result)
{
	struct resume *resume = calloc(1, sizeof(*resume));
	int status, error;

	if (!resume)
		return error_report(path, ENOMEM);
	resume->path = path;
	resume->folder = -1;
	error = open_folder(resume);
	if (error == 0 && !(resume->identity = find_identity()))
		error = -ENOMEM;
	status = error == 0 ? load(resume) : error_report(path, -error);
	if (status == STATUS_OK)
		*result = resume;
	else
		resume_close(resume);
	return status;
}

void resume_close(struct resume *resume)
{
	if (!resume)
		return;
	if (resume->folder >= 0)
		close(resume->folder);
	free(resume->identity);
	free(resume->below);
	free(resume->last);
	free(resume);
}

bool resume_pending(const struct resume *resume, unsigned long *index)
{
	if (!resume || !resume->pending)
		return false;
	*index = resume->index;
	return true;
}

const char *resume_name(const struct resume *resume, unsigned int depth)
{
	const char *name = resume->below;

	while (*name && depth--)
		name += strlen(name) + 1;
	return *name ? name : NULL;
}

static int put(const struct resume *resume, FILE *out)
{
	SCOPED_BUFFER char *hex = to_hex(resume->last, strlen(resume->last));

	if (!hex)
		return -ENOMEM;
	fprintf(out, HEADER "command %s\ndone %lu :%s\n", resume->identity, resume->last_index,
		hex);
	return fflush(out) == 0 && !ferror(out) ? 0 : -errno;
}

/* A new file in the same folder, under a name that nobody can foresee. */
static int open_draft(const struct resume *resume, char name[40])
{
	uint64_t random;
	int fd;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return -errno;
	snprintf(name, 40, ".guise-resume-%016" PRIx64, random);
	fd = openat(resume->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	return fd < 0 ? -errno : fd;
}

static int write_last(struct resume *resume)
{
	char draft[40];
	int fd = open_draft(resume, draft);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	int error;

	if (fd < 0)
		return fd;
	error = out ? put(resume, out) : -errno;
	if (out)
		fclose(out);
	else
		close(fd);
	if (error == 0 && renameat(resume->folder, draft, resume->folder, resume->name) < 0)
		error = -errno;
	if (error < 0)
		unlinkat(resume->folder, draft, 0);
	resume->noted = error < 0;
	return error;
}

int resume_note(struct resume *resume, unsigned long index, const char *below)
{
	size_t size = strlen(below) + 1;
	struct timespec now;

	if (size > resume->last_room) {
		char *last = realloc(resume->last, 2 * size);

		if (!last)
			return -ENOMEM;
		resume->last = last;
		resume->last_room = 2 * size;
	}
	memcpy(resume->last, below, size);
	resume->last_index = index;
	resume->noted = true;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	if (resume->written == now.tv_sec)
		return 0;
	resume->written = now.tv_sec;
	return write_last(resume);
}

int resume_stop(struct resume *resume)
{
	return resume->noted ? write_last(resume) : 0;
}

int resume_finish(struct resume *resume)
{
	return unlinkat(resume->folder, resume->name, 0) < 0 && errno != ENOENT ? -errno : 0;
}
