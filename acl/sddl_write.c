/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writing SDDL, in the form Windows writes: owner, group, DACL, SACL; rights as
 * letters in the order of their bits, else as a hexadecimal number.
 *
 * The text grows in one buffer; each ACE reserves the most that it can take, so that its pieces are
 * appended without looking again.
 */
#include "acl/sddl.h"

#include <stdlib.h>

#include "acl/attribute.h"
#include "acl/bytes.h"
#include "acl/condition.h"
#include "acl/layout.h"
#include "acl/name.h"
#include "acl/sddl_text.h"

#define GUID_TEXT_SIZE 36
/* "(OA;" flags ";" rights ";" GUID ";" GUID ";" SID, then ")" or ";" and the data */
#define ACE_MAX_TEXT                                                                               \
	(4 + 2 * SDDL_COUNT(sddl_flags) + 2 * SDDL_COUNT(sddl_rights) + 2 * GUID_TEXT_SIZE +       \
	 SID_MAX_TEXT + 5)
/* "D:PARAINO_ACCESS_CONTROL" or "O:" and a SID, and a NUL */
#define SECTION_MAX_TEXT (SID_MAX_TEXT + 32)

#define FIRST_ROOM 1024

/* of CLAIM_SECURITY_ATTRIBUTE_RELATIVE_V1, up to the offsets of its values */
#define ATTRIBUTE_HEADER_SIZE 16

enum sd_error text_reserve(struct text_writer *writer, size_t size)
{
	if (size <= writer->room - writer->size)
		return SD_OK;
	size_t room = writer->room ? writer->room : FIRST_ROOM;
	while (room - writer->size < size)
		room *= 2;
	char *text = realloc(writer->text, room);
	if (!text)
		return SD_NO_MEMORY;
	writer->text = text;
	writer->room = room;
	return SD_OK;
}

/* The functions below append to what has been reserved. */

static void put_hex(struct text_writer *writer, uint32_t number)
{
	char digits[8];
	unsigned int count = 0;
	do {
		digits[count++] = "0123456789abcdef"[number & 15];
		number >>= 4;
	} while (number);
	text_put_pair(writer, "0x");
	while (count)
		text_put_char(writer, digits[--count]);
}

void text_put_sid(struct text_writer *writer, const struct sid *sid)
{
	const char *name = name_of_sid(sid, writer->domain);
	if (name) {
		text_put_pair(writer, name);
		return;
	}
	char *start = writer->text + writer->size;
	sid_format(sid, start);
	writer->size += strlen(start);
}

/* Writes the names of @bits; false, with nothing written, if some have none. */
static bool put_bits(struct text_writer *writer, const struct sddl_bits *table, size_t count,
		     uint32_t bits)
{
	size_t size = writer->size;
	for (size_t i = 0; i < count && bits; i++) {
		if (!(bits & table[i].bits))
			continue;
		text_put_pair(writer, table[i].name);
		bits &= ~table[i].bits;
	}
	if (bits)
		writer->size = size;
	return bits == 0;
}

static void put_rights(struct text_writer *writer, const struct ace *ace)
{
	for (size_t i = 0; i < SDDL_COUNT(sddl_file_rights); i++) {
		if (ace->mask == sddl_file_rights[i].bits) {
			text_put_pair(writer, sddl_file_rights[i].name);
			return;
		}
	}
	if (ace->type == SYSTEM_MANDATORY_LABEL_ACE_TYPE &&
	    put_bits(writer, sddl_label_rights, SDDL_COUNT(sddl_label_rights), ace->mask))
		return;
	if (!put_bits(writer, sddl_rights, SDDL_COUNT(sddl_rights), ace->mask))
		put_hex(writer, ace->mask);
}

static void put_guid(struct text_writer *writer, const struct guid *guid)
{
	static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
	static const char hex[] = "0123456789abcdef";
	for (unsigned int i = 0; i < 16; i++) {
		uint8_t byte = guid->bytes[order[i]];
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text_put_char(writer, '-');
		text_put_char(writer, hex[byte >> 4]);
		text_put_char(writer, hex[byte & 15]);
	}
}

static void put_guids(struct text_writer *writer, const struct ace *ace)
{
	bool object = ace_type_is_object(ace->type);
	if (object && (ace->object_flags & ACE_OBJECT_TYPE_PRESENT))
		put_guid(writer, &ace->object_type);
	text_put_char(writer, ';');
	if (object && (ace->object_flags & ACE_INHERITED_OBJECT_TYPE_PRESENT))
		put_guid(writer, &ace->inherited_object_type);
}

static const struct sddl_type *type_of(const struct ace *ace, enum sddl_list list)
{
	for (size_t i = 0; i < SDDL_COUNT(sddl_types); i++) {
		const struct sddl_type *type = &sddl_types[i];
		if (type->type == ace->type && type->list == list)
			return type;
	}
	return NULL;
}

/* A condition that is not well-formed has no text, nor has any other data of a callback ACE. */
static enum sd_error put_condition(struct text_writer *writer, const struct ace *ace)
{
	char *text = NULL;
	enum sd_error error =
		condition_write_text(ace->data, ace->data_size, writer->domain, &text);
	if (!error)
		error = text_write(writer, text);
	free(text);
	return error;
}

/* Where in the data of a resource attribute ACE the value @i ends, [MS-DTYP] 2.4.10.1. */
static size_t value_end(const struct attribute *attribute, const uint8_t *data, size_t i)
{
	size_t start = get_le32(data + ATTRIBUTE_HEADER_SIZE + 4 * i);
	switch (attribute->type) {
	case CLAIM_SECURITY_ATTRIBUTE_TYPE_STRING:
		return start + attribute->values[i].size + 2;
	case CLAIM_SECURITY_ATTRIBUTE_TYPE_SID:
	case CLAIM_SECURITY_ATTRIBUTE_TYPE_OCTET_STRING:
		return start + 4 + get_le32(data + start);
	default:
		return start + 8;
	}
}

/* Is what was read all that the data says, so that only zeros follow? */
static bool is_whole(const struct attribute *attribute, const struct ace *ace)
{
	size_t end = get_le32(ace->data) + 2 * (attribute->name_length + 1);
	size_t offsets = ATTRIBUTE_HEADER_SIZE + 4 * attribute->count;
	if (end < offsets)
		end = offsets;
	for (size_t i = 0; i < attribute->count; i++) {
		size_t value = value_end(attribute, ace->data, i);
		if (end < value)
			end = value;
	}
	while (end < ace->data_size && ace->data[end] == 0)
		end++;
	return end >= ace->data_size;
}

/* Counts how much longer @attribute is when read again: with SIDs as text, which others do not
 * write. */
static enum sd_error count_growth(struct text_writer *writer, const struct attribute *attribute,
				  const struct ace *ace)
{
	uint8_t *bytes = NULL;
	size_t size;
	enum sd_error error = attribute_write(attribute, &bytes, &size);
	if (!error && size > ace->data_size)
		writer->grown += align4(size - ace->data_size);
	free(bytes);
	return error == SD_NO_MEMORY || !error ? error : SD_NO_TEXT;
}

static enum sd_error put_attribute(struct text_writer *writer, const struct ace *ace)
{
	struct attribute attribute = {0};
	char *text = NULL;
	enum sd_error error = attribute_read(ace->data, ace->data_size, &attribute);
	if (error == SD_BAD_ACE || (!error && !is_whole(&attribute, ace)))
		error = SD_NO_TEXT;
	if (!error)
		error = count_growth(writer, &attribute, ace);
	if (!error)
		error = attribute_write_text(&attribute, writer->domain, &text);
	if (!error)
		error = text_write(writer, text);
	attribute_clear(&attribute);
	free(text);
	return error;
}

/* What follows the SID. */
static enum sd_error put_data(struct text_writer *writer, const struct ace *ace)
{
	bool attribute = ace->type == SYSTEM_RESOURCE_ATTRIBUTE_ACE_TYPE;
	if (!attribute && !ace_type_is_callback(ace->type))
		return ace->data_size ? SD_NO_TEXT : SD_OK;
	text_put_char(writer, ';');
	enum sd_error error = (attribute ? put_attribute : put_condition)(writer, ace);
	return error ? error : text_reserve(writer, 1);
}

/* Can the type and all of the object flags be said? */
static bool has_text(const struct ace *ace)
{
	const uint32_t known = ACE_OBJECT_TYPE_PRESENT | ACE_INHERITED_OBJECT_TYPE_PRESENT;
	return !ace->opaque && !(ace_type_is_object(ace->type) && (ace->object_flags & ~known));
}

static enum sd_error put_ace(struct text_writer *writer, const struct ace *ace, enum sddl_list list)
{
	const struct sddl_type *type = type_of(ace, list);
	if (!type || !has_text(ace))
		return SD_NO_TEXT;
	enum sd_error error = text_reserve(writer, ACE_MAX_TEXT);
	if (error)
		return error;
	text_put_char(writer, '(');
	text_put(writer, type->name);
	text_put_char(writer, ';');
	if (!put_bits(writer, sddl_flags, SDDL_COUNT(sddl_flags), ace->flags))
		return SD_NO_TEXT;
	text_put_char(writer, ';');
	put_rights(writer, ace);
	text_put_char(writer, ';');
	put_guids(writer, ace);
	text_put_char(writer, ';');
	text_put_sid(writer, &ace->sid);
	error = put_data(writer, ace);
	if (!error)
		text_put_char(writer, ')');
	return error;
}

static enum sd_error put_principal(struct text_writer *writer, char section, const struct sid *sid)
{
	enum sd_error error = text_reserve(writer, SECTION_MAX_TEXT);
	if (error)
		return error;
	text_put_char(writer, section);
	text_put_char(writer, ':');
	text_put_sid(writer, sid);
	return SD_OK;
}

/* The control bits of a list, as those of a DACL. */
static uint16_t list_control(const struct descriptor *sd, enum sddl_list list)
{
	return list == SDDL_DACL
		       ? sd->control
		       : sd->control >> 1 & (SE_DACL_PROTECTED | SE_DACL_AUTO_INHERIT_REQ |
					     SE_DACL_AUTO_INHERITED);
}

static enum sd_error put_list(struct text_writer *writer, const struct descriptor *sd,
			      enum sddl_list list)
{
	const struct acl *acl = list == SDDL_DACL ? sd->dacl : sd->sacl;
	uint16_t control = list_control(sd, list);
	enum sd_error error = text_reserve(writer, SECTION_MAX_TEXT);
	if (error)
		return error;
	text_put(writer, list == SDDL_DACL ? "D:" : "S:");
	if (control & SE_DACL_PROTECTED)
		text_put(writer, "P");
	if (control & SE_DACL_AUTO_INHERIT_REQ)
		text_put(writer, "AR");
	if (control & SE_DACL_AUTO_INHERITED)
		text_put(writer, "AI");
	if (!acl)
		text_put(writer, SDDL_NULL_ACL);
	writer->grown = 0;
	for (size_t i = 0; acl && i < acl->count && !error; i++)
		error = put_ace(writer, &acl->aces[i], list);
	if (writer->grown && !error && writer->grown > ACL_MAX_SIZE - acl_binary_size(acl))
		error = SD_NO_TEXT;
	return error;
}

static enum sd_error put_descriptor(struct text_writer *writer, const struct descriptor *sd)
{
	enum sd_error error = text_reserve(writer, SECTION_MAX_TEXT);
	if (!error && sd->has_owner)
		error = put_principal(writer, 'O', &sd->owner);
	if (!error && sd->has_group)
		error = put_principal(writer, 'G', &sd->group);
	if (!error && (sd->control & SE_DACL_PRESENT))
		error = put_list(writer, sd, SDDL_DACL);
	if (!error && (sd->control & SE_SACL_PRESENT))
		error = put_list(writer, sd, SDDL_SACL);
	if (!error)
		error = text_reserve(writer, 1);
	if (!error)
		text_put_char(writer, '\0');
	return error;
}

enum sd_error sddl_write(const struct descriptor *sd, const struct sid *domain, char **text)
{
	struct text_writer writer = {.domain = domain};
	enum sd_error error = put_descriptor(&writer, sd);
	if (!error && writer.text[0] == '\0')
		error = SD_NO_TEXT; /* nothing to say, and an empty text cannot be read back */
	if (error) {
		free(writer.text);
		return error;
	}
	*text = writer.text;
	return SD_OK;
}
