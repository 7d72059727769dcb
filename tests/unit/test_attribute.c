/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Security attributes: their binary form, copies, comparison and lists.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/attribute.h"
#include "acl/bytes.h"
#include "acl/utf16.h"

#define MAX_BYTES 65536

/* as they stand in ACEs, less the padding at their end */
static const struct {
	const char *hex;
	uint16_t type;
	uint32_t flags;
	size_t count;
	const char *name;
} recorded[] = {
	/* ("A1",TS,0x1,"semi, colon","blue") */
	{"180000000300000001000000020000001e00000036000000410031000000730065006d006900"
	 "2c00200063006f006c006f006e00000062006c00750065000000",
	 CLAIM_SECURITY_ATTRIBUTE_TYPE_STRING, 1, 2, "A1"},
	/* ("colOIr",TU,0xe,244714,244729925777777) */
	{"18000000020000000e00000002000000260000002e00000063006f006c004f00490072000000"
	 "eabb03000000000071b94aa094de0000",
	 CLAIM_SECURITY_ATTRIBUTE_TYPE_UINT64, 0xe, 2, "colOIr"},
	/* ("clearance",TI,0x0,-2) */
	{"140000000100000000000000010000002800000063006c0065006100720061006e0063006500"
	 "0000feffffffffffffff",
	 CLAIM_SECURITY_ATTRIBUTE_TYPE_INT64, 0, 1, "clearance"},
	/* ("Title",TD,0x10,S-1-5-2) */
	{"14000000050000001000000001000000200000005400690074006c006500000007000000532d"
	 "312d352d32",
	 CLAIM_SECURITY_ATTRIBUTE_TYPE_SID, 0x10, 1, "Title"},
	/* ("a",TX,0x1,7e,2278) */
	{"180000001000000001000000020000001c0000002100000061000000010000007e0200000022"
	 "78",
	 CLAIM_SECURITY_ATTRIBUTE_TYPE_OCTET_STRING, 1, 2, "a"},
	/* ("z y",TB,0x10,1,0) */
	{"1800000006000000100000000200000020000000280000007a00200079000000010000000000"
	 "00000000000000000000",
	 CLAIM_SECURITY_ATTRIBUTE_TYPE_BOOLEAN, 0x10, 2, "z y"},
};

static size_t from_hex(const char *hex, uint8_t *bytes)
{
	size_t size = strlen(hex) / 2;
	for (size_t i = 0; i < size; i++) {
		unsigned int byte;
		ck_assert_int_eq(sscanf(hex + 2 * i, "%2x", &byte), 1);
		bytes[i] = (uint8_t)byte;
	}
	return size;
}

static bool has_name(const struct attribute *attribute, const char *name)
{
	if (attribute->name_length != strlen(name))
		return false;
	for (size_t i = 0; i < attribute->name_length; i++) {
		if (attribute->name[i] != (uint8_t)name[i])
			return false;
	}
	return true;
}

static void read_recorded(size_t i, struct attribute *attribute)
{
	uint8_t bytes[256];
	size_t size = from_hex(recorded[i].hex, bytes);
	ck_assert_int_eq(attribute_read(bytes, size, attribute), SD_OK);
}

START_TEST(what_was_read_is_written_byte_for_byte)
{
	for (size_t i = 0; i < sizeof(recorded) / sizeof(recorded[0]); i++) {
		struct attribute attribute = {0};
		uint8_t expected[256], *bytes;
		size_t expected_size = from_hex(recorded[i].hex, expected), size;
		read_recorded(i, &attribute);
		ck_assert_uint_eq(attribute.type, recorded[i].type);
		ck_assert_uint_eq(attribute.flags, recorded[i].flags);
		ck_assert_uint_eq(attribute.count, recorded[i].count);
		ck_assert(has_name(&attribute, recorded[i].name));
		ck_assert_int_eq(attribute_write(&attribute, &bytes, &size), SD_OK);
		ck_assert_uint_eq(size, align4(expected_size));
		ck_assert_mem_eq(bytes, expected, expected_size);
		for (size_t at = expected_size; at < size; at++)
			ck_assert_uint_eq(bytes[at], 0);
		free(bytes);
		attribute_clear(&attribute);
	}
}
END_TEST

START_TEST(values_are_what_was_written)
{
	struct attribute attribute = {0};
	struct sid network;
	ck_assert(sid_parse("S-1-5-2", &network, NULL));
	read_recorded(1, &attribute);
	ck_assert_uint_eq(attribute.values[1].number, UINT64_C(244729925777777));
	attribute_clear(&attribute);
	read_recorded(2, &attribute);
	ck_assert_int_eq((int64_t)attribute.values[0].number, -2);
	attribute_clear(&attribute);
	read_recorded(3, &attribute);
	ck_assert(sid_equal(&attribute.values[0].sid, &network));
	attribute_clear(&attribute);
	read_recorded(4, &attribute);
	ck_assert_uint_eq(attribute.values[1].size, 2);
	ck_assert_mem_eq(attribute.values[1].bytes, "\x22\x78", 2);
	attribute_clear(&attribute);
	read_recorded(0, &attribute);
	ck_assert_uint_eq(attribute.values[1].size, 8);
	ck_assert_mem_eq(attribute.values[1].bytes, "b\0l\0u\0e", 8);
	attribute_clear(&attribute);
}
END_TEST

/* header, one offset, "n", then @value at 24 */
static size_t one_value(uint8_t *bytes, uint16_t type, const void *value, size_t size)
{
	memset(bytes, 0, 24);
	put_le32(bytes, 20);
	put_le16(bytes + 4, type);
	put_le32(bytes + 12, 1);
	put_le32(bytes + 16, 24);
	bytes[20] = 'n';
	memcpy(bytes + 24, value, size);
	return 24 + size;
}

static enum sd_error read_one(uint16_t type, const void *value, size_t size,
			      struct attribute *attribute)
{
	uint8_t bytes[512];
	return attribute_read(bytes, one_value(bytes, type, value, size), attribute);
}

START_TEST(a_sid_is_read_from_text_with_or_without_nul_and_from_its_binary_form)
{
	static const struct {
		const char *octets;
		size_t size;
		bool good;
	} cases[] = {
		{"\x08\0\0\0S-1-5-18", 12, true},
		{"\x09\0\0\0S-1-5-18\0", 13, true},
		{"\x0a\0\0\0S-1-5-18\0\0", 14, false},
		{"\x08\0\0\0s-1-5-18", 12, true},
		{"\x09\0\0\0S-1-5-18x", 13, false},
		{"\x0c\0\0\0\1\1\0\0\0\0\0\5\x12\0\0\0", 16, true},
		{"\x0b\0\0\0\1\1\0\0\0\0\0\5\x12\0\0\0", 16, false},
		{"\x00\0\0\0S-1-5-18", 12, false},
		{"\x02\0\0\0SY", 6, false},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct attribute attribute = {0};
		enum sd_error error = read_one(CLAIM_SECURITY_ATTRIBUTE_TYPE_SID, cases[i].octets,
					       cases[i].size, &attribute);
		ck_assert_int_eq(error, cases[i].good ? SD_OK : SD_BAD_ACE);
		if (cases[i].good)
			ck_assert(sid_equal(&attribute.values[0].sid, &sid_system));
		attribute_clear(&attribute);
	}
}
END_TEST

START_TEST(types_that_are_none_are_refused)
{
	for (unsigned int type = 0; type < 0x20; type++) {
		struct attribute attribute = {0};
		bool known = type == 1 || type == 2 || type == 3 || type == 6 || type == 16;
		enum sd_error error = read_one((uint16_t)type, "\0\0\0\0\0\0\0", 8, &attribute);
		ck_assert_int_eq(error, known ? SD_OK : SD_BAD_ACE);
		attribute_clear(&attribute);
	}
}
END_TEST

START_TEST(values_may_lie_in_any_order)
{
	struct attribute attribute = {0};
	uint8_t bytes[64] = {0};
	/* values, then the name, the second value first */
	put_le32(bytes, 40);
	put_le16(bytes + 4, CLAIM_SECURITY_ATTRIBUTE_TYPE_UINT64);
	put_le32(bytes + 12, 2);
	put_le32(bytes + 16, 32);
	put_le32(bytes + 20, 24);
	bytes[24] = 2;
	bytes[32] = 1;
	bytes[40] = 'n';
	ck_assert_int_eq(attribute_read(bytes, 44, &attribute), SD_OK);
	ck_assert_uint_eq(attribute.values[0].number, 1);
	ck_assert_uint_eq(attribute.values[1].number, 2);
	attribute_clear(&attribute);
	/* nothing points into the header or the offsets */
	put_le32(bytes + 20, 16);
	ck_assert_int_eq(attribute_read(bytes, 44, &attribute), SD_BAD_ACE);
	put_le32(bytes + 20, 24);
	put_le32(bytes, 12);
	ck_assert_int_eq(attribute_read(bytes, 44, &attribute), SD_BAD_ACE);
}
END_TEST

START_TEST(values_that_share_bytes_do_not_multiply_them)
{
	struct attribute attribute = {0};
	uint8_t *bytes = calloc(1, 40000);
	put_le32(bytes, 39998);
	put_le16(bytes + 4, CLAIM_SECURITY_ATTRIBUTE_TYPE_STRING);
	put_le32(bytes + 12, 1000);
	for (size_t i = 0; i < 1000; i++)
		put_le32(bytes + 16 + 4 * i, 5000);
	memset(bytes + 5000, 'x', 30000);
	ck_assert_int_eq(attribute_read(bytes, 40000, &attribute), SD_BAD_ACE);
	/* without sharing it is good */
	put_le32(bytes + 12, 1);
	ck_assert_int_eq(attribute_read(bytes, 40000, &attribute), SD_OK);
	attribute_clear(&attribute);
	free(bytes);
}
END_TEST

START_TEST(too_many_values_are_refused)
{
	struct attribute attribute = {0};
	uint8_t *bytes = calloc(1, 65000);
	put_le16(bytes + 4, CLAIM_SECURITY_ATTRIBUTE_TYPE_STRING);
	for (uint32_t count = ATTRIBUTE_MAX_VALUES; count <= ATTRIBUTE_MAX_VALUES + 1; count++) {
		put_le32(bytes + 12, count);
		put_le32(bytes, 60000);
		for (uint32_t i = 0; i < count; i++)
			put_le32(bytes + 16 + 4 * i, 30000 + 2 * i);
		ck_assert_int_eq(attribute_read(bytes, 65000, &attribute),
				 count <= ATTRIBUTE_MAX_VALUES ? SD_OK : SD_BAD_ACE);
		attribute_clear(&attribute);
	}
	put_le32(bytes + 12, UINT32_MAX);
	ck_assert_int_eq(attribute_read(bytes, 65000, &attribute), SD_BAD_ACE);
	free(bytes);
}
END_TEST

/* Copies of exact size, so that a sanitizer sees reading beyond them. */
static void read_hostile(const uint8_t *bytes, size_t size, bool may_be_good)
{
	struct attribute attribute = {0};
	uint8_t *copy = malloc(size ? size : 1);
	memcpy(copy, bytes, size);
	enum sd_error error = attribute_read(copy, size, &attribute);
	ck_assert(error == SD_BAD_ACE || (may_be_good && error == SD_OK));
	if (error)
		ck_assert(!attribute.name && !attribute.values && !attribute.count);
	attribute_clear(&attribute);
	free(copy);
}

START_TEST(hostile_bytes_are_refused_or_read_never_overrun)
{
	for (size_t i = 0; i < sizeof(recorded) / sizeof(recorded[0]); i++) {
		uint8_t bytes[256];
		size_t size = from_hex(recorded[i].hex, bytes);
		/* without its padding no byte is to spare */
		for (size_t cut = 0; cut < size; cut++)
			read_hostile(bytes, cut, false);
		for (size_t at = 0; at < size; at++) {
			uint8_t old = bytes[at];
			for (unsigned int bit = 0; bit < 8; bit++) {
				bytes[at] = (uint8_t)(old ^ 1u << bit);
				read_hostile(bytes, size, true);
			}
			bytes[at] = 0xff;
			read_hostile(bytes, size, true);
			bytes[at] = old;
		}
	}
}
END_TEST

START_TEST(a_copy_is_equal_and_its_own)
{
	for (size_t i = 0; i < sizeof(recorded) / sizeof(recorded[0]); i++) {
		struct attribute attribute = {0}, copy = {0};
		read_recorded(i, &attribute);
		ck_assert_int_eq(attribute_copy(&copy, &attribute), SD_OK);
		ck_assert(attribute_equal(&attribute, &copy));
		attribute_clear(&attribute);
		read_recorded(i, &attribute);
		ck_assert(attribute_equal(&attribute, &copy));
		attribute_clear(&copy);
		attribute_clear(&attribute);
	}
}
END_TEST

/* Is a copy of the recorded attribute still equal after @change? */
static bool equal_after(size_t i, void (*change)(struct attribute *attribute))
{
	struct attribute attribute = {0}, copy = {0};
	read_recorded(i, &attribute);
	ck_assert_int_eq(attribute_copy(&copy, &attribute), SD_OK);
	change(&copy);
	bool equal = attribute_equal(&attribute, &copy);
	attribute_clear(&attribute);
	attribute_clear(&copy);
	return equal;
}

static void change_case_of_name(struct attribute *attribute)
{
	attribute->name[0] ^= 0x20;
}

static void change_name(struct attribute *attribute)
{
	attribute->name[0]++;
}

static void change_flags(struct attribute *attribute)
{
	attribute->flags ^= CLAIM_SECURITY_ATTRIBUTE_DISABLED;
}

static void change_count(struct attribute *attribute)
{
	free(attribute->values[--attribute->count].bytes);
}

static void change_type(struct attribute *attribute)
{
	attribute->type ^= CLAIM_SECURITY_ATTRIBUTE_TYPE_STRING;
}

static void change_value(struct attribute *attribute)
{
	attribute->values[0].number++;
	attribute->values[0].sid.sub[0]++;
	if (attribute->values[0].bytes)
		attribute->values[0].bytes[0]++;
}

START_TEST(attributes_are_equal_in_everything_but_the_case_of_their_names)
{
	ck_assert(equal_after(0, change_case_of_name));
	for (size_t i = 0; i < sizeof(recorded) / sizeof(recorded[0]); i++) {
		ck_assert(!equal_after(i, change_name));
		ck_assert(!equal_after(i, change_flags));
		ck_assert(!equal_after(i, change_count));
		ck_assert(!equal_after(i, change_value));
	}
	ck_assert(!equal_after(1, change_type));
}
END_TEST

START_TEST(a_list_owns_copies_and_finds_names_in_any_case)
{
	struct attribute_list list = {0};
	for (size_t round = 0; round < 3; round++) {
		for (size_t i = 0; i < sizeof(recorded) / sizeof(recorded[0]); i++) {
			struct attribute attribute = {0};
			read_recorded(i, &attribute);
			ck_assert_int_eq(attribute_list_append(&list, &attribute), SD_OK);
			attribute_clear(&attribute);
		}
	}
	ck_assert_uint_eq(list.count, 18);
	/* the first of that name */
	ck_assert_ptr_eq(attribute_list_find(&list, (const uint8_t *)"t\0I\0T\0L\0E", 5),
			 &list.items[3]);
	ck_assert_ptr_eq(attribute_list_find(&list, (const uint8_t *)"A", 1), &list.items[4]);
	ck_assert_ptr_null(attribute_list_find(&list, (const uint8_t *)"T\0i\0t\0l", 4));
	ck_assert_ptr_null(attribute_list_find(&list, (const uint8_t *)"T\0i\0t\0l\0e\0s", 6));
	attribute_list_clear(&list);
	ck_assert_uint_eq(list.count, 0);
	ck_assert_ptr_null(attribute_list_find(&list, (const uint8_t *)"A", 1));
}
END_TEST

START_TEST(what_does_not_fit_an_ace_is_not_written)
{
	static uint8_t octets[MAX_BYTES];
	uint16_t name = 'n';
	struct attribute_value value = {.bytes = octets, .size = 65000};
	struct attribute attribute = {.name = &name,
				      .name_length = 1,
				      .type = CLAIM_SECURITY_ATTRIBUTE_TYPE_OCTET_STRING,
				      .count = 1,
				      .values = &value};
	uint8_t *bytes;
	size_t size;
	ck_assert_int_eq(attribute_write(&attribute, &bytes, &size), SD_OK);
	free(bytes);
	value.size = 0xfff0;
	ck_assert_int_eq(attribute_write(&attribute, &bytes, &size), SD_TOO_LARGE);
	value.size = SIZE_MAX;
	ck_assert_int_eq(attribute_write(&attribute, &bytes, &size), SD_TOO_LARGE);
	value.size = 2;
	attribute.name_length = ATTRIBUTE_MAX_NAME + 1;
	ck_assert_int_eq(attribute_write(&attribute, &bytes, &size), SD_TOO_LARGE);
	attribute.name_length = 1;
	attribute.count = ATTRIBUTE_MAX_VALUES + 1;
	ck_assert_int_eq(attribute_write(&attribute, &bytes, &size), SD_TOO_LARGE);
}
END_TEST

START_TEST(what_would_be_read_as_something_else_is_not_written)
{
	uint8_t text[] = {'a', 0, 0, 0, 'b', 0};
	uint16_t name[] = {'n', 0, 'm'};
	struct attribute_value value = {.bytes = text, .size = sizeof(text)};
	struct attribute attribute = {.name = name,
				      .name_length = 1,
				      .type = CLAIM_SECURITY_ATTRIBUTE_TYPE_STRING,
				      .count = 1,
				      .values = &value};
	uint8_t *bytes;
	size_t size;
	ck_assert_int_eq(attribute_write(&attribute, &bytes, &size), SD_BAD_ACE);
	value.size = 1;
	ck_assert_int_eq(attribute_write(&attribute, &bytes, &size), SD_BAD_ACE);
	value.size = 2;
	ck_assert_int_eq(attribute_write(&attribute, &bytes, &size), SD_OK);
	free(bytes);
	attribute.name_length = 3;
	ck_assert_int_eq(attribute_write(&attribute, &bytes, &size), SD_BAD_ACE);
	attribute.name_length = 1;
	attribute.type = 4;
	ck_assert_int_eq(attribute_write(&attribute, &bytes, &size), SD_BAD_ACE);
}
END_TEST

START_TEST(upper_case_is_by_unit_and_never_turns_into_ascii)
{
	ck_assert_uint_eq(utf16_upper('z'), 'Z');
	ck_assert_uint_eq(utf16_upper('{'), '{');
	ck_assert_uint_eq(utf16_upper(0x00fc), 0x00dc); /* u with dots */
	ck_assert_uint_eq(utf16_upper(0x0436), 0x0416); /* Cyrillic zhe */
	ck_assert_uint_eq(utf16_upper(0x00df), 0x00df); /* sharp s */
	ck_assert_uint_eq(utf16_upper(0x0131), 0x0131); /* dotless i */
	ck_assert_uint_eq(utf16_upper(0x017f), 0x017f); /* long s */
	ck_assert_uint_eq(utf16_upper(0xd801), 0xd801); /* a surrogate */
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("attribute");
	TCase *tests = tcase_create("attribute");
	tcase_add_test(tests, what_was_read_is_written_byte_for_byte);
	tcase_add_test(tests, values_are_what_was_written);
	tcase_add_test(tests, a_sid_is_read_from_text_with_or_without_nul_and_from_its_binary_form);
	tcase_add_test(tests, types_that_are_none_are_refused);
	tcase_add_test(tests, values_may_lie_in_any_order);
	tcase_add_test(tests, values_that_share_bytes_do_not_multiply_them);
	tcase_add_test(tests, too_many_values_are_refused);
	tcase_add_test(tests, hostile_bytes_are_refused_or_read_never_overrun);
	tcase_add_test(tests, a_copy_is_equal_and_its_own);
	tcase_add_test(tests, attributes_are_equal_in_everything_but_the_case_of_their_names);
	tcase_add_test(tests, a_list_owns_copies_and_finds_names_in_any_case);
	tcase_add_test(tests, what_does_not_fit_an_ace_is_not_written);
	tcase_add_test(tests, what_would_be_read_as_something_else_is_not_written);
	tcase_add_test(tests, upper_case_is_by_unit_and_never_turns_into_ascii);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
