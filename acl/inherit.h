/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a new object's descriptor is, [MS-DTYP] 2.5.3.4, as recorded on Windows, and
 * how a change of the parent goes on to the children that are there.
 */
#ifndef GUISE_ACL_INHERIT_H
#define GUISE_ACL_INHERIT_H

#include <stdbool.h>

#include "acl/descriptor.h"
#include "acl/error.h"
#include "acl/token.h"

/*
 * The ACEs that @parent (NULL: none) hands to a child owned by @owner and
 * @group (NULL: none; a CREATOR that nobody is stays, and is nobody), as a new list in *@list
 * (caller frees): an empty list if nothing applies. Works alike for DACLs and SACLs;
 * @auto_inherited says whether the parent's SE_…_AUTO_INHERITED bit is set, which marks the ACEs
 * INHERITED_ACE.
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

/* Lists of a descriptor; may be combined. */
#define INHERIT_DACL 1u
#define INHERIT_SACL 2u

/*
 * The descriptor that @child, a folder if @folder, has after @parent, the descriptor of the folder
 * it lies in, has changed ("Automatic Propagation of Inheritable ACEs" in the Windows security
 * documentation).  Stores a new descriptor in *@result (caller frees) and in *@changed
 * whether it differs from @child.
 *
 * - Explicit ACEs (without INHERITED_ACE) stay as they are, in their order, first; all others are
 *   replaced by what the parent hands down now.  An explicit ACE that says the same as
 *   an inherited one stays too: that is so of what was created below a parent without
 *   SE_…_AUTO_INHERITED.
 * - A list with SE_…_PROTECTED stays as it is; DACL and SACL are apart.
 * - The inherited ACEs are marked, and SE_…_AUTO_INHERITED is set, even if the
 *   parent lacks it: unmarked, the next propagation would take them for explicit.
 * - A NULL or absent list stays if nothing is handed down, and else becomes what is.
 *   A list never becomes NULL or absent: one that loses all its ACEs is empty.
 * - If an explicit ACE would have to pass an inherited one of the other kind (allow, deny), the
 *   order in the DACL was meant: the DACL stays as it is and becomes SE_DACL_PROTECTED, as
 *   ConvertToAutoInheritPrivateObjectSecurity does.
 * - All else (owner, group, other control bits) stays.
 *
 * The result is to be stored as it is: inherit_normalise() takes SE_…_AUTO_INHERITED
 * away unless SE_…_AUTO_INHERIT_REQ is set with it.  SD_TOO_LARGE if it cannot be written.
 */
enum sd_error inherit_propagate(const struct descriptor *parent, const struct descriptor *child,
				bool folder, struct descriptor **result, bool *changed);

/*
 * The descriptor that @child, a folder if @folder, has after it went from folder @from to folder
 * @to, if inheritance goes with the place: as inherit_propagate(), but only its DACL, and only if
 * it is inherited: it has inherited ACEs or SE_DACL_AUTO_INHERITED, or is just what @from hands on.
 * (What has neither is its own; and a SACL is changed by who may change SACLs.)  A DACL that would
 * be left empty gives owner and LocalSystem everything, as a new object's would.  Stores in
 * *@changed whether that differs from @child by more than marks; only then a new descriptor in
 * *@result (caller frees).
 */
enum sd_error inherit_move(const struct descriptor *from, const struct descriptor *to,
			   const struct descriptor *child, bool folder, struct descriptor **result,
			   bool *changed);

/*
 * The same for a @child that never had a descriptor, of which @child is what its mode and POSIX ACL
 * imply: a mode is no explicit ACE, so where @to hands something on, that is its DACL.
 */
enum sd_error inherit_adopt(const struct descriptor *to, const struct descriptor *child,
			    bool folder, struct descriptor **result, bool *changed);

/* What becomes of inherited ACEs when a list is protected. */
enum inherit_keep {
	INHERIT_COPY, /* they become explicit, where they stand: access stays as it was */
	INHERIT_DROP, /* they go: of a list without explicit ACEs an empty one is left */
};

/*
 * @sd with @lists (INHERIT_DACL, INHERIT_SACL) cut off from the parent: SE_…_PROTECTED and,
 * where there is a list, SE_…_AUTO_INHERITED set, inherited ACEs made explicit or
 * dropped (icacls /inheritance:d and :r, SetAccessRuleProtection()).  Copies keep their place and
 * all flags but INHERITED_ACE, also beside an explicit ACE that says the same, so
 * that a denial may now follow allowances: such a DACL is no more in canonical order,
 * and sorting it would change what it gives.
 * Stores a new descriptor in *@result (caller frees).
 */
enum sd_error inherit_protect(const struct descriptor *sd, unsigned int lists,
			      enum inherit_keep keep, struct descriptor **result);

/*
 * @child with @lists joined to @parent again: SE_…_PROTECTED cleared, then as
 * inherit_propagate(); other lists stay (icacls /inheritance:e).  Explicit ACEs all stay, so that
 * copies made by inherit_protect() now stand before what they were copied from.  A DACL
 * whose order forbids it stays protected: sort it first.
 */
enum sd_error inherit_unprotect(const struct descriptor *parent, const struct descriptor *child,
				bool folder, unsigned int lists, struct descriptor **result);

#endif
