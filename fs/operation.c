/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The life of an operation.
 */
#include "fs/operation.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs/audit.h"
#include "fs/node.h"
#include "keyring/hold.h"

void operation_start(struct operation *op, fuse_req_t req, const char *name, struct node *node,
		     void (*reply)(struct operation *op))
{
	const struct fuse_ctx *ctx = fuse_req_ctx(req);

	memset(op, 0, sizeof(*op));
	op->session = fuse_req_userdata(req);
	op->req = req;
	op->name = name;
	op->node = node;
	op->reply = reply;
	op->umask = ctx->umask & 0777;
	op->caller = (struct caller){.tid = ctx->pid, .uid = ctx->uid, .gid = ctx->gid};
}

const char *operation_path(struct node *node, char *path, size_t size)
{
	char link[64];
	ssize_t length;
	int fd = node ? node_get_fd(node) : -1;

	if (fd < 0)
		return NULL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, size - 1);
	node_put_fd(node);
	if (length < 0)
		return NULL;
	path[length] = '\0';
	return path;
}

void operation_refused(struct operation *op, const struct refusal *refusal,
		       const struct token *token)
{
	char room[PATH_MAX];
	const char *path = operation_path(op->node, room, sizeof(room));
	struct record record = {.kind = RECORD_IDENTITY,
				.operation = op->name,
				.caller = &op->caller,
				.token = token,
				.key = refusal->key,
				.reason = reason_name(refusal->reason)};

	audit_note_refusal(op->name, path, &op->caller, refusal,
			   audit_add(&op->audit, &record, path));
}

/* A client that only let itself be identified: nothing opens. */
static bool level_suffices(const struct operation *op)
{
	return op->identify || !token_actor(op->token) || token_level(op->token) != TOKEN_IDENTIFY;
}

int operation_token(struct operation *op, bool groups, const struct token **token)
{
	struct refusal refusal = {0};
	int err;

	if (!op->token || (groups && !op->groups)) {
		token_unref(op->token);
		op->token = NULL;
		hold_destroy(op->hold);
		op->hold = NULL;
		err = resolver_token_hold(op->session->resolver, &op->caller, groups, &op->token,
					  op->holds ? &op->hold : NULL, &refusal);
		if (err < 0) {
			operation_refused(op, &refusal, NULL);
			return err;
		}
		/* a client's token has them all */
		op->groups = groups || token_actor(op->token);
	}
	if (!level_suffices(op)) {
		refusal.reason = REASON_TOKEN_LEVEL;
		operation_refused(op, &refusal, op->token);
		token_unref(op->token);
		op->token = NULL;
		return reason_errno(REASON_TOKEN_LEVEL);
	}
	*token = op->token;
	return 0;
}

static void operation_clear(struct operation *op)
{
	token_unref(op->token);
	hold_destroy(op->hold);
	op->hold = NULL;
	descriptor_destroy(op->out.sd);
	free(op->out.data);
	op->token = NULL;
	op->out.sd = NULL;
	op->out.data = NULL;
}

void operation_answer(struct operation *op, int result)
{
	if (result < 0 || !op->reply)
		fuse_reply_err(op->req, -result);
	else
		op->reply(op);
	audit_write(&op->audit);
	operation_clear(op);
}

void operation_end(struct operation *op, int result)
{
	if (result != STORE_LATER)
		operation_answer(op, result);
}
