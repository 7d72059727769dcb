/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Backing files, by the kernel's ioctl(2)s on the FUSE device. */
#include "fs/backing.h"

#include <errno.h>
#include <stdint.h>
#include <sys/ioctl.h>

#include "fs/audit.h"
#include "fs/handle.h"
#include "fs/node.h"
#include "fs/operation.h"

/* how many a shelf keeps for nodes on which no handle is open; each keeps an inode in memory */
#define KEPT_MAX 256u

#ifdef HAVE_FUSE_PASSTHROUGH

/* linux/fuse.h, from Linux 6.9 on */
struct backing_map {
	int32_t fd;
	uint32_t flags;
	uint64_t padding;
};
#define DEV_IOC_BACKING_OPEN _IOW(229, 1, struct backing_map)
#define DEV_IOC_BACKING_CLOSE _IOW(229, 2, uint32_t)

static bool is_for_good(int err)
{
	return err != ENOMEM && err != EMFILE && err != ENFILE && err != EINTR;
}

/* The kernel's name for the file of @node, or 0 if it will not take it. */
static int backing_open(struct session *session, struct node *node)
{
	struct backing_map map = {.fd = node_get_fd(node)};
	int id, err;

	if (map.fd < 0)
		return 0;
	id = ioctl(fuse_session_fd(session->fuse), DEV_IOC_BACKING_OPEN, &map);
	err = errno;
	node_put_fd(node);
	/* short of memory it may go well the next time */
	if (id < 0 && is_for_good(err) && session->passthrough) {
		audit_note("no kernel passthrough on this backing folder; data goes through the "
			   "daemon");
		session->passthrough = false;
	}
	return id > 0 ? id : 0;
}

static void backing_close(struct node_io *io)
{
	uint32_t id = (uint32_t)io->backing_id;

	io->backing_id = 0;
	/* after the session's end the kernel has closed it */
	if (io->session->fuse)
		ioctl(fuse_session_fd(io->session->fuse), DEV_IOC_BACKING_CLOSE, &id);
}

static void shelf_take(struct node_io *io)
{
	struct node_shelf *shelf = node_shelf(io);

	*(io->newer ? &io->newer->older : &shelf->newest) = io->older;
	*(io->older ? &io->older->newer : &shelf->oldest) = io->newer;
	io->newer = io->older = NULL;
	shelf->count--;
}

/* The one that was not used for the longest time gives way. */
static void shelf_put(struct node_io *io)
{
	struct node_shelf *shelf = node_shelf(io);
	struct node_io *oldest;

	io->older = shelf->newest;
	*(shelf->newest ? &shelf->newest->newer : &shelf->oldest) = io;
	shelf->newest = io;
	if (++shelf->count <= KEPT_MAX)
		return;
	oldest = shelf->oldest;
	shelf_take(oldest);
	backing_close(oldest);
}

bool backing_use(struct operation *op, struct node_io *io)
{
	struct session *session = op->session;
	struct handle *handle = op->out.handle;

	if (io->passed == 0) {
		if (io->plain > 0 || !session->passthrough)
			return false;
		if (io->backing_id)
			shelf_take(io);
		else
			io->backing_id = backing_open(session, handle->node);
		if (!io->backing_id)
			return false;
		io->session = session;
	}
	io->passed++;
	handle->passed = true;
	op->fi.backing_id = io->backing_id;
	return true;
}

void backing_release(struct operation *op, struct node_io *io)
{
	if (--io->passed > 0)
		return;
	if (op->session->passthrough)
		shelf_put(io);
	else
		backing_close(io);
}

void backing_forget(struct node_io *io)
{
	if (!io->backing_id)
		return;
	if (io->passed == 0)
		shelf_take(io);
	backing_close(io);
}

#else

bool backing_use(struct operation *op, struct node_io *io)
{
	return false;
}

void backing_release(struct operation *op, struct node_io *io)
{
}

void backing_forget(struct node_io *io)
{
}

#endif
