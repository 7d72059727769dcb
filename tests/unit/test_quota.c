/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What announcing, impersonating and consenting leave charged to somebody's key quota: nothing.
 *
 * When the kernel takes a dead key out of a keyring it goes on charging the link to the ring's
 * owner.  Root's part is played in a user namespace, by a user whose quota is small and nobody
 * else's.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actor.h"
#include "keyring/context_seal.h"
#include "keyring/grant.h"
#include "keyring/guise.h"
#include "keyring/key.h"
#include "keyring/registry.h"
#include "keyring/ring.h"
#include "keyring/ring_lock.h"
#include "people.h"

/* An announcement and the keys around it; far less than 4 bytes a cycle make of many */
#define SLACK 1500
#define CYCLES 2000
/* one link that is not given back is 4 bytes */
#define ROUNDS 100

static struct person people[2];
#define CLIENT (&people[0])
#define SERVER (&people[1])

static struct actor *client, *server;
static char folder[] = "/tmp/guise-quota-XXXXXX", lock_path[64];

/* The bytes that are charged to @uid. */
static long charge(uid_t uid)
{
	FILE *file = fopen("/proc/key-users", "r");
	long bytes, found = 0;
	char line[256];
	unsigned int id;

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%u: %*d %*d/%*d %*d/%*d %ld/", &id, &bytes) == 2 && id == uid)
			found = bytes;
	}
	if (file)
		fclose(file);
	return file ? found : -1;
}

/* The kernel collects what has ended when it comes to it. */
static long charge_falls(uid_t uid, long limit)
{
	for (int i = 0; i < 3000 && charge(uid) > limit; i++)
		usleep(10000);
	return charge(uid);
}

static void file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

/* From now on the client is root, of a user namespace of its own. */
static void setup_root(void)
{
	char map[64];

	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chown(folder, CLIENT->uid, CLIENT->gid), 0);
	snprintf(lock_path, sizeof(lock_path), "%s/lock", folder);
	ck_assert_int_eq(setgroups(0, NULL), 0);
	ck_assert_int_eq(setresgid(CLIENT->gid, CLIENT->gid, CLIENT->gid), 0);
	ck_assert_int_eq(setresuid(CLIENT->uid, CLIENT->uid, CLIENT->uid), 0);
	ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 1), 0);
	ck_assert_int_eq(unshare(CLONE_NEWUSER), 0);
	file_write("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", (unsigned int)CLIENT->uid);
	file_write("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "0 %u 1", (unsigned int)CLIENT->gid);
	file_write("/proc/self/gid_map", map);
	ring_lock_at(lock_path);
}

static void teardown_root(void)
{
	keyctl_clear(KEY_SPEC_USER_KEYRING);
	unlink(lock_path);
	rmdir(folder);
}

static void *thread_announces(void *registry)
{
	return (void *)(intptr_t)registry_announce(registry, gettid(), 1);
}

static enum guise_reason announce_and_end(struct registry *registry)
{
	pthread_t thread;
	void *reason;

	ck_assert_int_eq(pthread_create(&thread, NULL, thread_announces, registry), 0);
	pthread_join(thread, &reason);
	return (enum guise_reason)(intptr_t)reason;
}

START_TEST(threads_that_announced_themselves_and_ended_cost_nothing)
{
	struct registry *registry;
	long start;

	ck_assert_int_eq(registry_create(&registry), 0);
	start = charge(0);
	ck_assert_int_gt(start, 0);
	for (int i = 0; i < CYCLES; i++) {
		ck_assert_int_eq(announce_and_end(registry), REASON_NONE);
		registry_housekeep(registry);
		/* the quota is small, and what was removed is collected later */
		if (i % 20 == 19)
			ck_assert_int_le(charge_falls(0, start + SLACK), start + SLACK);
	}
	registry_destroy(registry);
}
END_TEST

/* What nobody remembers is removed by the sweep that a new daemon makes. */
START_TEST(processes_that_announced_themselves_and_ended_cost_nothing)
{
	int32_t ring = ring_open(RING_THREADS);
	struct registry *registry;
	long start;

	ck_assert_int_gt(ring, 0);
	start = charge(0);
	for (int i = 0; i < 100; i++) {
		pid_t pid = fork();
		int status;

		if (pid == 0)
			_exit(registry_create(&registry) ||
			      registry_announce(registry, gettid(), 1));
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_int_eq(status, 0);
		ck_assert_int_eq(registry_create(&registry), 0);
		ck_assert_int_gt(key_count(ring), 0);
		registry_housekeep(registry);
		registry_destroy(registry);
		ck_assert_int_eq(key_count(ring), 0);
		if (i % 5 == 4)
			ck_assert_int_le(charge_falls(0, start), start);
	}
}
END_TEST

/* Removes the entries that it is told of. */
static void remover(int32_t ring, int in, int out)
{
	int32_t entry;

	while (read(in, &entry, sizeof(entry)) == (ssize_t)sizeof(entry)) {
		(void)ring_entry_remove(ring, entry);
		if (write(out, &entry, sizeof(entry)) != (ssize_t)sizeof(entry))
			break;
	}
	_exit(0);
}

/* The quota is small, and what was removed is collected later. */
static int32_t write_patiently(int32_t ring, const char *text)
{
	int32_t entry = -EDQUOT;

	for (int i = 0; i < 3000 && entry == -EDQUOT; i++) {
		entry = ring_entry_write(ring, "a", text);
		if (entry == -EDQUOT)
			usleep(10000);
	}
	return entry;
}

/* While another daemon removes the one before. */
START_TEST(newer_entry_survives_the_removal_of_the_old_one)
{
	int32_t ring = ring_open(RING_THREADS);
	int to[2], from[2];
	pid_t pid;

	ck_assert_int_eq(pipe(to), 0);
	ck_assert_int_eq(pipe(from), 0);
	pid = fork();
	if (pid == 0) {
		close(to[1]);
		remover(ring, to[0], from[1]);
	}
	for (int i = 0; i < CYCLES; i++) {
		int32_t old = write_patiently(ring, "1"), newer, done;

		ck_assert_int_gt(old, 0);
		ck_assert_int_eq(write(to[1], &old, sizeof(old)), (ssize_t)sizeof(old));
		usleep((unsigned int)i % 50);
		newer = write_patiently(ring, "2");
		ck_assert_int_gt(newer, 0);
		ck_assert_int_eq(read(from[0], &done, sizeof(done)), (ssize_t)sizeof(done));
		ck_assert_int_eq(ring_find(ring, "a"), newer);
	}
	close(to[1]);
	waitpid(pid, NULL, 0);
}
END_TEST

/* Somebody holds the lock for ever. */
START_TEST(held_lock_refuses_announcements_and_puts_removals_off)
{
	struct registry *registry;
	int32_t ring, entry;
	int fd;

	ck_assert_int_eq(registry_create(&registry), 0);
	ring = ring_open(RING_THREADS);
	entry = ring_entry_write(ring, "a", "1");
	ck_assert_int_gt(entry, 0);
	fd = open(lock_path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	ck_assert_int_eq(registry_announce(registry, gettid(), 1), REASON_REGISTRY_BROKEN);
	ck_assert_int_eq(ring_entry_remove(ring, entry), -EBUSY);
	ck_assert_int_eq(ring_find(ring, "a"), entry);
	ck_assert_int_eq(flock(fd, LOCK_UN), 0);
	ck_assert_int_eq(registry_announce(registry, gettid(), 1), REASON_NONE);
	ck_assert_int_eq(ring_entry_remove(ring, entry), 0);
	ck_assert_int_eq(ring_find(ring, "a"), 0);
	close(fd);
	registry_destroy(registry);
}
END_TEST

/* Who holds a lock file that was removed holds nothing. */
START_TEST(removed_lock_file_is_made_anew)
{
	int32_t ring = ring_open(RING_THREADS);
	struct stat st;
	int fd;

	ck_assert_int_gt(ring_entry_write(ring, "a", "1"), 0);
	fd = open(lock_path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(unlink(lock_path), 0);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	ck_assert_int_gt(ring_entry_write(ring, "a", "2"), 0);
	ck_assert_int_eq(stat(lock_path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	close(fd);
}
END_TEST

START_TEST(lock_file_of_others_is_refused)
{
	int fd = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fchmod(fd, 0644), 0);
	ck_assert_int_eq(ring_open(RING_THREADS), -EPERM);
	ck_assert_int_eq(unlink(lock_path), 0);
	ck_assert_int_eq(symlink("/dev/null", lock_path), 0);
	ck_assert_int_eq(ring_open(RING_THREADS), -ELOOP);
	close(fd);
}
END_TEST

START_TEST(revoked_context_key_is_replaced_at_once)
{
	char text[CONTEXT_MAC_LINE + 16] = "text";
	int32_t key = add_key("user", CONTEXT_KEY_NAME, "1", 1, KEY_SPEC_USER_KEYRING);

	ck_assert_int_gt(key, 0);
	ck_assert_int_eq(keyctl_revoke(key), 0);
	ck_assert_int_gt(context_seal(text, 4, sizeof(text)), 4);
	ck_assert_int_ne(keyctl_search(KEY_SPEC_USER_KEYRING, "user", CONTEXT_KEY_NAME, 0), key);
	ck_assert_int_eq(key_count(KEY_SPEC_PROCESS_KEYRING), 0);
}
END_TEST

static void setup(void)
{
	struct resolver_options options = {0};

	ck_assert_int_eq(resolver_create(&options, &actor_resolver), 0);
	client = actor_start(CLIENT->uid, CLIENT->gid, 0);
	server = actor_start(SERVER->uid, SERVER->gid, 0);
}

static long do_clear(long unused)
{
	(void)unused;
	return keyctl_clear(KEY_SPEC_USER_KEYRING);
}

static void teardown(void)
{
	actor_do(client, do_clear, 0);
	actor_do(server, do_clear, 0);
	actor_end(client);
	actor_end(server);
	resolver_destroy(actor_resolver);
}

/* A consent of one name, or of one that no other has. */
static long do_make(long named)
{
	struct token_text text = {
		.has_level = true, .level = TOKEN_IMPERSONATE, .audience_count = 1};
	char bytes[256], name[64] = KEY_TOKEN_PREFIX "same";
	static int count;
	ssize_t length;

	text.audience[0] = sid_from_uid(SERVER->uid);
	length = token_text_write(&text, bytes, sizeof(bytes));
	if (!named)
		snprintf(name, sizeof(name), KEY_TOKEN_PREFIX "%d", count++);
	return key_make(name, bytes, (size_t)length, KEY_TOKEN_PERM, KEY_SPEC_USER_KEYRING, false);
}

/* From its own ring the client unlinks it, which the server's keeps alive: that would cost itself.
 */
static long do_invalidate(long key)
{
	if (keyctl_unlink((key_serial_t)key, KEY_SPEC_USER_KEYRING) < 0)
		return -errno;
	return keyctl_invalidate((key_serial_t)key) < 0 ? -errno : 0;
}

static long do_impersonate(long key)
{
	return guise_impersonate((int32_t)key);
}

static long do_revert(long unused)
{
	(void)unused;
	return guise_revert();
}

/* Waits until the kernel has taken @key out of the thread's ring. */
static long do_wait_gone(long key)
{
	for (int i = 0; i < 30000; i++) {
		int32_t keys[8];
		ssize_t count = key_list(KEY_SPEC_THREAD_KEYRING, keys, 8);
		bool found = false;

		for (ssize_t j = 0; j < count; j++)
			found = found || keys[j] == key;
		if (!found)
			return count;
		usleep(1000);
	}
	return -ETIME;
}

/* A key of the server's own, that mounts may look at. */
static long do_own_key(long unused)
{
	int32_t key = add_key("user", "server:own", "1", 1, KEY_SPEC_THREAD_KEYRING);

	(void)unused;
	keyctl_setperm(key, KEY_POS_ALL | KEY_USR_ALL | KEY_OTH_VIEW);
	return key;
}

static enum guise_reason server_is(uid_t *uid)
{
	struct caller caller = actor_caller(server);
	const struct token *token;
	struct refusal refusal;

	if (resolver_token(actor_resolver, &caller, false, &token, &refusal))
		return refusal.reason;
	*uid = (uid_t)-1;
	(void)sid_to_uid(token_user(token), uid);
	token_unref(token);
	return REASON_NONE;
}

static void check_server_is(uid_t expected)
{
	uid_t uid;

	ck_assert_int_eq(server_is(&uid), REASON_NONE);
	ck_assert_uint_eq(uid, expected);
}

/* One client after another ends its consent while the server acts with it. */
static void clients_end(long named, bool revert)
{
	uid_t uid;
	long key = actor_do(client, do_make, named);

	ck_assert_int_gt(key, 0);
	ck_assert_int_eq(actor_do(server, do_impersonate, key), 0);
	check_server_is(CLIENT->uid);
	ck_assert_int_eq(actor_do(client, do_invalidate, key), 0);
	ck_assert_int_ge(actor_do(server, do_wait_gone, key), 0);
	ck_assert_int_ne(server_is(&uid), REASON_NONE);
	if (revert) {
		ck_assert_int_eq(actor_do(server, do_revert, 0), 0);
		check_server_is(SERVER->uid);
	}
}

START_TEST(consents_that_end_while_a_server_acts_with_them_cost_it_nothing)
{
	long start;

	/* the first one makes the marker */
	clients_end(_i & 1, true);
	start = charge(SERVER->uid);
	for (int i = 0; i < ROUNDS; i++)
		clients_end(_i & 1, _i & 2);
	ck_assert_int_eq(actor_do(server, do_wait_gone, 0) > 0, !(_i & 2));
	/* the marker's link, as long as it acts for a client */
	ck_assert_int_le(charge_falls(SERVER->uid, start + 8), start + 8);
	ck_assert_int_eq(actor_do(server, do_revert, 0), 0);
	check_server_is(SERVER->uid);
}
END_TEST

static long do_cleared(long unused)
{
	(void)unused;
	return actor_cleared;
}

/* An empty ring is that of a thread that reverted. */
START_TEST(ring_that_is_emptied_while_acting_is_closed_meanwhile)
{
	clients_end(0, true);
	ck_assert_int_eq(actor_do(server, do_cleared, 0), KEY_RING_PERM);
	clients_end(0, false);
	clients_end(0, false);
	ck_assert_int_eq(actor_do(server, do_cleared, 0), KEY_POS_ALL);
}
END_TEST

START_TEST(keys_of_the_servers_own_stay_in_its_ring)
{
	long own, key = actor_do(client, do_make, 0);

	ck_assert_int_eq(actor_do(server, do_impersonate, key), 0);
	own = actor_do(server, do_own_key, 0);
	ck_assert_int_gt(own, 0);
	clients_end(0, false);
	clients_end(0, true);
	clients_end(0, true);
	ck_assert_int_eq(actor_do(server, do_wait_gone, 0), 1);
	check_server_is(SERVER->uid);
	ck_assert_int_gt(own, 0);
}
END_TEST

static long do_grant(long ttl)
{
	int32_t serial = 0;
	int error = guise_grant(SERVER->uid, GUISE_IMPERSONATE, (unsigned int)ttl, &serial);

	return error ? error : serial;
}

/* A key that is none of ours, and expires.  Made where it is certain that we possess it. */
static long do_other_key(long unused)
{
	int32_t key = add_key("user", "other:key", "1", 1, KEY_SPEC_PROCESS_KEYRING);

	(void)unused;
	if (key < 0 || keyctl_setperm(key, KEY_POS_ALL | KEY_USR_ALL | KEY_OTH_VIEW) < 0 ||
	    keyctl_link(key, KEY_SPEC_USER_KEYRING) < 0 || keyctl_set_timeout(key, 1) < 0)
		return -errno;
	(void)keyctl_unlink(key, KEY_SPEC_PROCESS_KEYRING);
	return key;
}

static long do_has(long key)
{
	int32_t keys[64];
	ssize_t count = key_list(KEY_SPEC_USER_KEYRING, keys, sizeof(keys) / sizeof(*keys));

	for (ssize_t i = 0; i < count; i++) {
		if (keys[i] == key)
			return 1;
	}
	return 0;
}

static void wait_for_end(long key)
{
	struct key_info info;

	for (int i = 0; i < 3000 && key_describe((int32_t)key, &info) == 0; i++)
		usleep(10000);
	ck_assert_int_lt(key_describe((int32_t)key, &info), 0);
}

START_TEST(consents_that_expired_cost_nothing_once_the_next_is_made)
{
	long start, key, stays = actor_do(client, do_grant, 3600);

	ck_assert_int_gt(stays, 0);
	key = actor_do(client, do_grant, 1);
	ck_assert_int_gt(key, 0);
	start = charge(CLIENT->uid);
	for (int i = 0; i < 5; i++) {
		wait_for_end(key);
		ck_assert_int_eq(actor_do(client, do_has, key), 1);
		key = actor_do(client, do_grant, 1);
		ck_assert_int_gt(key, 0);
	}
	ck_assert_int_le(charge_falls(CLIENT->uid, start), start);
	ck_assert_int_eq(actor_do(client, do_has, stays), 1);
}
END_TEST

START_TEST(other_keys_that_expired_are_left_alone)
{
	long key = actor_do(client, do_other_key, 0);

	ck_assert_int_gt(key, 0);
	wait_for_end(key);
	ck_assert_int_gt(actor_do(client, do_grant, 60), 0);
	ck_assert_int_eq(actor_do(client, do_has, key), 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("quota");
	TCase *registry = tcase_create("registry"), *thread = tcase_create("thread");
	SRunner *runner;
	int failed;

	if (geteuid() != 0)
		return 77;
	if (!people_add(2, people))
		return 1;
	tcase_add_checked_fixture(registry, setup_root, teardown_root);
	tcase_add_test(registry, threads_that_announced_themselves_and_ended_cost_nothing);
	tcase_add_test(registry, processes_that_announced_themselves_and_ended_cost_nothing);
	tcase_add_test(registry, newer_entry_survives_the_removal_of_the_old_one);
	tcase_add_test(registry, held_lock_refuses_announcements_and_puts_removals_off);
	tcase_add_test(registry, removed_lock_file_is_made_anew);
	tcase_add_test(registry, lock_file_of_others_is_refused);
	tcase_add_test(registry, revoked_context_key_is_replaced_at_once);
	tcase_set_timeout(registry, 300);
	suite_add_tcase(suite, registry);
	tcase_add_checked_fixture(thread, setup, teardown);
	tcase_add_loop_test(thread, consents_that_end_while_a_server_acts_with_them_cost_it_nothing,
			    0, 4);
	tcase_add_test(thread, ring_that_is_emptied_while_acting_is_closed_meanwhile);
	tcase_add_test(thread, keys_of_the_servers_own_stay_in_its_ring);
	tcase_add_test(thread, consents_that_expired_cost_nothing_once_the_next_is_made);
	tcase_add_test(thread, other_keys_that_expired_are_left_alone);
	tcase_set_timeout(thread, 300);
	suite_add_tcase(suite, thread);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
