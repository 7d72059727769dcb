/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The SIDs that a descriptor names, wherever they stand: to find them, and to put others in their
 * place.
 *
 * Functions are pure.
 */
#ifndef GUISE_ACL_SIDS_H
#define GUISE_ACL_SIDS_H

#include <stdbool.h>
#include <stddef.h>

#include "acl/descriptor.h"
#include "acl/error.h"

enum sids_part {
	SIDS_OWNER,
	SIDS_GROUP,
	SIDS_DACL,
	SIDS_SACL,
};

/* Where a SID stands. */
struct sids_place {
	enum sids_part part;
	size_t entry; /* of a list: which ACE, from 0 */
	bool within;  /* in the ACE's condition or attribute, not the one that it is for */
};

/* Told of each SID; what it returns, if not 0, ends the search. */
typedef int sids_visit(const struct sid *sid, const struct sids_place *place, void *data);

/*
 * Calls @visit for each SID in @sd, in the order owner, group, DACL, SACL.  Those within ACEs of
 * types that are not known, and within conditions and attributes that are malformed, are not seen:
 * see sids_hidden().  Returns what ended the search, or 0; -1 without memory.
 */
int sids_each(const struct descriptor *sd, sids_visit *visit, void *data);

/* ACEs of @sd whose SIDs sids_each() does not see, all or some of them. */
size_t sids_hidden(const struct descriptor *sd);

/* Stores in *@to what comes in the place of @from; false if @from stays. */
typedef bool sids_replace(const struct sid *from, struct sid *to, void *data);

/*
 * A copy of @sd in which all SIDs that sids_each() sees went through @replace.  Entries in
 * which nothing is replaced keep their bytes.  Stores it in *@mapped (caller frees) and in *@count
 * how many SIDs were replaced.  SD_OK, SD_NO_MEMORY or SD_TOO_LARGE.
 */
enum sd_error sids_map(const struct descriptor *sd, sids_replace *replace, void *data,
		       struct descriptor **mapped, size_t *count);

#endif
