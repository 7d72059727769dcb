/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looking at objects as several users. */
#include "tests/mount/sight.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "acl/mask.h"
#include "acl/ntacl.h"

const struct who lookers[LOOKERS] = {
	{"alice", ALICE, ALICE_GROUP, 0, {0}},
	{"bob", BOB, BOB_GROUP, 0, {0}},
	{"mate", 64003, 64103, 1, {TEAM}},
	{"eve", 64004, 64104, 1, {CREW}},
};

unsigned int granted_behind(uint32_t granted)
{
	const uint32_t write = FILE_WRITE_DATA | FILE_APPEND_DATA;

	return (granted & FILE_READ_DATA ? R_OK : 0u) | ((granted & write) == write ? W_OK : 0u) |
	       (granted & FILE_EXECUTE ? X_OK : 0u);
}

static bool opens(const char *path, int flags)
{
	int fd = open(path, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static uint32_t granted(const char *path)
{
	char text[32] = "";
	ssize_t size = lgetxattr(path, "system.guise.access", text, sizeof(text) - 1);

	return size > 0 ? (uint32_t)strtoul(text, NULL, 16) : 0;
}

/* @backing: an O_PATH descriptor, so that the folders above do not count */
static void try_powers(const char *path, int backing, struct powers *powers)
{
	char target[PATH_MAX];
	struct stat st;

	powers->granted = granted(path);
	powers->sees = lstat(path, &st) == 0;
	powers->reads = opens(path, O_RDONLY);
	powers->writes = opens(path, O_WRONLY);
	powers->lists = opens(path, O_RDONLY | O_DIRECTORY);
	powers->follows = readlink(path, target, sizeof(target)) >= 0;
	for (unsigned int bit = 1; bit <= 4; bit <<= 1)
		if (faccessat(backing, "", (int)bit, AT_EMPTY_PATH | AT_EACCESS) == 0)
			powers->behind |= bit;
}

static void look_as(const struct who *who, const char *path, int backing, struct powers *powers)
{
	struct powers *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = -1;
	pid_t pid;

	ck_assert(shared != MAP_FAILED);
	pid = fork();
	if (pid == 0) {
		become(who);
		try_powers(path, backing, shared);
		_exit(0);
	}
	ck_assert(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0);
	*powers = *shared;
	munmap(shared, sizeof(*shared));
}

static bool parses(const uint8_t *blob, size_t size)
{
	struct descriptor *sd = NULL, *unmasked = NULL;
	enum sd_error error = ntacl_read(blob, size, &sd, &unmasked);

	descriptor_destroy(sd);
	descriptor_destroy(unmasked);
	return error == SD_OK;
}

/* Regular files: the contents, and whether it has the attributes of the tests. */
static void look_inside(const char *path, struct sight *sight)
{
	const char *text = get_file(path);

	snprintf(sight->holds, sizeof(sight->holds), "file %.40s%s%s", text ? text : "?",
		 getxattr(path, "user.a", NULL, 0) >= 0 ? " a" : "",
		 getxattr(path, "user.b", NULL, 0) >= 0 ? " b" : "");
}

static void look_behind(const char *path, struct sight *sight)
{
	static uint8_t blob[XATTR_SIZE_MAX];
	ssize_t size = lgetxattr(path, "security.NTACL", blob, sizeof(blob));
	struct stat st;

	ck_assert_int_eq(lstat(path, &st), 0);
	sight->uid = st.st_uid;
	sight->gid = st.st_gid;
	sight->mode = st.st_mode;
	ck_assert(size >= 0 || errno == ENODATA);
	sight->stored = size >= 0;
	sight->parses = size < 0 || parses(blob, (size_t)size);
	snprintf(sight->holds, sizeof(sight->holds), "type %o", st.st_mode & S_IFMT);
	if (S_ISREG(st.st_mode))
		look_inside(path, sight);
	if (S_ISLNK(st.st_mode) &&
	    (size = readlink(path, sight->holds, sizeof(sight->holds) - 1)) >= 0)
		sight->holds[size] = '\0';
}

void look_at(const struct share *share, const char *name, struct sight *sight)
{
	const char *path = share_path(share, name), *behind = share_behind(share, name);
	int backing = open(behind, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	memset(sight, 0, sizeof(*sight));
	sight->exists = backing >= 0;
	if (backing < 0) {
		ck_assert_int_eq(errno, ENOENT);
		return;
	}
	look_behind(behind, sight);
	ck_assert_int_eq(sddl_read_path(path, sight->sddl, sizeof(sight->sddl)), 0);
	for (int i = 0; i < LOOKERS; i++)
		look_as(&lookers[i], path, backing, &sight->powers[i]);
	close(backing);
}
