/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptors compiled for checking: one block of memory with the ACEs in force, their
 * SIDs, conditions, and a line for each other ACE that says why it is not in force.
 */
#include "acl/compile.h"

#include <stdlib.h>
#include <string.h>

#include "acl/compiled.h"
#include "acl/condition.h"
#include "acl/mask.h"
#include "acl/trace.h"

/* a multiple of what any of the arrays needs */
#define ALIGNMENT 8

/*
 * Why @ace neither allows nor denies, or TRACE_MATCHED.  There is never a list
 * of object types, so an allow ACE for a certain one grants nothing, while a deny ACE
 * always takes.
 */
static enum trace_reason ace_reason(const struct ace *ace)
{
	if (ace->opaque || !(ace_type_is_allow(ace->type) || ace_type_is_deny(ace->type)))
		return TRACE_NOT_ACCESS;
	if (ace->flags & INHERIT_ONLY_ACE)
		return TRACE_INHERIT_ONLY;
	if (ace_type_is_allow(ace->type) && ace_type_is_object(ace->type) &&
	    (ace->object_flags & ACE_OBJECT_TYPE_PRESENT))
		return TRACE_OBJECT_TYPE;
	return TRACE_MATCHED;
}

static bool ace_is_policy(const struct ace *ace)
{
	return ace->type == SYSTEM_SCOPED_POLICY_ID_ACE_TYPE && !(ace->flags & INHERIT_ONLY_ACE);
}

/* How much there is of everything. */
struct extent {
	size_t places;
	size_t aces;
	size_t conditions;
	size_t condition_bytes;
	size_t policies;
};

static struct extent measure(const struct descriptor *sd)
{
	struct extent extent = {.places = sd->dacl ? sd->dacl->count : 0};

	for (size_t i = 0; i < extent.places; i++) {
		const struct ace *ace = &sd->dacl->aces[i];

		if (ace_reason(ace) != TRACE_MATCHED)
			continue;
		extent.aces++;
		if (!ace_type_is_callback(ace->type))
			continue;
		extent.conditions++;
		extent.condition_bytes += ace->data_size;
	}
	for (size_t i = 0; sd->sacl && i < sd->sacl->count; i++)
		extent.policies += ace_is_policy(&sd->sacl->aces[i]);
	return extent;
}

/* Memory that is given out in pieces. */
struct block {
	uint8_t *at;
};

static size_t piece_size(size_t count, size_t size)
{
	return (count * size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

static void *take_piece(struct block *block, size_t count, size_t size)
{
	void *piece = block->at;

	block->at += piece_size(count, size);
	return piece;
}

static size_t extent_size(const struct extent *extent)
{
	return piece_size(1, sizeof(struct compiled)) +
	       piece_size(extent->aces, sizeof(struct compiled_ace)) +
	       piece_size(extent->aces, sizeof(struct sid)) +
	       piece_size(extent->conditions, sizeof(struct compiled_condition)) +
	       piece_size(extent->places, sizeof(struct compiled_place)) +
	       piece_size(extent->policies, sizeof(struct compiled_policy)) +
	       piece_size(extent->condition_bytes, 1);
}

size_t compile_room(const struct descriptor *sd)
{
	struct extent extent = measure(sd);

	return extent_size(&extent);
}

/* The arrays of a list while they are filled. */
struct filling {
	struct compiled_ace *aces;
	struct sid *sids;
	struct compiled_condition *conditions;
	struct compiled_place *places;
	uint8_t *bytes; /* of conditions */
	size_t count;
	size_t condition_count;
};

static void fill_condition(struct filling *filling, const struct ace *ace)
{
	struct compiled_condition *condition = &filling->conditions[filling->condition_count++];

	condition->bytes = filling->bytes;
	if (ace->data_size)
		memcpy(filling->bytes, ace->data, ace->data_size);
	filling->bytes += ace->data_size;
	if (condition_valid(condition->bytes, ace->data_size))
		condition->size = ace->data_size;
}

static void fill_ace(struct filling *filling, const struct ace *ace, size_t place)
{
	struct compiled_ace *compiled = &filling->aces[filling->count];

	filling->sids[filling->count++] = ace->sid;
	*compiled = (struct compiled_ace){
		.hash = sid_hash(&ace->sid),
		.rights = mask_map_generic(ace->mask),
		.place = (uint16_t)place,
		.deny = ace_type_is_deny(ace->type),
		.owner_rights = sid_equal(&ace->sid, &sid_owner_rights),
	};
	if (!ace_type_is_callback(ace->type))
		return;
	fill_condition(filling, ace);
	compiled->condition = (uint16_t)filling->condition_count;
}

static void fill_list(struct compiled_list *list, const struct acl *dacl, struct filling *filling)
{
	for (size_t i = 0; i < dacl->count; i++) {
		const struct ace *ace = &dacl->aces[i];
		enum trace_reason reason = ace_reason(ace);

		filling->places[i].reason = (uint8_t)reason;
		filling->places[i].rights = ace->opaque ? 0 : mask_map_generic(ace->mask);
		/* in any ACE in force, whatever its type, it withholds the owner's bits */
		if (!ace->opaque && !(ace->flags & INHERIT_ONLY_ACE) &&
		    sid_equal(&ace->sid, &sid_owner_rights))
			list->owner_rights = true;
		if (reason == TRACE_MATCHED)
			fill_ace(filling, ace, i);
	}
}

/* The object's resource attributes; a malformed one makes them unknown, not absent. */
static enum sd_error fill_attributes(struct compiled *compiled, const struct acl *sacl)
{
	enum sd_error error = SD_OK;

	for (size_t i = 0; sacl && i < sacl->count && !error; i++) {
		const struct ace *ace = &sacl->aces[i];
		struct attribute attribute = {0};

		if (ace->type != SYSTEM_RESOURCE_ATTRIBUTE_ACE_TYPE ||
		    (ace->flags & INHERIT_ONLY_ACE))
			continue;
		error = attribute_read(ace->data, ace->data_size, &attribute);
		if (!error)
			error = attribute_list_append(&compiled->attributes, &attribute);
		attribute_clear(&attribute);
		if (error && error != SD_NO_MEMORY) {
			compiled->attributes_unknown = true;
			error = SD_OK;
		}
	}
	return error;
}

static void fill_policies(struct compiled_policy *policies, const struct acl *sacl)
{
	for (size_t i = 0; sacl && i < sacl->count; i++) {
		if (ace_is_policy(&sacl->aces[i]))
			*policies++ = (struct compiled_policy){sacl->aces[i].sid, i};
	}
}

static void fill_owner(struct compiled *compiled, const struct descriptor *sd)
{
	compiled->has_owner = sd->has_owner;
	if (!sd->has_owner)
		return;
	compiled->owner = sd->owner;
	compiled->owner_hash = sid_hash(&sd->owner);
}

static void fill_dacl(struct compiled *compiled, const struct acl *dacl,
		      const struct extent *extent, struct block *block)
{
	struct filling filling = {
		.aces = take_piece(block, extent->aces, sizeof(struct compiled_ace)),
		.sids = take_piece(block, extent->aces, sizeof(struct sid)),
		.conditions =
			take_piece(block, extent->conditions, sizeof(struct compiled_condition)),
		.places = take_piece(block, extent->places, sizeof(struct compiled_place)),
		.bytes = take_piece(block, extent->condition_bytes, 1),
	};
	struct compiled_list *list = &compiled->dacl;

	list->present = true;
	fill_list(list, dacl, &filling);
	list->count = filling.count;
	list->aces = filling.aces;
	list->sids = filling.sids;
	list->conditions = filling.conditions;
	list->place_count = dacl->count;
	list->places = filling.places;
}

enum sd_error compile_at(const struct descriptor *sd, void *memory, struct compiled **compiled)
{
	struct extent extent = measure(sd);
	struct block block = {memory};
	struct compiled *made = take_piece(&block, 1, sizeof(*made));
	struct compiled_policy *policies = take_piece(&block, extent.policies, sizeof(*policies));
	enum sd_error error = SD_OK;

	made->size = extent_size(&extent);
	fill_owner(made, sd);
	made->label = label_of(sd);
	made->policies = policies;
	made->policy_count = extent.policies;
	fill_policies(policies, sd->sacl);
	if (sd->dacl)
		fill_dacl(made, sd->dacl, &extent, &block);
	/* nobody else asks for them */
	if (extent.conditions || extent.policies)
		error = fill_attributes(made, sd->sacl);
	if (error) {
		compiled_clear(made);
		return error;
	}
	*compiled = made;
	return SD_OK;
}

enum sd_error compile(const struct descriptor *sd, struct compiled **compiled)
{
	void *memory = calloc(1, compile_room(sd));
	enum sd_error error = memory ? compile_at(sd, memory, compiled) : SD_NO_MEMORY;

	if (error)
		free(memory);
	return error;
}

void compiled_clear(struct compiled *compiled)
{
	attribute_list_clear(&compiled->attributes);
}

void compiled_destroy(struct compiled *compiled)
{
	if (!compiled)
		return;
	compiled_clear(compiled);
	free(compiled);
}

static size_t attribute_size(const struct attribute *attribute)
{
	size_t size = sizeof(*attribute) + attribute->name_length * sizeof(*attribute->name) +
		      attribute->count * sizeof(*attribute->values);

	for (size_t i = 0; i < attribute->count; i++)
		size += attribute->values[i].size;
	return size;
}

size_t compiled_size(const struct compiled *compiled)
{
	size_t size = compiled->size;

	for (size_t i = 0; i < compiled->attributes.count; i++)
		size += attribute_size(&compiled->attributes.items[i]);
	return size;
}
