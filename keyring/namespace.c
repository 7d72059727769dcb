/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* User namespaces; see ioctl_ns(2). */
#include "keyring/namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keyring/scoped.h"

/* of a handle, so that its text fits */
#define HANDLE_BYTES ((NAMESPACE_HANDLE_TEXT - 1) / 2)

/* the type of handle that the kernel gives namespaces (FILEID_NSFS) */
#define HANDLE_TYPE 0xf1

union handle {
	struct file_handle handle;
	unsigned char room[sizeof(struct file_handle) + HANDLE_BYTES];
};

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

int namespace_handle(int fd, char text[NAMESPACE_HANDLE_TEXT])
{
	union handle u = {.handle.handle_bytes = HANDLE_BYTES};
	int mount;

	if (name_to_handle_at(fd, "", &u.handle, &mount, AT_EMPTY_PATH) < 0 ||
	    u.handle.handle_type != HANDLE_TYPE)
		return -EOPNOTSUPP;
	for (unsigned int i = 0; i < u.handle.handle_bytes; i++)
		snprintf(text + 2 * i, 3, "%02x", u.handle.f_handle[i]);
	return 0;
}

static bool handle_read(const char *text, union handle *u)
{
	size_t length = strlen(text);
	unsigned int byte;

	if (length % 2 || length / 2 > HANDLE_BYTES)
		return false;
	u->handle.handle_bytes = (unsigned int)length / 2;
	u->handle.handle_type = HANDLE_TYPE;
	for (size_t i = 0; i < length / 2; i++) {
		if (sscanf(text + 2 * i, "%2x", &byte) != 1)
			return false;
		u->handle.f_handle[i] = (unsigned char)byte;
	}
	return true;
}

int namespace_exists(const char *text)
{
	union handle u = {0};
	SCOPED_FD own = namespace_open_own();

	if (own < 0)
		return own;
	if (!handle_read(text, &u))
		return -EINVAL;
	SCOPED_FD fd = open_by_handle_at(own, &u.handle, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		return 1;
	return errno == ESTALE ? 0 : -errno;
}
