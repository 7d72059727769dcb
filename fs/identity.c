/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Announcements, and who the asker is.
 */
#include "fs/identity.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fs/audit.h"

static int parse_serial(const char *text, int32_t *serial)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (errno || *end || end == text || *text < '1' || *text > '9' || value > INT32_MAX)
		return -EINVAL;
	*serial = (int32_t)value;
	return 0;
}

static int announce(struct operation *op, const char *text,
		    int (*tell)(struct resolver *, const struct caller *, int32_t,
				struct refusal *))
{
	struct refusal refusal = {0};
	int32_t serial;
	int err = parse_serial(text, &serial);

	if (err < 0)
		return err;
	err = tell(op->session->resolver, &op->caller, serial, &refusal);
	if (err < 0) {
		audit_refusal("announce", NULL, &op->caller, &refusal);
		return err;
	}
	op->out.data = strdup("ok");
	if (!op->out.data)
		return -ENOMEM;
	op->out.size = 2;
	return 0;
}

int identity_announce_thread(struct operation *op, struct node *node, const char *serial)
{
	return announce(op, serial, resolver_announce_thread);
}

int identity_announce_tree(struct operation *op, struct node *node, const char *serial)
{
	return announce(op, serial, resolver_announce_tree);
}

static void show_sids(FILE *out, const struct token *token)
{
	char text[SID_MAX_TEXT];
	size_t count;
	const struct token_group *groups = token_groups(token, &count);

	fprintf(out, "user %s\n", sid_format(token_user(token), text));
	for (size_t i = 0; i < count; i++)
		fprintf(out, "group %s\n", sid_format(&groups[i].sid, text));
}

static void show_limits(FILE *out, const struct token *token)
{
	char text[SID_MAX_TEXT];

	fprintf(out, "level %s\n", token_level_name(token_level(token)));
	if (token_actor(token))
		fprintf(out, "actor %s\n", sid_format(token_actor(token), text));
	if (token_expiry(token))
		fprintf(out, "until %" PRId64 "\n", token_expiry(token));
	if (token_rights(token) != UINT32_MAX)
		fprintf(out, "rights 0x%08x\n", token_rights(token));
	for (uint32_t bit = 1; bit & SE_ALL_PRIVILEGES; bit <<= 1)
		if (token_privileges(token) & bit)
			fprintf(out, "privilege %s\n", token_privilege_name(bit));
}

int identity_show(struct operation *op, char **text, size_t *size)
{
	const struct token *token;
	struct refusal refusal = {0};
	FILE *out;
	int err = resolver_token(op->session->resolver, &op->caller, true, &token, &refusal);

	if (err < 0) {
		audit_refusal("whoami", NULL, &op->caller, &refusal);
		return err;
	}
	out = open_memstream(text, size);
	if (out) {
		show_sids(out, token);
		show_limits(out, token);
	}
	token_unref(token);
	return out && fclose(out) == 0 ? 0 : -ENOMEM;
}
