/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What would change the answer to an inquiry: the smallest changes of DACLs, tried out on all that
 * decides.
 */
#ifndef GUISE_TOOLS_CURE_H
#define GUISE_TOOLS_CURE_H

#include <stdbool.h>
#include <stddef.h>

#include "acl/remedy.h"
#include "inquiry.h"

#define CURE_ITEMS 6

struct cure_item {
	const struct site *site;
	struct remedy remedy;
};

struct cure {
	bool complete; /* with all items done the answer is the other one */
	enum remedy_why_not why_not;
	size_t count;
	struct cure_item items[CURE_ITEMS];
};

/* For @inquiry as it was judged for @token.  0 or -ENOMEM. */
int cure_find(const struct inquiry *inquiry, const struct token *token, struct cure *cure);
void cure_clear(struct cure *cure);

/*
 * Calls @tell with each command of guise that does it, as the shell reads it.  0 or -ENOMEM.
 */
int cure_commands(const struct cure *cure, void (*tell)(void *context, const char *command),
		  void *context);

#endif
