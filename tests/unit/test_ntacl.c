/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * security.NTACL: versions and their fields, foreign trailing bytes, our trailer.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "acl/ntacl.h"
#include "acl/sddl.h"

#define PREFIX 80 /* of version 3 */
#define MAGIC "GUISEUM1"

static struct descriptor *from_text(const char *text)
{
	struct descriptor *sd = NULL;
	ck_assert_int_eq(sddl_read(text, NULL, &sd, NULL), SD_OK);
	return sd;
}

static uint8_t *blob_of(const char *text, const char *kept_text, size_t *size)
{
	struct descriptor *sd = from_text(text);
	struct descriptor *kept = kept_text ? from_text(kept_text) : NULL;
	uint8_t *blob = NULL;
	ck_assert_int_eq(ntacl_write(sd, kept, &blob, size), SD_OK);
	descriptor_destroy(sd);
	descriptor_destroy(kept);
	return blob;
}

/* Reads @blob and compares both parts with texts. */
static void expect(const uint8_t *blob, size_t size, const char *text, const char *kept_text)
{
	struct descriptor *sd = NULL;
	struct descriptor *kept = NULL;
	struct descriptor *expected = from_text(text);
	ck_assert_int_eq(ntacl_read(blob, size, &sd, &kept), SD_OK);
	ck_assert(descriptor_equal(sd, expected));
	descriptor_destroy(expected);
	ck_assert((kept != NULL) == (kept_text != NULL));
	if (kept_text) {
		expected = from_text(kept_text);
		ck_assert(descriptor_equal(kept, expected));
		descriptor_destroy(expected);
	}
	descriptor_destroy(sd);
	descriptor_destroy(kept);
	ck_assert_int_eq(ntacl_read(blob, size, &sd, NULL), SD_OK);
	descriptor_destroy(sd);
}

START_TEST(version_3_with_nothing_but_a_descriptor_by_default)
{
	static const uint8_t start[] = {3, 0, 3, 0, 0, 0, 2, 0, 4, 0, 2, 0, 0, 0};
	size_t size;
	uint8_t *blob = blob_of("O:SYG:BAD:(A;;FA;;;WD)", NULL, &size);
	ck_assert_mem_eq(blob, start, sizeof(start));
	for (size_t i = sizeof(start); i < PREFIX; i++)
		ck_assert_uint_eq(blob[i], 0);
	ck_assert_uint_eq(blob[PREFIX + 4], PREFIX + 20); /* the owner, from the start */
	expect(blob, size, "O:SYG:BAD:(A;;FA;;;WD)", NULL);
	free(blob);
}
END_TEST

START_TEST(what_a_chmod_narrowed_is_kept_behind)
{
	size_t size, plain;
	uint8_t *blob = blob_of("O:SYD:(A;;FR;;;WD)", "O:SYD:(A;;FA;;;WD)", &size);
	free(blob_of("O:SYD:(A;;FR;;;WD)", NULL, &plain));
	ck_assert_mem_eq(blob + plain, MAGIC, 8);
	expect(blob, size, "O:SYD:(A;;FR;;;WD)", "O:SYD:(A;;FA;;;WD)");
	free(blob);
}
END_TEST

START_TEST(a_broken_trailer_of_ours_is_refused)
{
	size_t size, plain;
	uint8_t *blob = blob_of("O:SYD:(A;;FR;;;WD)", "O:SYD:(A;;FA;;;WD)", &size);
	struct descriptor *sd = NULL;
	struct descriptor *kept = NULL;
	free(blob_of("O:SYD:(A;;FR;;;WD)", NULL, &plain));
	for (size_t cut = plain + 8; cut < size; cut++)
		ck_assert_int_eq(ntacl_read(blob, cut, &sd, &kept), SD_BAD_NTACL);
	blob[plain + 8]++; /* its size */
	ck_assert_int_eq(ntacl_read(blob, size, &sd, &kept), SD_BAD_NTACL);
	blob[plain + 8]--;
	blob[plain + 12]++; /* its descriptor's revision */
	ck_assert_int_eq(ntacl_read(blob, size, &sd, NULL), SD_BAD_NTACL);
	ck_assert_ptr_null(sd);
	ck_assert_ptr_null(kept);
	/* without the magic they are somebody else's bytes */
	blob[plain] = 'X';
	expect(blob, size, "O:SYD:(A;;FR;;;WD)", NULL);
	free(blob);
}
END_TEST

START_TEST(our_trailer_goes_exactly_to_the_end)
{
	size_t size, plain;
	uint8_t *blob = blob_of("O:SYD:(A;;FR;;;WD)", "O:SYD:(A;;FA;;;WD)", &size);
	struct descriptor *sd = NULL;
	free(blob_of("O:SYD:(A;;FR;;;WD)", NULL, &plain));
	blob = realloc(blob, size + 4);
	memset(blob + size, 0, 4);
	ck_assert_int_eq(ntacl_read(blob, size + 4, &sd, NULL), SD_BAD_NTACL);
	blob[plain + 8] += 4; /* the size is right, but the descriptor ends before */
	ck_assert_int_eq(ntacl_read(blob, size + 4, &sd, NULL), SD_BAD_NTACL);
	free(blob);
}
END_TEST

START_TEST(foreign_bytes_behind_are_ignored)
{
	size_t size;
	uint8_t *blob = blob_of("O:SYD:(A;;FR;;;WD)", NULL, &size);
	blob = realloc(blob, size + 7);
	memcpy(blob + size, "GUISEUM", 7);
	for (size_t more = 1; more <= 7; more++)
		expect(blob, size + more, "O:SYD:(A;;FR;;;WD)", NULL);
	free(blob);
}
END_TEST

/* Fields that every byte of which differs from those beside it. */
static struct ntacl_info full_info(uint16_t version, const char *description)
{
	struct ntacl_info info = {
		.version = version,
		.hash_type = 0x0201,
		.time = 0x0807060504030201,
		.description = description ? strdup(description) : NULL,
	};
	for (unsigned int i = 0; i < NTACL_HASH_SIZE; i++) {
		info.hash[i] = (uint8_t)(0x10 + i);
		info.sys_acl_hash[i] = (uint8_t)(0x60 + i);
	}
	return info;
}

static uint8_t *blob_with(const struct ntacl_info *info, const char *kept_text, size_t *size)
{
	struct descriptor *sd = from_text("O:SYD:(A;;FR;;;WD)");
	struct descriptor *kept = kept_text ? from_text(kept_text) : NULL;
	uint8_t *blob = NULL;
	ck_assert_int_eq(ntacl_write_info(sd, kept, info, &blob, size), SD_OK);
	descriptor_destroy(sd);
	descriptor_destroy(kept);
	return blob;
}

/* Where the descriptor of version @version starts, by its owner's offset. */
static void descriptor_is_at(const uint8_t *blob, size_t at)
{
	ck_assert_uint_eq(blob[at], 1); /* its revision */
	ck_assert_uint_eq(blob[at + 4], at + 20);
}

static struct ntacl_info info_of(const uint8_t *blob, size_t size)
{
	struct descriptor *sd = NULL;
	struct ntacl_info info;
	ck_assert_int_eq(ntacl_read_info(blob, size, &sd, NULL, &info), SD_OK);
	descriptor_destroy(sd);
	return info;
}

START_TEST(version_1_has_a_descriptor_only)
{
	static const uint8_t start[] = {1, 0, 1, 0, 0, 0, 2, 0};
	struct ntacl_info info = full_info(1, NULL);
	size_t size;
	uint8_t *blob = blob_with(&info, NULL, &size);
	ck_assert_mem_eq(blob, start, sizeof(start));
	descriptor_is_at(blob, 8);
	expect(blob, size, "O:SYD:(A;;FR;;;WD)", NULL);
	struct ntacl_info found = info_of(blob, size);
	struct ntacl_info expected = {.version = 1};
	ck_assert_mem_eq(&found, &expected, sizeof(expected));
	free(blob);
}
END_TEST

START_TEST(version_2_has_a_hash_of_16_bytes)
{
	struct ntacl_info info = full_info(2, NULL);
	size_t size;
	uint8_t *blob = blob_with(&info, NULL, &size);
	ck_assert_mem_eq(blob + 12, info.hash, 16);
	descriptor_is_at(blob, 28);
	expect(blob, size, "O:SYD:(A;;FR;;;WD)", NULL);
	struct ntacl_info found = info_of(blob, size);
	struct ntacl_info expected = {.version = 2};
	memcpy(expected.hash, info.hash, 16);
	ck_assert_mem_eq(&found, &expected, sizeof(expected));
	free(blob);
}
END_TEST

START_TEST(version_3_has_a_hash_and_its_type)
{
	struct ntacl_info info = full_info(3, NULL);
	size_t size;
	uint8_t *blob = blob_with(&info, NULL, &size);
	ck_assert_uint_eq(blob[12], 1);
	ck_assert_uint_eq(blob[13], 2);
	ck_assert_mem_eq(blob + 14, info.hash, NTACL_HASH_SIZE);
	descriptor_is_at(blob, PREFIX);
	struct ntacl_info found = info_of(blob, size);
	struct ntacl_info expected = {.version = 3, .hash_type = info.hash_type};
	memcpy(expected.hash, info.hash, NTACL_HASH_SIZE);
	ck_assert_mem_eq(&found, &expected, sizeof(expected));
	free(blob);
}
END_TEST

/* Version 4 with @description, padded so that the time is at @time. */
static void version_4_is(const char *description, size_t time)
{
	struct ntacl_info info = full_info(4, description);
	const char *text = description ? description : "";
	size_t size;
	uint8_t *blob = blob_with(&info, "O:SYD:(A;;FA;;;WD)", &size);
	ck_assert_mem_eq(blob + 14, info.hash, NTACL_HASH_SIZE);
	ck_assert_str_eq((char *)blob + 78, text);
	for (unsigned int i = 0; i < 8; i++)
		ck_assert_uint_eq(blob[time + i], i + 1);
	ck_assert_mem_eq(blob + time + 8, info.sys_acl_hash, NTACL_HASH_SIZE);
	descriptor_is_at(blob, time + 8 + NTACL_HASH_SIZE);
	expect(blob, size, "O:SYD:(A;;FR;;;WD)", "O:SYD:(A;;FA;;;WD)");
	struct ntacl_info found = info_of(blob, size);
	ck_assert_str_eq(found.description, text);
	free(info.description);
	info.description = found.description;
	ck_assert_mem_eq(&found, &info, sizeof(info));
	ntacl_info_clear(&found);
	ck_assert_ptr_null(found.description);
	free(blob);
}

START_TEST(version_4_has_a_description_a_time_and_another_hash)
{
	version_4_is(NULL, 80);
	version_4_is("", 80);
	version_4_is("x", 80);
	version_4_is("\xc3\xbc", 84);
	version_4_is("xxxxx", 84);
	version_4_is("posix_acl", 88);
}
END_TEST

START_TEST(a_description_is_utf_8)
{
	static const char *const wrong[] = {
		"\xc3",   "\x80",     "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
		"x\xffx", "\xe2\x82",
	};
	struct descriptor *sd = from_text("O:SYD:(A;;FR;;;WD)");
	struct descriptor *found = NULL;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct ntacl_info info = full_info(4, "xxxx");
		size_t size, length = strlen(wrong[i]);
		uint8_t *blob = blob_with(&info, NULL, &size);
		memset(blob + 78, 'x', 4 - length);
		memcpy(blob + 78 + 4 - length, wrong[i], length);
		ck_assert_int_eq(ntacl_read(blob, size, &found, NULL), SD_BAD_NTACL);
		ck_assert_ptr_null(found);
		free(blob);
		blob = NULL;
		strcpy(info.description, wrong[i]);
		ck_assert_int_eq(ntacl_write_info(sd, NULL, &info, &blob, &size), SD_BAD_NTACL);
		ck_assert_ptr_null(blob);
		ntacl_info_clear(&info);
	}
	descriptor_destroy(sd);
}
END_TEST

START_TEST(a_description_fits_an_attribute)
{
	struct ntacl_info info = full_info(4, NULL);
	struct descriptor *sd = from_text("O:SYD:(A;;FR;;;WD)");
	struct descriptor *found = NULL;
	uint8_t *blob = NULL;
	size_t size;
	info.description = calloc(1, DESCRIPTOR_MAX_SIZE + 2);
	memset(info.description, 'x', DESCRIPTOR_MAX_SIZE + 1);
	ck_assert_int_eq(ntacl_write_info(sd, NULL, &info, &blob, &size), SD_TOO_LARGE);
	ck_assert_ptr_null(blob);
	info.description[DESCRIPTOR_MAX_SIZE] = '\0';
	blob = blob_with(&info, NULL, &size);
	expect(blob, size, "O:SYD:(A;;FR;;;WD)", NULL);
	blob[78 + DESCRIPTOR_MAX_SIZE] = 'x'; /* its NUL; the pad has another */
	ck_assert_int_eq(ntacl_read(blob, size, &found, NULL), SD_TOO_LARGE);
	free(blob);
	ntacl_info_clear(&info);
	descriptor_destroy(sd);
}
END_TEST

START_TEST(other_versions_cannot_be_written)
{
	struct descriptor *sd = from_text("O:SYD:(A;;FR;;;WD)");
	uint8_t *blob = NULL;
	size_t size;
	for (uint16_t version = 0; version <= 6; version++) {
		struct ntacl_info info = {.version = version};
		if (version >= 1 && version <= 4)
			continue;
		ck_assert_int_eq(ntacl_write_info(sd, NULL, &info, &blob, &size), SD_BAD_NTACL);
		ck_assert_ptr_null(blob);
	}
	descriptor_destroy(sd);
}
END_TEST

START_TEST(every_version_cut_short_is_refused)
{
	static const size_t prefixes[] = {8, 28, PREFIX, 160};
	for (uint16_t version = 1; version <= 4; version++) {
		struct ntacl_info info = full_info(version, "posix_acl");
		struct ntacl_info untouched = {0};
		struct descriptor *sd = NULL;
		size_t size;
		uint8_t *blob = blob_with(&info, NULL, &size);
		for (size_t cut = 0; cut < size; cut++) {
			/* of its exact size, so that a sanitizer sees reading beyond it */
			uint8_t *copy = malloc(cut ? cut : 1);
			memcpy(copy, blob, cut);
			enum sd_error error = ntacl_read_info(copy, cut, &sd, NULL, &untouched);
			ck_assert_int_ne(error, SD_OK);
			ck_assert(error == SD_BAD_NTACL || cut > prefixes[version - 1]);
			ck_assert_ptr_null(sd);
			ck_assert_uint_eq(untouched.version, 0);
			free(copy);
		}
		free(blob);
		ntacl_info_clear(&info);
	}
}
END_TEST

START_TEST(an_unknown_version_or_null_pointer_is_refused)
{
	static const struct {
		size_t at;
		uint8_t value;
	} changes[] = {{0, 5}, {0, 0}, {1, 1}, {2, 2}, {6, 0}, {10, 0}};
	struct descriptor *sd = NULL;
	size_t size;
	uint8_t *blob = blob_of("O:SYD:(A;;FR;;;WD)", NULL, &size);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		uint8_t old = blob[changes[i].at];
		blob[4] = blob[8] = 0;
		blob[changes[i].at] = changes[i].value;
		ck_assert_int_eq(ntacl_read(blob, size, &sd, NULL), SD_BAD_NTACL);
		blob[changes[i].at] = old;
	}
	for (size_t cut = 0; cut < size; cut++)
		ck_assert_int_ne(ntacl_read(blob, cut, &sd, NULL), SD_OK);
	blob[PREFIX + 4] = 20; /* owner in the prefix */
	ck_assert_int_eq(ntacl_read(blob, size, &sd, NULL), SD_BAD_OFFSET);
	free(blob);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ntacl");
	TCase *tests = tcase_create("ntacl");
	tcase_add_test(tests, version_3_with_nothing_but_a_descriptor_by_default);
	tcase_add_test(tests, what_a_chmod_narrowed_is_kept_behind);
	tcase_add_test(tests, a_broken_trailer_of_ours_is_refused);
	tcase_add_test(tests, our_trailer_goes_exactly_to_the_end);
	tcase_add_test(tests, foreign_bytes_behind_are_ignored);
	tcase_add_test(tests, version_1_has_a_descriptor_only);
	tcase_add_test(tests, version_2_has_a_hash_of_16_bytes);
	tcase_add_test(tests, version_3_has_a_hash_and_its_type);
	tcase_add_test(tests, version_4_has_a_description_a_time_and_another_hash);
	tcase_add_test(tests, a_description_is_utf_8);
	tcase_add_test(tests, a_description_fits_an_attribute);
	tcase_add_test(tests, other_versions_cannot_be_written);
	tcase_add_test(tests, every_version_cut_short_is_refused);
	tcase_add_test(tests, an_unknown_version_or_null_pointer_is_refused);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
