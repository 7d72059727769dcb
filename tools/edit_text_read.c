/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading a descriptor that people have edited.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "acl/mask.h"
#include "edit_text.h"
#include "entry.h"
#include "keyring/idmap.h"

enum field { FIELD_OWNER, FIELD_GROUP, FIELD_DACL, FIELD_SACL, FIELDS };

static const char *const field_names[FIELDS] = {"owner", "group", "dacl", "sacl"};

struct reader {
	const struct descriptor *from;
	struct descriptor *to;
	struct edit_fault *fault;
	size_t line;
	bool seen[FIELDS];
	enum field list;  /* the list that entries belong to; FIELDS: none has begun */
	size_t inherited; /* place in the list of @from behind the last inherited ACE seen */
	bool may_drop;    /* its inherited ACEs must go */
};

static int fail(struct reader *reader, size_t line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int fail(struct reader *reader, size_t line, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vasprintf(&reader->fault->why, format, arguments);
	va_end(arguments);
	if (length < 0) {
		reader->fault->why = NULL;
		return -ENOMEM;
	}
	reader->fault->line = line;
	return -EINVAL;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Where the comment of @line begins, or its end: at '#' after a blank, but not within an ACE. */
static char *find_comment(char *line)
{
	bool quoted = false;
	int depth = 0;
	char *at;

	for (at = line; *at; at++) {
		if (*at == '"')
			quoted = !quoted;
		else if (!quoted && *line == '(')
			depth += (*at == '(') - (*at == ')');
		if (*at == '#' && !quoted && depth == 0 && (at == line || is_blank(at[-1])))
			break;
	}
	return at;
}

/* Cuts off a comment and blanks at both ends. */
static char *trim(char *line)
{
	char *end;

	while (is_blank(*line))
		line++;
	end = find_comment(line);
	while (end > line && is_blank(end[-1]))
		end--;
	*end = '\0';
	return line;
}

/* The field that @line begins, and what it says of it; FIELDS if it begins none. */
static enum field field_of(char *line, char **value)
{
	for (enum field field = FIELD_OWNER; field < FIELDS; field++) {
		size_t length = strlen(field_names[field]);

		if (strncasecmp(line, field_names[field], length) == 0 && line[length] == ':') {
			*value = line + length + 1;
			while (is_blank(**value))
				++*value;
			return field;
		}
	}
	return FIELDS;
}

static int read_principal(struct reader *reader, const char *value, bool *has, struct sid *sid)
{
	if (strcmp(value, "none") == 0) {
		if (*has)
			return fail(reader, reader->line,
				    "an owner or group cannot be taken away, "
				    "only given to another");
		return 0;
	}
	if (!idmap_sid_parse(value, sid))
		return fail(reader, reader->line,
			    "%s: expected an account or group that this host knows, a SID, uid:N "
			    "or gid:N",
			    value);
	*has = true;
	return 0;
}

/* --- lists --- */

static const struct acl *list_before(const struct reader *reader)
{
	return reader->list == FIELD_SACL ? reader->from->sacl : reader->from->dacl;
}

static struct acl **list_after(struct reader *reader)
{
	return reader->list == FIELD_SACL ? &reader->to->sacl : &reader->to->dacl;
}

static int missing(struct reader *reader, const struct ace *ace)
{
	char *text = NULL;
	int error;

	if (entry_write(ace, &text) != SD_OK)
		text = NULL;
	error = fail(
		reader, reader->line,
		"an inherited entry is missing before this: %s; it is changed in the folder it "
		"comes from, or with guise inherit",
		text ? text : "one that has no text");
	free(text);
	return error;
}

/* Nothing more comes in the list: has every inherited ACE been there? */
static int end_list(struct reader *reader)
{
	const struct acl *before = reader->list < FIELDS ? list_before(reader) : NULL;

	for (; before && !reader->may_drop && reader->inherited < before->count;
	     reader->inherited++) {
		if (before->aces[reader->inherited].flags & INHERITED_ACE)
			return missing(reader, &before->aces[reader->inherited]);
	}
	return 0;
}

/* The words after "dacl:" or "sacl:". */
static int read_words(struct reader *reader, char *value, bool *protected, bool *null)
{
	char *rest = NULL;

	*protected = false;
	*null = false;
	for (char *word = strtok_r(value, " \t,", &rest); word;
	     word = strtok_r(NULL, " \t,", &rest)) {
		if (strcasecmp(word, "protected") == 0)
			*protected = true;
		else if (strcasecmp(word, "null") == 0)
			*null = true;
		else
			return fail(reader, reader->line,
				    "%s: expected protected, null or the end of the line; entries "
				    "stand in lines of their own",
				    word);
	}
	return 0;
}

static int begin_list(struct reader *reader, enum field field, char *value)
{
	bool sacl = field == FIELD_SACL;
	uint16_t present = sacl ? SE_SACL_PRESENT : SE_DACL_PRESENT;
	uint16_t mark = sacl ? SE_SACL_PROTECTED : SE_DACL_PROTECTED;
	bool protected = false, null = false;
	int error = end_list(reader);

	if (error == 0)
		error = read_words(reader, value, &protected, &null);
	if (error < 0)
		return error;
	reader->list = field;
	reader->inherited = 0;
	reader->may_drop = null || (protected && !(reader->from->control & mark));
	if (!protected && (reader->from->control & mark))
		return fail(reader, reader->line,
			    "to inherit again is for guise inherit on, which takes over what the "
			    "folder hands down");
	if (protected)
		reader->to->control |= mark;
	/* a list that was absent gives as much as one that is null */
	if (null) {
		reader->to->control |= reader->from->control & present;
		if (list_before(reader))
			reader->to->control |= present;
		return 0;
	}
	reader->to->control |= present;
	*list_after(reader) = acl_create();
	return *list_after(reader) ? 0 : -ENOMEM;
}

static bool has_equal(const struct acl *list, const struct ace *ace)
{
	for (size_t i = 0; list && i < list->count; i++) {
		if (ace_equal(&list->aces[i], ace))
			return true;
	}
	return false;
}

/* An inherited ACE must be the next one that there was. */
static int check_inherited(struct reader *reader, const struct ace *ace)
{
	const struct acl *before = list_before(reader);
	size_t i = reader->inherited;

	if (reader->may_drop)
		return fail(reader, reader->line,
			    "a list that is protected anew has no inherited entries: take out this "
			    "line, or its (I) to keep it as the object's own");
	while (before && i < before->count && !(before->aces[i].flags & INHERITED_ACE))
		i++;
	if (!before || i == before->count || !ace_equal(&before->aces[i], ace))
		return fail(reader, reader->line,
			    "inherited entries cannot be changed, added or moved here: they are "
			    "changed in the folder they come from, or with guise inherit");
	reader->inherited = i + 1;
	return 0;
}

static int append(struct reader *reader, const struct ace *ace)
{
	struct ace stored = *ace;
	bool decides = ace_type_is_allow(ace->type) || ace_type_is_deny(ace->type);
	enum sd_error error;
	int fault = 0;

	if (!ace->opaque && decides != (reader->list == FIELD_DACL))
		return fail(reader, reader->line, "%s",
			    decides ? "what allows or denies belongs in the dacl"
				    : "what neither allows nor denies belongs in the sacl");
	if (ace->flags & INHERITED_ACE)
		fault = check_inherited(reader, ace);
	else if (decides && !(ace->flags & INHERIT_ONLY_ACE) &&
		 !has_equal(list_before(reader), ace))
		stored.mask = mask_map_generic(stored.mask);
	if (fault < 0)
		return fault;
	error = acl_append(*list_after(reader), &stored);
	if (error == SD_NO_MEMORY)
		return -ENOMEM;
	return error ? fail(reader, reader->line, "%s", sd_strerror(error)) : 0;
}

/* "@3": the third ACE of the list as it was. */
static int read_kept(struct reader *reader, const char *line)
{
	const struct acl *before = list_before(reader);
	char *end;
	unsigned long number = strtoul(line + 1, &end, 10);

	if (end == line + 1 || *end || line[1] == '-' || number < 1 || !before ||
	    number > before->count)
		return fail(reader, reader->line, "%s: there was no such entry", line);
	return append(reader, &before->aces[number - 1]);
}

static int read_entry(struct reader *reader, const char *line)
{
	struct entry_fault fault;
	struct ace ace;
	enum sd_error error;
	int result;

	if (reader->list == FIELDS)
		return fail(reader, reader->line, "expected owner:, group:, dacl: or sacl:");
	if (!*list_after(reader))
		return fail(reader, reader->line,
			    "a list that is null, which gives everybody full control, has no "
			    "entries: take out \"null\" to have these");
	if (*line == '@')
		return read_kept(reader, line);
	error = entry_read(line, &ace, &fault);
	if (error) {
		char *why = entry_explain(line, error, &fault);

		result = why ? fail(reader, reader->line, "%s: %s", line, why) : -ENOMEM;
		free(why);
		return result;
	}
	result = append(reader, &ace);
	entry_clear(&ace);
	return result;
}

static int read_field(struct reader *reader, enum field field, char *value)
{
	struct descriptor *to = reader->to;

	if (reader->seen[field])
		return fail(reader, reader->line, "%s: is there a second time", field_names[field]);
	reader->seen[field] = true;
	switch (field) {
	case FIELD_OWNER:
		return read_principal(reader, value, &to->has_owner, &to->owner);
	case FIELD_GROUP:
		return read_principal(reader, value, &to->has_group, &to->group);
	default:
		return begin_list(reader, field, value);
	}
}

static int read_line(struct reader *reader, char *line)
{
	char *value = NULL;
	enum field field;

	line = trim(line);
	if (!*line)
		return 0;
	field = field_of(line, &value);
	/* in a list "owner:R" or "sacl:(R)" could be of somebody with that name */
	if (field == FIELDS || (reader->list != FIELDS && (field < FIELD_DACL || *value == '(')))
		return read_entry(reader, line);
	return read_field(reader, field, value);
}

static int read_lines(struct reader *reader, char *text)
{
	int error = 0;

	while (text && error == 0) {
		char *line = strsep(&text, "\n");

		reader->line++;
		error = read_line(reader, line);
	}
	return error == 0 ? end_list(reader) : error;
}

static int check_fields(struct reader *reader)
{
	for (enum field field = FIELD_OWNER; field < FIELDS; field++) {
		bool needed = field != FIELD_SACL || (reader->from->control & SE_SACL_PRESENT);

		if (needed && !reader->seen[field])
			return fail(reader, 0, "the line %s: is missing", field_names[field]);
	}
	/* an empty SACL where there was none says nothing */
	if (reader->to->sacl && reader->to->sacl->count == 0 &&
	    !(reader->from->control & SE_SACL_PRESENT) &&
	    !(reader->to->control & SE_SACL_PROTECTED)) {
		acl_destroy(reader->to->sacl);
		reader->to->sacl = NULL;
		reader->to->control &= (uint16_t)~SE_SACL_PRESENT;
	}
	return 0;
}

/* A copy of @from without lists. */
static struct descriptor *begin(const struct descriptor *from)
{
	const uint16_t marks =
		SE_DACL_PRESENT | SE_DACL_PROTECTED | SE_SACL_PRESENT | SE_SACL_PROTECTED;
	struct descriptor *to = descriptor_copy(from);

	if (!to)
		return NULL;
	acl_destroy(to->dacl);
	acl_destroy(to->sacl);
	to->dacl = NULL;
	to->sacl = NULL;
	to->control &= (uint16_t)~marks;
	return to;
}

int edit_text_read(char *text, const struct descriptor *from, struct descriptor **to,
		   struct edit_fault *fault)
{
	struct reader reader = {
		.from = from,
		.to = begin(from),
		.fault = fault,
		.list = FIELDS,
	};
	int error = reader.to ? read_lines(&reader, text) : -ENOMEM;

	if (error == 0)
		error = check_fields(&reader);
	if (error < 0) {
		descriptor_destroy(reader.to);
		return error;
	}
	*to = reader.to;
	return 0;
}
