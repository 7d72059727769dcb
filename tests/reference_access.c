/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A reference of the access check: each right is asked for alone, each SID is compared
 * with each of the token's.
 */
#include "tests/reference_access.h"

#include <stdlib.h>

#include "acl/condition.h"
#include "acl/mask.h"

#define LABEL_NO_READ_UP 0x2u
#define LABEL_NO_EXECUTE_UP 0x4u

/* What a list of SIDs is asked for. */
enum asking { ASK_ALLOW, ASK_DENY };

struct question {
	const struct descriptor *sd;
	const struct token *token;
	bool restricted;
	bool unknown; /* a resource attribute is malformed */
	struct attribute_list resource;
};

static bool counts(uint32_t attributes, enum asking asking)
{
	bool deny_only = attributes & SE_GROUP_USE_FOR_DENY_ONLY;

	if (asking == ASK_ALLOW)
		return (attributes & SE_GROUP_ENABLED) && !deny_only;
	return (attributes & SE_GROUP_ENABLED) || deny_only;
}

/* Is @sid there for denying only, if only among other things? */
static bool denies_only(const struct token *token, const struct sid *sid)
{
	size_t count;
	const struct token_group *groups = token_groups(token, &count);

	if (sid_equal(token_user(token), sid) &&
	    (token_user_attributes(token) & SE_GROUP_USE_FOR_DENY_ONLY))
		return true;
	for (size_t i = 0; i < count; i++) {
		if (sid_equal(&groups[i].sid, sid) &&
		    (groups[i].attributes & SE_GROUP_USE_FOR_DENY_ONLY))
			return true;
	}
	return false;
}

static bool holds(const struct question *question, const struct sid *sid, enum asking asking)
{
	const struct token *token = question->token;
	size_t count;
	const struct token_group *groups = token_groups(token, &count);
	size_t restricted_count;
	const struct sid *restricted = token_restricted(token, &restricted_count);

	if (question->restricted) {
		for (size_t i = 0; i < restricted_count; i++) {
			if (sid_equal(&restricted[i], sid))
				return true;
		}
		return false;
	}
	if (asking == ASK_ALLOW && denies_only(token, sid))
		return false;
	if (sid_equal(token_user(token), sid) && counts(token_user_attributes(token), asking))
		return true;
	for (size_t i = 0; i < count; i++) {
		if (sid_equal(&groups[i].sid, sid) && counts(groups[i].attributes, asking))
			return true;
	}
	return false;
}

static bool is_owner(const struct question *question, enum asking asking)
{
	return question->sd->has_owner && holds(question, &question->sd->owner, asking);
}

static bool names_owner_rights(const struct acl *dacl)
{
	for (size_t i = 0; i < dacl->count; i++) {
		const struct ace *ace = &dacl->aces[i];

		if (!ace->opaque && !(ace->flags & INHERIT_ONLY_ACE) &&
		    sid_equal(&ace->sid, &sid_owner_rights))
			return true;
	}
	return false;
}

/* Rule 9. */
static bool condition_lets(const struct question *question, const struct ace *ace, bool deny)
{
	struct condition_context context = {
		.token = question->token,
		.resource = &question->resource,
		.deny = deny,
		.restricted = question->restricted,
	};
	enum condition_value value = CONDITION_UNKNOWN;

	if (!question->unknown)
		value = condition_evaluate(ace->data, ace->data_size, &context);
	return value == CONDITION_TRUE || (deny && value == CONDITION_UNKNOWN);
}

static bool applies(const struct question *question, const struct ace *ace)
{
	bool deny = ace_type_is_deny(ace->type);
	bool object = ace_type_is_object(ace->type);

	if (ace->opaque || (ace->flags & INHERIT_ONLY_ACE) ||
	    !(deny || ace_type_is_allow(ace->type)))
		return false;
	if (!deny && object && (ace->object_flags & ACE_OBJECT_TYPE_PRESENT))
		return false;
	if (sid_equal(&ace->sid, &sid_owner_rights)
		    ? !is_owner(question, deny ? ASK_DENY : ASK_ALLOW)
		    : !holds(question, &ace->sid, deny ? ASK_DENY : ASK_ALLOW))
		return false;
	return !ace_type_is_callback(ace->type) || condition_lets(question, ace, deny);
}

/* One pass, one right. */
static bool pass_grants(const struct question *question, uint32_t right)
{
	const struct acl *dacl = question->sd->dacl;

	if ((right & (READ_CONTROL | WRITE_DAC)) && is_owner(question, ASK_ALLOW) &&
	    !names_owner_rights(dacl))
		return true;
	for (size_t i = 0; i < dacl->count; i++) {
		const struct ace *ace = &dacl->aces[i];

		if (!ace->opaque && (mask_map_generic(ace->mask) & right) && applies(question, ace))
			return ace_type_is_allow(ace->type);
	}
	return false;
}

/* The recovery policy, since none is known. */
static bool recovery_grants(const struct question *question)
{
	return holds(question, &sid_administrators, ASK_ALLOW) ||
	       holds(question, &sid_system, ASK_ALLOW) || is_owner(question, ASK_ALLOW);
}

static bool has_policy(const struct descriptor *sd)
{
	for (size_t i = 0; sd->sacl && i < sd->sacl->count; i++) {
		if (sd->sacl->aces[i].type == SYSTEM_SCOPED_POLICY_ID_ACE_TYPE &&
		    !(sd->sacl->aces[i].flags & INHERIT_ONLY_ACE))
			return true;
	}
	return false;
}

static bool both_passes(struct question *question, uint32_t right,
			bool (*asks)(const struct question *, uint32_t))
{
	size_t restricted;
	bool grants = asks(question, right);

	token_restricted(question->token, &restricted);
	if (!grants || !restricted)
		return grants;
	question->restricted = true;
	grants = asks(question, right);
	question->restricted = false;
	return grants;
}

static bool asks_dacl(const struct question *question, uint32_t right)
{
	return !question->sd->dacl || pass_grants(question, right);
}

static bool asks_recovery(const struct question *question, uint32_t right)
{
	return (right & FILE_ALL_ACCESS) && recovery_grants(question);
}

static uint32_t privileged(uint32_t privileges, unsigned int flags)
{
	uint32_t rights = 0;

	if (privileges & SE_SECURITY_PRIVILEGE)
		rights |= ACCESS_SYSTEM_SECURITY;
	if (privileges & SE_TAKE_OWNERSHIP_PRIVILEGE)
		rights |= WRITE_OWNER;
	if ((flags & ACCESS_BACKUP_INTENT) && (privileges & SE_BACKUP_PRIVILEGE))
		rights |= READ_CONTROL | FILE_GENERIC_READ | FILE_TRAVERSE;
	if ((flags & ACCESS_BACKUP_INTENT) && (privileges & SE_RESTORE_PRIVILEGE))
		rights |= WRITE_DAC | WRITE_OWNER | FILE_GENERIC_WRITE | FILE_ADD_FILE |
			  FILE_ADD_SUBDIRECTORY | DELETE;
	return rights;
}

/* Rule 10. */
static bool label_lets(const struct descriptor *sd, const struct token *token, uint32_t right)
{
	const struct ace *label = NULL;
	uint32_t level = SECURITY_MANDATORY_MEDIUM_RID, policy = 1, up = ACCESS_SYSTEM_SECURITY;

	for (size_t i = 0; sd->sacl && i < sd->sacl->count && !label; i++) {
		if (sd->sacl->aces[i].type == SYSTEM_MANDATORY_LABEL_ACE_TYPE &&
		    !(sd->sacl->aces[i].flags & INHERIT_ONLY_ACE))
			label = &sd->sacl->aces[i];
	}
	if (label) {
		bool regular = label->sid.authority[5] == 16 && label->sid.sub_count == 1;

		for (unsigned int i = 0; i < 5; i++)
			regular = regular && !label->sid.authority[i];
		level = regular ? label->sid.sub[0] : UINT32_MAX;
		policy = label->mask;
	}
	if (token_integrity(token) >= level ||
	    !(token_mandatory_policy(token) & TOKEN_MANDATORY_POLICY_NO_WRITE_UP))
		return true;
	up |= policy & LABEL_NO_READ_UP ? 0 : FILE_GENERIC_READ;
	up |= policy & LABEL_NO_EXECUTE_UP ? 0 : FILE_GENERIC_EXECUTE;
	up |= token_privileges(token) & SE_RELABEL_PRIVILEGE ? WRITE_OWNER : 0;
	return up & right;
}

static bool grants(struct question *question, uint32_t right, unsigned int flags)
{
	const struct token *token = question->token;

	if (!(token_rights(token) & right) || !label_lets(question->sd, token, right))
		return false;
	if (privileged(token_privileges(token), flags) & right)
		return true;
	if (right == ACCESS_SYSTEM_SECURITY || !both_passes(question, right, asks_dacl))
		return false;
	return !has_policy(question->sd) || both_passes(question, right, asks_recovery);
}

static void read_resource(struct question *question)
{
	const struct acl *sacl = question->sd->sacl;

	for (size_t i = 0; sacl && i < sacl->count; i++) {
		struct attribute attribute = {0};

		if (sacl->aces[i].type != SYSTEM_RESOURCE_ATTRIBUTE_ACE_TYPE ||
		    (sacl->aces[i].flags & INHERIT_ONLY_ACE))
			continue;
		if (attribute_read(sacl->aces[i].data, sacl->aces[i].data_size, &attribute))
			question->unknown = true;
		else if (attribute_list_append(&question->resource, &attribute))
			abort();
		attribute_clear(&attribute);
	}
}

struct access_result reference_access(const struct descriptor *sd, const struct token *token,
				      uint32_t wanted, unsigned int flags)
{
	struct question question = {.sd = sd, .token = token};
	struct access_result result = {.status = ACCESS_OK};
	bool maximum = mask_map_generic(wanted) & MAXIMUM_ALLOWED;
	uint32_t named = mask_map_generic(wanted) & ~MAXIMUM_ALLOWED;

	if (!wanted)
		return (struct access_result){.status = ACCESS_BAD_REQUEST};
	read_resource(&question);
	for (uint32_t right = 1; right; right <<= 1) {
		if (!((named | (maximum ? FILE_ALL_ACCESS : 0)) & right))
			continue;
		if (grants(&question, right, flags))
			result.granted |= right;
		else if (named & right)
			result.missing |= right;
	}
	attribute_list_clear(&question.resource);
	if (!result.granted && !result.missing)
		result.missing = MAXIMUM_ALLOWED;
	if (!result.missing)
		return result;
	result.granted = 0;
	result.status = ACCESS_DENIED;
	if ((result.missing & ACCESS_SYSTEM_SECURITY) &&
	    !(token_privileges(token) & SE_SECURITY_PRIVILEGE))
		result.status = ACCESS_PRIVILEGE_NOT_HELD;
	return result;
}
