/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What add, deny and remove share.
 */
#include "revision.h"

#include <errno.h>
#include <string.h>

#include "acl/canonical.h"
#include "acl/mask.h"
#include "command.h"
#include "error.h"

bool revision_is_sacl(uint8_t type)
{
	return !ace_type_is_allow(type) && !ace_type_is_deny(type);
}

int revision_report(const struct target *target, enum sd_error error)
{
	error_about(target->path, "%s", sd_strerror(error));
	return STATUS_FAILED;
}

int revision_begin(struct revision *revision, const struct target *target)
{
	*revision = (struct revision){.target = target, .sd = descriptor_copy(target->sd)};
	return revision->sd ? STATUS_OK : error_report(target->path, ENOMEM);
}

const struct acl *revision_list(const struct revision *revision, uint8_t type)
{
	return revision_is_sacl(type) ? revision->sd->sacl : revision->sd->dacl;
}

bool revision_is_open(const struct revision *revision)
{
	return !revision->sd->dacl;
}

void revision_put(struct revision *revision, uint8_t type, struct acl *list)
{
	struct descriptor *sd = revision->sd;

	revision->changed = true;
	if (!revision_is_sacl(type)) {
		descriptor_set_dacl(sd, list);
		sd->control &= (uint16_t)~SE_DACL_DEFAULTED;
		return;
	}
	acl_destroy(sd->sacl);
	sd->sacl = list;
	sd->control |= SE_SACL_PRESENT;
	sd->control &= (uint16_t)~SE_SACL_DEFAULTED;
}

void revision_end(struct revision *revision, struct descriptor **to)
{
	if (revision->changed && to)
		*to = revision->sd;
	else
		descriptor_destroy(revision->sd);
	revision->sd = NULL;
}

static void tell_named(const struct revision *revision, const struct edit_note *note,
		       const char *name)
{
	const char *path = revision->target->path;
	char rights[MASK_MAX_TEXT];

	if (note->unordered && note->changed)
		error_about(path, "warning: its list is not in canonical order; no entry changed "
				  "its place");
	if (note->withheld)
		error_about(path, "warning: %s is still denied %s by another entry", name,
			    mask_format(note->withheld, revision->target->folder, rights));
}

void revision_tell(const struct revision *revision, const struct edit_note *note, const char *name,
		   struct revision_tally *tally)
{
	if (revision->target->named) {
		tell_named(revision, note, name);
		return;
	}
	tally->unordered += note->unordered && note->changed;
	tally->withheld += note->withheld != 0;
}

void revision_tell_tally(const struct revision_tally *tally)
{
	if (tally->unordered)
		error_say("warning: %lu more lists are not in canonical order; no entry changed "
			  "its place",
			  tally->unordered);
	if (tally->withheld)
		error_say("warning: other entries still deny, in %lu more lists, what was allowed",
			  tally->withheld);
	if (tally->inherited)
		error_say("warning: %lu more objects still have such entries by inheritance; guise "
			  "propagate hands down what their folders have now",
			  tally->inherited);
	if (tally->emptied)
		error_say("warning: %lu more lists are empty now: nobody but the owner has rights",
			  tally->emptied);
}
