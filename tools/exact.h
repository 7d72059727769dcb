/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Text that says all of a descriptor: SDDL leaves out some control bits and how conditions are laid
 * out, and has no words for some ACEs.
 */
#ifndef GUISE_TOOLS_EXACT_H
#define GUISE_TOOLS_EXACT_H

#include <stdbool.h>

#include "acl/descriptor.h"

/*
 * @sd as SDDL if that, read again, is the same descriptor.  Returns 0, storing the text in *@text
 * (caller frees), -ENOTSUP if there is no such text, or -ENOMEM.
 */
int exact_sddl(const struct descriptor *sd, char **text);

/*
 * @ace of a DACL, or of a SACL, as SDDL, "(A;;FA;;;WD)", if that says all of it; else its bytes:
 * "ace 0d 00 14…".  Caller frees; NULL without memory.
 */
char *exact_ace(const struct ace *ace, bool sacl);

#endif
