/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The access check, [MS-DTYP] 2.5.3.2: a token's wish against a descriptor.
 *
 * Pure and thread safe.  Where the specification and Windows' recorded
 * behaviour differ, docs/access.md says which is followed and why.
 */
#ifndef GUISE_ACL_ACCESS_H
#define GUISE_ACL_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "acl/descriptor.h"
#include "acl/token.h"

enum access_status {
	ACCESS_OK,
	ACCESS_DENIED,
	ACCESS_PRIVILEGE_NOT_HELD, /* ACCESS_SYSTEM_SECURITY, but no SeSecurityPrivilege */
	ACCESS_BAD_REQUEST,        /* nothing was asked for */
	ACCESS_NO_MEMORY,          /* nothing could be decided; only from access_check() */
};

/* flags of access_check() */
#define ACCESS_BACKUP_INTENT 0x1u /* SeBackup- and SeRestorePrivilege count, [MS-FSA] 2.1.5.1 */

struct access_result {
	enum access_status status;
	uint32_t granted; /* all that was granted of the wish; with MAXIMUM_ALLOWED the maximum and
			     what was named beside it.  0 unless ACCESS_OK */
	uint32_t missing; /* what was asked for and not granted; MAXIMUM_ALLOWED if the maximum is
			     empty */
};

struct compiled;         /* acl/compile.h */
struct central_policies; /* acl/central_policy.h */
struct trace;            /* acl/trace.h */

/* What is asked of a compiled descriptor. */
struct access_request {
	const struct token *token;
	uint32_t wanted;                         /* any mask: generic bits, MAXIMUM_ALLOWED */
	unsigned int flags;                      /* ACCESS_… */
	const struct central_policies *policies; /* NULL: none is known */
	struct trace *trace;                     /* NULL, or where each step is noted */
};

/*
 * Checks @request against @sd.  The token's level is not looked at: that is the
 * caller's.  token_rights() caps what is granted, privileges included.
 * Allocates nothing (but what a trace needs), and its time hardly grows with the
 * number of the token's SIDs.
 */
struct access_result access_check_compiled(const struct compiled *sd,
					   const struct access_request *request);

/*
 * The same for a descriptor that is checked once: compiles it, in a buffer on the
 * stack if it is not large, checks, and forgets.  No central policy is known.
 */
struct access_result access_check(const struct descriptor *sd, const struct token *token,
				  uint32_t wanted, unsigned int flags);

/*
 * Is @mask granted by @sd to whoever asks, anonymous included, whatever their
 * groups?  Every token holds Everyone, so that is whom the allow ACEs must name.
 * Sound, not complete: any deny ACE that could take a bit of it away from
 * anyone makes it false, and so does a central policy; the owner's implicit rights
 * do not count.  What limits a token itself (restricting SIDs, token_rights()) is not
 * looked at.
 */
bool access_public(const struct descriptor *sd, uint32_t mask);

/*
 * Is it certain that access_check_compiled() grants @request, even if its token gets more groups,
 * Unix groups or a domain's?  Sound, not complete: false means that the check itself must tell,
 * with all groups.  Neither the owner's rights nor privileges are looked at.
 */
bool access_foregone(const struct compiled *sd, const struct access_request *request);

/*
 * Does an ACE that is not inherit-only, or the owner, name a Unix group or somebody of a domain,
 * which may be a group, or is there a condition that could ask for one, so that the answer, or what
 * the SACL has audited, may depend on supplementary groups?
 */
bool access_names_group(const struct descriptor *sd);

#endif
