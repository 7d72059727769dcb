/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Requests over io_uring.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "tests/mount/harness.h"

#define SWITCH "/sys/module/fuse/parameters/enable_uring"
#define OF_ALICE "O:" SID_ALICE "G:" SID_ALICE_GROUP "D:(A;;FA;;;" SID_ALICE ")"

static struct share *share;

static bool has_ring_threads(pid_t daemon)
{
	char path[300], name[32] = "";
	const struct dirent *entry;
	bool found = false;
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)daemon);
	tasks = opendir(path);
	ck_assert_ptr_nonnull(tasks);
	while (!found && (entry = readdir(tasks))) {
		int fd;

		snprintf(path, sizeof(path), "/proc/%d/task/%s/comm", (int)daemon, entry->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		found = fd >= 0 && read(fd, name, sizeof(name) - 1) > 0 &&
			!strncmp(name, "fuse-ring-", 10);
		if (fd >= 0)
			close(fd);
	}
	closedir(tasks);
	return found;
}

static int try_read(void *arg)
{
	int fd = open(arg, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static void open_in_memory(const char *options)
{
	setenv("TMPDIR", "/dev/shm", 1);
	share = share_open(options);
	unsetenv("TMPDIR");
	put_file(share_path(share, "file"), "text");
	sddl_set(share_path(share, "file"), OF_ALICE);
}

START_TEST(who_may_what_is_the_same_over_io_uring)
{
	bool rings;

	open_in_memory("io_uring");
	rings = has_ring_threads(share_daemon(share));
	ck_assert(rings || share_log_contains(share, "io_uring is not used: this build's libfuse"));
	ck_assert_int_eq(as_alice(try_read, share_path(share, "file")), 0);
	ck_assert_int_eq(as_bob(try_read, share_path(share, "file")), -EACCES);
	share_close(share);
}
END_TEST

START_TEST(io_uring_is_not_used_where_requests_may_wait)
{
	open_in_memory("io_uring,list=readable");
	ck_assert(!has_ring_threads(share_daemon(share)));
	ck_assert(share_log_contains(share, "io_uring is not used: "));
	share_close(share);
}
END_TEST

static Suite *uring_suite(void)
{
	Suite *suite = suite_create("uring");
	TCase *tc = tcase_create("uring");

	tcase_add_test(tc, who_may_what_is_the_same_over_io_uring);
	tcase_add_test(tc, io_uring_is_not_used_where_requests_may_wait);
	suite_add_tcase(suite, tc);
	return suite;
}

static bool is_in_memory(const char *folder)
{
	struct statfs fs;

	return statfs(folder, &fs) == 0 && fs.f_type == TMPFS_MAGIC;
}

/* What mounts that come may use; *@old: what it was.  False: this kernel has no such switch. */
static bool switch_set(char value, char *old)
{
	int fd = open(SWITCH, O_RDWR | O_CLOEXEC);
	bool done = fd >= 0 && pread(fd, old, 1, 0) == 1 && pwrite(fd, &value, 1, 0) == 1;

	if (fd >= 0)
		close(fd);
	return done;
}

int main(void)
{
	char old, now;
	int result;

	if (!is_in_memory("/dev/shm") || !switch_set('Y', &old)) {
		puts("skipped: needs root, " SWITCH " and a tmpfs on /dev/shm");
		return 77;
	}
	result = harness_run(uring_suite());
	(void)switch_set(old, &now);
	return result;
}
