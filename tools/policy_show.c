/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise policy show: the policy that a mount has in force.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "error.h"
#include "mountpoint.h"
#include "object.h"
#include "text.h"

#define ATTRIBUTE_POLICY "system.guise.policy"

/* "." if that is on a guisefs mount, else the first one; its name to *@name (caller frees). */
static int open_any(struct object *object, char **name)
{
	int fd, error = object_open(".", object);

	if (error == 0 && object->guisefs) {
		*name = strdup(".");
		return *name ? 0 : -ENOMEM;
	}
	object_close(object);
	fd = mountpoint_open_first(name);
	return fd < 0 ? fd : object_adopt(fd, object);
}

static void print_lines(char *text)
{
	char *rest = text;

	for (char *line; (line = strsep(&rest, "\n"));) {
		if (!rest && !*line)
			break;
		text_print(stdout, line);
		putchar('\n');
	}
}

static int show(const char *path)
{
	OBJECT_CLEANUP struct object object = OBJECT_NONE;
	TEXT_CLEANUP char *name = NULL;
	TEXT_CLEANUP char *text = NULL;
	size_t size;
	int error = path ? object_open(path, &object) : open_any(&object, &name);

	if (error == 0 && !object.guisefs) {
		error_about(path, "not on a guisefs mount");
		return STATUS_FAILED;
	}
	if (error == 0)
		error = object_attribute(&object, ATTRIBUTE_POLICY, &text, &size);
	if (error == -EPERM) {
		error_say("only root may see a mount's policy");
		return STATUS_DENIED;
	}
	if (error < 0 && !path && !name) {
		error_say("%s", error_text(-error));
		return error_status(-error);
	}
	if (error < 0)
		return error_report(path ? path : name, -error);
	print_lines(text);
	return STATUS_OK;
}

int policy_show_run(int argc, char **argv)
{
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option = command_option(argc, argv, ":h", options);

	if (option != 0)
		return command_stop(option);
	if (argc - optind > 1)
		return error_usage("%s: more than one PATH", argv[optind + 1]);
	return show(optind < argc ? argv[optind] : NULL);
}
