/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise whoami: the identity that a guisefs mount sees.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "error.h"
#include "keyring/whoami.h"
#include "mountpoint.h"
#include "object.h"
#include "parse.h"
#include "people.h"
#include "text.h"

/* keys of system.guise.whoami, in the order they are printed */
static const struct {
	const char *key;
	const char *label;
} fields[] = {
	{"user", "user:"},
	{"group", "groups:"},
	{"level", "level:"},
	{"actor", "actor:"},
	{"until", "ends in:"},
	{"rights", "rights:"},
	{"privilege", "privileges:"},
};

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

static void print_sid(const char *text)
{
	struct sid sid;
	const char *end;

	if (sid_parse(text, &sid, &end) && *end == '\0') {
		people_print_sid(&sid);
		return;
	}
	text_print(stdout, text);
	putchar('\n');
}

static void print_until(const char *text)
{
	char left[SECONDS_MAX_TEXT];
	char *end;
	int64_t until;

	errno = 0;
	until = strtoll(text, &end, 10);
	if (errno || end == text || *end) {
		text_print(stdout, text);
		putchar('\n');
		return;
	}
	puts(format_left(until, left));
}

static void print_rights(const char *text)
{
	char *end;
	unsigned long rights;

	errno = 0;
	rights = strtoul(text, &end, 16);
	if (errno || end == text || *end || rights > UINT32_MAX) {
		text_print(stdout, text);
	} else {
		TEXT_CLEANUP char *words = people_rights((uint32_t)rights, false);

		fputs(words ? words : text, stdout);
	}
	putchar('\n');
}

static void print_value(const char *key, const char *value)
{
	if (strcmp(key, "user") == 0 || strcmp(key, "group") == 0 || strcmp(key, "actor") == 0) {
		print_sid(value);
	} else if (strcmp(key, "until") == 0) {
		print_until(value);
	} else if (strcmp(key, "rights") == 0) {
		print_rights(value);
	} else {
		text_print(stdout, value);
		putchar('\n');
	}
}

/* Splits @text into lines, in place; returns their number in *@count.  NULL without memory. */
static char **split(char *text, size_t *count)
{
	size_t room = 1;
	char **lines;
	char *rest = NULL;

	for (const char *at = text; *at; at++)
		room += *at == '\n';
	lines = calloc(room, sizeof(*lines));
	if (!lines)
		return NULL;
	*count = 0;
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		lines[(*count)++] = line;
	return lines;
}

static void print_text(const char *path, char **lines, size_t count)
{
	fputs("mount:      ", stdout);
	text_print_name(stdout, path);
	putchar('\n');
	for (size_t i = 0; i < FIELDS; i++) {
		const char *label = fields[i].label;

		for (size_t n = 0; n < count; n++) {
			const char *value = whoami_value(lines[n], fields[i].key);

			if (!value)
				continue;
			printf("%-12s", label);
			print_value(fields[i].key, value);
			label = "";
		}
	}
}

static void print_raw(char **lines, size_t count)
{
	for (size_t n = 0; n < count; n++) {
		text_print(stdout, lines[n]);
		putchar('\n');
	}
}

/* Opens @path, or what stands for it if it is NULL; its name goes to *@name (caller frees). */
static int open_mount(const char *path, struct object *object, char **name)
{
	int fd;
	int error;

	if (path) {
		*name = strdup(path);
		return *name ? object_open(path, object) : -ENOMEM;
	}
	fd = open(".", O_PATH | O_CLOEXEC);
	if (fd >= 0) {
		error = object_adopt(fd, object);
		if (error < 0)
			return error;
		if (object->guisefs) {
			*name = strdup(".");
			return *name ? 0 : -ENOMEM;
		}
		object_close(object);
	}
	fd = mountpoint_open_first(name);
	return fd < 0 ? fd : object_adopt(fd, object);
}

static int whoami(const char *path, bool raw)
{
	OBJECT_CLEANUP struct object object = OBJECT_NONE;
	TEXT_CLEANUP char *name = NULL;
	TEXT_CLEANUP char *text = NULL;
	size_t size;
	size_t count;
	char **lines;
	int error = open_mount(path, &object, &name);

	if (error == 0 && !object.guisefs) {
		error_about(name, "not on a guisefs mount");
		return STATUS_FAILED;
	}
	if (error == 0)
		error = object_attribute(&object, ATTRIBUTE_WHOAMI, &text, &size);
	if (error < 0 && !name) {
		error_say("%s", error_text(-error));
		return error_status(-error);
	}
	if (error < 0)
		return error_report(name, -error);
	lines = split(text, &count);
	if (!lines)
		return error_report(name, ENOMEM);
	if (raw)
		print_raw(lines, count);
	else
		print_text(name, lines, count);
	free(lines);
	return STATUS_OK;
}

int whoami_run(int argc, char **argv)
{
	static const struct option options[] = {
		{"format", required_argument, NULL, 'f'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	bool raw = false;
	int option;

	while ((option = command_option(argc, argv, ":h", options)) != 0) {
		if (option != 'f')
			return command_stop(option);
		raw = strcmp(optarg, "raw") == 0;
		if (!raw && strcmp(optarg, "text") != 0)
			return error_usage("--format %s: expected text or raw", optarg);
	}
	if (argc - optind > 1)
		return error_usage("%s: more than one PATH", argv[optind + 1]);
	return whoami(optind < argc ? argv[optind] : NULL, raw);
}
