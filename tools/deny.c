/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise deny: denies somebody something.
 */
#include "addition.h"
#include "command.h"

int deny_run(int argc, char **argv)
{
	static const struct option options[] = {
		CHANGE_OPTIONS,
		{"force", no_argument, NULL, 'f'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct addition addition = {.deny = true};
	int option;

	while ((option = command_option(argc, argv, ":h" CHANGE_LETTERS, options)) != 0) {
		if (option == 'f')
			addition.force = true;
		else if (!change_option(&addition.change, option))
			return command_stop(option);
	}
	return addition_run(&addition, argv + optind, argc - optind);
}
