/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What lies below a folder.
 */
#include "below.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "keyring/scoped.h"

static int open_step(int fd, const char *path)
{
	const struct open_how how = {
		.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
	};
	int opened;

	/* the kernel could not be sure that nothing was moved away meanwhile */
	do
		opened = (int)syscall(SYS_openat2, fd, path, &how, sizeof(how));
	while (opened < 0 && errno == EAGAIN);
	return opened < 0 ? -errno : opened;
}

/* The part of @path that one call takes, whole names; into @part.  Returns its length, or -errno.
 */
static ssize_t first_part(const char *path, char part[PATH_MAX])
{
	size_t length = strlen(path);

	if (length >= PATH_MAX) {
		for (length = PATH_MAX - 1; length && path[length] != '/'; length--)
			;
		if (!length)
			return -ENAMETOOLONG;
	}
	memcpy(part, path, length);
	part[length] = '\0';
	return (ssize_t)length;
}

int below_open(const struct object *root, const char *path, struct object *object)
{
	SCOPED_FD fd = fcntl(root->fd, F_DUPFD_CLOEXEC, 0);
	int opened;

	if (fd < 0)
		return -errno;
	while (strcmp(path, ".") != 0 && *path) {
		char part[PATH_MAX];
		ssize_t length = first_part(path, part);

		if (length < 0)
			return (int)length;
		opened = open_step(fd, part);
		if (opened < 0)
			return opened;
		close(fd);
		fd = opened;
		path += length;
		path += *path == '/';
	}
	opened = fd;
	fd = -1;
	return object_adopt(opened, object);
}
