/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The canonical order of a DACL: explicit ACEs before inherited ones, and among the
 * explicit ones those that deny before those that allow.  Then an explicit rule
 * outweighs an inherited one, and a denial what the same list allows.
 *
 * Sources: "Order of ACEs in a DACL" (Windows security documentation); the check
 * and the sorting of System.Security.AccessControl.CommonAcl; [MS-ADTS] "ACE ordering rules"
 * for object ACEs, which only directories place after the plain ones of
 * their kind: here they stand with them, as in CommonAcl.IsCanonical.
 */
#ifndef GUISE_ACL_CANONICAL_H
#define GUISE_ACL_CANONICAL_H

#include <stdbool.h>
#include <stddef.h>

#include "acl/ace.h"

/*
 * Is @acl in canonical order?  If not, and @first is not NULL, stores there the
 * index of the first ACE that should stand before one that precedes it.
 *
 * Inherited ACEs are in order as they come: nearest parent first, as handed
 * down; where one generation ends is not recorded, so that denials among them
 * may follow allowances.  ACEs that neither allow nor deny (unknown
 * types, types of SACLs) belong after the explicit ones that do.  A list without any ACE that
 * allows or denies, so every sensible SACL, is in order whatever it holds; so is a NULL DACL.
 */
bool acl_is_canonical(const struct acl *acl, size_t *first);

/*
 * A copy of @acl in canonical order (caller frees *@sorted); ACEs of one group keep their
 * order among each other, and none is merged, dropped or changed.
 *
 * This may change the access that the list gives!  The first ACE to speak of a right
 * decides: a denial moved to the front takes what was allowed before it, and an
 * explicit allowance moved before an inherited denial gives what that took.  Only the
 * sorting of a list that is canonical already, which copies it, is without effect.
 */
enum sd_error acl_sort_canonical(const struct acl *acl, struct acl **sorted);

#endif
