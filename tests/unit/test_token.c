/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Tokens: what matches, what is counted, what the names are.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "acl/token.h"

static struct token *token;

static void setup(void)
{
	struct sid user = sid_from_uid(1000);

	token = token_create(&user);
	ck_assert_ptr_nonnull(token);
}

static void teardown(void)
{
	token_unref(token);
}

static struct sid add_group(gid_t gid, uint32_t attributes)
{
	struct sid sid = sid_from_gid(gid);

	ck_assert_int_eq(token_add_group(token, &sid, attributes), 0);
	return sid;
}

START_TEST(a_new_token_has_its_user_and_nothing_else)
{
	struct sid user = sid_from_uid(1000);
	size_t count;

	ck_assert(sid_equal(token_user(token), &user));
	ck_assert(token_allows(token, &user));
	ck_assert(token_denies(token, &user));
	ck_assert(!token_allows(token, &sid_everyone));
	token_groups(token, &count);
	ck_assert_uint_eq(count, 0);
	token_restricted(token, &count);
	ck_assert_uint_eq(count, 0);
	ck_assert_uint_eq(token_privileges(token), 0);
	ck_assert_uint_eq(token_rights(token), UINT32_MAX);
	ck_assert_int_eq(token_level(token), TOKEN_DELEGATE);
	ck_assert_ptr_null(token_actor(token));
	ck_assert(sid_equal(token_primary_group(token), token_user(token)));
	ck_assert_int_eq(token_expiry(token), 0);
	ck_assert_uint_eq(token_uid(token), (uid_t)-1);
	ck_assert_uint_eq(token_gid(token), (gid_t)-1);
}
END_TEST

START_TEST(a_deny_only_group_matches_deny_aces_alone)
{
	struct sid sid = add_group(5, SE_GROUP_USE_FOR_DENY_ONLY);
	struct sid both = add_group(6, SE_GROUP_USE_FOR_DENY_ONLY | SE_GROUP_ENABLED);

	ck_assert(!token_allows(token, &sid));
	ck_assert(token_denies(token, &sid));
	ck_assert(!token_allows(token, &both));
	ck_assert(token_denies(token, &both));
}
END_TEST

START_TEST(a_disabled_group_matches_nothing)
{
	struct sid sid = add_group(5, SE_GROUP_OWNER);

	ck_assert(!token_allows(token, &sid));
	ck_assert(!token_denies(token, &sid));
	ck_assert(!token_may_own(token, &sid));
}
END_TEST

START_TEST(a_deny_only_user_matches_deny_aces_alone_and_owns_nothing)
{
	const struct sid *user = token_user(token);

	token_set_user_attributes(token, SE_GROUP_USE_FOR_DENY_ONLY);
	ck_assert_uint_eq(token_user_attributes(token), SE_GROUP_USE_FOR_DENY_ONLY);
	ck_assert(!token_allows(token, user));
	ck_assert(token_denies(token, user));
	ck_assert(!token_may_own(token, user));
}
END_TEST

START_TEST(a_group_may_own_only_if_marked_so)
{
	struct sid plain = add_group(5, SE_GROUP_ENABLED);
	struct sid owner = add_group(6, SE_GROUP_ENABLED | SE_GROUP_OWNER);
	struct sid denied =
		add_group(7, SE_GROUP_ENABLED | SE_GROUP_OWNER | SE_GROUP_USE_FOR_DENY_ONLY);

	ck_assert(token_may_own(token, token_user(token)));
	ck_assert(!token_may_own(token, &plain));
	ck_assert(token_may_own(token, &owner));
	ck_assert(!token_may_own(token, &denied));
}
END_TEST

START_TEST(the_user_is_its_own_primary_group_unless_set)
{
	struct sid second = add_group(6, SE_GROUP_ENABLED);

	/* not any group that it happens to be in, such as Everyone */
	ck_assert(sid_equal(token_primary_group(token), token_user(token)));
	ck_assert_int_eq(token_set_primary_group(token, &second), 0);
	ck_assert(sid_equal(token_primary_group(token), &second));
}
END_TEST

START_TEST(what_was_set_is_read_back)
{
	size_t count;

	token_set_privileges(token, 0xffffffffu);
	ck_assert_uint_eq(token_privileges(token), SE_ALL_PRIVILEGES);
	token_set_level(token, TOKEN_IDENTIFY);
	ck_assert_int_eq(token_level(token), TOKEN_IDENTIFY);
	token_set_rights(token, 0x120089);
	ck_assert_uint_eq(token_rights(token), 0x120089);
	token_set_actor(token, &sid_system);
	ck_assert(sid_equal(token_actor(token), &sid_system));
	token_set_expiry(token, 1234567890123);
	ck_assert_int_eq(token_expiry(token), 1234567890123);
	token_set_unix(token, 1000, 100);
	ck_assert_uint_eq(token_uid(token), 1000);
	ck_assert_uint_eq(token_gid(token), 100);
	ck_assert_int_eq(token_add_restricted(token, &sid_everyone), 0);
	ck_assert(sid_equal(&token_restricted(token, &count)[0], &sid_everyone));
	ck_assert_uint_eq(count, 1);
}
END_TEST

START_TEST(the_number_of_groups_is_limited)
{
	struct sid sid = sid_from_gid(5);
	size_t count;

	for (size_t i = 0; i < TOKEN_MAX_GROUPS; i++)
		ck_assert_int_eq(token_add_group(token, &sid, SE_GROUP_ENABLED), 0);
	ck_assert_int_eq(token_add_group(token, &sid, SE_GROUP_ENABLED), -E2BIG);
	token_groups(token, &count);
	ck_assert_uint_eq(count, TOKEN_MAX_GROUPS);
}
END_TEST

START_TEST(a_token_lives_until_its_last_reference)
{
	const struct token *second = token_ref(token);

	ck_assert_ptr_eq(second, token);
	token_unrefp(&second);
	ck_assert_ptr_null(second);
	ck_assert(token_allows(token, token_user(token)));
	ck_assert_ptr_null(token_ref(NULL));
	token_unref(NULL);
}
END_TEST

START_TEST(names_of_levels_and_privileges_go_both_ways)
{
	enum token_level level;

	for (int i = TOKEN_ANONYMOUS; i <= TOKEN_DELEGATE; i++) {
		ck_assert(token_level_parse(token_level_name((enum token_level)i), &level));
		ck_assert_int_eq(level, i);
	}
	ck_assert(!token_level_parse("", &level));
	ck_assert(!token_level_parse("Delegate", &level));
	for (uint32_t bit = 1; bit & SE_ALL_PRIVILEGES; bit <<= 1)
		ck_assert_uint_eq(token_privilege_parse(token_privilege_name(bit)), bit);
	ck_assert_str_eq(token_privilege_name(SE_RELABEL_PRIVILEGE), "SeRelabelPrivilege");
	ck_assert_uint_eq(token_privilege_parse("SeDebugPrivilege"), 0);
	ck_assert_ptr_null(token_privilege_name(SE_ALL_PRIVILEGES + 1));
	ck_assert_ptr_null(token_privilege_name(3));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("token");
	TCase *tcase = tcase_create("token");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_new_token_has_its_user_and_nothing_else);
	tcase_add_test(tcase, a_deny_only_group_matches_deny_aces_alone);
	tcase_add_test(tcase, a_disabled_group_matches_nothing);
	tcase_add_test(tcase, a_deny_only_user_matches_deny_aces_alone_and_owns_nothing);
	tcase_add_test(tcase, a_group_may_own_only_if_marked_so);
	tcase_add_test(tcase, the_user_is_its_own_primary_group_unless_set);
	tcase_add_test(tcase, what_was_set_is_read_back);
	tcase_add_test(tcase, the_number_of_groups_is_limited);
	tcase_add_test(tcase, a_token_lives_until_its_last_reference);
	tcase_add_test(tcase, names_of_levels_and_privileges_go_both_ways);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
