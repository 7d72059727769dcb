/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * security.NTACL: versions, foreign trailing bytes, our trailer.
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

START_TEST(version_3)
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

START_TEST(trailer)
{
	size_t size, plain;
	uint8_t *blob = blob_of("O:SYD:(A;;FR;;;WD)", "O:SYD:(A;;FA;;;WD)", &size);
	free(blob_of("O:SYD:(A;;FR;;;WD)", NULL, &plain));
	ck_assert_mem_eq(blob + plain, MAGIC, 8);
	expect(blob, size, "O:SYD:(A;;FR;;;WD)", "O:SYD:(A;;FA;;;WD)");
	free(blob);
}
END_TEST

START_TEST(bad_trailer)
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

START_TEST(longer_trailer)
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

START_TEST(foreign_bytes)
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

/* The same descriptor behind the prefixes of versions 1, 2 and 4. */
static uint8_t *other_version(uint8_t version, size_t prefix, size_t *size)
{
	size_t plain;
	uint8_t *blob = blob_of("O:SYD:(A;;FR;;;WD)", NULL, &plain);
	uint8_t *other = calloc(1, prefix + plain - PREFIX);
	other[0] = other[2] = version;
	other[6] = other[10] = 2;
	*size = prefix + plain - PREFIX;
	memcpy(other + prefix, blob + PREFIX, plain - PREFIX);
	for (unsigned int i = 4; i < 20; i += 4) {
		if (other[prefix + i])
			other[prefix + i] = (uint8_t)(other[prefix + i] - PREFIX + prefix);
	}
	free(blob);
	return other;
}

START_TEST(other_versions)
{
	size_t size;
	uint8_t *blob = other_version(1, 8, &size);
	expect(blob, size, "O:SYD:(A;;FR;;;WD)", NULL);
	free(blob);
	blob = other_version(2, 28, &size);
	expect(blob, size, "O:SYD:(A;;FR;;;WD)", NULL);
	free(blob);
	/* version 4: description "ü" and its NUL, padded to 84, time, hash */
	blob = other_version(4, 156, &size);
	memcpy(blob + 78, "\xc3\xbc", 2);
	expect(blob, size, "O:SYD:(A;;FR;;;WD)", NULL);
	struct descriptor *sd = NULL;
	blob[79] = 'x'; /* no UTF-8 any more */
	ck_assert_int_eq(ntacl_read(blob, size, &sd, NULL), SD_BAD_NTACL);
	free(blob);
}
END_TEST

START_TEST(bad_prefix)
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
	tcase_add_test(tests, version_3);
	tcase_add_test(tests, trailer);
	tcase_add_test(tests, bad_trailer);
	tcase_add_test(tests, longer_trailer);
	tcase_add_test(tests, foreign_bytes);
	tcase_add_test(tests, other_versions);
	tcase_add_test(tests, bad_prefix);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
