/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise set: replaces parts of a descriptor.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

#include "acl/sddl.h"
#include "command.h"
#include "error.h"
#include "object.h"
#include "text.h"

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

/* Names the rights that setting the parts of @sd takes. */
static void report_denied(const char *path, const struct descriptor *sd)
{
	bool owner = sd->has_owner || sd->has_group;
	bool dacl = sd->control & SE_DACL_PRESENT;
	bool sacl = sd->control & SE_SACL_PRESENT;

	error_about(path, "permission denied: this needs %s%s%s%s%s", owner ? "WRITE_OWNER" : "",
		    owner && (dacl || sacl) ? ", " : "", dacl ? "WRITE_DAC" : "",
		    dacl && sacl ? ", " : "", sacl ? "SeSecurityPrivilege" : "");
}

static int report(const char *path, int error, const struct descriptor *sd)
{
	switch (error) {
	case EACCES:
		report_denied(path, sd);
		return STATUS_DENIED;
	case EPERM:
		error_about(path, "this owner or group may only be given with SeRestorePrivilege");
		return STATUS_DENIED;
	case EINVAL:
		error_about(path, "the mount does not take this descriptor");
		return STATUS_USAGE;
	default:
		return error_report(path, error);
	}
}

static int set_path(const char *path, const char *text, const struct descriptor *sd)
{
	OBJECT_CLEANUP struct object object = OBJECT_NONE;
	int error = object_open(path, &object);

	if (error < 0)
		return error_report(path, -error);
	if (!object.guisefs) {
		error_about(path, "not on a guisefs mount; the descriptors of a backing folder are "
				  "set through its mount");
		return STATUS_FAILED;
	}
	if (setxattr(object.link, ATTRIBUTE_SDDL, text, strlen(text), 0) < 0)
		return report(path, errno, sd);
	return STATUS_OK;
}

int set_run(int argc, char **argv)
{
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	DESCRIPTOR_CLEANUP struct descriptor *sd = NULL;
	int option = command_option(argc, argv, ":h", options);
	int status;

	if (option != 0)
		return command_stop(option);
	if (argc - optind != 2)
		return error_usage("expected one PATH and one SDDL text");
	status = parse(argv[optind + 1], &sd);
	if (status != STATUS_OK)
		return status;
	return set_path(argv[optind], argv[optind + 1], sd);
}
