/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An access check with all that can be told of it: what came of it, why, and each step.  It is the
 * check itself (acl/access.h) that tells.
 */
#ifndef GUISE_ACL_EXPLAIN_H
#define GUISE_ACL_EXPLAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "acl/access.h"
#include "acl/denial.h"
#include "acl/error.h"
#include "acl/trace.h"

/* as a mount checks: who says nothing of it means backup where it holds the privilege */
#define EXPLAIN_FLAGS ACCESS_BACKUP_INTENT

struct explanation {
	uint32_t wanted; /* generic bits mapped */
	struct access_result result;
	struct denial denial; /* if it is denied */
	struct trace *trace;
};

/* Checks as a mount does.  SD_OK or SD_NO_MEMORY; clear *@explanation with explanation_clear(). */
enum sd_error explain(const struct descriptor *sd, const struct token *token, uint32_t wanted,
		      struct explanation *explanation);

void explanation_clear(struct explanation *explanation);

static inline bool explanation_granted(const struct explanation *explanation)
{
	return explanation->result.status == ACCESS_OK;
}

/* Only the verdict. */
bool explain_grants(const struct descriptor *sd, const struct token *token, uint32_t wanted);

#endif
