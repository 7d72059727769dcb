/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Confining a whole process tree: a user namespace that maps the caller to
 * itself is what all its children inherit and none can leave.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "keyring/announce.h"
#include "keyring/consent.h"
#include "keyring/guise.h"
#include "keyring/scoped.h"

static int file_write(const char *path, const char *text)
{
	size_t length = strlen(text);
	ssize_t written;
	SCOPED_FD fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	written = write(fd, text, length);
	if (written < 0)
		return -errno;
	return (size_t)written == length ? 0 : -EIO;
}

static int map_write(const char *path, unsigned int id)
{
	char map[64];

	snprintf(map, sizeof(map), "%u %u 1", id, id);
	return file_write(path, map);
}

int guise_confine(int32_t serial)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	struct key_info info;
	int error = consent_check(serial, &info);

	if (error)
		return error;
	if (unshare(CLONE_NEWUSER) < 0)
		return errno == ENOSPC ? -EUSERS : -errno;
	/* from here on there is no way back: on failure the caller must not go on */
	error = file_write("/proc/self/setgroups", "deny");
	if (!error)
		error = map_write("/proc/self/uid_map", uid);
	if (!error)
		error = map_write("/proc/self/gid_map", gid);
	return error ? error : announce_tree(serial);
}
