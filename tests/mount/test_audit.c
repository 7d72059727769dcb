/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The audit of a mount: what is recorded and what is not, by whom, and that each record is one line
 * of JSON with documented fields only.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "keyring/guise.h"
#include "tests/mount/cast.h"

#define WAIT_STEPS 6000 /* of 10 ms: a record is written after the caller has its answer */
#define SETTLE_STEPS 10

static struct share *share;
static struct player *a, *b, *s; /* alice, bob, the server */
static char folder[64], audit[96], options[160];

static void pause_steps(unsigned int steps)
{
	const struct timespec time = {.tv_nsec = 10 * 1000 * 1000};

	while (steps--)
		nanosleep(&time, NULL);
}

/* ---- reading the audit ---- */

static const char *field(const json_t *record, const char *key)
{
	const char *text = json_string_value(json_object_get(record, key));

	return text ? text : "";
}

/* All records so far, in an array; fails the test if a line is not an object. */
static json_t *records(void)
{
	FILE *file = fopen(audit, "re");
	json_t *all = json_array();
	char *line = NULL;
	size_t room = 0;
	ssize_t length;

	ck_assert_ptr_nonnull(file);
	while ((length = getline(&line, &room, file)) > 0) {
		json_t *record = json_loads(line, JSON_REJECT_DUPLICATES, NULL);

		/* the last line may be on its way */
		if (line[length - 1] != '\n')
			break;
		ck_assert_msg(json_is_object(record), "no record: %s", line);
		json_array_append_new(all, record);
	}
	free(line);
	fclose(file);
	return all;
}

static bool fits(const json_t *record, const char *kind, const char *object)
{
	return (!kind || strcmp(field(record, "kind"), kind) == 0) &&
	       (!object || strcmp(field(record, "object"), object) == 0);
}

/* How many records of @kind about @object (NULL: any) there are now. */
static unsigned int count(const char *kind, const char *object)
{
	json_t *all = records(), *record;
	unsigned int found = 0;
	size_t i;

	json_array_foreach(all, i, record) found += fits(record, kind, object);
	json_decref(all);
	return found;
}

/* The last such record, once there is one; the caller drops it. */
static json_t *wait_for(const char *kind, const char *object)
{
	for (unsigned int step = 0; step < WAIT_STEPS; step++) {
		json_t *all = records(), *record, *found = NULL;
		size_t i;

		json_array_foreach(all, i, record) if (fits(record, kind, object)) found = record;
		json_incref(found);
		json_decref(all);
		if (found)
			return found;
		pause_steps(1);
	}
	ck_abort_msg("no record of kind %s about %s", kind ? kind : "any",
		     object ? object : "anything");
	return NULL;
}

static void is(const json_t *record, const char *key, const char *value)
{
	char *text = json_dumps(record, 0);

	ck_assert_msg(strcmp(field(record, key), value) == 0, "%s is not %s in %s", key, value,
		      text);
	free(text);
}

static long long number(const json_t *record, const char *key)
{
	return (long long)json_integer_value(json_object_get(record, key));
}

/* Nothing (more) about @object is recorded. */
static void nothing_about(const char *object)
{
	pause_steps(SETTLE_STEPS);
	ck_assert_uint_eq(count(NULL, object), 0);
}

/* ---- the schema ---- */

/* The part of the document under "## @heading"; the caller frees it. */
static char *chapter(const char *heading)
{
	static char text[65536];
	FILE *file = fopen(getenv("GUISE_AUDIT_DOC"), "re");
	char line[64], *at, *end;
	size_t length;

	ck_assert_ptr_nonnull(file);
	length = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[length] = '\0';
	snprintf(line, sizeof(line), "\n## %s\n", heading);
	at = strstr(text, line);
	ck_assert_ptr_nonnull(at);
	end = strstr(at + 1, "\n## ");
	return end ? strndup(at, (size_t)(end - at)) : strdup(at);
}

/* Is there a row for @word, whose second cell begins with @type? */
static bool documented(const char *text, const char *word, const char *type)
{
	char row[96];

	snprintf(row, sizeof(row), "\n| `%s` | %s", word, type);
	return strstr(text, row);
}

static const char *type_of(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_STRING:
		return "string";
	case JSON_INTEGER:
		return "integer";
	case JSON_ARRAY:
		return "array of strings";
	case JSON_TRUE:
		return "true";
	default:
		return "of no documented type";
	}
}

static void check_record(json_t *record, const char *fields, const char *kinds, const char *reasons)
{
	const char *reason = field(record, "reason");
	const char *key;
	json_t *value;

	json_object_foreach(record, key, value)
		ck_assert_msg(documented(fields, key, type_of(value)), "field %s", key);
	ck_assert_msg(documented(kinds, field(record, "kind"), ""), "kind %s",
		      field(record, "kind"));
	ck_assert_msg(!*reason || documented(reasons, reason, ""), "reason %s", reason);
	ck_assert(*field(record, "time") && *field(record, "id"));
	if (strcmp(field(record, "result"), "denied") == 0)
		ck_assert_msg(*reason, "a denial without a reason");
}

static void check_schema(void)
{
	char *fields = chapter("Fields"), *kinds = chapter("Kinds");
	char *denials = chapter("Reasons of denials"), *reasons = NULL;
	char *identities = chapter("Reasons of refused identities");
	json_t *all = records(), *ids = json_object(), *record;
	size_t i;

	ck_assert(asprintf(&reasons, "%s%s", denials, identities) > 0);
	json_array_foreach(all, i, record)
	{
		check_record(record, fields, kinds, reasons);
		ck_assert_ptr_null(json_object_get(ids, field(record, "id")));
		json_object_set_new(ids, field(record, "id"), json_true());
	}
	json_decref(ids);
	json_decref(all);
	free(fields);
	free(kinds);
	free(denials);
	free(identities);
	free(reasons);
}

/* ---- the stage ---- */

static void begin(void)
{
	snprintf(folder, sizeof(folder), "/tmp/guise-audit-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(audit, sizeof(audit), "%s/audit", folder);
	snprintf(options, sizeof(options), "audit=%s", audit);
	share = share_open(options);
	sddl_set(share_path(share, ""), "D:(A;;FRFX;;;WD)");
	a = player_start(&alice);
	b = player_start(&bob);
	s = player_start(&server);
}

static void end(void)
{
	player_do(a, DEED_CLEAR, NULL, 0);
	player_end(a);
	player_end(b);
	player_end(s);
	share_close(share);
	check_schema();
	unlink(audit);
	rmdir(folder);
}

/* A file that alice may read and nobody write, with the SACL @sacl. */
static const char *file_with(const char *name, const char *sacl)
{
	const char *path = share_path(share, name);

	put_file(path, "text");
	sddl_set(path, "O:SYD:P(A;;FR;;;%s)(A;;FR;;;%s)%s", sid_of(&alice), sid_of(&bob), sacl);
	return path;
}

static const char *sacl_for(const char *flags, const char *rights, const struct person *person)
{
	static char text[128];

	snprintf(text, sizeof(text), "S:(AU;%s;%s;;;%s)", flags, rights, sid_of(person));
	return text;
}

/* The exit status of a program that @player runs: words, each ended by a newline. */
__attribute__((format(printf, 2, 3))) static long runs(struct player *player, const char *format,
						       ...)
{
	char words[512];
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	return player_do(player, DEED_RUN, words, 0);
}

static void impersonate(struct player *client, int level)
{
	ck_assert_int_eq(player_do(s, DEED_IMPERSONATE, NULL, grant(client, &server, level, 600)),
			 0);
}

/* ---- hits of the SACL ---- */

START_TEST(an_access_that_was_granted_hits_on_success)
{
	const char *path = file_with("f", sacl_for("SA", "FR", &alice));
	json_t *record;

	ck_assert_int_eq(player_do(a, DEED_READ, path, 0), 0);
	record = wait_for("sacl", "/f");
	is(record, "result", "granted");
	is(record, "operation", "open");
	is(record, "client", sid_of(&alice));
	is(record, "granted", "0x00000001");
	is(record, "reason", "");
	is(record, "actor", "");
	ck_assert_int_eq(number(record, "uid"), alice.uid);
	ck_assert_int_eq(number(record, "audit_ace"), 0);
	ck_assert_int_eq(number(record, "audit_aces"), 1);
	json_decref(record);
}
END_TEST

START_TEST(whom_the_sacl_does_not_name_is_not_recorded)
{
	const char *path = file_with("f", sacl_for("SAFA", "FA", &alice));

	ck_assert_int_eq(player_do(b, DEED_READ, path, 0), 0);
	nothing_about("/f");
}
END_TEST

START_TEST(success_is_not_recorded_for_failure_nor_without_a_sacl)
{
	const char *path = file_with("f", sacl_for("FA", "FA", &alice));

	ck_assert_int_eq(player_do(a, DEED_READ, path, 0), 0);
	nothing_about("/f");
	path = file_with("g", "");
	ck_assert_int_eq(player_do(a, DEED_READ, path, 0), 0);
	nothing_about("/g");
}
END_TEST

START_TEST(an_access_that_was_denied_hits_on_failure)
{
	const char *path = file_with("f", "S:(AU;SA;FA;;;WD)(AU;FA;FW;;;WD)");
	json_t *record;

	ck_assert_int_eq(player_do(a, DEED_WRITE, path, 0), -EACCES);
	record = wait_for("sacl", "/f");
	is(record, "result", "denied");
	is(record, "wanted", "0x00000002");
	is(record, "missing", "0x00000002");
	is(record, "reason", "not-allowed");
	is(record, "audit_ace_sddl", "S:(AU;FA;FW;;;WD)");
	ck_assert_int_eq(number(record, "audit_ace"), 1);
	json_decref(record);
	ck_assert_uint_eq(count(NULL, "/f"), 1);
}
END_TEST

START_TEST(an_impersonated_client_and_its_actor_are_told_apart)
{
	const char *path = file_with("f", sacl_for("SAFA", "FA", &alice));
	json_t *record;

	impersonate(a, GUISE_IMPERSONATE);
	ck_assert_int_eq(player_do(s, DEED_READ, path, 0), 0);
	record = wait_for("sacl", "/f");
	is(record, "client", sid_of(&alice));
	is(record, "actor", sid_of(&server));
	is(record, "level", "impersonate");
	ck_assert_int_eq(number(record, "uid"), server.uid);
	json_decref(record);
}
END_TEST

START_TEST(a_new_file_is_recorded_by_its_own_sacl)
{
	const char *path = share_path(share, "in");
	json_t *record;

	put_folder(path);
	sddl_set(path, "D:P(A;OICI;FA;;;WD)S:P(AU;OIIOSA;FW;;;%s)", sid_of(&alice));
	ck_assert_int_ge(player_do(a, DEED_CREATE, share_path(share, "in/new"), 0), 0);
	record = wait_for("sacl", "/in/new");
	is(record, "operation", "create");
	is(record, "result", "granted");
	json_decref(record);
	nothing_about("/in");
}
END_TEST

START_TEST(reading_attributes_is_seen_although_everybody_may)
{
	const char *path = share_path(share, "f");
	struct stat st;

	put_file(path, "text");
	sddl_set(path, "D:P(A;;FA;;;WD)(A;;FR;;;AN)S:(AU;SA;0x80;;;%s)", sid_of(&alice));
	/* what the kernel knows from root, who is not named, must not be alice's answer */
	ck_assert_int_eq(stat(path, &st), 0);
	nothing_about("/f");
	ck_assert_int_eq(runs(a, "test\n-e\n%s\n", path), 0);
	ck_assert_int_eq(runs(a, "test\n-e\n%s\n", path), 0);
	json_decref(wait_for("sacl", "/f"));
	for (unsigned int step = 0; step < WAIT_STEPS && count("sacl", "/f") < 2; step++)
		pause_steps(1);
	ck_assert_uint_ge(count("sacl", "/f"), 2);
}
END_TEST

/* ---- denials ---- */

START_TEST(a_denial_without_a_sacl_is_recorded_with_its_reason)
{
	const char *path = share_path(share, "f");
	json_t *record;

	put_file(path, "text");
	sddl_set(path, "O:SYD:P(D;;FR;;;%s)(A;;FA;;;WD)", sid_of(&alice));
	ck_assert_int_eq(player_do(a, DEED_READ, path, 0), -EACCES);
	record = wait_for("denied", "/f");
	is(record, "reason", "denied-by-ace");
	ck_assert_int_eq(number(record, "ace"), 0);
	ck_assert_ptr_nonnull(strstr(field(record, "ace_sddl"), sid_of(&alice)));
	ck_assert_ptr_nonnull(json_object_get(record, "groups"));
	json_decref(record);
}
END_TEST

START_TEST(what_the_folder_allows_is_no_denial)
{
	const char *path = share_path(share, "in/f");

	put_folder(share_path(share, "in"));
	sddl_set(share_path(share, "in"), "D:P(A;;FA;;;WD)");
	put_file(path, "text");
	sddl_set(path, "O:SYD:PS:(AU;SA;SD;;;WD)");
	ck_assert_int_eq(runs(a, "rm\n-f\n%s\n", path), 0);
	json_decref(wait_for("sacl", "/in/f"));
	pause_steps(SETTLE_STEPS);
	ck_assert_uint_eq(count("denied", NULL), 0);
}
END_TEST

START_TEST(a_right_that_is_held_may_still_not_give_away)
{
	const char *path = share_path(share, "f");
	json_t *record;

	put_file(path, "text");
	sddl_set(path, "D:P(A;;FA;;;WD)S:(AU;SA;WO;;;WD)");
	ck_assert_int_eq(runs(a, "chown\n%2$u\n%1$s\n", path, bob.uid), 1);
	record = wait_for("denied", "/f");
	is(record, "reason", "owner-not-own");
	is(record, "missing", "0x00080000");
	json_decref(record);
	ck_assert_uint_eq(count("sacl", "/f"), 0);
}
END_TEST

/* Is there a record of @operation with @result? */
static bool recorded(const char *operation, const char *result)
{
	json_t *all = records(), *record;
	bool found = false;
	size_t i;

	json_array_foreach(all, i, record) found |=
		strcmp(field(record, "operation"), operation) == 0 &&
		strcmp(field(record, "result"), result) == 0;
	json_decref(all);
	return found;
}

START_TEST(asking_is_no_access)
{
	const char *path = file_with("f", "S:(AU;SAFA;FA;;;WD)");

	ck_assert_int_eq(runs(a, "getfattr\n-n\nsystem.guise.access\n%s\n", path), 0);
	ck_assert_int_ge(player_do(a, DEED_WHOAMI, path, 0), 0);
	ck_assert_int_eq(runs(a, "test\n-r\n%s\n", path), 0);
	/* but what is denied to who asks is recorded */
	ck_assert_int_eq(runs(a, "test\n-w\n%s\n", path), 1);
	for (unsigned int step = 0; step < WAIT_STEPS && !recorded("access", "denied"); step++)
		pause_steps(1);
	pause_steps(SETTLE_STEPS);
	ck_assert(recorded("access", "denied"));
	ck_assert(!recorded("access", "granted"));
	ck_assert(!recorded("getxattr", "granted"));
	ck_assert(!recorded("getxattr", "denied"));
}
END_TEST

START_TEST(a_flood_is_cut_and_counted)
{
	const char *path = file_with("f", "");
	json_t *record;

	ck_assert_int_eq(runs(a,
			      "sh\n-c\ni=0; while [ $i -lt 3000 ]; do true 2>/dev/null >%s; "
			      "i=$((i+1)); done; exit 7\n",
			      path),
			 7);
	/* the last are counted when the daemon ends */
	share_remount(share, options);
	record = wait_for("suppressed", NULL);
	ck_assert_int_eq(number(record, "uid"), alice.uid);
	ck_assert_int_gt(number(record, "count"), 0);
	json_decref(record);
	ck_assert_uint_ge(count("denied", "/f"), 1000);
	ck_assert_uint_lt(count("denied", "/f"), 3000);
}
END_TEST

/* ---- identities ---- */

START_TEST(a_refused_identity_is_recorded)
{
	const char *path = file_with("f", "S:(AU;SAFA;FA;;;WD)");
	int32_t serial = grant(a, &server, GUISE_IMPERSONATE, 600);
	json_t *record;
	char id[64];

	ck_assert_int_eq(player_do(s, DEED_IMPERSONATE, NULL, serial), 0);
	ck_assert_int_eq(player_do(a, DEED_REVOKE, NULL, serial), 0);
	ck_assert_int_eq(player_do(s, DEED_READ, path, 0), -EKEYREVOKED);
	record = wait_for("identity", NULL);
	is(record, "result", "denied");
	is(record, "reason", "key-revoked");
	is(record, "client", "");
	ck_assert_int_eq(number(record, "key"), serial);
	ck_assert_int_eq(number(record, "uid"), server.uid);
	snprintf(id, sizeof(id), " id=%s: ", field(record, "id"));
	ck_assert(share_log_contains(share, id));
	json_decref(record);
	ck_assert_uint_eq(count("sacl", NULL), 0);
}
END_TEST

START_TEST(a_level_that_is_too_low_names_the_client)
{
	const char *path = file_with("f", "");
	json_t *record;

	impersonate(a, GUISE_IDENTIFY);
	ck_assert_int_eq(player_do(s, DEED_READ, path, 0), -EACCES);
	record = wait_for("identity", NULL);
	is(record, "reason", "token-level");
	is(record, "client", sid_of(&alice));
	is(record, "actor", sid_of(&server));
	is(record, "level", "identify");
	json_decref(record);
	ck_assert_uint_eq(count("denied", NULL), 0);
}
END_TEST

/* ---- names ---- */

static char *unhex(const char *hex)
{
	static char text[512];
	size_t length = strlen(hex) / 2;

	for (size_t i = 0; i < length; i++) {
		unsigned int byte;

		ck_assert_int_eq(sscanf(hex + 2 * i, "%2x", &byte), 1);
		text[i] = (char)byte;
	}
	text[length] = '\0';
	return text;
}

START_TEST(no_name_breaks_a_record_or_gets_lost)
{
	static const char *const names[] = {
		"two\nlines",
		"{\"id\":\"forged\"}",
		"back\\slash\t\x1b[31m\x7f",
		"\xc3\x9c\x62ung \xe2\x80\xa8 \xf0\x9f\x98\x80",
		"\xff\xfe not \xc0\xaf utf8",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *path = file_with(names[i], "");
		char object[512];
		json_t *record = NULL;

		ck_assert_int_eq(player_do(a, DEED_WRITE, path, 0), -EACCES);
		snprintf(object, sizeof(object), "/%s", names[i]);
		for (unsigned int step = 0; step < WAIT_STEPS && count("denied", NULL) <= i; step++)
			pause_steps(1);
		record = wait_for("denied", NULL);
		if (json_object_get(record, "object_hex"))
			ck_assert_str_eq(unhex(field(record, "object_hex")), object);
		else
			is(record, "object", object);
		json_decref(record);
	}
	ck_assert_uint_eq(count(NULL, NULL), sizeof(names) / sizeof(*names));
}
END_TEST

/* ---- guise why ---- */

/* Does what `guise why` says with these options have @part? */
static bool explained(const char *words, const char *part)
{
	char command[512], text[8192];
	FILE *pipe;
	size_t length;

	snprintf(command, sizeof(command), "%s why %s 2>&1", guise_program(), words);
	pipe = popen(command, "re");
	ck_assert_ptr_nonnull(pipe);
	length = fread(text, 1, sizeof(text) - 1, pipe);
	text[length] = '\0';
	pclose(pipe);
	return strstr(text, part);
}

START_TEST(guise_why_explains_a_denial_by_its_id)
{
	const char *path = file_with("quarter\n3", "");
	char words[256];
	json_t *record;

	impersonate(a, GUISE_IMPERSONATE);
	ck_assert_int_eq(player_do(s, DEED_WRITE, path, 0), -EACCES);
	record = wait_for("denied", NULL);
	/* what became of it since does not matter */
	ck_assert_int_eq(unlink(path), 0);
	snprintf(words, sizeof(words), "--id %s --audit %s", field(record, "id"), audit);
	ck_assert(explained(words, "open on /quarter\\0123,"));
	ck_assert(explained(words, "denied, for want of FILE_WRITE_DATA"));
	ck_assert(explained(words, alice.name));
	ck_assert(explained(words, server.name));
	ck_assert(explained(words, "no entry of the DACL that applies allows it"));
	/* the mounts know where */
	snprintf(words, sizeof(words), "--id %s", field(record, "id"));
	ck_assert(explained(words, "denied, for want of FILE_WRITE_DATA"));
	/* lines as a journal has them */
	snprintf(words, sizeof(words), "--id %s --audit - <%s", field(record, "id"), audit);
	ck_assert(explained(words, "denied, for want of FILE_WRITE_DATA"));
	ck_assert(explained("--id 00000000-1", "no such record"));
	/* a part of an id is none */
	snprintf(words, sizeof(words), "--audit %s --id %.9s", audit, field(record, "id"));
	ck_assert(explained(words, "no such record"));
	json_decref(record);
}
END_TEST

START_TEST(where_the_audit_is_is_for_root)
{
	char text[256] = "";
	const char *path = share_path(share, "");

	ck_assert_int_eq(getxattr(path, "system.guise.audit", text, sizeof(text) - 1),
			 (int)strlen(audit));
	ck_assert_str_eq(text, audit);
	ck_assert_int_eq(runs(a, "getfattr\n-n\nsystem.guise.audit\n%s\n", path), 1);
}
END_TEST

/* ---- the file ---- */

START_TEST(the_file_is_roots_alone)
{
	struct stat st;

	ck_assert_int_eq(stat(audit, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_uint_eq(st.st_uid, 0);
}
END_TEST

START_TEST(several_mounts_can_share_a_file)
{
	struct share *other = share_open(options);

	put_file(share_path(other, "g"), "text");
	sddl_set(share_path(other, "g"), "O:SYD:P");
	file_with("f", "");
	ck_assert_int_eq(player_do(a, DEED_READ, share_path(other, "g"), 0), -EACCES);
	ck_assert_int_eq(player_do(a, DEED_WRITE, share_path(share, "f"), 0), -EACCES);
	json_decref(wait_for("denied", "/g"));
	json_decref(wait_for("denied", "/f"));
	share_close(other);
}
END_TEST

/* Mounts with an audit file that is not to be trusted; the exit status. */
static int mount_with(const char *file)
{
	char backing[96], mount[96], option[200];
	int status;

	snprintf(backing, sizeof(backing), "%s/backing", folder);
	snprintf(mount, sizeof(mount), "%s/mount", folder);
	snprintf(option, sizeof(option), "audit=%s", file);
	put_folder(backing);
	put_folder(mount);
	status = run_program((const char *[]){"timeout", "60", getenv("GUISEFS"), "-f", "-o",
					      option, backing, mount, NULL});
	rmdir(backing);
	rmdir(mount);
	return status;
}

START_TEST(a_file_that_others_can_change_is_refused)
{
	char file[96];

	snprintf(file, sizeof(file), "%s/other", folder);
	put_file(file, "");
	ck_assert_int_eq(chmod(file, 0620), 0);
	ck_assert_int_eq(mount_with(file), 1);
	ck_assert_int_eq(chmod(file, 0600), 0);
	ck_assert_int_eq(chown(file, alice.uid, 0), 0);
	ck_assert_int_eq(mount_with(file), 1);
	ck_assert_int_eq(unlink(file), 0);
	ck_assert_int_eq(symlink(audit, file), 0);
	ck_assert_int_eq(mount_with(file), 1);
	ck_assert_int_eq(unlink(file), 0);
	ck_assert_int_eq(mkfifo(file, 0600), 0);
	ck_assert_int_eq(mount_with(file), 1);
	ck_assert_int_eq(unlink(file), 0);
	ck_assert_int_eq(mknod(file, S_IFCHR | 0600, makedev(1, 3)), 0);
	ck_assert_int_eq(mount_with(file), 1);
	ck_assert_int_eq(unlink(file), 0);
}
END_TEST

static void tests_of_accesses(TCase *tcase)
{
	tcase_add_test(tcase, an_access_that_was_granted_hits_on_success);
	tcase_add_test(tcase, whom_the_sacl_does_not_name_is_not_recorded);
	tcase_add_test(tcase, success_is_not_recorded_for_failure_nor_without_a_sacl);
	tcase_add_test(tcase, an_access_that_was_denied_hits_on_failure);
	tcase_add_test(tcase, an_impersonated_client_and_its_actor_are_told_apart);
	tcase_add_test(tcase, a_new_file_is_recorded_by_its_own_sacl);
	tcase_add_test(tcase, reading_attributes_is_seen_although_everybody_may);
	tcase_add_test(tcase, a_denial_without_a_sacl_is_recorded_with_its_reason);
	tcase_add_test(tcase, what_the_folder_allows_is_no_denial);
	tcase_add_test(tcase, a_right_that_is_held_may_still_not_give_away);
	tcase_add_test(tcase, asking_is_no_access);
	tcase_add_test(tcase, a_flood_is_cut_and_counted);
}

static void tests_of_records(TCase *tcase)
{
	tcase_add_test(tcase, a_refused_identity_is_recorded);
	tcase_add_test(tcase, a_level_that_is_too_low_names_the_client);
	tcase_add_test(tcase, no_name_breaks_a_record_or_gets_lost);
	tcase_add_test(tcase, guise_why_explains_a_denial_by_its_id);
	tcase_add_test(tcase, where_the_audit_is_is_for_root);
	tcase_add_test(tcase, the_file_is_roots_alone);
	tcase_add_test(tcase, several_mounts_can_share_a_file);
	tcase_add_test(tcase, a_file_that_others_can_change_is_refused);
}

int main(int argc, char **argv)
{
	TCase *accesses = tcase_create("accesses"), *lines = tcase_create("records");
	Suite *suite = suite_create("audit");

	tcase_add_checked_fixture(accesses, begin, end);
	tcase_add_checked_fixture(lines, begin, end);
	tests_of_accesses(accesses);
	tests_of_records(lines);
	suite_add_tcase(suite, accesses);
	suite_add_tcase(suite, lines);
	return cast_run(argc, argv, suite);
}
