/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The table of nodes and its cache of descriptors.
 */
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs/node.h"

#define FILES 300
#define MAX_FDS 64 /* one of each shard, and one more */

static char folder[] = "/tmp/guisefs-test.node.XXXXXX";
static int root_fd;
static struct node_table *table;

static void make_file(const char *name)
{
	int fd = openat(root_fd, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	close(fd);
}

static void setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
	root_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_eq(node_table_create(root_fd, MAX_FDS, &table), 0);
}

static void teardown(void)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	node_table_destroy(table);
	while ((entry = readdir(dir)))
		unlinkat(root_fd, entry->d_name, 0);
	closedir(dir);
	close(root_fd);
	rmdir(folder);
}

static struct node *find(const char *name)
{
	int fd = openat(root_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct node *node;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(node_find(table, fd, node_root(table), S_IFREG, &node), 0);
	return node;
}

static ino_t inode(const char *name)
{
	struct stat st;

	ck_assert_int_eq(fstatat(root_fd, name, &st, AT_SYMLINK_NOFOLLOW), 0);
	return st.st_ino;
}

static ino_t inode_of(struct node *node)
{
	struct stat st;
	int fd = node_get_fd(node);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fstat(fd, &st), 0);
	node_put_fd(node);
	return st.st_ino;
}

static int open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

START_TEST(two_names_of_an_inode_are_one_node)
{
	struct node *one, *two;

	make_file("a");
	ck_assert_int_eq(linkat(root_fd, "a", root_fd, "b", 0), 0);
	one = find("a");
	two = find("b");
	ck_assert_ptr_eq(one, two);
	node_forget(one, 1);
	ck_assert_uint_eq(inode_of(two), inode("a"));
	node_forget(two, 1);
}
END_TEST

START_TEST(more_nodes_than_descriptors_are_all_reached)
{
	int before = open_descriptors();
	struct node *nodes[FILES];
	char name[16];

	for (int i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		make_file(name);
		nodes[i] = find(name);
	}
	ck_assert_int_le(open_descriptors() - before, 2 * MAX_FDS);
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < FILES; i++) {
			snprintf(name, sizeof(name), "f%d", i);
			ck_assert_uint_eq(inode_of(nodes[i]), inode(name));
		}
	for (int i = 0; i < FILES; i++)
		node_forget(nodes[i], 1);
	ck_assert_int_le(open_descriptors(), before);
}
END_TEST

START_TEST(a_node_follows_its_object_through_a_rename)
{
	struct node *node;
	ino_t number;

	make_file("a");
	node = find("a");
	number = inode("a");
	ck_assert_int_eq(renameat(root_fd, "a", root_fd, "z"), 0);
	make_file("a");
	ck_assert_uint_eq(inode_of(node), number);
	ck_assert_ptr_ne(find("a"), node);
}
END_TEST

START_TEST(an_open_node_outlives_its_name)
{
	struct node *node, *others[FILES];
	char name[16];
	ino_t number;

	make_file("a");
	node = find("a");
	number = inode("a");
	node_hold(node);
	unlinkat(root_fd, "a", 0);
	/* others push everything that can be pushed out of the cache */
	for (int i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		make_file(name);
		others[i] = find(name);
	}
	ck_assert_uint_eq(inode_of(node), number);
	node_release(node);
	node_forget(node, 1);
	for (int i = 0; i < FILES; i++)
		node_forget(others[i], 1);
}
END_TEST

/* Or each look at another node would make a descriptor, while many files are open. */
START_TEST(descriptors_in_use_leave_room_for_others)
{
	struct node *held[FILES], *node;
	char name[16];
	int fd;

	make_file("a");
	node = find("a");
	for (int i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		make_file(name);
		held[i] = find(name);
		node_hold(held[i]);
	}
	fd = node_get_fd(node);
	node_put_fd(node);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_ge(fcntl(fd, F_GETFD), 0);
	for (int i = 0; i < FILES; i++) {
		node_release(held[i]);
		node_forget(held[i], 1);
	}
	node_forget(node, 1);
}
END_TEST

START_TEST(a_node_knows_its_folder)
{
	struct node *node, *where;

	make_file("a");
	node = find("a");
	where = node_get_folder(node);
	ck_assert_ptr_eq(where, node_root(table));
	node_forget(where, 1);
	ck_assert_ptr_null(node_get_folder(node_root(table)));
	node_forget(node, 1);
}
END_TEST

static void *come_and_go(void *arg)
{
	unsigned int seed = (unsigned int)(uintptr_t)arg;
	char name[16];

	for (int i = 0; i < 3000; i++) {
		struct node *node;

		snprintf(name, sizeof(name), "f%d", rand_r(&seed) % 40);
		node = find(name);
		ck_assert_uint_eq(inode_of(node), inode(name));
		node_forget(node, 1);
	}
	return NULL;
}

START_TEST(entries_that_were_listed_are_known_for_a_while)
{
	struct node *root = node_root(table);

	ck_assert(!node_listed_lately(root, 1));
	/* longer than this test may take */
	ck_assert(node_listed_lately(root, 3600000));
	usleep(20000);
	ck_assert(!node_listed_lately(root, 1));
	ck_assert(node_listed_lately(root, 3600000));
}
END_TEST

START_TEST(threads_find_and_forget_the_same_nodes)
{
	int before = open_descriptors();
	pthread_t threads[4];
	char name[16];

	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		make_file(name);
	}
	for (uintptr_t i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, come_and_go, (void *)i), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_le(open_descriptors(), before);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("node");
	TCase *tcase = tcase_create("node");
	SRunner *runner = srunner_create(suite);
	int failed;

	if (geteuid() != 0) {
		puts("needs root: file handles are opened");
		return 77;
	}
	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, two_names_of_an_inode_are_one_node);
	tcase_add_test(tcase, more_nodes_than_descriptors_are_all_reached);
	tcase_add_test(tcase, a_node_follows_its_object_through_a_rename);
	tcase_add_test(tcase, an_open_node_outlives_its_name);
	tcase_add_test(tcase, descriptors_in_use_leave_room_for_others);
	tcase_add_test(tcase, a_node_knows_its_folder);
	tcase_add_test(tcase, entries_that_were_listed_are_known_for_a_while);
	tcase_add_test(tcase, threads_find_and_forget_the_same_nodes);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
