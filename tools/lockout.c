/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Would the caller be locked out by a descriptor?
 */
#include "lockout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "acl/access.h"
#include "acl/mask.h"
#include "acl/token.h"
#include "command.h"
#include "error.h"
#include "keyring/whoami.h"
#include "text.h"

#define TOKEN_CLEANUP __attribute__((cleanup(token_unrefp)))

/* The SID in @value, if it is one. */
static bool read_sid(const char *value, struct sid *sid)
{
	const char *end;

	return value && sid_parse(value, sid, &end) && *end == '\0';
}

/* What one line of whoami says, for the token that the first line began. */
static int add_line(struct token **token, uint32_t *privileges, const char *line)
{
	const char *value = whoami_value(line, "privilege");
	struct sid sid;

	if (value) {
		*privileges |= token_privilege_parse(value);
		return 0;
	}
	if (read_sid(whoami_value(line, "user"), &sid)) {
		if (!*token)
			*token = token_create(&sid);
		return *token ? 0 : -ENOMEM;
	}
	if (*token && read_sid(whoami_value(line, "group"), &sid))
		return token_add_group(*token, &sid, SE_GROUP_ENABLED);
	value = whoami_value(line, "rights");
	if (*token && value)
		token_set_rights(*token, (uint32_t)strtoul(value, NULL, 16));
	return 0;
}

/* The token that the mount says the caller has, as far as it says. */
static int read_token(char *text, const struct token **result)
{
	struct token *token = NULL;
	uint32_t privileges = 0;
	char *rest = NULL;
	int error = 0;

	for (char *line = strtok_r(text, "\n", &rest); line && error == 0;
	     line = strtok_r(NULL, "\n", &rest))
		error = add_line(&token, &privileges, line);
	if (error == 0 && !token)
		error = -EBADMSG;
	if (error < 0) {
		token_unref(token);
		return error;
	}
	token_set_privileges(token, privileges);
	*result = token;
	return 0;
}

static bool grants(const struct descriptor *sd, const struct token *token, uint32_t right)
{
	return access_check(sd, token, right, 0).status == ACCESS_OK;
}

/* Who asks, in *@token; NULL where identity cannot be told.  0 or -errno. */
static int ask_token(const struct object *object, const struct token **token)
{
	TEXT_CLEANUP char *text = NULL;
	size_t size;
	int error;

	if (!object->guisefs)
		return 0;
	error = object_attribute(object, ATTRIBUTE_WHOAMI, &text, &size);
	return error < 0 ? error : read_token(text, token);
}

static bool is_out(const struct descriptor *sd, const struct token *token)
{
	return !grants(sd, token, WRITE_DAC) && !grants(sd, token, WRITE_OWNER);
}

int lockout_check(const struct object *object, const struct descriptor *sd, bool *out)
{
	TOKEN_CLEANUP const struct token *token = NULL;
	int error = ask_token(object, &token);

	*out = error == 0 && token && is_out(sd, token);
	return error;
}

/* What @token has with @from and not with @to, and cannot take back by privilege. */
static const char *loss(const struct token *token, const struct descriptor *from,
			const struct descriptor *to)
{
	if (is_out(to, token) && !is_out(from, token))
		return "you would have no WRITE_DAC left to change this again: say --force to mean "
		       "it";
	if (!grants(to, token, WRITE_OWNER) && grants(from, token, FILE_READ_DATA) &&
	    !grants(to, token, FILE_READ_DATA))
		return "you could not read it any more: say --force to mean it";
	return NULL;
}

int lockout_guard(const struct target *target, struct descriptor **to, bool force)
{
	TOKEN_CLEANUP const struct token *token = NULL;
	const char *why = NULL;
	int error;

	if (force || !target->named || !*to || !descriptor_differs(target->sd, *to))
		return STATUS_OK;
	error = ask_token(target->visit->object, &token);
	if (error < 0)
		why = "it cannot be told whether this would lock you out: say --force to do it "
		      "still";
	else if (token)
		why = loss(token, target->sd, *to);
	if (!why)
		return STATUS_OK;
	error_about(target->path, "%s", why);
	descriptor_destroy(*to);
	*to = NULL;
	return STATUS_DENIED;
}
