/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Central access policies: what their rules leave of what the DACL grants.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/central_policy.h"
#include "acl/compile.h"
#include "acl/condition.h"
#include "acl/mask.h"
#include "acl/sddl.h"
#include "acl/trace.h"

#define ME "S-1-22-1-1000"
#define POLICY "S-1-17-1"
#define OTHER "S-1-17-2"
#define EVERYONE_FULL "O:S-1-22-1-5D:(A;;FA;;;WD)"
#define FALLS_UNDER(id) "(SP;;;;;" id ")"
#define SALES "(RA;;;;;WD;(\"Department\",TS,0,\"Sales\"))"

static struct token *token;
static struct central_policies *policies;

static void setup(void)
{
	struct sid user = sid_from_uid(1000);

	token = token_create(&user);
	policies = central_policies_create();
	ck_assert(token && policies);
	ck_assert_int_eq(token_add_group(token, &sid_everyone, SE_GROUP_ENABLED), 0);
}

static void teardown(void)
{
	token_unref(token);
	central_policies_destroy(policies);
}

static struct descriptor *descriptor_of(const char *sddl)
{
	struct descriptor *sd = NULL;

	ck_assert_msg(sddl_read(sddl, NULL, &sd, NULL) == SD_OK, "cannot read %s", sddl);
	return sd;
}

static void add_policy(const char *id)
{
	struct sid sid;

	ck_assert(sid_parse(id, &sid, NULL));
	ck_assert_int_eq(central_policies_add(policies, &sid), SD_OK);
}

static void add_rule(const char *condition, const char *sddl)
{
	struct descriptor *sd = descriptor_of(sddl);
	const char *end, *expected;
	uint8_t *bytes = NULL;
	size_t size = 0;

	if (condition)
		ck_assert_int_eq(
			condition_read_text(condition, NULL, &bytes, &size, &end, &expected),
			SD_OK);
	ck_assert_int_eq(central_policies_add_rule(policies, bytes, size, sd), SD_OK);
	free(bytes);
	descriptor_destroy(sd);
}

static uint32_t maximum_traced(const char *sddl, struct trace *trace)
{
	struct access_request request = {
		.token = token,
		.wanted = MAXIMUM_ALLOWED,
		.policies = policies,
		.trace = trace,
	};
	struct descriptor *sd = descriptor_of(sddl);
	struct compiled *compiled = NULL;
	struct access_result result;

	ck_assert_int_eq(compile(sd, &compiled), SD_OK);
	descriptor_destroy(sd);
	result = access_check_compiled(compiled, &request);
	compiled_destroy(compiled);
	return result.granted;
}

static uint32_t maximum(const char *sddl)
{
	return maximum_traced(sddl, NULL);
}

START_TEST(a_rule_takes_what_it_does_not_grant)
{
	add_policy(POLICY);
	add_rule(NULL, "D:(A;;FR;;;WD)");
	ck_assert_uint_eq(maximum(EVERYONE_FULL "S:" FALLS_UNDER(POLICY)), FILE_GENERIC_READ);
	ck_assert_uint_eq(maximum(EVERYONE_FULL), FILE_ALL_ACCESS);
}
END_TEST

START_TEST(a_rule_gives_nothing_that_the_dacl_does_not)
{
	add_policy(POLICY);
	add_rule(NULL, "D:(A;;FA;;;WD)");
	ck_assert_uint_eq(maximum("D:(A;;FR;;;WD)S:" FALLS_UNDER(POLICY)), FILE_GENERIC_READ);
	ck_assert_uint_eq(maximum("D:S:" FALLS_UNDER(POLICY)), 0);
}
END_TEST

START_TEST(every_rule_must_grant)
{
	add_policy(POLICY);
	add_rule(NULL, "D:(A;;FRFW;;;WD)");
	add_rule(NULL, "D:(A;;FRFX;;;WD)");
	ck_assert_uint_eq(maximum(EVERYONE_FULL "S:" FALLS_UNDER(POLICY)), FILE_GENERIC_READ);
}
END_TEST

START_TEST(a_rule_is_only_for_the_objects_for_which_its_condition_is_true)
{
	add_policy(POLICY);
	add_rule("(@Resource.Department == \"Sales\")", "D:(A;;FR;;;WD)");
	ck_assert_uint_eq(maximum(EVERYONE_FULL "S:" SALES FALLS_UNDER(POLICY)), FILE_GENERIC_READ);
	ck_assert_uint_eq(maximum(EVERYONE_FULL "S:" FALLS_UNDER(POLICY)), FILE_ALL_ACCESS);
}
END_TEST

START_TEST(conditions_in_a_rule_see_the_objects_attributes)
{
	add_policy(POLICY);
	add_rule(NULL, "D:(XA;;FR;;;WD;(@Resource.Department == \"Sales\"))");
	ck_assert_uint_eq(maximum(EVERYONE_FULL "S:" SALES FALLS_UNDER(POLICY)), FILE_GENERIC_READ);
	ck_assert_uint_eq(maximum(EVERYONE_FULL "S:" FALLS_UNDER(POLICY)), 0);
}
END_TEST

START_TEST(an_object_of_an_unknown_policy_is_for_administrators_and_its_owner)
{
	add_policy(OTHER);
	add_rule(NULL, "D:(A;;FA;;;WD)");
	ck_assert_uint_eq(maximum(EVERYONE_FULL "S:" FALLS_UNDER(POLICY)), 0);
	ck_assert_uint_eq(maximum("O:" ME "D:(A;;FR;;;WD)S:" FALLS_UNDER(POLICY)),
			  FILE_GENERIC_READ | WRITE_DAC);
	ck_assert_int_eq(token_add_group(token, &sid_administrators, SE_GROUP_ENABLED), 0);
	ck_assert_uint_eq(maximum(EVERYONE_FULL "S:" FALLS_UNDER(POLICY)), FILE_ALL_ACCESS);
}
END_TEST

START_TEST(without_policies_each_is_unknown)
{
	struct descriptor *sd = descriptor_of(EVERYONE_FULL "S:" FALLS_UNDER(POLICY));

	ck_assert_int_eq(access_check(sd, token, FILE_READ_DATA, 0).status, ACCESS_DENIED);
	ck_assert(!access_public(sd, FILE_READ_DATA));
	ck_assert(access_names_group(sd));
	descriptor_destroy(sd);
}
END_TEST

START_TEST(an_object_under_two_policies_is_under_both)
{
	add_policy(POLICY);
	add_rule(NULL, "D:(A;;FRFW;;;WD)");
	add_policy(OTHER);
	add_rule(NULL, "D:(A;;FRFX;;;WD)");
	ck_assert_uint_eq(maximum(EVERYONE_FULL "S:" FALLS_UNDER(POLICY) FALLS_UNDER(OTHER)),
			  FILE_GENERIC_READ);
}
END_TEST

START_TEST(an_object_with_a_malformed_attribute_falls_under_the_recovery_policy)
{
	struct access_request request = {
		.token = token, .wanted = MAXIMUM_ALLOWED, .policies = policies};
	struct descriptor *sd = descriptor_of(EVERYONE_FULL "S:" SALES FALLS_UNDER(POLICY));
	struct compiled *compiled = NULL;

	add_policy(POLICY);
	add_rule("(@Resource.Department == \"Law\")", "D:");
	memset(sd->sacl->aces[0].data, 0xff, 8);
	ck_assert_int_eq(compile(sd, &compiled), SD_OK);
	ck_assert_int_eq(access_check_compiled(compiled, &request).status, ACCESS_DENIED);
	compiled_destroy(compiled);
	descriptor_destroy(sd);
}
END_TEST

START_TEST(an_inherit_only_policy_is_for_children)
{
	ck_assert_uint_eq(maximum(EVERYONE_FULL "S:(SP;OICIIO;;;;" POLICY ")"), FILE_ALL_ACCESS);
}
END_TEST

START_TEST(privileges_count_beside_policies)
{
	add_policy(POLICY);
	add_rule(NULL, "D:");
	token_set_privileges(token, SE_TAKE_OWNERSHIP_PRIVILEGE);
	ck_assert_uint_eq(maximum(EVERYONE_FULL "S:" FALLS_UNDER(POLICY)), WRITE_OWNER);
}
END_TEST

START_TEST(a_trace_shows_rules_and_those_that_are_not_for_the_object)
{
	struct trace *trace = trace_create();
	const struct trace_step *steps;
	size_t count;

	add_policy(POLICY);
	add_rule("(@Resource.Department == \"Sales\")", "D:(A;;FR;;;WD)");
	add_rule(NULL, "D:(A;;FX;;;WD)");
	maximum_traced(EVERYONE_FULL "S:" FALLS_UNDER(POLICY), trace);
	steps = trace_steps(trace, &count);
	ck_assert_uint_eq(count, 4);
	ck_assert_int_eq(steps[0].event, TRACE_ACE);
	ck_assert_int_eq(steps[1].event, TRACE_CENTRAL_RULE_OFF);
	ck_assert_int_eq(steps[2].event, TRACE_CENTRAL_POLICY);
	ck_assert_uint_eq(steps[2].rule, 1);
	ck_assert_uint_eq(steps[3].gave, FILE_GENERIC_EXECUTE);
	trace_destroy(trace);
}
END_TEST

START_TEST(a_malformed_condition_or_a_rule_without_a_policy_or_a_dacl_is_refused)
{
	struct descriptor *sd = descriptor_of("D:"), *null = descriptor_of("D:NO_ACCESS_CONTROL");
	const uint8_t bytes[] = {'a', 'r', 't', 'x'};

	ck_assert_int_eq(central_policies_add_rule(policies, NULL, 0, sd), SD_BAD_ACE);
	add_policy(POLICY);
	ck_assert_int_eq(central_policies_add_rule(policies, bytes, sizeof(bytes), sd), SD_BAD_ACE);
	ck_assert_int_eq(central_policies_add_rule(policies, NULL, 0, null), SD_BAD_ACL);
	descriptor_destroy(null);
	descriptor_destroy(sd);
}
END_TEST

static void add_long_claim(size_t count)
{
	struct attribute_value *values = calloc(count, sizeof(*values));
	uint16_t name[] = {'a'};
	struct attribute claim = {.name = name,
				  .name_length = 1,
				  .type = CLAIM_SECURITY_ATTRIBUTE_TYPE_INT64,
				  .count = count,
				  .values = values};

	ck_assert_ptr_nonnull(values);
	for (size_t i = 0; i < count; i++)
		values[i].number = i;
	ck_assert_int_eq(token_add_claim(token, TOKEN_CLAIMS_USER, &claim), 0);
	free(values);
}

START_TEST(who_writes_the_dacl_cannot_use_up_the_work_of_a_rule)
{
	char sddl[65536];
	size_t length = (size_t)snprintf(sddl, sizeof(sddl), "O:S-1-22-1-5D:");

	add_long_claim(4000);
	for (unsigned int i = 0; i < 500; i++)
		length += (size_t)snprintf(sddl + length, sizeof(sddl) - length,
					   "(XA;;FA;;;WD;(@User.a Contains 4001))");
	snprintf(sddl + length, sizeof(sddl) - length, "(A;;FA;;;WD)S:%s%s", SALES,
		 FALLS_UNDER(POLICY));
	add_policy(POLICY);
	add_rule("(@Resource.Department == \"Sales\")", "D:(A;;FR;;;WD)");
	ck_assert_uint_eq(maximum(sddl), FILE_GENERIC_READ);
}
END_TEST

START_TEST(a_rule_that_takes_too_much_work_to_tell_counts_as_the_recovery_policy)
{
	char condition[65536] = "(";
	size_t length = 1;

	add_long_claim(4000);
	for (unsigned int i = 0; i < 60; i++)
		length += (size_t)snprintf(condition + length, sizeof(condition) - length,
					   "@User.a Contains 4001 || ");
	snprintf(condition + length, sizeof(condition) - length, "@User.a Contains 4001)");
	add_policy(POLICY);
	add_rule(condition, "D:(A;;FR;;;WD)");
	ck_assert_uint_eq(maximum(EVERYONE_FULL "S:" FALLS_UNDER(POLICY)), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("central_policy");
	TCase *tcase = tcase_create("central_policy");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_rule_takes_what_it_does_not_grant);
	tcase_add_test(tcase, a_rule_gives_nothing_that_the_dacl_does_not);
	tcase_add_test(tcase, every_rule_must_grant);
	tcase_add_test(tcase, a_rule_is_only_for_the_objects_for_which_its_condition_is_true);
	tcase_add_test(tcase, conditions_in_a_rule_see_the_objects_attributes);
	tcase_add_test(tcase, an_object_of_an_unknown_policy_is_for_administrators_and_its_owner);
	tcase_add_test(tcase, without_policies_each_is_unknown);
	tcase_add_test(tcase, an_object_under_two_policies_is_under_both);
	tcase_add_test(tcase, an_object_with_a_malformed_attribute_falls_under_the_recovery_policy);
	tcase_add_test(tcase, an_inherit_only_policy_is_for_children);
	tcase_add_test(tcase, privileges_count_beside_policies);
	tcase_add_test(tcase, a_trace_shows_rules_and_those_that_are_not_for_the_object);
	tcase_add_test(tcase,
		       a_malformed_condition_or_a_rule_without_a_policy_or_a_dacl_is_refused);
	tcase_add_test(tcase, who_writes_the_dacl_cannot_use_up_the_work_of_a_rule);
	tcase_add_test(tcase,
		       a_rule_that_takes_too_much_work_to_tell_counts_as_the_recovery_policy);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
