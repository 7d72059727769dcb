/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading SDDL, [MS-DTYP] 2.5.1.1.
 *
 * As loose as Windows is recorded to be: keywords in either case, blanks around
 * SIDs, before lists and ACEs, between rights.  Numbers that do not fit
 * are refused, where Windows takes the highest that does.
 */
#include "acl/sddl.h"

#include <string.h>

#include "acl/name.h"
#include "acl/sddl_text.h"

#define GUID_TEXT_SIZE 36

static const char need_section[] = "a part not given yet: O: G: D: or S:";
static const char need_sid[] = "a SID or an alias of two letters";
static const char need_domain[] = "a SID or an alias that needs no domain";
static const char need_acl_flag[] = "P, AR or AI, an ACE, or the next part";
static const char need_type[] = "an ACE type (A D OA OD AU AL OU OL ML SP)";
static const char need_plain_type[] = "an ACE type other than a conditional one";
static const char need_no_attribute[] = "an ACE type other than a resource attribute";
static const char need_dacl_type[] = "an ACE type of a DACL (A D OA OD)";
static const char need_sacl_type[] = "an ACE type of a SACL (AU AL OU OL ML SP)";
static const char need_flag[] = "ACE flags (OI CI NP IO ID SA FA) or ';'";
static const char need_right[] = "rights of two letters, a number, or ';'";
static const char need_number[] = "a number of at most 32 bits";
static const char need_semicolon[] = "';'";
static const char need_guid[] = "a GUID without braces";
static const char need_no_guid[] = "';' (only object ACEs have GUIDs)";
static const char need_close[] = "')'";

/* A text being read.  Functions move @at and return false after fail(). */
struct reader {
	const char *at;
	const struct sid *domain;
	struct descriptor *sd;
	enum sd_error error;
	const char *where; /* of the fault */
	const char *expected;
};

static bool fail(struct reader *reader, const char *where, const char *expected)
{
	reader->error = SD_BAD_SYNTAX;
	reader->where = where;
	reader->expected = expected;
	return false;
}

static void skip_blanks(struct reader *reader)
{
	while (*reader->at == ' ' || *reader->at == '\t' || *reader->at == '\n' ||
	       *reader->at == '\r')
		reader->at++;
}

static bool expect(struct reader *reader, char c, const char *expected)
{
	if (*reader->at != c)
		return fail(reader, reader->at, expected);
	reader->at++;
	return true;
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* If @keyword is next, in either case, moves behind it. */
static bool take(struct reader *reader, const char *keyword)
{
	size_t i = 0;
	for (; keyword[i]; i++) {
		if (upper(reader->at[i]) != keyword[i])
			return false;
	}
	reader->at += i;
	return true;
}

/* If one of @table's keywords is next, adds its bits to *@bits and moves behind it. */
static bool take_bits(struct reader *reader, const struct sddl_bits *table, size_t count,
		      uint32_t *bits)
{
	for (size_t i = 0; i < count; i++) {
		if (take(reader, table[i].name)) {
			*bits |= table[i].bits;
			return true;
		}
	}
	return false;
}

static bool read_sid(struct reader *reader, struct sid *sid)
{
	const char *start = reader->at;
	if (upper(start[0]) == 'S' && start[1] == '-') {
		if (!sid_parse_loose(start, sid, &reader->at))
			return fail(reader, start, need_sid);
		return true;
	}
	if (!sddl_alias_sid(start, reader->domain, sid)) {
		struct sid ignored;
		bool relative = sddl_alias_sid(start, &sid_administrators, &ignored);
		return fail(reader, start, relative ? need_domain : need_sid);
	}
	reader->at += 2;
	return true;
}

/* The type name up to ';', and whether it fits the list. */
static bool read_type(struct reader *reader, enum sddl_list list, struct ace *ace)
{
	const char *start = reader->at;
	const struct sddl_type *type = NULL;
	size_t length = 0;
	while (start[length] && start[length] != ';' && start[length] != ')')
		length++;
	for (size_t i = 0; i < SDDL_COUNT(sddl_types) && !type; i++) {
		if (strlen(sddl_types[i].name) == length && take(reader, sddl_types[i].name))
			type = &sddl_types[i];
	}
	if (!type)
		return fail(reader, start, need_type);
	if (type->list != list)
		return fail(reader, start, list == SDDL_DACL ? need_dacl_type : need_sacl_type);
	if (!type->supported)
		return fail(reader, start,
			    ace_type_is_callback(type->type) ? need_plain_type : need_no_attribute);
	ace->type = type->type;
	return expect(reader, ';', need_semicolon);
}

static bool read_flags(struct reader *reader, struct ace *ace)
{
	uint32_t flags = 0;
	skip_blanks(reader);
	while (*reader->at != ';') {
		if (!take_bits(reader, sddl_flags, SDDL_COUNT(sddl_flags), &flags))
			return fail(reader, reader->at, need_flag);
	}
	reader->at++;
	ace->flags = (uint8_t)flags;
	return true;
}

/* Decimal, octal with a leading 0, or hexadecimal with 0x; a sign is not taken. */
static bool read_number(struct reader *reader, uint32_t *number)
{
	const char *start = reader->at;
	unsigned int base = 10;
	uint64_t value = 0;
	if (start[0] == '0')
		base = 8;
	if (take(reader, "0X"))
		base = 16;
	const char *first = reader->at;
	for (;; reader->at++) {
		unsigned char c = (unsigned char)upper(*reader->at);
		unsigned int digit = base;
		if (c >= '0' && c <= '9')
			digit = c - '0';
		else if (c >= 'A' && c <= 'F')
			digit = c - 'A' + 10u;
		if (digit >= base)
			break;
		value = value * base + digit;
		if (value > UINT32_MAX)
			return fail(reader, start, need_number);
	}
	if (reader->at == first)
		return fail(reader, reader->at, need_number);
	*number = (uint32_t)value;
	return expect(reader, ';', need_semicolon);
}

static bool take_right(struct reader *reader, struct ace *ace)
{
	if (ace->type == SYSTEM_MANDATORY_LABEL_ACE_TYPE &&
	    take_bits(reader, sddl_label_rights, SDDL_COUNT(sddl_label_rights), &ace->mask))
		return true;
	return take_bits(reader, sddl_rights, SDDL_COUNT(sddl_rights), &ace->mask) ||
	       take_bits(reader, sddl_file_rights, SDDL_COUNT(sddl_file_rights), &ace->mask) ||
	       take_bits(reader, sddl_key_rights, SDDL_COUNT(sddl_key_rights), &ace->mask);
}

static bool read_rights(struct reader *reader, struct ace *ace)
{
	skip_blanks(reader);
	if (*reader->at >= '0' && *reader->at <= '9')
		return read_number(reader, &ace->mask);
	while (*reader->at != ';') {
		if (!take_right(reader, ace))
			return fail(reader, reader->at, need_right);
		/* blanks may part two rights, not end them; tabs do neither */
		while (*reader->at == ' ') {
			reader->at++;
			if (*reader->at == ';')
				return fail(reader, reader->at, need_right);
		}
	}
	reader->at++;
	return true;
}

static int hex_value(char c)
{
	c = upper(c);
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Reads "00112233-4455-6677-8899-aabbccddeeff"; the first three fields are little-endian. */
static bool parse_guid(const char *text, struct guid *guid)
{
	static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
	for (unsigned int i = 0; i < 16; i++) {
		if ((i == 4 || i == 6 || i == 8 || i == 10) && *text++ != '-')
			return false;
		int high = hex_value(text[0]);
		int low = high < 0 ? -1 : hex_value(text[1]);
		if (low < 0)
			return false;
		guid->bytes[order[i]] = (uint8_t)(high << 4 | low);
		text += 2;
	}
	return true;
}

/* An optional GUID and its ';'. */
static bool read_guid(struct reader *reader, struct ace *ace, uint32_t flag, struct guid *guid)
{
	if (*reader->at == ';') {
		reader->at++;
		return true;
	}
	if (!ace_type_is_object(ace->type))
		return fail(reader, reader->at, need_no_guid);
	if (!parse_guid(reader->at, guid))
		return fail(reader, reader->at, need_guid);
	reader->at += GUID_TEXT_SIZE;
	ace->object_flags |= flag;
	return expect(reader, ';', need_semicolon);
}

static bool append_ace(struct reader *reader, struct acl *acl, const struct ace *ace)
{
	reader->error = acl_append(acl, ace);
	return reader->error == SD_OK;
}

static bool read_ace(struct reader *reader, enum sddl_list list, struct acl *acl)
{
	struct ace ace = {0};
	reader->at++; /* the parenthesis */
	skip_blanks(reader);
	if (!read_type(reader, list, &ace) || !read_flags(reader, &ace) ||
	    !read_rights(reader, &ace))
		return false;
	if (!read_guid(reader, &ace, ACE_OBJECT_TYPE_PRESENT, &ace.object_type) ||
	    !read_guid(reader, &ace, ACE_INHERITED_OBJECT_TYPE_PRESENT, &ace.inherited_object_type))
		return false;
	skip_blanks(reader);
	if (!read_sid(reader, &ace.sid))
		return false;
	skip_blanks(reader);
	return expect(reader, ')', need_close) && append_ace(reader, acl, &ace);
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

static bool take_acl_flag(struct reader *reader, enum sddl_list list)
{
	for (size_t i = 0; i < SDDL_COUNT(acl_flags); i++) {
		if (!take(reader, acl_flags[i].name))
			continue;
		reader->sd->control |= list == SDDL_DACL ? acl_flags[i].dacl : acl_flags[i].sacl;
		return true;
	}
	return false;
}

static bool read_list(struct reader *reader, enum sddl_list list)
{
	struct acl **slot = list == SDDL_DACL ? &reader->sd->dacl : &reader->sd->sacl;
	reader->sd->control |= list == SDDL_DACL ? SE_DACL_PRESENT : SE_SACL_PRESENT;
	do
		skip_blanks(reader);
	while (take_acl_flag(reader, list));
	if (take(reader, SDDL_NULL_ACL)) {
		skip_blanks(reader);
		return true;
	}
	*slot = acl_create();
	if (!*slot) {
		reader->error = SD_NO_MEMORY;
		return false;
	}
	while (*reader->at == '(') {
		if (!read_ace(reader, list, *slot))
			return false;
		skip_blanks(reader);
	}
	/* say what would be right here, unless a part follows or the text is over */
	if (*reader->at && reader->at[1] != ':')
		return fail(reader, reader->at, need_acl_flag);
	return true;
}

static bool read_principal(struct reader *reader, bool *has, struct sid *sid)
{
	skip_blanks(reader);
	if (!read_sid(reader, sid))
		return false;
	*has = true;
	skip_blanks(reader);
	return true;
}

static bool read_section(struct reader *reader)
{
	struct descriptor *sd = reader->sd;
	const char *start = reader->at;
	char name = start[0];
	if (!name || start[1] != ':')
		return fail(reader, start, need_section);
	reader->at += 2;
	if (name == 'O' && !sd->has_owner)
		return read_principal(reader, &sd->has_owner, &sd->owner);
	if (name == 'G' && !sd->has_group)
		return read_principal(reader, &sd->has_group, &sd->group);
	if (name == 'D' && !(sd->control & SE_DACL_PRESENT))
		return read_list(reader, SDDL_DACL);
	if (name == 'S' && !(sd->control & SE_SACL_PRESENT))
		return read_list(reader, SDDL_SACL);
	return fail(reader, start, need_section);
}

enum sd_error sddl_read(const char *text, const struct sid *domain, struct descriptor **sd,
			struct sddl_fault *fault)
{
	struct reader reader = {.at = text, .domain = domain, .sd = descriptor_create()};
	if (!reader.sd)
		return SD_NO_MEMORY;
	skip_blanks(&reader);
	/* an empty text says nothing about access, and a descriptor without a DACL grants all */
	do {
		if (!read_section(&reader))
			break;
	} while (*reader.at);
	if (reader.error) {
		if (reader.error == SD_BAD_SYNTAX && fault) {
			fault->offset = (size_t)(reader.where - text);
			fault->expected = reader.expected;
		}
		descriptor_destroy(reader.sd);
		return reader.error;
	}
	reader.sd->control |= SE_SELF_RELATIVE;
	*sd = reader.sd;
	return SD_OK;
}
