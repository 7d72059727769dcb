/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise find-sid: which objects name a principal, and where.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/sids.h"
#include "command.h"
#include "error.h"
#include "format.h"
#include "keyring/idmap.h"
#include "people.h"
#include "text.h"
#include "walk.h"

#define DESCRIPTOR_CLEANUP __attribute__((cleanup(descriptor_destroyp)))

/* SIDs of which is remembered whether somebody is known by them */
#define REMEMBERED 4096

enum find_value {
	FIND_FORMAT = SCOPE_END,
	FIND_PRINT_NULL,
	FIND_ORPHANS,
};

struct finding {
	struct sids_place place;
	struct sid sid;
};

struct find {
	struct scope scope;
	enum format format;
	bool print_null; /* paths, each ended by a NUL */
	bool orphans;
	struct sid wanted;
	unsigned long found; /* objects */
	/* of the object at hand */
	struct finding *findings;
	size_t count, room;
};

/* Is nobody known by @sid, though it is of a kind that accounts have? */
static bool is_orphan(const struct sid *sid)
{
	TEXT_CLEANUP char *name = NULL;
	uid_t uid;
	gid_t gid;
	char number[IDMAP_NAME_MAX];

	if (sid_to_uid(sid, &uid))
		return idmap_user_name(uid, number, sizeof(number)) == -ENOENT;
	if (sid_to_gid(sid, &gid))
		return idmap_group_name(gid, number, sizeof(number)) == -ENOENT;
	if (!sid_is_domain(sid))
		return false;
	name = people_name(sid);
	return !name;
}

/* The same, asked once for what comes again and again. */
static bool is_orphan_cached(const struct sid *sid)
{
	static struct {
		struct sid sid;
		bool asked, orphan;
	} cache[REMEMBERED];
	size_t i = sid_hash(sid) % REMEMBERED;

	if (!cache[i].asked || !sid_equal(&cache[i].sid, sid)) {
		cache[i].orphan = is_orphan(sid);
		cache[i].sid = *sid;
		cache[i].asked = true;
	}
	return cache[i].orphan;
}

static int note(const struct sid *sid, const struct sids_place *place, void *data)
{
	struct find *find = data;

	if (find->orphans ? !is_orphan_cached(sid) : !sid_equal(sid, &find->wanted))
		return 0;
	if (find->count == find->room) {
		size_t room = find->room ? 2 * find->room : 16;
		struct finding *findings =
			reallocarray(find->findings, room, sizeof(*find->findings));

		if (!findings)
			return -1;
		find->findings = findings;
		find->room = room;
	}
	find->findings[find->count++] = (struct finding){*place, *sid};
	return 0;
}

static const char *part_name(enum sids_part part)
{
	static const char *const names[] = {
		[SIDS_OWNER] = "owner",
		[SIDS_GROUP] = "group",
		[SIDS_DACL] = "dacl",
		[SIDS_SACL] = "sacl",
	};

	return names[part];
}

static void print_text(const struct find *find, const char *path)
{
	char text[SID_MAX_TEXT];

	text_print_name(stdout, path);
	for (size_t i = 0; i < find->count; i++) {
		const struct finding *finding = &find->findings[i];
		bool list = finding->place.part == SIDS_DACL || finding->place.part == SIDS_SACL;

		printf("%s %s", i > 0 ? "," : ":", part_name(finding->place.part));
		if (list)
			printf(" %zu", finding->place.entry + 1);
		if (finding->place.within)
			fputs(" (condition)", stdout);
		if (find->orphans)
			printf(" %s", sid_format(&finding->sid, text));
	}
	putchar('\n');
}

static json_t *finding_json(const struct finding *finding)
{
	json_t *object = json_object();

	json_object_set_new(object, "part", json_string(part_name(finding->place.part)));
	if (finding->place.part == SIDS_DACL || finding->place.part == SIDS_SACL) {
		json_object_set_new(object, "entry",
				    json_integer((json_int_t)finding->place.entry));
		json_object_set_new(object, "condition", json_boolean(finding->place.within));
	}
	json_object_update_new(object, format_sid(&finding->sid));
	return object;
}

static int print_json(const struct find *find, const char *path)
{
	json_t *object = json_object();
	json_t *found = json_array();

	for (size_t i = 0; i < find->count; i++)
		json_array_append_new(found, finding_json(&find->findings[i]));
	if (format_put_path(object, path) < 0 || json_object_set_new(object, "found", found) < 0) {
		json_decref(object);
		return error_report(path, ENOMEM);
	}
	return format_print(object) < 0 ? error_report(path, ENOMEM) : STATUS_OK;
}

static int print(const struct find *find, const char *path)
{
	if (find->print_null) {
		fwrite(path, 1, strlen(path) + 1, stdout);
		return STATUS_OK;
	}
	if (find->format == FORMAT_JSON)
		return print_json(find, path);
	print_text(find, path);
	return STATUS_OK;
}

static int find_visit(void *context, const struct visit *visit)
{
	DESCRIPTOR_CLEANUP struct descriptor *sd = NULL;
	struct find *find = context;
	enum origin origin;
	int error = object_read(visit->object, &sd, &origin);

	if (error < 0)
		return object_report_read(visit->path, -error);
	find->count = 0;
	if (sids_each(sd, note, find) < 0)
		return error_report(visit->path, ENOMEM);
	if (find->count > 0)
		find->found++;
	if (sids_hidden(sd) > 0)
		error_about(visit->path, "has entries in which SIDs cannot be told");
	return find->count > 0 ? print(find, visit->path) : STATUS_OK;
}

static int find_paths(struct find *find, char **paths, int count)
{
	const struct walk walk = {.scope = &find->scope,
				  .visit = find_visit,
				  .context = find,
				  .shows_progress = walk_output_is_apart()};
	int status = scope_check(&find->scope, count);

	if (status == STATUS_OK)
		status = walk_paths(&walk, paths, count);
	free(find->findings);
	/* what could not be read is not what does not name it */
	if (status == STATUS_DENIED)
		return STATUS_FAILED;
	return status == STATUS_OK && find->found == 0 ? STATUS_DENIED : status;
}

/* STATUS_OK, or -1 if it is none of these, or STATUS_USAGE. */
static int set_option(struct find *find, int option)
{
	if (option == FIND_FORMAT)
		return format_read(optarg, 1 << FORMAT_TEXT | 1 << FORMAT_JSON, &find->format);
	if (option == FIND_PRINT_NULL)
		find->print_null = true;
	else if (option == FIND_ORPHANS)
		find->orphans = true;
	else if (!scope_option(&find->scope, option))
		return -1;
	return STATUS_OK;
}

int find_sid_run(int argc, char **argv)
{
	static const struct option options[] = {
		SCOPE_OPTIONS,
		{"format", required_argument, NULL, FIND_FORMAT},
		{"print-null", no_argument, NULL, FIND_PRINT_NULL},
		{"orphans", no_argument, NULL, FIND_ORPHANS},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct find find = {.format = FORMAT_TEXT, .scope.keep_going = true};
	int option, status, count;

	while ((option = command_option(argc, argv, ":h" SCOPE_LETTERS, options)) != 0) {
		status = set_option(&find, option);
		if (status != STATUS_OK)
			return status < 0 ? command_stop(option) : status;
	}
	count = argc - optind - !find.orphans;
	if (count < 0)
		return error_usage("expected PATH and PRINCIPAL");
	if (!find.orphans && !idmap_sid_parse(argv[argc - 1], &find.wanted)) {
		error_about(argv[argc - 1], "no such principal");
		return STATUS_USAGE;
	}
	return find_paths(&find, argv + optind, count);
}
