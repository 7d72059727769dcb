/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise show: the descriptors of files and folders.
 */
#include <stdio.h>
#include <string.h>

#include "acl/sddl.h"
#include "command.h"
#include "error.h"
#include "format.h"
#include "keyring/scoped.h"
#include "object.h"
#include "people.h"
#include "text.h"
#include "walk.h"

#define DESCRIPTOR_CLEANUP __attribute__((cleanup(descriptor_destroyp)))

static const char *const origin_notes[] = {
	[ORIGIN_MOUNT] = "",
	[ORIGIN_STORED] = " (stored in security.NTACL)",
	[ORIGIN_IMPLIED] = " (implied by mode)",
	[ORIGIN_FILE] = "",
};

struct show {
	struct scope scope;
	enum format format;
	bool several;
	bool begun; /* something was printed */
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

static int print_text(const char *path, bool folder, const struct descriptor *sd,
		      enum origin origin)
{
	int error;

	fputs("name:   ", stdout);
	text_print_name(stdout, path);
	printf("%s\n", origin_notes[origin]);
	error = people_print(sd, folder);
	return error < 0 ? error_report(path, -error) : STATUS_OK;
}

static int print_json(const char *path, bool folder, const struct descriptor *sd,
		      enum origin origin)
{
	json_t *object = json_object();
	int error;

	if (format_put_path(object, path) < 0) {
		json_decref(object);
		return error_report(path, ENOMEM);
	}
	json_object_update_new(object, format_descriptor(sd, folder, origin));
	error = format_print(object);
	return error < 0 ? error_report(path, -error) : STATUS_OK;
}

static int print_raw(const char *path, const struct descriptor *sd)
{
	SCOPED_BUFFER uint8_t *bytes = NULL;
	enum sd_error fault;
	size_t size;

	fault = descriptor_write(sd, &bytes, &size);
	if (fault != SD_OK) {
		error_about(path, "%s", sd_strerror(fault));
		return STATUS_FAILED;
	}
	fwrite(bytes, 1, size, stdout);
	return STATUS_OK;
}

static int print(struct show *show, const struct visit *visit, const struct descriptor *sd,
		 enum origin origin)
{
	bool folder = visit->object->folder;

	switch (show->format) {
	case FORMAT_SDDL:
		return print_sddl(visit->path, sd, show->several);
	case FORMAT_JSON:
		return print_json(visit->path, folder, sd, origin);
	case FORMAT_RAW:
		return print_raw(visit->path, sd);
	default:
		if (show->begun)
			putchar('\n');
		show->begun = true;
		return print_text(visit->path, folder, sd, origin);
	}
}

static int show_visit(void *context, const struct visit *visit)
{
	DESCRIPTOR_CLEANUP struct descriptor *sd = NULL;
	enum origin origin;
	int error;

	if (visit->passed)
		return STATUS_OK;
	error = object_read(visit->object, &sd, &origin);

	if (error < 0)
		return object_report_read(visit->path, -error);
	return print(context, visit, sd, origin);
}

static int show_paths(struct show *show, char **paths, int count)
{
	const struct walk walk = {.scope = &show->scope, .visit = show_visit, .context = show};
	int status = scope_check(&show->scope, count);

	show->several = count != 1 || show->scope.recursive;
	if (status == STATUS_OK && show->format == FORMAT_RAW && show->several)
		return error_usage("--format raw is for one PATH");
	return status == STATUS_OK ? walk_paths(&walk, paths, count) : status;
}

int show_run(int argc, char **argv)
{
	enum { OPTION_FORMAT = SCOPE_END };
	static const struct option options[] = {
		SCOPE_OPTIONS,
		{"format", required_argument, NULL, OPTION_FORMAT},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	const unsigned int formats =
		1u << FORMAT_TEXT | 1u << FORMAT_SDDL | 1u << FORMAT_JSON | 1u << FORMAT_RAW;
	struct show show = {.scope.keep_going = true};
	int option, status;

	while ((option = command_option(argc, argv, ":h" SCOPE_LETTERS, options)) != 0) {
		if (option == OPTION_FORMAT) {
			status = format_read(optarg, formats, &show.format);
			if (status != STATUS_OK)
				return status;
		} else if (!scope_option(&show.scope, option)) {
			return command_stop(option);
		}
	}
	return show_paths(&show, argv + optind, argc - optind);
}
