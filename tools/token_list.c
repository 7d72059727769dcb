/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise token list: the token keys of the calling user.
 */
#include <errno.h>
#include <inttypes.h>
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
	printf("%-10" PRId32 "  %-11s  ", grant->serial, token_level_name(grant->text.level));
	text_pad(stdout, names, FOR_WIDTH);
	printf("  %s%s\n", ends_in(&grant->text, left),
	       grant->state == GRANT_WRITABLE ? " (refused: others could change it)" : "");
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
