/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Inheritance of what goes from one folder to another. */
#include "acl/inherit.h"

#include "acl/mask.h"

static void acl_destroyp(struct acl **acl)
{
	acl_destroy(*acl);
}

#define AUTO_ACL __attribute__((cleanup(acl_destroyp)))
#define AUTO_SD __attribute__((cleanup(descriptor_destroyp)))

/* What @parent hands on to @child. */
static enum sd_error handed_down(const struct descriptor *parent, const struct descriptor *child,
				 bool folder, struct acl **list)
{
	return inherit_acl(parent->dacl, true, folder, child->has_owner ? &child->owner : NULL,
			   child->has_group ? &child->group : NULL, list);
}

static void mark_all(struct acl *acl)
{
	for (size_t i = 0; i < acl->count; i++)
		acl->aces[i].flags |= INHERITED_ACE;
}

static bool is_marked(const struct descriptor *sd)
{
	for (size_t i = 0; i < sd->dacl->count; i++) {
		if (sd->dacl->aces[i].flags & INHERITED_ACE)
			return true;
	}
	return sd->control & SE_DACL_AUTO_INHERITED;
}

/*
 * Is the DACL of @child inherited?  What was made below a folder without SE_DACL_AUTO_INHERITED has
 * no marks; but if it is just what @from hands on, it was, and is marked now.
 */
static enum sd_error find_inherited(const struct descriptor *from, struct descriptor *child,
				    bool folder, bool *inherited)
{
	AUTO_ACL struct acl *marked = NULL, *handed = NULL;
	enum sd_error error;

	*inherited = is_marked(child);
	if (*inherited || !child->dacl->count)
		return SD_OK;
	marked = acl_copy(child->dacl);
	if (!marked)
		return SD_NO_MEMORY;
	mark_all(marked);
	error = handed_down(from, child, folder, &handed);
	if (error)
		return error;
	*inherited = acl_equal(marked, handed);
	if (*inherited)
		mark_all(child->dacl);
	return SD_OK;
}

/* As a new object has where nothing is inherited: nobody could use one whose DACL is empty. */
static enum sd_error give_default(struct descriptor *sd)
{
	const struct ace system =
		ace_make(ACCESS_ALLOWED_ACE_TYPE, 0, FILE_ALL_ACCESS, &sid_system);
	enum sd_error error = SD_OK;

	if (sd->dacl->count)
		return SD_OK;
	if (sd->has_owner && !sid_equal(&sd->owner, &sid_system)) {
		const struct ace owner =
			ace_make(ACCESS_ALLOWED_ACE_TYPE, 0, FILE_ALL_ACCESS, &sd->owner);

		error = acl_append(sd->dacl, &owner);
	}
	return error ? error : acl_append(sd->dacl, &system);
}

/* Do they say the same, whether inherited or not? */
static enum sd_error differs(const struct acl *a, const struct acl *b, bool *differ)
{
	AUTO_ACL struct acl *of_a = acl_copy(a), *of_b = acl_copy(b);

	if (!of_a || !of_b)
		return SD_NO_MEMORY;
	mark_all(of_a);
	mark_all(of_b);
	*differ = !acl_equal(of_a, of_b);
	return SD_OK;
}

enum sd_error inherit_move(const struct descriptor *from, const struct descriptor *to,
			   const struct descriptor *child, bool folder, struct descriptor **result,
			   bool *changed)
{
	AUTO_SD struct descriptor *before = descriptor_copy(child), *made = NULL;
	bool inherited;
	enum sd_error error;

	*changed = false;
	if (!before)
		return SD_NO_MEMORY;
	if (!before->dacl || (before->control & SE_DACL_PROTECTED))
		return SD_OK;
	error = find_inherited(from, before, folder, &inherited);
	if (error || !inherited)
		return error;
	error = inherit_unprotect(to, before, folder, INHERIT_DACL, &made);
	/* the order in it was meant: it stays as it is */
	if (error || (made->control & SE_DACL_PROTECTED))
		return error;
	error = give_default(made);
	if (!error)
		error = differs(made->dacl, child->dacl, changed);
	if (error || !*changed)
		return error;
	*result = made;
	made = NULL;
	return SD_OK;
}

enum sd_error inherit_adopt(const struct descriptor *to, const struct descriptor *child,
			    bool folder, struct descriptor **result, bool *changed)
{
	AUTO_SD struct descriptor *made = descriptor_copy(child);
	struct acl *handed;
	enum sd_error error;

	*changed = false;
	if (!made)
		return SD_NO_MEMORY;
	error = handed_down(to, child, folder, &handed);
	if (error)
		return error;
	*changed = handed->count > 0;
	if (!*changed) {
		acl_destroy(handed);
		return SD_OK;
	}
	descriptor_set_dacl(made, handed);
	made->control |= SE_DACL_AUTO_INHERITED;
	*result = made;
	made = NULL;
	return SD_OK;
}
