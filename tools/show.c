/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise show: the descriptors of files and folders.
 */
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
	[ORIGIN_FILE] = "",
};

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
	error = object_read(&object, &sd, &origin);
	if (error < 0)
		return object_report_read(path, -error);
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
