/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Doing what is asked for. */
#include "tests/mount/errand.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

static int close_opened(int fd)
{
	return fd < 0 ? -errno : close(fd);
}

static int result(long done)
{
	return done < 0 ? -errno : 0;
}

static int do_list(const char *path)
{
	char buffer[4096];
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = fd < 0 ? -errno : 0;

	if (error == 0 && syscall(SYS_getdents64, fd, buffer, sizeof(buffer)) < 0)
		error = -errno;
	if (fd >= 0)
		close(fd);
	return error;
}

static int do_times(const char *path, bool now)
{
	const struct timespec some[2] = {{.tv_sec = 1000}, {.tv_sec = 2000}};

	return result(utimensat(AT_FDCWD, path, now ? NULL : some, 0));
}

static int get(const char *path, const char *name)
{
	char value[4096];
	int error = result(getxattr(path, name, value, sizeof(value)));

	return error == -ENODATA ? 0 : error;
}

static int set(const char *path, const char *name, const char *value)
{
	return result(setxattr(path, name, value, strlen(value), 0));
}

static int set_owner(const struct errand *errand)
{
	char sddl[SID_MAX_TEXT + 2];

	snprintf(sddl, sizeof(sddl), "O:%s", errand->sid);
	return set(errand->path, "system.guise.sddl", sddl);
}

static int do_open(const struct errand *errand)
{
	const char *how = errand->name + strlen("open-");
	int flags = O_RDONLY;

	if (strcmp(how, "write") == 0)
		flags = O_WRONLY;
	else if (strcmp(how, "read-write") == 0)
		flags = O_RDWR;
	else if (strcmp(how, "append") == 0)
		flags = O_WRONLY | O_APPEND;
	return close_opened(open(errand->path, flags | O_CLOEXEC));
}

static int do_name(const struct errand *errand)
{
	const char *name = errand->name;

	if (strcmp(name, "create") == 0)
		return close_opened(
			open(errand->other, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
	if (strcmp(name, "mkdir") == 0)
		return result(mkdir(errand->other, 0755));
	if (strcmp(name, "symlink") == 0)
		return result(symlink("nowhere", errand->other));
	if (strcmp(name, "unlink") == 0)
		return result(unlink(errand->path));
	if (strcmp(name, "rmdir") == 0)
		return result(rmdir(errand->path));
	if (strcmp(name, "rename") == 0)
		return result(rename(errand->path, errand->other));
	if (strcmp(name, "link") == 0)
		return result(link(errand->path, errand->other));
	return -ENOSYS;
}

int errand_do(const struct errand *errand)
{
	const char *name = errand->name, *path = errand->path;
	struct stat st;

	if (strncmp(name, "open-", 5) == 0)
		return do_open(errand);
	if (strcmp(name, "stat") == 0)
		return result(stat(path, &st));
	if (strcmp(name, "truncate") == 0)
		return result(truncate(path, 0));
	if (strcmp(name, "list") == 0)
		return do_list(path);
	if (strcmp(name, "utimens") == 0 || strcmp(name, "touch") == 0)
		return do_times(path, *name == 't');
	if (strcmp(name, "getxattr") == 0)
		return get(path, "user.test");
	if (strcmp(name, "setxattr") == 0)
		return set(path, "user.test", "1");
	if (strcmp(name, "read-descriptor") == 0)
		return get(path, "system.guise.sddl");
	if (strcmp(name, "write-dacl") == 0)
		return set(path, "system.guise.sddl", "D:(A;;FA;;;SY)");
	if (strcmp(name, "write-sacl") == 0)
		return set(path, "system.guise.sddl", "S:(AU;FA;FW;;;WD)");
	if (strcmp(name, "write-owner") == 0)
		return set_owner(errand);
	if (strcmp(name, "chmod") == 0)
		return result(chmod(path, 0640));
	return do_name(errand);
}
