/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What POSIX promises of data, mappings, locks, streams of entries and errors of the filesystem
 * behind, on a mount.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/mount/harness.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PAGE 4096
#define LARGE 5000000000LL

static struct share *share;

static void setup(void)
{
	share = share_open(NULL);
}

/* every byte through the daemon */
static void setup_through(void)
{
	share = share_open("no_passthrough");
}

static void teardown(void)
{
	share_close(share);
}

static int file_make(const char *name, const char *text)
{
	int fd = open(share_path(share, name), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	ck_assert_msg(fd >= 0, "%s: %s", name, strerror(errno));
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	return fd;
}

static int error_of(long value)
{
	return value < 0 ? errno : 0;
}

/* ---- mappings ---- */

static int child_sees(void (*act)(const char *path), const char *path)
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		act(path);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

static void child_writes_mapping(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	char *map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (map == MAP_FAILED || strncmp(map, "written", 7))
		_exit(1);
	memcpy(map, "answers", 7);
}

START_TEST(shared_mappings_and_calls_see_the_same)
{
	char text[8] = "";
	const char *path = share_path(share, "f");
	int fd = file_make("f", "");
	char *map, *own;

	ck_assert_int_eq(ftruncate(fd, PAGE), 0);
	map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	own = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	ck_assert(map != MAP_FAILED && own != MAP_FAILED);
	own[100] = 'o'; /* its own page from here on */
	ck_assert_int_eq(pwrite(fd, "written", 7, 0), 7);
	ck_assert_int_eq(memcmp(map, "written", 7), 0);
	ck_assert_int_eq(child_sees(child_writes_mapping, path), 0);
	ck_assert_int_eq(pread(fd, text, 7, 0), 7);
	ck_assert_str_eq(text, "answers");
	ck_assert_int_eq(memcmp(map, "answers", 7), 0);
	memcpy(map, "mapping", 7);
	ck_assert_int_eq(pread(fd, text, 7, 0), 7);
	ck_assert_str_eq(text, "mapping");
	own[0] = 'x';
	ck_assert_int_eq(msync(own, PAGE, MS_SYNC), 0);
	ck_assert_int_eq(pread(fd, text, 1, 0), 1);
	ck_assert_int_eq(text[0], 'm');
	ck_assert_int_eq(msync(map, PAGE, MS_SYNC), 0);
	ck_assert_str_eq(get_file(share_behind(share, "f")), "mapping");
	munmap(map, PAGE);
	munmap(own, PAGE);
	close(fd);
}
END_TEST

START_TEST(a_mapping_outlives_file_and_name)
{
	int fd = file_make("f", "kept");
	char *map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	ck_assert(map != MAP_FAILED);
	close(fd);
	ck_assert_int_eq(unlink(share_path(share, "f")), 0);
	map[4] = '!';
	ck_assert_int_eq(memcmp(map, "kept!", 5), 0);
	ck_assert_int_eq(msync(map, PAGE, MS_SYNC), 0);
	munmap(map, PAGE);
}
END_TEST

START_TEST(writing_to_a_mapping_sets_the_time_of_modification)
{
	const struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	int fd = file_make("f", "text");
	char *map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	struct stat st;

	ck_assert(map != MAP_FAILED);
	ck_assert_int_eq(futimens(fd, old), 0);
	map[0] = 'T';
	ck_assert_int_eq(msync(map, PAGE, MS_SYNC), 0);
	ck_assert_int_eq(stat(share_path(share, "f"), &st), 0);
	ck_assert_int_gt(st.st_mtim.tv_sec, 1000);
	munmap(map, PAGE);
	close(fd);
}
END_TEST

/* ---- locks ---- */

static int lock_flock(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB);
}

static int lock_record(int fd)
{
	struct flock lock = {.l_type = F_WRLCK, .l_len = 10};

	return fcntl(fd, F_SETLK, &lock);
}

static int lock_open_file(int fd)
{
	struct flock lock = {.l_type = F_WRLCK, .l_len = 10};

	return fcntl(fd, F_OFD_SETLK, &lock);
}

static int (*const locks[])(int fd) = {lock_flock, lock_record, lock_open_file};

/* A process that holds the lock until it is killed or told to close the file. */
static pid_t hold(int (*lock)(int fd), const char *path, int *command)
{
	int commands[2], answers[2];
	char byte;
	pid_t pid;

	ck_assert(pipe(commands) == 0 && pipe(answers) == 0 && (pid = fork()) >= 0);
	if (pid == 0) {
		int fd = open(path, O_RDWR);

		close(commands[1]);
		byte = fd >= 0 && lock(fd) == 0 ? 'y' : 'n';
		(void)!write(answers[1], &byte, 1);
		(void)!read(commands[0], &byte, 1);
		close(fd);
		(void)!write(answers[1], &byte, 1);
		pause();
		_exit(0);
	}
	close(commands[0]);
	close(answers[1]);
	ck_assert(read(answers[0], &byte, 1) == 1 && byte == 'y');
	*command = commands[1];
	return dup2(answers[0], 100) < 0 ? -1 : pid;
}

START_TEST(locks_hold_across_processes_and_end_with_file_and_holder)
{
	const char *path = share_path(share, "f");
	int fd = file_make("f", "0123456789"), command;
	char byte = 'c';
	pid_t pid;

	for (int killed = 0; killed < 2; killed++) {
		pid = hold(locks[_i], path, &command);
		ck_assert_int_eq(locks[_i](fd), -1);
		ck_assert(errno == EAGAIN || errno == EACCES);
		if (!killed) {
			ck_assert_int_eq(write(command, &byte, 1), 1);
			ck_assert_int_eq(read(100, &byte, 1), 1);
			ck_assert_int_eq(locks[_i](fd), 0);
			ck_assert_int_eq(close(fd), 0);
			fd = open(path, O_RDWR | O_CLOEXEC);
		}
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		close(command);
	}
	ck_assert_int_eq(locks[_i](fd), 0);
	close(fd);
}
END_TEST

/* ---- holes and sizes ---- */

START_TEST(holes_are_holes)
{
	int fd = file_make("f", "");
	struct stat st;
	char byte;

	ck_assert_int_eq(pwrite(fd, "end", 3, LARGE), 3);
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert(st.st_size == LARGE + 3 && st.st_blocks * 512 < 1 << 20);
	ck_assert_int_eq(lseek(fd, 0, SEEK_HOLE), 0);
	ck_assert(lseek(fd, 0, SEEK_DATA) == LARGE / PAGE * PAGE);
	ck_assert(lseek(fd, LARGE, SEEK_HOLE) == LARGE + 3);
	ck_assert(lseek(fd, LARGE + 3, SEEK_DATA) == -1 && errno == ENXIO);
	ck_assert(pread(fd, &byte, 1, LARGE - 1) == 1 && byte == 0);
	ck_assert(lseek(fd, -3, SEEK_END) == LARGE && read(fd, &byte, 1) == 1 && byte == 'e');
	close(fd);
}
END_TEST

START_TEST(places_beyond_4_gib_are_what_they_are)
{
	off_t from = LARGE / PAGE * PAGE, to = from + 2 * LARGE;
	int fd = file_make("f", ""), copy = file_make("g", "");
	struct stat st;
	char *map, byte;

	ck_assert_int_eq(ftruncate(fd, 3 * LARGE), 0);
	ck_assert(fallocate(fd, 0, from, PAGE) == 0 && pwrite(fd, "data", 4, from) == 4);
	map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, from);
	ck_assert(map != MAP_FAILED && !memcmp(map, "data", 4));
	munmap(map, PAGE);
	ck_assert_int_eq(copy_file_range(fd, &from, copy, &to, 4, 0), 4);
	ck_assert(stat(share_path(share, "g"), &st) == 0 && st.st_size == to);
	ck_assert(pread(copy, &byte, 1, to - 1) == 1 && byte == 'a');
	ck_assert_int_eq(truncate(share_path(share, "g"), LARGE), 0);
	ck_assert(fstat(copy, &st) == 0 && st.st_size == LARGE);
	close(fd);
	close(copy);
}
END_TEST

START_TEST(holes_can_be_punched)
{
	char block[4 * PAGE], back[4 * PAGE], zero[2 * PAGE] = "";
	int fd = file_make("f", "");
	struct stat before, after;

	memset(block, 'x', sizeof(block));
	ck_assert_int_eq(write(fd, block, sizeof(block)), (ssize_t)sizeof(block));
	ck_assert_int_eq(fsync(fd), 0);
	ck_assert_int_eq(fstat(fd, &before), 0);
	ck_assert_int_eq(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, PAGE, 2 * PAGE),
			 0);
	ck_assert_int_eq(fstat(fd, &after), 0);
	ck_assert(after.st_size == before.st_size && after.st_blocks < before.st_blocks);
	ck_assert_int_eq(pread(fd, back, sizeof(back), 0), (ssize_t)sizeof(back));
	ck_assert(memcmp(back + PAGE, zero, 2 * PAGE) == 0 && back[0] == 'x' &&
		  back[3 * PAGE] == 'x');
	ck_assert(lseek(fd, 0, SEEK_HOLE) == PAGE && lseek(fd, PAGE, SEEK_DATA) == 3 * PAGE);
	close(fd);
}
END_TEST

START_TEST(who_may_not_make_files_larger_is_told)
{
	const struct rlimit limit = {PAGE, PAGE};
	int fd = file_make("f", "");

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert(pwrite(fd, "xy", 2, PAGE - 1) == 1);
	ck_assert(pwrite(fd, "x", 1, PAGE) == -1 && errno == EFBIG);
	ck_assert(ftruncate(fd, PAGE + 1) == -1 && errno == EFBIG);
	ck_assert_int_eq(ftruncate(fd, PAGE), 0);
	close(fd);
}
END_TEST

START_TEST(ranges_are_copied_between_files)
{
	int from = file_make("a", "0123456789"), to = file_make("b", "");
	off_t at = 2, into = 5;

	ck_assert_int_eq(copy_file_range(from, &at, to, &into, 6, 0), 6);
	ck_assert(at == 8 && into == 11);
	ck_assert_int_eq(pwrite(to, "abcde", 5, 0), 5);
	ck_assert_str_eq(get_file(share_path(share, "b")), "abcde234567");
	close(from);
	close(to);
}
END_TEST

/* ---- files without a name ---- */

START_TEST(files_without_a_name_can_get_one)
{
	int fd = open(share_path(share, ""), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	int last = open(share_path(share, ""), O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);
	char path[64];
	struct stat st;

	if (fd < 0 && errno == EOPNOTSUPP)
		return; /* a libfuse without it */
	ck_assert(fd >= 0 && last >= 0);
	ck_assert_int_eq(write(fd, "text", 4), 4);
	ck_assert(fstat(fd, &st) == 0 && st.st_nlink == 0 && st.st_size == 4);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ck_assert_int_eq(
		linkat(AT_FDCWD, path, AT_FDCWD, share_path(share, "named"), AT_SYMLINK_FOLLOW), 0);
	ck_assert(fstat(fd, &st) == 0 && st.st_nlink == 1);
	ck_assert_str_eq(get_file(share_path(share, "named")), "text");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", last);
	ck_assert(linkat(AT_FDCWD, path, AT_FDCWD, share_path(share, "other"), AT_SYMLINK_FOLLOW) ==
			  -1 &&
		  errno == ENOENT);
	close(fd);
	close(last);
}
END_TEST

START_TEST(a_removed_folder_that_is_open_is_empty_and_stays_so)
{
	int fd, made;
	struct stat st;

	put_folder(share_path(share, "d"));
	fd = open(share_path(share, "d"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_eq(rmdir(share_path(share, "d")), 0);
	ck_assert(fstat(fd, &st) == 0 && st.st_nlink == 0);
	made = openat(fd, "x", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	ck_assert(made == -1 && errno == ENOENT);
	ck_assert(mkdirat(fd, "x", 0700) == -1 && errno == ENOENT);
	close(fd);
}
END_TEST

/* ---- streams of entries ---- */

#define ENTRIES 1500

static void touch_entry(const char *format, int i)
{
	char name[64];

	snprintf(name, sizeof(name), format, i);
	put_file(share_path(share, name), "");
}

/* Counts what @stream gives from here on by number, of "e…" alone. */
static void count_entries(DIR *stream, unsigned char seen[ENTRIES], unsigned int *others)
{
	struct dirent *entry;

	while ((entry = readdir(stream))) {
		if (entry->d_name[0] == 'e')
			seen[atoi(entry->d_name + 1)]++;
		else if (entry->d_name[0] != '.')
			++*others;
	}
}

START_TEST(a_stream_gives_each_entry_once_while_others_come_and_go)
{
	static unsigned char seen[ENTRIES];
	unsigned int others = 0, removed = 0;
	char name[64], first[64] = "";
	struct dirent *entry;
	DIR *stream;
	long place;

	put_folder(share_path(share, "d"));
	for (int i = 0; i < ENTRIES; i++)
		touch_entry("d/e%d", i);
	stream = opendir(share_path(share, "d"));
	for (int i = 0; i < ENTRIES / 3 && (entry = readdir(stream)); i++)
		if (entry->d_name[0] == 'e')
			seen[atoi(entry->d_name + 1)]++;
	place = telldir(stream);
	entry = readdir(stream);
	ck_assert_ptr_nonnull(entry);
	strcpy(first, entry->d_name);
	/* each third of what was seen and of what was not goes, others come */
	for (int i = 0; i < ENTRIES; i += 3) {
		snprintf(name, sizeof(name), "d/e%d", i);
		if (strcmp(name + 2, first) == 0)
			continue;
		ck_assert_int_eq(unlink(share_path(share, name)), 0);
		removed++;
		touch_entry("d/n%d", i);
	}
	seekdir(stream, place);
	entry = readdir(stream);
	ck_assert(entry && !strcmp(entry->d_name, first));
	seen[atoi(first + 1)]++;
	count_entries(stream, seen, &others);
	for (int i = 0; i < ENTRIES; i++)
		ck_assert_msg(i % 3 == 0 ? seen[i] <= 1 : seen[i] == 1, "e%d was seen %d times", i,
			      seen[i]);
	memset(seen, 0, sizeof(seen));
	others = 0;
	rewinddir(stream);
	count_entries(stream, seen, &others);
	ck_assert_uint_eq(others, removed);
	for (int i = 0; i < ENTRIES; i++)
		ck_assert_int_eq(seen[i], i % 3 != 0 || atoi(first + 1) == i);
	closedir(stream);
}
END_TEST

/* ---- errors of the filesystem behind, and of the kind of mount ---- */

static bool small_tmpfs(const char *backing)
{
	return mount("small", backing, "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,nr_inodes=64") == 0;
}

static void fill(int fd, int expected)
{
	static const char block[65536];
	ssize_t n;

	while ((n = write(fd, block, sizeof(block))) > 0)
		;
	ck_assert_msg(n == -1 && errno == expected, "%s", strerror(errno));
}

START_TEST(a_full_filesystem_is_told_and_leaves_nothing_half_made)
{
	struct share *small = share_open_config(&(struct share_config){
		.prepare = small_tmpfs, .options = _i ? "no_passthrough" : NULL});
	int fd = open(share_path(small, "f"), O_RDWR | O_CREAT | O_CLOEXEC, 0600), made = 0;
	unsigned int entries = 0;
	struct dirent *entry;
	char name[32];
	DIR *stream;

	ck_assert_int_ge(fd, 0);
	fill(fd, ENOSPC);
	ck_assert(posix_fallocate(fd, 0, 4 << 20) == ENOSPC);
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	close(fd);
	do {
		snprintf(name, sizeof(name), "n%d", made++);
	} while (mkdir(share_path(small, name), 0700) == 0);
	ck_assert_int_eq(errno, ENOSPC);
	ck_assert(open(share_path(small, "x"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600) == -1 &&
		  errno == ENOSPC);
	ck_assert(symlink("t", share_path(small, "x")) == -1 && errno == ENOSPC);
	stream = opendir(share_path(small, ""));
	while ((entry = readdir(stream)))
		entries++;
	closedir(stream);
	ck_assert_uint_eq(entries, (unsigned int)made - 1 + 3);
	share_close(small);
}
END_TEST

static bool quota_tmpfs(const char *backing)
{
	return mount("quota", backing, "tmpfs", MS_NOSUID | MS_NODEV,
		     "size=64m,usrquota,usrquota_block_hardlimit=256k,usrquota_inode_hardlimit="
		     "8") == 0 &&
	       chmod(backing, 0777) == 0;
}

static bool has_quota_tmpfs(void)
{
	char folder[] = "/tmp/guisefs-quota.XXXXXX";
	bool has = mkdtemp(folder) && quota_tmpfs(folder);

	if (has)
		umount2(folder, MNT_DETACH);
	rmdir(folder);
	return has;
}

static int alice_fills(void *arg)
{
	static const char block[65536];
	struct share *small = arg;
	int fd = open(share_path(small, "f"), O_RDWR | O_CREAT | O_CLOEXEC, 0600), made = 0;
	ssize_t n;
	char name[32];

	if (fd < 0)
		return -errno;
	while ((n = write(fd, block, sizeof(block))) > 0)
		;
	if (errno != EDQUOT)
		return -errno;
	do {
		snprintf(name, sizeof(name), "n%d", made++);
	} while (made < 20 && mkdir(share_path(small, name), 0700) == 0);
	return errno == EDQUOT && access(share_path(small, name), F_OK) < 0 ? made : -errno;
}

START_TEST(a_quota_is_told_and_leaves_nothing_half_made)
{
	struct share *small;

	if (!has_quota_tmpfs())
		return;
	small = share_open_config(&(struct share_config){.prepare = quota_tmpfs});
	ck_assert_int_eq(as_alice(alice_fills, small), 8);
	share_close(small);
}
END_TEST

START_TEST(a_read_only_mount_takes_no_change)
{
	const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
	const char *f = share_path(share, "f"), *d = share_path(share, "d"),
		   *new = share_path(share, "new");

	put_file(f, "text");
	put_folder(d);
	share_remount(share, "ro");
	ck_assert_int_eq(error_of(open(f, O_WRONLY | O_CLOEXEC)), EROFS);
	ck_assert_int_eq(error_of(open(f, O_RDONLY | O_TRUNC | O_CLOEXEC)), EROFS);
	ck_assert_int_eq(error_of(open(new, O_RDONLY | O_CREAT | O_CLOEXEC, 0600)), EROFS);
	ck_assert_int_eq(error_of(mkdir(new, 0700)), EROFS);
	ck_assert_int_eq(error_of(mkfifo(new, 0600)), EROFS);
	ck_assert_int_eq(error_of(symlink("x", new)), EROFS);
	ck_assert_int_eq(error_of(link(f, new)), EROFS);
	ck_assert_int_eq(error_of(rename(f, new)), EROFS);
	ck_assert_int_eq(error_of(unlink(f)), EROFS);
	ck_assert_int_eq(error_of(rmdir(d)), EROFS);
	ck_assert_int_eq(error_of(chmod(f, 0600)), EROFS);
	ck_assert_int_eq(error_of(chown(f, 1, 1)), EROFS);
	ck_assert_int_eq(error_of(truncate(f, 0)), EROFS);
	ck_assert_int_eq(error_of(utimensat(AT_FDCWD, f, times, 0)), EROFS);
	ck_assert_int_eq(error_of(setxattr(f, "user.a", "x", 1, 0)), EROFS);
	ck_assert_int_eq(sddl_try(f, "O:SYG:SYD:"), -EROFS);
	ck_assert_int_eq(error_of(access(f, W_OK)), EROFS);
	ck_assert_str_eq(get_file(f), "text");
}
END_TEST

START_TEST(names_do_not_cross_the_mount)
{
	const char *outside = share_behind(share, "../outside");

	put_file(share_path(share, "f"), "text");
	put_file(outside, "text");
	ck_assert_int_eq(error_of(rename(share_path(share, "f"), outside)), EXDEV);
	ck_assert_int_eq(error_of(rename(outside, share_path(share, "g"))), EXDEV);
	ck_assert_int_eq(error_of(link(share_path(share, "f"), share_behind(share, "../new"))),
			 EXDEV);
}
END_TEST

START_TEST(a_running_program_is_busy)
{
	const char *path = share_path(share, "sleep");
	const char *const copy[] = {"/bin/cp", "/bin/sleep", path, NULL};
	const char *const run[] = {path, "0", NULL};
	int fd, started[2];
	pid_t pid;
	char byte;

	ck_assert_int_eq(run_program(copy), 0);
	ck_assert_int_eq(chmod(path, 0700), 0);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(run_program(run), -ETXTBSY);
	close(fd);
	ck_assert_int_eq(pipe2(started, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		execl(path, "sleep", "600", NULL);
		_exit(1);
	}
	close(started[1]);
	/* its end is closed when it is that program */
	ck_assert_int_eq(read(started[0], &byte, 1), 0);
	close(started[0]);
	ck_assert_int_eq(error_of(open(path, O_WRONLY | O_CLOEXEC)), ETXTBSY);
	ck_assert_int_eq(error_of(truncate(path, 0)), ETXTBSY);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("posix data");
	TCase *passed = tcase_create("passed by the kernel"),
	      *through = tcase_create("through the daemon");
	TCase *small = tcase_create("small filesystems");
	TCase *const both[] = {passed, through};

	tcase_add_checked_fixture(passed, setup, teardown);
	tcase_add_checked_fixture(through, setup_through, teardown);
	for (size_t i = 0; i < COUNT(both); i++) {
		tcase_add_test(both[i], shared_mappings_and_calls_see_the_same);
		tcase_add_test(both[i], a_mapping_outlives_file_and_name);
		tcase_add_test(both[i], writing_to_a_mapping_sets_the_time_of_modification);
		tcase_add_test(both[i], holes_are_holes);
		tcase_add_test(both[i], places_beyond_4_gib_are_what_they_are);
		tcase_add_test(both[i], holes_can_be_punched);
		tcase_add_test(both[i], who_may_not_make_files_larger_is_told);
		tcase_add_test(both[i], ranges_are_copied_between_files);
		tcase_add_test(both[i], files_without_a_name_can_get_one);
		tcase_add_test(both[i], a_running_program_is_busy);
	}
	tcase_add_loop_test(passed, locks_hold_across_processes_and_end_with_file_and_holder, 0,
			    (int)COUNT(locks));
	tcase_add_test(passed, a_removed_folder_that_is_open_is_empty_and_stays_so);
	tcase_add_test(passed, a_stream_gives_each_entry_once_while_others_come_and_go);
	tcase_add_test(passed, a_read_only_mount_takes_no_change);
	tcase_add_test(passed, names_do_not_cross_the_mount);
	tcase_add_loop_test(small, a_full_filesystem_is_told_and_leaves_nothing_half_made, 0, 2);
	tcase_add_test(small, a_quota_is_told_and_leaves_nothing_half_made);
	suite_add_tcase(suite, passed);
	suite_add_tcase(suite, through);
	suite_add_tcase(suite, small);
	return harness_run(suite);
}
