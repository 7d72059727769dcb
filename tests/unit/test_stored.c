/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptors stored on real files, and what is remembered of them.  Needs root.
 */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "acl/ntacl.h"
#include "acl/sddl.h"
#include "fs/store/local.h"

#define TEXT "O:S-1-22-1-58741G:S-1-22-2-58741D:PAI(A;;FA;;;S-1-22-1-58741)(A;;FR;;;WD)"
#define OTHER_TEXT "O:S-1-22-1-58741G:S-1-22-2-58741D:PAI(A;;FA;;;S-1-22-1-58741)"

static char folder[] = "/tmp/guisefs-test.stored.XXXXXX";
static int root_fd;
static struct options options;
static struct local local = {.options = &options};

static void setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
	root_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_eq(node_table_create(root_fd, 16, &local.nodes), 0);
	ck_assert_int_eq(interned_table_create(&local.descriptors), 0);
}

static void teardown(void)
{
	static const char *const names[] = {"a", "b", "c"};

	node_table_destroy(local.nodes);
	interned_table_destroy(local.descriptors);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlinkat(root_fd, names[i], 0);
	unlinkat(root_fd, "folder", AT_REMOVEDIR);
	close(root_fd);
	rmdir(folder);
}

/* An O_PATH descriptor of the new object @name. */
static int make(const char *name, mode_t type)
{
	int fd;

	ck_assert_int_eq(
		type == S_IFDIR ? mkdirat(root_fd, name, 0) : mknodat(root_fd, name, type, 0), 0);
	fd = local_open_name(root_fd, name);
	ck_assert_int_ge(fd, 0);
	return fd;
}

static void store(int fd, const char *text, mode_t keep)
{
	struct descriptor *sd = NULL;

	ck_assert_int_eq(sddl_read(text, NULL, &sd, NULL), SD_OK);
	ck_assert_int_eq(local_descriptor_store(fd, sd, NULL, keep), 0);
	descriptor_destroy(sd);
}

static size_t load_blob(int fd, uint8_t blob[1024])
{
	char path[LOCAL_PATH_SIZE];
	ssize_t size = getxattr(local_path(fd, path), LOCAL_NTACL, blob, 1024);

	ck_assert_int_gt(size, 0);
	return (size_t)size;
}

/* What is remembered of the object of @fd, which is taken over; with a reference. */
static struct interned *remembered(int fd, mode_t type)
{
	struct interned *found = NULL;
	struct node *node;
	struct seen seen;

	ck_assert_int_eq(node_find(local.nodes, fd, node_root(local.nodes), type, &node), 0);
	fd = node_get_fd(node);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(local_look(node, fd, &seen), 0);
	ck_assert_int_eq(local_interned(&local, node, fd, &seen, &found), 0);
	node_put_fd(node);
	node_forget(node, 1);
	return found;
}

START_TEST(a_descriptor_is_shared_whatever_the_modes_of_its_objects)
{
	int a = make("a", S_IFREG), b = make("b", S_IFREG), dir = make("folder", S_IFDIR);
	uint8_t of_a[1024], of_b[1024], of_dir[1024];
	struct interned *first, *found;
	size_t size;

	store(a, TEXT, 0666);
	store(b, TEXT, 0777);
	store(dir, TEXT, 0777);
	/* each has the hash of its own mode */
	size = load_blob(a, of_a);
	ck_assert_uint_eq(load_blob(b, of_b), size);
	ck_assert_uint_eq(load_blob(dir, of_dir), size);
	ck_assert_mem_ne(of_a, of_b, size);
	ck_assert_mem_ne(of_b, of_dir, size);
	first = remembered(a, S_IFREG);
	found = remembered(b, S_IFREG);
	ck_assert_ptr_eq(found, first);
	interned_unref(found);
	found = remembered(dir, S_IFDIR);
	ck_assert_ptr_eq(found, first);
	interned_unref(found);
	interned_unref(first);
}
END_TEST

START_TEST(objects_alike_have_the_same_bytes)
{
	int a = make("a", S_IFREG), b = make("b", S_IFREG);
	uint8_t of_a[1024], of_b[1024];
	size_t size;

	store(a, TEXT, 0666);
	store(b, TEXT, 0666);
	size = load_blob(a, of_a);
	ck_assert_uint_eq(load_blob(b, of_b), size);
	ck_assert_mem_eq(of_a, of_b, size);
	close(a);
	close(b);
}
END_TEST

START_TEST(another_descriptor_is_another)
{
	int a = make("a", S_IFREG), b = make("b", S_IFREG);
	struct interned *first, *second;

	store(a, TEXT, 0666);
	store(b, OTHER_TEXT, 0666);
	first = remembered(a, S_IFREG);
	second = remembered(b, S_IFREG);
	ck_assert_ptr_ne(first, second);
	interned_unref(first);
	interned_unref(second);
}
END_TEST

/* As if Samba had written each at a time of its own. */
START_TEST(a_descriptor_of_samba_s_is_shared_whenever_it_was_written)
{
	int a = make("a", S_IFREG), b = make("b", S_IFREG);
	struct interned *first, *second;
	char path[LOCAL_PATH_SIZE];
	uint8_t blob[1024];
	size_t size;

	store(a, TEXT, 0666);
	store(b, TEXT, 0666);
	size = load_blob(b, blob);
	ck_assert_uint_eq(blob[0], 4);
	blob[90] = 7;
	ck_assert_int_eq(setxattr(local_path(b, path), LOCAL_NTACL, blob, size, 0), 0);
	first = remembered(a, S_IFREG);
	second = remembered(b, S_IFREG);
	ck_assert_ptr_eq(first, second);
	interned_unref(first);
	interned_unref(second);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("stored");
	TCase *tests = tcase_create("stored");
	SRunner *runner;
	int failed;

	if (geteuid() != 0) {
		printf("skipped: needs root\n");
		return 77;
	}
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, a_descriptor_is_shared_whatever_the_modes_of_its_objects);
	tcase_add_test(tests, objects_alike_have_the_same_bytes);
	tcase_add_test(tests, another_descriptor_is_another);
	tcase_add_test(tests, a_descriptor_of_samba_s_is_shared_whenever_it_was_written);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
