/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * list=readable: access-based enumeration.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/mount/harness.h"

#define OF_ALICE "O:" SID_ALICE "G:" SID_ALICE_GROUP
#define MANY 500

static struct share *share;

static void make(const char *name, const char *sddl)
{
	char *path = share_path(share, name);

	put_file(path, "text");
	sddl_set(path, sddl);
}

static void open_share(const char *options)
{
	share = share_open(options);
	put_folder(share_path(share, "in"));
	sddl_set(share_path(share, "in"), OF_ALICE "D:(A;;FA;;;WD)");
	make("in/alices", OF_ALICE "D:(A;;FA;;;" SID_ALICE ")");
	make("in/everybodys", OF_ALICE "D:(A;;FA;;;WD)");
	make("in/dropbox", OF_ALICE "D:(A;;FA;;;" SID_ALICE ")(A;;0x100196;;;" SID_BOB ")");
	put_folder(share_path(share, "in/folder"));
	sddl_set(share_path(share, "in/folder"), OF_ALICE "D:(A;;FA;;;" SID_ALICE ")");
}

static void setup(void)
{
	open_share("list=readable");
}

static void teardown(void)
{
	share_close(share);
}

struct wish {
	const char *name;
	bool stat; /* ask for attributes, too, as ls -l does */
};

/* Is the name in the folder listed?  1, 0, -errno. */
static int lists(void *arg)
{
	const struct wish *wish = arg;
	DIR *folder = opendir(share_path(share, "in"));
	const struct dirent *entry;
	struct stat st;
	int found = 0;

	if (!folder)
		return -errno;
	errno = 0;
	while ((entry = readdir(folder))) {
		found += strcmp(entry->d_name, wish->name) == 0;
		if (wish->stat)
			(void)fstatat(dirfd(folder), entry->d_name, &st, AT_SYMLINK_NOFOLLOW);
		errno = 0;
	}
	if (errno)
		found = -errno;
	closedir(folder);
	return found;
}

static void check(const char *name, int alice, int bob)
{
	for (int i = 0; i < 4; i++) {
		struct wish wish = {name, i % 2};

		ck_assert_msg(as_alice(lists, &wish) == alice, "%s, for alice", name);
		ck_assert_msg(as_bob(lists, &wish) == bob, "%s, for bob", name);
	}
}

START_TEST(what_cannot_be_read_is_not_listed)
{
	check(".", 1, 1);
	check("..", 1, 1);
	check("everybodys", 1, 1);
	check("alices", 1, 0);
	check("folder", 1, 0);
	check("dropbox", 1, 0);
	sddl_set(share_path(share, "in/alices"), OF_ALICE "D:(A;;FR;;;" SID_BOB ")");
	check("alices", 0, 1);
}
END_TEST

START_TEST(root_sees_all)
{
	struct wish wish = {"folder", false};

	ck_assert_int_eq(lists(&wish), 1);
}
END_TEST

static int write_it(void *arg)
{
	int fd = open(arg, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -errno : close(fd);
}

START_TEST(what_is_not_listed_can_be_opened_for_what_is_allowed)
{
	check("dropbox", 1, 0);
	ck_assert_int_eq(as_bob(write_it, share_path(share, "in/dropbox")), 0);
	ck_assert_int_eq(as_bob(write_it, share_path(share, "in/alices")), -EACCES);
}
END_TEST

static int count_all(void *unused)
{
	DIR *folder = opendir(share_path(share, "in"));
	int count = 0;

	while (folder && readdir(folder))
		count++;
	if (folder)
		closedir(folder);
	return count;
}

/* One buffer of the kernel's does not hold them, and whole buffers of them are hidden. */
START_TEST(a_long_listing_is_whole)
{
	char name[32];
	int before = as_bob(count_all, NULL);

	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "in/%s-%d", i < MANY / 2 ? "hidden" : "shown", i);
		make(name, i < MANY / 2 ? OF_ALICE "D:(A;;FA;;;" SID_ALICE ")"
					: OF_ALICE "D:(A;;FA;;;WD)");
	}
	ck_assert_int_eq(as_bob(count_all, NULL), before + MANY / 2);
	ck_assert_int_eq(as_alice(count_all, NULL), before + 3 + MANY);
}
END_TEST

START_TEST(without_the_option_all_is_listed)
{
	share_close(share);
	open_share(NULL);
	check("alices", 1, 1);
	check("dropbox", 1, 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("list");
	TCase *tests = tcase_create("list");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, what_cannot_be_read_is_not_listed);
	tcase_add_test(tests, root_sees_all);
	tcase_add_test(tests, what_is_not_listed_can_be_opened_for_what_is_allowed);
	tcase_add_test(tests, a_long_listing_is_whole);
	tcase_add_test(tests, without_the_option_all_is_listed);
	suite_add_tcase(suite, tests);
	return harness_run(suite);
}
