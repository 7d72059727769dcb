/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A descriptor as lines of text: owner, group, control bits, and each entry of DACL and SACL.
 */
#ifndef GUISE_TOOLS_LINES_H
#define GUISE_TOOLS_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "acl/descriptor.h"

/* Lines without their ends; owns them. */
struct lines {
	size_t count;
	size_t room;
	char **items;
};

/* Appends @text, which it takes over.  Returns 0, or -ENOMEM, also if @text is NULL. */
int lines_add(struct lines *lines, char *text);

/*
 * Appends those of @sd; none if that is NULL.  They can be printed as they
 * are, and different descriptors have different ones.  Returns 0 or -ENOMEM.
 */
int lines_of(const struct descriptor *sd, struct lines *lines);

/* Frees the lines and leaves none; for __attribute__((cleanup)). */
void lines_clear(struct lines *lines);

#define LINES_CLEANUP __attribute__((cleanup(lines_clear)))

#endif
