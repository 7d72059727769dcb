/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptors: copies, comparison, and the self-relative binary form in the
 * layouts of Windows and of Samba.
 */
#include "acl/descriptor.h"

#include <stdlib.h>
#include <string.h>

#include "acl/bytes.h"
#include "acl/layout.h"

/* [MS-DTYP] 2.4.6 */
#define DESCRIPTOR_REVISION 1

struct descriptor *descriptor_create(void)
{
	return calloc(1, sizeof(struct descriptor));
}

void descriptor_destroy(struct descriptor *sd)
{
	if (!sd)
		return;
	acl_destroy(sd->dacl);
	acl_destroy(sd->sacl);
	free(sd);
}

void descriptor_destroyp(struct descriptor **sd)
{
	descriptor_destroy(*sd);
}

struct descriptor *descriptor_copy(const struct descriptor *sd)
{
	struct descriptor *copy = descriptor_create();
	if (!copy)
		return NULL;
	*copy = *sd;
	copy->dacl = sd->dacl ? acl_copy(sd->dacl) : NULL;
	copy->sacl = sd->sacl ? acl_copy(sd->sacl) : NULL;
	if ((sd->dacl && !copy->dacl) || (sd->sacl && !copy->sacl)) {
		descriptor_destroy(copy);
		return NULL;
	}
	return copy;
}

static bool list_equal(const struct acl *a, const struct acl *b)
{
	if (!a || !b)
		return a == b;
	return acl_equal(a, b);
}

bool descriptor_equal(const struct descriptor *a, const struct descriptor *b)
{
	if ((a->control | SE_SELF_RELATIVE) != (b->control | SE_SELF_RELATIVE))
		return false;
	if ((a->control & SE_RM_CONTROL_VALID) && a->sbz1 != b->sbz1)
		return false;
	if (a->has_owner != b->has_owner || a->has_group != b->has_group)
		return false;
	if (a->has_owner && !sid_equal(&a->owner, &b->owner))
		return false;
	if (a->has_group && !sid_equal(&a->group, &b->group))
		return false;
	return list_equal(a->dacl, b->dacl) && list_equal(a->sacl, b->sacl);
}

void descriptor_set_dacl(struct descriptor *sd, struct acl *dacl)
{
	acl_destroy(sd->dacl);
	sd->dacl = dacl;
	sd->control |= SE_DACL_PRESENT;
}

/* Reads object flags and GUIDs from @body; returns their size, 0 if @size is too short. */
static size_t read_object(const uint8_t *body, size_t size, struct ace *ace)
{
	size_t used = 4;
	if (size < used)
		return 0;
	ace->object_flags = get_le32(body);
	if (ace->object_flags & ACE_OBJECT_TYPE_PRESENT) {
		if (size - used < sizeof(struct guid))
			return 0;
		memcpy(&ace->object_type, body + used, sizeof(struct guid));
		used += sizeof(struct guid);
	}
	if (ace->object_flags & ACE_INHERITED_OBJECT_TYPE_PRESENT) {
		if (size - used < sizeof(struct guid))
			return 0;
		memcpy(&ace->inherited_object_type, body + used, sizeof(struct guid));
		used += sizeof(struct guid);
	}
	return used;
}

/* Reads one ACE from @bytes, appends it, and stores its size in *@used. */
static enum sd_error read_ace(const uint8_t *bytes, size_t size, struct acl *acl, size_t *used)
{
	if (size < ACE_HEADER_SIZE)
		return SD_BAD_ACL;
	size_t end = get_le16(bytes + 2);
	if (end > size)
		return SD_BAD_ACL;
	if (end < ACE_HEADER_SIZE || end % 4 != 0)
		return SD_BAD_ACE;
	struct ace ace = {.type = bytes[0], .flags = bytes[1]};
	size_t at = ACE_HEADER_SIZE;
	ace.opaque = ace_type_is_opaque(ace.type);
	if (!ace.opaque) {
		if (end - at < 4)
			return SD_BAD_ACE;
		ace.mask = get_le32(bytes + at);
		at += 4;
		if (ace_type_is_object(ace.type)) {
			size_t object = read_object(bytes + at, end - at, &ace);
			if (object == 0)
				return SD_BAD_ACE;
			at += object;
		}
		size_t sid = sid_read(bytes + at, end - at, &ace.sid);
		if (sid == 0)
			return SD_BAD_SID;
		at += sid;
	}
	ace.data_size = end - at;
	*used = end;
	return acl_append_data(acl, &ace, bytes + at);
}

static enum sd_error read_aces(const uint8_t *bytes, size_t size, size_t count, struct acl *acl)
{
	size_t at = ACL_HEADER_SIZE;
	if (count > (size - at) / ACE_HEADER_SIZE)
		return SD_BAD_ACL;
	enum sd_error error = acl_reserve(acl, count);
	for (size_t i = 0; i < count && !error; i++) {
		size_t used = 0;
		error = read_ace(bytes + at, size - at, acl, &used);
		at += used;
	}
	return error;
}

/* Reads the ACL at @bytes; what follows its last ACE within AclSize is slack. */
static enum sd_error read_acl(const uint8_t *bytes, size_t size, struct acl **list, size_t *used)
{
	if (size < ACL_HEADER_SIZE)
		return SD_TRUNCATED;
	uint8_t revision = bytes[0];
	/* 3, of lists with compound ACEs, is no longer written but is as valid to Windows */
	if (revision < ACL_REVISION || revision > ACL_REVISION_DS)
		return SD_BAD_REVISION;
	size_t end = get_le16(bytes + 2);
	/* Samba reads the reserved field at 6 as the upper half of the count */
	if (end < ACL_HEADER_SIZE || get_le16(bytes + 6) != 0)
		return SD_BAD_ACL;
	if (end > size)
		return SD_TRUNCATED;
	struct acl *acl = acl_create();
	if (!acl)
		return SD_NO_MEMORY;
	acl->revision = revision;
	enum sd_error error = read_aces(bytes, end, get_le16(bytes + 4), acl);
	if (error) {
		acl_destroy(acl);
		return error;
	}
	*list = acl;
	*used = end;
	return SD_OK;
}

/* A part of a descriptor: where it lies. */
struct part {
	size_t start;
	size_t end;
};

/* What is being read: the bytes, and which of them belong to parts already. */
struct layout {
	const uint8_t *bytes; /* offsets count from here */
	size_t size;
	size_t base;      /* where the header is */
	bool sacl_counts; /* wherever it has an offset */
	struct part parts[4];
	unsigned int count;
	size_t end;
};

static enum sd_error check_offset(const struct layout *layout, uint32_t offset)
{
	if (offset < layout->base + DESCRIPTOR_HEADER_SIZE || offset % 4 != 0 ||
	    offset >= layout->size)
		return SD_BAD_OFFSET;
	return SD_OK;
}

static enum sd_error add_part(struct layout *layout, size_t start, size_t size)
{
	struct part part = {start, start + size};
	for (unsigned int i = 0; i < layout->count; i++) {
		const struct part *other = &layout->parts[i];
		if (part.start < other->end && other->start < part.end)
			return SD_OVERLAP;
	}
	layout->parts[layout->count++] = part;
	if (part.end > layout->end)
		layout->end = part.end;
	return SD_OK;
}

/* Reads the owner or the group, whose offset is at @field. */
static enum sd_error read_sid_part(struct layout *layout, size_t field, bool *has, struct sid *sid)
{
	uint32_t offset = get_le32(layout->bytes + layout->base + field);
	if (offset == 0)
		return SD_OK;
	enum sd_error error = check_offset(layout, offset);
	if (error)
		return error;
	size_t size = sid_read(layout->bytes + offset, layout->size - offset, sid);
	if (size == 0)
		return SD_BAD_SID;
	*has = true;
	return add_part(layout, offset, size);
}

/*
 * Reads the SACL or the DACL, whose offset is at @field.  A list that the
 * control bits call absent is refused: readers do not agree whether it counts.
 */
static enum sd_error read_acl_part(struct layout *layout, size_t field, bool present,
				   struct acl **list)
{
	uint32_t offset = get_le32(layout->bytes + layout->base + field);
	if (offset == 0)
		return SD_OK;
	if (!present)
		return SD_BAD_OFFSET;
	enum sd_error error = check_offset(layout, offset);
	if (error)
		return error;
	size_t size;
	error = read_acl(layout->bytes + offset, layout->size - offset, list, &size);
	return error ? error : add_part(layout, offset, size);
}

static enum sd_error read_parts(struct layout *layout, struct descriptor *sd)
{
	sd->sbz1 = layout->bytes[layout->base + 1];
	sd->control = get_le16(layout->bytes + layout->base + 2);
	if (!(sd->control & SE_SELF_RELATIVE))
		return SD_NOT_RELATIVE;
	if (layout->sacl_counts && get_le32(layout->bytes + layout->base + 12) != 0)
		sd->control |= SE_SACL_PRESENT;
	enum sd_error error = read_sid_part(layout, 4, &sd->has_owner, &sd->owner);
	if (!error)
		error = read_sid_part(layout, 8, &sd->has_group, &sd->group);
	if (!error)
		error = read_acl_part(layout, 12, sd->control & SE_SACL_PRESENT, &sd->sacl);
	if (!error)
		error = read_acl_part(layout, 16, sd->control & SE_DACL_PRESENT, &sd->dacl);
	return error;
}

/* Reads what @layout describes. */
static enum sd_error read_descriptor(struct layout *layout, struct descriptor **sd)
{
	if (layout->size < layout->base || layout->size - layout->base < DESCRIPTOR_HEADER_SIZE)
		return SD_TRUNCATED;
	if (layout->bytes[layout->base] != DESCRIPTOR_REVISION)
		return SD_BAD_REVISION;
	struct descriptor *result = descriptor_create();
	if (!result)
		return SD_NO_MEMORY;
	layout->end = layout->base + DESCRIPTOR_HEADER_SIZE;
	enum sd_error error = read_parts(layout, result);
	if (!error && layout->end - layout->base > DESCRIPTOR_MAX_SIZE)
		error = SD_TOO_LARGE;
	if (error) {
		descriptor_destroy(result);
		return error;
	}
	*sd = result;
	return SD_OK;
}

enum sd_error descriptor_read_at(const uint8_t *bytes, size_t size, size_t base,
				 struct descriptor **sd, size_t *end)
{
	struct layout layout = {.bytes = bytes, .size = size, .base = base};
	enum sd_error error = read_descriptor(&layout, sd);
	if (!error)
		*end = layout.end;
	return error;
}

enum sd_error descriptor_read(const uint8_t *bytes, size_t size, struct descriptor **sd)
{
	struct layout layout = {.bytes = bytes, .size = size};
	return size > DESCRIPTOR_MAX_SIZE ? SD_TOO_LARGE : read_descriptor(&layout, sd);
}

enum sd_error descriptor_read_cifs(const uint8_t *bytes, size_t size, struct descriptor **sd)
{
	struct layout layout = {.bytes = bytes, .size = size, .sacl_counts = true};
	return size > DESCRIPTOR_MAX_SIZE ? SD_TOO_LARGE : read_descriptor(&layout, sd);
}

/* Writes @ace to @bytes, which are zero and ace_size() long. */
static void write_ace(const struct ace *ace, size_t size, uint8_t *bytes)
{
	size_t at = ACE_HEADER_SIZE;
	bytes[0] = ace->type;
	bytes[1] = ace->flags;
	put_le16(bytes + 2, (uint16_t)size);
	if (!ace->opaque) {
		put_le32(bytes + at, ace->mask);
		at += 4;
		if (ace_type_is_object(ace->type)) {
			put_le32(bytes + at, ace->object_flags);
			at += 4;
			if (ace->object_flags & ACE_OBJECT_TYPE_PRESENT) {
				memcpy(bytes + at, &ace->object_type, sizeof(struct guid));
				at += sizeof(struct guid);
			}
			if (ace->object_flags & ACE_INHERITED_OBJECT_TYPE_PRESENT) {
				memcpy(bytes + at, &ace->inherited_object_type,
				       sizeof(struct guid));
				at += sizeof(struct guid);
			}
		}
		at += sid_write(&ace->sid, bytes + at);
	}
	if (ace->data_size)
		memcpy(bytes + at, ace->data, ace->data_size);
}

static uint8_t acl_revision(const struct acl *acl)
{
	for (size_t i = 0; i < acl->count; i++) {
		if (ace_type_is_object(acl->aces[i].type))
			return ACL_REVISION_DS;
	}
	return ACL_REVISION;
}

static void write_acl(const struct acl *acl, size_t size, uint8_t revision, uint8_t *bytes)
{
	bytes[0] = revision;
	put_le16(bytes + 2, (uint16_t)size);
	put_le16(bytes + 4, (uint16_t)acl->count);
	bytes += ACL_HEADER_SIZE;
	for (size_t i = 0; i < acl->count; i++) {
		size_t ace = ace_size(&acl->aces[i]);
		write_ace(&acl->aces[i], ace, bytes);
		bytes += ace;
	}
}

/* Where each part goes; an offset of 0 is an absent part. */
struct plan {
	size_t owner, group, sacl, dacl;
	size_t sacl_size, dacl_size;
	size_t size;
	size_t base; /* added to offsets as they are written */
	bool nt, cifs;
};

/* Takes @size bytes at the end of the plan; returns their offset, or 0 if there are none. */
static size_t plan_part(struct plan *plan, size_t size)
{
	size_t offset = plan->size;
	plan->size += size;
	return size ? offset : 0;
}

static enum sd_error plan_parts(const struct descriptor *sd, struct plan *plan)
{
	size_t owner = sd->has_owner ? sid_size(&sd->owner) : 0;
	size_t group = sd->has_group ? sid_size(&sd->group) : 0;
	plan->sacl_size = sd->sacl ? acl_binary_size(sd->sacl) : 0;
	plan->dacl_size = sd->dacl ? acl_binary_size(sd->dacl) : 0;
	plan->size = DESCRIPTOR_HEADER_SIZE;
	if (plan->sacl_size > ACL_MAX_SIZE || plan->dacl_size > ACL_MAX_SIZE)
		return SD_TOO_LARGE;
	if (plan->nt) {
		plan->owner = plan_part(plan, owner);
		plan->group = plan_part(plan, group);
	}
	if (!plan->cifs)
		plan->sacl = plan_part(plan, plan->sacl_size);
	plan->dacl = plan_part(plan, plan->dacl_size);
	if (plan->cifs)
		plan->sacl = plan_part(plan, plan->sacl_size);
	if (!plan->nt) {
		plan->owner = plan_part(plan, owner);
		plan->group = plan_part(plan, group);
	}
	return plan->size > DESCRIPTOR_MAX_SIZE ? SD_TOO_LARGE : SD_OK;
}

static void put_offset(uint8_t *field, const struct plan *plan, size_t offset)
{
	put_le32(field, offset ? (uint32_t)(plan->base + offset) : 0);
}

static void write_parts(const struct descriptor *sd, const struct plan *plan, uint8_t *bytes)
{
	bytes[0] = DESCRIPTOR_REVISION;
	bytes[1] = sd->sbz1;
	put_le16(bytes + 2, sd->control | SE_SELF_RELATIVE);
	put_offset(bytes + 4, plan, plan->owner);
	put_offset(bytes + 8, plan, plan->group);
	put_offset(bytes + 12, plan, plan->sacl);
	put_offset(bytes + 16, plan, plan->dacl);
	if (plan->owner)
		sid_write(&sd->owner, bytes + plan->owner);
	if (plan->group)
		sid_write(&sd->group, bytes + plan->group);
	if (plan->sacl)
		write_acl(sd->sacl, plan->sacl_size,
			  plan->nt ? ACL_REVISION_DS : acl_revision(sd->sacl), bytes + plan->sacl);
	if (plan->dacl)
		write_acl(sd->dacl, plan->dacl_size,
			  plan->nt ? ACL_REVISION_DS : acl_revision(sd->dacl), bytes + plan->dacl);
}

/* A list without its control bit would be read back as no list, or not at all. */
static bool control_agrees(const struct descriptor *sd)
{
	return (!sd->dacl || (sd->control & SE_DACL_PRESENT)) &&
	       (!sd->sacl || (sd->control & SE_SACL_PRESENT));
}

static enum sd_error write_descriptor(const struct descriptor *sd, struct plan plan,
				      uint8_t **bytes, size_t *size)
{
	if (!control_agrees(sd))
		return SD_BAD_ACL;
	enum sd_error error = plan_parts(sd, &plan);
	if (error)
		return error;
	uint8_t *result = calloc(1, plan.size);
	if (!result)
		return SD_NO_MEMORY;
	write_parts(sd, &plan, result);
	*bytes = result;
	*size = plan.size;
	return SD_OK;
}

enum sd_error descriptor_write(const struct descriptor *sd, uint8_t **bytes, size_t *size)
{
	return write_descriptor(sd, (struct plan){.nt = false}, bytes, size);
}

enum sd_error descriptor_write_cifs(const struct descriptor *sd, uint8_t **bytes, size_t *size)
{
	return write_descriptor(sd, (struct plan){.cifs = true}, bytes, size);
}

enum sd_error descriptor_write_nt(const struct descriptor *sd, uint8_t **bytes, size_t *size)
{
	return write_descriptor(sd, (struct plan){.nt = true}, bytes, size);
}

enum sd_error descriptor_write_at(const struct descriptor *sd, size_t base, uint8_t **bytes,
				  size_t *size)
{
	return write_descriptor(sd, (struct plan){.nt = true, .base = base}, bytes, size);
}

#define DACL_BITS (SE_DACL_PRESENT | SE_DACL_PROTECTED | SE_DACL_AUTO_INHERITED | SE_DACL_DEFAULTED)
#define SACL_BITS (SE_SACL_PRESENT | SE_SACL_PROTECTED | SE_SACL_AUTO_INHERITED | SE_SACL_DEFAULTED)

unsigned int descriptor_parts(const struct descriptor *sd)
{
	return (sd->has_owner ? PART_OWNER : 0) | (sd->has_group ? PART_GROUP : 0) |
	       (sd->control & SE_DACL_PRESENT ? PART_DACL : 0) |
	       (sd->control & SE_SACL_PRESENT ? PART_SACL : 0);
}

static bool list_differs(const struct acl *a, const struct acl *b)
{
	return a && b ? !acl_equal(a, b) : a != b;
}

unsigned int descriptor_differs(const struct descriptor *a, const struct descriptor *b)
{
	unsigned int control = a->control ^ b->control, parts = 0;

	if (a->has_owner != b->has_owner || (a->has_owner && !sid_equal(&a->owner, &b->owner)))
		parts |= PART_OWNER;
	if (a->has_group != b->has_group || (a->has_group && !sid_equal(&a->group, &b->group)))
		parts |= PART_GROUP;
	if ((control & DACL_BITS) || list_differs(a->dacl, b->dacl))
		parts |= PART_DACL;
	if ((control & SACL_BITS) || list_differs(a->sacl, b->sacl))
		parts |= PART_SACL;
	return parts;
}

/* Puts list @given (NULL: a NULL list) in the place of *@acl. */
static enum sd_error list_replace(struct acl **acl, const struct acl *given)
{
	struct acl *copy = given ? acl_copy(given) : NULL;

	if (given && !copy)
		return SD_NO_MEMORY;
	acl_destroy(*acl);
	*acl = copy;
	return SD_OK;
}

enum sd_error descriptor_merge(struct descriptor *sd, const struct descriptor *given,
			       unsigned int parts)
{
	enum sd_error error = SD_OK;
	uint16_t bits;

	parts &= descriptor_parts(given);
	bits = (uint16_t)((parts & PART_DACL ? DACL_BITS : 0) |
			  (parts & PART_SACL ? SACL_BITS : 0));
	if (parts & PART_OWNER) {
		sd->has_owner = true;
		sd->owner = given->owner;
	}
	if (parts & PART_GROUP) {
		sd->has_group = true;
		sd->group = given->group;
	}
	if (parts & PART_DACL)
		error = list_replace(&sd->dacl, given->dacl);
	if (error == SD_OK && (parts & PART_SACL))
		error = list_replace(&sd->sacl, given->sacl);
	if (error == SD_OK)
		sd->control = (uint16_t)((sd->control & ~bits) | (given->control & bits));
	return error;
}

void descriptor_keep(struct descriptor *sd, unsigned int parts)
{
	sd->has_owner = sd->has_owner && (parts & PART_OWNER);
	sd->has_group = sd->has_group && (parts & PART_GROUP);
	if (!(parts & PART_DACL)) {
		acl_destroy(sd->dacl);
		sd->dacl = NULL;
		sd->control &= (uint16_t)~DACL_BITS;
	}
	if (!(parts & PART_SACL)) {
		acl_destroy(sd->sacl);
		sd->sacl = NULL;
		sd->control &= (uint16_t)~SACL_BITS;
	}
}
