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
	op->caller = (struct caller){.tid = ctx->pid, .uid = ctx->uid, .gid = ctx->gid};
}

/* Where the object lies, for the log; what the kernel says is good enough for that. */
static void log_refusal(const struct operation *op, const struct refusal *refusal)
{
	char link[64], path[PATH_MAX];
	ssize_t length = -1;

	if (op->node) {
		int fd = node_get_fd(op->node);

		if (fd >= 0) {
			snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
			length = readlink(link, path, sizeof(path) - 1);
			node_put_fd(op->node);
		}
	}
	if (length >= 0)
		path[length] = '\0';
	audit_refusal(op->name, length >= 0 ? path : NULL, &op->caller, refusal);
}

/* A client that only let itself be identified: nothing opens. */
static bool level_suffices(const struct token *token)
{
	return !token_actor(token) || token_level(token) != TOKEN_IDENTIFY;
}

int operation_token(struct operation *op, bool groups, const struct token **token)
{
	struct refusal refusal = {0};
	int err;

	if (!op->token || (groups && !op->groups)) {
		token_unref(op->token);
		op->token = NULL;
		err = resolver_token(op->session->resolver, &op->caller, groups, &op->token,
				     &refusal);
		if (err < 0) {
			log_refusal(op, &refusal);
			return err;
		}
		op->groups = groups;
	}
	if (!level_suffices(op->token)) {
		refusal.reason = REASON_TOKEN_LEVEL;
		log_refusal(op, &refusal);
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
	operation_clear(op);
}

void operation_end(struct operation *op, int result)
{
	if (result != STORE_LATER)
		operation_answer(op, result);
}
