/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Opening files and folders of the local store.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "acl/mask.h"
#include "fs/audit.h"
#include "fs/handle.h"
#include "fs/store/local.h"

/* seconds between two messages that somebody has too much open */
#define CROWDED_EVERY 60

static void say_crowded(struct local *local, const struct sid *who)
{
	time_t now = time(NULL), last = local->crowded;
	char text[SID_MAX_TEXT];

	if (now >= last && now - last < CROWDED_EVERY)
		return;
	if (atomic_compare_exchange_strong(&local->crowded, &last, now))
		audit_note("%s has as many files open as are left for all others, and gets no "
			   "more; the limit is this program's RLIMIT_NOFILE",
			   sid_format(who, text));
}

int local_claim(struct operation *op, unsigned int count, struct claim *claim)
{
	struct local *local = local_of(op->session->store);
	const struct sid *who = op->token ? token_user(op->token) : &sid_null;
	int err = claim_begin(local->holders, who, count, claim);

	if (err == -EMFILE)
		say_crowded(local, who);
	return err;
}

int local_open_path(struct node *node, const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0 && errno == EMFILE) {
		node_make_room(node);
		fd = open(path, flags | O_CLOEXEC);
	}
	return fd < 0 ? -errno : fd;
}

/* A descriptor of @node, open as @fd, for @flags, or -errno. */
static int open_backing(struct node *node, int fd, int flags)
{
	char path[LOCAL_PATH_SIZE];

	return local_open_path(node, local_path(fd, path), flags | O_NONBLOCK);
}

/* What is only read the kernel reads by itself: a descriptor would hardly be used. */
static bool needs_descriptor(const struct operation *op, int flags)
{
	return !op->session->passthrough || (flags & (O_ACCMODE | O_TRUNC)) != O_RDONLY;
}

int local_open(struct operation *op, struct node *node, int flags, uint32_t rights)
{
	LOCAL_FD fd = local_fd_get(node);
	CLAIM claim = {0};
	int err, own = -1;
	bool needed;

	if (fd.fd < 0)
		return fd.fd;
	/* Opening anything else could block, or reach a device. */
	if (node_type(node) != S_IFREG)
		return -EACCES;
	flags &= O_ACCMODE | O_APPEND | O_TRUNC | O_SYNC | O_DSYNC | O_NOATIME;
	/*
	 * The kernel says where each write goes and fcntl(2) may change O_APPEND later;
	 * only who may do nothing but append is held to it here.
	 */
	if (rights & FILE_WRITE_DATA)
		flags &= ~O_APPEND;
	needed = needs_descriptor(op, flags);
	err = local_claim(op, needed ? 2 : 1, &claim);
	if (err < 0)
		return err;
	if (needed) {
		own = open_backing(node, fd.fd, flags);
		if (own < 0)
			return own;
	}
	op->out.handle = handle_create(node, own, rights, &claim);
	if (!op->out.handle)
		return -ENOMEM;
	op->out.handle->flags = flags;
	return 0;
}

/* The descriptor that a handle could do without so far.  It is locked. */
static int open_late(struct handle *handle)
{
	LOCAL_FD path = local_fd_get(handle->node);
	int fd, err = path.fd < 0 ? path.fd : claim_more(&handle->claim, 1);

	if (err < 0)
		return err;
	fd = open_backing(handle->node, path.fd, handle->flags);
	if (fd >= 0)
		handle->fd = fd;
	else
		claim_less(&handle->claim, 1);
	return fd;
}

int local_handle_fd(struct handle *handle)
{
	int fd;

	pthread_mutex_lock(&handle->lock);
	fd = handle->fd < 0 ? open_late(handle) : handle->fd;
	pthread_mutex_unlock(&handle->lock);
	return fd;
}

int local_opendir(struct operation *op, struct node *node)
{
	LOCAL_FD fd = local_fd_get(node);
	char path[LOCAL_PATH_SIZE];
	CLAIM claim = {0};
	int own, err = fd.fd < 0 ? fd.fd : local_claim(op, 2, &claim);

	if (err < 0)
		return err;
	own = local_open_path(node, local_path(fd.fd, path), O_RDONLY | O_DIRECTORY);
	if (own < 0)
		return own;
	op->out.handle = handle_create_folder(node, own, &claim);
	return op->out.handle ? 0 : -ENOMEM;
}

void local_release(struct operation *op, struct handle *handle)
{
	handle_destroy(handle);
}
