/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A descriptor as a text that people edit, and back.
 *
 *   owner: alice
 *   group: staff
 *   dacl: protected
 *     alice:(OI)(CI)(F)          # full control; this folder, subfolders and files
 *     @2                         # an ACE that has no text, as it is
 *   sacl:
 *     Everyone:(FAILURE)(W)
 *
 * Entries are those of entry.h, one a line.  '#' begins a comment, at the start of a line or after
 * a blank that is not in quotes.
 */
#ifndef GUISE_TOOLS_EDIT_TEXT_H
#define GUISE_TOOLS_EDIT_TEXT_H

#include <stdbool.h>
#include <stdio.h>

#include "acl/descriptor.h"

/* Where and why a text was refused. */
struct edit_fault {
	size_t line; /* from 1; 0: the text as a whole */
	char *why;   /* in words; the caller frees */
};

/* Writes @sd, the descriptor of @path, with comments.  0 or -ENOMEM. */
int edit_text_write(FILE *out, const char *path, const struct descriptor *sd, bool folder);

/*
 * Reads @text, which is changed, as what @from is to become.  Inherited entries must be as they
 * are in @from, in their order, or gone if the list becomes protected; a SACL that
 * neither has stays out.  Stores a new descriptor in *@to (caller frees).  0, -ENOMEM, or -EINVAL
 * with @fault filled in.
 */
int edit_text_read(char *text, const struct descriptor *from, struct descriptor **to,
		   struct edit_fault *fault);

#endif
