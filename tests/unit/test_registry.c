/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The registry's keyrings themselves: made once, root's alone, and what happens
 * when they go.  In a user namespace of its own, whose root has a user keyring of its own,
 * so that the host's registry is left alone.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keyring/caller.h"
#include "keyring/key.h"
#include "keyring/resolve.h"
#include "keyring/ring.h"

static void file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void setup(void)
{
	ck_assert_int_eq(unshare(CLONE_NEWUSER), 0);
	file_write("/proc/self/uid_map", "0 0 1");
	file_write("/proc/self/setgroups", "deny");
	file_write("/proc/self/gid_map", "0 0 1");
}

START_TEST(ring_is_made_once)
{
	int32_t ring = ring_open(RING_THREADS);
	struct key_info info;

	ck_assert_int_gt(ring, 0);
	ck_assert_int_eq(ring_open(RING_THREADS), ring);
	ck_assert_int_eq(key_describe(ring, &info), 0);
	ck_assert_uint_eq(info.perm & (KEY_GRP_ALL | KEY_OTH_ALL), 0);
	ck_assert_int_eq(key_count(KEY_SPEC_USER_KEYRING), 1);
}
END_TEST

/* Many daemons start at the same time. */
START_TEST(ring_is_made_once_in_a_race)
{
	int32_t first;

	for (int i = 0; i < 16; i++) {
		if (fork() == 0)
			_exit(ring_open(RING_THREADS) > 0 ? 0 : 1);
	}
	for (int i = 0; i < 16; i++) {
		int status;

		ck_assert_int_gt(wait(&status), 0);
		ck_assert_int_eq(status, 0);
	}
	first = ring_open(RING_THREADS);
	ck_assert_int_gt(first, 0);
	ck_assert_int_eq(key_count(KEY_SPEC_USER_KEYRING), 1);
}
END_TEST

/* A keyring of that name that others could write to is not ours. */
START_TEST(ring_of_others)
{
	int32_t ring = ring_open(RING_THREADS);

	ck_assert_int_eq(keyctl_setperm(ring, KEY_ROOT_PERM | KEY_OTH_WRITE), 0);
	ck_assert_int_eq(ring_open(RING_THREADS), -EPERM);
}
END_TEST

/* An entry that others could have written is not believed. */
START_TEST(entries_of_others)
{
	static const key_perm_t perms[] = {
		KEY_ROOT_PERM | KEY_POS_WRITE,
		KEY_ROOT_PERM | KEY_POS_SETATTR,
		KEY_ROOT_PERM | KEY_GRP_VIEW,
		KEY_ROOT_PERM | KEY_OTH_READ,
	};
	int32_t ring = ring_open(RING_THREADS);
	int32_t entry = ring_entry_write(ring, "a", "1");
	char text[RING_ENTRY_MAX];

	ck_assert_int_eq(ring_entry_read(entry, text), 0);
	for (size_t i = 0; i < sizeof(perms) / sizeof(perms[0]); i++) {
		ck_assert_int_eq(keyctl_setperm(entry, perms[i]), 0);
		ck_assert_int_eq(ring_entry_read(entry, text), -EPROTO);
	}
}
END_TEST

/* What a process without privileges may do with @key, which it possesses: bits of it. */
static int possessor_does(int32_t key, int32_t other)
{
	char text[RING_ENTRY_MAX];

	return (keyctl_read(key, text, sizeof(text)) >= 0 ? 0x1 : 0) |
	       (keyctl_link(key, KEY_SPEC_PROCESS_KEYRING) == 0 ? 0x2 : 0) |
	       (keyctl_link(other, key) == 0 ? 0x4 : 0) |
	       (keyctl_unlink(other, key) == 0 ? 0x8 : 0) |
	       (keyctl_setperm(key, KEY_POS_ALL) == 0 ? 0x10 : 0) |
	       (keyctl_update(key, "x", 1) == 0 ? 0x20 : 0) |
	       (keyctl_invalidate(key) == 0 ? 0x40 : 0) | (keyctl_revoke(key) == 0 ? 0x80 : 0) |
	       (keyctl_clear(key) == 0 ? 0x100 : 0);
}

/*
 * Who was started with root's keys in its session keyring can do nothing with the registry.  Among
 * root's own keys, since there must be another user.
 */
START_TEST(possession_is_nothing)
{
	int32_t ring, entry;
	char name[64];
	pid_t pid;
	int status;

	snprintf(name, sizeof(name), "guise:test:%d", (int)getpid());
	ring = ring_open(name);
	entry = ring_entry_write(ring, "a", "1");
	pid = fork();
	if (pid == 0) {
		if (keyctl_join_session_keyring(NULL) < 0 ||
		    keyctl_link(KEY_SPEC_USER_KEYRING, KEY_SPEC_SESSION_KEYRING) < 0 ||
		    keyctl_setperm(KEY_SPEC_SESSION_KEYRING, KEY_POS_ALL) < 0 ||
		    setresgid(64999, 64999, 64999) < 0 || setresuid(64999, 64999, 64999) < 0)
			_exit(2);
		_exit(possessor_does(ring, entry) || possessor_does(entry, entry) ? 1 : 0);
	}
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	keyctl_unlink(ring, KEY_SPEC_USER_KEYRING);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(ring_find(ring, "a"), entry);
}
END_TEST

START_TEST(entries)
{
	int32_t ring = ring_open(RING_THREADS);
	char text[RING_ENTRY_MAX];
	int32_t one, two;

	ck_assert_int_eq(ring_find(ring, "a"), 0);
	one = ring_entry_write(ring, "a", "1");
	two = ring_entry_write(ring, "a", "2");
	ck_assert_int_ne(one, two);
	ck_assert_int_eq(key_count(ring), 1);
	ring_entry_remove(ring, one); /* displaced: it must not hit the newer one */
	ck_assert_int_eq(ring_find(ring, "a"), two);
	ck_assert_int_eq(ring_entry_read(two, text), 0);
	ck_assert_str_eq(text, "2");
	ck_assert_int_eq(ring_entry_claim(ring, "a", "3"), -EEXIST);
	ck_assert_int_eq(ring_find(ring, "a"), two);
	ck_assert_int_gt(ring_entry_claim(ring, "b", "3"), 0);
	ring_entry_remove(ring, two);
	ck_assert_int_eq(ring_find(ring, "a"), 0);
	ck_assert_int_eq(key_count(KEY_SPEC_PROCESS_KEYRING), 0); /* nothing left aside */
}
END_TEST

/* If the registry goes nobody is taken for a thread that never announced itself. */
START_TEST(registry_gone)
{
	struct resolver_options options = {0};
	struct caller caller = {gettid(), 0, 0};
	const char *name = _i % 2 ? RING_TREES : RING_THREADS;
	struct resolver *resolver;
	struct refusal refusal;
	const struct token *token;
	int32_t ring;

	ck_assert_int_eq(resolver_create(&options, &resolver), 0);
	ck_assert_int_eq(resolver_token(resolver, &caller, false, &token, &refusal), 0);
	token_unref(token);
	ring = ring_open(name);
	if (_i < 2)
		ck_assert_int_eq(keyctl_unlink(ring, KEY_SPEC_USER_KEYRING), 0);
	else
		ck_assert_int_eq(keyctl_revoke(ring), 0);
	/* a ring without links is gone after a moment */
	for (int i = 0; i < 3000 && resolver_token(resolver, &caller, false, &token, &refusal) == 0;
	     i++) {
		token_unref(token);
		usleep(20000);
	}
	ck_assert_int_eq(resolver_token(resolver, &caller, false, &token, &refusal), -EACCES);
	ck_assert_int_eq(refusal.reason, REASON_REGISTRY_BROKEN);
	ck_assert_ptr_null(token);
	resolver_destroy(resolver);
}
END_TEST

START_TEST(caller_reads_itself)
{
	struct caller_stat stat;
	unsigned int threads;
	gid_t *groups;
	size_t count;
	pid_t tgid;
	bool only;

	ck_assert_int_eq(caller_stat(getpid(), &stat), 0);
	ck_assert_uint_gt(stat.start, 0);
	ck_assert(!stat.io_worker);
	ck_assert_int_eq(caller_process(gettid(), &tgid), 0);
	ck_assert_int_eq(tgid, getpid());
	ck_assert_int_eq(caller_threads(gettid(), &threads), 0);
	ck_assert_uint_ge(threads, 1);
	ck_assert_int_eq(caller_groups(gettid(), 0, &groups, &count), 0);
	free(groups);
	ck_assert_int_eq(caller_groups(gettid(), 1, &groups, &count), -ESTALE);
	ck_assert_int_eq(caller_maps_only(getpid(), 0, &only), 0);
	ck_assert(only);
	ck_assert_int_eq(caller_maps_only(getpid(), 1, &only), 0);
	ck_assert(!only);
	ck_assert_int_eq(caller_stat(0x3fffffff, &stat), -ESRCH);
	ck_assert_int_eq(caller_groups(0x3fffffff, 0, &groups, &count), -ESRCH);
	ck_assert(caller_proc_is_ours());
}
END_TEST

/* A thread may call itself anything, numbers and brackets included. */
START_TEST(caller_with_a_name)
{
	struct caller_stat before, after;

	ck_assert_int_eq(caller_stat(getpid(), &before), 0);
	file_write("/proc/self/comm", ") R 1 2 3 4 5 6");
	ck_assert_int_eq(caller_stat(getpid(), &after), 0);
	ck_assert_uint_eq(before.start, after.start);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("registry");
	TCase *tests = tcase_create("keyrings"), *users = tcase_create("users");
	SRunner *runner;
	int failed;

	if (geteuid() != 0) {
		puts("12 tests skipped: they need root");
		return 77;
	}
	tcase_add_checked_fixture(tests, setup, NULL);
	tcase_add_test(tests, ring_is_made_once);
	tcase_add_test(tests, ring_is_made_once_in_a_race);
	tcase_add_test(tests, ring_of_others);
	tcase_add_test(tests, entries_of_others);
	tcase_add_test(tests, entries);
	tcase_add_loop_test(tests, registry_gone, 0, 4);
	tcase_add_test(tests, caller_reads_itself);
	tcase_add_test(tests, caller_with_a_name);
	tcase_add_test(users, possession_is_nothing);
	suite_add_tcase(suite, tests);
	suite_add_tcase(suite, users);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
