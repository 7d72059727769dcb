/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * chmod as a mask on a DACL: allow ACEs lose what the mode withholds from the
 * class of their SID, and nothing else changes.
 */
#include "acl/posix.h"

#include <stdlib.h>
#include <string.h>

#include "acl/mask.h"

#define PERM_READ 4u
#define PERM_WRITE 2u
#define PERM_EXECUTE 1u
#define PERM_ALL 7u

/* beyond the permission bits, what a class that may not write loses too */
#define CHANGE_RIGHTS (DELETE | FILE_WRITE_ATTRIBUTES | WRITE_DAC | WRITE_OWNER | FILE_DELETE_CHILD)

/* The rights that each class may keep. */
struct keep {
	uint32_t owner, group, other;
};

static uint32_t perm_rights(unsigned int perm, bool folder)
{
	uint32_t rights = 0;

	if (perm & PERM_READ)
		rights |= FILE_READ_DATA | FILE_READ_EA;
	if (perm & PERM_WRITE)
		rights |= FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_WRITE_EA |
			  (folder ? FILE_DELETE_CHILD : 0);
	if (perm & PERM_EXECUTE)
		rights |= FILE_EXECUTE;
	return rights;
}

static uint32_t keep_owner(unsigned int perm, bool folder)
{
	return ~perm_rights(PERM_ALL & ~perm, folder);
}

static uint32_t keep_others(unsigned int perm, bool folder)
{
	uint32_t keep = keep_owner(perm, folder);

	if (!perm)
		return 0;
	return perm & PERM_WRITE ? keep : keep & ~CHANGE_RIGHTS;
}

static bool sid_is_wide(const struct sid *sid)
{
	return sid_equal(sid, &sid_everyone) || sid_equal(sid, &sid_authenticated_users);
}

/*
 * What an ACE for @sid may keep.  Everyone is Everyone even where it owns the
 * object, or the owner's bits would hold for all.
 */
static uint32_t keep_for(const struct keep *keep, const struct descriptor *sd,
			 const struct sid *sid)
{
	if (sid_is_wide(sid))
		return keep->other;
	if (sid_equal(sid, &sid_owner_rights) || sid_equal(sid, &sid_creator_owner))
		return keep->owner;
	if (sd->has_owner && sid_equal(sid, &sd->owner))
		return keep->owner;
	if (sid_equal(sid, &sid_system) || sid_equal(sid, &sid_administrators))
		return UINT32_MAX;
	return keep->group;
}

static bool ace_allows_now(const struct ace *ace)
{
	return !ace->opaque && !(ace->flags & INHERIT_ONLY_ACE) && ace_type_is_allow(ace->type);
}

#define INHERIT_FLAGS (OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE | NO_PROPAGATE_INHERIT_ACE)

/*
 * Appends to @acl what the mode leaves of allow ACE @ace.  What it narrows here it
 * hands on as it was: the mode is this object's.  But a class without any bit
 * loses everything, or what is put into a private folder would be open to it.
 */
static enum sd_error append_narrowed(struct acl *acl, const struct ace *ace, uint32_t kept)
{
	struct ace here = *ace, below = *ace;
	enum sd_error error = SD_OK;
	bool inheritable = ace->flags & (OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE);

	/* an OWNER RIGHTS ACE withholds the owner's own bits, so it stays even if empty */
	if (kept == 0 && !sid_equal(&ace->sid, &sid_owner_rights))
		return SD_OK;
	here.mask = mask_map_generic(ace->mask) & kept;
	if (here.mask == mask_map_generic(ace->mask) || (ace->flags & INHERIT_ONLY_ACE))
		return acl_append(acl, ace->flags & INHERIT_ONLY_ACE ? ace : &here);
	if (inheritable)
		here.flags &= (uint8_t)~INHERIT_FLAGS;
	if (here.mask || sid_equal(&ace->sid, &sid_owner_rights))
		error = acl_append(acl, &here);
	below.flags |= INHERIT_ONLY_ACE;
	return error || !inheritable ? error : acl_append(acl, &below);
}

/*
 * Narrows the DACL of @sd to what @keep allows.  What stood at *@start of the old list, if there is
 * such an ACE, stands, or would stand, at *@start of the new one.
 */
static enum sd_error acl_narrow(struct descriptor *sd, const struct keep *keep, size_t *start)
{
	struct acl *narrowed = acl_create();
	enum sd_error error = narrowed ? SD_OK : SD_NO_MEMORY;
	size_t before = *start;

	for (size_t i = 0; error == SD_OK && i < sd->dacl->count; i++) {
		const struct ace *ace = &sd->dacl->aces[i];
		uint32_t kept = UINT32_MAX;

		if (i == before)
			*start = narrowed->count;
		if (!ace->opaque && ace_type_is_allow(ace->type))
			kept = keep_for(keep, sd, &ace->sid);
		error = kept == UINT32_MAX ? acl_append(narrowed, ace)
					   : append_narrowed(narrowed, ace, kept);
	}
	if (error) {
		acl_destroy(narrowed);
		return error;
	}
	narrowed->revision = sd->dacl->revision;
	acl_destroy(sd->dacl);
	sd->dacl = narrowed;
	return SD_OK;
}

/* The first ACE that allows something: what stands before it takes from all that follows. */
static size_t acl_first_allow(const struct acl *acl)
{
	size_t i = 0;

	while (i < acl->count && !ace_allows_now(&acl->aces[i]))
		i++;
	return i;
}

static bool owner_holds(const struct sid *owner, const struct sid *sid)
{
	if (sid_equal(sid, owner) || sid_equal(sid, &sid_owner_rights) ||
	    sid_equal(sid, &sid_everyone))
		return true;
	return sid_equal(sid, &sid_authenticated_users) && !sid_equal(owner, &sid_anonymous);
}

/*
 * What the ACEs of @acl from @start on grant to the owner, whatever groups it
 * is in: by unconditional allow ACEs that surely match, less every deny.
 */
static uint32_t acl_owner_rights(const struct acl *acl, size_t start, const struct sid *owner)
{
	uint32_t granted = 0, denied = 0;

	for (size_t i = start; i < acl->count; i++) {
		const struct ace *ace = &acl->aces[i];
		uint32_t mask = mask_map_generic(ace->mask);

		if (ace->opaque || (ace->flags & INHERIT_ONLY_ACE))
			continue;
		if (ace->type == ACCESS_ALLOWED_ACE_TYPE && owner_holds(owner, &ace->sid))
			granted |= mask & ~denied;
		else if (ace_type_is_deny(ace->type))
			denied |= mask & ~granted;
	}
	return granted;
}

static enum sd_error acl_insert(struct acl *acl, size_t index, const struct ace *ace)
{
	enum sd_error error = acl_append(acl, ace);
	struct ace last;

	if (error)
		return error;
	last = acl->aces[acl->count - 1];
	memmove(&acl->aces[index + 1], &acl->aces[index],
		(acl->count - 1 - index) * sizeof(acl->aces[0]));
	acl->aces[index] = last;
	return SD_OK;
}

/* The DACL of @sd for narrowing; a NULL DACL as the ACE that grants the same. */
static enum sd_error descriptor_need_dacl(struct descriptor *sd)
{
	const struct ace all = ace_make(ACCESS_ALLOWED_ACE_TYPE, 0, FILE_ALL_ACCESS, &sid_everyone);
	struct acl *acl;
	enum sd_error error;

	if (sd->dacl)
		return SD_OK;
	acl = acl_create();
	if (!acl)
		return SD_NO_MEMORY;
	error = acl_append(acl, &all);
	if (error) {
		acl_destroy(acl);
		return error;
	}
	descriptor_set_dacl(sd, acl);
	return SD_OK;
}

/* Narrows the DACL of @sd in place. */
static enum sd_error descriptor_narrow(struct descriptor *sd, const struct keep *keep)
{
	enum sd_error error = descriptor_need_dacl(sd);
	uint32_t had = 0;
	size_t start;
	struct ace ace;

	if (error)
		return error;
	start = acl_first_allow(sd->dacl);
	if (sd->has_owner && !sid_is_wide(&sd->owner))
		had = acl_owner_rights(sd->dacl, start, &sd->owner) & keep->owner;
	error = acl_narrow(sd, keep, &start);
	if (error)
		return error;
	if (!had || !(had & ~acl_owner_rights(sd->dacl, start, &sd->owner)))
		return SD_OK;
	/* others' bits took from the owner what its own bits allow */
	ace = ace_make(ACCESS_ALLOWED_ACE_TYPE, 0, had, &sd->owner);
	return acl_insert(sd->dacl, start, &ace);
}

enum sd_error posix_narrow(const struct descriptor *sd, mode_t mode, bool folder,
			   struct descriptor **narrowed)
{
	bool sticky = folder && (mode & S_ISVTX);
	struct keep keep = {
		.owner = keep_owner(mode >> 6 & PERM_ALL, folder),
		.group = keep_others(mode >> 3 & PERM_ALL, folder),
		.other = keep_others(mode & PERM_ALL, folder),
	};
	struct descriptor *made __attribute__((cleanup(descriptor_destroyp))) = descriptor_copy(sd);
	enum sd_error error;

	if (!made)
		return SD_NO_MEMORY;
	if (sticky) {
		keep.group &= ~FILE_DELETE_CHILD;
		keep.other &= ~FILE_DELETE_CHILD;
	}
	if (sticky || (mode & 0777) != 0777) {
		error = descriptor_narrow(made, &keep);
		if (error)
			return error;
	}
	*narrowed = made;
	made = NULL;
	return SD_OK;
}
