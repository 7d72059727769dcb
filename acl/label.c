/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mandatory integrity: the label of an object, and whom it keeps out.
 */
#include "acl/label.h"

#include <string.h>

#include "acl/mask.h"

static uint32_t sid_level(const struct sid *sid)
{
	static const uint8_t authority[6] = {0, 0, 0, 0, 0, 16};

	if (sid->sub_count != 1 || memcmp(sid->authority, authority, sizeof(authority)) != 0)
		return UINT32_MAX;
	return sid->sub[0];
}

struct label label_of(const struct descriptor *sd)
{
	for (size_t i = 0; sd->sacl && i < sd->sacl->count; i++) {
		const struct ace *ace = &sd->sacl->aces[i];

		if (ace->type == SYSTEM_MANDATORY_LABEL_ACE_TYPE &&
		    !(ace->flags & INHERIT_ONLY_ACE))
			return (struct label){sid_level(&ace->sid), ace->mask};
	}
	return (struct label){SECURITY_MANDATORY_MEDIUM_RID, SYSTEM_MANDATORY_LABEL_NO_WRITE_UP};
}

/* To a token of a lower level; the policy bits are tested, not compared. */
static uint32_t allows_up(const struct label *label)
{
	uint32_t allowed = ACCESS_SYSTEM_SECURITY;

	if (!(label->policy & SYSTEM_MANDATORY_LABEL_NO_READ_UP))
		allowed |= FILE_GENERIC_READ;
	if (!(label->policy & SYSTEM_MANDATORY_LABEL_NO_EXECUTE_UP))
		allowed |= FILE_GENERIC_EXECUTE;
	return allowed;
}

uint32_t label_allows(const struct label *label, const struct token *token)
{
	if (token_integrity(token) >= label->level ||
	    !(token_mandatory_policy(token) & TOKEN_MANDATORY_POLICY_NO_WRITE_UP))
		return UINT32_MAX;
	return allows_up(label) |
	       (token_privileges(token) & SE_RELABEL_PRIVILEGE ? WRITE_OWNER : 0);
}

uint32_t label_allows_lowest(const struct label *label)
{
	if (label->level == SECURITY_MANDATORY_UNTRUSTED_RID)
		return UINT32_MAX;
	return allows_up(label);
}
