/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The library on a mount, each function with two clients: access checks without
 * opening, acting for the time of a function, identities on other threads, and narrowed and issued
 * token keys.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "acl/mask.h"
#include "keyring/guise.h"
#include "keyring/key.h"
#include "keyring/mounts.h"
#include "tests/mount/cast.h"
#include "tests/mount/pretender.h"

static struct share *share;
static struct player *a, *b, *s, *e; /* alice, bob, the server, eve */
static char alice_file[256], bob_file[256], server_file[256], shared_file[256];

/* A file that @person alone may use. */
static void private_file(char path[256], const char *name, const struct person *person)
{
	snprintf(path, 256, "%s", share_path(share, name));
	put_file(path, name);
	sddl_set(path, "O:%sD:P(A;;FA;;;%s)", sid_of(person), sid_of(person));
}

static void begin_with(const char *options)
{
	share = share_open(options);
	sddl_set(share_path(share, ""), "D:(A;;FRFX;;;WD)");
	private_file(alice_file, "alice", &alice);
	private_file(bob_file, "bob", &bob);
	private_file(server_file, "server", &server);
	snprintf(shared_file, sizeof(shared_file), "%s", share_path(share, "shared"));
	put_file(shared_file, "shared");
	sddl_set(shared_file, "O:SYD:P(A;;FR;;;%s)(A;;FA;;;%s)", sid_of(&alice), sid_of(&bob));
	a = player_start(&alice);
	b = player_start(&bob);
	s = player_start(&server);
	e = player_start(&eve);
}

static void begin(void)
{
	begin_with(NULL);
}

static void end(void)
{
	struct player *const all[] = {a, b, s, e};

	for (size_t i = 0; i < 4; i++) {
		player_do(all[i], DEED_CLEAR, NULL, 0);
		player_end(all[i]);
	}
	share_close(share);
}

static long does(struct player *player, enum deed deed)
{
	return player_do(player, deed, NULL, 0);
}

static long reads(struct player *player, const char *path)
{
	return player_do(player, DEED_READ, path, 0);
}

static long writes(struct player *player, const char *path)
{
	return player_do(player, DEED_WRITE, path, 0);
}

static void be(int32_t serial)
{
	ck_assert_int_eq(player_do(s, DEED_IMPERSONATE, NULL, serial), 0);
}

static void revert(void)
{
	ck_assert_int_eq(does(s, DEED_REVERT), 0);
}

static int32_t alices(int level)
{
	return grant(a, &server, level, 600);
}

static int32_t bobs(int level)
{
	return grant(b, &server, level, 600);
}

static void check_itself(void)
{
	ck_assert_int_eq(reads(s, server_file), 0);
	ck_assert_int_eq(reads(s, alice_file), -EACCES);
	ck_assert_int_eq(reads(s, bob_file), -EACCES);
	ck_assert_int_eq(does(s, DEED_CURRENT), 0);
	ck_assert_int_eq(does(s, DEED_ASSERT_SELF), 0);
}

/* @rights on @path: @result, and all that is granted is @granted. */
static void checks(const char *path, uint32_t rights, long result, uint32_t granted)
{
	long got = player_do(s, DEED_CHECK, path, rights);
	uint32_t all = (uint32_t)strtoul(player_said(s), NULL, 16);

	ck_assert_msg(got == result && all == granted, "%s 0x%x: %s, 0x%x; wanted %s, 0x%x", path,
		      rights, strerror((int)-got), all, strerror((int)-result), granted);
}

START_TEST(identify_is_enough_to_check_and_not_to_open)
{
	be(alices(GUISE_IDENTIFY));
	checks(alice_file, FILE_READ_DATA, 0, FILE_ALL_ACCESS);
	checks(shared_file, FILE_READ_DATA, 0, FILE_GENERIC_READ);
	checks(shared_file, FILE_READ_DATA | FILE_WRITE_DATA, -EACCES, FILE_GENERIC_READ);
	checks(bob_file, FILE_READ_DATA, -EACCES, 0);
	checks(server_file, FILE_READ_DATA, -EACCES, 0); /* as the client, not as the server */
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(reads(s, i ? alice_file : shared_file), -EACCES);
		ck_assert_int_eq(writes(s, i ? alice_file : shared_file), -EACCES);
	}
	be(bobs(GUISE_IDENTIFY));
	checks(bob_file, GENERIC_ALL, 0, FILE_ALL_ACCESS);
	checks(shared_file, FILE_WRITE_DATA, 0, FILE_ALL_ACCESS);
	checks(alice_file, FILE_READ_DATA, -EACCES, 0);
	ck_assert_int_eq(reads(s, bob_file), -EACCES);
	revert();
	checks(server_file, FILE_READ_DATA, 0, FILE_ALL_ACCESS);
	checks(alice_file, FILE_READ_DATA, -EACCES, 0);
	check_itself();
}
END_TEST

/* The old question gives the same answer. */
START_TEST(identify_is_enough_for_the_attribute_access)
{
	char text[32] = "";

	be(alices(GUISE_IDENTIFY));
	ck_assert_int_ge(player_do(s, DEED_GET_ACCESS, alice_file, 0), 0);
	snprintf(text, sizeof(text), "0x%08x", FILE_ALL_ACCESS);
	ck_assert_str_eq(player_said(s), text);
	/* descriptors are not for who only identifies */
	ck_assert_int_eq(player_do(s, DEED_GET_SDDL, alice_file, 0), -EACCES);
}
END_TEST

START_TEST(check_at_the_other_levels)
{
	be(alices(GUISE_IMPERSONATE));
	checks(alice_file, FILE_READ_DATA, 0, FILE_ALL_ACCESS);
	checks(bob_file, FILE_READ_DATA, -EACCES, 0);
	be(alices(GUISE_ANONYMOUS));
	checks(alice_file, FILE_READ_DATA, -EACCES, 0);
}
END_TEST

START_TEST(check_by_descriptor)
{
	char number[24], folder[24];
	long fd = player_do(s, DEED_OPEN, alice_file, O_PATH);

	ck_assert_int_ge(fd, 0);
	snprintf(number, sizeof(number), "%ld", fd);
	be(alices(GUISE_IDENTIFY));
	ck_assert_int_eq(player_do(s, DEED_CHECK_FD, number, FILE_READ_DATA), 0);
	be(bobs(GUISE_IDENTIFY));
	ck_assert_int_eq(player_do(s, DEED_CHECK_FD, number, FILE_READ_DATA), -EACCES);
	revert();
	fd = player_do(s, DEED_OPEN, share_path(share, ""), O_DIRECTORY);
	snprintf(folder, sizeof(folder), "%ld", fd);
	be(alices(GUISE_IDENTIFY));
	ck_assert_int_eq(player_do(s, DEED_CHECK_FD, folder, FILE_LIST_DIRECTORY), 0);
	ck_assert_int_eq(player_do(s, DEED_CHECK_FD, folder, FILE_ADD_FILE), -EACCES);
	ck_assert_int_eq(player_do(s, DEED_CHECK_FD, "999", FILE_READ_DATA), -EBADF);
}
END_TEST

/* Who may find a name may ask about it; nobody finds more than that. */
START_TEST(check_needs_what_finding_needs)
{
	char path[256];

	/* folders without a descriptor mean what their modes say */
	ck_assert_int_eq(mkdir(share_behind(share, "open"), 0755), 0);
	ck_assert_int_eq(mkdir(share_behind(share, "home"), 0700), 0);
	ck_assert_int_eq(chown(share_behind(share, "home"), alice.uid, alice.gid), 0);
	put_file(share_behind(share, "open/file"), "open");
	put_file(share_behind(share, "home/file"), "home");
	be(alices(GUISE_IDENTIFY));
	snprintf(path, sizeof(path), "%s", share_path(share, "open/file"));
	checks(path, FILE_READ_DATA, 0, FILE_GENERIC_READ);
	snprintf(path, sizeof(path), "%s", share_path(share, "home/file"));
	checks(path, FILE_READ_DATA, 0, FILE_GENERIC_READ);
	be(bobs(GUISE_IDENTIFY));
	checks(path, FILE_READ_DATA, -EACCES, 0);
	snprintf(path, sizeof(path), "%s", share_path(share, "home/none"));
	checks(path, FILE_READ_DATA, -EACCES, 0);
	snprintf(path, sizeof(path), "%s", share_path(share, "open/none"));
	checks(path, FILE_READ_DATA, -ENOENT, 0);
}
END_TEST

/* To find a fifo is to be able to open it: the kernel does not ask. */
START_TEST(identify_finds_no_fifo)
{
	char path[256];

	snprintf(path, sizeof(path), "%s", share_path(share, "fifo"));
	ck_assert_int_eq(mkfifo(path, 0666), 0);
	sddl_set(path, "D:P(A;;FA;;;WD)");
	be(alices(GUISE_IMPERSONATE));
	ck_assert_int_ge(player_do(s, DEED_OPEN, path, O_RDWR), 0);
	be(alices(GUISE_IDENTIFY));
	ck_assert_int_eq(player_do(s, DEED_OPEN, path, O_RDWR), -EACCES);
	checks(path, FILE_READ_DATA, -EACCES, 0);
}
END_TEST

START_TEST(check_of_what_is_no_question)
{
	int32_t serial = alices(GUISE_IDENTIFY);

	be(serial);
	checks(alice_file, 0, -EINVAL, 0);
	checks("/proc/self/status", FILE_READ_DATA, -EOPNOTSUPP, 0);
	checks("/proc/self/status", 0, -EINVAL, 0);
	checks(share_path(share, "none"), FILE_READ_DATA, -ENOENT, 0);
	ck_assert_int_eq(player_do(a, DEED_REVOKE, NULL, serial), 0);
	checks(alice_file, FILE_READ_DATA, -EKEYREVOKED, 0);
	revert();
	ck_assert_int_eq(player_do(s, DEED_GET_CHECK, alice_file, 0), -EINVAL);
}
END_TEST

/* Only what is truly a guisefs mount answers, also by way of a bind mount of a part. */
START_TEST(mounts_are_told_from_what_is_none)
{
	char part[256];
	int fd;

	put_folder(share_path(share, "part"));
	put_folder(share_path(share, "bound"));
	snprintf(part, sizeof(part), "%s", share_path(share, "bound"));
	ck_assert_int_eq(mount(share_path(share, "part"), part, NULL, MS_BIND, NULL), 0);
	fd = open(part, O_PATH | O_CLOEXEC);
	ck_assert_int_eq(umount2(part, MNT_DETACH), 0);
	/* it is in nobody's list any more */
	ck_assert_int_eq(mounts_hold(fd), 0);
	close(fd);
	ck_assert_int_eq(mount(share_path(share, "part"), part, NULL, MS_BIND, NULL), 0);
	fd = open(part, O_PATH | O_CLOEXEC);
	ck_assert_int_eq(mounts_hold(fd), 1);
	close(fd);
	ck_assert_int_eq(umount(part), 0);
	fd = open(share_behind(share, ""), O_PATH | O_CLOEXEC);
	ck_assert_int_eq(mounts_hold(fd), 0);
	close(fd);
	ck_assert_int_eq(mounts_hold(fd), -EBADF);
}
END_TEST

/* Who mounts a file system of his own answers for himself. */
START_TEST(a_pretender_is_not_believed)
{
	char folder[] = "/tmp/guisefs-test.XXXXXX", file[64];
	int32_t serial = alices(GUISE_IMPERSONATE);
	struct guise_context *context;
	struct guise_token *token;
	pid_t pid;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chmod(folder, 0755), 0);
	pid = pretender_start(folder);
	snprintf(file, sizeof(file), "%s/file", folder);
	checks(file, FILE_READ_DATA, -EOPNOTSUPP, 0);
	be(serial);
	checks(file, FILE_READ_DATA, -EOPNOTSUPP, 0);
	checks(alice_file, FILE_READ_DATA, 0, FILE_ALL_ACCESS);
	revert();
	ck_assert_int_eq(guise_query_at(file, &token), -EOPNOTSUPP);
	ck_assert_ptr_null(token);
	ck_assert_int_eq(guise_context_current_at(file, &context), -EOPNOTSUPP);
	ck_assert_ptr_null(context);
	pretender_end(pid, folder);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

/* ---- who one is ---- */

static void check_query(struct player *player, const char *format, ...)
{
	char wanted[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(wanted, sizeof(wanted), format, arguments);
	va_end(arguments);
	ck_assert_int_eq(does(player, DEED_QUERY), 0);
	ck_assert_msg(strncmp(player_said(player), wanted, strlen(wanted)) == 0, "%s",
		      player_said(player));
}

static bool count_mount(const char *path, void *context)
{
	(*(unsigned int *)context)++;
	return false;
}

/* It lies on top of the mount that would have to be told. */
START_TEST(a_pretender_takes_no_announcement)
{
	char folder[256];
	int32_t serial = alices(GUISE_IMPERSONATE);
	unsigned int mounts = 0;
	pid_t pid;

	mounts_each(count_mount, &mounts);
	snprintf(folder, sizeof(folder), "%s", share_path(share, ""));
	pid = pretender_start(folder);
	if (mounts == 1) {
		ck_assert_int_eq(player_do(s, DEED_IMPERSONATE, NULL, serial), -ENODEV);
		ck_assert_int_eq(does(s, DEED_CURRENT), 0);
		ck_assert_int_eq(does(s, DEED_QUERY), -ENODEV);
	} else {
		puts("a_pretender_takes_no_announcement: not tested, there are other mounts");
	}
	pretender_end(pid, folder);
	be(serial);
	check_query(s, "%s ", sid_of(&alice));
	revert();
	check_itself();
}
END_TEST

START_TEST(query_tells_who_and_for_whom)
{
	int32_t serial = alices(GUISE_IDENTIFY);
	char group[32];

	check_query(s, "%s %s %d - 0 0xffffffff ", sid_of(&server), server.name, GUISE_DELEGATE);
	be(serial);
	check_query(s, "%s %s %d %s 1 0xffffffff ", sid_of(&alice), alice.name, GUISE_IDENTIFY,
		    sid_of(&server));
	snprintf(group, sizeof(group), " S-1-22-2-%u", alice.gid);
	ck_assert_ptr_nonnull(strstr(player_said(s), group));
	be(bobs(GUISE_IMPERSONATE));
	check_query(s, "%s %s %d %s 1 ", sid_of(&bob), bob.name, GUISE_IMPERSONATE,
		    sid_of(&server));
	be(serial);
	ck_assert_int_eq(player_do(a, DEED_REVOKE, NULL, serial), 0);
	ck_assert_int_eq(does(s, DEED_QUERY), -EKEYREVOKED);
	revert();
	check_query(s, "%s %s ", sid_of(&server), server.name);
}
END_TEST

START_TEST(assert_self_knows_of_what_started_the_program)
{
	int32_t serial = alices(GUISE_IMPERSONATE);
	struct player *confined = player_start_confined(&server, serial);

	ck_assert_int_eq(does(confined, DEED_CURRENT), 0); /* the thread did nothing */
	ck_assert_int_eq(does(confined, DEED_ASSERT_SELF), -EBUSY);
	check_query(confined, "%s %s ", sid_of(&alice), alice.name);
	player_end(confined);
	ck_assert_int_eq(does(s, DEED_ASSERT_SELF), 0);
	be(serial);
	ck_assert_int_eq(does(s, DEED_CURRENT), serial);
	ck_assert_int_eq(does(s, DEED_ASSERT_SELF), -EBUSY);
	ck_assert_int_eq(does(s, DEED_EXEC), 0);
	ck_assert_int_eq(does(s, DEED_ASSERT_SELF), -EBUSY);
	be(serial);
	revert();
	check_itself();
}
END_TEST

/* ---- for the time of a function, on other threads ---- */

START_TEST(with_token_reads_as_the_client_only)
{
	int32_t one = alices(GUISE_IMPERSONATE), two = bobs(GUISE_IMPERSONATE);
	char words[300];

	ck_assert_int_eq(player_do(s, DEED_WITH_READ, alice_file, one), 0);
	check_itself();
	ck_assert_int_eq(player_do(s, DEED_WITH_READ, server_file, one), -EACCES);
	ck_assert_int_eq(player_do(s, DEED_WITH_READ, alice_file, two), -EACCES);
	ck_assert_int_eq(player_do(s, DEED_WITH_READ, bob_file, two), 0);
	check_itself();
	/* the function impersonates somebody else itself */
	snprintf(words, sizeof(words), "%d %s", two, bob_file);
	ck_assert_int_eq(player_do(s, DEED_WITH_OTHER, words, one), 0);
	check_itself();
	snprintf(words, sizeof(words), "%d %s", two, alice_file);
	ck_assert_int_eq(player_do(s, DEED_WITH_OTHER, words, one), -EACCES);
	check_itself();
	ck_assert_int_eq(player_do(s, DEED_WITH_READ, server_file, 1), -ENOKEY);
	check_itself();
}
END_TEST

START_TEST(captured_here_resumed_there)
{
	int32_t one = alices(GUISE_IMPERSONATE);

	be(one);
	ck_assert_int_eq(does(s, DEED_CAPTURE), 0);
	ck_assert_int_eq(player_do(s, DEED_THREAD_READ, alice_file, 0), -EACCES);
	ck_assert_int_eq(player_do(s, DEED_RESUME_READ, alice_file, 0), 0);
	ck_assert_int_eq(player_do(s, DEED_RESUME_READ, bob_file, 0), -EACCES);
	ck_assert_int_eq(player_do(s, DEED_RESUME_READ, server_file, 0), -EACCES);
	be(bobs(GUISE_IMPERSONATE));
	ck_assert_int_eq(player_do(s, DEED_RESUME_READ, alice_file, 0), 0);
	ck_assert_int_eq(reads(s, bob_file), 0); /* this thread is still bob */
	ck_assert_int_eq(does(s, DEED_CAPTURE), 0);
	ck_assert_int_eq(player_do(s, DEED_RESUME_READ, bob_file, 0), 0);
	revert();
	ck_assert_int_eq(does(s, DEED_CAPTURE), 0);
	ck_assert_int_eq(player_do(s, DEED_RESUME_READ, server_file, 0), 0);
	ck_assert_int_eq(player_do(s, DEED_RESUME_READ, bob_file, 0), -EACCES);
	check_itself();
}
END_TEST

/* ---- what consents can say ---- */

static int32_t grants(struct player *player, const char *format, ...)
{
	char text[256];
	va_list arguments;
	long serial;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	serial = player_do(player, DEED_GRANT_WITH, text, 0);
	ck_assert_msg(serial > 0, "%s: %s", text, strerror((int)-serial));
	return (int32_t)serial;
}

static int32_t narrows(int32_t serial, const char *limits)
{
	long narrowed = player_do(s, DEED_RESTRICT, limits, serial);

	ck_assert_msg(narrowed > 0, "%s: %s", limits, strerror((int)-narrowed));
	return (int32_t)narrowed;
}

START_TEST(several_accounts_and_fewer_rights)
{
	int32_t serial = grants(a, "2 600 %x - %u %u", FILE_GENERIC_READ, server.uid, eve.uid);

	be(serial);
	ck_assert_int_eq(reads(s, alice_file), 0);
	ck_assert_int_eq(writes(s, alice_file), -EACCES);
	checks(alice_file, FILE_WRITE_DATA, -EACCES, FILE_GENERIC_READ);
	ck_assert_int_eq(player_do(e, DEED_IMPERSONATE, NULL, serial), 0);
	ck_assert_int_eq(reads(e, alice_file), 0);
	ck_assert_int_eq(player_do(b, DEED_IMPERSONATE, NULL, serial), -EKEYREJECTED);
	ck_assert_int_eq(does(a, DEED_LIST), 1);
}
END_TEST

START_TEST(the_host_s_default_level_is_identify)
{
	be(grants(a, "-1 600 ffffffff - %u", server.uid));
	checks(alice_file, FILE_READ_DATA, 0, FILE_ALL_ACCESS);
	ck_assert_int_eq(reads(s, alice_file), -EACCES);
	check_query(s, "%s %s %d ", sid_of(&alice), alice.name, GUISE_IDENTIFY);
}
END_TEST

START_TEST(a_share_s_consent_is_for_no_other)
{
	be(grants(a, "2 600 ffffffff team %u", server.uid));
	check_refused(share, s, alice_file, -EKEYREJECTED, "token-share");
	checks(alice_file, FILE_READ_DATA, -EKEYREJECTED, 0);
	revert();
	share_remount(share, "share=team");
	be(grants(a, "2 600 ffffffff team %u", server.uid));
	ck_assert_int_eq(reads(s, alice_file), 0);
	be(grants(a, "2 600 ffffffff Team %u", server.uid));
	check_refused(share, s, alice_file, -EKEYREJECTED, "token-share");
	be(grants(b, "2 600 ffffffff - %u", server.uid));
	ck_assert_int_eq(reads(s, bob_file), 0);
}
END_TEST

START_TEST(narrowing_only_loses)
{
	int32_t parent = alices(GUISE_IMPERSONATE), narrowed;

	be(narrows(parent, "1 0 ffffffff -"));
	ck_assert_int_eq(reads(s, alice_file), -EACCES);
	checks(alice_file, FILE_WRITE_DATA, 0, FILE_ALL_ACCESS);
	be(narrows(parent, "-1 0 120089 -"));
	ck_assert_int_eq(reads(s, alice_file), 0);
	ck_assert_int_eq(writes(s, alice_file), -EACCES);
	check_query(s, "%s %s %d %s 1 0x120089 ", sid_of(&alice), alice.name, GUISE_IMPERSONATE,
		    sid_of(&server));
	be(narrows(grants(a, "1 600 120089 - %u", server.uid), "3 9999 1f01ff -"));
	ck_assert_int_eq(reads(s, alice_file), -EACCES);
	checks(alice_file, FILE_WRITE_DATA, -EACCES, FILE_GENERIC_READ);
	/* it is the server's alone, and ends with its parent */
	narrowed = narrows(parent, "-1 0 ffffffff -");
	ck_assert_int_eq(player_do(e, DEED_IMPERSONATE, NULL, narrowed), -EKEYREJECTED);
	be(narrowed);
	ck_assert_int_eq(reads(s, alice_file), 0);
	ck_assert_int_eq(player_do(a, DEED_REVOKE, NULL, parent), 0);
	ck_assert_int_lt(reads(s, alice_file), 0);
	ck_assert_int_lt(reads(s, server_file), 0);
	revert();
	check_itself();
}
END_TEST

/* What the library writes into a narrowed key is not what the daemon relies on. */
START_TEST(narrowing_by_hand_gains_nothing)
{
	int32_t parent = grants(a, "1 600 120089 - %u", server.uid);
	char text[512];
	long key;

	snprintf(
		text, sizeof(text),
		"guise-token 1\nlevel delegate\nfor %s\nuntil 9000000000\nrights 0x1f01ff\nof %s\n",
		sid_of(&server), parent_words(parent));
	key = player_do(s, DEED_MAKE_KEY, text, KEY_TOKEN_PERM);
	ck_assert_int_gt(key, 0);
	be((int32_t)key);
	ck_assert_int_eq(reads(s, alice_file), -EACCES);
	checks(alice_file, FILE_WRITE_DATA, -EACCES, FILE_GENERIC_READ);
	check_query(s, "%s %s %d %s 1 0x120089 ", sid_of(&alice), alice.name, GUISE_IDENTIFY,
		    sid_of(&server));
}
END_TEST

START_TEST(issued_by_root_alone)
{
	struct player *logon = player_start(&root);
	char text[256];
	long serial;

	snprintf(text, sizeof(text), "2 %u %s Users", server.uid, alice.name);
	serial = player_do(logon, DEED_ISSUE, text, 1);
	ck_assert_int_gt(serial, 0);
	be((int32_t)serial);
	check_query(s, "%s %s %d %s 1 ", sid_of(&alice), alice.name, GUISE_IMPERSONATE,
		    sid_of(&server));
	ck_assert_ptr_nonnull(strstr(player_said(s), " S-1-5-32-545"));
	ck_assert_int_eq(reads(s, bob_file), 0); /* SeBackupPrivilege */
	ck_assert_int_eq(writes(s, bob_file), -EACCES);
	ck_assert_int_eq(player_do(logon, DEED_REVOKE, NULL, serial), 0);
	player_end(logon);
	/* a forgery */
	serial = player_do(e, DEED_ISSUE, text, 1);
	ck_assert_int_gt(serial, 0);
	be((int32_t)serial);
	check_refused(share, s, alice_file, -EKEYREJECTED, "token-forged");
	revert();
	check_itself();
}
END_TEST

int main(int argc, char **argv)
{
	const TTest *const tests[] = {
		identify_is_enough_to_check_and_not_to_open,
		identify_is_enough_for_the_attribute_access,
		check_at_the_other_levels,
		check_by_descriptor,
		check_needs_what_finding_needs,
		identify_finds_no_fifo,
		check_of_what_is_no_question,
		mounts_are_told_from_what_is_none,
		a_pretender_is_not_believed,
		a_pretender_takes_no_announcement,
		query_tells_who_and_for_whom,
		assert_self_knows_of_what_started_the_program,
		with_token_reads_as_the_client_only,
		captured_here_resumed_there,
		several_accounts_and_fewer_rights,
		the_host_s_default_level_is_identify,
		a_share_s_consent_is_for_no_other,
		narrowing_only_loses,
		narrowing_by_hand_gains_nothing,
		issued_by_root_alone,
	};
	Suite *suite = suite_create("library");
	TCase *cases = tcase_create("mount");

	tcase_add_checked_fixture(cases, begin, end);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(cases, tests[i]);
	suite_add_tcase(suite, cases);
	return cast_run(argc, argv, suite);
}
