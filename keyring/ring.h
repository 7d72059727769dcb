/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The registry's keyrings: root's own, in root's user keyring, shared by every
 * daemon on the host.
 *
 * An entry is a user key that is never changed: a newer one of the same name
 * displaces it.  It is removed by unlinking it, under a lock since that goes by name
 * (keyring/ring_lock.h).  Invalidating hits this very key, but when the kernel takes a dead key
 * out of a ring it does not give back the bytes that the link was charged to the ring's owner:
 * every thread that announced itself would cost some of root's quota for ever.
 */
#ifndef GUISE_KEYRING_RING_H
#define GUISE_KEYRING_RING_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define RING_THREADS "guise:threads"
#define RING_TREES "guise:trees"
#define RING_ENTRY_MAX 320

/*
 * The keyring called @name, made if there is none.  Its serial, or a negative errno,
 * also if the lock on it cannot be had.
 */
int32_t ring_open(const char *name);

/*
 * The entry called @name: its serial, 0 if there is none, or a negative errno.
 * A ring that is gone looks like one without the entry: ask key_count() as well.
 */
int32_t ring_find(int32_t ring, const char *name);

/* The text of @entry and a NUL in @text.  0, -ENOKEY if it was removed, -EPROTO, ... */
int ring_entry_read(int32_t entry, char text[RING_ENTRY_MAX]);

/* A new entry in place of any older one; its serial or a negative errno, as -EBUSY. */
int32_t ring_entry_write(int32_t ring, const char *name, const char *text);

/* The same, but -EEXIST if there is an entry of that name. */
int32_t ring_entry_claim(int32_t ring, const char *name, const char *text);

/*
 * Removes @entry from @ring; nothing if it is not there any more, or a newer one is in its place.
 * 0, or a negative errno if it is still there, as -EBUSY: to be tried again later.
 */
int ring_entry_remove(int32_t ring, int32_t entry);

#endif
