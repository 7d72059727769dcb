/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Restoring saved descriptors one by one.
 *
 * A folder is restored after all that is in it, so that what its descriptor takes away from the
 * caller is not missed on the way; but before, if the way to something in it is barred as it is.
 * All parts of a descriptor are written at once, so that giving the owner away takes nothing from
 * the rest.
 */
#ifndef GUISE_TOOLS_RESTORATION_H
#define GUISE_TOOLS_RESTORATION_H

#include <stdbool.h>

#include "object.h"
#include "saved.h"
#include "sidmap.h"

struct restoration {
	struct object root;
	const char *name;   /* of the root, for people */
	unsigned int parts; /* PART_…: those to restore */
	bool whole;         /* a part that a record lacks is taken away, not left alone */
	bool dry_run;
	bool hard_links; /* also what has names elsewhere */
	struct sidmap *map;
	struct waiting *waiting; /* folders that are restored later, the deepest first */
	unsigned long changed;
};

/*
 * Restores @saved, or, if it is a folder, keeps it (then @saved is empty) until all in it was.
 * An enum status: the worst of what was restored now; failures were reported.
 */
int restoration_take(struct restoration *restoration, struct saved *saved);

/* Restores the folders that wait.  As above. */
int restoration_finish(struct restoration *restoration);

#endif
