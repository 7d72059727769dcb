/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inheritance, one rule a test.  The child's owner is user 1000, its group 100.
 */
#include <check.h>
#include <stdlib.h>

#include "acl/inherit.h"
#include "acl/mask.h"
#include "acl/sddl.h"

#define ME "S-1-22-1-1000"
#define MINE "S-1-22-2-100"
#define GUID "bf967aba-0de6-11d0-a285-00aa003049e2"

static struct token *token;

static void setup(void)
{
	struct sid user = sid_from_uid(1000), group = sid_from_gid(100);

	token = token_create(&user);
	ck_assert_ptr_nonnull(token);
	ck_assert_int_eq(token_add_group(token, &group, SE_GROUP_ENABLED), 0);
	ck_assert_int_eq(token_set_primary_group(token, &group), 0);
}

static void teardown(void)
{
	token_unref(token);
}

static struct descriptor *descriptor_of(const char *sddl)
{
	struct descriptor *sd = NULL;

	if (!sddl)
		return NULL;
	ck_assert_msg(sddl_read(sddl, NULL, &sd, NULL) == SD_OK, "cannot read %s", sddl);
	return sd;
}

/* Is @sd the same as @sddl?  Frees @sd. */
static void expect(struct descriptor *sd, const char *sddl)
{
	struct descriptor *expected = descriptor_of(sddl);
	char *text = NULL;

	sddl_write(sd, NULL, &text);
	ck_assert_msg(descriptor_equal(sd, expected), "expected %s, came %s", sddl, text);
	free(text);
	descriptor_destroy(expected);
	descriptor_destroy(sd);
}

static void child_is(const char *parent_sddl, const char *explicit_sddl, bool folder,
		     const char *expected)
{
	struct descriptor *parent = descriptor_of(parent_sddl);
	struct descriptor *explicit_sd = descriptor_of(explicit_sddl);
	struct descriptor *child = NULL;

	ck_assert_int_eq(inherit_create(parent, explicit_sd, folder, token, &child), SD_OK);
	expect(child, expected);
	descriptor_destroy(parent);
	descriptor_destroy(explicit_sd);
}

/* What one inheritable ACE becomes on a file and on a folder (NULL: the default DACL). */
static void ace_becomes(const char *parent, const char *file, const char *folder)
{
	static const char none[] = "O:" ME "G:" MINE "D:(A;;FA;;;" ME ")(A;;FA;;;SY)";

	child_is(parent, NULL, false, file ? file : none);
	child_is(parent, NULL, true, folder ? folder : none);
}

#define CHILD "O:" ME "G:" MINE "D:"

START_TEST(object_inherit_goes_to_files_and_waits_in_folders)
{
	ace_becomes("D:(A;OI;FR;;;WD)", CHILD "(A;;FR;;;WD)", CHILD "(A;OIIO;FR;;;WD)");
	ace_becomes("D:(A;OINP;FR;;;WD)", CHILD "(A;;FR;;;WD)", NULL);
	ace_becomes("D:(A;OIIO;FR;;;WD)", CHILD "(A;;FR;;;WD)", CHILD "(A;OIIO;FR;;;WD)");
	ace_becomes("D:(A;OI;GR;;;CO)", CHILD "(A;;FR;;;" ME ")", CHILD "(A;OIIO;GR;;;CO)");
}
END_TEST

START_TEST(container_inherit_goes_to_folders)
{
	ace_becomes("D:(A;CI;FR;;;WD)", NULL, CHILD "(A;CI;FR;;;WD)");
	ace_becomes("D:(A;CINP;FR;;;WD)", NULL, CHILD "(A;;FR;;;WD)");
	ace_becomes("D:(A;OICIIO;FR;;;WD)", CHILD "(A;;FR;;;WD)", CHILD "(A;OICI;FR;;;WD)");
	ace_becomes("D:(A;OICINPIO;FR;;;WD)", CHILD "(A;;FR;;;WD)", CHILD "(A;;FR;;;WD)");
	ace_becomes("D:(A;;FR;;;WD)", NULL, NULL);
}
END_TEST

START_TEST(creators_and_generic_rights_give_an_effective_ace_and_the_original)
{
	ace_becomes("D:(A;OICI;FR;;;CO)", CHILD "(A;;FR;;;" ME ")",
		    CHILD "(A;;FR;;;" ME ")(A;OICIIO;FR;;;CO)");
	ace_becomes("D:(A;CI;FR;;;CG)", NULL, CHILD "(A;;FR;;;" MINE ")(A;CIIO;FR;;;CG)");
	ace_becomes("D:(A;OICI;GA;;;WD)", CHILD "(A;;FA;;;WD)",
		    CHILD "(A;;FA;;;WD)(A;OICIIO;GA;;;WD)");
	ace_becomes("D:(A;CINP;GA;;;CO)", NULL, CHILD "(A;;FA;;;" ME ")");
}
END_TEST

START_TEST(aces_are_marked_inherited_only_below_an_auto_inherited_parent)
{
	ace_becomes("D:AI(A;OICIID;FR;;;WD)", CHILD "AI(A;ID;FR;;;WD)",
		    CHILD "AI(A;OICIID;FR;;;WD)");
	ace_becomes("D:PAI(A;OI;FR;;;WD)", CHILD "AI(A;ID;FR;;;WD)", CHILD "AI(A;OIIOID;FR;;;WD)");
	ace_becomes("D:P(A;OICIID;FR;;;WD)", CHILD "(A;;FR;;;WD)", CHILD "(A;OICI;FR;;;WD)");
	ace_becomes("D:AI(A;;FR;;;WD)", NULL, NULL);
}
END_TEST

START_TEST(order_and_denies_are_kept)
{
	ace_becomes("D:(D;OI;FW;;;CG)(A;OI;FR;;;WD)(D;OI;FX;;;BU)",
		    CHILD "(D;;FW;;;" MINE ")(A;;FR;;;WD)(D;;FX;;;BU)",
		    CHILD "(D;OIIO;FW;;;CG)(A;OIIO;FR;;;WD)(D;OIIO;FX;;;BU)");
}
END_TEST

START_TEST(allow_aces_for_a_class_of_objects_are_not_for_files)
{
	ace_becomes("D:(OA;OICI;FR;;" GUID ";WD)", NULL, NULL);
	ace_becomes("D:(OD;OI;FR;;" GUID ";WD)", CHILD "(OD;;FR;;" GUID ";WD)",
		    CHILD "(OD;OIIO;FR;;" GUID ";WD)");
}
END_TEST

START_TEST(the_sacl_is_inherited_likewise)
{
	ace_becomes("D:(A;OI;FR;;;WD)S:AI(AU;OISA;FW;;;WD)",
		    CHILD "(A;;FR;;;WD)S:AI(AU;IDSA;FW;;;WD)",
		    CHILD "(A;OIIO;FR;;;WD)S:AI(AU;OIIOIDSA;FW;;;WD)");
}
END_TEST

/* What a parent's @ace becomes on a file or folder of user 1000: one ACE, in a list. */
static struct acl *heirs_of(const struct ace *ace, bool folder)
{
	struct sid owner = sid_from_uid(1000), group = sid_from_gid(100);
	struct acl *parent = acl_create(), *list = NULL;

	ck_assert_int_eq(acl_append(parent, ace), SD_OK);
	ck_assert_int_eq(inherit_acl(parent, true, folder, &owner, &group, &list), SD_OK);
	acl_destroy(parent);
	return list;
}

/* A folder's @ace becomes one that differs from it in its flags only. */
static void handed_down_whole(struct ace ace, bool folder, uint8_t flags)
{
	struct acl *list = heirs_of(&ace, folder);

	ck_assert_uint_eq(list->count, 1);
	ace.flags = flags;
	ck_assert(ace_equal(&list->aces[0], &ace));
	acl_destroy(list);
}

START_TEST(labels_attributes_and_policies_are_inherited_by_their_flags)
{
	static const uint8_t types[] = {SYSTEM_MANDATORY_LABEL_ACE_TYPE,
					SYSTEM_RESOURCE_ATTRIBUTE_ACE_TYPE,
					SYSTEM_SCOPED_POLICY_ID_ACE_TYPE};
	static const uint8_t both = OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE;
	/* for an attribute this is its text; NON_INHERITABLE in it is about tokens */
	uint8_t data[] = {1, 2, 3, 4};

	for (size_t i = 0; i < sizeof(types); i++) {
		struct ace ace = ace_make(types[i], both, 1, &sid_everyone);
		struct acl *list;

		ace.data = data;
		ace.data_size = sizeof(data);
		handed_down_whole(ace, false, INHERITED_ACE);
		handed_down_whole(ace, true, both | INHERITED_ACE);
		ace.flags = OBJECT_INHERIT_ACE;
		handed_down_whole(ace, true, ace.flags | INHERIT_ONLY_ACE | INHERITED_ACE);
		ace.flags = CONTAINER_INHERIT_ACE;
		list = heirs_of(&ace, false);
		ck_assert_uint_eq(list->count, 0);
		acl_destroy(list);
	}
}
END_TEST

START_TEST(nothing_in_a_label_is_generic)
{
	/* a policy of bits that are generic rights in other ACEs, for a SID that is a CREATOR */
	struct ace ace = ace_make(SYSTEM_MANDATORY_LABEL_ACE_TYPE, CONTAINER_INHERIT_ACE,
				  GENERIC_READ | 1, &sid_creator_owner);
	struct descriptor *sd = descriptor_of("S:");

	handed_down_whole(ace, true, CONTAINER_INHERIT_ACE | INHERITED_ACE);
	ace.flags = OBJECT_INHERIT_ACE;
	handed_down_whole(ace, false, INHERITED_ACE);
	ck_assert_int_eq(acl_append(sd->sacl, &ace), SD_OK);
	inherit_normalise(sd);
	ck_assert(ace_equal(&sd->sacl->aces[0], &ace));
	descriptor_destroy(sd);
}
END_TEST

START_TEST(conditional_aces_are_inherited_with_their_condition)
{
	struct sid owner = sid_from_uid(1000);
	struct ace ace = ace_make(ACCESS_ALLOWED_CALLBACK_ACE_TYPE,
				  OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE, GENERIC_READ,
				  &sid_creator_owner);
	uint8_t condition[] = {'a', 'r', 't', 'x'};
	struct ace effective;
	struct acl *list;

	ace.data = condition;
	ace.data_size = sizeof(condition);
	effective = ace;
	effective.flags = INHERITED_ACE;
	effective.mask = FILE_GENERIC_READ;
	effective.sid = owner;
	list = heirs_of(&ace, false);
	ck_assert_uint_eq(list->count, 1);
	ck_assert(ace_equal(&list->aces[0], &effective));
	acl_destroy(list);
	list = heirs_of(&ace, true);
	ck_assert_uint_eq(list->count, 2);
	ck_assert(ace_equal(&list->aces[0], &effective));
	ace.flags |= INHERIT_ONLY_ACE | INHERITED_ACE;
	ck_assert(ace_equal(&list->aces[1], &ace));
	acl_destroy(list);
}
END_TEST

START_TEST(unknown_aces_are_inherited_as_they_are)
{
	uint8_t body[] = {1, 0, 0, 0x80};
	struct ace ace = {.type = 0x80, .flags = CONTAINER_INHERIT_ACE, .opaque = true};

	ace.data = body;
	ace.data_size = sizeof(body);
	handed_down_whole(ace, true, CONTAINER_INHERIT_ACE | INHERITED_ACE);
}
END_TEST

START_TEST(creators_that_nobody_is_stay)
{
	struct ace ace = ace_make(ACCESS_ALLOWED_ACE_TYPE, OBJECT_INHERIT_ACE, FILE_ALL_ACCESS,
				  &sid_creator_owner);
	struct acl *parent = acl_create(), *list = NULL;

	ck_assert_int_eq(acl_append(parent, &ace), SD_OK);
	ck_assert_int_eq(inherit_acl(parent, false, false, NULL, NULL, &list), SD_OK);
	ck_assert_uint_eq(list->count, 1);
	ck_assert(sid_equal(&list->aces[0].sid, &sid_creator_owner));
	acl_destroy(parent);
	acl_destroy(list);
}
END_TEST

START_TEST(dacl_and_sacl_are_explicit_apart)
{
	const char *parent = "D:AI(A;OICI;FR;;;WD)S:AI(AU;OICISA;FW;;;WD)";

	child_is(parent, "D:P(A;;FX;;;WD)", false, CHILD "P(A;;FX;;;WD)S:AI(AU;IDSA;FW;;;WD)");
	child_is(parent, "S:P(AU;FA;FX;;;WD)", false, CHILD "AI(A;ID;FR;;;WD)S:P(AU;FA;FX;;;WD)");
	child_is("D:PAI(A;OI;FR;;;WD)S:PAI(AU;OISA;FW;;;WD)", NULL, false,
		 CHILD "AI(A;ID;FR;;;WD)S:AI(AU;IDSA;FW;;;WD)");
}
END_TEST

START_TEST(without_a_parents_dacl_the_default_applies)
{
	ace_becomes(NULL, NULL, NULL);
	ace_becomes("O:BA", NULL, NULL);
	ace_becomes("D:NO_ACCESS_CONTROL", NULL, NULL);
}
END_TEST

START_TEST(an_explicit_dacl_is_used_alone)
{
	const char *parent = "D:AI(A;OICI;FA;;;WD)";

	child_is(parent, "D:(A;OICI;GR;;;CO)(A;OICIIO;GR;;;CG)", false,
		 CHILD "(A;OICI;FR;;;CO)(A;OICIIO;GR;;;CG)");
	child_is(parent, "D:P", true, CHILD "P");
	child_is(parent, "O:BAG:BUD:(A;;FR;;;WD)", true, "O:BAG:BUD:(A;;FR;;;WD)");
	child_is(parent, "D:AI(A;ID;FR;;;WD)", false, CHILD "(A;ID;FR;;;WD)");
	child_is(parent, "D:ARAI(A;ID;FR;;;WD)", false, CHILD "AI(A;ID;FR;;;WD)");
	child_is(parent, "D:NO_ACCESS_CONTROL", false, CHILD "NO_ACCESS_CONTROL");
}
END_TEST

/* The child of a folder that hands down @inheritable, given a defaulted DACL. */
static struct descriptor *defaulted_child(const char *parent_sddl)
{
	struct descriptor *parent = descriptor_of(parent_sddl);
	struct descriptor *given = descriptor_of("D:(A;;FX;;;WD)");
	struct descriptor *child = NULL;

	given->control |= SE_DACL_DEFAULTED;
	ck_assert_int_eq(inherit_create(parent, given, false, token, &child), SD_OK);
	child->control &= (uint16_t)~SE_DACL_DEFAULTED;
	descriptor_destroy(parent);
	descriptor_destroy(given);
	return child;
}

START_TEST(a_defaulted_dacl_is_used_only_if_nothing_is_inheritable)
{
	expect(defaulted_child("D:(A;OI;FR;;;WD)"), CHILD "(A;;FR;;;WD)");
	expect(defaulted_child("D:(A;;FR;;;WD)"), CHILD "(A;;FX;;;WD)");
}
END_TEST

static void normalised(const char *given, const char *expected)
{
	struct descriptor *sd = descriptor_of(given);

	inherit_normalise(sd);
	expect(sd, expected);
}

START_TEST(setting_a_descriptor_consumes_the_request)
{
	normalised("D:ARAI(A;ID;GR;;;WD)", "D:AI(A;ID;FR;;;WD)");
	normalised("D:AI(A;ID;FR;;;WD)", "D:(A;ID;FR;;;WD)");
	normalised("D:AR(A;;FR;;;WD)", "D:(A;;FR;;;WD)");
	normalised("D:PARAI(A;OICIIO;GA;;;CO)", "D:PAI(A;OICIIO;GA;;;CO)");
	normalised("S:ARAI(AU;SA;GA;;;WD)", "S:AI(AU;SA;FA;;;WD)");
	normalised("D:ARAIS:AI", "D:AIS:");
	normalised("O:BA", "O:BA");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("inherit");
	TCase *tcase = tcase_create("inherit");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, object_inherit_goes_to_files_and_waits_in_folders);
	tcase_add_test(tcase, container_inherit_goes_to_folders);
	tcase_add_test(tcase, creators_and_generic_rights_give_an_effective_ace_and_the_original);
	tcase_add_test(tcase, aces_are_marked_inherited_only_below_an_auto_inherited_parent);
	tcase_add_test(tcase, order_and_denies_are_kept);
	tcase_add_test(tcase, allow_aces_for_a_class_of_objects_are_not_for_files);
	tcase_add_test(tcase, the_sacl_is_inherited_likewise);
	tcase_add_test(tcase, labels_attributes_and_policies_are_inherited_by_their_flags);
	tcase_add_test(tcase, nothing_in_a_label_is_generic);
	tcase_add_test(tcase, conditional_aces_are_inherited_with_their_condition);
	tcase_add_test(tcase, unknown_aces_are_inherited_as_they_are);
	tcase_add_test(tcase, creators_that_nobody_is_stay);
	tcase_add_test(tcase, dacl_and_sacl_are_explicit_apart);
	tcase_add_test(tcase, without_a_parents_dacl_the_default_applies);
	tcase_add_test(tcase, an_explicit_dacl_is_used_alone);
	tcase_add_test(tcase, a_defaulted_dacl_is_used_only_if_nothing_is_inheritable);
	tcase_add_test(tcase, setting_a_descriptor_consumes_the_request);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
