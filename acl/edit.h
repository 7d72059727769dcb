/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Edits of a list of ACEs: what icacls /grant, /deny and /remove do.
 *
 * Inherited ACEs are never touched.  In a list in canonical order (canonical.h) new ACEs go where
 * that order wants them.  In any other list no ACE that is there changes its place, since that
 * could change what the list gives: what denies goes to the front, what allows behind
 * the last explicit ACE that allows or denies, so that it undoes no denial; and an ACE that is
 * there is widened only where the new one could stand as well.
 *
 * Functions are pure.  A list may be NULL (NULL or absent): it counts as empty, and
 * whether an edit of a list that gives everyone everything is meant is for the caller to ask.
 */
#ifndef GUISE_ACL_EDIT_H
#define GUISE_ACL_EDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acl/ace.h"
#include "acl/error.h"

/* kinds of ACEs that are removed; may be combined */
#define EDIT_ALLOW 1u
#define EDIT_DENY 2u
#define EDIT_AUDIT 4u /* audit and alarm */

/* What came of an edit. */
struct edit_note {
	bool changed;      /* the list differs from what it was */
	bool unordered;    /* the list is not in canonical order, and was left so */
	size_t removed;    /* ACEs that are gone */
	size_t inherited;  /* ACEs that would have gone were they not inherited */
	uint32_t withheld; /* added rights that a denial of the same SID in the list takes away */
};

/*
 * @acl with the explicit ACE @ace added.  One of the same type, SID, flags, object types and
 * condition takes its rights in; else it is a new one.  Generic rights of an ACE that holds for the
 * object itself become the file's own.
 *
 * An ACE that allows: with @replace, all explicit ACEs that allow that SID something go first
 * (icacls /grant:r), and the new one takes the place of the first.
 * One that denies without a condition takes its rights from explicit ACEs that allow them to that
 * SID, where these hold for nothing that it does not hold for (icacls /deny); what is left with
 * SYNCHRONIZE or nothing goes.
 * One that audits: @replace removes those of that SID that audit.
 *
 * Stores a new list in *@result (caller frees) and fills in *@note.
 */
enum sd_error edit_add(const struct acl *acl, const struct ace *ace, bool replace,
		       struct acl **result, struct edit_note *note);

/* @acl without the explicit ACEs of @kinds that name @sid.  Results as above. */
enum sd_error edit_remove(const struct acl *acl, const struct sid *sid, unsigned int kinds,
			  struct acl **result, struct edit_note *note);

/* @acl without the explicit ACEs that are the same as @ace.  Results as above. */
enum sd_error edit_remove_exactly(const struct acl *acl, const struct ace *ace, struct acl **result,
				  struct edit_note *note);

/* What remains of @ace on an object that is no folder: inheritance flags go.  False if nothing
 * does, since it is inherit-only. */
bool edit_fit_file(struct ace *ace);

#endif
