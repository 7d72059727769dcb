/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inheritance, [MS-DTYP] 2.5.3.4: what a folder hands down, and what is stored
 * when a descriptor is set.
 */
#include "acl/inherit.h"

#include "acl/inherit_list.h"
#include "acl/mask.h"

#define GENERIC_BITS (GENERIC_ALL | GENERIC_EXECUTE | GENERIC_WRITE | GENERIC_READ)
#define INHERITANCE_FLAGS                                                                          \
	(OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE | NO_PROPAGATE_INHERIT_ACE | INHERIT_ONLY_ACE)

/* Who and what a list is computed for. */
struct heir {
	bool folder;
	uint8_t mark; /* INHERITED_ACE or 0 */
	const struct sid *owner;
	const struct sid *group;
	struct acl *list;
};

/*
 * Does @ace speak of access rights and of whom they concern?  Labels, resource attributes and
 * policy ids have a mask and a SID of their own kind: nothing in them is generic.
 */
static bool ace_names_rights(const struct ace *ace)
{
	return !ace->opaque && ace->type < SYSTEM_MANDATORY_LABEL_ACE_TYPE;
}

static bool ace_is_template(const struct ace *ace)
{
	if (!ace_names_rights(ace))
		return false;
	return (ace->mask & GENERIC_BITS) || sid_equal(&ace->sid, &sid_creator_owner) ||
	       sid_equal(&ace->sid, &sid_creator_group);
}

/*
 * An object ACE meant for one class of child: files and folders are of none.
 * A deny ACE is handed down all the same, as it also applies without a class.
 */
static bool ace_is_for_other_class(const struct ace *ace)
{
	return !ace->opaque && ace_type_is_object(ace->type) && ace_type_is_allow(ace->type) &&
	       (ace->object_flags & ACE_INHERITED_OBJECT_TYPE_PRESENT);
}

/* Appends @ace with these inheritance flags, as it stands. */
static enum sd_error heir_append(struct heir *heir, const struct ace *ace, uint8_t flags)
{
	struct ace copy = *ace;

	copy.flags =
		(uint8_t)((ace->flags & ~(INHERITANCE_FLAGS | INHERITED_ACE)) | flags | heir->mark);
	return acl_append(heir->list, &copy);
}

/* Appends @ace as it takes effect on the child: CREATORs and generic bits replaced. */
static enum sd_error heir_append_effective(struct heir *heir, const struct ace *ace, uint8_t flags)
{
	struct ace copy = *ace;

	if (ace_names_rights(ace)) {
		copy.mask = mask_map_generic(ace->mask);
		if (sid_equal(&ace->sid, &sid_creator_owner) && heir->owner)
			copy.sid = *heir->owner;
		else if (sid_equal(&ace->sid, &sid_creator_group) && heir->group)
			copy.sid = *heir->group;
	}
	return heir_append(heir, &copy, flags);
}

static enum sd_error heir_take_folder(struct heir *heir, const struct ace *ace)
{
	uint8_t object = ace->flags & OBJECT_INHERIT_ACE;
	enum sd_error error;

	if (!(ace->flags & CONTAINER_INHERIT_ACE)) {
		if (!object || (ace->flags & NO_PROPAGATE_INHERIT_ACE))
			return SD_OK;
		return heir_append(heir, ace, OBJECT_INHERIT_ACE | INHERIT_ONLY_ACE);
	}
	if (ace->flags & NO_PROPAGATE_INHERIT_ACE)
		return heir_append_effective(heir, ace, 0);
	if (!ace_is_template(ace))
		return heir_append(heir, ace, (uint8_t)(object | CONTAINER_INHERIT_ACE));
	error = heir_append_effective(heir, ace, 0);
	if (error)
		return error;
	return heir_append(heir, ace, (uint8_t)(object | CONTAINER_INHERIT_ACE | INHERIT_ONLY_ACE));
}

static enum sd_error heir_take(struct heir *heir, const struct ace *ace)
{
	if (ace_is_for_other_class(ace))
		return SD_OK;
	if (heir->folder)
		return heir_take_folder(heir, ace);
	if (!(ace->flags & OBJECT_INHERIT_ACE))
		return SD_OK;
	return heir_append_effective(heir, ace, 0);
}

enum sd_error inherit_acl(const struct acl *parent, bool auto_inherited, bool folder,
			  const struct sid *owner, const struct sid *group, struct acl **list)
{
	struct heir heir = {
		.folder = folder,
		.mark = auto_inherited ? INHERITED_ACE : 0,
		.owner = owner,
		.group = group,
		.list = acl_create(),
	};

	if (!heir.list)
		return SD_NO_MEMORY;
	for (size_t i = 0; parent && i < parent->count; i++) {
		enum sd_error error = heir_take(&heir, &parent->aces[i]);

		if (error) {
			acl_destroy(heir.list);
			return error;
		}
	}
	*list = heir.list;
	return SD_OK;
}

const struct list_bits inherit_dacl_bits = {
	SE_DACL_PRESENT,        SE_DACL_DEFAULTED, SE_DACL_AUTO_INHERIT_REQ,
	SE_DACL_AUTO_INHERITED, SE_DACL_PROTECTED,
};

const struct list_bits inherit_sacl_bits = {
	SE_SACL_PRESENT,        SE_SACL_DEFAULTED, SE_SACL_AUTO_INHERIT_REQ,
	SE_SACL_AUTO_INHERITED, SE_SACL_PROTECTED,
};

/* The control word after AUTO_INHERIT_REQ has been consumed. */
static uint16_t control_normal(uint16_t control, const struct list_bits *bits)
{
	if (!(control & bits->request))
		control &= (uint16_t)~bits->inherited;
	return control & (uint16_t)~bits->request;
}

/* Generic bits of ACEs that only wait for children stay as they are. */
static void acl_map_generic(struct acl *acl)
{
	for (size_t i = 0; acl && i < acl->count; i++) {
		struct ace *ace = &acl->aces[i];

		if (ace_names_rights(ace) && !(ace->flags & INHERIT_ONLY_ACE))
			ace->mask = mask_map_generic(ace->mask);
	}
}

void inherit_normalise(struct descriptor *given)
{
	acl_map_generic(given->dacl);
	acl_map_generic(given->sacl);
	given->control = control_normal(given->control, &inherit_dacl_bits);
	given->control = control_normal(given->control, &inherit_sacl_bits);
}

/* Owner full, SYSTEM full. */
static enum sd_error list_by_default(const struct sid *owner, struct acl **list)
{
	struct acl *acl = acl_create();
	struct ace ace = ace_make(ACCESS_ALLOWED_ACE_TYPE, 0, FILE_ALL_ACCESS, owner);
	enum sd_error error;

	if (!acl)
		return SD_NO_MEMORY;
	error = acl_append(acl, &ace);
	if (!error && !sid_equal(owner, &sid_system)) {
		ace = ace_make(ACCESS_ALLOWED_ACE_TYPE, 0, FILE_ALL_ACCESS, &sid_system);
		error = acl_append(acl, &ace);
	}
	if (error) {
		acl_destroy(acl);
		return error;
	}
	*list = acl;
	return SD_OK;
}

/* A new object and where it gets its parts from. */
struct birth {
	const struct descriptor *parent;   /* or NULL */
	const struct descriptor *explicit; /* or NULL */
	bool folder;
	struct descriptor *child;
};

/* The explicit list, as it is stored; @from may be NULL. */
static enum sd_error birth_take_explicit(const struct birth *birth, const struct acl *from,
					 const struct list_bits *bits, struct acl **list)
{
	birth->child->control |=
		control_normal(birth->explicit->control, bits) &
		(bits->present | bits->defaulted | bits->inherited | bits->protect);
	if (!from)
		return SD_OK;
	*list = acl_copy(from);
	if (!*list)
		return SD_NO_MEMORY;
	acl_map_generic(*list);
	return SD_OK;
}

/*
 * One list of the child, the explicit one or what @from, the parent's, hands
 * down: stored in *@list (unchanged if there is none), its bits in the control word.
 */
static enum sd_error birth_take_list(const struct birth *birth, const struct acl *from,
				     const struct acl *explicit, const struct list_bits *bits,
				     struct acl **list)
{
	struct descriptor *child = birth->child;
	bool given = birth->explicit && (birth->explicit->control & bits->present);
	bool marked = birth->parent && (birth->parent->control & bits->inherited);
	struct acl *inherited;
	enum sd_error error;

	if (given && !(birth->explicit->control & bits->defaulted))
		return birth_take_explicit(birth, explicit, bits, list);
	error = inherit_acl(from, marked, birth->folder, &child->owner,
			    child->has_group ? &child->group : NULL, &inherited);
	if (error)
		return error;
	if (!inherited->count) {
		acl_destroy(inherited);
		return given ? birth_take_explicit(birth, explicit, bits, list) : SD_OK;
	}
	child->control |= (uint16_t)(bits->present | (marked ? bits->inherited : 0));
	*list = inherited;
	return SD_OK;
}

static void birth_take_owner(const struct birth *birth, const struct token *token)
{
	struct descriptor *child = birth->child;
	const struct sid *group = token_primary_group(token);

	child->has_owner = true;
	child->owner = *token_user(token);
	if (birth->explicit && birth->explicit->has_owner)
		child->owner = birth->explicit->owner;
	if (birth->explicit && birth->explicit->has_group)
		group = &birth->explicit->group;
	if (group) {
		child->has_group = true;
		child->group = *group;
	}
}

static enum sd_error birth_take_lists(const struct birth *birth)
{
	static const struct descriptor none;
	const struct descriptor *parent = birth->parent ? birth->parent : &none;
	const struct descriptor *explicit = birth->explicit ? birth->explicit : &none;
	struct descriptor *child = birth->child;
	enum sd_error error;

	error = birth_take_list(birth, parent->sacl, explicit->sacl, &inherit_sacl_bits,
				&child->sacl);
	if (error)
		return error;
	error = birth_take_list(birth, parent->dacl, explicit->dacl, &inherit_dacl_bits,
				&child->dacl);
	if (error || (child->control & SE_DACL_PRESENT))
		return error;
	error = list_by_default(&child->owner, &child->dacl);
	if (!error)
		child->control |= SE_DACL_PRESENT;
	return error;
}

enum sd_error inherit_create(const struct descriptor *parent, const struct descriptor *explicit_sd,
			     bool folder, const struct token *token, struct descriptor **child)
{
	struct descriptor *made __attribute__((cleanup(descriptor_destroyp))) = descriptor_create();
	struct birth birth = {parent, explicit_sd, folder, made};
	enum sd_error error;

	if (!made)
		return SD_NO_MEMORY;
	birth_take_owner(&birth, token);
	error = birth_take_lists(&birth);
	if (error)
		return error;
	*child = made;
	made = NULL;
	return SD_OK;
}
