/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise why: may somebody do that, and why?
 */
#include "why.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "error.h"
#include "format.h"
#include "text.h"

enum why_value { WHY_ID = 0x300, WHY_AUDIT, WHY_TO, WHY_FORMAT };

struct arguments {
	struct whose_ask ask;
	const char *id, *audit, *to;
	bool json;
	struct scope scope; /* of which only what says that PATH holds a descriptor is taken */
};

static int print(const struct why *why, bool json)
{
	json_t *object;

	if (!json)
		return why_print_text(why);
	object = why_json(why);
	return object ? format_print(object) : -ENOMEM;
}

static int answer(struct why *why, bool json)
{
	struct cure cure;
	int error = inquiry_judge(why->inquiry, why->whose->token);

	if (error == 0)
		error = cure_find(why->inquiry, why->whose->token, &cure);
	if (error < 0)
		return error_report(why->path, -error);
	why->cure = &cure;
	error = print(why, json);
	cure_clear(&cure);
	if (error < 0)
		return error_report(why->path, -error);
	if (inquiry_granted(why->inquiry))
		return STATUS_OK;
	return inquiry_unknown(why->inquiry) ? STATUS_FAILED : STATUS_DENIED;
}

/* What takes rights on the object alone, in full. */
static bool takes_only(const struct action *action, uint32_t *rights)
{
	*rights = action->needs[0].rights;
	return *rights && action->needs[0].where == ACTION_OBJECT && !action->needs[0].or_rights &&
	       !action->needs[1].rights && !action->needs[1].by_kind;
}

/* Whose descriptor the caller may not read, the mount knows: it tells the answer, not why. */
static int ask_mount(const struct why *why)
{
	const struct site *site = &why->inquiry->object;
	TEXT_CLEANUP char *text = NULL;
	char name[64];
	uint32_t rights;
	size_t size;
	bool granted;

	if (!site->object.guisefs || !takes_only(&why->inquiry->action, &rights))
		return object_report_read(site->path, -site->error);
	snprintf(name, sizeof(name), "system.guise.access.check.0x%x", rights);
	if (object_attribute(&site->object, name, &text, &size) < 0)
		return object_report_read(site->path, -site->error);
	granted = strstr(text, " yes");
	printf("%s: ", granted ? "granted" : "denied");
	text_print(stdout, why->asked);
	fputs(" on ", stdout);
	text_print_name(stdout, why->path);
	puts("\nnot known:  why: that takes READ_CONTROL, which you have not");
	return granted ? STATUS_OK : STATUS_DENIED;
}

static int report_unread(const struct arguments *arguments, const struct why *why)
{
	const struct site *site = &why->inquiry->object;

	if (arguments->ask.self && !arguments->json && site->error == -EACCES)
		return ask_mount(why);
	return object_report_read(site->path, -site->error);
}

static int explain_access(const struct arguments *arguments, const char *user, const char *asked,
			  const char *path)
{
	INQUIRY_CLEANUP struct inquiry inquiry = INQUIRY_NONE;
	WHOSE_CLEANUP struct whose whose = {0};
	struct why why = {.asked = asked, .path = path, .whose = &whose, .inquiry = &inquiry};
	int status = inquiry_action(asked, &inquiry.action);

	if (status == STATUS_OK)
		status = inquiry_open(path, &arguments->scope, arguments->to, &inquiry);
	if (status == STATUS_OK && inquiry.object.error)
		return report_unread(arguments, &why);
	if (status == STATUS_OK)
		status = whose_find(&arguments->ask, user, &inquiry.object, &whose);
	if (status != STATUS_OK)
		return status;
	if (!whose.refused)
		return answer(&why, arguments->json);
	printf("denied: thread %s is refused everything: %s\n", arguments->ask.tid, whose.refused);
	return STATUS_DENIED;
}

static int take_option(struct arguments *arguments, int option)
{
	switch (option) {
	case WHY_ID:
		arguments->id = optarg;
		return 1;
	case WHY_AUDIT:
		arguments->audit = optarg;
		return 1;
	case WHY_TO:
		arguments->to = optarg;
		return 1;
	case WHY_FORMAT:
		arguments->json = strcmp(optarg, "json") == 0;
		if (arguments->json || strcmp(optarg, "text") == 0)
			return 1;
		error_usage("--format %s: expected text or json", optarg);
		return -1;
	case SCOPE_DESCRIPTOR:
	case SCOPE_FOLDER:
		return scope_option(&arguments->scope, option);
	default:
		return whose_option(&arguments->ask, option);
	}
}

int why_run(int argc, char **argv)
{
	static const struct option options[] = {
		{"id", required_argument, NULL, WHY_ID},
		{"audit", required_argument, NULL, WHY_AUDIT},
		{"to", required_argument, NULL, WHY_TO},
		{"format", required_argument, NULL, WHY_FORMAT},
		{"descriptor", no_argument, NULL, SCOPE_DESCRIPTOR},
		{"folder", no_argument, NULL, SCOPE_FOLDER},
		WHOSE_OPTIONS,
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct arguments arguments = {0};
	bool named;
	int option;

	while ((option = command_option(argc, argv, ":h", options)) != 0) {
		int taken = take_option(&arguments, option);

		if (taken < 0)
			return STATUS_USAGE;
		if (!taken)
			return command_stop(option);
	}
	named = whose_is_named(&arguments.ask);
	argv += optind;
	argc -= optind;
	if (arguments.id)
		return argc > 0 ? error_usage("%s: too many arguments", argv[0])
				: why_id(arguments.id, arguments.audit);
	if (argc != (named ? 2 : 3))
		return error_usage("expected %sRIGHT or OPERATION, and PATH; or --id ID",
				   named ? "" : "USER, ");
	return explain_access(&arguments, named ? NULL : argv[0], argv[argc - 2], argv[argc - 1]);
}
