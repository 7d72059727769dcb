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
 * Reading instead of writing: the kernel passes it on even on a mount that is
 * read-only.
 */
static ssize_t announcement_answer(int fd, const char *name, char *answer, size_t size)
{
	char link[40];
	ssize_t length;

	/* fgetxattr() takes no descriptor of O_PATH */
	snprintf(link, sizeof(link), "/proc/thread-self/fd/%d", fd);
	length = getxattr(link, name, answer, size);
	return length < 0 ? -errno : length;
}

static bool announcement_send(int fd, const char *path, void *context)
{
	struct announcement *announcement = context;
	char answer[16];
	ssize_t length = fd;
	int error;

	if (mounts_out_of_reach(fd))
		return false;
	if (fd >= 0)
		length = announcement_answer(fd, announcement->name, answer, sizeof(answer));
	error = length < 0 ? (int)length : -EPROTO;
	if (length == (ssize_t)strlen(ANNOUNCE_DONE) &&
	    memcmp(answer, ANNOUNCE_DONE, (size_t)length) == 0) {
		announcement->taken = true;
	} else if (!announcement->refused) {
		announcement->error = error;
		announcement->refused = !mounts_out_of_reach(error);
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
	error = mounts_each_open(announcement_send, &announcement);
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
