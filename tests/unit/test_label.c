/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mandatory integrity: labels and what they let through.
 */
#include <check.h>
#include <stdlib.h>

#include "acl/access.h"
#include "acl/label.h"
#include "acl/mask.h"
#include "acl/sddl.h"

#define EVERYONE_FULL "D:(A;;FA;;;WD)"

static struct token *token;

static void setup(void)
{
	struct sid user = sid_from_uid(1000);

	token = token_create(&user);
	ck_assert_ptr_nonnull(token);
	ck_assert_int_eq(token_add_group(token, &sid_everyone, SE_GROUP_ENABLED), 0);
}

static void teardown(void)
{
	token_unref(token);
}

static void set_level(uint32_t level)
{
	token_set_integrity(token, level, TOKEN_MANDATORY_POLICY_NO_WRITE_UP);
}

static struct descriptor *descriptor_of(const char *sddl)
{
	struct descriptor *sd = NULL;

	ck_assert_msg(sddl_read(sddl, NULL, &sd, NULL) == SD_OK, "cannot read %s", sddl);
	return sd;
}

/* The maximum, 0 if it is a denial. */
static uint32_t maximum(const char *sddl)
{
	struct descriptor *sd = descriptor_of(sddl);
	struct access_result result = access_check(sd, token, MAXIMUM_ALLOWED, 0);

	descriptor_destroy(sd);
	return result.granted;
}

START_TEST(an_object_without_a_label_is_medium_and_lets_nobody_below_write)
{
	ck_assert_uint_eq(maximum(EVERYONE_FULL), FILE_ALL_ACCESS);
	set_level(SECURITY_MANDATORY_LOW_RID);
	ck_assert_uint_eq(maximum(EVERYONE_FULL), FILE_GENERIC_READ | FILE_GENERIC_EXECUTE);
}
END_TEST

START_TEST(a_higher_label_keeps_out_writing_and_as_it_says_reading_and_executing)
{
	ck_assert_uint_eq(maximum(EVERYONE_FULL "S:(ML;;NW;;;HI)"),
			  FILE_GENERIC_READ | FILE_GENERIC_EXECUTE);
	ck_assert_uint_eq(maximum(EVERYONE_FULL "S:(ML;;NWNR;;;HI)"), FILE_GENERIC_EXECUTE);
	ck_assert_uint_eq(maximum(EVERYONE_FULL "S:(ML;;NX;;;HI)"), FILE_GENERIC_READ);
	ck_assert_uint_eq(maximum(EVERYONE_FULL "S:(ML;;NWNRNX;;;HI)"), 0);
}
END_TEST

START_TEST(a_token_as_high_as_the_label_is_not_kept_out)
{
	set_level(SECURITY_MANDATORY_HIGH_RID);
	ck_assert_uint_eq(maximum(EVERYONE_FULL "S:(ML;;NWNRNX;;;HI)"), FILE_ALL_ACCESS);
	set_level(SECURITY_MANDATORY_SYSTEM_RID);
	ck_assert_uint_eq(maximum(EVERYONE_FULL "S:(ML;;NWNRNX;;;HI)"), FILE_ALL_ACCESS);
}
END_TEST

START_TEST(a_token_whose_policy_lets_it_write_up_is_not_kept_out)
{
	token_set_integrity(token, SECURITY_MANDATORY_LOW_RID, 0);
	ck_assert_uint_eq(maximum(EVERYONE_FULL "S:(ML;;NWNRNX;;;SI)"), FILE_ALL_ACCESS);
	token_set_integrity(token, SECURITY_MANDATORY_LOW_RID,
			    TOKEN_MANDATORY_POLICY_NEW_PROCESS_MIN);
	ck_assert_uint_eq(maximum(EVERYONE_FULL "S:(ML;;NWNRNX;;;SI)"), FILE_ALL_ACCESS);
	token_set_integrity(token, SECURITY_MANDATORY_LOW_RID,
			    TOKEN_MANDATORY_POLICY_NEW_PROCESS_MIN |
				    TOKEN_MANDATORY_POLICY_NO_WRITE_UP);
	ck_assert_uint_eq(maximum(EVERYONE_FULL "S:(ML;;NWNRNX;;;SI)"), 0);
}
END_TEST

START_TEST(the_relabel_privilege_gives_write_owner_past_the_label_but_not_past_the_dacl)
{
	set_level(SECURITY_MANDATORY_LOW_RID);
	token_set_privileges(token, SE_RELABEL_PRIVILEGE);
	ck_assert_uint_eq(maximum(EVERYONE_FULL),
			  FILE_GENERIC_READ | FILE_GENERIC_EXECUTE | WRITE_OWNER);
	ck_assert_uint_eq(maximum("D:(A;;FR;;;WD)"), FILE_GENERIC_READ);
}
END_TEST

START_TEST(a_label_binds_the_owner_and_privileges_too)
{
	const char *sddl = "O:S-1-22-1-1000D:(A;;FA;;;WD)S:(ML;;NW;;;HI)";

	token_set_privileges(token, SE_TAKE_OWNERSHIP_PRIVILEGE);
	ck_assert_uint_eq(maximum(sddl), FILE_GENERIC_READ | FILE_GENERIC_EXECUTE);
}
END_TEST

START_TEST(the_sacl_stays_a_privileges_affair)
{
	struct descriptor *sd = descriptor_of(EVERYONE_FULL "S:(ML;;NWNRNX;;;SI)");

	token_set_privileges(token, SE_SECURITY_PRIVILEGE);
	ck_assert_uint_eq(access_check(sd, token, ACCESS_SYSTEM_SECURITY, 0).granted,
			  ACCESS_SYSTEM_SECURITY);
	descriptor_destroy(sd);
}
END_TEST

START_TEST(an_inherit_only_label_is_for_children)
{
	ck_assert_uint_eq(maximum(EVERYONE_FULL "S:(ML;OICIIO;NWNRNX;;;HI)"), FILE_ALL_ACCESS);
}
END_TEST

START_TEST(the_first_label_counts)
{
	ck_assert_uint_eq(maximum(EVERYONE_FULL "S:(ML;;NW;;;LW)(ML;;NWNRNX;;;SI)"),
			  FILE_ALL_ACCESS);
}
END_TEST

START_TEST(a_label_that_is_no_integrity_level_counts_as_the_highest)
{
	set_level(SECURITY_MANDATORY_SYSTEM_RID);
	ck_assert_uint_eq(maximum(EVERYONE_FULL "S:(ML;;NWNRNX;;;WD)"), 0);
	ck_assert_uint_eq(maximum(EVERYONE_FULL "S:(ML;;NWNRNX;;;S-1-16-1-2)"), 0);
	ck_assert_uint_eq(maximum(EVERYONE_FULL "S:(ML;;NWNRNX;;;S-1-16)"), 0);
}
END_TEST

START_TEST(what_a_label_keeps_from_the_lowest_is_not_public)
{
	struct descriptor *sd = descriptor_of(EVERYONE_FULL "S:(ML;;NR;;;LW)");

	ck_assert(!access_public(sd, FILE_READ_DATA));
	ck_assert(access_public(sd, FILE_TRAVERSE));
	descriptor_destroy(sd);
	sd = descriptor_of(EVERYONE_FULL "S:(ML;;NWNRNX;;;S-1-16-0)");
	ck_assert(access_public(sd, FILE_ALL_ACCESS));
	descriptor_destroy(sd);
	sd = descriptor_of("S:(ML;;NR;;;ME)");
	ck_assert(!access_public(sd, FILE_READ_DATA));
	descriptor_destroy(sd);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("label");
	TCase *tcase = tcase_create("label");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, an_object_without_a_label_is_medium_and_lets_nobody_below_write);
	tcase_add_test(tcase,
		       a_higher_label_keeps_out_writing_and_as_it_says_reading_and_executing);
	tcase_add_test(tcase, a_token_as_high_as_the_label_is_not_kept_out);
	tcase_add_test(tcase, a_token_whose_policy_lets_it_write_up_is_not_kept_out);
	tcase_add_test(
		tcase,
		the_relabel_privilege_gives_write_owner_past_the_label_but_not_past_the_dacl);
	tcase_add_test(tcase, a_label_binds_the_owner_and_privileges_too);
	tcase_add_test(tcase, the_sacl_stays_a_privileges_affair);
	tcase_add_test(tcase, an_inherit_only_label_is_for_children);
	tcase_add_test(tcase, the_first_label_counts);
	tcase_add_test(tcase, a_label_that_is_no_integrity_level_counts_as_the_highest);
	tcase_add_test(tcase, what_a_label_keeps_from_the_lowest_is_not_public);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
