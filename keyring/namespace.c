/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* User namespaces; see ioctl_ns(2). */
#include "keyring/namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

int namespace_open(pid_t tid)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	return fd;
}

int namespace_open_own(void)
{
	int fd = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int namespace_parent(int fd)
{
	int parent = ioctl(fd, NS_GET_PARENT);

	return parent < 0 ? -errno : parent;
}

int namespace_inode(int fd, uint64_t *inode)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return -errno;
	*inode = status.st_ino;
	return 0;
}

int namespace_owner(int fd, uid_t *uid)
{
	return ioctl(fd, NS_GET_OWNER_UID, uid) < 0 ? -errno : 0;
}
