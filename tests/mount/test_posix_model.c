/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where POSIX and descriptors meet: set-group-ID and sticky folders, modes that become
 * descriptors, and descriptors that no mode means.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/mount/harness.h"

#define POSIX_OPTIONS "chmod=replace,create-mode=posix"

static struct share *share;

static void setup(void)
{
	share = share_open(NULL);
}

static void setup_posix(void)
{
	share = share_open(POSIX_OPTIONS);
}

static void teardown(void)
{
	share_close(share);
}

static int make(void *arg)
{
	int fd = open(arg, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

	return fd < 0 ? -errno : close(fd);
}

static int make_masked(void *arg)
{
	umask(077);
	return make(arg);
}

static int make_folder(void *arg)
{
	return mkdir(arg, 0777) < 0 ? -errno : 0;
}

static int take_away(void *arg)
{
	return unlink(arg) < 0 ? -errno : 0;
}

static int touch(void *arg)
{
	return utimensat(AT_FDCWD, arg, NULL, 0) < 0 ? -errno : 0;
}

static int set_group_bit(void *arg)
{
	return chmod(arg, 02777) < 0 ? -errno : 0;
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	ck_assert_msg(lstat(path, &st) == 0, "%s: %s", path, strerror(errno));
	return st.st_mode & 07777;
}

static gid_t group_of(const char *path)
{
	struct stat st;

	ck_assert_msg(lstat(path, &st) == 0, "%s: %s", path, strerror(errno));
	return st.st_gid;
}

START_TEST(what_is_made_in_a_folder_with_set_group_id_has_its_group)
{
	char *file = share_path(share, "d/file"), *folder = share_path(share, "d/sub"),
	     *deep = share_path(share, "d/sub/file");

	put_folder(share_path(share, "d"));
	sddl_set(share_path(share, "d"), "O:SYG:" SID_TEAM "D:P(A;OICI;FA;;;WD)(A;OICIIO;FR;;;CG)");
	ck_assert_int_eq(chmod(share_path(share, "d"), 02777), 0);
	ck_assert_int_eq(as_alice(make, file), 0);
	ck_assert_str_eq(sddl_get(file),
			 "O:" SID_ALICE "G:" SID_TEAM "D:(A;;FA;;;WD)(A;;FR;;;" SID_TEAM ")");
	ck_assert_uint_eq(group_of(file), TEAM);
	ck_assert_int_eq(as_alice(make_folder, folder), 0);
	ck_assert_uint_eq(mode_of(folder) & S_ISGID, S_ISGID);
	ck_assert_int_eq(as_bob(make, deep), 0);
	ck_assert_uint_eq(group_of(deep), TEAM);
	/* also behind, where it may be shared by others */
	ck_assert_uint_eq(group_of(share_behind(share, "d/sub/file")), TEAM);
	ck_assert_uint_eq(mode_of(share_behind(share, "d/sub")) & S_ISGID, S_ISGID);
}
END_TEST

START_TEST(set_group_id_stays_when_a_descriptor_is_set_and_is_for_members_to_give)
{
	char *d = share_path(share, "d");

	put_folder(d);
	sddl_set(d, "O:" SID_ALICE "G:" SID_TEAM "D:P(A;;FA;;;WD)");
	ck_assert_int_eq(as_alice(set_group_bit, d), 0);
	ck_assert_uint_eq(mode_of(d), 0777);
	ck_assert_int_eq(as_user(ALICE, ALICE_GROUP, 1, (gid_t[]){TEAM}, set_group_bit, d), 0);
	ck_assert_uint_eq(mode_of(d), 02777);
	sddl_set(d, "D:P(A;;FA;;;WD)(A;;FA;;;SY)");
	ck_assert_uint_eq(mode_of(d), 02777);
}
END_TEST

START_TEST(the_sticky_bit_withholds_deleting_what_is_others)
{
	char *d = share_path(share, "d"), *a = share_path(share, "d/a"),
	     *b = share_path(share, "d/b");

	put_folder(d);
	sddl_set(d, "O:SYG:SYD:P(A;;FA;;;WD)");
	ck_assert_int_eq(as_alice(make, a), 0);
	ck_assert_int_eq(as_bob(make, b), 0);
	ck_assert_int_eq(chmod(d, 01777), 0);
	ck_assert_uint_eq(mode_of(d) & S_ISVTX, S_ISVTX);
	ck_assert_int_eq(as_bob(take_away, a), -EACCES);
	ck_assert_int_eq(as_bob(take_away, b), 0);
	ck_assert_int_eq(chmod(d, 0777), 0);
	ck_assert_int_eq(as_bob(take_away, a), 0);
	ck_assert_int_eq(chmod(d, 01777), 0);
	sddl_set(d, "D:P(A;;FA;;;WD)");
	ck_assert_uint_eq(mode_of(d) & S_ISVTX, 0);
}
END_TEST

START_TEST(a_descriptor_that_no_mode_means_is_judged_as_it_stands)
{
	char *f = share_path(share, "f"), *d = share_path(share, "d"),
	     *in = share_path(share, "d/f");

	put_file(f, "text");
	sddl_set(f, "O:" SID_ALICE "G:SYD:P(A;;FA;;;" SID_ALICE ")(A;;0x3;;;WD)");
	ck_assert_int_eq(as_bob(touch, f), -EACCES);
	ck_assert_int_eq(chmod(f, 0666), 0);
	ck_assert_int_eq(as_bob(touch, f), 0);
	/* who owns may be kept from deleting, in a folder that is not sticky by its mode */
	put_folder(d);
	ck_assert_int_eq(chmod(d, 01777), 0);
	sddl_set(d, "D:P(A;;0x120027;;;WD)");
	put_file(in, "");
	sddl_set(in, "O:" SID_BOB "G:SYD:P(A;;FR;;;WD)");
	ck_assert_int_eq(as_bob(take_away, in), -EACCES);
	ck_assert_int_eq(chmod(d, 01777), 0);
	ck_assert_int_eq(as_bob(take_away, in), 0);
}
END_TEST

START_TEST(inheritance_comes_before_mode_and_umask)
{
	char *d = share_path(share, "d"), *f = share_path(share, "d/f"),
	     *g = share_path(share, "g");

	ck_assert_int_eq(chmod(share_path(share, ""), 0777), 0);
	put_folder(d);
	sddl_set(d, "O:SYG:SYD:P(A;OICI;FA;;;WD)");
	ck_assert_int_eq(as_alice(make_masked, f), 0);
	ck_assert_uint_eq(mode_of(f), 0666);
	ck_assert_int_eq(as_alice(make_masked, g), 0);
	ck_assert_uint_eq(mode_of(g), 0600);
	ck_assert_int_eq(chmod(d, 0777), 0);
	ck_assert_int_eq(unlink(f), 0);
	ck_assert_int_eq(as_alice(make_masked, f), 0);
	ck_assert_uint_eq(mode_of(f), 0600);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("posix model");
	TCase *usual = tcase_create("usual options"), *posix = tcase_create(POSIX_OPTIONS);

	tcase_add_checked_fixture(usual, setup, teardown);
	tcase_add_checked_fixture(posix, setup_posix, teardown);
	tcase_add_test(usual, what_is_made_in_a_folder_with_set_group_id_has_its_group);
	tcase_add_test(usual,
		       set_group_id_stays_when_a_descriptor_is_set_and_is_for_members_to_give);
	tcase_add_test(usual, the_sticky_bit_withholds_deleting_what_is_others);
	tcase_add_test(posix, a_descriptor_that_no_mode_means_is_judged_as_it_stands);
	tcase_add_test(posix, inheritance_comes_before_mode_and_umask);
	suite_add_tcase(suite, usual);
	suite_add_tcase(suite, posix);
	return harness_run(suite);
}
