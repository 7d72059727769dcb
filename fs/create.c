/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * New objects and new names: create, tmpfile, mkdir, mknod, symlink, link.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "fs/front.h"
#include "fs/guard.h"
#include "fs/revocable.h"

/* The name came into being behind the kernel's back, and the caller takes it: an open. */
static int open_existing(struct operation *op, struct node *folder, const char *name)
{
	const struct store_ops *store = op->session->store->ops;
	uint32_t rights;
	int err = store->lookup(op, folder, name);

	if (err != 0)
		return err;
	err = guard_found(op, folder);
	if (err == 0)
		err = guard_open(op, op->out.node, op->fi.flags, &rights);
	if (err == 0)
		err = store->open(op, op->out.node, op->fi.flags, rights);
	if (err < 0)
		node_forget(op->out.node, 1);
	return err;
}

static int made_handle(struct operation *op)
{
	int err = front_choose_io(op);

	if (err < 0) {
		handle_destroy(op->out.handle);
		node_forget(op->out.node, 1);
	}
	return err;
}

static void create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
		   struct fuse_file_info *fi)
{
	struct node *folder = front_node(req, parent);
	struct operation op;
	int err;

	operation_start(&op, req, name ? "create" : "tmpfile", folder, reply_new_handle);
	op.fi = *fi;
	revocable_begin(&op);
	err = guard_lookup(&op, folder);
	if (err == 0)
		err = guard_create(&op, folder, false);
	if (err == 0)
		err = front_store(req)->create(&op, folder, name, mode & 07777, fi->flags);
	if (err == 0)
		guard_made(&op);
	if (err == -EEXIST && name && !(fi->flags & O_EXCL))
		err = open_existing(&op, folder, name);
	if (err == 0)
		err = made_handle(&op);
	operation_end(&op, err);
}

void front_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
		  struct fuse_file_info *fi)
{
	create(req, parent, name, mode, fi);
}

void front_tmpfile(fuse_req_t req, fuse_ino_t parent, mode_t mode, struct fuse_file_info *fi)
{
	create(req, parent, NULL, mode, fi);
}

void front_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
	struct node *folder = front_node(req, parent);
	struct operation op;
	int err;

	operation_start(&op, req, "mkdir", folder, reply_entry);
	err = guard_lookup(&op, folder);
	if (err == 0)
		err = guard_create(&op, folder, true);
	if (err == 0)
		err = front_store(req)->mkdir(&op, folder, name, mode & 01777);
	operation_end(&op, err);
}

/* Device nodes would be a way around every guard. */
static int judge_kind(mode_t mode)
{
	return S_ISREG(mode) || S_ISFIFO(mode) || S_ISSOCK(mode) ? 0 : -EPERM;
}

void front_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t rdev)
{
	struct node *folder = front_node(req, parent);
	struct operation op;
	int err;

	operation_start(&op, req, "mknod", folder, reply_entry);
	err = judge_kind(mode);
	if (err == 0)
		err = guard_lookup(&op, folder);
	if (err == 0)
		err = guard_create(&op, folder, false);
	if (err == 0)
		err = front_store(req)->mknod(&op, folder, name, mode);
	operation_end(&op, err);
}

void front_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name)
{
	struct node *folder = front_node(req, parent);
	struct operation op;
	int err;

	operation_start(&op, req, "symlink", folder, reply_entry);
	err = guard_lookup(&op, folder);
	if (err == 0)
		err = guard_create(&op, folder, false);
	if (err == 0)
		err = front_store(req)->symlink(&op, folder, name, target);
	operation_end(&op, err);
}

void front_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent, const char *name)
{
	struct node *node = front_node(req, ino), *folder = front_node(req, parent);
	struct operation op;
	int err;

	operation_start(&op, req, "link", node, reply_entry);
	err = guard_lookup(&op, folder);
	if (err == 0)
		err = guard_link(&op, node, folder);
	if (err == 0)
		err = front_store(req)->link(&op, node, folder, name);
	/* what is linked may be without a descriptor, and not for all who pass the folder */
	if (err == 0)
		guard_choose_timeout(&op, guard_entry_timeouts(&op, folder));
	operation_end(&op, err);
}
