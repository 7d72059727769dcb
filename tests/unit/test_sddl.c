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
	{"D:(XA;OICI;FX;;;WD;(@User.a==1))(XD;;FX;;;WD;(Member_of {SID(BA)}))",
	 "D:(XA;OICI;FX;;;WD;(@USER.a == 1))(XD;;FX;;;WD;(Member_of {SID(BA)}))"},
	{"D:(ZA;;CR;ab721a53-1e2f-11d0-9819-00aa0040529b;;PS;(a))(A;;GA;;;WD)", NULL},
	{"S:(XU;SA;FX;;;WD;(a))(RA;CI;;;;WD;(\"b\",TI,0x0,1,-1))(AU;SA;FX;;;WD)", NULL},
	{"D:( xa;;fx;;; wd ;\t( a ) )", "D:(XA;;FX;;;WD;(a))"},
	{"S:(ra;;;;;wd; (\"b\",TS,0,\"c\") )", "S:(RA;;;;;WD;(\"b\",TS,0x0,\"c\"))"},
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
	{"D:(XU;SA;FX;;;WD;(@User.a))", 3, "DACL"},
	{"S:(XA;;FX;;;WD;(@User.a))", 3, "SACL"},
	{"D:(RA;;;;;WD;(\"x\",TI,0,1))", 3, "DACL"},
	{"D:(ZD;;FX;;;WD;(@User.a))", 3, "an ACE type"},
	{"D:(XA;;FX;;;WD)", 14, "a condition"},
	{"D:(XA;;FX;;;WD;)", 15, "a condition"},
	{"D:(XA;;FX;;;WD; (a = 1))", 19, "an operator"},
	{"D:(XA;;FX;;;WD;(a)", 18, "')'"},
	{"D:(XA;;FX;;;WD;(a);)", 18, "')'"},
	{"D:(A;;FX;;;WD;(a))", 13, "')'"},
	{"S:(RA;;;;;WD)", 12, "an attribute"},
	{"S:(RA;;;;;WD;(\"x\",TB,0,2))", 23, "0 or 1"},
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
	ace.data = data;
	ace.data_size = sizeof(data);
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

/* The text of a SACL with @ace alone; the caller frees it. */
static enum sd_error write_in_sacl(const struct ace *ace, char **text)
{
	struct descriptor *sd = descriptor_create();
	sd->sacl = acl_create();
	sd->control |= SE_SACL_PRESENT;
	ck_assert_int_eq(acl_append(sd->sacl, ace), SD_OK);
	enum sd_error error = sddl_write(sd, NULL, text);
	descriptor_destroy(sd);
	return error;
}

/* A condition has a text, but these types have not, on Windows either. */
START_TEST(callback_types_without_text)
{
	static const uint8_t types[] = {SYSTEM_AUDIT_CALLBACK_OBJECT_ACE_TYPE,
					SYSTEM_ALARM_CALLBACK_ACE_TYPE,
					SYSTEM_ALARM_CALLBACK_OBJECT_ACE_TYPE};
	uint8_t data[] = "artx\xf8\2\0\0\0a";
	struct ace ace = {.data = data, .data_size = sizeof(data), .sid = sid_system};
	char *text = NULL;
	ace.type = ACCESS_DENIED_CALLBACK_OBJECT_ACE_TYPE;
	no_text(&ace);
	for (size_t i = 0; i < sizeof(types); i++) {
		ace.type = types[i];
		ck_assert_int_eq(write_in_sacl(&ace, &text), SD_NO_TEXT);
	}
	ace.type = SYSTEM_AUDIT_CALLBACK_ACE_TYPE;
	ck_assert_int_eq(write_in_sacl(&ace, &text), SD_OK);
	ck_assert_str_eq(text, "S:(XU;;;;;SY;(a))");
	free(text);
}
END_TEST

static enum sd_error write_attribute(uint8_t *data, size_t size, char **text)
{
	struct ace ace = ace_make(SYSTEM_RESOURCE_ATTRIBUTE_ACE_TYPE, 0, 0, &sid_everyone);
	ace.data = data;
	ace.data_size = size;
	return write_in_sacl(&ace, text);
}

START_TEST(all_of_an_attribute_is_written_or_nothing)
{
	/* the value before the name, and zeros at the end: layout */
	uint8_t data[40] = {28, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 20, 0, 0, 0, 7};
	char *text = NULL;
	data[28] = 'n';
	ck_assert_int_eq(write_attribute(data, sizeof(data), &text), SD_OK);
	ck_assert_str_eq(text, "S:(RA;;;;;WD;(\"n\",TI,0x0,7))");
	free(text);
	/* bytes that no one reads */
	data[39] = 1;
	ck_assert_int_eq(write_attribute(data, sizeof(data), &text), SD_NO_TEXT);
	/* an offset beyond the end */
	data[39] = 0;
	data[16] = 36;
	ck_assert_int_eq(write_attribute(data, sizeof(data), &text), SD_NO_TEXT);
	ck_assert_int_eq(write_attribute(NULL, 0, &text), SD_NO_TEXT);
}
END_TEST

/* SIDs in attributes are longer as text: the list that is read again has to fit as well. */
START_TEST(a_list_that_would_grow_too_large_has_no_text)
{
	uint8_t data[] = {20, 0,  0, 0, 5, 0,   0,   0,   0,   0,   0,   0,   1,   0,  0,
			  0,  24, 0, 0, 0, 'n', 0,   0,   0,   16,  0,   0,   0,   1,  2,
			  0,  0,  0, 0, 0, 5,   255, 255, 255, 255, 255, 255, 255, 255};
	struct ace ace = ace_make(SYSTEM_RESOURCE_ATTRIBUTE_ACE_TYPE, 0, 0, &sid_everyone);
	struct descriptor *sd = descriptor_create();
	struct descriptor *again = NULL;
	char *text = NULL;
	ace.data = data;
	ace.data_size = sizeof(data);
	sd->sacl = acl_create();
	sd->control |= SE_SACL_PRESENT;
	/* half of a full list can grow by half */
	while (acl_binary_size(sd->sacl) < 32768)
		ck_assert_int_eq(acl_append(sd->sacl, &ace), SD_OK);
	ck_assert_int_eq(sddl_write(sd, NULL, &text), SD_OK);
	ck_assert_int_eq(sddl_read(text, NULL, &again, NULL), SD_OK);
	descriptor_destroy(again);
	free(text);
	while (acl_append(sd->sacl, &ace) == SD_OK)
		continue;
	ck_assert_int_eq(sddl_write(sd, NULL, &text), SD_NO_TEXT);
	descriptor_destroy(sd);
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
	tcase_add_test(tests, callback_types_without_text);
	tcase_add_test(tests, all_of_an_attribute_is_written_or_nothing);
	tcase_add_test(tests, a_list_that_would_grow_too_large_has_no_text);
	tcase_add_test(tests, nothing_to_say);
	tcase_add_test(tests, long_list);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
