/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise show: the descriptors of files and folders.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "acl/sddl.h"
#include "command.h"
#include "error.h"
#include "object.h"
#include "people.h"
#include "text.h"

#define DESCRIPTOR_CLEANUP __attribute__((cleanup(descriptor_destroyp)))

enum format {
	FORMAT_TEXT,
	FORMAT_SDDL,
};

static const char *const origin_notes[] = {
	[ORIGIN_MOUNT] = "",
	[ORIGIN_STORED] = " (stored in security.NTACL)",
	[ORIGIN_IMPLIED] = " (implied by mode)",
};

/* Reports @error of reading the descriptor of @path; returns the exit status. */
static int report(const char *path, int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
		error_about(path, "permission denied: reading a descriptor needs READ_CONTROL");
		return STATUS_DENIED;
	case ENODATA:
		error_about(path, "not on a guisefs mount, and no descriptor is stored here");
		return STATUS_FAILED;
	case EBADMSG:
		error_about(path, "its descriptor is damaged");
		return STATUS_FAILED;
	default:
		return error_report(path, error);
	}
}

/* As the mount gives it in text, which is checked before it is believed. */
static int mounted_text(const struct object *object, struct descriptor **sd)
{
	TEXT_CLEANUP char *text = NULL;
	size_t size = 0;
	int error = object_attribute(object, ATTRIBUTE_SDDL, &text, &size);

	if (error < 0)
		return error;
	if (strlen(text) != size)
		return -EBADMSG;
	switch (sddl_read(text, NULL, sd, NULL)) {
	case SD_OK:
		return 0;
	case SD_NO_MEMORY:
		return -ENOMEM;
	default:
		return -EBADMSG;
	}
}

/* As the mount gives it in binary, for parts that have no text. */
static int mounted_binary(const struct object *object, struct descriptor **sd)
{
	TEXT_CLEANUP char *bytes = NULL;
	size_t size = 0;
	int error = object_attribute(object, ATTRIBUTE_BINARY, &bytes, &size);

	if (error < 0)
		return error;
	switch (descriptor_read((const uint8_t *)bytes, size, sd)) {
	case SD_OK:
		return 0;
	case SD_NO_MEMORY:
		return -ENOMEM;
	default:
		return -EBADMSG;
	}
}

static int read_descriptor(const struct object *object, struct descriptor **sd, enum origin *origin)
{
	int error;

	if (!object->guisefs)
		return object_backing(object, sd, origin);
	*origin = ORIGIN_MOUNT;
	error = mounted_text(object, sd);
	return error == -EOPNOTSUPP ? mounted_binary(object, sd) : error;
}

static int print_sddl(const char *path, const struct descriptor *sd, bool several)
{
	TEXT_CLEANUP char *text = NULL;
	enum sd_error fault = sddl_write(sd, NULL, &text);

	if (fault != SD_OK) {
		error_about(path, "%s", sd_strerror(fault));
		return STATUS_FAILED;
	}
	if (several) {
		text_print_name(stdout, path);
		fputs(": ", stdout);
	}
	text_print(stdout, text);
	putchar('\n');
	return STATUS_OK;
}

static int print_text(const char *path, const struct object *object, const struct descriptor *sd,
		      enum origin origin)
{
	int error;

	fputs("name:   ", stdout);
	text_print_name(stdout, path);
	printf("%s\n", origin_notes[origin]);
	error = people_print(sd, object->folder);
	return error < 0 ? error_report(path, -error) : STATUS_OK;
}

static int show_path(const char *path, enum format format, bool several)
{
	OBJECT_CLEANUP struct object object = OBJECT_NONE;
	DESCRIPTOR_CLEANUP struct descriptor *sd = NULL;
	enum origin origin = ORIGIN_MOUNT;
	int error = object_open(path, &object);

	if (error < 0)
		return error_report(path, -error);
	error = read_descriptor(&object, &sd, &origin);
	if (error < 0)
		return report(path, -error);
	return format == FORMAT_SDDL ? print_sddl(path, sd, several)
				     : print_text(path, &object, sd, origin);
}

static int show_paths(char **paths, int count, enum format format)
{
	int worst = STATUS_OK;

	for (int i = 0; i < count; i++) {
		int status = show_path(paths[i], format, count > 1);

		if (format == FORMAT_TEXT && status == STATUS_OK && i + 1 < count)
			putchar('\n');
		if (status != STATUS_OK)
			worst = count > 1 ? STATUS_PARTIAL : status;
	}
	return worst;
}

int show_run(int argc, char **argv)
{
	static const struct option options[] = {
		{"format", required_argument, NULL, 'f'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	enum format format = FORMAT_TEXT;
	int option;

	while ((option = command_option(argc, argv, ":h", options)) != 0) {
		if (option != 'f')
			return command_stop(option);
		if (strcmp(optarg, "sddl") == 0)
			format = FORMAT_SDDL;
		else if (strcmp(optarg, "text") != 0)
			return error_usage("--format %s: expected text or sddl", optarg);
		else
			format = FORMAT_TEXT;
	}
	if (optind >= argc)
		return error_usage("no PATH given");
	return show_paths(argv + optind, argc - optind, format);
}
