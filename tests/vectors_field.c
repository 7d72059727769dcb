/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fields of vector cases: what a case cannot do without is read here or reported.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/vectors.h"

bool vector_mask(const json_t *line, const char *name, uint32_t *mask)
{
	const char *text = json_string_value(json_object_get(line, name));
	unsigned long value;
	char *end;

	/* strtoul() would take blanks and a sign */
	if (!text || strncmp(text, "0x", 2) != 0 || !strspn(text + 2, "0123456789abcdefABCDEF"))
		return false;
	errno = 0;
	value = strtoul(text, &end, 16);
	if (*end || errno || value > UINT32_MAX)
		return false;
	*mask = (uint32_t)value;
	return true;
}

/* Says that @name is not @what, and what is there instead. */
static void report_field(const json_t *line, const char *name, const char *what,
			 struct vector_report *report)
{
	const json_t *value = json_object_get(line, name);
	char *text = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;

	report_fail(report, "%s expected %s got %.80s", name, what, text ? text : "nothing");
	free(text);
}

const char *need_text(const json_t *line, const char *name, struct vector_report *report)
{
	const char *text = json_string_value(json_object_get(line, name));

	if (!text)
		report_field(line, name, "a text", report);
	return text;
}

bool need_flag(const json_t *line, const char *name, bool *flag, struct vector_report *report)
{
	const json_t *value = json_object_get(line, name);

	*flag = json_is_true(value);
	if (json_is_boolean(value))
		return true;
	report_field(line, name, "true or false", report);
	return false;
}

bool need_mask(const json_t *line, const char *name, uint32_t *mask, struct vector_report *report)
{
	if (vector_mask(line, name, mask))
		return true;
	report_field(line, name, "a mask", report);
	return false;
}

bool need_sid(const json_t *line, const char *name, struct sid *sid, struct vector_report *report)
{
	if (vector_sid(line, name, sid))
		return true;
	report_field(line, name, "a SID", report);
	return false;
}

struct descriptor *need_descriptor(const json_t *line, const char *name,
				   struct vector_report *report)
{
	struct descriptor *sd = vector_descriptor(line, name);

	if (!sd)
		report_field(line, name, "a descriptor", report);
	return sd;
}

const json_t *need_list(const json_t *line, const char *name, bool texts,
			struct vector_report *report)
{
	const json_t *list = json_object_get(line, name);
	json_t *item;
	size_t i;

	if (!json_is_array(list)) {
		report_field(line, name, "a list", report);
		return NULL;
	}
	json_array_foreach(list, i, item)
	{
		if (texts && !json_is_string(item)) {
			report_field(line, name, "a list of texts", report);
			return NULL;
		}
	}
	return list;
}

bool need_type(const json_t *line, bool *folder, struct vector_report *report)
{
	const char *type = need_text(line, "type", report);

	if (!type)
		return false;
	*folder = strcmp(type, "dir") == 0;
	if (*folder || strcmp(type, "file") == 0)
		return true;
	report_fail(report, "type expected file or dir got %s", type);
	return false;
}
