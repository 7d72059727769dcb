/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The library's side: consents, impersonating, reverting, and what a thread's
 * ring holds afterwards; what others can do to its keys.
 */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actor.h"
#include "keyring/grant.h"
#include "keyring/guise.h"
#include "keyring/idmap.h"
#include "keyring/key.h"
#include "keyring/mounts.h"
#include "people.h"

static struct person people[3];
#define CLIENT (&people[0])
#define SERVER (&people[1])
#define STRANGER (&people[2])

static struct actor *client, *server;

static long do_grant(long account)
{
	int32_t serial = 0;
	int error = guise_grant((uid_t)account, GUISE_IMPERSONATE, 60, &serial);

	return error ? error : serial;
}

static long do_timeout(long key)
{
	return keyctl_set_timeout((key_serial_t)key, 1) < 0 ? -errno : 0;
}

/* Waits until @key has ended, however long the machine takes to get on. */
static void wait_for_end(long key)
{
	struct key_info info;

	for (int i = 0; i < 3000 && key_describe((int32_t)key, &info) == 0; i++)
		usleep(10000);
	ck_assert_int_lt(key_describe((int32_t)key, &info), 0);
}

static long do_clear(long unused)
{
	(void)unused;
	return keyctl_clear(KEY_SPEC_USER_KEYRING);
}

static long do_revoke(long key)
{
	return guise_revoke((int32_t)key);
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

static long do_ring(long create)
{
	return keyctl_get_keyring_ID(KEY_SPEC_THREAD_KEYRING, (int)create);
}

/* tokens in the ring, and 100 for each marker, and 10000 for each other key */
static long do_inventory(long unused)
{
	int32_t keys[64];
	ssize_t count = key_list(KEY_SPEC_THREAD_KEYRING, keys, 64);
	long sum = 0;

	(void)unused;
	for (ssize_t i = 0; i < count; i++) {
		struct key_info info;

		if (key_describe(keys[i], &info))
			sum += 10000;
		else if (key_is_marker(&info))
			sum += 100;
		else
			sum += key_is_token(&info) ? 1 : 10000;
	}
	return sum;
}

static void setup(void)
{
	struct resolver_options options = {0};

	ck_assert_int_eq(resolver_create(&options, &actor_resolver), 0);
	client = actor_start(CLIENT->uid, CLIENT->gid, 0);
	server = actor_start(SERVER->uid, SERVER->gid, 0);
}

static void teardown(void)
{
	/* the quota of the next test's accounts, which may have the same ids */
	actor_do(client, do_clear, 0);
	actor_do(server, do_clear, 0);
	actor_end(client);
	actor_end(server);
	resolver_destroy(actor_resolver);
}

/* Two clients' keys of one name: the second takes the place of the first. */
static long do_make_named(long account)
{
	struct sid sid = sid_from_uid((uid_t)account);
	struct token_text text = {.has_level = true, .level = TOKEN_DELEGATE, .audience_count = 1};
	char bytes[256];

	text.audience[0] = sid;
	if (token_text_write(&text, bytes, sizeof(bytes)) < 0)
		return -1;
	return key_make(KEY_TOKEN_PREFIX "same", bytes, strlen(bytes), KEY_TOKEN_PERM,
			KEY_SPEC_USER_KEYRING, false);
}

START_TEST(same_name)
{
	struct actor *stranger = actor_start(STRANGER->uid, STRANGER->gid, 0);
	long one = actor_do(client, do_make_named, SERVER->uid);
	long two = actor_do(stranger, do_make_named, SERVER->uid);

	ck_assert_int_eq(actor_do(server, do_impersonate, one), 0);
	ck_assert_int_eq(actor_do(server, do_impersonate, two), 0);
	ck_assert_int_eq(actor_do(server, do_inventory, 0), 101);
	ck_assert_int_eq(actor_do(server, do_impersonate, one), 0);
	ck_assert_int_eq(actor_do(server, do_inventory, 0), 101);
	ck_assert_int_eq(actor_do(server, do_revert, 0), 0);
	ck_assert_int_eq(actor_do(server, do_inventory, 0), 0);
	actor_do(stranger, do_clear, 0);
	actor_end(stranger);
}
END_TEST

START_TEST(grant_and_read)
{
	long key = actor_do(client, do_grant, SERVER->uid);
	struct grant_info grant;

	ck_assert_int_gt(key, 0);
	ck_assert_int_eq(grant_read((int32_t)key, &grant), 0);
	ck_assert_int_eq(grant.state, GRANT_VALID);
	ck_assert_uint_eq(grant.owner, CLIENT->uid);
	ck_assert_int_eq(grant.text.level, TOKEN_IMPERSONATE);
	ck_assert(token_text_is_for(&grant.text, SERVER->uid));
	grant_free(&grant);
	ck_assert_int_eq(actor_do(client, do_revoke, key), 0);
	ck_assert_int_eq(actor_do(client, do_revoke, key), -EKEYREVOKED);
	ck_assert_int_eq(grant_read((int32_t)key, &grant), 0);
	ck_assert_int_eq(grant.state, GRANT_REVOKED);
}
END_TEST

static int count_grant(const struct grant_info *grant, void *context)
{
	(void)grant;
	(*(long *)context)++;
	return 0;
}

static long do_count_grants(long unused)
{
	long count = 0;
	int error = grant_list(count_grant, &count);

	(void)unused;
	return error ? error : count;
}

static long do_grant_badly(long which)
{
	int32_t serial;

	switch (which) {
	case 0:
		return guise_grant(1, GUISE_DELEGATE + 1, 60, &serial);
	case 1:
		return guise_grant(1, -1, 60, &serial);
	case 2:
		return guise_grant(1, GUISE_IDENTIFY, 0, &serial);
	default:
		return guise_grant((uid_t)-1, GUISE_IDENTIFY, 60, &serial);
	}
}

START_TEST(grant_lists_and_refuses)
{
	long before = actor_do(client, do_count_grants, 0);
	long key = actor_do(client, do_grant, SERVER->uid);

	ck_assert_int_eq(actor_do(client, do_count_grants, 0), before + 1);
	for (long which = 0; which < 4; which++)
		ck_assert_int_eq(actor_do(client, do_grant_badly, which), -EINVAL);
	actor_do(client, do_revoke, key);
	ck_assert_int_eq(actor_do(client, do_count_grants, 0), before);
}
END_TEST

START_TEST(impersonate_and_revert)
{
	long one = actor_do(client, do_grant, SERVER->uid);
	long two = actor_do(client, do_grant, SERVER->uid);

	ck_assert_int_eq(actor_do(server, do_revert, 0), 0); /* without having impersonated */
	ck_assert_int_eq(actor_do(server, do_impersonate, one), 0);
	ck_assert_int_eq(actor_do(server, do_inventory, 0), 101);
	ck_assert_int_eq(actor_do(server, do_impersonate, one), 0); /* the same again */
	ck_assert_int_eq(actor_do(server, do_inventory, 0), 101);
	ck_assert_int_eq(actor_do(server, do_impersonate, two), 0); /* another */
	ck_assert_int_eq(actor_do(server, do_inventory, 0), 101);
	ck_assert_int_eq(actor_do(server, do_revert, 0), 0);
	ck_assert_int_eq(actor_do(server, do_inventory, 0), 0);
	ck_assert_int_eq(actor_do(server, do_revert, 0), 0);
}
END_TEST

/* Whatever has become of the key, reverting works, and impersonating another does. */
START_TEST(revert_after_the_end)
{
	for (int again = 0; again < 2; again++) {
		long revoked = actor_do(client, do_grant, SERVER->uid);
		long expired = actor_do(client, do_grant, SERVER->uid);
		long good = actor_do(client, do_grant, SERVER->uid);

		ck_assert_int_eq(actor_do(server, do_impersonate, revoked), 0);
		ck_assert_int_eq(actor_do(client, do_revoke, revoked), 0);
		if (again)
			ck_assert_int_eq(actor_do(server, do_impersonate, good), 0);
		ck_assert_int_eq(actor_do(server, do_revert, 0), 0);
		ck_assert_int_eq(actor_do(server, do_inventory, 0), 0);

		ck_assert_int_eq(actor_do(server, do_impersonate, expired), 0);
		ck_assert_int_eq(actor_do(client, do_timeout, expired), 0);
		wait_for_end(expired);
		if (again)
			ck_assert_int_eq(actor_do(server, do_impersonate, good), 0);
		ck_assert_int_eq(actor_do(server, do_revert, 0), 0);
		ck_assert_int_eq(actor_do(server, do_inventory, 0), 0);
	}
}
END_TEST

static long do_invalidate(long key)
{
	return keyctl_invalidate((key_serial_t)key) < 0 ? -errno : 0;
}

START_TEST(revert_after_invalidate)
{
	long key = actor_do(client, do_grant, SERVER->uid);

	ck_assert_int_eq(actor_do(server, do_impersonate, key), 0);
	ck_assert_int_eq(actor_do(client, do_invalidate, key), 0);
	ck_assert_int_eq(actor_do(server, do_revert, 0), 0);
	ck_assert_int_eq(actor_do(server, do_inventory, 0), 0);
	ck_assert_int_eq(actor_do(server, do_impersonate, key), -ENOKEY);
}
END_TEST

/* A refused impersonation leaves the thread what it was. */
START_TEST(failure_changes_nothing)
{
	long good = actor_do(client, do_grant, SERVER->uid);
	long foreign = actor_do(client, do_grant, STRANGER->uid);
	long revoked = actor_do(client, do_grant, SERVER->uid);

	actor_do(client, do_revoke, revoked);
	ck_assert_int_eq(actor_do(server, do_impersonate, foreign), -EKEYREJECTED);
	ck_assert_int_eq(actor_do(server, do_impersonate, revoked), -EKEYREVOKED);
	ck_assert_int_eq(actor_do(server, do_inventory, 0), 0);
	ck_assert_int_eq(actor_do(server, do_impersonate, good), 0);
	ck_assert_int_eq(actor_do(server, do_impersonate, foreign), -EKEYREJECTED);
	ck_assert_int_eq(actor_do(server, do_impersonate, revoked), -EKEYREVOKED);
	ck_assert_int_eq(actor_do(server, do_inventory, 0), 101);
	ck_assert_int_eq(actor_do(server, do_revert, 0), 0);
}
END_TEST

/* A token key that may be looked at and read, but not linked: found out after the marker. */
static long do_forbid_link(long key)
{
	return keyctl_setperm((key_serial_t)key, KEY_TOKEN_PERM & ~KEY_OTH_LINK);
}

START_TEST(link_refused)
{
	long good = actor_do(client, do_grant, SERVER->uid);
	long closed = actor_do(client, do_grant, SERVER->uid);

	ck_assert_int_eq(actor_do(client, do_forbid_link, closed), 0);
	ck_assert_int_eq(actor_do(server, do_impersonate, closed), -EACCES);
	ck_assert_int_eq(actor_do(server, do_inventory, 0), 0);
	ck_assert_int_eq(actor_do(server, do_impersonate, good), 0);
	ck_assert_int_eq(actor_do(server, do_impersonate, closed), -EACCES);
	ck_assert_int_eq(actor_do(server, do_inventory, 0), 101);
}
END_TEST

static long do_make_other(long unused)
{
	(void)unused;
	return add_key("user", "mine", "x", 1, KEY_SPEC_PROCESS_KEYRING);
}

static long do_open_to_writers(long key)
{
	return keyctl_setperm((key_serial_t)key, KEY_TOKEN_PERM | KEY_OTH_WRITE);
}

START_TEST(no_token_key)
{
	long key = actor_do(client, do_grant, SERVER->uid);

	ck_assert_int_eq(actor_do(server, do_impersonate, actor_do(server, do_make_other, 0)),
			 -EKEYREJECTED);
	ck_assert_int_eq(actor_do(client, do_open_to_writers, key), 0);
	ck_assert_int_eq(actor_do(server, do_impersonate, key), -EKEYREJECTED);
	ck_assert_int_eq(actor_do(server, do_inventory, 0), 0);
}
END_TEST

/* What a process can do to another's key or ring; one bit a deed that succeeded. */
static long do_attack(long key)
{
	key_serial_t k = (key_serial_t)key;
	long done = 0;

	done |= keyctl_update(k, "x", 1) == 0 ? 1 : 0;
	done |= keyctl_setperm(k, 0x3f3f3f3f) == 0 ? 2 : 0;
	done |= keyctl_set_timeout(k, 1) == 0 ? 4 : 0;
	done |= keyctl_chown(k, getuid(), (gid_t)-1) == 0 ? 8 : 0;
	done |= keyctl_invalidate(k) == 0 ? 16 : 0;
	done |= keyctl_revoke(k) == 0 ? 32 : 0;
	done |= keyctl_clear(k) == 0 ? 64 : 0;
	return done;
}

static long do_marker(long unused)
{
	int32_t keys[8];
	ssize_t count = key_list(KEY_SPEC_THREAD_KEYRING, keys, 8);

	(void)unused;
	for (ssize_t i = 0; i < count; i++) {
		struct key_info info;

		if (key_describe(keys[i], &info) == 0 && key_is_marker(&info))
			return keys[i];
	}
	return -1;
}

/* Neither the server nor its user's other processes nor strangers can touch what it links. */
START_TEST(nobody_changes_anything)
{
	struct actor *twin = actor_start(SERVER->uid, SERVER->gid, 0);
	struct actor *stranger = actor_start(STRANGER->uid, STRANGER->gid, 0);
	long token = actor_do(client, do_grant, SERVER->uid);
	long ring, marker;

	ck_assert_int_eq(actor_do(server, do_impersonate, token), 0);
	ring = actor_do(server, do_ring, 0);
	marker = actor_do(server, do_marker, 0);
	ck_assert_int_gt(marker, 0);
	ck_assert_int_eq(actor_do(server, do_attack, token), 0);
	ck_assert_int_eq(actor_do(server, do_attack, marker), 0);
	ck_assert_int_eq(actor_do(twin, do_attack, token), 0);
	ck_assert_int_eq(actor_do(twin, do_attack, marker), 0);
	ck_assert_int_eq(actor_do(twin, do_attack, ring), 0);
	ck_assert_int_eq(actor_do(stranger, do_attack, token), 0);
	ck_assert_int_eq(actor_do(stranger, do_attack, marker), 0);
	ck_assert_int_eq(actor_do(stranger, do_attack, ring), 0);
	ck_assert_int_eq(actor_do(client, do_attack, marker), 0);
	ck_assert_int_eq(actor_do(client, do_attack, ring), 0);
	ck_assert_int_eq(actor_do(server, do_inventory, 0), 101);
	actor_end(twin);
	actor_end(stranger);
}
END_TEST

static long do_dumpable(long unused)
{
	(void)unused;
	return prctl(PR_GET_DUMPABLE);
}

START_TEST(not_dumpable)
{
	long key = actor_do(client, do_grant, SERVER->uid);

	ck_assert_int_eq(actor_do(server, do_dumpable, 0), 1);
	ck_assert_int_eq(actor_do(server, do_impersonate, key), 0);
	ck_assert_int_eq(actor_do(server, do_dumpable, 0), 0);
}
END_TEST

/* A forked child starts as itself and may impersonate on its own. */
static long do_fork(long key)
{
	pid_t child = fork();
	int status = -1;

	if (child == 0) {
		long before = do_inventory(0);
		int reverted = guise_revert();

		_exit(before == 0 && reverted == 0 && do_inventory(0) == 0 ? 0 : 1);
	}
	waitpid(child, &status, 0);
	return status == 0 ? do_inventory(key) : -1;
}

START_TEST(fork_is_itself)
{
	long key = actor_do(client, do_grant, SERVER->uid);

	ck_assert_int_eq(actor_do(server, do_impersonate, key), 0);
	ck_assert_int_eq(actor_do(server, do_fork, key), 101);
}
END_TEST

static void *thread_marker(void *key)
{
	long result = guise_impersonate(*(int32_t *)key);

	return (void *)(result ? result : do_marker(0));
}

/* Threads that started before anyone impersonated, whose process keyrings differ. */
static long do_threads(long key)
{
	int32_t serial = (int32_t)key;

	for (int i = 0; i < 3; i++) {
		pthread_t thread;
		void *marker;

		/* its marker ends with it if it was the only one to hold it */
		if (pthread_create(&thread, NULL, thread_marker, &serial))
			return -1;
		pthread_join(thread, &marker);
		if ((long)marker <= 0)
			return (long)marker;
	}
	if (do_inventory(0) != 0)
		return -2; /* the main thread is not impersonating */
	return guise_impersonate(serial) ? -3 : do_inventory(0);
}

START_TEST(threads_share_marker)
{
	long key = actor_do(client, do_grant, SERVER->uid);

	ck_assert_int_eq(actor_do(server, do_threads, key), 101);
}
END_TEST

/* A root server that changes its fsuid between clients. */
static long do_fsuid(long key)
{
	long result;

	setfsuid(SERVER->uid);
	result = guise_impersonate((int32_t)key);
	if (!result)
		result = guise_revert();
	setfsuid(0);
	setfsuid(SERVER->uid);
	if (!result)
		result = guise_impersonate((int32_t)key);
	if (!result)
		result = do_inventory(0) == 101 ? 0 : -1;
	setfsuid(0);
	return result;
}

START_TEST(changed_fsuid)
{
	long key = actor_do(client, do_grant, SERVER->uid);
	struct actor *root = actor_start(0, 0, 0);

	ck_assert_int_eq(actor_do(root, do_fsuid, key), 0);
	actor_end(root);
}
END_TEST

static const struct {
	const char *line;
	const char *path;
} mountinfo[] = {
	{"36 35 0:50 / /mnt rw,nosuid - fuse.guisefs /srv rw,user_id=0,group_id=0,allow_other\n",
	 "/mnt"},
	{"36 35 0:50 / /m\\040n\\134t rw shared:1 master:2 - fuse.guisefs a rw,user_id=0\n",
	 "/m n\\t"},
	{"36 35 0:50 / /mnt rw - fuse.guisefs /srv rw,user_id=1000,allow_other\n", NULL},
	{"36 35 0:50 / /mnt rw - fuse.guisefs user_id=0 rw,user_id=1000\n", NULL},
	{"36 35 0:50 / /mnt rw - fuse.guisefs /srv rw,user_id=00\n", NULL},
	{"36 35 0:50 /sub /mnt rw - fuse.guisefs /srv rw,user_id=0\n", NULL},
	{"36 35 0:50 / /mnt rw - fuse.sshfs /srv rw,user_id=0\n", NULL},
	{"36 35 0:50 / /mnt rw - ext4 fuse.guisefs rw,user_id=0\n", NULL},
	{"36 35 0:50 / /mnt rw\n", NULL},
	{"36 35\n", NULL},
	{"\n", NULL},
};

START_TEST(mount_lines)
{
	char line[256];
	const char *path;

	snprintf(line, sizeof(line), "%s", mountinfo[_i].line);
	path = mounts_line(line);
	if (mountinfo[_i].path)
		ck_assert_str_eq(path, mountinfo[_i].path);
	else
		ck_assert_ptr_null(path);
}
END_TEST

START_TEST(names)
{
	char text[SID_MAX_TEXT];
	struct sid sid, user = sid_from_uid(0), group = sid_from_gid(0),
			odd = sid_from_uid(3999999);
	uid_t uid = 1;

	ck_assert_int_eq(idmap_account("root", &uid), 0);
	ck_assert_uint_eq(uid, 0);
	ck_assert_int_eq(idmap_account("S-1-22-1-77", &uid), 0);
	ck_assert_uint_eq(uid, 77);
	ck_assert_int_eq(idmap_account("4294967295", &uid), -ENOENT);
	ck_assert_int_eq(idmap_account("no such user", &uid), -ENOENT);
	ck_assert_str_eq(idmap_sid_name(&user, text, sizeof(text)), "root");
	ck_assert_str_eq(idmap_sid_name(&group, text, sizeof(text)), "root");
	ck_assert_str_eq(idmap_sid_name(&odd, text, sizeof(text)), "S-1-22-1-3999999");
	ck_assert_str_eq(idmap_sid_name(&sid_everyone, text, sizeof(text)), "Everyone");
	ck_assert(idmap_sid_parse("everyone", &sid) && sid_equal(&sid, &sid_everyone));
	ck_assert(idmap_sid_parse("BA", &sid) && sid_equal(&sid, &sid_administrators));
	ck_assert(idmap_sid_parse("uid:0", &sid) && sid_equal(&sid, &user));
	ck_assert(idmap_sid_parse("gid:0", &sid) && sid_equal(&sid, &group));
	ck_assert(idmap_sid_parse("root", &sid) && sid_equal(&sid, &user));
	ck_assert(!idmap_sid_parse("uid:x", &sid));
	ck_assert(!idmap_sid_parse("", &sid));
	ck_assert(!idmap_sid_parse("S-1-5-18x", &sid));
}
END_TEST

static TCase *root_cases(void)
{
	TCase *tests = tcase_create("thread");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_set_timeout(tests, 30);
	tcase_add_test(tests, same_name);
	tcase_add_test(tests, grant_and_read);
	tcase_add_test(tests, grant_lists_and_refuses);
	tcase_add_test(tests, impersonate_and_revert);
	tcase_add_test(tests, revert_after_the_end);
	tcase_add_test(tests, revert_after_invalidate);
	tcase_add_test(tests, failure_changes_nothing);
	tcase_add_test(tests, link_refused);
	tcase_add_test(tests, no_token_key);
	tcase_add_test(tests, nobody_changes_anything);
	tcase_add_test(tests, not_dumpable);
	tcase_add_test(tests, fork_is_itself);
	tcase_add_test(tests, threads_share_marker);
	tcase_add_test(tests, changed_fsuid);
	return tests;
}

int main(void)
{
	Suite *suite = suite_create("thread");
	TCase *pure = tcase_create("pure");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(pure, mount_lines, 0, sizeof(mountinfo) / sizeof(mountinfo[0]));
	tcase_add_test(pure, names);
	suite_add_tcase(suite, pure);
	if (geteuid() != 0)
		puts("14 tests skipped: they need root");
	else if (!people_add(3, people))
		return EXIT_FAILURE;
	else
		suite_add_tcase(suite, root_cases());
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
