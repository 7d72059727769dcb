/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Asking what the calling thread may do with a file, without opening it.
 *
 * Only an answer from a guisefs mount of root's is one: any user can make a file
 * system that says yes to everything.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "keyring/guise.h"
#include "keyring/mounts.h"
#include "keyring/scoped.h"

/* name of the extended attribute whose reading is the question, and the rights after it */
#define CHECK "system.guise.access.check.0x"

/* "0xGRANTED yes" or "0xGRANTED no" */
static int answer_read(const char *answer, uint32_t *granted)
{
	unsigned long rights;
	char *end;

	errno = 0;
	rights = strtoul(answer, &end, 16);
	if (errno || end == answer || rights > UINT32_MAX)
		return -EPROTO;
	if (strcmp(end, " yes") != 0 && strcmp(end, " no") != 0)
		return -EPROTO;
	*granted = (uint32_t)rights;
	return strcmp(end, " yes") == 0 ? 0 : -EACCES;
}

static ssize_t attribute_read(int fd, const char *name, char *answer, size_t size)
{
	char link[40];
	ssize_t length = fgetxattr(fd, name, answer, size);

	if (length >= 0 || errno != EBADF)
		return length;
	/* a descriptor of O_PATH; if it is none at all, the link will not be there */
	snprintf(link, sizeof(link), "/proc/thread-self/fd/%d", fd);
	return getxattr(link, name, answer, size);
}

int guise_access_check_fd(int fd, uint32_t rights, uint32_t *granted)
{
	char name[64], answer[32];
	uint32_t found = 0;
	ssize_t length;
	int error;

	if (granted)
		*granted = 0;
	if (!rights)
		return -EINVAL;
	error = mounts_hold(fd);
	if (error <= 0)
		return error ? error : -EOPNOTSUPP;
	snprintf(name, sizeof(name), CHECK "%" PRIx32, rights);
	length = attribute_read(fd, name, answer, sizeof(answer) - 1);
	if (length < 0)
		return -errno;
	answer[length] = '\0';
	error = answer_read(answer, &found);
	if (granted)
		*granted = found;
	return error;
}

int guise_access_check(const char *path, uint32_t rights, uint32_t *granted)
{
	SCOPED_FD fd = -1;

	if (granted)
		*granted = 0;
	fd = open(path, O_PATH | O_CLOEXEC);
	return fd < 0 ? -errno : guise_access_check_fd(fd, rights, granted);
}
