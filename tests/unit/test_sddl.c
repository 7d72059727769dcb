/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SDDL: what is read, what is written, and where faults are.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "acl/mask.h"
#include "acl/sddl.h"

static struct sid domain(void)
{
	struct sid sid;
	ck_assert(sid_parse("S-1-5-21-1-2-3", &sid, NULL));
	return sid;
}

static const struct {
	const char *text;
	const char *canonical; /* NULL: the same */
} good[] = {
	{"O:BAG:SYD:P(A;OICI;FA;;;WD)", NULL},
	{"D:", NULL},
	{"S:", NULL},
	{"D:S:", NULL},
	{"S:D:P", "D:PS:"},
	{"O:DAG:DU", NULL},
	{"D:PARAI", NULL},
	{"D:AIPAR", "D:PARAI"},
	{"D:NO_ACCESS_CONTROL", NULL},
	{"D:PAINO_ACCESS_CONTROLS:NO_ACCESS_CONTROL", NULL},
	{"D:(A;;GA;;;SY)(D;OICINPIOID;GR;;;S-1-22-1-1000)", NULL},
	{"D:(A;;0x75bcd15;;;LG)", NULL},
	{"D:(A;;017;;;WD)", "D:(A;;CCDCLCSW;;;WD)"},
	{"D:(A;;15;;;WD)", "D:(A;;CCDCLCSW;;;WD)"},
	{"D:(A;;0XF;;;WD)", "D:(A;;CCDCLCSW;;;WD)"},
	{"D:(A;;0xffffffff;;;WD)", NULL},
	{"D:(A;;;;;WD)", NULL},
	{"D:(A;;FRFW;;;WD)", "D:(A;;0x12019f;;;WD)"},
	{"D:(A;;KA;;;WD)", "D:(A;;CCDCLCSWRPWPSDRCWDWO;;;WD)"},
	{"D:(OA;;CR;ab721a53-1e2f-11d0-9819-00AA0040529B;;PS)",
	 "D:(OA;;CR;ab721a53-1e2f-11d0-9819-00aa0040529b;;PS)"},
	{"D:(OD;;CR;;ab721a53-1e2f-11d0-9819-00aa0040529b;PS)(OA;;CR;;;PS)", NULL},
	{"S:(AU;SAFA;FA;;;WD)(AL;SA;GR;;;WD)(OU;FA;GR;;;WD)(OL;FA;GR;;;WD)", NULL},
	{"S:(ML;;NW;;;ME)(ML;NP;NWNRNX;;;SI)(SP;;;;;S-1-17-1)", NULL},
	{"S:(ML;;0x8;;;ME)", "S:(ML;;SW;;;ME)"},
	/* what Windows takes */
	{"D:(A;;GA;;; LG)", "D:(A;;GA;;;LG)"},
	{"D: (a; ;ga;;;lg )", "D:(A;;GA;;;LG)"},
	{"D: P(A;;RP LCLO  RC;;;AU)", "D:P(A;;LCRPLORC;;;AU)"},
	{"  O:AA G:WD  ", "O:AAG:WD"},
	{"O:S- 1- 2-3", "O:S-1-2-3"},
	{"O:S-1-2-0x2D:(A;;GA;;;LG)", "O:S-1-2-2D:(A;;GA;;;LG)"},
	{"D:(A;;GA;;;S-1-21474836480-32)", "D:(A;;GA;;;S-1-0x500000000-32)"},
};

static void check_read_good(size_t i)
{
	struct sid home = domain();
	struct descriptor *sd = NULL;
	struct descriptor *again = NULL;
	struct sddl_fault fault = {0};
	char *text = NULL;
	ck_assert_msg(sddl_read(good[i].text, &home, &sd, &fault) == SD_OK, "%s: fault at %zu",
		      good[i].text, fault.offset);
	ck_assert_int_eq(sddl_write(sd, &home, &text), SD_OK);
	ck_assert_str_eq(text, good[i].canonical ? good[i].canonical : good[i].text);
	ck_assert_int_eq(sddl_read(text, &home, &again, NULL), SD_OK);
	ck_assert(descriptor_equal(sd, again));
	free(text);
	descriptor_destroy(sd);
	descriptor_destroy(again);
}

/* in one test, since each test is a process */
START_TEST(read_good)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		check_read_good(i);
}
END_TEST

static const struct {
	const char *text;
	size_t offset;
	const char *expected;
} bad[] = {
	{"", 0, "a part"},
	{" ", 1, "a part"},
	{"d:", 0, "a part"},
	{"D :", 0, "a part"},
	{"D:P:S:", 3, "the next part"},
	{"Z:(A;;GA;;;SY)", 0, "a part"},
	{"O:BAO:SY", 4, "a part not given yet"},
	{"O:BAAD:", 4, "a part"},
	{"O:", 2, "a SID or an alias of two letters"},
	{"O:B", 2, "a SID or an alias of two letters"},
	{"O:S-1-5-", 2, "a SID"},
	{"O:S-1-3-4294967296", 2, "a SID"},
	{"D:(A;;GA;;;QQ)", 11, "a SID or an alias of two letters"},
	{"D:()", 3, "an ACE type"},
	{"D:(", 3, "an ACE type"},
	{"D:(AX;;GA;;;WD)", 3, "an ACE type"},
	{"D:(AU;SA;GA;;;WD)", 3, "DACL"},
	{"S:(A;;GA;;;WD)", 3, "SACL"},
	{"D:(XA;;FX;;;WD;(@User.a))", 3, "other than a conditional one"},
	{"D:(ZA;;FX;;;WD;(@User.a))", 3, "other than a conditional one"},
	{"S:(XU;SA;FX;;;WD;(@User.a))", 3, "other than a conditional one"},
	{"S:(RA;;;;;WD;(\"x\",TI,0,1))", 3, "resource attribute"},
	{"D:(A;OIC;GA;;;WD)", 7, "ACE flags"},
	{"D:(A;OI CI;GA;;;WD)", 7, "ACE flags"},
	{"D:(A;;GAQ;;;WD)", 8, "rights"},
	{"D:(A;;GA ;;;WD)", 9, "rights"},
	{"D:(A;;LOR C;;;WD)", 8, "rights"},
	{"D:(A;;NW;;;WD)", 6, "rights"},
	{"D:(A;;0x;;;WD)", 8, "a number"},
	{"D:(A;;08;;;WD)", 7, "';'"},
	{"D:(A;;123 ;;;WD)", 9, "';'"},
	{"D:(A;;-1;;;WD)", 6, "rights"},
	{"D:(A;;0x100000000;;;WD)", 6, "32 bits"},
	{"D:(A;;4294967296;;;WD)", 6, "32 bits"},
	{"D:(A;;GA)", 8, "rights"},
	{"D:(A;;GA;ab721a53-1e2f-11d0-9819-00aa0040529b;;WD)", 9, "only object ACEs"},
	{"D:(OA;;GA;{ab721a53-1e2f-11d0-9819-00aa0040529b};;WD)", 10, "a GUID"},
	{"D:(OA;;GA;ab721a53;;WD)", 10, "a GUID"},
	{"D:(OA;;GA;ab721a53-1e2f-11d0-9819-00aa0040529b ;;WD)", 46, "';'"},
	{"D:(A;;GA;;)", 10, "only object ACEs"},
	{"D:(A;;GA;;;)", 11, "a SID"},
	{"D:(A;;GA;;;WD;)", 13, "')'"},
	{"D:(A;;GA;;;WD", 13, "')'"},
	{"D:(A;;GA;;;WD))", 14, "P, AR or AI"},
	{"D:((A;;GA;;;WD))", 3, "an ACE type"},
	{"D:NO_ACCESS_CONTROL(A;;GA;;;WD)", 19, "a part"},
};

static void check_read_bad(size_t i)
{
	struct sid home = domain();
	struct descriptor *sd = NULL;
	struct sddl_fault fault = {0};
	ck_assert_msg(sddl_read(bad[i].text, &home, &sd, &fault) == SD_BAD_SYNTAX, "%s",
		      bad[i].text);
	ck_assert_ptr_null(sd);
	ck_assert_msg(fault.offset == bad[i].offset, "%s: fault at %zu, expected %s", bad[i].text,
		      fault.offset, fault.expected);
	ck_assert_msg(strstr(fault.expected, bad[i].expected), "%s: expected %s", bad[i].text,
		      fault.expected);
	ck_assert_int_eq(sddl_read(bad[i].text, &home, &sd, NULL), SD_BAD_SYNTAX);
}

/* in one test, since each test is a process */
START_TEST(read_bad)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_read_bad(i);
}
END_TEST

START_TEST(without_domain)
{
	struct descriptor *sd = NULL;
	struct sddl_fault fault = {0};
	char *text = NULL;
	struct sid home = domain();
	ck_assert_int_eq(sddl_read("O:BAG:DA", NULL, &sd, &fault), SD_BAD_SYNTAX);
	ck_assert_uint_eq(fault.offset, 6);
	ck_assert_ptr_nonnull(strstr(fault.expected, "no domain"));
	ck_assert_int_eq(sddl_read("O:BAG:DA", &home, &sd, NULL), SD_OK);
	ck_assert_int_eq(sddl_write(sd, NULL, &text), SD_OK);
	ck_assert_str_eq(text, "O:BAG:S-1-5-21-1-2-3-512");
	free(text);
	descriptor_destroy(sd);
}
END_TEST

START_TEST(null_list)
{
	struct descriptor *sd = NULL;
	ck_assert_int_eq(sddl_read("D:NO_ACCESS_CONTROL", NULL, &sd, NULL), SD_OK);
	ck_assert_ptr_null(sd->dacl);
	ck_assert(sd->control & SE_DACL_PRESENT);
	descriptor_destroy(sd);
	ck_assert_int_eq(sddl_read("D:", NULL, &sd, NULL), SD_OK);
	ck_assert_ptr_nonnull(sd->dacl);
	ck_assert_uint_eq(sd->dacl->count, 0);
	descriptor_destroy(sd);
}
END_TEST

static void no_text(const struct ace *ace)
{
	struct descriptor *sd = descriptor_create();
	struct acl *acl = acl_create();
	char *text = NULL;
	ck_assert_int_eq(acl_append(acl, ace), SD_OK);
	descriptor_set_dacl(sd, acl);
	ck_assert_int_eq(sddl_write(sd, NULL, &text), SD_NO_TEXT);
	ck_assert_ptr_null(text);
	descriptor_destroy(sd);
}

START_TEST(not_expressible)
{
	uint8_t data[4] = {0};
	struct ace ace = ace_make(ACCESS_ALLOWED_CALLBACK_ACE_TYPE, 0, 1, &sid_system);
	no_text(&ace);
	ace = ace_make(SYSTEM_AUDIT_ACE_TYPE, 0, 1, &sid_system);
	no_text(&ace);
	ace = ace_make(ACCESS_ALLOWED_ACE_TYPE, 0x20, 1, &sid_system);
	no_text(&ace);
	ace = ace_make(ACCESS_ALLOWED_OBJECT_ACE_TYPE, 0, 1, &sid_system);
	ace.object_flags = 4;
	no_text(&ace);
	ace = ace_make(ACCESS_ALLOWED_ACE_TYPE, 0, 1, &sid_system);
	ace.data = data;
	ace.data_size = sizeof(data);
	no_text(&ace);
	ace = (struct ace){.type = 0x44, .opaque = true};
	no_text(&ace);
}
END_TEST

START_TEST(nothing_to_say)
{
	struct descriptor *sd = descriptor_create();
	char *text = NULL;
	ck_assert_int_eq(sddl_write(sd, NULL, &text), SD_NO_TEXT);
	descriptor_destroy(sd);
}
END_TEST

/* The longest ACEs, so many that the buffer grows, and too many for a list. */
START_TEST(long_list)
{
	static const char ace[] =
		"(OA;OICINPIOIDSAFA;CCDCLCSWRPWPDTLOCRSDRCWDWOGAGXGWGR;"
		"ffffffff-ffff-ffff-ffff-ffffffffffff;ffffffff-ffff-ffff-ffff-ffffffffffff;"
		"S-1-0xFFFFFFFFFFFF-4294967295-4294967295-4294967295-4294967295-4294967295"
		"-4294967295-4294967295-4294967295-4294967295-4294967295-4294967295-4294967295"
		"-4294967295-4294967295-4294967295)";
	const size_t fit = 65524 / 112; /* an ACE of this kind takes 112 bytes */
	char *text = malloc(3 + (fit + 1) * (sizeof(ace) - 1));
	char *at = stpcpy(text, "D:");
	struct descriptor *sd = NULL;
	char *again = NULL;
	for (size_t i = 0; i < fit; i++)
		at = stpcpy(at, ace);
	ck_assert_int_eq(sddl_read(text, NULL, &sd, NULL), SD_OK);
	ck_assert_uint_eq(sd->dacl->count, fit);
	ck_assert_int_eq(sddl_write(sd, NULL, &again), SD_OK);
	ck_assert_str_eq(text, again);
	descriptor_destroy(sd);
	stpcpy(at, ace);
	ck_assert_int_eq(sddl_read(text, NULL, &sd, NULL), SD_TOO_LARGE);
	free(again);
	free(text);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sddl");
	TCase *tests = tcase_create("sddl");
	tcase_add_test(tests, read_good);
	tcase_add_test(tests, read_bad);
	tcase_add_test(tests, without_domain);
	tcase_add_test(tests, null_list);
	tcase_add_test(tests, not_expressible);
	tcase_add_test(tests, nothing_to_say);
	tcase_add_test(tests, long_list);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
