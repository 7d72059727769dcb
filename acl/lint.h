/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is odd about a descriptor: mistakes, and what often is one.
 *
 * Pure; who a SID is and who is an administrator the caller tells.
 */
#ifndef GUISE_ACL_LINT_H
#define GUISE_ACL_LINT_H

#include <stdbool.h>
#include <stddef.h>

#include "acl/descriptor.h"
#include "acl/error.h"

enum lint {
	LINT_NULL_DACL,
	LINT_EMPTY_DACL,
	LINT_ORDER,
	LINT_DENY_AFTER_ALLOW,
	LINT_NOT_HANDED_DOWN,
	LINT_NOT_TAKEN_OVER,
	LINT_DUPLICATE,
	LINT_SHADOWED,
	LINT_ORPHAN,
	LINT_UNKNOWN_SID,
	LINT_UNKNOWN_TYPE,
	LINT_GENERIC,
	LINT_FLAGS_ON_FILE,
	LINT_WORLD_WRITABLE,
	LINT_OWNER_CHANGES,
	LINT_COUNT
};

enum lint_severity { LINT_NOTE, LINT_WARNING, LINT_ERROR };

/* What is known of a SID. */
enum lint_known {
	LINT_KNOWN,  /* there is somebody */
	LINT_NOBODY, /* there was, perhaps: an orphan */
	LINT_UNSURE, /* whoever would know cannot be asked now */
};

#define LINT_NO_ACE ((size_t)-1)

struct lint_finding {
	enum lint lint;
	enum lint_severity severity;
	size_t ace;     /* its place in the DACL (in what the folder hands down:
			   LINT_NOT_TAKEN_OVER), from 0; or LINT_NO_ACE */
	size_t other;   /* the one that it is a duplicate of, or after; or LINT_NO_ACE */
	bool owner;     /* LINT_ORPHAN, LINT_UNKNOWN_SID: the owner's SID, */
	bool group;     /* the group's, */
	struct ace one; /* the ACE, if there is one: data is the descriptor's */
};

struct lint_subject {
	const struct descriptor *sd;
	const struct descriptor *parent; /* its folder's; NULL: not known */
	bool folder;
	bool strict; /* the owner's own rights are worth a warning */
	enum lint_known (*known)(void *context, const struct sid *sid);
	bool (*is_admin)(void *context, const struct sid *sid);
	void (*tell)(void *context, const struct lint_finding *finding);
	void *context;
};

/* Calls subject->tell() for all that is found.  SD_OK or SD_NO_MEMORY. */
enum sd_error lint_check(const struct lint_subject *subject);

/* "deny-after-allow", and back; an English phrase; never NULL. */
const char *lint_name(enum lint lint);
bool lint_parse(const char *name, enum lint *lint);
const char *lint_text(enum lint lint);
const char *lint_severity_name(enum lint_severity severity);

#endif
