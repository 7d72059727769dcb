/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What differs between two lists of lines, as a unified diff.
 */
#ifndef GUISE_TOOLS_DIFF_H
#define GUISE_TOOLS_DIFF_H

#include <stdbool.h>
#include <stdio.h>

#include "acl/descriptor.h"
#include "lines.h"

/* lines around a change that are printed, too, as diff(1) does; and all there are */
#define DIFF_CONTEXT 3
#define DIFF_WHOLE ((size_t)-1)

/*
 * Prints what makes @new of @old, with @context lines around each change; nothing if they are
 * equal.  Names are escaped; the lines are printed as they are.  In colour only on a terminal and
 * without NO_COLOR.  Returns 1 if they differ, 0 if not, or -ENOMEM.
 */
int diff_lines(FILE *out, const char *old_name, const struct lines *old, const char *new_name,
	       const struct lines *new, size_t context);

/*
 * The same of two descriptors, whole; NULL is one that there is not.
 */
int diff_print(FILE *out, const char *old_name, const struct descriptor *old, const char *new_name,
	       const struct descriptor *new);

/* Is @out to be coloured? */
bool diff_colour(FILE *out);

#endif
