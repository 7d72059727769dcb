/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Opening and closing files.
 */
#include <errno.h>

#include "acl/mask.h"
#include "fs/audit.h"
#include "fs/front.h"
#include "fs/guard.h"
#include "fs/session.h"

#ifdef HAVE_FUSE_PASSTHROUGH

/* The kernel's name for the backing file, or 0 if it will not take it. */
static int backing_open(struct operation *op)
{
	int id = fuse_passthrough_open(op->req, op->out.handle->fd);

	if (id <= 0 && op->session->passthrough) {
		audit_note("no kernel passthrough on this backing folder; data goes through the "
			   "daemon");
		op->session->passthrough = false;
	}
	return id > 0 ? id : 0;
}

static void use_backing(struct operation *op, struct node_io *io)
{
	op->fi.backing_id = io->backing_id;
	op->out.handle->passed = true;
	io->passed++;
}

/* Whether the handle's data now passes the daemon by; *@io is locked. */
static bool choose_passthrough(struct operation *op, struct node_io *io)
{
	if (io->plain > 0 || !op->session->passthrough)
		return io->passed > 0;
	if (io->passed == 0)
		io->backing_id = backing_open(op);
	return io->passed > 0 || io->backing_id > 0;
}

static int choose_io(struct operation *op, struct node_io *io)
{
	struct handle *handle = op->out.handle;

	if (!handle->append_only) {
		if (choose_passthrough(op, io))
			use_backing(op, io);
		else
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
		use_backing(op, io);
	return 0;
}

static void release_io(fuse_req_t req, struct handle *handle, struct node_io *io)
{
	if (!handle->passed)
		io->plain--;
	else if (--io->passed == 0)
		fuse_passthrough_close(req, io->backing_id);
}

#else

static int choose_io(struct operation *op, struct node_io *io)
{
	op->fi.direct_io = op->out.handle->append_only;
	io->plain++;
	return 0;
}

static void release_io(fuse_req_t req, struct handle *handle, struct node_io *io)
{
	io->plain--;
}

#endif

int front_choose_io(struct operation *op)
{
	struct node *node = op->out.handle->node;
	int err = choose_io(op, node_lock_io(node));

	node_unlock_io(node);
	/* what was only read has nothing to report when it is closed */
	op->fi.noflush = !(op->out.handle->rights & (FILE_WRITE_DATA | FILE_APPEND_DATA));
	return err;
}

static void close_handle(struct operation *op, struct handle *handle)
{
	release_io(op->req, handle, node_lock_io(handle->node));
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
