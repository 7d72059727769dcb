/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names of the local store: link, remove, rename.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs/store/local.h"

/* Others may have put something else there meanwhile, which is not ours to remove. */
void local_unname(int parent, const char *name, const struct stat *made)
{
	struct stat st;

	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_dev == made->st_dev &&
	    st.st_ino == made->st_ino)
		unlinkat(parent, name, S_ISDIR(made->st_mode) ? AT_REMOVEDIR : 0);
}

int local_link(struct operation *op, struct node *node, struct node *folder, const char *name)
{
	LOCAL_FD fd = local_fd_get(node);
	LOCAL_FD parent = local_fd_get(folder);
	char path[LOCAL_PATH_SIZE];
	struct stat st;
	int err;

	if (fd.fd < 0 || parent.fd < 0)
		return fd.fd < 0 ? fd.fd : parent.fd;
	if (fstat(fd.fd, &st) < 0 ||
	    linkat(AT_FDCWD, local_path(fd.fd, path), parent.fd, name, AT_SYMLINK_FOLLOW) < 0)
		return -errno;
	err = local_lookup(op, folder, name);
	/* who is told that it failed finds nothing done */
	if (err < 0)
		local_unname(parent.fd, name, &st);
	return err;
}

int local_remove(struct operation *op, struct node *folder, const char *name, bool is_folder)
{
	LOCAL_FD parent = local_fd_get(folder);

	if (parent.fd < 0)
		return parent.fd;
	return unlinkat(parent.fd, name, is_folder ? AT_REMOVEDIR : 0) < 0 ? -errno : 0;
}

/* The nodes of both names, before, learn where they are now. */
static void moved(struct store *store, struct node *folder, const char *name)
{
	struct node *node;

	if (local_find(store, folder, name, &node) == 0)
		node_forget(node, 1);
}

static int move(struct operation *op, struct node *folder, int parent, const char *name,
		struct node *to, int target, const char *new_name, unsigned int flags)
{
	struct store *store = op->session->store;

	if (renameat2(parent, name, target, new_name, flags) < 0)
		return -errno;
	moved(store, to, new_name);
	if (flags & RENAME_EXCHANGE)
		moved(store, folder, name);
	return 0;
}

/* The same where what goes inherits anew: either both have their new descriptors, or neither. */
static int move_and_inherit(struct operation *op, struct node *folder, int parent, const char *name,
			    struct node *to, int target, const char *new_name, unsigned int flags)
{
	__attribute__((cleanup(local_move_clear))) struct local_move there = {0}, back = {0};
	int err = local_move_plan(op, folder, name, to, op->may_inherit[0], &there);

	if (err == 0 && (flags & RENAME_EXCHANGE))
		err = local_move_plan(op, to, new_name, folder, op->may_inherit[1], &back);
	if (err == 0)
		err = local_move_apply(&there);
	if (err < 0)
		return err;
	err = local_move_apply(&back);
	if (err == 0)
		err = move(op, folder, parent, name, to, target, new_name, flags);
	if (err < 0) {
		local_move_undo(&back);
		local_move_undo(&there);
	}
	return err;
}

int local_rename(struct operation *op, struct node *folder, const char *name, struct node *to,
		 const char *new_name, unsigned int flags)
{
	struct local *local = local_of(op->session->store);
	struct moves *from_here = local_moves(local, folder), *to_there = local_moves(local, to);
	LOCAL_FD parent = local_fd_get(folder);
	LOCAL_FD target = local_fd_get(to);
	int err;

	if (parent.fd < 0 || target.fd < 0)
		return parent.fd < 0 ? parent.fd : target.fd;
	if (folder == to)
		return renameat2(parent.fd, name, target.fd, new_name, flags) < 0 ? -errno : 0;
	from_here->begun++;
	to_there->begun++;
	if (local->options->on_move == ON_MOVE_INHERIT)
		err = move_and_inherit(op, folder, parent.fd, name, to, target.fd, new_name, flags);
	else
		err = move(op, folder, parent.fd, name, to, target.fd, new_name, flags);
	from_here->done++;
	to_there->done++;
	return err;
}
