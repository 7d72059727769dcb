/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Vector cases of the access check and of inheritance.
 */
#include <stdlib.h>
#include <string.h>

#include "acl/access.h"
#include "acl/inherit.h"
#include "acl/mask.h"
#include "tests/vectors.h"

static void token_freep(struct token **token)
{
	token_unref(*token);
}

static bool mask_of(const json_t *line, const char *name, uint32_t *mask)
{
	const char *text = json_string_value(json_object_get(line, name));
	char *end;
	unsigned long value;

	if (!text || !*text)
		return false;
	value = strtoul(text, &end, 16);
	*mask = (uint32_t)value;
	return !*end && value <= UINT32_MAX;
}

/* [SID, "enabled" | "deny_only" | "disabled"] */
static bool group_of(const json_t *pair, struct sid *sid, uint32_t *attributes)
{
	const char *text = json_string_value(json_array_get(pair, 0));
	const char *how = json_string_value(json_array_get(pair, 1));
	const char *end;

	if (!text || !how || !sid_parse(text, sid, &end) || *end)
		return false;
	if (strcmp(how, "enabled") == 0)
		*attributes = SE_GROUP_ENABLED;
	else if (strcmp(how, "deny_only") == 0)
		*attributes = SE_GROUP_USE_FOR_DENY_ONLY;
	else
		*attributes = 0;
	return true;
}

static bool token_fill(struct token *token, const json_t *from)
{
	uint32_t attributes, privileges = 0;
	struct sid sid;
	size_t i;
	json_t *item;

	json_array_foreach(json_object_get(from, "groups"), i, item)
	{
		if (!group_of(item, &sid, &attributes) || token_add_group(token, &sid, attributes))
			return false;
	}
	json_array_foreach(json_object_get(from, "privileges"), i, item) privileges |=
		token_privilege_parse(json_string_value(item));
	token_set_privileges(token, privileges);
	json_array_foreach(json_object_get(from, "restricted"), i, item)
	{
		if (!sid_parse(json_string_value(item), &sid, NULL) ||
		    token_add_restricted(token, &sid))
			return false;
	}
	return true;
}

static struct token *token_of(const json_t *line)
{
	const json_t *from = json_object_get(line, "token");
	struct token *token;
	uint32_t attributes;
	struct sid sid;

	if (!group_of(json_object_get(from, "user"), &sid, &attributes))
		return NULL;
	token = token_create(&sid);
	if (!token)
		return NULL;
	token_set_user_attributes(token, attributes);
	if (token_fill(token, from))
		return token;
	token_unref(token);
	return NULL;
}

static uint32_t single_bits(const struct descriptor *sd, const struct token *token,
			    unsigned int flags)
{
	uint32_t granted = 0;

	for (uint32_t bit = 1; bit <= SYNCHRONIZE; bit <<= 1) {
		if ((FILE_ALL_ACCESS & bit) &&
		    access_check(sd, token, bit, flags).status == ACCESS_OK)
			granted |= bit;
	}
	return granted;
}

static const char *status_name(enum access_status status)
{
	static const char *const names[] = {"ok", "access_denied", "privilege_not_held",
					    "bad_request"};

	return names[status];
}

/* How the walk would go if every condition were TRUE of allow ACEs and FALSE of deny ACEs. */
static void descriptor_assume_best(struct descriptor *sd)
{
	for (size_t i = 0; sd->dacl && i < sd->dacl->count; i++) {
		struct ace *ace = &sd->dacl->aces[i];

		if (ace->opaque || !ace_type_is_callback(ace->type))
			continue;
		if (ace_type_is_allow(ace->type))
			ace->type = ace_type_is_object(ace->type) ? ACCESS_ALLOWED_OBJECT_ACE_TYPE
								  : ACCESS_ALLOWED_ACE_TYPE;
		else if (ace_type_is_deny(ace->type))
			ace->flags |= INHERIT_ONLY_ACE;
	}
}

static bool result_equal(struct access_result a, struct access_result b)
{
	return a.status == b.status && a.granted == b.granted;
}

/* Could a condition change the answer?  Unknown conditions give the least that is possible. */
static bool depends_on_condition(const struct descriptor *sd, const struct token *token,
				 uint32_t wanted, unsigned int flags)
{
	struct descriptor *best __attribute__((cleanup(descriptor_destroyp))) = descriptor_copy(sd);

	if (!best)
		return true;
	descriptor_assume_best(best);
	return !result_equal(access_check(sd, token, wanted, flags),
			     access_check(best, token, wanted, flags)) ||
	       single_bits(sd, token, flags) != single_bits(best, token, flags);
}

/*
 * Where backup intent was decisive, Samba reports only the rights that the
 * DACL lacked as the granted ones; the handle has all that was asked for.
 */
static bool granted_agrees(const struct descriptor *sd, const struct token *token, uint32_t wanted,
			   unsigned int flags, uint32_t granted, uint32_t expected)
{
	if (granted == expected)
		return true;
	if (!(flags & ACCESS_BACKUP_INTENT) || (wanted & MAXIMUM_ALLOWED))
		return false;
	return granted == mask_map_generic(wanted) &&
	       access_check(sd, token, wanted, 0).missing == expected;
}

/*
 * Disputed cases, by votes: without a DACL all is granted; for object ACEs the
 * truth lies between Samba, which drops some allow ACEs, and the pseudocode,
 * which drops some deny ACEs.
 */
static void check_disputed(const json_t *line, const struct descriptor *sd,
			   const struct token *token, unsigned int flags,
			   struct vector_report *report)
{
	const json_t *votes = json_object_get(line, "votes");
	uint32_t single = single_bits(sd, token, flags);
	uint32_t least = FILE_ALL_ACCESS, most = FILE_ALL_ACCESS;

	if (sd->dacl && (!mask_of(json_object_get(votes, "samba"), "single", &least) ||
			 !mask_of(json_object_get(votes, "msdtyp"), "single", &most)))
		report_fail(report, "votes are unreadable");
	else if ((least & ~single) || (single & ~most))
		report_fail(report, "single bits: expected 0x%x to 0x%x, came 0x%x", least, most,
			    single);
	else
		report_pass(report);
}

static void check_access(const json_t *line, const struct descriptor *sd, const struct token *token,
			 uint32_t wanted, unsigned int flags, struct vector_report *report)
{
	const char *status = json_string_value(json_object_get(line, "status"));
	struct access_result result = access_check(sd, token, wanted, flags);
	uint32_t single = single_bits(sd, token, flags);
	uint32_t granted = 0, expected_single;

	mask_of(line, "granted", &granted);
	if (!status || !mask_of(line, "single_bits", &expected_single))
		report_fail(report, "the case has no expected answer");
	else if (strcmp(status, status_name(result.status)) != 0)
		report_fail(report, "status: expected %s, came %s", status,
			    status_name(result.status));
	else if (!granted_agrees(sd, token, wanted, flags, result.granted, granted))
		report_fail(report, "granted: expected 0x%x, came 0x%x", granted, result.granted);
	else if (single != expected_single)
		report_fail(report, "single_bits: expected 0x%x, came 0x%x", expected_single,
			    single);
	else
		report_pass(report);
}

void vectors_access(json_t *line, struct vector_report *report)
{
	struct descriptor *sd __attribute__((cleanup(descriptor_destroyp))) =
		vector_descriptor(line, "sd");
	struct token *token __attribute__((cleanup(token_freep))) = token_of(line);
	unsigned int flags =
		json_is_true(json_object_get(line, "backup_intent")) ? ACCESS_BACKUP_INTENT : 0;
	uint32_t wanted;

	if (!sd || !token || !mask_of(line, "desired", &wanted))
		report_fail(report, "the case is unreadable");
	else if (depends_on_condition(sd, token, wanted, flags))
		report_skip(report, "the answer depends on a condition");
	else if (json_object_get(line, "votes"))
		check_disputed(line, sd, token, flags, report);
	else
		check_access(line, sd, token, wanted, flags, report);
}

/* What a folder with descriptor @parent hands to a child of @token. */
static void check_inherit(json_t *line, const struct descriptor *parent, const struct token *token,
			  bool folder, struct vector_report *report)
{
	struct descriptor *expected __attribute__((cleanup(descriptor_destroyp))) =
		vector_descriptor(line, "child");
	struct descriptor *child __attribute__((cleanup(descriptor_destroyp))) = NULL;
	bool marked = parent->control & SE_DACL_AUTO_INHERITED;
	const char *kind = json_string_value(json_object_get(line, "kind"));
	struct acl *list = NULL;
	size_t count;

	if (inherit_acl(parent->dacl, marked, folder, token_user(token), token_primary_group(token),
			&list) ||
	    inherit_create(parent, NULL, folder, token, &child)) {
		report_fail(report, "no memory");
		return;
	}
	count = list->count;
	acl_destroy(list);
	/* the directory server, whose answers the SACL cases are, notes where the owner came from
	 */
	if (expected)
		expected->control &= (uint16_t) ~(SE_OWNER_DEFAULTED | SE_GROUP_DEFAULTED);
	if (!json_is_true(json_object_get(line, "inherits"))) {
		if (count)
			report_fail(report, "inherits: expected no ACE, came %zu", count);
		else
			report_pass(report);
	} else if (expected && descriptor_equal(expected, child)) {
		report_pass(report);
	} else if (kind && strcmp(kind, "duplicates") == 0) {
		report_skip(report, "identical ACEs are kept");
	} else {
		report_fail(report, "child: expected another descriptor, came one with %zu ACEs",
			    child->dacl->count);
	}
}

void vectors_inherit(json_t *line, struct vector_report *report)
{
	struct descriptor *parent __attribute__((cleanup(descriptor_destroyp))) =
		vector_descriptor(line, "parent");
	const char *type = json_string_value(json_object_get(line, "type"));
	struct token *token __attribute__((cleanup(token_freep))) = NULL;
	struct sid owner, group;

	if (parent && type && vector_sid(line, "owner", &owner) &&
	    vector_sid(line, "group", &group))
		token = token_create(&owner);
	if (!token || token_set_primary_group(token, &group))
		report_fail(report, "the case is unreadable");
	else
		check_inherit(line, parent, token, strcmp(type, "dir") == 0, report);
}
