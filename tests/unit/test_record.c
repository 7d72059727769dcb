/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Audit records: JSON that any parser reads, whatever is put in, with the fields and the words
 * that docs/audit.md lists, and no more of them than one user may cause.
 */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/denial.h"
#include "acl/sddl.h"
#include "fs/flood.h"
#include "fs/json.h"
#include "fs/record.h"
#include "keyring/reason.h"

#define ID "01234567-1"

static const struct timespec when = {1795342272, 123456789};
static const struct caller caller = {.tid = 77, .uid = 1000, .gid = 100};

static json_t *parse(char *text)
{
	json_error_t error;
	json_t *value;

	ck_assert_ptr_nonnull(text);
	value = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	ck_assert_msg(value != NULL, "%s: %s", error.text, text);
	free(text);
	return value;
}

/* The object {"name": @text}, as its line; checks that it is one. */
static json_t *with_text(const char *text)
{
	struct json json;
	size_t length;
	char *line;

	json_start(&json);
	json_put_text(&json, "name", text);
	line = json_finish(&json, &length);
	ck_assert_uint_eq(strlen(line), length);
	ck_assert_ptr_eq(strchr(line, '\n'), line + length - 1);
	for (size_t i = 0; i + 1 < length; i++)
		ck_assert_msg(line[i] >= ' ' && line[i] < 0x7f, "byte %d", line[i]);
	return parse(line);
}

static const char *field(json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

START_TEST(text_comes_back_as_it_was)
{
	static const char *const texts[] = {
		"",
		"plain",
		"a \"quoted\" \\ name",
		"two\nlines\r\tand\x01\x1f\x7f controls",
		"\xc3\x9c\x62ung \xe2\x82\xac \xf0\x9f\x98\x80 \xc2\x85 \xe2\x80\xa8 \xe2\x80\xae",
		"\",\"kind\":\"forged\",\"x\":\"",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		json_t *object = with_text(texts[i]);

		ck_assert_str_eq(field(object, "name"), texts[i]);
		ck_assert_uint_eq(json_object_size(object), 1);
		json_decref(object);
	}
}
END_TEST

START_TEST(what_is_no_utf8_is_told_in_hexadecimal_digits)
{
	static const char *const texts[][3] = {
		{"a\xff"
		 "b",
		 "a\xef\xbf\xbd"
		 "b",
		 "61ff62"},
		{"\xc3", "\xef\xbf\xbd", "c3"},
		/* an overlong slash, a surrogate, beyond Unicode */
		{"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd", "c0af"},
		{"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", "eda080"},
		{"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
		 "f4908080"},
		{"\xe2\x82"
		 "x",
		 "\xef\xbf\xbd\xef\xbf\xbdx", "e28278"},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		json_t *object = with_text(texts[i][0]);

		ck_assert_str_eq(field(object, "name"), texts[i][1]);
		ck_assert_str_eq(field(object, "name_hex"), texts[i][2]);
		json_decref(object);
	}
}
END_TEST

START_TEST(all_bytes_and_long_texts_are_parsed)
{
	char text[5000];

	for (unsigned int i = 0; i < sizeof(text) - 1; i++)
		text[i] = (char)(i % 255 + 1);
	text[sizeof(text) - 1] = '\0';
	json_decref(with_text(text));
}
END_TEST

/* ---- records ---- */

static struct token *token_make(unsigned int groups)
{
	struct sid user = sid_from_uid(1000), actor = sid_from_uid(33);
	struct token *token = token_create(&user);

	ck_assert_ptr_nonnull(token);
	for (unsigned int i = 0; i < groups; i++) {
		struct sid sid = sid_from_gid(5000 + i);

		ck_assert_int_eq(token_add_group(token, &sid, SE_GROUP_ENABLED), 0);
	}
	token_set_actor(token, &actor);
	token_set_level(token, TOKEN_IMPERSONATE);
	token_set_privileges(token, SE_CHANGE_NOTIFY_PRIVILEGE | SE_BACKUP_PRIVILEGE);
	return token;
}

static struct descriptor *descriptor_of(const char *sddl)
{
	struct descriptor *sd = NULL;

	ck_assert_int_eq(sddl_read(sddl, NULL, &sd, NULL), SD_OK);
	return sd;
}

static json_t *written(const struct record *record)
{
	size_t length;

	return parse(record_write(record, ID, &when, &length));
}

/* A denial with all that there can be in it. */
static json_t *full(unsigned int groups, const char *sddl)
{
	struct token *token = token_make(groups);
	struct descriptor *sd = descriptor_of(sddl);
	struct record record = {.kind = RECORD_SACL,
				.operation = "open",
				.share = "data",
				.mount = "/srv",
				.object = "/a\xff",
				.folder = true,
				.caller = &caller,
				.token = token,
				.groups_partial = true,
				.key = 4711,
				.wanted = 3,
				.granted_rights = 1,
				.missing = 2,
				.reason = denial_name(DENIAL_ACE),
				.sd = sd,
				.ace = {true, 1},
				.audit_ace = {true, 0},
				.audit_aces = 2};
	json_t *object = written(&record);

	token_unref(token);
	descriptor_destroy(sd);
	return object;
}

#define SDDL "D:(A;;FR;;;WD)(D;;FW;;;WD)S:(AU;FA;FW;;;WD)(AU;FA;FW;;;WD)"

static json_t *suppressed(void)
{
	struct record record = {.kind = RECORD_SUPPRESSED,
				.share = "data",
				.mount = "/srv",
				.caller = &caller,
				.count = 12};

	return written(&record);
}

START_TEST(a_denial_says_who_what_and_why)
{
	json_t *object = full(2, SDDL);

	ck_assert_str_eq(field(object, "time"), "2026-11-22T10:11:12.123456789Z");
	ck_assert_str_eq(field(object, "id"), ID);
	ck_assert_str_eq(field(object, "kind"), "sacl");
	ck_assert_str_eq(field(object, "result"), "denied");
	ck_assert_str_eq(field(object, "client"), "S-1-22-1-1000");
	ck_assert_str_eq(field(object, "actor"), "S-1-22-1-33");
	ck_assert_str_eq(field(object, "level"), "impersonate");
	ck_assert_str_eq(field(object, "wanted"), "0x00000003");
	ck_assert_str_eq(field(object, "missing"), "0x00000002");
	ck_assert_str_eq(field(object, "reason"), "denied-by-ace");
	ck_assert_str_eq(field(object, "ace_sddl"), "D:(D;;FW;;;WD)");
	ck_assert_str_eq(field(object, "audit_ace_sddl"), "S:(AU;FA;FW;;;WD)");
	ck_assert_int_eq(json_integer_value(json_object_get(object, "ace")), 1);
	ck_assert_int_eq(json_integer_value(json_object_get(object, "tid")), 77);
	json_decref(object);
}
END_TEST

START_TEST(groups_are_listed_up_to_a_limit_and_counted)
{
	json_t *few = full(3, SDDL), *many = full(500, SDDL);

	ck_assert_uint_eq(json_array_size(json_object_get(few, "groups")), 3);
	ck_assert_int_eq(json_integer_value(json_object_get(few, "group_count")), 3);
	ck_assert_uint_eq(json_array_size(json_object_get(many, "groups")), RECORD_MAX_GROUPS);
	ck_assert_int_eq(json_integer_value(json_object_get(many, "group_count")), 500);
	json_decref(few);
	json_decref(many);
}
END_TEST

START_TEST(an_ace_with_a_very_long_text_is_told_by_its_place_alone)
{
	char sddl[4096] = "D:(A;;FR;;;WD)(XD;;FW;;;WD;(@User.x == \"";
	json_t *object;

	memset(sddl + strlen(sddl), 'y', 2000);
	strcat(sddl, "\"))S:(AU;FA;FW;;;WD)");
	object = full(0, sddl);
	ck_assert_int_eq(json_integer_value(json_object_get(object, "ace")), 1);
	ck_assert_ptr_null(json_object_get(object, "ace_sddl"));
	json_decref(object);
}
END_TEST

/* ---- the documentation ---- */

static char *document(void)
{
	static char text[65536];
	FILE *file = fopen(getenv("GUISE_AUDIT_DOC"), "re");
	size_t length;

	ck_assert_ptr_nonnull(file);
	length = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[length] = '\0';
	return text;
}

/* Is @word the first cell of a row in the part of the document under the heading @heading? */
static bool documented(const char *heading, const char *word)
{
	char line[128];
	const char *at, *end;

	snprintf(line, sizeof(line), "\n## %s\n", heading);
	at = strstr(document(), line);
	ck_assert_msg(at != NULL, "docs/audit.md: no heading %s", heading);
	end = strstr(at + 1, "\n## ");
	snprintf(line, sizeof(line), "\n| `%s` |", word);
	at = strstr(at, line);
	return at && (!end || at < end);
}

/* How many rows with a word there are under @heading. */
static unsigned int rows(const char *heading)
{
	unsigned int count = 0;
	char line[128];
	const char *at, *end;

	snprintf(line, sizeof(line), "\n## %s\n", heading);
	at = strstr(document(), line);
	end = strstr(at + 1, "\n## ");
	while ((at = strstr(at + 1, "\n| `")) && (!end || at < end))
		count++;
	return count;
}

START_TEST(every_kind_is_documented_and_no_other)
{
	for (int i = 0; i < RECORD_KINDS; i++)
		ck_assert_msg(documented("Kinds", record_kind_name(i)), "%s", record_kind_name(i));
	ck_assert_uint_eq(rows("Kinds"), RECORD_KINDS);
}
END_TEST

START_TEST(every_reason_is_documented_and_no_other)
{
	for (int i = 0; i < DENIAL_COUNT; i++)
		ck_assert_msg(documented("Reasons of denials", denial_name(i)), "%s",
			      denial_name(i));
	ck_assert_uint_eq(rows("Reasons of denials"), DENIAL_COUNT);
	for (int i = REASON_NONE + 1; i < REASON_COUNT; i++)
		ck_assert_msg(documented("Reasons of refused identities", reason_name(i)), "%s",
			      reason_name(i));
	ck_assert_uint_eq(rows("Reasons of refused identities"), REASON_COUNT - 1);
}
END_TEST

START_TEST(no_reason_of_an_identity_is_one_of_a_denial)
{
	for (int i = 0; i < DENIAL_COUNT; i++)
		for (int j = 0; j < REASON_COUNT; j++)
			ck_assert_str_ne(denial_name(i), reason_name(j));
}
END_TEST

START_TEST(every_field_is_documented_and_no_other)
{
	json_t *fields = full(2, SDDL), *more = suppressed();
	const char *key;
	json_t *value;

	json_object_update(fields, more);
	json_object_foreach(fields, key, value) ck_assert_msg(documented("Fields", key), "%s", key);
	ck_assert_uint_eq(rows("Fields"), json_object_size(fields));
	json_decref(more);
	json_decref(fields);
}
END_TEST

/* ---- floods ---- */

#define SECOND UINT64_C(1000000000)

static struct flood *flood;

static unsigned int admitted(uid_t uid, unsigned int times, uint64_t now, uint64_t *missed)
{
	unsigned int count = 0;
	uint64_t some;

	*missed = 0;
	while (times--) {
		count += flood_admits(flood, uid, now, &some);
		*missed += some;
	}
	return count;
}

START_TEST(one_user_has_a_burst_and_then_a_rate)
{
	uint64_t missed;

	flood = flood_create();
	ck_assert_uint_eq(admitted(1000, 5 * FLOOD_BURST, 10 * SECOND, &missed), FLOOD_BURST);
	ck_assert_uint_eq(missed, 0);
	ck_assert_uint_eq(admitted(1000, 5 * FLOOD_BURST, 11 * SECOND, &missed), FLOOD_PER_SECOND);
	ck_assert_uint_eq(missed, 4 * FLOOD_BURST);
	flood_destroy(flood);
}
END_TEST

START_TEST(what_one_user_does_costs_others_nothing)
{
	uint64_t missed;

	flood = flood_create();
	admitted(1000, 5 * FLOOD_BURST, 10 * SECOND, &missed);
	for (uid_t uid = 1001; uid < 2300; uid++) {
		ck_assert_uint_eq(admitted(uid, 1, 10 * SECOND, &missed), 1);
		ck_assert_uint_eq(missed, 0);
	}
	ck_assert_uint_eq(admitted(1256, FLOOD_BURST, 11 * SECOND, &missed), FLOOD_BURST);
	ck_assert_uint_eq(missed, 0);
	flood_destroy(flood);
}
END_TEST

START_TEST(who_finds_no_place_shares_one_and_blames_nobody)
{
	uint64_t missed, sum = 0, some;
	uid_t uid = 0;
	bool shared = false;

	flood = flood_create();
	for (uid_t i = 0; i < 4 * FLOOD_USERS; i++)
		admitted(100000 + i, FLOOD_BURST + 1, 10 * SECOND, &missed);
	while ((some = flood_drain(flood, &uid))) {
		shared = shared || uid == FLOOD_OTHERS;
		ck_assert(uid == FLOOD_OTHERS || some == 1);
		sum += some;
	}
	ck_assert(shared && sum >= 4 * FLOOD_USERS);
	flood_destroy(flood);
}
END_TEST

START_TEST(what_was_missed_is_drained_once)
{
	uint64_t missed;
	uid_t uid = 0;

	flood = flood_create();
	admitted(1000, FLOOD_BURST + 7, 10 * SECOND, &missed);
	ck_assert_uint_eq(flood_drain(flood, &uid), 7);
	ck_assert_uint_eq(uid, 1000);
	ck_assert_uint_eq(flood_drain(flood, &uid), 0);
	flood_destroy(flood);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("record");
	TCase *json = tcase_create("json"), *record = tcase_create("record");
	TCase *doc = tcase_create("document"), *limit = tcase_create("flood");
	SRunner *runner;
	int failed;

	tcase_add_test(json, text_comes_back_as_it_was);
	tcase_add_test(json, what_is_no_utf8_is_told_in_hexadecimal_digits);
	tcase_add_test(json, all_bytes_and_long_texts_are_parsed);
	tcase_add_test(record, a_denial_says_who_what_and_why);
	tcase_add_test(record, groups_are_listed_up_to_a_limit_and_counted);
	tcase_add_test(record, an_ace_with_a_very_long_text_is_told_by_its_place_alone);
	tcase_add_test(doc, every_kind_is_documented_and_no_other);
	tcase_add_test(doc, every_reason_is_documented_and_no_other);
	tcase_add_test(doc, no_reason_of_an_identity_is_one_of_a_denial);
	tcase_add_test(doc, every_field_is_documented_and_no_other);
	tcase_add_test(limit, one_user_has_a_burst_and_then_a_rate);
	tcase_add_test(limit, what_one_user_does_costs_others_nothing);
	tcase_add_test(limit, who_finds_no_place_shares_one_and_blames_nobody);
	tcase_add_test(limit, what_was_missed_is_drained_once);
	suite_add_tcase(suite, json);
	suite_add_tcase(suite, record);
	suite_add_tcase(suite, doc);
	suite_add_tcase(suite, limit);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
