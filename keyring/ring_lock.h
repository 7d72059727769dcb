/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The host's lock on the registry's keyrings.
 *
 * The kernel links and unlinks by name.  Between the look that an entry is the one to
 * remove and its unlinking nobody may write a newer one of its name, which would go in its place.
 *
 * It is flock(2) on a file of root's.  Daemons that share root's user keyring but not /run
 * (containers without a user namespace of their own) do not share it.  They have another pid
 * namespace as a rule, and with it names of their own for threads and processes; if they share
 * that, too, or mark one namespace, an announcement can be lost in the moment in which another
 * daemon removes an old entry of its name.  The same goes for daemons from before there was a lock.
 */
#ifndef GUISE_KEYRING_RING_LOCK_H
#define GUISE_KEYRING_RING_LOCK_H

#define RING_LOCK_PATH "/run/guisefs.lock"

/* ms that an announcement waits, which is refused then, and a removal, which can be made later */
#define RING_LOCK_PATIENT 2000
#define RING_LOCK_HASTY 100

/* Finds out whether the lock can be had at all.  0, -EPERM if the file is not root's alone, ... */
int ring_lock_open(void);

/*
 * Takes the lock, waiting for up to @patience.  The hasty do not wait at all while the last
 * one waited in vain: many removals are no longer than one.  0, -EBUSY, or why it cannot be had.
 */
int ring_lock(unsigned int patience);
void ring_unlock(void);

/* For unit tests: another file from now on. */
void ring_lock_at(const char *path);

#endif
