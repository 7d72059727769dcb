/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files of saved descriptors: what is written is read again, and what is wrong is refused where it
 * is wrong.
 */
#include <check.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "acl/sddl.h"
#include "tools/icacls.h"
#include "tools/saved.h"
#include "tools/saved_path.h"

static struct descriptor *read_sddl(const char *text)
{
	struct descriptor *sd = NULL;

	ck_assert_int_eq(sddl_read(text, NULL, &sd, NULL), SD_OK);
	return sd;
}

static FILE *bytes_file(const char *bytes, size_t size)
{
	FILE *file = tmpfile();

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
	rewind(file);
	return file;
}

static const char *const paths[] = {
	"a",
	"a b",
	"tab\there",
	"line\nend",
	"return\r",
	"back\\slash",
	"\001\177\302\205\xff\xc3",
	"\xc3\xa4\xe2\x82\xac",
	"\xe2\x80\xae",
	"~",
	"#",
	"..a",
	"...",
	"\\012",
};

START_TEST(a_path_is_one_field_and_comes_back)
{
	char *text = saved_path_escape(paths[_i]);
	char *back = NULL;

	ck_assert_ptr_null(strpbrk(text, "\t\r\n"));
	ck_assert_int_eq(saved_path_unescape(text, strlen(text), &back), 0);
	ck_assert_str_eq(back, paths[_i]);
	ck_assert_ptr_null(saved_path_fault(back));
	free(text);
	free(back);
}
END_TEST

START_TEST(paths_are_escaped_as_documented)
{
	char *text = saved_path_escape("\xc3\xa4\t\\\xff\xe2\x80\xae");

	ck_assert_str_eq(text, "\xc3\xa4\\011\\\\\\377\\342\\200\\256");
	free(text);
}
END_TEST

static const char *const wrong_paths[] = {"",     "/",    "/a",    "a/",     "a//b", "..",
					  "../a", "a/..", "a/./b", "a/../b", "./a",  "a/."};

START_TEST(a_path_that_leads_elsewhere_is_refused)
{
	ck_assert_ptr_nonnull(saved_path_fault(wrong_paths[_i]));
}
END_TEST

static const struct {
	const char *path;
	char type;
	bool implied;
	const char *sddl;
	uint16_t control; /* added */
} records[] = {
	{".", 'd', false, "O:SYG:BAD:PAI(A;OICI;FA;;;SY)S:P(AU;SA;FA;;;WD)", 0},
	{"a\tb\n", 'f', false, "O:SYG:BAD:(A;;FA;;;WD)", SE_OWNER_DEFAULTED},
	{"a", 'd', true, "O:SYG:BAD:(A;;FR;;;WD)", 0},
	{"a/b", 'l', false, "D:NO_ACCESS_CONTROL", 0},
	{"a/c", 'p', false, "O:SYD:(XA;;FA;;;WD;(@USER.a == \"\xc3\xa4\"))", 0},
	{"a/d", 's', false, "O:SYD:(XA;;FA;;;WD;(@USER.a == \"x\ny\"))", 0},
	{"a/e", 'c', true, "G:SYS:", SE_RM_CONTROL_VALID},
};

#define RECORDS (sizeof(records) / sizeof(records[0]))

static struct descriptor *record_sd(size_t i)
{
	struct descriptor *sd = read_sddl(records[i].sddl);

	sd->control |= records[i].control;
	if (records[i].control & SE_RM_CONTROL_VALID)
		sd->sbz1 = 7;
	return sd;
}

static char *write_all(size_t *size)
{
	struct saved_writer writer;
	char *text = NULL;
	FILE *file = open_memstream(&text, size);

	ck_assert_int_eq(saved_begin(&writer, file, "/srv/a\nb", true), 0);
	for (size_t i = 0; i < RECORDS; i++) {
		char *path = strdup(records[i].path);
		struct saved saved = {.path = path,
				      .type = records[i].type,
				      .implied = records[i].implied,
				      .sd = record_sd(i)};

		ck_assert_int_eq(saved_put(&writer, &saved), 0);
		saved_clear(&saved);
	}
	ck_assert_int_eq(saved_note(&writer, "x\ny", "permission denied"), 0);
	ck_assert_int_eq(saved_end(&writer), 0);
	fclose(file);
	return text;
}

static void check_record(const struct saved *saved, size_t i)
{
	struct descriptor *sd = record_sd(i);
	uint8_t *a, *b;
	size_t a_size, b_size;

	ck_assert_str_eq(saved->path, records[i].path);
	ck_assert_int_eq(saved->type, records[i].type);
	ck_assert_int_eq(saved->implied, records[i].implied);
	ck_assert_int_eq(descriptor_write(saved->sd, &a, &a_size), SD_OK);
	ck_assert_int_eq(descriptor_write(sd, &b, &b_size), SD_OK);
	ck_assert_uint_eq(a_size, b_size);
	ck_assert_mem_eq(a, b, a_size);
	free(a);
	free(b);
	descriptor_destroy(sd);
}

START_TEST(what_was_saved_is_read_byte_for_byte)
{
	size_t size;
	char *text = write_all(&size);
	FILE *file = bytes_file(text, size);
	struct saved_reader reader;
	struct saved saved = {0};

	ck_assert_int_eq(saved_open(&reader, file, NULL), 0);
	for (size_t i = 0; i < RECORDS; i++) {
		ck_assert_int_eq(saved_next(&reader, &saved), 1);
		check_record(&saved, i);
		saved_clear(&saved);
	}
	ck_assert_int_eq(saved_next(&reader, &saved), 0);
	ck_assert(reader.complete);
	ck_assert(reader.sacl);
	ck_assert_uint_eq(reader.count, RECORDS);
	saved_close(&reader);
	fclose(file);
	free(text);
}
END_TEST

/* Reads to the end: whether it was complete; how many records came before. */
static int read_all(const char *bytes, size_t size, struct saved_reader *reader)
{
	FILE *file = bytes_file(bytes, size);
	struct saved saved = {0};
	int got = saved_open(reader, file, NULL);

	if (got == 0) {
		while ((got = saved_next(reader, &saved)) > 0)
			saved_clear(&saved);
	}
	saved_close(reader);
	fclose(file);
	return got;
}

START_TEST(a_file_that_was_cut_off_or_changed_is_not_complete)
{
	struct saved_reader reader;
	size_t size;
	char *text = write_all(&size);

	/* the last newline may be missing */
	ck_assert_int_eq(read_all(text, size - 1, &reader), 0);
	for (size_t cut = 0; cut < size - 1; cut++) {
		ck_assert_int_eq(read_all(text, cut, &reader), -EBADMSG);
		ck_assert_ptr_nonnull(reader.fault);
		ck_assert(!reader.complete);
	}
	for (size_t at = 0; at < size - 1; at++) {
		char old = text[at];

		text[at] = old == 'S' ? 'W' : 'S';
		if (text[at] != old) {
			ck_assert_int_eq(read_all(text, size, &reader), -EBADMSG);
			ck_assert(!reader.complete);
		}
		text[at] = old;
	}
	free(text);
}
END_TEST

static const struct {
	const char *text;
	size_t line;
	const char *fault;
} wrong[] = {
	{"#guise-save 2\n", 1, "*version*"},
	{"#something\n", 1, "not a file of saved descriptors"},
	{"#guise-save 1\n./a\tf\n", 2, "not a path, a type and a descriptor*"},
	{"#guise-save 1\n./a\tx\tO:SY\n", 2, "there is no such type"},
	{"#guise-save 1\n#\n./../a\tf\tO:SY\n", 3, "*\"..\"*"},
	{"#guise-save 1\n/etc/passwd\tf\tO:SY\n", 2, "a path must be*"},
	{"#guise-save 1\n.//etc/passwd\tf\tO:SY\n", 2, "the path is absolute"},
	{"#guise-save 1\n./a\\057..\\057..\tf\tO:SY\n", 2, "*\"..\"*"},
	{"#guise-save 1\n./.\td\tO:SY\n", 2, "*\".\"*"},
	{"#guise-save 1\n./\\000\td\tO:SY\n", 2, "the path has a wrong escape"},
	{"#guise-save 1\n./\\12\td\tO:SY\n", 2, "the path has a wrong escape"},
	{"#guise-save 1\n./\\400\td\tO:SY\n", 2, "the path has a wrong escape"},
	{"#guise-save 1\n./a\td\tO:XX\n", 2, "not the SDDL of a descriptor"},
	{"#guise-save 1\n./a\td\t\n", 2, "not the SDDL of a descriptor"},
	{"#guise-save 1\n./a\td\tbase64:AAAA\n", 2, "not the bytes of a descriptor"},
	{"#guise-save 1\n./a\td\tbase64:A*AA\n", 2, "not base64"},
	{"#guise-save 1\n~end 1 sha256 00\n", 2, "it was changed*"},
	{"#guise-save 1\n", 2, "it ends before its last line*"},
	/* icacls */
	{"a\r\nD:\r\n\r\nb\r\n", 4, "not the SDDL of a descriptor"},
	{"a\r\nD:\r\n\r\n\r\nb\r\n", 5, "a path is missing"},
	{"a\n", 2, "it ends after a path*"},
	{"a\nhello\n", 2, "not the SDDL of a descriptor"},
	{"a\nD:(A;;FA;;;WD)\n..\\b\nD:\n", 3, "*\"..\"*"},
	{"a\\..\\..\\b\nD:\n", 1, "*\"..\"*"},
	{"C:\\a\nD:\n", 1, "the path is absolute"},
	{"\\\\server\\a\nD:\n", 1, "the path is absolute"},
	{"a\n\xff\xffx\n", 2, "neither UTF-8 nor UTF-16"},
};

START_TEST(a_file_is_refused_where_it_is_wrong)
{
	struct saved_reader reader;

	ck_assert_int_eq(read_all(wrong[_i].text, strlen(wrong[_i].text), &reader), -EBADMSG);
	ck_assert_msg(reader.line == wrong[_i].line &&
			      fnmatch(wrong[_i].fault, reader.fault, 0) == 0,
		      "line %zu: %s", reader.line, reader.fault);
}
END_TEST

/* @text in UTF-16 */
static char *widen(const char *text, bool mark, size_t *size)
{
	size_t length = strlen(text);
	char *wide = calloc(length + 1, 2);
	size_t at = 0;

	if (mark) {
		wide[at++] = '\xff';
		wide[at++] = '\xfe';
	}
	for (size_t i = 0; i < length; i++, at += 2)
		wide[at] = text[i];
	*size = at;
	return wide;
}

static void expect_two(const char *bytes, size_t size)
{
	FILE *file = bytes_file(bytes, size);
	struct saved_reader reader;
	struct saved saved = {0};

	ck_assert_int_eq(saved_open(&reader, file, NULL), 0);
	ck_assert_int_eq(reader.format, SAVED_ICACLS);
	ck_assert_int_eq(saved_next(&reader, &saved), 1);
	ck_assert_str_eq(saved.path, "dir");
	ck_assert_int_eq(saved.type, SAVED_UNKNOWN);
	ck_assert_uint_eq(saved.line, 1);
	ck_assert_uint_eq(saved.sd->dacl->count, 1);
	saved_clear(&saved);
	ck_assert_int_eq(saved_next(&reader, &saved), 1);
	ck_assert_str_eq(saved.path, "dir/file");
	ck_assert_uint_eq(saved.line, 3);
	ck_assert_uint_eq(saved.sd->dacl->count, 0);
	saved_clear(&saved);
	ck_assert_int_eq(saved_next(&reader, &saved), 0);
	ck_assert(reader.complete);
	saved_close(&reader);
	fclose(file);
}

#define TWO(end) "dir" end "D:AI(A;;FA;;;WD)" end "dir\\file" end "D:P"

static const char *const variants[] = {
	TWO("\r\n") "\r\n",         TWO("\n") "\n",    TWO("\r") "\r", TWO("\r\n"),
	TWO("\r\n") "\r\n\r\n\r\n", TWO("\n") "\n\n\n"};

START_TEST(what_icacls_wrote_is_read_however_it_is_encoded)
{
	const char *text = variants[_i];
	size_t size;
	char *wide;
	char marked[256] = "\xef\xbb\xbf";

	expect_two(text, strlen(text));
	expect_two(strcat(marked, text), strlen(text) + 3);
	wide = widen(text, false, &size);
	expect_two(wide, size);
	free(wide);
	wide = widen(text, true, &size);
	expect_two(wide, size);
	free(wide);
}
END_TEST

START_TEST(the_root_of_a_drive_has_no_name)
{
	static const char text[] = "\r\nD:P\r\na\r\nD:AI\r\n";
	FILE *file = bytes_file(text, strlen(text));
	struct saved_reader reader;
	struct saved saved = {0};

	ck_assert_int_eq(saved_open(&reader, file, NULL), 0);
	ck_assert_int_eq(saved_next(&reader, &saved), 1);
	ck_assert_str_eq(saved.path, ".");
	saved_clear(&saved);
	ck_assert_int_eq(saved_next(&reader, &saved), 1);
	ck_assert_str_eq(saved.path, "a");
	saved_clear(&saved);
	ck_assert_int_eq(saved_next(&reader, &saved), 0);
	saved_close(&reader);
	fclose(file);
}
END_TEST

START_TEST(icacls_files_are_utf_16_with_mark_and_crlf)
{
	struct descriptor *sd = read_sddl("O:SYG:SYD:PAI(A;OICI;FA;;;WD)S:(AU;SA;FA;;;WD)");
	char *text = NULL, *wanted;
	size_t size, wanted_size;
	FILE *file = open_memstream(&text, &size);

	ck_assert_int_eq(icacls_begin(file), 0);
	ck_assert_int_eq(icacls_put(file, "a/b c", sd), 0);
	ck_assert_int_eq(icacls_put(file, "a\\b", sd), -EILSEQ);
	ck_assert_int_eq(icacls_put(file, "a:b", sd), -EILSEQ);
	ck_assert_int_eq(icacls_put(file, "a\xff", sd), -EILSEQ);
	fclose(file);
	wanted = widen("a\\b c\r\nD:PAI(A;OICI;FA;;;WD)\r\n", true, &wanted_size);
	ck_assert_uint_eq(size, wanted_size);
	ck_assert_mem_eq(text, wanted, size);
	free(wanted);
	free(text);
	descriptor_destroy(sd);
}
END_TEST

START_TEST(characters_of_every_plane_come_back)
{
	static const char path[] = "\xc3\xa4/\xe2\x82\xac/\xf0\x9f\x98\x80";
	struct descriptor *sd = read_sddl("D:");
	struct saved_reader reader;
	struct saved saved = {0};
	FILE *file = tmpfile();

	ck_assert_int_eq(icacls_begin(file), 0);
	ck_assert_int_eq(icacls_put(file, path, sd), 0);
	rewind(file);
	ck_assert_int_eq(saved_open(&reader, file, NULL), 0);
	ck_assert_int_eq(saved_next(&reader, &saved), 1);
	ck_assert_str_eq(saved.path, path);
	saved_clear(&saved);
	saved_close(&reader);
	fclose(file);
	descriptor_destroy(sd);
}
END_TEST

START_TEST(half_a_surrogate_pair_is_refused)
{
	static const char text[] = "\xff\xfe\x00\xd8"
				   "a\0\n\0"
				   "D\0:\0\n";
	struct saved_reader reader;

	ck_assert_int_eq(read_all(text, sizeof(text), &reader), -EBADMSG);
	ck_assert_str_eq(reader.fault, "half of a surrogate pair");
	ck_assert_uint_eq(reader.line, 1);
}
END_TEST

START_TEST(a_line_without_end_is_refused)
{
	char *text = malloc(2 * SAVED_LINE_MAX);
	struct saved_reader reader;

	memset(text, 'a', 2 * SAVED_LINE_MAX);
	ck_assert_int_eq(read_all(text, 2 * SAVED_LINE_MAX, &reader), -EBADMSG);
	ck_assert_str_eq(reader.fault, "the line is too long");
	memcpy(text, "#guise-save 1\n", 14);
	ck_assert_int_eq(read_all(text, 2 * SAVED_LINE_MAX, &reader), -EBADMSG);
	ck_assert_str_eq(reader.fault, "the line is too long");
	free(text);
}
END_TEST

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int main(void)
{
	Suite *suite = suite_create("saved");
	TCase *tests = tcase_create("saved");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tests, a_path_is_one_field_and_comes_back, 0, COUNT(paths));
	tcase_add_test(tests, paths_are_escaped_as_documented);
	tcase_add_loop_test(tests, a_path_that_leads_elsewhere_is_refused, 0, COUNT(wrong_paths));
	tcase_add_test(tests, what_was_saved_is_read_byte_for_byte);
	tcase_add_test(tests, a_file_that_was_cut_off_or_changed_is_not_complete);
	tcase_add_loop_test(tests, a_file_is_refused_where_it_is_wrong, 0, COUNT(wrong));
	tcase_add_loop_test(tests, what_icacls_wrote_is_read_however_it_is_encoded, 0,
			    COUNT(variants));
	tcase_add_test(tests, the_root_of_a_drive_has_no_name);
	tcase_add_test(tests, icacls_files_are_utf_16_with_mark_and_crlf);
	tcase_add_test(tests, characters_of_every_plane_come_back);
	tcase_add_test(tests, half_a_surrogate_pair_is_refused);
	tcase_add_test(tests, a_line_without_end_is_refused);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
