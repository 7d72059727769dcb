/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Token keys that narrow others: whose they may be, which they may be of, and what becomes of
 * both, with real threads, users and keys.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "keyring/guise.h"
#include "scene.h"

static void setup(void)
{
	scene_set("team");
}

static long do_invalidate(long key)
{
	return keyctl_invalidate((key_serial_t)key) < 0 ? -errno : 0;
}

static long do_timeout(long key)
{
	return keyctl_set_timeout((key_serial_t)key, 1) < 0 ? -errno : 0;
}

/* which key do_setperm() is about */
static int32_t *shared_key;

static long do_setperm(long perm)
{
	return keyctl_setperm(*shared_key, (key_perm_t)perm) < 0 ? -errno : 0;
}

static long do_restrict(long key)
{
	int32_t serial = 0;
	int error = guise_restrict((int32_t)key, -1, 60, UINT32_MAX, NULL, &serial);

	return error ? error : serial;
}

static int32_t whole(const char *lines)
{
	return key_with(client, KEY_TOKEN_PERM, FIRST "level delegate\nfor S-1-22-1-%u\n%s",
			SERVER->uid, lines);
}

/* A key of the server's that narrows the one with serial @parent, owner @owner and name @name. */
static int32_t narrowed_of(int32_t parent, uid_t owner, const char *name, const char *lines)
{
	return key_with(server, KEY_TOKEN_PERM, FIRST "%sfor S-1-22-1-%u\nof %d S-1-22-1-%u %s\n",
			lines, SERVER->uid, parent, owner, name);
}

static int32_t narrowed(int32_t parent, const char *lines)
{
	struct key_info info;

	ck_assert_int_eq(key_describe(parent, &info), 0);
	return narrowed_of(parent, info.uid, info.description, lines);
}

START_TEST(a_narrowed_token_is_the_clients_with_less)
{
	long now = (long)time(NULL);
	char lines[128];
	struct sid sid = sid_from_uid(CLIENT->uid);
	const struct token *token;
	enum guise_reason reason;
	int32_t parent;

	snprintf(lines, sizeof(lines), "until %ld\nrights 0x1200a9\n", now + 100);
	parent = whole(lines);
	check_acts(narrowed(parent, "level impersonate\nrights 0x20089\n"), REASON_NONE);
	token = token_of(server, true, &reason);
	ck_assert(sid_equal(token_user(token), &sid));
	ck_assert_int_eq(token_level(token), TOKEN_IMPERSONATE);
	ck_assert_uint_eq(token_rights(token), 0x20089);
	ck_assert_int_eq(token_expiry(token), now + 100);
	sid = sid_from_uid(SERVER->uid);
	ck_assert(sid_equal(token_actor(token), &sid));
	token_unref(token);
	/* nothing gets wider by it */
	parent = key_with(client, KEY_TOKEN_PERM,
			  IMPERSONATE "for S-1-22-1-%u\nuntil %ld\nrights 0x1\n", SERVER->uid,
			  now + 50);
	snprintf(lines, sizeof(lines), "level delegate\nuntil %ld\nrights 0xffffffff\n", now + 100);
	check_acts(narrowed(parent, lines), REASON_NONE);
	token = token_of(server, true, &reason);
	ck_assert_int_eq(token_level(token), TOKEN_IMPERSONATE);
	ck_assert_uint_eq(token_rights(token), 0x1);
	ck_assert_int_eq(token_expiry(token), now + 50);
	token_unref(token);
	snprintf(lines, sizeof(lines), "until %ld\n", now + 20);
	check_acts(narrowed(parent, lines), REASON_NONE);
	token = token_of(server, true, &reason);
	ck_assert_int_eq(token_level(token), TOKEN_IMPERSONATE);
	ck_assert_int_eq(token_expiry(token), now + 20);
	token_unref(token);
}
END_TEST

START_TEST(what_ends_the_parent_ends_what_narrows_it)
{
	int32_t parent = whole("");

	check_acts(narrowed(parent, ""), REASON_NONE);
	check_asked(REASON_NONE);
	ck_assert_int_eq(actor_do(client, deed_revoke, parent), 0);
	check_asked(REASON_KEY_REVOKED);
	parent = whole("");
	check_acts(narrowed(parent, ""), REASON_NONE);
	ck_assert_int_eq(actor_do(client, do_timeout, parent), 0);
	for (int i = 0; i < 3000 && asked(server) == REASON_NONE; i++)
		usleep(10000);
	check_asked(REASON_KEY_EXPIRED);
	parent = whole("");
	check_acts(narrowed(parent, ""), REASON_NONE);
	ck_assert_int_eq(actor_do(client, do_invalidate, parent), 0);
	check_asked(REASON_KEY_GONE);
}
END_TEST

START_TEST(what_changes_the_parent_counts_at_the_next_request)
{
	int32_t parent = whole("");

	check_acts(narrowed(parent, ""), REASON_NONE);
	ck_assert_int_eq(level_of_server(), TOKEN_DELEGATE);
	key_change(client, parent, FIRST "level identify\nfor S-1-22-1-%u\n", SERVER->uid);
	ck_assert_int_eq(level_of_server(), TOKEN_IDENTIFY);
	key_change(client, parent, FIRST "level identify\nfor S-1-22-1-%u\n", STRANGER->uid);
	check_asked(REASON_TOKEN_PARENT);
	key_change(client, parent, FIRST "for S-1-22-1-%u\nuntil 1000000000\n", SERVER->uid);
	check_asked(REASON_KEY_EXPIRED);
	key_change(client, parent, "nonsense\n");
	check_asked(REASON_TOKEN_MALFORMED);
}
END_TEST

START_TEST(only_a_key_for_its_owner_can_be_narrowed)
{
	int32_t other =
		key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\n", STRANGER->uid);
	int32_t parent = whole("");
	int32_t once = narrowed(parent, "level impersonate\n");
	int32_t writable = key_with(client, KEY_TOKEN_PERM | KEY_OTH_WRITE,
				    IMPERSONATE "for S-1-22-1-%u\n", SERVER->uid);

	check_acts(narrowed(other, ""), REASON_TOKEN_PARENT);
	ck_assert_int_eq(reason_errno(REASON_TOKEN_PARENT), -EKEYREJECTED);
	check_acts(narrowed(once, ""), REASON_TOKEN_PARENT);
	/* and not because the cache knew it */
	check_acts(once, REASON_NONE);
	check_acts(narrowed(once, ""), REASON_TOKEN_PARENT);
	check_acts(narrowed(writable, ""), REASON_KEY_WRITABLE);
	check_acts(narrowed_of(2147483647, CLIENT->uid, "guise:token:x", ""), REASON_KEY_GONE);
	check_acts(narrowed(key_with(client, KEY_TOKEN_PERM,
				     FIRST "for S-1-22-1-%u\nuser S-1-22-1-0\n", SERVER->uid),
			    ""),
		   REASON_TOKEN_FORGED);
}
END_TEST

/* A key that got the parent's serial when that had ended differs in owner or name. */
START_TEST(a_parent_is_known_by_owner_and_name_too)
{
	const char *name = "guise:token:mine";
	int32_t parent = key_named(client, name, IMPERSONATE "for S-1-22-1-%u\n", SERVER->uid);
	int32_t other = key_named(client, "guise:token:other", IMPERSONATE "for S-1-22-1-%u\n",
				  SERVER->uid);
	int32_t foreign = key_named(stranger, name, IMPERSONATE "for S-1-22-1-%u\n", SERVER->uid);

	check_acts(narrowed_of(parent, CLIENT->uid, name, ""), REASON_NONE);
	check_asked(REASON_NONE);
	check_acts(narrowed_of(other, CLIENT->uid, name, ""), REASON_TOKEN_PARENT);
	check_acts(narrowed_of(foreign, CLIENT->uid, name, ""), REASON_TOKEN_PARENT);
	check_acts(narrowed_of(parent, STRANGER->uid, name, ""), REASON_TOKEN_PARENT);
	check_acts(narrowed_of(parent, CLIENT->uid, "guise:token:min", ""), REASON_TOKEN_PARENT);
	/* nor once it is in the cache */
	check_acts(foreign, REASON_NONE);
	check_acts(narrowed_of(foreign, CLIENT->uid, name, ""), REASON_TOKEN_PARENT);
	check_asked(REASON_TOKEN_PARENT);
	/* as the library writes it */
	parent = (int32_t)actor_do(server, do_restrict, parent);
	ck_assert_int_gt(parent, 0);
	check_acts(parent, REASON_NONE);
}
END_TEST

/* A name that the text cannot hold tells nothing, and without it the text is none. */
START_TEST(a_parent_without_a_name_to_write_is_not_narrowed)
{
	int32_t parent =
		key_named(client, "guise:token:a b", IMPERSONATE "for S-1-22-1-%u\n", SERVER->uid);
	int32_t key =
		key_with(server, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\n", SERVER->uid);

	ck_assert_int_eq(actor_do(server, do_restrict, parent), -EKEYREJECTED);
	check_acts(key, REASON_NONE);
	key_change(server, key, IMPERSONATE "for S-1-22-1-%u\nof %d\n", SERVER->uid, parent);
	check_asked(REASON_TOKEN_MALFORMED);
}
END_TEST

START_TEST(no_rights_are_none)
{
	enum guise_reason reason;
	int32_t parent = whole("");
	int32_t key = key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\nrights 0x0\n",
			       SERVER->uid);
	const struct token *token;

	check_acts(narrowed(parent, "rights 0x0\n"), REASON_NONE);
	token = token_of(server, true, &reason);
	ck_assert_uint_eq(token_rights(token), 0);
	token_unref(token);
	check_acts(key, REASON_NONE);
	token = token_of(server, true, &reason);
	ck_assert_uint_eq(token_rights(token), 0);
	token_unref(token);
}
END_TEST

#define check_perm(perm, reason)                                                                   \
	do {                                                                                       \
		ck_assert_int_eq(actor_do(client, do_setperm, (long)(perm)), 0);                   \
		check_asked(reason);                                                               \
	} while (0)

START_TEST(who_may_not_link_the_parent_does_not_narrow_it)
{
	const uint32_t group = KEY_GRP_VIEW | KEY_GRP_READ | KEY_GRP_LINK;
	int32_t parent = whole("");

	*shared_key = parent;
	check_acts(narrowed(parent, ""), REASON_NONE);
	check_perm(KEY_TOKEN_PERM & ~(uint32_t)KEY_OTH_LINK, REASON_TOKEN_PARENT);
	ck_assert_int_eq(actor_do(server, do_restrict, parent), -EACCES);
	check_perm(KEY_TOKEN_PERM, REASON_NONE);
	check_perm(KEY_TOKEN_PERM & ~(uint32_t)KEY_OTH_READ, REASON_TOKEN_PARENT);
	check_perm(KEY_TOKEN_PERM, REASON_NONE);
	check_perm(KEY_TOKEN_PERM & ~(uint32_t)KEY_OTH_VIEW, REASON_KEY_UNREADABLE);
	/* members of its group have what the group has, and nothing else */
	check_perm(KEY_TOKEN_PERM | KEY_GRP_VIEW, REASON_TOKEN_PARENT);
	check_perm(KEY_TOKEN_PERM | group, REASON_NONE);
	/* the permissions of others do not count for one's own */
	parent = key_with(server, KEY_TOKEN_PERM & ~(uint32_t)KEY_OTH_LINK,
			  IMPERSONATE "for S-1-22-1-%u\n", SERVER->uid);
	check_acts(narrowed(parent, ""), REASON_NONE);
	parent = key_with(server, KEY_TOKEN_PERM & ~(uint32_t)KEY_USR_LINK,
			  IMPERSONATE "for S-1-22-1-%u\n", SERVER->uid);
	check_acts(narrowed(parent, ""), REASON_TOKEN_PARENT);
}
END_TEST

START_TEST(a_narrowing_key_is_for_its_owner_alone)
{
	struct key_info info;
	int32_t parent =
		key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\nfor S-1-22-1-%u\n",
			 SERVER->uid, STRANGER->uid);

	ck_assert_int_eq(key_describe(parent, &info), 0);
	check_acts(key_with(server, KEY_TOKEN_PERM,
			    FIRST "for S-1-22-1-%u\nfor S-1-22-1-%u\nof %d S-1-22-1-%u %s\n",
			    SERVER->uid, STRANGER->uid, parent, CLIENT->uid, info.description),
		   REASON_TOKEN_NARROWING);
	ck_assert_int_eq(reason_errno(REASON_TOKEN_NARROWING), -EKEYREJECTED);
	/* somebody else's, though for the server */
	check_acts(key_with(stranger, KEY_TOKEN_PERM,
			    FIRST "for S-1-22-1-%u\nof %d S-1-22-1-%u %s\n", SERVER->uid, parent,
			    CLIENT->uid, info.description),
		   REASON_TOKEN_NARROWING);
}
END_TEST

START_TEST(the_share_must_suit_both)
{
	int32_t here = whole("share team\n"), elsewhere = whole("share other\n");

	check_acts(narrowed(here, "share team\n"), REASON_NONE);
	check_acts(narrowed(here, "share other\n"), REASON_TOKEN_SHARE);
	check_acts(narrowed(elsewhere, "share team\n"), REASON_TOKEN_SHARE);
	check_asked(REASON_TOKEN_SHARE);
	check_acts(narrowed(elsewhere, ""), REASON_TOKEN_SHARE);
	check_acts(narrowed(whole(""), "share team\n"), REASON_NONE);
}
END_TEST

START_TEST(the_policy_holds_for_both)
{
	long now = (long)time(NULL);
	char lines[64];
	int32_t parent = whole("");

	snprintf(lines, sizeof(lines), "until %ld\n", now + 60);
	check_acts(narrowed(parent, lines), REASON_NONE);
	policy_set("[defaults]\nmax-ttl=1h\n");
	/* it would end in time, but what it narrows does not */
	check_asked(REASON_TOKEN_LIFETIME);
	policy_set("[account uid:%u]\nimpersonate=no\n", SERVER->uid);
	check_asked(REASON_ACTOR_DENIED);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("narrowed");
	TCase *tcase = tcase_create("on the share team");
	SRunner *runner;
	int failed;

	if (geteuid() != 0) {
		puts("needs root");
		return 77;
	}
	if (!scene_people()) {
		puts("cannot add accounts");
		return 99;
	}
	shared_key = mmap(NULL, sizeof(*shared_key), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared_key == MAP_FAILED)
		return 99;
	tcase_add_checked_fixture(tcase, setup, scene_end);
	tcase_set_timeout(tcase, 100);
	tcase_add_test(tcase, a_narrowed_token_is_the_clients_with_less);
	tcase_add_test(tcase, what_ends_the_parent_ends_what_narrows_it);
	tcase_add_test(tcase, what_changes_the_parent_counts_at_the_next_request);
	tcase_add_test(tcase, only_a_key_for_its_owner_can_be_narrowed);
	tcase_add_test(tcase, a_parent_is_known_by_owner_and_name_too);
	tcase_add_test(tcase, a_parent_without_a_name_to_write_is_not_narrowed);
	tcase_add_test(tcase, no_rights_are_none);
	tcase_add_test(tcase, who_may_not_link_the_parent_does_not_narrow_it);
	tcase_add_test(tcase, a_narrowing_key_is_for_its_owner_alone);
	tcase_add_test(tcase, the_share_must_suit_both);
	tcase_add_test(tcase, the_policy_holds_for_both);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
