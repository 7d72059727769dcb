/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Handing down again, ACE by ACE. */
#include "acl/origin.h"

#include "acl/inherit.h"

static enum sd_error hand_down(const struct acl *from, const struct origin_child *child,
			       struct acl **list)
{
	const struct descriptor *sd = child->sd;

	/* marked, whether the parent says so or not: propagation marks them, too */
	return inherit_acl(from, true, child->folder, sd->has_owner ? &sd->owner : NULL,
			   sd->has_group ? &sd->group : NULL, list);
}

enum sd_error origin_handed(const struct descriptor *parent, const struct origin_child *child,
			    struct acl **list)
{
	return hand_down(parent->dacl, child, list);
}

static enum sd_error gives(const struct ace *from, const struct origin_child *child,
			   const struct ace *ace, bool *found)
{
	struct acl *one = acl_create(), *list = NULL;
	enum sd_error error = one ? acl_append(one, from) : SD_NO_MEMORY;

	if (!error)
		error = hand_down(one, child, &list);
	for (size_t i = 0; !error && i < list->count && !*found; i++)
		*found = ace_equal(&list->aces[i], ace);
	acl_destroy(one);
	acl_destroy(list);
	return error;
}

enum sd_error origin_find(const struct descriptor *parent, const struct origin_child *child,
			  const struct ace *ace, bool *found, size_t *place)
{
	enum sd_error error = SD_OK;

	*found = false;
	for (size_t i = 0; parent->dacl && i < parent->dacl->count && !error && !*found; i++) {
		*place = i;
		error = gives(&parent->dacl->aces[i], child, ace, found);
	}
	return error;
}
