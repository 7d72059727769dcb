/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which files are on a guisefs mount. */
#include "mountpoint.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "keyring/mounts.h"

int mountpoint_is_guisefs(int fd)
{
	return mounts_hold(fd);
}

struct first {
	char *path;
	int fd;
};

static bool open_this(int fd, const char *path, void *context)
{
	struct first *first = context;

	if (fd < 0)
		return false;
	first->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (first->fd < 0)
		return false;
	first->path = strdup(path);
	if (first->path)
		return true;
	close(first->fd);
	return false;
}

int mountpoint_open_first(char **path)
{
	struct first first = {NULL, -1};
	int error = mounts_each_open(open_this, &first);

	if (error < 0)
		return error;
	*path = first.path;
	return first.fd;
}
