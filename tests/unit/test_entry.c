/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rights and entries as people write them, one rule a test.
 */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/descriptor.h"
#include "acl/mask.h"
#include "acl/sddl.h"
#include "tools/entry.h"
#include "tools/rights.h"

/* --- rights --- */

static void reads_as(const char *text, enum rights_use use, uint32_t expected)
{
	struct rights_fault fault = {0, ""};
	uint32_t rights = 0xdead;

	ck_assert_msg(rights_read(text, strlen(text), use, &rights, &fault), "%s: expected %s",
		      text, fault.expected);
	ck_assert_msg(rights == expected, "%s: expected 0x%x got 0x%x", text, expected, rights);
}

static void refused_at(const char *text, size_t offset)
{
	struct rights_fault fault = {1000, NULL};
	uint32_t rights;

	ck_assert_msg(!rights_read(text, strlen(text), RIGHTS_ALLOW, &rights, &fault), "%s", text);
	ck_assert_msg(fault.offset == offset, "%s: refused at %zu", text, fault.offset);
	ck_assert_ptr_nonnull(fault.expected);
}

START_TEST(the_letters_of_icacls_mean_what_they_mean_there)
{
	reads_as("F", RIGHTS_ALLOW, 0x1f01ff);
	reads_as("M", RIGHTS_ALLOW, 0x1301bf);
	reads_as("RX", RIGHTS_ALLOW, 0x1200a9);
	reads_as("R", RIGHTS_ALLOW, 0x120089);
	reads_as("W", RIGHTS_ALLOW, 0x100116);
	reads_as("D", RIGHTS_ALLOW, 0x110000);
	reads_as("DE,RC,WDAC,WO,S", RIGHTS_ALLOW, 0x1f0000);
	reads_as("AS", RIGHTS_ALLOW, ACCESS_SYSTEM_SECURITY);
	reads_as("MA", RIGHTS_ALLOW, MAXIMUM_ALLOWED);
	reads_as("GR", RIGHTS_ALLOW, GENERIC_READ);
	reads_as("GW", RIGHTS_ALLOW, GENERIC_WRITE);
	reads_as("GE", RIGHTS_ALLOW, GENERIC_EXECUTE);
	reads_as("GA", RIGHTS_ALLOW, GENERIC_ALL);
	reads_as("RD,WD,AD,REA,WEA,X,DC,RA,WA", RIGHTS_ALLOW, 0x1ff);
}
END_TEST

START_TEST(case_and_parentheses_do_not_matter)
{
	reads_as("(rx,Wdac)", RIGHTS_ALLOW, 0x1600a9);
	reads_as("(m)", RIGHTS_ALLOW, 0x1301bf);
}
END_TEST

START_TEST(what_is_denied_leaves_synchronize_unless_it_is_all)
{
	reads_as("F", RIGHTS_DENY, 0x1f01ff);
	reads_as("M", RIGHTS_DENY, 0x0301bf);
	reads_as("RX", RIGHTS_DENY, 0x0200a9);
	reads_as("R", RIGHTS_DENY, 0x020089);
	reads_as("W", RIGHTS_DENY, 0x000116);
	reads_as("D", RIGHTS_DENY, 0x010000);
	reads_as("write", RIGHTS_DENY, 0x000116);
	reads_as("FW", RIGHTS_DENY, FILE_GENERIC_WRITE);
	reads_as("W,S", RIGHTS_DENY, 0x100116);
}
END_TEST

START_TEST(words_are_those_of_tokens)
{
	reads_as("read", RIGHTS_ALLOW, FILE_GENERIC_READ);
	reads_as("Write", RIGHTS_ALLOW, FILE_GENERIC_WRITE);
	reads_as("execute", RIGHTS_ALLOW, FILE_GENERIC_EXECUTE);
	reads_as("delete", RIGHTS_ALLOW, DELETE);
	reads_as("modify", RIGHTS_ALLOW, FILE_MODIFY);
	reads_as("FULL", RIGHTS_ALLOW, FILE_ALL_ACCESS);
	reads_as("read,write", RIGHTS_ALLOW, FILE_GENERIC_READ | FILE_GENERIC_WRITE);
}
END_TEST

START_TEST(names_of_bits_are_read_with_and_without_file)
{
	reads_as("FILE_READ_DATA", RIGHTS_ALLOW, 0x1);
	reads_as("read_data|list_directory|READ_CONTROL", RIGHTS_ALLOW, 0x20001);
	reads_as("traverse", RIGHTS_ALLOW, 0x20);
	reads_as("FILE_GENERIC_READ", RIGHTS_ALLOW, FILE_GENERIC_READ);
	reads_as("GENERIC_READ", RIGHTS_ALLOW, GENERIC_READ);
	reads_as("FILE_EXECUTE", RIGHTS_ALLOW, FILE_EXECUTE);
}
END_TEST

START_TEST(letters_of_sddl_are_read_where_icacls_has_no_other_use_for_them)
{
	reads_as("FA", RIGHTS_ALLOW, FILE_ALL_ACCESS);
	reads_as("FR,FX", RIGHTS_ALLOW, 0x1200a9);
	reads_as("CC,LC,SW,RP,WP,DT,LO,CR,SD,GX", RIGHTS_ALLOW, 0x200101fd);
	reads_as("WD", RIGHTS_ALLOW, FILE_WRITE_DATA);
	reads_as("DC", RIGHTS_ALLOW, FILE_DELETE_CHILD);
}
END_TEST

START_TEST(numbers_are_hexadecimal)
{
	reads_as("0x1301bf", RIGHTS_DENY, 0x1301bf);
	reads_as("0XFFFFFFFF", RIGHTS_ALLOW, 0xffffffff);
	reads_as("0x0", RIGHTS_ALLOW, 0);
	reads_as("R,0x2", RIGHTS_ALLOW, 0x12008b);
	refused_at("0x", 0);
	refused_at("0x100000000", 0);
	refused_at("0x12g", 0);
	refused_at("12", 0);
}
END_TEST

START_TEST(what_is_no_right_is_pointed_at)
{
	refused_at("", 0);
	refused_at("Q", 0);
	refused_at("R,", 2);
	refused_at("R,,W", 2);
	refused_at("(R,Q)", 3);
	refused_at("(R", 2);
	refused_at("()", 1);
	refused_at("(", 1);
	refused_at("RXW", 0);
	refused_at("N", 0);
	refused_at("FILE_", 0);
}
END_TEST

static void writes_as(uint32_t rights, enum rights_use use, const char *expected)
{
	char text[RIGHTS_MAX_TEXT];

	ck_assert_str_eq(rights_write(rights, use, text), expected);
	reads_as(text, use, rights);
}

START_TEST(rights_are_written_in_icacls_shortest_form)
{
	writes_as(0x1f01ff, RIGHTS_ALLOW, "F");
	writes_as(0x1f01ff, RIGHTS_DENY, "F");
	writes_as(0x1301bf, RIGHTS_ALLOW, "M");
	writes_as(0x1301ff, RIGHTS_ALLOW, "M,DC");
	writes_as(0x1201bf, RIGHTS_ALLOW, "RX,W");
	writes_as(0x0201bf, RIGHTS_DENY, "RX,W");
	writes_as(0x1600a9, RIGHTS_ALLOW, "RX,WDAC");
	writes_as(0x120089, RIGHTS_ALLOW, "R");
	writes_as(0x100116, RIGHTS_ALLOW, "W");
	writes_as(0x100116, RIGHTS_DENY, "W,S");
	writes_as(0x110000, RIGHTS_ALLOW, "D");
	writes_as(0x010000, RIGHTS_ALLOW, "DE");
	writes_as(0x010000, RIGHTS_DENY, "D");
	writes_as(0x120116, RIGHTS_ALLOW, "W,RC");
	writes_as(0, RIGHTS_ALLOW, "0x0");
	writes_as(0x400, RIGHTS_ALLOW, "0x400");
	writes_as(0xf0f0fe00, RIGHTS_ALLOW, "S,GR,GW,GE,GA,0xe0fe00");
}
END_TEST

static bool same_again(uint32_t rights, enum rights_use use)
{
	char text[RIGHTS_MAX_TEXT];
	uint32_t read = ~rights;

	rights_write(rights, use, text);
	return rights_read(text, strlen(text), use, &read, NULL) && read == rights;
}

START_TEST(every_mask_is_read_as_it_was_written)
{
	uint32_t state = 1;
	unsigned int wrong = 0;

	/* all rights of files, and some of all masks */
	for (uint32_t i = 0; i < 0x4000; i++) {
		uint32_t mask = (i & 0x1ff) | (i >> 9) << 16;

		state = state * 1664525u + 1013904223u;
		wrong += !same_again(mask, RIGHTS_ALLOW) + !same_again(mask, RIGHTS_DENY);
		mask = state ^ state >> 13;
		wrong += !same_again(mask, RIGHTS_ALLOW) + !same_again(mask, RIGHTS_DENY);
	}
	wrong += !same_again(UINT32_MAX, RIGHTS_ALLOW) + !same_again(UINT32_MAX, RIGHTS_DENY);
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* --- entries --- */

/* @text is read as the ACE that is @sddl, "D:(…)" or "S:(…)". */
static void entry_is(const char *text, const char *sddl)
{
	struct descriptor *sd = NULL;
	struct entry_fault fault = {0, ""};
	struct ace ace;

	ck_assert_msg(sddl_read(sddl, NULL, &sd, NULL) == SD_OK, "cannot read %s", sddl);
	ck_assert_msg(entry_read(text, &ace, &fault) == SD_OK, "%s: at %zu: expected %s", text,
		      fault.offset, fault.expected);
	ck_assert_msg(ace_equal(&ace, &(sd->sacl ? sd->sacl : sd->dacl)->aces[0]), "%s is not %s",
		      text, sddl);
	entry_clear(&ace);
	descriptor_destroy(sd);
}

static void entry_fails(const char *text, size_t offset, const char *part)
{
	struct entry_fault fault = {1000, NULL};
	struct ace ace;

	ck_assert_msg(entry_read(text, &ace, &fault) == SD_BAD_SYNTAX, "%s", text);
	ck_assert_msg(fault.offset == offset, "%s: refused at %zu: %s", text, fault.offset,
		      fault.expected);
	ck_assert_msg(strstr(fault.expected, part) != NULL, "%s: %s", text, fault.expected);
}

START_TEST(an_entry_is_principal_flags_and_rights)
{
	entry_is("Everyone:(OI)(CI)M", "D:(A;OICI;0x1301bf;;;WD)");
	entry_is("everyone:(oi)(Ci)(np)(io)(m)", "D:(A;OICINPIO;0x1301bf;;;WD)");
	entry_is("BUILTIN\\Users:(RX,W)", "D:(A;;0x1201bf;;;BU)");
	entry_is("S-1-5-32-545:R", "D:(A;;FR;;;BU)");
	entry_is("*S-1-1-0:R", "D:(A;;FR;;;WD)");
	entry_is("root:(I)(F)", "D:(A;ID;FA;;;S-1-22-1-0)");
	entry_is("BA:(OI,CI)F", "D:(A;OICI;FA;;;BA)");
}
END_TEST

START_TEST(what_follows_the_last_colon_is_no_principal)
{
	entry_is("uid:1000:R", "D:(A;;FR;;;S-1-22-1-1000)");
	entry_is("gid:5:(OI)R", "D:(A;OI;FR;;;S-1-22-2-5)");
	entry_fails("uid:1000", 4, "rights");
}
END_TEST

START_TEST(denials_are_marked)
{
	entry_is("Everyone:(DENY)(W)", "D:(D;;0x116;;;WD)");
	entry_is("Everyone:(OI)(deny)W,S", "D:(D;OI;0x100116;;;WD)");
	entry_is("Everyone:N", "D:(D;;FA;;;WD)");
	entry_is("Everyone:(OI)(CI)(N)", "D:(D;OICI;FA;;;WD)");
	entry_fails("Everyone:(R,N)", 12, "N alone");
	entry_fails("Everyone:N,R", 9, "N alone");
}
END_TEST

START_TEST(a_denial_may_be_understood)
{
	struct entry_fault fault;
	struct ace ace;

	ck_assert_int_eq(entry_read_denial("Everyone:(OI)W", &ace, &fault), SD_OK);
	ck_assert_uint_eq(ace.type, ACCESS_DENIED_ACE_TYPE);
	ck_assert_uint_eq(ace.mask, 0x116);
	ck_assert_uint_eq(ace.flags, OBJECT_INHERIT_ACE);
}
END_TEST

START_TEST(audit_entries_say_of_what)
{
	entry_is("Everyone:(SUCCESS)(R)", "S:(AU;SA;FR;;;WD)");
	entry_is("Everyone:(OI)(SA)(FA)FA", "S:(AU;OISAFA;FA;;;WD)");
	entry_is("Everyone:(FA)(FA)", "S:(AU;FA;FA;;;WD)");
	entry_is("Everyone:(FA)", "D:(A;;FA;;;WD)");
	entry_fails("Everyone:(DENY)(SA)R", 9, "not both");
	entry_fails("Everyone:(SA)N", 13, "not both");
}
END_TEST

START_TEST(an_ace_of_sddl_is_an_entry)
{
	entry_is("(A;OICI;FR;;;WD)", "D:(A;OICI;FR;;;WD)");
	entry_is("(XA;;FR;;;WD;(@USER.a == \"x:y\"))", "D:(XA;;FR;;;WD;(@USER.a==\"x:y\"))");
	entry_is("(AU;SA;FR;;;WD)", "S:(AU;SA;FR;;;WD)");
	entry_is("(ML;;NW;;;HI)", "S:(ML;;NW;;;HI)");
	entry_is("(OA;;FR;bf967aba-0de6-11d0-a285-00aa003049e2;;WD)",
		 "D:(OA;;FR;bf967aba-0de6-11d0-a285-00aa003049e2;;WD)");
}
END_TEST

START_TEST(an_ace_of_sddl_stands_alone)
{
	entry_fails("(A;;FR;;;WD)(A;;FA;;;WD)", 24, "one ACE");
	entry_fails("(A;;FR;;;WD)S:(AU;SA;FR;;;WD)", 29, "one ACE");
	entry_fails("(AU;SA;FR;;;WD)D:(A;;FR;;;WD)", 29, "one ACE");
	entry_fails("(A;;FR;;;WD)O:SY", 16, "one ACE");
	entry_fails("(A;;QQ;;;WD)", 4, "rights");
	entry_fails("(AU;SA;QQ;;;WD)", 7, "rights");
	entry_fails("(", 1, "type");
}
END_TEST

START_TEST(what_is_wrong_is_pointed_at)
{
	entry_fails("", 0, "PRINCIPAL:RIGHTS");
	entry_fails("alice", 5, "PRINCIPAL:RIGHTS");
	entry_fails(":R", 0, "principal");
	entry_fails("no such account here:R", 0, "principal");
	entry_fails("Everyone:", 9, "rights");
	entry_fails("Everyone:(OI)", 10, "rights");
	entry_fails("Everyone:(OI)(CI)", 14, "rights");
	entry_fails("Everyone:(XX)R", 9, "flag");
	entry_fails("Everyone:()R", 9, "flag");
	entry_fails("Everyone:(OI,)R", 9, "flag");
	entry_fails("Everyone:(OI)(", 14, "')'");
	entry_fails("Everyone:(R)X", 9, "flag");
	entry_fails("Everyone:Q", 9, "rights");
	entry_fails("Everyone: R", 9, "rights");
}
END_TEST

/* What entry_write() makes of @ace is read as the same; NULL if it cannot be written. */
static char *written(const struct ace *ace)
{
	struct entry_fault fault = {0, ""};
	char *text = NULL;
	enum sd_error error = entry_write(ace, &text);
	struct ace read;

	if (error == SD_NO_TEXT)
		return NULL;
	ck_assert_int_eq(error, SD_OK);
	ck_assert_msg(entry_read(text, &read, &fault) == SD_OK, "%s: at %zu expected %s", text,
		      fault.offset, fault.expected);
	ck_assert_msg(ace_equal(ace, &read), "%s is another ACE", text);
	entry_clear(&read);
	return text;
}

START_TEST(every_flag_and_type_is_read_as_it_was_written)
{
	static const uint8_t types[] = {ACCESS_ALLOWED_ACE_TYPE, ACCESS_DENIED_ACE_TYPE,
					SYSTEM_AUDIT_ACE_TYPE};

	for (size_t type = 0; type < sizeof(types); type++) {
		for (unsigned int flags = 0; flags < 0x100; flags++) {
			struct ace ace =
				ace_make(types[type], (uint8_t)flags, FILE_MODIFY, &sid_everyone);
			char *text = written(&ace);

			ck_assert_msg((text == NULL) == ((flags & 0x20) != 0),
				      "type %zu flags %x: %s", type, flags, text);
			free(text);
		}
	}
}
END_TEST

static void ace_written_as(uint8_t type, uint8_t flags, const char *sid, const char *expected)
{
	struct sid who;
	struct ace ace;
	char *text;

	ck_assert(sid_parse(sid, &who, NULL));
	ace = ace_make(type, flags, 0x1200a9, &who);
	text = written(&ace);
	ck_assert_ptr_nonnull(text);
	ck_assert_str_eq(text, expected);
	free(text);
}

START_TEST(entries_are_written_as_icacls_does)
{
	ace_written_as(ACCESS_ALLOWED_ACE_TYPE, INHERITED_ACE | OBJECT_INHERIT_ACE, "S-1-1-0",
		       "Everyone:(I)(OI)(RX)");
	ace_written_as(ACCESS_DENIED_ACE_TYPE, 0, "S-1-1-0", "Everyone:(DENY)(RX,S)");
	ace_written_as(SYSTEM_AUDIT_ACE_TYPE, SUCCESSFUL_ACCESS_ACE_FLAG | FAILED_ACCESS_ACE_FLAG,
		       "S-1-1-0", "Everyone:(SUCCESS)(FAILURE)(RX)");
}
END_TEST

START_TEST(a_principal_is_named_so_that_it_is_meant)
{
	ace_written_as(ACCESS_ALLOWED_ACE_TYPE, 0, "S-1-22-1-0", "root:(RX)");
	/* the group root is not who is called root */
	ace_written_as(ACCESS_ALLOWED_ACE_TYPE, 0, "S-1-22-2-0", "gid:0:(RX)");
	ace_written_as(ACCESS_ALLOWED_ACE_TYPE, 0, "S-1-22-1-3999999", "uid:3999999:(RX)");
	ace_written_as(ACCESS_ALLOWED_ACE_TYPE, 0, "S-1-22-2-3999999", "gid:3999999:(RX)");
	ace_written_as(ACCESS_ALLOWED_ACE_TYPE, 0, "S-1-5-21-1-2-3-4567",
		       "S-1-5-21-1-2-3-4567:(RX)");
}
END_TEST

START_TEST(what_has_no_text_is_not_written)
{
	struct ace ace = ace_make(ACCESS_ALLOWED_ACE_TYPE, 0x20, FILE_MODIFY, &sid_everyone);

	ck_assert_ptr_null(written(&ace));
	ace = (struct ace){.type = 0x80, .opaque = true};
	ck_assert_ptr_null(written(&ace));
	ace = ace_make(ACCESS_DENIED_CALLBACK_OBJECT_ACE_TYPE, 0, FILE_MODIFY, &sid_everyone);
	ck_assert_ptr_null(written(&ace));
}
END_TEST

START_TEST(what_would_be_read_as_another_ace_is_not_written)
{
	struct entry_fault fault;
	struct ace ace;
	uint8_t *padded;

	ck_assert_int_eq(entry_read("(XA;;FR;;;WD;(@USER.a==1))", &ace, &fault), SD_OK);
	free(written(&ace));
	/* zeros behind a condition are padding, which text does not show */
	padded = calloc(1, ace.data_size + 4);
	memcpy(padded, ace.data, ace.data_size);
	free(ace.data);
	ace.data = padded;
	ace.data_size += 4;
	ck_assert_ptr_null(written(&ace));
	entry_clear(&ace);
}
END_TEST

START_TEST(an_entry_is_one_line)
{
	struct entry_fault fault;
	struct ace ace;

	ck_assert_int_eq(entry_read("(XA;;FR;;;WD;(@USER.a==\"x\ny\"))", &ace, &fault), SD_OK);
	ck_assert_ptr_null(written(&ace));
	entry_clear(&ace);
}
END_TEST

/* --- the descriptors of the vectors --- */

static struct descriptor *line_descriptor(const char *line)
{
	json_t *object = json_loads(line, 0, NULL);
	const char *sddl = json_string_value(json_object_get(object, "canonical"));
	struct descriptor *sd = NULL;

	if (!sddl || sddl_read(sddl, NULL, &sd, NULL) != SD_OK)
		sd = NULL;
	json_decref(object);
	return sd;
}

static void list_round_trip(const struct acl *acl, unsigned int *plain, unsigned int *others)
{
	for (size_t i = 0; acl && i < acl->count; i++) {
		char *text = written(&acl->aces[i]);

		if (entry_is_plain(&acl->aces[i])) {
			ck_assert_msg(text && text[0] != '(', "plain, but not written so");
			++*plain;
		} else if (text) {
			ck_assert_int_eq(text[0], '(');
			++*others;
		}
		free(text);
	}
}

START_TEST(entries_of_recorded_descriptors_are_read_as_they_were_written)
{
	FILE *file = popen("zcat \"$GUISE_SDDL_VECTORS\"", "r");
	unsigned int plain = 0;
	unsigned int others = 0;
	char *line = NULL;
	size_t room = 0;

	ck_assert_ptr_nonnull(file);
	while (plain < 4000 && getline(&line, &room, file) > 0) {
		struct descriptor *sd = line_descriptor(line);

		if (!sd)
			continue;
		list_round_trip(sd->dacl, &plain, &others);
		list_round_trip(sd->sacl, &plain, &others);
		descriptor_destroy(sd);
	}
	free(line);
	pclose(file);
	ck_assert_uint_gt(plain, 1000);
	ck_assert_uint_gt(others, 200);
}
END_TEST

static Suite *entry_suite(void)
{
	Suite *suite = suite_create("entry");
	TCase *rights = tcase_create("rights");
	TCase *entries = tcase_create("entries");

	tcase_add_test(rights, the_letters_of_icacls_mean_what_they_mean_there);
	tcase_add_test(rights, case_and_parentheses_do_not_matter);
	tcase_add_test(rights, what_is_denied_leaves_synchronize_unless_it_is_all);
	tcase_add_test(rights, words_are_those_of_tokens);
	tcase_add_test(rights, names_of_bits_are_read_with_and_without_file);
	tcase_add_test(rights, letters_of_sddl_are_read_where_icacls_has_no_other_use_for_them);
	tcase_add_test(rights, numbers_are_hexadecimal);
	tcase_add_test(rights, what_is_no_right_is_pointed_at);
	tcase_add_test(rights, rights_are_written_in_icacls_shortest_form);
	tcase_add_test(rights, every_mask_is_read_as_it_was_written);
	suite_add_tcase(suite, rights);
	tcase_add_test(entries, an_entry_is_principal_flags_and_rights);
	tcase_add_test(entries, what_follows_the_last_colon_is_no_principal);
	tcase_add_test(entries, denials_are_marked);
	tcase_add_test(entries, a_denial_may_be_understood);
	tcase_add_test(entries, audit_entries_say_of_what);
	tcase_add_test(entries, an_ace_of_sddl_is_an_entry);
	tcase_add_test(entries, an_ace_of_sddl_stands_alone);
	tcase_add_test(entries, what_is_wrong_is_pointed_at);
	tcase_add_test(entries, every_flag_and_type_is_read_as_it_was_written);
	tcase_add_test(entries, entries_are_written_as_icacls_does);
	tcase_add_test(entries, a_principal_is_named_so_that_it_is_meant);
	tcase_add_test(entries, what_has_no_text_is_not_written);
	tcase_add_test(entries, what_would_be_read_as_another_ace_is_not_written);
	tcase_add_test(entries, an_entry_is_one_line);
	tcase_add_test(entries, entries_of_recorded_descriptors_are_read_as_they_were_written);
	suite_add_tcase(suite, entries);
	return suite;
}

int main(void)
{
	SRunner *runner = srunner_create(entry_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
