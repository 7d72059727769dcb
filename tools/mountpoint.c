/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which files are on a guisefs mount: /proc/self/fdinfo names the mount of an
 * open file, /proc/self/mountinfo what that mount is; see proc(5).
 */
#include "mountpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keyring/mounts.h"
#include "text.h"

static void file_closep(FILE **file)
{
	if (*file)
		fclose(*file);
}

#define FILE_CLEANUP __attribute__((cleanup(file_closep)))

/* The mount that @fd is on, or -errno. */
static int mount_id(int fd)
{
	char path[64];
	char line[128];
	int id;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	FILE_CLEANUP FILE *file = fopen(path, "re");
	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "mnt_id: %d", &id) == 1)
			return id;
	}
	return -ENODATA;
}

/*
 * Does this line of mountinfo (cut up here) tell of a guisefs mount?  Any user can make
 * a FUSE mount that calls itself guisefs, so it must also be root's.
 */
static bool line_is_guisefs(char *line)
{
	char *rest = strstr(line, " - ");
	char *word;

	if (!rest)
		return false;
	rest += 3;
	word = strsep(&rest, " ");
	if (strcmp(word, "fuse.guisefs") != 0)
		return false;
	(void)strsep(&rest, " "); /* source */
	while ((word = strsep(&rest, ",\n"))) {
		if (strcmp(word, "user_id=0") == 0)
			return true;
	}
	return false;
}

int mountpoint_is_guisefs(int fd)
{
	TEXT_CLEANUP char *line = NULL;
	size_t room = 0;
	int wanted = mount_id(fd);

	if (wanted < 0)
		return wanted;
	FILE_CLEANUP FILE *file = fopen("/proc/self/mountinfo", "re");
	if (!file)
		return -errno;
	while (getline(&line, &room, file) >= 0) {
		if (strtol(line, NULL, 10) == wanted)
			return line_is_guisefs(line);
	}
	return ferror(file) ? -EIO : 0;
}

struct first {
	char *path;
	int fd;
};

static bool open_this(const char *path, void *context)
{
	struct first *first = context;
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return false;
	/* another mount may lie on top of it */
	if (mountpoint_is_guisefs(fd) > 0)
		first->path = strdup(path);
	if (!first->path) {
		close(fd);
		return false;
	}
	first->fd = fd;
	return true;
}

int mountpoint_open_first(char **path)
{
	struct first first = {NULL, -1};
	int error = mounts_each(open_this, &first);

	if (error < 0)
		return error;
	*path = first.path;
	return first.fd;
}
