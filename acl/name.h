/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SIDs in SDDL text: two-letter aliases and the loose spelling that Windows
 * takes; private to acl/.
 */
#ifndef GUISE_ACL_NAME_H
#define GUISE_ACL_NAME_H

#include <stdbool.h>

#include "acl/sid.h"

/*
 * The alias of @sid: two letters, static, NULL if it has none.  SIDs
 * of @domain have one only if @domain is not NULL.
 */
const char *name_of_sid(const struct sid *sid, const struct sid *domain);

/*
 * As sid_parse(), but blanks may precede each number, and a hexadecimal number ends before a
 * digit that is followed by ':' ("S-1-2-0x200D:" is S-1-2-512 and the start of a DACL).
 */
bool sid_parse_loose(const char *text, struct sid *sid, const char **end);

#endif
