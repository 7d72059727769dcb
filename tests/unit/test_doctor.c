/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The checks of guise doctor: each where it fires and where it does not. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tools/doctor.h"

static char root[] = "/tmp/guisefs-test.XXXXXX";
static struct host host;
static struct report report;

static void set_up(void)
{
	strcpy(root + sizeof(root) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	ck_assert_int_eq(chmod(root, 0755), 0);
	report = (struct report){0};
	host = (struct host){
		.root = root,
		.release = "6.12.1-test",
		.policy = "/etc/guise.conf",
		.build = "guisefs 1.2.3, libfuse 3.18.2, kernel passthrough",
		.version = "1.2.3",
		.now = 1790000000,
	};
}

static void tear_down(void)
{
	char command[64];

	report_clear(&report);
	snprintf(command, sizeof(command), "rm -rf --one-file-system %s", root);
	ck_assert_int_eq(system(command), 0);
}

/* Makes the folders above @path, and its name below the root. */
static const char *place(const char *path)
{
	static char name[256];

	snprintf(name, sizeof(name), "%s%s", root, path);
	for (char *at = name + sizeof(root); (at = strchr(at, '/')); at++) {
		*at = '\0';
		mkdir(name, 0755);
		*at = '/';
	}
	return name;
}

static void file(const char *path, const char *text)
{
	FILE *out = fopen(place(path), "w");

	ck_assert_ptr_nonnull(out);
	fputs(text, out);
	ck_assert_int_eq(fclose(out), 0);
}

/* One finding, of this gravity, that has this in it; begins anew. */
static void found(enum severity severity, const char *what)
{
	ck_assert_uint_eq(report.count, 1);
	ck_assert_str_eq(severity_name(report.findings[0].severity), severity_name(severity));
	ck_assert_msg(strstr(report.findings[0].what, what) != NULL, "\"%s\" is not in \"%s\"",
		      what, report.findings[0].what);
	/* what is wrong is explained */
	ck_assert(severity < SEVERITY_WARNING || report.findings[0].means);
	ck_assert_int_eq(report_worst(&report), severity);
	report_clear(&report);
}

START_TEST(a_missing_fuse_device_is_a_problem)
{
	check_device(&host, &report);
	found(SEVERITY_PROBLEM, "No such file");
	file("/dev/fuse", "");
	check_device(&host, &report);
	found(SEVERITY_PROBLEM, "not a character device");
	unlink(place("/dev/fuse"));
	if (geteuid() != 0 || mknod(place("/dev/fuse"), S_IFCHR | 0600, makedev(10, 229)) < 0)
		return;
	check_device(&host, &report);
	found(SEVERITY_OK, "/dev/fuse is there");
	ck_assert_int_eq(seteuid(64990), 0);
	check_device(&host, &report);
	found(SEVERITY_PROBLEM, "cannot be opened");
	host.user = true;
	check_device(&host, &report);
	found(SEVERITY_OK, "/dev/fuse is there");
	ck_assert_int_eq(seteuid(0), 0);
}
END_TEST

START_TEST(an_old_kernel_is_a_problem)
{
	host.release = "5.7.19";
	check_kernel(&host, &report);
	found(SEVERITY_PROBLEM, "5.7.19");
	host.release = "strange";
	check_kernel(&host, &report);
	found(SEVERITY_PROBLEM, "strange");
	host.release = "5.8.0";
	check_kernel(&host, &report);
	found(SEVERITY_OK, "5.8.0");
	host.release = "10.0";
	check_kernel(&host, &report);
	found(SEVERITY_OK, "10.0");
}
END_TEST

START_TEST(missing_passthrough_is_noted_with_its_reason)
{
	check_passthrough(&host, &report);
	found(SEVERITY_OK, "kernel and guisefs");
	host.build = "guisefs 1.2.3, libfuse 3.14.0";
	check_passthrough(&host, &report);
	found(SEVERITY_NOTE, "libfuse 3.14.0");
	file("/boot/config-6.12.1-test", "# CONFIG_FUSE_PASSTHROUGH is not set\n");
	check_passthrough(&host, &report);
	found(SEVERITY_NOTE, "kernel was built without");
	file("/boot/config-6.12.1-test", "CONFIG_FUSE_PASSTHROUGH=y\n");
	host.build = "guisefs 1.2.3, libfuse 3.18.2, kernel passthrough";
	check_passthrough(&host, &report);
	found(SEVERITY_OK, "kernel and guisefs");
	host.release = "6.8.0";
	check_passthrough(&host, &report);
	found(SEVERITY_NOTE, "6.8.0 has no passthrough");
}
END_TEST

START_TEST(a_missing_or_other_program_is_a_warning)
{
	check_program(&host, &report);
	found(SEVERITY_OK, "guisefs 1.2.3");
	host.version = "1.2";
	check_program(&host, &report);
	found(SEVERITY_WARNING, "guise is 1.2, but: guisefs 1.2.3");
	host.version = "1.2.33";
	check_program(&host, &report);
	found(SEVERITY_WARNING, "guise is 1.2.33");
	host.build = NULL;
	check_program(&host, &report);
	found(SEVERITY_WARNING, "no program guisefs");
}
END_TEST

START_TEST(a_forbidden_keyring_is_a_problem)
{
	check_keyring(&host, &report);
	found(SEVERITY_OK, "can be made");
	host.keyring = EPERM;
	check_keyring(&host, &report);
	ck_assert_ptr_nonnull(strstr(report.findings[0].advice, "seccomp"));
	found(SEVERITY_PROBLEM, "Operation not permitted");
	host.keyring = ENOSYS;
	check_keyring(&host, &report);
	found(SEVERITY_PROBLEM, "no keyrings");
	host.keyring = EDQUOT;
	check_keyring(&host, &report);
	found(SEVERITY_PROBLEM, "used up");
	host.keyring = EIO;
	check_keyring(&host, &report);
	found(SEVERITY_PROBLEM, "Input/output");
}
END_TEST

START_TEST(small_key_quotas_are_warnings)
{
	check_quota(&host, &report);
	ck_assert_uint_eq(report.count, 0); /* nothing is known */
	file("/proc/sys/kernel/keys/maxkeys", "200\n");
	file("/proc/sys/kernel/keys/maxbytes", "20000\n");
	file("/proc/sys/kernel/keys/root_maxkeys", "1000000\n");
	file("/proc/sys/kernel/keys/root_maxbytes", "25000000\n");
	check_quota(&host, &report);
	found(SEVERITY_OK, "quotas");
	for (size_t i = 0; i < 4; i++) {
		static const char *const names[] = {"maxkeys", "maxbytes", "root_maxkeys",
						    "root_maxbytes"};
		static const char *const usual[] = {"200", "20000", "1000000", "25000000"};
		char path[64];

		snprintf(path, sizeof(path), "/proc/sys/kernel/keys/%s", names[i]);
		file(path, "199\n");
		check_quota(&host, &report);
		found(SEVERITY_WARNING, names[i]);
		file(path, usual[i]);
	}
}
END_TEST

START_TEST(a_quota_that_is_nearly_used_up_is_a_warning)
{
	file("/proc/key-users", "    0:    92 91/91 89/1000000 1788/25000000\n"
				" 1000:   161 161/161 160/200 999/20000\n");
	check_quota_use(&host, &report);
	found(SEVERITY_OK, "nobody");
	file("/proc/key-users", "    0:    92 91/91 89/1000000 1788/25000000\n"
				" 1000:   161 161/161 161/200 999/20000\n");
	check_quota_use(&host, &report);
	found(SEVERITY_WARNING, "user 1000 has 161 of 200 keys");
	file("/proc/key-users", "  33:   161 161/161 7/200 19999/20000\n");
	check_quota_use(&host, &report);
	found(SEVERITY_WARNING, "user 33");
}
END_TEST

START_TEST(forbidden_user_namespaces_are_a_warning)
{
	check_namespaces(&host, &report);
	found(SEVERITY_OK, "users may");
	file("/proc/sys/user/max_user_namespaces", "1\n");
	file("/proc/sys/kernel/unprivileged_userns_clone", "1\n");
	file("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "0\n");
	check_namespaces(&host, &report);
	found(SEVERITY_OK, "users may");
	file("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n");
	check_namespaces(&host, &report);
	found(SEVERITY_WARNING, "AppArmor");
	file("/proc/sys/kernel/unprivileged_userns_clone", "0\n");
	check_namespaces(&host, &report);
	found(SEVERITY_WARNING, "unprivileged_userns_clone");
	file("/proc/sys/user/max_user_namespaces", "0\n");
	check_namespaces(&host, &report);
	found(SEVERITY_WARNING, "max_user_namespaces");
}
END_TEST

START_TEST(a_lock_that_is_not_roots_alone_is_a_problem)
{
	check_lock(&host, &report);
	found(SEVERITY_OK, "not there yet");
	file("/run/guisefs.lock", "");
	ck_assert_int_eq(chmod(place("/run/guisefs.lock"), 0604), 0);
	check_lock(&host, &report);
	found(SEVERITY_PROBLEM, "mode 0604");
	if (geteuid() == 0) {
		ck_assert_int_eq(chmod(place("/run/guisefs.lock"), 0600), 0);
		check_lock(&host, &report);
		found(SEVERITY_OK, "root's alone");
		ck_assert_int_eq(chown(place("/run/guisefs.lock"), 64990, 0), 0);
		check_lock(&host, &report);
		found(SEVERITY_PROBLEM, "owner 64990");
	}
	unlink(place("/run/guisefs.lock"));
	ck_assert_int_eq(symlink("/etc/passwd", place("/run/guisefs.lock")), 0);
	check_lock(&host, &report);
	found(SEVERITY_PROBLEM, "not a file that is root's alone");
	unlink(place("/run/guisefs.lock"));
	rmdir(place("/run"));
	file("/run", "");
	check_lock(&host, &report);
	found(SEVERITY_PROBLEM, "Not a directory");
}
END_TEST

START_TEST(a_policy_that_no_mount_takes_is_a_problem)
{
	check_policy(&host, &report);
	found(SEVERITY_OK, "defaults");
	if (geteuid() != 0)
		return;
	file("/etc/guise.conf", "[defaults]\nlevel=identify\n");
	ck_assert_int_eq(chmod(place("/etc/guise.conf"), 0644), 0);
	check_policy(&host, &report);
	found(SEVERITY_OK, "can be read");
	file("/etc/guise.conf", "[defaults]\nlevel=high\n");
	check_policy(&host, &report);
	found(SEVERITY_PROBLEM, ":2:");
	file("/etc/guise.conf", "[defaults]\nlevel=identify\n");
	ck_assert_int_eq(chmod(place("/etc/guise.conf"), 0666), 0);
	check_policy(&host, &report);
	found(SEVERITY_PROBLEM, "guise.conf");
}
END_TEST

START_TEST(a_clock_that_nobody_keeps_is_noted)
{
	check_clock(&host, &report);
	found(SEVERITY_OK, "kept");
	host.clock_unsynced = true;
	check_clock(&host, &report);
	found(SEVERITY_NOTE, "no time service");
	host.now = 1000000000;
	check_clock(&host, &report);
	found(SEVERITY_PROBLEM, "years behind");
}
END_TEST

START_TEST(a_daemon_of_a_replaced_program_is_a_warning)
{
	file("/proc/17/comm", "guisefs\n");
	ck_assert_int_eq(symlink("/usr/sbin/guisefs", place("/proc/17/exe")), 0);
	file("/proc/18/comm", "sleep\n");
	ck_assert_int_eq(symlink("/bin/sleep (deleted)", place("/proc/18/exe")), 0);
	check_daemons(&host, &report);
	found(SEVERITY_OK, "no daemon");
	unlink(place("/proc/17/exe"));
	ck_assert_int_eq(symlink("/usr/sbin/guisefs (deleted)", place("/proc/17/exe")), 0);
	check_daemons(&host, &report);
	found(SEVERITY_WARNING, "process 17");
}
END_TEST

START_TEST(a_mount_is_judged_by_what_it_answers)
{
	struct mount mount = {"/srv/share", "/srv/backing", true, 0, host.build};

	check_mount(&host, &mount, &report);
	found(SEVERITY_OK, "/srv/share answers");
	mount.build = "guisefs 1.2.2, libfuse 3.18.2";
	check_mount(&host, &mount, &report);
	found(SEVERITY_WARNING, "1.2.2");
	host.build = NULL; /* no other to compare it with */
	check_mount(&host, &mount, &report);
	found(SEVERITY_OK, "1.2.2");
	mount.build = NULL;
	check_mount(&host, &mount, &report);
	found(SEVERITY_WARNING, "older");
	mount.error = ENOTCONN;
	check_mount(&host, &mount, &report);
	found(SEVERITY_PROBLEM, "not connected");
	mount.error = ETIMEDOUT;
	check_mount(&host, &mount, &report);
	found(SEVERITY_PROBLEM, "does not answer");
	mount.error = EACCES;
	check_mount(&host, &mount, &report);
	found(SEVERITY_NOTE, "by you");
	mount.error = ENOKEY;
	check_mount(&host, &mount, &report);
	found(SEVERITY_PROBLEM, "key");
	mount.by_root = false;
	check_mount(&host, &mount, &report);
	found(SEVERITY_WARNING, "not mounted by root");
}
END_TEST

/* What is said of /srv (@srv) and /srv/backing (@backing) below a / of root's. */
static void expose(struct step srv, struct step backing)
{
	struct step steps[] = {{"/", 0, 0, S_IFDIR | 0755, false}, srv, backing};

	check_exposure(steps, 3, &report);
}

START_TEST(a_backing_folder_that_others_can_reach_is_found)
{
	const struct step open = {"/srv", 0, 0, S_IFDIR | 0755, false};
	const struct step shut = {"/srv", 0, 0, S_IFDIR | 0700, false};
	struct step backing = {"/srv/backing", 0, 0, S_IFDIR | 0700, false};

	expose(open, backing);
	found(SEVERITY_OK, "only root can reach /srv/backing");
	backing.mode = S_IFDIR | 0755;
	expose(open, backing);
	found(SEVERITY_WARNING, "everybody can reach /srv/backing");
	expose(shut, backing);
	found(SEVERITY_OK, "only root");
	backing.mode = S_IFDIR | 0777;
	expose(open, backing);
	found(SEVERITY_PROBLEM, "everybody can write");
	expose(shut, backing);
	found(SEVERITY_OK, "only root");
	backing.mode = S_IFDIR | 0750;
	expose(open, backing);
	found(SEVERITY_OK, "only root"); /* the group is root's */
	backing.gid = 50;
	expose(open, backing);
	found(SEVERITY_WARNING, "its group can reach");
	expose(shut, backing);
	found(SEVERITY_OK, "only root");
	expose((struct step){"/srv", 0, 50, S_IFDIR | 0710, false}, backing);
	found(SEVERITY_WARNING, "its group can reach");
	expose((struct step){"/srv", 0, 51, S_IFDIR | 0710, false}, backing);
	found(SEVERITY_OK, "only root");
	backing.gid = 0;
	backing.listed = true;
	expose(open, backing);
	found(SEVERITY_WARNING, "POSIX ACL");
	backing = (struct step){"/srv/backing", 1000, 0, S_IFDIR | 0700, false};
	expose(open, backing);
	found(SEVERITY_WARNING, "belongs to user 1000");
}
END_TEST

START_TEST(a_way_that_others_can_change_is_found)
{
	const struct step backing = {"/srv/backing", 0, 0, S_IFDIR | 0700, false};

	expose((struct step){"/srv", 1000, 0, S_IFDIR | 0755, false}, backing);
	found(SEVERITY_WARNING, "/srv, on the way to /srv/backing");
	expose((struct step){"/srv", 0, 0, S_IFDIR | 0777, false}, backing);
	found(SEVERITY_WARNING, "mode 0777");
	expose((struct step){"/srv", 0, 0, S_IFDIR | 01777, false}, backing);
	found(SEVERITY_OK, "only root");
}
END_TEST

START_TEST(what_a_filesystem_cannot_do_is_found)
{
	struct abilities abilities = {.path = "/srv/backing"};

	check_abilities(&abilities, &report);
	found(SEVERITY_OK, "file handles");
	abilities.handles = EOPNOTSUPP;
	check_abilities(&abilities, &report);
	found(SEVERITY_PROBLEM, "no file handles");
	abilities = (struct abilities){.path = "/srv/backing", .descriptors = EOPNOTSUPP};
	check_abilities(&abilities, &report);
	found(SEVERITY_PROBLEM, "no extended attributes");
	abilities = (struct abilities){.path = "/srv/backing", .lists = EOPNOTSUPP};
	check_abilities(&abilities, &report);
	found(SEVERITY_WARNING, "no POSIX ACLs");
	abilities = (struct abilities){.path = "/srv/backing", .read_only = true};
	check_abilities(&abilities, &report);
	found(SEVERITY_NOTE, "read-only");
}
END_TEST

static const char mounts[] = "21 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
			     "22 21 0:5 / /dev rw - devtmpfs udev rw\n"
			     "23 21 254:1 /disk /srv rw - ext4 /dev/vdb rw\n";

START_TEST(other_mounts_of_a_backing_folder_are_noted)
{
	char text[512];

	check_other_mounts(mounts, 23, "/srv/backing", &report);
	ck_assert_uint_eq(report.count, 0);
	/* the same, elsewhere; above it; below it */
	snprintf(text, sizeof(text),
		 "%s24 21 254:1 /disk/backing /mnt\\040x rw - ext4 /dev/vdb rw\n", mounts);
	check_other_mounts(text, 23, "/srv/backing", &report);
	found(SEVERITY_NOTE, "/mnt x");
	snprintf(text, sizeof(text), "%s24 21 254:1 / /mnt rw - ext4 /dev/vdb rw\n", mounts);
	check_other_mounts(text, 23, "/srv/backing", &report);
	found(SEVERITY_NOTE, "/mnt");
	snprintf(text, sizeof(text), "%s24 21 254:1 /disk/backing/a /mnt rw - ext4 /dev/vdb rw\n",
		 mounts);
	check_other_mounts(text, 23, "/srv/backing", &report);
	found(SEVERITY_NOTE, "/mnt");
	/* beside it; of another disk */
	snprintf(text, sizeof(text),
		 "%s24 21 254:1 /disk/backing2 /mnt rw - ext4 /dev/vdb rw\n"
		 "25 21 254:2 / /media rw - ext4 /dev/vdc rw\n",
		 mounts);
	check_other_mounts(text, 23, "/srv/backing", &report);
	ck_assert_uint_eq(report.count, 0);
	/* on the root filesystem */
	snprintf(text, sizeof(text), "%s24 21 254:0 /home /mnt rw - ext4 /dev/vda rw\n", mounts);
	check_other_mounts(text, 21, "/home/share", &report);
	found(SEVERITY_NOTE, "/mnt");
	check_other_mounts(text, 21, "/var", &report);
	ck_assert_uint_eq(report.count, 0);
}
END_TEST

START_TEST(a_report_is_as_grave_as_its_gravest_finding)
{
	ck_assert_int_eq(report_worst(&report), SEVERITY_OK);
	for (int i = 0; i < 100; i++)
		report_add(&report, "check", i == 50 ? SEVERITY_WARNING : SEVERITY_NOTE, NULL, NULL,
			   "number %d", i);
	ck_assert_uint_eq(report.count, 100);
	ck_assert_str_eq(report.findings[99].what, "number 99");
	ck_assert_int_eq(report_worst(&report), SEVERITY_WARNING);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("doctor");
	TCase *tests = tcase_create("doctor");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, a_missing_fuse_device_is_a_problem);
	tcase_add_test(tests, an_old_kernel_is_a_problem);
	tcase_add_test(tests, missing_passthrough_is_noted_with_its_reason);
	tcase_add_test(tests, a_missing_or_other_program_is_a_warning);
	tcase_add_test(tests, a_forbidden_keyring_is_a_problem);
	tcase_add_test(tests, small_key_quotas_are_warnings);
	tcase_add_test(tests, a_quota_that_is_nearly_used_up_is_a_warning);
	tcase_add_test(tests, forbidden_user_namespaces_are_a_warning);
	tcase_add_test(tests, a_lock_that_is_not_roots_alone_is_a_problem);
	tcase_add_test(tests, a_policy_that_no_mount_takes_is_a_problem);
	tcase_add_test(tests, a_clock_that_nobody_keeps_is_noted);
	tcase_add_test(tests, a_daemon_of_a_replaced_program_is_a_warning);
	tcase_add_test(tests, a_mount_is_judged_by_what_it_answers);
	tcase_add_test(tests, a_backing_folder_that_others_can_reach_is_found);
	tcase_add_test(tests, a_way_that_others_can_change_is_found);
	tcase_add_test(tests, what_a_filesystem_cannot_do_is_found);
	tcase_add_test(tests, other_mounts_of_a_backing_folder_are_noted);
	tcase_add_test(tests, a_report_is_as_grave_as_its_gravest_finding);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
