/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The vector driver: compares acl/ with recorded answers of other programs.
 *
 *   vectors [--kind KIND] FILE...       files of JSON lines, or recordings of Windows
 *   vectors --recordings FILE...        the same, below the folder that the environment variable
 *                                       GUISE_VECTORS names; skipped (exit code 77) without it
 *
 * The kind of a file is told by its base name.  Each mismatch is printed; the last line counts.
 */
#include "vectors.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define EXIT_SKIPPED 77
#define FIRST_LINE_ROOM 65536
#define MAX_LINE (64u << 20)

typedef void (*line_reader)(json_t *line, struct vector_report *report);

static void vectors_disputed(json_t *line, struct vector_report *report)
{
	report_skip(report, "disputed between the programs asked");
}

static void vectors_mounted(json_t *line, struct vector_report *report)
{
	report_skip(report, "operations of a file server are tested on a mount");
}

static void vectors_label(json_t *line, struct vector_report *report)
{
	report_skip(report, "mandatory labels are not checked");
}

/* A file whose base name starts with @name is of this kind; longer names first. */
static const struct kind {
	const char *name;
	line_reader lines;                                            /* JSON lines */
	void (*object)(json_t *object, struct vector_report *report); /* one JSON object */
	void (*text)(char *line, struct vector_report *report);       /* "input -> output" */
} kinds[] = {
	{"access-disputed", vectors_disputed, NULL, NULL},
	{"access", vectors_access, NULL, NULL},
	{"inherit", vectors_inherit, NULL, NULL},
	{"sddl", vectors_sddl, NULL, NULL},
	{"ntacl", vectors_ntacl, NULL, NULL},
	{"label", vectors_label, NULL, NULL},
	{"fs", vectors_mounted, NULL, NULL},
	{"short-ordinary-acls", NULL, vectors_windows, NULL},
	{"registry-object-rights", NULL, vectors_windows, NULL},
	{"oversize-acls", NULL, vectors_windows, NULL},
	{"short-conditional-and-resource-aces", NULL, vectors_windows, NULL},
	{"conditional_aces.json", NULL, vectors_windows, NULL},
	{"canonical", NULL, NULL, vectors_accepted},
	{"non_canonical", NULL, NULL, vectors_accepted},
	{"windows_is_less_fussy", NULL, NULL, vectors_accepted},
	{"windows_is_weird", NULL, NULL, vectors_weird},
	{"conditional_aces_should_fail", NULL, NULL, vectors_refused},
	{"conditional_aces", NULL, NULL, vectors_accepted},
	{"should_fail", NULL, NULL, vectors_refused},
	{"windows_is_fussy", NULL, NULL, vectors_refused},
};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

void report_pass(struct vector_report *report)
{
	report->passed++;
}

void report_fail(struct vector_report *report, const char *format, ...)
{
	va_list arguments;
	report->failed++;
	printf("%s:%lu %s ", report->file, report->line, report->id);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

void report_skip(struct vector_report *report, const char *reason)
{
	report->skipped++;
	for (size_t i = 0; i < REPORT_MAX_REASONS; i++) {
		if (!report->reasons[i].reason)
			report->reasons[i].reason = reason;
		if (strcmp(report->reasons[i].reason, reason) == 0) {
			report->reasons[i].count++;
			return;
		}
	}
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static const struct kind *find_kind(const char *name)
{
	for (size_t i = 0; i < KIND_COUNT; i++) {
		if (strncmp(name, kinds[i].name, strlen(kinds[i].name)) == 0)
			return &kinds[i];
	}
	return NULL;
}

/* Everything that is left in @file, with a NUL; NULL if it cannot be read. */
static char *read_all(gzFile file)
{
	size_t size = 0, room = FIRST_LINE_ROOM;
	char *text = malloc(room);
	while (text) {
		int count = gzread(file, text + size, (unsigned int)(room - size - 1));
		if (count < 0 || room > MAX_LINE)
			break;
		size += (size_t)count;
		text[size] = '\0';
		if (count == 0)
			return text;
		if (size + 1 == room) {
			char *more = realloc(text, room *= 2);
			if (!more)
				break;
			text = more;
		}
	}
	free(text);
	return NULL;
}

static void read_json_line(const struct kind *kind, const char *text, struct vector_report *report)
{
	json_error_t error;
	json_t *line = json_loads(text, 0, &error);
	if (!line) {
		report_fail(report, "line expected JSON got %s", error.text);
		return;
	}
	const char *id = json_string_value(json_object_get(line, "id"));
	report->id = id ? id : "";
	kind->lines(line, report);
	report->id = "";
	json_decref(line);
}

static void read_object(const struct kind *kind, const char *text, struct vector_report *report)
{
	json_error_t error;
	json_t *object = json_loads(text, 0, &error);
	if (!object) {
		report_fail(report, "file expected JSON got %s", error.text);
		return;
	}
	kind->object(object, report);
	json_decref(object);
}

static void read_text(const struct kind *kind, char *text, struct vector_report *report)
{
	if (kind->object) {
		read_object(kind, text, report);
		return;
	}
	while (*text) {
		char *end = strchrnul(text, '\n');
		char *next = *end ? end + 1 : end;
		*end = '\0';
		report->line++;
		if (*text && kind->lines)
			read_json_line(kind, text, report);
		else if (*text)
			kind->text(text, report);
		text = next;
	}
}

static int read_file(const char *path, const char *kind_name, struct vector_report *report)
{
	const struct kind *kind = find_kind(kind_name ? kind_name : base_name(path));
	if (!kind) {
		fprintf(stderr, "vectors: %s: unknown kind of file\n", path);
		return -1;
	}
	gzFile file = gzopen(path, "rb");
	char *text = file ? read_all(file) : NULL;
	if (file)
		gzclose(file);
	if (!text) {
		fprintf(stderr, "vectors: %s: cannot be read: %s\n", path, strerror(errno));
		return -1;
	}
	report->file = base_name(path);
	report->line = 0;
	report->id = "";
	read_text(kind, text, report);
	free(text);
	return 0;
}

static int finish(const struct vector_report *report)
{
	for (size_t i = 0; i < REPORT_MAX_REASONS && report->reasons[i].reason; i++)
		printf("skipped %lu: %s\n", report->reasons[i].count, report->reasons[i].reason);
	printf("%lu passed, %lu failed", report->passed, report->failed);
	if (report->skipped)
		printf(", %lu skipped", report->skipped);
	putchar('\n');
	return report->failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int read_recordings(char **names, struct vector_report *report)
{
	const char *folder = getenv("GUISE_VECTORS");
	if (!folder || access(folder, R_OK) < 0) {
		printf("GUISE_VECTORS names no folder of recordings\n");
		return EXIT_SKIPPED;
	}
	for (; *names; names++) {
		char *path;
		if (asprintf(&path, "%s/%s", folder, *names) < 0)
			return EXIT_FAILURE;
		int result = read_file(path, NULL, report);
		free(path);
		if (result < 0)
			return EXIT_FAILURE;
	}
	return finish(report);
}

int main(int argc, char **argv)
{
	struct vector_report report = {.id = ""};
	const char *kind = NULL;
	argv++;
	if (*argv && strcmp(*argv, "--recordings") == 0)
		return read_recordings(argv + 1, &report);
	if (*argv && strcmp(*argv, "--kind") == 0 && argv[1]) {
		kind = argv[1];
		argv += 2;
	}
	if (!*argv) {
		fprintf(stderr, "usage: vectors [--kind KIND] FILE...\n"
				"       vectors --recordings FILE...\n");
		return EXIT_FAILURE;
	}
	for (; *argv; argv++) {
		if (read_file(*argv, kind, &report) < 0)
			return EXIT_FAILURE;
	}
	return finish(&report);
}
