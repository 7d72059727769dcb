/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading a policy file.  libinih cuts lines into names and values; the lines
 * come to it from a reader of ours, which knows their numbers, takes no byte that does not
 * belong there, and reads the section headers itself: libinih cuts long ones off and
 * says nothing of empty ones.
 */
#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/policy_fault.h"
#include "keyring/policy_key.h"
#include "keyring/policy_parts.h"

#define BOM "\xef\xbb\xbf"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

void policy_complain(struct policy_reader *reader, unsigned int line, const char *found,
		     const char *expected)
{
	char shown[FAULT_WORD_SIZE];

	if (reader->failed)
		return;
	reader->failed = true;
	policy_fault_set(reader->fault, reader->file, line, "%s; expected %s",
			 policy_fault_word(found, shown), expected);
}

/* The list that was begun must have come to something. */
static void key_end(struct policy_reader *reader)
{
	if (reader->list && !*reader->list)
		policy_complain(reader, reader->key_line, reader->key->name,
				"at least one name after the =");
	reader->list = NULL;
	reader->key = NULL;
}

/* "[kind name]" at @line, of which blanks and a comment may follow. */
static void header_read(struct policy_reader *reader, char *line)
{
	char *end = strpbrk(line, "];");
	char *kind, *name;

	key_end(reader);
	reader->section = NULL;
	if (++reader->sections > POLICY_SECTIONS) {
		policy_complain(reader, reader->line, "one section more", "at most 1024");
		return;
	}
	if (!end || *end != ']' ||
	    (end[1 + strspn(end + 1, " \t")] &&
	     !(is_blank(end[1]) && strpbrk(end, ";") == end + 1 + strspn(end + 1, " \t")))) {
		policy_complain(reader, reader->line, line, "[section] and nothing after it");
		return;
	}
	*end = '\0';
	kind = line + 1 + strspn(line + 1, " \t");
	name = kind + strcspn(kind, " \t");
	if (*name)
		*name++ = '\0';
	name += strspn(name, " \t");
	for (char *last = name + strlen(name); last > name && is_blank(last[-1]);)
		*--last = '\0';
	policy_section_begin(reader, kind, name);
}

static bool is_comment(const char *text)
{
	text += strspn(text, " \t");
	return !*text || *text == ';' || *text == '#';
}

/* What kind of line it is, as libinih will see it too. */
static void line_look(struct policy_reader *reader, char *line)
{
	char copy[POLICY_LINE_MAX + 1];

	reader->continued = false;
	if (is_comment(line))
		return;
	if (*line == '[') {
		strcpy(copy, line);
		header_read(reader, copy);
	} else if (is_blank(*line)) {
		reader->continued = true;
		if (!reader->key)
			policy_complain(
				reader, reader->line, "a line that begins with a blank",
				"one that begins in its first column, or goes on with a list");
	} else if (!reader->section) {
		policy_complain(reader, reader->line, line, "a [section] first");
	}
}

/* Is everything in it text? */
static bool is_text(const char *bytes, size_t width)
{
	for (size_t i = 0; i < width; i++) {
		if (((unsigned char)bytes[i] < ' ' && bytes[i] != '\t') || bytes[i] == 0x7f)
			return false;
	}
	return true;
}

/* The next line for libinih, ended by a newline and NUL; NULL at the end or once something is
 * wrong. */
static char *line_next(char *buffer, int room, void *stream)
{
	struct policy_reader *reader = stream;
	const char *start = reader->bytes + reader->at;
	size_t left = reader->length - reader->at, width;
	const char *newline;

	if (reader->failed || !left)
		return NULL;
	reader->line++;
	newline = memchr(start, '\n', left);
	width = newline ? (size_t)(newline - start) : left;
	reader->at += newline ? width + 1 : width;
	if (width && start[width - 1] == '\r')
		width--;
	if (!newline)
		policy_complain(reader, reader->line, "a line that does not end",
				"a newline: is the file written to its end?");
	else if (reader->line == 1 && width >= 3 && memcmp(start, BOM, 3) == 0)
		policy_complain(reader, 1, "a byte order mark", "plain text");
	else if (!is_text(start, width))
		policy_complain(reader, reader->line, "a control character", "plain text");
	else if (width > POLICY_LINE_MAX || room < 0 || width + 2 > (size_t)room)
		policy_complain(
			reader, reader->line, "a long line",
			"at most 190 bytes; a list goes on in a line that begins with a blank");
	if (reader->failed)
		return NULL;
	memcpy(buffer, start, width);
	buffer[width] = '\0';
	line_look(reader, buffer);
	if (reader->failed)
		return NULL;
	memcpy(buffer + width, "\n", 2);
	return buffer;
}

/* One name and value, or a further line of the last one's value. */
static int take(struct policy_reader *reader, const char *name, const char *value)
{
	if (reader->failed)
		return 0;
	if (!value) {
		policy_complain(reader, reader->line, name, "NAME=VALUE");
	} else if (reader->continued) {
		policy_key_continue(reader, value);
	} else {
		key_end(reader);
		policy_key_begin(reader, name, value);
	}
	return !reader->failed;
}

/* libinih can be built to tell the line; ours is as good. */
#if INI_HANDLER_LINENO
static int handle(void *user, const char *section, const char *name, const char *value, int line)
#else
static int handle(void *user, const char *section, const char *name, const char *value)
#endif
{
	/* a new section, if it was built to say so */
	return name ? take(user, name, value) : 1;
}

/* Line @number as it stands, for a complaint. */
static void line_complain(struct policy_reader *reader, unsigned int number)
{
	char line[POLICY_LINE_MAX + 1] = "";
	const char *at = reader->bytes, *end = at + reader->length;
	size_t width;

	for (unsigned int i = 1; i < number && at; i++) {
		at = memchr(at, '\n', (size_t)(end - at));
		at = at ? at + 1 : NULL;
	}
	for (width = 0; at && at + width < end && at[width] != '\n' && width < sizeof(line) - 1;)
		width++;
	if (at)
		memcpy(line, at, width);
	reader->failed = false;
	policy_complain(reader, number, line, "NAME=VALUE, a [section] or a comment");
}

/* Reads all; 0 or an error. */
static int read_all(struct policy_reader *reader)
{
	int result;

	if (reader->length > POLICY_FILE_MAX) {
		policy_complain(reader, 0, "a large file", "at most 57344 bytes");
		return -EINVAL;
	}
	result = ini_parse_stream(line_next, reader, handle, reader);
	/* what is no line at all libinih finds, and goes on: the first complaint counts */
	if (result > 0 && (!reader->failed || (unsigned int)result < reader->fault->line))
		line_complain(reader, (unsigned int)result);
	else if (result < 0)
		reader->no_memory = true;
	if (!reader->failed && !reader->no_memory)
		key_end(reader);
	if (!reader->failed && !reader->no_memory)
		policy_check(reader);
	if (reader->no_memory)
		return -ENOMEM;
	return reader->failed ? -EINVAL : 0;
}

int policy_read(const char *bytes, size_t length, const char *file, struct policy **policy,
		struct policy_fault *fault)
{
	struct policy_reader reader = {
		.bytes = bytes, .length = length, .file = file, .fault = fault};
	int error = -ENOMEM;

	memset(fault, 0, sizeof(*fault));
	reader.policy = policy_create(file);
	/* not as the policy says that is in force */
	domain_choose_here(DOMAIN_AUTO);
	if (reader.policy)
		error = read_all(&reader);
	domain_choose_end();
	if (error == -ENOMEM)
		policy_fault_set(fault, file, 0, "%s; expected enough of it", strerror(ENOMEM));
	if (error) {
		policy_unref(reader.policy);
		return error;
	}
	policy_seal(reader.policy);
	*policy = reader.policy;
	return 0;
}
