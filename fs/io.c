/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Data of open files: what the handle was opened for decides, whoever asks.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "acl/mask.h"
#include "fs/front.h"

#define MAY_READ (FILE_READ_DATA | FILE_EXECUTE)
#define MAY_WRITE (FILE_WRITE_DATA | FILE_APPEND_DATA)

void front_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
		struct fuse_file_info *fi)
{
	struct fuse_bufvec bytes = FUSE_BUFVEC_INIT(size);
	struct handle *handle = handle_of(fi);

	if (!(handle->rights & MAY_READ)) {
		fuse_reply_err(req, EBADF);
		return;
	}
	bytes.buf[0].flags = FUSE_BUF_IS_FD | FUSE_BUF_FD_SEEK | FUSE_BUF_FD_RETRY;
	bytes.buf[0].fd = handle->fd;
	bytes.buf[0].pos = offset;
	fuse_reply_data(req, &bytes, FUSE_BUF_NO_SPLICE);
}

static ssize_t write_all(int fd, const char *bytes, size_t size, off_t offset)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = pwrite(fd, bytes + done, size - done, offset + (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return done ? (ssize_t)done : n < 0 ? -errno : -EIO;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

void front_write(fuse_req_t req, fuse_ino_t ino, const char *bytes, size_t size, off_t offset,
		 struct fuse_file_info *fi)
{
	struct handle *handle = handle_of(fi);
	ssize_t done = -EBADF;

	if (handle->rights & MAY_WRITE)
		done = write_all(handle->fd, bytes, size, offset);
	if (done < 0)
		fuse_reply_err(req, (int)-done);
	else
		fuse_reply_write(req, (size_t)done);
}

/* close(2) of a copy makes a filesystem below report what it has to (quota, remote errors). */
void front_flush(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	int copy = fcntl(handle_of(fi)->fd, F_DUPFD_CLOEXEC, 0);

	fuse_reply_err(req, copy < 0 || close(copy) < 0 ? errno : 0);
}

void front_fsync(fuse_req_t req, fuse_ino_t ino, int data_only, struct fuse_file_info *fi)
{
	int fd = handle_of(fi)->fd;

	fuse_reply_err(req, (data_only ? fdatasync(fd) : fsync(fd)) < 0 ? errno : 0);
}

void front_fallocate(fuse_req_t req, fuse_ino_t ino, int mode, off_t offset, off_t length,
		     struct fuse_file_info *fi)
{
	struct handle *handle = handle_of(fi);

	if (!(handle->rights & FILE_WRITE_DATA))
		fuse_reply_err(req, EACCES);
	else
		fuse_reply_err(req, fallocate(handle->fd, mode, offset, length) < 0 ? errno : 0);
}

void front_lseek(fuse_req_t req, fuse_ino_t ino, off_t offset, int whence,
		 struct fuse_file_info *fi)
{
	struct handle *handle = handle_of(fi);
	off_t found;

	if (handle->stream || (whence != SEEK_DATA && whence != SEEK_HOLE)) {
		fuse_reply_err(req, EINVAL);
		return;
	}
	found = lseek(handle->fd, offset, whence);
	if (found < 0)
		fuse_reply_err(req, errno);
	else
		fuse_reply_lseek(req, found);
}

void front_copy_file_range(fuse_req_t req, fuse_ino_t ino_in, off_t offset_in,
			   struct fuse_file_info *fi_in, fuse_ino_t ino_out, off_t offset_out,
			   struct fuse_file_info *fi_out, size_t length, int flags)
{
	const struct handle *in = handle_of(fi_in), *out = handle_of(fi_out);
	ssize_t copied;

	if (!(in->rights & MAY_READ) || !(out->rights & FILE_WRITE_DATA)) {
		fuse_reply_err(req, EACCES);
		return;
	}
	copied = copy_file_range(in->fd, &offset_in, out->fd, &offset_out, length,
				 (unsigned int)flags);
	if (copied < 0)
		fuse_reply_err(req, errno);
	else
		fuse_reply_write(req, (size_t)copied);
}

/* guisefs has no ioctl of its own, and those of the backing filesystem would go around the guard. */
void front_ioctl(fuse_req_t req, fuse_ino_t ino, unsigned int command, void *arg,
		 struct fuse_file_info *fi, unsigned int flags, const void *in, size_t in_size,
		 size_t out_size)
{
	fuse_reply_err(req, ENOTTY);
}
