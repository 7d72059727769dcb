/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The SIDs that a descriptor names.
 */
#include "acl/sids.h"

#include <stdlib.h>
#include <string.h>

#include "acl/attribute.h"
#include "acl/condition_sids.h"

static int visit_condition(const struct ace *ace, const struct sids_place *place, sids_visit *visit,
			   void *data)
{
	struct condition_sids walk = condition_sids_begin(ace->data, ace->data_size);
	struct sid sid;
	int ended = 0;

	while (ended == 0 && condition_sids_next(&walk, &sid))
		ended = visit(&sid, place, data);
	return ended;
}

static int visit_attribute(const struct ace *ace, const struct sids_place *place, sids_visit *visit,
			   void *data)
{
	struct attribute attribute = {0};
	enum sd_error error = attribute_read(ace->data, ace->data_size, &attribute);
	int ended = 0;

	if (error != SD_OK)
		return error == SD_NO_MEMORY ? -1 : 0;
	for (size_t i = 0; attribute.type == CLAIM_SECURITY_ATTRIBUTE_TYPE_SID &&
			   i < attribute.count && ended == 0;
	     i++)
		ended = visit(&attribute.values[i].sid, place, data);
	attribute_clear(&attribute);
	return ended;
}

static int visit_ace(const struct ace *ace, struct sids_place *place, sids_visit *visit, void *data)
{
	int ended;

	if (ace->opaque)
		return 0;
	place->within = false;
	ended = visit(&ace->sid, place, data);
	place->within = true;
	if (ended == 0 && ace_type_is_callback(ace->type))
		ended = visit_condition(ace, place, visit, data);
	else if (ended == 0 && ace->type == SYSTEM_RESOURCE_ATTRIBUTE_ACE_TYPE)
		ended = visit_attribute(ace, place, visit, data);
	return ended;
}

static int visit_list(const struct acl *acl, enum sids_part part, sids_visit *visit, void *data)
{
	struct sids_place place = {.part = part};
	int ended = 0;

	for (; acl && place.entry < acl->count && ended == 0; place.entry++)
		ended = visit_ace(&acl->aces[place.entry], &place, visit, data);
	return ended;
}

int sids_each(const struct descriptor *sd, sids_visit *visit, void *data)
{
	static const struct sids_place owner = {.part = SIDS_OWNER}, group = {.part = SIDS_GROUP};
	int ended = sd->has_owner ? visit(&sd->owner, &owner, data) : 0;

	if (ended == 0 && sd->has_group)
		ended = visit(&sd->group, &group, data);
	if (ended == 0)
		ended = visit_list(sd->dacl, SIDS_DACL, visit, data);
	return ended ? ended : visit_list(sd->sacl, SIDS_SACL, visit, data);
}

static bool is_hidden(const struct ace *ace)
{
	struct attribute attribute = {0};
	bool malformed;

	if (ace->opaque)
		return true;
	if (ace_type_is_callback(ace->type))
		return !condition_valid(ace->data, ace->data_size);
	if (ace->type != SYSTEM_RESOURCE_ATTRIBUTE_ACE_TYPE)
		return false;
	malformed = attribute_read(ace->data, ace->data_size, &attribute) != SD_OK;
	attribute_clear(&attribute);
	return malformed;
}

size_t sids_hidden(const struct descriptor *sd)
{
	const struct acl *const lists[] = {sd->dacl, sd->sacl};
	size_t count = 0;

	for (int i = 0; i < 2; i++) {
		for (size_t j = 0; lists[i] && j < lists[i]->count; j++)
			count += is_hidden(&lists[i]->aces[j]);
	}
	return count;
}

/* What replaces, and how often it did. */
struct mapping {
	sids_replace *replace;
	void *data;
	size_t count;
};

/* For condition_sids_map(), too. */
static bool map_sid(const struct sid *from, struct sid *to, void *data)
{
	struct mapping *mapping = data;

	if (!mapping->replace(from, to, mapping->data))
		return false;
	mapping->count++;
	return true;
}

static void map_in_place(struct sid *sid, struct mapping *mapping)
{
	struct sid to;

	if (map_sid(sid, &to, mapping))
		*sid = to;
}

/* The data of @ace, an attribute, into *@bytes: NULL if it stays as it is. */
static enum sd_error map_attribute(const struct ace *ace, struct mapping *mapping, uint8_t **bytes,
				   size_t *size)
{
	struct attribute attribute = {0};
	size_t before = mapping->count;
	enum sd_error error = attribute_read(ace->data, ace->data_size, &attribute);

	if (error != SD_OK)
		return error == SD_NO_MEMORY ? error : SD_OK;
	for (size_t i = 0;
	     attribute.type == CLAIM_SECURITY_ATTRIBUTE_TYPE_SID && i < attribute.count; i++)
		map_in_place(&attribute.values[i].sid, mapping);
	if (mapping->count > before)
		error = attribute_write(&attribute, bytes, size);
	attribute_clear(&attribute);
	return error;
}

/* Appends @ace with what it names replaced. */
static enum sd_error map_ace(const struct ace *ace, struct mapping *mapping, struct acl *list)
{
	struct ace mapped = *ace;
	uint8_t *bytes = NULL;
	size_t size = 0;
	enum sd_error error = SD_OK;

	if (ace->opaque)
		return acl_append(list, ace);
	map_in_place(&mapped.sid, mapping);
	if (ace_type_is_callback(ace->type))
		error = condition_sids_map(ace->data, ace->data_size, map_sid, mapping, &bytes,
					   &size);
	else if (ace->type == SYSTEM_RESOURCE_ATTRIBUTE_ACE_TYPE)
		error = map_attribute(ace, mapping, &bytes, &size);
	if (error == SD_OK && bytes) {
		mapped.data = bytes;
		mapped.data_size = size;
	}
	if (error == SD_OK)
		error = acl_append(list, &mapped);
	free(bytes);
	return error;
}

static enum sd_error map_list(struct acl **list, struct mapping *mapping)
{
	struct acl *mapped;
	enum sd_error error = SD_OK;

	if (!*list)
		return SD_OK;
	mapped = acl_create();
	if (!mapped)
		return SD_NO_MEMORY;
	mapped->revision = (*list)->revision;
	for (size_t i = 0; i < (*list)->count && error == SD_OK; i++)
		error = map_ace(&(*list)->aces[i], mapping, mapped);
	if (error != SD_OK) {
		acl_destroy(mapped);
		return error;
	}
	acl_destroy(*list);
	*list = mapped;
	return SD_OK;
}

enum sd_error sids_map(const struct descriptor *sd, sids_replace *replace, void *data,
		       struct descriptor **mapped, size_t *count)
{
	struct mapping mapping = {.replace = replace, .data = data};
	struct descriptor *copy = descriptor_copy(sd);
	enum sd_error error;

	if (!copy)
		return SD_NO_MEMORY;
	if (copy->has_owner)
		map_in_place(&copy->owner, &mapping);
	if (copy->has_group)
		map_in_place(&copy->group, &mapping);
	error = map_list(&copy->dacl, &mapping);
	if (error == SD_OK)
		error = map_list(&copy->sacl, &mapping);
	if (error != SD_OK) {
		descriptor_destroy(copy);
		return error;
	}
	*mapped = copy;
	*count = mapping.count;
	return SD_OK;
}
