/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The table of a token's SIDs, for loops of the access check; private to acl/.
 */
#ifndef GUISE_ACL_TOKEN_TABLE_H
#define GUISE_ACL_TOKEN_TABLE_H

#include "acl/sid_table.h"
#include "acl/token.h"

/* The SIDs of @token with their TOKEN_SID_… bits; the token's. */
const struct sid_table *token_table(const struct token *token);

#endif
