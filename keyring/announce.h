/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Telling the host's guisefs mounts something about the calling thread, in such
 * a way that the kernel itself says which thread speaks: a request on a mount's root.
 */
#ifndef GUISE_KEYRING_ANNOUNCE_H
#define GUISE_KEYRING_ANNOUNCE_H

#include <stddef.h>
#include <stdint.h>

/* names of the extended attributes whose reading is the announcement */
#define ANNOUNCE_THREAD "system.guise.thread."
#define ANNOUNCE_TREE "system.guise.tree."
/* what a mount answers, without a NUL */
#define ANNOUNCE_DONE "ok"

/* The calling thread's keyring is @ring.  0, -ENODEV without a mount, or the daemon's errno. */
int announce_thread(int32_t ring);

/* The calling process's user namespace acts with token key @key for good. */
int announce_tree(int32_t key);

#endif
