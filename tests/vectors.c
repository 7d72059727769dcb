/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The vector driver: compares acl/ with recorded answers of other programs.
 *
 *   vectors [--kind KIND] FILE...       files of JSON lines, or recordings of Windows
 *   vectors --recordings FILE...        the same, below the folder that the environment variable
 *                                       GUISE_VECTORS names; skipped (exit code 77) without it
 *
 * Files may be compressed by gzip.  The kind of a file is told by its base name, unless it is
 * given. Each mismatch is printed, with file, line and field; the last line counts.  The exit
 * status is 1 if any case failed.
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
#define FIRST_ROOM 65536
#define MAX_SIZE (256u << 20)

/* What a kind of line must have, whoever reads it: fields that are texts. */
struct line_kind {
	const char *name;
	const char *texts[3];
};

static const struct line_kind sddl_lines[] = {
	{"valid", {"sddl", "sd"}},
	{"invalid", {"sddl"}},
	{NULL},
};

static const struct line_kind ntacl_lines[] = {
	{"encode", {"blob", "sd", "sd_nt"}},
	{"recorded", {"blob", "sd", "sd_nt"}},
	{"invalid", {"blob", "what"}},
	{NULL},
};

static const struct line_kind inherit_lines[] = {
	{"systematic", {"parent"}},
	{"random", {"parent"}},
	{"duplicates", {"parent"}},
	{"sacl", {"parent"}},
	{NULL},
};

/*
 * A file whose base name starts with @name is of this kind; longer names first.  One of the
 * functions reads it.
 */
static const struct kind {
	const char *name;
	void (*line)(json_t *line, struct vector_report *report);     /* a JSON object a line */
	void (*object)(json_t *object, struct vector_report *report); /* one JSON object */
	void (*text)(char *line, struct vector_report *report);       /* "input -> output" */
	void (*whole)(char *text, struct vector_report *report);      /* another text */
	const struct line_kind *line_kinds; /* values of the field "kind"; NULL: it has none */
} kinds[] = {
	{"access-disputed", vectors_access},
	{"access", vectors_access},
	{"inherit", vectors_inherit, .line_kinds = inherit_lines},
	{"sddl", vectors_sddl, .line_kinds = sddl_lines},
	{"ntacl", vectors_ntacl, .line_kinds = ntacl_lines},
	{"label", vectors_label},
	{"fs", vectors_fs},
	{"short-ordinary-acls", .object = vectors_windows},
	{"registry-object-rights", .object = vectors_windows},
	{"oversize-acls", .object = vectors_windows},
	{"short-conditional-and-resource-aces", .object = vectors_windows},
	{"conditional_aces.json", .object = vectors_windows},
	{"canonical", .text = vectors_accepted},
	{"non_canonical", .text = vectors_accepted},
	{"windows_is_less_fussy", .text = vectors_accepted},
	{"windows_is_weird", .text = vectors_weird},
	{"conditional_aces_should_fail", .text = vectors_refused},
	{"conditional_aces", .text = vectors_accepted},
	{"should_fail", .text = vectors_refused},
	{"windows_is_fussy", .text = vectors_refused},
	{"xattr_NTACL", .whole = vectors_dump},
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

/* The kind called @name, or of the file with that base name; tells the known ones if there is none.
 */
static const struct kind *find_kind(const char *name, bool of_file)
{
	for (size_t i = 0; i < KIND_COUNT; i++) {
		size_t length = of_file ? strlen(kinds[i].name) : strlen(name) + 1;

		if (strncmp(name, kinds[i].name, length) == 0)
			return &kinds[i];
	}
	fprintf(stderr, "vectors: %s: unknown kind; known are:", name);
	for (size_t i = 0; i < KIND_COUNT; i++)
		fprintf(stderr, " %s", kinds[i].name);
	fputc('\n', stderr);
	return NULL;
}

/* Everything that is left in @file, with a NUL behind it; NULL if it cannot be read. */
static char *read_all(gzFile file, size_t *size)
{
	size_t room = FIRST_ROOM;
	char *text = malloc(room);
	*size = 0;
	while (text) {
		int count = gzread(file, text + *size, (unsigned int)(room - *size - 1));
		if (count < 0 || room > MAX_SIZE)
			break;
		*size += (size_t)count;
		text[*size] = '\0';
		if (count == 0)
			return text;
		if (*size + 1 == room) {
			char *more = realloc(text, room *= 2);
			if (!more)
				break;
			text = more;
		}
	}
	free(text);
	return NULL;
}

/* Has the line all that its kind must have?  Reports what is missing. */
static bool check_line(const struct kind *kind, const json_t *line, struct vector_report *report)
{
	if (!json_is_object(line)) {
		report_fail(report, "line expected a JSON object got another value");
		return false;
	}
	if (!kind->line_kinds)
		return true;
	const char *name = need_text(line, "kind", report);
	if (!name)
		return false;
	for (const struct line_kind *known = kind->line_kinds; known->name; known++) {
		if (strcmp(known->name, name) != 0)
			continue;
		for (size_t i = 0; i < 3 && known->texts[i]; i++) {
			if (!need_text(line, known->texts[i], report))
				return false;
		}
		return true;
	}
	report_fail(report, "kind expected one of a %s file got %s", kind->name, name);
	return false;
}

static void read_json_line(const struct kind *kind, const char *text, size_t size,
			   struct vector_report *report)
{
	json_error_t error;
	json_t *line = json_loadb(text, size, 0, &error);
	if (!line) {
		report_fail(report, "line expected JSON got %s", error.text);
		return;
	}
	const char *id = json_string_value(json_object_get(line, "id"));
	report->id = id ? id : "";
	if (check_line(kind, line, report))
		kind->line(line, report);
	report->id = "";
	json_decref(line);
}

/* An object all of whose values are texts. */
static void read_object(const struct kind *kind, const char *text, size_t size,
			struct vector_report *report)
{
	json_error_t error;
	json_t *object = json_loadb(text, size, 0, &error);
	const char *name;
	json_t *value;
	bool texts = true;
	if (!object) {
		report->line = (unsigned long)error.line;
		report_fail(report, "file expected JSON got %s", error.text);
		return;
	}
	json_object_foreach(object, name, value) texts = texts && json_is_string(value);
	if (json_is_object(object) && texts)
		kind->object(object, report);
	else
		report_fail(report, "file expected a JSON object of texts got another value");
	json_decref(object);
}

/* One line, @size bytes and a NUL. */
static void read_line(const struct kind *kind, char *text, size_t size,
		      struct vector_report *report)
{
	if (kind->line)
		read_json_line(kind, text, size, report);
	else if (strlen(text) < size)
		report_fail(report, "line expected text got a NUL");
	else
		kind->text(text, report);
}

static void read_text(const struct kind *kind, char *text, size_t size,
		      struct vector_report *report)
{
	if (kind->object) {
		read_object(kind, text, size, report);
		return;
	}
	if (kind->whole) {
		kind->whole(text, report);
		return;
	}
	for (size_t at = 0; at < size; at++) {
		char *line = text + at;
		char *end = memchr(line, '\n', size - at);
		size_t length = end ? (size_t)(end - line) : size - at;
		line[length] = '\0';
		at += length;
		report->line++;
		if (length)
			read_line(kind, line, length, report);
	}
}

/* A file of @kind; NULL: its name tells. */
static int read_file(const char *path, const struct kind *kind, struct vector_report *report)
{
	if (!kind)
		kind = find_kind(base_name(path), true);
	if (!kind)
		return -1;
	size_t size = 0;
	gzFile file = gzopen(path, "rb");
	char *text = file ? read_all(file, &size) : NULL;
	if (file)
		gzclose(file);
	if (!text) {
		fprintf(stderr, "vectors: %s: cannot be read: %s\n", path, strerror(errno));
		return -1;
	}
	report->file = base_name(path);
	report->line = 0;
	report->id = "";
	read_text(kind, text, size, report);
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

static int usage(void)
{
	fprintf(stderr, "usage: vectors [--kind KIND] FILE...\n"
			"       vectors --recordings FILE...\n");
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct vector_report report = {.id = ""};
	const struct kind *kind = NULL;
	argv++;
	if (*argv && strcmp(*argv, "--recordings") == 0)
		return read_recordings(argv + 1, &report);
	if (*argv && strcmp(*argv, "--kind") == 0) {
		if (!argv[1])
			return usage();
		kind = find_kind(argv[1], false);
		if (!kind)
			return EXIT_FAILURE;
		argv += 2;
	}
	if (!*argv)
		return usage();
	for (; *argv; argv++) {
		if (read_file(*argv, kind, &report) < 0)
			return EXIT_FAILURE;
	}
	return finish(&report);
}
