/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise effective: all that somebody may do with files and folders.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/explain.h"
#include "acl/mask.h"
#include "command.h"
#include "error.h"
#include "format.h"
#include "keyring/scoped.h"
#include "people.h"
#include "text.h"
#include "walk.h"
#include "whose.h"
#include "why.h"

#define ATTRIBUTE_ACCESS "system.guise.access"

struct effective {
	struct scope scope;
	struct whose_ask ask;
	const char *user; /* or NULL: ask says who */
	enum format format;
	bool begun;
	bool any; /* a right was granted somewhere */
};

/* What is known of one object. */
struct answer {
	const char *path;
	const struct site *site;
	const struct inquiry *inquiry; /* that the site is the object of */
	const struct whose *whose;
	uint32_t granted;
};

static bool level_suffices(const struct token *token)
{
	return !token_actor(token) || token_level(token) != TOKEN_IDENTIFY;
}

/* As the mount itself says, which takes no right on the object. */
static int ask_mount(const struct site *site, uint32_t *granted)
{
	TEXT_CLEANUP char *text = NULL;
	size_t size;
	int error = object_attribute(&site->object, ATTRIBUTE_ACCESS, &text, &size);

	if (error < 0)
		return error;
	*granted = (uint32_t)strtoul(text, NULL, 16);
	return 0;
}

static int find_rights(const struct effective *effective, struct answer *answer)
{
	const struct site *site = answer->site;
	int error = 0;

	if (effective->ask.self)
		error = ask_mount(site, &answer->granted);
	else if (site->error)
		return object_report_read(answer->path, -site->error);
	else
		answer->granted =
			access_check(site->sd, answer->whose->token, MAXIMUM_ALLOWED, EXPLAIN_FLAGS)
				.granted;
	if (!level_suffices(answer->whose->token))
		answer->granted = 0;
	return error < 0 ? error_report(answer->path, -error) : STATUS_OK;
}

static void print_note(const char *text)
{
	printf("not known:  %s\n", text);
}

static void print_way(const struct inquiry *inquiry)
{
	if (inquiry->barrier) {
		fputs("note:       it cannot be reached: FILE_TRAVERSE on ", stdout);
		text_print_name(stdout, inquiry->barrier->path);
		puts(" is missing");
	} else if (inquiry->way_unknown) {
		print_note("whether all folders on the way may be passed");
	}
}

static int print_text(const struct answer *answer)
{
	bool folder = answer->site->what.folder;
	SCOPED_BUFFER char *who = people_principal(token_user(answer->whose->token));
	SCOPED_BUFFER char *words = people_rights(answer->granted, folder);
	char names[MASK_MAX_TEXT], sid[SID_MAX_TEXT];

	if (!who || !words)
		return -ENOMEM;
	fputs("name:       ", stdout);
	text_print_name(stdout, answer->path);
	printf("\nwho:        %s (%s), %s\n", who,
	       sid_format(token_user(answer->whose->token), sid),
	       why_kind_text(answer->whose->kind));
	printf("rights:     %s\n            0x%08x\n", answer->granted ? words : "none",
	       answer->granted);
	mask_format(answer->granted, folder, names);
	if (answer->granted && strcmp(names, words) != 0)
		printf("            %s\n", names);
	print_way(answer->inquiry);
	if (!level_suffices(answer->whose->token))
		print_note("what the client could do: it only lets itself be identified, so "
			   "nothing opens");
	for (size_t i = 0; i < answer->whose->note_count; i++)
		print_note(answer->whose->notes[i]);
	if (answer->site->no_sacl)
		print_note("the SACL, if there is one, with labels and attributes");
	return 0;
}

static int print_json(const struct answer *answer)
{
	json_t *object = json_object(), *notes = json_array();
	const struct whose *whose = answer->whose;

	if (format_put_path(object, answer->path) < 0) {
		json_decref(notes);
		json_decref(object);
		return -ENOMEM;
	}
	json_object_set_new(object, "token", why_json_token(whose));
	json_object_set_new(object, "mask", why_json_rights(answer->granted));
	json_object_set_new(object, "rights",
			    format_rights(answer->granted, answer->site->what.folder));
	if (answer->inquiry->barrier)
		json_object_set_new(
			object, "barrier",
			why_json_explained(answer->inquiry->barrier, &answer->inquiry->passing));
	for (size_t i = 0; i < whose->note_count; i++)
		json_array_append_new(notes, json_string(whose->notes[i]));
	if (answer->inquiry->way_unknown)
		json_array_append_new(notes, json_string(WHY_UNREAD));
	if (answer->site->no_sacl)
		json_array_append_new(notes, json_string("the SACL is not shown"));
	json_object_set_new(object, "unknown", notes);
	return format_print(object);
}

static int tell(struct effective *effective, struct answer *answer)
{
	int status = find_rights(effective, answer), error;

	if (status != STATUS_OK)
		return status;
	if (effective->format == FORMAT_TEXT && effective->begun)
		putchar('\n');
	effective->begun = true;
	effective->any |= answer->granted && !answer->inquiry->barrier;
	error = effective->format == FORMAT_JSON ? print_json(answer) : print_text(answer);
	return error < 0 ? error_report(answer->path, -error) : STATUS_OK;
}

static int effective_visit(void *context, const struct visit *visit)
{
	INQUIRY_CLEANUP struct inquiry inquiry = INQUIRY_NONE;
	WHOSE_CLEANUP struct whose whose = {0};
	struct effective *effective = context;
	const struct site *site = &inquiry.object;
	struct answer answer = {visit->path, site, &inquiry, &whose, 0};
	int status = inquiry_visit(visit, &inquiry), error;

	if (status == STATUS_OK)
		status = whose_find(&effective->ask, effective->user, site, &whose);
	if (status != STATUS_OK)
		return status;
	if (!whose.refused) {
		error = inquiry_judge_way(&inquiry, whose.token);
		return error < 0 ? error_report(visit->path, -error) : tell(effective, &answer);
	}
	error_about(effective->ask.tid, "the thread is refused everything: %s", whose.refused);
	return STATUS_DENIED;
}

static int effective_paths(struct effective *effective, char **paths, int count)
{
	const struct walk walk = {
		.scope = &effective->scope, .visit = effective_visit, .context = effective};
	int status = scope_check(&effective->scope, count);

	if (status == STATUS_OK)
		status = walk_paths(&walk, paths, count);
	return status == STATUS_OK && !effective->any ? STATUS_DENIED : status;
}

int effective_run(int argc, char **argv)
{
	enum { OPTION_FORMAT = 0x300 };
	static const struct option options[] = {
		SCOPE_OPTIONS,
		WHOSE_OPTIONS,
		{"format", required_argument, NULL, OPTION_FORMAT},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct effective effective = {.scope.keep_going = true};
	int option, status, taken;

	while ((option = command_option(argc, argv, ":h" SCOPE_LETTERS, options)) != 0) {
		if (option == OPTION_FORMAT) {
			status = format_read(optarg, 1u << FORMAT_TEXT | 1u << FORMAT_JSON,
					     &effective.format);
			if (status != STATUS_OK)
				return status;
			continue;
		}
		taken = whose_option(&effective.ask, option);
		if (taken < 0)
			return STATUS_USAGE;
		if (!taken && !scope_option(&effective.scope, option))
			return command_stop(option);
	}
	if (!whose_is_named(&effective.ask)) {
		if (optind >= argc)
			return error_usage("no USER given");
		effective.user = argv[optind++];
	}
	return effective_paths(&effective, argv + optind, argc - optind);
}
