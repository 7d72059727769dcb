/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise token list: the token keys of the calling user.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "command.h"
#include "error.h"
#include "keyring/grant.h"
#include "parse.h"
#include "people.h"
#include "text.h"

#define FOR_WIDTH 24

/* The names of the accounts that @text is for, separated by commas (caller frees). */
static char *audience_names(const struct token_text *text)
{
	char *names = NULL;
	size_t size;
	FILE *out = open_memstream(&names, &size);

	for (size_t i = 0; out && i < text->audience_count; i++) {
		TEXT_CLEANUP char *name = people_principal(&text->audience[i]);

		fprintf(out, "%s%s", i > 0 ? "," : "", name ? name : "?");
	}
	if (out && fclose(out) != 0) {
		free(names);
		return NULL;
	}
	return names;
}

static const char *ends_in(const struct token_text *text, char buffer[SECONDS_MAX_TEXT])
{
	return text->has_until ? format_left(text->until, buffer) : "never";
}

/* One of the notes in parentheses behind a line; *@any tells whether there was one before. */
__attribute__((format(printf, 2, 3))) static void note(bool *any, const char *format, ...)
{
	va_list arguments;

	fputs(*any ? ", " : " (", stdout);
	*any = true;
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
}

static void print_notes(const struct grant_info *grant)
{
	const struct token_text *text = &grant->text;
	bool any = false;

	if (grant->state == GRANT_WRITABLE)
		note(&any, "refused: others could change it");
	if (text->parent.serial)
		note(&any, "narrows %" PRId32, text->parent.serial);
	if (text->has_user) {
		TEXT_CLEANUP char *name = people_principal(&text->user);

		note(&any, "as %s", name ? name : "?");
	}
	if (text->has_rights) {
		TEXT_CLEANUP char *words = people_rights(text->rights, false);

		note(&any, "only %s", words ? words : "?");
	}
	if (text->has_share)
		note(&any, "share %s", text->share);
	puts(any ? ")" : "");
}

static int print_grant(const struct grant_info *grant, void *context)
{
	TEXT_CLEANUP char *names = NULL;
	char left[SECONDS_MAX_TEXT];
	bool *any = context;

	if (!*any)
		printf("%-10s  %-11s  %-*s  %s\n", "SERIAL", "LEVEL", FOR_WIDTH, "FOR", "ENDS IN");
	*any = true;
	if (grant->state == GRANT_MALFORMED) {
		printf("%-10" PRId32 "  malformed\n", grant->serial);
		return 0;
	}
	names = audience_names(&grant->text);
	if (!names)
		return -ENOMEM;
	printf("%-10" PRId32 "  %-11s  ", grant->serial,
	       grant->text.has_level ? token_level_name(grant->text.level) : "default");
	text_pad(stdout, names, FOR_WIDTH);
	printf("  %s", ends_in(&grant->text, left));
	print_notes(grant);
	return 0;
}

int token_list_run(int argc, char **argv)
{
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option = command_option(argc, argv, ":h", options);
	bool any = false;
	int error;

	if (option != 0)
		return command_stop(option);
	if (optind < argc)
		return error_usage("%s: no argument is expected here", argv[optind]);
	error = grant_list(print_grant, &any);
	if (error < 0) {
		error_say("%s", error_text(-error));
		return error_status(-error);
	}
	return STATUS_OK;
}
