/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading SDDL, [MS-DTYP] 2.5.1.1.
 *
 * As loose as Windows is recorded to be: keywords in either case, blanks around
 * SIDs, before lists and ACEs, between rights.  Numbers that do not fit
 * are refused, where Windows takes the highest that does.
 */
#include "acl/sddl.h"

#include <stdlib.h>

#include "acl/attribute.h"
#include "acl/condition.h"
#include "acl/name.h"
#include "acl/sddl_text.h"

#define GUID_TEXT_SIZE 36

static const char need_section[] = "a part not given yet: O: G: D: or S:";
static const char need_sid[] = "a SID or an alias of two letters";
static const char need_domain[] = "a SID or an alias that needs no domain";
static const char need_acl_flag[] = "P, AR or AI, an ACE, or the next part";
static const char need_type[] = "an ACE type (A D OA OD XA XD ZA AU AL OU OL XU ML RA SP)";
static const char need_dacl_type[] = "an ACE type of a DACL (A D OA OD XA XD ZA)";
static const char need_sacl_type[] = "an ACE type of a SACL (AU AL OU OL XU ML RA SP)";
static const char need_flag[] = "ACE flags (OI CI NP IO ID SA FA) or ';'";
static const char need_right[] = "rights of two letters, a number, or ';'";
static const char need_number[] = "a number of at most 32 bits";
static const char need_semicolon[] = "';'";
static const char need_guid[] = "a GUID without braces";
static const char need_no_guid[] = "';' (only object ACEs have GUIDs)";
static const char need_condition[] = "';' and a condition in parentheses";
static const char need_attribute[] = "';' and an attribute in parentheses";
static const char need_close[] = "')'";

static void skip_blanks(struct text_reader *reader)
{
	while (*reader->at == ' ' || *reader->at == '\t' || *reader->at == '\n' ||
	       *reader->at == '\r')
		reader->at++;
}

/* If one of @table's keywords is next, adds its bits to *@bits and moves behind it. */
static bool take_bits(struct text_reader *reader, const struct sddl_bits *table, size_t count,
		      uint32_t *bits)
{
	for (size_t i = 0; i < count; i++) {
		if (text_take(reader, table[i].name)) {
			*bits |= table[i].bits;
			return true;
		}
	}
	return false;
}

bool text_read_sid(struct text_reader *reader, struct sid *sid)
{
	const char *start = reader->at;
	if (text_upper(start[0]) == 'S' && start[1] == '-') {
		if (!sid_parse_loose(start, sid, &reader->at))
			return text_fail(reader, start, need_sid);
		return true;
	}
	if (!sddl_alias_sid(start, reader->domain, sid)) {
		struct sid ignored;
		bool relative = sddl_alias_sid(start, &sid_administrators, &ignored);
		return text_fail(reader, start, relative ? need_domain : need_sid);
	}
	reader->at += 2;
	return true;
}

/* The type name up to ';', and whether it fits the list. */
static bool read_type(struct text_reader *reader, enum sddl_list list, struct ace *ace)
{
	const char *start = reader->at;
	const struct sddl_type *type = NULL;
	size_t length = 0;
	while (start[length] && start[length] != ';' && start[length] != ')')
		length++;
	for (size_t i = 0; i < SDDL_COUNT(sddl_types) && !type; i++) {
		if (strlen(sddl_types[i].name) == length && text_take(reader, sddl_types[i].name))
			type = &sddl_types[i];
	}
	if (!type)
		return text_fail(reader, start, need_type);
	if (type->list != list)
		return text_fail(reader, start,
				 list == SDDL_DACL ? need_dacl_type : need_sacl_type);
	ace->type = type->type;
	return text_expect(reader, ';', need_semicolon);
}

static bool read_flags(struct text_reader *reader, struct ace *ace)
{
	uint32_t flags = 0;
	skip_blanks(reader);
	while (*reader->at != ';') {
		if (!take_bits(reader, sddl_flags, SDDL_COUNT(sddl_flags), &flags))
			return text_fail(reader, reader->at, need_flag);
	}
	reader->at++;
	ace->flags = (uint8_t)flags;
	return true;
}

/* Decimal, octal with a leading 0, or hexadecimal with 0x; a sign is not taken. */
static bool read_number(struct text_reader *reader, uint32_t *number)
{
	const char *start = reader->at;
	unsigned int base = 10;
	uint64_t value = 0;
	if (start[0] == '0')
		base = 8;
	if (text_take(reader, "0X"))
		base = 16;
	const char *first = reader->at;
	for (;; reader->at++) {
		unsigned char c = (unsigned char)text_upper(*reader->at);
		unsigned int digit = base;
		if (c >= '0' && c <= '9')
			digit = c - '0';
		else if (c >= 'A' && c <= 'F')
			digit = c - 'A' + 10u;
		if (digit >= base)
			break;
		value = value * base + digit;
		if (value > UINT32_MAX)
			return text_fail(reader, start, need_number);
	}
	if (reader->at == first)
		return text_fail(reader, reader->at, need_number);
	*number = (uint32_t)value;
	return text_expect(reader, ';', need_semicolon);
}

static bool take_right(struct text_reader *reader, struct ace *ace)
{
	if (ace->type == SYSTEM_MANDATORY_LABEL_ACE_TYPE &&
	    take_bits(reader, sddl_label_rights, SDDL_COUNT(sddl_label_rights), &ace->mask))
		return true;
	return take_bits(reader, sddl_rights, SDDL_COUNT(sddl_rights), &ace->mask) ||
	       take_bits(reader, sddl_file_rights, SDDL_COUNT(sddl_file_rights), &ace->mask) ||
	       take_bits(reader, sddl_key_rights, SDDL_COUNT(sddl_key_rights), &ace->mask);
}

static bool read_rights(struct text_reader *reader, struct ace *ace)
{
	skip_blanks(reader);
	if (*reader->at >= '0' && *reader->at <= '9')
		return read_number(reader, &ace->mask);
	while (*reader->at != ';') {
		if (!take_right(reader, ace))
			return text_fail(reader, reader->at, need_right);
		/* blanks may part two rights, not end them; tabs do neither */
		while (*reader->at == ' ') {
			reader->at++;
			if (*reader->at == ';')
				return text_fail(reader, reader->at, need_right);
		}
	}
	reader->at++;
	return true;
}

/* Reads "00112233-4455-6677-8899-aabbccddeeff"; the first three fields are little-endian. */
static bool parse_guid(const char *text, struct guid *guid)
{
	static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
	for (unsigned int i = 0; i < 16; i++) {
		if ((i == 4 || i == 6 || i == 8 || i == 10) && *text++ != '-')
			return false;
		int high = text_hex_value(text[0]);
		int low = high < 0 ? -1 : text_hex_value(text[1]);
		if (low < 0)
			return false;
		guid->bytes[order[i]] = (uint8_t)(high << 4 | low);
		text += 2;
	}
	return true;
}

/* An optional GUID and its ';'. */
static bool read_guid(struct text_reader *reader, struct ace *ace, uint32_t flag, struct guid *guid)
{
	if (*reader->at == ';') {
		reader->at++;
		return true;
	}
	if (!ace_type_is_object(ace->type))
		return text_fail(reader, reader->at, need_no_guid);
	if (!parse_guid(reader->at, guid))
		return text_fail(reader, reader->at, need_guid);
	reader->at += GUID_TEXT_SIZE;
	ace->object_flags |= flag;
	return text_expect(reader, ';', need_semicolon);
}

/* Takes over where a reader of a part ended, in success or failure. */
static bool read_part(struct text_reader *reader, enum sd_error error, const char *end,
		      const char *expected)
{
	if (error == SD_BAD_SYNTAX)
		return text_fail(reader, end, expected);
	reader->at = end;
	return text_error(reader, error);
}

static bool read_condition(struct text_reader *reader, struct ace *ace)
{
	const char *end = reader->at;
	const char *expected = NULL;
	text_skip_wide_blanks(reader);
	enum sd_error error = condition_read_text(reader->at, reader->domain, &ace->data,
						  &ace->data_size, &end, &expected);
	return read_part(reader, error, end, expected);
}

static bool read_attribute(struct text_reader *reader, struct ace *ace)
{
	struct attribute attribute = {0};
	const char *end = reader->at;
	const char *expected = NULL;
	text_skip_wide_blanks(reader);
	enum sd_error error =
		attribute_read_text(reader->at, reader->domain, &attribute, &end, &expected);
	if (!error)
		error = attribute_write(&attribute, &ace->data, &ace->data_size);
	attribute_clear(&attribute);
	return read_part(reader, error, end, expected);
}

/* What follows the SID: a condition, an attribute, or nothing. */
static bool read_data(struct text_reader *reader, struct ace *ace)
{
	bool conditional = ace_type_is_callback(ace->type);
	if (!conditional && ace->type != SYSTEM_RESOURCE_ATTRIBUTE_ACE_TYPE)
		return true;
	if (!text_expect(reader, ';', conditional ? need_condition : need_attribute))
		return false;
	return (conditional ? read_condition : read_attribute)(reader, ace);
}

static bool read_head(struct text_reader *reader, enum sddl_list list, struct ace *ace)
{
	reader->at++; /* the parenthesis */
	skip_blanks(reader);
	if (!read_type(reader, list, ace) || !read_flags(reader, ace) || !read_rights(reader, ace))
		return false;
	if (!read_guid(reader, ace, ACE_OBJECT_TYPE_PRESENT, &ace->object_type) ||
	    !read_guid(reader, ace, ACE_INHERITED_OBJECT_TYPE_PRESENT, &ace->inherited_object_type))
		return false;
	skip_blanks(reader);
	if (!text_read_sid(reader, &ace->sid))
		return false;
	skip_blanks(reader);
	return true;
}

static bool read_tail(struct text_reader *reader, struct acl *acl, struct ace *ace)
{
	if (!read_data(reader, ace))
		return false;
	skip_blanks(reader);
	return text_expect(reader, ')', need_close) && text_error(reader, acl_append(acl, ace));
}

static bool read_ace(struct text_reader *reader, enum sddl_list list, struct acl *acl)
{
	struct ace ace = {0};
	if (!read_head(reader, list, &ace))
		return false;
	bool done = read_tail(reader, acl, &ace);
	free(ace.data);
	return done;
}

static const struct {
	char name[3];
	uint16_t dacl;
	uint16_t sacl;
} acl_flags[] = {
	{"P", SE_DACL_PROTECTED, SE_SACL_PROTECTED},
	{"AR", SE_DACL_AUTO_INHERIT_REQ, SE_SACL_AUTO_INHERIT_REQ},
	{"AI", SE_DACL_AUTO_INHERITED, SE_SACL_AUTO_INHERITED},
};

static bool take_acl_flag(struct text_reader *reader, struct descriptor *sd, enum sddl_list list)
{
	for (size_t i = 0; i < SDDL_COUNT(acl_flags); i++) {
		if (!text_take(reader, acl_flags[i].name))
			continue;
		sd->control |= list == SDDL_DACL ? acl_flags[i].dacl : acl_flags[i].sacl;
		return true;
	}
	return false;
}

static bool read_list(struct text_reader *reader, struct descriptor *sd, enum sddl_list list)
{
	struct acl **slot = list == SDDL_DACL ? &sd->dacl : &sd->sacl;
	sd->control |= list == SDDL_DACL ? SE_DACL_PRESENT : SE_SACL_PRESENT;
	do
		skip_blanks(reader);
	while (take_acl_flag(reader, sd, list));
	if (text_take(reader, SDDL_NULL_ACL)) {
		skip_blanks(reader);
		return true;
	}
	*slot = acl_create();
	if (!*slot)
		return text_error(reader, SD_NO_MEMORY);
	while (*reader->at == '(') {
		if (!read_ace(reader, list, *slot))
			return false;
		skip_blanks(reader);
	}
	/* say what would be right here, unless a part follows or the text is over */
	if (*reader->at && reader->at[1] != ':')
		return text_fail(reader, reader->at, need_acl_flag);
	return true;
}

static bool read_principal(struct text_reader *reader, bool *has, struct sid *sid)
{
	skip_blanks(reader);
	if (!text_read_sid(reader, sid))
		return false;
	*has = true;
	skip_blanks(reader);
	return true;
}

static bool read_section(struct text_reader *reader, struct descriptor *sd)
{
	const char *start = reader->at;
	char name = start[0];
	if (!name || start[1] != ':')
		return text_fail(reader, start, need_section);
	reader->at += 2;
	if (name == 'O' && !sd->has_owner)
		return read_principal(reader, &sd->has_owner, &sd->owner);
	if (name == 'G' && !sd->has_group)
		return read_principal(reader, &sd->has_group, &sd->group);
	if (name == 'D' && !(sd->control & SE_DACL_PRESENT))
		return read_list(reader, sd, SDDL_DACL);
	if (name == 'S' && !(sd->control & SE_SACL_PRESENT))
		return read_list(reader, sd, SDDL_SACL);
	return text_fail(reader, start, need_section);
}

enum sd_error sddl_read(const char *text, const struct sid *domain, struct descriptor **sd,
			struct sddl_fault *fault)
{
	struct text_reader reader = {.at = text, .domain = domain};
	struct descriptor *read = descriptor_create();
	if (!read)
		return SD_NO_MEMORY;
	skip_blanks(&reader);
	/* an empty text says nothing about access, and a descriptor without a DACL grants all */
	do {
		if (!read_section(&reader, read))
			break;
	} while (*reader.at);
	if (reader.error) {
		if (reader.error == SD_BAD_SYNTAX && fault) {
			fault->offset = (size_t)(reader.where - text);
			fault->expected = reader.expected;
		}
		descriptor_destroy(read);
		return reader.error;
	}
	read->control |= SE_SELF_RELATIVE;
	*sd = read;
	return SD_OK;
}
