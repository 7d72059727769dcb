/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise diff: what differs between the descriptors of two objects, or two trees.
 */
#include <string.h>

#include "command.h"
#include "diff_report.h"
#include "diff_trees.h"
#include "error.h"
#include "single.h"

#define DESCRIPTOR_CLEANUP __attribute__((cleanup(descriptor_destroyp)))

static int diff_two(const struct scope *scope, enum format format, const char *a, const char *b,
		    bool *differs)
{
	DESCRIPTOR_CLEANUP struct descriptor *left = NULL;
	DESCRIPTOR_CLEANUP struct descriptor *right = NULL;
	struct diff_side sides[] = {{.name = a}, {.name = b}};
	int status = single_read(scope, a, &left, &sides[0].folder);

	if (status == STATUS_OK)
		status = single_read(scope, b, &right, &sides[1].folder);
	if (status != STATUS_OK)
		return status;
	sides[0].sd = left;
	sides[1].sd = right;
	return diff_report(format, &sides[0], &sides[1], differs);
}

int diff_run(int argc, char **argv)
{
	enum { OPTION_FORMAT = SCOPE_END };
	static const struct option options[] = {
		{"recursive", no_argument, NULL, 'R'},
		{"one-file-system", no_argument, NULL, 'x'},
		{"descriptor", no_argument, NULL, SCOPE_DESCRIPTOR},
		{"folder", no_argument, NULL, SCOPE_FOLDER},
		{"format", required_argument, NULL, OPTION_FORMAT},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct scope scope = {.keep_going = true};
	enum format format = FORMAT_TEXT;
	bool differs = false;
	int option, status;

	while ((option = command_option(argc, argv, ":hRx", options)) != 0) {
		if (option == OPTION_FORMAT) {
			status = format_read(optarg, 1 << FORMAT_TEXT | 1 << FORMAT_JSON, &format);
			if (status != STATUS_OK)
				return status;
		} else if (!scope_option(&scope, option)) {
			return command_stop(option);
		}
	}
	if (argc - optind != 2)
		return error_usage("expected two PATHs");
	status = scope_check(&scope, 2);
	if (status != STATUS_OK)
		return status;
	status = scope.recursive
			 ? diff_trees(&scope, format, argv[optind], argv[optind + 1], &differs)
			 : diff_two(&scope, format, argv[optind], argv[optind + 1], &differs);
	/* what could not be read does not differ */
	if (status == STATUS_OK)
		return differs ? STATUS_DENIED : STATUS_OK;
	return status == STATUS_DENIED ? STATUS_FAILED : status;
}
