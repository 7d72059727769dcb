/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From Unix ids and token texts to tokens: the rules of who is who.
 *
 * Each stores one reference in *@token and returns REASON_NONE, or a reason.
 */
#ifndef GUISE_KEYRING_IDENTITY_H
#define GUISE_KEYRING_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "acl/token.h"
#include "keyring/reason.h"
#include "keyring/token_text.h"

/* Unix ids for identities that have none: "nobody" everywhere */
#define IDENTITY_NOBODY 65534

/* Who a thread is by itself: @uid, @gid and @count supplementary groups. */
enum guise_reason identity_of_ids(uid_t uid, gid_t gid, const gid_t *groups, size_t count,
				  bool squash_root, struct token **token);

/*
 * Who the token key of @owner with @text stands for, acted for by account
 * @actor.  Looks up the owner's groups.
 */
enum guise_reason identity_of_text(const struct token_text *text, uid_t owner, uid_t actor,
				   bool squash_root, struct token **token);

#endif
