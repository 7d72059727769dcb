/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mandatory integrity, [MS-DTYP] 2.5.3.3: a label on an object keeps out tokens of
 * a lower integrity level, whatever the DACL says.
 *
 * Pure, allocates nothing, thread safe.
 */
#ifndef GUISE_ACL_LABEL_H
#define GUISE_ACL_LABEL_H

#include <stdint.h>

#include "acl/descriptor.h"
#include "acl/token.h"

/* mandatory policies of an object: the mask of its label ACE, [MS-DTYP] 2.4.4.13 */
#define SYSTEM_MANDATORY_LABEL_NO_WRITE_UP 0x1u
#define SYSTEM_MANDATORY_LABEL_NO_READ_UP 0x2u
#define SYSTEM_MANDATORY_LABEL_NO_EXECUTE_UP 0x4u

struct label {
	uint32_t level;  /* SECURITY_MANDATORY_…_RID */
	uint32_t policy; /* SYSTEM_MANDATORY_LABEL_… */
};

/*
 * The label of @sd: the first mandatory label ACE of its SACL that is not
 * inherit-only; without one, medium with no write up.  A label whose SID is
 * not S-1-16-LEVEL counts as the highest level there is.
 */
struct label label_of(const struct descriptor *sd);

/*
 * The rights that @label lets through to @token: all of them (UINT32_MAX) if
 * the token's level is as high, or its policy does not forbid writing up.
 * Else reading and executing, as far as the label allows these; never writing.
 * SeRelabelPrivilege adds WRITE_OWNER, which relabelling needs.
 * ACCESS_SYSTEM_SECURITY is a privilege's and always passes.
 */
uint32_t label_allows(const struct label *label, const struct token *token);

/* The same for whoever asks: the lowest level, no privilege. */
uint32_t label_allows_lowest(const struct label *label);

#endif
