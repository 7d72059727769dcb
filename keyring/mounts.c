/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finding guisefs mounts in /proc/self/mountinfo; see proc(5). */
#include "keyring/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "keyring/scoped.h"

#define MOUNT_TYPE "fuse.guisefs"
/* what the kernel writes for a FUSE mount that uid 0 made; users cannot choose it */
#define MOUNT_BY_ROOT "user_id=0"

static bool octal(char c)
{
	return c >= '0' && c <= '7';
}

/* Undoes the kernel's \040 and the like, in place. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		if (from[0] == '\\' && octal(from[1]) && octal(from[2]) && octal(from[3])) {
			*to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

/* Is @option one of the comma-separated @options (cut up)? */
static bool has_option(char *options, const char *option)
{
	char *rest = options;

	for (char *item; (item = strsep(&rest, ","));) {
		if (strcmp(item, option) == 0)
			return true;
	}
	return false;
}

/* The fields of a line that count here; they are in the line, cut up. */
struct mount_line {
	char *id, *root, *point, *type, *options;
};

static bool line_read(char *line, struct mount_line *mount)
{
	char *rest = line;
	char *field[5];
	char *item;

	line[strcspn(line, "\n")] = '\0';
	/* id, parent, device, root, mount point */
	for (int i = 0; i < 5; i++) {
		field[i] = strsep(&rest, " ");
		if (!field[i])
			return false;
	}
	/* options and any number of tags, up to a lone dash */
	do {
		item = strsep(&rest, " ");
	} while (item && strcmp(item, "-") != 0);
	mount->type = strsep(&rest, " ");
	(void)strsep(&rest, " "); /* source */
	mount->id = field[0];
	mount->root = field[3];
	mount->point = field[4];
	mount->options = rest;
	return mount->type && mount->options;
}

static bool is_guisefs(const struct mount_line *mount)
{
	return strcmp(mount->type, MOUNT_TYPE) == 0 && has_option(mount->options, MOUNT_BY_ROOT);
}

char *mounts_line(char *line)
{
	struct mount_line mount;

	if (!line_read(line, &mount) || strcmp(mount.root, "/") != 0 || !is_guisefs(&mount))
		return NULL;
	unescape(mount.point);
	return mount.point;
}

static void stream_close(FILE **stream)
{
	fclose(*stream);
}

int mounts_each(bool (*each)(const char *path, void *context), void *context)
{
	SCOPED_BUFFER char *line = NULL;
	size_t room = 0;
	FILE *opened = fopen("/proc/thread-self/mountinfo", "re");

	if (!opened)
		return -errno;
	__attribute__((cleanup(stream_close))) FILE *list = opened;
	while (getline(&line, &room, list) > 0) {
		const char *path = mounts_line(line);

		if (path && each(path, context))
			return 0;
	}
	return ferror(list) ? -EIO : -ENODEV;
}

/* The mount that @fd is on; without asking the file system for attributes. */
static int mount_id(int fd, uint64_t *id)
{
	struct statx stx;

	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID, &stx) < 0)
		return -errno;
	if (!(stx.stx_mask & STATX_MNT_ID))
		return -ENOTSUP;
	*id = stx.stx_mnt_id;
	return 0;
}

int mounts_hold(int fd)
{
	SCOPED_BUFFER char *line = NULL;
	struct mount_line mount;
	size_t room = 0;
	uint64_t id = 0;
	int error = mount_id(fd, &id);
	FILE *opened = error ? NULL : fopen("/proc/thread-self/mountinfo", "re");

	if (!opened)
		return error ? error : -errno;
	__attribute__((cleanup(stream_close))) FILE *list = opened;
	while (getline(&line, &room, list) > 0) {
		if (strtoull(line, NULL, 10) == id)
			return line_read(line, &mount) && is_guisefs(&mount);
	}
	return ferror(list) ? -EIO : 0;
}

struct opening {
	bool (*each)(int fd, const char *path, void *context);
	void *context;
};

static bool opening_take(const char *path, void *context)
{
	const struct opening *opening = context;
	SCOPED_FD fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int held = fd < 0 ? -errno : mounts_hold(fd);

	if (held <= 0)
		return opening->each(held ? held : -EOPNOTSUPP, path, opening->context);
	return opening->each(fd, path, opening->context);
}

int mounts_each_open(bool (*each)(int fd, const char *path, void *context), void *context)
{
	struct opening opening = {each, context};

	return mounts_each(opening_take, &opening);
}

bool mounts_out_of_reach(int error)
{
	switch (error) {
	case -EACCES:
	case -ENOENT:
	case -ENOTDIR:
	case -ENOTCONN:
	case -ECONNABORTED:
	case -EOPNOTSUPP:
	case -ENODATA:
		return true;
	default:
		return false;
	}
}

struct first {
	char *path;
	size_t size;
	int error;
};

static bool first_take(const char *path, void *context)
{
	struct first *first = context;
	int width = snprintf(first->path, first->size, "%s", path);

	first->error = width < 0 || (size_t)width >= first->size ? -ENAMETOOLONG : 0;
	return true;
}

int announce_find_mount(char *path, size_t size)
{
	struct first first = {path, size, 0};
	int error = mounts_each(first_take, &first);

	return error ? error : first.error;
}
