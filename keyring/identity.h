/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From Unix ids and token texts to tokens: the rules of who is who.  Users and groups of the host's
 * domain have two SIDs, which count alike.
 *
 * Each stores one reference in *@token and returns REASON_NONE, or a reason.
 */
#ifndef GUISE_KEYRING_IDENTITY_H
#define GUISE_KEYRING_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "acl/token.h"
#include "keyring/policy.h"
#include "keyring/reason.h"
#include "keyring/token_text.h"

/* Unix ids for identities that have none: "nobody" everywhere */
#define IDENTITY_NOBODY 65534

/* What the host says of everybody. */
struct identity_rules {
	const struct policy *policy;
	bool squash_root; /* uid 0 is an ordinary user, whatever the policy says */
};

/* Who a thread is by itself: @uid, @gid and @count supplementary groups. */
enum guise_reason identity_of_ids(uid_t uid, gid_t gid, const gid_t *groups, size_t count,
				  const struct identity_rules *rules, struct token **token);

/*
 * Who the token key of @owner with @text stands for, acted for by account
 * @actor.  Looks up the owner's groups.
 */
enum guise_reason identity_of_text(const struct token_text *text, uid_t owner, uid_t actor,
				   const struct identity_rules *rules, struct token **token);

#endif
