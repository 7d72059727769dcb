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
	bool taken;
	int error; /* of a mount that can be reached and did not take it, else the last */
	bool refused;
};

/*
 * Errors of a mount that this thread cannot reach (or that would refuse it
 * anyway), that has lost its daemon, or that lies hidden below another one.
 */
static bool is_out_of_reach(int error)
{
	switch (error) {
	case -EACCES:
	case -ENOENT:
	case -ENOTDIR:
	case -ENOTCONN:
	case -ECONNABORTED:
	case -EOPNOTSUPP:
	case -ENODATA:
		return true;
	default:
		return false;
	}
}

/*
 * Reading instead of writing: the kernel passes it on even on a mount that is
 * read-only.
 */
static bool announcement_send(const char *path, void *context)
{
	struct announcement *announcement = context;
	char answer[16];
	ssize_t length = getxattr(path, announcement->name, answer, sizeof(answer));
	int error = length < 0 ? -errno : -EPROTO;

	if (length == (ssize_t)strlen(ANNOUNCE_DONE) &&
	    memcmp(answer, ANNOUNCE_DONE, (size_t)length) == 0) {
		announcement->taken = true;
	} else if (!announcement->refused) {
		announcement->error = error;
		announcement->refused = !is_out_of_reach(error);
	}
	return false;
}

/*
 * To all mounts.  Those of a host share what they are told, but only within a pid
 * namespace; and one that was not told would take the caller for itself.
 */
static int announce(const char *prefix, int32_t serial)
{
	struct announcement announcement = {.error = -ENODEV};
	int error;

	snprintf(announcement.name, sizeof(announcement.name), "%s%d", prefix, serial);
	error = mounts_each(announcement_send, &announcement);
	if (error != -ENODEV)
		return error;
	return announcement.taken && !announcement.refused ? 0 : announcement.error;
}

int announce_thread(int32_t ring)
{
	return announce(ANNOUNCE_THREAD, ring);
}

int announce_tree(int32_t key)
{
	return announce(ANNOUNCE_TREE, key);
}
