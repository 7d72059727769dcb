/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Interned descriptors, and what a node remembers of its own.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "acl/access.h"
#include "acl/mask.h"
#include "acl/sddl.h"
#include "fs/interned.h"
#include "fs/node.h"

static struct interned_table *table;

static void setup(void)
{
	ck_assert_int_eq(interned_table_create(&table), 0);
}

static void teardown(void)
{
	ck_assert_uint_eq(interned_count(table), 0);
	interned_table_destroy(table);
}

static struct descriptor *descriptor_of(const char *sddl)
{
	struct descriptor *sd;

	ck_assert_int_eq(sddl_read(sddl, NULL, &sd, NULL), SD_OK);
	return sd;
}

static struct interned *intern(const void *key, size_t size, const char *sddl)
{
	struct interned *interned;

	ck_assert_int_eq(interned_add(table, key, size, descriptor_of(sddl), 0, &interned), 0);
	return interned;
}

START_TEST(the_same_bytes_are_one)
{
	INTERNED a = intern("abc", 3, "D:(A;;FA;;;WD)");
	INTERNED again = intern("abc", 3, "D:(A;;FA;;;WD)");
	INTERNED found = interned_find(table, "abc", 3);

	ck_assert_ptr_eq(a, again);
	ck_assert_ptr_eq(a, found);
	ck_assert_uint_eq(interned_count(table), 1);
}
END_TEST

START_TEST(other_bytes_are_another)
{
	static const char zeros[16];
	INTERNED a = intern(zeros, 8, "D:(A;;FA;;;WD)");

	/* longer by what counts nothing, shorter, and different in the last bit */
	for (size_t size = 1; size <= sizeof(zeros); size++)
		if (size != 8)
			ck_assert_ptr_null(interned_find(table, zeros, size));
	ck_assert_ptr_null(interned_find(table, "\0\0\0\0\0\0\0\1", 8));
	ck_assert_ptr_eq(interned_find(table, zeros, 8), a);
	interned_unref(a);
}
END_TEST

START_TEST(nobody_finds_what_nobody_holds)
{
	interned_unref(intern("abc", 3, "D:(A;;FA;;;WD)"));
	ck_assert_ptr_null(interned_find(table, "abc", 3));
}
END_TEST

START_TEST(without_bytes_it_is_shared_with_nobody)
{
	INTERNED a = intern(NULL, 0, "D:(A;;FA;;;WD)");
	INTERNED b = intern(NULL, 0, "D:(A;;FA;;;WD)");

	ck_assert_ptr_ne(a, b);
	ck_assert_uint_eq(interned_count(table), 0);
}
END_TEST

START_TEST(what_is_true_for_everyone_is_known)
{
	INTERNED shown = intern("1", 1, "D:(A;;0x80;;;WD)");
	INTERNED passed = intern("2", 1, "D:(A;;0x20;;;WD)");
	INTERNED denied = intern("3", 1, "D:(D;;0xa0;;;AN)(A;;FA;;;WD)");

	ck_assert(interned_shows_attributes(shown) && !interned_lets_pass(shown));
	ck_assert(interned_lets_pass(passed) && !interned_shows_attributes(passed));
	ck_assert(!interned_shows_attributes(denied) && !interned_lets_pass(denied));
}
END_TEST

START_TEST(what_is_large_is_not_for_long)
{
	static char key[5000];
	INTERNED small = intern(key, 4096, "D:(A;;FA;;;WD)");
	INTERNED large = intern(key, 4097, "D:(A;;FA;;;WD)");

	ck_assert(interned_is_light(small));
	ck_assert(!interned_is_light(large));
}
END_TEST

/* But what others have, too, costs nothing. */
START_TEST(beyond_a_bound_only_what_is_shared_is_remembered)
{
	enum { COUNT = 100000 };
	struct interned **all = calloc(COUNT, sizeof(*all));
	char key[4096] = "";
	size_t count = 0;

	while (count < COUNT) {
		memcpy(key, &count, sizeof(count));
		all[count] = intern(key, sizeof(key), "D:(A;;FA;;;WD)");
		if (!interned_is_light(all[count++]))
			break;
	}
	ck_assert_uint_gt(count, 10000);
	ck_assert_uint_lt(count, COUNT);
	ck_assert(interned_is_light(interned_ref(all[count - 1])));
	interned_unref(all[count - 1]);
	while (count)
		interned_unref(all[--count]);
	free(all);
}
END_TEST

START_TEST(many_are_found)
{
	enum { COUNT = 5000 };
	struct interned **all = calloc(COUNT, sizeof(*all));

	for (int i = 0; i < COUNT; i++)
		all[i] = intern(&i, sizeof(i), "D:(A;;FA;;;WD)");
	ck_assert_uint_eq(interned_count(table), COUNT);
	for (int i = 0; i < COUNT; i++) {
		INTERNED found = interned_find(table, &i, sizeof(i));

		ck_assert_ptr_eq(found, all[i]);
	}
	for (int i = 0; i < COUNT; i++)
		interned_unref(all[i]);
	free(all);
}
END_TEST

static void *come_and_go(void *arg)
{
	for (int i = 0; i < 20000; i++) {
		int key = i % 3;
		INTERNED one = interned_find(table, &key, sizeof(key));

		if (!one)
			one = intern(&key, sizeof(key), "D:(A;;0x80;;;WD)");
		if (!interned_shows_attributes(one))
			return arg;
	}
	return NULL;
}

START_TEST(threads_may_come_and_go)
{
	pthread_t threads[4];
	void *failed;

	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, come_and_go, table), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], &failed);
		ck_assert_ptr_null(failed);
	}
}
END_TEST

/* --- a node's memory --- */

static const struct timespec early = {100, 1}, late = {100, 2};
static struct node_table *nodes;
static struct node *node;
static int root_fd;

static void setup_node(void)
{
	setup();
	root_fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_eq(node_table_create(root_fd, 64, &nodes), 0);
	node = node_root(nodes);
}

static void teardown_node(void)
{
	node_table_destroy(nodes);
	close(root_fd);
	teardown();
}

static struct interned *recalled(const struct timespec *changed)
{
	struct interned *known = node_recall(node, changed);

	interned_unref(known); /* the node holds it */
	return known;
}

START_TEST(a_node_remembers_until_its_object_changes)
{
	INTERNED sd = intern("1", 1, "D:(A;;FA;;;WD)");
	unsigned int version = node_version(node);

	ck_assert_ptr_null(recalled(&early));
	node_remember(node, version, &early, sd);
	ck_assert_ptr_eq(recalled(&early), sd);
	ck_assert_ptr_null(recalled(&late));
	/* where only this process changes anything, the time does not matter */
	ck_assert_ptr_eq(recalled(NULL), sd);
}
END_TEST

START_TEST(a_change_here_is_not_overtaken_by_what_was_read_before)
{
	INTERNED sd = intern("1", 1, "D:(A;;FA;;;WD)");
	unsigned int version = node_version(node);

	ck_assert_ptr_null(recalled(&early));
	node_outdate(node);
	node_remember(node, version, &early, sd);
	ck_assert_ptr_null(recalled(&early));
	node_remember(node, node_version(node), &early, sd);
	ck_assert_ptr_eq(recalled(&early), sd);
	node_outdate(node);
	ck_assert_ptr_null(recalled(NULL));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("interned");
	TCase *tests = tcase_create("table"), *memory = tcase_create("node");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, the_same_bytes_are_one);
	tcase_add_test(tests, other_bytes_are_another);
	tcase_add_test(tests, nobody_finds_what_nobody_holds);
	tcase_add_test(tests, without_bytes_it_is_shared_with_nobody);
	tcase_add_test(tests, what_is_true_for_everyone_is_known);
	tcase_add_test(tests, what_is_large_is_not_for_long);
	tcase_add_test(tests, beyond_a_bound_only_what_is_shared_is_remembered);
	tcase_add_test(tests, many_are_found);
	tcase_add_test(tests, threads_may_come_and_go);
	suite_add_tcase(suite, tests);
	tcase_add_checked_fixture(memory, setup_node, teardown_node);
	tcase_add_test(memory, a_node_remembers_until_its_object_changes);
	tcase_add_test(memory, a_change_here_is_not_overtaken_by_what_was_read_before);
	suite_add_tcase(suite, memory);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
