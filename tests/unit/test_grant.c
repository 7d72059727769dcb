/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Token keys as the library makes them: what they say, and what it refuses to say. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "actor.h"
#include "keyring/grant.h"
#include "keyring/guise.h"
#include "keyring/key.h"
#include "people.h"

static struct person people[3];
#define CLIENT (&people[0])
#define SERVER (&people[1])
#define STRANGER (&people[2])

static struct actor *client, *server, *stranger;

/* long enough for a machine that stands still for a while */
#define TTL 600

/* What is to be made; actors are told by way of memory that was there when they started. */
static struct wish {
	uid_t accounts[70];
	size_t count;
	int level;
	unsigned int ttl;
	uint32_t rights;
	const char *share;
} wishes[16];

static long made(int error, int32_t serial)
{
	return error ? error : serial;
}

static long do_grant(long which)
{
	const struct wish *wish = &wishes[which];
	int32_t serial = 0;
	int error = guise_grant_with(wish->accounts, wish->count, wish->level, wish->ttl,
				     wish->rights, wish->share, &serial);

	return made(error, serial);
}

static int32_t parent;

static long do_parent(long key)
{
	parent = (int32_t)key;
	return 0;
}

static long do_restrict(long which)
{
	const struct wish *wish = &wishes[which];
	int32_t serial = 0;
	int error =
		guise_restrict(parent, wish->level, wish->ttl, wish->rights, wish->share, &serial);

	return made(error, serial);
}

static long do_revoke(long key)
{
	return guise_revoke((int32_t)key);
}

static long do_clear(long unused)
{
	(void)unused;
	return keyctl_clear(KEY_SPEC_USER_KEYRING);
}

static void actors_start(void)
{
	struct resolver_options options = {0};

	ck_assert_int_eq(resolver_create(&options, &actor_resolver), 0);
	client = actor_start(CLIENT->uid, CLIENT->gid, 0);
	server = actor_start(SERVER->uid, SERVER->gid, 0);
	stranger = actor_start(STRANGER->uid, STRANGER->gid, 0);
}

/* A usual consent, the first wish; what a test changes in it, it does before actors_start(). */
static void setup(void)
{
	memset(wishes, 0, sizeof(wishes));
	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++)
		wishes[i] = (struct wish){.accounts = {SERVER->uid},
					  .count = 1,
					  .level = GUISE_IMPERSONATE,
					  .ttl = TTL,
					  .rights = UINT32_MAX};
}

static void teardown(void)
{
	if (!client)
		return;
	actor_do(client, do_clear, 0);
	actor_do(server, do_clear, 0);
	actor_do(stranger, do_clear, 0);
	actor_end(client);
	actor_end(server);
	actor_end(stranger);
	resolver_destroy(actor_resolver);
	client = NULL;
}

/* Checks that @key is a good token key of @owner's and reads its text. */
static struct token_text text_of(long key, const struct person *owner)
{
	struct grant_info grant;

	ck_assert_msg(key > 0, "%s", strerror((int)-key));
	ck_assert_int_eq(grant_read((int32_t)key, &grant), 0);
	ck_assert_int_eq(grant.state, GRANT_VALID);
	ck_assert_uint_eq(grant.owner, owner->uid);
	return grant.text;
}

/* Does it end @ttl seconds after it was made, which was between @begun and now? */
static bool lasts(const struct token_text *text, unsigned int ttl, time_t begun)
{
	/* up to the next full second; and time(2) may be a tick behind the clock that was read */
	return text->has_until && text->until >= (int64_t)begun + (int64_t)ttl &&
	       text->until <= (int64_t)time(NULL) + 2 + (int64_t)ttl;
}

START_TEST(a_consent_says_all_that_was_asked_for)
{
	time_t begun = time(NULL);
	struct token_text text;

	wishes[0].accounts[1] = STRANGER->uid;
	wishes[0].count = 2;
	wishes[0].rights = 0x120089;
	wishes[0].share = "team";
	actors_start();
	text = text_of(actor_do(client, do_grant, 0), CLIENT);
	ck_assert(text.has_level && text.level == TOKEN_IMPERSONATE);
	ck_assert_uint_eq(text.audience_count, 2);
	ck_assert(token_text_is_for(&text, SERVER->uid));
	ck_assert(token_text_is_for(&text, STRANGER->uid));
	ck_assert(!token_text_is_for(&text, CLIENT->uid));
	ck_assert(text.has_rights && text.rights == 0x120089);
	ck_assert(text.has_share);
	ck_assert_str_eq(text.share, "team");
	ck_assert(lasts(&text, TTL, begun));
	ck_assert(!text.parent.serial && !text.has_user);
}
END_TEST

START_TEST(the_host_s_default_level_is_not_written)
{
	struct token_text text;

	wishes[0].level = -1;
	actors_start();
	text = text_of(actor_do(client, do_grant, 0), CLIENT);
	ck_assert(!text.has_level && !text.has_rights && !text.has_share);
}
END_TEST

START_TEST(wrong_consents_are_not_made)
{
	wishes[0].level = GUISE_DELEGATE + 1;
	wishes[1].level = -2;
	wishes[2].ttl = 0;
	wishes[3].count = 0;
	wishes[4].count = 65;
	wishes[5].accounts[0] = (uid_t)-1;
	wishes[6].share = "";
	wishes[7].share = "a/b";
	wishes[8].share = "12345678901234567890123456789012345678901234567890123456789012345";
	wishes[9].rights = 0;
	wishes[10].count = 64;
	wishes[10].share = "1234567890123456789012345678901234567890123456789012345678901234";
	actors_start();
	for (long which = 0; which < 10; which++)
		ck_assert_int_eq(actor_do(client, do_grant, which), -EINVAL);
	ck_assert_int_gt(actor_do(client, do_grant, 10), 0);
}
END_TEST

/* ---- guise_list() ---- */

static long do_list(long room)
{
	int32_t serials[4] = {-1, -1, -1, -1};
	int count = guise_list(serials, (size_t)room);

	for (long i = room; i < 4; i++)
		if (serials[i] != -1)
			return -1000;
	return count;
}

static long do_first(long unused)
{
	int32_t serial = 0;

	(void)unused;
	return guise_list(&serial, 1) > 0 ? serial : 0;
}

static long do_take(long key)
{
	return keyctl_link((key_serial_t)key, KEY_SPEC_USER_KEYRING) < 0 ? -errno : 0;
}

START_TEST(the_list_has_one_s_own_keys_that_live)
{
	long one, two;

	actors_start();
	ck_assert_int_eq(actor_do(client, do_list, 4), 0);
	one = actor_do(client, do_grant, 0);
	ck_assert_int_eq(actor_do(client, do_list, 4), 1);
	ck_assert_int_eq(actor_do(client, do_first, 0), one);
	two = actor_do(client, do_grant, 0);
	for (long room = 0; room < 4; room++)
		ck_assert_int_eq(actor_do(client, do_list, room), 2);
	/* another's, in one's own keyring */
	ck_assert_int_eq(actor_do(server, do_take, one), 0);
	ck_assert_int_eq(actor_do(server, do_list, 4), 0);
	ck_assert_int_eq(actor_do(client, do_revoke, one), 0);
	ck_assert_int_eq(actor_do(client, do_list, 4), 1);
	ck_assert_int_eq(actor_do(client, do_first, 0), two);
}
END_TEST

/* ---- guise_restrict() ---- */

static long consent(long which)
{
	long key = actor_do(client, do_grant, which);

	ck_assert_int_gt(key, 0);
	actor_do(server, do_parent, key);
	actor_do(stranger, do_parent, key);
	return key;
}

START_TEST(a_narrowed_key_is_for_its_maker_and_says_no_more_than_its_parent)
{
	time_t begun = time(NULL);
	struct grant_info grant;
	struct token_text text;
	long key;

	wishes[0].rights = 0x120089;
	wishes[0].share = "team";
	wishes[0].accounts[1] = STRANGER->uid;
	wishes[0].count = 2;
	wishes[1] = (struct wish){.level = GUISE_DELEGATE, .ttl = 86400, .rights = 0x1f01ff};
	wishes[2] = (struct wish){.level = GUISE_IDENTIFY, .ttl = TTL / 2, .rights = 0x81};
	wishes[3] = (struct wish){.level = -1, .rights = UINT32_MAX, .share = "team"};
	actors_start();
	key = consent(0);
	text = text_of(actor_do(server, do_restrict, 1), SERVER);
	ck_assert_int_eq(text.parent.serial, key);
	ck_assert_uint_eq(text.parent.owner, CLIENT->uid);
	ck_assert_int_eq(grant_read((int32_t)key, &grant), 0);
	ck_assert_str_eq(text.parent.name, grant.description);
	ck_assert_uint_eq(text.audience_count, 1);
	ck_assert(token_text_is_for(&text, SERVER->uid));
	ck_assert(text.has_level && text.level == TOKEN_IMPERSONATE);
	ck_assert_uint_eq(text.rights, 0x120089);
	ck_assert_str_eq(text.share, "team");
	ck_assert(lasts(&text, TTL, begun));
	text = text_of(actor_do(server, do_restrict, 2), SERVER);
	ck_assert_int_eq(text.level, TOKEN_IDENTIFY);
	ck_assert_uint_eq(text.rights, 0x81);
	ck_assert(lasts(&text, TTL / 2, begun));
	text = text_of(actor_do(server, do_restrict, 3), SERVER);
	ck_assert_int_eq(text.level, TOKEN_IMPERSONATE);
	ck_assert_uint_eq(text.rights, 0x120089);
	ck_assert(lasts(&text, TTL, begun));
}
END_TEST

/* The host's default may be lower than what is asked for: the daemon takes the least. */
START_TEST(narrowing_the_host_s_default)
{
	struct token_text text;

	wishes[0].level = -1;
	wishes[1].level = -1;
	wishes[2].level = GUISE_IDENTIFY;
	actors_start();
	consent(0);
	text = text_of(actor_do(server, do_restrict, 1), SERVER);
	ck_assert(!text.has_level && !text.has_rights && !text.has_share);
	text = text_of(actor_do(server, do_restrict, 2), SERVER);
	ck_assert(text.has_level && text.level == TOKEN_IDENTIFY);
}
END_TEST

START_TEST(what_cannot_be_narrowed)
{
	long key, narrowed, error;

	wishes[0].share = "team";
	wishes[1] = (struct wish){.level = -1, .rights = UINT32_MAX};
	wishes[2] = (struct wish){.level = -1, .rights = UINT32_MAX, .share = "other"};
	wishes[3] = (struct wish){.level = GUISE_DELEGATE + 1, .rights = UINT32_MAX};
	wishes[4] = (struct wish){.level = -1, .rights = UINT32_MAX, .share = "a/b"};
	wishes[5] = (struct wish){.level = -1}; /* a mask of no rights */
	actors_start();
	key = consent(0);
	ck_assert_int_eq(actor_do(stranger, do_restrict, 1), -EKEYREJECTED);
	for (long which = 2; which < 6; which++)
		ck_assert_int_eq(actor_do(server, do_restrict, which), -EINVAL);
	narrowed = actor_do(server, do_restrict, 1);
	ck_assert_int_gt(narrowed, 0);
	actor_do(server, do_parent, narrowed);
	ck_assert_int_eq(actor_do(server, do_restrict, 1), -ELOOP);
	actor_do(server, do_parent, key);
	ck_assert_int_eq(actor_do(client, do_revoke, key), 0);
	error = actor_do(server, do_restrict, 1);
	/* the kernel may have collected it */
	ck_assert_msg(error == -EKEYREVOKED || error == -ENOKEY, "%ld", error);
	actor_do(server, do_parent, 1);
	ck_assert_int_eq(actor_do(server, do_restrict, 1), -ENOKEY);
}
END_TEST

/* ---- guise_issue() ---- */

static const char *const groups[] = {"root", "S-1-5-21-1-2-3-513", "Users"};
static const char *const privileges[] = {"SeBackupPrivilege", "SeRestorePrivilege"};

static long issue(const char *user, size_t group_count, const char *group, const char *privilege)
{
	const char *given[2000] = {NULL};
	const uid_t account = SERVER->uid;
	int32_t serial = 0;
	int error;

	for (size_t i = 0; i < group_count; i++)
		given[i] = group ? group : groups[i];
	error = guise_issue(user, given, group_count, privilege ? &privilege : privileges,
			    privilege ? 1 : 2, &account, 1, GUISE_DELEGATE, TTL, &serial);
	return made(error, serial);
}

START_TEST(an_issued_key_says_who_it_is)
{
	time_t begun = time(NULL);
	struct person self = {.uid = geteuid()};
	struct sid user = sid_from_uid(CLIENT->uid), root = sid_from_gid(0);
	long key = issue(CLIENT->name, 3, NULL, NULL);
	struct token_text text = text_of(key, &self);

	ck_assert(text.has_user && sid_equal(&text.user, &user));
	ck_assert_uint_eq(text.group_count, 3);
	ck_assert(sid_equal(&text.groups[0], &root)); /* a group, though an account has that name */
	ck_assert_uint_eq(text.privileges, SE_BACKUP_PRIVILEGE | SE_RESTORE_PRIVILEGE);
	ck_assert(text.has_level && text.level == TOKEN_DELEGATE);
	ck_assert(lasts(&text, TTL, begun));
	token_text_free(&text);
	ck_assert_int_eq(guise_revoke((int32_t)key), 0);
}
END_TEST

START_TEST(what_is_not_issued)
{
	ck_assert_int_eq(issue("no-such-user-here", 0, NULL, NULL), -ENOENT);
	ck_assert_int_eq(issue("Users", 0, NULL, NULL), -ENOENT);
	ck_assert_int_eq(issue("S-1-", 0, NULL, NULL), -ENOENT);
	ck_assert_int_eq(issue("root", 1, "no-such-group-here", NULL), -ENOENT);
	ck_assert_int_eq(issue("root", 0, NULL, "SeWish"), -ENOENT);
	ck_assert_int_eq(issue("root", 1025, "S-1-5-21-1-2-3-4", NULL), -EFBIG);
	ck_assert_int_eq(issue("root", 300, "S-1-5-21-1-2-3-4", NULL), -EFBIG);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_consent_says_all_that_was_asked_for,
		the_host_s_default_level_is_not_written,
		wrong_consents_are_not_made,
		the_list_has_one_s_own_keys_that_live,
		a_narrowed_key_is_for_its_maker_and_says_no_more_than_its_parent,
		narrowing_the_host_s_default,
		what_cannot_be_narrowed,
		an_issued_key_says_who_it_is,
		what_is_not_issued,
	};
	Suite *suite = suite_create("grant");
	TCase *cases = tcase_create("root");
	SRunner *runner;
	int failed;

	if (geteuid() != 0) {
		puts("needs root");
		return 77;
	}
	if (!people_add(3, people))
		return EXIT_FAILURE;
	tcase_set_timeout(cases, 60);
	tcase_add_checked_fixture(cases, setup, teardown);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(cases, tests[i]);
	suite_add_tcase(suite, cases);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
