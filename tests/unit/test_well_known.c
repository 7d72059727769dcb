/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names of well-known SIDs, both ways.
 */
#include <check.h>
#include <stdlib.h>

#include "acl/well_known.h"

#define DOMAIN "S-1-5-21-1-2-3"

static struct sid sid_of(const char *text)
{
	struct sid sid;
	const char *end;

	ck_assert_msg(sid_parse(text, &sid, &end) && !*end, "%s is no SID", text);
	return sid;
}

static const struct {
	const char *sid;
	const char *authority;
	const char *name;
} cases[] = {
	{"S-1-0-0", "", "NULL SID"},
	{"S-1-1-0", "", "Everyone"},
	{"S-1-3-4", "", "OWNER RIGHTS"},
	{"S-1-5-7", "NT AUTHORITY", "ANONYMOUS LOGON"},
	{"S-1-5-11", "NT AUTHORITY", "Authenticated Users"},
	{"S-1-5-18", "NT AUTHORITY", "SYSTEM"},
	{"S-1-5-32-544", "BUILTIN", "Administrators"},
	{"S-1-5-32-580", "BUILTIN", "Remote Management Users"},
	{"S-1-15-2-1", "APPLICATION PACKAGE AUTHORITY", "ALL APPLICATION PACKAGES"},
	{"S-1-16-12288", "Mandatory Label", "High Mandatory Level"},
	{"S-1-18-2", "", "Service asserted identity"},
};

START_TEST(a_well_known_sid_has_a_name_and_the_name_is_its)
{
	struct sid sid = sid_of(cases[_i].sid), back;
	const char *authority;

	ck_assert_str_eq(well_known_name(&sid, &authority), cases[_i].name);
	ck_assert_str_eq(authority, cases[_i].authority);
	ck_assert(well_known_sid(cases[_i].name, NULL, &back));
	ck_assert(sid_equal(&sid, &back));
}
END_TEST

START_TEST(a_name_is_found_in_any_case_and_after_its_authority)
{
	struct sid sid, administrators = sid_of("S-1-5-32-544");

	ck_assert(well_known_sid("builtin\\ADMINISTRATORS", NULL, &sid));
	ck_assert(sid_equal(&sid, &administrators));
	ck_assert(!well_known_sid("NT AUTHORITY\\Administrators", NULL, &sid));
	ck_assert(!well_known_sid("BUILTIN Administrators", NULL, &sid));
	ck_assert(!well_known_sid("\\Everyone", NULL, &sid));
	ck_assert(!well_known_sid("Everyon", NULL, &sid));
	ck_assert(!well_known_sid("Everyone ", NULL, &sid));
	ck_assert(!well_known_sid("", NULL, &sid));
}
END_TEST

START_TEST(what_each_domain_has_needs_the_domain)
{
	struct sid domain = sid_of(DOMAIN), admins = sid_of(DOMAIN "-512"), sid;
	struct sid account = sid_of(DOMAIN "-1000");
	const char *authority;

	ck_assert_str_eq(well_known_name(&admins, &authority), "Domain Admins");
	ck_assert_str_eq(authority, "");
	ck_assert(well_known_sid("domain admins", &domain, &sid));
	ck_assert(sid_equal(&sid, &admins));
	ck_assert(!well_known_sid("domain admins", NULL, &sid));
	ck_assert_ptr_null(well_known_name(&account, NULL));
}
END_TEST

START_TEST(other_sids_have_no_name)
{
	static const char *const others[] = {
		"S-1-22-1-1000", "S-1-5",      "S-1-5-32-545-1", "S-1-1-1",
		"S-1-5-21-512",  "S-1-5-20-1", "S-1-6-18",       "S-1-0x100000000005-18",
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct sid sid = sid_of(others[i]);

		ck_assert_msg(!well_known_name(&sid, NULL), "%s has a name", others[i]);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("well_known");
	TCase *tcase = tcase_create("well_known");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tcase, a_well_known_sid_has_a_name_and_the_name_is_its, 0,
			    sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tcase, a_name_is_found_in_any_case_and_after_its_authority);
	tcase_add_test(tcase, what_each_domain_has_needs_the_domain);
	tcase_add_test(tcase, other_sids_have_no_name);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
