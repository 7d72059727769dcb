/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which SIDs become which others.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/command.h"
#include "tools/sidmap.h"

/* What @map makes of @text; "-" if it stays. */
static const char *mapped(struct sidmap *map, const char *text)
{
	static char result[SID_MAX_TEXT];
	struct sid from, to;

	ck_assert(sid_parse(text, &from, NULL));
	return sidmap_find(&from, &to, map) ? sid_format(&to, result) : "-";
}

START_TEST(sids_and_names_are_mapped)
{
	SIDMAP_CLEANUP struct sidmap map = {0};

	ck_assert_int_eq(sidmap_add(&map, "S-1-5-21-1-2-3-4=S-1-5-21-9-9-9-9"), STATUS_OK);
	ck_assert_int_eq(sidmap_add(&map, "Everyone=SY"), STATUS_OK);
	ck_assert_int_eq(sidmap_add(&map, "uid:4000000001=gid:7"), STATUS_OK);
	ck_assert_int_eq(sidmap_ready(&map), STATUS_OK);
	ck_assert_str_eq(mapped(&map, "S-1-5-21-1-2-3-4"), "S-1-5-21-9-9-9-9");
	ck_assert_str_eq(mapped(&map, "S-1-1-0"), "S-1-5-18");
	ck_assert_str_eq(mapped(&map, "S-1-22-1-4000000001"), "S-1-22-2-7");
	ck_assert_str_eq(mapped(&map, "S-1-5-21-1-2-3-5"), "-");
	ck_assert_str_eq(mapped(&map, "S-1-5-21-9-9-9-9"), "-");
	ck_assert_str_eq(mapped(&map, "S-1-5"), "-");
}
END_TEST

START_TEST(a_domain_is_mapped_but_for_whom_is_mapped_apart)
{
	SIDMAP_CLEANUP struct sidmap map = {0};

	ck_assert_int_eq(sidmap_add(&map, "S-1-5-21-1-2-3-*=S-1-5-21-7-8-9-*"), STATUS_OK);
	ck_assert_int_eq(sidmap_add(&map, "S-1-5-21-1-2-3-500=S-1-5-18"), STATUS_OK);
	ck_assert_int_eq(sidmap_ready(&map), STATUS_OK);
	ck_assert_str_eq(mapped(&map, "S-1-5-21-1-2-3-1000"), "S-1-5-21-7-8-9-1000");
	ck_assert_str_eq(mapped(&map, "S-1-5-21-1-2-3-500"), "S-1-5-18");
	ck_assert_str_eq(mapped(&map, "S-1-5-21-1-2-3"), "-");
	ck_assert_str_eq(mapped(&map, "S-1-5-21-1-2-3-4-5"), "-");
}
END_TEST

START_TEST(a_sid_cannot_become_two)
{
	SIDMAP_CLEANUP struct sidmap map = {0};

	ck_assert_int_eq(sidmap_add(&map, "WD=SY"), STATUS_OK);
	ck_assert_int_eq(sidmap_add(&map, "S-1-1-0=SY"), STATUS_OK);
	ck_assert_int_eq(sidmap_ready(&map), STATUS_OK);
	ck_assert_int_eq(sidmap_add(&map, "WD=BA"), STATUS_OK);
	ck_assert_int_eq(sidmap_ready(&map), STATUS_USAGE);
}
END_TEST

static const char *const wrong[] = {"",
				    "WD",
				    "WD=",
				    "=WD",
				    "WD=nobody-of-this-name",
				    "S-1-5-21-1-2-3-*=WD",
				    "WD=S-1-5-21-1-2-3-*",
				    "-*=-*",
				    "S-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-*=S-1-5-*"};

START_TEST(a_map_of_what_is_not_known_is_refused)
{
	SIDMAP_CLEANUP struct sidmap map = {0};

	ck_assert_int_eq(sidmap_add(&map, wrong[_i]), STATUS_USAGE);
	ck_assert_uint_eq(map.count, 0);
}
END_TEST

START_TEST(an_empty_map_leaves_all_as_it_is)
{
	SIDMAP_CLEANUP struct sidmap map = {0};

	ck_assert_int_eq(sidmap_ready(&map), STATUS_OK);
	ck_assert_str_eq(mapped(&map, "S-1-1-0"), "-");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sidmap");
	TCase *tests = tcase_create("sidmap");
	SRunner *runner;
	int failed;

	tcase_add_test(tests, sids_and_names_are_mapped);
	tcase_add_test(tests, a_domain_is_mapped_but_for_whom_is_mapped_apart);
	tcase_add_test(tests, a_sid_cannot_become_two);
	tcase_add_loop_test(tests, a_map_of_what_is_not_known_is_refused, 0,
			    sizeof(wrong) / sizeof(wrong[0]));
	tcase_add_test(tests, an_empty_map_leaves_all_as_it_is);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
