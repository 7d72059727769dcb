/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where an inherited ACE comes from: comparing what a folder hands down with what a child has.
 *
 * Pure and thread safe.
 */
#ifndef GUISE_ACL_ORIGIN_H
#define GUISE_ACL_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>

#include "acl/descriptor.h"
#include "acl/error.h"

/* A child, as what it was handed hangs on it. */
struct origin_child {
	const struct descriptor *sd;
	bool folder;
};

/* What @parent hands down to @child now, marked as inherited (caller frees *@list). */
enum sd_error origin_handed(const struct descriptor *parent, const struct origin_child *child,
			    struct acl **list);

/*
 * Which ACE of the DACL of @parent gives @child the ACE @ace: stores its place.  SD_OK; *@found
 * false if none does.
 */
enum sd_error origin_find(const struct descriptor *parent, const struct origin_child *child,
			  const struct ace *ace, bool *found, size_t *place);

#endif
