/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The command line of guisefs.
 */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs/options.h"

static struct options options;
static char complaint[512];

/* Reads a command line given as words; what it says on stderr goes to @complaint. */
static int parse(char *const words[])
{
	char file[] = "/tmp/guisefs-test.options.XXXXXX";
	int saved = dup(STDERR_FILENO), fd = mkstemp(file), count = 0, result;
	ssize_t length;

	ck_assert_int_ge(fd, 0);
	unlink(file);
	while (words[count])
		count++;
	dup2(fd, STDERR_FILENO);
	result = options_parse(count, (char **)(uintptr_t)words, &options);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	length = pread(fd, complaint, sizeof(complaint) - 1, 0);
	complaint[length > 0 ? length : 0] = '\0';
	close(fd);
	return result;
}

#define PARSE(...) parse((char *const[]){(char *)(uintptr_t) "guisefs", __VA_ARGS__, NULL})
#define WORD(text) ((char *)(uintptr_t)(text))

static void refused(char *option, const char *expected)
{
	ck_assert_int_eq(PARSE(WORD("/s"), WORD("/m"), WORD("-o"), option), 2);
	ck_assert_msg(strstr(complaint, expected), "'%s' lacks '%s'", complaint, expected);
	ck_assert_msg(strchr(complaint, '\n') == complaint + strlen(complaint) - 1,
		      "'%s' is not one line", complaint);
	options_clear(&options);
}

START_TEST(the_defaults_are_the_safe_ones)
{
	ck_assert_int_eq(PARSE(WORD("/s"), WORD("/m")), 0);
	ck_assert_str_eq(options.source, "/s");
	ck_assert_str_eq(options.mountpoint, "/m");
	ck_assert_int_eq(options.traverse, TRAVERSE_BYPASS);
	ck_assert_int_eq(options.chmod, CHMOD_MASK);
	ck_assert_int_eq(options.create_mode, CREATE_MODE_PRIVATE);
	ck_assert_int_eq(options.root, ROOT_ADMIN);
	ck_assert_int_eq(options.attributes, ATTRIBUTES_GUARDED);
	ck_assert_int_eq(options.backing, BACKING_SHARED);
	ck_assert_int_eq(options.list, LIST_ALL);
	ck_assert_int_eq(options.on_move, ON_MOVE_KEEP);
	ck_assert_int_eq(options.handles, HANDLES_CACHED);
	ck_assert(!options.foreground && !options.debug && options.passthrough);
	ck_assert_uint_eq(options.poll, POLL_USUAL);
	ck_assert(!options.policy && !options.share);
	options_clear(&options);
}
END_TEST

START_TEST(options_are_taken_wherever_they_stand)
{
	ck_assert_int_eq(
		PARSE(WORD("-o"), WORD("traverse=strict,chmod=deny,root=squash"), WORD("/s"),
		      WORD("-f"), WORD("/m"), WORD("-o"),
		      WORD("create-mode=mask,attributes=public,backing=exclusive,list=readable,"
			   "on-move=inherit,handles=revocable,"
			   "threads=7,poll=0,ro,"
			   "noatime,"
			   "no_passthrough,policy=/p,share=team,log=/var/log/g,audit=/var/log/a")),
		0);
	ck_assert_int_eq(options.traverse, TRAVERSE_STRICT);
	ck_assert_int_eq(options.chmod, CHMOD_DENY);
	ck_assert_int_eq(options.root, ROOT_SQUASH);
	ck_assert_int_eq(options.create_mode, CREATE_MODE_MASK);
	ck_assert_int_eq(options.attributes, ATTRIBUTES_PUBLIC);
	ck_assert_int_eq(options.backing, BACKING_EXCLUSIVE);
	ck_assert_int_eq(options.list, LIST_READABLE);
	ck_assert_int_eq(options.on_move, ON_MOVE_INHERIT);
	ck_assert_int_eq(options.handles, HANDLES_REVOCABLE);
	ck_assert_uint_eq(options.threads, 7);
	ck_assert_uint_eq(options.poll, 0);
	ck_assert_str_eq(options.mount_words, "ro,noatime");
	ck_assert_str_eq(options.log, "/var/log/g");
	ck_assert_str_eq(options.policy, "/p");
	ck_assert_str_eq(options.share, "team");
	ck_assert_str_eq(options.audit, "/var/log/a");
	ck_assert(options.foreground && !options.passthrough);
	options_clear(&options);
}
END_TEST

START_TEST(what_fstab_says_to_others_is_passed_over)
{
	ck_assert_int_eq(PARSE(WORD("/s"), WORD("/m"), WORD("-o"),
			       WORD("defaults,noauto,nofail,_netdev,x-systemd.automount,rw")),
			 0);
	ck_assert_ptr_null(options.mount_words);
	options_clear(&options);
}
END_TEST

START_TEST(bad_options_are_named_with_what_was_expected)
{
	refused(WORD("nonsense"), "option nonsense: unknown");
	refused(WORD("chmod=sometimes"), "option chmod=sometimes: expected one of mask, replace");
	refused(WORD("threads=0"), "a number from 1 to 256");
	refused(WORD("threads=2x"), "a number from 1 to 256");
	refused(WORD("threads=-1"), "a number from 1 to 256");
	refused(WORD("poll="), "a number from 0 to 1000");
	refused(WORD("poll=1001"), "a number from 0 to 1000");
	refused(WORD("log="), "a file name");
	refused(WORD("policy="), "a file name");
	refused(WORD("share="), "1 to 64 letters");
	refused(WORD("share=a/b"), "1 to 64 letters");
	refused(WORD("audit="), "a file name, or syslog");
	refused(WORD("suid"), "always nosuid");
	refused(WORD("dev"), "always nodev");
	refused(WORD("ro,traverse"), "option traverse: unknown");
}
END_TEST

START_TEST(a_share_needs_a_source_and_a_mount_point)
{
	ck_assert_int_eq(PARSE(WORD("/s")), 2);
	ck_assert_ptr_nonnull(strstr(complaint, "expected SOURCE and MOUNTPOINT, got 1 operand;"));
	ck_assert_int_eq(PARSE(WORD("/s"), WORD("/m"), WORD("/x")), 2);
	ck_assert_int_eq(PARSE(WORD("-x"), WORD("/s"), WORD("/m")), 2);
	ck_assert_ptr_nonnull(strstr(complaint, "-x: unknown option"));
	ck_assert_int_eq(PARSE(WORD("/s"), WORD("/m"), WORD("-o")), 2);
	ck_assert_ptr_nonnull(strstr(complaint, "option -o: expected a value"));
	options_clear(&options);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("options");
	TCase *tcase = tcase_create("options");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, the_defaults_are_the_safe_ones);
	tcase_add_test(tcase, options_are_taken_wherever_they_stand);
	tcase_add_test(tcase, what_fstab_says_to_others_is_passed_over);
	tcase_add_test(tcase, bad_options_are_named_with_what_was_expected);
	tcase_add_test(tcase, a_share_needs_a_source_and_a_mount_point);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
