/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The SIDs in a conditional expression, also those in its composites; private to acl/.
 */
#ifndef GUISE_ACL_CONDITION_SIDS_H
#define GUISE_ACL_CONDITION_SIDS_H

#include "acl/condition.h"

/* A walk through the SIDs of an expression. */
struct condition_sids {
	const uint8_t *bytes;
	size_t size;
	size_t at;
};

/* Begins a walk; of what is not condition_valid() it has none. */
struct condition_sids condition_sids_begin(const uint8_t *bytes, size_t size);

/* Stores the next SID in *@sid; false at the end. */
bool condition_sids_next(struct condition_sids *walk, struct sid *sid);

/*
 * The expression with other SIDs: those for which @replace returns true are replaced by what it
 * stores in *@to.  Stores new bytes in *@mapped (free()), or NULL if none was replaced or
 * @bytes is not condition_valid().  SD_OK, SD_NO_MEMORY or SD_TOO_LARGE.
 */
enum sd_error condition_sids_map(const uint8_t *bytes, size_t size,
				 bool (*replace)(const struct sid *from, struct sid *to,
						 void *data),
				 void *data, uint8_t **mapped, size_t *mapped_size);

#endif
