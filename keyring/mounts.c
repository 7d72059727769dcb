/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finding guisefs mounts in /proc/self/mountinfo; see proc(5). */
#include "keyring/mounts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

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

char *mounts_line(char *line)
{
	char *rest = line;
	char *field[5];
	char *item, *type;

	line[strcspn(line, "\n")] = '\0';
	/* id, parent, device, root, mount point */
	for (int i = 0; i < 5; i++) {
		field[i] = strsep(&rest, " ");
		if (!field[i])
			return NULL;
	}
	/* options and any number of tags, up to a lone dash */
	do {
		item = strsep(&rest, " ");
	} while (item && strcmp(item, "-") != 0);
	type = strsep(&rest, " ");
	if (!type || strcmp(type, MOUNT_TYPE) != 0 || strcmp(field[3], "/") != 0)
		return NULL;
	(void)strsep(&rest, " "); /* source */
	if (!rest || !has_option(rest, MOUNT_BY_ROOT))
		return NULL;
	unescape(field[4]);
	return field[4];
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
