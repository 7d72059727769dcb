/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Handles that end with a token key. */
#include "fs/revocable.h"

#include <errno.h>

#include "fs/handle.h"
#include "keyring/hold.h"

static bool is_on(const struct operation *op)
{
	return op->session->options->handles == HANDLES_REVOCABLE;
}

void revocable_begin(struct operation *op)
{
	op->holds = is_on(op);
}

int revocable_bind(struct operation *op)
{
	if (!is_on(op))
		return 0;
	/* whose handle it is must be known */
	if (!op->token || (token_actor(op->token) && !op->hold))
		return -EACCES;
	op->out.handle->hold = op->hold;
	op->hold = NULL;
	return 0;
}

int revocable_check(struct operation *op, const struct handle *handle)
{
	struct refusal refusal = {0};

	if (!handle || !handle->hold)
		return 0;
	refusal.reason = hold_check(handle->hold, &refusal.key);
	if (!refusal.reason)
		return 0;
	if (!op->node)
		op->node = handle->node;
	operation_refused(op, &refusal, hold_token(handle->hold));
	return reason_errno(refusal.reason);
}
