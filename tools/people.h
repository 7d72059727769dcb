/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptors in the people's form: names and words.
 */
#ifndef GUISE_TOOLS_PEOPLE_H
#define GUISE_TOOLS_PEOPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "acl/descriptor.h"

/* The name of @sid, escaped (caller frees), or NULL if none is known. */
char *people_name(const struct sid *sid);

/*
 * The name of @sid, with " (group)" if it is a Unix group's, or "[S-1-…]" if
 * none is known; escaped (caller frees).  NULL without memory.
 */
char *people_principal(const struct sid *sid);

/* Prints the name of @sid, if known, and @sid itself, and ends the line. */
void people_print_sid(const struct sid *sid);

/* "full control", "read & execute" or the names of the rights; caller frees. */
char *people_rights(uint32_t mask, bool folder);

/* What @ace applies to and when, and whether it is inherited; "" if there is nothing to say.
 * Caller frees. */
char *people_flags(const struct ace *ace, bool folder);

/* Prints owner, group, DACL and SACL of @sd.  Returns 0 or -ENOMEM, having printed nothing. */
int people_print(const struct descriptor *sd, bool folder);

#endif
