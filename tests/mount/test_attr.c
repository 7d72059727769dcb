/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Modes: what chmod does by each policy, what objects without a descriptor
 * mean, what never comes through a mount (suid, sgid, capabilities), and times.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/mount/harness.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OF_ALICE "O:" SID_ALICE "G:" SID_ALICE_GROUP

static struct share *share;
static const char *file;

static void open_share(const char *options)
{
	share = share_open(options);
	file = share_path(share, "file");
	put_file(file, "text");
}

static void setup(void)
{
	open_share(NULL);
}

static void teardown(void)
{
	share_close(share);
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

static int alice_opens(int flags)
{
	return as_alice(try_open, &(struct opening){file, flags});
}

static int bob_opens(int flags)
{
	return as_bob(try_open, &(struct opening){file, flags});
}

static int try_chmod(void *arg)
{
	return chmod(file, *(const mode_t *)arg) < 0 ? -errno : 0;
}

static int alice_chmods(mode_t mode)
{
	return as_alice(try_chmod, &mode);
}

static struct stat stat_of(const char *path)
{
	struct stat st;

	ck_assert_msg(lstat(path, &st) == 0, "%s: %s", path, strerror(errno));
	return st;
}

static mode_t mode_of(const char *path)
{
	return stat_of(path).st_mode & 07777;
}

/* ---- chmod ---- */

START_TEST(chmod_narrows_and_gives_back)
{
	const char *before;

	/* all that 0644 leaves: nothing to execute, others only read */
	sddl_set(file,
		 OF_ALICE "D:(A;;0x1f01df;;;" SID_ALICE ")(A;;FR;;;" SID_TEAM ")(A;;FR;;;WD)");
	before = sddl_get(file);
	ck_assert_int_eq(bob_opens(O_RDONLY), 0);
	ck_assert_int_eq(alice_chmods(0600), 0);
	ck_assert_str_ne(sddl_get(file), before);
	ck_assert_int_eq(bob_opens(O_RDONLY), -EACCES);
	ck_assert_int_eq(alice_opens(O_RDWR), 0);
	ck_assert_int_eq(mode_of(file), 0600);
	ck_assert_int_eq(alice_chmods(0644), 0);
	ck_assert_str_eq(sddl_get(file), before);
	ck_assert_int_eq(bob_opens(O_RDONLY), 0);
	ck_assert_int_eq(mode_of(file), 0644);
}
END_TEST

START_TEST(any_number_of_chmods_loses_nothing)
{
	static const mode_t modes[] = {0600, 0000, 0644, 0070, 0400, 0177, 0777};
	const char *before;

	sddl_set(file,
		 OF_ALICE "D:(D;;0x2;;;" SID_BOB ")(A;;FA;;;" SID_ALICE ")(A;;0x1301bf;;;" SID_TEAM
			  ")(A;;FR;;;AU)(A;;0x20;;;WD)S:(AU;FA;FA;;;WD)");
	before = sddl_get(file);
	for (size_t i = 0; i < COUNT(modes); i++)
		ck_assert_int_eq(alice_chmods(modes[i]), 0);
	ck_assert_str_eq(sddl_get(file), before);
	/* also after the mount has forgotten all it knew */
	ck_assert_int_eq(alice_chmods(0600), 0);
	share_remount(share, NULL);
	ck_assert_int_eq(alice_chmods(0777), 0);
	ck_assert_str_eq(sddl_get(file), before);
}
END_TEST

START_TEST(chmod_never_adds_a_right)
{
	sddl_set(file, OF_ALICE "D:(A;;FR;;;" SID_ALICE ")(A;;FR;;;" SID_TEAM ")");
	ck_assert_int_eq(alice_chmods(0777), 0);
	ck_assert_int_eq(bob_opens(O_RDONLY), -EACCES);
	ck_assert_int_eq(alice_opens(O_WRONLY), -EACCES);
}
END_TEST

START_TEST(an_owner_keeps_the_right_to_chmod)
{
	sddl_set(file, OF_ALICE "D:(A;;FA;;;" SID_ALICE ")");
	ck_assert_int_eq(alice_chmods(0), 0);
	ck_assert_int_eq(alice_opens(O_RDONLY), -EACCES);
	ck_assert_int_eq(alice_chmods(0600), 0);
	ck_assert_int_eq(alice_opens(O_RDWR), 0);
}
END_TEST

START_TEST(a_new_dacl_forgets_what_was_narrowed)
{
	sddl_set(file, OF_ALICE "D:(A;;FA;;;WD)");
	ck_assert_int_eq(alice_chmods(0600), 0);
	sddl_set(file, "D:(A;;FA;;;" SID_ALICE ")");
	ck_assert_int_eq(alice_chmods(0777), 0);
	ck_assert_int_eq(bob_opens(O_RDONLY), -EACCES);
}
END_TEST

START_TEST(chmod_replace_makes_the_mode_the_dacl)
{
	open_share("chmod=replace");
	sddl_set(file, OF_ALICE "D:(A;;FA;;;" SID_ALICE ")(A;;FA;;;" SID_BOB ")");
	ck_assert_int_eq(alice_chmods(0640), 0);
	ck_assert_int_eq(mode_of(file), 0640);
	ck_assert_int_eq(bob_opens(O_RDONLY), -EACCES);
	ck_assert_int_eq(
		as_user(BOB, ALICE_GROUP, 0, NULL, try_open, &(struct opening){file, O_RDONLY}), 0);
	ck_assert_int_eq(
		as_user(BOB, ALICE_GROUP, 0, NULL, try_open, &(struct opening){file, O_WRONLY}),
		-EACCES);
	ck_assert_int_eq(alice_chmods(0666), 0);
	ck_assert_int_eq(bob_opens(O_RDWR), 0);
	ck_assert_ptr_null(strstr(sddl_get(file), SID_BOB));
}
END_TEST

START_TEST(chmod_ignore_changes_nothing)
{
	const char *before;
	mode_t mode;

	open_share("chmod=ignore");
	sddl_set(file, OF_ALICE "D:(A;;FA;;;WD)");
	before = sddl_get(file);
	mode = mode_of(file);
	ck_assert_int_eq(alice_chmods(0600), 0);
	ck_assert_str_eq(sddl_get(file), before);
	ck_assert_int_eq(mode_of(file), mode);
	/* but it is no way to ask whether one might */
	sddl_set(file, "O:SYD:");
	ck_assert_int_eq(alice_chmods(0600), -EPERM);
}
END_TEST

START_TEST(chmod_deny_denies)
{
	const char *before;

	open_share("chmod=deny");
	sddl_set(file, OF_ALICE "D:(A;;FA;;;WD)");
	before = sddl_get(file);
	ck_assert_int_eq(alice_chmods(0600), -EPERM);
	ck_assert_int_eq(try_chmod(&(mode_t){0600}), -EPERM);
	ck_assert_str_eq(sddl_get(file), before);
}
END_TEST

START_TEST(chmod_of_an_object_without_descriptor_is_that_of_posix)
{
	const char *behind = share_behind(share, "plain");

	put_file(behind, "text");
	ck_assert_int_eq(chown(behind, ALICE, ALICE_GROUP), 0);
	file = share_path(share, "plain");
	ck_assert_int_eq(as_bob(try_chmod, &(mode_t){0666}), -EPERM);
	ck_assert_int_eq(alice_chmods(0640), 0);
	ck_assert_int_eq(mode_of(behind), 0640);
	ck_assert_int_eq(mode_of(file), 0640);
	ck_assert_int_lt(getxattr(behind, "security.NTACL", NULL, 0), 0);
}
END_TEST

/* ---- the mode that is shown ---- */

START_TEST(a_descriptor_is_shown_as_the_nearest_mode)
{
	static const struct {
		const char *sddl;
		mode_t mode;
	} shown[] = {
		{"D:(A;;FA;;;" SID_ALICE ")", 0700},
		{"D:(A;;FR;;;" SID_ALICE ")", 0400},
		{"D:(A;;FA;;;WD)", 0777},
		{"D:(A;;FA;;;" SID_ALICE ")(A;;FR;;;" SID_ALICE_GROUP ")", 0740},
		{"D:(A;;FA;;;" SID_ALICE ")(A;;FR;;;WD)", 0744},
		{"D:(A;;FR;;;" SID_BOB ")", 0040},
		{"D:", 0},
	};

	for (size_t i = 0; i < COUNT(shown); i++) {
		sddl_set(file, OF_ALICE "%s", shown[i].sddl);
		ck_assert_msg(mode_of(file) == shown[i].mode, "%s is shown as %o", shown[i].sddl,
			      mode_of(file));
	}
	ck_assert_int_eq(stat_of(file).st_uid, ALICE);
	ck_assert_int_eq(stat_of(file).st_gid, ALICE_GROUP);
	sddl_set(file, "O:S-1-5-21-1-2-3-1000G:S-1-5-21-1-2-3-513");
	ck_assert_int_eq(stat_of(file).st_uid, 65534);
	ck_assert_int_eq(stat_of(share_behind(share, "file")).st_uid, 0);
}
END_TEST

/* ---- objects without a descriptor ---- */

struct person {
	uid_t uid;
	gid_t gid;
	gid_t groups[2];
	size_t count;
};

static const struct person people[] = {
	{ALICE, ALICE_GROUP, {0}, 0}, {ALICE, ALICE_GROUP, {TEAM}, 1},
	{BOB, BOB_GROUP, {0}, 0},     {BOB, BOB_GROUP, {TEAM}, 1},
	{BOB, TEAM, {0}, 0},          {BOB, BOB_GROUP, {CREW}, 1},
	{64009, 64109, {0}, 0},       {64009, 64109, {TEAM, CREW}, 2},
};

/* ALICE's, in TEAM; @acl for setfacl -m, or NULL */
static const struct implied {
	mode_t mode;
	const char *acl;
} implied[] = {
	{0600, NULL},
	{0640, NULL},
	{0664, NULL},
	{0604, NULL},
	{0666, NULL},
	{0755, NULL},
	{0044, NULL},
	{0406, NULL},
	{0060, NULL},
	{0707, NULL},
	{0311, NULL},
	{0000, NULL},
	{0777, NULL},
	{0640, "u:64002:rw"},
	{0644, "u:64002:-"},
	{0660, "g:64202:r,m::r"},
	{0666, "g:64202:-,u:64009:r"},
	{0600, "u:64002:rwx,g:64201:rwx,m::rx"},
	{0070, "u:64001:rwx,g:64202:x"},
};

static int try_names(const char *folder, bool remove_too)
{
	char name[512];
	int fd;

	snprintf(name, sizeof(name), "%s/new%d", folder, (int)getpid());
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		return -errno;
	close(fd);
	return remove_too && unlink(name) < 0 ? -errno : 0;
}

static int try_inner(const char *folder)
{
	char name[512];
	struct stat st;

	snprintf(name, sizeof(name), "%s/inner", folder);
	return stat(name, &st) < 0 ? -errno : 0;
}

static int try_everything(void *arg)
{
	const char *path = arg;
	struct stat st;
	int done = 0;

	if (stat(path, &st) < 0)
		return -errno;
	done |= try_open(&(struct opening){path, O_RDONLY}) == 0;
	done |= (access(path, R_OK) == 0) << 1;
	done |= (access(path, X_OK) == 0) << 2;
	if (S_ISDIR(st.st_mode)) {
		/* without searching a folder there is no writing to it, whatever access(2) says */
		done |= (access(path, W_OK | X_OK) == 0) << 3;
		done |= (try_names(path, true) == 0) << 4;
		done |= (try_inner(path) == 0) << 5;
		done |= (chdir(path) == 0) << 6;
	} else {
		done |= (access(path, W_OK) == 0) << 3;
		done |= (try_open(&(struct opening){path, O_WRONLY}) == 0) << 4;
		done |= (try_open(&(struct opening){path, O_RDWR}) == 0) << 5;
	}
	return done;
}

static void make_implied(const struct implied *row, const char *path)
{
	ck_assert_int_eq(chown(path, ALICE, TEAM), 0);
	ck_assert_int_eq(chmod(path, row->mode), 0);
	if (row->acl)
		ck_assert_int_eq(
			run_program((const char *[]){"setfacl", "-n", "-m", row->acl, path, NULL}),
			0);
}

static void check_implied(const struct implied *row, const char *name)
{
	char behind[256], before[256];

	snprintf(behind, sizeof(behind), "%s", share_behind(share, name));
	snprintf(before, sizeof(before), "%s", share_path(share, name));
	make_implied(row, behind);
	for (size_t i = 0; i < COUNT(people); i++) {
		const struct person *p = &people[i];
		int real = as_user(p->uid, p->gid, p->count, p->groups, try_everything, behind);
		int ours = as_user(p->uid, p->gid, p->count, p->groups, try_everything, before);

		ck_assert_msg(real == ours,
			      "%s with mode %o and %s, person %zu: behind 0x%x, on the mount 0x%x",
			      name, row->mode, row->acl ? row->acl : "no ACL", i,
			      (unsigned int)real, (unsigned int)ours);
	}
}

START_TEST(without_a_descriptor_mode_and_acl_mean_what_posix_says)
{
	put_file(share_behind(share, "plain"), "text");
	put_folder(share_behind(share, "folder"));
	put_file(share_behind(share, "folder/inner"), "text");
	check_implied(&implied[_i], "plain");
	check_implied(&implied[_i], "folder");
}
END_TEST

static int try_unlink(void *arg)
{
	return unlink(arg) < 0 ? -errno : 0;
}

START_TEST(a_sticky_folder_protects_the_names_in_it)
{
	char name[256];

	snprintf(name, sizeof(name), "%s", share_path(share, "sticky/file"));
	ck_assert_int_eq(mkdir(share_behind(share, "sticky"), 0777), 0);
	ck_assert_int_eq(chmod(share_behind(share, "sticky"), 01777), 0);
	put_file(share_behind(share, "sticky/file"), "text");
	ck_assert_int_eq(chown(share_behind(share, "sticky/file"), ALICE, ALICE_GROUP), 0);
	ck_assert_int_ne(as_bob(try_unlink, name), 0);
	ck_assert_int_eq(chmod(share_behind(share, "sticky"), 0777), 0);
	ck_assert_int_eq(as_bob(try_unlink, name), 0);
}
END_TEST

static int try_link(void *arg)
{
	return link(arg, share_path(share, "sticky/link")) < 0 ? -errno : 0;
}

static int try_touch(void *arg)
{
	return utimensat(AT_FDCWD, arg, NULL, 0) < 0 ? -errno : 0;
}

static int try_backdate(void *arg)
{
	const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};

	return utimensat(AT_FDCWD, arg, times, 0) < 0 ? -errno : 0;
}

/* What POSIX allows by who one is or by writing, where there is no descriptor. */
START_TEST(owners_and_writers_do_what_posix_lets_them)
{
	char name[256];

	snprintf(name, sizeof(name), "%s", share_path(share, "sticky/file"));
	ck_assert_int_eq(mkdir(share_behind(share, "sticky"), 0777), 0);
	ck_assert_int_eq(chmod(share_behind(share, "sticky"), 01777), 0);
	put_file(share_behind(share, "sticky/file"), "text");
	ck_assert_int_eq(chown(share_behind(share, "sticky/file"), ALICE, ALICE_GROUP), 0);
	ck_assert_int_eq(chmod(share_behind(share, "sticky/file"), 0644), 0);
	ck_assert_int_eq(as_bob(try_touch, name), -EACCES);
	ck_assert_int_ne(as_bob(try_link, name), 0);
	ck_assert_int_eq(chmod(share_behind(share, "sticky/file"), 0666), 0);
	ck_assert_int_eq(as_bob(try_touch, name), 0);
	ck_assert_int_eq(as_bob(try_backdate, name), -EPERM);
	ck_assert_int_eq(as_alice(try_backdate, name), 0);
	ck_assert_int_eq(as_bob(try_link, name), 0);
	ck_assert_int_ne(as_bob(try_unlink, name), 0);
	ck_assert_int_eq(as_alice(try_unlink, name), 0);
	/* with a descriptor its rights alone count */
	put_file(name, "text");
	sddl_set(name, "O:" SID_ALICE "D:(D;;0x100;;;" SID_BOB ")(A;;FRFW;;;WD)");
	ck_assert_int_eq(as_bob(try_touch, name), -EACCES);
}
END_TEST

START_TEST(a_private_folder_protects_what_is_inside)
{
	put_folder(share_behind(share, "home"));
	put_file(share_behind(share, "home/file"), "text");
	ck_assert_int_eq(chown(share_behind(share, "home"), ALICE, ALICE_GROUP), 0);
	ck_assert_int_eq(chmod(share_behind(share, "home"), 0700), 0);
	ck_assert_int_eq(chmod(share_behind(share, "home/file"), 0666), 0);
	file = share_path(share, "home/file");
	ck_assert_int_eq(bob_opens(O_RDONLY), -EACCES);
	ck_assert_int_eq(alice_opens(O_RDWR), 0);
	ck_assert_int_eq(bob_opens(O_RDONLY), -EACCES);
	ck_assert_int_eq(bob_opens(O_WRONLY | O_CREAT), -EACCES);
	ck_assert_int_eq(as_bob(try_unlink, share_behind(share, "home/file")), -EACCES);
	/* a descriptor on the folder does not open what relied on its mode */
	sddl_set(share_path(share, "home"), "D:(A;;FA;;;" SID_ALICE ")");
	ck_assert_int_eq(bob_opens(O_RDWR), -EACCES);
	ck_assert_int_eq(alice_opens(O_RDWR), 0);
	ck_assert_int_eq(bob_opens(O_RDWR), -EACCES);
	/* with descriptors of their own both are as on Windows: passed by all */
	sddl_set(file, "D:(A;;FA;;;WD)");
	ck_assert_int_eq(bob_opens(O_RDWR), 0);
}
END_TEST

static int try_move_in(void *arg)
{
	return rename(share_path(share, "public"), file) < 0 ? -errno : 0;
}

static int try_link_in(void *arg)
{
	return link(share_path(share, "old/file"), arg) < 0 ? -errno : 0;
}

static int try_open_create(void *arg)
{
	int fd = open(arg, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);

	return fd < 0 ? -errno : close(fd);
}

static int try_stat(void *arg)
{
	struct stat st;

	return stat(arg, &st) < 0 ? -errno : 0;
}

START_TEST(what_is_linked_into_a_private_folder_is_private)
{
	char link_name[256];

	put_folder(share_behind(share, "old"));
	put_file(share_behind(share, "old/file"), "text");
	ck_assert_int_eq(chown(share_behind(share, "old"), ALICE, ALICE_GROUP), 0);
	ck_assert_int_eq(chown(share_behind(share, "old/file"), ALICE, ALICE_GROUP), 0);
	ck_assert_int_eq(chmod(share_behind(share, "old"), 0700), 0);
	ck_assert_int_eq(chmod(share_behind(share, "old/file"), 0644), 0);
	put_folder(share_path(share, "home"));
	sddl_set(share_path(share, "home"), "D:(A;;FA;;;" SID_ALICE ")");
	for (int i = 0; i < 3; i++) {
		snprintf(link_name, sizeof(link_name), "%s%d", share_path(share, "home/link"), i);
		ck_assert_int_eq(as_alice(try_link_in, link_name), 0);
		file = link_name;
		ck_assert_int_eq(bob_opens(O_RDONLY), -EACCES);
		ck_assert_int_eq(alice_opens(O_RDONLY), 0);
		ck_assert_int_eq(bob_opens(O_RDONLY), -EACCES);
	}
}
END_TEST

/* Finding by creating is finding: here of what came behind the kernel's back. */
START_TEST(o_creat_finds_no_more_than_a_lookup)
{
	char *name = share_path(share, "box/new");

	put_folder(share_path(share, "box"));
	sddl_set(share_path(share, "box"), "D:P(A;;FA;;;" SID_ALICE ")(A;;0x2;;;WD)");
	ck_assert_int_eq(as_bob(try_stat, name), -ENOENT);
	put_file(share_behind(share, "box/new"), "text");
	ck_assert_int_eq(chmod(share_behind(share, "box/new"), 0644), 0);
	ck_assert_int_eq(as_bob(try_open_create, name), -EACCES);
	ck_assert_int_eq(as_bob(try_stat, name), -EACCES);
}
END_TEST

START_TEST(what_is_moved_into_a_private_folder_is_private)
{
	put_file(share_behind(share, "public"), "text");
	ck_assert_int_eq(chmod(share_behind(share, "public"), 0644), 0);
	file = share_path(share, "public");
	ck_assert_int_eq(bob_opens(O_RDONLY), 0);
	put_folder(share_path(share, "home"));
	sddl_set(share_path(share, "home"), "D:(A;;FA;;;" SID_ALICE ")");
	file = share_path(share, "home/public");
	ck_assert_int_eq(as_user(0, 0, 0, NULL, try_move_in, NULL), 0);
	ck_assert_int_eq(alice_opens(O_RDONLY), 0);
	ck_assert_int_eq(bob_opens(O_RDONLY), -EACCES);
}
END_TEST

START_TEST(strict_traversal_stops_at_a_folder_with_a_descriptor_too)
{
	open_share("traverse=strict");
	put_folder(share_path(share, "home"));
	put_file(share_path(share, "home/file"), "text");
	sddl_set(share_path(share, "home/file"), "D:(A;;FA;;;WD)");
	file = share_path(share, "home/file");
	sddl_set(share_path(share, "home"), "D:(A;;FA;;;" SID_ALICE ")");
	ck_assert_int_eq(alice_opens(O_RDONLY), 0);
	ck_assert_int_eq(bob_opens(O_RDONLY), -EACCES);
}
END_TEST

/* ---- suid, sgid, capabilities ---- */

static int try_write(void *arg)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = write(fd, "x", 1) == 1 ? 0 : -errno;
	close(fd);
	return err;
}

static int try_append(void *arg)
{
	int fd = open(file, O_WRONLY | O_APPEND | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = write(fd, "x", 1) == 1 ? 0 : -errno;
	close(fd);
	return err;
}

static int try_truncate(void *arg)
{
	return truncate(file, 1) < 0 ? -errno : 0;
}

static int try_open_truncate(void *arg)
{
	return try_open(&(struct opening){file, O_WRONLY | O_TRUNC});
}

static int try_fallocate(void *arg)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = fallocate(fd, 0, 0, 4096) < 0 ? -errno : 0;
	close(fd);
	return err;
}

static int try_copy(void *arg)
{
	int fd = open(file, O_RDWR | O_CLOEXEC), err;
	off_t from = 0, to = 2;

	if (fd < 0)
		return -errno;
	err = copy_file_range(fd, &from, fd, &to, 2, 0) == 2 ? 0 : -errno;
	close(fd);
	return err;
}

static int try_chgrp(void *arg)
{
	return chown(file, (uid_t)-1, TEAM) < 0 ? -errno : 0;
}

static int try_chown_to_same(void *arg)
{
	return chown(file, ALICE, ALICE_GROUP) < 0 ? -errno : 0;
}

static const struct change {
	const char *name;
	int (*act)(void *arg);

} changes[] = {
	{"write", try_write},         {"append", try_append},
	{"truncate", try_truncate},   {"open with O_TRUNC", try_open_truncate},
	{"fallocate", try_fallocate}, {"copy_file_range", try_copy},
	{"chgrp", try_chgrp},         {"chown to the same", try_chown_to_same},
};

/* The file gets, behind the mount, what no mount may hand on. */
static void make_special(const char *behind)
{
	const struct vfs_cap_data cap = {
		.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE,
		.data = {{.permitted = 1u << CAP_NET_RAW}},
	};

	ck_assert_int_eq(chmod(behind, (mode_of(behind) & 0777) | 06000), 0);
	ck_assert_int_eq(setxattr(behind, "security.capability", &cap, sizeof(cap), 0), 0);
}

static void check_cleared(const struct change *change, const char *who, uid_t uid)
{
	const gid_t team = TEAM;
	const char *behind = share_behind(share, "file");
	mode_t mode;
	int err;

	make_special(behind);
	ck_assert_int_eq(mode_of(file) & 06000, 0);
	err = as_user(uid, uid == ALICE ? ALICE_GROUP : 0, 1, &team, change->act, NULL);
	ck_assert_msg(err == 0, "%s by %s: %s", change->name, who, strerror(-err));
	mode = mode_of(behind);
	ck_assert_msg(!(mode & 06000), "%s by %s left mode %o", change->name, who, mode);
	ck_assert_msg(getxattr(behind, "security.capability", NULL, 0) < 0,
		      "%s by %s left a capability", change->name, who);
}

START_TEST(changes_clear_suid_sgid_and_capabilities)
{
	const struct change *change = &changes[_i];

	sddl_set(file, OF_ALICE "D:(A;;FA;;;WD)");
	check_cleared(change, "its owner", ALICE);
	/* one that has more in it than a mode can say */
	sddl_set(file, OF_ALICE "D:(A;;FA;;;WD)(A;;FA;;;" SID_BOB ")");
	check_cleared(change, "its owner", ALICE);
	check_cleared(change, "root", 0);
}
END_TEST

START_TEST(changes_clear_them_without_a_descriptor_too)
{
	const struct change *change = &changes[_i];
	const char *behind = share_behind(share, "file");

	ck_assert_int_eq(unlink(behind), 0);
	put_file(behind, "text");
	share_remount(share, NULL);
	ck_assert_int_eq(chown(behind, ALICE, ALICE_GROUP), 0);
	ck_assert_int_eq(chmod(behind, 0777), 0);
	check_cleared(change, "its owner", ALICE);
	ck_assert_int_eq(chown(behind, ALICE, ALICE_GROUP), 0);
	ck_assert_int_eq(chmod(behind, 0777), 0);
	check_cleared(change, "root", 0);
}
END_TEST

static int try_capability(void *arg)
{
	return setxattr(file, "security.capability", arg, sizeof(struct vfs_cap_data), 0) < 0
		       ? -errno
		       : 0;
}

START_TEST(suid_sgid_and_capabilities_cannot_be_set)
{
	struct vfs_cap_data cap = {.magic_etc = VFS_CAP_REVISION_2};
	const char *behind = share_behind(share, "file");

	for (int stored = 1; stored >= 0; stored--) {
		if (stored)
			sddl_set(file, OF_ALICE "D:(A;;FA;;;WD)");
		else
			ck_assert_int_eq(removexattr(behind, "security.NTACL"), 0);
		ck_assert_int_eq(alice_chmods(06777), 0);
		ck_assert_int_eq(mode_of(behind) & 06000, 0);
		ck_assert_int_eq(try_chmod(&(mode_t){06777}), 0);
		ck_assert_int_eq(mode_of(behind) & 06000, 0);
		ck_assert_int_eq(mode_of(file) & 06000, 0);
	}
	ck_assert_int_eq(try_capability(&cap), -EOPNOTSUPP);
	ck_assert_int_ne(as_alice(try_capability, &cap), 0);
	ck_assert_int_lt(getxattr(behind, "security.capability", NULL, 0), 0);
}
END_TEST

/* ---- chown ---- */

static int try_give(void *arg)
{
	return chown(file, BOB, BOB_GROUP) < 0 ? -errno : 0;
}

static int try_chown_to_bob(void *arg)
{
	return chown(file, BOB, (gid_t)-1) < 0 ? -errno : 0;
}

static int try_chmod_600(void *arg)
{
	return chmod(file, 0600) < 0 ? -errno : 0;
}

static int try_chmod_660(void *arg)
{
	return chmod(file, 0660) < 0 ? -errno : 0;
}

START_TEST(chown_hands_on_the_owners_rights)
{
	sddl_set(file, OF_ALICE "D:(A;;FA;;;" SID_ALICE ")(A;;FR;;;SY)");
	ck_assert_int_eq(as_alice(try_give, NULL), -EPERM);
	ck_assert_int_eq(try_give(NULL), 0);
	ck_assert_int_eq(bob_opens(O_RDWR), 0);
	ck_assert_int_eq(alice_opens(O_RDONLY), -EACCES);
	ck_assert_int_eq(stat_of(file).st_uid, BOB);
	ck_assert_int_eq(stat_of(share_behind(share, "file")).st_uid, BOB);
	ck_assert_int_eq(stat_of(share_behind(share, "file")).st_gid, BOB_GROUP);
}
END_TEST

START_TEST(chown_hands_nothing_on_to_who_may_only_take_ownership)
{
	sddl_set(file, OF_ALICE "D:P(A;;FA;;;" SID_ALICE ")(A;;WO;;;" SID_BOB ")(A;;RC;;;OW)");
	ck_assert_int_eq(bob_opens(O_RDONLY), -EACCES);
	ck_assert_int_eq(as_bob(try_chown_to_bob, NULL), 0);
	ck_assert_int_eq(bob_opens(O_RDONLY), -EACCES);
	ck_assert_int_eq(alice_opens(O_RDONLY), 0);
}
END_TEST

/* What is stored on the file. */
static ssize_t stored(char *bytes, size_t size)
{
	ssize_t length = getxattr(share_behind(share, "file"), "security.NTACL", bytes, size);

	ck_assert_int_gt(length, 0);
	return length;
}

START_TEST(chown_to_whom_it_belongs_leaves_everything_but_the_time_of_change)
{
	static char before[4096], after[4096];
	struct stat was, is;
	ssize_t length;

	sddl_set(file, OF_ALICE "D:(A;;FA;;;" SID_ALICE ")(A;;FR;;;" SID_BOB ")");
	length = stored(before, sizeof(before));
	was = stat_of(file);
	ck_assert_int_eq(as_alice(try_chown_to_same, NULL), 0);
	is = stat_of(file);
	ck_assert_int_eq(stored(after, sizeof(after)), length);
	ck_assert_mem_eq(before, after, (size_t)length);
	ck_assert_uint_eq(is.st_mode, was.st_mode);
	ck_assert(is.st_ctim.tv_sec > was.st_ctim.tv_sec ||
		  (is.st_ctim.tv_sec == was.st_ctim.tv_sec &&
		   is.st_ctim.tv_nsec > was.st_ctim.tv_nsec));
}
END_TEST

START_TEST(chown_to_whom_it_belongs_tells_the_object_behind)
{
	const char *behind = share_behind(share, "file");

	sddl_set(file, OF_ALICE "D:(A;;FA;;;" SID_ALICE ")");
	ck_assert_int_eq(chown(behind, BOB, ALICE_GROUP), 0);
	ck_assert_int_eq(as_alice(try_chown_to_same, NULL), 0);
	ck_assert_int_eq(stat_of(behind).st_uid, ALICE);
	ck_assert_int_eq(chown(behind, ALICE, BOB_GROUP), 0);
	ck_assert_int_eq(as_alice(try_chown_to_same, NULL), 0);
	ck_assert_int_eq(stat_of(behind).st_gid, ALICE_GROUP);
	/* and what only the object behind says, is not so yet */
	ck_assert_int_eq(chown(behind, BOB, BOB_GROUP), 0);
	ck_assert_int_eq(stat_of(file).st_uid, ALICE);
	ck_assert_int_eq(try_give(NULL), 0);
	ck_assert_int_eq(stat_of(file).st_uid, BOB);
}
END_TEST

static int try_chgrp_to_same(void *arg)
{
	return chown(file, (uid_t)-1, ALICE_GROUP) < 0 ? -errno : 0;
}

START_TEST(who_owns_by_a_supplementary_group_may_leave_all_as_it_is)
{
	const gid_t team = TEAM;

	sddl_set(file, "O:" SID_TEAM "G:" SID_ALICE_GROUP "D:(A;;FR;;;WD)");
	ck_assert_int_eq(as_user(BOB, BOB_GROUP, 0, NULL, try_chgrp_to_same, NULL), -EPERM);
	ck_assert_int_eq(as_user(BOB, BOB_GROUP, 1, &team, try_chgrp_to_same, NULL), 0);
}
END_TEST

START_TEST(what_root_gives_away_stays_open_to_root)
{
	sddl_set(file, "O:SYG:SYD:P(A;;FA;;;SY)");
	ck_assert_int_eq(chown(file, ALICE, ALICE_GROUP), 0);
	ck_assert_int_eq(alice_opens(O_RDWR), 0);
	ck_assert_str_eq(sddl_get(file), OF_ALICE "D:P(A;;FA;;;SY)(A;;FA;;;" SID_ALICE ")");
}
END_TEST

/* A later chmod takes the DACL back that an earlier one narrowed, and nothing else. */
START_TEST(chmod_takes_no_owner_and_no_sacl_back)
{
	sddl_set(file, OF_ALICE "D:(A;;FA;;;" SID_ALICE ")(A;;FR;;;" SID_BOB ")");
	ck_assert_int_eq(as_alice(try_chmod_600, NULL), 0);
	sddl_set(file, "O:" SID_BOB "G:" SID_BOB_GROUP "S:(AU;SAFA;FA;;;WD)");
	ck_assert_int_eq(as_alice(try_chmod_660, NULL), 0);
	ck_assert_ptr_nonnull(strstr(sddl_get(file), "O:" SID_BOB "G:" SID_BOB_GROUP));
	ck_assert_ptr_nonnull(strstr(sddl_get(file), "S:(AU;SAFA;FA;;;WD)"));
}
END_TEST

START_TEST(chown_of_an_object_without_descriptor_is_that_of_posix)
{
	const char *behind = share_behind(share, "plain");

	put_file(behind, "text");
	ck_assert_int_eq(chown(behind, ALICE, ALICE_GROUP), 0);
	file = share_path(share, "plain");
	ck_assert_int_eq(as_alice(try_give, NULL), -EPERM);
	ck_assert_int_eq(as_bob(try_give, NULL), -EPERM);
	ck_assert_int_eq(try_give(NULL), 0);
	ck_assert_int_eq(stat_of(behind).st_uid, BOB);
	ck_assert_int_lt(getxattr(behind, "security.NTACL", NULL, 0), 0);
}
END_TEST

/* ---- times and sizes ---- */

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static void check_times(struct timespec access, struct timespec change)
{
	const char *paths[] = {file, share_behind(share, "file")};

	for (size_t i = 0; i < COUNT(paths); i++) {
		struct stat st = stat_of(paths[i]);

		ck_assert(same_time(st.st_atim, access));
		ck_assert(same_time(st.st_mtim, change));
	}
}

START_TEST(times_are_kept_to_the_nanosecond)
{
	const struct timespec first = {1234567890, 123456789}, second = {987654321, 1};
	const struct timespec omit = {0, UTIME_OMIT}, now = {0, UTIME_NOW};
	struct stat st;

	ck_assert_int_eq(utimensat(AT_FDCWD, file, (struct timespec[]){first, second}, 0), 0);
	check_times(first, second);
	ck_assert_int_eq(utimensat(AT_FDCWD, file, (struct timespec[]){omit, first}, 0), 0);
	check_times(first, first);
	ck_assert_int_eq(utimensat(AT_FDCWD, file, (struct timespec[]){second, omit}, 0), 0);
	check_times(second, first);
	ck_assert_int_eq(utimensat(AT_FDCWD, file, (struct timespec[]){omit, now}, 0), 0);
	st = stat_of(file);
	ck_assert(same_time(st.st_atim, second));
	ck_assert_int_gt(st.st_mtim.tv_sec, 1700000000);
	ck_assert_int_eq(symlink("nowhere", share_path(share, "link")), 0);
	ck_assert_int_eq(utimensat(AT_FDCWD, share_path(share, "link"),
				   (struct timespec[]){first, second}, AT_SYMLINK_NOFOLLOW),
			 0);
	ck_assert(same_time(stat_of(share_path(share, "link")).st_mtim, second));
}
END_TEST

START_TEST(sizes_follow_truncate_and_write)
{
	struct stat st;

	ck_assert_int_eq(truncate(file, 1 << 20), 0);
	ck_assert_int_eq(stat_of(file).st_size, 1 << 20);
	ck_assert_int_eq(truncate(file, 2), 0);
	st = stat_of(share_behind(share, "file"));
	ck_assert_int_eq(st.st_size, 2);
	ck_assert_str_eq(get_file(file), "te");
}
END_TEST

static TCase *add_case(Suite *suite, const char *name, SFun before)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, before, teardown);
	suite_add_tcase(suite, tcase);
	return tcase;
}

static void add_chmod(Suite *suite)
{
	TCase *mask = add_case(suite, "chmod", setup);
	TCase *policies = add_case(suite, "policies", NULL);

	tcase_add_test(mask, chmod_narrows_and_gives_back);
	tcase_add_test(mask, any_number_of_chmods_loses_nothing);
	tcase_add_test(mask, chmod_never_adds_a_right);
	tcase_add_test(mask, an_owner_keeps_the_right_to_chmod);
	tcase_add_test(mask, a_new_dacl_forgets_what_was_narrowed);
	tcase_add_test(mask, chmod_of_an_object_without_descriptor_is_that_of_posix);
	tcase_add_test(mask, a_descriptor_is_shown_as_the_nearest_mode);
	tcase_add_test(policies, chmod_replace_makes_the_mode_the_dacl);
	tcase_add_test(policies, chmod_ignore_changes_nothing);
	tcase_add_test(policies, chmod_deny_denies);
	tcase_add_test(policies, strict_traversal_stops_at_a_folder_with_a_descriptor_too);
}

int main(void)
{
	Suite *suite = suite_create("attr");
	TCase *without, *special, *others;

	add_chmod(suite);
	without = add_case(suite, "without descriptor", setup);
	special = add_case(suite, "suid", setup);
	others = add_case(suite, "owner, times, size", setup);
	tcase_add_loop_test(without, without_a_descriptor_mode_and_acl_mean_what_posix_says, 0,
			    COUNT(implied));
	tcase_add_test(without, a_sticky_folder_protects_the_names_in_it);
	tcase_add_test(without, owners_and_writers_do_what_posix_lets_them);
	tcase_add_test(without, a_private_folder_protects_what_is_inside);
	tcase_add_test(without, what_is_moved_into_a_private_folder_is_private);
	tcase_add_test(without, what_is_linked_into_a_private_folder_is_private);
	tcase_add_test(without, o_creat_finds_no_more_than_a_lookup);
	tcase_add_loop_test(special, changes_clear_suid_sgid_and_capabilities, 0, COUNT(changes));
	tcase_add_loop_test(special, changes_clear_them_without_a_descriptor_too, 0,
			    COUNT(changes));
	tcase_add_test(special, suid_sgid_and_capabilities_cannot_be_set);
	tcase_add_test(others, chown_hands_on_the_owners_rights);
	tcase_add_test(others, chown_hands_nothing_on_to_who_may_only_take_ownership);
	tcase_add_test(others, chown_to_whom_it_belongs_leaves_everything_but_the_time_of_change);
	tcase_add_test(others, chown_to_whom_it_belongs_tells_the_object_behind);
	tcase_add_test(others, who_owns_by_a_supplementary_group_may_leave_all_as_it_is);
	tcase_add_test(others, what_root_gives_away_stays_open_to_root);
	tcase_add_test(others, chmod_takes_no_owner_and_no_sacl_back);
	tcase_add_test(others, chown_of_an_object_without_descriptor_is_that_of_posix);
	tcase_add_test(others, times_are_kept_to_the_nanosecond);
	tcase_add_test(others, sizes_follow_truncate_and_write);
	return harness_run(suite);
}
