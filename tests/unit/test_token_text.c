/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The grammar of token texts: what is read, what is refused and where, what is written. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/reason.h"
#include "keyring/token_text.h"

#define FIRST "guise-token 1\n"
#define FOR "for S-1-22-1-1000\n"
#define PIN " S-1-22-1-5 guise:token:x\n"

static int read_text(const char *bytes, struct token_text *text, struct token_text_fault *fault)
{
	return token_text_read(bytes, strlen(bytes), text, fault);
}

START_TEST(least)
{
	struct token_text text;

	ck_assert_int_eq(read_text(FIRST FOR, &text, NULL), 0);
	ck_assert(!text.has_level && !text.has_share);
	ck_assert_int_eq(text.parent.serial, 0);
	ck_assert_int_eq(text.level, TOKEN_IDENTIFY);
	ck_assert_uint_eq(text.audience_count, 1);
	ck_assert(token_text_is_for(&text, 1000));
	ck_assert(!token_text_is_for(&text, 1001));
	ck_assert(!text.has_until && !text.has_rights && !text.has_user);
	token_text_free(&text);
}
END_TEST

START_TEST(everything)
{
	static const char all[] = FIRST
		"level delegate\n" FOR "for S-1-5-18\nuntil 9223372036854775807\nrights 0x1f01ff\n"
		"share team.2_a-B\nuser S-1-5-21-1-2-3-500\ngroup S-1-22-2-7\ngroup S-1-5-32-545\n"
		"privilege SeBackupPrivilege\n";
	struct token_text text;
	char buffer[TOKEN_TEXT_MAX + 1];

	ck_assert_int_eq(read_text(all, &text, NULL), 0);
	ck_assert(text.has_level);
	ck_assert_int_eq(text.level, TOKEN_DELEGATE);
	ck_assert(text.has_share);
	ck_assert_str_eq(text.share, "team.2_a-B");
	ck_assert_int_eq(text.until, INT64_MAX);
	ck_assert_uint_eq(text.rights, 0x1f01ff);
	ck_assert_uint_eq(text.group_count, 2);
	ck_assert_uint_eq(text.privileges, SE_BACKUP_PRIVILEGE);
	ck_assert(token_text_is_for(&text, 0)); /* S-1-5-18 is root */
	ck_assert_int_eq(token_text_write(&text, buffer, sizeof(buffer)), (int)strlen(all));
	ck_assert_str_eq(buffer, all);
	token_text_free(&text);
}
END_TEST

START_TEST(no_level_line_stays_without)
{
	static const char bare[] = FIRST FOR;
	struct token_text text;
	char buffer[TOKEN_TEXT_MAX + 1];

	ck_assert_int_eq(read_text(bare, &text, NULL), 0);
	ck_assert_int_gt(token_text_write(&text, buffer, sizeof(buffer)), 0);
	ck_assert_str_eq(buffer, bare);
	/* a level that would get lost */
	text.level = TOKEN_ANONYMOUS;
	ck_assert_int_eq(token_text_write(&text, buffer, sizeof(buffer)), -EINVAL);
}
END_TEST

START_TEST(narrowing)
{
	static const char all[] =
		FIRST "level impersonate\n" FOR
		      "rights 0x1\nshare a\nof 2147483647 S-1-22-1-77 guise:token:~!\n";
	struct token_text text;
	char buffer[TOKEN_TEXT_MAX + 1];

	ck_assert_int_eq(read_text(all, &text, NULL), 0);
	ck_assert_int_eq(text.parent.serial, INT32_MAX);
	ck_assert_uint_eq(text.parent.owner, 77);
	ck_assert_str_eq(text.parent.name, "guise:token:~!");
	ck_assert_int_eq(token_text_write(&text, buffer, sizeof(buffer)), (int)strlen(all));
	ck_assert_str_eq(buffer, all);
	text.has_user = true;
	text.user = sid_from_uid(5);
	ck_assert_int_eq(token_text_write(&text, buffer, sizeof(buffer)), -EINVAL);
	text.has_user = false;
	text.parent.name[0] = '\0';
	ck_assert_int_eq(token_text_write(&text, buffer, sizeof(buffer)), -EINVAL);
	strcpy(text.parent.name, "a b");
	ck_assert_int_eq(token_text_write(&text, buffer, sizeof(buffer)), -EINVAL);
	strcpy(text.parent.name, "a");
	ck_assert_int_gt(token_text_write(&text, buffer, sizeof(buffer)), 0);
	text.parent.serial = -1;
	ck_assert_int_eq(token_text_write(&text, buffer, sizeof(buffer)), -EINVAL);
}
END_TEST

#define LETTERS_64 "aaaaaaaabbbbbbbbaaaaaaaabbbbbbbbaaaaaaaabbbbbbbbaaaaaaaabbbbbbbb"

START_TEST(share_names)
{
	static const struct {
		const char *name;
		bool ok;
	} shares[] = {
		{"a", true},    {"Team-1_x.y", true},    {LETTERS_64, true}, {".", true},
		{"", false},    {LETTERS_64 "a", false}, {"a b", false},     {"a/b", false},
		{"a\n", false}, {"\xc3\xa9", false},
	};

	for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
		struct token_text text = {
			.level = TOKEN_IDENTIFY, .audience_count = 1, .has_share = true};
		char buffer[TOKEN_TEXT_MAX + 1];

		ck_assert_int_eq(token_text_share_ok(shares[i].name), shares[i].ok);
		text.audience[0] = sid_from_uid(5);
		snprintf(text.share, sizeof(text.share), "%s", shares[i].name);
		if (strlen(shares[i].name) <= TOKEN_TEXT_SHARE_MAX)
			ck_assert_int_eq(token_text_write(&text, buffer, sizeof(buffer)) > 0,
					 shares[i].ok);
	}
}
END_TEST

static const struct {
	const char *bytes;
	unsigned int line;
} malformed[] = {
	{"", 1},
	{"guise-token 2\n" FOR, 1},
	{"guise-token 1", 1},
	{"guise-token  1\n" FOR, 1},
	{FIRST, 2}, /* for nobody */
	{FIRST "level impersonate\n", 3},
	{FIRST FOR "until 5", 3}, /* no newline */
	{FIRST FOR "\n", 3},
	{FIRST FOR "colour red\n", 3},
	{FIRST FOR "until\n", 3},
	{FIRST FOR "until 0\n", 3},
	{FIRST FOR "until -5\n", 3},
	{FIRST FOR "until 05\n", 3},
	{FIRST FOR "until  5\n", 3},
	{FIRST FOR "until 5 \n", 3},
	{FIRST FOR "until 9223372036854775808\n", 3},
	{FIRST FOR "until 5\nuntil 5\n", 4},
	{FIRST FOR "rights 1f\n", 3},
	{FIRST FOR "rights 0x\n", 3},
	{FIRST FOR "rights 0x123456789\n", 3},
	{FIRST FOR "rights 0x1g\n", 3},
	{FIRST FOR "rights 0x1\nrights 0x1\n", 4},
	{FIRST FOR "level Delegate\n", 3},
	{FIRST FOR "level identify\nlevel delegate\n", 4},
	{FIRST "for S-1-22-1-1000 \n", 2},
	{FIRST "for alice\n", 2},
	{FIRST "For S-1-22-1-1000\n", 2},
	{FIRST FOR "user S-2-1-0\n", 3},
	{FIRST FOR "user S-1-1-0\nuser S-1-1-0\n", 4},
	{FIRST FOR "group S-1-1-0\nuser S-1-1-0\n", 3},
	{FIRST FOR "privilege SeBackupPrivilege\n", 3},
	{FIRST FOR "user S-1-1-0\nprivilege SeWish\n", 4},
	{FIRST FOR "user S-1-1-0\nprivilege SeBackupPrivilege\nprivilege SeBackupPrivilege\n", 5},
	{FIRST FOR "share\n", 3},
	{FIRST FOR "share \n", 3},
	{FIRST FOR "share a b\n", 3},
	{FIRST FOR "share a/b\n", 3},
	{FIRST FOR "share " LETTERS_64 "a\n", 3},
	{FIRST FOR "share a\nshare a\n", 4},
	{FIRST FOR "of 0" PIN, 3},
	{FIRST FOR "of 07" PIN, 3},
	{FIRST FOR "of -7" PIN, 3},
	{FIRST FOR "of 2147483648" PIN, 3},
	{FIRST FOR "of 7\n", 3}, /* a serial alone tells no key */
	{FIRST FOR "of 7 S-1-22-1-5\n", 3},
	{FIRST FOR "of 7 S-1-22-1-5 \n", 3},
	{FIRST FOR "of 7 guise:token:x\n", 3},
	{FIRST FOR "of 7  S-1-22-1-5 guise:token:x\n", 3},
	{FIRST FOR "of 7 S-1-22-2-5 guise:token:x\n", 3},
	{FIRST FOR "of 7 5 guise:token:x\n", 3},
	{FIRST FOR "of 7 S-1-22-1-5 guise:token: x\n", 3},
	{FIRST FOR "of 7 S-1-22-1-5 guise:token:x \n", 3},
	{FIRST FOR "of 7 S-1-22-1-5 " LETTERS_64 LETTERS_64 LETTERS_64 "123456789\n", 3},
	{FIRST FOR "of 7" PIN "of 7" PIN, 4},
	{FIRST FOR "of 7" PIN "user S-1-1-0\n", 4},
	{FIRST FOR "user S-1-1-0\nof 7" PIN, 4},
	{FIRST FOR "of 7" PIN "group S-1-1-0\n", 4},
	{FIRST FOR "of 7" PIN "privilege SeBackupPrivilege\n", 4},
	{FIRST "of 7" PIN, 3}, /* for nobody */
	{FIRST FOR "until 5\r\n", 3},
	{FIRST "f\xc3\xb6r S-1-1-0\n", 2},
};

START_TEST(refused)
{
	struct token_text text;
	struct token_text_fault fault = {0};

	ck_assert_int_eq(read_text(malformed[_i].bytes, &text, &fault), -EINVAL);
	ck_assert_uint_eq(fault.line, malformed[_i].line);
	ck_assert_ptr_nonnull(fault.expected);
	ck_assert_ptr_null(text.groups);
	ck_assert_uint_eq(text.audience_count, 0);
}
END_TEST

START_TEST(nul_refused)
{
	static const char bytes[] = FIRST FOR "until 5\0\n";
	struct token_text text;

	ck_assert_int_eq(token_text_read(bytes, sizeof(bytes) - 1, &text, NULL), -EINVAL);
}
END_TEST

START_TEST(limits)
{
	char bytes[8192];
	struct token_text text;
	size_t length = (size_t)snprintf(bytes, sizeof(bytes), FIRST);

	for (int i = 0; i < 64; i++)
		length += (size_t)snprintf(bytes + length, sizeof(bytes) - length, FOR);
	ck_assert_int_eq(token_text_read(bytes, length, &text, NULL), 0);
	ck_assert_uint_eq(text.audience_count, 64);
	length += (size_t)snprintf(bytes + length, sizeof(bytes) - length, FOR);
	ck_assert_int_eq(token_text_read(bytes, length, &text, NULL), -EINVAL);

	length = (size_t)snprintf(bytes, sizeof(bytes), FIRST FOR "user S-1-1-0\n");
	while (length + 14 <= TOKEN_TEXT_MAX)
		length +=
			(size_t)snprintf(bytes + length, sizeof(bytes) - length, "group S-1-1-0\n");
	ck_assert_int_eq(token_text_read(bytes, length, &text, NULL), 0);
	ck_assert_uint_gt(text.group_count, 200);
	token_text_free(&text);
	length += (size_t)snprintf(bytes + length, sizeof(bytes) - length, "group S-1-1-0\n");
	ck_assert_int_eq(token_text_read(bytes, length, &text, NULL), -EINVAL);
}
END_TEST

START_TEST(write_refused)
{
	struct token_text text = {.level = TOKEN_IDENTIFY, .has_level = true};
	char buffer[TOKEN_TEXT_MAX + 1];

	ck_assert_int_eq(token_text_write(&text, buffer, sizeof(buffer)), -EINVAL);
	text.audience_count = 1;
	text.audience[0] = sid_from_uid(5);
	ck_assert_int_gt(token_text_write(&text, buffer, sizeof(buffer)), 0);
	text.level = (enum token_level)(TOKEN_DELEGATE + 1);
	ck_assert_int_eq(token_text_write(&text, buffer, sizeof(buffer)), -EINVAL);
	text.level = TOKEN_IDENTIFY;
	ck_assert_int_eq(token_text_write(&text, buffer, 20), -EFBIG);
	ck_assert_int_eq(token_text_write(&text, buffer, 0), -EFBIG);
	text.privileges = SE_BACKUP_PRIVILEGE;
	ck_assert_int_eq(token_text_write(&text, buffer, sizeof(buffer)), -EINVAL);
	text.privileges = 0;
	text.has_until = true;
	ck_assert_int_eq(token_text_write(&text, buffer, sizeof(buffer)), -EINVAL);
}
END_TEST

/* Cut anywhere, or with any byte changed to a letter, it never reads as more than it was. */
START_TEST(cut_anywhere)
{
	static const char all[] = FIRST "level delegate\n" FOR "until 5\n";
	struct token_text text;

	for (size_t length = 0; length < sizeof(all) - 1; length++) {
		char *copy = malloc(length ? length : 1); /* so that a sanitizer sees over-reads */

		memcpy(copy, all, length);
		if (token_text_read(copy, length, &text, NULL) == 0)
			ck_assert_int_eq(copy[length - 1], '\n');
		free(copy);
	}
}
END_TEST

START_TEST(reasons_complete)
{
	for (int i = 0; i < REASON_COUNT; i++) {
		ck_assert_ptr_nonnull(reason_name((enum guise_reason)i));
		ck_assert_ptr_nonnull(reason_text((enum guise_reason)i));
		ck_assert_int_eq(reason_errno((enum guise_reason)i) < 0, i != REASON_NONE);
		for (int j = 0; j < i; j++)
			ck_assert_str_ne(reason_name((enum guise_reason)i),
					 reason_name((enum guise_reason)j));
	}
	ck_assert_int_lt(reason_errno((enum guise_reason)9999), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("token_text");
	TCase *tests = tcase_create("grammar");
	SRunner *runner;
	int failed;

	tcase_add_test(tests, least);
	tcase_add_test(tests, everything);
	tcase_add_test(tests, no_level_line_stays_without);
	tcase_add_test(tests, narrowing);
	tcase_add_test(tests, share_names);
	tcase_add_loop_test(tests, refused, 0, sizeof(malformed) / sizeof(malformed[0]));
	tcase_add_test(tests, nul_refused);
	tcase_add_test(tests, limits);
	tcase_add_test(tests, write_refused);
	tcase_add_test(tests, cut_anywhere);
	tcase_add_test(tests, reasons_complete);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
