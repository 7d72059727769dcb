/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptors as texts that people edit, one rule a test.
 */
#include <check.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/sddl.h"
#include "tools/edit_text.h"

static struct descriptor *descriptor_of(const char *sddl)
{
	struct descriptor *sd = NULL;

	ck_assert_msg(sddl_read(sddl, NULL, &sd, NULL) == SD_OK, "cannot read %s", sddl);
	return sd;
}

static char *text_of(const struct descriptor *sd, bool folder)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(out);
	ck_assert_int_eq(edit_text_write(out, "/a path\nwith a line feed", sd, folder), 0);
	ck_assert_int_eq(fclose(out), 0);
	return text;
}

/* @text, edited from @from, is the descriptor @expected. */
static void reads(const char *from, const char *text, const char *expected)
{
	struct descriptor *before = descriptor_of(from);
	struct descriptor *want = descriptor_of(expected);
	struct descriptor *got = NULL;
	struct edit_fault fault = {0};
	char *copy = strdup(text);
	int error = edit_text_read(copy, before, &got, &fault);

	ck_assert_msg(error == 0, "line %zu: %s", fault.line, fault.why);
	ck_assert_uint_eq(descriptor_differs(got, want), 0);
	free(copy);
	descriptor_destroy(got);
	descriptor_destroy(want);
	descriptor_destroy(before);
}

static void refuses(const char *from, const char *text, size_t line, const char *why)
{
	struct descriptor *before = descriptor_of(from);
	struct descriptor *got = NULL;
	struct edit_fault fault = {1000, NULL};
	char *copy = strdup(text);

	ck_assert_int_eq(edit_text_read(copy, before, &got, &fault), -EINVAL);
	ck_assert_msg(fault.line == line, "line %zu: %s", fault.line, fault.why);
	ck_assert_msg(strstr(fault.why, why) != NULL, "%s", fault.why);
	free(fault.why);
	free(copy);
	descriptor_destroy(before);
}

#define HEAD "owner: SYSTEM\ngroup: SYSTEM\n"
#define FROM "O:SYG:SYD:(A;;FA;;;SY)(A;ID;FR;;;WD)"

START_TEST(a_text_is_principals_and_lists)
{
	reads(FROM,
	      "# a comment\n\n owner:Everyone # who\ngroup:\tBA\r\nDACL:\n"
	      "Everyone:(DENY)(W)\t#x\n\tSYSTEM:F\n Everyone:(I)R",
	      "O:WDG:BAD:(D;;0x116;;;WD)(A;;FA;;;SY)(A;ID;FR;;;WD)");
}
END_TEST

START_TEST(a_sign_of_comments_within_an_ace_is_none)
{
	reads(FROM,
	      HEAD
	      "dacl:\n(XA;;FR;;;WD;(@USER.a == \"x #y\" || @USER.a == #00)) # z\nEveryone:(I)(R)\n",
	      "O:SYG:SYD:(XA;;FR;;;WD;(@USER.a == \"x #y\" || @USER.a == #00))(A;ID;FR;;;WD)");
}
END_TEST

START_TEST(inherited_entries_stay_as_they_are)
{
	static const char from[] = "O:SYG:SYD:(A;;FA;;;SY)(A;ID;FR;;;WD)(A;ID;FR;;;BU)";
	static const char all[] = "Everyone:(I)R\nBU:(I)R\n";
	char text[200];

	snprintf(text, sizeof(text), HEAD "dacl:\n%s", all);
	reads(from, text, "O:SYG:SYD:(A;ID;FR;;;WD)(A;ID;FR;;;BU)");
	refuses(from, HEAD "dacl:\nEveryone:(I)R\n", 5, "missing");
	refuses(from, HEAD "dacl:\nBU:(I)R\nEveryone:(I)R\n", 4, "cannot be changed");
	refuses(from, HEAD "dacl:\nEveryone:(I)W\nBU:(I)R\n", 4, "cannot be changed");
	refuses(from, HEAD "dacl:\nEveryone:(I)R\nBU:(I)R\nBU:(I)R\n", 6, "cannot be changed");
	refuses(from, HEAD "dacl:\nEveryone:R\nBU:(I)R\n", 5, "cannot be changed");
	refuses("O:SYG:SYD:(A;;FA;;;SY)", HEAD "dacl:\n(A;ID;FR;;;WD)\n", 4, "cannot be changed");
	refuses(from, HEAD "dacl:\nEveryone:(I)R\nsacl:\n", 5, "missing");
}
END_TEST

START_TEST(a_list_that_becomes_protected_has_no_inherited_entries)
{
	reads(FROM, HEAD "dacl: protected\nSYSTEM:F\nEveryone:R\n",
	      "O:SYG:SYD:P(A;;FA;;;SY)(A;;FR;;;WD)");
	reads(FROM, HEAD "dacl: protected\n", "O:SYG:SYD:P");
	refuses(FROM, HEAD "dacl: protected\nEveryone:(I)R\n", 4, "protected anew");
	refuses("O:SYG:SYD:P(A;;FA;;;SY)", HEAD "dacl:\nSYSTEM:F\n", 3, "guise inherit on");
	/* one that was protected may have some */
	reads("O:SYG:SYD:P(A;ID;FA;;;SY)", HEAD "dacl: protected\nSYSTEM:(I)F\n",
	      "O:SYG:SYD:P(A;ID;FA;;;SY)");
}
END_TEST

START_TEST(a_list_may_be_null)
{
	reads("O:SYG:SYD:NO_ACCESS_CONTROL", HEAD "dacl: null\n", "O:SYG:SYD:NO_ACCESS_CONTROL");
	reads("O:SYG:SYD:NO_ACCESS_CONTROL", HEAD "dacl:\nSYSTEM:F", "O:SYG:SYD:(A;;FA;;;SY)");
	reads("O:SYG:SY", HEAD "dacl: null\n", "O:SYG:SY");
	reads("O:SYG:SYD:(A;;FA;;;SY)", HEAD "dacl: null\n", "O:SYG:SYD:NO_ACCESS_CONTROL");
	refuses("O:SYG:SYD:NO_ACCESS_CONTROL", HEAD "dacl: null\nSYSTEM:F", 4, "null");
}
END_TEST

START_TEST(a_sacl_that_was_not_seen_stays_out)
{
	reads("O:SYG:SYD:", HEAD "dacl:\n", "O:SYG:SYD:");
	reads("O:SYG:SYD:", HEAD "dacl:\nsacl:\n", "O:SYG:SYD:");
	reads("O:SYG:SYD:", HEAD "dacl:\nsacl:\nEveryone:(FAILURE)R\n",
	      "O:SYG:SYD:S:(AU;FA;FR;;;WD)");
	reads("O:SYG:SYD:S:(AU;FA;FR;;;WD)", HEAD "dacl:\nsacl:\n", "O:SYG:SYD:S:");
	refuses("O:SYG:SYD:S:(AU;FA;FR;;;WD)", HEAD "dacl:\n", 0, "sacl");
}
END_TEST

START_TEST(no_line_may_be_missing_or_twice)
{
	refuses(FROM, "group: SYSTEM\ndacl:\nEveryone:(I)R\n", 0, "owner");
	refuses(FROM, "owner: SYSTEM\ndacl:\nEveryone:(I)R\n", 0, "group");
	refuses(FROM, HEAD, 0, "dacl");
	refuses(FROM, HEAD HEAD, 3, "second time");
	refuses(FROM, HEAD "dacl:\nEveryone:(I)R\ndacl:\n", 5, "second time");
}
END_TEST

START_TEST(entries_stand_in_the_list_they_are_for)
{
	refuses(FROM, HEAD "Everyone:R\n", 3, "expected owner");
	refuses(FROM, HEAD "dacl:\nEveryone:(SUCCESS)R\n", 4, "sacl");
	refuses(FROM, HEAD "dacl:\nEveryone:(I)R\nsacl:\nEveryone:R\n", 6, "dacl");
	refuses(FROM, HEAD "dacl: Everyone:R\n", 3, "lines of their own");
	/* of somebody whose name is that of a line */
	refuses(FROM, HEAD "dacl:\nsacl:(R)\n", 4, "sacl:(R): expected a principal");
	refuses(FROM, HEAD "dacl:\nowner:R\n", 4, "owner:R: expected a principal");
}
END_TEST

START_TEST(what_is_wrong_with_an_entry_is_told)
{
	refuses(FROM, HEAD "dacl:\n\nEveryone:Q\n", 5, "Everyone:Q: at \"Q\": expected rights");
	refuses(FROM, HEAD "dacl:\n(A;;FR;;;WD)(A;;FR;;;SY)\n", 4, "one ACE");
	refuses(FROM, "owner: no such account\n", 1, "no such account");
	refuses(FROM, "owner: none\n", 1, "taken away");
}
END_TEST

START_TEST(an_ace_without_text_is_kept_by_its_number)
{
	struct descriptor *sd = descriptor_of(FROM);
	struct descriptor *got = NULL;
	struct edit_fault fault = {0};
	char *text;

	sd->dacl->aces[0].flags = 0x20;
	text = text_of(sd, true);
	ck_assert_ptr_nonnull(strstr(text, "\n  @1 "));
	ck_assert_int_eq(edit_text_read(text, sd, &got, &fault), 0);
	ck_assert_uint_eq(descriptor_differs(sd, got), 0);
	free(text);
	descriptor_destroy(got);
	descriptor_destroy(sd);
	refuses(FROM, HEAD "dacl:\n@3\n", 4, "no such entry");
	refuses(FROM, HEAD "dacl:\n@0\n", 4, "no such entry");
	refuses(FROM, HEAD "dacl:\n@-1\n", 4, "no such entry");
	refuses(FROM, HEAD "dacl:\n@1x\n", 4, "no such entry");
	refuses(FROM, HEAD "dacl:\n@\n", 4, "no such entry");
}
END_TEST

START_TEST(generic_rights_that_are_new_become_the_files_own)
{
	reads("O:SYG:SYD:(A;;GA;;;SY)", HEAD "dacl:\nSYSTEM:GA\nEveryone:GR\nBA:(OI)(IO)GA\n",
	      "O:SYG:SYD:(A;;GA;;;SY)(A;;FR;;;WD)(A;OIIO;GA;;;BA)");
}
END_TEST

START_TEST(recorded_descriptors_are_read_as_they_were_written)
{
	FILE *file = popen("zcat \"$GUISE_SDDL_VECTORS\"", "r");
	unsigned int count = 0;
	char *line = NULL;
	size_t room = 0;

	ck_assert_ptr_nonnull(file);
	while (count < 1500 && getline(&line, &room, file) > 0) {
		json_t *object = json_loads(line, 0, NULL);
		const char *sddl = json_string_value(json_object_get(object, "canonical"));
		struct descriptor *sd = NULL;
		struct descriptor *got = NULL;
		struct edit_fault fault = {0};
		char *text;

		if (sddl && sddl_read(sddl, NULL, &sd, NULL) == SD_OK) {
			text = text_of(sd, count % 2);
			ck_assert_msg(edit_text_read(text, sd, &got, &fault) == 0,
				      "%s: line %zu: %s", sddl, fault.line, fault.why);
			ck_assert_msg(!descriptor_differs(sd, got), "%s", sddl);
			free(text);
			descriptor_destroy(got);
			descriptor_destroy(sd);
			count++;
		}
		json_decref(object);
	}
	free(line);
	pclose(file);
	ck_assert_uint_gt(count, 1000);
}
END_TEST

static Suite *text_suite(void)
{
	Suite *suite = suite_create("edit_text");
	TCase *rules = tcase_create("rules");

	tcase_add_test(rules, a_text_is_principals_and_lists);
	tcase_add_test(rules, a_sign_of_comments_within_an_ace_is_none);
	tcase_add_test(rules, inherited_entries_stay_as_they_are);
	tcase_add_test(rules, a_list_that_becomes_protected_has_no_inherited_entries);
	tcase_add_test(rules, a_list_may_be_null);
	tcase_add_test(rules, a_sacl_that_was_not_seen_stays_out);
	tcase_add_test(rules, no_line_may_be_missing_or_twice);
	tcase_add_test(rules, entries_stand_in_the_list_they_are_for);
	tcase_add_test(rules, what_is_wrong_with_an_entry_is_told);
	tcase_add_test(rules, an_ace_without_text_is_kept_by_its_number);
	tcase_add_test(rules, generic_rights_that_are_new_become_the_files_own);
	tcase_add_test(rules, recorded_descriptors_are_read_as_they_were_written);
	suite_add_tcase(suite, rules);
	return suite;
}

int main(void)
{
	SRunner *runner = srunner_create(text_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
