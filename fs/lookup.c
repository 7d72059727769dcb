/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finding and forgetting: lookup, forget, readlink.
 */
#include <errno.h>

#include "fs/front.h"
#include "fs/guard.h"

/* That a name does not exist may be remembered as well as that it does. */
static void answer_missing(struct operation *op)
{
	struct fuse_entry_param none = {.entry_timeout = op->out.entry_timeout};

	fuse_reply_entry(op->req, &none);
}

void front_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct node *folder = front_node(req, parent);
	struct operation op;
	int err;

	operation_start(&op, req, "lookup", folder, reply_entry);
	/* a path must lead to what an access check asks about */
	op.identify = true;
	err = guard_lookup(&op, folder);
	if (err == 0)
		err = front_store(req)->lookup(&op, folder, name);
	if (err == 0 && (err = guard_found(&op, folder)) < 0)
		node_forget(op.out.node, 1);
	if (err == -ENOENT) {
		op.reply = answer_missing;
		err = 0;
	}
	operation_end(&op, err);
}

void front_forget(fuse_req_t req, fuse_ino_t ino, uint64_t count)
{
	if (ino != FUSE_ROOT_ID)
		node_forget(front_node(req, ino), count);
	fuse_reply_none(req);
}

void front_forget_multi(fuse_req_t req, size_t count, struct fuse_forget_data *forgets)
{
	for (size_t i = 0; i < count; i++)
		if (forgets[i].ino != FUSE_ROOT_ID)
			node_forget(front_node(req, forgets[i].ino), forgets[i].nlookup);
	fuse_reply_none(req);
}

/* Where a link leads is an attribute of it. */
void front_readlink(fuse_req_t req, fuse_ino_t ino)
{
	struct node *node = front_node(req, ino);
	struct operation op;
	int err;

	operation_start(&op, req, "readlink", node, reply_link);
	err = guard_stat(&op, node);
	if (err == 0)
		err = front_store(req)->readlink(&op, node);
	operation_end(&op, err);
}
