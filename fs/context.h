/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Call contexts: the attributes by which a server takes one, and has one verified that
 * it stored.  No rights on a file are needed.
 */
#ifndef GUISE_FS_CONTEXT_H
#define GUISE_FS_CONTEXT_H

#include "fs/operation.h"

/* The sealed context of the asker, whatever its level. */
int context_show(struct operation *op, struct node *node, const char *argument);

/*
 * "yes" or "no": is @argument, SHA256HEX.MACHEX, a text's digest and its seal by this host?  Needs
 * no identity: what was sealed stays so when the client's consent has ended.
 */
int context_check(struct operation *op, struct node *node, const char *argument);

#endif
