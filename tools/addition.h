/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Entries that add and deny put into lists.
 */
#ifndef GUISE_TOOLS_ADDITION_H
#define GUISE_TOOLS_ADDITION_H

#include <stdbool.h>

#include "acl/ace.h"
#include "revision.h"

struct addition {
	char *const *texts; /* ENTRYs, as given */
	struct ace *aces;   /* the same, read */
	size_t count;
	bool deny;     /* they deny unless they say something else */
	bool replace;  /* what they replace goes first */
	bool force;    /* also where everybody has everything */
	uint8_t audit; /* …_ACCESS_ACE_FLAG: they audit that */
	struct change change;
	struct revision_tally tally;
};

/*
 * Reads @arguments, PATH ENTRY… or, with --files-from, ENTRY…, and adds the entries.  Returns the
 * exit status.
 */
int addition_run(struct addition *addition, char *const *arguments, int count);

#endif
