/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The access check, one rule a test.  The token of most tests is user 1000 in
 * groups 100 and 101, Everyone and Authenticated Users.
 */
#include <check.h>
#include <stdlib.h>

#include "acl/access.h"
#include "acl/mask.h"
#include "acl/sddl.h"

#define ME "S-1-22-1-1000"
#define YOU "S-1-22-1-2000"
#define MINE "S-1-22-2-100"
#define GUID "bf967aba-0de6-11d0-a285-00aa003049e2"

static struct token *token;

static void add_group(const struct sid *sid, uint32_t attributes)
{
	ck_assert_int_eq(token_add_group(token, sid, attributes), 0);
}

static void setup(void)
{
	struct sid user = sid_from_uid(1000);
	struct sid first = sid_from_gid(100), second = sid_from_gid(101);

	token = token_create(&user);
	ck_assert_ptr_nonnull(token);
	add_group(&first, SE_GROUP_ENABLED);
	add_group(&second, SE_GROUP_ENABLED);
	add_group(&sid_everyone, SE_GROUP_ENABLED);
	add_group(&sid_authenticated_users, SE_GROUP_ENABLED);
}

static void teardown(void)
{
	token_unref(token);
}

static struct descriptor *descriptor_of(const char *sddl)
{
	struct descriptor *sd = NULL;

	ck_assert_msg(sddl_read(sddl, NULL, &sd, NULL) == SD_OK, "cannot read %s", sddl);
	return sd;
}

static struct access_result check_flags(const char *sddl, uint32_t wanted, unsigned int flags)
{
	struct descriptor *sd = descriptor_of(sddl);
	struct access_result result = access_check(sd, token, wanted, flags);

	descriptor_destroy(sd);
	return result;
}

static struct access_result check(const char *sddl, uint32_t wanted)
{
	return check_flags(sddl, wanted, 0);
}

static bool granted(const char *sddl, uint32_t wanted)
{
	struct access_result result = check(sddl, wanted);

	if (result.status == ACCESS_OK) {
		ck_assert_uint_eq(result.granted, mask_map_generic(wanted));
		ck_assert_uint_eq(result.missing, 0);
	} else {
		ck_assert_uint_eq(result.granted, 0);
		ck_assert_uint_ne(result.missing, 0);
	}
	return result.status == ACCESS_OK;
}

/* The maximum, 0 if it is a denial. */
static uint32_t maximum(const char *sddl)
{
	return check(sddl, MAXIMUM_ALLOWED).granted;
}

START_TEST(the_owner_reads_and_writes_the_dacl_even_against_denies)
{
	ck_assert(granted("O:" ME "D:(D;;RCWD;;;" ME ")", READ_CONTROL | WRITE_DAC));
	ck_assert(granted("O:" ME "D:", READ_CONTROL | WRITE_DAC));
	ck_assert(!granted("O:" ME "D:", WRITE_OWNER));
	ck_assert(!granted("O:" YOU "D:", READ_CONTROL));
	ck_assert(!granted("D:", READ_CONTROL));
}
END_TEST

START_TEST(an_enabled_group_that_owns_makes_its_members_owners)
{
	struct sid deny_only = sid_from_gid(102);

	add_group(&deny_only, SE_GROUP_USE_FOR_DENY_ONLY);
	ck_assert(granted("O:" MINE "D:", WRITE_DAC));
	ck_assert(!granted("O:S-1-22-2-102D:", WRITE_DAC));
}
END_TEST

START_TEST(owner_rights_in_any_ace_in_force_withhold_the_owners_bits)
{
	ck_assert(!granted("O:" ME "D:(A;;FR;;;OW)", WRITE_DAC));
	ck_assert(granted("O:" ME "D:(A;;FR;;;OW)", FILE_GENERIC_READ));
	ck_assert(!granted("O:" ME "D:(D;;CC;;;OW)", READ_CONTROL));
	ck_assert(granted("O:" ME "D:(A;OICIIO;FR;;;OW)", WRITE_DAC));
	ck_assert(!granted("O:" ME "D:(OA;;FR;" GUID ";;OW)", WRITE_DAC));
	ck_assert(!granted("O:" YOU "D:(A;;FR;;;OW)", FILE_READ_DATA));
}
END_TEST

START_TEST(order_decides_between_allow_and_deny)
{
	ck_assert(granted("D:(A;;FR;;;WD)(D;;FR;;;" ME ")", FILE_READ_DATA));
	ck_assert(!granted("D:(D;;FR;;;" ME ")(A;;FR;;;WD)", FILE_READ_DATA));
	ck_assert(granted("D:(D;;CC;;;" ME ")(A;;FA;;;WD)", FILE_WRITE_DATA));
	ck_assert(!granted("D:(D;;CC;;;" ME ")(A;;FA;;;WD)", FILE_WRITE_DATA | FILE_READ_DATA));
	ck_assert(
		granted("D:(A;;CC;;;" ME ")(A;;DC;;;" MINE ")", FILE_READ_DATA | FILE_WRITE_DATA));
}
END_TEST

START_TEST(what_is_missing_is_told)
{
	struct access_result result =
		check("D:(A;;CC;;;WD)", FILE_READ_DATA | FILE_WRITE_DATA | DELETE);

	ck_assert_int_eq(result.status, ACCESS_DENIED);
	ck_assert_uint_eq(result.granted, 0);
	ck_assert_uint_eq(result.missing, FILE_WRITE_DATA | DELETE);
}
END_TEST

START_TEST(the_maximum_follows_ace_order)
{
	ck_assert_uint_eq(maximum("D:(A;;CCDC;;;WD)(D;;FA;;;WD)(A;;FA;;;WD)"),
			  FILE_READ_DATA | FILE_WRITE_DATA);
	ck_assert_uint_eq(maximum("O:" ME "D:(A;;CC;;;WD)"),
			  FILE_READ_DATA | READ_CONTROL | WRITE_DAC);
	ck_assert_int_eq(check("D:(A;;CC;;;WD)", MAXIMUM_ALLOWED | DELETE).status, ACCESS_DENIED);
	ck_assert_uint_eq(check("D:(A;;SD;;;WD)", MAXIMUM_ALLOWED | DELETE).granted, DELETE);
}
END_TEST

START_TEST(an_empty_maximum_is_a_denial)
{
	struct access_result result = check("D:", MAXIMUM_ALLOWED);

	ck_assert_int_eq(result.status, ACCESS_DENIED);
	ck_assert_uint_eq(result.missing, MAXIMUM_ALLOWED);
}
END_TEST

START_TEST(no_dacl_and_a_null_dacl_grant_everything)
{
	ck_assert(granted("O:" YOU, FILE_ALL_ACCESS));
	ck_assert(granted("O:" YOU "D:NO_ACCESS_CONTROL", FILE_ALL_ACCESS));
	ck_assert_uint_eq(maximum("O:" YOU), FILE_ALL_ACCESS);
	ck_assert_int_eq(check("O:" YOU, ACCESS_SYSTEM_SECURITY).status, ACCESS_PRIVILEGE_NOT_HELD);
	ck_assert(!granted("O:" YOU "D:", FILE_READ_DATA));
}
END_TEST

START_TEST(the_sacl_needs_its_privilege_and_has_its_own_status)
{
	const char *all = "D:(A;;0x11f01ff;;;WD)";

	ck_assert_int_eq(check(all, ACCESS_SYSTEM_SECURITY).status, ACCESS_PRIVILEGE_NOT_HELD);
	ck_assert_int_eq(check("D:", ACCESS_SYSTEM_SECURITY | DELETE).status,
			 ACCESS_PRIVILEGE_NOT_HELD);
	token_set_privileges(token, SE_BACKUP_PRIVILEGE | SE_RESTORE_PRIVILEGE);
	ck_assert_int_eq(check_flags(all, ACCESS_SYSTEM_SECURITY, ACCESS_BACKUP_INTENT).status,
			 ACCESS_PRIVILEGE_NOT_HELD);
	token_set_privileges(token, SE_SECURITY_PRIVILEGE);
	ck_assert(granted("D:", ACCESS_SYSTEM_SECURITY));
	ck_assert_int_eq(check("D:", ACCESS_SYSTEM_SECURITY | DELETE).status, ACCESS_DENIED);
	ck_assert_int_eq(check("D:", MAXIMUM_ALLOWED).status, ACCESS_DENIED);
}
END_TEST

START_TEST(take_ownership_wins_over_denies)
{
	ck_assert(!granted("D:(D;;WO;;;WD)", WRITE_OWNER));
	token_set_privileges(token, SE_TAKE_OWNERSHIP_PRIVILEGE);
	ck_assert(granted("D:(D;;WO;;;WD)", WRITE_OWNER));
	ck_assert_uint_eq(maximum("D:"), WRITE_OWNER);
}
END_TEST

START_TEST(backup_and_restore_count_with_backup_intent_only)
{
	token_set_privileges(token, SE_BACKUP_PRIVILEGE | SE_RESTORE_PRIVILEGE);
	ck_assert(!granted("D:", FILE_READ_DATA));
	ck_assert_uint_eq(check_flags("D:", MAXIMUM_ALLOWED, ACCESS_BACKUP_INTENT).granted,
			  0x1f01bf);
	token_set_privileges(token, SE_BACKUP_PRIVILEGE);
	ck_assert_uint_eq(check_flags("D:", MAXIMUM_ALLOWED, ACCESS_BACKUP_INTENT).granted,
			  0x1200a9);
	token_set_privileges(token, SE_RESTORE_PRIVILEGE);
	ck_assert_uint_eq(
		check_flags("D:(D;;FA;;;WD)", MAXIMUM_ALLOWED, ACCESS_BACKUP_INTENT).granted,
		0x1f0116);
}
END_TEST

START_TEST(disabled_and_deny_only_groups)
{
	struct sid disabled = sid_from_gid(102), deny_only = sid_from_gid(103);

	add_group(&disabled, 0);
	add_group(&deny_only, SE_GROUP_USE_FOR_DENY_ONLY);
	ck_assert(!granted("D:(A;;FR;;;S-1-22-2-102)", FILE_READ_DATA));
	ck_assert(granted("D:(D;;FR;;;S-1-22-2-102)(A;;FR;;;WD)", FILE_READ_DATA));
	ck_assert(!granted("D:(A;;FR;;;S-1-22-2-103)", FILE_READ_DATA));
	ck_assert(!granted("D:(D;;FR;;;S-1-22-2-103)(A;;FR;;;WD)", FILE_READ_DATA));
}
END_TEST

START_TEST(restricting_sids_must_grant_too)
{
	struct sid restricting = sid_from_gid(500);

	ck_assert_int_eq(token_add_restricted(token, &restricting), 0);
	ck_assert(!granted("D:(A;;FR;;;WD)", FILE_READ_DATA));
	ck_assert(!granted("D:(A;;FR;;;S-1-22-2-500)", FILE_READ_DATA));
	ck_assert(granted("D:(A;;FR;;;WD)(A;;FR;;;S-1-22-2-500)", FILE_READ_DATA));
	ck_assert_uint_eq(maximum("D:(A;;FR;;;WD)(A;;CCDC;;;S-1-22-2-500)"), FILE_READ_DATA);
	ck_assert(!granted("O:" ME "D:", WRITE_DAC));
	ck_assert(granted("O:" ME, FILE_ALL_ACCESS));
}
END_TEST

START_TEST(object_aces_without_a_list_of_types)
{
	ck_assert(granted("D:(OA;;FR;;;WD)", FILE_READ_DATA));
	ck_assert(granted("D:(OA;;FR;;" GUID ";WD)", FILE_READ_DATA));
	ck_assert(!granted("D:(OA;;FR;" GUID ";;WD)", FILE_READ_DATA));
	ck_assert(!granted("D:(OD;;FR;" GUID ";;WD)(A;;FR;;;WD)", FILE_READ_DATA));
	ck_assert(!granted("D:(OD;;FR;;;WD)(A;;FR;;;WD)", FILE_READ_DATA));
}
END_TEST

static void append(struct descriptor *sd, uint8_t type)
{
	struct ace ace = ace_make(type, 0, FILE_READ_DATA, &sid_everyone);

	ck_assert_int_eq(acl_append(sd->dacl, &ace), SD_OK);
}

static bool reads(struct descriptor *sd)
{
	bool answer = access_check(sd, token, FILE_READ_DATA, 0).status == ACCESS_OK;

	descriptor_destroy(sd);
	return answer;
}

/* Does an ACE of this type for Everyone, made by hand, grant? */
static bool granted_with(uint8_t type)
{
	struct descriptor *sd = descriptor_of("D:");

	append(sd, type);
	return reads(sd);
}

/* Does it let what follows grant? */
static bool granted_with_after(uint8_t type)
{
	struct descriptor *sd = descriptor_of("D:");

	append(sd, type);
	append(sd, ACCESS_ALLOWED_ACE_TYPE);
	return reads(sd);
}

START_TEST(an_unknown_condition_denies_but_never_allows)
{
	ck_assert(!granted_with(ACCESS_ALLOWED_CALLBACK_ACE_TYPE));
	ck_assert(!granted_with(ACCESS_ALLOWED_CALLBACK_OBJECT_ACE_TYPE));
	ck_assert(granted_with_after(ACCESS_ALLOWED_CALLBACK_ACE_TYPE));
	ck_assert(!granted_with_after(ACCESS_DENIED_CALLBACK_ACE_TYPE));
	ck_assert(!granted_with_after(ACCESS_DENIED_CALLBACK_OBJECT_ACE_TYPE));
}
END_TEST

START_TEST(other_types_neither_grant_nor_deny)
{
	static const uint8_t types[] = {
		SYSTEM_AUDIT_ACE_TYPE,
		SYSTEM_ALARM_ACE_TYPE,
		SYSTEM_AUDIT_CALLBACK_ACE_TYPE,
		SYSTEM_MANDATORY_LABEL_ACE_TYPE,
		SYSTEM_SCOPED_POLICY_ID_ACE_TYPE,
	};

	for (size_t i = 0; i < sizeof(types); i++) {
		ck_assert(!granted_with(types[i]));
		ck_assert(granted_with_after(types[i]));
	}
}
END_TEST

START_TEST(inherit_only_aces_do_not_count)
{
	ck_assert(!granted("D:(A;OICIIO;FR;;;WD)", FILE_READ_DATA));
	ck_assert(granted("D:(D;OICIIO;FR;;;WD)(A;;FR;;;WD)", FILE_READ_DATA));
}
END_TEST

START_TEST(asking_for_nothing_is_an_error)
{
	ck_assert_int_eq(check("D:(A;;FA;;;WD)", 0).status, ACCESS_BAD_REQUEST);
	ck_assert_int_eq(check("O:" ME, 0).status, ACCESS_BAD_REQUEST);
}
END_TEST

START_TEST(generic_bits_are_mapped_in_wish_and_aces)
{
	ck_assert(granted("D:(A;;GR;;;WD)", FILE_GENERIC_READ));
	ck_assert(granted("D:(A;;FR;;;WD)", GENERIC_READ));
	ck_assert(!granted("D:(D;;GA;;;" ME ")(A;;FA;;;WD)", GENERIC_EXECUTE));
	ck_assert_uint_eq(check("D:(A;;GA;;;WD)", GENERIC_ALL).granted, FILE_ALL_ACCESS);
}
END_TEST

START_TEST(the_tokens_rights_cap_everything)
{
	token_set_rights(token, FILE_GENERIC_READ);
	token_set_privileges(token, SE_ALL_PRIVILEGES);
	ck_assert(granted("D:(A;;FA;;;WD)", FILE_GENERIC_READ));
	ck_assert(!granted("D:(A;;FA;;;WD)", FILE_WRITE_DATA));
	ck_assert(!granted("O:" ME "D:", WRITE_DAC));
	ck_assert(!granted("O:" YOU, FILE_WRITE_DATA));
	ck_assert(!granted("D:", WRITE_OWNER));
	ck_assert_int_eq(check("D:", ACCESS_SYSTEM_SECURITY).status, ACCESS_DENIED);
	ck_assert_uint_eq(maximum("D:(A;;FA;;;WD)"), FILE_GENERIC_READ);
	ck_assert_uint_eq(check_flags("D:", MAXIMUM_ALLOWED, ACCESS_BACKUP_INTENT).granted,
			  FILE_GENERIC_READ);
	token_set_rights(token, 0);
	ck_assert_int_eq(check("O:" ME, MAXIMUM_ALLOWED).status, ACCESS_DENIED);
}
END_TEST

static bool public(const char *sddl, uint32_t mask)
{
	struct descriptor *sd = descriptor_of(sddl);
	bool answer = access_public(sd, mask);

	descriptor_destroy(sd);
	return answer;
}

START_TEST(public_is_what_everyone_gets_and_nobody_is_denied)
{
	ck_assert(public("D:(A;;FR;;;WD)", FILE_READ_ATTRIBUTES));
	ck_assert(public("D:(A;;CC;;;WD)(A;;GR;;;WD)", FILE_GENERIC_READ));
	ck_assert(public("O:" ME, FILE_GENERIC_READ | FILE_GENERIC_EXECUTE));
	/* the anonymous are untrusted, and what has no label is medium */
	ck_assert(!public("O:" ME, FILE_WRITE_DATA));
	ck_assert(!public("D:(A;;FR;;;AU)", FILE_READ_ATTRIBUTES));
	ck_assert(!public("D:(A;OICIIO;FR;;;WD)", FILE_READ_ATTRIBUTES));
	ck_assert(!public("D:(D;;FR;;;" YOU ")(A;;FR;;;WD)", FILE_READ_ATTRIBUTES));
	ck_assert(public("D:(D;OICIIO;FR;;;" YOU ")(A;;FR;;;WD)", FILE_READ_ATTRIBUTES));
	ck_assert(public("D:(A;;FR;;;WD)(D;;FR;;;" YOU ")", FILE_READ_ATTRIBUTES));
	ck_assert(!public("D:(OD;;FR;" GUID ";;BG)(A;;FR;;;WD)", FILE_READ_ATTRIBUTES));
	ck_assert(!public("O:WDD:", READ_CONTROL));
	ck_assert(!public("O:" ME, ACCESS_SYSTEM_SECURITY));
}
END_TEST

static bool names_group(const char *sddl)
{
	struct descriptor *sd = descriptor_of(sddl);
	bool answer = access_names_group(sd);

	descriptor_destroy(sd);
	return answer;
}

START_TEST(a_unix_group_in_force_is_noticed)
{
	ck_assert(names_group("D:(A;;FR;;;" MINE ")"));
	ck_assert(names_group("D:(A;;FR;;;WD)(D;;FR;;;" MINE ")"));
	ck_assert(names_group("O:" MINE "D:"));
	ck_assert(!names_group("O:" ME "G:" MINE "D:(A;;FR;;;" ME ")(A;;FR;;;BA)"));
	ck_assert(!names_group("D:(A;OICIIO;FR;;;" MINE ")"));
	ck_assert(!names_group("O:" ME));
	ck_assert(names_group("D:(A;;FA;;;WD)S:(AU;SA;FR;;;" MINE ")"));
	ck_assert(names_group("D:(A;;FA;;;WD)S:(XU;SA;FR;;;WD;(Member_of {SID(" MINE ")}))"));
	ck_assert(!names_group("D:(A;;FA;;;WD)S:(AU;OICIIOSA;FR;;;" MINE ")(AU;SA;FR;;;WD)"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("access");
	TCase *tcase = tcase_create("access");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, the_owner_reads_and_writes_the_dacl_even_against_denies);
	tcase_add_test(tcase, an_enabled_group_that_owns_makes_its_members_owners);
	tcase_add_test(tcase, owner_rights_in_any_ace_in_force_withhold_the_owners_bits);
	tcase_add_test(tcase, order_decides_between_allow_and_deny);
	tcase_add_test(tcase, what_is_missing_is_told);
	tcase_add_test(tcase, the_maximum_follows_ace_order);
	tcase_add_test(tcase, an_empty_maximum_is_a_denial);
	tcase_add_test(tcase, no_dacl_and_a_null_dacl_grant_everything);
	tcase_add_test(tcase, the_sacl_needs_its_privilege_and_has_its_own_status);
	tcase_add_test(tcase, take_ownership_wins_over_denies);
	tcase_add_test(tcase, backup_and_restore_count_with_backup_intent_only);
	tcase_add_test(tcase, disabled_and_deny_only_groups);
	tcase_add_test(tcase, restricting_sids_must_grant_too);
	tcase_add_test(tcase, object_aces_without_a_list_of_types);
	tcase_add_test(tcase, an_unknown_condition_denies_but_never_allows);
	tcase_add_test(tcase, other_types_neither_grant_nor_deny);
	tcase_add_test(tcase, inherit_only_aces_do_not_count);
	tcase_add_test(tcase, asking_for_nothing_is_an_error);
	tcase_add_test(tcase, generic_bits_are_mapped_in_wish_and_aces);
	tcase_add_test(tcase, the_tokens_rights_cap_everything);
	tcase_add_test(tcase, public_is_what_everyone_gets_and_nobody_is_denied);
	tcase_add_test(tcase, a_unix_group_in_force_is_noticed);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
