/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the kernel and the daemon remember: nothing of it may tell one user what
 * another was entitled to know, and changes through the mount hold at once.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "tests/mount/harness.h"

#define OF_ALICE "O:" SID_ALICE "G:" SID_ALICE_GROUP
/* all that a stat needs, for whoever may ask: even Anonymous has Everyone */
#define PUBLIC "(A;;0x80;;;WD)"

static struct share *share;
static char *file;

static void open_share(bool debug, const char *options)
{
	share = share_open_config(&(struct share_config){.debug = debug, .options = options});
	put_folder(share_path(share, "folder"));
	file = share_path(share, "folder/file");
	put_file(file, "text");
	sddl_set(file, OF_ALICE "D:(A;;FA;;;" SID_ALICE ")");
	sddl_set(share_path(share, "folder"), "O:SYG:SYD:(A;;FA;;;" SID_ALICE ")");
}

static void setup(void)
{
	open_share(false, NULL);
}

static void setup_exclusive(void)
{
	open_share(false, "backing=exclusive");
}

static void teardown(void)
{
	share_close(share);
}

static int try_stat(void *arg)
{
	struct stat st;

	return lstat(arg, &st) < 0 ? -errno : 0;
}

static int try_fstat(void *arg)
{
	int fd = open(arg, O_PATH | O_CLOEXEC), err;
	struct stat st;

	if (fd < 0)
		return -errno;
	err = fstat(fd, &st) < 0 ? -errno : 0;
	close(fd);
	return err;
}

static int try_statx(void *arg)
{
	struct statx stx;

	return statx(AT_FDCWD, arg, AT_STATX_SYNC_AS_STAT, STATX_SIZE, &stx) < 0 ? -errno : 0;
}

static int try_open(void *arg)
{
	int fd = open(arg, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : close(fd);
}

static int try_list(void *arg)
{
	DIR *folder = opendir(arg);
	const struct dirent *entry;
	int count = 0;

	if (!folder)
		return -errno;
	while ((entry = readdir(folder))) {
		struct stat st;

		/* as ls -l does, so that attributes come with the names */
		count += fstatat(dirfd(folder), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	}
	closedir(folder);
	return count;
}

/* ---- attributes ---- */

START_TEST(private_attributes_are_for_the_entitled_alone)
{
	for (int i = 0; i < 5; i++) {
		ck_assert_int_eq(as_alice(try_stat, file), 0);
		ck_assert_int_eq(as_bob(try_stat, file), -EACCES);
		ck_assert_int_eq(as_bob(try_fstat, file), -EACCES);
		ck_assert_int_eq(as_bob(try_statx, file), -EACCES);
	}
	ck_assert_int_ge(as_alice(try_list, share_path(share, "folder")), 3);
	ck_assert_int_eq(as_bob(try_stat, file), -EACCES);
	ck_assert_int_eq(as_bob(try_list, share_path(share, "folder")), -EACCES);
}
END_TEST

static int stat_often(void *arg)
{
	struct stat st;

	for (int i = 0; i < 20; i++)
		if (lstat(arg, &st) < 0)
			return -errno;
	return 0;
}

static unsigned int requests(int (*fn)(void *arg))
{
	unsigned int before = share_log_count(share, "GETATTR");

	ck_assert_int_eq(as_alice(fn, file), 0);
	return share_log_count(share, "GETATTR") - before;
}

START_TEST(public_attributes_are_asked_for_once_private_ones_each_time)
{
	open_share(true, NULL);
	ck_assert_uint_ge(requests(stat_often), 19);
	sddl_set(file, "D:" PUBLIC);
	ck_assert_uint_le(requests(stat_often), 5);
	/* Anonymous is no authenticated user */
	sddl_set(file, "D:(A;;0x80;;;AU)(A;;0x80;;;" SID_ALICE ")");
	ck_assert_uint_ge(requests(stat_often), 19);
	sddl_set(file, "D:(D;;0x80;;;" SID_BOB ")" PUBLIC);
	ck_assert_uint_ge(requests(stat_often), 19);
}
END_TEST

/* ---- changes hold at once ---- */

START_TEST(a_new_descriptor_holds_for_the_next_access)
{
	for (int i = 0; i < 5; i++) {
		sddl_set(file, "D:(A;;FR;;;" SID_BOB ")" PUBLIC);
		ck_assert_int_eq(as_bob(try_open, file), 0);
		ck_assert_int_eq(as_bob(try_stat, file), 0);
		sddl_set(file, "D:(A;;FA;;;" SID_ALICE ")");
		ck_assert_int_eq(as_bob(try_open, file), -EACCES);
		ck_assert_int_eq(as_bob(try_stat, file), -EACCES);
		ck_assert_int_eq(as_bob(try_fstat, file), -EACCES);
	}
}
END_TEST

START_TEST(no_attribute_is_public_after_a_descriptor_made_it_private)
{
	sddl_set(file, "D:" PUBLIC);
	ck_assert_int_eq(as_bob(try_statx, file), 0);
	sddl_set(file, "D:");
	ck_assert_int_eq(as_bob(try_statx, file), -EACCES);
}
END_TEST

START_TEST(chmod_holds_for_the_next_access)
{
	sddl_set(file, "D:(A;;FA;;;" SID_ALICE ")(A;;FR;;;WD)" PUBLIC);
	ck_assert_int_eq(as_bob(try_open, file), 0);
	ck_assert_int_eq(as_bob(try_stat, file), 0);
	ck_assert_int_eq(chmod(file, 0600), 0);
	ck_assert_int_eq(as_bob(try_open, file), -EACCES);
	ck_assert_int_eq(as_bob(try_stat, file), -EACCES);
}
END_TEST

START_TEST(a_folder_made_private_is_passed_no_more)
{
	char *home = share_path(share, "home"), *inner = share_path(share, "home/file");

	put_folder(share_behind(share, "home"));
	put_file(share_behind(share, "home/file"), "text");
	ck_assert_int_eq(as_bob(try_open, inner), 0);
	ck_assert_int_eq(chmod(home, 0700), 0);
	ck_assert_int_eq(as_bob(try_open, inner), -EACCES);
	ck_assert_int_eq(as_bob(try_stat, inner), -EACCES);
}
END_TEST

START_TEST(a_descriptor_changed_behind_the_mount_is_seen)
{
	char value[1024];
	ssize_t size;

	sddl_set(file, "D:(A;;FA;;;" SID_ALICE ")");
	size = getxattr(share_behind(share, "folder/file"), "security.NTACL", value, sizeof(value));
	ck_assert_int_gt(size, 0);
	sddl_set(file, "D:(A;;FA;;;WD)");
	ck_assert_int_eq(as_bob(try_open, file), 0);
	ck_assert_int_eq(setxattr(share_behind(share, "folder/file"), "security.NTACL", value,
				  (size_t)size, 0),
			 0);
	ck_assert_int_eq(as_bob(try_open, file), -EACCES);
}
END_TEST

/* ---- names ---- */

static int try_make(void *arg)
{
	int fd = open(arg, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

	return fd < 0 ? -errno : close(fd);
}

/* What is stored on the backing object while its descriptor is @sddl; its size. */
static size_t stored_as(const char *sddl, char *blob, size_t room)
{
	ssize_t size;

	sddl_set(file, sddl);
	size = getxattr(share_behind(share, "folder/file"), "security.NTACL", blob, room);
	ck_assert_int_gt(size, 0);
	return (size_t)size;
}

struct flips {
	const char *behind;
	char blobs[2][1024];
	size_t sizes[2];
};

/* As root sets, bob opens: in one process, so that hardly any time passes in between. */
static int flip_and_open(void *arg)
{
	const struct flips *flips = arg;

	for (int i = 0; i < 1000; i++) {
		int allowed = i % 2, fd;

		if (setxattr(flips->behind, "security.NTACL", flips->blobs[allowed],
			     flips->sizes[allowed], 0) < 0)
			return -errno;
		if (seteuid(BOB) < 0)
			return -errno;
		fd = open(file, O_RDONLY | O_CLOEXEC);
		if (seteuid(0) < 0 || (fd >= 0) != allowed)
			return -1000 - i;
		if (fd >= 0)
			close(fd);
	}
	return 0;
}

START_TEST(every_change_behind_the_mount_is_seen_however_fast)
{
	static struct flips flips;

	flips.behind = share_behind(share, "folder/file");
	flips.sizes[0] = stored_as(OF_ALICE "D:(A;;FA;;;" SID_ALICE ")", flips.blobs[0],
				   sizeof(flips.blobs[0]));
	flips.sizes[1] =
		stored_as(OF_ALICE "D:(A;;FA;;;WD)", flips.blobs[1], sizeof(flips.blobs[1]));
	sddl_set(share_path(share, "folder"), "O:SYG:SYD:(A;;FA;;;WD)");
	ck_assert_int_eq(flip_and_open(&flips), 0);
}
END_TEST

START_TEST(a_name_that_was_missing_is_found_once_it_is_there)
{
	char *name = share_path(share, "folder/new");

	ck_assert_int_eq(as_bob(try_stat, name), -ENOENT);
	ck_assert_int_eq(as_alice(try_make, name), 0);
	ck_assert_int_eq(as_bob(try_stat, name), -EACCES);
	ck_assert_int_eq(as_alice(try_stat, name), 0);
	ck_assert_int_eq(unlink(name), 0);
	ck_assert_int_eq(as_alice(try_stat, name), -ENOENT);
}
END_TEST

START_TEST(what_appears_behind_the_mount_is_found_in_a_moment)
{
	char *name = share_path(share, "folder/new");
	int err = -ENOENT;

	ck_assert_int_eq(as_alice(try_stat, name), -ENOENT);
	put_file(share_behind(share, "folder/new"), "text");
	for (int i = 0; i < 600 && err == -ENOENT; i++) {
		nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
		err = as_alice(try_stat, name);
	}
	ck_assert_int_eq(err, 0);
	ck_assert_str_eq(get_file(name), "text");
}
END_TEST

START_TEST(names_in_a_private_folder_are_not_told_from_memory)
{
	char *there, *missing;

	put_folder(share_behind(share, "home"));
	put_file(share_behind(share, "home/file"), "text");
	ck_assert_int_eq(chown(share_behind(share, "home"), ALICE, ALICE_GROUP), 0);
	ck_assert_int_eq(chmod(share_behind(share, "home"), 0700), 0);
	there = share_path(share, "home/file");
	missing = share_path(share, "home/none");
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(as_alice(try_stat, there), 0);
		ck_assert_int_eq(as_alice(try_stat, missing), -ENOENT);
		ck_assert_int_eq(as_bob(try_stat, there), -EACCES);
		ck_assert_int_eq(as_bob(try_stat, missing), -EACCES);
	}
	ck_assert_int_ge(as_alice(try_list, share_path(share, "home")), 3);
	ck_assert_int_eq(as_bob(try_stat, there), -EACCES);
}
END_TEST

/* A folder that everyone passes, with a file that everyone reads, by their modes alone. */
static char *put_open(const char *folder, const char *name)
{
	static char at[64];

	put_folder(share_behind(share, folder));
	ck_assert_int_eq(chmod(share_behind(share, folder), 0755), 0);
	snprintf(at, sizeof(at), "%s/%s", folder, name);
	put_file(share_behind(share, at), "text");
	ck_assert_int_eq(chmod(share_behind(share, at), 0644), 0);
	ck_assert_int_eq(as_bob(try_open, share_path(share, at)), 0);
	return share_path(share, at);
}

static void put_home(void)
{
	put_folder(share_behind(share, "home"));
	ck_assert_int_eq(chown(share_behind(share, "home"), ALICE, ALICE_GROUP), 0);
	ck_assert_int_eq(chmod(share_behind(share, "home"), 0700), 0);
}

START_TEST(what_is_moved_into_a_private_folder_is_found_there_by_its_own_alone)
{
	char *there = share_path(share, "folder/plain"), *home = share_path(share, "home/own");

	/* one with a descriptor, which protects what has none */
	ck_assert_int_eq(rename(put_open("open", "plain"), there), 0);
	ck_assert_int_eq(as_bob(try_open, there), -EACCES);
	/* one without */
	put_home();
	sddl_set(put_open("public", "own"), "D:(A;;FA;;;WD)");
	ck_assert_int_eq(as_bob(try_open, share_path(share, "public/own")), 0);
	ck_assert_int_eq(rename(share_path(share, "public/own"), home), 0);
	ck_assert_int_eq(as_bob(try_open, home), -EACCES);
}
END_TEST

START_TEST(what_is_exchanged_is_found_by_where_it_is)
{
	char *plain = put_open("open", "plain"), *there = share_path(share, "folder/file");

	ck_assert_int_eq(as_alice(try_open, there), 0);
	ck_assert_int_eq(renameat2(AT_FDCWD, there, AT_FDCWD, plain, RENAME_EXCHANGE), 0);
	ck_assert_int_eq(as_bob(try_open, there), -EACCES);
	ck_assert_int_eq(renameat2(AT_FDCWD, there, AT_FDCWD, plain, RENAME_EXCHANGE), 0);
	ck_assert_int_eq(as_bob(try_open, plain), 0);
	ck_assert_int_eq(renameat2(AT_FDCWD, plain, AT_FDCWD, there, RENAME_EXCHANGE), 0);
	ck_assert_int_eq(as_bob(try_open, there), -EACCES);
}
END_TEST

START_TEST(a_folder_that_is_moved_into_a_private_one_is_passed_by_its_own_alone)
{
	char *inside = share_path(share, "home/open/plain");

	put_home();
	put_open("open", "plain");
	ck_assert_int_eq(rename(share_path(share, "open"), share_path(share, "home/open")), 0);
	ck_assert_int_eq(as_bob(try_open, inside), -EACCES);
	ck_assert_int_eq(as_alice(try_open, inside), 0);
}
END_TEST

static unsigned int lookups(const char *from, const char *to)
{
	unsigned int before = share_log_count(share, "LOOKUP");

	for (int i = 0; i < 10; i++) {
		ck_assert_int_eq(rename(from, to), 0);
		ck_assert_int_eq(rename(to, from), 0);
	}
	return share_log_count(share, "LOOKUP") - before;
}

START_TEST(moving_between_folders_that_everyone_passes_leaves_names_in_memory)
{
	unsigned int open, other;

	open_share(true, "backing=exclusive");
	put_open("public", "plain");
	put_home();
	other = lookups(put_open("open", "plain"), share_path(share, "home/moved"));
	open = lookups(share_path(share, "open/plain"), share_path(share, "public/moved"));
	/* a name that is not there is looked up each time; of the way there nothing is */
	ck_assert_uint_le(open, 25);
	ck_assert_uint_gt(other, open);
}
END_TEST

/* ---- open and gone, or elsewhere ---- */

static int use_unlinked(void *arg)
{
	int fd = open(arg, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	char bytes[8] = "";
	struct stat st;

	if (fd < 0 || unlink(arg) < 0)
		return -errno;
	if (write(fd, "hello", 5) != 5 || pread(fd, bytes, 8, 0) != 5 || strcmp(bytes, "hello"))
		return -EIO;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size != 5 || st.st_nlink != 0)
		return -EINVAL;
	if (ftruncate(fd, 2) < 0 || fchmod(fd, 0640) < 0 || fstat(fd, &st) < 0)
		return -errno;
	return st.st_size == 2 ? close(fd) : -EINVAL;
}

START_TEST(an_open_file_outlives_its_name)
{
	ck_assert_int_eq(as_alice(use_unlinked, share_path(share, "folder/gone")), 0);
}
END_TEST

struct moving {
	const char *from, *to;
};

static int use_moved(void *arg)
{
	const struct moving *moving = arg;
	int fd = open(moving->from, O_RDWR | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || rename(moving->from, moving->to) < 0)
		return -errno;
	if (pwrite(fd, "moved", 5, 0) != 5 || fstat(fd, &st) < 0)
		return -errno;
	close(fd);
	return lstat(moving->from, &st) < 0 && errno == ENOENT ? 0 : -EEXIST;
}

START_TEST(an_open_file_may_be_renamed)
{
	struct moving moving = {file, share_path(share, "folder/there")};

	ck_assert_int_eq(as_alice(use_moved, &moving), 0);
	ck_assert_str_eq(get_file(share_path(share, "folder/there")), "moved");
}
END_TEST

/* Whether the folder's right to list covers a file hangs on where the file is now. */
START_TEST(a_moved_file_is_judged_by_its_new_folder)
{
	char *there = share_path(share, "open/file");

	put_folder(share_path(share, "open"));
	sddl_set(share_path(share, "open"), "D:(A;;0x1;;;" SID_BOB ")");
	ck_assert_int_eq(as_bob(try_stat, file), -EACCES);
	ck_assert_int_eq(rename(file, there), 0);
	ck_assert_int_eq(as_bob(try_stat, there), 0);
	ck_assert_int_eq(rename(there, file), 0);
	ck_assert_int_eq(as_bob(try_stat, file), -EACCES);
}
END_TEST

/* ---- many files, few descriptors ---- */

#define MANY 30000
#define FOLDERS 30
#define DESCRIPTORS 256

static char *many_name(char name[64], int i)
{
	snprintf(name, 64, "many%d/%d", i % FOLDERS, i);
	return name;
}

static bool make_many(const char *backing)
{
	char path[512], name[64];

	for (int i = 0; i < FOLDERS; i++) {
		snprintf(path, sizeof(path), "%s/many%d", backing, i);
		if (mkdir(path, 0755) < 0)
			return false;
	}
	for (int i = 0; i < MANY; i++) {
		snprintf(path, sizeof(path), "%s/%s", backing, many_name(name, i));
		if (mknod(path, S_IFREG | 0644, 0) < 0)
			return false;
	}
	return true;
}

static int descriptors_open(pid_t pid)
{
	char path[64];
	int count = -3; /* ".", ".." and this one, which is not the daemon's */
	DIR *fds;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	fds = opendir(path);
	ck_assert_ptr_nonnull(fds);
	while (readdir(fds))
		count++;
	closedir(fds);
	return count;
}

static int use_many(void *arg)
{
	int first = open(share_path(share, "many0/0"), O_RDONLY | O_CLOEXEC), last = 0;
	int gone = open(share_path(share, "gone"), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	struct stat st;
	char name[64];

	if (first < 0 || gone < 0 || unlink(share_path(share, "gone")) < 0)
		return -errno;
	for (int i = 0; i < MANY; i++)
		if (lstat(share_path(share, many_name(name, i)), &st) < 0)
			return -errno;
	/* what was looked up long ago and is known to the kernel, but no longer held open */
	for (int i = 0; i < MANY; i += 100) {
		last = open(share_path(share, many_name(name, i)), O_RDONLY | O_CLOEXEC);
		if (last < 0 || fstat(last, &st) < 0 || close(last) < 0)
			return -errno;
	}
	if (fstat(first, &st) < 0 || fstat(gone, &st) < 0 || write(gone, "x", 1) != 1)
		return -errno;
	return st.st_nlink == 0 ? 0 : -EINVAL;
}

START_TEST(more_files_are_known_than_the_daemon_may_hold_open)
{
	share = share_open_config(
		&(struct share_config){.descriptors = DESCRIPTORS, .prepare = make_many});
	ck_assert_int_eq(as_user(0, 0, 0, NULL, use_many, NULL), 0);
	ck_assert_int_le(descriptors_open(share_daemon(share)), DESCRIPTORS);
	share_remount(share, NULL);
	ck_assert_int_eq(as_bob(try_stat, share_path(share, "many7/7")), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cache");
	TCase *known = tcase_create("known"), *exclusive = tcase_create("exclusive"),
	      *own = tcase_create("own share");

	tcase_add_checked_fixture(known, setup, teardown);
	tcase_add_test(known, private_attributes_are_for_the_entitled_alone);
	tcase_add_test(known, a_new_descriptor_holds_for_the_next_access);
	tcase_add_test(known, no_attribute_is_public_after_a_descriptor_made_it_private);
	tcase_add_test(known, chmod_holds_for_the_next_access);
	tcase_add_test(known, a_folder_made_private_is_passed_no_more);
	tcase_add_test(known, a_descriptor_changed_behind_the_mount_is_seen);
	tcase_add_test(known, every_change_behind_the_mount_is_seen_however_fast);
	tcase_add_test(known, a_name_that_was_missing_is_found_once_it_is_there);
	tcase_add_test(known, what_appears_behind_the_mount_is_found_in_a_moment);
	tcase_add_test(known, names_in_a_private_folder_are_not_told_from_memory);
	tcase_add_test(known, what_is_moved_into_a_private_folder_is_found_there_by_its_own_alone);
	tcase_add_test(known, what_is_exchanged_is_found_by_where_it_is);
	tcase_add_test(known, a_folder_that_is_moved_into_a_private_one_is_passed_by_its_own_alone);
	tcase_add_test(known, an_open_file_outlives_its_name);
	tcase_add_test(known, an_open_file_may_be_renamed);
	tcase_add_test(known, a_moved_file_is_judged_by_its_new_folder);
	suite_add_tcase(suite, known);
	/* nobody changes anything behind the mount: all that is changed on it holds at once */
	tcase_add_checked_fixture(exclusive, setup_exclusive, teardown);
	tcase_add_test(exclusive, private_attributes_are_for_the_entitled_alone);
	tcase_add_test(exclusive, a_new_descriptor_holds_for_the_next_access);
	tcase_add_test(exclusive, no_attribute_is_public_after_a_descriptor_made_it_private);
	tcase_add_test(exclusive, chmod_holds_for_the_next_access);
	tcase_add_test(exclusive, a_folder_made_private_is_passed_no_more);
	tcase_add_test(exclusive, a_name_that_was_missing_is_found_once_it_is_there);
	tcase_add_test(exclusive, names_in_a_private_folder_are_not_told_from_memory);
	tcase_add_test(exclusive,
		       what_is_moved_into_a_private_folder_is_found_there_by_its_own_alone);
	tcase_add_test(exclusive, what_is_exchanged_is_found_by_where_it_is);
	tcase_add_test(exclusive,
		       a_folder_that_is_moved_into_a_private_one_is_passed_by_its_own_alone);
	tcase_add_test(exclusive, an_open_file_outlives_its_name);
	tcase_add_test(exclusive, an_open_file_may_be_renamed);
	tcase_add_test(exclusive, a_moved_file_is_judged_by_its_new_folder);
	suite_add_tcase(suite, exclusive);
	tcase_add_checked_fixture(own, NULL, teardown);
	tcase_add_test(own, public_attributes_are_asked_for_once_private_ones_each_time);
	tcase_add_test(own, moving_between_folders_that_everyone_passes_leaves_names_in_memory);
	tcase_add_test(own, more_files_are_known_than_the_daemon_may_hold_open);
	suite_add_tcase(suite, own);
	return harness_run(suite);
}
