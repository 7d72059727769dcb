/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What add, deny and remove share: a list of one object is revised step by step, by the edits of
 * acl/edit.h, and what is worth knowing is said.
 */
#ifndef GUISE_TOOLS_REVISION_H
#define GUISE_TOOLS_REVISION_H

#include <stdbool.h>

#include "acl/edit.h"
#include "change.h"

/* A descriptor being revised, and whose it is. */
struct revision {
	const struct target *target;
	struct descriptor *sd; /* a copy of the target's */
	bool changed;
};

/* What is counted below the paths that were named, to be told once. */
struct revision_tally {
	unsigned long unordered; /* lists that are not in canonical order */
	unsigned long withheld;  /* where a denial takes what was added */
	unsigned long inherited; /* where a principal stays by inheritance */
	unsigned long emptied;   /* lists without entries left */
};

/* Begins with the descriptor of @target.  STATUS_OK, or a status that was reported. */
int revision_begin(struct revision *revision, const struct target *target);

/* The list of @revision that ACEs of @type are in; NULL if it is NULL or absent. */
const struct acl *revision_list(const struct revision *revision, uint8_t type);

/* Is the DACL NULL or absent, so that everybody has everything? */
bool revision_is_open(const struct revision *revision);

/* Puts @list, which is taken over, in the place of the one that ACEs of @type are in. */
void revision_put(struct revision *revision, uint8_t type, struct acl *list);

/* Stores the result in *@to, if it is another than it was, and ends @revision. */
void revision_end(struct revision *revision, struct descriptor **to);

/* Says what @note tells of a named object, or counts it.  @name is who it was about. */
void revision_tell(const struct revision *revision, const struct edit_note *note, const char *name,
		   struct revision_tally *tally);

/* Tells what was counted. */
void revision_tell_tally(const struct revision_tally *tally);

/* Are ACEs of @type for SACLs? */
bool revision_is_sacl(uint8_t type);

/* Reports @error of an edit of @target; returns the exit status. */
int revision_report(const struct target *target, enum sd_error error);

#endif
