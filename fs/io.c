/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Data of open files: what the handle was opened for decides, whoever asks.
 */
#include <errno.h>
#include <unistd.h>

#include "acl/mask.h"
#include "fs/front.h"
#include "fs/revocable.h"
#include "fs/workers.h"

#define MAY_READ (FILE_READ_DATA | FILE_EXECUTE)
#define MAY_WRITE (FILE_WRITE_DATA | FILE_APPEND_DATA)

void front_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
		struct fuse_file_info *fi)
{
	struct handle *handle = handle_of(fi);
	struct operation op;
	int err = handle->rights & MAY_READ ? 0 : -EBADF;

	operation_start(&op, req, "read", NULL, reply_bytes);
	if (err == 0)
		err = revocable_check(&op, handle);
	if (err == 0)
		err = front_store(req)->read(&op, handle, size, offset);
	operation_end(&op, err);
}

void front_write(fuse_req_t req, fuse_ino_t ino, const char *bytes, size_t size, off_t offset,
		 struct fuse_file_info *fi)
{
	struct handle *handle = handle_of(fi);
	struct operation op;
	int err = handle->rights & MAY_WRITE ? 0 : -EBADF;

	operation_start(&op, req, "write", NULL, reply_written);
	if (err == 0)
		err = revocable_check(&op, handle);
	if (err == 0)
		err = front_store(req)->write(&op, handle, bytes, size, offset);
	operation_end(&op, err);
}

void front_flush(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct operation op;

	operation_start(&op, req, "flush", NULL, NULL);
	operation_end(&op, front_store(req)->flush(&op, handle_of(fi)));
}

void front_fsync(fuse_req_t req, fuse_ino_t ino, int data_only, struct fuse_file_info *fi)
{
	struct operation op;
	int err;

	operation_start(&op, req, "fsync", NULL, NULL);
	err = revocable_check(&op, handle_of(fi));
	workers_expect_delay();
	if (err == 0)
		err = front_store(req)->fsync(&op, handle_of(fi), data_only);
	operation_end(&op, err);
}

void front_fallocate(fuse_req_t req, fuse_ino_t ino, int mode, off_t offset, off_t length,
		     struct fuse_file_info *fi)
{
	struct handle *handle = handle_of(fi);
	struct operation op;
	int err = handle->rights & FILE_WRITE_DATA ? 0 : -EACCES;

	operation_start(&op, req, "fallocate", NULL, NULL);
	workers_expect_delay();
	if (err == 0)
		err = revocable_check(&op, handle);
	if (err == 0)
		err = front_store(req)->fallocate(&op, handle, mode, offset, length);
	operation_end(&op, err);
}

void front_lseek(fuse_req_t req, fuse_ino_t ino, off_t offset, int whence,
		 struct fuse_file_info *fi)
{
	struct handle *handle = handle_of(fi);
	struct operation op;
	int err = 0;

	operation_start(&op, req, "lseek", NULL, reply_offset);
	if (handle->stream || (whence != SEEK_DATA && whence != SEEK_HOLE))
		err = -EINVAL;
	if (err == 0)
		err = revocable_check(&op, handle);
	if (err == 0)
		err = front_store(req)->lseek(&op, handle, offset, whence);
	operation_end(&op, err);
}

void front_copy_file_range(fuse_req_t req, fuse_ino_t ino_in, off_t offset_in,
			   struct fuse_file_info *fi_in, fuse_ino_t ino_out, off_t offset_out,
			   struct fuse_file_info *fi_out, size_t length, int flags)
{
	struct handle *from = handle_of(fi_in), *to = handle_of(fi_out);
	struct operation op;
	int err = 0;

	operation_start(&op, req, "copy_file_range", NULL, reply_written);
	if (flags)
		err = -EINVAL;
	else if (!(from->rights & MAY_READ) || !(to->rights & FILE_WRITE_DATA))
		err = -EACCES;
	workers_expect_delay();
	if (err == 0)
		err = revocable_check(&op, from);
	if (err == 0)
		err = revocable_check(&op, to);
	if (err == 0)
		err = front_store(req)->copy(&op, from, offset_in, to, offset_out, length);
	operation_end(&op, err);
}

/* guisefs has no ioctl of its own, and those of the backing filesystem would go around the guard.
 */
void front_ioctl(fuse_req_t req, fuse_ino_t ino, unsigned int command, void *arg,
		 struct fuse_file_info *fi, unsigned int flags, const void *in, size_t in_size,
		 size_t out_size)
{
	fuse_reply_err(req, ENOTTY);
}
