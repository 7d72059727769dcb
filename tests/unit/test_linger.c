/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * When a worker looks for the next request instead of sleeping.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "fs/linger.h"

#define MS 1000000L
#define MOST 50000L

static struct linger linger;

static void setup(void)
{
	linger = (struct linger){.most = MOST};
}

/* @count requests, each @waited ns after the answer before. */
static void come(unsigned int count, long waited)
{
	while (count--)
		linger_learn(&linger, waited);
}

START_TEST(who_was_asked_nothing_yet_sleeps)
{
	ck_assert(!linger_pays(&linger, 0));
	come(8, MOST);
	ck_assert(!linger_pays(&linger, 0));
}
END_TEST

START_TEST(lingering_pays_while_requests_come_soon)
{
	come(14, MOST);
	ck_assert(linger_pays(&linger, 0));
	come(2, MOST + 1);
	ck_assert(linger_pays(&linger, 0));
}
END_TEST

START_TEST(requests_now_and_then_end_it)
{
	come(16, 0);
	linger.looks = true;
	come(6, MOST + 1);
	ck_assert(linger_pays(&linger, 0));
	come(1, MOST + 1);
	ck_assert(!linger_pays(&linger, 0));
}
END_TEST

START_TEST(to_begin_takes_more_than_to_go_on)
{
	come(16, 0);
	come(3, MOST + 1);
	ck_assert(!linger_pays(&linger, 0));
	linger.looks = true;
	ck_assert(linger_pays(&linger, 0));
}
END_TEST

START_TEST(every_other_request_soon_is_not_enough)
{
	linger.looks = true;
	for (int i = 0; i < 100; i++) {
		come(1, 0);
		come(1, MS);
	}
	ck_assert(!linger_pays(&linger, 0));
}
END_TEST

START_TEST(who_is_not_alone_on_the_processor_pauses)
{
	come(16, 0);
	linger_looked(&linger, 10 * MS, 10 * MS + 400000, -EAGAIN);
	ck_assert(linger_pays(&linger, 11 * MS));
	linger_looked(&linger, 10 * MS, 13 * MS, -EAGAIN);
	ck_assert(!linger_pays(&linger, 13 * MS));
	ck_assert(!linger_pays(&linger, 112 * MS));
	ck_assert(linger_pays(&linger, 113 * MS));
}
END_TEST

START_TEST(a_request_that_came_meanwhile_hides_no_crowd)
{
	come(16, 0);
	linger_looked(&linger, 10 * MS, 13 * MS, 80);
	ck_assert(!linger_pays(&linger, 13 * MS));
}
END_TEST

START_TEST(much_data_takes_its_time)
{
	come(16, 0);
	linger_looked(&linger, 10 * MS, 13 * MS, 1 << 20);
	ck_assert(linger_pays(&linger, 13 * MS));
}
END_TEST

START_TEST(pauses_get_longer_and_short_again_when_all_was_well)
{
	long time = 0, last = 0;

	come(16, 0);
	for (int i = 0; i < 10; i++) {
		linger_looked(&linger, time, time + MS, -EAGAIN);
		ck_assert_int_ge(linger.pause, last);
		last = linger.pause;
		time = linger.resumed;
	}
	ck_assert_int_eq(last, 6400 * MS);
	time += 6402 * MS;
	linger_looked(&linger, time - MS, time, -EAGAIN);
	ck_assert_int_eq(linger.pause, 100 * MS);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("linger");
	TCase *tc = tcase_create("linger");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, who_was_asked_nothing_yet_sleeps);
	tcase_add_test(tc, lingering_pays_while_requests_come_soon);
	tcase_add_test(tc, requests_now_and_then_end_it);
	tcase_add_test(tc, to_begin_takes_more_than_to_go_on);
	tcase_add_test(tc, every_other_request_soon_is_not_enough);
	tcase_add_test(tc, who_is_not_alone_on_the_processor_pauses);
	tcase_add_test(tc, a_request_that_came_meanwhile_hides_no_crowd);
	tcase_add_test(tc, much_data_takes_its_time);
	tcase_add_test(tc, pauses_get_longer_and_short_again_when_all_was_well);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
