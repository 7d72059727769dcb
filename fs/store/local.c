/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The local store: its table, its start and end, and finding names.
 */
#include "fs/store/local.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <malloc.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

/* how often a name is looked up again while others are moved */
#define LOOKUP_TRIES 16

/* whose memory is worth giving back when half of them have gone */
#define MANY_NODES 16384

struct local_fd local_fd_get(struct node *node)
{
	return (struct local_fd){.node = node, .fd = node_get_fd(node)};
}

void local_fd_put(struct local_fd *fd)
{
	if (fd->fd >= 0)
		node_put_fd(fd->node);
}

/* Only names come from the kernel; ".." would leave the folder. */
static bool is_name(const char *name)
{
	return *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && !strchr(name, '/');
}

int local_open_name(int folder, const char *name)
{
	struct open_how how = {
		.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS |
			   RESOLVE_NO_XDEV,
	};
	int fd;

	if (!is_name(name))
		return -EINVAL;
	fd = (int)syscall(SYS_openat2, folder, name, &how, sizeof(how));
	return fd < 0 ? -errno : fd;
}

int local_open_child(struct node *folder, int parent, const char *name)
{
	int fd = local_open_name(parent, name);

	if (fd == -EMFILE) {
		node_make_room(folder);
		fd = local_open_name(parent, name);
	}
	return fd;
}

/* A node that is known needs no descriptor to be found. */
static int find_known(struct store *store, struct node *folder, int parent, const char *name,
		      struct node **node)
{
	*node = NULL;
	if (!is_name(name))
		return -EINVAL;
	return node_find_name(local_of(store)->nodes, parent, name, folder, node);
}

int local_find(struct store *store, struct node *folder, const char *name, struct node **node)
{
	LOCAL_FD parent = local_fd_get(folder);
	struct stat st;
	int fd, err = parent.fd < 0 ? parent.fd : find_known(store, folder, parent.fd, name, node);

	if (err < 0 || *node)
		return err;
	fd = local_open_child(folder, parent.fd, name);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0) {
		close(fd);
		return -errno;
	}
	return node_find(local_of(store)->nodes, fd, folder, st.st_mode, node);
}

/* Ends a lookup or a creation: @node, with a lookup counted, and its attributes. */
static int found_node(struct operation *op, struct node *node)
{
	int err = local_getattr(op, node);

	if (err < 0)
		node_forget(node, 1);
	else
		op->out.node = node;
	return err;
}

static bool is_object(const struct stat *st, const struct stat *other)
{
	return st->st_dev == other->st_dev && st->st_ino == other->st_ino;
}

/* @made: what it must be, or NULL. */
static int found(struct operation *op, struct node *folder, int fd, bool was_draft,
		 const struct stat *made)
{
	struct local *local = local_of(op->session->store);
	struct node *node;
	struct stat st;
	int err = fstat(fd, &st) < 0 ? -errno : 0;

	if (err == 0 && made && !is_object(&st, made))
		err = -ESTALE;
	if (err < 0) {
		close(fd);
		return err;
	}
	err = node_find(local->nodes, fd, folder, st.st_mode, &node);
	if (err < 0)
		return err;
	if (was_draft)
		node_outdate(node);
	/* a look before the version was known will do where the time of change counts as well */
	if (local->options->backing == BACKING_SHARED)
		op->seen = (struct seen){.node = node, .version = node_version(node), .attr = st};
	return found_node(op, node);
}

int local_found(struct operation *op, struct node *folder, int fd)
{
	return found(op, folder, fd, false, NULL);
}

int local_found_new(struct operation *op, struct node *folder, int fd, const struct stat *made)
{
	return found(op, folder, fd, false, made);
}

int local_found_draft(struct operation *op, struct node *folder, int fd)
{
	return found(op, folder, fd, true, NULL);
}

static int lookup_once(struct operation *op, struct node *folder, int parent, const char *name)
{
	struct node *node;
	int fd, err = find_known(op->session->store, folder, parent, name, &node);

	if (err < 0 || node)
		return err < 0 ? err : found_node(op, node);
	fd = local_open_child(folder, parent, name);
	return fd < 0 ? fd : local_found(op, folder, fd);
}

/*
 * A lookup is not locked against renames.  The node must not be left with the folder
 * that it has just been moved out of, whose rights would go on to count: who looked
 * meanwhile looks again, and in the end leaves it without one.
 */
int local_lookup(struct operation *op, struct node *folder, const char *name)
{
	struct moves *moves = local_moves(local_of(op->session->store), folder);
	LOCAL_FD parent = local_fd_get(folder);

	if (parent.fd < 0)
		return parent.fd;
	for (int attempt = 0;; attempt++) {
		uint64_t done = moves->done, begun = moves->begun;
		int err = lookup_once(op, folder, parent.fd, name);

		if (err < 0 || (begun == done && begun == moves->begun))
			return err;
		node_leave_folder(op->out.node, folder);
		if (attempt == LOOKUP_TRIES)
			return 0;
		node_forget(op->out.node, 1);
		sched_yield();
	}
}

int local_readlink(struct operation *op, struct node *node)
{
	LOCAL_FD fd = local_fd_get(node);
	char target[PATH_MAX];
	ssize_t length;

	if (fd.fd < 0)
		return fd.fd;
	length = readlinkat(fd.fd, "", target, sizeof(target) - 1);
	if (length < 0)
		return -errno;
	op->out.data = strndup(target, (size_t)length);
	op->out.size = (size_t)length;
	return op->out.data ? 0 : -ENOMEM;
}

int local_statfs(struct operation *op, struct node *node)
{
	struct local *local = local_of(op->session->store);

	return fstatvfs(local->root_fd, &op->out.statfs) < 0 ? -errno : 0;
}

static struct node *local_root(struct store *store)
{
	return node_root(local_of(store)->nodes);
}

static void local_destroy(struct store *store)
{
	struct local *local = local_of(store);

	node_table_destroy(local->nodes);
	interned_table_destroy(local->descriptors);
	holders_destroy(local->holders);
	if (local->root_fd >= 0)
		close(local->root_fd);
	free(local);
}

/* The kernel forgets very many nodes at once; their memory would stay with us. */
static void local_housekeep(struct store *store)
{
	struct local *local = local_of(store);
	size_t count = node_table_count(local->nodes);

	if (count > local->most_nodes)
		local->most_nodes = count;
	if (local->most_nodes < MANY_NODES || count > local->most_nodes / 2)
		return;
	local->most_nodes = count;
	malloc_trim(0);
}

static const struct store_ops local_ops = {
	.find = local_find,
	.lookup = local_lookup,
	.mkdir = local_mkdir,
	.mknod = local_mknod,
	.symlink = local_symlink,
	.create = local_create,
	.link = local_link,
	.remove = local_remove,
	.rename = local_rename,
	.getattr = local_getattr,
	.setattr = local_setattr,
	.readlink = local_readlink,
	.statfs = local_statfs,
	.getxattr = local_getxattr,
	.setxattr = local_setxattr,
	.listxattr = local_listxattr,
	.removexattr = local_removexattr,
	.set_acl = local_set_acl,
	.get_descriptor = local_get_descriptor,
	.set_descriptor = local_set_descriptor,
	.open = local_open,
	.opendir = local_opendir,
	.read = local_read,
	.write = local_write,
	.flush = local_flush,
	.fsync = local_fsync,
	.fallocate = local_fallocate,
	.lseek = local_lseek,
	.copy = local_copy,
	.readdir = local_readdir,
	.release = local_release,
	.root = local_root,
	.housekeep = local_housekeep,
	.destroy = local_destroy,
};

/* How many descriptors we may have, which is raised as far as possible. */
static size_t descriptors_allowed(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 1024;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	getrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_cur;
}

/*
 * Most are for what is open.  Of the rest nodes keep a part, which gives way (node_make_room()),
 * and callers have theirs (keyring/registry.c).
 */
static size_t for_handles(size_t allowed)
{
	return allowed / 8 * 5;
}

static size_t for_nodes(size_t allowed)
{
	return allowed > 65536 ? 32768 : allowed / 4;
}

static int create_parts(struct local *local)
{
	size_t allowed = descriptors_allowed();
	int err = interned_table_create(&local->descriptors);

	if (err == 0)
		err = holders_create(for_handles(allowed), &local->holders);
	return err < 0 ? err : node_table_create(local->root_fd, for_nodes(allowed), &local->nodes);
}

/* What is known of the filesystem that @folder is on. */
static void judge_filesystem(struct store *store, int folder)
{
	struct statfs fs;

	if (fstatfs(folder, &fs) < 0)
		return;
	store->never_waits = fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC;
	/* on others one may learn only then that there is no room, or that a server refused */
	switch (fs.f_type) {
	case BTRFS_SUPER_MAGIC:
	case EXT4_SUPER_MAGIC:
	case F2FS_SUPER_MAGIC:
	case TMPFS_MAGIC:
	case XFS_SUPER_MAGIC:
		store->closes_silently = true;
	}
}

int store_local_create(const char *path, const struct options *options, struct store **store)
{
	struct local *local = calloc(1, sizeof(*local));
	int err;

	if (!local)
		return -ENOMEM;
	local->store.ops = &local_ops;
	local->options = options;
	local->root_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (local->root_fd < 0) {
		err = -errno;
		fprintf(stderr, "guisefs: %s: %s\n", path,
			err == -ENOTDIR ? "not a folder; expected the folder to be shared"
					: strerror(-err));
		free(local);
		return err;
	}
	judge_filesystem(&local->store, local->root_fd);
	local->fine_clock = local_clock_is_fine(local->root_fd);
	err = create_parts(local);
	if (err < 0) {
		fprintf(stderr, "guisefs: %s: %s\n", path, strerror(-err));
		local_destroy(&local->store);
		return err;
	}
	*store = &local->store;
	return 0;
}
