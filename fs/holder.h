/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who holds how much open: files and folders that are open keep descriptors of the daemon's, of
 * which there are only so many for everybody.
 *
 * Of three quarters whoever asks may have as many as are left for all others: one alone gets half
 * of them, the next half of the rest, and so on.  The last quarter is for those who have few
 * open.  Root has no share, it may take what is left.  Thread safe.
 */
#ifndef GUISE_FS_HOLDER_H
#define GUISE_FS_HOLDER_H

#include <stddef.h>

#include "acl/sid.h"

struct holder;
struct holders;

/* Descriptors that somebody holds; {0}: none. */
struct claim {
	struct holder *holder;
	unsigned int count;
};

/* Shares @limit descriptors out.  Returns 0 or -ENOMEM. */
int holders_create(size_t limit, struct holders **holders);
void holders_destroy(struct holders *holders);

/*
 * @count descriptors for @who, in @claim until claim_end().  Returns 0, -EMFILE (no more for this
 * one) or -ENOMEM.
 */
int claim_begin(struct holders *holders, const struct sid *who, unsigned int count,
		struct claim *claim);

/* @count more for the same one. */
int claim_more(struct claim *claim, unsigned int count);

/* Gives @count of them back, but not all. */
void claim_less(struct claim *claim, unsigned int count);

/* Gives back what @claim holds, if anything; for __attribute__((cleanup)), too. */
void claim_end(struct claim *claim);

#endif
