/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Callers that do what nobody should: other people's keys and rings, keys that change between two
 * requests, namespaces, used up quotas, false mounts, threads by the thousand.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <keyutils.h>
#include <linux/fuse.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "keyring/announce.h"
#include "keyring/guise.h"
#include "keyring/key.h"
#include "tests/mount/cast.h"

#define OTHER_USER "guise-token 1\nlevel impersonate\nfor %s\nuser S-1-5-18\n"
#define PLAIN "guise-token 1\nlevel impersonate\nfor %s\n"

static struct share *share;
static struct player *a, *b, *s, *e; /* alice, bob, the server, eve */
static char root_folder[256], alice_file[256], bob_file[256], server_file[256];

static void private_file(char path[256], const char *name, const struct person *person)
{
	snprintf(path, 256, "%s", share_path(share, name));
	put_file(path, name);
	sddl_set(path, "O:%sD:P(A;;FA;;;%s)", sid_of(person), sid_of(person));
}

static void begin(void)
{
	/* how many workers there are is not to count as memory that is lost */
	share = share_open("threads=1");
	snprintf(root_folder, sizeof(root_folder), "%s", share_path(share, ""));
	private_file(alice_file, "alice", &alice);
	private_file(bob_file, "bob", &bob);
	private_file(server_file, "server", &server);
	a = player_start(&alice);
	b = player_start(&bob);
	s = player_start(&server);
	e = player_start(&eve);
}

static void end(void)
{
	/* what each test leaves would use up the accounts' quota of keys */
	player_do(a, DEED_CLEAR, NULL, 0);
	player_do(b, DEED_CLEAR, NULL, 0);
	player_do(s, DEED_CLEAR, NULL, 0);
	player_do(e, DEED_CLEAR, NULL, 0);
	player_end(a);
	player_end(b);
	player_end(s);
	player_end(e);
	share_close(share);
}

static long reads(struct player *player, const char *path)
{
	return player_do(player, DEED_READ, path, 0);
}

static void check_itself(struct player *player)
{
	ck_assert_int_eq(reads(player, server_file), 0);
	ck_assert_int_eq(reads(player, alice_file), -EACCES);
	ck_assert_int_eq(reads(player, bob_file), -EACCES);
}

static void check_is_alice(struct player *player)
{
	ck_assert_int_eq(reads(player, alice_file), 0);
	ck_assert_int_eq(reads(player, server_file), -EACCES);
	ck_assert_int_eq(reads(player, bob_file), -EACCES);
}

static long impersonates(struct player *player, int32_t serial)
{
	return player_do(player, DEED_IMPERSONATE, NULL, serial);
}

static int32_t be_alice(struct player *player)
{
	int32_t serial = grant(a, &server, GUISE_IMPERSONATE, 600);

	ck_assert_int_eq(impersonates(player, serial), 0);
	check_is_alice(player);
	return serial;
}

static void revert(struct player *player)
{
	ck_assert_int_eq(player_do(player, DEED_REVERT, NULL, 0), 0);
}

/* --- in processes of their own, which cannot fail a test themselves --- */

/* What a process does; 0 or a number that tells what went wrong, up to 99. */
typedef int deed_fn(void);

static void become(const struct person *person)
{
	if (setgroups(0, NULL) < 0 || setresgid(person->gid, person->gid, person->gid) < 0 ||
	    setresuid(person->uid, person->uid, person->uid) < 0)
		_exit(100);
	prctl(PR_SET_DUMPABLE, 1);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static pid_t start_as(const struct person *person, deed_fn *fn)
{
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		become(person);
		_exit(fn());
	}
	return pid;
}

static int status_of(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run_as(const struct person *person, deed_fn *fn)
{
	return status_of(start_as(person, fn));
}

/* 0 or -errno */
static int can_read(const char *path)
{
	char byte;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int result = fd < 0 || read(fd, &byte, 1) < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return result;
}

static bool i_am_alice(void)
{
	return can_read(alice_file) == 0 && can_read(server_file) < 0 && can_read(bob_file) < 0;
}

static bool i_am_server(void)
{
	return can_read(server_file) == 0 && can_read(alice_file) < 0 && can_read(bob_file) < 0;
}

static bool i_am_refused(void)
{
	return can_read(server_file) < 0 && can_read(alice_file) < 0 && can_read(bob_file) < 0;
}

static int announce_at(const char *prefix, int32_t serial)
{
	char name[64], answer[16];

	snprintf(name, sizeof(name), "%s%d", prefix, serial);
	return getxattr(root_folder, name, answer, sizeof(answer)) < 0 ? -errno : 0;
}

/* for the processes that follow */
static int32_t alice_token, foreign_ring, foreign_marker;

/* A keyring that looks like a thread's, in @parent, with a marker and @token in it. */
static int32_t false_ring(int32_t parent, int32_t token)
{
	int32_t ring = add_key("keyring", "_tid", NULL, 0, parent);
	int32_t marker = ring < 0 ? ring : add_key("user", KEY_MARKER_NAME, "1", 1, ring);

	if (marker < 0 || keyctl_setperm(marker, KEY_MARKER_PERM) < 0 ||
	    (token && keyctl_link(token, ring) < 0) || keyctl_setperm(ring, KEY_RING_PERM) < 0)
		return -1;
	return ring;
}

/* --- keys of others --- */

static int thief(void)
{
	int32_t ring;

	keyctl_join_session_keyring(NULL);
	ring = false_ring(KEY_SPEC_SESSION_KEYRING, alice_token);
	if (guise_impersonate(alice_token) != -EKEYREJECTED)
		return 1;
	if (ring < 0 || announce_at(ANNOUNCE_THREAD, foreign_ring) != -EACCES)
		return 2;
	/* her own ring with another's token in it: told, and refused from then on */
	if (announce_at(ANNOUNCE_THREAD, ring) != 0)
		return 3;
	return i_am_refused() ? 0 : 4;
}

/* What the holder of a key or ring must be alone to do; bits of what worked. */
static long meddle(int32_t key)
{
	long done = 0;

	done |= keyctl_link(alice_token, key) == 0 ? 0x1 : 0;
	done |= keyctl_unlink(foreign_marker, key) == 0 ? 0x2 : 0;
	done |= keyctl_clear(key) == 0 ? 0x4 : 0;
	done |= keyctl_move(foreign_marker, key, KEY_SPEC_PROCESS_KEYRING, 0) == 0 ? 0x8 : 0;
	done |= keyctl_restrict_keyring(key, NULL, NULL) == 0 ? 0x10 : 0;
	done |= keyctl_setperm(key, KEY_POS_ALL | KEY_USR_ALL) == 0 ? 0x20 : 0;
	done |= keyctl_invalidate(key) == 0 ? 0x40 : 0;
	done |= keyctl_revoke(key) == 0 ? 0x80 : 0;
	done |= keyctl_set_timeout(key, 1) == 0 ? 0x100 : 0;
	done |= keyctl_update(key, "x", 1) == 0 ? 0x200 : 0;
	done |= keyctl_chown(key, getuid(), getgid()) == 0 ? 0x400 : 0;
	return done;
}

static pid_t foreign_process;

/* Another process of the server's account, with all that the account itself may do. */
static int twin(void)
{
	char path[64];

	keyctl_join_session_keyring(NULL);
	keyctl_join_session_keyring("_tid"); /* somebody's thread ring, if it let itself be found */
	if (meddle(foreign_ring) || meddle(foreign_marker) || meddle(alice_token))
		return 1;
	snprintf(path, sizeof(path), "/proc/%d/mem", (int)foreign_process);
	if (open(path, O_RDWR | O_CLOEXEC) >= 0)
		return 2;
	if (ptrace(PTRACE_SEIZE, foreign_process, NULL, NULL) == 0)
		return 3;
	/* with the server's ring it is what the account was given, and no more */
	if (announce_at(ANNOUNCE_THREAD, foreign_ring) == 0 && !i_am_alice())
		return 4;
	return 0;
}

static void be_watched(void)
{
	alice_token = be_alice(s);
	foreign_ring = (int32_t)player_do(s, DEED_RING, NULL, 0);
	foreign_marker = (int32_t)player_do(s, DEED_MARKER, NULL, 0);
	foreign_process = (pid_t)player_do(s, DEED_PID, NULL, 0);
	ck_assert_int_gt(foreign_ring, 0);
	ck_assert_int_gt(foreign_marker, 0);
}

START_TEST(another_account_gains_nothing_by_a_token_or_ring)
{
	be_watched();
	ck_assert_int_eq(run_as(&eve, thief), 0);
	ck_assert(share_log_contains(share, "reason=ring-not-own "));
	ck_assert(share_log_contains(share, "reason=token-audience "));
	check_is_alice(s);
}
END_TEST

START_TEST(another_process_of_the_account_cannot_touch_a_thread)
{
	be_watched();
	ck_assert_int_eq(run_as(&server, twin), 0);
	check_is_alice(s);
	revert(s);
	check_itself(s);
}
END_TEST

/* A new key of alice's with the text that @format makes of the server's SID. */
static int32_t key_of_alice(const char *text)
{
	long serial = player_do(a, DEED_MAKE_KEY, text, (long)KEY_TOKEN_PERM);

	ck_assert_int_gt(serial, 0);
	return (int32_t)serial;
}

/* @format with the SID of @person in the place of %s. */
static const char *text_for(const char *format, const struct person *person)
{
	static char texts[4][256];
	static unsigned int turn;
	const char *hole = strstr(format, "%s");
	char *text = texts[turn++ % 4];

	snprintf(text, sizeof(texts[0]), "%.*s%s%s", (int)(hole - format), format, sid_of(person),
		 hole + 2);
	return text;
}

START_TEST(a_token_for_two_accounts_is_for_these_two)
{
	char text[256];
	int32_t serial;

	snprintf(text, sizeof(text), PLAIN "for %s\n", sid_of(&server), sid_of(&bob));
	serial = key_of_alice(text);
	ck_assert_int_eq(impersonates(s, serial), 0);
	ck_assert_int_eq(impersonates(b, serial), 0);
	ck_assert_int_eq(impersonates(e, serial), -EKEYREJECTED);
	check_is_alice(s);
	check_is_alice(b);
	ck_assert_int_eq(reads(e, alice_file), -EACCES);
	ck_assert_str_eq(whoami_word(s, alice_file, "actor"), sid_of(&server));
	ck_assert_str_eq(whoami_word(b, alice_file, "actor"), sid_of(&bob));
	revert(b);
	ck_assert_int_eq(reads(b, bob_file), 0);
	check_is_alice(s);
	ck_assert_int_eq(impersonates(b, serial), 0);
	ck_assert_int_eq(player_do(a, DEED_REVOKE, NULL, serial), 0);
	check_refused(share, s, alice_file, -EKEYREVOKED, "key-revoked");
	check_refused(share, b, alice_file, -EKEYREVOKED, "key-revoked");
}
END_TEST

/* --- what the owner does to its key between two requests --- */

/* The test itself as alice: keys go by the fsuid. */
static void update_as_alice(int32_t key, const char *text)
{
	setfsuid(alice.uid);
	ck_assert_int_eq(keyctl_update(key, text, strlen(text)), 0);
	setfsuid(0);
}

static void permit_as_alice(int32_t key, key_perm_t perm)
{
	setfsuid(alice.uid);
	ck_assert_int_eq(keyctl_setperm(key, perm), 0);
	setfsuid(0);
}

static void check_cut_off(int error, const char *reason)
{
	check_refused(share, s, alice_file, error, reason);
	check_refused(share, s, server_file, error, reason);
}

START_TEST(a_changed_text_counts_at_the_next_request)
{
	static const struct {
		const char *text;
		int error;
		const char *reason;
	} changes[] = {
		{"guise-token 1\nlevel identify\nfor %s\n", -EACCES, "token-level"},
		{"guise-token 1\nlevel impersonate\nfor %s\nuntil 1000000000\n", -EKEYEXPIRED,
		 "key-expired"},
		{"guise-token 1\nlevel impersonate\nfor %s\nnonsense 1\n", -EKEYREJECTED,
		 "token-malformed"},
		{OTHER_USER, -EKEYREJECTED, "token-forged"},
	};
	int32_t key = key_of_alice(text_for(PLAIN, &server));

	ck_assert_int_eq(impersonates(s, key), 0);
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		check_is_alice(s);
		update_as_alice(key, text_for(changes[i].text, &server));
		check_cut_off(changes[i].error, changes[i].reason);
		update_as_alice(key, text_for(PLAIN, &server));
	}
	check_is_alice(s);
	update_as_alice(key, text_for(PLAIN, &eve));
	check_cut_off(-EKEYREJECTED, "token-audience");
	update_as_alice(key, text_for(PLAIN "rights 0x120089\n", &server));
	ck_assert_int_eq(reads(s, alice_file), 0);
	ck_assert_int_eq(player_do(s, DEED_WRITE, alice_file, 0), -EACCES);
	revert(s);
	check_itself(s);
}
END_TEST

START_TEST(changed_permissions_count_at_the_next_request)
{
	static const struct {
		key_perm_t perm;
		const char *reason;
	} changes[] = {
		{KEY_TOKEN_PERM | KEY_OTH_WRITE, "key-writable"},
		{KEY_TOKEN_PERM | KEY_POS_SETATTR, "key-writable"},
		{KEY_TOKEN_PERM & ~KEY_OTH_READ, "key-unreadable"},
		{KEY_TOKEN_PERM & ~KEY_OTH_VIEW, "key-unreadable"},
		{KEY_USR_ALL, "key-unreadable"},
	};
	int32_t key = be_alice(s);

	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		check_is_alice(s);
		permit_as_alice(key, changes[i].perm);
		check_cut_off(-EKEYREJECTED, changes[i].reason);
		permit_as_alice(key, KEY_TOKEN_PERM);
	}
	check_is_alice(s);
	/* not even a key that cannot be described any more keeps it from reverting */
	permit_as_alice(key, KEY_USR_ALL);
	revert(s);
	check_itself(s);
}
END_TEST

/* --- rings --- */

static int spoil_invalidate(int32_t ring)
{
	return (int)keyctl_invalidate(ring);
}

static int spoil_revoke(int32_t ring)
{
	return (int)keyctl_revoke(ring);
}

static int spoil_close(int32_t ring)
{
	return (int)keyctl_setperm(ring, KEY_POS_ALL);
}

/* Puts what it holds into a keyring inside, where it does not count. */
static int spoil_bury(int32_t ring)
{
	int32_t inner = add_key("keyring", "inner", NULL, 0, KEY_SPEC_PROCESS_KEYRING);

	if (inner < 0 || keyctl_link(alice_token, inner) < 0 ||
	    keyctl_setperm(inner, KEY_RING_PERM) < 0 || keyctl_link(inner, ring) < 0)
		return -1;
	return (int)keyctl_unlink(alice_token, ring);
}

static int (*const spoils[])(int32_t ring) = {spoil_invalidate, spoil_revoke, spoil_close,
					      spoil_bury};
static int spoil_number;

static int spoiler(void)
{
	int32_t ring;

	if (guise_impersonate(alice_token) || !i_am_alice())
		return 1;
	ring = keyctl_get_keyring_ID(KEY_SPEC_THREAD_KEYRING, 0);
	if (ring <= 0 || spoils[spoil_number](ring) < 0)
		return 2;
	for (int i = 0; i < 3; i++) {
		if (!i_am_refused())
			return 3;
		usleep(50000);
	}
	return 0;
}

START_TEST(a_thread_that_spoils_its_ring_is_refused)
{
	alice_token = grant(a, &server, GUISE_IMPERSONATE, 600);
	for (spoil_number = 0; spoil_number < 4; spoil_number++)
		ck_assert_msg(run_as(&server, spoiler) == 0, "spoil %d", spoil_number);
}
END_TEST

/* One thread, many rings: only the last counts, and only it is kept. */
static int announcer(void)
{
	int32_t ring = 0;

	keyctl_join_session_keyring(NULL);
	for (int i = 0; i < 500; i++) {
		/* of one name: each takes the place of the one before */
		ring = false_ring(KEY_SPEC_SESSION_KEYRING, i % 2 ? alice_token : 0);
		if (ring < 0)
			usleep(20000); /* quota comes back after a moment */
		else if (announce_at(ANNOUNCE_THREAD, ring) || can_read(server_file) == 0 ||
			 (can_read(alice_file) == 0) != (i % 2))
			return 1;
	}
	kill(getpid(), SIGSTOP);
	return 0;
}

START_TEST(many_announcements_of_a_thread_leave_one_entry)
{
	char part[32];
	int status;
	pid_t pid;

	alice_token = grant(a, &server, GUISE_IMPERSONATE, 600);
	pid = start_as(&server, announcer);
	ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
	ck_assert_msg(WIFSTOPPED(status), "status 0x%x", (unsigned int)status);
	snprintf(part, sizeof(part), " %d ", (int)pid);
	ck_assert_uint_eq(registry_count("guise:threads", "guise:thread:", part), 1);
	kill(pid, SIGCONT);
	ck_assert_int_eq(status_of(pid), 0);
}
END_TEST

/* --- processes --- */

static void *second_life(void *argument)
{
	pthread_t *leader = argument;

	pthread_join(*leader, NULL);
	usleep(100000);
	if (!i_am_server() || guise_impersonate(alice_token) || !i_am_alice() || guise_revert())
		_exit(1);
	_exit(i_am_server() ? 0 : 2);
}

/* The thread that the process is called after ends as alice; another goes on. */
static int leader_leaves(void)
{
	static pthread_t leader;
	pthread_t thread;

	leader = pthread_self();
	if (guise_impersonate(alice_token) || !i_am_alice())
		return 3;
	if (pthread_create(&thread, NULL, second_life, &leader))
		return 4;
	pthread_exit(NULL);
}

START_TEST(a_process_whose_first_thread_ended_goes_on)
{
	alice_token = grant(a, &server, GUISE_IMPERSONATE, 600);
	ck_assert_int_eq(run_as(&server, leader_leaves), 0);
}
END_TEST

static int vforked(void *argument)
{
	bool *right = argument;

	/* in the parent's memory, with the parent's idea of who it is */
	*right = i_am_server() && guise_revert() == 0 && i_am_server() &&
		 guise_impersonate(alice_token) == 0 && i_am_alice();
	return 0;
}

static int vforker(void)
{
	static char stack[256 * 1024];
	bool right = false;
	pid_t pid;

	if (guise_impersonate(alice_token))
		return 1;
	pid = clone(vforked, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, &right);
	if (pid < 0 || status_of(pid) != 0 || !right)
		return 2;
	if (!i_am_alice())
		return 3;
	return guise_revert() == 0 && i_am_server() ? 0 : 4;
}

START_TEST(a_child_in_the_same_memory_is_another_caller)
{
	alice_token = grant(a, &server, GUISE_IMPERSONATE, 600);
	ck_assert_int_eq(run_as(&server, vforker), 0);
}
END_TEST

/* A server that is root and takes accounts' user ids. */
static int fsuid_changer(void)
{
	setfsuid(server.uid);
	if (guise_impersonate(alice_token) || !i_am_alice())
		return 1;
	setfsuid(eve.uid);
	if (!i_am_refused())
		return 2;
	setfsuid(0);
	if (!i_am_refused())
		return 3;
	setfsuid(server.uid);
	if (!i_am_alice())
		return 4;
	if (guise_revert() || !i_am_server())
		return 5;
	setfsuid(eve.uid);
	return i_am_refused() ? 0 : 6;
}

START_TEST(a_token_ends_with_the_user_id_that_it_is_for)
{
	alice_token = grant(a, &server, GUISE_IMPERSONATE, 600);
	ck_assert_int_eq(run_as(&root, fsuid_changer), 0);
	ck_assert(share_log_contains(share, "reason=token-audience "));
}
END_TEST

static bool text_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return done;
}

/* Root in a user namespace, where @uid is called 0. */
static bool be_namespace_root(void)
{
	unsigned int uid = geteuid(), gid = getegid();
	char map[64];

	if (unshare(CLONE_NEWUSER) < 0 || !text_write("/proc/self/setgroups", "deny"))
		return false;
	snprintf(map, sizeof(map), "0 %u 1", uid);
	if (!text_write("/proc/self/uid_map", map))
		return false;
	snprintf(map, sizeof(map), "0 %u 1", gid);
	return text_write("/proc/self/gid_map", map) && setuid(0) == 0;
}

static int namespace_root(void)
{
	char text[256];
	int32_t key;

	snprintf(text, sizeof(text), OTHER_USER, sid_of(&eve));
	if (!be_namespace_root())
		return 1;
	if (!i_am_refused())
		return 2;
	/* a key "of root's": the kernel knows better */
	key = key_make(KEY_TOKEN_PREFIX "root", text, strlen(text), KEY_TOKEN_PERM,
		       KEY_SPEC_USER_KEYRING, false);
	if (key < 0 || guise_impersonate(key))
		return 3;
	if (!i_am_refused())
		return 4;
	/* the library cannot tell here for whom it is, but the mount can */
	if (guise_revert() || guise_impersonate(alice_token) || !i_am_refused())
		return 5;
	return keyctl_search(KEY_SPEC_USER_KEYRING, "keyring", "guise:threads", 0) < 0 ? 0 : 6;
}

/* Alice, called root, is alice. */
static int namespace_alice(void)
{
	if (!be_namespace_root())
		return 1;
	return can_read(alice_file) == 0 && can_read(bob_file) < 0 && can_read(server_file) < 0 ? 0
												: 2;
}

START_TEST(root_of_a_user_namespace_is_who_it_was_outside)
{
	alice_token = grant(a, &server, GUISE_IMPERSONATE, 600);
	ck_assert_int_eq(run_as(&eve, namespace_root), 0);
	ck_assert(share_log_contains(share, "reason=token-forged "));
	ck_assert_int_eq(run_as(&alice, namespace_alice), 0);
}
END_TEST

/* --- programs with rights of their own --- */

static char suid_cat[64];

static bool copy_suid(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	ssize_t length = -1;
	char bytes[65536];

	while (in >= 0 && out >= 0 && (length = read(in, bytes, sizeof(bytes))) > 0) {
		if (write(out, bytes, (size_t)length) != length)
			return false;
	}
	return length == 0 && fchown(out, server.uid, server.gid) == 0 && fchmod(out, 04755) == 0 &&
	       close(in) == 0 && close(out) == 0;
}

static int exec_on_server_file(void)
{
	execl(suid_cat, "cat", server_file, (char *)NULL);
	return 99;
}

/* Eve prepares a ring with alice's token, and has the server's own program run with it. */
static int exec_with_ring(void)
{
	int32_t ring;

	keyctl_join_session_keyring(NULL);
	ring = false_ring(KEY_SPEC_SESSION_KEYRING, alice_token);
	if (ring < 0 || announce_at(ANNOUNCE_THREAD, ring))
		return 98;
	execl(suid_cat, "cat", alice_file, (char *)NULL);
	return 99;
}

START_TEST(a_set_user_id_program_is_not_its_callers_client)
{
	char folder[] = "/tmp/guisefs-test.XXXXXX";
	struct statvfs place;
	int plain, prepared;

	alice_token = grant(a, &server, GUISE_IMPERSONATE, 600);
	ck_assert(mkdtemp(folder) && chmod(folder, 0711) == 0);
	snprintf(suid_cat, sizeof(suid_cat), "%s/cat", folder);
	ck_assert(copy_suid("/bin/cat", suid_cat) && statvfs(folder, &place) == 0);
	plain = run_as(&eve, exec_on_server_file);
	prepared = run_as(&eve, exec_with_ring);
	/* before anything can fail: it must not stay */
	ck_assert(unlink(suid_cat) == 0 && rmdir(folder) == 0);
	if (!(place.f_flag & ST_NOSUID))
		ck_assert_int_eq(plain, 0);
	ck_assert_int_eq(prepared, 1);
	ck_assert(share_log_contains(share, "reason=ring-not-own "));
}
END_TEST

START_TEST(a_daemon_in_a_time_namespace_does_not_start)
{
	const char *probe[] = {"unshare", "-T", "--boottime", "1000", "true", NULL};
	const char *words[] = {"unshare",
			       "-T",
			       "--boottime",
			       "1000",
			       "timeout",
			       "60",
			       getenv("GUISEFS"),
			       "-f",
			       share_behind(share, ""),
			       share_path(share, "folder"),
			       NULL};

	put_folder(share_path(share, "folder"));
	if (run_program(probe) == 0)
		ck_assert_int_eq(run_program(words), 1);
}
END_TEST

/* --- quotas --- */

/* Keys until no more are given. */
static bool quota_fill(void)
{
	char name[32];

	for (int i = 0; i < 100000; i++) {
		snprintf(name, sizeof(name), "filler %d", i);
		if (add_key("user", name, "x", 1, KEY_SPEC_USER_KEYRING) < 0)
			return errno == EDQUOT;
	}
	return false;
}

static int quota_client(void)
{
	int32_t serial;
	int result;

	if (!quota_fill())
		return 1;
	result = guise_grant(server.uid, GUISE_IMPERSONATE, 60, &serial);
	return result == -EDQUOT ? 0 : 2;
}

static int quota_server(void)
{
	if (!quota_fill())
		return 1;
	if (guise_impersonate(alice_token) != -EDQUOT)
		return 2;
	/* not half of it */
	if (!i_am_server() || guise_revert() || !i_am_server())
		return 3;
	keyctl_clear(KEY_SPEC_USER_KEYRING);
	for (int i = 0; i < 1200 && guise_impersonate(alice_token); i++)
		usleep(50000);
	return i_am_alice() && guise_revert() == 0 && i_am_server() ? 0 : 4;
}

static int guise_fd;

/* `guise token grant` says what is used up, and by which number it is limited. */
static int quota_tool(void)
{
	char path[32];

	/* by descriptor: the build folder may be out of the account's reach */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", guise_fd);
	if (!quota_fill() || dup2(STDOUT_FILENO, STDERR_FILENO) < 0)
		return 98;
	execl(path, "guise", "token", "grant", "--for", "root", (char *)NULL);
	return 99;
}

static int output_of(const struct person *person, deed_fn *fn, char *text, size_t size)
{
	int pipes[2], out = dup(STDOUT_FILENO);
	size_t used = 0;
	ssize_t length;
	pid_t pid;

	ck_assert(out >= 0 && pipe2(pipes, O_CLOEXEC) == 0);
	ck_assert_int_ge(dup2(pipes[1], STDOUT_FILENO), 0);
	pid = start_as(person, fn);
	ck_assert_int_ge(dup2(out, STDOUT_FILENO), 0);
	close(out);
	close(pipes[1]);
	while (used < size - 1 && (length = read(pipes[0], text + used, size - 1 - used)) > 0)
		used += (size_t)length;
	text[used] = '\0';
	close(pipes[0]);
	return status_of(pid);
}

START_TEST(a_used_up_key_quota_is_told_as_such)
{
	char said[512];

	alice_token = grant(a, &server, GUISE_IMPERSONATE, 600);
	ck_assert_int_eq(run_as(&bob, quota_client), 0);
	ck_assert_int_eq(run_as(&server, quota_server), 0);
	guise_fd = open(guise_program(), O_RDONLY);
	ck_assert_int_ge(guise_fd, 0);
	ck_assert_int_gt(output_of(&bob, quota_tool, said, sizeof(said)), 0);
	close(guise_fd);
	ck_assert_msg(strstr(said, "kernel.keys.maxkeys"), "it said: %s", said);
}
END_TEST

/* --- mounts --- */

static bool fuse_answer(int fd, uint64_t unique, int error, const void *data, size_t size)
{
	char bytes[sizeof(struct fuse_out_header) + 128] = {0};
	const struct fuse_out_header header = {(uint32_t)(sizeof(header) + size), error, unique};

	memcpy(bytes, &header, sizeof(header));
	memcpy(bytes + sizeof(header), data, size);
	return write(fd, bytes, header.len) == (ssize_t)header.len;
}

/* A file system that takes every announcement and keeps none. */
static void fuse_pretend(int fd)
{
	static const struct fuse_init_out init = {
		.major = FUSE_KERNEL_VERSION, .minor = 31, .max_write = 65536};
	static const struct fuse_attr_out attr = {
		.attr_valid = 60, .attr = {.ino = 1, .mode = S_IFDIR | 0777, .nlink = 2}};
	static char bytes[1 << 18];

	while (read(fd, bytes, sizeof(bytes)) >= (ssize_t)sizeof(struct fuse_in_header)) {
		struct fuse_in_header in;

		memcpy(&in, bytes, sizeof(in));
		if (in.opcode == FUSE_INIT)
			fuse_answer(fd, in.unique, 0, &init, sizeof(init));
		else if (in.opcode == FUSE_GETATTR)
			fuse_answer(fd, in.unique, 0, &attr, sizeof(attr));
		else if (in.opcode == FUSE_GETXATTR)
			fuse_answer(fd, in.unique, 0, ANNOUNCE_DONE, strlen(ANNOUNCE_DONE));
		else if (in.opcode != FUSE_FORGET && in.opcode != FUSE_BATCH_FORGET &&
			 in.opcode != FUSE_INTERRUPT)
			fuse_answer(fd, in.unique, -ENOSYS, "", 0);
	}
}

/* Mounts it as fusermount does for eve where users may let others in; its process. */
static pid_t false_mount(const char *point)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[128];
	pid_t pid;

	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=40000,user_id=%u,group_id=%u,allow_other", fd, eve.uid, eve.gid);
	ck_assert(fd >= 0 &&
		  mount("false", point, "fuse.guisefs", MS_NOSUID | MS_NODEV, options) == 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		fuse_pretend(fd);
		_exit(0);
	}
	close(fd);
	return pid;
}

/*
 * Over the true mount lies a false one.  A thread that told only the false one would be itself on
 * the true one, which an open folder still leads to.
 */
START_TEST(a_false_mount_over_the_true_one_takes_no_announcement)
{
	int32_t serial = grant(a, &server, GUISE_IMPERSONATE, 600);
	long folder = player_do(s, DEED_OPEN, root_folder, O_PATH | O_DIRECTORY), told;
	char path[64];
	pid_t pid;

	ck_assert_int_ge(folder, 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%ld/server", folder);
	ck_assert_int_eq(reads(s, path), 0);
	pid = false_mount(root_folder);
	told = impersonates(s, serial);
	/* another test's mount may have taken it, which is as good */
	if (told == 0)
		ck_assert_int_lt(reads(s, path), 0);
	else
		ck_assert_int_eq(reads(s, path), 0);
	ck_assert_int_eq(umount2(root_folder, MNT_DETACH), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	if (told == 0)
		revert(s);
	check_itself(s);
	be_alice(s);
}
END_TEST

/* 1,000 times; the first has told the daemon already. */
static int changer(void)
{
	if (guise_impersonate(alice_token) || guise_revert())
		return 1;
	kill(getpid(), SIGSTOP);
	alarm(20);
	for (int i = 0; i < 1000; i++) {
		if (guise_impersonate(alice_token) || guise_revert())
			return 2;
	}
	return 0;
}

START_TEST(impersonating_asks_no_daemon_after_the_first_time)
{
	int status;
	pid_t pid;

	alice_token = grant(a, &server, GUISE_IMPERSONATE, 600);
	pid = start_as(&server, changer);
	ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
	ck_assert(WIFSTOPPED(status));
	kill(share_daemon(share), SIGSTOP);
	kill(pid, SIGCONT);
	status = status_of(pid);
	kill(share_daemon(share), SIGCONT);
	ck_assert_msg(status == 0, "status %d (142: it waited for the daemon)", status);
}
END_TEST

/* --- whatever comes: nobody is ever taken for the server, or for bob --- */

#define ROUNDS 40
#define BLOWS 40

static unsigned int dice;

static unsigned int roll(unsigned int sides)
{
	dice = dice * 1103515245u + 12345u;
	return (dice >> 16) % sides;
}

/* Something that a key or ring can be asked to bear. */
static void strike(int32_t target, int32_t other, const struct person *striker)
{
	static const key_perm_t perms[] = {KEY_TOKEN_PERM, KEY_USR_ALL, KEY_POS_ALL | KEY_OTH_ALL,
					   KEY_RING_PERM, 0};
	static const char *const texts[] = {PLAIN, OTHER_USER, "guise-token 1\nfor %s\n", "%s"};
	const char *text;

	switch (roll(14)) {
	case 0:
		text = text_for(texts[roll(4)], roll(2) ? &server : striker);
		(void)keyctl_update(target, text, strlen(text));
		break;
	case 1:
	case 2:
		(void)keyctl_setperm(target, perms[roll(5)]);
		break;
	case 3:
		(void)keyctl_chown(target, (uid_t)-1, getgid());
		break;
	case 4:
		if (roll(4) == 0)
			(void)keyctl_set_timeout(target, 1);
		break;
	case 5:
		if (roll(8) == 0)
			(void)(roll(2) ? keyctl_revoke(target) : keyctl_invalidate(target));
		break;
	case 6:
		(void)keyctl_link(other, target);
		break;
	case 7:
		(void)keyctl_unlink(other, target);
		break;
	case 8:
		(void)keyctl_move(other, target, KEY_SPEC_SESSION_KEYRING, 0);
		break;
	case 9:
		(void)keyctl_clear(target);
		break;
	case 10:
		(void)keyctl_link(target, KEY_SPEC_THREAD_KEYRING);
		break;
	case 11:
		(void)keyctl_join_session_keyring(roll(2) ? "_tid" : "guise:threads");
		break;
	case 12:
		(void)announce_at(roll(2) ? ANNOUNCE_THREAD : ANNOUNCE_TREE, target);
		break;
	default:
		(void)keyctl_restrict_keyring(target, NULL, NULL);
		break;
	}
}

static int32_t bob_token;
static const struct person *striker;

static int striking(void)
{
	const int32_t targets[] = {alice_token, foreign_ring, foreign_marker, bob_token};

	for (int i = 0; i < BLOWS; i++)
		strike(targets[roll(4)], targets[roll(4)], striker);
	/* eve has no file here; the server's account may have become one of its clients */
	return striker == &eve && !i_am_refused();
}

static void melee(const struct person *const *people, size_t count)
{
	pid_t pids[4];

	for (size_t i = 0; i < count; i++) {
		striker = people[i];
		dice += 977;
		pids[i] = start_as(striker, striking);
	}
	for (int i = 0; i < 3; i++) {
		ck_assert_int_lt(reads(s, server_file), 0);
		ck_assert_int_lt(reads(s, bob_file), 0);
	}
	for (size_t i = 0; i < count; i++)
		ck_assert_int_eq(status_of(pids[i]), 0);
	ck_assert_int_lt(reads(s, server_file), 0);
	ck_assert_int_lt(reads(s, bob_file), 0);
}

START_TEST(whatever_others_do_a_server_is_never_itself)
{
	static const struct person *const people[] = {&alice, &eve, &server};

	for (int round = 0; round < ROUNDS; round++) {
		dice = (unsigned int)round;
		bob_token = grant(b, &server, GUISE_IMPERSONATE, 600);
		be_watched();
		melee(people, 3);
		revert(s);
		ck_assert_int_lt(reads(s, alice_file), 0);
		ck_assert_int_lt(reads(s, bob_file), 0);
		check_itself(s);
		player_do(a, DEED_CLEAR, NULL, 0);
		player_do(b, DEED_CLEAR, NULL, 0);
	}
}
END_TEST

/* --- threads by the thousand --- */

#define CROWD 100 /* at a time */
#define CROWDS 100

static void *passer_by(void *argument)
{
	uintptr_t number = (uintptr_t)argument;
	bool right = guise_impersonate(alice_token) == 0 && can_read(alice_file) == 0 &&
		     can_read(server_file) < 0;

	/* half of them end as they are */
	if (right && number % 2)
		right = guise_revert() == 0;
	return right ? NULL : &alice_token;
}

static int crowd_pass(void)
{
	pthread_t threads[CROWD];
	int wrong = 0;

	for (uintptr_t i = 0; i < CROWD; i++) {
		if (pthread_create(&threads[i], NULL, passer_by, (void *)i))
			return 1;
	}
	for (size_t i = 0; i < CROWD; i++) {
		void *result;

		pthread_join(threads[i], &result);
		wrong += result != NULL;
	}
	return wrong ? 2 : 0;
}

static int crowds(void)
{
	/* those before are for what is set up once */
	for (int i = 0; i < 10; i++) {
		if (crowd_pass())
			return 1;
	}
	kill(getpid(), SIGSTOP);
	for (int i = 0; i < CROWDS; i++) {
		if (crowd_pass())
			return 2;
	}
	kill(getpid(), SIGSTOP);
	return i_am_server() ? 0 : 3;
}

struct measures {
	unsigned int entries;     /* of the process in the registry */
	unsigned int dead;        /* descriptors of the daemon's for threads that ended */
	unsigned int descriptors; /* for other things */
	long memory;              /* KiB */
};

/* The value of the line @name in the file @path, or @other. */
static long number_in(const char *path, const char *name, long other)
{
	size_t length = strlen(name);
	FILE *file = fopen(path, "re");
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		if (strncmp(line, name, length) == 0 && line[length] == ':')
			other = strtol(line + length + 1, NULL, 10);
	}
	if (file)
		fclose(file);
	return other;
}

/* Those for threads that live may be another test's. */
static void descriptors_count(pid_t pid, struct measures *measures)
{
	struct dirent *entry;
	char path[320];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo", (int)pid);
	dir = opendir(path);
	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir))) {
		long thread;

		snprintf(path, sizeof(path), "/proc/%d/fdinfo/%s", (int)pid, entry->d_name);
		thread = number_in(path, "Pid", 0);
		measures->dead += thread < 0;
		measures->descriptors += thread == 0;
	}
	closedir(dir);
}

/* Once the threads of @pid that ended are forgotten, which takes a moment. */
static struct measures measures_of(pid_t pid)
{
	struct measures measures;
	char part[32], path[64];

	snprintf(part, sizeof(part), " %d ", (int)pid);
	for (int i = 0; i < 600; i++) {
		measures = (struct measures){0};
		measures.entries = registry_count("guise:threads", "guise:thread:", part);
		descriptors_count(share_daemon(share), &measures);
		if (!measures.entries && !measures.dead)
			break;
		usleep(100000);
	}
	snprintf(path, sizeof(path), "/proc/%d/status", (int)share_daemon(share));
	measures.memory = number_in(path, "VmRSS", 0);
	return measures;
}

/* KiB that a daemon may have grown by; the address sanitizer keeps what was freed for a while */
#ifdef __SANITIZE_ADDRESS__
#define MEMORY_SLACK (512L * 1024)
#else
#define MEMORY_SLACK 768L
#endif

static void check_stopped(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
	ck_assert_msg(WIFSTOPPED(status), "status 0x%x", (unsigned int)status);
}

START_TEST(ten_thousand_threads_leave_nothing_behind)
{
	struct measures before, after;
	pid_t pid;

	alice_token = grant(a, &server, GUISE_IMPERSONATE, 600);
	pid = start_as(&server, crowds);
	check_stopped(pid);
	before = measures_of(pid);
	kill(pid, SIGCONT);
	check_stopped(pid);
	after = measures_of(pid);
	/* what was freed and closed is given back by and by */
	for (int i = 0; i < 300 && (after.memory > before.memory + MEMORY_SLACK ||
				    after.descriptors > before.descriptors + 4);
	     i++) {
		usleep(100000);
		after = measures_of(pid);
	}
	kill(pid, SIGCONT);
	ck_assert_int_eq(status_of(pid), 0);
	ck_assert_uint_eq(before.entries + before.dead, 0);
	ck_assert_uint_eq(after.entries, 0);
	ck_assert_uint_eq(after.dead, 0);
	/* a worker more or less, each with a buffer */
	ck_assert_uint_le(after.descriptors, before.descriptors + 4);
	ck_assert_msg(after.memory <= before.memory + MEMORY_SLACK, "%ld KiB, then %ld KiB",
		      before.memory, after.memory);
}
END_TEST

static void tests_of_keys(TCase *tcase)
{
	tcase_add_test(tcase, another_account_gains_nothing_by_a_token_or_ring);
	tcase_add_test(tcase, another_process_of_the_account_cannot_touch_a_thread);
	tcase_add_test(tcase, a_token_for_two_accounts_is_for_these_two);
	tcase_add_test(tcase, a_changed_text_counts_at_the_next_request);
	tcase_add_test(tcase, changed_permissions_count_at_the_next_request);
	tcase_add_test(tcase, a_thread_that_spoils_its_ring_is_refused);
	tcase_add_test(tcase, many_announcements_of_a_thread_leave_one_entry);
	tcase_add_test(tcase, whatever_others_do_a_server_is_never_itself);
}

static void tests_of_processes(TCase *tcase)
{
	tcase_add_test(tcase, a_process_whose_first_thread_ended_goes_on);
	tcase_add_test(tcase, a_child_in_the_same_memory_is_another_caller);
	tcase_add_test(tcase, a_token_ends_with_the_user_id_that_it_is_for);
	tcase_add_test(tcase, root_of_a_user_namespace_is_who_it_was_outside);
	tcase_add_test(tcase, a_set_user_id_program_is_not_its_callers_client);
	tcase_add_test(tcase, a_daemon_in_a_time_namespace_does_not_start);
	tcase_add_test(tcase, a_used_up_key_quota_is_told_as_such);
	tcase_add_test(tcase, a_false_mount_over_the_true_one_takes_no_announcement);
	tcase_add_test(tcase, impersonating_asks_no_daemon_after_the_first_time);
	tcase_add_test(tcase, ten_thousand_threads_leave_nothing_behind);
}

int main(int argc, char **argv)
{
	static void (*const parts[])(TCase *) = {tests_of_keys, tests_of_processes};
	static const char *const names[] = {"keys", "processes"};
	Suite *suite = suite_create("hostile");

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		TCase *tcase = tcase_create(names[i]);

		tcase_set_timeout(tcase, 120);
		tcase_add_checked_fixture(tcase, begin, end);
		parts[i](tcase);
		suite_add_tcase(suite, tcase);
	}
	return cast_run(argc, argv, suite);
}
