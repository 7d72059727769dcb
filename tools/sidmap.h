/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which SIDs become which others, as --map-sid and --map-file say:
 *
 *   FROM=TO                         principals, as everywhere in guise
 *   S-1-5-21-1-2-3-*=S-1-5-21-4-5-6-*   a whole domain; each RID stays
 */
#ifndef GUISE_TOOLS_SIDMAP_H
#define GUISE_TOOLS_SIDMAP_H

#include <stdbool.h>
#include <stddef.h>

#include "acl/sid.h"

struct sidmap {
	size_t count, room;
	struct sid_pair {
		struct sid from, to;
		bool domain; /* both are domains, of which all accounts are meant */
	} * pairs;
};

/* Adds "FROM=TO".  An enum status, having reported what is wrong with it. */
int sidmap_add(struct sidmap *map, const char *text);

/*
 * Adds those of a file, one a line; empty lines and those that begin with '#' are skipped.  An enum
 * status, as above.
 */
int sidmap_add_file(struct sidmap *map, const char *name);

/*
 * Makes @map ready to be asked, once the last was added.  An enum status: a SID that is to become
 * two was reported.
 */
int sidmap_ready(struct sidmap *map);

/* What @from becomes, as sids_map() asks it, with the map as @data: false if it stays. */
bool sidmap_find(const struct sid *from, struct sid *to, void *data);

/* Frees what @map holds; for __attribute__((cleanup)). */
void sidmap_clear(struct sidmap *map);

#define SIDMAP_CLEANUP __attribute__((cleanup(sidmap_clear)))

#endif
