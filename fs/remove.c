/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * unlink and rmdir.
 *
 * What a name leads to is judged before it is removed; in between the kernel
 * holds the folder, so that no other user of the mount can change the name.
 */
#include "fs/front.h"
#include "fs/guard.h"

static void remove_name(fuse_req_t req, fuse_ino_t parent, const char *name, bool is_folder)
{
	struct node *folder = front_node(req, parent), *node;
	struct operation op;
	int err;

	operation_start(&op, req, is_folder ? "rmdir" : "unlink", folder, NULL);
	err = guard_lookup(&op, folder);
	if (err == 0)
		err = front_store(req)->find(op.session->store, folder, name, &node);
	if (err == 0) {
		err = guard_remove(&op, folder, node);
		if (err == 0)
			err = front_store(req)->remove(&op, folder, name, is_folder);
		node_forget(node, 1);
	}
	operation_end(&op, err);
}

void front_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	remove_name(req, parent, name, false);
}

void front_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	remove_name(req, parent, name, true);
}
