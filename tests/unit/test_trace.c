/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The trace of an access check: a step for each ACE, with its reason.
 */
#include <check.h>
#include <stdlib.h>

#include "acl/compile.h"
#include "acl/mask.h"
#include "acl/sddl.h"
#include "acl/trace.h"

#define ME "S-1-22-1-1000"
#define YOU "S-1-22-1-2000"
#define OFF "S-1-22-2-100"
#define DENY "S-1-22-2-101"
#define GUID "bf967aba-0de6-11d0-a285-00aa003049e2"

static struct token *token;
static struct trace *trace;

static void add_group(gid_t gid, uint32_t attributes)
{
	struct sid sid = sid_from_gid(gid);

	ck_assert_int_eq(token_add_group(token, &sid, attributes), 0);
}

static void setup(void)
{
	struct sid user = sid_from_uid(1000);

	token = token_create(&user);
	trace = trace_create();
	ck_assert(token && trace);
	add_group(100, 0);
	add_group(101, SE_GROUP_USE_FOR_DENY_ONLY);
	ck_assert_int_eq(token_add_group(token, &sid_everyone, SE_GROUP_ENABLED), 0);
}

static void teardown(void)
{
	token_unref(token);
	trace_destroy(trace);
}

static struct access_result check(const char *sddl, uint32_t wanted)
{
	struct access_request request = {.token = token, .wanted = wanted, .trace = trace};
	struct descriptor *sd = NULL;
	struct compiled *compiled = NULL;
	struct access_result result;

	ck_assert_msg(sddl_read(sddl, NULL, &sd, NULL) == SD_OK, "cannot read %s", sddl);
	ck_assert_int_eq(compile(sd, &compiled), SD_OK);
	descriptor_destroy(sd);
	result = access_check_compiled(compiled, &request);
	compiled_destroy(compiled);
	return result;
}

static const struct trace_step *step(size_t number)
{
	size_t count;
	const struct trace_step *steps = trace_steps(trace, &count);

	ck_assert_msg(number < count, "there are only %zu steps", count);
	return &steps[number];
}

static size_t step_count(void)
{
	size_t count;

	trace_steps(trace, &count);
	return count;
}

static void is_ace(size_t number, size_t ace, enum trace_reason reason)
{
	const struct trace_step *found = step(number);

	ck_assert_int_eq(found->event, TRACE_ACE);
	ck_assert_uint_eq(found->ace, ace);
	ck_assert_msg(found->reason == reason, "ACE %zu: %s", ace,
		      trace_reason_string(found->reason));
}

static void moved(size_t number, uint32_t gave, uint32_t took, uint32_t missing)
{
	ck_assert_uint_eq(step(number)->gave, gave);
	ck_assert_uint_eq(step(number)->took, took);
	ck_assert_uint_eq(step(number)->missing, missing);
}

START_TEST(each_ace_has_a_step_with_what_it_gave_and_took)
{
	struct access_result result =
		check("D:(D;;WP;;;WD)(A;;0x21;;;" ME ")(A;;FA;;;WD)", FILE_READ_DATA | 0x20);

	ck_assert_int_eq(result.status, ACCESS_DENIED);
	ck_assert_uint_eq(step_count(), 3);
	is_ace(0, 0, TRACE_MATCHED);
	moved(0, 0, 0x20, FILE_READ_DATA);
	is_ace(1, 1, TRACE_MATCHED);
	moved(1, FILE_READ_DATA, 0, 0);
	is_ace(2, 2, TRACE_NOT_REACHED);
	moved(2, 0, 0, 0);
	ck_assert_uint_eq(step(2)->rights, FILE_ALL_ACCESS);
}
END_TEST

START_TEST(an_ace_that_did_nothing_says_why)
{
	check("D:(A;IO;FA;;;" ME ")(A;;FA;;;" YOU ")(A;;FA;;;" OFF ")(A;;FA;;;" DENY ")(A;;WP;;;" ME
	      ")(OA;;FA;" GUID ";;" ME ")",
	      FILE_READ_DATA);
	ck_assert_uint_eq(step_count(), 6);
	is_ace(0, 0, TRACE_INHERIT_ONLY);
	is_ace(1, 1, TRACE_NOT_HELD);
	is_ace(2, 2, TRACE_DISABLED);
	is_ace(3, 3, TRACE_DENY_ONLY);
	is_ace(4, 4, TRACE_NOTHING_WANTED);
	is_ace(5, 5, TRACE_OBJECT_TYPE);
	moved(5, 0, 0, FILE_READ_DATA);
}
END_TEST

START_TEST(a_condition_that_did_not_hold_is_told_from_one_that_is_unknown)
{
	check("D:(XA;;FA;;;WD;(Member_of {SID(" YOU ")}))(XA;;FA;;;WD;(@User.Title == \"PM\"))",
	      FILE_READ_DATA);
	ck_assert_uint_eq(step_count(), 2);
	is_ace(0, 0, TRACE_CONDITION_FALSE);
	is_ace(1, 1, TRACE_CONDITION_UNKNOWN);
}
END_TEST

START_TEST(an_unknown_condition_denies_and_the_step_says_so)
{
	check("D:(XD;;FR;;;WD;(@User.Title == \"PM\"))(A;;FA;;;WD)", FILE_READ_DATA);
	is_ace(0, 0, TRACE_MATCHED);
	moved(0, 0, FILE_READ_DATA, 0);
}
END_TEST

START_TEST(the_owners_rights_and_their_withholding_are_steps)
{
	check("O:" ME "D:", READ_CONTROL | FILE_READ_DATA);
	ck_assert_uint_eq(step_count(), 1);
	ck_assert_int_eq(step(0)->event, TRACE_OWNER);
	moved(0, READ_CONTROL, 0, FILE_READ_DATA);
	trace_destroy(trace);
	trace = trace_create();
	check("O:" ME "D:(A;;FR;;;OW)", READ_CONTROL);
	ck_assert_uint_eq(step_count(), 2);
	ck_assert_int_eq(step(0)->event, TRACE_OWNER_WITHHELD);
	moved(0, 0, 0, READ_CONTROL);
	is_ace(1, 0, TRACE_MATCHED);
}
END_TEST

START_TEST(privileges_label_and_the_tokens_own_limit_are_steps)
{
	token_set_privileges(token, SE_TAKE_OWNERSHIP_PRIVILEGE);
	token_set_rights(token, FILE_ALL_ACCESS & ~DELETE);
	check("D:(A;;FA;;;WD)S:(ML;;NR;;;HI)", FILE_ALL_ACCESS);
	ck_assert_int_eq(step(0)->event, TRACE_TOKEN_RIGHTS);
	ck_assert_uint_eq(step(0)->took, DELETE);
	ck_assert_int_eq(step(1)->event, TRACE_LABEL);
	moved(1, 0, FILE_ALL_ACCESS & ~DELETE & ~FILE_GENERIC_EXECUTE, FILE_GENERIC_EXECUTE);
	is_ace(2, 0, TRACE_MATCHED);
	trace_destroy(trace);
	trace = trace_create();
	check("D:", WRITE_OWNER);
	ck_assert_int_eq(step(0)->event, TRACE_PRIVILEGE);
	moved(0, WRITE_OWNER, 0, 0);
}
END_TEST

START_TEST(a_null_dacl_is_a_step)
{
	check("D:NO_ACCESS_CONTROL", FILE_READ_DATA);
	ck_assert_uint_eq(step_count(), 1);
	ck_assert_int_eq(step(0)->event, TRACE_NO_DACL);
	moved(0, FILE_READ_DATA, 0, 0);
}
END_TEST

START_TEST(the_second_pass_of_a_restricted_token_is_marked)
{
	ck_assert_int_eq(token_add_restricted(token, &sid_everyone), 0);
	check("D:(A;;FR;;;" ME ")(A;;RC;;;WD)", FILE_READ_DATA | READ_CONTROL);
	ck_assert_int_eq(step(2)->event, TRACE_RESTRICTED);
	ck_assert(!step(0)->restricted && step(3)->restricted);
	is_ace(0, 0, TRACE_MATCHED);
	is_ace(3, 0, TRACE_NOT_HELD);
	is_ace(4, 1, TRACE_MATCHED);
	moved(4, READ_CONTROL, 0, FILE_READ_DATA);
}
END_TEST

START_TEST(every_event_and_reason_has_its_own_phrase)
{
	for (int i = 0; i <= TRACE_RECOVERY_POLICY; i++) {
		ck_assert_str_ne(trace_event_string((enum trace_event)i), "unknown");
		for (int j = 0; j < i; j++)
			ck_assert_str_ne(trace_event_string((enum trace_event)i),
					 trace_event_string((enum trace_event)j));
	}
	for (int i = 0; i <= TRACE_CONDITION_UNKNOWN; i++) {
		ck_assert_str_ne(trace_reason_string((enum trace_reason)i), "unknown");
		for (int j = 0; j < i; j++)
			ck_assert_str_ne(trace_reason_string((enum trace_reason)i),
					 trace_reason_string((enum trace_reason)j));
	}
	ck_assert_str_eq(trace_event_string((enum trace_event)99), "unknown");
	ck_assert_str_eq(trace_reason_string((enum trace_reason)99), "unknown");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("trace");
	TCase *tcase = tcase_create("trace");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, each_ace_has_a_step_with_what_it_gave_and_took);
	tcase_add_test(tcase, an_ace_that_did_nothing_says_why);
	tcase_add_test(tcase, a_condition_that_did_not_hold_is_told_from_one_that_is_unknown);
	tcase_add_test(tcase, an_unknown_condition_denies_and_the_step_says_so);
	tcase_add_test(tcase, the_owners_rights_and_their_withholding_are_steps);
	tcase_add_test(tcase, privileges_label_and_the_tokens_own_limit_are_steps);
	tcase_add_test(tcase, a_null_dacl_is_a_step);
	tcase_add_test(tcase, the_second_pass_of_a_restricted_token_is_marked);
	tcase_add_test(tcase, every_event_and_reason_has_its_own_phrase);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
