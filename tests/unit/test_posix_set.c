/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * POSIX ACLs that are set on descriptors, and their form as extended attributes.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <acl/libacl.h>
#include <sys/acl.h>

#include "acl/posix_set.h"
#include "acl/sddl.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OWNER_UID 1001u
#define GROUP_GID 2001u

static struct posix_access access_of(mode_t mode, const struct __acl_ext *acl)
{
	return (struct posix_access){
		.mode = mode,
		.owner = sid_from_uid(OWNER_UID),
		.group = sid_from_gid(GROUP_GID),
		.acl = acl,
	};
}

static acl_t acl_of(const char *text)
{
	acl_t acl = acl_from_text(text);

	ck_assert_msg(acl && acl_valid(acl) == 0, "%s", text);
	return acl;
}

static struct descriptor *read_sddl(const char *text)
{
	struct descriptor *sd;

	ck_assert_int_eq(sddl_read(text, NULL, &sd, NULL), SD_OK);
	return sd;
}

static void check_sddl(const struct descriptor *sd, const char *wanted)
{
	char *text;

	ck_assert_int_eq(sddl_write(sd, NULL, &text), SD_OK);
	ck_assert_str_eq(text, wanted);
	free(text);
}

/* ---- as attributes ---- */

#define ENTRY(tag, perm, id) tag, 0, perm, 0, id, 0, 0, 0
#define ANY 255
#define HEADER 2, 0, 0, 0
#define OBJ(tag, perm) tag, 0, perm, 0, ANY, ANY, ANY, ANY

static const struct {
	enum sd_error error;
	size_t size;
	uint8_t bytes[48];
} values[] = {
	{SD_OK, 28, {HEADER, OBJ(1, 6), OBJ(4, 4), OBJ(0x20, 0)}},
	{SD_OK, 44, {HEADER, OBJ(1, 6), ENTRY(2, 4, 9), OBJ(4, 4), OBJ(0x10, 4), OBJ(0x20, 0)}},
	{SD_OK, 4, {HEADER}},
	/* another version, cut short, something more */
	{SD_BAD_POSIX_ACL, 28, {3, 0, 0, 0, OBJ(1, 6), OBJ(4, 4), OBJ(0x20, 0)}},
	{SD_BAD_POSIX_ACL, 3, {HEADER}},
	{SD_BAD_POSIX_ACL, 27, {HEADER, OBJ(1, 6), OBJ(4, 4), OBJ(0x20, 0)}},
	{SD_BAD_POSIX_ACL, 29, {HEADER, OBJ(1, 6), OBJ(4, 4), OBJ(0x20, 0)}},
	/* a permission and a tag that there are not */
	{SD_BAD_POSIX_ACL, 28, {HEADER, OBJ(1, 8), OBJ(4, 4), OBJ(0x20, 0)}},
	{SD_BAD_POSIX_ACL, 28, {HEADER, OBJ(1, 6), OBJ(5, 4), OBJ(0x20, 0)}},
	/* no owner, no mask beside a name, somebody twice */
	{SD_BAD_POSIX_ACL, 20, {HEADER, OBJ(4, 4), OBJ(0x20, 0)}},
	{SD_BAD_POSIX_ACL, 36, {HEADER, OBJ(1, 6), ENTRY(2, 4, 9), OBJ(4, 4), OBJ(0x20, 0)}},
	{SD_BAD_POSIX_ACL, 28, {HEADER, OBJ(1, 6), OBJ(1, 4), OBJ(0x20, 0)}},
};

START_TEST(only_well_formed_attributes_are_read)
{
	acl_t acl = NULL;

	ck_assert_int_eq(posix_acl_read(values[_i].bytes, values[_i].size, &acl), values[_i].error);
	ck_assert((acl != NULL) == (values[_i].error == SD_OK && values[_i].size > 4));
	if (acl)
		acl_free(acl);
}
END_TEST

START_TEST(more_entries_than_the_most_are_refused)
{
	const size_t size = 4 + 8 * (POSIX_ENTRIES_MAX + 1);
	uint8_t *bytes = calloc(1, size);
	acl_t acl = NULL;

	bytes[0] = 2;
	ck_assert_int_eq(posix_acl_read(bytes, size, &acl), SD_TOO_LARGE);
	free(bytes);
}
END_TEST

START_TEST(an_attribute_is_what_it_says)
{
	acl_t acl = NULL;
	char *text;

	ck_assert_int_eq(posix_acl_read(values[1].bytes, values[1].size, &acl), SD_OK);
	text = acl_to_any_text(acl, NULL, ',', TEXT_ABBREVIATE | TEXT_NUMERIC_IDS);
	ck_assert_str_eq(text, "u::rw-,u:9:r--,g::r--,m::r--,o::---");
	ck_assert_uint_eq(posix_acl_mode(acl), 0640);
	ck_assert(posix_acl_is_extended(acl));
	ck_assert_int_eq(posix_acl_chmod(acl, 0706), SD_OK);
	ck_assert_uint_eq(posix_acl_mode(acl), 0706);
	acl_free(text);
	acl_free(acl);
}
END_TEST

/* ---- on descriptors ---- */

static const char *const lists[] = {
	"u::rw,g::r,o::-",
	"u::rwx,g::rx,o::rx",
	"u::-,g::-,o::-",
	"u::rw,u:1002:r,g::-,m::r,o::-",
	"u::rw,u:1002:rw,u:1003:-,g::r,g:2002:rw,g:2003:-,m::rwx,o::r",
	"u::rw,u:1002:rwx,g::rwx,m::r,o::-",
};

START_TEST(what_was_set_is_recognised_and_nothing_else)
{
	acl_t acl = acl_of(lists[_i]), guess = NULL;
	struct posix_access access = access_of(S_IFREG, acl), other = access;
	struct descriptor *sd = read_sddl("O:S-1-22-1-1001G:S-1-22-2-2001D:AI(A;ID;FA;;;WD)");

	ck_assert(!posix_is_access(sd, &access));
	ck_assert_int_eq(posix_set_access(sd, &access), SD_OK);
	ck_assert(posix_is_access(sd, &access));
	ck_assert(sd->control & SE_DACL_PROTECTED);
	ck_assert_int_eq(posix_guess_access(sd, &access, &guess), SD_OK);
	other.acl = guess;
	ck_assert(posix_is_access(sd, &other));
	ck_assert_int_eq(posix_acl_chmod(guess, 0273), SD_OK);
	ck_assert(!posix_is_access(sd, &other));
	other = access;
	other.owner = sid_from_uid(1009);
	ck_assert(!posix_is_access(sd, &other));
	acl_free(acl);
	acl_free(guess);
	descriptor_destroy(sd);
}
END_TEST

START_TEST(a_default_acl_that_was_set_is_recognised_and_nothing_else)
{
	acl_t acl = acl_of(lists[_i]), other = acl_of("u::rx,g::x,o::x");
	struct descriptor *sd = read_sddl("D:AI(A;OICIID;FA;;;WD)");

	ck_assert(!posix_is_default(sd, acl));
	ck_assert_int_eq(posix_set_default(sd, acl), SD_OK);
	ck_assert(posix_is_default(sd, acl));
	ck_assert(!posix_is_default(sd, other));
	ck_assert(!posix_is_default(sd, NULL));
	ck_assert_int_eq(posix_set_default(sd, NULL), SD_OK);
	ck_assert(posix_is_default(sd, NULL));
	check_sddl(sd, "D:PAI(A;;FA;;;WD)");
	acl_free(acl);
	acl_free(other);
	descriptor_destroy(sd);
}
END_TEST

START_TEST(each_acl_leaves_the_other_part)
{
	acl_t acl = acl_of("u::rw,g::-,o::-");
	struct posix_access access = access_of(S_IFDIR, acl);
	struct descriptor *sd = read_sddl("D:(A;OICINPID;FR;;;WD)(A;CIIO;FA;;;CO)(D;;FW;;;BG)");

	ck_assert_int_eq(posix_set_default(sd, NULL), SD_OK);
	check_sddl(sd, "D:P(A;;FR;;;WD)(D;;FW;;;BG)");
	descriptor_destroy(sd);
	sd = read_sddl("D:(A;OICINPID;FR;;;WD)(A;CIIO;FA;;;CO)(D;;FW;;;BG)");
	ck_assert_int_eq(posix_set_access(sd, &access), SD_OK);
	check_sddl(sd, "D:P(A;;CCSWCRWDWO;;;S-1-22-1-1001)(A;;0x120080;;;WD)"
		       "(A;OICINPIO;FR;;;WD)(A;CIIO;FA;;;CO)");
	descriptor_destroy(sd);
	acl_free(acl);
}
END_TEST

START_TEST(a_null_dacl_goes_on_to_give_everything)
{
	struct descriptor *sd = read_sddl("D:NO_ACCESS_CONTROL");

	ck_assert_int_eq(posix_set_default(sd, NULL), SD_OK);
	check_sddl(sd, "D:P(A;;FA;;;WD)");
	descriptor_destroy(sd);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("posix_set");
	TCase *tcase = tcase_create("posix_set");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tcase, only_well_formed_attributes_are_read, 0, COUNT(values));
	tcase_add_test(tcase, more_entries_than_the_most_are_refused);
	tcase_add_test(tcase, an_attribute_is_what_it_says);
	tcase_add_loop_test(tcase, what_was_set_is_recognised_and_nothing_else, 0, COUNT(lists));
	tcase_add_loop_test(tcase, a_default_acl_that_was_set_is_recognised_and_nothing_else, 0,
			    COUNT(lists));
	tcase_add_test(tcase, each_acl_leaves_the_other_part);
	tcase_add_test(tcase, a_null_dacl_goes_on_to_give_everything);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
