/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Central access policies: a list of lists of rules.
 */
#include "acl/central_policy.h"

#include <stdlib.h>
#include <string.h>

#include "acl/central_rule.h"
#include "acl/condition.h"
#include "acl/mask.h"
#include "acl/trace.h"

struct central_policies {
	size_t count;
	struct central_policy *items;
};

struct central_policies *central_policies_create(void)
{
	return calloc(1, sizeof(struct central_policies));
}

static void policy_clear(struct central_policy *policy)
{
	for (size_t i = 0; i < policy->count; i++) {
		free(policy->rules[i].applies_to);
		compiled_destroy(policy->rules[i].effective);
	}
	free(policy->rules);
}

void central_policies_destroy(struct central_policies *policies)
{
	if (!policies)
		return;
	for (size_t i = 0; i < policies->count; i++)
		policy_clear(&policies->items[i]);
	free(policies->items);
	free(policies);
}

enum sd_error central_policies_add(struct central_policies *policies, const struct sid *id)
{
	struct central_policy *items =
		reallocarray(policies->items, policies->count + 1, sizeof(*items));

	if (!items)
		return SD_NO_MEMORY;
	policies->items = items;
	items[policies->count++] = (struct central_policy){.id = *id};
	return SD_OK;
}

static void rule_clear(struct central_rule *rule)
{
	free(rule->applies_to);
	compiled_destroy(rule->effective);
}

static enum sd_error rule_make(struct central_rule *rule, const uint8_t *applies_to, size_t size,
			       const struct descriptor *effective)
{
	if (applies_to) {
		rule->applies_to = malloc(size);
		if (!rule->applies_to)
			return SD_NO_MEMORY;
		memcpy(rule->applies_to, applies_to, size);
		rule->size = size;
	}
	return compile(effective, &rule->effective);
}

enum sd_error central_policies_add_rule(struct central_policies *policies,
					const uint8_t *applies_to, size_t size,
					const struct descriptor *effective)
{
	struct central_rule rule = {0}, *rules;
	struct central_policy *policy;
	enum sd_error error;

	/* a NULL DACL would grant everything to everybody */
	if (!effective->dacl)
		return SD_BAD_ACL;
	if (!policies->count || (applies_to && !condition_valid(applies_to, size)))
		return SD_BAD_ACE;
	policy = &policies->items[policies->count - 1];
	error = rule_make(&rule, applies_to, size, effective);
	rules = error ? NULL : reallocarray(policy->rules, policy->count + 1, sizeof(*rules));
	if (!rules) {
		rule_clear(&rule);
		return error ? error : SD_NO_MEMORY;
	}
	policy->rules = rules;
	rules[policy->count++] = rule;
	return SD_OK;
}

const struct central_policy *central_policies_find(const struct central_policies *policies,
						   const struct sid *id)
{
	for (size_t i = 0; policies && i < policies->count; i++) {
		if (sid_equal(&policies->items[i].id, id))
			return &policies->items[i];
	}
	return NULL;
}

void central_recovery(struct central_recovery *recovery)
{
	const struct sid sids[RECOVERY_ACES] = {sid_administrators, sid_system, sid_owner_rights};

	*recovery = (struct central_recovery){
		.list = {.present = true,
			 .owner_rights = true,
			 .count = RECOVERY_ACES,
			 .aces = recovery->aces,
			 .sids = recovery->sids,
			 .place_count = RECOVERY_ACES,
			 .places = recovery->places},
	};
	for (uint16_t i = 0; i < RECOVERY_ACES; i++) {
		recovery->sids[i] = sids[i];
		recovery->aces[i] = (struct compiled_ace){
			.hash = sid_hash(&sids[i]),
			.rights = FILE_ALL_ACCESS,
			.place = i,
			.owner_rights = sid_equal(&sids[i], &sid_owner_rights),
		};
		recovery->places[i] = (struct compiled_place){FILE_ALL_ACCESS, TRACE_MATCHED};
	}
}
