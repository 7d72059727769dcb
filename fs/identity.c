/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Announcements, and who the asker is.
 */
#include "fs/identity.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/token_lines.h"
#include "fs/audit.h"
#include "keyring/caller.h"

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

/* @token as text in *@text; drops it. */
static int show(const struct token *token, char **text, size_t *size)
{
	FILE *out = open_memstream(text, size);

	if (out)
		token_lines_write(token, out);
	token_unref(token);
	return out && fclose(out) == 0 ? 0 : -ENOMEM;
}

int identity_show(struct operation *op, char **text, size_t *size)
{
	const struct token *token;
	struct refusal refusal = {0};
	int err = resolver_token(op->session->resolver, &op->caller, true, &token, &refusal);

	if (err < 0) {
		audit_refusal("whoami", NULL, &op->caller, &refusal);
		return err;
	}
	return show(token, text, size);
}

/* Why the thread is refused, where its token would be. */
static int show_refusal(const struct refusal *refusal, char **text, size_t *size)
{
	int length = asprintf(text, "refused %s\n", reason_name(refusal->reason));

	if (length < 0) {
		*text = NULL;
		return -ENOMEM;
	}
	*size = (size_t)length;
	return 0;
}

int identity_show_thread(struct operation *op, struct node *node, const char *tid)
{
	struct refusal refusal = {0};
	struct caller thread;
	const struct token *token;
	int32_t number;
	int err = operation_token(op, false, &token);

	if (err == 0 && (op->caller.uid != 0 || token_actor(token)))
		err = -EPERM;
	if (err == 0)
		err = parse_serial(tid, &number);
	if (err == 0)
		err = caller_ids(number, &thread);
	if (err < 0)
		return err;
	err = resolver_token(op->session->resolver, &thread, true, &token, &refusal);
	return err < 0 ? show_refusal(&refusal, &op->out.data, &op->out.size)
		       : show(token, &op->out.data, &op->out.size);
}
