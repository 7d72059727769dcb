/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Data and entries through handles of the local store.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "fs/handle.h"
#include "fs/store/local.h"

int local_read(struct operation *op, struct handle *handle, size_t size, off_t offset)
{
	int fd = local_handle_fd(handle);

	if (fd < 0)
		return fd;
	op->out.bytes = FUSE_BUFVEC_INIT(size);
	op->out.bytes.buf[0].flags = FUSE_BUF_IS_FD | FUSE_BUF_FD_SEEK | FUSE_BUF_FD_RETRY;
	op->out.bytes.buf[0].fd = fd;
	op->out.bytes.buf[0].pos = offset;
	return 0;
}

int local_write(struct operation *op, struct handle *handle, const char *bytes, size_t size,
		off_t offset)
{
	while (op->out.size < size) {
		size_t done = op->out.size;
		ssize_t n = pwrite(handle->fd, bytes + done, size - done, offset + (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		/* what was written before an error counts; the error comes again */
		if (n <= 0)
			return done ? 0 : n < 0 ? -errno : -EIO;
		op->out.size += (size_t)n;
	}
	return 0;
}

/* close(2) of a copy makes a filesystem below report what it has to (quota, remote errors). */
int local_flush(struct operation *op, struct handle *handle)
{
	int copy;

	if (handle->fd < 0)
		return 0; /* it was only read, by the kernel */
	copy = fcntl(handle->fd, F_DUPFD_CLOEXEC, 0);
	return copy < 0 || close(copy) < 0 ? -errno : 0;
}

int local_fsync(struct operation *op, struct handle *handle, bool data_only)
{
	int fd = local_handle_fd(handle);

	if (fd < 0)
		return fd;
	return (data_only ? fdatasync(fd) : fsync(fd)) < 0 ? -errno : 0;
}

int local_fallocate(struct operation *op, struct handle *handle, int mode, off_t offset,
		    off_t length)
{
	return fallocate(handle->fd, mode, offset, length) < 0 ? -errno : 0;
}

int local_lseek(struct operation *op, struct handle *handle, off_t offset, int whence)
{
	int fd = local_handle_fd(handle);

	if (fd < 0)
		return fd;
	op->out.offset = lseek(fd, offset, whence);
	return op->out.offset < 0 ? -errno : 0;
}

/* A worker is not to be kept by one copy: the caller asks for the rest. */
#define COPY_MAX (8u << 20)

int local_copy(struct operation *op, struct handle *from, off_t from_offset, struct handle *to,
	       off_t to_offset, size_t length)
{
	int source = local_handle_fd(from), target = local_handle_fd(to);
	ssize_t copied;

	if (source < 0 || target < 0)
		return source < 0 ? source : target;
	copied = copy_file_range(source, &from_offset, target, &to_offset,
				 length < COPY_MAX ? length : COPY_MAX, 0);
	if (copied < 0)
		return -errno;
	op->out.size = (size_t)copied;
	return 0;
}

static int read_entries(struct handle *handle, bool (*visit)(void *arg, const struct dirent *entry),
			void *arg)
{
	for (;;) {
		if (!handle->entry) {
			errno = 0;
			handle->entry = readdir(handle->stream);
			if (!handle->entry)
				return -errno;
		}
		if (!visit(arg, handle->entry))
			return 0;
		handle->position = handle->entry->d_off;
		handle->entry = NULL;
	}
}

int local_readdir(struct operation *op, struct handle *handle, off_t offset,
		  bool (*visit)(void *arg, const struct dirent *entry), void *arg)
{
	int err;

	pthread_mutex_lock(&handle->lock);
	if (offset != handle->position) {
		seekdir(handle->stream, offset);
		handle->entry = NULL;
		handle->position = offset;
	}
	err = read_entries(handle, visit, arg);
	pthread_mutex_unlock(&handle->lock);
	return err;
}
