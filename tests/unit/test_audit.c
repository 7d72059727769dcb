/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which audit ACEs an access hits, and why an access was denied.  The token is user 1000 with group
 * 100 disabled, group 101 deny-only and Everyone.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "acl/audit.h"
#include "acl/denial.h"
#include "acl/mask.h"
#include "acl/sddl.h"

#define ME "S-1-22-1-1000"
#define YOU "S-1-22-1-2000"
#define OFF "S-1-22-2-100"
#define DENY "S-1-22-2-101"
#define GUID "bf967aba-0de6-11d0-a285-00aa003049e2"
#define READ "D:(A;;FR;;;WD)"
#define PLACES 4

static struct token *token;
static size_t places[PLACES];

static void add_group(gid_t gid, uint32_t attributes)
{
	struct sid sid = sid_from_gid(gid);

	ck_assert_int_eq(token_add_group(token, &sid, attributes), 0);
}

static void setup(void)
{
	struct sid user = sid_from_uid(1000);

	token = token_create(&user);
	ck_assert_ptr_nonnull(token);
	add_group(100, 0);
	add_group(101, SE_GROUP_USE_FOR_DENY_ONLY);
	ck_assert_int_eq(token_add_group(token, &sid_everyone, SE_GROUP_ENABLED), 0);
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

/* How many audit ACEs of @sddl the check of @wanted hits. */
static size_t hits(const char *sddl, uint32_t wanted)
{
	struct descriptor *sd = descriptor_of(sddl);
	struct access_result result = access_check(sd, token, wanted, 0);
	size_t count = access_audit(sd, token, &result, wanted, places, PLACES);

	descriptor_destroy(sd);
	return count;
}

START_TEST(a_granted_right_hits_on_success_only)
{
	ck_assert_uint_eq(hits(READ "S:(AU;SA;FR;;;WD)", FILE_READ_DATA), 1);
	ck_assert_uint_eq(hits(READ "S:(AU;FA;FR;;;WD)", FILE_READ_DATA), 0);
	ck_assert_uint_eq(hits(READ "S:(AU;SAFA;FR;;;WD)", FILE_READ_DATA), 1);
	ck_assert_uint_eq(hits(READ "S:(AU;;FR;;;WD)", FILE_READ_DATA), 0);
}
END_TEST

START_TEST(a_denied_right_hits_on_failure_only)
{
	ck_assert_uint_eq(hits(READ "S:(AU;FA;FW;;;WD)", FILE_WRITE_DATA), 1);
	ck_assert_uint_eq(hits(READ "S:(AU;SA;FW;;;WD)", FILE_WRITE_DATA), 0);
	ck_assert_uint_eq(hits(READ "S:(AU;SAFA;FW;;;WD)", FILE_WRITE_DATA), 1);
}
END_TEST

START_TEST(only_the_rights_that_the_ace_names_hit)
{
	ck_assert_uint_eq(hits(READ "S:(AU;SAFA;FX;;;WD)", FILE_READ_DATA), 0);
	ck_assert_uint_eq(hits(READ "S:(AU;SAFA;SD;;;WD)", FILE_WRITE_DATA), 0);
}
END_TEST

START_TEST(of_a_denied_wish_the_missing_rights_count)
{
	uint32_t both = FILE_READ_DATA | FILE_WRITE_DATA;

	ck_assert_uint_eq(hits(READ "S:(AU;FA;0x2;;;WD)", both), 1);
	ck_assert_uint_eq(hits(READ "S:(AU;FA;0x1;;;WD)", both), 0);
	/* nothing was granted: no handle came of it */
	ck_assert_uint_eq(hits(READ "S:(AU;SA;0x1;;;WD)", both), 0);
}
END_TEST

START_TEST(generic_rights_are_mapped_in_ace_and_wish)
{
	ck_assert_uint_eq(hits(READ "S:(AU;SA;GR;;;WD)", FILE_READ_DATA), 1);
	ck_assert_uint_eq(hits(READ "S:(AU;SA;0x1;;;WD)", GENERIC_READ), 1);
	ck_assert_uint_eq(hits(READ "S:(AU;FA;0x2;;;WD)", GENERIC_WRITE), 1);
}
END_TEST

START_TEST(the_maximum_hits_by_what_it_granted)
{
	ck_assert_uint_eq(hits(READ "S:(AU;SA;0x1;;;WD)", MAXIMUM_ALLOWED), 1);
	ck_assert_uint_eq(hits(READ "S:(AU;SA;0x2;;;WD)", MAXIMUM_ALLOWED), 0);
}
END_TEST

START_TEST(a_right_to_the_sacl_that_is_not_held_hits_on_failure)
{
	ck_assert_uint_eq(hits(READ "S:(AU;FA;0x1000000;;;WD)", ACCESS_SYSTEM_SECURITY), 1);
}
END_TEST

START_TEST(a_sid_must_be_held_enabled_or_deny_only)
{
	ck_assert_uint_eq(hits(READ "S:(AU;SA;FR;;;" ME ")", FILE_READ_DATA), 1);
	ck_assert_uint_eq(hits(READ "S:(AU;SA;FR;;;" DENY ")", FILE_READ_DATA), 1);
	ck_assert_uint_eq(hits(READ "S:(AU;SA;FR;;;" OFF ")", FILE_READ_DATA), 0);
	ck_assert_uint_eq(hits(READ "S:(AU;SA;FR;;;" YOU ")", FILE_READ_DATA), 0);
}
END_TEST

START_TEST(inherit_only_aces_are_for_children)
{
	ck_assert_uint_eq(hits(READ "S:(AU;OICIIOSA;FR;;;WD)", FILE_READ_DATA), 0);
	ck_assert_uint_eq(hits(READ "S:(AU;OICISA;FR;;;WD)", FILE_READ_DATA), 1);
}
END_TEST

START_TEST(object_aces_hit_without_an_object_type_only)
{
	ck_assert_uint_eq(hits(READ "S:(OU;SA;FR;;;WD)", FILE_READ_DATA), 1);
	ck_assert_uint_eq(hits(READ "S:(OU;SA;FR;" GUID ";;WD)", FILE_READ_DATA), 0);
	ck_assert_uint_eq(hits(READ "S:(OU;SA;FR;;" GUID ";WD)", FILE_READ_DATA), 1);
}
END_TEST

START_TEST(alarm_aces_and_labels_are_not_looked_at)
{
	struct descriptor *sd = descriptor_of(READ "S:(AU;SAFA;FR;;;WD)(ML;;NW;;;LW)");
	struct access_result result = access_check(sd, token, FILE_READ_DATA, 0);

	sd->sacl->aces[0].type = SYSTEM_ALARM_ACE_TYPE;
	sd->sacl->aces[1].flags = SUCCESSFUL_ACCESS_ACE_FLAG;
	sd->sacl->aces[1].sid = sid_everyone;
	ck_assert_uint_eq(access_audit(sd, token, &result, FILE_READ_DATA, places, PLACES), 0);
	descriptor_destroy(sd);
}
END_TEST

START_TEST(a_false_condition_hits_nothing_and_an_unknown_one_hits)
{
	ck_assert_uint_eq(hits(READ "S:(XU;SA;FR;;;WD;(Member_of{SID(" ME ")}))", FILE_READ_DATA),
			  1);
	ck_assert_uint_eq(hits(READ "S:(XU;SA;FR;;;WD;(Member_of{SID(" YOU ")}))", FILE_READ_DATA),
			  0);
	ck_assert_uint_eq(hits(READ "S:(XU;SA;FR;;;WD;(@User.x == 1))", FILE_READ_DATA), 1);
}
END_TEST

START_TEST(a_condition_that_is_no_expression_hits)
{
	struct descriptor *sd = descriptor_of(READ "S:(XU;SA;FR;;;WD;(Member_of{SID(" YOU ")}))");
	struct access_result result = access_check(sd, token, FILE_READ_DATA, 0);

	sd->sacl->aces[0].data[0] ^= 1;
	ck_assert_uint_eq(access_audit(sd, token, &result, FILE_READ_DATA, places, PLACES), 1);
	descriptor_destroy(sd);
}
END_TEST

START_TEST(conditions_ask_for_resource_attributes)
{
	const char *secret = READ "S:(XU;SA;FR;;;WD;(@Resource.s == 1))(RA;;;;;WD;(\"s\",TI,0,1))";
	const char *open = READ "S:(XU;SA;FR;;;WD;(@Resource.s == 1))(RA;;;;;WD;(\"s\",TI,0,2))";

	ck_assert_uint_eq(hits(secret, FILE_READ_DATA), 1);
	ck_assert_uint_eq(hits(open, FILE_READ_DATA), 0);
}
END_TEST

START_TEST(a_malformed_resource_attribute_makes_every_condition_unknown)
{
	struct descriptor *sd =
		descriptor_of(READ "S:(XU;SA;FR;;;WD;(@Resource.s == 1))(RA;;;;;WD;(\"s\",TI,0,2))"
				   "(RA;;;;;WD;(\"t\",TI,0,2))");
	struct access_result result = access_check(sd, token, FILE_READ_DATA, 0);

	ck_assert_uint_eq(access_audit(sd, token, &result, FILE_READ_DATA, places, PLACES), 0);
	sd->sacl->aces[2].data_size = 4;
	ck_assert_uint_eq(access_audit(sd, token, &result, FILE_READ_DATA, places, PLACES), 1);
	descriptor_destroy(sd);
}
END_TEST

START_TEST(the_places_are_those_in_the_sacl)
{
	ck_assert_uint_eq(hits(READ "S:(AU;SA;FR;;;" YOU ")(AU;SA;FR;;;WD)(ML;;NW;;;LW)"
				    "(AU;SA;0x1;;;" ME ")",
			       FILE_READ_DATA),
			  2);
	ck_assert_uint_eq(places[0], 1);
	ck_assert_uint_eq(places[1], 3);
}
END_TEST

START_TEST(no_more_places_are_stored_than_there_is_room_for)
{
	struct descriptor *sd = descriptor_of(READ "S:(AU;SA;FR;;;WD)(AU;SA;FR;;;WD)");
	struct access_result result = access_check(sd, token, FILE_READ_DATA, 0);

	places[0] = places[1] = 99;
	ck_assert_uint_eq(access_audit(sd, token, &result, FILE_READ_DATA, places, 1), 2);
	ck_assert_uint_eq(places[0], 0);
	ck_assert_uint_eq(places[1], 99);
	ck_assert_uint_eq(access_audit(sd, token, &result, FILE_READ_DATA, NULL, 0), 2);
	descriptor_destroy(sd);
}
END_TEST

START_TEST(what_was_not_decided_hits_nothing)
{
	struct descriptor *sd = descriptor_of(READ "S:(AU;SAFA;GA;;;WD)");
	struct access_result result = {
		.status = ACCESS_NO_MEMORY, .granted = FILE_READ_DATA, .missing = FILE_READ_DATA};

	ck_assert_uint_eq(access_audit(sd, token, &result, FILE_READ_DATA, places, PLACES), 0);
	descriptor_destroy(sd);
}
END_TEST

static bool audited(const char *sddl, uint32_t mask)
{
	struct descriptor *sd = descriptor_of(sddl);
	bool answer = access_audited(sd, mask);

	descriptor_destroy(sd);
	return answer;
}

START_TEST(an_object_is_audited_if_any_success_could_hit)
{
	ck_assert(audited(READ "S:(AU;SA;GR;;;" YOU ")", FILE_READ_ATTRIBUTES));
	ck_assert(audited(READ "S:(XU;SA;GR;;;WD;(@User.x == 1))", FILE_READ_ATTRIBUTES));
	ck_assert(!audited(READ "S:(AU;FA;GR;;;WD)", FILE_READ_ATTRIBUTES));
	ck_assert(!audited(READ "S:(AU;SA;GR;;;WD)", FILE_WRITE_DATA));
	ck_assert(!audited(READ "S:(AU;OICIIOSA;GR;;;WD)", FILE_READ_ATTRIBUTES));
	ck_assert(!audited(READ, FILE_READ_ATTRIBUTES));
}
END_TEST

static struct denial denial(const char *sddl, uint32_t wanted)
{
	struct descriptor *sd = descriptor_of(sddl);
	struct access_result result = access_check(sd, token, wanted, 0);
	struct denial found;

	ck_assert(result.status == ACCESS_DENIED || result.status == ACCESS_PRIVILEGE_NOT_HELD);
	found = access_denial(sd, token, &result, wanted, 0);
	descriptor_destroy(sd);
	return found;
}

static void denied_for(enum denial_reason reason, const char *sddl, uint32_t wanted)
{
	struct denial found = denial(sddl, wanted);

	ck_assert_str_eq(denial_name(found.reason), denial_name(reason));
	ck_assert_int_eq(found.has_ace, 0);
}

START_TEST(what_no_ace_allows_is_not_allowed)
{
	denied_for(DENIAL_NOT_ALLOWED, "D:", FILE_READ_DATA);
	denied_for(DENIAL_NOT_ALLOWED, READ, FILE_WRITE_DATA);
	denied_for(DENIAL_NOT_ALLOWED, "D:(A;;FR;;;" DENY ")", FILE_READ_DATA);
	/* a deny ACE that takes something else is not the reason */
	denied_for(DENIAL_NOT_ALLOWED, "D:(D;;SD;;;WD)", FILE_READ_DATA);
}
END_TEST

START_TEST(a_deny_ace_is_named_by_its_place)
{
	struct denial found = denial("D:(A;;FX;;;WD)(D;;FR;;;WD)(A;;FA;;;WD)", FILE_READ_DATA);

	ck_assert_int_eq(found.reason, DENIAL_ACE);
	ck_assert(found.has_ace);
	ck_assert_uint_eq(found.ace, 1);
}
END_TEST

START_TEST(a_label_a_restriction_and_a_privilege_are_reasons)
{
	denied_for(DENIAL_LABEL, "D:(A;;FA;;;WD)S:(ML;;NW;;;HI)", FILE_WRITE_DATA);
	denied_for(DENIAL_PRIVILEGE, "D:(A;;FA;;;WD)", ACCESS_SYSTEM_SECURITY);
	token_set_rights(token, FILE_READ_DATA);
	denied_for(DENIAL_RIGHTS, "D:(A;;FA;;;WD)", FILE_WRITE_DATA);
}
END_TEST

START_TEST(a_second_pass_that_denies_is_the_reason)
{
	struct sid you = sid_from_uid(2000);

	ck_assert_int_eq(token_add_restricted(token, &you), 0);
	denied_for(DENIAL_RESTRICTED, "D:(A;;FR;;;WD)", FILE_READ_DATA);
	denied_for(DENIAL_NOT_ALLOWED, "D:(A;;FR;;;" YOU ")", FILE_READ_DATA);
	/* what the first pass did not grant is not lost in the second */
	denied_for(DENIAL_NOT_ALLOWED, "D:(A;;FR;;;WD)(A;;FA;;;" YOU ")",
		   FILE_READ_DATA | FILE_WRITE_DATA);
	ck_assert_int_eq(denial("D:(D;;FR;;;" YOU ")(A;;FR;;;WD)", FILE_READ_DATA).reason,
			 DENIAL_RESTRICTED);
}
END_TEST

START_TEST(a_central_policy_that_denies_is_the_reason)
{
	/* nobody knows this policy: the recovery policy grants owner and administrators only */
	denied_for(DENIAL_CENTRAL_POLICY, "O:SYD:(A;;FR;;;WD)S:(SP;;;;;S-1-17-22-33)",
		   FILE_READ_DATA);
	denied_for(DENIAL_NOT_ALLOWED, "O:SYD:S:(SP;;;;;S-1-17-22-33)", FILE_READ_DATA);
}
END_TEST

START_TEST(every_reason_has_a_name_and_a_phrase_of_its_own)
{
	for (int i = 0; i < DENIAL_COUNT; i++) {
		ck_assert(*denial_name(i) && *denial_text(i));
		for (int j = 0; j < i; j++)
			ck_assert_str_ne(denial_name(i), denial_name(j));
	}
	ck_assert_str_eq(denial_name(DENIAL_COUNT), denial_name(DENIAL_UNEXPLAINED));
}
END_TEST

static TCase *audit_case(void)
{
	TCase *tc = tcase_create("audit");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_granted_right_hits_on_success_only);
	tcase_add_test(tc, a_denied_right_hits_on_failure_only);
	tcase_add_test(tc, only_the_rights_that_the_ace_names_hit);
	tcase_add_test(tc, of_a_denied_wish_the_missing_rights_count);
	tcase_add_test(tc, generic_rights_are_mapped_in_ace_and_wish);
	tcase_add_test(tc, the_maximum_hits_by_what_it_granted);
	tcase_add_test(tc, a_right_to_the_sacl_that_is_not_held_hits_on_failure);
	tcase_add_test(tc, a_sid_must_be_held_enabled_or_deny_only);
	tcase_add_test(tc, inherit_only_aces_are_for_children);
	tcase_add_test(tc, object_aces_hit_without_an_object_type_only);
	tcase_add_test(tc, alarm_aces_and_labels_are_not_looked_at);
	tcase_add_test(tc, a_false_condition_hits_nothing_and_an_unknown_one_hits);
	tcase_add_test(tc, a_condition_that_is_no_expression_hits);
	tcase_add_test(tc, conditions_ask_for_resource_attributes);
	tcase_add_test(tc, a_malformed_resource_attribute_makes_every_condition_unknown);
	tcase_add_test(tc, the_places_are_those_in_the_sacl);
	tcase_add_test(tc, no_more_places_are_stored_than_there_is_room_for);
	tcase_add_test(tc, what_was_not_decided_hits_nothing);
	tcase_add_test(tc, an_object_is_audited_if_any_success_could_hit);
	return tc;
}

static TCase *denial_case(void)
{
	TCase *tc = tcase_create("denial");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, what_no_ace_allows_is_not_allowed);
	tcase_add_test(tc, a_deny_ace_is_named_by_its_place);
	tcase_add_test(tc, a_label_a_restriction_and_a_privilege_are_reasons);
	tcase_add_test(tc, a_second_pass_that_denies_is_the_reason);
	tcase_add_test(tc, a_central_policy_that_denies_is_the_reason);
	tcase_add_test(tc, every_reason_has_a_name_and_a_phrase_of_its_own);
	return tc;
}

int main(void)
{
	Suite *suite = suite_create("audit");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, audit_case());
	suite_add_tcase(suite, denial_case());
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
