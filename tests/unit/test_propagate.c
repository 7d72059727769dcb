/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Propagation and protection, one rule a test.
 */
#include <check.h>
#include <stdlib.h>

#include "acl/inherit.h"
#include "acl/sddl.h"

#define BOTH (INHERIT_DACL | INHERIT_SACL)
#define OWNED "O:S-1-22-1-1000G:S-1-22-2-100"
#define ME "S-1-22-1-1000"
#define MINE "S-1-22-2-100"

static struct descriptor *descriptor_of(const char *sddl)
{
	struct descriptor *sd = NULL;

	ck_assert_msg(sddl_read(sddl, NULL, &sd, NULL) == SD_OK, "cannot read %s", sddl);
	return sd;
}

/* Is @sd the same as @sddl? */
static void expect(const struct descriptor *sd, const char *sddl)
{
	struct descriptor *expected = descriptor_of(sddl);
	char *text = NULL;

	sddl_write(sd, NULL, &text);
	ck_assert_msg(descriptor_equal(sd, expected), "expected %s, came %s", sddl,
		      text ? text : "what has no text");
	free(text);
	descriptor_destroy(expected);
}

/* Propagates twice: the second time nothing changes.  Caller frees. */
static struct descriptor *propagated(const struct descriptor *parent,
				     const struct descriptor *child, bool folder, bool *changed)
{
	struct descriptor *once = NULL, *twice = NULL;
	bool again = true;

	ck_assert_int_eq(inherit_propagate(parent, child, folder, &once, changed), SD_OK);
	ck_assert_int_eq(inherit_propagate(parent, once, folder, &twice, &again), SD_OK);
	ck_assert(!again);
	ck_assert(descriptor_equal(once, twice));
	descriptor_destroy(twice);
	return once;
}

static void becomes(const char *parent_sddl, const char *child_sddl, bool folder,
		    const char *expected)
{
	struct descriptor *parent = descriptor_of(parent_sddl);
	struct descriptor *child = descriptor_of(child_sddl);
	bool changed = false;
	struct descriptor *result = propagated(parent, child, folder, &changed);

	expect(result, expected);
	ck_assert_int_eq(changed, !descriptor_equal(child, result));
	expect(child, child_sddl);
	descriptor_destroy(parent);
	descriptor_destroy(child);
	descriptor_destroy(result);
}

static void file_becomes(const char *parent, const char *child, const char *expected)
{
	becomes(parent, child, false, expected);
}

static void stays(const char *parent, const char *child)
{
	becomes(parent, child, false, child);
	becomes(parent, child, true, child);
}

START_TEST(explicit_aces_stay_and_inherited_ones_are_replaced)
{
	file_becomes("D:AI(A;OICI;FR;;;WD)(A;;FA;;;BA)",
		     OWNED "D:AI(D;;FW;;;BU)(A;OI;GR;;;CO)(A;ID;FA;;;BA)",
		     OWNED "D:AI(D;;FW;;;BU)(A;OI;GR;;;CO)(A;ID;FR;;;WD)");
	becomes("D:AI(A;OICI;FR;;;WD)", OWNED "D:AI(A;OICIIOID;FA;;;BA)", true,
		OWNED "D:AI(A;OICIID;FR;;;WD)");
}
END_TEST

START_TEST(what_the_parent_gives_no_more_goes)
{
	file_becomes("D:AI(A;;FA;;;WD)", OWNED "D:AI(A;;FR;;;WD)(A;ID;FA;;;WD)",
		     OWNED "D:AI(A;;FR;;;WD)");
	file_becomes("D:AI", OWNED "D:AI(A;ID;FA;;;WD)", OWNED "D:AI");
	file_becomes("O:BA", OWNED "D:AI(A;ID;FA;;;WD)", OWNED "D:AI");
	file_becomes("D:NO_ACCESS_CONTROL", OWNED "D:AI(A;ID;FA;;;WD)", OWNED "D:AI");
}
END_TEST

START_TEST(creators_are_the_childs_owner_and_group)
{
	const char *parent = "O:BAG:BAD:AI(A;OICI;FA;;;CO)(A;OICI;GR;;;CG)";

	file_becomes(parent, OWNED "D:AI", OWNED "D:AI(A;ID;FA;;;" ME ")(A;ID;FR;;;" MINE ")");
	becomes(parent, OWNED "D:AI", true,
		OWNED "D:AI(A;ID;FA;;;" ME ")(A;OICIIOID;FA;;;CO)(A;ID;FR;;;" MINE ")"
		      "(A;OICIIOID;GR;;;CG)");
	/* nobody's child gives nobody anything */
	file_becomes(parent, "D:AI", "D:AI(A;ID;FA;;;CO)(A;ID;FR;;;CG)");
}
END_TEST

START_TEST(a_child_that_has_what_it_should_is_unchanged)
{
	stays("D:AI(A;OICI;FR;;;WD)", "D:PAI(A;ID;FA;;;WD)");
	file_becomes("D:AI(A;OI;FR;;;WD)", OWNED "D:AI(A;;FX;;;WD)(A;ID;FR;;;WD)",
		     OWNED "D:AI(A;;FX;;;WD)(A;ID;FR;;;WD)");
	stays("D:AI", OWNED "D:AI(A;;FX;;;WD)");
}
END_TEST

START_TEST(aces_are_marked_even_below_an_unmarked_parent)
{
	file_becomes("D:(A;OI;FR;;;WD)", OWNED "D:(A;;FX;;;WD)",
		     OWNED "D:AI(A;;FX;;;WD)(A;ID;FR;;;WD)");
}
END_TEST

START_TEST(an_explicit_ace_equal_to_an_inherited_one_stays)
{
	file_becomes("D:AI(A;OI;FR;;;WD)", OWNED "D:(A;;FR;;;WD)",
		     OWNED "D:AI(A;;FR;;;WD)(A;ID;FR;;;WD)");
}
END_TEST

START_TEST(a_protected_list_stays)
{
	stays("D:AI(A;OICI;FA;;;WD)S:AI(AU;OICISA;FA;;;WD)",
	      OWNED "D:PAI(A;;FR;;;BU)(A;ID;FX;;;BU)S:PAI(AU;IDFA;FW;;;BU)");
	stays("D:AI(A;OICI;FA;;;WD)", OWNED "D:P");
	stays("D:AI(A;OICI;FA;;;WD)", OWNED "D:PNO_ACCESS_CONTROL");
}
END_TEST

START_TEST(dacl_and_sacl_are_protected_apart)
{
	const char *parent = "D:AI(A;OI;FR;;;WD)S:AI(AU;OISA;FW;;;WD)";

	file_becomes(parent, OWNED "D:PAI(A;ID;FX;;;BU)S:AI(AU;IDFA;FW;;;BU)",
		     OWNED "D:PAI(A;ID;FX;;;BU)S:AI(AU;IDSA;FW;;;WD)");
	file_becomes(parent, OWNED "D:AI(A;ID;FX;;;BU)S:PAI(AU;IDFA;FW;;;BU)",
		     OWNED "D:AI(A;ID;FR;;;WD)S:PAI(AU;IDFA;FW;;;BU)");
}
END_TEST

START_TEST(a_parents_protection_is_its_own)
{
	file_becomes("D:PAI(A;OI;FR;;;WD)", OWNED "D:AI", OWNED "D:AI(A;ID;FR;;;WD)");
}
END_TEST

START_TEST(a_null_or_absent_list_becomes_what_is_handed_down)
{
	const char *parent = "D:AI(A;OI;FR;;;WD)S:AI(AU;OISA;FW;;;WD)";
	const char *result = OWNED "D:AI(A;ID;FR;;;WD)S:AI(AU;IDSA;FW;;;WD)";

	file_becomes(parent, OWNED, result);
	file_becomes(parent, OWNED "D:NO_ACCESS_CONTROL", result);
	file_becomes(parent, OWNED "D:S:", result);
}
END_TEST

START_TEST(a_null_or_absent_list_stays_if_nothing_is_handed_down)
{
	stays("D:AI(A;;FR;;;WD)", OWNED);
	stays("D:AI(A;;FR;;;WD)", OWNED "D:NO_ACCESS_CONTROL");
	stays("D:NO_ACCESS_CONTROL", OWNED "D:NO_ACCESS_CONTROL");
}
END_TEST

START_TEST(explicit_aces_come_before_inherited_ones)
{
	file_becomes("D:AI(A;OI;FR;;;WD)", OWNED "D:AI(A;ID;FA;;;BA)(A;;FX;;;WD)(A;;FW;;;BU)",
		     OWNED "D:AI(A;;FX;;;WD)(A;;FW;;;BU)(A;ID;FR;;;WD)");
}
END_TEST

START_TEST(a_dacl_whose_order_is_meant_becomes_protected)
{
	file_becomes("D:AI(A;OI;FR;;;WD)", OWNED "D:AI(D;ID;FW;;;WD)(A;;FA;;;BU)",
		     OWNED "D:PAI(D;ID;FW;;;WD)(A;;FA;;;BU)");
	file_becomes("D:AI(A;OI;FR;;;WD)", OWNED "D:AI(A;ID;FR;;;WD)(A;;FX;;;WD)(D;;FA;;;BU)",
		     OWNED "D:PAI(A;ID;FR;;;WD)(A;;FX;;;WD)(D;;FA;;;BU)");
}
END_TEST

START_TEST(other_control_bits_stay)
{
	struct descriptor *parent = descriptor_of("D:AI(A;OI;FR;;;WD)");
	struct descriptor *child = descriptor_of(OWNED "D:AI");
	uint16_t control = child->control | SE_OWNER_DEFAULTED | SE_RM_CONTROL_VALID;
	struct descriptor *result;
	bool changed;

	child->control = control;
	child->sbz1 = 7;
	result = propagated(parent, child, false, &changed);
	ck_assert(changed);
	ck_assert_uint_eq(result->control, control);
	ck_assert_uint_eq(result->sbz1, 7);
	descriptor_destroy(parent);
	descriptor_destroy(child);
	descriptor_destroy(result);
}
END_TEST

/* A list of @count ACEs of 36 bytes each. */
static struct acl *long_list(size_t count, uint8_t type, uint8_t flags)
{
	struct acl *acl = acl_create();
	struct sid sid;
	struct ace ace;

	ck_assert(sid_parse("S-1-5-21-1-2-3-4", &sid, NULL));
	ace = ace_make(type, flags, 1, &sid);
	for (size_t i = 0; i < count; i++)
		ck_assert_int_eq(acl_append(acl, &ace), SD_OK);
	return acl;
}

START_TEST(what_cannot_be_written_is_too_large)
{
	struct descriptor *parent = descriptor_create(), *child = descriptor_of(OWNED);
	struct descriptor *result = NULL;
	bool changed;

	/* both lists together do not fit, though each does */
	descriptor_set_dacl(parent, long_list(1000, ACCESS_ALLOWED_ACE_TYPE, OBJECT_INHERIT_ACE));
	child->sacl = long_list(1000, SYSTEM_AUDIT_ACE_TYPE, 0);
	child->control |= SE_SACL_PRESENT;
	ck_assert_int_eq(inherit_propagate(parent, child, false, &result, &changed), SD_TOO_LARGE);
	/* nor does one list */
	descriptor_set_dacl(child, long_list(1000, ACCESS_ALLOWED_ACE_TYPE, 0));
	ck_assert_int_eq(inherit_propagate(parent, child, false, &result, &changed), SD_TOO_LARGE);
	ck_assert_int_eq(inherit_unprotect(parent, child, false, BOTH, &result), SD_TOO_LARGE);
	ck_assert_ptr_null(result);
	descriptor_destroy(parent);
	descriptor_destroy(child);
}
END_TEST

static void protects(const char *sddl, unsigned int lists, enum inherit_keep keep,
		     const char *expected)
{
	struct descriptor *sd = descriptor_of(sddl);
	struct descriptor *result = NULL;

	ck_assert_int_eq(inherit_protect(sd, lists, keep, &result), SD_OK);
	expect(result, expected);
	expect(sd, sddl);
	descriptor_destroy(sd);
	descriptor_destroy(result);
}

#define FULL                                                                                       \
	OWNED "D:AI(A;;FR;;;WD)(D;ID;FW;;;WD)(A;OICIIOID;GA;;;CO)S:AI(AU;;FA;;;WD)(AU;ID;FA;;;BU)"

START_TEST(protecting_with_a_copy_makes_inherited_aces_explicit_where_they_stand)
{
	protects(FULL, INHERIT_DACL, INHERIT_COPY,
		 OWNED "D:PAI(A;;FR;;;WD)(D;;FW;;;WD)(A;OICIIO;GA;;;CO)"
		       "S:AI(AU;;FA;;;WD)(AU;ID;FA;;;BU)");
	protects(FULL, BOTH, INHERIT_COPY,
		 OWNED "D:PAI(A;;FR;;;WD)(D;;FW;;;WD)(A;OICIIO;GA;;;CO)"
		       "S:PAI(AU;;FA;;;WD)(AU;;FA;;;BU)");
	/* the list is of the kind that Windows propagates now, as after every change there */
	protects("D:(A;ID;FR;;;WD)S:", BOTH, INHERIT_COPY, "D:PAI(A;;FR;;;WD)S:PAI");
	/* equal ACEs are not merged */
	protects("D:AI(A;;FR;;;WD)(A;ID;FR;;;WD)", INHERIT_DACL, INHERIT_COPY,
		 "D:PAI(A;;FR;;;WD)(A;;FR;;;WD)");
}
END_TEST

START_TEST(protecting_by_dropping_leaves_explicit_aces)
{
	protects(FULL, INHERIT_SACL, INHERIT_DROP,
		 OWNED "D:AI(A;;FR;;;WD)(D;ID;FW;;;WD)(A;OICIIOID;GA;;;CO)S:PAI(AU;;FA;;;WD)");
	protects(FULL, BOTH, INHERIT_DROP, OWNED "D:PAI(A;;FR;;;WD)S:PAI(AU;;FA;;;WD)");
	protects("D:AI(A;ID;FR;;;WD)", INHERIT_DACL, INHERIT_DROP, "D:PAI");
	protects(FULL, 0, INHERIT_DROP, FULL);
}
END_TEST

START_TEST(a_null_or_absent_list_can_be_protected)
{
	struct descriptor *absent = descriptor_of(OWNED);
	struct descriptor *result = NULL;

	protects("D:NO_ACCESS_CONTROL", INHERIT_DACL, INHERIT_COPY, "D:PNO_ACCESS_CONTROL");
	protects("D:NO_ACCESS_CONTROL", INHERIT_DACL, INHERIT_DROP, "D:PNO_ACCESS_CONTROL");
	ck_assert_int_eq(inherit_protect(absent, BOTH, INHERIT_DROP, &result), SD_OK);
	ck_assert_uint_eq(result->control, absent->control | SE_DACL_PROTECTED | SE_SACL_PROTECTED);
	ck_assert(!result->dacl && !result->sacl);
	descriptor_destroy(absent);
	descriptor_destroy(result);
}
END_TEST

static void unprotects(const char *parent_sddl, const char *child_sddl, unsigned int lists,
		       const char *expected)
{
	struct descriptor *parent = descriptor_of(parent_sddl);
	struct descriptor *child = descriptor_of(child_sddl);
	struct descriptor *result = NULL;

	ck_assert_int_eq(inherit_unprotect(parent, child, false, lists, &result), SD_OK);
	expect(result, expected);
	descriptor_destroy(parent);
	descriptor_destroy(child);
	descriptor_destroy(result);
}

START_TEST(unprotecting_adds_what_the_parent_gives)
{
	const char *parent = "D:AI(A;OI;FR;;;WD)S:AI(AU;OISA;FW;;;WD)";
	const char *child = OWNED "D:PAI(A;;FX;;;WD)S:PAI(AU;FA;FW;;;BU)";

	unprotects(parent, child, INHERIT_DACL,
		   OWNED "D:AI(A;;FX;;;WD)(A;ID;FR;;;WD)S:PAI(AU;FA;FW;;;BU)");
	unprotects(parent, child, INHERIT_SACL,
		   OWNED "D:PAI(A;;FX;;;WD)S:AI(AU;FA;FW;;;BU)(AU;IDSA;FW;;;WD)");
	unprotects(parent, child, BOTH,
		   OWNED "D:AI(A;;FX;;;WD)(A;ID;FR;;;WD)S:AI(AU;FA;FW;;;BU)(AU;IDSA;FW;;;WD)");
	/* a list that is not asked for is not brought up to date either */
	unprotects(parent, OWNED "D:AI(A;ID;FX;;;WD)S:P", INHERIT_SACL,
		   OWNED "D:AI(A;ID;FX;;;WD)S:AI(AU;IDSA;FW;;;WD)");
}
END_TEST

START_TEST(copies_stay_beside_what_they_were_copied_from)
{
	unprotects("D:AI(A;OI;FR;;;WD)", OWNED "D:PAI(A;;FR;;;WD)", INHERIT_DACL,
		   OWNED "D:AI(A;;FR;;;WD)(A;ID;FR;;;WD)");
}
END_TEST

START_TEST(a_dacl_whose_order_is_meant_stays_protected)
{
	unprotects("D:AI(A;OI;FR;;;WD)", OWNED "D:PAI(D;ID;FW;;;WD)(A;;FA;;;BU)", INHERIT_DACL,
		   OWNED "D:PAI(D;ID;FW;;;WD)(A;;FA;;;BU)");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("propagate");
	TCase *tcase = tcase_create("propagate");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, explicit_aces_stay_and_inherited_ones_are_replaced);
	tcase_add_test(tcase, what_the_parent_gives_no_more_goes);
	tcase_add_test(tcase, creators_are_the_childs_owner_and_group);
	tcase_add_test(tcase, a_child_that_has_what_it_should_is_unchanged);
	tcase_add_test(tcase, aces_are_marked_even_below_an_unmarked_parent);
	tcase_add_test(tcase, an_explicit_ace_equal_to_an_inherited_one_stays);
	tcase_add_test(tcase, a_protected_list_stays);
	tcase_add_test(tcase, dacl_and_sacl_are_protected_apart);
	tcase_add_test(tcase, a_parents_protection_is_its_own);
	tcase_add_test(tcase, a_null_or_absent_list_becomes_what_is_handed_down);
	tcase_add_test(tcase, a_null_or_absent_list_stays_if_nothing_is_handed_down);
	tcase_add_test(tcase, explicit_aces_come_before_inherited_ones);
	tcase_add_test(tcase, a_dacl_whose_order_is_meant_becomes_protected);
	tcase_add_test(tcase, other_control_bits_stay);
	tcase_add_test(tcase, what_cannot_be_written_is_too_large);
	tcase_add_test(tcase,
		       protecting_with_a_copy_makes_inherited_aces_explicit_where_they_stand);
	tcase_add_test(tcase, protecting_by_dropping_leaves_explicit_aces);
	tcase_add_test(tcase, a_null_or_absent_list_can_be_protected);
	tcase_add_test(tcase, unprotecting_adds_what_the_parent_gives);
	tcase_add_test(tcase, copies_stay_beside_what_they_were_copied_from);
	tcase_add_test(tcase, a_dacl_whose_order_is_meant_stays_protected);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
