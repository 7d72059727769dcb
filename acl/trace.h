/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The trace of an access check: each step in order, what it gave and took, and why an
 * ACE did nothing.  It is written by the check itself, so that it cannot differ from it.
 *
 * A trace belongs to one thread at a time.
 */
#ifndef GUISE_ACL_TRACE_H
#define GUISE_ACL_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acl/access.h"

enum trace_event {
	TRACE_TOKEN_RIGHTS,     /* the token is restricted to certain rights: took */
	TRACE_LABEL,            /* the mandatory label: took */
	TRACE_PRIVILEGE,        /* privileges: gave */
	TRACE_NO_DACL,          /* there is none, or a NULL DACL: gave */
	TRACE_OWNER,            /* the token holds the owner: gave */
	TRACE_OWNER_WITHHELD,   /* it does, but an ACE names OWNER RIGHTS */
	TRACE_ACE,              /* an ACE of the DACL */
	TRACE_RESTRICTED,       /* here the second pass begins, with the restricting SIDs */
	TRACE_CENTRAL_POLICY,   /* here a rule of a central policy begins; its condition is TRUE */
	TRACE_CENTRAL_RULE_OFF, /* a rule of a central policy whose condition is not TRUE */
	TRACE_RECOVERY_POLICY,  /* here the recovery policy begins: the object's is not known */
};

/* Why an ACE did something or nothing. */
enum trace_reason {
	TRACE_MATCHED,           /* it gave or took */
	TRACE_NOTHING_WANTED,    /* none of its rights was still undecided */
	TRACE_NOT_REACHED,       /* all was decided before it */
	TRACE_INHERIT_ONLY,      /* it is for children */
	TRACE_NOT_ACCESS,        /* its type neither allows nor denies */
	TRACE_OBJECT_TYPE,       /* it allows for a certain type of object only */
	TRACE_NOT_HELD,          /* its SID is not in the token (the restricting SIDs) */
	TRACE_DISABLED,          /* its SID is a disabled group of the token */
	TRACE_DENY_ONLY,         /* it allows, and its SID is held for denying only */
	TRACE_CONDITION_FALSE,   /* its condition is FALSE */
	TRACE_CONDITION_UNKNOWN, /* it allows, and its condition is UNKNOWN */
};

struct trace_step {
	enum trace_event event;
	enum trace_reason reason; /* TRACE_ACE */
	bool restricted;          /* in the second pass */
	size_t ace;               /* TRACE_ACE: its place in the DACL, from 0 */
	size_t policy;            /* central policies: the scoped policy ACE's place in the SACL */
	size_t rule;              /* and the rule's in the policy */
	uint32_t rights;          /* TRACE_ACE: the ACE's, generic bits mapped */
	uint32_t gave;            /* rights granted by this step */
	uint32_t took;            /* rights denied by it */
	uint32_t missing;         /* what is undecided after it */
};

/* An empty trace; NULL without memory.  Free with trace_destroy(). */
struct trace *trace_create(void);
void trace_destroy(struct trace *trace);

/* The steps so far; stores their number. */
const struct trace_step *trace_steps(const struct trace *trace, size_t *count);

/* Was there no memory for a step?  What is there is true, but not all. */
bool trace_incomplete(const struct trace *trace);

/* A lower-case English phrase without a full stop; never NULL. */
const char *trace_event_string(enum trace_event event);
const char *trace_reason_string(enum trace_reason reason);

/* For the check: notes a copy of @step. */
void trace_add(struct trace *trace, const struct trace_step *step);

#endif
