/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why an access was denied, in a word: worked out of the trace of the check, so that it cannot
 * differ from it.
 */
#ifndef GUISE_ACL_DENIAL_H
#define GUISE_ACL_DENIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acl/access.h"
#include "acl/descriptor.h"
#include "acl/token.h"

enum denial_reason {
	DENIAL_NOT_ALLOWED, /* no ACE that matches allows it */
	DENIAL_ACE,         /* a deny ACE took it */
	DENIAL_LABEL,       /* the mandatory label keeps the token out */
	DENIAL_RIGHTS,      /* the token is restricted to other rights */
	DENIAL_RESTRICTED,  /* the token's own SIDs are granted it, its restricting SIDs are not */
	DENIAL_CENTRAL_POLICY, /* the DACL grants it, a central policy does not */
	DENIAL_PRIVILEGE,      /* it takes SeSecurityPrivilege */
	DENIAL_OWNER,          /* a new owner that the token may not set */
	DENIAL_GROUP,          /* a new group that the token may not set */
	DENIAL_UNEXPLAINED,    /* no memory to find out */
	DENIAL_COUNT
};

struct denial {
	enum denial_reason reason;
	bool has_ace; /* @ace decided */
	size_t ace;   /* its place in the DACL, from 0 */
};

/*
 * Why access_check() of @wanted gives @result, which is a denial.  Does the check once more, with a
 * trace, and allocates for the time being.
 */
struct denial access_denial(const struct descriptor *sd, const struct token *token,
			    const struct access_result *result, uint32_t wanted,
			    unsigned int flags);

/* The name of @reason, such as "denied-by-ace", and an English phrase; never NULL. */
const char *denial_name(enum denial_reason reason);
const char *denial_text(enum denial_reason reason);

#endif
