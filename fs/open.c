/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Opening and closing files.
 */
#include <errno.h>

#include "acl/mask.h"
#include "fs/backing.h"
#include "fs/front.h"
#include "fs/guard.h"
#include "fs/revocable.h"
#include "fs/session.h"
#include "fs/store/store.h"

static int choose_io(struct operation *op, struct node_io *io)
{
	struct handle *handle = op->out.handle;

	/*
	 * The kernel asks for all that is read, and keeps nothing of it, whoever reads: what it
	 * kept for one, splice(2) and mappings would take through any other's handle, ended or not.
	 */
	if (op->session->options->handles == HANDLES_REVOCABLE) {
		op->fi.direct_io = 1;
		io->plain++;
		return 0;
	}
	if (!handle->append_only) {
		if (!backing_use(op, io))
			io->plain++;
		return 0;
	}
	/*
	 * A handle that may only append never writes past the daemon: fcntl(2)
	 * can take its O_APPEND away unseen.  Direct I/O also keeps it from a shared
	 * mapping, unless the file's data passes already and the handle can read.
	 */
	op->fi.direct_io = 1;
	if (io->passed == 0)
		io->plain++;
	else if (handle->rights & (FILE_READ_DATA | FILE_EXECUTE))
		return -EBUSY;
	else
		backing_use(op, io);
	return 0;
}

static void release_io(struct operation *op, struct handle *handle, struct node_io *io)
{
	if (handle->passed)
		backing_release(op, io);
	else
		io->plain--;
}

/*
 * Has closing the file anything to report?  Not what was only read; nor where what the kernel
 * writes by itself is written as far as it ever is before it is closed.
 */
static bool reports_at_close(const struct operation *op)
{
	const struct handle *handle = op->out.handle;

	return (handle->rights & (FILE_WRITE_DATA | FILE_APPEND_DATA)) &&
	       !(handle->passed && op->session->store->closes_silently);
}

int front_choose_io(struct operation *op)
{
	struct node *node = op->out.handle->node;
	int err = revocable_bind(op);

	if (err < 0)
		return err;
	err = choose_io(op, node_lock_io(node));
	node_unlock_io(node);
	op->fi.noflush = !reports_at_close(op);
	return err;
}

static void close_handle(struct operation *op, struct handle *handle)
{
	release_io(op, handle, node_lock_io(handle->node));
	node_unlock_io(handle->node);
	op->session->store->ops->release(op, handle);
}

void front_abandon_handle(struct operation *op)
{
	close_handle(op, op->out.handle);
}

void front_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct node *node = front_node(req, ino);
	struct operation op;
	uint32_t rights;
	int err;

	operation_start(&op, req, "open", node, reply_handle);
	op.fi = *fi;
	revocable_begin(&op);
	err = guard_open(&op, node, fi->flags, &rights);
	if (err == 0)
		err = front_store(req)->open(&op, node, fi->flags, rights);
	if (err == 0 && (err = front_choose_io(&op)) < 0)
		handle_destroy(op.out.handle);
	operation_end(&op, err);
}

void front_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct operation op;

	operation_start(&op, req, "release", NULL, NULL);
	close_handle(&op, handle_of(fi));
	operation_end(&op, 0);
}
