/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One descriptor that an argument names.
 */
#include "single.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "error.h"
#include "walk.h"

struct single {
	struct descriptor *sd;
	bool folder;
};

static int single_visit(void *context, const struct visit *visit)
{
	struct single *single = context;
	enum origin origin;
	int error = object_read(visit->object, &single->sd, &origin);

	single->folder = visit->object->folder;
	return error < 0 ? object_report_read(visit->path, -error) : STATUS_OK;
}

int single_read(const struct scope *scope, const char *path, struct descriptor **sd, bool *folder)
{
	struct scope one = *scope;
	struct single single = {0};
	const struct walk walk = {.scope = &one, .visit = single_visit, .context = &single};
	char *copy = strdup(path);
	int status;

	if (!copy)
		return error_report(path, ENOMEM);
	one.recursive = false;
	one.files_from = NULL;
	status = walk_paths(&walk, &copy, 1);
	free(copy);
	if (status != STATUS_OK)
		return status;
	*sd = single.sd;
	*folder = single.folder;
	return STATUS_OK;
}
