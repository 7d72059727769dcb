/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Canonical order of ACEs: each ACE belongs to a group, and the groups follow
 * one another.
 */
#include "acl/canonical.h"

#include "acl/layout.h"

/* in the order that they have in a list */
enum group { EXPLICIT_DENY, EXPLICIT_ALLOW, EXPLICIT_OTHER, INHERITED, GROUP_COUNT };

static enum group ace_group(const struct ace *ace)
{
	if (ace->flags & INHERITED_ACE)
		return INHERITED;
	if (ace_type_is_deny(ace->type))
		return EXPLICIT_DENY;
	return ace_type_is_allow(ace->type) ? EXPLICIT_ALLOW : EXPLICIT_OTHER;
}

/* In a list that decides no access, order is free or, for labels, for its owner to know. */
static bool decides_access(const struct acl *acl)
{
	for (size_t i = 0; i < acl->count; i++) {
		if (ace_type_is_allow(acl->aces[i].type) || ace_type_is_deny(acl->aces[i].type))
			return true;
	}
	return false;
}

bool acl_is_canonical(const struct acl *acl, size_t *first)
{
	enum group reached = EXPLICIT_DENY;

	if (!acl || !decides_access(acl))
		return true;
	for (size_t i = 0; i < acl->count; i++) {
		enum group group = ace_group(&acl->aces[i]);

		if (group < reached) {
			if (first)
				*first = i;
			return false;
		}
		reached = group;
	}
	return true;
}

static enum sd_error append_group(struct acl *list, const struct acl *from, enum group group)
{
	enum sd_error error = SD_OK;

	for (size_t i = 0; i < from->count && !error; i++) {
		if (ace_group(&from->aces[i]) == group)
			error = acl_append(list, &from->aces[i]);
	}
	return error;
}

/* Appends all of @from to @list, which is empty. */
static enum sd_error append_in_order(struct acl *list, const struct acl *from)
{
	enum sd_error error = acl_reserve(list, from->count);

	for (unsigned int group = EXPLICIT_DENY; group < GROUP_COUNT && !error; group++)
		error = append_group(list, from, (enum group)group);
	return error;
}

enum sd_error acl_sort_canonical(const struct acl *acl, struct acl **sorted)
{
	bool ordered = acl_is_canonical(acl, NULL);
	struct acl *list = ordered ? acl_copy(acl) : acl_create();
	enum sd_error error;

	if (!list)
		return SD_NO_MEMORY;
	list->revision = acl->revision;
	error = ordered ? SD_OK : append_in_order(list, acl);
	if (error) {
		acl_destroy(list);
		return error;
	}
	*sorted = list;
	return SD_OK;
}
