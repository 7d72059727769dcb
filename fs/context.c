/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who calls, through whom, in which roles: from the asker's token and the policy in force. */
#include "fs/context.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fs/audit.h"
#include "keyring/context_seal.h"
#include "keyring/context_text.h"

#define SCOPED_TOKEN __attribute__((cleanup(token_unrefp))) const struct token
#define SCOPED_POLICY __attribute__((cleanup(policy_unrefp))) const struct policy

/* An anonymous client does not say how it is not known. */
static enum context_authentication authentication_of(const struct token *token)
{
	if (!token_actor(token))
		return CONTEXT_BY_PROCESS;
	return token_source(token) == TOKEN_BY_LOGON && token_level(token) != TOKEN_ANONYMOUS
		       ? CONTEXT_BY_LOGON
		       : CONTEXT_BY_CONSENT;
}

static int add_roles(struct context_caller *caller, const struct token *token,
		     const struct policy *policy)
{
	int error = 0;

	for (size_t i = 0; i < policy_role_count(policy) && !error; i++) {
		const char *role = policy_role_name(policy, i);

		if (policy_in_role(policy, role, token))
			error = context_caller_add_role(caller, role);
	}
	context_caller_sort_roles(caller);
	return error;
}

/* Adds the user of @token with its roles; @server acts for it, if not NULL. */
static int add_caller(struct context_text *text, const struct token *token,
		      const struct sid *server, const struct policy *policy)
{
	struct context_caller *caller = &text->callers[text->caller_count++];

	caller->user = *token_user(token);
	caller->level = token_level(token);
	caller->authentication = authentication_of(token);
	if (server)
		caller->servers[caller->server_count++] = *server;
	return add_roles(caller, token, policy);
}

/*
 * The server that narrowed what the client gave, and calls with that: it is the account that
 * asks, since what narrows a token is for its own maker.
 */
static int add_narrower(struct context_text *text, struct operation *op, const struct token *token,
			const struct policy *policy)
{
	struct context_caller *caller = &text->callers[text->caller_count];
	SCOPED_TOKEN *own = NULL;
	struct refusal refusal = {0};
	int err = resolver_primary(op->session->resolver, &op->caller, &own, &refusal);

	if (err < 0) {
		audit_refusal("context", NULL, &op->caller, &refusal);
		return err;
	}
	err = add_caller(text, own, token_actor(token), policy);
	caller->level = token_level(token);
	caller->authentication = CONTEXT_BY_NARROWING;
	return err;
}

static int context_fill(struct context_text *text, struct operation *op, const struct token *token)
{
	SCOPED_POLICY *policy = resolver_policy(op->session->resolver);
	bool anonymous = token_actor(token) && token_level(token) == TOKEN_ANONYMOUS;
	/* whose token was narrowed to this one is nobody's business */
	const struct token *whole = anonymous ? NULL : token_whole(token);
	int err;

	text->made = time(NULL);
	if (gethostname(text->host, sizeof(text->host) - 1) < 0 || !context_host_ok(text->host))
		text->host[0] = '\0';
	err = add_caller(text, whole ? whole : token, token_actor(token), policy);
	if (err == 0 && whole)
		err = add_narrower(text, op, token, policy);
	return err;
}

/* A policy with more and longer names of roles than there is room for. */
static int size_error(ssize_t size)
{
	return size == -EFBIG ? -E2BIG : (int)size;
}

static int context_write(const struct context_text *text, struct operation *op)
{
	ssize_t length;

	op->out.data = malloc(CONTEXT_SEALED_MAX);
	if (!op->out.data)
		return -ENOMEM;
	length = context_text_write(text, op->out.data, CONTEXT_SEALED_MAX);
	if (length >= 0)
		length = context_seal(op->out.data, (size_t)length, CONTEXT_SEALED_MAX);
	if (length < 0)
		return size_error(length);
	op->out.size = (size_t)length;
	return 0;
}

int context_show(struct operation *op, struct node *node, const char *argument)
{
	__attribute__((cleanup(context_text_free))) struct context_text text = {0};
	const struct token *token;
	int err = operation_token(op, true, &token);

	if (err == 0)
		err = context_fill(&text, op, token);
	return err < 0 ? err : context_write(&text, op);
}

int context_check(struct operation *op, struct node *node, const char *argument)
{
	uint8_t digest[CONTEXT_HASH], mac[CONTEXT_HASH];
	int sealed;

	if (strlen(argument) != CONTEXT_HASH_TEXT + 1 + CONTEXT_HASH_TEXT ||
	    argument[CONTEXT_HASH_TEXT] != '.' || !context_hash_parse(argument, digest) ||
	    !context_hash_parse(argument + CONTEXT_HASH_TEXT + 1, mac))
		return -EINVAL;
	sealed = context_seal_check(digest, mac);
	if (sealed < 0)
		return sealed;
	op->out.data = strdup(sealed ? CONTEXT_YES : CONTEXT_NO);
	if (!op->out.data)
		return -ENOMEM;
	op->out.size = strlen(op->out.data);
	return 0;
}
