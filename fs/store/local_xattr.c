/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Extended attributes of the local store: the caller's own (user.*), and the
 * nearest POSIX ACL to look at.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "fs/store/local.h"

int local_getxattr(struct operation *op, struct node *node, const char *name)
{
	LOCAL_FD fd = local_fd_get(node);
	char path[LOCAL_PATH_SIZE];
	ssize_t size;

	if (fd.fd < 0)
		return fd.fd;
	if (!strcmp(name, LOCAL_POSIX_DEFAULT)) {
		int err = local_default_acl_shows(fd.fd);

		if (err < 0)
			return err;
	}
	/* no more than was asked for: the kernel clears as much */
	if (op->room > 0 && !(op->out.data = malloc(op->room)))
		return -ENOMEM;
	size = getxattr(local_path(fd.fd, path), name, op->out.data, op->room);
	if (size < 0)
		return -errno;
	op->out.size = (size_t)size;
	return 0;
}

int local_setxattr(struct operation *op, struct node *node, const char *name, const void *value,
		   size_t size, int flags)
{
	LOCAL_FD fd = local_fd_get(node);
	char path[LOCAL_PATH_SIZE];

	if (fd.fd < 0)
		return fd.fd;
	return setxattr(local_path(fd.fd, path), name, value, size, flags) < 0 ? -errno : 0;
}

int local_removexattr(struct operation *op, struct node *node, const char *name)
{
	LOCAL_FD fd = local_fd_get(node);
	char path[LOCAL_PATH_SIZE];

	if (fd.fd < 0)
		return fd.fd;
	return removexattr(local_path(fd.fd, path), name) < 0 ? -errno : 0;
}

/* Leaves of the @size bytes of names in @list those a client may see. */
static size_t visible_names(char *list, size_t size)
{
	size_t kept = 0;

	for (size_t at = 0; at < size;) {
		size_t length = strlen(list + at) + 1;

		if (!strncmp(list + at, "user.", 5)) {
			memmove(list + kept, list + at, length);
			kept += length;
		}
		at += length;
	}
	return kept;
}

int local_listxattr(struct operation *op, struct node *node)
{
	LOCAL_FD fd = local_fd_get(node);
	char path[LOCAL_PATH_SIZE];
	ssize_t size;

	if (fd.fd < 0)
		return fd.fd;
	op->out.data = malloc(XATTR_LIST_MAX);
	if (!op->out.data)
		return -ENOMEM;
	size = listxattr(local_path(fd.fd, path), op->out.data, XATTR_LIST_MAX);
	if (size < 0)
		return errno == EOPNOTSUPP ? 0 : -errno;
	op->out.size = visible_names(op->out.data, (size_t)size);
	return 0;
}

int local_set_descriptor(struct operation *op, struct node *node, const struct descriptor *given,
			 unsigned int parts)
{
	LOCAL_FD fd = local_fd_get(node);
	int err = fd.fd < 0 ? fd.fd : local_descriptor_set(fd.fd, given, parts);

	node_outdate(node);
	return err;
}
