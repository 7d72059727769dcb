/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The SIDs that a descriptor names, and others in their place.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/sddl.h"
#include "acl/sids.h"

static struct descriptor *read_sddl(const char *text)
{
	struct descriptor *sd = NULL;

	ck_assert_int_eq(sddl_read(text, NULL, &sd, NULL), SD_OK);
	return sd;
}

static int note(const struct sid *sid, const struct sids_place *place, void *data)
{
	char text[SID_MAX_TEXT];

	fprintf(data, "%c%zu%s%s ", "OGDS"[place->part], place -> entry,
		place -> within ? "in " : " ", sid_format(sid, text) + 4);
	return 0;
}

static char *places(const char *sddl)
{
	struct descriptor *sd = read_sddl(sddl);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ck_assert_int_eq(sids_each(sd, note, out), 0);
	fclose(out);
	ck_assert_uint_eq(sids_hidden(sd), 0);
	descriptor_destroy(sd);
	return text;
}

START_TEST(sids_are_found_wherever_they_stand)
{
	char *text = places(
		"O:WDG:SY"
		"D:(A;;FA;;;BA)(XA;;FA;;;WD;(Member_of {SID(BU), SID(AU)} && @USER.a == SID(SY)))"
		"S:(AU;SA;FA;;;WD)(RA;;;;;WD;(\"x\",TD,0x0,BA))");

	ck_assert_str_eq(text, "O0 1-0 G0 5-18 D0 5-32-544 D1 1-0 D1in 5-32-545 D1in 5-11 "
			       "D1in 5-18 S0 1-0 S1 1-0 S1in 5-32-544 ");
	free(text);
}
END_TEST

static int stop_at_second(const struct sid *sid, const struct sids_place *place, void *data)
{
	int *count = data;

	return ++*count == 2 ? 7 : 0;
}

START_TEST(a_search_ends_when_the_visitor_says_so)
{
	struct descriptor *sd = read_sddl("O:WDG:WDD:(A;;FA;;;WD)");
	int count = 0;

	ck_assert_int_eq(sids_each(sd, stop_at_second, &count), 7);
	ck_assert_int_eq(count, 2);
	descriptor_destroy(sd);
}
END_TEST

/* BU becomes a long SID, AU a short one. */
static bool replace(const struct sid *from, struct sid *to, void *data)
{
	char text[SID_MAX_TEXT];

	sid_format(from, text);
	if (!strcmp(text, "S-1-5-32-545"))
		return sid_parse("S-1-5-21-1-2-3-4-5-6-7-8-9-10-11-12-13", to, NULL);
	return !strcmp(text, "S-1-5-11") && sid_parse("S-1-9", to, NULL);
}

#define LONG "S-1-5-21-1-2-3-4-5-6-7-8-9-10-11-12-13"

static const struct {
	const char *from, *to;
	size_t count;
} maps[] = {
	{"O:BUG:AUD:(A;;FA;;;BU)(D;;FA;;;WD)S:(AU;SA;FA;;;AU)",
	 "O:" LONG "G:S-1-9D:(A;;FA;;;" LONG ")(D;;FA;;;WD)S:(AU;SA;FA;;;S-1-9)", 4},
	{"D:(XA;;FA;;;WD;(Member_of {SID(BU), SID(WD), SID(AU)} || @USER.a == SID(BU)))",
	 "D:(XA;;FA;;;WD;(Member_of {SID(" LONG "), SID(WD), SID(S-1-9)} || @USER.a == SID(" LONG
	 ")))",
	 3},
	{"D:(XA;;FA;;;WD;(Member_of {SID(AU)} && Not_Member_of {SID(BU)} && @USER.b Any_of {1, "
	 "\"x\"}))",
	 "D:(XA;;FA;;;WD;(Member_of {SID(S-1-9)} && Not_Member_of {SID(" LONG
	 ")} && @USER.b Any_of {1, \"x\"}))",
	 2},
	{"D:(XA;;FA;;;AU;(@USER.a == 1))", "D:(XA;;FA;;;S-1-9;(@USER.a == 1))", 1},
	{"S:(RA;;;;;WD;(\"x\",TD,0x0,BU,WD))", "S:(RA;;;;;WD;(\"x\",TD,0x0," LONG ",WD))", 1},
	{"O:WDD:PAI(XA;;FA;;;WD;(Member_of {SID(WD)}))S:NO_ACCESS_CONTROL",
	 "O:WDD:PAI(XA;;FA;;;WD;(Member_of {SID(WD)}))S:NO_ACCESS_CONTROL", 0},
};

START_TEST(sids_are_replaced_wherever_they_stand)
{
	struct descriptor *sd = read_sddl(maps[_i].from);
	struct descriptor *wanted = read_sddl(maps[_i].to);
	struct descriptor *mapped;
	size_t count;

	ck_assert_int_eq(sids_map(sd, replace, NULL, &mapped, &count), SD_OK);
	ck_assert(descriptor_equal(mapped, wanted));
	ck_assert_uint_eq(count, maps[_i].count);
	descriptor_destroy(sd);
	descriptor_destroy(wanted);
	descriptor_destroy(mapped);
}
END_TEST

START_TEST(what_cannot_be_seen_is_counted_and_stays)
{
	struct descriptor *sd = read_sddl("D:(A;;FA;;;BU)");
	struct descriptor *mapped;
	uint8_t body[] = {1, 2, 3, 4};
	struct ace opaque = {.type = 4, .opaque = true, .data = body, .data_size = 4};
	struct ace wrong = ace_make(ACCESS_ALLOWED_CALLBACK_ACE_TYPE, 0, 1, &sid_everyone);
	size_t count;

	wrong.data = body;
	wrong.data_size = 4;
	ck_assert_int_eq(acl_append(sd->dacl, &opaque), SD_OK);
	ck_assert_int_eq(acl_append(sd->dacl, &wrong), SD_OK);
	ck_assert_uint_eq(sids_hidden(sd), 2);
	ck_assert_int_eq(sids_map(sd, replace, NULL, &mapped, &count), SD_OK);
	ck_assert_uint_eq(count, 1);
	ck_assert(ace_equal(&mapped->dacl->aces[1], &opaque));
	ck_assert(ace_equal(&mapped->dacl->aces[2], &wrong));
	descriptor_destroy(sd);
	descriptor_destroy(mapped);
}
END_TEST

START_TEST(a_list_that_grows_too_large_is_refused)
{
	struct descriptor *sd = read_sddl("D:");
	struct descriptor *mapped = NULL;
	struct sid users;
	struct ace ace;
	size_t count;

	ck_assert(sid_parse("S-1-5-32-545", &users, NULL));
	ace = ace_make(ACCESS_ALLOWED_ACE_TYPE, 0, 1, &users);
	for (int i = 0; i < 2000; i++)
		ck_assert_int_eq(acl_append(sd->dacl, &ace), SD_OK);
	ck_assert_int_eq(sids_map(sd, replace, NULL, &mapped, &count), SD_TOO_LARGE);
	ck_assert_ptr_null(mapped);
	descriptor_destroy(sd);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sids");
	TCase *tests = tcase_create("sids");
	SRunner *runner;
	int failed;

	tcase_add_test(tests, sids_are_found_wherever_they_stand);
	tcase_add_test(tests, a_search_ends_when_the_visitor_says_so);
	tcase_add_loop_test(tests, sids_are_replaced_wherever_they_stand, 0,
			    sizeof(maps) / sizeof(maps[0]));
	tcase_add_test(tests, what_cannot_be_seen_is_counted_and_stays);
	tcase_add_test(tests, a_list_that_grows_too_large_is_refused);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
