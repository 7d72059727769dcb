/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What guise doctor found: gathered, and printed.
 */
#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "text.h"

#define NAME_WIDTH 12

static const char *const severity_names[SEVERITIES] = {
	[SEVERITY_OK] = "ok",
	[SEVERITY_NOTE] = "note",
	[SEVERITY_WARNING] = "warning",
	[SEVERITY_PROBLEM] = "problem",
};

const char *severity_name(enum severity severity)
{
	return severity_names[severity];
}

static struct finding *make_room(struct report *report)
{
	struct finding *more;
	size_t room = report->room ? 2 * report->room : 16;

	if (report->count < report->room)
		return &report->findings[report->count];
	more = reallocarray(report->findings, room, sizeof(*more));
	if (!more)
		return NULL;
	report->findings = more;
	report->room = room;
	return &more[report->count];
}

void report_add(struct report *report, const char *check, enum severity severity, const char *means,
		const char *advice, const char *format, ...)
{
	struct finding *finding = make_room(report);
	va_list arguments;
	char *what;

	va_start(arguments, format);
	if (vasprintf(&what, format, arguments) < 0)
		what = NULL;
	va_end(arguments);
	if (!finding || !what) {
		free(what);
		report->incomplete = true;
		return;
	}
	*finding = (struct finding){check, severity, what, means, advice};
	report->count++;
}

enum severity report_worst(const struct report *report)
{
	enum severity worst = SEVERITY_OK;

	for (size_t i = 0; i < report->count; i++) {
		if (report->findings[i].severity > worst)
			worst = report->findings[i].severity;
	}
	return worst;
}

static void print_finding(const struct finding *finding)
{
	printf("%-8s %-*s ", severity_name(finding->severity), NAME_WIDTH, finding->check);
	text_print(stdout, finding->what);
	putchar('\n');
	if (finding->means)
		printf("%*s%s\n", NAME_WIDTH + 10, "", finding->means);
	if (finding->advice)
		printf("%*sDo: %s\n", NAME_WIDTH + 10, "", finding->advice);
}

void report_print_text(const struct report *report)
{
	size_t counts[SEVERITIES] = {0};

	for (size_t i = 0; i < report->count; i++) {
		print_finding(&report->findings[i]);
		counts[report->findings[i].severity]++;
	}
	printf("%zu ok, %zu to note, %zu warning%s, %zu problem%s\n", counts[SEVERITY_OK],
	       counts[SEVERITY_NOTE], counts[SEVERITY_WARNING],
	       counts[SEVERITY_WARNING] == 1 ? "" : "s", counts[SEVERITY_PROBLEM],
	       counts[SEVERITY_PROBLEM] == 1 ? "" : "s");
}

/* Names of files may be any bytes; JSON is UTF-8. */
static json_t *json_words(const char *words)
{
	json_t *value = json_string(words);
	char *escaped;

	if (value)
		return value;
	escaped = text_escape(words, strlen(words));
	value = escaped ? json_string(escaped) : NULL;
	free(escaped);
	return value;
}

static json_t *json_finding(const struct finding *finding)
{
	return json_pack("{s:s, s:s, s:o, s:s?, s:s?}", "check", finding->check, "severity",
			 severity_name(finding->severity), "what", json_words(finding->what),
			 "means", finding->means, "do", finding->advice);
}

int report_print_json(const struct report *report)
{
	json_t *list = json_array(), *whole;
	int result = -ENOMEM;

	for (size_t i = 0; i < report->count; i++)
		json_array_append_new(list, json_finding(&report->findings[i]));
	whole = json_pack("{s:s, s:o}", "worst", severity_name(report_worst(report)), "findings",
			  list);
	if (whole && json_array_size(list) == report->count &&
	    json_dumpf(whole, stdout, JSON_INDENT(2)) == 0) {
		putchar('\n');
		result = 0;
	}
	json_decref(whole);
	return result;
}

/* A finding on its way between processes that have the same static texts at the same places. */
struct parcel {
	struct finding finding;
	size_t length; /* of what follows: what was found */
};

int report_send(const struct report *report, int fd)
{
	FILE *out = fdopen(fd, "w");

	if (!out || report->incomplete)
		return -ENOMEM;
	for (size_t i = 0; i < report->count; i++) {
		const struct finding *finding = &report->findings[i];
		struct parcel parcel = {*finding, strlen(finding->what)};

		fwrite(&parcel, sizeof(parcel), 1, out);
		fwrite(finding->what, parcel.length, 1, out);
	}
	return fclose(out) == 0 ? 0 : -EIO;
}

void report_take(struct report *report, const char *bytes, size_t size)
{
	struct parcel parcel;

	while (size >= sizeof(parcel)) {
		const struct finding *finding = &parcel.finding;

		memcpy(&parcel, bytes, sizeof(parcel));
		bytes += sizeof(parcel);
		size -= sizeof(parcel);
		if (parcel.length > size)
			break;
		report_add(report, finding->check, finding->severity, finding->means,
			   finding->advice, "%.*s", (int)parcel.length, bytes);
		bytes += parcel.length;
		size -= parcel.length;
	}
}

void report_clear(struct report *report)
{
	for (size_t i = 0; i < report->count; i++)
		free(report->findings[i].what);
	free(report->findings);
	*report = (struct report){0};
}
