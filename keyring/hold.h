/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A hold on a client's token key: what was opened with it lasts only as long as the key, and the
 * one that this narrows.  The kernel sends no word of an end, so it is asked each time.
 */
#ifndef GUISE_KEYRING_HOLD_H
#define GUISE_KEYRING_HOLD_H

#include <stdint.h>

#include "acl/token.h"
#include "keyring/key.h"
#include "keyring/reason.h"

struct evidence;
struct hold;

/* A hold on the key of @evidence, from which @token was made.  On success in *@hold. */
enum guise_reason hold_create(const struct evidence *evidence, const struct token *token,
			      struct hold **hold);
void hold_destroy(struct hold *hold); /* NULL is allowed */

/* Does the key still live?  REASON_NONE, or REASON_HANDLE_…: why not, and of which key in *@key. */
enum guise_reason hold_check(struct hold *hold, int32_t *key);

/* Whose it is; borrowed. */
const struct token *hold_token(const struct hold *hold);

#endif
