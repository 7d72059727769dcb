/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Canonical order of a DACL, one rule a test.
 */
#include <check.h>
#include <stdlib.h>

#include "acl/canonical.h"
#include "acl/descriptor.h"
#include "acl/sddl.h"

#define GUID "bf967aba-0de6-11d0-a285-00aa003049e2"
#define UNKNOWN_TYPE 0x80

static struct descriptor *descriptor_of(const char *sddl)
{
	struct descriptor *sd = NULL;

	ck_assert_msg(sddl_read(sddl, NULL, &sd, NULL) == SD_OK, "cannot read %s", sddl);
	return sd;
}

/* @first: the index out of place, or -1 if the list is in order. */
static void list_is(const struct acl *acl, int first)
{
	size_t found = 1000;

	ck_assert_int_eq(acl_is_canonical(acl, &found), first < 0);
	ck_assert_int_eq(acl_is_canonical(acl, NULL), first < 0);
	ck_assert_uint_eq(found, first < 0 ? 1000 : (size_t)first);
}

static void sorts_to(const struct acl *acl, const struct acl *expected)
{
	struct acl *sorted = NULL;

	ck_assert_int_eq(acl_sort_canonical(acl, &sorted), SD_OK);
	ck_assert(acl_equal(sorted, expected));
	list_is(sorted, -1);
	acl_destroy(sorted);
}

/* The DACL of @sddl has its first fault at @first and is sorted to that of @expected. */
static void check_dacl(const char *sddl, int first, const char *expected)
{
	struct descriptor *sd = descriptor_of(sddl);
	struct descriptor *other = descriptor_of(expected);

	list_is(sd->dacl, first);
	sorts_to(sd->dacl, other->dacl);
	descriptor_destroy(sd);
	descriptor_destroy(other);
}

static void in_order(const char *sddl)
{
	check_dacl(sddl, -1, sddl);
}

START_TEST(explicit_denials_precede_explicit_allowances)
{
	in_order("D:(D;;FW;;;WD)(D;;FR;;;BU)(A;;FR;;;WD)(A;;FA;;;BA)");
	check_dacl("D:(A;;FR;;;WD)(D;;FW;;;WD)", 1, "D:(D;;FW;;;WD)(A;;FR;;;WD)");
	check_dacl("D:(D;;FX;;;BU)(A;;FR;;;WD)(A;;FA;;;BA)(D;;FW;;;WD)(A;;FW;;;SY)", 3,
		   "D:(D;;FX;;;BU)(D;;FW;;;WD)(A;;FR;;;WD)(A;;FA;;;BA)(A;;FW;;;SY)");
}
END_TEST

START_TEST(explicit_aces_precede_inherited_ones)
{
	in_order("D:(D;;FW;;;WD)(A;;FR;;;WD)(D;ID;FA;;;BU)(A;ID;FA;;;BA)");
	check_dacl("D:(A;ID;FA;;;BA)(A;;FR;;;WD)", 1, "D:(A;;FR;;;WD)(A;ID;FA;;;BA)");
	check_dacl("D:(A;;FR;;;WD)(A;ID;FA;;;BA)(D;;FW;;;WD)", 2,
		   "D:(D;;FW;;;WD)(A;;FR;;;WD)(A;ID;FA;;;BA)");
}
END_TEST

START_TEST(inherited_aces_keep_the_order_of_their_generations)
{
	/* deny and allow from the parent, then deny from the grandparent */
	in_order("D:(D;ID;FW;;;BU)(A;ID;FR;;;BU)(D;ID;FA;;;WD)(A;ID;FA;;;BA)");
	check_dacl("D:(A;ID;FR;;;BU)(D;;FX;;;BU)(D;ID;FA;;;WD)", 1,
		   "D:(D;;FX;;;BU)(A;ID;FR;;;BU)(D;ID;FA;;;WD)");
}
END_TEST

START_TEST(object_aces_stand_with_plain_ones_of_their_kind)
{
	in_order("D:(OD;;FW;" GUID ";;WD)(D;;FX;;;WD)(OA;;FR;" GUID ";;WD)(A;;FR;;;BU)");
	check_dacl("D:(OA;;FR;" GUID ";;WD)(OD;;FW;" GUID ";;WD)", 1,
		   "D:(OD;;FW;" GUID ";;WD)(OA;;FR;" GUID ";;WD)");
}
END_TEST

/* A list of ACEs of @types for Everyone; @flags[i] goes with types[i]. */
static struct acl *list_of(const uint8_t *types, const uint8_t *flags, size_t count)
{
	struct acl *acl = acl_create();

	for (size_t i = 0; i < count; i++) {
		struct ace ace = ace_make(types[i], flags[i], (uint32_t)i + 1, &sid_everyone);
		uint8_t body[4] = {(uint8_t)i};

		if (types[i] == UNKNOWN_TYPE) {
			ace.opaque = true;
			ace.data = body;
			ace.data_size = sizeof(body);
		}
		ck_assert_int_eq(acl_append(acl, &ace), SD_OK);
	}
	return acl;
}

/* ACEs of @types are out of order first at @first, and in order are those of @order. */
static void check_types(const uint8_t *types, const uint8_t *flags, size_t count, int first,
			const size_t *order)
{
	struct acl *acl = list_of(types, flags, count);
	struct acl *expected = acl_create();

	for (size_t i = 0; i < count; i++)
		ck_assert_int_eq(acl_append(expected, &acl->aces[order[i]]), SD_OK);
	list_is(acl, first);
	sorts_to(acl, expected);
	acl_destroy(acl);
	acl_destroy(expected);
}

START_TEST(conditional_aces_deny_and_allow_like_others)
{
	static const uint8_t types[] = {
		ACCESS_ALLOWED_CALLBACK_ACE_TYPE, ACCESS_DENIED_CALLBACK_OBJECT_ACE_TYPE,
		ACCESS_ALLOWED_CALLBACK_OBJECT_ACE_TYPE, ACCESS_DENIED_CALLBACK_ACE_TYPE};
	static const uint8_t flags[4];

	check_types(types, flags, 4, 1, (const size_t[]){1, 3, 0, 2});
}
END_TEST

START_TEST(what_neither_allows_nor_denies_follows_the_explicit_aces)
{
	static const uint8_t types[] = {UNKNOWN_TYPE, ACCESS_ALLOWED_ACE_TYPE,
					SYSTEM_AUDIT_ACE_TYPE, ACCESS_DENIED_ACE_TYPE,
					UNKNOWN_TYPE};
	static const uint8_t explicit[5];
	static const uint8_t unknown_inherited[] = {INHERITED_ACE, 0, 0, 0, 0};

	check_types(types, explicit, 5, 1, (const size_t[]){3, 1, 0, 2, 4});
	check_types(types, unknown_inherited, 5, 1, (const size_t[]){3, 1, 2, 4, 0});
}
END_TEST

START_TEST(a_sacl_is_in_order_whatever_it_holds)
{
	static const uint8_t types[] = {SYSTEM_MANDATORY_LABEL_ACE_TYPE, SYSTEM_AUDIT_ACE_TYPE,
					SYSTEM_MANDATORY_LABEL_ACE_TYPE, UNKNOWN_TYPE};
	static const uint8_t flags[] = {INHERITED_ACE, 0, 0, 0};

	check_types(types, flags, 4, -1, (const size_t[]){0, 1, 2, 3});
}
END_TEST

START_TEST(equal_aces_are_not_merged)
{
	in_order("D:(A;;FR;;;WD)(A;;FR;;;WD)");
	check_dacl("D:(A;;FR;;;WD)(D;;FW;;;WD)(A;;FR;;;WD)(D;;FW;;;WD)", 1,
		   "D:(D;;FW;;;WD)(D;;FW;;;WD)(A;;FR;;;WD)(A;;FR;;;WD)");
}
END_TEST

START_TEST(null_and_empty_lists_are_in_order)
{
	in_order("D:");
	list_is(NULL, -1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("canonical");
	TCase *tcase = tcase_create("canonical");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, explicit_denials_precede_explicit_allowances);
	tcase_add_test(tcase, explicit_aces_precede_inherited_ones);
	tcase_add_test(tcase, inherited_aces_keep_the_order_of_their_generations);
	tcase_add_test(tcase, object_aces_stand_with_plain_ones_of_their_kind);
	tcase_add_test(tcase, conditional_aces_deny_and_allow_like_others);
	tcase_add_test(tcase, what_neither_allows_nor_denies_follows_the_explicit_aces);
	tcase_add_test(tcase, a_sacl_is_in_order_whatever_it_holds);
	tcase_add_test(tcase, equal_aces_are_not_merged);
	tcase_add_test(tcase, null_and_empty_lists_are_in_order);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
