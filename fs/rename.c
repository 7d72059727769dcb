/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rename, with RENAME_NOREPLACE and RENAME_EXCHANGE.  Like removing, under the
 * kernel's lock of both folders.
 */
#include <errno.h>
#include <stdio.h>

#include "fs/front.h"
#include "fs/guard.h"
#include "fs/kernel_cache.h"

static int judge(struct operation *op, struct node *from, const char *name, struct node *to,
		 const char *new_name, unsigned int flags)
{
	struct store *store = op->session->store;
	struct node *node, *target = NULL;
	int err = store->ops->find(store, from, name, &node);

	if (err < 0)
		return err;
	err = store->ops->find(store, to, new_name, &target);
	if (err == -ENOENT && !(flags & RENAME_EXCHANGE))
		err = 0;
	if (err == 0 && target && (flags & RENAME_NOREPLACE))
		err = -EEXIST;
	if (err == 0)
		err = guard_rename(op, from, node, to, target, flags & RENAME_EXCHANGE);
	if (target)
		node_forget(target, 1);
	node_forget(node, 1);
	return err;
}

void front_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t new_parent,
		  const char *new_name, unsigned int flags)
{
	struct node *from = front_node(req, parent), *to = front_node(req, new_parent);
	struct operation op;
	int err = 0;

	operation_start(&op, req, "rename", from, NULL);
	if (flags & ~(unsigned int)(RENAME_NOREPLACE | RENAME_EXCHANGE))
		err = -EINVAL;
	if (err == 0)
		err = guard_lookup(&op, from);
	if (err == 0)
		err = guard_lookup(&op, to);
	if (err == 0)
		err = judge(&op, from, name, to, new_name, flags);
	if (err == 0)
		err = front_store(req)->rename(&op, from, name, to, new_name, flags);
	/* who may find it hangs on its folder */
	if (err == 0 && from != to)
		kernel_cache_drop_names(op.session);
	operation_end(&op, err);
}
