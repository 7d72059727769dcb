/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a mode was relied on for. */
#include "exposure.h"

#include <string.h>

#include "acl/access.h"
#include "acl/mask.h"
#include "command.h"
#include "error.h"
#include "text.h"

#define DESCRIPTOR_CLEANUP __attribute__((cleanup(descriptor_destroyp)))

/* what everybody has who knows where an object is, whatever its mode */
#define ALWAYS (FILE_READ_ATTRIBUTES | READ_CONTROL | SYNCHRONIZE)

/* Does an explicit ACE of @acl allow @sid some of @mask? */
static bool allows(const struct acl *acl, const struct sid *sid, uint32_t mask)
{
	for (size_t i = 0; i < acl->count; i++) {
		const struct ace *ace = &acl->aces[i];

		if (ace_type_is_allow(ace->type) && !(ace->flags & INHERITED_ACE) &&
		    (ace->mask & mask) && sid_equal(&ace->sid, sid))
			return true;
	}
	return false;
}

/* Does @to go on giving somebody, other than its owner, what @sd gives? */
static bool goes_on(const struct descriptor *sd, const struct descriptor *to)
{
	if (!sd->dacl || !to->dacl || !sd->has_owner)
		return true;
	for (size_t i = 0; i < sd->dacl->count; i++) {
		const struct ace *ace = &sd->dacl->aces[i];

		if (ace_type_is_allow(ace->type) && (ace->mask & ~ALWAYS) &&
		    !sid_equal(&ace->sid, &sd->owner) &&
		    allows(to->dacl, &ace->sid, ace->mask & ~ALWAYS))
			return true;
	}
	return false;
}

/* What is implied by a mode has no marks of inheritance; this is asked before the mount is. */
static bool may_be_implied(const struct descriptor *sd)
{
	return !(sd->control & (SE_DACL_PROTECTED | SE_DACL_AUTO_INHERITED));
}

/* Does the mount that @object is on say @word of it?  Yes, if it does not say. */
static bool has_nature(const char *natures, const char *word)
{
	return !natures || strstr(natures, word);
}

/* Is the descriptor of @object, from @origin, what its mode implies, and is that relied on? */
static bool is_implied(const struct object *object, const struct descriptor *sd, enum origin origin)
{
	TEXT_CLEANUP char *natures = NULL;
	size_t size;

	if (origin != ORIGIN_MOUNT)
		return origin == ORIGIN_IMPLIED;
	if (!may_be_implied(sd))
		return false;
	if (object_attribute(object, ATTRIBUTE_NATURE, &natures, &size) < 0)
		natures = NULL;
	return has_nature(natures, " implied") && !(natures && strstr(natures, " traverse-strict"));
}

static int report(const struct target *target)
{
	error_about(target->path,
		    "its folder is not open to everyone, which protects it, since it has no "
		    "descriptor of its own; with one, others could reach it by what its mode says: "
		    "give it a whole list with guise set or reset, or say --into-private to mean "
		    "it");
	return STATUS_FAILED;
}

/* A folder that has no descriptor of its own goes on to protect what was named in it. */
static int check_named(const struct target *target)
{
	OBJECT_CLEANUP struct object folder = OBJECT_NONE;
	DESCRIPTOR_CLEANUP struct descriptor *sd = NULL;
	enum origin origin;
	int error = visit_parent(target->visit, &folder);

	if (error == 0)
		error = object_read(&folder, &sd, &origin);
	if (error < 0) /* the root of a mount, which everyone comes in by, or nobody can tell */
		return STATUS_OK;
	if (access_public(sd, FILE_TRAVERSE) || is_implied(&folder, sd, origin))
		return STATUS_OK;
	return report(target);
}

int exposure_check(const struct target *target, const struct descriptor *to)
{
	const struct descriptor *sd = target->sd;

	if (!target->named && target->above && access_public(target->above, FILE_TRAVERSE))
		return STATUS_OK;
	if (target->visit->object->specimen || target->visit->object->symlink || !goes_on(sd, to) ||
	    !is_implied(target->visit->object, sd, target->origin))
		return STATUS_OK;
	return target->named ? check_named(target) : report(target);
}
