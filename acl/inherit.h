/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a new object's descriptor is, [MS-DTYP] 2.5.3.4, as recorded on Windows.
 */
#ifndef GUISE_ACL_INHERIT_H
#define GUISE_ACL_INHERIT_H

#include <stdbool.h>

#include "acl/descriptor.h"
#include "acl/error.h"
#include "acl/token.h"

/*
 * The ACEs that @parent (NULL: none) hands to a child owned by @owner and
 * @group (NULL: none), as a new list in *@list (caller frees): an empty list if
 * nothing applies.
 * Works alike for DACLs and SACLs; @auto_inherited says whether the parent's
 * SE_…_AUTO_INHERITED bit is set, which marks the ACEs INHERITED_ACE.
 */
enum sd_error inherit_acl(const struct acl *parent, bool auto_inherited, bool folder,
			  const struct sid *owner, const struct sid *group, struct acl **list);

/*
 * The descriptor of a new object in a folder with descriptor @parent, made by
 * @token.  @explicit, which may be NULL, is what the creator asked for; an
 * explicit DACL is used alone.  With neither an explicit nor an inheritable DACL
 * the child gets the token's default DACL (owner full, SYSTEM full).
 * Whether the token may give the object that owner, and a SACL, is for the
 * caller to check.  Stores a new descriptor in *@child (caller frees).
 */
enum sd_error inherit_create(const struct descriptor *parent, const struct descriptor *explicit_sd,
			     bool folder, const struct token *token, struct descriptor **child);

/*
 * What is stored when @given is set as a descriptor: generic bits mapped in ACEs
 * that are not inherit-only, SE_…_AUTO_INHERIT_REQ consumed, AUTO_INHERITED kept
 * only with it, PROTECTED kept.
 * Changes @given in place.
 */
void inherit_normalise(struct descriptor *given);

#endif
