/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The table of the kernel's requests, and the replies.
 *
 * Locks (POSIX and flock) are not in it: the kernel keeps them itself, for all users
 * of the mount alike, on handles whose access was decided at open.
 */
#include "fs/front.h"

#include <errno.h>
#include <string.h>

#include "fs/session.h"

/* There is no reuse of a node's number while the kernel knows it. */
#define GENERATION 1

struct node *front_node(fuse_req_t req, fuse_ino_t ino)
{
	struct session *session = fuse_req_userdata(req);

	if (ino == FUSE_ROOT_ID)
		return session->store->ops->root(session->store);
	return (struct node *)(uintptr_t)(ino ^ session->node_mask);
}

fuse_ino_t front_ino(const struct session *session, struct node *node)
{
	if (node == session->store->ops->root(session->store))
		return FUSE_ROOT_ID;
	return (fuse_ino_t)(uintptr_t)node ^ session->node_mask;
}

const struct store_ops *front_store(fuse_req_t req)
{
	struct session *session = fuse_req_userdata(req);

	return session->store->ops;
}

void front_entry(const struct operation *op, struct fuse_entry_param *entry)
{
	memset(entry, 0, sizeof(*entry));
	entry->ino = front_ino(op->session, op->out.node);
	entry->generation = GENERATION;
	entry->attr = op->out.attr;
	entry->attr_timeout = op->out.attr_timeout;
	entry->entry_timeout = op->out.entry_timeout;
	/* opening these does not come here, so finding them must, each time */
	if (S_ISFIFO(entry->attr.st_mode) || S_ISSOCK(entry->attr.st_mode))
		entry->entry_timeout = 0;
}

/* An asker that was killed meanwhile never learns of the node: its lookup is taken back. */
void reply_entry(struct operation *op)
{
	struct fuse_entry_param entry;

	front_entry(op, &entry);
	if (fuse_reply_entry(op->req, &entry) < 0)
		node_forget(op->out.node, 1);
}

void reply_attr(struct operation *op)
{
	fuse_reply_attr(op->req, &op->out.attr, op->out.attr_timeout);
}

void reply_handle(struct operation *op)
{
	op->fi.fh = (uintptr_t)op->out.handle;
	if (fuse_reply_open(op->req, &op->fi) < 0)
		front_abandon_handle(op);
}

void reply_new_handle(struct operation *op)
{
	struct fuse_entry_param entry;

	front_entry(op, &entry);
	op->fi.fh = (uintptr_t)op->out.handle;
	if (fuse_reply_create(op->req, &entry, &op->fi) < 0) {
		front_abandon_handle(op);
		node_forget(op->out.node, 1);
	}
}

void reply_data(struct operation *op)
{
	if (op->room == 0)
		fuse_reply_xattr(op->req, op->out.size);
	else if (op->room < op->out.size)
		fuse_reply_err(op->req, ERANGE);
	else
		fuse_reply_buf(op->req, op->out.data, op->out.size);
}

void reply_link(struct operation *op)
{
	fuse_reply_readlink(op->req, op->out.data);
}

void reply_statfs(struct operation *op)
{
	fuse_reply_statfs(op->req, &op->out.statfs);
}

void reply_bytes(struct operation *op)
{
	fuse_reply_data(op->req, &op->out.bytes, FUSE_BUF_NO_SPLICE);
}

void reply_written(struct operation *op)
{
	fuse_reply_write(op->req, op->out.size);
}

void reply_offset(struct operation *op)
{
	fuse_reply_lseek(op->req, op->out.offset);
}

static void front_init(void *data, struct fuse_conn_info *conn)
{
	struct session *session = data;

	session_negotiate(session, conn);
	if (session->ready)
		session->ready(session->ready_arg);
}

const struct fuse_lowlevel_ops front_ops = {
	.init = front_init,
	.lookup = front_lookup,
	.forget = front_forget,
	.forget_multi = front_forget_multi,
	.getattr = front_getattr,
	.setattr = front_setattr,
	.readlink = front_readlink,
	.mknod = front_mknod,
	.mkdir = front_mkdir,
	.unlink = front_unlink,
	.rmdir = front_rmdir,
	.symlink = front_symlink,
	.rename = front_rename,
	.link = front_link,
	.open = front_open,
	.read = front_read,
	.write = front_write,
	.flush = front_flush,
	.release = front_release,
	.fsync = front_fsync,
	.opendir = front_opendir,
	.readdir = front_readdir,
	.readdirplus = front_readdirplus,
	.releasedir = front_releasedir,
	.fsyncdir = front_fsyncdir,
	.statfs = front_statfs,
	.setxattr = front_setxattr,
	.getxattr = front_getxattr,
	.listxattr = front_listxattr,
	.removexattr = front_removexattr,
	.access = front_access,
	.create = front_create,
	.ioctl = front_ioctl,
	.fallocate = front_fallocate,
	.copy_file_range = front_copy_file_range,
	.lseek = front_lseek,
#ifdef HAVE_FUSE_TMPFILE
	.tmpfile = front_tmpfile,
#endif
};
