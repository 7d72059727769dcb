/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Attributes: stat, chmod, chown, truncate, utimens, access, statfs.
 */
#include <errno.h>
#include <unistd.h>

#include "acl/mask.h"
#include "fs/front.h"
#include "fs/guard.h"
#include "fs/kernel_cache.h"
#include "fs/revocable.h"

/* With a handle the kernel asks for its own needs (reading up to the end): the open decided. */
void front_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct node *node = front_node(req, ino);
	struct operation op;
	int err;

	operation_start(&op, req, "getattr", node, reply_attr);
	err = fi && fi->fh ? revocable_check(&op, handle_of(fi)) : guard_stat(&op, node);
	if (err == 0)
		err = front_store(req)->getattr(&op, node);
	operation_end(&op, err);
}

static int judge_size(struct operation *op, struct node *node, const struct handle *handle)
{
	if (!handle)
		return guard_truncate(op, node);
	return handle->rights & FILE_WRITE_DATA ? 0 : -EACCES;
}

/* utimes(NULL) and touch, which POSIX lets do whoever may write: both times, to now. */
static bool only_now(int to_set)
{
	return (to_set & FUSE_SET_ATTR_ATIME_NOW) && (to_set & FUSE_SET_ATTR_MTIME_NOW);
}

/* Size, times, or nothing at all; modes and owners are judged besides. */
static int judge_plain(struct operation *op, struct node *node, const struct handle *handle,
		       int *to_set)
{
	const int times = FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_MTIME | FUSE_SET_ATTR_ATIME_NOW |
			  FUSE_SET_ATTR_MTIME_NOW;

	if (*to_set & FUSE_SET_ATTR_SIZE)
		return judge_size(op, node, handle);
	/* chown(2) to nobody: the time of change goes on, if who asks may set times */
	if (!*to_set)
		*to_set = guard_may_set_times(op, node) ? FUSE_SET_ATTR_CTIME : 0;
	/* truncate(2) sets the time of change with it */
	else if (*to_set & times)
		return guard_set_times(op, node, only_now(*to_set));
	return 0;
}

void front_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attr, int to_set,
		   struct fuse_file_info *fi)
{
	const int owners = FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID;
	struct node *node = front_node(req, ino);
	struct handle *handle = fi ? handle_of(fi) : NULL;
	bool folder = node_type(node) == S_IFDIR && (to_set & (owners | FUSE_SET_ATTR_MODE));
	struct entry_timeouts before = {0};
	struct operation op;
	int err;

	operation_start(&op, req, "setattr", node, reply_attr);
	if (folder)
		before = guard_entry_timeouts(&op, node);
	err = revocable_check(&op, handle);
	if (err == 0)
		err = judge_plain(&op, node, handle, &to_set);
	if (err == 0 && (to_set & FUSE_SET_ATTR_MODE))
		err = guard_chmod(&op, node, &attr->st_mode);
	if (err == 0 && (to_set & owners))
		err = guard_chown(&op, node, to_set & FUSE_SET_ATTR_UID ? attr->st_uid : (uid_t)-1,
				  to_set & FUSE_SET_ATTR_GID ? attr->st_gid : (gid_t)-1);
	if (err == 0)
		err = front_store(req)->setattr(&op, node, handle, attr, to_set);
	/* who passes a folder may have changed; its attributes go with the answer */
	if (err == 0 && folder && guard_names_closed(&op, node, before))
		kernel_cache_drop_names(op.session);
	operation_end(&op, err);
}

/* The kernel runs nothing that has no execute bit at all, for root neither. */
static int judge_execute_bits(struct operation *op, struct node *node)
{
	int err = op->session->store->ops->getattr(op, node);

	return err == 0 && !(op->out.attr.st_mode & 0111) ? -EACCES : err;
}

void front_access(fuse_req_t req, fuse_ino_t ino, int mask)
{
	struct node *node = front_node(req, ino);
	struct operation op;
	int err;

	operation_start(&op, req, "access", node, NULL);
	err = guard_access(&op, node, mask);
	if (err == 0 && (mask & X_OK) && node_type(node) == S_IFREG)
		err = judge_execute_bits(&op, node);
	operation_end(&op, err);
}

/* How full the share is, is no secret of any file. */
void front_statfs(fuse_req_t req, fuse_ino_t ino)
{
	struct node *node = ino ? front_node(req, ino) : front_node(req, FUSE_ROOT_ID);
	struct operation op;

	operation_start(&op, req, "statfs", node, reply_statfs);
	operation_end(&op, front_store(req)->statfs(&op, node));
}
