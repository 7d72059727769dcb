/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What guisefs agrees on with the kernel.
 */
#define FUSE_USE_VERSION 314
#include <check.h>
#include <fuse_lowlevel.h>
#include <stdlib.h>

#include "fs/session.h"

static struct options options;
static struct session session;

/* A kernel that offers everything to a libfuse that wants everything. */
static struct fuse_conn_info eager(void)
{
	struct fuse_conn_info conn = {0};

	options = (struct options){.passthrough = true};
	session = (struct session){.options = &options};
	conn.capable = conn.want = UINT32_MAX;
	return conn;
}

static const struct {
	const char *name;
	unsigned int feature;
} refused[] = {
	{"FUSE_POSIX_ACL: the kernel would decide by modes", FUSE_CAP_POSIX_ACL},
	{"writeback cache: writes without a writer", FUSE_CAP_WRITEBACK_CACHE},
	{"NO_OPEN: opens without a decision", FUSE_CAP_NO_OPEN_SUPPORT},
	{"NO_OPENDIR: listings without a decision", FUSE_CAP_NO_OPENDIR_SUPPORT},
	{"export: nodes by number", FUSE_CAP_EXPORT_SUPPORT},
	{"links kept for all", FUSE_CAP_CACHE_SYMLINKS},
	{"ioctl on folders", FUSE_CAP_IOCTL_DIR},
#ifdef FUSE_CAP_DIRECT_IO_ALLOW_MMAP
	{"shared mappings of append-only handles", FUSE_CAP_DIRECT_IO_ALLOW_MMAP},
#endif
};

START_TEST(what_would_let_the_kernel_decide_is_not_negotiated)
{
	struct fuse_conn_info conn = eager();

	session_negotiate(&session, &conn);
	ck_assert_msg(!(conn.want & refused[_i].feature), "%s", refused[_i].name);
}
END_TEST

START_TEST(what_is_relied_on_is_negotiated)
{
	const unsigned int wanted = FUSE_CAP_ATOMIC_O_TRUNC | FUSE_CAP_DONT_MASK |
				    FUSE_CAP_AUTO_INVAL_DATA | FUSE_CAP_PARALLEL_DIROPS;
	struct fuse_conn_info conn = eager();

	conn.want = 0;
	session_negotiate(&session, &conn);
	ck_assert_uint_eq(conn.want & wanted, wanted);
}
END_TEST

START_TEST(what_is_not_offered_is_not_asked_for)
{
	struct fuse_conn_info conn = eager();

	conn.want = conn.capable = 0;
	session_negotiate(&session, &conn);
	ck_assert_uint_eq(conn.want, 0);
	ck_assert(!session.passthrough);
}
END_TEST

START_TEST(passthrough_can_be_declined)
{
	struct fuse_conn_info conn = eager();

	options.passthrough = false;
	session_negotiate(&session, &conn);
	ck_assert(!session.passthrough);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("session");
	TCase *tcase = tcase_create("session");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, what_would_let_the_kernel_decide_is_not_negotiated, 0,
			    sizeof(refused) / sizeof(*refused));
	tcase_add_test(tcase, what_is_relied_on_is_negotiated);
	tcase_add_test(tcase, what_is_not_offered_is_not_asked_for);
	tcase_add_test(tcase, passthrough_can_be_declined);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
