/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tokens as lines of text. */
#include "acl/token_lines.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void write_sid(FILE *out, const char *word, const struct sid *sid)
{
	char text[SID_MAX_TEXT];

	fprintf(out, "%s %s\n", word, sid_format(sid, text));
}

static void write_group(FILE *out, const struct token_group *group)
{
	if (group->attributes & SE_GROUP_USE_FOR_DENY_ONLY)
		write_sid(out, "deny-only", &group->sid);
	else if (group->attributes & SE_GROUP_ENABLED)
		write_sid(out, "group", &group->sid);
	if ((group->attributes & SE_GROUP_ENABLED) && (group->attributes & SE_GROUP_OWNER))
		write_sid(out, "may-own", &group->sid);
}

void token_lines_write(const struct token *token, FILE *out)
{
	size_t count;
	const struct token_group *groups = token_groups(token, &count);
	const struct sid *restricted;

	write_sid(out, "user", token_user(token));
	for (size_t i = 0; i < count; i++)
		write_group(out, &groups[i]);
	restricted = token_restricted(token, &count);
	for (size_t i = 0; i < count; i++)
		write_sid(out, "restricted", &restricted[i]);
	fprintf(out, "level %s\n", token_level_name(token_level(token)));
	if (token_actor(token))
		write_sid(out, "actor", token_actor(token));
	if (token_expiry(token))
		fprintf(out, "until %" PRId64 "\n", token_expiry(token));
	if (token_rights(token) != UINT32_MAX)
		fprintf(out, "rights 0x%08x\n", token_rights(token));
	for (uint32_t bit = 1; bit & SE_ALL_PRIVILEGES; bit <<= 1)
		if (token_privileges(token) & bit)
			fprintf(out, "privilege %s\n", token_privilege_name(bit));
	fprintf(out, "integrity 0x%04x\n", token_integrity(token));
}

/* What the lines of one text have said so far. */
struct reading {
	struct token *token; /* once a line named the user */
	uint32_t privileges;
};

static enum sd_error code_of(int error)
{
	switch (error) {
	case 0:
		return SD_OK;
	case -ENOMEM:
		return SD_NO_MEMORY;
	default:
		return SD_TOO_LARGE;
	}
}

static enum sd_error read_number(const char *value, int base, int64_t limit, int64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoll(value, &end, base);
	return errno || end == value || *end || *number < 0 || *number > limit ? SD_BAD_SYNTAX
									       : SD_OK;
}

static enum sd_error read_sid_line(struct reading *reading, const char *word, const char *value)
{
	const char *end;
	struct sid sid;

	if (!sid_parse(value, &sid, &end) || *end)
		return SD_BAD_SYNTAX;
	if (strcmp(word, "user") == 0) {
		if (reading->token)
			return SD_BAD_SYNTAX;
		reading->token = token_create(&sid);
		return reading->token ? SD_OK : SD_NO_MEMORY;
	}
	if (!reading->token)
		return SD_BAD_SYNTAX;
	if (strcmp(word, "group") == 0)
		return code_of(token_add_group(reading->token, &sid, SE_GROUP_ENABLED));
	if (strcmp(word, "may-own") == 0)
		return code_of(
			token_add_group(reading->token, &sid, SE_GROUP_ENABLED | SE_GROUP_OWNER));
	if (strcmp(word, "deny-only") == 0)
		return code_of(token_add_group(reading->token, &sid, SE_GROUP_USE_FOR_DENY_ONLY));
	if (strcmp(word, "restricted") == 0)
		return code_of(token_add_restricted(reading->token, &sid));
	token_set_actor(reading->token, &sid);
	return SD_OK;
}

static enum sd_error read_level(struct token *token, const char *value)
{
	enum token_level level;

	if (!token_level_parse(value, &level))
		return SD_BAD_SYNTAX;
	token_set_level(token, level);
	return SD_OK;
}

static enum sd_error read_privilege(struct reading *reading, const char *value)
{
	uint32_t bit = token_privilege_parse(value);

	reading->privileges |= bit;
	return bit ? SD_OK : SD_BAD_SYNTAX;
}

static enum sd_error read_other_line(struct reading *reading, const char *word, const char *value)
{
	enum sd_error error = SD_OK;
	int64_t number;

	if (strcmp(word, "level") == 0)
		return read_level(reading->token, value);
	if (strcmp(word, "privilege") == 0)
		return read_privilege(reading, value);
	if (strcmp(word, "until") == 0) {
		error = read_number(value, 10, INT64_MAX, &number);
		if (!error)
			token_set_expiry(reading->token, number);
	} else if (strcmp(word, "rights") == 0) {
		error = read_number(value, 16, UINT32_MAX, &number);
		if (!error)
			token_set_rights(reading->token, (uint32_t)number);
	} else if (strcmp(word, "integrity") == 0) {
		error = read_number(value, 16, UINT32_MAX, &number);
		if (!error)
			token_set_integrity(reading->token, (uint32_t)number,
					    TOKEN_MANDATORY_POLICY_NO_WRITE_UP);
	}
	return error;
}

static bool names_sid(const char *word)
{
	static const char *const words[] = {"user",      "group",      "may-own",
					    "deny-only", "restricted", "actor"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(word, words[i]) == 0)
			return true;
	}
	return false;
}

static enum sd_error read_line(struct reading *reading, char *line)
{
	char *value = strchr(line, ' ');

	if (!*line)
		return SD_OK;
	if (!value)
		return SD_BAD_SYNTAX;
	*value++ = '\0';
	if (names_sid(line))
		return read_sid_line(reading, line, value);
	return reading->token ? read_other_line(reading, line, value) : SD_BAD_SYNTAX;
}

enum sd_error token_lines_read(const char *text, struct token **token)
{
	struct reading reading = {NULL};
	char *copy = strdup(text);
	enum sd_error error = copy ? SD_OK : SD_NO_MEMORY;

	for (char *rest = copy, *line; !error && (line = strsep(&rest, "\n"));)
		error = read_line(&reading, line);
	free(copy);
	if (!error && !reading.token)
		error = SD_BAD_SYNTAX;
	if (error) {
		token_unref(reading.token);
		return error;
	}
	token_set_privileges(reading.token, reading.privileges);
	*token = reading.token;
	return SD_OK;
}
