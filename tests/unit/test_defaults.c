/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a mount tells of the host's defaults, and what is read of it. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "keyring/defaults.h"

START_TEST(what_is_written_is_read)
{
	static const struct policy_defaults all[] = {
		{TOKEN_IDENTIFY, 0, 0},
		{TOKEN_DELEGATE, UINT32_MAX, UINT32_MAX},
		{TOKEN_ANONYMOUS, 1, 0},
		{TOKEN_IMPERSONATE, 0, 86400},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct policy_defaults again;
		char text[DEFAULTS_TEXT];

		ck_assert_uint_lt(defaults_write(&all[i], text), sizeof(text));
		ck_assert_int_eq(defaults_read(text, &again), 0);
		ck_assert_int_eq(again.level, all[i].level);
		ck_assert_uint_eq(again.ttl, all[i].ttl);
		ck_assert_uint_eq(again.max_ttl, all[i].max_ttl);
	}
}
END_TEST

START_TEST(lines_of_newer_mounts_are_passed_over)
{
	struct policy_defaults defaults;

	ck_assert_int_eq(defaults_read("colour red\nttl 5\nttls 7\n\nmax-ttl 6", &defaults), 0);
	ck_assert_int_eq(defaults.level, TOKEN_IDENTIFY);
	ck_assert_uint_eq(defaults.ttl, 5);
	ck_assert_uint_eq(defaults.max_ttl, 6);
	ck_assert_int_eq(defaults_read("", &defaults), 0);
	ck_assert_uint_eq(defaults.ttl, 0);
}
END_TEST

START_TEST(what_makes_no_sense_is_an_error)
{
	static const char *const wrong[] = {
		"level god\n", "level \n",    "ttl 0\n",  "ttl -1\n",
		"ttl 05\n",    "ttl 5s\n",    "ttl \n",   "ttl 4294967296\n",
		"ttl  5\n",    "max-ttl x\n", "ttl 5 \n", "max-ttl 5\r\n",
	};
	struct policy_defaults defaults;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_int_eq(defaults_read(wrong[i], &defaults), -EPROTO);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("defaults");
	TCase *tcase = tcase_create("text");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, what_is_written_is_read);
	tcase_add_test(tcase, lines_of_newer_mounts_are_passed_over);
	tcase_add_test(tcase, what_makes_no_sense_is_an_error);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
