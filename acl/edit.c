/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Edits of a list of ACEs.  Each goes through the list once, and appends to a new list what stays.
 */
#include "acl/edit.h"

#include "acl/canonical.h"
#include "acl/mask.h"

#define INHERITANCE_FLAGS                                                                          \
	(OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE | NO_PROPAGATE_INHERIT_ACE | INHERIT_ONLY_ACE)

/* no place in a list */
#define NOWHERE SIZE_MAX

static bool is_audit(uint8_t type)
{
	switch (type) {
	case SYSTEM_AUDIT_ACE_TYPE:
	case SYSTEM_AUDIT_OBJECT_ACE_TYPE:
	case SYSTEM_AUDIT_CALLBACK_ACE_TYPE:
	case SYSTEM_AUDIT_CALLBACK_OBJECT_ACE_TYPE:
	case SYSTEM_ALARM_ACE_TYPE:
	case SYSTEM_ALARM_OBJECT_ACE_TYPE:
	case SYSTEM_ALARM_CALLBACK_ACE_TYPE:
	case SYSTEM_ALARM_CALLBACK_OBJECT_ACE_TYPE:
		return true;
	default:
		return false;
	}
}

/* Which EDIT_… @ace is of; 0 if of none. */
static unsigned int kind_of(const struct ace *ace)
{
	if (ace->opaque)
		return 0;
	if (ace_type_is_allow(ace->type))
		return EDIT_ALLOW;
	if (ace_type_is_deny(ace->type))
		return EDIT_DENY;
	return is_audit(ace->type) ? EDIT_AUDIT : 0;
}

static bool is_explicit(const struct ace *ace)
{
	return !(ace->flags & INHERITED_ACE);
}

/* Do both say the same but for their rights? */
static bool same_but_mask(const struct ace *a, const struct ace *b)
{
	struct ace other = *b;

	other.mask = a->mask;
	return ace_equal(a, &other);
}

/*
 * Does @wide hold wherever @narrow does: on the object itself, on files and on folders below
 * it, as deep?
 */
static bool covers(const struct ace *wide, const struct ace *narrow)
{
	const uint8_t both = OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE;

	if (!(narrow->flags & INHERIT_ONLY_ACE) && (wide->flags & INHERIT_ONLY_ACE))
		return false;
	if (narrow->flags & both & ~wide->flags)
		return false;
	return !(narrow->flags & both) || !(wide->flags & NO_PROPAGATE_INHERIT_ACE) ||
	       (narrow->flags & NO_PROPAGATE_INHERIT_ACE);
}

/* --- places --- */

/* The place of the last explicit ACE of @kinds in @acl, or NOWHERE. */
static size_t last_of(const struct acl *acl, unsigned int kinds)
{
	size_t i = acl->count;

	while (i > 0) {
		i--;
		if (is_explicit(&acl->aces[i]) && (kind_of(&acl->aces[i]) & kinds))
			return i;
	}
	return NOWHERE;
}

static size_t first_of(const struct acl *acl, unsigned int kinds)
{
	for (size_t i = 0; i < acl->count; i++) {
		if (is_explicit(&acl->aces[i]) && (kind_of(&acl->aces[i]) & kinds))
			return i;
	}
	return NOWHERE;
}

static size_t behind(size_t place)
{
	return place == NOWHERE ? 0 : place + 1;
}

/* Where a new ACE of @kind goes. */
static size_t place_of_new(const struct acl *acl, unsigned int kind)
{
	switch (kind) {
	case EDIT_DENY:
		return acl_is_canonical(acl, NULL) ? behind(last_of(acl, EDIT_DENY)) : 0;
	case EDIT_ALLOW:
		return behind(last_of(acl, EDIT_ALLOW | EDIT_DENY));
	default:
		return behind(last_of(acl, EDIT_AUDIT));
	}
}

/* Could a new ACE of @kind stand at @place, with no explicit one between that it must not pass? */
static bool may_stand(const struct acl *acl, unsigned int kind, size_t place)
{
	size_t other = NOWHERE;

	if (kind == EDIT_DENY) {
		other = first_of(acl, EDIT_ALLOW);
		return other == NOWHERE || place <= other;
	}
	if (kind == EDIT_ALLOW)
		other = last_of(acl, EDIT_DENY);
	return other == NOWHERE || place > other;
}

/* The place of an explicit ACE that can take in the rights of @ace, or NOWHERE. */
static size_t place_to_merge(const struct acl *acl, const struct ace *ace)
{
	for (size_t i = 0; i < acl->count; i++) {
		if (same_but_mask(&acl->aces[i], ace) && may_stand(acl, kind_of(ace), i))
			return i;
	}
	return NOWHERE;
}

/* --- what goes --- */

static bool names(const struct ace *ace, const struct sid *sid, unsigned int kinds)
{
	return (kind_of(ace) & kinds) && sid_equal(&ace->sid, sid);
}

enum sd_error edit_remove(const struct acl *acl, const struct sid *sid, unsigned int kinds,
			  struct acl **result, struct edit_note *note)
{
	struct acl *list = acl_create();
	enum sd_error error = list ? SD_OK : SD_NO_MEMORY;

	*note = (struct edit_note){.unordered = !acl_is_canonical(acl, NULL)};
	for (size_t i = 0; acl && i < acl->count && !error; i++) {
		const struct ace *ace = &acl->aces[i];
		bool named = names(ace, sid, kinds);

		if (named && is_explicit(ace)) {
			note->removed++;
			continue;
		}
		note->inherited += named;
		error = acl_append(list, ace);
	}
	if (error) {
		acl_destroy(list);
		return error;
	}
	note->changed = note->removed > 0;
	*result = list;
	return SD_OK;
}

enum sd_error edit_remove_exactly(const struct acl *acl, const struct ace *ace, struct acl **result,
				  struct edit_note *note)
{
	struct acl *list = acl_create();
	enum sd_error error = list ? SD_OK : SD_NO_MEMORY;
	struct ace marked = *ace;
	struct ace plain = *ace;

	marked.flags |= INHERITED_ACE;
	plain.flags &= (uint8_t)~INHERITED_ACE;
	*note = (struct edit_note){.unordered = !acl_is_canonical(acl, NULL)};
	for (size_t i = 0; acl && i < acl->count && !error; i++) {
		note->inherited += ace_equal(&acl->aces[i], &marked);
		if (is_explicit(ace) && ace_equal(&acl->aces[i], &plain))
			note->removed++;
		else
			error = acl_append(list, &acl->aces[i]);
	}
	if (error) {
		acl_destroy(list);
		return error;
	}
	note->changed = note->removed > 0;
	*result = list;
	return SD_OK;
}

/* What the denial @denial leaves of @ace: it takes from explicit allowances of its SID. */
static uint32_t rights_left(const struct ace *ace, const struct ace *denial)
{
	uint32_t allowed, denied;

	if (denial->type != ACCESS_DENIED_ACE_TYPE || !is_explicit(ace) ||
	    !names(ace, &denial->sid, EDIT_ALLOW) || !covers(denial, ace))
		return ace->mask;
	/* in a list that was stored as it was given, rights may still be generic */
	allowed = mask_map_generic(ace->mask);
	denied = mask_map_generic(denial->mask);
	if (!(allowed & denied))
		return ace->mask;
	/* denials leave SYNCHRONIZE, which alone is good for nothing */
	return allowed & ~denied & ~SYNCHRONIZE ? allowed & ~denied : 0;
}

/* --- what comes --- */

/*
 * Appends @from to @list, with @ace before place @place, or, if @merge is a place, in the ACE
 * there.
 */
static enum sd_error append_with(struct acl *list, const struct acl *from, const struct ace *ace,
				 size_t place, size_t merge)
{
	enum sd_error error = SD_OK;

	for (size_t i = 0; i <= from->count && !error; i++) {
		struct ace kept;

		if (i == place && merge == NOWHERE)
			error = acl_append(list, ace);
		if (i == from->count || error)
			break;
		kept = from->aces[i];
		if (i == merge)
			kept.mask |= ace->mask;
		else
			kept.mask = rights_left(&kept, ace);
		/* what said something before and now says nothing goes */
		if (kept.mask || !from->aces[i].mask || kept.opaque)
			error = acl_append(list, &kept);
	}
	return error;
}

/* The rights of @ace that denials of the same SID in @list take on the same objects. */
static uint32_t withheld_from(const struct acl *list, const struct ace *ace)
{
	uint32_t denied = 0;

	for (size_t i = 0; kind_of(ace) == EDIT_ALLOW && i < list->count; i++) {
		const struct ace *other = &list->aces[i];

		/* an inherited denial stands behind */
		if (other->type == ACCESS_DENIED_ACE_TYPE && is_explicit(other) &&
		    sid_equal(&other->sid, &ace->sid) &&
		    !((other->flags ^ ace->flags) & INHERIT_ONLY_ACE))
			denied |= mask_map_generic(other->mask);
	}
	return denied & mask_map_generic(ace->mask);
}

static enum sd_error add_to(const struct acl *acl, const struct ace *ace, size_t place,
			    struct acl **result)
{
	struct acl *list = acl_create();
	size_t merge = place_to_merge(acl, ace);
	enum sd_error error = SD_NO_MEMORY;

	if (place == NOWHERE || !may_stand(acl, kind_of(ace), place))
		place = place_of_new(acl, kind_of(ace));
	if (list)
		error = append_with(list, acl, ace, place, merge);
	if (error) {
		acl_destroy(list);
		return error;
	}
	*result = list;
	return SD_OK;
}

/* @ace as it is stored: explicit, and without generic rights where it holds for the object. */
static struct ace as_stored(const struct ace *ace)
{
	struct ace stored = *ace;

	stored.flags &= (uint8_t)~INHERITED_ACE;
	if (!(stored.flags & INHERIT_ONLY_ACE))
		stored.mask = mask_map_generic(stored.mask);
	return stored;
}

/* The place of the first ACE that @replace will remove, so the place of the new one. */
static size_t place_of_replaced(const struct acl *acl, const struct ace *ace)
{
	for (size_t i = 0; i < acl->count; i++) {
		if (is_explicit(&acl->aces[i]) && names(&acl->aces[i], &ace->sid, kind_of(ace)))
			return i;
	}
	return NOWHERE;
}

static enum sd_error add(const struct acl *acl, const struct ace *ace, bool replace,
			 struct acl **result, struct edit_note *note)
{
	struct acl *rest = NULL;
	enum sd_error error;

	if (!replace)
		return add_to(acl, ace, NOWHERE, result);
	error = edit_remove(acl, &ace->sid, kind_of(ace), &rest, note);
	if (error)
		return error;
	error = add_to(rest, ace, place_of_replaced(acl, ace), result);
	acl_destroy(rest);
	return error;
}

enum sd_error edit_add(const struct acl *acl, const struct ace *ace, bool replace,
		       struct acl **result, struct edit_note *note)
{
	struct acl empty = {.revision = ACL_REVISION};
	const struct ace stored = as_stored(ace);
	const struct acl *from = acl ? acl : &empty;
	struct edit_note removal = {0};
	enum sd_error error =
		add(from, &stored, replace && kind_of(ace) != EDIT_DENY, result, &removal);

	if (error)
		return error;
	*note = (struct edit_note){
		.changed = !acl || !acl_equal(acl, *result),
		.unordered = !acl_is_canonical(*result, NULL),
		.removed = removal.removed,
		.inherited = removal.inherited,
		.withheld = withheld_from(*result, &stored),
	};
	return SD_OK;
}

bool edit_fit_file(struct ace *ace)
{
	bool applies = !(ace->flags & INHERIT_ONLY_ACE);

	ace->flags &= (uint8_t)~INHERITANCE_FLAGS;
	return applies;
}
