/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Primary tokens: who a thread is without impersonating. */
#ifndef GUISE_KEYRING_PRIMARY_H
#define GUISE_KEYRING_PRIMARY_H

#include <stdbool.h>

#include "acl/token.h"
#include "keyring/policy.h"
#include "keyring/reason.h"
#include "keyring/resolve.h"

struct primaries;

struct primaries *primaries_create(bool squash_root);
void primaries_destroy(struct primaries *primaries);

/*
 * The primary token of @caller by @policy; with @groups its supplementary groups are read
 * now, else they are left out and the token may be a shared one.
 */
enum guise_reason primary_token(struct primaries *primaries, const struct policy *policy,
				const struct caller *caller, bool groups,
				const struct token **token);

/* Drops what is too old to be used. */
void primaries_housekeep(struct primaries *primaries);

#endif
