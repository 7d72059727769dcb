/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise reset: gives objects the DACL that they would have if they were made in their folder now.
 */
#include <string.h>

#include "acl/inherit.h"
#include "acl/mask.h"
#include "change.h"
#include "command.h"
#include "error.h"
#include "lockout.h"

/* What a new object gets of a folder that hands nothing down. */
static enum sd_error append_default(struct acl *acl, const struct descriptor *sd)
{
	const struct ace own = ace_make(ACCESS_ALLOWED_ACE_TYPE, 0, FILE_ALL_ACCESS, &sd->owner);
	const struct ace system =
		ace_make(ACCESS_ALLOWED_ACE_TYPE, 0, FILE_ALL_ACCESS, &sid_system);
	bool owned = sd->has_owner && !sid_equal(&sd->owner, &sid_system);
	enum sd_error error = owned ? acl_append(acl, &own) : SD_OK;

	return error == SD_OK ? acl_append(acl, &system) : error;
}

static enum sd_error reset(const struct descriptor *parent, const struct target *target,
			   struct descriptor **to)
{
	__attribute__((cleanup(descriptor_destroyp))) struct descriptor *bare = NULL;
	struct acl *empty = acl_create();
	enum sd_error error;
	bool changed;

	bare = descriptor_copy(target->sd);
	if (!bare || !empty) {
		acl_destroy(empty);
		return SD_NO_MEMORY;
	}
	descriptor_set_dacl(bare, empty);
	bare->control &= (uint16_t) ~(SE_DACL_PROTECTED | SE_DACL_DEFAULTED);
	error = inherit_propagate(parent, bare, target->folder, to, &changed);
	if (error == SD_OK && (*to)->dacl->count == 0)
		error = append_default((*to)->dacl, *to);
	return error;
}

struct job {
	bool force; /* also lock the caller out */
};

static int make(void *context, const struct target *target, struct descriptor **to)
{
	__attribute__((cleanup(descriptor_destroyp))) struct descriptor *parent = NULL;
	const struct job *job = context;
	int status = change_parent(target, &parent);
	enum sd_error error;

	if (status != STATUS_OK)
		return status;
	if (!parent) {
		error_about(target->path, "it is in no folder from which it could inherit");
		return STATUS_FAILED;
	}
	error = reset(parent, target, to);
	if (error == SD_OK)
		return lockout_guard(target, to, job->force);
	error_about(target->path, "%s", sd_strerror(error));
	return STATUS_FAILED;
}

int reset_run(int argc, char **argv)
{
	static const struct option options[] = {
		CHANGE_OPTIONS,
		{"force", no_argument, NULL, 'f'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct job job = {0};
	struct change change = {.make = make, .context = &job, .states_dacl = true};
	int option;

	while ((option = command_option(argc, argv, ":h" CHANGE_LETTERS, options)) != 0) {
		if (option == 'f')
			job.force = true;
		else if (!change_option(&change, option))
			return command_stop(option);
	}
	return change_paths(&change, argv + optind, argc - optind);
}
