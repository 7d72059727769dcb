/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How many descriptors each identity may hold.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "fs/holder.h"

#define LIMIT 160
#define SHARED 120 /* three quarters */
#define FEW 16

static struct holders *holders;
static struct claim claims[LIMIT + 1];
static unsigned int count;

static void setup(void)
{
	ck_assert_int_eq(holders_create(LIMIT, &holders), 0);
	count = 0;
}

static void end_all(void)
{
	while (count)
		claim_end(&claims[--count]);
}

static void teardown(void)
{
	end_all();
	holders_destroy(holders);
}

/* As many as @who gets. */
static unsigned int take_all(const struct sid *who)
{
	unsigned int before = count;

	while (count < LIMIT && claim_begin(holders, who, 1, &claims[count]) == 0)
		count++;
	return count - before;
}

static unsigned int take_all_of(uid_t uid)
{
	struct sid who = sid_from_uid(uid);

	return take_all(&who);
}

START_TEST(one_gets_half_the_next_half_of_the_rest)
{
	ck_assert_uint_eq(take_all_of(1), SHARED / 2);
	ck_assert_uint_eq(take_all_of(2), SHARED / 4);
	ck_assert_uint_eq(take_all_of(1), 0);
	ck_assert_uint_gt(take_all_of(3), 0);
}
END_TEST

START_TEST(many_that_take_all_they_get_leave_some_for_another)
{
	for (uid_t uid = 1; uid <= 5; uid++)
		take_all_of(uid);
	ck_assert_uint_gt(take_all_of(6), 0);
}
END_TEST

START_TEST(who_has_few_finds_some_when_the_shares_are_gone)
{
	for (uid_t uid = 1; uid <= 4; uid++)
		take_all_of(uid);
	ck_assert_uint_gt(count, SHARED);
	ck_assert_uint_eq(take_all_of(5), FEW);
	ck_assert_uint_eq(take_all_of(1), 0);
}
END_TEST

START_TEST(a_part_of_a_claim_can_be_given_back)
{
	struct sid who = sid_from_uid(1);
	struct claim claim;

	ck_assert_int_eq(claim_begin(holders, &who, SHARED / 2, &claim), 0);
	claim_less(&claim, 1);
	ck_assert_int_eq(claim_more(&claim, 1), 0);
	claim_end(&claim);
	ck_assert_uint_eq(take_all_of(1), SHARED / 2);
}
END_TEST

START_TEST(what_is_given_back_can_be_taken)
{
	struct sid who = sid_from_uid(1);
	struct claim claim;

	take_all_of(1);
	ck_assert_int_eq(claim_begin(holders, &who, 1, &claim), -EMFILE);
	ck_assert_ptr_null(claim.holder);
	end_all();
	ck_assert_int_eq(claim_begin(holders, &who, SHARED / 2, &claim), 0);
	ck_assert_int_eq(claim_more(&claim, 1), -EMFILE);
	claim_end(&claim);
	claim_end(&claim);
	ck_assert_int_eq(claim_begin(holders, &who, 1, &claim), 0);
	ck_assert_int_eq(claim_more(&claim, SHARED / 2 - 1), 0);
	claim_end(&claim);
	ck_assert_uint_eq(take_all_of(1), SHARED / 2);
}
END_TEST

START_TEST(root_may_take_what_is_left)
{
	take_all_of(1);
	ck_assert_uint_eq(take_all(&sid_system), LIMIT - SHARED / 2);
	ck_assert_uint_eq(take_all_of(2), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("holder");
	TCase *tcase = tcase_create("holder");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, one_gets_half_the_next_half_of_the_rest);
	tcase_add_test(tcase, many_that_take_all_they_get_leave_some_for_another);
	tcase_add_test(tcase, who_has_few_finds_some_when_the_shares_are_gone);
	tcase_add_test(tcase, a_part_of_a_claim_can_be_given_back);
	tcase_add_test(tcase, what_is_given_back_can_be_taken);
	tcase_add_test(tcase, root_may_take_what_is_left);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
