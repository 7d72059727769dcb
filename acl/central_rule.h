/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Central access policies as the access check reads them; private to acl/.
 */
#ifndef GUISE_ACL_CENTRAL_RULE_H
#define GUISE_ACL_CENTRAL_RULE_H

#include <stddef.h>
#include <stdint.h>

#include "acl/central_policy.h"
#include "acl/compiled.h"

struct central_rule {
	uint8_t *applies_to; /* a condition; NULL: for all objects */
	size_t size;
	struct compiled *effective;
};

struct central_policy {
	struct sid id;
	size_t count;
	struct central_rule *rules;
};

/* The policy named @id; NULL if there is none, or @policies is NULL. */
const struct central_policy *central_policies_find(const struct central_policies *policies,
						   const struct sid *id);

#define RECOVERY_ACES 3

/* The DACL of the recovery policy, and where its parts are. */
struct central_recovery {
	struct compiled_list list;
	struct compiled_ace aces[RECOVERY_ACES];
	struct sid sids[RECOVERY_ACES];
	struct compiled_place places[RECOVERY_ACES];
};

/* Fills @recovery: full access for Administrators, LocalSystem and OWNER RIGHTS. */
void central_recovery(struct central_recovery *recovery);

#endif
