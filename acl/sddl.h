/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Security descriptor definition language, [MS-DTYP] 2.5.1: descriptors as text
 * for people.
 */
#ifndef GUISE_ACL_SDDL_H
#define GUISE_ACL_SDDL_H

#include <stddef.h>

#include "acl/descriptor.h"
#include "acl/error.h"
#include "acl/sid.h"

/* Where and why a text was refused. */
struct sddl_fault {
	size_t offset;        /* characters from the start of the text */
	const char *expected; /* what would have been right there; static string */
};

/*
 * Reads @text.  @domain, which may be NULL, is the domain SID that aliases such
 * as DA stand in; without it they are refused.  On success stores a new
 * descriptor in *@sd (caller frees).  On failure returns SD_BAD_SYNTAX (with
 * *@fault filled in, if not NULL), SD_NO_MEMORY or SD_TOO_LARGE and stores no descriptor.
 * An empty text is refused: it would stand for a descriptor that grants everything.
 */
enum sd_error sddl_read(const char *text, const struct sid *domain, struct descriptor **sd,
			struct sddl_fault *fault);

/*
 * Writes @sd as text, in the form Windows writes.  @domain as above: SIDs in it
 * with an alias are written as that alias; with NULL they are written in full.
 * Allocates *@text (caller frees with free()).  Returns SD_NO_TEXT, storing
 * nothing, if a part cannot be expressed or there is none.  Control bits other
 * than those of P, AR and AI are left out, as Windows does; so is how conditions and
 * resource attributes are laid out (order of parts, widths of integers, padding).
 */
enum sd_error sddl_write(const struct descriptor *sd, const struct sid *domain, char **text);

/*
 * The SID an SDDL alias ("BA", "SY", "WD") stands for.  Letters of either case.
 * Returns false if @alias is none, or if it is relative to a domain and
 * @domain is NULL.
 */
bool sddl_alias_sid(const char alias[2], const struct sid *domain, struct sid *sid);

#endif
