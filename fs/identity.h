/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Requests about identity itself: announcing a thread or a tree of processes,
 * and asking who one, or another thread, is.
 */
#ifndef GUISE_FS_IDENTITY_H
#define GUISE_FS_IDENTITY_H

#include "fs/operation.h"

/* The asker says that key @serial (decimal) is its thread keyring / the token its process tree acts
 * with. */
int identity_announce_thread(struct operation *op, struct node *node, const char *serial);
int identity_announce_tree(struct operation *op, struct node *node, const char *serial);

/* The asker's token as text in *@text (malloc'ed), whatever its level. */
int identity_show(struct operation *op, char **text, size_t *size);

/*
 * For root, itself: the token that thread @tid (decimal) acts with now, as text; or "refused" and
 * why.  -ESRCH: there is no such thread.
 */
int identity_show_thread(struct operation *op, struct node *node, const char *tid);

#endif
