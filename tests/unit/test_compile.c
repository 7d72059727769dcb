/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Compiled descriptors: independent of what they were made from, of any size, and
 * conditions over the token's and the object's attributes.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/compile.h"
#include "acl/mask.h"
#include "acl/sddl.h"

#define ME "S-1-22-1-1000"
#define MINE "S-1-22-2-100"
#define YOURS "S-1-22-2-200"
#define TITLE_IS_PM "(@User.Title == \"PM\")"
/* more than fits the buffer on the stack of access_check() */
#define MANY 600

static struct token *token;

static void setup(void)
{
	struct sid user = sid_from_uid(1000), group = sid_from_gid(100);

	token = token_create(&user);
	ck_assert_ptr_nonnull(token);
	ck_assert_int_eq(token_add_group(token, &group, SE_GROUP_ENABLED), 0);
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

/* Asks both ways; the compiled form has outlived its descriptor. */
static bool granted(struct descriptor *sd, uint32_t wanted)
{
	struct access_request request = {.token = token, .wanted = wanted};
	struct access_result once = access_check(sd, token, wanted, 0);
	struct compiled *compiled = NULL;
	struct access_result result;

	ck_assert_int_eq(compile(sd, &compiled), SD_OK);
	descriptor_destroy(sd);
	result = access_check_compiled(compiled, &request);
	ck_assert_int_eq(result.status, once.status);
	ck_assert_uint_eq(result.granted, once.granted);
	ck_assert_uint_eq(result.missing, once.missing);
	compiled_destroy(compiled);
	return result.status == ACCESS_OK;
}

static bool grants(const char *sddl, uint32_t wanted)
{
	return granted(descriptor_of(sddl), wanted);
}

static void add_claim(enum token_claims whose, const char *text)
{
	struct attribute claim = {0};
	const char *end, *expected;

	ck_assert_int_eq(attribute_read_text(text, NULL, &claim, &end, &expected), SD_OK);
	ck_assert_int_eq(token_add_claim(token, whose, &claim), 0);
	attribute_clear(&claim);
}

/* A descriptor in which only the last of many ACEs names the token's user. */
static struct descriptor *long_descriptor(uint8_t last_type)
{
	struct descriptor *sd = descriptor_create();
	struct acl *dacl = acl_create();

	ck_assert(sd && dacl);
	for (uint32_t i = 0; i < MANY; i++) {
		struct sid sid = sid_from_uid(i == MANY - 1 ? 1000 : 5000 + i);
		struct ace ace = ace_make(i == MANY - 1 ? last_type : ACCESS_ALLOWED_ACE_TYPE, 0,
					  FILE_ALL_ACCESS, &sid);

		ck_assert_int_eq(acl_append(dacl, &ace), SD_OK);
	}
	descriptor_set_dacl(sd, dacl);
	return sd;
}

START_TEST(a_long_descriptor_is_checked_to_its_end)
{
	ck_assert(granted(long_descriptor(ACCESS_ALLOWED_ACE_TYPE), FILE_READ_DATA));
	ck_assert(!granted(long_descriptor(ACCESS_DENIED_ACE_TYPE), FILE_READ_DATA));
}
END_TEST

START_TEST(a_token_of_many_groups_is_searched_whole)
{
	for (uint32_t i = 0; i < 3000; i++) {
		struct sid sid = sid_from_gid(10000 + i);

		ck_assert_int_eq(token_add_group(token, &sid, SE_GROUP_ENABLED), 0);
	}
	ck_assert(grants("D:(A;;FR;;;S-1-22-2-10000)", FILE_READ_DATA));
	ck_assert(grants("D:(A;;FR;;;S-1-22-2-12999)", FILE_READ_DATA));
	ck_assert(!grants("D:(A;;FR;;;S-1-22-2-13000)", FILE_READ_DATA));
	ck_assert(!grants("D:(A;;FR;;;S-1-22-1-10000)", FILE_READ_DATA));
}
END_TEST

START_TEST(sids_with_the_same_hash_are_told_apart)
{
	const char *texts[] = {"S-1-22-4190184779-1000", "S-1-22-1252399272-91685983"};
	struct sid sids[2];

	for (unsigned int i = 0; i < 2; i++)
		ck_assert(sid_parse(texts[i], &sids[i], NULL));
	ck_assert_uint_eq(sid_hash(&sids[0]), sid_hash(&sids[1]));
	ck_assert_int_eq(token_add_group(token, &sids[0], SE_GROUP_ENABLED), 0);
	ck_assert(grants("D:(A;;FR;;;S-1-22-4190184779-1000)", FILE_READ_DATA));
	ck_assert(!grants("D:(A;;FR;;;S-1-22-1252399272-91685983)", FILE_READ_DATA));
	ck_assert_int_eq(token_add_group(token, &sids[1], SE_GROUP_USE_FOR_DENY_ONLY), 0);
	ck_assert(grants("D:(A;;FR;;;S-1-22-4190184779-1000)", FILE_READ_DATA));
	ck_assert(!grants("D:(A;;FR;;;S-1-22-1252399272-91685983)", FILE_READ_DATA));
}
END_TEST

START_TEST(a_group_held_for_denying_only_too_allows_nothing)
{
	struct sid sid = sid_from_gid(100);

	ck_assert(grants("D:(A;;FR;;;" MINE ")", FILE_READ_DATA));
	ck_assert_int_eq(token_add_group(token, &sid, SE_GROUP_USE_FOR_DENY_ONLY), 0);
	ck_assert_int_eq(token_add_group(token, &sid, SE_GROUP_ENABLED), 0);
	ck_assert(!grants("D:(A;;FR;;;" MINE ")", FILE_READ_DATA));
	ck_assert(!grants("O:" MINE "D:", READ_CONTROL));
	ck_assert(!grants("D:(D;;FR;;;" MINE ")(A;;FR;;;" ME ")", FILE_READ_DATA));
}
END_TEST

START_TEST(a_user_made_deny_only_grants_nothing_any_more)
{
	ck_assert(grants("D:(A;;FR;;;" ME ")", FILE_READ_DATA));
	token_set_user_attributes(token, SE_GROUP_USE_FOR_DENY_ONLY);
	ck_assert(!grants("D:(A;;FR;;;" ME ")", FILE_READ_DATA));
	ck_assert(!grants("O:" ME "D:", READ_CONTROL));
	ck_assert(!grants("D:(D;;FR;;;" ME ")(A;;FR;;;WD)", FILE_READ_DATA));
	ck_assert(grants("D:(A;;FR;;;" MINE ")", FILE_READ_DATA));
}
END_TEST

START_TEST(a_deny_ace_for_owner_rights_holds_for_an_owner_that_is_deny_only)
{
	const char *sddl = "O:" ME "D:(D;;FR;;;OW)(A;;FA;;;WD)";

	ck_assert(!grants(sddl, FILE_READ_DATA));
	token_set_user_attributes(token, SE_GROUP_USE_FOR_DENY_ONLY);
	ck_assert(!grants(sddl, FILE_READ_DATA));
	ck_assert(!grants("O:" ME "D:(A;;FR;;;OW)", FILE_READ_DATA));
}
END_TEST

START_TEST(who_has_owner_rights_as_a_sid_owns_nothing_by_it)
{
	ck_assert_int_eq(token_add_group(token, &sid_owner_rights, SE_GROUP_ENABLED), 0);
	ck_assert(!grants("O:" YOURS "D:(A;;FA;;;OW)", FILE_READ_DATA));
	ck_assert(!grants("D:(A;;FA;;;OW)", FILE_READ_DATA));
	ck_assert(grants("O:" ME "D:(A;;FR;;;OW)", FILE_READ_DATA));
}
END_TEST

START_TEST(a_true_condition_lets_its_ace_apply)
{
	add_claim(TOKEN_CLAIMS_USER, "(\"Title\",TS,0,\"PM\")");
	ck_assert(grants("D:(XA;;FR;;;WD;" TITLE_IS_PM ")", FILE_READ_DATA));
	ck_assert(!grants("D:(XD;;FR;;;WD;" TITLE_IS_PM ")(A;;FR;;;WD)", FILE_READ_DATA));
	ck_assert(!grants("D:(XA;;FR;;;" YOURS ";" TITLE_IS_PM ")", FILE_READ_DATA));
}
END_TEST

START_TEST(a_false_condition_keeps_its_ace_from_applying)
{
	add_claim(TOKEN_CLAIMS_USER, "(\"Title\",TS,0,\"VP\")");
	ck_assert(!grants("D:(XA;;FR;;;WD;" TITLE_IS_PM ")", FILE_READ_DATA));
	ck_assert(grants("D:(XD;;FR;;;WD;" TITLE_IS_PM ")(A;;FR;;;WD)", FILE_READ_DATA));
}
END_TEST

START_TEST(an_unknown_condition_may_deny_only)
{
	ck_assert(!grants("D:(XA;;FR;;;WD;" TITLE_IS_PM ")", FILE_READ_DATA));
	ck_assert(!grants("D:(XD;;FR;;;WD;" TITLE_IS_PM ")(A;;FR;;;WD)", FILE_READ_DATA));
}
END_TEST

START_TEST(device_and_object_attributes_count)
{
	const char *sddl = "D:(XA;;FR;;;WD;(@Device.Site == @Resource.Site))"
			   "S:(RA;;;;;WD;(\"Site\",TS,0,\"Graz\"))";

	ck_assert(!grants(sddl, FILE_READ_DATA));
	add_claim(TOKEN_CLAIMS_DEVICE, "(\"Site\",TS,0,\"Graz\")");
	ck_assert(grants(sddl, FILE_READ_DATA));
}
END_TEST

START_TEST(an_inherit_only_attribute_is_for_children)
{
	ck_assert(!grants("D:(XA;;FR;;;WD;(Exists @Resource.Site))"
			  "S:(RA;OICIIO;;;;WD;(\"Site\",TS,0,\"Graz\"))",
			  FILE_READ_DATA));
}
END_TEST

/* Gives the first ACE of the SACL other data. */
static void spoil(struct acl *sacl)
{
	ck_assert_uint_ge(sacl->aces[0].data_size, 8);
	memset(sacl->aces[0].data, 0xff, 8);
}

START_TEST(a_malformed_attribute_is_unknown_not_absent)
{
	const char *sddl = "D:(XA;;FR;;;WD;(Not_Exists @Resource.Secret))"
			   "S:(RA;;;;;WD;(\"Secret\",TI,0,1))";
	struct descriptor *sd = descriptor_of(sddl);

	ck_assert(!grants(sddl, FILE_READ_DATA));
	spoil(sd->sacl);
	ck_assert(!granted(sd, FILE_READ_DATA));
	sd = descriptor_of("D:(XD;;FR;;;WD;(Exists @Resource.Secret))(A;;FR;;;WD)"
			   "S:(RA;;;;;WD;(\"Secret\",TI,0,1))");
	spoil(sd->sacl);
	ck_assert(!granted(sd, FILE_READ_DATA));
}
END_TEST

START_TEST(deny_only_groups_and_claims_count_in_conditions_of_deny_aces_only)
{
	struct sid yours = sid_from_gid(200);

	ck_assert_int_eq(token_add_group(token, &yours, SE_GROUP_USE_FOR_DENY_ONLY), 0);
	ck_assert(!grants("D:(XA;;FR;;;WD;(Member_of {SID(" YOURS ")}))", FILE_READ_DATA));
	ck_assert(!grants("D:(XD;;FR;;;WD;(Member_of {SID(" YOURS ")}))(A;;FR;;;WD)",
			  FILE_READ_DATA));
	/* missing, the claim would be UNKNOWN, which denies as well: so let it be FALSE */
	add_claim(TOKEN_CLAIMS_USER, "(\"Title\",TS,4,\"VP\")");
	ck_assert(!grants("D:(XA;;FR;;;WD;(@User.Title == \"VP\"))", FILE_READ_DATA));
	ck_assert(grants("D:(XD;;FR;;;WD;" TITLE_IS_PM ")(A;;FR;;;WD)", FILE_READ_DATA));
}
END_TEST

/* A condition over one attribute of many values, which costs as much as one can. */
static void append_costly(struct acl *dacl, const uint8_t *bytes, size_t size)
{
	struct ace ace =
		ace_make(ACCESS_ALLOWED_CALLBACK_ACE_TYPE, 0, FILE_READ_DATA, &sid_everyone);

	ace.data = malloc(size);
	ck_assert_ptr_nonnull(ace.data);
	memcpy(ace.data, bytes, size);
	ace.data_size = size;
	ck_assert_int_eq(acl_append(dacl, &ace), SD_OK);
	free(ace.data);
}

START_TEST(what_all_conditions_of_a_check_may_cost_together_is_bounded)
{
	struct attribute_value values[4000] = {0};
	uint16_t name[] = {'a'};
	struct attribute claim = {.name = name,
				  .name_length = 1,
				  .type = CLAIM_SECURITY_ATTRIBUTE_TYPE_INT64,
				  .count = 4000,
				  .values = values};
	struct descriptor *costly =
		descriptor_of("D:(XA;;FR;;;WD;(@User.a Contains {4000, 4001}))");
	struct descriptor *sd = descriptor_of("D:");
	const struct ace *last = &costly->dacl->aces[0];

	for (unsigned int i = 0; i < claim.count; i++)
		values[i].number = i;
	ck_assert_int_eq(token_add_claim(token, TOKEN_CLAIMS_USER, &claim), 0);
	/* the last one is TRUE, if there is still work for it */
	for (unsigned int i = 0; i < 500; i++)
		append_costly(sd->dacl, last->data, last->data_size);
	descriptor_destroy(costly);
	costly = descriptor_of("D:(XA;;FR;;;WD;(@User.a Contains {0}))");
	ck_assert_int_eq(access_check(costly, token, FILE_READ_DATA, 0).status, ACCESS_OK);
	append_costly(sd->dacl, costly->dacl->aces[0].data, costly->dacl->aces[0].data_size);
	ck_assert_int_eq(access_check(sd, token, FILE_READ_DATA, 0).status, ACCESS_DENIED);
	descriptor_destroy(costly);
	descriptor_destroy(sd);
}
END_TEST

START_TEST(a_malformed_condition_may_deny_only)
{
	struct descriptor *sd = descriptor_of("D:(XA;;FR;;;WD;(Member_of {SID(WD)}))");

	sd->dacl->aces[0].data[0] = 'A';
	ck_assert(!granted(sd, FILE_READ_DATA));
	sd = descriptor_of("D:(XD;;FR;;;WD;(Member_of {SID(" YOURS ")}))(A;;FR;;;WD)");
	sd->dacl->aces[0].data[0] = 'A';
	ck_assert(!granted(sd, FILE_READ_DATA));
	sd = descriptor_of("D:(XA;;FR;;;WD;(Member_of {SID(WD)}))");
	free(sd->dacl->aces[0].data);
	sd->dacl->aces[0].data = NULL;
	sd->dacl->aces[0].data_size = 0;
	ck_assert(!granted(sd, FILE_READ_DATA));
}
END_TEST

START_TEST(a_conditional_object_ace_for_a_type_grants_nothing)
{
	const char *guid = "bf967aba-0de6-11d0-a285-00aa003049e2";
	char sddl[256];

	ck_assert(grants("D:(ZA;;FR;;;WD;(Member_of {SID(WD)}))", FILE_READ_DATA));
	snprintf(sddl, sizeof(sddl), "D:(ZA;;FR;%s;;WD;(Member_of {SID(WD)}))", guid);
	ck_assert(!grants(sddl, FILE_READ_DATA));
}
END_TEST

START_TEST(in_the_second_pass_conditions_see_the_restricting_sids)
{
	struct sid mine = sid_from_gid(100);

	ck_assert_int_eq(token_add_restricted(token, &sid_everyone), 0);
	ck_assert(grants("D:(A;;FR;;;WD)", FILE_READ_DATA));
	ck_assert(!grants("D:(XA;;FR;;;WD;(Member_of {SID(" MINE ")}))", FILE_READ_DATA));
	ck_assert_int_eq(token_add_restricted(token, &mine), 0);
	ck_assert(grants("D:(XA;;FR;;;WD;(Member_of {SID(" MINE ")}))", FILE_READ_DATA));
}
END_TEST

START_TEST(a_condition_may_depend_on_unix_groups)
{
	struct descriptor *sd = descriptor_of("D:(XA;;FR;;;WD;(Member_of {SID(" MINE ")}))");

	ck_assert(access_names_group(sd));
	descriptor_destroy(sd);
}
END_TEST

START_TEST(the_size_in_memory_counts_attributes_too)
{
	const char *condition = "D:(XA;;FR;;;WD;(Exists @Resource.Site))";
	char sddl[512];
	struct descriptor *sd = descriptor_of(condition);
	struct compiled *small = NULL, *large = NULL;

	snprintf(sddl, sizeof(sddl), "%sS:(RA;;;;;WD;(\"Site\",TS,0,\"%0200d\"))", condition, 0);
	ck_assert_int_eq(compile(sd, &small), SD_OK);
	descriptor_destroy(sd);
	sd = descriptor_of(sddl);
	ck_assert_int_eq(compile(sd, &large), SD_OK);
	descriptor_destroy(sd);
	ck_assert_uint_ge(compiled_size(large), compiled_size(small) + 400);
	compiled_destroy(small);
	compiled_destroy(large);
	compiled_destroy(NULL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("compile");
	TCase *tcase = tcase_create("compile");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_long_descriptor_is_checked_to_its_end);
	tcase_add_test(tcase, a_token_of_many_groups_is_searched_whole);
	tcase_add_test(tcase, sids_with_the_same_hash_are_told_apart);
	tcase_add_test(tcase, a_group_held_for_denying_only_too_allows_nothing);
	tcase_add_test(tcase, a_user_made_deny_only_grants_nothing_any_more);
	tcase_add_test(tcase, a_deny_ace_for_owner_rights_holds_for_an_owner_that_is_deny_only);
	tcase_add_test(tcase, who_has_owner_rights_as_a_sid_owns_nothing_by_it);
	tcase_add_test(tcase, a_true_condition_lets_its_ace_apply);
	tcase_add_test(tcase, a_false_condition_keeps_its_ace_from_applying);
	tcase_add_test(tcase, an_unknown_condition_may_deny_only);
	tcase_add_test(tcase, device_and_object_attributes_count);
	tcase_add_test(tcase, an_inherit_only_attribute_is_for_children);
	tcase_add_test(tcase, a_malformed_attribute_is_unknown_not_absent);
	tcase_add_test(tcase, deny_only_groups_and_claims_count_in_conditions_of_deny_aces_only);
	tcase_add_test(tcase, what_all_conditions_of_a_check_may_cost_together_is_bounded);
	tcase_add_test(tcase, a_malformed_condition_may_deny_only);
	tcase_add_test(tcase, a_conditional_object_ace_for_a_type_grants_nothing);
	tcase_add_test(tcase, in_the_second_pass_conditions_see_the_restricting_sids);
	tcase_add_test(tcase, a_condition_may_depend_on_unix_groups);
	tcase_add_test(tcase, the_size_in_memory_counts_attributes_too);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
