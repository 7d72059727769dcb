/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise copy: gives objects the descriptor, or the parts of it that are named, of another.
 */
#include <errno.h>
#include <string.h>

#include "acl/inherit.h"
#include "change.h"
#include "command.h"
#include "error.h"
#include "parts.h"
#include "single.h"

#define DESCRIPTOR_CLEANUP __attribute__((cleanup(descriptor_destroyp)))

enum copy_value {
	COPY_EXACT = CHANGE_END,
};

struct copy {
	struct descriptor *from;
	unsigned int parts;
	bool exact; /* inherited entries are copied, too, not taken from the folder anew */
};

/* The lists of @sd that take over what the folder hands down. */
static unsigned int inheriting(const struct descriptor *sd, unsigned int parts)
{
	unsigned int lists = 0;

	if ((parts & PART_DACL) && sd->dacl && !(sd->control & SE_DACL_PROTECTED))
		lists |= INHERIT_DACL;
	if ((parts & PART_SACL) && sd->sacl && !(sd->control & SE_SACL_PROTECTED))
		lists |= INHERIT_SACL;
	return lists;
}

static int report(const struct target *target, enum sd_error error)
{
	error_about(target->path, "%s", sd_strerror(error));
	return STATUS_FAILED;
}

/* Replaces the inherited entries of *@to by what the folder of @target hands down. */
static int inherit_anew(const struct copy *copy, const struct target *target,
			struct descriptor **to)
{
	DESCRIPTOR_CLEANUP struct descriptor *parent = NULL;
	unsigned int lists = inheriting(*to, copy->parts);
	struct descriptor *joined;
	enum sd_error error;
	int status;

	if (copy->exact || !lists)
		return STATUS_OK;
	status = change_parent(target, &parent);
	if (status != STATUS_OK || !parent)
		return status;
	error = inherit_unprotect(parent, *to, target->folder, lists, &joined);
	if (error != SD_OK)
		return report(target, error);
	descriptor_destroy(*to);
	*to = joined;
	return STATUS_OK;
}

static int make(void *context, const struct target *target, struct descriptor **to)
{
	const struct copy *copy = context;
	enum sd_error error;
	int status;

	*to = descriptor_copy(target->sd);
	error = *to ? descriptor_merge(*to, copy->from, copy->parts) : SD_NO_MEMORY;
	status = error == SD_OK ? inherit_anew(copy, target, to) : report(target, error);
	if (status != STATUS_OK) {
		descriptor_destroy(*to);
		*to = NULL;
	}
	return status;
}

/* Reads what is copied, which must have the parts. */
static int read_from(struct copy *copy, const struct scope *scope, const char *path)
{
	unsigned int missing;
	bool folder;
	int status = single_read(scope, path, &copy->from, &folder);

	if (status != STATUS_OK)
		return status;
	missing = copy->parts & ~descriptor_parts(copy->from);
	if (!missing)
		return STATUS_OK;
	error_about(path, "it has no %s%s",
		    missing & PART_OWNER   ? "owner"
		    : missing & PART_GROUP ? "group"
		    : missing & PART_DACL  ? "DACL"
					   : "SACL",
		    missing == PART_SACL ? " that you may see" : "");
	return STATUS_FAILED;
}

int copy_run(int argc, char **argv)
{
	static const struct option options[] = {
		CHANGE_OPTIONS,
		PARTS_OPTIONS,
		{"exact", no_argument, NULL, COPY_EXACT},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct copy copy = {0};
	struct change change = {.make = make, .context = &copy};
	int option, status;

	while ((option = command_option(argc, argv, ":h" CHANGE_LETTERS, options)) != 0) {
		if (option == COPY_EXACT)
			copy.exact = true;
		else if (!parts_option(&copy.parts, option) && !change_option(&change, option))
			return command_stop(option);
	}
	if (optind >= argc)
		return error_usage("expected FROM and TO");
	copy.parts = copy.parts ? copy.parts : PART_DACL;
	change.states_dacl = copy.parts & PART_DACL;
	status = read_from(&copy, &change.scope, argv[optind]);
	if (status == STATUS_OK)
		status = change_paths(&change, argv + optind + 1, argc - optind - 1);
	descriptor_destroy(copy.from);
	return status;
}
