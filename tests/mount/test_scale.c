/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Very many entries, nodes, descriptors and open files: all are right, memory comes back, and
 * nobody takes what others need.  How fast it is, tests/bench/bench_scale.c says.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/mount/harness.h"

#define ENTRIES 100000 /* in one folder */
#define CHANGES 5000   /* names that come and go meanwhile */
#define PLACES 200     /* that are gone back to */
#define NODES 50000
#define IN_FOLDER 1000
#define DESCRIPTORS 4000
#define FIRST_ID 300000u
#define PATIENCE 60 /* seconds */

static struct share *share;

static bool own_tmpfs(const char *backing)
{
	return mount("scale", backing, "tmpfs", MS_NOSUID | MS_NODEV, "size=1g,nr_inodes=0") == 0;
}

static void setup(void)
{
	share = share_open_config(&(struct share_config){.prepare = own_tmpfs});
}

static void teardown(void)
{
	share_close(share);
}

static void touch_behind(const char *format, unsigned int i)
{
	char name[64];

	snprintf(name, sizeof(name), format, i);
	ck_assert_msg(mknod(share_behind(share, name), S_IFREG | 0644, 0) == 0, "%s: %s", name,
		      strerror(errno));
}

/* ---- one folder ---- */

/* Each third of the first entries goes, and others come; through the mount. */
static int change_names(void)
{
	char name[64];

	for (unsigned int i = 0; i < CHANGES; i++) {
		snprintf(name, sizeof(name), "d/e%u", i * 3);
		if (unlink(share_path(share, name)) < 0)
			return errno;
		snprintf(name, sizeof(name), "d/n%u", i);
		if (mknod(share_path(share, name), S_IFREG | 0644, 0) < 0)
			return errno;
	}
	return 0;
}

static bool may_go(unsigned int i)
{
	return i % 3 == 0 && i / 3 < CHANGES;
}

struct place {
	long at;
	char next[64];
};

/* Reads all of @stream, and notes some places. */
static void read_all(DIR *stream, unsigned char seen[ENTRIES], struct place places[PLACES])
{
	unsigned int count = 0, noted = 0;
	struct dirent *entry;
	long at = telldir(stream);

	for (; (entry = readdir(stream)); at = telldir(stream)) {
		if (entry->d_name[0] != 'e')
			continue;
		seen[atoi(entry->d_name + 1)]++;
		if (count++ % (ENTRIES / PLACES) == 0 && noted < PLACES &&
		    !may_go((unsigned int)atoi(entry->d_name + 1))) {
			places[noted].at = at;
			strcpy(places[noted++].next, entry->d_name);
		}
	}
}

START_TEST(a_folder_of_100000_lists_whole_while_names_come_and_go)
{
	static unsigned char seen[ENTRIES];
	static struct place places[PLACES];
	struct dirent *entry;
	int status = -1;
	DIR *stream;
	pid_t pid;

	put_folder(share_behind(share, "d"));
	for (unsigned int i = 0; i < ENTRIES; i++)
		touch_behind("d/e%u", i);
	stream = opendir(share_path(share, "d"));
	ck_assert_ptr_nonnull(stream);
	pid = fork();
	if (pid == 0)
		_exit(change_names());
	read_all(stream, seen, places);
	ck_assert(waitpid(pid, &status, 0) == pid && status == 0);
	for (unsigned int i = 0; i < ENTRIES; i++)
		ck_assert_msg(seen[i] == 1 || (may_go(i) && seen[i] == 0), "e%u %u times", i,
			      seen[i]);
	/* and back */
	for (int i = PLACES - 1; i >= 0; i--) {
		if (!places[i].next[0])
			continue;
		seekdir(stream, places[i].at);
		while ((entry = readdir(stream)) && entry->d_name[0] == 'e' &&
		       may_go((unsigned int)atoi(entry->d_name + 1)))
			;
		ck_assert_ptr_nonnull(entry);
		ck_assert_str_eq(entry->d_name, places[i].next);
	}
	closedir(stream);
}
END_TEST

/* ---- memory ---- */

/* The daemon's own, in KiB. */
static long memory(void)
{
	char path[64], line[256];
	long kib = 0, sum = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)share_daemon(share));
	file = fopen(path, "re");
	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "Private_Dirty: %ld", &kib) == 1)
			sum += kib;
	fclose(file);
	return sum;
}

/* Makes the kernel forget what is not in use: changing a mount does. */
static void forget_all(void)
{
	ck_assert_int_eq(
		mount(NULL, share_path(share, ""), NULL, MS_REMOUNT | MS_NOSUID | MS_NODEV, NULL),
		0);
}

static bool falls_below(long kib)
{
	const struct timespec pause = {.tv_nsec = 200000000};

	for (int i = 0; i < PATIENCE * 5; i++) {
		if (memory() < kib)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

#if defined(__SANITIZE_ADDRESS__)
#define MEMORY_IS_ITS_OWN false /* much of it is the sanitizer's, which gives nothing back */
#else
#define MEMORY_IS_ITS_OWN true
#endif

static void find(const char *format, unsigned int folder, unsigned int i)
{
	struct stat st;
	char name[64];

	snprintf(name, sizeof(name), format, folder, i);
	ck_assert_msg(lstat(share_path(share, name), &st) == 0, "%s: %s", name, strerror(errno));
}

START_TEST(a_node_takes_little_memory_and_gives_it_back)
{
	long before, with, most = NODES / 1024 * 300;
	char name[64];

	for (unsigned int i = 0; i < NODES; i++) {
		snprintf(name, sizeof(name), "t%u", i / IN_FOLDER);
		if (i % IN_FOLDER == 0)
			put_folder(share_behind(share, name));
		strcat(name, "/%u");
		touch_behind(name, i);
	}
	before = memory();
	for (unsigned int i = 0; i < NODES; i++)
		find("t%u/%u", i / IN_FOLDER, i);
	with = memory();
	if (MEMORY_IS_ITS_OWN) {
		ck_assert_int_gt(with - before, most / 4); /* the kernel knows them all */
		ck_assert_int_lt(with - before, most + 1024);
	}
	forget_all();
	ck_assert(!MEMORY_IS_ITS_OWN || falls_below(before + (with - before) / 2));
	find("t%u/%u", 0, 7);
}
END_TEST

/* ---- descriptors ---- */

/* In place of another process: the kernel tells the daemon these ids. */
static void act_as(uid_t uid, gid_t gid)
{
	syscall(SYS_setfsgid, gid);
	syscall(SYS_setfsuid, uid);
}

static int open_as(uid_t uid, const char *name, int flags)
{
	int fd;

	act_as(uid, uid);
	fd = open(share_path(share, name), flags | O_CLOEXEC, 0600);
	if (fd < 0)
		fd = -errno;
	act_as(0, 0);
	return fd;
}

START_TEST(many_descriptors_are_kept_apart)
{
	char name[64];

	for (unsigned int i = 0; i < DESCRIPTORS; i++) {
		snprintf(name, sizeof(name), "f%u", i);
		touch_behind("f%u", i);
		sddl_set(share_path(share, name), "D:P(A;;FR;;;S-1-22-1-%u)", FIRST_ID + i);
	}
	for (unsigned int i = 0; i < DESCRIPTORS; i++) {
		int fd;

		snprintf(name, sizeof(name), "f%u", i);
		fd = open_as(FIRST_ID + i, name, O_RDONLY);
		ck_assert_msg(fd >= 0, "%s: %s", name, strerror(-fd));
		close(fd);
		ck_assert_int_eq(open_as(FIRST_ID + i + 1, name, O_RDONLY), -EACCES);
	}
}
END_TEST

/* ---- open files ---- */

#define LIMIT 256 /* descriptors of the daemon */

static int held[2 * LIMIT];
static unsigned int held_count;

/* Opens "NAME" again and again as @uid, until it gets no more. */
static int hold_all(uid_t uid, const char *name, int flags)
{
	int fd;

	while ((fd = open_as(uid, name, flags)) >= 0) {
		ck_assert_uint_lt(held_count, 2 * LIMIT);
		held[held_count++] = fd;
	}
	return fd;
}

/* All that an ordinary user does. */
static void check_works(uid_t uid, const char *name)
{
	int fd = open_as(uid, name, O_RDWR | O_CREAT | O_EXCL);

	ck_assert_msg(fd >= 0, "%s: %s", name, strerror(-fd));
	ck_assert_int_eq(write(fd, "x", 1), 1);
	close(fd);
	fd = open_as(uid, "", O_RDONLY | O_DIRECTORY);
	ck_assert_int_ge(fd, 0);
	close(fd);
	act_as(uid, uid);
	ck_assert_int_eq(unlink(share_path(share, name)), 0);
	act_as(0, 0);
}

/* The daemon learns of what was closed a moment later. */
static void let_all_go(uid_t uid, const char *name)
{
	const struct timespec pause = {.tv_nsec = 20000000};
	int fd = -EMFILE;

	while (held_count)
		close(held[--held_count]);
	for (int i = 0; i < PATIENCE * 50 && fd == -EMFILE; i++) {
		nanosleep(&pause, NULL);
		fd = open_as(uid, name, O_RDWR);
	}
	ck_assert_msg(fd >= 0, "%s: %s", name, strerror(-fd));
	close(fd);
}

static const int ways_to_hold[] = {O_RDONLY, O_RDWR, O_RDONLY | O_DIRECTORY};

START_TEST(who_opens_all_it_can_leaves_others_enough)
{
	int flags = ways_to_hold[_i];
	const char *name = flags & O_DIRECTORY ? "" : "file";

	share = share_open_config(&(struct share_config){.descriptors = LIMIT});
	sddl_set(share_path(share, ""), "D:P(A;OICI;FA;;;WD)");
	put_file(share_path(share, "file"), "x");
	held_count = 0;
	ck_assert_int_eq(hold_all(ALICE, name, flags), -EMFILE);
	ck_assert_uint_gt(held_count, LIMIT / 16);
	ck_assert(share_log_contains(share, SID_ALICE " has as many files open"));
	check_works(BOB, "of bob");
	check_works(0, "of root");
	/* and if that one does the same */
	ck_assert_int_eq(hold_all(BOB, name, flags), -EMFILE);
	check_works(TEAM, "of a third");
	let_all_go(ALICE, "file");
	share_close(share);
}
END_TEST

/* A file that the kernel reads by itself needs a descriptor all the same when it is asked for
 * holes. */
START_TEST(descriptors_that_are_needed_later_count)
{
	unsigned int i = 0;

	share = share_open_config(&(struct share_config){.descriptors = LIMIT});
	sddl_set(share_path(share, ""), "D:P(A;OICI;FA;;;WD)");
	put_file(share_path(share, "file"), "x");
	held_count = 0;
	ck_assert_int_eq(hold_all(ALICE, "file", O_RDONLY), -EMFILE);
	while (i < held_count && lseek(held[i], 0, SEEK_HOLE) == 1)
		i++;
	/* without passthrough each has one from the beginning */
	ck_assert(i == held_count ? held_count <= LIMIT / 4 : errno == EMFILE);
	check_works(BOB, "of bob");
	share_close(share);
}
END_TEST

#define THREADS 64
#define OPENS 150

/* The kernel tells of closed files when it has the time; it must have it. */
static void *open_and_close(void *failed)
{
	for (int i = 0; i < OPENS; i++) {
		int fd = open_as(ALICE, "file", O_RDWR);

		if (fd < 0)
			*(_Atomic int *)failed = fd;
		else
			close(fd);
	}
	return NULL;
}

START_TEST(what_many_threads_closed_makes_room_at_once)
{
	pthread_t threads[THREADS];
	_Atomic int failed = 0;

	share = share_open_config(&(struct share_config){.descriptors = 4 * LIMIT});
	sddl_set(share_path(share, ""), "D:P(A;OICI;FA;;;WD)");
	put_file(share_path(share, "file"), "x");
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, open_and_close, &failed), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_eq(failed, 0);
	share_close(share);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("scale");
	TCase *many = tcase_create("many"), *open_files = tcase_create("open files");

	tcase_set_timeout(many, 3 * PATIENCE);
	tcase_add_checked_fixture(many, setup, teardown);
	tcase_add_test(many, a_folder_of_100000_lists_whole_while_names_come_and_go);
	tcase_add_test(many, a_node_takes_little_memory_and_gives_it_back);
	tcase_add_test(many, many_descriptors_are_kept_apart);
	tcase_add_loop_test(open_files, who_opens_all_it_can_leaves_others_enough, 0, 3);
	tcase_add_test(open_files, descriptors_that_are_needed_later_count);
	tcase_add_test(open_files, what_many_threads_closed_makes_room_at_once);
	suite_add_tcase(suite, many);
	suite_add_tcase(suite, open_files);
	return harness_run(suite);
}
