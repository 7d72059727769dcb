/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise propagate: hands down what a folder has to all that is in it, as Windows does by itself
 * whenever a folder's descriptor changes.
 */
#include "acl/inherit.h"
#include "change.h"
#include "command.h"
#include "error.h"

/* What was named hands down, and stays. */
static int make(void *context, const struct target *target, struct descriptor **to)
{
	enum sd_error error;
	bool changed;

	if (target->named && target->folder)
		return STATUS_OK;
	if (target->named) {
		error_about(target->path, "not a folder");
		return STATUS_FAILED;
	}
	error = inherit_propagate(target->above, target->sd, target->folder, to, &changed);
	if (error == SD_OK)
		return STATUS_OK;
	error_about(target->path, "%s", sd_strerror(error));
	return STATUS_FAILED;
}

int propagate_run(int argc, char **argv)
{
	static const struct option options[] = {
		CHANGE_OPTIONS,
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct change change = {.make = make, .scope.recursive = true};
	int option;

	while ((option = command_option(argc, argv, ":h" CHANGE_LETTERS, options)) != 0) {
		if (!change_option(&change, option))
			return command_stop(option);
	}
	return change_paths(&change, argv + optind, argc - optind);
}
