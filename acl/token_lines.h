/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A token as lines of text, as a mount tells who somebody is: one word and its value a line.
 * What is written says all that an access check looks at, but for claims and groups of devices,
 * which mounts know none of.
 *
 *	user SID            first, once
 *	group SID           an enabled group
 *	may-own SID         that group may be made the owner of an object
 *	deny-only SID       a group that matches deny ACEs only
 *	restricted SID      one of the SIDs that restrict the token
 *	level NAME          once
 *	actor SID           the server account that acts
 *	until SECONDS       the token's end
 *	rights 0xHEX        that it can use at most
 *	privilege NAME
 *	integrity 0xHEX     once: the last number of S-1-16-…
 */
#ifndef GUISE_ACL_TOKEN_LINES_H
#define GUISE_ACL_TOKEN_LINES_H

#include <stdio.h>

#include "acl/error.h"
#include "acl/token.h"

void token_lines_write(const struct token *token, FILE *out);

/*
 * The token that @text tells of, one reference in *@token.  Lines with other words are those of
 * newer mounts, and skipped.  SD_OK, SD_NO_MEMORY, SD_BAD_SYNTAX, SD_TOO_LARGE.
 */
enum sd_error token_lines_read(const char *text, struct token **token);

#endif
