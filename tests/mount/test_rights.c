/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How rights come about and how far they reach: denies, groups, owners, root
 * and its privileges, what nobody may reach, and handles that outlive a decision.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/mount/harness.h"

#define TEXT "0123456789"
#define GRANT(rights, sid) "(A;;" rights ";;;" sid ")"
#define DENY(rights, sid) "(D;;" rights ";;;" sid ")"

static struct share *share;
static const char *file;

static void setup(void)
{
	share = share_open(NULL);
	file = share_path(share, "file");
	put_file(file, TEXT);
}

static void teardown(void)
{
	share_close(share);
}

static int try_open(void *arg)
{
	int fd = open(file, *(const int *)arg | O_CLOEXEC);

	return fd < 0 ? -errno : close(fd);
}

static int alice_reads(void)
{
	return as_alice(try_open, &(int){O_RDONLY});
}

static int bob_reads(void)
{
	return as_bob(try_open, &(int){O_RDONLY});
}

static int alice_reads_in(gid_t group)
{
	return as_user(ALICE, ALICE_GROUP, 1, &group, try_open, &(int){O_RDONLY});
}

/* ---- who is meant ---- */

START_TEST(a_deny_before_an_allow_denies)
{
	sddl_set(file, "O:SYG:SYD:" DENY("0x1", SID_ALICE) GRANT("FA", "WD"));
	ck_assert_int_eq(alice_reads(), -EACCES);
	ck_assert_int_eq(bob_reads(), 0);
}
END_TEST

START_TEST(a_deny_after_an_allow_comes_too_late)
{
	sddl_set(file, "O:SYG:SYD:" GRANT("FA", "WD") DENY("0x1", SID_ALICE));
	ck_assert_int_eq(alice_reads(), 0);
}
END_TEST

START_TEST(a_deny_takes_only_the_rights_it_names)
{
	sddl_set(file, "O:SYG:SYD:" DENY("0x2", SID_ALICE) GRANT("FA", SID_ALICE));
	ck_assert_int_eq(alice_reads(), 0);
	ck_assert_int_eq(as_alice(try_open, &(int){O_WRONLY}), -EACCES);
	ck_assert_int_eq(as_alice(try_open, &(int){O_WRONLY | O_APPEND}), 0);
}
END_TEST

START_TEST(everyone_and_authenticated_users_are_all_users)
{
	sddl_set(file, "O:SYG:SYD:" GRANT("FR", "WD"));
	ck_assert_int_eq(alice_reads(), 0);
	ck_assert_int_eq(bob_reads(), 0);
	sddl_set(file, "D:" GRANT("FR", "AU"));
	ck_assert_int_eq(alice_reads(), 0);
	ck_assert_int_eq(bob_reads(), 0);
	sddl_set(file, "D:" GRANT("FR", "AN"));
	ck_assert_int_eq(alice_reads(), -EACCES);
}
END_TEST

START_TEST(an_ace_that_is_only_for_children_grants_nothing)
{
	sddl_set(file, "O:SYG:SYD:(A;OICIIO;FA;;;" SID_ALICE ")");
	ck_assert_int_eq(alice_reads(), -EACCES);
}
END_TEST

START_TEST(primary_and_supplementary_groups_count)
{
	sddl_set(file, "O:SYG:SYD:" GRANT("FR", SID_ALICE_GROUP));
	ck_assert_int_eq(alice_reads(), 0);
	ck_assert_int_eq(bob_reads(), -EACCES);
	sddl_set(file, "D:" GRANT("FR", SID_TEAM));
	ck_assert_int_eq(alice_reads(), -EACCES);
	ck_assert_int_eq(alice_reads_in(TEAM), 0);
	ck_assert_int_eq(alice_reads_in(CREW), -EACCES);
}
END_TEST

START_TEST(a_group_denied_denies_its_members)
{
	sddl_set(file, "O:SYG:SYD:" DENY("0x1", SID_TEAM) GRANT("FA", "WD"));
	ck_assert_int_eq(alice_reads(), 0);
	ck_assert_int_eq(alice_reads_in(TEAM), -EACCES);
	ck_assert_int_eq(alice_reads_in(CREW), 0);
}
END_TEST

/* One process that changes its groups: the errors of opening with, without, with. */
static int open_with_changing_groups(void *arg)
{
	const gid_t team = TEAM;
	int *results = arg;

	for (int i = 0; i < 3; i++) {
		if (seteuid(0) < 0 || setgroups(i == 1 ? 0 : 1, &team) < 0 || seteuid(ALICE) < 0)
			return -errno;
		results[i] = try_open(&(int){O_RDONLY});
	}
	return 0;
}

START_TEST(groups_are_those_of_the_moment)
{
	int *results = mmap(NULL, 3 * sizeof(int), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	sddl_set(file, "O:SYG:SYD:" GRANT("FR", SID_TEAM));
	ck_assert_int_eq(as_user(0, ALICE_GROUP, 0, NULL, open_with_changing_groups, results), 0);
	ck_assert_int_eq(results[0], 0);
	ck_assert_int_eq(results[1], -EACCES);
	ck_assert_int_eq(results[2], 0);
	munmap(results, 3 * sizeof(int));
}
END_TEST

/* ---- owners ---- */

static int try_get_sddl(void *arg)
{
	char text[4096];

	return sddl_read_path(file, text, sizeof(text));
}

static int try_set_sddl(void *arg)
{
	return sddl_try(file, arg);
}

static int try_chmod(void *arg)
{
	return chmod(file, *(const mode_t *)arg) < 0 ? -errno : 0;
}

START_TEST(an_owner_may_read_and_write_the_dacl_and_nothing_else)
{
	char dacl[] = "D:" GRANT("FR", SID_ALICE);

	sddl_set(file, "O:" SID_ALICE "G:SYD:" DENY("FA", SID_ALICE));
	ck_assert_int_eq(as_alice(try_get_sddl, NULL), 0);
	ck_assert_int_eq(alice_reads(), -EACCES);
	ck_assert_int_eq(as_bob(try_get_sddl, NULL), -EACCES);
	ck_assert_int_eq(as_bob(try_set_sddl, dacl), -EACCES);
	ck_assert_int_eq(as_alice(try_set_sddl, dacl), 0);
	ck_assert_int_eq(alice_reads(), 0);
}
END_TEST

START_TEST(owner_rights_take_the_owners_own_rights_away)
{
	char dacl[] = "D:" GRANT("FA", SID_ALICE);

	sddl_set(file, "O:" SID_ALICE "G:SYD:" GRANT("0x1", "OW"));
	ck_assert_int_eq(alice_reads(), 0);
	ck_assert_int_eq(as_alice(try_get_sddl, NULL), -EACCES);
	ck_assert_int_eq(as_alice(try_set_sddl, dacl), -EACCES);
	ck_assert_int_eq(as_alice(try_chmod, &(mode_t){0777}), -EPERM);
	ck_assert_int_eq(bob_reads(), -EACCES);
}
END_TEST

struct ids {
	uid_t uid;
	gid_t gid;
};

static int try_chown(void *arg)
{
	const struct ids *ids = arg;

	return lchown(file, ids->uid, ids->gid) < 0 ? -errno : 0;
}

START_TEST(ownership_is_taken_not_given)
{
	char to_bob[] = "O:" SID_BOB, to_system[] = "O:SY", to_crew[] = "G:" SID_CREW;

	sddl_set(file, "O:SYG:SYD:" GRANT("FA", "WD"));
	ck_assert_int_eq(as_alice(try_chown, &(struct ids){BOB, (gid_t)-1}), -EPERM);
	ck_assert_int_eq(as_alice(try_chown, &(struct ids){0, CREW}), -EPERM);
	ck_assert_int_eq(as_alice(try_chown, &(struct ids){(uid_t)-1, CREW}), -EPERM);
	ck_assert_int_eq(as_alice(try_set_sddl, to_bob), -EPERM);
	ck_assert_int_eq(as_alice(try_set_sddl, to_crew), -EPERM);
	ck_assert_int_eq(as_alice(try_chown, &(struct ids){ALICE, (gid_t)-1}), 0);
	ck_assert_int_eq(as_alice(try_chown, &(struct ids){BOB, (gid_t)-1}), -EPERM);
	ck_assert_int_eq(as_alice(try_set_sddl, to_system), -EPERM);
}
END_TEST

START_TEST(a_file_may_be_given_to_any_group_that_one_is_in)
{
	const gid_t crew = CREW;
	struct ids to_crew = {(uid_t)-1, CREW};

	sddl_set(file, "O:SYG:SYD:" GRANT("FA", "WD"));
	ck_assert_int_eq(as_user(ALICE, ALICE_GROUP, 1, &crew, try_chown, &to_crew), 0);
	ck_assert_ptr_nonnull(strstr(sddl_get(file), "G:" SID_CREW));
}
END_TEST

/* ---- root ---- */

START_TEST(root_has_its_privileges_over_any_dacl)
{
	const char *path = share_path(share, "folder/file");

	put_folder(share_path(share, "folder"));
	put_file(path, TEXT);
	sddl_set(path, "O:" SID_BOB "G:SYD:" DENY("FA", "WD"));
	sddl_set(share_path(share, "folder"), "O:" SID_BOB "G:SYD:" DENY("FA", "WD"));
	ck_assert_str_eq(get_file(path), TEXT);
	put_file(path, "new");
	put_file(share_path(share, "folder/other"), TEXT);
	ck_assert_int_eq(chown(path, ALICE, CREW), 0);
	ck_assert_int_eq(sddl_try(path, "O:" SID_BOB), 0);
	ck_assert_int_eq(setxattr(path, "user.a", "b", 1, 0), 0);
	ck_assert_int_eq(sddl_try(path, "D:" DENY("FA", "WD")), 0);
	ck_assert_int_eq(unlink(path), 0);
}
END_TEST

START_TEST(squashed_root_is_a_user_like_others)
{
	share = share_open("root=squash");
	file = share_path(share, "file");
	put_file(share_behind(share, "file"), TEXT);
	ck_assert_int_eq(chown(share_behind(share, "file"), BOB, BOB_GROUP), 0);
	ck_assert_int_eq(chmod(share_behind(share, "file"), 0600), 0);
	ck_assert_int_eq(as_bob(try_open, &(int){O_RDWR}), 0);
	ck_assert_int_eq(try_open(&(int){O_RDONLY}), -EACCES);
	ck_assert_int_eq(try_chown(&(struct ids){0, (gid_t)-1}), -EPERM);
	ck_assert_int_eq(try_chmod(&(mode_t){0777}), -EPERM);
	ck_assert_int_eq(sddl_try(file, "D:" GRANT("FA", "WD")), -EACCES);
	share_remount(share, "root=admin");
	ck_assert_int_eq(try_open(&(int){O_RDONLY}), 0);
}
END_TEST

START_TEST(only_the_security_privilege_shows_and_sets_the_sacl)
{
	static const char sacl[] = "S:(AU;SAFA;FA;;;WD)";
	char text[4096] = "", setting[] = "S:(AU;SAFA;FR;;;WD)", both[] = "D:S:(AU;SAFA;FR;;;WD)";

	sddl_set(file, "O:" SID_ALICE "G:SYD:" GRANT("FA", "WD") "%s", sacl);
	ck_assert_ptr_nonnull(strstr(sddl_get(file), sacl));
	ck_assert_int_ne(as_alice(try_set_sddl, setting), 0);
	ck_assert_int_ne(as_alice(try_set_sddl, both), 0);
	ck_assert_int_eq(as_alice(try_get_sddl, text), 0);
	ck_assert_ptr_nonnull(strstr(sddl_get(file), sacl));
}
END_TEST

static int sees_sacl(void *arg)
{
	char text[4096];
	int err = sddl_read_path(file, text, sizeof(text));

	return err < 0 ? err : strstr(text, "S:(") != NULL;
}

START_TEST(others_read_a_descriptor_without_its_sacl)
{
	sddl_set(file, "O:" SID_ALICE "G:SYD:" GRANT("FA", "WD") "S:(AU;SAFA;FA;;;WD)");
	ck_assert_int_eq(sees_sacl(NULL), 1);
	ck_assert_int_eq(as_alice(sees_sacl, NULL), 0);
	/* and what they write leaves it as it was */
	char dacl[] = "D:" GRANT("FA", SID_ALICE);
	ck_assert_int_eq(as_alice(try_set_sddl, dacl), 0);
	ck_assert_int_eq(sees_sacl(NULL), 1);
}
END_TEST

/* ---- out of reach ---- */

static int reach(void *arg)
{
	const char *name = arg;
	char value[64] = "x";

	if (lsetxattr(file, name, value, 1, 0) == 0 || lremovexattr(file, name) == 0)
		return 0;
	/* the kernel answers for trusted.* itself where the caller is not root */
	if (errno != EOPNOTSUPP && errno != EPERM)
		return -errno;
	if (lgetxattr(file, name, value, sizeof(value)) >= 0)
		return 0;
	return errno == EOPNOTSUPP || errno == ENODATA ? -EOPNOTSUPP : -errno;
}

static int try_read(void *arg)
{
	int fd = open(arg, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* A list of @count others beside bob, who alone is denied what everyone has. */
static int deny_bob_among(unsigned int count)
{
	char sddl[16384];
	size_t used = (size_t)snprintf(
		sddl, sizeof(sddl), "O:" SID_ALICE "G:" SID_ALICE_GROUP "D:P(D;;FR;;;" SID_BOB ")");

	for (unsigned int i = 0; i < count; i++)
		used += (size_t)snprintf(sddl + used, sizeof(sddl) - used, "(A;;FR;;;S-1-22-1-%u)",
					 70000 + i);
	snprintf(sddl + used, sizeof(sddl) - used, "(A;;FA;;;" SID_ALICE ")(A;;FR;;;WD)");
	return sddl_try(file, sddl);
}

START_TEST(a_list_that_does_not_fit_behind_the_mount_opens_nothing_there)
{
	char *behind = share_behind(share, "file");

	/* where attributes have a limit, it is somewhere here */
	for (unsigned int count = 130; count < 180; count++) {
		/* a new one each time, which has no list yet */
		ck_assert_int_eq(unlink(file), 0);
		put_file(file, TEXT);
		if (deny_bob_among(count) < 0)
			break;
		ck_assert_int_eq(as_bob(try_read, share_path(share, "file")), -EACCES);
		ck_assert_msg(as_bob(try_read, behind) == -EACCES, "with %u others", count);
	}
}
END_TEST

START_TEST(an_empty_mask_opens_nothing_behind_the_mount)
{
	char *behind = share_behind(share, "file");

	sddl_set(file, "O:" SID_ALICE "G:" SID_ALICE_GROUP "D:P(D;;FR;;;" SID_BOB
		       ")(D;;FR;;;" SID_ALICE_GROUP ")(A;;FA;;;" SID_ALICE ")(A;;FR;;;WD)");
	ck_assert_int_eq(as_bob(try_read, share_path(share, "file")), -EACCES);
	ck_assert_int_eq(as_bob(try_read, behind), -EACCES);
}
END_TEST

START_TEST(attributes_of_the_system_cannot_be_reached)
{
	static const char *const names[] = {
		"security.NTACL", "security.capability", "security.selinux",  "security.ima",
		"trusted.a",      "trusted.overlay.x",   "system.other",      "system.guise",
		"system.guise.",  "system.guise.sddlx",  "system.ntfs_acl.x",
	};
	const char *behind = share_behind(share, "file");
	char list[256];

	sddl_set(file, "O:" SID_ALICE "G:SYD:" GRANT("FA", "WD"));
	ck_assert_int_eq(setxattr(behind, "trusted.a", "1", 1, 0), 0);
	ck_assert_int_eq(setxattr(behind, "trusted.overlay.x", "1", 1, 0), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char name[64];

		snprintf(name, sizeof(name), "%s", names[i]);
		ck_assert_msg(reach(name) == -EOPNOTSUPP, "root and %s", name);
		ck_assert_msg(as_alice(reach, name) == -EOPNOTSUPP, "alice and %s", name);
	}
	ck_assert_int_eq(getxattr(behind, "trusted.a", list, sizeof(list)), 1);
	ck_assert_int_gt(getxattr(behind, "security.NTACL", list, sizeof(list)), 0);
	ck_assert_int_eq(setxattr(file, "user.a", "1", 1, 0), 0);
	ck_assert_int_eq(listxattr(file, list, sizeof(list)), sizeof("user.a"));
	ck_assert_str_eq(list, "user.a");
}
END_TEST

START_TEST(the_nearest_posix_acl_is_shown)
{
	char value[256];
	ssize_t size;

	sddl_set(file, "O:SYG:SYD:" GRANT("FA", "SY") GRANT("FR", SID_ALICE) GRANT("0x80", "WD"));
	size = getxattr(file, "system.posix_acl_access", value, sizeof(value));
	ck_assert_int_gt(size, 0);
	/* the owner's entries, alice's, the group's, the mask, the others' */
	ck_assert_int_eq(size, 4 + 5 * 8);
}
END_TEST

static int get_access(void *arg)
{
	char text[32] = "";
	unsigned int rights = 0;
	ssize_t size = getxattr(file, "system.guise.access", text, sizeof(text) - 1);

	if (size < 0)
		return -errno;
	return sscanf(text, "0x%x", &rights) == 1 ? (int)rights : -EIO;
}

START_TEST(what_one_may_do_is_told_to_each)
{
	sddl_set(file, "O:SYG:SYD:" GRANT("FR", SID_ALICE) GRANT("0x20", SID_TEAM));
	ck_assert_int_eq(as_alice(get_access, NULL), 0x120089);
	ck_assert_int_eq(as_bob(get_access, NULL), 0);
	ck_assert_int_eq(as_user(BOB, BOB_GROUP, 1, &(gid_t){TEAM}, get_access, NULL), 0x20);
	ck_assert_int_lt(setxattr(file, "system.guise.access", "0x0", 3, 0), 0);
	ck_assert_int_eq(errno, EOPNOTSUPP);
}
END_TEST

START_TEST(a_bad_descriptor_is_refused_and_changes_nothing)
{
	static const char *const bad[] = {"", "D", "D:(A;;FA;;WD)", "X:", "D:(A;;FA;;;WD", "O:QQ"};
	const char *before = sddl_get(file);

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(sddl_try(file, bad[i]) == -EINVAL, "\"%s\"", bad[i]);
	ck_assert_int_lt(lsetxattr(file, "system.ntfs_acl", "\1\0", 2, 0), 0);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_str_eq(sddl_get(file), before);
}
END_TEST

/* ---- handles ---- */

/* What a handle that may only append does; a letter for each thing that it should not. */
static int misuse_append(void *arg)
{
	static const char digits[] = "AB";
	int fd = open(file, O_WRONLY | O_APPEND | O_CLOEXEC), plain;

	if (fd < 0)
		return -errno;
	if (pwrite(fd, digits, 2, 0) != 2 || fcntl(fd, F_SETFL, 0) < 0 ||
	    lseek(fd, 0, SEEK_SET) != 0 || write(fd, "C", 1) != 1 || pwrite(fd, "D", 1, 3) != 1)
		return -EIO;
	if (ftruncate(fd, 0) == 0)
		return 1;
	if (fallocate(fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 0, 5) == 0 ||
	    fallocate(fd, 0, 0, 100) == 0)
		return 2;
	if (open(file, O_WRONLY | O_CLOEXEC) >= 0 || open(file, O_WRONLY | O_APPEND | O_TRUNC) >= 0)
		return 3;
	plain = open(file, O_RDWR | O_APPEND | O_CLOEXEC);
	if (plain < 0)
		return -errno;
	if (mmap(NULL, 4, PROT_READ | PROT_WRITE, MAP_SHARED, plain, 0) != MAP_FAILED)
		return 4;
	if (fcntl(plain, F_SETFL, 0) < 0 ||
	    copy_file_range(plain, &(off_t){0}, plain, &(off_t){5}, 2, 0) > 0)
		return 5;
	return truncate(file, 0) == 0 ? 6 : 0;
}

START_TEST(who_may_append_can_do_nothing_else)
{
	sddl_set(file, "O:SYG:SYD:" GRANT("0x5", SID_ALICE));
	ck_assert_int_eq(as_alice(misuse_append, NULL), 0);
	ck_assert_str_eq(get_file(share_behind(share, "file")), TEXT "ABCD");
}
END_TEST

/* O_APPEND by someone who may write anywhere is an ordinary flag. */
static int append_then_write(void *arg)
{
	int fd = open(file, O_WRONLY | O_APPEND | O_CLOEXEC);

	if (fd < 0 || write(fd, "A", 1) != 1 || fcntl(fd, F_SETFL, 0) < 0 ||
	    pwrite(fd, "B", 1, 0) != 1)
		return -errno;
	return close(fd);
}

/* Not with passthrough: there the kernel holds a file to the O_APPEND that it was opened with. */
START_TEST(who_may_write_is_not_held_to_appending)
{
	share_remount(share, "no_passthrough");
	sddl_set(file, "O:SYG:SYD:" GRANT("0x6", SID_ALICE));
	ck_assert_int_eq(as_alice(append_then_write, NULL), 0);
	ck_assert_str_eq(get_file(share_behind(share, "file")), "B123456789A");
}
END_TEST

/* Opens for reading, lets the test take the right away, and reads on. */
static int read_on(void *arg)
{
	const int *pipes = arg;
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	char bytes[16];

	if (fd < 0 || write(pipes[1], "o", 1) != 1 || read(pipes[2], bytes, 1) != 1)
		return -EIO;
	if (pread(fd, bytes, sizeof(bytes), 0) != (ssize_t)strlen(TEXT))
		return -errno;
	return open(file, O_RDONLY | O_CLOEXEC) < 0 ? -errno : 0;
}

START_TEST(a_handle_keeps_the_rights_it_was_opened_with)
{
	int to_test[2], to_alice[2], ends[3];
	char byte;
	pid_t pid;

	ck_assert_int_eq(pipe(to_test), 0);
	ck_assert_int_eq(pipe(to_alice), 0);
	ends[1] = to_test[1];
	ends[2] = to_alice[0];
	sddl_set(file, "O:SYG:SYD:" GRANT("0x1", SID_ALICE));
	/* a process in between takes the right away while alice waits */
	pid = fork();
	if (pid == 0) {
		(void)!read(to_test[0], &byte, 1);
		_exit(sddl_try(file, "D:") == 0 && write(to_alice[1], "g", 1) == 1 ? 0 : 1);
	}
	ck_assert_int_eq(as_alice(read_on, ends), -EACCES);
}
END_TEST

START_TEST(a_read_handle_cannot_write)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_lt(pwrite(fd, "x", 1, 0), 0);
	ck_assert_int_lt(ftruncate(fd, 0), 0);
	ck_assert_ptr_eq(mmap(NULL, 4, PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
	close(fd);
	ck_assert_str_eq(get_file(file), TEXT);
}
END_TEST

/* ---- what a share refuses to open ---- */

START_TEST(only_files_and_folders_are_opened_in_the_backing_folder)
{
	int fd;

	ck_assert_int_eq(mknod(share_behind(share, "null"), S_IFCHR | 0666, 0x103), 0);
	fd = open(share_path(share, "null"), O_RDONLY | O_CLOEXEC);
	ck_assert_int_lt(fd, 0);
	ck_assert_int_eq(errno, EACCES);
}
END_TEST

static int try_fifo(void *arg)
{
	int fd = open(file, O_RDWR | O_NONBLOCK | O_CLOEXEC);

	return fd < 0 ? -errno : close(fd);
}

static int try_connect(void *arg)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), err;

	/* by way of the folder: paths of sockets are short */
	if (chdir(share_path(share, "")) < 0)
		return -errno;
	snprintf(address.sun_path, sizeof(address.sun_path), "socket");
	err = connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
	close(fd);
	return err;
}

/* The kernel opens them without asking the daemon. */
START_TEST(fifos_and_sockets_are_found_only_by_who_may_use_them)
{
	file = share_path(share, "fifo");
	ck_assert_int_eq(mkfifo(file, 0666), 0);
	ck_assert_int_eq(mknod(share_path(share, "socket"), S_IFSOCK | 0666, 0), 0);
	for (int i = 0; i < 2; i++) {
		sddl_set(file, "D:" GRANT("0x3", SID_ALICE) GRANT("0x1f01fc", SID_BOB));
		sddl_set(share_path(share, "socket"),
			 "D:" GRANT("0x3", SID_ALICE) GRANT("0x1f01fc", SID_BOB));
		ck_assert_int_eq(as_alice(try_fifo, NULL), 0);
		ck_assert_int_eq(as_bob(try_fifo, NULL), -EACCES);
		/* nobody listens, and only who may know learns it */
		ck_assert_int_eq(as_alice(try_connect, NULL), -ECONNREFUSED);
		ck_assert_int_eq(as_bob(try_connect, NULL), -EACCES);
		sddl_set(file, "D:" GRANT("0x3", SID_BOB));
		ck_assert_int_eq(as_alice(try_fifo, NULL), -EACCES);
		ck_assert_int_eq(as_bob(try_fifo, NULL), 0);
	}
}
END_TEST

START_TEST(links_are_followed_by_the_caller_and_never_by_the_daemon)
{
	struct stat st;

	put_file(share_behind(share, "../secret"), "secret");
	ck_assert_int_eq(chmod(share_behind(share, "../secret"), 0600), 0);
	ck_assert_int_eq(symlink("../secret", share_behind(share, "link")), 0);
	/* beside the mount there is the same name, which is what the link means to the caller */
	ck_assert_int_eq(lstat(share_path(share, "link"), &st), 0);
	ck_assert(S_ISLNK(st.st_mode));
	file = share_path(share, "link");
	ck_assert_int_eq(alice_reads(), -EACCES);
	ck_assert_int_eq(as_alice(try_chmod, &(mode_t){0666}), -EPERM);
	ck_assert_int_eq(stat(share_behind(share, "../secret"), &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
}
END_TEST

static void add_who(Suite *suite)
{
	TCase *who = tcase_create("who is meant"), *owners = tcase_create("owners");

	tcase_add_checked_fixture(who, setup, teardown);
	tcase_add_test(who, a_deny_before_an_allow_denies);
	tcase_add_test(who, a_deny_after_an_allow_comes_too_late);
	tcase_add_test(who, a_deny_takes_only_the_rights_it_names);
	tcase_add_test(who, everyone_and_authenticated_users_are_all_users);
	tcase_add_test(who, an_ace_that_is_only_for_children_grants_nothing);
	tcase_add_test(who, primary_and_supplementary_groups_count);
	tcase_add_test(who, a_group_denied_denies_its_members);
	tcase_add_test(who, groups_are_those_of_the_moment);
	suite_add_tcase(suite, who);
	tcase_add_checked_fixture(owners, setup, teardown);
	tcase_add_test(owners, an_owner_may_read_and_write_the_dacl_and_nothing_else);
	tcase_add_test(owners, owner_rights_take_the_owners_own_rights_away);
	tcase_add_test(owners, ownership_is_taken_not_given);
	tcase_add_test(owners, a_file_may_be_given_to_any_group_that_one_is_in);
	suite_add_tcase(suite, owners);
}

static void add_root(Suite *suite)
{
	TCase *root = tcase_create("root"), *squash = tcase_create("squashed root");

	tcase_add_checked_fixture(root, setup, teardown);
	tcase_add_test(root, root_has_its_privileges_over_any_dacl);
	tcase_add_test(root, only_the_security_privilege_shows_and_sets_the_sacl);
	tcase_add_test(root, others_read_a_descriptor_without_its_sacl);
	suite_add_tcase(suite, root);
	tcase_add_checked_fixture(squash, NULL, teardown);
	tcase_add_test(squash, squashed_root_is_a_user_like_others);
	suite_add_tcase(suite, squash);
}

static void add_reach(Suite *suite)
{
	TCase *reach_case = tcase_create("reach"), *handles = tcase_create("handles");

	tcase_add_checked_fixture(reach_case, setup, teardown);
	tcase_add_test(reach_case, attributes_of_the_system_cannot_be_reached);
	tcase_add_test(reach_case, a_list_that_does_not_fit_behind_the_mount_opens_nothing_there);
	tcase_add_test(reach_case, an_empty_mask_opens_nothing_behind_the_mount);
	tcase_add_test(reach_case, the_nearest_posix_acl_is_shown);
	tcase_add_test(reach_case, what_one_may_do_is_told_to_each);
	tcase_add_test(reach_case, a_bad_descriptor_is_refused_and_changes_nothing);
	tcase_add_test(reach_case, only_files_and_folders_are_opened_in_the_backing_folder);
	tcase_add_test(reach_case, fifos_and_sockets_are_found_only_by_who_may_use_them);
	tcase_add_test(reach_case, links_are_followed_by_the_caller_and_never_by_the_daemon);
	suite_add_tcase(suite, reach_case);
	tcase_add_checked_fixture(handles, setup, teardown);
	tcase_add_test(handles, who_may_append_can_do_nothing_else);
	tcase_add_test(handles, who_may_write_is_not_held_to_appending);
	tcase_add_test(handles, a_handle_keeps_the_rights_it_was_opened_with);
	tcase_add_test(handles, a_read_handle_cannot_write);
	suite_add_tcase(suite, handles);
}

int main(void)
{
	Suite *suite = suite_create("rights");

	add_who(suite);
	add_root(suite);
	add_reach(suite);
	return harness_run(suite);
}
