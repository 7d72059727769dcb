/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Asking what may never answer, as a mount whose daemon is stopped: by a process that can be
 * left waiting.
 */
#ifndef GUISE_TOOLS_PATIENCE_H
#define GUISE_TOOLS_PATIENCE_H

#include <stddef.h>

/* What that process does: writes the answer to @out, and returns 0, or else it has failed. */
typedef int patience_fn(void *context, int out);

/*
 * Stores in *@answer (caller frees), with a NUL after its *@size bytes, what @deed writes.  0 or
 * -errno: -ETIMEDOUT if it has not ended within 20 s, -EIO if it failed.
 */
int patience_ask(patience_fn *deed, void *context, char **answer, size_t *size);

#endif
