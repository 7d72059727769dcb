/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the host's policy and the name of the share make of token keys and callers, with real
 * threads, users and keys.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "keyring/identity.h"
#include "keyring/key.h"
#include "scene.h"

static void setup(void)
{
	scene_set(NULL);
}

static void setup_team(void)
{
	scene_set("team");
}

static uint32_t privileges_of(const struct actor *actor, bool groups)
{
	enum guise_reason reason;
	const struct token *token = token_of(actor, groups, &reason);
	uint32_t privileges = token ? token_privileges(token) : UINT32_MAX;

	token_unref(token);
	return privileges;
}

/* --- the logon right --- */

START_TEST(naming_another_user_takes_the_logon_right)
{
	int32_t key =
		key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\nuser S-1-22-1-%u\n",
			 SERVER->uid, STRANGER->uid);
	struct sid sid = sid_from_uid(STRANGER->uid);
	const struct token *token;
	enum guise_reason reason;

	check_acts(key, REASON_TOKEN_FORGED);
	policy_set("[account uid:%u]\nlogon=yes\n", STRANGER->uid);
	check_asked(REASON_TOKEN_FORGED);
	policy_set("[account uid:%u]\nlogon=yes\n", CLIENT->uid);
	token = token_of(server, true, &reason);
	ck_assert_ptr_nonnull(token);
	ck_assert(sid_equal(token_user(token), &sid));
	token_unref(token);
	/* what it gave while it was there is not kept */
	policy_set("[account uid:%u]\nlogon=no\n", CLIENT->uid);
	check_asked(REASON_TOKEN_FORGED);
}
END_TEST

/* What only root may name, with %u for the user's number. */
static const char *const excesses[] = {
	"user S-1-22-1-0\n",
	"user S-1-5-18\n",
	"user S-1-5-32-544\n",
	"user S-1-22-1-70000\ngroup S-1-22-2-0\n",
	"user S-1-22-1-70000\ngroup S-1-22-2-5\ngroup S-1-22-1-0\n",
	"user S-1-22-1-70000\ngroup S-1-5-18\n",
	"user S-1-22-1-70000\ngroup S-1-5-32-544\n",
	"user S-1-22-1-70000\nprivilege SeChangeNotifyPrivilege\n",
	"user S-1-3-4\n",
	"user S-1-1-0\n",
	"user S-1-5-32-551\n",
	"user S-1-5-21-1-2-3-500\n",
	"user S-1-22-1-70000\ngroup S-1-3-4\n",
	"user S-1-22-1-70000\ngroup S-1-5-21-1-2-3-512\n",
	"user S-1-22-1-70001\n",
	"user S-1-22-1-70000\ngroup S-1-22-2-70002\n",
};
#define EXCESSES ((int)(sizeof(excesses) / sizeof(excesses[0])))

START_TEST(the_logon_right_does_not_reach_root_or_privileges)
{
	int32_t key = key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\n%s",
			       SERVER->uid, excesses[_i]);

	policy_set("[account uid:%u]\nlogon=yes\n"
		   "[privilege SeBackupPrivilege]\nholders=uid:70001,gid:70002\n",
		   CLIENT->uid);
	check_acts(key, REASON_TOKEN_LOGON);
	ck_assert_int_eq(reason_errno(REASON_TOKEN_LOGON), -EKEYREJECTED);
	/* root may */
	key = key_with(NULL, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\n%s", SERVER->uid,
		       excesses[_i]);
	check_acts(key, REASON_NONE);
	keyctl_invalidate(key);
}
END_TEST

/* What everybody holds is nobody's distinction. */
START_TEST(privileges_of_everyone_hinder_no_logon)
{
	int32_t key = key_with(client, KEY_TOKEN_PERM,
			       IMPERSONATE "for S-1-22-1-%u\nuser S-1-22-1-70000\n", SERVER->uid);

	policy_set("[account uid:%u]\nlogon=yes\n"
		   "[privilege SeChangeNotifyPrivilege]\nholders=Everyone\n",
		   CLIENT->uid);
	check_acts(key, REASON_NONE);
	ck_assert_uint_eq(privileges_of(server, true), SE_CHANGE_NOTIFY_PRIVILEGE);
}
END_TEST

/* --- privileges --- */

START_TEST(callers_have_the_privileges_that_the_policy_gives)
{
	ck_assert_uint_eq(privileges_of(server, true), 0);
	ck_assert_uint_eq(privileges_of(server, false), 0);
	policy_set("[privilege SeBackupPrivilege]\nholders=uid:%u\n", SERVER->uid);
	ck_assert_uint_eq(privileges_of(server, true), SE_BACKUP_PRIVILEGE);
	ck_assert_uint_eq(privileges_of(server, false), SE_BACKUP_PRIVILEGE);
	ck_assert_uint_eq(privileges_of(client, false), 0);
	policy_set("[privilege SeBackupPrivilege]\nholders=uid:%u\n", CLIENT->uid);
	ck_assert_uint_eq(privileges_of(server, false), 0);
	ck_assert_uint_eq(privileges_of(client, false), SE_BACKUP_PRIVILEGE);
}
END_TEST

/* The guard asks for groups only where a descriptor names one: a privilege needs none. */
START_TEST(a_group_gives_its_privileges_even_if_nobody_asks_for_groups)
{
	policy_set("[privilege SeRestorePrivilege]\nholders=gid:%u\n", STRANGER->gid);
	ck_assert_uint_eq(privileges_of(server, false), SE_RESTORE_PRIVILEGE);
	ck_assert_uint_eq(privileges_of(server, true), SE_RESTORE_PRIVILEGE);
	ck_assert_uint_eq(privileges_of(stranger, false), SE_RESTORE_PRIVILEGE);
	ck_assert_uint_eq(privileges_of(client, false), 0);
}
END_TEST

START_TEST(clients_bring_their_privileges_and_anonymous_has_none)
{
	int32_t key =
		key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\n", SERVER->uid);
	int32_t nobody = key_with(client, KEY_TOKEN_PERM,
				  FIRST "level anonymous\nfor S-1-22-1-%u\n", SERVER->uid);

	policy_set("[privilege SeBackupPrivilege]\nholders=uid:%u\n"
		   "[privilege SeSecurityPrivilege]\nholders=uid:%u\n"
		   "[privilege SeChangeNotifyPrivilege]\nholders=Everyone\n",
		   CLIENT->uid, SERVER->uid);
	check_acts(key, REASON_NONE);
	ck_assert_uint_eq(privileges_of(server, true),
			  SE_BACKUP_PRIVILEGE | SE_CHANGE_NOTIFY_PRIVILEGE);
	check_acts(nobody, REASON_NONE);
	ck_assert_uint_eq(privileges_of(server, true), 0);
}
END_TEST

START_TEST(a_squashed_root_gets_nothing_back_by_the_policy)
{
	static const char text[] = "[privilege SeBackupPrivilege]\nholders=root,gid:0,Everyone\n";
	static const char named[] = FIRST "level delegate\nfor S-1-22-1-0\nuser S-1-22-1-70000\n"
					  "group S-1-22-1-0\n";
	struct identity_rules rules = {.squash_root = true};
	struct policy_fault fault;
	struct policy *policy;
	struct token_text parts;
	struct token *token;

	ck_assert_int_eq(policy_read(text, strlen(text), "test", &policy, &fault), 0);
	rules.policy = policy;
	ck_assert_int_eq(identity_of_ids(0, 0, NULL, 0, &rules, &token), REASON_NONE);
	ck_assert_uint_eq(token_privileges(token), 0);
	token_unref(token);
	ck_assert_int_eq(identity_of_ids(5, 5, NULL, 0, &rules, &token), REASON_NONE);
	ck_assert_uint_eq(token_privileges(token), SE_BACKUP_PRIVILEGE);
	token_unref(token);
	ck_assert_int_eq(token_text_read(named, strlen(named), &parts, NULL), 0);
	ck_assert_int_eq(identity_of_text(&parts, 0, 0, &rules, &token), REASON_NONE);
	ck_assert_uint_eq(token_privileges(token), 0);
	token_unref(token);
	token_text_free(&parts);
	policy_unref(policy);
}
END_TEST

/* --- who may act, how far, how long --- */

START_TEST(who_may_act_for_nobody_is_refused_at_the_next_request)
{
	int32_t key =
		key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\n", SERVER->uid);

	check_acts(key, REASON_NONE);
	policy_set("[account uid:%u]\nimpersonate=no\n", SERVER->uid);
	check_asked(REASON_ACTOR_DENIED);
	ck_assert_int_eq(reason_errno(REASON_ACTOR_DENIED), -EACCES);
	ck_assert_int_eq(asked(stranger), REASON_NONE);
	policy_set("[account uid:%u]\nimpersonate=no\n", CLIENT->uid);
	check_asked(REASON_NONE);
}
END_TEST

START_TEST(who_may_act_for_nobody_cannot_be_confined)
{
	int32_t key =
		key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\n", SERVER->uid);

	policy_set("[account uid:%u]\nimpersonate=no\n", SERVER->uid);
	ck_assert_int_lt(actor_do(server, deed_confine, key), 0);
	ck_assert_int_eq(actor_refused, REASON_ACTOR_DENIED);
}
END_TEST

START_TEST(a_consent_without_a_level_has_the_hosts)
{
	int32_t open = key_with(client, KEY_TOKEN_PERM, FIRST "for S-1-22-1-%u\n", SERVER->uid);
	int32_t fixed = key_with(client, KEY_TOKEN_PERM, FIRST "level identify\nfor S-1-22-1-%u\n",
				 SERVER->uid);

	check_acts(open, REASON_NONE);
	ck_assert_int_eq(level_of_server(), TOKEN_IDENTIFY);
	policy_set("[defaults]\nlevel=impersonate\n");
	ck_assert_int_eq(level_of_server(), TOKEN_IMPERSONATE);
	check_acts(fixed, REASON_NONE);
	ck_assert_int_eq(level_of_server(), TOKEN_IDENTIFY);
}
END_TEST

START_TEST(consents_that_last_too_long_or_for_ever_are_refused)
{
	long now = (long)time(NULL);
	int32_t endless =
		key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\n", SERVER->uid);
	int32_t lasting =
		key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\nuntil %ld\n",
			 SERVER->uid, now + 7300);
	int32_t brief = key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\nuntil %ld\n",
				 SERVER->uid, now + 3600);

	check_acts(endless, REASON_NONE);
	check_acts(lasting, REASON_NONE);
	policy_set("[defaults]\nmax-ttl=2h\n");
	check_asked(REASON_TOKEN_LIFETIME);
	/* just made, with the end rounded up to whole seconds */
	check_acts(key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\nuntil %ld\n",
			    SERVER->uid, (long)time(NULL) + 7200 + 1),
		   REASON_NONE);
	check_acts(lasting, REASON_TOKEN_LIFETIME);
	ck_assert_int_eq(reason_errno(REASON_TOKEN_LIFETIME), -EKEYREJECTED);
	check_acts(endless, REASON_TOKEN_LIFETIME);
	check_acts(brief, REASON_NONE);
	/* root's own statements too */
	endless = key_with(NULL, KEY_TOKEN_PERM,
			   IMPERSONATE "for S-1-22-1-%u\nuser S-1-22-1-70000\n", SERVER->uid);
	check_acts(endless, REASON_TOKEN_LIFETIME);
	keyctl_invalidate(endless);
}
END_TEST

/* --- shares --- */

START_TEST(a_consent_for_a_share_is_refused_where_none_has_a_name)
{
	int32_t key = key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\nshare team\n",
			       SERVER->uid);

	check_acts(key, REASON_TOKEN_SHARE);
	check_asked(REASON_TOKEN_SHARE);
	ck_assert_int_eq(reason_errno(REASON_TOKEN_SHARE), -EKEYREJECTED);
}
END_TEST

START_TEST(a_consent_for_a_share_is_good_there_alone)
{
	check_acts(key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\nshare team\n",
			    SERVER->uid),
		   REASON_NONE);
	check_acts(key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\nshare Team\n",
			    SERVER->uid),
		   REASON_TOKEN_SHARE);
	check_acts(key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\nshare teams\n",
			    SERVER->uid),
		   REASON_TOKEN_SHARE);
	check_acts(key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\n", SERVER->uid),
		   REASON_NONE);
}
END_TEST

/* Any mount takes the announcement; each decides for itself. */
START_TEST(a_tree_for_one_share_can_be_announced_on_another)
{
	int32_t key = key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\nshare other\n",
			       SERVER->uid);

	ck_assert_int_eq(actor_do(server, deed_confine, key), 0);
	check_asked(REASON_TOKEN_SHARE);
}
END_TEST

static TCase *tcase_of(Suite *suite, const char *name, void (*begin)(void))
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, begin, scene_end);
	tcase_set_timeout(tcase, 30);
	suite_add_tcase(suite, tcase);
	return tcase;
}

static void add_policy_tests(TCase *tcase)
{
	tcase_add_test(tcase, naming_another_user_takes_the_logon_right);
	tcase_add_loop_test(tcase, the_logon_right_does_not_reach_root_or_privileges, 0, EXCESSES);
	tcase_add_test(tcase, privileges_of_everyone_hinder_no_logon);
	tcase_add_test(tcase, callers_have_the_privileges_that_the_policy_gives);
	tcase_add_test(tcase, a_group_gives_its_privileges_even_if_nobody_asks_for_groups);
	tcase_add_test(tcase, clients_bring_their_privileges_and_anonymous_has_none);
	tcase_add_test(tcase, a_squashed_root_gets_nothing_back_by_the_policy);
	tcase_add_test(tcase, who_may_act_for_nobody_is_refused_at_the_next_request);
	tcase_add_test(tcase, who_may_act_for_nobody_cannot_be_confined);
	tcase_add_test(tcase, a_consent_without_a_level_has_the_hosts);
	tcase_add_test(tcase, consents_that_last_too_long_or_for_ever_are_refused);
	tcase_add_test(tcase, a_consent_for_a_share_is_refused_where_none_has_a_name);
	tcase_add_test(tcase, a_tree_for_one_share_can_be_announced_on_another);
}

static void add_share_tests(TCase *tcase)
{
	tcase_add_test(tcase, a_consent_for_a_share_is_good_there_alone);
}

int main(void)
{
	Suite *suite = suite_create("resolve_policy");
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
	add_policy_tests(tcase_of(suite, "policy", setup));
	add_share_tests(tcase_of(suite, "on the share team", setup_team));
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
