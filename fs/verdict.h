/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A verdict: one access from what is wanted to what the audit has of it.  The guard decides,
 * perhaps more than once, and settles when it knows what came of it.
 */
#ifndef GUISE_FS_VERDICT_H
#define GUISE_FS_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "acl/access.h"
#include "acl/denial.h"
#include "fs/interned.h"
#include "fs/operation.h"

struct verdict {
	struct node *node;         /* the object, */
	const struct interned *sd; /* its descriptor, */
	uint32_t wanted;           /* and what the caller wants of it */
	bool asks;                 /* it only asks: being granted it is no access */
	struct access_result result;
	bool refused; /* by @reason, though the descriptor grants it */
	enum denial_reason reason;
};

/* The caller's token against the descriptor: 0 or -EACCES, or -errno of a refused identity. */
int verdict_decide(struct operation *op, struct verdict *verdict);

/* What the descriptor did not grant is granted by other means. */
void verdict_grant(struct verdict *verdict);

/* WRITE_OWNER, though the descriptor grants it, is refused for @reason. */
void verdict_refuse(struct verdict *verdict, enum denial_reason reason);

/*
 * @verdict is final, and @err what came of it: adds an audit record to @op if the access was
 * denied or hits an audit ACE.  Returns @err.
 */
int verdict_settle(struct operation *op, const struct verdict *verdict, int err);

#endif
