/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The grammar of a call context's text: a reader that goes line by line, a writer. */
#include "keyring/context_text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/text_line.h"

#define FIRST_LINE "guise-context 1"
/* longest line without its newline: a word and a SID or the name of a role */
#define LINE_MAX_SIZE 256

static const char *const authentication_names[] = {"process", "consent", "logon", "narrowed"};

#define AUTHENTICATIONS (sizeof(authentication_names) / sizeof(authentication_names[0]))

struct reader {
	const char *at, *end;
	struct context_text *text;
	char line[LINE_MAX_SIZE + 1]; /* the one that was taken last */
};

const char *context_authentication_name(enum context_authentication authentication)
{
	return (size_t)authentication < AUTHENTICATIONS ? authentication_names[authentication]
							: NULL;
}

bool context_host_ok(const char *name)
{
	return text_word_ok(name, CONTEXT_HOST_MAX);
}

/* Not what would end a line, or steer a terminal. */
static bool role_ok(const char *name)
{
	size_t length = strnlen(name, CONTEXT_ROLE_MAX + 1);

	for (size_t i = 0; i < length; i++) {
		if ((unsigned char)name[i] < ' ' || name[i] == 0x7f)
			return false;
	}
	return length > 0 && length <= CONTEXT_ROLE_MAX;
}

/*
 * Takes the next line if it is @word, a blank and a value: the value, in reader->line, else
 * NULL and nothing is taken.
 */
static const char *line_take(struct reader *reader, const char *word)
{
	size_t left = (size_t)(reader->end - reader->at), length = strlen(word), width;
	const char *newline = left ? memchr(reader->at, '\n', left) : NULL;

	width = newline ? (size_t)(newline - reader->at) : 0;
	if (width <= length || width > LINE_MAX_SIZE || memcmp(reader->at, word, length) != 0 ||
	    reader->at[length] != ' ' || memchr(reader->at, '\0', width))
		return NULL;
	memcpy(reader->line, reader->at, width);
	reader->line[width] = '\0';
	reader->at = newline + 1;
	return reader->line + length + 1;
}

/* A SID in the spelling that sid_format() gives it. */
static bool sid_take(const char *value, struct sid *sid)
{
	char spelling[SID_MAX_TEXT];
	const char *end;

	return value && sid_parse(value, sid, &end) && *end == '\0' &&
	       strcmp(sid_format(sid, spelling), value) == 0;
}

static bool number_take(const char *value, int64_t max, int64_t *number)
{
	return value && text_number(value, max, number);
}

static bool level_take(const char *value, enum token_level *level)
{
	return value && token_level_parse(value, level);
}

static bool authentication_take(const char *value, enum context_authentication *authentication)
{
	for (size_t i = 0; value && i < AUTHENTICATIONS; i++) {
		if (strcmp(value, authentication_names[i]) == 0) {
			*authentication = (enum context_authentication)i;
			return true;
		}
	}
	return false;
}

int context_caller_add_role(struct context_caller *caller, const char *role)
{
	char **roles = caller->roles;

	if (caller->role_count == CONTEXT_ROLES)
		return -E2BIG;
	if (caller->role_count % 16 == 0) {
		roles = reallocarray(roles, caller->role_count + 16, sizeof(*roles));
		if (!roles)
			return -ENOMEM;
		caller->roles = roles;
	}
	roles[caller->role_count] = strdup(role);
	if (!roles[caller->role_count])
		return -ENOMEM;
	caller->role_count++;
	return 0;
}

static int roles_take(struct reader *reader, struct context_caller *caller)
{
	const char *name;
	int error = 0;

	while (!error && (name = line_take(reader, "role"))) {
		const char *last =
			caller->role_count ? caller->roles[caller->role_count - 1] : NULL;

		if (!role_ok(name) || (last && strcmp(last, name) >= 0))
			return -EINVAL;
		error = context_caller_add_role(caller, name);
	}
	return error == -E2BIG ? -EINVAL : error;
}

static int caller_take(struct reader *reader, struct context_caller *caller)
{
	const char *server;

	if (!sid_take(line_take(reader, "user"), &caller->user) ||
	    !level_take(line_take(reader, "level"), &caller->level) ||
	    !authentication_take(line_take(reader, "authentication"), &caller->authentication))
		return -EINVAL;
	while ((server = line_take(reader, "server"))) {
		if (caller->server_count == CONTEXT_SERVERS ||
		    !sid_take(server, &caller->servers[caller->server_count]))
			return -EINVAL;
		caller->server_count++;
	}
	return roles_take(reader, caller);
}

static bool host_take(struct reader *reader)
{
	const char *host = line_take(reader, "host");

	if (!host)
		return true;
	if (!context_host_ok(host))
		return false;
	memcpy(reader->text->host, host, strlen(host) + 1);
	return true;
}

static int text_take(struct reader *reader)
{
	struct context_text *text = reader->text;
	const char *version = line_take(reader, "guise-context");
	int64_t count;
	int error = 0;

	if (!version || strcmp(version, "1") != 0 ||
	    !number_take(line_take(reader, "made"), INT64_MAX, &text->made) || !host_take(reader) ||
	    !number_take(line_take(reader, "callers"), CONTEXT_CALLERS, &count))
		return -EINVAL;
	while (!error && text->caller_count < (size_t)count)
		error = caller_take(reader, &text->callers[text->caller_count++]);
	return error || reader->at == reader->end ? error : -EINVAL;
}

int context_text_read(const char *bytes, size_t length, struct context_text *text)
{
	struct reader reader = {.at = bytes, .end = bytes + length, .text = text};
	int error;

	memset(text, 0, sizeof(*text));
	error = length > CONTEXT_TEXT_MAX ? -EINVAL : text_take(&reader);
	if (error)
		context_text_free(text);
	return error;
}

static void put_caller(struct text_writer *writer, const struct context_caller *caller)
{
	char sid[SID_MAX_TEXT];

	text_put(writer, "user %s\nlevel %s\nauthentication %s\n", sid_format(&caller->user, sid),
		 token_level_name(caller->level),
		 context_authentication_name(caller->authentication));
	for (size_t i = 0; i < caller->server_count; i++)
		text_put(writer, "server %s\n", sid_format(&caller->servers[i], sid));
	for (size_t i = 0; i < caller->role_count; i++)
		text_put(writer, "role %s\n", caller->roles[i]);
}

static bool caller_is_writable(const struct context_caller *caller)
{
	if (caller->level > TOKEN_DELEGATE || caller->server_count > CONTEXT_SERVERS ||
	    caller->role_count > CONTEXT_ROLES ||
	    !context_authentication_name(caller->authentication))
		return false;
	for (size_t i = 0; i < caller->role_count; i++) {
		if (!role_ok(caller->roles[i]) ||
		    (i && strcmp(caller->roles[i - 1], caller->roles[i]) >= 0))
			return false;
	}
	return true;
}

static bool is_writable(const struct context_text *text)
{
	if (text->made < 1 || (*text->host && !context_host_ok(text->host)) ||
	    !text->caller_count || text->caller_count > CONTEXT_CALLERS)
		return false;
	for (size_t i = 0; i < text->caller_count; i++) {
		if (!caller_is_writable(&text->callers[i]))
			return false;
	}
	return true;
}

ssize_t context_text_write(const struct context_text *text, char *buffer, size_t size)
{
	struct text_writer writer = {.buffer = buffer, .size = size};

	if (size > CONTEXT_TEXT_MAX + 1)
		writer.size = CONTEXT_TEXT_MAX + 1;
	if (!size)
		return -EFBIG;
	if (!is_writable(text))
		return -EINVAL;
	text_put(&writer, FIRST_LINE "\nmade %" PRId64 "\n", text->made);
	if (*text->host)
		text_put(&writer, "host %s\n", text->host);
	text_put(&writer, "callers %zu\n", text->caller_count);
	for (size_t i = 0; i < text->caller_count; i++)
		put_caller(&writer, &text->callers[i]);
	return writer.full ? -EFBIG : (ssize_t)writer.length;
}

static int role_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void context_caller_sort_roles(struct context_caller *caller)
{
	if (caller->role_count)
		qsort(caller->roles, caller->role_count, sizeof(*caller->roles), role_order);
}

bool context_caller_in_role(const struct context_caller *caller, const char *role)
{
	for (size_t i = 0; i < caller->role_count; i++) {
		if (strcmp(caller->roles[i], role) == 0)
			return true;
	}
	return false;
}

void context_text_free(struct context_text *text)
{
	for (size_t i = 0; i < text->caller_count; i++) {
		struct context_caller *caller = &text->callers[i];

		for (size_t j = 0; j < caller->role_count; j++)
			free(caller->roles[j]);
		free(caller->roles);
	}
	memset(text, 0, sizeof(*text));
}
