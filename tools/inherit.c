/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise inherit: whether an object takes over what its folder hands down.
 */
#include "acl/inherit.h"

#include <string.h>

#include "change.h"
#include "command.h"
#include "error.h"
#include "lockout.h"

enum mode { MODE_ON, MODE_COPY, MODE_OFF };

struct job {
	enum mode mode;
	unsigned int lists; /* INHERIT_… */
	bool force;         /* also lock the caller out */
};

static int report(const struct target *target, enum sd_error error)
{
	error_about(target->path, "%s", sd_strerror(error));
	return STATUS_FAILED;
}

static int join(const struct job *job, const struct target *target, struct descriptor **to)
{
	__attribute__((cleanup(descriptor_destroyp))) struct descriptor *parent = NULL;
	int status = change_parent(target, &parent);
	enum sd_error error;

	if (status != STATUS_OK)
		return status;
	if (!parent) {
		error_about(target->path, "it is in no folder from which it could inherit");
		return STATUS_FAILED;
	}
	error = inherit_unprotect(parent, target->sd, target->folder, job->lists, to);
	if (error != SD_OK)
		return report(target, error);
	if (!(job->lists & INHERIT_DACL) || !((*to)->control & SE_DACL_PROTECTED))
		return STATUS_OK;
	error_about(target->path,
		    "its order keeps it from inheriting: it is not canonical, and stays "
		    "protected; see guise verify, and guise reset");
	return STATUS_FAILED;
}

static int make(void *context, const struct target *target, struct descriptor **to)
{
	const struct job *job = context;
	enum sd_error error;

	if (job->mode == MODE_ON)
		return join(job, target, to);
	error = inherit_protect(target->sd, job->lists,
				job->mode == MODE_COPY ? INHERIT_COPY : INHERIT_DROP, to);
	return error == SD_OK ? lockout_guard(target, to, job->force) : report(target, error);
}

static int find_mode(const char *text, enum mode *mode)
{
	static const char *const names[] = {"on", "copy", "off"};

	for (int i = 0; i < 3; i++) {
		if (strcmp(text, names[i]) == 0) {
			*mode = (enum mode)i;
			return STATUS_OK;
		}
	}
	return error_usage("%s: expected on, copy or off", text);
}

int inherit_run(int argc, char **argv)
{
	enum { OPTION_SACL = CHANGE_END };
	static const struct option options[] = {
		CHANGE_OPTIONS,
		{"sacl", no_argument, NULL, OPTION_SACL},
		{"force", no_argument, NULL, 'f'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct job job = {.lists = INHERIT_DACL};
	struct change change = {.make = make, .context = &job};
	int option, status;

	while ((option = command_option(argc, argv, ":h" CHANGE_LETTERS, options)) != 0) {
		if (option == OPTION_SACL)
			job.lists = INHERIT_SACL;
		else if (option == 'f')
			job.force = true;
		else if (!change_option(&change, option))
			return command_stop(option);
	}
	if (optind >= argc)
		return error_usage("expected on, copy or off");
	status = find_mode(argv[optind++], &job.mode);
	return status == STATUS_OK ? change_paths(&change, argv + optind, argc - optind) : status;
}
