/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Edits of lists of ACEs, one rule a test.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "acl/descriptor.h"
#include "acl/edit.h"
#include "acl/mask.h"
#include "acl/sddl.h"

#define ALICE "S-1-22-1-1000"
#define BOB "S-1-22-1-1001"

static struct descriptor *descriptor_of(const char *sddl)
{
	struct descriptor *sd = NULL;

	ck_assert_msg(sddl_read(sddl, NULL, &sd, NULL) == SD_OK, "cannot read %s", sddl);
	return sd;
}

static const struct acl *list_of(const struct descriptor *sd)
{
	return sd->sacl ? sd->sacl : sd->dacl;
}

/* @list is what @expected says, both as "D:…" or "S:…". */
static void list_is(struct acl *list, const char *expected)
{
	struct descriptor *sd = descriptor_of(expected);
	struct descriptor *got = descriptor_create();
	char *text = NULL;

	ck_assert_ptr_nonnull(got);
	if (*expected == 'S') {
		got->control |= SE_SACL_PRESENT;
		got->sacl = acl_copy(list);
	} else {
		descriptor_set_dacl(got, acl_copy(list));
	}
	ck_assert_int_eq(sddl_write(got, NULL, &text), SD_OK);
	ck_assert_msg(acl_equal(list, list_of(sd)), "expected %s got %s", expected, text);
	free(text);
	descriptor_destroy(got);
	descriptor_destroy(sd);
	acl_destroy(list);
}

static struct edit_note add(const char *sddl, const char *ace, bool replace, const char *expected)
{
	struct descriptor *sd = descriptor_of(sddl);
	struct descriptor *added = descriptor_of(ace);
	struct edit_note note;
	struct acl *result = NULL;

	ck_assert_int_eq(edit_add(list_of(sd), &list_of(added)->aces[0], replace, &result, &note),
			 SD_OK);
	ck_assert_int_eq(note.changed, !list_of(sd) || !acl_equal(list_of(sd), result));
	list_is(result, expected);
	descriptor_destroy(added);
	descriptor_destroy(sd);
	return note;
}

static struct edit_note take(const char *sddl, const char *sid, unsigned int kinds,
			     const char *expected)
{
	struct descriptor *sd = descriptor_of(sddl);
	struct edit_note note;
	struct acl *result = NULL;
	struct sid who;

	ck_assert(sid_parse(sid, &who, NULL));
	ck_assert_int_eq(edit_remove(list_of(sd), &who, kinds, &result, &note), SD_OK);
	ck_assert_int_eq(note.changed, note.removed > 0);
	list_is(result, expected);
	descriptor_destroy(sd);
	return note;
}

static struct edit_note take_exactly(const char *sddl, const char *ace, const char *expected)
{
	struct descriptor *sd = descriptor_of(sddl);
	struct descriptor *given = descriptor_of(ace);
	struct edit_note note;
	struct acl *result = NULL;

	ck_assert_int_eq(edit_remove_exactly(list_of(sd), &list_of(given)->aces[0], &result, &note),
			 SD_OK);
	list_is(result, expected);
	descriptor_destroy(given);
	descriptor_destroy(sd);
	return note;
}

START_TEST(what_allows_goes_behind_denials_and_before_inherited_aces)
{
	add("D:(D;;FW;;;WD)(A;;FA;;;SY)(A;ID;FR;;;WD)", "D:(A;;FR;;;" ALICE ")", false,
	    "D:(D;;FW;;;WD)(A;;FA;;;SY)(A;;FR;;;" ALICE ")(A;ID;FR;;;WD)");
	add("D:(A;ID;FR;;;WD)", "D:(A;;FR;;;" ALICE ")", false,
	    "D:(A;;FR;;;" ALICE ")(A;ID;FR;;;WD)");
	add("D:", "D:(A;;FR;;;" ALICE ")", false, "D:(A;;FR;;;" ALICE ")");
}
END_TEST

START_TEST(what_denies_goes_before_what_allows)
{
	add("D:(D;;FW;;;WD)(A;;FA;;;SY)(A;ID;FR;;;WD)", "D:(D;;FR;;;" ALICE ")", false,
	    "D:(D;;FW;;;WD)(D;;FR;;;" ALICE ")(A;;FA;;;SY)(A;ID;FR;;;WD)");
}
END_TEST

START_TEST(rights_join_those_of_an_explicit_ace_that_is_else_the_same)
{
	add("D:(A;;FR;;;" ALICE ")(A;;FA;;;SY)", "D:(A;;FX;;;" ALICE ")", false,
	    "D:(A;;0x1200a9;;;" ALICE ")(A;;FA;;;SY)");
	add("D:(D;;FR;;;" ALICE ")(A;;FA;;;SY)", "D:(D;;FX;;;" ALICE ")", false,
	    "D:(D;;0x1200a9;;;" ALICE ")(A;;FA;;;SY)");
}
END_TEST

START_TEST(rights_do_not_join_an_ace_with_other_flags_or_an_inherited_one)
{
	add("D:(A;OICI;FR;;;" ALICE ")", "D:(A;;FX;;;" ALICE ")", false,
	    "D:(A;OICI;FR;;;" ALICE ")(A;;FX;;;" ALICE ")");
	add("D:(A;ID;FR;;;" ALICE ")", "D:(A;;FX;;;" ALICE ")", false,
	    "D:(A;;FX;;;" ALICE ")(A;ID;FR;;;" ALICE ")");
	add("D:(A;;FR;;;" ALICE ")", "D:(A;;FX;;;" BOB ")", false,
	    "D:(A;;FR;;;" ALICE ")(A;;FX;;;" BOB ")");
}
END_TEST

START_TEST(rights_join_a_conditional_ace_only_with_the_same_condition)
{
	add("D:(XA;;FR;;;WD;(@USER.a==1))", "D:(XA;;FX;;;WD;(@USER.a==1))", false,
	    "D:(XA;;0x1200a9;;;WD;(@USER.a==1))");
	add("D:(XA;;FR;;;WD;(@USER.a==1))", "D:(XA;;FX;;;WD;(@USER.a==2))", false,
	    "D:(XA;;FR;;;WD;(@USER.a==1))(XA;;FX;;;WD;(@USER.a==2))");
}
END_TEST

START_TEST(adding_what_is_there_changes_nothing)
{
	struct edit_note note = add("D:(A;;FA;;;" ALICE ")", "D:(A;;FR;;;" ALICE ")", false,
				    "D:(A;;FA;;;" ALICE ")");

	ck_assert(!note.changed);
	note = add("D:(A;;FR;;;" BOB ")(A;;FR;;;" ALICE ")", "D:(A;;FR;;;" BOB ")", true,
		   "D:(A;;FR;;;" BOB ")(A;;FR;;;" ALICE ")");
	ck_assert(!note.changed);
}
END_TEST

START_TEST(replacing_removes_former_allowances_of_that_sid_only)
{
	struct edit_note note =
		add("D:(D;;FW;;;" ALICE ")(A;;FA;;;" ALICE ")(A;;FX;;;SY)(A;OICI;FW;;;" ALICE
		    ")(A;ID;FX;;;" ALICE ")",
		    "D:(A;;FR;;;" ALICE ")", true,
		    "D:(D;;FW;;;" ALICE ")(A;;FR;;;" ALICE ")(A;;FX;;;SY)(A;ID;FX;;;" ALICE ")");

	ck_assert_uint_eq(note.removed, 2);
}
END_TEST

START_TEST(a_denial_takes_its_rights_from_what_allows_them)
{
	add("D:(A;;FA;;;" ALICE ")(A;;FA;;;" BOB ")(A;ID;FA;;;" ALICE ")",
	    "D:(D;;CCWP;;;" ALICE ")", false,
	    "D:(D;;CCWP;;;" ALICE ")(A;;0x1f01de;;;" ALICE ")(A;;FA;;;" BOB ")(A;ID;FA;;;" ALICE
	    ")");
	add("D:(A;;CC;;;" ALICE ")(A;;FA;;;SY)", "D:(D;;FR;;;" ALICE ")", false,
	    "D:(D;;FR;;;" ALICE ")(A;;FA;;;SY)");
}
END_TEST

START_TEST(an_allowance_of_which_synchronize_is_left_goes)
{
	add("D:(A;;FR;;;" ALICE ")", "D:(D;;0x20089;;;" ALICE ")", false,
	    "D:(D;;0x20089;;;" ALICE ")");
	add("D:(A;;0x100000;;;" ALICE ")", "D:(D;;0x20089;;;" ALICE ")", false,
	    "D:(D;;0x20089;;;" ALICE ")(A;;0x100000;;;" ALICE ")");
}
END_TEST

START_TEST(a_denial_takes_nothing_from_where_it_does_not_hold)
{
	add("D:(A;OICI;FA;;;" ALICE ")", "D:(D;;FR;;;" ALICE ")", false,
	    "D:(D;;FR;;;" ALICE ")(A;OICI;FA;;;" ALICE ")");
	add("D:(A;;FA;;;" ALICE ")", "D:(D;OICIIO;FR;;;" ALICE ")", false,
	    "D:(D;OICIIO;FR;;;" ALICE ")(A;;FA;;;" ALICE ")");
	add("D:(A;OICI;FA;;;" ALICE ")", "D:(D;OICINP;FR;;;" ALICE ")", false,
	    "D:(D;OICINP;FR;;;" ALICE ")(A;OICI;FA;;;" ALICE ")");
	add("D:(A;CIIO;FR;;;" ALICE ")", "D:(D;OICI;FR;;;" ALICE ")", false,
	    "D:(D;OICI;FR;;;" ALICE ")");
}
END_TEST

START_TEST(a_denial_under_a_condition_takes_nothing)
{
	add("D:(A;;FA;;;" ALICE ")", "D:(XD;;FR;;;" ALICE ";(@USER.a==1))", false,
	    "D:(XD;;FR;;;" ALICE ";(@USER.a==1))(A;;FA;;;" ALICE ")");
}
END_TEST

START_TEST(a_list_out_of_order_keeps_its_order)
{
	struct edit_note note = add("D:(A;;FR;;;WD)(D;;FW;;;WD)(A;;FX;;;SY)", "D:(A;;FR;;;BA)",
				    false, "D:(A;;FR;;;WD)(D;;FW;;;WD)(A;;FX;;;SY)(A;;FR;;;BA)");

	ck_assert(note.unordered);
	note = add("D:(A;;FR;;;WD)(D;;FW;;;WD)(A;;FX;;;SY)", "D:(D;;FR;;;BA)", false,
		   "D:(D;;FR;;;BA)(A;;FR;;;WD)(D;;FW;;;WD)(A;;FX;;;SY)");
	ck_assert(note.unordered);
	note = take("D:(A;;FR;;;WD)(D;;FW;;;WD)(A;;FX;;;SY)", "S-1-5-18", EDIT_ALLOW,
		    "D:(A;;FR;;;WD)(D;;FW;;;WD)");
	ck_assert(note.unordered);
}
END_TEST

START_TEST(in_a_list_out_of_order_no_allowance_before_a_denial_is_widened)
{
	add("D:(A;;FR;;;WD)(D;;FW;;;WD)", "D:(A;;FW;;;WD)", false,
	    "D:(A;;FR;;;WD)(D;;FW;;;WD)(A;;FW;;;WD)");
	add("D:(A;;FR;;;WD)(D;;FW;;;WD)", "D:(A;;FW;;;WD)", true, "D:(D;;FW;;;WD)(A;;FW;;;WD)");
	add("D:(A;;FR;;;SY)(D;;FW;;;WD)", "D:(D;;FX;;;WD)", false,
	    "D:(D;;FX;;;WD)(A;;FR;;;SY)(D;;FW;;;WD)");
}
END_TEST

START_TEST(what_a_denial_withholds_is_told)
{
	struct edit_note note = add("D:(D;;FW;;;" ALICE ")", "D:(A;;FA;;;" ALICE ")", false,
				    "D:(D;;FW;;;" ALICE ")(A;;FA;;;" ALICE ")");

	ck_assert_uint_eq(note.withheld, FILE_GENERIC_WRITE);
	note = add("D:(D;;FW;;;" BOB ")", "D:(A;;FA;;;" ALICE ")", false,
		   "D:(D;;FW;;;" BOB ")(A;;FA;;;" ALICE ")");
	ck_assert_uint_eq(note.withheld, 0);
}
END_TEST

START_TEST(generic_rights_become_those_of_files_but_where_they_are_handed_on)
{
	add("D:", "D:(A;;GA;;;SY)", false, "D:(A;;FA;;;SY)");
	add("D:", "D:(A;OICI;GR;;;SY)", false, "D:(A;OICI;FR;;;SY)");
	add("D:", "D:(A;OICIIO;GA;;;SY)", false, "D:(A;OICIIO;GA;;;SY)");
}
END_TEST

START_TEST(what_is_added_is_explicit)
{
	add("D:", "D:(A;ID;FR;;;SY)", false, "D:(A;;FR;;;SY)");
}
END_TEST

START_TEST(a_null_list_counts_as_empty)
{
	struct edit_note note =
		add("D:NO_ACCESS_CONTROL", "D:(A;;FR;;;SY)", false, "D:(A;;FR;;;SY)");

	ck_assert(note.changed);
	note = take("D:NO_ACCESS_CONTROL", ALICE, EDIT_ALLOW, "D:");
	ck_assert(!note.changed);
}
END_TEST

START_TEST(removing_takes_all_explicit_aces_of_the_sid)
{
	struct edit_note note =
		take("D:(D;;FW;;;" ALICE ")(A;OICI;FA;;;" ALICE ")(A;;FR;;;" BOB ")(XA;;FR;;;" ALICE
		     ";(@USER.a==1))(A;ID;FR;;;" ALICE ")",
		     ALICE, EDIT_ALLOW | EDIT_DENY, "D:(A;;FR;;;" BOB ")(A;ID;FR;;;" ALICE ")");

	ck_assert_uint_eq(note.removed, 3);
	ck_assert_uint_eq(note.inherited, 1);
}
END_TEST

START_TEST(removing_one_kind_leaves_the_other)
{
	take("D:(D;;FW;;;" ALICE ")(A;;FA;;;" ALICE ")", ALICE, EDIT_ALLOW,
	     "D:(D;;FW;;;" ALICE ")");
	take("D:(D;;FW;;;" ALICE ")(A;;FA;;;" ALICE ")", ALICE, EDIT_DENY, "D:(A;;FA;;;" ALICE ")");
}
END_TEST

START_TEST(removing_exactly_takes_that_ace_alone)
{
	struct edit_note note = take_exactly(
		"D:(A;;FR;;;" ALICE ")(A;OICI;FR;;;" ALICE ")(A;ID;FR;;;" ALICE ")",
		"D:(A;;FR;;;" ALICE ")", "D:(A;OICI;FR;;;" ALICE ")(A;ID;FR;;;" ALICE ")");

	ck_assert_uint_eq(note.removed, 1);
	ck_assert_uint_eq(note.inherited, 1);
	note = take_exactly("D:(A;;FR;;;" ALICE ")", "D:(A;;FW;;;" ALICE ")",
			    "D:(A;;FR;;;" ALICE ")");
	ck_assert(!note.changed);
	note = take_exactly("D:(A;;FR;;;" ALICE ")(A;ID;FR;;;" ALICE ")", "D:(A;ID;FR;;;" ALICE ")",
			    "D:(A;;FR;;;" ALICE ")(A;ID;FR;;;" ALICE ")");
	ck_assert(!note.changed);
	ck_assert_uint_eq(note.inherited, 1);
}
END_TEST

START_TEST(audit_aces_are_edited_among_themselves)
{
	add("S:(AU;SA;FR;;;WD)(ML;;NW;;;HI)", "S:(AU;SA;FW;;;WD)", false,
	    "S:(AU;SA;0x12019f;;;WD)(ML;;NW;;;HI)");
	add("S:(AU;SA;FR;;;WD)(ML;;NW;;;HI)", "S:(AU;FA;FW;;;WD)", false,
	    "S:(AU;SA;FR;;;WD)(AU;FA;FW;;;WD)(ML;;NW;;;HI)");
	add("S:(AU;SA;FR;;;WD)(ML;;NW;;;HI)", "S:(AU;FA;FW;;;WD)", true,
	    "S:(AU;FA;FW;;;WD)(ML;;NW;;;HI)");
	take("S:(AU;SA;FR;;;WD)(ML;;NW;;;WD)", "S-1-1-0", EDIT_AUDIT, "S:(ML;;NW;;;WD)");
}
END_TEST

START_TEST(a_file_has_no_inheritance)
{
	struct ace ace =
		ace_make(ACCESS_ALLOWED_ACE_TYPE,
			 OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE | NO_PROPAGATE_INHERIT_ACE,
			 FILE_GENERIC_READ, &sid_everyone);

	ck_assert(edit_fit_file(&ace));
	ck_assert_uint_eq(ace.flags, 0);
	ace.flags = OBJECT_INHERIT_ACE | INHERIT_ONLY_ACE;
	ck_assert(!edit_fit_file(&ace));
}
END_TEST

static Suite *edit_suite(void)
{
	Suite *suite = suite_create("edit");
	TCase *rules = tcase_create("rules");

	tcase_add_test(rules, what_allows_goes_behind_denials_and_before_inherited_aces);
	tcase_add_test(rules, what_denies_goes_before_what_allows);
	tcase_add_test(rules, rights_join_those_of_an_explicit_ace_that_is_else_the_same);
	tcase_add_test(rules, rights_do_not_join_an_ace_with_other_flags_or_an_inherited_one);
	tcase_add_test(rules, rights_join_a_conditional_ace_only_with_the_same_condition);
	tcase_add_test(rules, adding_what_is_there_changes_nothing);
	tcase_add_test(rules, replacing_removes_former_allowances_of_that_sid_only);
	tcase_add_test(rules, a_denial_takes_its_rights_from_what_allows_them);
	tcase_add_test(rules, an_allowance_of_which_synchronize_is_left_goes);
	tcase_add_test(rules, a_denial_takes_nothing_from_where_it_does_not_hold);
	tcase_add_test(rules, a_denial_under_a_condition_takes_nothing);
	tcase_add_test(rules, a_list_out_of_order_keeps_its_order);
	tcase_add_test(rules, in_a_list_out_of_order_no_allowance_before_a_denial_is_widened);
	tcase_add_test(rules, what_a_denial_withholds_is_told);
	tcase_add_test(rules, generic_rights_become_those_of_files_but_where_they_are_handed_on);
	tcase_add_test(rules, what_is_added_is_explicit);
	tcase_add_test(rules, a_null_list_counts_as_empty);
	tcase_add_test(rules, removing_takes_all_explicit_aces_of_the_sid);
	tcase_add_test(rules, removing_one_kind_leaves_the_other);
	tcase_add_test(rules, removing_exactly_takes_that_ace_alone);
	tcase_add_test(rules, audit_aces_are_edited_among_themselves);
	tcase_add_test(rules, a_file_has_no_inheritance);
	suite_add_tcase(suite, rules);
	return suite;
}

int main(void)
{
	SRunner *runner = srunner_create(edit_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
