/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Operations and what they need, and tokens as lines of text.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/action.h"
#include "acl/mask.h"
#include "acl/sddl.h"
#include "acl/token_lines.h"

#define ALICE "S-1-22-1-1001"

static struct descriptor *descriptor_of(const char *sddl)
{
	struct descriptor *sd = NULL;

	ck_assert_msg(sddl_read(sddl, NULL, &sd, NULL) == SD_OK, "cannot read %s", sddl);
	return sd;
}

static struct token *token_of(const char *text)
{
	struct token *token = NULL;

	ck_assert_int_eq(token_lines_read(text, &token), SD_OK);
	return token;
}

#define OF_ALICE "user " ALICE "\ngroup S-1-1-0\n"

/* Does @lines's token get @name done on an object and folder of these descriptors? */
static bool done(const char *lines, const char *name, const char *object, const char *folder,
		 unsigned int nature)
{
	struct token *token = token_of(lines);
	struct action_object file = {.sd = descriptor_of(object), .nature = nature};
	struct action_object above = {
		.sd = descriptor_of(folder), .nature = nature, .folder = true};
	const struct action_scene scene = {.token = token, .places = {&file, &above}};
	struct action_ruling ruling;
	bool granted;

	ck_assert_ptr_nonnull(action_find(name));
	ck_assert_int_eq(action_judge(action_find(name), &scene, &ruling), SD_OK);
	granted = ruling.granted;
	ck_assert(!ruling.unknown);
	action_clear(&ruling);
	descriptor_destroy((struct descriptor *)(uintptr_t)file.sd);
	descriptor_destroy((struct descriptor *)(uintptr_t)above.sd);
	token_unref(token);
	return granted;
}

#define NONE "O:SYG:SYD:"
#define GIVES(rights) "O:SYG:SYD:(A;;" rights ";;;" ALICE ")"

START_TEST(removing_takes_a_right_on_the_object_or_its_folder)
{
	ck_assert(done(OF_ALICE, "unlink", GIVES("SD"), NONE, 0));
	ck_assert(done(OF_ALICE, "unlink", NONE, GIVES("0x40"), 0));
	ck_assert(!done(OF_ALICE, "unlink", GIVES("0x40"), GIVES("SD"), 0));
}
END_TEST

START_TEST(renaming_takes_removing_and_making)
{
	ck_assert(done(OF_ALICE, "rename", GIVES("SD"), GIVES("0x2"), 0));
	ck_assert(!done(OF_ALICE, "rename", GIVES("SD"), GIVES("0x4"), 0));
	ck_assert(!done(OF_ALICE, "rename", NONE, GIVES("0x2"), 0));
}
END_TEST

START_TEST(by_a_mode_posix_gives_more)
{
	ck_assert(!done(OF_ALICE, "touch", GIVES("0x2"), NONE, 0));
	ck_assert(done(OF_ALICE, "touch", GIVES("0x2"), NONE, ACTION_BY_MODE));
	ck_assert(!done(OF_ALICE, "utimens", GIVES("0x2"), NONE, ACTION_BY_MODE));
}
END_TEST

START_TEST(in_a_sticky_folder_owners_remove_what_is_theirs)
{
	ck_assert(done(OF_ALICE, "unlink", "O:" ALICE "G:SYD:", GIVES("0x6"), ACTION_STICKY));
	ck_assert(!done(OF_ALICE, "unlink", "O:" ALICE "G:SYD:", GIVES("0x6"), 0));
	ck_assert(!done(OF_ALICE, "unlink", NONE, GIVES("0x6"), ACTION_STICKY));
}
END_TEST

START_TEST(who_only_lets_itself_be_identified_opens_nothing)
{
	ck_assert(done(OF_ALICE "level impersonate\nactor S-1-22-1-33\n", "open-read", GIVES("FA"),
		       NONE, 0));
	ck_assert(!done(OF_ALICE "level identify\nactor S-1-22-1-33\n", "open-read", GIVES("FA"),
			NONE, 0));
}
END_TEST

START_TEST(what_is_not_known_is_neither_granted_nor_denied)
{
	struct token *token = token_of(OF_ALICE);
	struct action_object file = {.sd = descriptor_of(NONE)};
	const struct action_scene scene = {.token = token, .places = {&file}};
	struct action_ruling ruling;

	ck_assert_int_eq(action_judge(action_find("unlink"), &scene, &ruling), SD_OK);
	ck_assert(!ruling.granted);
	ck_assert(ruling.unknown);
	action_clear(&ruling);
	descriptor_destroy((struct descriptor *)(uintptr_t)file.sd);
	token_unref(token);
}
END_TEST

/* ---- lines ---- */

static void check_lines(const char *lines, const char *expected)
{
	struct token *token = token_of(lines);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	token_lines_write(token, out);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_str_eq(text, expected);
	free(text);
	token_unref(token);
}

#define WHOLE                                                                                      \
	"user " ALICE "\ngroup S-1-1-0\ndeny-only S-1-5-32-544\n"                                  \
	"restricted S-1-5-12\nlevel impersonate\nactor S-1-22-1-33\nuntil 1234567890\n"            \
	"rights 0x00120089\nprivilege SeBackupPrivilege\nintegrity 0x1000\n"

START_TEST(a_token_is_read_back_as_it_was_written)
{
	check_lines(WHOLE, WHOLE);
	check_lines("user S-1-1-0\n", "user S-1-1-0\nlevel delegate\nintegrity 0x2000\n");
}
END_TEST

START_TEST(lines_of_newer_mounts_are_skipped)
{
	check_lines("user S-1-1-0\ncolour blue\n",
		    "user S-1-1-0\nlevel delegate\nintegrity 0x2000\n");
}
END_TEST

START_TEST(what_is_no_token_is_refused)
{
	static const char *const texts[] = {
		"",
		"group S-1-1-0\n",
		"user alice\n",
		"user S-1-1-0 \n",
		"user S-1-1-0\nuser S-1-1-0\n",
		"user S-1-1-0\nlevel high\n",
		"user S-1-1-0\nprivilege SeNone\n",
		"user S-1-1-0\nrights -1\n",
		"user S-1-1-0\nrights 0x1ffffffff\n",
		"user S-1-1-0\nuntil\n",
		"rights 0x1\nuser S-1-1-0\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct token *token = NULL;

		ck_assert_msg(token_lines_read(texts[i], &token) == SD_BAD_SYNTAX, "%s", texts[i]);
		ck_assert_ptr_null(token);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		removing_takes_a_right_on_the_object_or_its_folder,
		renaming_takes_removing_and_making,
		by_a_mode_posix_gives_more,
		in_a_sticky_folder_owners_remove_what_is_theirs,
		who_only_lets_itself_be_identified_opens_nothing,
		what_is_not_known_is_neither_granted_nor_denied,
		a_token_is_read_back_as_it_was_written,
		lines_of_newer_mounts_are_skipped,
		what_is_no_token_is_refused,
	};
	Suite *suite = suite_create("action");
	TCase *tcase = tcase_create("action");
	SRunner *runner;
	int failed;

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
