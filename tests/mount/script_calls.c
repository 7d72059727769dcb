/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The calls that scripts make. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/mount/script.h"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

static int result(long value)
{
	return value < 0 ? -errno : (int)value;
}

static const char *word(const struct call *call, size_t index)
{
	return index < call->count ? call->words[index] : "";
}

static long number(const struct call *call, size_t index)
{
	return strtol(word(call, index), NULL, 0);
}

static long long offset(const struct call *call, size_t index)
{
	return strtoll(word(call, index), NULL, 0);
}

/* The letters of open(2)'s flags; r is nothing. */
static int open_flags(const char *letters)
{
	static const struct {
		char letter;
		int flag;
	} flags[] = {{'w', O_WRONLY},   {'b', O_RDWR},   {'c', O_CREAT},     {'x', O_EXCL},
		     {'t', O_TRUNC},    {'a', O_APPEND}, {'d', O_DIRECTORY}, {'n', O_NOFOLLOW},
		     {'k', O_NONBLOCK}, {'p', O_PATH},   {'T', O_TMPFILE},   {'A', O_NOATIME},
		     {'s', O_SYNC}};
	int all = O_CLOEXEC;

	for (; *letters; letters++)
		for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
			if (flags[i].letter == *letters)
				all |= flags[i].flag;
	return all;
}

/* open PATH FLAGS MODE: opened and closed */
static int call_open(const struct call *call)
{
	int fd = open(word(call, 0), open_flags(word(call, 1)), (mode_t)number(call, 2));

	return fd < 0 ? -errno : result(close(fd));
}

/* keep PATH FLAGS MODE SLOT: stays open */
static int call_keep(const struct call *call)
{
	int *slot = &call->slots[number(call, 3) % SCRIPT_SLOTS];

	*slot = open(word(call, 0), open_flags(word(call, 1)), (mode_t)number(call, 2));
	return *slot < 0 ? -errno : 0;
}

static int slot(const struct call *call)
{
	return call->slots[number(call, 0) % SCRIPT_SLOTS];
}

static int call_close(const struct call *call)
{
	int *kept = &call->slots[number(call, 0) % SCRIPT_SLOTS];
	int err = result(close(*kept));

	*kept = -1;
	return err;
}

static int call_fwrite(const struct call *call)
{
	return result(write(slot(call), word(call, 1), strlen(word(call, 1))));
}

static int call_fread(const struct call *call)
{
	char bytes[256];

	return result(pread(slot(call), bytes, (size_t)number(call, 1), number(call, 2)));
}

static int call_fchmod(const struct call *call)
{
	return result(fchmod(slot(call), (mode_t)number(call, 1)));
}

static int call_fchown(const struct call *call)
{
	return result(fchown(slot(call), (uid_t)number(call, 1), (gid_t)number(call, 2)));
}

static int call_ftruncate(const struct call *call)
{
	return result(ftruncate(slot(call), offset(call, 1)));
}

static int call_fallocate(const struct call *call)
{
	return result(
		fallocate(slot(call), (int)number(call, 1), offset(call, 2), offset(call, 3)));
}

static int call_posix_fallocate(const struct call *call)
{
	return -posix_fallocate(slot(call), offset(call, 1), offset(call, 2));
}

/* what is left of an open file: its links */
static int call_fstat(const struct call *call)
{
	struct stat st;

	return fstat(slot(call), &st) < 0 ? -errno : (int)(st.st_nlink * 100000 + st.st_size);
}

static int call_flink(const struct call *call)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", slot(call));
	return result(linkat(AT_FDCWD, path, AT_FDCWD, word(call, 1), AT_SYMLINK_FOLLOW));
}

/* create PATH MODE [TEXT] */
static int call_create(const struct call *call)
{
	const char *text = word(call, 2);
	int fd = open(word(call, 0), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
		      (mode_t)number(call, 1));
	int err = fd < 0 ? -errno : 0;

	if (err == 0 && *text)
		err = result(write(fd, text, strlen(text)));
	if (fd >= 0)
		close(fd);
	return err;
}

/* write PATH TEXT, from its begin on */
static int call_write(const struct call *call)
{
	int fd = open(word(call, 0), O_WRONLY | O_CLOEXEC);
	int err = fd < 0 ? -errno : result(write(fd, word(call, 1), strlen(word(call, 1))));

	if (fd >= 0)
		close(fd);
	return err;
}

static int call_read(const struct call *call)
{
	char bytes[256];
	int fd = open(word(call, 0), O_RDONLY | O_CLOEXEC);
	int err = fd < 0 ? -errno : result(read(fd, bytes, sizeof(bytes)));

	if (fd >= 0)
		close(fd);
	return err;
}

static int call_mkdir(const struct call *call)
{
	return result(mkdir(word(call, 0), (mode_t)number(call, 1)));
}

static int call_rmdir(const struct call *call)
{
	return result(rmdir(word(call, 0)));
}

static int call_unlink(const struct call *call)
{
	return result(unlink(word(call, 0)));
}

static int call_symlink(const struct call *call)
{
	return result(symlink(word(call, 0), word(call, 1)));
}

static int call_link(const struct call *call)
{
	return result(link(word(call, 0), word(call, 1)));
}

static int call_rename(const struct call *call)
{
	return result(rename(word(call, 0), word(call, 1)));
}

static int call_noreplace(const struct call *call)
{
	return result(
		renameat2(AT_FDCWD, word(call, 0), AT_FDCWD, word(call, 1), RENAME_NOREPLACE));
}

static int call_exchange(const struct call *call)
{
	return result(renameat2(AT_FDCWD, word(call, 0), AT_FDCWD, word(call, 1), RENAME_EXCHANGE));
}

static int call_chmod(const struct call *call)
{
	return result(chmod(word(call, 0), (mode_t)number(call, 1)));
}

static int call_lchmod(const struct call *call)
{
	return result(syscall(SYS_fchmodat2, AT_FDCWD, word(call, 0), (mode_t)number(call, 1),
			      AT_SYMLINK_NOFOLLOW));
}

static int call_chown(const struct call *call)
{
	return result(chown(word(call, 0), (uid_t)number(call, 1), (gid_t)number(call, 2)));
}

static int call_lchown(const struct call *call)
{
	return result(lchown(word(call, 0), (uid_t)number(call, 1), (gid_t)number(call, 2)));
}

static int call_truncate(const struct call *call)
{
	return result(truncate(word(call, 0), offset(call, 1)));
}

/* mknod PATH KIND MODE: f, p, s, c, b */
static int call_mknod(const struct call *call)
{
	static const char letters[] = "fpscb";
	static const mode_t kinds[] = {S_IFREG, S_IFIFO, S_IFSOCK, S_IFCHR, S_IFBLK};
	const char *at = strchr(letters, *word(call, 1));
	mode_t kind = at ? kinds[at - letters] : 0;

	return result(mknod(word(call, 0), kind | (mode_t)number(call, 2),
			    kind == S_IFCHR || kind == S_IFBLK ? 0x103 : 0));
}

/* SECONDS.NANOSECONDS, now or omit */
static struct timespec time_word(const char *text)
{
	struct timespec time = {0};
	char *end;

	if (!strcmp(text, "now"))
		return (struct timespec){.tv_nsec = UTIME_NOW};
	if (!strcmp(text, "omit"))
		return (struct timespec){.tv_nsec = UTIME_OMIT};
	time.tv_sec = strtoll(text, &end, 10);
	if (*end)
		time.tv_nsec = strtol(end + 1, NULL, 10);
	return time;
}

static int set_times(const struct call *call, int flags)
{
	const struct timespec times[2] = {time_word(word(call, 1)), time_word(word(call, 2))};

	return result(utimensat(AT_FDCWD, word(call, 0), times, flags));
}

static int call_utimens(const struct call *call)
{
	return set_times(call, 0);
}

static int call_lutimens(const struct call *call)
{
	return set_times(call, AT_SYMLINK_NOFOLLOW);
}

/* utimensat(…, NULL) */
static int call_touch(const struct call *call)
{
	return result(utimensat(AT_FDCWD, word(call, 0), NULL, 0));
}

static int call_access(const struct call *call)
{
	return result(access(word(call, 0), (int)number(call, 1)));
}

static int call_readlink(const struct call *call)
{
	char target[8192];

	return result(readlink(word(call, 0), target, sizeof(target)));
}

static int call_stat(const struct call *call)
{
	struct stat st;

	return stat(word(call, 0), &st) < 0 ? -errno : (int)(st.st_mode & S_IFMT);
}

static int call_lstat(const struct call *call)
{
	struct stat st;

	return lstat(word(call, 0), &st) < 0 ? -errno : (int)(st.st_mode & S_IFMT);
}

static int call_list(const struct call *call)
{
	DIR *stream = opendir(word(call, 0));
	int count = 0;

	if (!stream)
		return -errno;
	while (readdir(stream))
		count++;
	closedir(stream);
	return count;
}

static int call_chdir(const struct call *call)
{
	return result(chdir(word(call, 0)));
}

static int call_umask(const struct call *call)
{
	umask((mode_t)number(call, 0));
	return 0;
}

static int call_setxattr(const struct call *call)
{
	return result(setxattr(word(call, 0), word(call, 1), word(call, 2), strlen(word(call, 2)),
			       (int)number(call, 3)));
}

static int call_getxattr(const struct call *call)
{
	char value[256];

	return result(getxattr(word(call, 0), word(call, 1), value, sizeof(value)));
}

static int call_removexattr(const struct call *call)
{
	return result(removexattr(word(call, 0), word(call, 1)));
}

static int socket_call(const char *path, int (*call)(int, const struct sockaddr *, socklen_t))
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), err;

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	err = result(call(fd, (struct sockaddr *)&address, sizeof(address)));
	close(fd);
	return err;
}

static int call_bind(const struct call *call)
{
	return socket_call(word(call, 0), bind);
}

static int call_connect(const struct call *call)
{
	return socket_call(word(call, 0), connect);
}

/* exec PATH: 0 if it ran */
static int call_exec(const struct call *call)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		execl(word(call, 0), "program", NULL);
		_exit(errno);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}

static int call_name_max(const struct call *call)
{
	return result(pathconf(word(call, 0), _PC_NAME_MAX));
}

static const struct call_kind kinds[] = {
	{"open", call_open, "p..", false},
	{"keep", call_keep, "p...", false},
	{"close", call_close, ".", false},
	{"fwrite", call_fwrite, "..", false},
	{"fread", call_fread, "...", false},
	{"fchmod", call_fchmod, "..", false},
	{"fchown", call_fchown, "...", false},
	{"ftruncate", call_ftruncate, "..", false},
	{"fallocate", call_fallocate, "....", false},
	{"posix_fallocate", call_posix_fallocate, "...", false},
	{"fstat", call_fstat, ".", false},
	{"flink", call_flink, ".p", false},
	{"create", call_create, "p..", false},
	{"write", call_write, "p.", false},
	{"read", call_read, "p", false},
	{"mkdir", call_mkdir, "p.", false},
	{"rmdir", call_rmdir, "p", false},
	{"unlink", call_unlink, "p", false},
	{"symlink", call_symlink, ".p", false},
	{"link", call_link, "pp", false},
	{"rename", call_rename, "pp", false},
	{"noreplace", call_noreplace, "pp", false},
	{"exchange", call_exchange, "pp", false},
	{"chmod", call_chmod, "p.", false},
	{"lchmod", call_lchmod, "p.", false},
	{"chown", call_chown, "p..", false},
	{"lchown", call_lchown, "p..", false},
	{"truncate", call_truncate, "p.", false},
	{"mknod", call_mknod, "p..", false},
	{"utimens", call_utimens, "p..", true},
	{"lutimens", call_lutimens, "p..", true},
	{"touch", call_touch, "p", false},
	{"access", call_access, "p.", false},
	{"readlink", call_readlink, "p", false},
	{"stat", call_stat, "p", false},
	{"lstat", call_lstat, "p", false},
	{"list", call_list, "p", false},
	{"chdir", call_chdir, "p", false},
	{"umask", call_umask, ".", false},
	{"setxattr", call_setxattr, "p...", false},
	{"getxattr", call_getxattr, "p.", false},
	{"removexattr", call_removexattr, "p.", false},
	{"bind", call_bind, "p", false},
	{"connect", call_connect, "p", false},
	{"exec", call_exec, "p", false},
	{"name_max", call_name_max, "p", false},
};

const struct call_kind *call_find(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}
