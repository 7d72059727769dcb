/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * handles=revocable: what a client's token opened can be used only while the token's key lives.
 */
#ifndef GUISE_FS_REVOCABLE_H
#define GUISE_FS_REVOCABLE_H

#include "fs/operation.h"

/* @op is about to open something: its token comes with a hold on its key. */
void revocable_begin(struct operation *op);

/* op->out.handle was opened, and lasts as long as the key from here on.  0 or -errno */
int revocable_bind(struct operation *op);

/*
 * May @handle (NULL: none) be used still?  Who asks does not matter, since the kernel often does.
 * 0, or -errno after telling the audit.
 */
int revocable_check(struct operation *op, const struct handle *handle);

#endif
