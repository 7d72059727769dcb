/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the readers and writers of SDDL share: keywords, a text being read, a text being written,
 * and the scalars of conditions and attributes; private to acl/.
 */
#ifndef GUISE_ACL_SDDL_TEXT_H
#define GUISE_ACL_SDDL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "acl/ace.h"
#include "acl/condition_token.h"
#include "acl/error.h"
#include "acl/mask.h"
#include "acl/sid.h"

#define SDDL_NULL_ACL "NO_ACCESS_CONTROL"

/* mandatory policies of a label, [MS-DTYP] 2.4.4.13 */
#define LABEL_NO_WRITE_UP 0x1u
#define LABEL_NO_READ_UP 0x2u
#define LABEL_NO_EXECUTE_UP 0x4u

/* what KA, KR, KW and KX stand for: rights on registry keys */
#define KEY_ALL_ACCESS 0x000f003fu
#define KEY_READ 0x00020019u
#define KEY_WRITE 0x00020006u

/* Which lists a type belongs in. */
enum sddl_list {
	SDDL_DACL,
	SDDL_SACL,
};

struct sddl_type {
	char name[3];
	uint8_t type;
	enum sddl_list list;
};

struct sddl_bits {
	char name[3];
	uint32_t bits;
};

/* other callback types have no text on Windows either */
static const struct sddl_type sddl_types[] = {
	{"A", ACCESS_ALLOWED_ACE_TYPE, SDDL_DACL},
	{"D", ACCESS_DENIED_ACE_TYPE, SDDL_DACL},
	{"OA", ACCESS_ALLOWED_OBJECT_ACE_TYPE, SDDL_DACL},
	{"OD", ACCESS_DENIED_OBJECT_ACE_TYPE, SDDL_DACL},
	{"XA", ACCESS_ALLOWED_CALLBACK_ACE_TYPE, SDDL_DACL},
	{"XD", ACCESS_DENIED_CALLBACK_ACE_TYPE, SDDL_DACL},
	{"ZA", ACCESS_ALLOWED_CALLBACK_OBJECT_ACE_TYPE, SDDL_DACL},
	{"AU", SYSTEM_AUDIT_ACE_TYPE, SDDL_SACL},
	{"AL", SYSTEM_ALARM_ACE_TYPE, SDDL_SACL},
	{"OU", SYSTEM_AUDIT_OBJECT_ACE_TYPE, SDDL_SACL},
	{"OL", SYSTEM_ALARM_OBJECT_ACE_TYPE, SDDL_SACL},
	{"XU", SYSTEM_AUDIT_CALLBACK_ACE_TYPE, SDDL_SACL},
	{"ML", SYSTEM_MANDATORY_LABEL_ACE_TYPE, SDDL_SACL},
	{"RA", SYSTEM_RESOURCE_ATTRIBUTE_ACE_TYPE, SDDL_SACL},
	{"SP", SYSTEM_SCOPED_POLICY_ID_ACE_TYPE, SDDL_SACL},
};

/* in the order in which they are written */
static const struct sddl_bits sddl_flags[] = {
	{"OI", OBJECT_INHERIT_ACE},
	{"CI", CONTAINER_INHERIT_ACE},
	{"NP", NO_PROPAGATE_INHERIT_ACE},
	{"IO", INHERIT_ONLY_ACE},
	{"ID", INHERITED_ACE},
	{"SA", SUCCESSFUL_ACCESS_ACE_FLAG},
	{"FA", FAILED_ACCESS_ACE_FLAG},
};

/* single bits, in the order in which they are written */
static const struct sddl_bits sddl_rights[] = {
	{"CC", 0x1},           {"DC", 0x2},          {"LC", 0x4},
	{"SW", 0x8},           {"RP", 0x10},         {"WP", 0x20},
	{"DT", 0x40},          {"LO", 0x80},         {"CR", 0x100},
	{"SD", DELETE},        {"RC", READ_CONTROL}, {"WD", WRITE_DAC},
	{"WO", WRITE_OWNER},   {"GA", GENERIC_ALL},  {"GX", GENERIC_EXECUTE},
	{"GW", GENERIC_WRITE}, {"GR", GENERIC_READ},
};

/* several bits at once; those of files are written where nothing else is in the mask */
static const struct sddl_bits sddl_file_rights[] = {
	{"FA", FILE_ALL_ACCESS},
	{"FR", FILE_GENERIC_READ},
	{"FW", FILE_GENERIC_WRITE},
	{"FX", FILE_GENERIC_EXECUTE},
};

static const struct sddl_bits sddl_key_rights[] = {
	{"KA", KEY_ALL_ACCESS},
	{"KR", KEY_READ},
	{"KW", KEY_WRITE},
	{"KX", KEY_READ},
};

/* in a mandatory label only */
static const struct sddl_bits sddl_label_rights[] = {
	{"NW", LABEL_NO_WRITE_UP},
	{"NR", LABEL_NO_READ_UP},
	{"NX", LABEL_NO_EXECUTE_UP},
};

/* Operators of conditions as Windows writes them; read in either case, longer signs first. */
static const struct sddl_operator {
	const char *name;
	uint8_t code; /* enum condition_token */
} sddl_operators[] = {
	{"==", CONDITION_EQUAL},
	{"!=", CONDITION_NOT_EQUAL},
	{"<=", CONDITION_LESS_EQUAL},
	{">=", CONDITION_GREATER_EQUAL},
	{"<", CONDITION_LESS},
	{">", CONDITION_GREATER},
	{"Contains", CONDITION_CONTAINS},
	{"Any_of", CONDITION_ANY_OF},
	{"Not_Contains", CONDITION_NOT_CONTAINS},
	{"Not_Any_of", CONDITION_NOT_ANY_OF},
	{"Exists", CONDITION_EXISTS},
	{"Not_Exists", CONDITION_NOT_EXISTS},
	{"Member_of", CONDITION_MEMBER_OF},
	{"Device_Member_of", CONDITION_DEVICE_MEMBER_OF},
	{"Member_of_any", CONDITION_MEMBER_OF_ANY},
	{"Device_Member_of_Any", CONDITION_DEVICE_MEMBER_OF_ANY},
	{"Not_Member_of", CONDITION_NOT_MEMBER_OF},
	{"Not_Device_Member_of", CONDITION_NOT_DEVICE_MEMBER_OF},
	{"Not_Member_of_Any", CONDITION_NOT_MEMBER_OF_ANY},
	{"Not_Device_Member_of_Any", CONDITION_NOT_DEVICE_MEMBER_OF_ANY},
	{"&&", CONDITION_AND},
	{"||", CONDITION_OR},
	{"!", CONDITION_NOT},
};

/* Prefixes of attribute names; those without one have CONDITION_LOCAL. */
static const struct sddl_operator sddl_prefixes[] = {
	{"@USER.", CONDITION_USER},
	{"@DEVICE.", CONDITION_DEVICE},
	{"@RESOURCE.", CONDITION_RESOURCE},
};

#define SDDL_COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* A text being read.  Functions move @at, and return false after an error. */
struct text_reader {
	const char *at;
	const struct sid *domain; /* behind aliases such as DA; may be NULL */
	enum sd_error error;
	const char *where; /* of the fault, with SD_BAD_SYNTAX */
	const char *expected;
};

static inline bool text_fail(struct text_reader *reader, const char *where, const char *expected)
{
	reader->error = SD_BAD_SYNTAX;
	reader->where = where;
	reader->expected = expected;
	return false;
}

static inline bool text_error(struct text_reader *reader, enum sd_error error)
{
	reader->error = error;
	return error == SD_OK;
}

static inline bool text_expect(struct text_reader *reader, char c, const char *expected)
{
	if (*reader->at != c)
		return text_fail(reader, reader->at, expected);
	reader->at++;
	return true;
}

static inline char text_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* The value of a hexadecimal digit in either case, or -1. */
static inline int text_hex_value(char c)
{
	c = text_upper(c);
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* If @keyword, without lower-case letters, is next, in either case, moves behind it. */
static inline bool text_take(struct text_reader *reader, const char *keyword)
{
	size_t i = 0;
	for (; keyword[i]; i++) {
		if (text_upper(reader->at[i]) != keyword[i])
			return false;
	}
	reader->at += i;
	return true;
}

/* A SID in full or as an alias. */
bool text_read_sid(struct text_reader *reader, struct sid *sid);

/*
 * The operator that the word at @text is, in any case, as its code, and its length; 0 if it is
 * none.  A word is all characters that may be in a simple name.
 */
uint8_t text_operator(const char *text, size_t *length);

/* Blanks as the grammar of conditions has them: tab, line feed, VT, FF, CR and space. */
void text_skip_wide_blanks(struct text_reader *reader);

/* How an integer was written; sign and base as in condition_token.h. */
struct text_integer {
	uint64_t magnitude;
	uint8_t sign;
	uint8_t base;
};

/* Decimal, octal or hexadecimal, at most 64 bits, with an optional sign. */
bool text_read_integer(struct text_reader *reader, struct text_integer *integer);

/*
 * Pairs of hexadecimal digits up to something else; '#' stands for 0, too.  The '#' in front has
 * been taken.  Allocates *@bytes (free()).
 */
bool text_read_octets(struct text_reader *reader, uint8_t **bytes, size_t *size);

/* A string in quotes, as UTF-16 in host order.  Allocates *@units (free()). */
bool text_read_string(struct text_reader *reader, uint16_t **units, size_t *length);

/*
 * The name of an attribute up to a character that cannot be in one, with %XXXX for those that
 * have to be escaped.  Allocates *@units (free()).
 */
bool text_read_name(struct text_reader *reader, uint16_t **units, size_t *length);

/* May @c be in an attribute name without a prefix? */
bool text_is_simple(char c);

/* A text being written; grows. */
struct text_writer {
	char *text;
	size_t size;
	size_t room;
	const struct sid *domain; /* as above */
	size_t grown;             /* bytes that what is read again has more, in this list */
};

/* Makes room for @size more characters; SD_OK or SD_NO_MEMORY. */
enum sd_error text_reserve(struct text_writer *writer, size_t size);

/* The functions below append to what has been reserved. */

static inline void text_put_char(struct text_writer *writer, char c)
{
	writer->text[writer->size++] = c;
}

static inline void text_put(struct text_writer *writer, const char *text)
{
	size_t length = strlen(text);
	memcpy(writer->text + writer->size, text, length);
	writer->size += length;
}

static inline void text_put_pair(struct text_writer *writer, const char name[2])
{
	text_put_char(writer, name[0]);
	text_put_char(writer, name[1]);
}

/* An alias, or at most SID_MAX_TEXT characters. */
void text_put_sid(struct text_writer *writer, const struct sid *sid);

/* The longest number that text_put_number() writes: 22 octal digits. */
#define NUMBER_MAX_TEXT 22

/* The digits of @number. */
void text_put_number(struct text_writer *writer, uint64_t number, unsigned int base);

/* These reserve what they need; @bytes are UTF-16, little-endian, or octets. */
enum sd_error text_write(struct text_writer *writer, const char *text);
enum sd_error text_write_name(struct text_writer *writer, const uint8_t *bytes, size_t size);
enum sd_error text_write_string(struct text_writer *writer, const uint8_t *bytes, size_t size);
enum sd_error text_write_octets(struct text_writer *writer, const uint8_t *bytes, size_t size);

#endif
