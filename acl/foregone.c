/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Foregone conclusions: what is granted whatever groups the caller turns out to be in, so that
 * nobody need look them up.
 */
#include "acl/access.h"

#include "acl/compiled.h"
#include "acl/mask.h"
#include "acl/token_table.h"

/* May whoever has more groups than @token be meant by @sid, which @token does not hold? */
static bool may_turn_out(const struct sid *sid)
{
	gid_t gid;

	return sid_to_gid(sid, &gid) || sid_is_domain(sid);
}

/* What the DACL is sure to grant of @wanted; 0 if more groups could deny some of it. */
static uint32_t sure_rights(const struct compiled_list *list, const struct sid_table *held,
			    uint32_t wanted)
{
	uint32_t left = wanted;

	for (size_t i = 0; i < list->count && left; i++) {
		const struct compiled_ace *ace = &list->aces[i];
		uint32_t flags;

		if (!(ace->rights & left))
			continue;
		flags = sid_table_flags(held, &list->sids[i], ace->hash);
		if (ace->deny) {
			if (ace->condition || (flags & TOKEN_SID_DENY) ||
			    may_turn_out(&list->sids[i]))
				return 0;
		} else if (!ace->condition && (flags & TOKEN_SID_ALLOW)) {
			left &= ~ace->rights;
		}
	}
	return wanted & ~left;
}

bool access_foregone(const struct compiled *sd, const struct access_request *request)
{
	uint32_t wanted = mask_map_generic(request->wanted);
	const struct token *token = request->token;
	size_t restricted;

	token_restricted(token, &restricted);
	/* seldom, and not worth a second set of rules */
	if (!wanted || (wanted & (MAXIMUM_ALLOWED | ACCESS_SYSTEM_SECURITY)) || restricted ||
	    sd->policy_count || sd->dacl.owner_rights || (wanted & ~token_rights(token)) ||
	    (wanted & ~label_allows(&sd->label, token)))
		return false;
	if (!sd->dacl.present)
		return true;
	return sure_rights(&sd->dacl, token_table(token), wanted) == wanted;
}
