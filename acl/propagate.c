/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Automatic inheritance: what a change of the parent makes of a child that is there, and how a
 * child leaves inheritance and comes back.
 */
#include "acl/inherit.h"

#include "acl/inherit_list.h"
#include "acl/layout.h"

/* A child and the folder that it lies in. */
struct heir {
	const struct descriptor *parent;
	struct descriptor *child; /* changed in place */
	bool folder;
};

static void acl_destroyp(struct acl **acl)
{
	acl_destroy(*acl);
}

#define auto_acl __attribute__((cleanup(acl_destroyp)))
#define auto_sd __attribute__((cleanup(descriptor_destroyp)))

static struct acl **list_of(struct descriptor *sd, const struct list_bits *bits)
{
	return bits == &inherit_dacl_bits ? &sd->dacl : &sd->sacl;
}

static void replace_list(struct descriptor *sd, const struct list_bits *bits, struct acl *list)
{
	struct acl **place = list_of(sd, bits);

	acl_destroy(*place);
	*place = list;
	sd->control |= bits->present;
}

/* Would an explicit ACE, moved before the inherited ones, pass one of the other kind? */
static bool order_is_meant(const struct acl *acl)
{
	bool allowed = false, denied = false;

	for (size_t i = 0; i < acl->count; i++) {
		bool allow = ace_type_is_allow(acl->aces[i].type);
		bool deny = ace_type_is_deny(acl->aces[i].type);

		if (acl->aces[i].flags & INHERITED_ACE) {
			allowed |= allow;
			denied |= deny;
		} else if ((allow && denied) || (deny && allowed)) {
			return true;
		}
	}
	return false;
}

static enum sd_error append_explicit(struct acl *list, const struct acl *from)
{
	enum sd_error error = SD_OK;

	for (size_t i = 0; i < from->count && !error; i++) {
		if (!(from->aces[i].flags & INHERITED_ACE))
			error = acl_append(list, &from->aces[i]);
	}
	return error;
}

/* The explicit ACEs of @acl and all of @handed_down, either of which may be NULL, as *@list. */
static enum sd_error join(const struct acl *acl, const struct acl *handed_down, struct acl **list)
{
	struct acl *joined auto_acl = acl_create();
	enum sd_error error = SD_OK;

	if (!joined)
		return SD_NO_MEMORY;
	if (acl) {
		joined->revision = acl->revision;
		error = append_explicit(joined, acl);
	}
	for (size_t i = 0; handed_down && i < handed_down->count && !error; i++)
		error = acl_append(joined, &handed_down->aces[i]);
	if (error)
		return error;
	*list = joined;
	joined = NULL;
	return SD_OK;
}

/* Replaces what one list of the child has inherited. */
static enum sd_error heir_take_list(const struct heir *heir, const struct acl *from,
				    const struct list_bits *bits)
{
	struct descriptor *child = heir->child;
	const struct acl *old = *list_of(child, bits);
	struct acl *handed_down auto_acl = NULL;
	struct acl *list;
	enum sd_error error;

	if (child->control & bits->protect)
		return SD_OK;
	if (old && bits == &inherit_dacl_bits && order_is_meant(old)) {
		child->control |= bits->protect;
		return SD_OK;
	}
	error = inherit_acl(from, true, heir->folder, child->has_owner ? &child->owner : NULL,
			    child->has_group ? &child->group : NULL, &handed_down);
	if (error || (!old && !handed_down->count))
		return error;
	error = join(old, handed_down, &list);
	if (error)
		return error;
	replace_list(child, bits, list);
	child->control |= bits->inherited;
	return SD_OK;
}

/* Each list fits by itself, but both must fit one descriptor. */
static enum sd_error check_size(const struct descriptor *sd)
{
	size_t size = DESCRIPTOR_HEADER_SIZE;

	size += sd->has_owner ? sid_size(&sd->owner) : 0;
	size += sd->has_group ? sid_size(&sd->group) : 0;
	size += sd->dacl ? acl_binary_size(sd->dacl) : 0;
	size += sd->sacl ? acl_binary_size(sd->sacl) : 0;
	return size > DESCRIPTOR_MAX_SIZE ? SD_TOO_LARGE : SD_OK;
}

static enum sd_error heir_take(const struct heir *heir, unsigned int lists)
{
	enum sd_error error = SD_OK;

	if (lists & INHERIT_DACL)
		error = heir_take_list(heir, heir->parent->dacl, &inherit_dacl_bits);
	if (!error && (lists & INHERIT_SACL))
		error = heir_take_list(heir, heir->parent->sacl, &inherit_sacl_bits);
	return error ? error : check_size(heir->child);
}

enum sd_error inherit_propagate(const struct descriptor *parent, const struct descriptor *child,
				bool folder, struct descriptor **result, bool *changed)
{
	struct descriptor *made auto_sd = descriptor_copy(child);
	struct heir heir = {parent, made, folder};
	enum sd_error error;

	if (!made)
		return SD_NO_MEMORY;
	error = heir_take(&heir, INHERIT_DACL | INHERIT_SACL);
	if (error)
		return error;
	*changed = !descriptor_equal(made, child);
	*result = made;
	made = NULL;
	return SD_OK;
}

static enum sd_error protect_list(struct descriptor *sd, const struct list_bits *bits,
				  enum inherit_keep keep)
{
	struct acl *list = *list_of(sd, bits);
	enum sd_error error;

	sd->control |= bits->protect;
	if (!list)
		return SD_OK;
	sd->control |= bits->inherited;
	if (keep == INHERIT_COPY) {
		for (size_t i = 0; i < list->count; i++)
			list->aces[i].flags &= (uint8_t)~INHERITED_ACE;
		return SD_OK;
	}
	error = join(list, NULL, &list);
	if (!error)
		replace_list(sd, bits, list);
	return error;
}

enum sd_error inherit_protect(const struct descriptor *sd, unsigned int lists,
			      enum inherit_keep keep, struct descriptor **result)
{
	struct descriptor *made auto_sd = descriptor_copy(sd);
	enum sd_error error = SD_OK;

	if (!made)
		return SD_NO_MEMORY;
	if (lists & INHERIT_DACL)
		error = protect_list(made, &inherit_dacl_bits, keep);
	if (!error && (lists & INHERIT_SACL))
		error = protect_list(made, &inherit_sacl_bits, keep);
	if (error)
		return error;
	*result = made;
	made = NULL;
	return SD_OK;
}

enum sd_error inherit_unprotect(const struct descriptor *parent, const struct descriptor *child,
				bool folder, unsigned int lists, struct descriptor **result)
{
	struct descriptor *made auto_sd = descriptor_copy(child);
	struct heir heir = {parent, made, folder};
	enum sd_error error;

	if (!made)
		return SD_NO_MEMORY;
	if (lists & INHERIT_DACL)
		made->control &= (uint16_t)~SE_DACL_PROTECTED;
	if (lists & INHERIT_SACL)
		made->control &= (uint16_t)~SE_SACL_PROTECTED;
	error = heir_take(&heir, lists);
	if (error)
		return error;
	*result = made;
	made = NULL;
	return SD_OK;
}
