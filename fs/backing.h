/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Backing files: what the kernel reads and writes by itself (FUSE_PASSTHROUGH).
 *
 * One for each node serves all its handles, also later ones: the kernel opens the file
 * again with the flags of each.  Those that were used last are kept while no handle is open.
 */
#ifndef GUISE_FS_BACKING_H
#define GUISE_FS_BACKING_H

#include <stdbool.h>

struct node_io;
struct operation;

/*
 * Will the kernel read and write by itself through @op's new handle, on the node of @io, which
 * is locked?  Then the handle is counted as passed.  Otherwise nothing has changed.
 */
bool backing_use(struct operation *op, struct node_io *io);

/* A handle that was passed, on the node of @io, which is locked, is closed. */
void backing_release(struct operation *op, struct node_io *io);

/* The node of @io, which is locked, goes. */
void backing_forget(struct node_io *io);

#endif
