/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fs/kernel_cache.h"

#include "fs/front.h"

void kernel_cache_drop_attr(struct session *session, struct node *node)
{
	/* a negative offset: attributes only, data stays */
	fuse_lowlevel_notify_inval_inode(session->fuse, front_ino(session, node), -1, 0);
}

#ifdef HAVE_FUSE_EPOCH

/* Whether the kernel takes it is all there is to know. */
static bool increment(struct session *session)
{
	bool taken = fuse_lowlevel_notify_increment_epoch(session->fuse) == 0;

	session->names_kept = taken ? NAMES_KEPT : NAMES_NOT_KEPT;
	return taken;
}

bool kernel_cache_keeps_names(struct session *session)
{
	if (session->names_kept == NAMES_UNKNOWN)
		return increment(session);
	return session->names_kept == NAMES_KEPT;
}

void kernel_cache_drop_names(struct session *session)
{
	if (session->names_kept != NAMES_NOT_KEPT)
		increment(session);
}

#else

bool kernel_cache_keeps_names(struct session *session)
{
	return false;
}

void kernel_cache_drop_names(struct session *session)
{
}

#endif
