/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Audit records: what is worth knowing of one decision, as one JSON object a line.
 * docs/audit.md is the list of fields.
 */
#ifndef GUISE_FS_RECORD_H
#define GUISE_FS_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "acl/descriptor.h"
#include "acl/token.h"
#include "keyring/resolve.h"

/* The most groups that a record lists. */
#define RECORD_MAX_GROUPS 32
/* The longest text of an ACE that a record has, and the longest path, in bytes. */
#define RECORD_MAX_ACE 1024
#define RECORD_MAX_OBJECT 4096

enum record_kind {
	RECORD_IDENTITY,   /* it could not be established who asks, or it does not suffice */
	RECORD_DENIED,     /* an access was denied */
	RECORD_SACL,       /* an audit ACE was hit, the access granted or denied */
	RECORD_DELEGATION, /* an identity was not handed on to another machine */
	RECORD_SUPPRESSED, /* so many records were left out */
	RECORD_KINDS
};

/* "identity" and so on; never NULL. */
const char *record_kind_name(enum record_kind kind);

/* Where ACEs that matter stand, from 0. */
struct record_ace {
	bool known;
	size_t place;
};

/* What is said; all pointers are borrowed, and may be NULL. */
struct record {
	enum record_kind kind;
	bool granted;
	const char *operation;
	const char *share; /* the name of the share */
	const char *mount; /* the mount point */
	const char *object;
	bool folder; /* it is one */
	const struct caller *caller;
	const struct token *token;
	bool groups_partial; /* the token lacks supplementary groups, which did not matter */
	int32_t key;         /* of a refused identity; 0: none */
	uint32_t wanted, granted_rights, missing; /* wanted 0: no access */
	const char *reason;                       /* of a denial */
	const struct descriptor *sd;              /* whose ACEs these are */
	struct record_ace ace;                    /* in the DACL: it decided */
	struct record_ace audit_ace;              /* in the SACL: the first that was hit */
	size_t audit_aces;                        /* how many were */
	uint64_t count;                           /* RECORD_SUPPRESSED */
};

/*
 * The line of @record, with its newline, in memory for the caller to free; NULL without memory.
 * Stores its length.
 */
char *record_write(const struct record *record, const char *id, const struct timespec *when,
		   size_t *length);

#endif
