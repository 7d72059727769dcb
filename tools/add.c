/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise add: allows somebody something, or has it audited.
 */
#include <string.h>

#include "addition.h"
#include "command.h"
#include "error.h"

/* "success", "failure" or both; 0 if @text is neither. */
static uint8_t read_audit(const char *text)
{
	if (strcmp(text, "success") == 0)
		return SUCCESSFUL_ACCESS_ACE_FLAG;
	if (strcmp(text, "failure") == 0)
		return FAILED_ACCESS_ACE_FLAG;
	if (strcmp(text, "success,failure") == 0 || strcmp(text, "failure,success") == 0)
		return SUCCESSFUL_ACCESS_ACE_FLAG | FAILED_ACCESS_ACE_FLAG;
	return 0;
}

int add_run(int argc, char **argv)
{
	static const struct option options[] = {
		CHANGE_OPTIONS,
		{"replace", no_argument, NULL, 'r'},
		{"audit", required_argument, NULL, 'a'},
		{"force", no_argument, NULL, 'f'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct addition addition = {0};
	int option;

	while ((option = command_option(argc, argv, ":h" CHANGE_LETTERS, options)) != 0) {
		if (option == 'r')
			addition.replace = true;
		else if (option == 'f')
			addition.force = true;
		else if (option == 'a')
			addition.audit = read_audit(optarg);
		else if (!change_option(&addition.change, option))
			return command_stop(option);
		if (option == 'a' && !addition.audit)
			return error_usage("--audit %s: expected success, failure or "
					   "success,failure",
					   optarg);
	}
	return addition_run(&addition, argv + optind, argc - optind);
}
