/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Audit ACEs: a walk of the SACL after the access check.
 */
#include "acl/audit.h"

#include "acl/condition.h"
#include "acl/mask.h"

/* The object's resource attributes, worked out for the first condition that there is. */
struct resource {
	bool read;
	bool known;
	struct attribute_list list;
};

static bool type_is_audit(uint8_t type)
{
	return type == SYSTEM_AUDIT_ACE_TYPE || type == SYSTEM_AUDIT_OBJECT_ACE_TYPE ||
	       type == SYSTEM_AUDIT_CALLBACK_ACE_TYPE ||
	       type == SYSTEM_AUDIT_CALLBACK_OBJECT_ACE_TYPE;
}

static bool is_callback(uint8_t type)
{
	return type == SYSTEM_AUDIT_CALLBACK_ACE_TYPE ||
	       type == SYSTEM_AUDIT_CALLBACK_OBJECT_ACE_TYPE;
}

static bool is_object(uint8_t type)
{
	return type == SYSTEM_AUDIT_OBJECT_ACE_TYPE ||
	       type == SYSTEM_AUDIT_CALLBACK_OBJECT_ACE_TYPE;
}

/* An audit ACE that is for this object itself. */
static bool in_force(const struct ace *ace)
{
	if (ace->opaque || !type_is_audit(ace->type) || (ace->flags & INHERIT_ONLY_ACE))
		return false;
	return !is_object(ace->type) || !(ace->object_flags & ACE_OBJECT_TYPE_PRESENT);
}

static bool read_attribute(const struct ace *ace, struct attribute_list *list)
{
	struct attribute attribute = {0};
	bool done = attribute_read(ace->data, ace->data_size, &attribute) == SD_OK &&
		    attribute_list_append(list, &attribute) == SD_OK;

	attribute_clear(&attribute);
	return done;
}

static void read_resource(struct resource *resource, const struct acl *sacl)
{
	resource->read = resource->known = true;
	for (size_t i = 0; i < sacl->count; i++) {
		const struct ace *ace = &sacl->aces[i];

		if (ace->type == SYSTEM_RESOURCE_ATTRIBUTE_ACE_TYPE &&
		    !(ace->flags & INHERIT_ONLY_ACE) && !read_attribute(ace, &resource->list))
			resource->known = false;
	}
}

/* What cannot be told is audited. */
static bool condition_holds(const struct ace *ace, const struct token *token,
			    const struct acl *sacl, struct resource *resource)
{
	struct condition_context context = {
		.token = token,
		.resource = &resource->list,
		.deny = true, /* deny-only groups and claims count, as the ACE's own SID does */
	};

	if (!is_callback(ace->type))
		return true;
	if (!resource->read)
		read_resource(resource, sacl);
	return !resource->known ||
	       condition_evaluate(ace->data, ace->data_size, &context) != CONDITION_FALSE;
}

/* Does @ace ask for what was granted or for what was denied? */
static bool asks_for(const struct ace *ace, uint32_t granted, uint32_t denied)
{
	uint32_t mask = mask_map_generic(ace->mask);

	return ((ace->flags & SUCCESSFUL_ACCESS_ACE_FLAG) && (mask & granted)) ||
	       ((ace->flags & FAILED_ACCESS_ACE_FLAG) && (mask & denied));
}

size_t access_audit(const struct descriptor *sd, const struct token *token,
		    const struct access_result *result, uint32_t wanted, size_t *places,
		    size_t room)
{
	uint32_t granted = result->status == ACCESS_OK ? result->granted : 0;
	uint32_t denied = 0;
	struct resource resource = {0};
	size_t count = 0;

	if (result->status == ACCESS_DENIED || result->status == ACCESS_PRIVILEGE_NOT_HELD)
		denied = mask_map_generic(wanted) & result->missing;
	for (size_t i = 0; sd->sacl && i < sd->sacl->count; i++) {
		const struct ace *ace = &sd->sacl->aces[i];

		if (!in_force(ace) || !asks_for(ace, granted, denied) ||
		    !(token_holds(token, &ace->sid) & TOKEN_SID_DENY) ||
		    !condition_holds(ace, token, sd->sacl, &resource))
			continue;
		if (count < room)
			places[count] = i;
		count++;
	}
	attribute_list_clear(&resource.list);
	return count;
}

bool access_audited(const struct descriptor *sd, uint32_t mask)
{
	for (size_t i = 0; sd->sacl && i < sd->sacl->count; i++) {
		if (in_force(&sd->sacl->aces[i]) && asks_for(&sd->sacl->aces[i], mask, 0))
			return true;
	}
	return false;
}
