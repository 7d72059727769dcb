/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * on-move=inherit: what goes to another folder has what that one hands on, and nobody gains by
 * moving what is not his to change.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/mount/harness.h"

#define OF_ALICE "O:" SID_ALICE "G:" SID_ALICE_GROUP
#define FULL_ALICE "(A;OICI;FA;;;" SID_ALICE ")"

static struct share *share;
static const char *here, *there, *file, *moved;

/* All may read what is made here; what is made there only alice and bob. */
static void begin(const char *options)
{
	share = share_open(options);
	sddl_set(share_path(share, ""), "D:P(A;;FRFX;;;WD)");
	here = share_path(share, "here");
	there = share_path(share, "there");
	put_folder(here);
	put_folder(there);
	sddl_set(here, OF_ALICE "D:PARAI" FULL_ALICE "(A;OICI;FR;;;WD)");
	sddl_set(there, OF_ALICE "D:PARAI" FULL_ALICE "(A;OICI;FRFW;;;" SID_BOB ")");
	file = share_path(share, "here/file");
	moved = share_path(share, "there/file");
}

static void setup(void)
{
	begin("on-move=inherit");
}

static void setup_keep(void)
{
	begin(NULL);
}

static void teardown(void)
{
	share_close(share);
}

struct opening {
	const char *path;
	int flags;
	mode_t mode;
};

static int try_open(void *arg)
{
	const struct opening *opening = arg;
	int fd;

	umask(0);
	fd = open(opening->path, opening->flags | O_CLOEXEC, opening->mode);
	return fd < 0 ? -errno : close(fd);
}

static void alice_makes(const char *path, mode_t mode)
{
	struct opening opening = {path, O_WRONLY | O_CREAT | O_EXCL, mode};

	ck_assert_int_eq(as_alice(try_open, &opening), 0);
}

static int make_folder(void *arg)
{
	return mkdir(arg, 0777) < 0 ? -errno : 0;
}

static int bob_opens(const char *path, int flags)
{
	return as_bob(try_open, &(struct opening){path, flags, 0});
}

/* Somebody who is nobody here. */
static int stranger_opens(const char *path, int flags)
{
	return as_user(64009, 64009, 0, NULL, try_open, &(struct opening){path, flags, 0});
}

struct names {
	const char *from, *to;
	unsigned int flags;
};

static int move(void *arg)
{
	const struct names *names = arg;

	return renameat2(AT_FDCWD, names->from, AT_FDCWD, names->to, names->flags) < 0 ? -errno : 0;
}

static int alice_moves(const char *from, const char *to)
{
	return as_alice(move, &(struct names){from, to, 0});
}

static bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

START_TEST(what_was_inherited_is_inherited_anew)
{
	alice_makes(file, 0666);
	ck_assert_int_eq(stranger_opens(file, O_RDONLY), 0);
	ck_assert_int_eq(alice_moves(file, moved), 0);
	ck_assert_int_eq(stranger_opens(moved, O_RDONLY), -EACCES);
	ck_assert_int_eq(stranger_opens(share_behind(share, "there/file"), O_RDONLY), -EACCES);
	ck_assert_int_eq(bob_opens(moved, O_RDWR), 0);
	ck_assert_ptr_nonnull(strstr(sddl_get(moved), "(A;ID;FA;;;" SID_ALICE ")"));
	ck_assert_int_eq(alice_moves(moved, file), 0);
	ck_assert_int_eq(stranger_opens(file, O_RDONLY), 0);
	ck_assert_int_eq(bob_opens(file, O_RDWR), -EACCES);
}
END_TEST

START_TEST(without_marks_too_if_the_folder_gave_it)
{
	sddl_set(here, OF_ALICE "D:P" FULL_ALICE "(A;OICI;FR;;;WD)");
	alice_makes(file, 0666);
	ck_assert_ptr_null(strstr(sddl_get(file), ";ID;"));
	ck_assert_int_eq(alice_moves(file, moved), 0);
	ck_assert_int_eq(stranger_opens(moved, O_RDONLY), -EACCES);
	ck_assert_int_eq(bob_opens(moved, O_RDWR), 0);
}
END_TEST

START_TEST(what_is_its_own_stays)
{
	alice_makes(file, 0666);
	sddl_set(file, "D:ARAI(A;;FX;;;WD)(A;ID;FA;;;" SID_ALICE ")(A;ID;FR;;;WD)");
	ck_assert_int_eq(alice_moves(file, moved), 0);
	ck_assert_ptr_nonnull(strstr(sddl_get(moved), "D:AI(A;;FX;;;WD)(A;ID;FA"));
	ck_assert_int_eq(stranger_opens(moved, O_RDONLY), -EACCES);
	ck_assert_int_eq(alice_moves(moved, file), 0);
	/* a protected DACL, and one that never was inherited */
	sddl_set(file, "D:PARAI(A;ID;FA;;;" SID_ALICE ")(A;ID;FR;;;WD)");
	ck_assert_int_eq(alice_moves(file, moved), 0);
	ck_assert_int_eq(stranger_opens(moved, O_RDONLY), 0);
	sddl_set(moved, "D:(A;;FA;;;" SID_ALICE ")(A;;FX;;;WD)");
	ck_assert_int_eq(alice_moves(moved, file), 0);
	ck_assert_int_eq(stranger_opens(file, O_RDONLY), -EACCES);
}
END_TEST

START_TEST(a_name_in_the_same_folder_changes_nothing)
{
	char before[1024];

	alice_makes(file, 0666);
	sddl_set(here, "D:PARAI" FULL_ALICE);
	snprintf(before, sizeof(before), "%s", sddl_get(file));
	ck_assert_int_eq(alice_moves(file, share_path(share, "here/other")), 0);
	ck_assert_str_eq(sddl_get(share_path(share, "here/other")), before);
}
END_TEST

/* bob may take away what lies here, but it is not his to say who reads it. */
START_TEST(nobody_gains_by_moving_what_he_may_not_change)
{
	const char *own = share_path(share, "bobs");

	put_folder(own);
	sddl_set(own, "O:" SID_BOB "G:" SID_BOB_GROUP "D:PARAI(A;OICI;FA;;;WD)");
	sddl_set(here, OF_ALICE "D:PARAI" FULL_ALICE "(A;;FA;;;" SID_BOB ")");
	alice_makes(file, 0666);
	ck_assert_int_eq(bob_opens(file, O_RDONLY), -EACCES);
	ck_assert_int_eq(as_bob(move, &(struct names){file, share_path(share, "bobs/file"), 0}),
			 -EXDEV);
	ck_assert_int_eq(bob_opens(file, O_RDONLY), -EACCES);
	ck_assert(!exists(share_path(share, "bobs/file")));
	/* where nothing changes he may */
	sddl_set(own, "O:" SID_BOB "G:" SID_BOB_GROUP "D:PARAI" FULL_ALICE "(A;;FA;;;WD)");
	ck_assert_int_eq(as_bob(move, &(struct names){file, share_path(share, "bobs/file"), 0}), 0);
	ck_assert_int_eq(bob_opens(share_path(share, "bobs/file"), O_RDONLY), -EACCES);
}
END_TEST

START_TEST(audit_entries_and_labels_stay)
{
	alice_makes(file, 0666);
	sddl_set(file, "S:ARAI(AU;IDSAFA;FA;;;WD)(ML;ID;NW;;;ME)");
	ck_assert_int_eq(alice_moves(file, moved), 0);
	ck_assert_ptr_nonnull(strstr(sddl_get(moved), "(AU;IDSAFA;FA;;;WD)(ML;ID;NW;;;ME)"));
	ck_assert_int_eq(stranger_opens(moved, O_RDONLY), -EACCES);
}
END_TEST

START_TEST(an_empty_folder_goes_and_a_full_one_is_copied)
{
	const char *folder = share_path(share, "here/folder");
	const char *target = share_path(share, "there/folder");
	const char *words[] = {"mv", folder, there, NULL};

	ck_assert_int_eq(as_alice(make_folder, (void *)(uintptr_t)folder), 0);
	ck_assert_int_eq(alice_moves(folder, target), 0);
	ck_assert_int_eq(bob_opens(target, O_RDONLY | O_DIRECTORY), 0);
	ck_assert_int_eq(stranger_opens(target, O_RDONLY | O_DIRECTORY), -EACCES);
	ck_assert_int_eq(alice_moves(target, folder), 0);
	alice_makes(share_path(share, "here/folder/inner"), 0666);
	ck_assert_int_eq(alice_moves(folder, target), -EXDEV);
	ck_assert(exists(share_path(share, "here/folder/inner")) && !exists(target));
	ck_assert_int_eq(stranger_opens(folder, O_RDONLY | O_DIRECTORY), 0);
	ck_assert_int_eq(run_program(words), 0);
	ck_assert(!exists(folder));
	ck_assert_int_eq(stranger_opens(share_path(share, "there/folder/inner"), O_RDONLY),
			 -EACCES);
}
END_TEST

START_TEST(a_full_folder_that_is_its_own_goes)
{
	const char *folder = share_path(share, "here/folder");

	ck_assert_int_eq(as_alice(make_folder, (void *)(uintptr_t)folder), 0);
	sddl_set(folder, "D:P" FULL_ALICE "(A;OICI;FR;;;WD)");
	alice_makes(share_path(share, "here/folder/inner"), 0666);
	ck_assert_int_eq(alice_moves(folder, share_path(share, "there/folder")), 0);
	ck_assert_int_eq(stranger_opens(share_path(share, "there/folder/inner"), O_RDONLY), 0);
}
END_TEST

START_TEST(a_file_with_two_names_is_copied)
{
	alice_makes(file, 0666);
	ck_assert_int_eq(link(file, share_path(share, "here/second")), 0);
	ck_assert_int_eq(alice_moves(file, moved), -EXDEV);
	ck_assert_int_eq(stranger_opens(file, O_RDONLY), 0);
	/* to another name of the same file nothing goes */
	ck_assert_int_eq(link(file, moved), 0);
	ck_assert_int_eq(alice_moves(file, moved), 0);
	ck_assert(exists(file) && exists(moved));
	ck_assert_int_eq(stranger_opens(moved, O_RDONLY), 0);
}
END_TEST

START_TEST(what_a_mode_made_private_stays_private)
{
	alice_makes(file, 0600);
	ck_assert_int_eq(stranger_opens(file, O_RDONLY), -EACCES);
	ck_assert_int_eq(alice_moves(file, moved), 0);
	ck_assert_int_eq(bob_opens(moved, O_RDONLY), -EACCES);
	/* a chmod(2) brings back what the new folder gives, not the old one */
	ck_assert_int_eq(chmod(moved, 0666), 0);
	ck_assert_int_eq(bob_opens(moved, O_RDWR), 0);
	ck_assert_int_eq(stranger_opens(moved, O_RDONLY), -EACCES);
}
END_TEST

static mode_t shown_mode(const char *path)
{
	struct statx stx;

	ck_assert_int_eq(statx(AT_FDCWD, path, AT_STATX_SYNC_AS_STAT, STATX_MODE, &stx), 0);
	return stx.stx_mode & 0777;
}

/* Of what everybody may know the kernel keeps what it was told. */
START_TEST(the_new_mode_shows_at_once)
{
	sddl_set(here, OF_ALICE "D:PARAI" FULL_ALICE "(A;OICI;FR;;;WD)(A;OICI;FR;;;AN)");
	alice_makes(file, 0666);
	ck_assert_uint_eq(shown_mode(file), 0644);
	ck_assert_int_eq(alice_moves(file, moved), 0);
	ck_assert_uint_eq(shown_mode(moved), 0660);
}
END_TEST

START_TEST(both_inherit_when_they_are_exchanged)
{
	struct names names = {file, moved, RENAME_EXCHANGE};

	alice_makes(file, 0666);
	alice_makes(moved, 0666);
	ck_assert_int_eq(as_alice(move, &names), 0);
	ck_assert_int_eq(stranger_opens(file, O_RDONLY), 0);
	ck_assert_int_eq(bob_opens(file, O_RDWR), -EACCES);
	ck_assert_int_eq(stranger_opens(moved, O_RDONLY), -EACCES);
	ck_assert_int_eq(bob_opens(moved, O_RDWR), 0);
}
END_TEST

START_TEST(what_cannot_go_has_what_it_had)
{
	const char *folder = share_path(share, "here/folder");
	const char *target = share_path(share, "there/folder");
	char before[1024];

	ck_assert_int_eq(as_alice(make_folder, (void *)(uintptr_t)folder), 0);
	ck_assert_int_eq(as_alice(make_folder, (void *)(uintptr_t)target), 0);
	alice_makes(share_path(share, "there/folder/inner"), 0666);
	snprintf(before, sizeof(before), "%s", sddl_get(folder));
	ck_assert_int_eq(alice_moves(folder, target), -ENOTEMPTY);
	ck_assert_str_eq(sddl_get(folder), before);
}
END_TEST

static int change_mode(void *arg)
{
	const struct opening *opening = arg;

	return chmod(opening->path, opening->mode) < 0 ? -errno : 0;
}

START_TEST(what_could_not_go_widens_to_no_more_than_before)
{
	const char *folder = share_path(share, "here/folder");
	const char *target = share_path(share, "there/folder");
	char before[1024];

	ck_assert_int_eq(as_alice(make_folder, (void *)(uintptr_t)folder), 0);
	ck_assert_int_eq(as_alice(make_folder, (void *)(uintptr_t)target), 0);
	alice_makes(share_path(share, "there/folder/inner"), 0666);
	snprintf(before, sizeof(before), "%s", sddl_get(folder));
	ck_assert_int_eq(as_alice(change_mode, &(struct opening){folder, 0, 0700}), 0);
	ck_assert_int_eq(alice_moves(folder, target), -ENOTEMPTY);
	ck_assert_int_eq(as_alice(change_mode, &(struct opening){folder, 0, 0777}), 0);
	ck_assert_str_eq(sddl_get(folder), before);
}
END_TEST

/* Swaps the two names behind the mount until it is killed. */
static pid_t start_swapping(const char *one, const char *other)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE);
	ck_assert_int_gt(pid, 0);
	return pid;
}

/* Who may remove a file, also behind the mount, gives its name to another while it goes. */
START_TEST(only_what_was_judged_inherits)
{
	const char *pub = share_path(share, "pub"), *his = share_path(share, "pub/his");
	const char *mine = share_path(share, "pub/mine"), *gone = share_path(share, "there/mine");
	const char *behind = share_behind(share, "pub/mine");
	const char *gone_behind = share_behind(share, "there/mine");
	pid_t pid;

	put_folder(pub);
	sddl_set(pub, "O:SYG:SYD:PARAI" FULL_ALICE "(A;;FA;;;" SID_BOB ")");
	put_file(his, "his");
	put_file(mine, "mine");
	sddl_set(mine, OF_ALICE "D:ARAI(A;ID;FA;;;" SID_ALICE ")");
	sddl_set(his, "O:" SID_BOB "G:" SID_BOB_GROUP "D:ARAI(A;ID;FA;;;" SID_BOB ")");
	pid = start_swapping(behind, share_behind(share, "pub/his"));
	for (int i = 0; i < 1000; i++) {
		alice_moves(mine, gone);
		/* what has gone comes back behind the mount */
		rename(gone_behind, behind);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	/* "there" hands both on: who has the one has not been given to the other */
	for (int i = 0; i < 2; i++) {
		const char *sddl = sddl_get(i ? mine : his);

		if (strncmp(sddl, "O:" SID_BOB, strlen("O:" SID_BOB)) == 0)
			ck_assert_msg(!strstr(sddl, SID_ALICE), "%s", sddl);
	}
}
END_TEST

static bool is_stored(const char *name)
{
	return getxattr(share_behind(share, name), "security.NTACL", NULL, 0) > 0;
}

static void plain_file(const char *name, mode_t mode)
{
	put_file(share_behind(share, name), "plain");
	ck_assert_int_eq(chown(share_behind(share, name), ALICE, ALICE_GROUP), 0);
	ck_assert_int_eq(chmod(share_behind(share, name), mode), 0);
}

START_TEST(what_has_no_descriptor_takes_what_it_is_handed)
{
	const char *open = share_path(share, "open");

	plain_file("here/file", 0644);
	plain_file("here/private", 0600);
	ck_assert_int_eq(alice_moves(file, moved), 0);
	ck_assert_int_eq(stranger_opens(moved, O_RDONLY), -EACCES);
	ck_assert_int_eq(bob_opens(moved, O_RDWR), 0);
	ck_assert_int_eq(
		alice_moves(share_path(share, "here/private"), share_path(share, "there/private")),
		0);
	ck_assert_int_eq(bob_opens(share_path(share, "there/private"), O_RDONLY), -EACCES);
	/* and stays as it is where there is nothing */
	put_folder(open);
	sddl_set(open, OF_ALICE "D:P(A;;FA;;;WD)");
	plain_file("here/file", 0644);
	ck_assert_int_eq(alice_moves(file, share_path(share, "open/file")), 0);
	ck_assert(!is_stored("open/file"));
}
END_TEST

START_TEST(what_has_no_descriptor_and_cannot_go_has_none)
{
	const char *plain = share_behind(share, "here/plain");
	const char *target = share_path(share, "there/plain");
	struct stat st;

	put_folder(plain);
	ck_assert_int_eq(chown(plain, ALICE, TEAM), 0);
	ck_assert_int_eq(chmod(plain, 02751), 0);
	ck_assert_int_eq(as_alice(make_folder, (void *)(uintptr_t)target), 0);
	alice_makes(share_path(share, "there/plain/inner"), 0666);
	ck_assert_int_eq(alice_moves(share_path(share, "here/plain"), target), -ENOTEMPTY);
	ck_assert(!is_stored("here/plain"));
	ck_assert_int_eq(stat(plain, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 02751);
}
END_TEST

START_TEST(with_nothing_to_inherit_its_owner_keeps_it)
{
	const char *bare = share_path(share, "bare");

	put_folder(bare);
	sddl_set(bare, OF_ALICE "D:P(A;;FA;;;WD)");
	alice_makes(file, 0666);
	ck_assert_int_eq(alice_moves(file, share_path(share, "bare/file")), 0);
	ck_assert_int_eq(stranger_opens(share_path(share, "bare/file"), O_RDONLY), -EACCES);
	ck_assert_int_eq(
		as_alice(try_open, &(struct opening){share_path(share, "bare/file"), O_RDWR, 0}),
		0);
}
END_TEST

START_TEST(by_default_everything_goes_as_it_is)
{
	alice_makes(file, 0666);
	ck_assert_int_eq(alice_moves(file, moved), 0);
	ck_assert_int_eq(stranger_opens(moved, O_RDONLY), 0);
	ck_assert_int_eq(bob_opens(moved, O_RDWR), -EACCES);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("move");
	TCase *inherit = tcase_create("inherit"), *keep = tcase_create("keep");

	tcase_add_checked_fixture(inherit, setup, teardown);
	tcase_add_test(inherit, what_was_inherited_is_inherited_anew);
	tcase_add_test(inherit, without_marks_too_if_the_folder_gave_it);
	tcase_add_test(inherit, what_is_its_own_stays);
	tcase_add_test(inherit, a_name_in_the_same_folder_changes_nothing);
	tcase_add_test(inherit, nobody_gains_by_moving_what_he_may_not_change);
	tcase_add_test(inherit, audit_entries_and_labels_stay);
	tcase_add_test(inherit, an_empty_folder_goes_and_a_full_one_is_copied);
	tcase_add_test(inherit, a_full_folder_that_is_its_own_goes);
	tcase_add_test(inherit, a_file_with_two_names_is_copied);
	tcase_add_test(inherit, what_a_mode_made_private_stays_private);
	tcase_add_test(inherit, the_new_mode_shows_at_once);
	tcase_add_test(inherit, both_inherit_when_they_are_exchanged);
	tcase_add_test(inherit, what_cannot_go_has_what_it_had);
	tcase_add_test(inherit, what_could_not_go_widens_to_no_more_than_before);
	tcase_add_test(inherit, only_what_was_judged_inherits);
	tcase_add_test(inherit, what_has_no_descriptor_takes_what_it_is_handed);
	tcase_add_test(inherit, what_has_no_descriptor_and_cannot_go_has_none);
	tcase_add_test(inherit, with_nothing_to_inherit_its_owner_keeps_it);
	suite_add_tcase(suite, inherit);
	tcase_add_checked_fixture(keep, setup_keep, teardown);
	tcase_add_test(keep, by_default_everything_goes_as_it_is);
	suite_add_tcase(suite, keep);
	return harness_run(suite);
}
