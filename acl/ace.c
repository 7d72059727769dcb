/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ACEs as values and lists of them.
 */
#include "acl/ace.h"

#include <stdlib.h>
#include <string.h>

#include "acl/bytes.h"
#include "acl/layout.h"

#define FIRST_ROOM 8

static bool type_in(uint8_t type, const uint8_t *types, size_t count)
{
	return memchr(types, type, count) != NULL;
}

bool ace_type_is_object(uint8_t type)
{
	static const uint8_t types[] = {
		ACCESS_ALLOWED_OBJECT_ACE_TYPE,
		ACCESS_DENIED_OBJECT_ACE_TYPE,
		SYSTEM_AUDIT_OBJECT_ACE_TYPE,
		SYSTEM_ALARM_OBJECT_ACE_TYPE,
		ACCESS_ALLOWED_CALLBACK_OBJECT_ACE_TYPE,
		ACCESS_DENIED_CALLBACK_OBJECT_ACE_TYPE,
		SYSTEM_AUDIT_CALLBACK_OBJECT_ACE_TYPE,
		SYSTEM_ALARM_CALLBACK_OBJECT_ACE_TYPE,
	};
	return type_in(type, types, sizeof(types));
}

bool ace_type_is_callback(uint8_t type)
{
	return type >= ACCESS_ALLOWED_CALLBACK_ACE_TYPE &&
	       type <= SYSTEM_ALARM_CALLBACK_OBJECT_ACE_TYPE;
}

bool ace_type_is_allow(uint8_t type)
{
	return type == ACCESS_ALLOWED_ACE_TYPE || type == ACCESS_ALLOWED_OBJECT_ACE_TYPE ||
	       type == ACCESS_ALLOWED_CALLBACK_ACE_TYPE ||
	       type == ACCESS_ALLOWED_CALLBACK_OBJECT_ACE_TYPE;
}

bool ace_type_is_deny(uint8_t type)
{
	return type == ACCESS_DENIED_ACE_TYPE || type == ACCESS_DENIED_OBJECT_ACE_TYPE ||
	       type == ACCESS_DENIED_CALLBACK_ACE_TYPE ||
	       type == ACCESS_DENIED_CALLBACK_OBJECT_ACE_TYPE;
}

bool ace_type_is_opaque(uint8_t type)
{
	return type == ACCESS_ALLOWED_COMPOUND_ACE_TYPE || type > SYSTEM_SCOPED_POLICY_ID_ACE_TYPE;
}

struct ace ace_make(uint8_t type, uint8_t flags, uint32_t mask, const struct sid *sid)
{
	return (struct ace){.type = type, .flags = flags, .mask = mask, .sid = *sid};
}

/* Bytes of the object flags and the GUIDs that they announce. */
static size_t object_size(const struct ace *ace)
{
	size_t size = 4;
	if (ace->object_flags & ACE_OBJECT_TYPE_PRESENT)
		size += sizeof(struct guid);
	if (ace->object_flags & ACE_INHERITED_OBJECT_TYPE_PRESENT)
		size += sizeof(struct guid);
	return size;
}

size_t ace_size(const struct ace *ace)
{
	size_t size = ACE_HEADER_SIZE + ace->data_size;
	if (!ace->opaque) {
		size += 4 + sid_size(&ace->sid);
		if (ace_type_is_object(ace->type))
			size += object_size(ace);
	}
	return align4(size);
}

static bool object_equal(const struct ace *a, const struct ace *b)
{
	if (a->object_flags != b->object_flags)
		return false;
	if ((a->object_flags & ACE_OBJECT_TYPE_PRESENT) &&
	    memcmp(&a->object_type, &b->object_type, sizeof(a->object_type)) != 0)
		return false;
	return !(a->object_flags & ACE_INHERITED_OBJECT_TYPE_PRESENT) ||
	       memcmp(&a->inherited_object_type, &b->inherited_object_type,
		      sizeof(a->inherited_object_type)) == 0;
}

bool ace_equal(const struct ace *a, const struct ace *b)
{
	if (a->type != b->type || a->flags != b->flags || a->opaque != b->opaque ||
	    a->data_size != b->data_size)
		return false;
	if (a->data_size && memcmp(a->data, b->data, a->data_size) != 0)
		return false;
	if (a->opaque)
		return true;
	if (ace_type_is_object(a->type) && !object_equal(a, b))
		return false;
	return a->mask == b->mask && sid_equal(&a->sid, &b->sid);
}

struct acl *acl_create(void)
{
	struct acl *acl = calloc(1, sizeof(*acl));
	if (acl) {
		acl->revision = ACL_REVISION;
		acl->bytes = ACL_HEADER_SIZE;
	}
	return acl;
}

void acl_destroy(struct acl *acl)
{
	if (!acl)
		return;
	for (size_t i = 0; i < acl->count; i++)
		free(acl->aces[i].data);
	free(acl->aces);
	free(acl);
}

enum sd_error acl_reserve(struct acl *acl, size_t room)
{
	if (room <= acl->room)
		return SD_OK;
	struct ace *aces = reallocarray(acl->aces, room, sizeof(*aces));
	if (!aces)
		return SD_NO_MEMORY;
	acl->aces = aces;
	acl->room = room;
	return SD_OK;
}

enum sd_error acl_append_data(struct acl *acl, const struct ace *ace, const uint8_t *bytes)
{
	if (ace->data_size > ACL_MAX_SIZE)
		return SD_TOO_LARGE;
	size_t size = ace_size(ace);
	if (size > ACL_MAX_SIZE - acl->bytes)
		return SD_TOO_LARGE;
	if (acl->count == acl->room) {
		enum sd_error error = acl_reserve(acl, acl->room ? 2 * acl->room : FIRST_ROOM);
		if (error)
			return error;
	}
	uint8_t *data = NULL;
	if (ace->data_size) {
		data = malloc(ace->data_size);
		if (!data)
			return SD_NO_MEMORY;
		memcpy(data, bytes, ace->data_size);
	}
	acl->aces[acl->count] = *ace;
	acl->aces[acl->count].data = data;
	acl->count++;
	acl->bytes += size;
	return SD_OK;
}

enum sd_error acl_append(struct acl *acl, const struct ace *ace)
{
	return acl_append_data(acl, ace, ace->data);
}

struct acl *acl_copy(const struct acl *acl)
{
	struct acl *copy = acl_create();
	if (!copy)
		return NULL;
	copy->revision = acl->revision;
	enum sd_error error = acl_reserve(copy, acl->count);
	for (size_t i = 0; i < acl->count && !error; i++)
		error = acl_append(copy, &acl->aces[i]);
	if (error) {
		acl_destroy(copy);
		return NULL;
	}
	return copy;
}

bool acl_equal(const struct acl *a, const struct acl *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (!ace_equal(&a->aces[i], &b->aces[i]))
			return false;
	}
	return true;
}

size_t acl_binary_size(const struct acl *acl)
{
	size_t size = ACL_HEADER_SIZE;
	for (size_t i = 0; i < acl->count; i++)
		size += ace_size(&acl->aces[i]);
	return size;
}
