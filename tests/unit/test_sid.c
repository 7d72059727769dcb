/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SIDs: text and binary form, order, Unix ids; names of access rights.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "acl/error.h"
#include "acl/mask.h"
#include "acl/sddl.h"
#include "acl/sid.h"

static const struct {
	const char *text;
	const char *canonical;
} good[] = {
	{"S-1-5-18", "S-1-5-18"},
	{"s-1-5-18", "S-1-5-18"},
	{"S-1-0", "S-1-0"},
	{"S-1-5-21-1-2-3-500", "S-1-5-21-1-2-3-500"},
	{"S-1-5-4294967295", "S-1-5-4294967295"},
	{"S-1-0x5-0x20", "S-1-5-32"},
	{"S-1-5-0010", "S-1-5-10"},
	{"S-1-4294967294-1", "S-1-4294967294-1"},
	{"S-1-21474836480-1", "S-1-0x500000000-1"},
	{"S-1-0xffffffffffff-1", "S-1-0xFFFFFFFFFFFF-1"},
	{"S-1-1-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15", "S-1-1-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15"},
};

static void check_parse_good(size_t i)
{
	struct sid sid;
	char text[SID_MAX_TEXT];
	const char *end;
	ck_assert(sid_parse(good[i].text, &sid, &end));
	ck_assert_int_eq(*end, '\0');
	ck_assert_str_eq(sid_format(&sid, text), good[i].canonical);
}

/* in one test, since each test is a process */
START_TEST(parse_good)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		check_parse_good(i);
}
END_TEST

static const char *const bad[] = {
	"",
	"S",
	"S-",
	"S-1",
	"S-1-",
	"S-2-5-18",
	"S-01x-5",
	"S1-5-18",
	"S-1--5-18",
	"S-1-5-",
	"S-1-5-a",
	"S-1-0x-5",
	"S-1- 5-18",
	"S-1-+5-18",
	"S-1-5-4294967296",
	"S-1-281474976710656-1",
	"S-1-1-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16",
};

static void check_parse_bad(size_t i)
{
	struct sid sid = sid_system;
	ck_assert(!sid_parse(bad[i], &sid, NULL));
	ck_assert(sid_equal(&sid, &sid_system));
}

/* in one test, since each test is a process */
START_TEST(parse_bad)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_parse_bad(i);
}
END_TEST

START_TEST(parse_end)
{
	struct sid sid;
	const char *text = "S-1-5-18;x";
	const char *end;
	ck_assert(sid_parse(text, &sid, &end));
	ck_assert_ptr_eq(end, text + 8);
}
END_TEST

START_TEST(longest_text)
{
	struct sid sid = {SID_REVISION, SID_MAX_SUBS, {255, 255, 255, 255, 255, 255}, {0}};
	char text[SID_MAX_TEXT];
	for (unsigned int i = 0; i < SID_MAX_SUBS; i++)
		sid.sub[i] = UINT32_MAX;
	ck_assert_uint_lt(strlen(sid_format(&sid, text)), SID_MAX_TEXT);
	struct sid again;
	ck_assert(sid_parse(text, &again, NULL));
	ck_assert(sid_equal(&sid, &again));
}
END_TEST

START_TEST(binary)
{
	const uint8_t bytes[] = {1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0, 99};
	uint8_t copy[SID_MAX_SIZE];
	struct sid sid;
	ck_assert_uint_eq(sid_read(bytes, sizeof(bytes), &sid), 16);
	ck_assert(sid_equal(&sid, &sid_administrators));
	ck_assert_uint_eq(sid_size(&sid), 16);
	ck_assert_uint_eq(sid_write(&sid, copy), 16);
	ck_assert_mem_eq(copy, bytes, 16);
	for (size_t length = 0; length < 16; length++)
		ck_assert_uint_eq(sid_read(bytes, length, &sid), 0);
}
END_TEST

START_TEST(binary_bad)
{
	uint8_t bytes[SID_MAX_SIZE + 8] = {2, 1};
	struct sid sid;
	ck_assert_uint_eq(sid_read(bytes, sizeof(bytes), &sid), 0);
	bytes[0] = 1;
	bytes[1] = 16;
	ck_assert_uint_eq(sid_read(bytes, sizeof(bytes), &sid), 0);
	bytes[1] = 15;
	ck_assert_uint_eq(sid_read(bytes, sizeof(bytes), &sid), SID_MAX_SIZE);
}
END_TEST

START_TEST(order)
{
	struct sid shorter, longer, later;
	ck_assert(sid_parse("S-1-5-21-1", &shorter, NULL));
	ck_assert(sid_parse("S-1-5-21-1-0", &longer, NULL));
	ck_assert(sid_parse("S-1-5-22", &later, NULL));
	ck_assert_int_lt(sid_compare(&shorter, &longer), 0);
	ck_assert_int_gt(sid_compare(&longer, &shorter), 0);
	ck_assert_int_lt(sid_compare(&longer, &later), 0);
	ck_assert_int_lt(sid_compare(&sid_everyone, &sid_system), 0);
	ck_assert_int_eq(sid_compare(&sid_system, &sid_system), 0);
	ck_assert(!sid_equal(&shorter, &longer));
}
END_TEST

START_TEST(unix_ids)
{
	struct sid user = sid_from_uid(1000);
	struct sid group = sid_from_gid(100);
	char text[SID_MAX_TEXT];
	uid_t uid = 7;
	gid_t gid = 7;
	ck_assert_str_eq(sid_format(&user, text), "S-1-22-1-1000");
	ck_assert_str_eq(sid_format(&group, text), "S-1-22-2-100");
	ck_assert(sid_to_uid(&user, &uid));
	ck_assert_uint_eq(uid, 1000);
	ck_assert(sid_to_gid(&group, &gid));
	ck_assert_uint_eq(gid, 100);
	ck_assert(!sid_to_uid(&group, &uid));
	ck_assert(!sid_to_gid(&user, &gid));
	ck_assert(sid_to_uid(&sid_system, &uid));
	ck_assert_uint_eq(uid, 0);
	ck_assert(!sid_to_uid(&sid_administrators, &uid));
	user = sid_from_uid((uid_t)-1);
	ck_assert(!sid_to_uid(&user, &uid));
	ck_assert(sid_parse("S-1-22-1-5-6", &user, NULL));
	ck_assert(!sid_to_uid(&user, &uid));
}
END_TEST

START_TEST(aliases)
{
	struct sid domain, sid;
	char text[SID_MAX_TEXT];
	ck_assert(sid_parse("S-1-5-21-1-2-3", &domain, NULL));
	ck_assert(sddl_alias_sid("ba", NULL, &sid));
	ck_assert(sid_equal(&sid, &sid_administrators));
	ck_assert(sddl_alias_sid("Sy", &domain, &sid));
	ck_assert(sid_equal(&sid, &sid_system));
	ck_assert(!sddl_alias_sid("DA", NULL, &sid));
	ck_assert(sddl_alias_sid("DA", &domain, &sid));
	ck_assert_str_eq(sid_format(&sid, text), "S-1-5-21-1-2-3-512");
	ck_assert(!sddl_alias_sid("ZZ", &domain, &sid));
	ck_assert(!sddl_alias_sid("B", &domain, &sid));
}
END_TEST

START_TEST(generic_rights)
{
	ck_assert_uint_eq(mask_map_generic(GENERIC_READ), FILE_GENERIC_READ);
	ck_assert_uint_eq(mask_map_generic(GENERIC_WRITE | DELETE), FILE_GENERIC_WRITE | DELETE);
	ck_assert_uint_eq(mask_map_generic(GENERIC_EXECUTE), FILE_GENERIC_EXECUTE);
	ck_assert_uint_eq(mask_map_generic(GENERIC_ALL), FILE_ALL_ACCESS);
	ck_assert_uint_eq(mask_map_generic(MAXIMUM_ALLOWED | 1), MAXIMUM_ALLOWED | 1);
	ck_assert_uint_eq(mask_map_generic(0), 0);
}
END_TEST

START_TEST(rights_text)
{
	char text[MASK_MAX_TEXT];
	ck_assert_str_eq(mask_format(0, 0, text), "0");
	ck_assert_str_eq(mask_format(FILE_READ_DATA | READ_CONTROL, 0, text),
			 "FILE_READ_DATA|READ_CONTROL");
	ck_assert_str_eq(mask_format(FILE_READ_DATA, 1, text), "FILE_LIST_DIRECTORY");
	ck_assert_str_eq(mask_format(0x400, 0, text), "0x400");
	ck_assert_str_eq(mask_format(DELETE | 0x0c000000, 0, text), "DELETE|0xc000000");
	ck_assert_uint_lt(strlen(mask_format(UINT32_MAX, 0, text)), MASK_MAX_TEXT);
	ck_assert_uint_lt(strlen(mask_format(UINT32_MAX, 1, text)), MASK_MAX_TEXT);
}
END_TEST

START_TEST(errors)
{
	ck_assert_int_eq(sd_errno(SD_OK), 0);
	for (int i = SD_NO_MEMORY; i < SD_ERROR_COUNT; i++) {
		ck_assert_int_gt(sd_errno((enum sd_error)i), 0);
		ck_assert_str_ne(sd_strerror((enum sd_error)i), "unknown error");
	}
	ck_assert_str_eq(sd_strerror((enum sd_error)99), "unknown error");
	ck_assert_int_gt(sd_errno((enum sd_error)99), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sid");
	TCase *tests = tcase_create("sid");
	tcase_add_test(tests, parse_good);
	tcase_add_test(tests, parse_bad);
	tcase_add_test(tests, parse_end);
	tcase_add_test(tests, longest_text);
	tcase_add_test(tests, binary);
	tcase_add_test(tests, binary_bad);
	tcase_add_test(tests, order);
	tcase_add_test(tests, unix_ids);
	tcase_add_test(tests, aliases);
	tcase_add_test(tests, generic_rights);
	tcase_add_test(tests, rights_text);
	tcase_add_test(tests, errors);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
