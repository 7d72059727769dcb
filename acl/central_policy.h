/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Central access policies, [MS-GPCAP] and [MS-DTYP] 2.5.3.2: rules that an administrator
 * keeps apart from the objects; a scoped policy ID ACE in an object's SACL names its
 * policy.  Each rule whose condition is TRUE must grant what is granted.  An object
 * whose policy is not known falls under the recovery policy: Administrators, LocalSystem
 * and the owner.
 *
 * Built by one thread, then shared read-only.
 */
#ifndef GUISE_ACL_CENTRAL_POLICY_H
#define GUISE_ACL_CENTRAL_POLICY_H

#include <stddef.h>
#include <stdint.h>

#include "acl/descriptor.h"
#include "acl/error.h"
#include "acl/sid.h"

struct central_policies;

/* No policies; NULL without memory.  Free with central_policies_destroy(). */
struct central_policies *central_policies_create(void);
void central_policies_destroy(struct central_policies *policies);

/* Adds a policy without rules, named @id.  SD_OK, SD_NO_MEMORY. */
enum sd_error central_policies_add(struct central_policies *policies, const struct sid *id);

/*
 * Adds a rule to the policy that was added last: for the objects for which the
 * condition @applies_to of @size bytes is TRUE (NULL: for all), the DACL of @effective
 * must grant as well.  Copies both.  SD_OK, SD_NO_MEMORY, SD_BAD_ACE (a malformed
 * condition, or no policy yet), SD_BAD_ACL (@effective has no DACL).
 */
enum sd_error central_policies_add_rule(struct central_policies *policies,
					const uint8_t *applies_to, size_t size,
					const struct descriptor *effective);

#endif
