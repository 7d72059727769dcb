/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Deeds of ordinary programs that no command does, for programs.sh.
 *
 *	deed map FILE TEXT           writes TEXT to the beginning through a shared mapping
 *	deed tmpfile FOLDER NAME TEXT  makes an unnamed file,  writes TEXT, then names it;
 *	                             exit status 4 where there are none
 *	deed lock FILE posix|flock   locks and says "locked", then waits for end of input
 *	deed try FILE posix|flock    exit status 0 if the lock could be had, 3 if not
 *	deed hole FILE               prints the offset at which the first data begins
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#define STATUS_LOCKED 3
#define STATUS_UNSUPPORTED 4

static int fail(const char *what)
{
	fprintf(stderr, "deed: %s: %s\n", what, strerror(errno));
	return 1;
}

static int deed_map(char **arguments)
{
	size_t length = strlen(arguments[1]);
	int fd = open(arguments[0], O_RDWR);
	char *map;

	if (fd < 0)
		return fail(arguments[0]);
	map = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return fail("mmap");
	memcpy(map, arguments[1], length);
	if (msync(map, length, MS_SYNC) < 0 || munmap(map, length) < 0 || close(fd) < 0)
		return fail("msync");
	return 0;
}

static int deed_tmpfile(char **arguments)
{
	size_t length = strlen(arguments[2]);
	int folder = open(arguments[0], O_RDONLY | O_DIRECTORY);
	int fd = open(arguments[0], O_TMPFILE | O_RDWR, 0600);
	char link[64];

	if (folder >= 0 && fd < 0 && errno == EOPNOTSUPP)
		return STATUS_UNSUPPORTED;
	if (folder < 0 || fd < 0)
		return fail("O_TMPFILE");
	if (write(fd, arguments[2], length) != (ssize_t)length)
		return fail("write");
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, link, folder, arguments[1], AT_SYMLINK_FOLLOW) < 0)
		return fail("linkat");
	return close(fd) < 0 ? fail("close") : 0;
}

static int lock(int fd, const char *kind)
{
	struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 10};

	return strcmp(kind, "posix") == 0 ? fcntl(fd, F_SETLK, &range)
					  : flock(fd, LOCK_EX | LOCK_NB);
}

static int deed_lock(char **arguments)
{
	int fd = open(arguments[0], O_RDWR);

	if (fd < 0 || lock(fd, arguments[1]) < 0)
		return fail(arguments[0]);
	if (puts("locked") < 0 || fflush(stdout) != 0)
		return fail("stdout");
	while (getchar() != EOF)
		;
	return 0;
}

static int deed_try(char **arguments)
{
	int fd = open(arguments[0], O_RDWR);

	if (fd < 0)
		return fail(arguments[0]);
	if (lock(fd, arguments[1]) == 0)
		return 0;
	return errno == EAGAIN || errno == EACCES ? STATUS_LOCKED : fail(arguments[0]);
}

static int deed_hole(char **arguments)
{
	int fd = open(arguments[0], O_RDONLY);
	off_t data = fd < 0 ? -1 : lseek(fd, 0, SEEK_DATA);

	if (data < 0)
		return fail(arguments[0]);
	printf("%lld\n", (long long)data);
	return 0;
}

static const struct {
	const char *name;
	int arguments;
	int (*run)(char **arguments);
} deeds[] = {
	{"map", 2, deed_map}, {"tmpfile", 3, deed_tmpfile}, {"lock", 2, deed_lock},
	{"try", 2, deed_try}, {"hole", 1, deed_hole},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		if (strcmp(argv[1], deeds[i].name) == 0 && argc == deeds[i].arguments + 2)
			return deeds[i].run(argv + 2);
	}
	fprintf(stderr, "deed: unknown deed or wrong number of arguments\n");
	return 2;
}
