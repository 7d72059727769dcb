/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptors as lines, and what differs between two lists of them.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/sddl.h"
#include "tools/diff.h"
#include "tools/exact.h"

/* one line a letter */
static struct lines letters(const char *text)
{
	struct lines lines = {0};

	for (; *text; text++)
		ck_assert_int_eq(lines_add(&lines, strndup(text, 1)), 0);
	return lines;
}

/* The diff without its two lines of names, newlines as '/'. */
static char *diff_of(const char *old, const char *new, size_t context, int differs)
{
	LINES_CLEANUP struct lines a = letters(old);
	LINES_CLEANUP struct lines b = letters(new);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ck_assert_int_eq(diff_lines(out, "a", &a, "b", &b, context), differs);
	fclose(out);
	if (differs) {
		ck_assert_int_eq(strncmp(text, "--- a\n+++ b\n", 12), 0);
		memmove(text, text + 12, size - 12 + 1);
	}
	for (char *at = text; (at = strchr(at, '\n'));)
		*at = '/';
	return text;
}

static const struct {
	const char *old, *new;
	size_t context;
	const char *wanted;
} cases[] = {
	{"abc", "abc", 3, ""},
	{"", "", 3, ""},
	{"", "a", 3, "@@ -0,0 +1 @@/+a/"},
	{"a", "", 3, "@@ -1 +0,0 @@/-a/"},
	{"abc", "axc", 3, "@@ -1,3 +1,3 @@/ a/-b/+x/ c/"},
	{"abcdefgh", "abcdefgX", 3, "@@ -5,4 +5,4 @@/ e/ f/ g/-h/+X/"},
	{"abcdefgh", "Xbcdefgh", 1, "@@ -1,2 +1,2 @@/-a/+X/ b/"},
	{"abcdefgh", "XbcdefgY", 1, "@@ -1,2 +1,2 @@/-a/+X/ b/@@ -7,2 +7,2 @@/ g/-h/+Y/"},
	{"abcd", "XbcY", 1, "@@ -1,4 +1,4 @@/-a/+X/ b/ c/-d/+Y/"},
	{"abcde", "XbcdY", 1, "@@ -1,2 +1,2 @@/-a/+X/ b/@@ -4,2 +4,2 @@/ d/-e/+Y/"},
	{"abcde", "XbcdY", DIFF_WHOLE, "@@ -1,5 +1,5 @@/-a/+X/ b/ c/ d/-e/+Y/"},
	{"abcabba", "cbabac", 0,
	 "@@ -1,2 +0,0 @@/-a/-b/@@ -4 +1,0 @@/-a/@@ -5,0 +3 @@/+a/@@ -7,0 +6 @@/+c/"},
	{"aab", "ab", 0, NULL},
};

START_TEST(a_diff_has_the_longest_common_lines_as_context)
{
	char *text = diff_of(cases[_i].old, cases[_i].new, cases[_i].context,
			     strcmp(cases[_i].old, cases[_i].new) != 0);

	if (cases[_i].wanted)
		ck_assert_str_eq(text, cases[_i].wanted);
	free(text);
}
END_TEST

/* What a diff makes of @old: what is removed must be there. */
static char *apply(const char *old, const char *diff)
{
	char *result = calloc(1, 256);

	for (const char *line = diff; *line; line = strchr(line, '/') + 1) {
		if (*line == '@')
			continue;
		if (*line != '+') {
			ck_assert_int_eq(line[1], *old);
			old++;
		}
		if (*line != '-')
			strncat(result, line + 1, 1);
	}
	ck_assert_str_eq(old, "");
	return result;
}

static void fill(char text[32], unsigned int *seed)
{
	size_t length = (size_t)rand_r(seed) % 20;

	for (size_t i = 0; i < length; i++)
		text[i] = (char)('a' + rand_r(seed) % 4);
	text[length] = '\0';
}

START_TEST(a_whole_diff_makes_new_of_old)
{
	unsigned int seed = 7;

	for (int round = 0; round < 2000; round++) {
		char old[32], new[32];
		char *diff, *result;

		fill(old, &seed);
		fill(new, &seed);
		if (strcmp(old, new) == 0)
			continue;
		diff = diff_of(old, new, DIFF_WHOLE, 1);
		result = apply(old, diff);
		ck_assert_str_eq(result, new);
		free(result);
		free(diff);
	}
}
END_TEST

static struct descriptor *read_sddl(const char *text)
{
	struct descriptor *sd = NULL;

	ck_assert_int_eq(sddl_read(text, NULL, &sd, NULL), SD_OK);
	return sd;
}

static char *descriptors(const char *name, struct descriptor *old, struct descriptor *new)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ck_assert_int_ge(diff_print(out, name, old, "new", new), 0);
	fclose(out);
	descriptor_destroy(old);
	descriptor_destroy(new);
	return text;
}

START_TEST(each_part_of_a_descriptor_has_its_line)
{
	char *text = descriptors("a\nb",
				 read_sddl("O:S-1-5-21-1-2-3-4G:WDD:PAI(A;;FA;;;WD)(D;;FR;;;SY)S:"),
				 read_sddl("O:S-1-5-21-1-2-3-4D:(A;;FA;;;WD)(A;OI;FX;;;WD)"));

	ck_assert_str_eq(text, "--- a\\012b\n+++ new\n@@ -1,6 +1,5 @@\n"
			       " owner:   S-1-5-21-1-2-3-4\n"
			       "-group:   Everyone (S-1-1-0)\n"
			       "-control: SE_DACL_AUTO_INHERITED SE_DACL_PROTECTED\n"
			       "+group:   none\n"
			       " dacl:    Everyone:(F)\n"
			       "-dacl:    SYSTEM:(DENY)(R,S)\n"
			       "-sacl:    empty\n"
			       "+dacl:    Everyone:(OI)(RC,S,X,RA)\n"
			       "+sacl:    none\n");
	free(text);
}
END_TEST

START_TEST(a_null_an_empty_and_no_list_are_told_apart)
{
	char *text = descriptors("a", read_sddl("D:NO_ACCESS_CONTROLS:"), read_sddl("D:"));

	ck_assert_ptr_nonnull(strstr(text, "-dacl:    null\n-sacl:    empty\n"
					   "+dacl:    empty\n+sacl:    none\n"));
	free(text);
}
END_TEST

START_TEST(a_descriptor_that_is_not_there_has_no_lines)
{
	char *text = descriptors("a", NULL, read_sddl("O:SY"));

	ck_assert_ptr_nonnull(strstr(text, "@@ -0,0 +1,4 @@\n+owner: "));
	free(text);
}
END_TEST

START_TEST(an_entry_without_words_has_its_bytes)
{
	static uint8_t body[] = {0x01, 0x02, 0xff, 0x00};
	struct ace ace = {.type = 0x77, .opaque = true, .data = body, .data_size = sizeof(body)};
	char *text = exact_ace(&ace, false);

	ck_assert_str_eq(text, "ace 77 00 08 00 01 02 ff 00");
	free(text);
}
END_TEST

START_TEST(sddl_is_exact_only_if_it_says_all)
{
	struct descriptor *sd = read_sddl("O:SYD:P(A;;FA;;;WD)");
	char *text = NULL;

	ck_assert_int_eq(exact_sddl(sd, &text), 0);
	ck_assert_str_eq(text, "O:SYD:P(A;;FA;;;WD)");
	free(text);
	sd->control |= SE_OWNER_DEFAULTED;
	ck_assert_int_eq(exact_sddl(sd, &text), -ENOTSUP);
	sd->control = (uint16_t)(sd->control & ~SE_OWNER_DEFAULTED);
	sd->sbz1 = 3;
	ck_assert_int_eq(exact_sddl(sd, &text), -ENOTSUP);
	descriptor_destroy(sd);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("diff");
	TCase *tests = tcase_create("diff");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tests, a_diff_has_the_longest_common_lines_as_context, 0,
			    sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tests, a_whole_diff_makes_new_of_old);
	tcase_add_test(tests, each_part_of_a_descriptor_has_its_line);
	tcase_add_test(tests, a_null_an_empty_and_no_list_are_told_apart);
	tcase_add_test(tests, a_descriptor_that_is_not_there_has_no_lines);
	tcase_add_test(tests, an_entry_without_words_has_its_bytes);
	tcase_add_test(tests, sddl_is_exact_only_if_it_says_all);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
