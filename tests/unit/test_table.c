/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hash table that nodes and descriptors are in.
 */
#include <check.h>
#include <stdbool.h>
#include <stdlib.h>

#include "fs/table.h"

#define MANY 100000u

struct thing {
	struct table_link link;
	unsigned int number;
};

static struct thing *things;
static struct table table;
static unsigned int drained;

/* Pairs have the same, and the low bits are always the same. */
static uint64_t hash_of(unsigned int number)
{
	return (uint64_t)(number / 2) * 0x9e3779b97f4a7c15u << 8;
}

static void setup(void)
{
	things = calloc(MANY, sizeof(*things));
	ck_assert_int_eq(table_init(&table), 0);
	for (unsigned int i = 0; i < MANY; i++) {
		things[i] = (struct thing){.link.hash = hash_of(i), .number = i};
		table_add(&table, &things[i].link);
	}
}

static void count_drained(struct table_link *link)
{
	(void)link;
	drained++;
}

static void teardown(void)
{
	table_drain(&table, count_drained);
	free(things);
}

static bool finds(unsigned int number)
{
	uint64_t hash = hash_of(number);
	struct table_link *link = table_find(&table, hash);

	while (link && table_entry(link, struct thing, link)->number != number)
		link = table_same(link->next, hash);
	return link;
}

static size_t longest_list(void)
{
	size_t longest = 0;

	for (size_t i = 0; i < table.room; i++) {
		size_t length = 0;

		for (const struct table_link *link = table.buckets[i]; link; link = link->next)
			length++;
		longest = length > longest ? length : longest;
	}
	return longest;
}

START_TEST(all_are_found_in_short_lists)
{
	for (unsigned int i = 0; i < MANY; i++)
		ck_assert(finds(i));
	ck_assert(!finds(MANY));
	ck_assert_uint_lt(longest_list(), 24);
}
END_TEST

START_TEST(it_shrinks_when_most_have_gone)
{
	size_t before = table.room;

	for (unsigned int i = 100; i < MANY; i++)
		table_remove(&table, &things[i].link);
	ck_assert_uint_lt(table.room, before / 64);
	for (unsigned int i = 0; i < 200; i++)
		ck_assert_int_eq(finds(i), i < 100);
	ck_assert_uint_eq(table.count, 100);
}
END_TEST

START_TEST(what_is_left_is_drained)
{
	drained = 0;
	table_remove(&table, &things[7].link);
	table_drain(&table, count_drained);
	ck_assert_uint_eq(drained, MANY - 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("table");
	TCase *tcase = tcase_create("table");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, all_are_found_in_short_lists);
	tcase_add_test(tcase, it_shrinks_when_most_have_gone);
	tcase_add_test(tcase, what_is_left_is_drained);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
