/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Marked trees of processes: user namespaces that act with one token key for good.
 *
 * A mark is an entry of the kernel's registry, named by the namespace's file
 * handle.  Older kernels have none; there it is named by the inode.  The daemon
 * that wrote such a mark keeps the namespace open, so that the number cannot
 * become another's; a daemon that meets it believes it only while that one
 * lives, and then keeps the namespace open itself.
 */
#ifndef GUISE_KEYRING_TREE_H
#define GUISE_KEYRING_TREE_H

#include <stdint.h>
#include <sys/types.h>

#include "keyring/key.h"
#include "keyring/reason.h"

struct trees;

/*
 * The token key of a tree.  It can end while the tree goes on, and its serial
 * become another key's: owner and description say whether it is the same.
 */
struct tree_token {
	int32_t key; /* 0: in no marked tree */
	uid_t owner;
	char description[KEY_TOKEN_NAME_MAX + 1];
};

/* 0 or a negative errno. */
int trees_create(struct trees **trees);
void trees_destroy(struct trees *trees);

/* The token key of the tree that thread @tid is in, key 0 if it is in none. */
enum guise_reason trees_find(struct trees *trees, pid_t tid, struct tree_token *token);

/*
 * Marks the user namespace of @tid, whose user is @uid: it must be its own, with
 * one process of one thread, and in no marked tree.  To make the same mark again
 * succeeds: every daemon is told.
 */
enum guise_reason trees_mark(struct trees *trees, pid_t tid, uid_t uid,
			     const struct tree_token *token);

/*
 * Takes marks away whose namespace is no more.  Marks named by inode go once two
 * scans of all processes in a row have shown beyond doubt that nobody is under
 * them; a scan every few seconds at most, and only if there are such marks.
 */
void trees_housekeep(struct trees *trees);

/* The same with @every seconds between scans, for tests. */
void trees_housekeep_every(struct trees *trees, long every);

#endif
