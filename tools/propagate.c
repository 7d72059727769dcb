/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise propagate: hands down what a folder has to all that is in it, as Windows does by itself
 * whenever a folder's descriptor changes.
 */
#include "change.h"
#include "command.h"
#include "error.h"

/* What was named stays as it is. */
static int make(void *context, const struct target *target, struct descriptor **to)
{
	if (target->folder)
		return STATUS_OK;
	error_about(target->path, "not a folder");
	return STATUS_FAILED;
}

int propagate_run(int argc, char **argv)
{
	static const struct option options[] = {
		CHANGE_OPTIONS,
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct change change = {.make = make, .propagate = true};
	int option;

	while ((option = command_option(argc, argv, ":h" CHANGE_LETTERS, options)) != 0) {
		if (!change_option(&change, option))
			return command_stop(option);
	}
	change.scope.recursive = false; /* -R is what it does anyway */
	return change_paths(&change, argv + optind, argc - optind);
}
