/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All that can be done with an open file or folder, by the name of the call. */
#include "tests/mount/deeds.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel asks how long it is. */
static int use_end(int fd)
{
	return lseek(fd, 0, SEEK_END) < 0 ? -1 : 0;
}

static int use_fsync(int fd)
{
	return fsync(fd);
}

static int use_seek(int fd)
{
	return lseek(fd, 0, SEEK_DATA) < 0 ? -1 : 0;
}

static int use_allocate(int fd)
{
	return fallocate(fd, 0, 0, 100);
}

static int use_truncate(int fd)
{
	return ftruncate(fd, 3);
}

/* To itself, elsewhere. */
static int use_copy(int fd)
{
	loff_t from = 0, to = 200;

	return copy_file_range(fd, &from, fd, &to, 3, 0) < 0 ? -1 : 0;
}

static int use_list(int fd)
{
	char entries[4096];

	return lseek(fd, 0, SEEK_SET) < 0 ||
			       syscall(SYS_getdents64, fd, entries, sizeof(entries)) < 0
		       ? -1
		       : 0;
}

static int use_share(int fd)
{
	void *map = mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0);

	return map == MAP_FAILED ? -1 : munmap(map, 1);
}

/* Not by read(2): the kernel takes what it has in memory. */
static int use_send(int fd)
{
	int to = memfd_create("sent", MFD_CLOEXEC), error;
	off_t from = 0;
	ssize_t sent = sendfile(to, fd, &from, 3);

	error = errno;
	close(to);
	errno = error;
	return sent < 0 ? -1 : 0;
}

static sigjmp_buf after_fault;

static void on_fault(int number)
{
	siglongjmp(after_fault, number);
}

/* EFAULT: it cannot be read through a mapping of its own. */
static int use_map(int fd)
{
	const volatile char *map = mmap(NULL, 1, PROT_READ, MAP_PRIVATE, fd, 0);
	const struct sigaction action = {.sa_handler = on_fault};
	struct sigaction old;
	volatile int result = 0;

	if (map == MAP_FAILED)
		return -1;
	sigaction(SIGBUS, &action, &old);
	if (sigsetjmp(after_fault, 1) == 0)
		(void)map[0];
	else
		result = -1;
	sigaction(SIGBUS, &old, NULL);
	munmap((void *)(uintptr_t)map, 1);
	if (result < 0)
		errno = EFAULT;
	return result;
}

static const struct {
	const char *name;
	int (*use)(int fd);
} uses[] = {
	{"end", use_end},           {"fsync", use_fsync},       {"seek", use_seek},
	{"allocate", use_allocate}, {"truncate", use_truncate}, {"copy", use_copy},
	{"send", use_send},         {"list", use_list},         {"share", use_share},
	{"map", use_map},           {"close", close},
};

long do_use_fd(const char *text, long number, char *said)
{
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		if (!strcmp(uses[i].name, text))
			return uses[i].use((int)number) < 0 ? -errno : 0;
	}
	return -ENOSYS;
}
