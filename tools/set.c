/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise set: replaces parts of a descriptor.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "acl/inherit.h"
#include "acl/sddl.h"
#include "change.h"
#include "command.h"
#include "error.h"

#define DESCRIPTOR_CLEANUP __attribute__((cleanup(descriptor_destroyp)))

/* characters of a wrong text that its error repeats */
#define NEAR_LENGTH 12

static void report_fault(const char *text, const struct sddl_fault *fault)
{
	size_t length = strlen(text);
	size_t offset = fault->offset < length ? fault->offset : length;

	if (offset == length)
		error_about("SDDL", "at offset %zu (at the end): expected %s", offset,
			    fault->expected);
	else
		error_about("SDDL", "at offset %zu (near \"%.*s\"): expected %s", offset,
			    NEAR_LENGTH, text + offset, fault->expected);
}

/* Reads @text, so that mistakes can be pointed at; reports them. */
static int parse(const char *text, struct descriptor **sd)
{
	struct sddl_fault fault = {0, "SDDL"};
	enum sd_error error = sddl_read(text, NULL, sd, &fault);

	if (error == SD_OK) {
		const struct descriptor *given = *sd;

		if (given->has_owner || given->has_group ||
		    (given->control & (SE_DACL_PRESENT | SE_SACL_PRESENT)))
			return STATUS_OK;
		error_about("SDDL", "names no part: expected O:, G:, D: or S:");
		return STATUS_USAGE;
	}
	if (error == SD_BAD_SYNTAX)
		report_fault(text, &fault);
	else
		error_about("SDDL", "%s", sd_strerror(error));
	return error == SD_NO_MEMORY ? STATUS_FAILED : STATUS_USAGE;
}

/* The parts of @given over what there is. */
static int make(void *context, const struct target *target, struct descriptor **to)
{
	const struct descriptor *given = context;
	struct descriptor *sd = descriptor_copy(target->sd);

	if (!sd || descriptor_merge(sd, given, PART_ALL) != SD_OK) {
		descriptor_destroy(sd);
		return error_report(target->path, ENOMEM);
	}
	*to = sd;
	return STATUS_OK;
}

int set_run(int argc, char **argv)
{
	static const struct option options[] = {
		CHANGE_OPTIONS,
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	DESCRIPTOR_CLEANUP struct descriptor *sd = NULL;
	struct change change = {.make = make};
	int option, status, count;

	while ((option = command_option(argc, argv, ":h" CHANGE_LETTERS, options)) != 0) {
		if (!change_option(&change, option))
			return command_stop(option);
	}
	count = argc - optind - 1;
	if (count < 0 || (count == 0 && !change.scope.files_from))
		return error_usage("expected one PATH and one SDDL text");
	status = parse(argv[argc - 1], &sd);
	if (status != STATUS_OK)
		return status;
	inherit_normalise(sd);
	change.context = sd;
	change.states_dacl = sd->control & SE_DACL_PRESENT;
	return change_paths(&change, argv + optind, count);
}
