/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lints, one a test: what is found in a descriptor, and where.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/lint.h"
#include "acl/sddl.h"

#define ALICE "S-1-22-1-1001"
#define GONE "S-1-22-1-4242"
#define FAR "S-1-5-21-1-2-3-1000"

static char found[1024];

static enum lint_known known(void *context, const struct sid *sid)
{
	char text[SID_MAX_TEXT];

	sid_format(sid, text);
	if (strcmp(text, GONE) == 0)
		return LINT_NOBODY;
	return strcmp(text, FAR) == 0 ? LINT_UNSURE : LINT_KNOWN;
}

static bool is_admin(void *context, const struct sid *sid)
{
	return sid_equal(sid, &sid_system);
}

/* "NAME PLACE" or "NAME PLACE/OTHER", each after a blank; places from 1, what has none as 0. */
static void tell(void *context, const struct lint_finding *finding)
{
	size_t length = strlen(found);
	char place[64] = "";

	if (finding->ace != LINT_NO_ACE)
		snprintf(place, sizeof(place), ":%zu", finding->ace + 1);
	length += (size_t)snprintf(found + length, sizeof(found) - length, "%s%s%s",
				   length ? " " : "", lint_name(finding->lint), place);
	if (finding->other != LINT_NO_ACE)
		snprintf(found + length, sizeof(found) - length, "/%zu", finding->other + 1);
}

static struct descriptor *descriptor_of(const char *sddl)
{
	struct descriptor *sd = NULL;

	ck_assert_msg(sddl_read(sddl, NULL, &sd, NULL) == SD_OK, "cannot read %s", sddl);
	return sd;
}

static void check(const char *sddl, const char *parent, bool folder, const char *expected)
{
	struct descriptor *sd = descriptor_of(sddl);
	struct descriptor *above = parent ? descriptor_of(parent) : NULL;
	const struct lint_subject subject = {
		.sd = sd,
		.parent = above,
		.folder = folder,
		.known = known,
		.is_admin = is_admin,
		.tell = tell,
	};

	found[0] = '\0';
	ck_assert_int_eq(lint_check(&subject), SD_OK);
	ck_assert_str_eq(found, expected);
	descriptor_destroy(sd);
	descriptor_destroy(above);
}

static void finds(const char *sddl, const char *expected)
{
	check(sddl, NULL, false, expected);
}

#define START "O:SYG:SYD:"

START_TEST(nothing_is_found_in_an_ordinary_descriptor)
{
	finds(START "(D;;FW;;;" ALICE ")(A;;FA;;;SY)(A;;FR;;;AU)", "");
	check(START "(A;OICI;FA;;;SY)(A;OICI;FR;;;AU)", NULL, true, "");
}
END_TEST

START_TEST(a_null_and_an_empty_dacl_are_found)
{
	finds("O:SYG:SYD:NO_ACCESS_CONTROL", "null-dacl");
	finds("O:SYG:SY", "null-dacl");
	finds(START, "empty-dacl");
}
END_TEST

START_TEST(a_denial_behind_an_allowance_of_the_same_is_found)
{
	finds(START "(A;;FR;;;AU)(D;;0x1;;;" ALICE ")", "order:2 deny-after-allow:2/1");
}
END_TEST

START_TEST(a_denial_of_something_else_is_only_out_of_order)
{
	finds(START "(A;;0x1;;;AU)(D;;0x2;;;" ALICE ")", "order:2");
}
END_TEST

START_TEST(an_inherited_denial_stands_as_it_comes)
{
	finds(START "(A;;FR;;;AU)(D;ID;0x1;;;" ALICE ")", "");
}
END_TEST

START_TEST(duplicates_are_found)
{
	finds(START "(A;;FR;;;AU)(A;;FR;;;AU)", "duplicate:2/1");
	finds(START "(A;;FR;;;AU)(A;ID;FW;;;AU)(A;;FR;;;AU)", "order:3 duplicate:3/1");
}
END_TEST

START_TEST(what_others_decide_before_is_shadowed)
{
	finds(START "(D;;FR;;;WD)(A;;0x1;;;" ALICE ")", "shadowed:2/1");
	finds(START "(A;;FA;;;" ALICE ")(A;;FR;;;" ALICE ")", "shadowed:2/1");
	/* by several together */
	finds(START "(A;;0x1;;;AU)(A;;0x8;;;AU)(A;ID;0x9;;;AU)", "shadowed:3/2");
}
END_TEST

START_TEST(what_still_decides_something_is_not_shadowed)
{
	/* a right more, other people, a condition, children, those who own */
	finds(START "(A;;0x1;;;AU)(A;;0x9;;;AU)", "");
	finds(START "(A;;FA;;;" ALICE ")(A;;FR;;;AU)", "");
	finds(START "(XA;;FR;;;WD;(Member_of {SID(BA)}))(A;;FR;;;" ALICE ")", "");
	check(START "(A;;FR;;;WD)(A;OI;FR;;;" ALICE ")", NULL, true, "");
	check(START "(A;OIIO;FR;;;WD)(A;;FR;;;" ALICE ")", NULL, true, "");
	finds(START "(A;;FR;;;WD)(A;;RC;;;OW)", "");
}
END_TEST

START_TEST(who_does_not_exist_is_an_orphan_and_who_cannot_be_asked_for_is_not)
{
	finds(START "(A;;FR;;;" GONE ")(A;;FR;;;" FAR ")", "orphan:1 unknown-sid:2");
	finds("O:" GONE "G:" GONE "D:(A;;RC;;;OW)", "orphan orphan");
}
END_TEST

START_TEST(an_owner_who_is_no_administrator_may_change_the_dacl)
{
	finds("O:" ALICE "G:SYD:(A;;FR;;;AU)", "owner-changes");
	finds("O:" ALICE "G:SYD:(A;;FR;;;OW)", "");
}
END_TEST

START_TEST(generic_rights_in_force_are_found)
{
	finds(START "(A;;GR;;;AU)", "generic:1");
	check(START "(A;OIIO;GA;;;AU)", NULL, true, "");
}
END_TEST

START_TEST(flags_for_children_on_a_file_are_found)
{
	finds(START "(A;OI;FR;;;AU)", "flags-on-file:1");
	check(START "(A;OI;FR;;;AU)", NULL, true, "");
}
END_TEST

START_TEST(what_everybody_may_change_is_found)
{
	finds(START "(A;;FR;;;WD)", "");
	finds(START "(A;;FW;;;WD)", "world-writable:1");
	finds(START "(A;;SD;;;AN)", "world-writable:1");
	finds(START "(D;;FW;;;WD)", "");
}
END_TEST

START_TEST(types_that_decide_nothing_are_found)
{
	struct descriptor *sd = descriptor_of(START "(A;;FR;;;AU)");
	struct ace ace = ace_make(SYSTEM_AUDIT_ACE_TYPE, 0, 1, &sid_everyone);
	const struct lint_subject subject = {
		.sd = sd, .known = known, .is_admin = is_admin, .tell = tell};

	ck_assert_int_eq(acl_append(sd->dacl, &ace), SD_OK);
	found[0] = '\0';
	ck_assert_int_eq(lint_check(&subject), SD_OK);
	ck_assert_str_eq(found, "unknown-type:2");
	descriptor_destroy(sd);
}
END_TEST

#define PARENT "O:SYG:SYD:AI(A;OICI;FA;;;SY)(A;OI;FR;;;" ALICE ")"

START_TEST(what_the_folder_does_not_hand_down_is_found)
{
	check(START "AI(A;ID;FA;;;SY)(A;ID;FR;;;" ALICE ")", PARENT, false, "");
	check(START "AI(A;ID;FA;;;SY)(A;ID;FW;;;" ALICE ")(A;ID;FR;;;" ALICE ")", PARENT, false,
	      "not-handed-down:2");
}
END_TEST

START_TEST(what_the_folder_hands_down_and_is_missing_is_found)
{
	check(START "AI(A;ID;FA;;;SY)", PARENT, false, "not-taken-over:2");
	/* a DACL that follows no folder misses nothing */
	check(START "(A;;FA;;;SY)", PARENT, false, "");
	check(START "PAI(A;;FA;;;SY)", PARENT, false, "");
}
END_TEST

START_TEST(each_lint_has_a_name_of_its_own)
{
	for (int i = 0; i < LINT_COUNT; i++) {
		enum lint lint;

		ck_assert(lint_parse(lint_name(i), &lint));
		ck_assert_int_eq((int)lint, i);
		ck_assert_str_ne(lint_text(i), "unknown");
	}
	ck_assert(!lint_parse("unknown", &(enum lint){0}));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		nothing_is_found_in_an_ordinary_descriptor,
		a_null_and_an_empty_dacl_are_found,
		a_denial_behind_an_allowance_of_the_same_is_found,
		a_denial_of_something_else_is_only_out_of_order,
		an_inherited_denial_stands_as_it_comes,
		duplicates_are_found,
		what_others_decide_before_is_shadowed,
		what_still_decides_something_is_not_shadowed,
		who_does_not_exist_is_an_orphan_and_who_cannot_be_asked_for_is_not,
		an_owner_who_is_no_administrator_may_change_the_dacl,
		generic_rights_in_force_are_found,
		flags_for_children_on_a_file_are_found,
		what_everybody_may_change_is_found,
		types_that_decide_nothing_are_found,
		what_the_folder_does_not_hand_down_is_found,
		what_the_folder_hands_down_and_is_missing_is_found,
		each_lint_has_a_name_of_its_own,
	};
	Suite *suite = suite_create("lint");
	TCase *tcase = tcase_create("lint");
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
