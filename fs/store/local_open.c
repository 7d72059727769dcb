/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Opening files and folders of the local store.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "acl/mask.h"
#include "fs/handle.h"
#include "fs/store/local.h"

/* A descriptor of @node, open as @fd, for @flags, or -errno. */
static int open_backing(struct node *node, int fd, int flags)
{
	char path[LOCAL_PATH_SIZE];
	int own;

	local_path(fd, path);
	own = open(path, flags | O_CLOEXEC | O_NONBLOCK);
	if (own < 0 && errno == EMFILE) {
		node_make_room(node);
		own = open(path, flags | O_CLOEXEC | O_NONBLOCK);
	}
	return own < 0 ? -errno : own;
}

int local_open(struct operation *op, struct node *node, int flags, uint32_t rights)
{
	LOCAL_FD fd = local_fd_get(node);
	int own = -1;

	if (fd.fd < 0)
		return fd.fd;
	/* Opening anything else could block, or reach a device. */
	if (node_type(node) != S_IFREG)
		return -EACCES;
	flags &= O_ACCMODE | O_APPEND | O_TRUNC | O_SYNC | O_DSYNC | O_NOATIME;
	/*
	 * The kernel says where each write goes and fcntl(2) may change O_APPEND later;
	 * only who may do nothing but append is held to it here.
	 */
	if (rights & FILE_WRITE_DATA)
		flags &= ~O_APPEND;
	/* What is only read the kernel reads by itself: a descriptor would hardly be used. */
	if (!op->session->passthrough || (flags & (O_ACCMODE | O_TRUNC)) != O_RDONLY) {
		own = open_backing(node, fd.fd, flags);
		if (own < 0)
			return own;
	}
	op->out.handle = handle_create(node, own, rights);
	if (!op->out.handle)
		return -ENOMEM;
	op->out.handle->flags = flags;
	return 0;
}

int local_handle_fd(struct handle *handle)
{
	int fd;

	pthread_mutex_lock(&handle->lock);
	if (handle->fd < 0) {
		LOCAL_FD path = local_fd_get(handle->node);

		fd = path.fd < 0 ? path.fd : open_backing(handle->node, path.fd, handle->flags);
		handle->fd = fd < 0 ? -1 : fd;
	} else {
		fd = handle->fd;
	}
	pthread_mutex_unlock(&handle->lock);
	return fd;
}

int local_opendir(struct operation *op, struct node *node)
{
	LOCAL_FD fd = local_fd_get(node);
	int own;

	if (fd.fd < 0)
		return fd.fd;
	own = openat(fd.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (own < 0)
		return -errno;
	op->out.handle = handle_create_folder(node, own);
	return op->out.handle ? 0 : -ENOMEM;
}

void local_release(struct operation *op, struct handle *handle)
{
	handle_destroy(handle);
}
