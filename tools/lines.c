/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A descriptor as lines of text.
 */
#include "lines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "entry.h"
#include "exact.h"
#include "people.h"
#include "text.h"

/* control bits that are not said by what follows them; SE_SELF_RELATIVE says nothing */
static const struct {
	uint16_t bit;
	const char *name;
} control_bits[] = {
	{SE_OWNER_DEFAULTED, "SE_OWNER_DEFAULTED"},
	{SE_GROUP_DEFAULTED, "SE_GROUP_DEFAULTED"},
	{SE_DACL_DEFAULTED, "SE_DACL_DEFAULTED"},
	{SE_SACL_DEFAULTED, "SE_SACL_DEFAULTED"},
	{SE_DACL_TRUSTED, "SE_DACL_TRUSTED"},
	{SE_SERVER_SECURITY, "SE_SERVER_SECURITY"},
	{SE_DACL_AUTO_INHERIT_REQ, "SE_DACL_AUTO_INHERIT_REQ"},
	{SE_SACL_AUTO_INHERIT_REQ, "SE_SACL_AUTO_INHERIT_REQ"},
	{SE_DACL_AUTO_INHERITED, "SE_DACL_AUTO_INHERITED"},
	{SE_SACL_AUTO_INHERITED, "SE_SACL_AUTO_INHERITED"},
	{SE_DACL_PROTECTED, "SE_DACL_PROTECTED"},
	{SE_SACL_PROTECTED, "SE_SACL_PROTECTED"},
	{SE_RM_CONTROL_VALID, "SE_RM_CONTROL_VALID"},
};

int lines_add(struct lines *lines, char *text)
{
	if (!text)
		return -ENOMEM;
	if (lines->count == lines->room) {
		size_t room = lines->room ? lines->room * 2 : 16;
		char **items = reallocarray(lines->items, room, sizeof(*items));

		if (!items) {
			free(text);
			return -ENOMEM;
		}
		lines->items = items;
		lines->room = room;
	}
	lines->items[lines->count++] = text;
	return 0;
}

void lines_clear(struct lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		free(lines->items[i]);
	free(lines->items);
	*lines = (struct lines){0};
}

static char *labelled(const char *label, const char *text)
{
	char *line;

	if (!text || asprintf(&line, "%-8s %s", label, text) < 0)
		return NULL;
	return line;
}

/* Two principals may have one name, so that the SID follows it. */
static int add_principal(struct lines *lines, const char *label, bool has, const struct sid *sid)
{
	TEXT_CLEANUP char *name = has ? people_name(sid) : NULL;
	TEXT_CLEANUP char *both = NULL;
	char text[SID_MAX_TEXT];

	if (!has)
		return lines_add(lines, labelled(label, "none"));
	sid_format(sid, text);
	if (!name)
		return lines_add(lines, labelled(label, text));
	if (asprintf(&both, "%s (%s)", name, text) < 0)
		both = NULL;
	return lines_add(lines, labelled(label, both));
}

static int add_control(struct lines *lines, const struct descriptor *sd)
{
	TEXT_CLEANUP char *words = NULL;
	const char *space = "";
	size_t size;
	FILE *out = open_memstream(&words, &size);

	if (!out)
		return -ENOMEM;
	for (size_t i = 0; i < sizeof(control_bits) / sizeof(control_bits[0]); i++) {
		if (!(sd->control & control_bits[i].bit))
			continue;
		fprintf(out, "%s%s", space, control_bits[i].name);
		space = " ";
	}
	if (sd->sbz1)
		fprintf(out, "%sRM_CONTROL=0x%02x", space, sd->sbz1);
	if (fclose(out) != 0)
		return -ENOMEM;
	return size ? lines_add(lines, labelled("control:", words)) : 0;
}

/* One entry, as it can be written to a terminal. */
static char *entry_text(const struct ace *ace, bool sacl)
{
	TEXT_CLEANUP char *text = NULL;

	if (entry_is_plain(ace)) {
		enum sd_error error = entry_write(ace, &text);

		if (error != SD_OK && error != SD_NO_TEXT)
			return NULL;
	}
	if (!text)
		text = exact_ace(ace, sacl);
	return text ? text_escape(text, strlen(text)) : NULL;
}

static int add_list(struct lines *lines, const char *label, const struct acl *acl, bool present,
		    bool sacl)
{
	int error = 0;

	if (!present)
		return lines_add(lines, labelled(label, "none"));
	if (!acl)
		return lines_add(lines, labelled(label, "null"));
	if (acl->count == 0)
		return lines_add(lines, labelled(label, "empty"));
	for (size_t i = 0; i < acl->count && error == 0; i++) {
		TEXT_CLEANUP char *entry = entry_text(&acl->aces[i], sacl);

		error = lines_add(lines, labelled(label, entry));
	}
	return error;
}

int lines_of(const struct descriptor *sd, struct lines *lines)
{
	int error;

	if (!sd)
		return 0;
	error = add_principal(lines, "owner:", sd->has_owner, &sd->owner);
	if (error == 0)
		error = add_principal(lines, "group:", sd->has_group, &sd->group);
	if (error == 0)
		error = add_control(lines, sd);
	if (error == 0)
		error = add_list(lines, "dacl:", sd->dacl, sd->control & SE_DACL_PRESENT, false);
	if (error == 0)
		error = add_list(lines, "sacl:", sd->sacl, sd->control & SE_SACL_PRESENT, true);
	return error;
}
