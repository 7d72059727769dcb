/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who the text of a token key stands for.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/identity.h"
#include "keyring/policy.h"

#define HEAD "guise-token 1\nlevel impersonate\nfor S-1-22-1-1000\n"
#define ACTOR 1000

static struct token *token;

static void teardown(void)
{
	token_unref(token);
	token = NULL;
}

static enum guise_reason identity(const char *text, bool squash_root)
{
	struct policy *policy = policy_builtin();
	const struct identity_rules rules = {.policy = policy, .squash_root = squash_root};
	struct token_text parsed = {0};
	enum guise_reason reason;

	ck_assert_int_eq(token_text_read(text, strlen(text), &parsed, NULL), 0);
	reason = identity_of_text(&parsed, 0, ACTOR, &rules, &token);
	token_text_free(&parsed);
	policy_unref(policy);
	ck_assert(reason ? !token : token != NULL);
	return reason;
}

static bool holds(const struct sid *sid)
{
	return token_allows(token, sid);
}

START_TEST(a_user_stated_to_be_anonymous_is_nobody_else)
{
	ck_assert_int_eq(identity(HEAD "user S-1-5-7\ngroup S-1-22-2-5\n", false), REASON_NONE);
	ck_assert(sid_equal(token_user(token), &sid_anonymous));
	ck_assert(holds(&sid_everyone));
	ck_assert(!holds(&sid_authenticated_users));
	ck_assert(!holds(&(struct sid){1, 2, {0, 0, 0, 0, 0, 22}, {2, 5}}));
	ck_assert_uint_eq(token_integrity(token), SECURITY_MANDATORY_UNTRUSTED_RID);
	ck_assert_int_eq(token_level(token), TOKEN_IMPERSONATE);
}
END_TEST

START_TEST(a_squashed_root_does_not_come_back_as_a_group)
{
	ck_assert_int_eq(identity(HEAD "user S-1-5-32-544\n", true), REASON_CLIENT_UNKNOWN);
	ck_assert_int_eq(identity(HEAD "user S-1-5-18\n", true), REASON_NONE);
	ck_assert(!holds(&sid_system) && !holds(&sid_administrators));
	ck_assert_uint_eq(token_integrity(token), SECURITY_MANDATORY_MEDIUM_RID);
}
END_TEST

START_TEST(privileges_that_root_states_are_squashed_with_it)
{
	static const char text[] = HEAD "user S-1-22-1-1001\nprivilege SeBackupPrivilege\n";

	ck_assert_int_eq(identity(text, false), REASON_NONE);
	ck_assert_uint_eq(token_privileges(token), SE_BACKUP_PRIVILEGE);
	teardown();
	ck_assert_int_eq(identity(text, true), REASON_NONE);
	ck_assert_uint_eq(token_privileges(token), 0);
}
END_TEST

START_TEST(integrity_levels_are_as_documented)
{
	ck_assert_int_eq(identity(HEAD "user S-1-22-1-1001\n", false), REASON_NONE);
	ck_assert_uint_eq(token_integrity(token), SECURITY_MANDATORY_MEDIUM_RID);
	ck_assert_uint_eq(token_mandatory_policy(token), TOKEN_MANDATORY_POLICY_NO_WRITE_UP);
	teardown();
	ck_assert_int_eq(identity(HEAD "user S-1-5-18\n", false), REASON_NONE);
	ck_assert_uint_eq(token_integrity(token), SECURITY_MANDATORY_SYSTEM_RID);
	teardown();
	ck_assert_int_eq(identity("guise-token 1\nlevel anonymous\nfor S-1-22-1-1000\n", false),
			 REASON_NONE);
	ck_assert_uint_eq(token_integrity(token), SECURITY_MANDATORY_UNTRUSTED_RID);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("identity");
	TCase *tcase = tcase_create("identity");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_test(tcase, a_user_stated_to_be_anonymous_is_nobody_else);
	tcase_add_test(tcase, a_squashed_root_does_not_come_back_as_a_group);
	tcase_add_test(tcase, privileges_that_root_states_are_squashed_with_it);
	tcase_add_test(tcase, integrity_levels_are_as_documented);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
