/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which audit ACEs of a SACL an access that was decided hits, [MS-DTYP] 2.4.4.10 to 2.4.4.12 and
 * their callback variants.
 *
 * Functions are pure and thread safe.
 */
#ifndef GUISE_ACL_AUDIT_H
#define GUISE_ACL_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acl/access.h"
#include "acl/descriptor.h"
#include "acl/token.h"

/*
 * How many audit ACEs of @sd the access of @token hits that asked for @wanted and got @result.
 * Stores the places in the SACL, from 0, of the first @room of them in @places.
 *
 * An ACE is hit if it is not inherit-only, its SID is in the token, enabled or deny-only, and it
 * names a right that was granted (SUCCESSFUL_ACCESS_ACE_FLAG) or that was asked for and is missing
 * (FAILED_ACCESS_ACE_FLAG).  A condition that is FALSE keeps it from being hit; one that is
 * UNKNOWN does not.  An ACE for a certain object type is never hit, since files have none.
 * Alarm ACEs are never looked at.  What was not decided (no memory, bad request) hits nothing.
 */
size_t access_audit(const struct descriptor *sd, const struct token *token,
		    const struct access_result *result, uint32_t wanted, size_t *places,
		    size_t room);

/*
 * Could anyone's being granted a right in @mask hit an audit ACE of @sd?  Complete, not
 * precise: neither SIDs nor conditions are looked at.
 */
bool access_audited(const struct descriptor *sd, uint32_t mask);

#endif
