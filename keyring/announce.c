/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Announcements: reading an extended attribute of a mount's root folder. */
#include "keyring/announce.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

#include "keyring/mounts.h"

struct announcement {
	char name[64];
	bool everywhere; /* go on after a mount took it */
	bool taken;
	int error;       /* the last that says something */
};

/*
 * Reading instead of writing: the kernel passes it on even on a mount that is
 * read-only.  A mount that cannot be reached or does not see this thread's id
 * is no reason to give up while there are others.
 */
static bool announcement_send(const char *path, void *context)
{
	struct announcement *announcement = context;
	char answer[16];
	ssize_t length = getxattr(path, announcement->name, answer, sizeof(answer));

	if (length == (ssize_t)strlen(ANNOUNCE_DONE) &&
	    memcmp(answer, ANNOUNCE_DONE, (size_t)length) == 0)
		announcement->taken = true;
	else
		announcement->error = length < 0 ? -errno : -EPROTO;
	return announcement->taken && !announcement->everywhere;
}

static int announce(const char *prefix, int32_t serial, bool everywhere)
{
	struct announcement announcement = {.everywhere = everywhere, .error = -ENODEV};
	int error;

	snprintf(announcement.name, sizeof(announcement.name), "%s%d", prefix, serial);
	error = mounts_each(announcement_send, &announcement);
	if (announcement.taken)
		return 0;
	return error == -ENODEV ? announcement.error : error;
}

/*
 * To all of them: the registry that they share goes by thread id, and daemons in
 * different pid namespaces know the same thread by different ids.
 */
int announce_thread(int32_t ring)
{
	return announce(ANNOUNCE_THREAD, ring, true);
}

int announce_tree(int32_t key)
{
	return announce(ANNOUNCE_TREE, key, false);
}
