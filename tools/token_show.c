/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise token show: all of a token key.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "command.h"
#include "error.h"
#include "keyring/grant.h"
#include "parse.h"
#include "people.h"
#include "text.h"

#define GRANT_CLEANUP __attribute__((cleanup(grant_free)))

static void print_label(const char *label)
{
	printf("%-12s", label);
}

static void print_sids(const char *label, const struct sid *sids, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		print_label(i == 0 ? label : "");
		people_print_sid(&sids[i]);
	}
}

static void print_state(const struct grant_info *grant)
{
	print_label("state:");
	if (grant->state == GRANT_MALFORMED)
		printf("refused: malformed: line %u: expected %s\n", grant->fault.line,
		       grant->fault.expected);
	else if (grant->state == GRANT_WRITABLE)
		puts("refused: others than its owner could change it");
	else
		puts("valid");
}

static void print_until(const struct token_text *text)
{
	char left[SECONDS_MAX_TEXT];
	char clock[40];
	time_t until = (time_t)text->until;
	struct tm tm;

	if (!text->has_until)
		return;
	print_label("ends in:");
	fputs(format_left(text->until, left), stdout);
	if (localtime_r(&until, &tm) &&
	    strftime(clock, sizeof(clock), "%Y-%m-%d %H:%M:%S %z", &tm) > 0)
		printf(" (%s)", clock);
	putchar('\n');
}

static void print_privileges(uint32_t privileges)
{
	const char *label = "privileges:";

	for (uint32_t bit = 1; bit != 0; bit <<= 1) {
		const char *name = privileges & bit ? token_privilege_name(bit) : NULL;

		if (!name)
			continue;
		print_label(label);
		puts(name);
		label = "";
	}
}

static void print_parent(const struct token_parent *parent)
{
	const struct sid owner = sid_from_uid(parent->owner);

	print_label("narrows:");
	printf("%" PRId32 "\n", parent->serial);
	print_label("  owner:");
	people_print_sid(&owner);
	print_label("  key:");
	puts(parent->name);
}

static void print_restrictions(const struct token_text *text)
{
	if (text->parent.serial)
		print_parent(&text->parent);
	if (text->has_rights) {
		TEXT_CLEANUP char *words = people_rights(text->rights, false);

		print_label("rights:");
		puts(words ? words : "?");
	}
	if (text->has_share) {
		print_label("share:");
		puts(text->share);
	}
	if (text->has_user)
		print_sids("user:", &text->user, 1);
	print_sids("groups:", text->groups, text->group_count);
	print_privileges(text->privileges);
}

static void print_grant(const struct grant_info *grant)
{
	const struct sid owner = sid_from_uid(grant->owner);

	print_label("serial:");
	printf("%" PRId32 "\n", grant->serial);
	print_sids("owner:", &owner, 1);
	print_label("key:");
	text_print(stdout, grant->description);
	putchar('\n');
	print_state(grant);
	if (grant->state == GRANT_MALFORMED)
		return;
	print_label("level:");
	puts(grant->text.has_level ? token_level_name(grant->text.level) : "the host's default");
	print_sids("for:", grant->text.audience, grant->text.audience_count);
	print_until(&grant->text);
	print_restrictions(&grant->text);
}

static int report(const char *serial, int error)
{
	switch (error) {
	case ENOKEY:
		error_about(serial, "there is no such token key");
		break;
	case EKEYREVOKED:
		error_about(serial, "it is revoked");
		break;
	case EKEYEXPIRED:
		error_about(serial, "it has expired");
		break;
	case EKEYREJECTED:
		error_about(serial, "this key is no token key");
		break;
	default:
		return error_report(serial, error);
	}
	return error_status(error);
}

int token_show_run(int argc, char **argv)
{
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	GRANT_CLEANUP struct grant_info grant = {0};
	int option = command_option(argc, argv, ":h", options);
	int32_t serial;
	int error;

	if (option != 0)
		return command_stop(option);
	if (argc - optind != 1)
		return error_usage("expected one SERIAL");
	if (!parse_serial(argv[optind], &serial))
		return parse_serial_error(argv[optind]);
	error = grant_read(serial, &grant);
	if (error == 0 && grant.state == GRANT_REVOKED)
		error = -EKEYREVOKED;
	if (error == 0 && grant.state == GRANT_EXPIRED)
		error = -EKEYEXPIRED;
	if (error < 0)
		return report(argv[optind], -error);
	print_grant(&grant);
	return STATUS_OK;
}
