/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * POSIX ACLs that are set through a mount: who gains and loses access by them, what they leave of
 * a descriptor, and what getfacl(1) shows then.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <acl/libacl.h>
#include <sys/acl.h>

#include "tests/mount/harness.h"

#define OF_ALICE "O:" SID_ALICE "G:" SID_ALICE_GROUP
#define ACCESS "system.posix_acl_access"
#define DEFAULT "system.posix_acl_default"

static struct share *share;
static const char *file, *folder;

static void begin(const char *options)
{
	share = share_open(options);
	sddl_set(share_path(share, ""), "D:P(A;;FRFX;;;WD)");
	file = share_path(share, "file");
	put_file(file, "text");
	sddl_set(file, OF_ALICE "D:P(A;;FA;;;" SID_ALICE ")");
	folder = share_path(share, "folder");
	put_folder(folder);
	sddl_set(folder, OF_ALICE "D:P(A;OICI;FA;;;" SID_ALICE ")");
}

static void setup(void)
{
	begin(NULL);
}

static void setup_replace(void)
{
	begin("chmod=replace,create-mode=posix");
}

static void setup_ignore(void)
{
	begin("chmod=ignore");
}

static void setup_deny(void)
{
	begin("chmod=deny");
}

static void teardown(void)
{
	share_close(share);
}

/* setfacl(1): @text is "-" to take the ACL away. */
struct setting {
	const char *path, *text;
	acl_type_t type;
};

static int set_acl(void *arg)
{
	const struct setting *setting = arg;
	struct stat st;
	acl_t acl;
	int result;

	/* the kernel itself lets only the owner set one, whom it knows by then */
	if (stat(setting->path, &st) < 0)
		return -errno;
	if (!strcmp(setting->text, "-"))
		return removexattr(setting->path,
				   setting->type == ACL_TYPE_ACCESS ? ACCESS : DEFAULT) < 0
			       ? -errno
			       : 0;
	acl = acl_from_text(setting->text);
	result = acl && acl_set_file(setting->path, setting->type, acl) == 0 ? 0 : -errno;
	if (acl)
		acl_free(acl);
	return result;
}

static int alice_sets(const char *path, acl_type_t type, const char *text)
{
	return as_alice(set_acl, &(struct setting){path, text, type});
}

static void must_set(const char *path, acl_type_t type, const char *text)
{
	int err = alice_sets(path, type, text);

	ck_assert_msg(err == 0, "%s: %s: %s", path, text, strerror(-err));
}

/* What getfacl(1) shows, in short, as root.  Valid until the next call. */
static const char *shown(const char *path, acl_type_t type)
{
	static char text[1024];
	acl_t acl = acl_get_file(path, type);
	char *made =
		acl ? acl_to_any_text(acl, NULL, ',', TEXT_ABBREVIATE | TEXT_NUMERIC_IDS) : NULL;

	ck_assert_msg(made != NULL, "%s: %s", path, strerror(errno));
	snprintf(text, sizeof(text), "%s", made);
	acl_free(made);
	acl_free(acl);
	return text;
}

struct opening {
	const char *path;
	int flags;
};

static int try_open(void *arg)
{
	const struct opening *opening = arg;
	int fd = open(opening->path, opening->flags | O_CLOEXEC, 0666);

	return fd < 0 ? -errno : close(fd);
}

static int bob_opens(const char *path, int flags)
{
	return as_bob(try_open, &(struct opening){path, flags});
}

static void alice_makes(const char *path)
{
	ck_assert_int_eq(as_alice(try_open, &(struct opening){path, O_WRONLY | O_CREAT | O_EXCL}),
			 0);
}

START_TEST(who_is_named_gains_access_and_loses_it_again)
{
	ck_assert_int_eq(bob_opens(file, O_RDONLY), -EACCES);
	must_set(file, ACL_TYPE_ACCESS, "u::rw,u:64002:r,g::-,m::r,o::-");
	ck_assert_int_eq(bob_opens(file, O_RDONLY), 0);
	ck_assert_int_eq(bob_opens(file, O_RDWR), -EACCES);
	ck_assert_str_eq(shown(file, ACL_TYPE_ACCESS), "u::rw-,u:64002:r--,g::---,m::r--,o::---");
	must_set(file, ACL_TYPE_ACCESS, "u::rw,u:64002:rw,g::-,m::rw,o::-");
	ck_assert_int_eq(bob_opens(file, O_RDWR), 0);
	/* not a chmod(2), which would leave who is named what the group has */
	must_set(file, ACL_TYPE_ACCESS, "u::rw,g::r,o::-");
	ck_assert_int_eq(bob_opens(file, O_RDONLY), -EACCES);
	ck_assert_str_eq(shown(file, ACL_TYPE_ACCESS), "u::rw-,g::r--,o::---");
}
END_TEST

START_TEST(it_is_shown_as_it_was_set_on_the_mount_and_behind_it)
{
	const char *text = "u::rw-,u:64002:rwx,g::r-x,g:64201:-w-,m::r--,o::---";

	must_set(file, ACL_TYPE_ACCESS, text);
	ck_assert_str_eq(shown(file, ACL_TYPE_ACCESS), text);
	ck_assert_str_eq(shown(share_behind(share, "file"), ACL_TYPE_ACCESS), text);
	ck_assert_int_eq(bob_opens(file, O_RDONLY), 0);
	ck_assert_int_eq(bob_opens(file, O_RDWR), -EACCES);
	ck_assert_int_eq(bob_opens(share_behind(share, "file"), O_RDWR), -EACCES);
}
END_TEST

START_TEST(an_empty_mask_opens_nothing_to_who_is_named_behind_the_mount)
{
	/* Linux looks at no list with such a mask, and who is named would be "other" */
	must_set(file, ACL_TYPE_ACCESS, "u::rw,u:64002:r,g::-,m::-,o::r");
	ck_assert_int_eq(bob_opens(file, O_RDONLY), -EACCES);
	ck_assert_int_eq(bob_opens(share_behind(share, "file"), O_RDONLY), -EACCES);
}
END_TEST

START_TEST(what_was_inherited_goes)
{
	const char *child = share_path(share, "folder/child");

	sddl_set(folder, OF_ALICE "D:P(A;OICI;FA;;;" SID_ALICE ")(A;OICI;FA;;;WD)");
	alice_makes(child);
	ck_assert_int_eq(bob_opens(child, O_RDWR), 0);
	must_set(child, ACL_TYPE_ACCESS, "u::rw,u:64003:r,g::-,m::r,o::-");
	ck_assert_int_eq(bob_opens(child, O_RDONLY), -EACCES);
	ck_assert_ptr_nonnull(strstr(sddl_get(child), "D:P(A;"));
	/* what the folder hands on is another matter */
	must_set(folder, ACL_TYPE_ACCESS, "u::rwx,u:64003:rx,g::-,m::rx,o::-");
	ck_assert_ptr_nonnull(strstr(sddl_get(folder), "(A;OICIIO;FA;;;WD)"));
}
END_TEST

/* Programs that copy set an ACL that says no more than a mode on all they copy. */
START_TEST(what_says_no_more_than_a_mode_is_a_chmod)
{
	const char *child = share_path(share, "folder/child");

	sddl_set(folder, OF_ALICE "D:P(A;OICI;FA;;;" SID_ALICE ")(A;OICI;FR;;;" SID_BOB
				  ")(A;OICI;FA;;;SY)");
	alice_makes(child);
	must_set(child, ACL_TYPE_ACCESS, "u::rw,g::r,o::-");
	ck_assert_int_eq(bob_opens(child, O_RDONLY), 0);
	must_set(child, ACL_TYPE_ACCESS, "u::rw,g::-,o::-");
	ck_assert_int_eq(bob_opens(child, O_RDONLY), -EACCES);
	must_set(child, ACL_TYPE_ACCESS, "u::rw,g::r,o::r");
	ck_assert_int_eq(bob_opens(child, O_RDONLY), 0);
	/* nor is there a default ACL to take away */
	ck_assert_int_eq(alice_sets(folder, ACL_TYPE_DEFAULT, "-"), 0);
	ck_assert_ptr_nonnull(strstr(sddl_get(folder), "(A;OICI;FR;;;" SID_BOB ")"));
}
END_TEST

START_TEST(a_default_acl_is_handed_on_until_it_is_taken_away)
{
	const char *before = share_path(share, "folder/before");
	const char *during = share_path(share, "folder/during");
	const char *after = share_path(share, "folder/after");
	const char *text = "u::rwx,u:64002:rw-,g::---,m::rw-,o::---";

	sddl_set(folder, OF_ALICE "D:P(A;OICI;FA;;;" SID_ALICE ")(A;OICI;FX;;;WD)");
	alice_makes(before);
	must_set(folder, ACL_TYPE_DEFAULT, text);
	ck_assert_str_eq(shown(folder, ACL_TYPE_DEFAULT), text);
	alice_makes(during);
	ck_assert_int_eq(bob_opens(before, O_RDONLY), -EACCES);
	ck_assert_int_eq(bob_opens(during, O_RDWR), 0);
	/* it says nothing of the folder itself */
	ck_assert_int_eq(bob_opens(folder, O_RDONLY | O_DIRECTORY), -EACCES);
	must_set(folder, ACL_TYPE_DEFAULT, "-");
	ck_assert_str_eq(shown(folder, ACL_TYPE_DEFAULT), "");
	alice_makes(after);
	ck_assert_int_eq(bob_opens(after, O_RDONLY), -EACCES);
	ck_assert_int_eq(bob_opens(during, O_RDWR), 0);
}
END_TEST

START_TEST(a_default_acl_is_shown_only_while_it_is_what_is_handed_on)
{
	must_set(folder, ACL_TYPE_DEFAULT, "u::rwx,u:64002:rwx,g::-,m::rwx,o::-");
	ck_assert_int_gt(strlen(shown(folder, ACL_TYPE_DEFAULT)), 0);
	sddl_set(folder, OF_ALICE "D:P(A;OICI;FA;;;" SID_ALICE ")");
	ck_assert_str_eq(shown(folder, ACL_TYPE_DEFAULT), "");
}
END_TEST

static int make_private(void *arg)
{
	return chmod(arg, 0700) < 0 ? -errno : 0;
}

START_TEST(chmod_leaves_a_default_acl_alone)
{
	const char *text = "u::rwx,u:64002:rwx,g::---,m::rwx,o::r--";

	must_set(folder, ACL_TYPE_DEFAULT, text);
	ck_assert_int_eq(as_alice(make_private, (void *)(uintptr_t)folder), 0);
	ck_assert_str_eq(shown(folder, ACL_TYPE_DEFAULT), text);
}
END_TEST

/* A folder behind the mount and one in it, both alice's, without a descriptor. */
START_TEST(without_a_descriptor_it_is_the_backing_objects)
{
	const char *text = "u::rwx,u:64002:r-x,g::r-x,m::r-x,o::---";
	const char *plain = share_behind(share, "plain");
	char value[64];

	put_folder(plain);
	ck_assert_int_eq(chown(plain, ALICE, TEAM), 0);
	ck_assert_int_eq(chmod(plain, 02750), 0);
	must_set(share_path(share, "plain"), ACL_TYPE_ACCESS, text);
	must_set(share_path(share, "plain"), ACL_TYPE_DEFAULT, text);
	ck_assert_str_eq(shown(plain, ACL_TYPE_ACCESS), text);
	ck_assert_str_eq(shown(plain, ACL_TYPE_DEFAULT), text);
	ck_assert_int_lt(getxattr(plain, "security.NTACL", value, sizeof(value)), 0);
	ck_assert_int_eq(bob_opens(share_path(share, "plain"), O_RDONLY | O_DIRECTORY), 0);
	must_set(share_path(share, "plain"), ACL_TYPE_ACCESS, "-");
	must_set(share_path(share, "plain"), ACL_TYPE_DEFAULT, "-");
	ck_assert_int_eq(getxattr(plain, ACCESS, NULL, 0), -1);
	ck_assert_int_eq(getxattr(plain, DEFAULT, NULL, 0), -1);
}
END_TEST

static mode_t mode_of(const char *path)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void check_setgid(const char *name)
{
	const char *path = share_path(share, name), *text = "u::rwx,u:64002:rx,g::rx,m::rx,o::-";
	const gid_t team = TEAM;
	struct setting setting = {path, text, ACL_TYPE_ACCESS};

	ck_assert_uint_eq(mode_of(path) & S_ISGID, S_ISGID);
	ck_assert_int_eq(as_user(ALICE, ALICE_GROUP, 1, &team, set_acl, &setting), 0);
	ck_assert_uint_eq(mode_of(path) & S_ISGID, S_ISGID);
	must_set(path, ACL_TYPE_DEFAULT, text);
	ck_assert_uint_eq(mode_of(path) & S_ISGID, S_ISGID);
	must_set(path, ACL_TYPE_ACCESS, text);
	ck_assert_uint_eq(mode_of(path) & S_ISGID, 0);
}

START_TEST(set_group_id_stays_for_members_and_goes_for_others)
{
	const char *plain = share_behind(share, "plain");

	put_folder(plain);
	ck_assert_int_eq(chown(plain, ALICE, TEAM), 0);
	ck_assert_int_eq(chmod(plain, 02750), 0);
	check_setgid("plain");
	sddl_set(folder, "G:" SID_TEAM);
	ck_assert_int_eq(chmod(folder, 02770), 0);
	check_setgid("folder");
}
END_TEST

START_TEST(it_takes_the_right_to_change_the_dacl)
{
	const char *text = "u::rw,u:64002:rw,g::-,m::rw,o::-";

	sddl_set(file, OF_ALICE "D:P(A;;FRFW;;;" SID_ALICE ")(A;;FR;;;OW)");
	ck_assert_int_eq(alice_sets(file, ACL_TYPE_ACCESS, text), -EPERM);
	ck_assert_int_eq(bob_opens(file, O_RDONLY), -EACCES);
	ck_assert_int_eq(as_bob(set_acl, &(struct setting){file, text, ACL_TYPE_ACCESS}), -EPERM);
	sddl_set(folder, OF_ALICE "D:P(A;OICI;FR;;;OW)");
	ck_assert_int_eq(alice_sets(folder, ACL_TYPE_DEFAULT, text), -EPERM);
	ck_assert_int_eq(alice_sets(folder, ACL_TYPE_DEFAULT, "-"), -EPERM);
}
END_TEST

static int set_raw(void *arg)
{
	struct stat st;

	if (stat(file, &st) < 0)
		return -errno;
	return setxattr(file, ACCESS, arg, 12, 0) < 0 ? -errno : 0;
}

START_TEST(what_is_no_acl_is_refused_and_changes_nothing)
{
	char before[2048];

	snprintf(before, sizeof(before), "%s", sddl_get(file));
	ck_assert_int_eq(as_alice(set_raw, (char[12]){2, 0, 0, 0, 1, 0, 7, 0}), -EINVAL);
	ck_assert_int_eq(as_alice(set_raw, (char[12]){3}), -EOPNOTSUPP);
	ck_assert_int_eq(alice_sets(file, ACL_TYPE_DEFAULT, "u::rw,g::-,o::-"), -EACCES);
	ck_assert_str_eq(sddl_get(file), before);
}
END_TEST

START_TEST(chmod_replace_changes_the_mask_and_leaves_the_names)
{
	must_set(file, ACL_TYPE_ACCESS, "u::rw,u:64002:rw,g::-,m::rw,o::-");
	ck_assert_int_eq(as_alice(make_private, (void *)(uintptr_t)file), 0);
	ck_assert_int_eq(bob_opens(file, O_RDONLY), -EACCES);
	ck_assert_str_eq(shown(file, ACL_TYPE_ACCESS), "u::rwx,u:64002:rw-,g::---,m::---,o::---");
	ck_assert_int_eq(chmod(file, 0660), 0);
	ck_assert_int_eq(bob_opens(file, O_RDWR), 0);
	/* what looks like the group's is the mask */
	ck_assert_str_eq(shown(file, ACL_TYPE_ACCESS), "u::rw-,u:64002:rw-,g::---,m::rw-,o::---");
}
END_TEST

START_TEST(chmod_replace_says_of_a_mode_what_it_means)
{
	must_set(file, ACL_TYPE_ACCESS, "u::rw,g::-,o::r");
	ck_assert_int_eq(bob_opens(file, O_RDONLY), 0);
	must_set(file, ACL_TYPE_ACCESS, "u::rw,g::-,o::-");
	ck_assert_int_eq(bob_opens(file, O_RDONLY), -EACCES);
}
END_TEST

START_TEST(chmod_ignore_takes_it_and_does_nothing)
{
	must_set(file, ACL_TYPE_ACCESS, "u::rw,u:64002:rw,g::-,m::rw,o::-");
	must_set(folder, ACL_TYPE_DEFAULT, "u::rw,u:64002:rw,g::-,m::rw,o::-");
	ck_assert_int_eq(bob_opens(file, O_RDONLY), -EACCES);
	ck_assert_str_eq(shown(folder, ACL_TYPE_DEFAULT), "");
}
END_TEST

START_TEST(chmod_deny_refuses_it)
{
	ck_assert_int_eq(alice_sets(file, ACL_TYPE_ACCESS, "u::rw,u:64002:rw,g::-,m::rw,o::-"),
			 -EPERM);
	ck_assert_int_eq(bob_opens(file, O_RDONLY), -EACCES);
}
END_TEST

static void add_case(Suite *suite, const char *name, void (*begins)(void),
		     const TTest *const *tests)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, begins, teardown);
	for (; *tests; tests++)
		tcase_add_test(tcase, *tests);
	suite_add_tcase(suite, tcase);
}

int main(void)
{
	const TTest *const both[] = {
		who_is_named_gains_access_and_loses_it_again,
		it_is_shown_as_it_was_set_on_the_mount_and_behind_it,
		an_empty_mask_opens_nothing_to_who_is_named_behind_the_mount,
		what_was_inherited_goes,
		a_default_acl_is_shown_only_while_it_is_what_is_handed_on,
		chmod_leaves_a_default_acl_alone,
		without_a_descriptor_it_is_the_backing_objects,
		set_group_id_stays_for_members_and_goes_for_others,
		it_takes_the_right_to_change_the_dacl,
		what_is_no_acl_is_refused_and_changes_nothing,
		NULL,
	};
	const TTest *const mask[] = {what_says_no_more_than_a_mode_is_a_chmod,
				     a_default_acl_is_handed_on_until_it_is_taken_away, NULL};
	const TTest *const replace[] = {chmod_replace_changes_the_mask_and_leaves_the_names,
					chmod_replace_says_of_a_mode_what_it_means, NULL};
	const TTest *const ignore[] = {chmod_ignore_takes_it_and_does_nothing, NULL};
	const TTest *const deny[] = {chmod_deny_refuses_it, NULL};
	Suite *suite = suite_create("acl");

	add_case(suite, "mask", setup, both);
	add_case(suite, "mask alone", setup, mask);
	add_case(suite, "replace", setup_replace, both + 1);
	add_case(suite, "replace alone", setup_replace, replace);
	add_case(suite, "ignore", setup_ignore, ignore);
	add_case(suite, "deny", setup_deny, deny);
	return harness_run(suite);
}
