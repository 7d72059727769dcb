/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A token as the mounts see it, for servers: asked once, then read at leisure. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "acl/token.h"
#include "keyring/guise.h"
#include "keyring/idmap.h"
#include "keyring/scoped.h"
#include "keyring/whoami.h"

struct guise_token {
	char *text;   /* what the rest points into */
	char *name;   /* of the user */
	char *user;   /* SID */
	char *actor;  /* SID, or NULL */
	char **group; /* SIDs */
	size_t group_count;
	int level;
	int64_t until;
	uint32_t rights;
};

static bool sid_whole(const char *text, struct sid *sid)
{
	const char *end;

	return sid_parse(text, sid, &end) && *end == '\0';
}

static int sid_keep(char **to, char *value)
{
	struct sid sid;

	if (*to || !sid_whole(value, &sid))
		return -EPROTO;
	*to = value;
	return 0;
}

static int group_keep(struct guise_token *token, char *value)
{
	struct sid sid;

	if (!sid_whole(value, &sid))
		return -EPROTO;
	token->group[token->group_count++] = value;
	return 0;
}

static int level_keep(struct guise_token *token, const char *value)
{
	enum token_level level;

	if (!token_level_parse(value, &level))
		return -EPROTO;
	token->level = (int)level;
	return 0;
}

static int until_keep(struct guise_token *token, const char *value)
{
	char *end;

	errno = 0;
	token->until = strtoll(value, &end, 10);
	return errno || end == value || *end ? -EPROTO : 0;
}

static int rights_keep(struct guise_token *token, const char *value)
{
	unsigned long rights;
	char *end;

	errno = 0;
	rights = strtoul(value, &end, 16);
	if (errno || end == value || *end || rights > UINT32_MAX)
		return -EPROTO;
	token->rights = (uint32_t)rights;
	return 0;
}

/* Words that are not known here are those of newer mounts. */
static int line_keep(struct guise_token *token, char *line)
{
	char *value = strchr(line, ' ');

	if (!value)
		return *line ? -EPROTO : 0;
	*value++ = '\0';
	if (strcmp(line, "user") == 0)
		return sid_keep(&token->user, value);
	if (strcmp(line, "actor") == 0)
		return sid_keep(&token->actor, value);
	if (strcmp(line, "group") == 0)
		return group_keep(token, value);
	if (strcmp(line, "level") == 0)
		return level_keep(token, value);
	if (strcmp(line, "until") == 0)
		return until_keep(token, value);
	if (strcmp(line, "rights") == 0)
		return rights_keep(token, value);
	return 0;
}

static size_t lines_count(const char *text)
{
	size_t count = 1;

	for (; *text; text++)
		count += *text == '\n';
	return count;
}

static int name_keep(struct guise_token *token)
{
	char name[IDMAP_NAME_MAX];
	struct sid sid;

	if (!token->user || token->level < 0 || !sid_whole(token->user, &sid))
		return -EPROTO;
	token->name = strdup(idmap_sid_name(&sid, name, sizeof(name)));
	return token->name ? 0 : -ENOMEM;
}

static int text_keep(struct guise_token *token)
{
	char *rest = token->text;
	int error = 0;

	token->group = calloc(lines_count(token->text), sizeof(*token->group));
	if (!token->group)
		return -ENOMEM;
	for (char *line; !error && (line = strsep(&rest, "\n"));)
		error = line_keep(token, line);
	return error ? error : name_keep(token);
}

static int query(const char *path, struct guise_token **token)
{
	struct guise_token *made = calloc(1, sizeof(*made));
	int error;

	*token = NULL;
	if (!made)
		return -ENOMEM;
	made->level = -1;
	made->rights = UINT32_MAX;
	error = whoami_read(path, &made->text);
	if (!error)
		error = text_keep(made);
	if (error) {
		guise_token_free(made);
		return error;
	}
	*token = made;
	return 0;
}

int guise_query(struct guise_token **token)
{
	return query(NULL, token);
}

int guise_query_at(const char *path, struct guise_token **token)
{
	*token = NULL;
	return path ? query(path, token) : -EINVAL;
}

void guise_token_free(struct guise_token *token)
{
	if (!token)
		return;
	free(token->group);
	free(token->name);
	free(token->text);
	free(token);
}

const char *guise_token_user(const struct guise_token *token)
{
	return token->user;
}

const char *guise_token_name(const struct guise_token *token)
{
	return token->name;
}

size_t guise_token_group_count(const struct guise_token *token)
{
	return token->group_count;
}

const char *guise_token_group(const struct guise_token *token, size_t index)
{
	return index < token->group_count ? token->group[index] : NULL;
}

int guise_token_level(const struct guise_token *token)
{
	return token->level;
}

const char *guise_token_actor(const struct guise_token *token)
{
	return token->actor;
}

int64_t guise_token_until(const struct guise_token *token)
{
	return token->until;
}

uint32_t guise_token_rights(const struct guise_token *token)
{
	return token->rights;
}
