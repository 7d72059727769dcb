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
#include <string.h>

#include "acl/name.h"
#include "acl/sddl_text.h"

#define GUID_TEXT_SIZE 36
/* "(OA;" flags ";" rights ";" GUID ";" GUID ";" SID ")" */
#define ACE_MAX_TEXT                                                                               \
	(4 + 2 * SDDL_COUNT(sddl_flags) + 2 * SDDL_COUNT(sddl_rights) + 2 * GUID_TEXT_SIZE +       \
	 SID_MAX_TEXT + 5)
/* "D:PARAINO_ACCESS_CONTROL" or "O:" and a SID, and a NUL */
#define SECTION_MAX_TEXT (SID_MAX_TEXT + 32)

#define FIRST_ROOM 1024

struct writer {
	char *text;
	size_t size;
	size_t room;
	const struct sid *domain;
};

static enum sd_error reserve(struct writer *writer, size_t size)
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

static void put_char(struct writer *writer, char c)
{
	writer->text[writer->size++] = c;
}

static void put_text(struct writer *writer, const char *text)
{
	size_t length = strlen(text);
	memcpy(writer->text + writer->size, text, length);
	writer->size += length;
}

static void put_pair(struct writer *writer, const char name[2])
{
	put_char(writer, name[0]);
	put_char(writer, name[1]);
}

static void put_hex(struct writer *writer, uint32_t number)
{
	char digits[8];
	unsigned int count = 0;
	do {
		digits[count++] = "0123456789abcdef"[number & 15];
		number >>= 4;
	} while (number);
	put_pair(writer, "0x");
	while (count)
		put_char(writer, digits[--count]);
}

static void put_sid(struct writer *writer, const struct sid *sid)
{
	const char *name = name_of_sid(sid, writer->domain);
	if (name) {
		put_pair(writer, name);
		return;
	}
	char *start = writer->text + writer->size;
	sid_format(sid, start);
	writer->size += strlen(start);
}

/* Writes the names of @bits; false, with nothing written, if some have none. */
static bool put_bits(struct writer *writer, const struct sddl_bits *table, size_t count,
		     uint32_t bits)
{
	size_t size = writer->size;
	for (size_t i = 0; i < count && bits; i++) {
		if (!(bits & table[i].bits))
			continue;
		put_pair(writer, table[i].name);
		bits &= ~table[i].bits;
	}
	if (bits)
		writer->size = size;
	return bits == 0;
}

static void put_rights(struct writer *writer, const struct ace *ace)
{
	for (size_t i = 0; i < SDDL_COUNT(sddl_file_rights); i++) {
		if (ace->mask == sddl_file_rights[i].bits) {
			put_pair(writer, sddl_file_rights[i].name);
			return;
		}
	}
	if (ace->type == SYSTEM_MANDATORY_LABEL_ACE_TYPE &&
	    put_bits(writer, sddl_label_rights, SDDL_COUNT(sddl_label_rights), ace->mask))
		return;
	if (!put_bits(writer, sddl_rights, SDDL_COUNT(sddl_rights), ace->mask))
		put_hex(writer, ace->mask);
}

static void put_guid(struct writer *writer, const struct guid *guid)
{
	static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
	static const char hex[] = "0123456789abcdef";
	for (unsigned int i = 0; i < 16; i++) {
		uint8_t byte = guid->bytes[order[i]];
		if (i == 4 || i == 6 || i == 8 || i == 10)
			put_char(writer, '-');
		put_char(writer, hex[byte >> 4]);
		put_char(writer, hex[byte & 15]);
	}
}

static void put_guids(struct writer *writer, const struct ace *ace)
{
	bool object = ace_type_is_object(ace->type);
	if (object && (ace->object_flags & ACE_OBJECT_TYPE_PRESENT))
		put_guid(writer, &ace->object_type);
	put_char(writer, ';');
	if (object && (ace->object_flags & ACE_INHERITED_OBJECT_TYPE_PRESENT))
		put_guid(writer, &ace->inherited_object_type);
}

static const struct sddl_type *type_of(const struct ace *ace, enum sddl_list list)
{
	for (size_t i = 0; i < SDDL_COUNT(sddl_types); i++) {
		const struct sddl_type *type = &sddl_types[i];
		if (type->type == ace->type && type->list == list && type->supported)
			return type;
	}
	return NULL;
}

static enum sd_error put_ace(struct writer *writer, const struct ace *ace, enum sddl_list list)
{
	const uint32_t known = ACE_OBJECT_TYPE_PRESENT | ACE_INHERITED_OBJECT_TYPE_PRESENT;
	const struct sddl_type *type = type_of(ace, list);
	if (!type || ace->opaque || ace->data_size)
		return SD_NO_TEXT;
	if (ace_type_is_object(ace->type) && (ace->object_flags & ~known))
		return SD_NO_TEXT;
	enum sd_error error = reserve(writer, ACE_MAX_TEXT);
	if (error)
		return error;
	put_char(writer, '(');
	put_text(writer, type->name);
	put_char(writer, ';');
	if (!put_bits(writer, sddl_flags, SDDL_COUNT(sddl_flags), ace->flags))
		return SD_NO_TEXT;
	put_char(writer, ';');
	put_rights(writer, ace);
	put_char(writer, ';');
	put_guids(writer, ace);
	put_char(writer, ';');
	put_sid(writer, &ace->sid);
	put_char(writer, ')');
	return SD_OK;
}

static enum sd_error put_principal(struct writer *writer, char section, const struct sid *sid)
{
	enum sd_error error = reserve(writer, SECTION_MAX_TEXT);
	if (error)
		return error;
	put_char(writer, section);
	put_char(writer, ':');
	put_sid(writer, sid);
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

static enum sd_error put_list(struct writer *writer, const struct descriptor *sd,
			      enum sddl_list list)
{
	const struct acl *acl = list == SDDL_DACL ? sd->dacl : sd->sacl;
	uint16_t control = list_control(sd, list);
	enum sd_error error = reserve(writer, SECTION_MAX_TEXT);
	if (error)
		return error;
	put_text(writer, list == SDDL_DACL ? "D:" : "S:");
	if (control & SE_DACL_PROTECTED)
		put_text(writer, "P");
	if (control & SE_DACL_AUTO_INHERIT_REQ)
		put_text(writer, "AR");
	if (control & SE_DACL_AUTO_INHERITED)
		put_text(writer, "AI");
	if (!acl)
		put_text(writer, SDDL_NULL_ACL);
	for (size_t i = 0; acl && i < acl->count && !error; i++)
		error = put_ace(writer, &acl->aces[i], list);
	return error;
}

static enum sd_error put_descriptor(struct writer *writer, const struct descriptor *sd)
{
	enum sd_error error = reserve(writer, SECTION_MAX_TEXT);
	if (!error && sd->has_owner)
		error = put_principal(writer, 'O', &sd->owner);
	if (!error && sd->has_group)
		error = put_principal(writer, 'G', &sd->group);
	if (!error && (sd->control & SE_DACL_PRESENT))
		error = put_list(writer, sd, SDDL_DACL);
	if (!error && (sd->control & SE_SACL_PRESENT))
		error = put_list(writer, sd, SDDL_SACL);
	if (!error)
		error = reserve(writer, 1);
	if (!error)
		put_char(writer, '\0');
	return error;
}

enum sd_error sddl_write(const struct descriptor *sd, const struct sid *domain, char **text)
{
	struct writer writer = {.domain = domain};
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
