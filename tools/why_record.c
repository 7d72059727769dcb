/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A record in words.  Everything is from the record itself: what it tells stays true, whatever
 * became of the object, the accounts and the token since.  Only names are looked up.
 */
#include "why_record.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "acl/denial.h"
#include "acl/mask.h"
#include "keyring/idmap.h"
#include "keyring/reason.h"
#include "text.h"

static const char *field(const json_t *record, const char *key)
{
	return json_string_value(json_object_get(record, key));
}

json_t *why_find(FILE *file, const char *id)
{
	TEXT_CLEANUP char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, file) >= 0) {
		const char *start = strstr(line, id) ? strchr(line, '{') : NULL;
		json_t *record = start ? json_loads(start, JSON_REJECT_DUPLICATES, NULL) : NULL;
		const char *found = record ? field(record, "id") : NULL;

		if (found && strcmp(found, id) == 0)
			return record;
		json_decref(record);
	}
	return NULL;
}

static void label(const char *name)
{
	printf("%-12s", name);
}

static void print_word(const json_t *record, const char *key)
{
	const char *text = field(record, key);

	text_print(stdout, text ? text : "?");
}

/* "alice (S-1-22-1-1000)" */
static void print_sid(const char *text)
{
	char name[IDMAP_NAME_MAX];
	struct sid sid;

	if (!text || !sid_parse(text, &sid, NULL)) {
		text_print(stdout, text ? text : "?");
		return;
	}
	idmap_sid_name(&sid, name, sizeof(name));
	text_print(stdout, name);
	if (strcmp(name, text) != 0) {
		fputs(" (", stdout);
		text_print(stdout, text);
		putchar(')');
	}
}

static uint32_t mask_of(const json_t *record, const char *key)
{
	const char *text = field(record, key);

	return text ? (uint32_t)strtoul(text, NULL, 16) : 0;
}

static void print_mask(const json_t *record, uint32_t mask)
{
	char text[MASK_MAX_TEXT];

	fputs(mask_format(mask, json_is_true(json_object_get(record, "folder")), text), stdout);
}

static int digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* A name that is not UTF-8, from its bytes. */
static char *from_hex(const char *hex)
{
	size_t length = strlen(hex) / 2;
	char *text = calloc(1, length + 1);

	for (size_t i = 0; text && i < length; i++) {
		int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);

		text[i] = high < 0 || low < 0 || !(high | low) ? '?' : (char)(high * 16 + low);
	}
	return text;
}

static void print_object(const json_t *record)
{
	const char *hex = field(record, "object_hex");
	TEXT_CLEANUP char *bytes = hex ? from_hex(hex) : NULL;
	const char *text = bytes ? bytes : field(record, "object");

	if (!text)
		return;
	fputs(" on ", stdout);
	text_print_name(stdout, text);
}

static void print_what(const json_t *record)
{
	label("what:");
	print_word(record, "operation");
	print_object(record);
	if (field(record, "share")) {
		fputs(", share ", stdout);
		print_word(record, "share");
	}
	if (field(record, "mount")) {
		fputs(", mounted at ", stdout);
		text_print_name(stdout, field(record, "mount"));
	}
	putchar('\n');
}

static bool is_kind(const json_t *record, const char *kind)
{
	const char *text = field(record, "kind");

	return text && strcmp(text, kind) == 0;
}

static void print_result(const json_t *record)
{
	uint32_t missing = mask_of(record, "missing");

	label("result:");
	if (is_kind(record, "identity"))
		fputs("refused: it was not established who may act here", stdout);
	else
		print_word(record, "result");
	if (missing) {
		fputs(", for want of ", stdout);
		print_mask(record, missing);
	}
	putchar('\n');
	if (!mask_of(record, "wanted"))
		return;
	label("wanted:");
	print_mask(record, mask_of(record, "wanted"));
	putchar('\n');
}

static void print_who(const json_t *record)
{
	if (field(record, "client")) {
		label("who:");
		print_sid(field(record, "client"));
		if (field(record, "actor")) {
			fputs(", for whom acted ", stdout);
			print_sid(field(record, "actor"));
			fputs(" at level ", stdout);
			print_word(record, "level");
		}
		putchar('\n');
	}
	label("from:");
	printf("thread %lld of user %lld\n",
	       (long long)json_integer_value(json_object_get(record, "tid")),
	       (long long)json_integer_value(json_object_get(record, "uid")));
	if (json_object_get(record, "key")) {
		label("key:");
		printf("%lld\n", (long long)json_integer_value(json_object_get(record, "key")));
	}
}

/* What the word means; NULL: it is of another version. */
static const char *reason_meaning(const char *name)
{
	for (int i = 0; i < DENIAL_COUNT; i++)
		if (strcmp(name, denial_name(i)) == 0)
			return denial_text(i);
	for (int i = 0; i < REASON_COUNT; i++)
		if (strcmp(name, reason_name(i)) == 0)
			return reason_text(i);
	return NULL;
}

static void print_reason(const json_t *record)
{
	const char *name = field(record, "reason");
	const char *meaning = name ? reason_meaning(name) : NULL;

	if (!name)
		return;
	label("reason:");
	text_print(stdout, name);
	printf("%s%s\n", meaning ? ": " : "", meaning ? meaning : "");
}

static void print_ace(const json_t *record, const char *name, const char *key, const char *text_key,
		      const char *list)
{
	const json_t *place = json_object_get(record, key);
	const char *text = field(record, text_key);

	if (!place)
		return;
	label(name);
	printf("number %llu of the %s", (unsigned long long)json_integer_value(place) + 1, list);
	if (text) {
		fputs(": ", stdout);
		text_print(stdout, text);
	}
	putchar('\n');
}

static void print_privileges(const json_t *record)
{
	const json_t *list = json_object_get(record, "privileges"), *item;
	size_t i;

	if (!json_array_size(list))
		return;
	label("privileges:");
	json_array_foreach(list, i, item)
	{
		fputs(i ? ", " : "", stdout);
		text_print(stdout, json_is_string(item) ? json_string_value(item) : "?");
	}
	putchar('\n');
}

static void print_groups(const json_t *record)
{
	const json_t *list = json_object_get(record, "groups"), *item;
	json_int_t all = json_integer_value(json_object_get(record, "group_count"));
	json_int_t more = all > 0 ? all - (json_int_t)json_array_size(list) : 0;
	size_t i;

	if (!list)
		return;
	json_array_foreach(list, i, item)
	{
		label(i ? "" : "groups:");
		print_sid(json_string_value(item));
		putchar('\n');
	}
	if (more > 0)
		printf("%-12sand %lld more, which were not recorded\n", "", (long long)more);
	if (json_is_true(json_object_get(record, "groups_partial")))
		printf("%-12ssupplementary groups could not decide, and were not looked up\n", "");
}

static void print_suppressed(const json_t *record)
{
	label("what:");
	printf("%lld records about user %lld were left out: there were too many\n",
	       (long long)json_integer_value(json_object_get(record, "count")),
	       (long long)json_integer_value(json_object_get(record, "uid")));
}

void why_print(const json_t *record)
{
	label("id:");
	print_word(record, "id");
	putchar('\n');
	label("time:");
	print_word(record, "time");
	putchar('\n');
	if (is_kind(record, "suppressed")) {
		print_suppressed(record);
		return;
	}
	print_what(record);
	print_result(record);
	print_who(record);
	print_reason(record);
	print_ace(record, "entry:", "ace", "ace_sddl", "DACL");
	print_ace(record, "audited by:", "audit_ace", "audit_ace_sddl", "SACL");
	print_privileges(record);
	print_groups(record);
}
