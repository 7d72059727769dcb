/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looking for what is odd. */
#include "acl/lint.h"

#include <string.h>

#include "acl/canonical.h"
#include "acl/mask.h"
#include "acl/origin.h"
#include "acl/well_known.h"

#define INHERITS (OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE)
#define GENERIC_BITS (GENERIC_ALL | GENERIC_EXECUTE | GENERIC_WRITE | GENERIC_READ)
/* to change contents, or who may */
#define WRITE_BITS                                                                                 \
	(FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_WRITE_EA | FILE_DELETE_CHILD |                  \
	 FILE_WRITE_ATTRIBUTES | DELETE | WRITE_DAC | WRITE_OWNER)

static const struct {
	const char *name;
	enum lint_severity severity;
	const char *text;
} lints[LINT_COUNT] = {
	[LINT_NULL_DACL] = {"null-dacl", LINT_ERROR, "there is no DACL: everybody may do anything"},
	[LINT_EMPTY_DACL] = {"empty-dacl", LINT_WARNING,
			     "the DACL is empty: nobody but the owner may do anything"},
	[LINT_ORDER] = {"order", LINT_WARNING, "the DACL is not in canonical order"},
	[LINT_DENY_AFTER_ALLOW] = {"deny-after-allow", LINT_WARNING,
				   "denies what an entry before it may have allowed already"},
	[LINT_NOT_HANDED_DOWN] = {"not-handed-down", LINT_WARNING,
				  "is marked as inherited, but the folder does not hand it down"},
	[LINT_NOT_TAKEN_OVER] = {"not-taken-over", LINT_WARNING,
				 "is handed down by the folder, but is not here"},
	[LINT_DUPLICATE] = {"duplicate", LINT_WARNING, "says the same as an entry before it"},
	[LINT_SHADOWED] = {"shadowed", LINT_WARNING,
			   "has no effect: entries before it decide all of its rights"},
	[LINT_ORPHAN] = {"orphan", LINT_WARNING, "names nobody: there is no such account or group"},
	[LINT_UNKNOWN_SID] = {"unknown-sid", LINT_NOTE,
			      "names somebody of a domain that cannot be asked now"},
	[LINT_UNKNOWN_TYPE] = {"unknown-type", LINT_WARNING,
			       "is of a type that decides nothing here"},
	[LINT_GENERIC] = {"generic", LINT_NOTE, "has generic rights, which no object stores"},
	[LINT_FLAGS_ON_FILE] = {"flags-on-file", LINT_NOTE,
				"would be inherited, but a file has no children"},
	[LINT_WORLD_WRITABLE] = {"world-writable", LINT_WARNING,
				 "lets everybody, or anonymous callers, change things"},
	[LINT_OWNER_CHANGES] = {"owner-changes", LINT_NOTE,
				"is no administrator and, as the owner, may change the DACL"},
};

static const char *const severities[] = {"note", "warning", "error"};

const char *lint_name(enum lint lint)
{
	return (unsigned int)lint < LINT_COUNT ? lints[lint].name : "unknown";
}

const char *lint_text(enum lint lint)
{
	return (unsigned int)lint < LINT_COUNT ? lints[lint].text : "unknown";
}

const char *lint_severity_name(enum lint_severity severity)
{
	return (unsigned int)severity <= LINT_ERROR ? severities[severity] : "unknown";
}

bool lint_parse(const char *name, enum lint *lint)
{
	for (int i = 0; i < LINT_COUNT; i++) {
		if (strcmp(lints[i].name, name) != 0)
			continue;
		*lint = (enum lint)i;
		return true;
	}
	return false;
}

static void tell_all(const struct lint_subject *subject, struct lint_finding finding)
{
	finding.severity = lints[finding.lint].severity;
	if (finding.lint == LINT_OWNER_CHANGES && subject->strict)
		finding.severity = LINT_WARNING;
	subject->tell(subject->context, &finding);
}

static void tell(const struct lint_subject *subject, enum lint lint)
{
	tell_all(subject,
		 (struct lint_finding){.lint = lint, .ace = LINT_NO_ACE, .other = LINT_NO_ACE});
}

static void tell_ace(const struct lint_subject *subject, enum lint lint, const struct acl *acl,
		     size_t ace, size_t other)
{
	tell_all(subject, (struct lint_finding){
				  .lint = lint, .ace = ace, .other = other, .one = acl->aces[ace]});
}

static bool decides(const struct ace *ace)
{
	return !ace->opaque && (ace_type_is_allow(ace->type) || ace_type_is_deny(ace->type));
}

static bool in_force(const struct ace *ace)
{
	return decides(ace) && !(ace->flags & INHERIT_ONLY_ACE);
}

/* Applies to whoever holds its SID, without any "if". */
static bool is_plain(const struct ace *ace)
{
	return in_force(ace) &&
	       (ace->type == ACCESS_ALLOWED_ACE_TYPE || ace->type == ACCESS_DENIED_ACE_TYPE);
}

static uint32_t rights_of(const struct ace *ace)
{
	return mask_map_generic(ace->mask);
}

/* ---- order ---- */

static void check_order(const struct lint_subject *subject, const struct acl *acl)
{
	size_t first;

	if (!acl_is_canonical(acl, &first))
		tell_ace(subject, LINT_ORDER, acl, first, LINT_NO_ACE);
}

/* An explicit denial behind an explicit allowance of some of the same rights: inherited ones stand
 * as they come. */
static void check_late_denial(const struct lint_subject *subject, const struct acl *acl, size_t i)
{
	const struct ace *ace = &acl->aces[i];

	if (!in_force(ace) || !ace_type_is_deny(ace->type) || (ace->flags & INHERITED_ACE))
		return;
	for (size_t n = 0; n < i; n++) {
		const struct ace *before = &acl->aces[n];

		if (!in_force(before) || !ace_type_is_allow(before->type) ||
		    !(rights_of(before) & rights_of(ace)))
			continue;
		tell_ace(subject, LINT_DENY_AFTER_ALLOW, acl, i, n);
		return;
	}
}

/* ---- without effect ---- */

static bool find_same(const struct acl *acl, size_t i, size_t *same)
{
	for (*same = 0; *same < i; ++*same) {
		if (ace_equal(&acl->aces[*same], &acl->aces[i]))
			return true;
	}
	return false;
}

/* Does everybody who holds @sid hold @wider, too? */
static bool covers(const struct sid *wider, const struct sid *sid)
{
	return sid_equal(wider, sid) || sid_equal(wider, &sid_everyone);
}

/* Is there nothing that the ACE decides, in a list that decides by the first one? */
static bool is_shadowed(const struct acl *acl, size_t i, size_t *by)
{
	const struct ace *ace = &acl->aces[i];
	uint32_t left = rights_of(ace);

	if (!in_force(ace) || !left || (ace->flags & INHERITS) ||
	    sid_equal(&ace->sid, &sid_owner_rights))
		return false;
	for (size_t n = 0; n < i && left; n++) {
		const struct ace *before = &acl->aces[n];

		if (!is_plain(before) || !covers(&before->sid, &ace->sid))
			continue;
		left &= ~rights_of(before);
		*by = n;
	}
	return !left;
}

static void check_effect(const struct lint_subject *subject, const struct acl *acl, size_t i)
{
	size_t other;

	if (find_same(acl, i, &other))
		tell_ace(subject, LINT_DUPLICATE, acl, i, other);
	else if (is_shadowed(acl, i, &other))
		tell_ace(subject, LINT_SHADOWED, acl, i, other);
}

/* ---- what one ACE says ---- */

static void check_who(const struct lint_subject *subject, const struct sid *sid,
		      struct lint_finding finding)
{
	switch (subject->known(subject->context, sid)) {
	case LINT_NOBODY:
		finding.lint = LINT_ORPHAN;
		break;
	case LINT_UNSURE:
		finding.lint = LINT_UNKNOWN_SID;
		break;
	default:
		return;
	}
	tell_all(subject, finding);
}

static void check_ace(const struct lint_subject *subject, const struct acl *acl, size_t i)
{
	const struct ace *ace = &acl->aces[i];

	if (!decides(ace)) {
		tell_ace(subject, LINT_UNKNOWN_TYPE, acl, i, LINT_NO_ACE);
		return;
	}
	check_who(subject, &ace->sid,
		  (struct lint_finding){.ace = i, .other = LINT_NO_ACE, .one = *ace});
	if (!(ace->flags & INHERIT_ONLY_ACE) && (ace->mask & GENERIC_BITS))
		tell_ace(subject, LINT_GENERIC, acl, i, LINT_NO_ACE);
	if (!subject->folder && (ace->flags & (INHERITS | INHERIT_ONLY_ACE)))
		tell_ace(subject, LINT_FLAGS_ON_FILE, acl, i, LINT_NO_ACE);
	if (ace_type_is_allow(ace->type) && (rights_of(ace) & WRITE_BITS) &&
	    (sid_equal(&ace->sid, &sid_everyone) || sid_equal(&ace->sid, &sid_anonymous)))
		tell_ace(subject, LINT_WORLD_WRITABLE, acl, i, LINT_NO_ACE);
}

/* ---- owner and group ---- */

/* Does an ACE in force say what an owner has? */
static bool owner_is_limited(const struct acl *acl)
{
	for (size_t i = 0; acl && i < acl->count; i++) {
		const struct ace *ace = &acl->aces[i];

		if (in_force(ace) && sid_equal(&ace->sid, &sid_owner_rights))
			return true;
	}
	return false;
}

static void check_people(const struct lint_subject *subject)
{
	const struct descriptor *sd = subject->sd;
	struct lint_finding finding = {.ace = LINT_NO_ACE, .other = LINT_NO_ACE};

	if (sd->has_owner) {
		finding.owner = true;
		check_who(subject, &sd->owner, finding);
	}
	finding.owner = false;
	if (sd->has_group) {
		finding.group = true;
		check_who(subject, &sd->group, finding);
	}
	if (sd->has_owner && !owner_is_limited(sd->dacl) &&
	    !subject->is_admin(subject->context, &sd->owner))
		tell(subject, LINT_OWNER_CHANGES);
}

/* ---- inheritance ---- */

static bool has(const struct acl *acl, const struct ace *ace)
{
	for (size_t i = 0; acl && i < acl->count; i++) {
		if (ace_equal(&acl->aces[i], ace))
			return true;
	}
	return false;
}

/* Is the DACL of the kind that follows its folder's? */
static bool follows(const struct descriptor *sd)
{
	if (!sd->dacl || (sd->control & SE_DACL_PROTECTED))
		return false;
	for (size_t i = 0; i < sd->dacl->count; i++) {
		if (sd->dacl->aces[i].flags & INHERITED_ACE)
			return true;
	}
	return sd->control & SE_DACL_AUTO_INHERITED;
}

static enum sd_error check_inheritance(const struct lint_subject *subject)
{
	const struct origin_child child = {subject->sd, subject->folder};
	const struct acl *acl = subject->sd->dacl;
	struct acl *handed;
	enum sd_error error;

	if (!subject->parent)
		return SD_OK;
	error = origin_handed(subject->parent, &child, &handed);
	if (error)
		return error;
	for (size_t i = 0; acl && i < acl->count; i++) {
		if ((acl->aces[i].flags & INHERITED_ACE) && !has(handed, &acl->aces[i]))
			tell_ace(subject, LINT_NOT_HANDED_DOWN, acl, i, LINT_NO_ACE);
	}
	for (size_t i = 0; follows(subject->sd) && i < handed->count; i++) {
		if (!has(acl, &handed->aces[i]))
			tell_ace(subject, LINT_NOT_TAKEN_OVER, handed, i, LINT_NO_ACE);
	}
	acl_destroy(handed);
	return SD_OK;
}

enum sd_error lint_check(const struct lint_subject *subject)
{
	const struct acl *acl = subject->sd->dacl;

	if (!acl)
		tell(subject, LINT_NULL_DACL);
	else if (acl->count == 0)
		tell(subject, LINT_EMPTY_DACL);
	else
		check_order(subject, acl);
	for (size_t i = 0; acl && i < acl->count; i++) {
		check_late_denial(subject, acl, i);
		check_effect(subject, acl, i);
		check_ace(subject, acl, i);
	}
	check_people(subject);
	return check_inheritance(subject);
}
