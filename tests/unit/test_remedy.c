/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Remedies: the smallest change of a DACL that changes the answer; and where inherited ACEs come
 * from.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/mask.h"
#include "acl/origin.h"
#include "acl/remedy.h"
#include "acl/sddl.h"

#define ALICE "S-1-22-1-1001"
#define STAFF "S-1-22-2-2001"
#define START "O:SYG:SYD:"

static struct descriptor *descriptor_of(const char *sddl)
{
	struct descriptor *sd = NULL;

	ck_assert_msg(sddl_read(sddl, NULL, &sd, NULL) == SD_OK, "cannot read %s", sddl);
	return sd;
}

static struct sid sid_of(const char *text)
{
	struct sid sid;

	ck_assert(sid_parse(text, &sid, NULL));
	return sid;
}

/* alice in staff */
static struct token *alice(void)
{
	struct sid user = sid_of(ALICE), staff = sid_of(STAFF);
	struct token *token = token_create(&user);

	ck_assert_int_eq(token_add_group(token, &staff, SE_GROUP_ENABLED), 0);
	ck_assert_int_eq(token_add_group(token, &sid_everyone, SE_GROUP_ENABLED), 0);
	return token;
}

/*
 * For @token (which it drops) and @wanted the remedy of @sddl turns it into @expected; NULL: there
 * is none, for @why_not.
 */
static void check_token(struct token *token, const char *sddl, uint32_t wanted,
			const char *expected, enum remedy_why_not why_not)
{
	struct descriptor *sd = descriptor_of(sddl);
	struct explanation explanation;
	struct remedy remedy;
	char *text = NULL;
	bool before;

	ck_assert_int_eq(explain(sd, token, wanted, &explanation), SD_OK);
	before = explanation_granted(&explanation);
	ck_assert_int_eq(remedy_find(sd, token, &explanation, &remedy), SD_OK);
	ck_assert_int_eq(remedy.why_not, why_not);
	ck_assert_int_eq(remedy.result != NULL, expected != NULL);
	if (expected) {
		ck_assert_int_eq(explain_grants(remedy.result, token, wanted), !before);
		ck_assert_int_eq(sddl_write(remedy.result, NULL, &text), SD_OK);
		ck_assert_str_eq(text, expected);
	}
	free(text);
	remedy_clear(&remedy);
	explanation_clear(&explanation);
	descriptor_destroy(sd);
	token_unref(token);
}

static void becomes(const char *sddl, uint32_t wanted, const char *expected)
{
	check_token(alice(), sddl, wanted, expected, REMEDY_FOUND);
}

START_TEST(what_nobody_allows_is_allowed_to_the_user_with_no_right_more)
{
	becomes(START "(A;;FA;;;SY)", FILE_READ_DATA, START "(A;;FA;;;SY)(A;;CC;;;" ALICE ")");
	becomes(START "(A;;0x1;;;WD)", FILE_READ_DATA | FILE_WRITE_DATA,
		START "(A;;CC;;;WD)(A;;DC;;;" ALICE ")");
}
END_TEST

START_TEST(what_is_inherited_as_denied_is_allowed_before_it)
{
	becomes(START "(D;ID;CC;;;" STAFF ")", FILE_READ_DATA,
		START "(A;;CC;;;" ALICE ")(D;ID;CC;;;" STAFF ")");
}
END_TEST

START_TEST(what_an_explicit_entry_denies_is_taken_out_of_it)
{
	/* all of it, or only the right that is missing */
	becomes(START "(D;;CC;;;" STAFF ")(A;;FA;;;WD)", FILE_READ_DATA, START "(A;;FA;;;WD)");
	becomes(START "(D;;CCDC;;;" STAFF ")(A;;FA;;;WD)", FILE_READ_DATA,
		START "(D;;DC;;;" STAFF ")(A;;FA;;;WD)");
}
END_TEST

START_TEST(several_denials_and_a_missing_allowance_are_cured_together)
{
	becomes(START "(D;;CC;;;" STAFF ")(D;;CC;;;WD)", FILE_READ_DATA,
		START "(A;;CC;;;" ALICE ")");
}
END_TEST

START_TEST(what_is_granted_is_denied_in_front)
{
	becomes(START "(A;;FA;;;WD)", FILE_WRITE_DATA, START "(D;;DC;;;" ALICE ")(A;;FA;;;WD)");
}
END_TEST

START_TEST(an_owner_keeps_what_owners_have)
{
	check_token(alice(), "O:" ALICE "G:SYD:(A;;FR;;;WD)", WRITE_DAC, NULL, REMEDY_OWNER);
}
END_TEST

START_TEST(without_a_dacl_there_is_no_small_denial)
{
	check_token(alice(), "O:SYG:SYD:NO_ACCESS_CONTROL", FILE_READ_DATA, NULL, REMEDY_NO_DACL);
}
END_TEST

START_TEST(no_entry_helps_against_a_label_a_privilege_or_the_tokens_own_limit)
{
	struct token *limited = alice();

	check_token(alice(), START "(A;;FR;;;WD)S:(ML;;NW;;;HI)", FILE_WRITE_DATA, NULL,
		    REMEDY_LABEL);
	check_token(alice(), START "(A;;FA;;;WD)", ACCESS_SYSTEM_SECURITY, NULL, REMEDY_PRIVILEGE);
	token_set_rights(limited, FILE_READ_DATA);
	check_token(limited, START "(A;;FA;;;WD)", FILE_WRITE_DATA, NULL, REMEDY_TOKEN);
}
END_TEST

START_TEST(a_restricted_token_needs_two_allowances)
{
	struct token *token = alice();
	struct sid sid = sid_of("S-1-5-12");

	ck_assert_int_eq(token_add_restricted(token, &sid), 0);
	check_token(token, START "(A;;FA;;;SY)", FILE_READ_DATA,
		    START "(A;;FA;;;SY)(A;;CC;;;" ALICE ")(A;;CC;;;RC)", REMEDY_FOUND);
}
END_TEST

START_TEST(a_condition_that_denies_goes_whole)
{
	becomes(START "(XD;;CC;;;WD;(Member_of {SID(" STAFF ")}))(A;;FA;;;WD)", FILE_READ_DATA,
		START "(A;;FA;;;WD)");
}
END_TEST

/* ---- where ACEs come from ---- */

#define FOLDER "O:SYG:SYD:AI(A;;FA;;;SY)(A;OICI;FR;;;" STAFF ")(A;OI;GA;;;CO)"

/* ACE 0 of @child comes from ACE @place of FOLDER; -1: from none. */
static void comes_from(const char *child, bool folder, int place)
{
	struct descriptor *sd = descriptor_of(child), *parent = descriptor_of(FOLDER);
	const struct origin_child heir = {sd, folder};
	size_t at = 0;
	bool found;

	ck_assert_int_eq(origin_find(parent, &heir, &sd->dacl->aces[0], &found, &at), SD_OK);
	ck_assert_int_eq(found ? (int)at : -1, place);
	descriptor_destroy(sd);
	descriptor_destroy(parent);
}

START_TEST(an_inherited_entry_comes_from_what_the_folder_hands_down)
{
	comes_from("O:" ALICE "D:(A;ID;FR;;;" STAFF ")", false, 1);
	comes_from("O:" ALICE "D:(A;OICIID;FR;;;" STAFF ")", true, 1);
	/* CREATOR OWNER has become the owner */
	comes_from("O:" ALICE "D:(A;ID;FA;;;" ALICE ")", false, 2);
}
END_TEST

START_TEST(what_the_folder_does_not_hand_down_comes_from_nowhere)
{
	comes_from("O:" ALICE "D:(A;ID;FA;;;SY)", false, -1);
	comes_from("O:" ALICE "D:(A;ID;FW;;;" STAFF ")", false, -1);
	comes_from("O:" ALICE "D:(A;;FR;;;" STAFF ")", false, -1);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		what_nobody_allows_is_allowed_to_the_user_with_no_right_more,
		what_is_inherited_as_denied_is_allowed_before_it,
		what_an_explicit_entry_denies_is_taken_out_of_it,
		several_denials_and_a_missing_allowance_are_cured_together,
		what_is_granted_is_denied_in_front,
		an_owner_keeps_what_owners_have,
		without_a_dacl_there_is_no_small_denial,
		no_entry_helps_against_a_label_a_privilege_or_the_tokens_own_limit,
		a_restricted_token_needs_two_allowances,
		a_condition_that_denies_goes_whole,
		an_inherited_entry_comes_from_what_the_folder_hands_down,
		what_the_folder_does_not_hand_down_comes_from_nowhere,
	};
	Suite *suite = suite_create("remedy");
	TCase *tcase = tcase_create("remedy");
	SRunner *runner;
	int failed;

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
