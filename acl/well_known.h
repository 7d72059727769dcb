/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names of well-known SIDs, [MS-DTYP] 2.4.2.4, as Windows shows them in English.
 *
 * Pure and thread safe; the strings are static.
 */
#ifndef GUISE_ACL_WELL_KNOWN_H
#define GUISE_ACL_WELL_KNOWN_H

#include <stdbool.h>

#include "acl/sid.h"

/* the longest name, with its NUL */
#define WELL_KNOWN_MAX_NAME 64

/*
 * The name of @sid without its authority ("Everyone", "Administrators", "High Mandatory Level"),
 * and in *@authority, if not NULL, what stands before it ("NT AUTHORITY", "BUILTIN"),
 * "" for those that have none.  NULL if @sid is not well known.  An account or group that each
 * domain has (RID below 1000 of S-1-5-21-…) counts: "Domain Admins", authority "".
 */
const char *well_known_name(const struct sid *sid, const char **authority);

/*
 * The SID with that name, in any case of letters, with or without its authority
 * ("BUILTIN\Administrators", "administrators").  Those of a domain only if @domain is
 * not NULL.  False, storing nothing, if there is none.
 */
bool well_known_sid(const char *name, const struct sid *domain, struct sid *sid);

#endif
