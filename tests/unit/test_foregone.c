/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Foregone conclusions: what is granted whatever groups turn up later.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/access.h"
#include "acl/compile.h"
#include "acl/mask.h"
#include "acl/sddl.h"

#define ME "S-1-22-1-1000"
#define GROUP "S-1-22-2-100"
#define DOMAIN_GROUP "S-1-5-21-1-2-3-1100"

/* groups that may turn up */
static const char *const later[] = {GROUP, "S-1-22-2-101", DOMAIN_GROUP};
#define LATER (sizeof(later) / sizeof(*later))

/* User 1000 with those groups whose bit is set in @groups. */
static struct token *token_with(unsigned int groups)
{
	struct sid user = sid_from_uid(1000), sid;
	struct token *token = token_create(&user);
	const char *end;

	ck_assert_ptr_nonnull(token);
	ck_assert_int_eq(token_add_group(token, &sid_everyone, SE_GROUP_ENABLED), 0);
	ck_assert_int_eq(token_add_group(token, &sid_authenticated_users, SE_GROUP_ENABLED), 0);
	for (size_t i = 0; i < LATER; i++) {
		ck_assert(sid_parse(later[i], &sid, &end));
		if (groups & 1u << i)
			ck_assert_int_eq(token_add_group(token, &sid, SE_GROUP_ENABLED), 0);
	}
	return token;
}

static bool foregone_for(const struct token *token, const char *sddl, uint32_t wanted)
{
	const struct access_request request = {.token = token, .wanted = wanted};
	struct compiled *compiled;
	struct descriptor *sd;
	bool result;

	ck_assert_msg(sddl_read(sddl, NULL, &sd, NULL) == SD_OK, "cannot read %s", sddl);
	ck_assert_int_eq(compile(sd, &compiled), SD_OK);
	result = access_foregone(compiled, &request);
	compiled_destroy(compiled);
	descriptor_destroy(sd);
	return result;
}

static bool foregone(const char *sddl, uint32_t wanted)
{
	struct token *token = token_with(0);
	bool result = foregone_for(token, sddl, wanted);

	token_unref(token);
	return result;
}

START_TEST(what_the_user_is_granted_is_certain)
{
	ck_assert(foregone("D:(A;;FA;;;" ME ")", FILE_READ_DATA | WRITE_DAC));
	ck_assert(foregone("D:(A;;FR;;;WD)", FILE_READ_DATA));
	ck_assert(foregone("D:(A;;FR;;;" ME ")(A;;FW;;;AU)", FILE_READ_DATA | FILE_WRITE_DATA));
	ck_assert(foregone("D:(A;;FR;;;" GROUP ")(A;;FR;;;WD)", FILE_READ_DATA));
	/* what comes after takes nothing away */
	ck_assert(foregone("D:(A;;FR;;;WD)(D;;FA;;;" GROUP ")", FILE_READ_DATA));
	ck_assert(foregone("D:NO_ACCESS_CONTROL", FILE_READ_DATA));
}
END_TEST

START_TEST(what_a_group_would_grant_is_not)
{
	ck_assert(!foregone("D:(A;;FA;;;" GROUP ")", FILE_READ_DATA));
	ck_assert(!foregone("O:" GROUP "D:", READ_CONTROL));
	ck_assert(!foregone("D:(A;;FR;;;" ME ")(A;;FW;;;" GROUP ")",
			    FILE_READ_DATA | FILE_WRITE_DATA));
}
END_TEST

START_TEST(what_a_group_could_be_denied_is_not)
{
	ck_assert(!foregone("D:(D;;FR;;;" GROUP ")(A;;FA;;;" ME ")", FILE_READ_DATA));
	ck_assert(!foregone("D:(D;;FR;;;" DOMAIN_GROUP ")(A;;FA;;;" ME ")", FILE_READ_DATA));
	/* other rights, or somebody who is no group */
	ck_assert(foregone("D:(D;;0x2;;;" GROUP ")(A;;FA;;;" ME ")", FILE_READ_DATA));
	ck_assert(foregone("D:(D;;FA;;;S-1-22-1-7)(A;;FA;;;" ME ")", FILE_READ_DATA));
}
END_TEST

START_TEST(a_denied_user_is_certain_of_nothing)
{
	ck_assert(!foregone("D:(D;;FR;;;" ME ")(A;;FA;;;" ME ")", FILE_READ_DATA));
	ck_assert(!foregone("D:", FILE_READ_DATA));
}
END_TEST

START_TEST(what_needs_the_whole_check_is_left_to_it)
{
	struct sid user = sid_from_uid(1000);
	struct token *token = token_with(0);

	ck_assert(!foregone("D:(A;;FA;;;WD)", 0));
	ck_assert(!foregone("D:(A;;FA;;;WD)", MAXIMUM_ALLOWED));
	ck_assert(!foregone("D:(A;;FA;;;WD)", ACCESS_SYSTEM_SECURITY));
	ck_assert(!foregone("D:NO_ACCESS_CONTROL", ACCESS_SYSTEM_SECURITY));
	ck_assert(!foregone("D:(A;;FA;;;OW)(A;;FA;;;WD)", FILE_READ_DATA));
	ck_assert(!foregone("D:(XA;;FA;;;WD;(1==1))", FILE_READ_DATA));
	ck_assert(!foregone("D:(XD;;FA;;;S-1-22-1-7;(1==1))(A;;FA;;;WD)", FILE_READ_DATA));
	ck_assert(!foregone("D:(A;;FA;;;WD)S:(ML;;NW;;;HI)", FILE_WRITE_DATA));
	ck_assert(!foregone("D:(A;;FA;;;WD)S:(SP;;;;;S-1-17-1)", FILE_READ_DATA));
	ck_assert(!foregone("D:NO_ACCESS_CONTROLS:(SP;;;;;S-1-17-1)", FILE_READ_DATA));
	token_set_rights(token, FILE_READ_DATA);
	ck_assert(foregone_for(token, "D:(A;;FA;;;WD)", FILE_READ_DATA));
	ck_assert(!foregone_for(token, "D:(A;;FA;;;WD)", FILE_READ_DATA | FILE_WRITE_DATA));
	token_unref(token);
	token = token_with(0);
	ck_assert_int_eq(token_add_restricted(token, &user), 0);
	ck_assert(!foregone_for(token, "D:(A;;FA;;;WD)", FILE_READ_DATA));
	token_unref(token);
}
END_TEST

/* A DACL of up to eight ACEs, and an owner. */
static void random_sddl(char *text, size_t size)
{
	static const char *const sids[] = {ME,   "WD",           "AU",         GROUP,
					   "OW", "S-1-22-2-101", DOMAIN_GROUP, "S-1-22-1-7"};
	static const char *const types[] = {"A", "A", "A", "D"};
	int used = snprintf(text, size, "O:%sD:", sids[(size_t)rand() % 2 ? 3 : 7]);

	for (int i = rand() % 8; i >= 0; i--)
		used += snprintf(text + used, size - (size_t)used, "(%s;%s;0x%x;;;%s)",
				 types[rand() % 4], rand() % 8 ? "" : "IO", 1u + rand() % 7,
				 sids[(size_t)rand() % 8]);
}

/* With every set of groups the check says so, too. */
static void check_all(const char *sddl, uint32_t wanted)
{
	for (unsigned int groups = 0; groups < 1u << LATER; groups++) {
		struct token *token = token_with(groups);
		struct descriptor *sd;

		ck_assert_int_eq(sddl_read(sddl, NULL, &sd, NULL), SD_OK);
		ck_assert_msg(access_check(sd, token, wanted, 0).status == ACCESS_OK,
			      "%s: 0x%x is denied with groups 0x%x", sddl, wanted, groups);
		descriptor_destroy(sd);
		token_unref(token);
	}
}

START_TEST(no_group_ever_makes_it_untrue)
{
	unsigned int certain = 0;
	char sddl[1024];

	srand(1);
	for (int i = 0; i < 20000; i++) {
		uint32_t wanted = 1u + (uint32_t)rand() % 7;

		random_sddl(sddl, sizeof(sddl));
		if (!foregone(sddl, wanted))
			continue;
		check_all(sddl, wanted);
		certain++;
	}
	ck_assert_uint_gt(certain, 1000);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("foregone");
	TCase *tests = tcase_create("foregone");
	SRunner *runner;
	int failed;

	tcase_add_test(tests, what_the_user_is_granted_is_certain);
	tcase_add_test(tests, what_a_group_would_grant_is_not);
	tcase_add_test(tests, what_a_group_could_be_denied_is_not);
	tcase_add_test(tests, a_denied_user_is_certain_of_nothing);
	tcase_add_test(tests, what_needs_the_whole_check_is_left_to_it);
	tcase_add_test(tests, no_group_ever_makes_it_untrue);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
