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

int lockout_check(const struct object *object, const struct descriptor *sd, bool *out)
{
	TEXT_CLEANUP char *text = NULL;
	TOKEN_CLEANUP const struct token *token = NULL;
	size_t size;
	int error;

	*out = false;
	if (!object->guisefs)
		return 0;
	error = object_attribute(object, ATTRIBUTE_WHOAMI, &text, &size);
	if (error == 0)
		error = read_token(text, &token);
	if (error < 0)
		return error;
	*out = !grants(sd, token, WRITE_DAC) && !grants(sd, token, WRITE_OWNER);
	return 0;
}
