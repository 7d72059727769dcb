/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Security attributes as text in resource attribute ACEs, [MS-DTYP] 2.5.1.1, and the scalars
 * that they share with conditions: names, numbers, strings, octets.
 */
#include "acl/attribute.h"

#include <errno.h>
#include <stdlib.h>
#include <unistr.h>

#include "acl/bytes.h"
#include "acl/condition_token.h"
#include "acl/sddl_text.h"

/* reserved, [MS-DTYP] 2.4.10.1: the low byte is the system's, the high half free for others */
#define RESERVED_FLAGS 0xff00u

#define FIRST_VALUES 4

static const char need_open[] = "an attribute in parentheses";
static const char need_quote[] = "'\"' and the name of an attribute";
static const char need_name[] = "letters, digits, :./_#$'*+-;?@[\\]^`{}~ or %XXXX";
static const char need_escape[] = "four hexadecimal digits of a character that is no name's";
static const char need_short_name[] = "a name of at most 4096 characters";
static const char need_end_of_name[] = "'\"' at the end of the name";
static const char need_comma[] = "','";
static const char need_type[] = "a type: TI TU TS TD TX TB";
static const char need_flags[] = "flags of at most 32 bits, none of 0xff00";
static const char need_value[] = "',' and a value, or ')'";
static const char need_fewer[] = "at most 4096 values";
static const char need_integer[] = "an integer of at most 64 bits";
static const char need_signed[] = "an integer of at most 63 bits and a sign";
static const char need_unsigned[] = "an integer of at most 64 bits, not negative";
static const char need_boolean[] = "0 or 1";
static const char need_string[] = "a string in double quotes";
static const char need_end_of_string[] = "'\"' at the end of the string";
static const char need_utf8[] = "well-formed UTF-8";
static const char need_octets[] = "octets of two hexadecimal digits each";

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

void text_skip_wide_blanks(struct text_reader *reader)
{
	while (is_blank(*reader->at))
		reader->at++;
}

bool text_is_simple(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == ':' || c == '.' || c == '/' || c == '_';
}

/* Is @c the grammar's attr-char2: in a name as it is, never escaped? */
static bool is_literal(unsigned int c)
{
	return c && c < 0x80 && (text_is_simple((char)c) || strchr("#$'*+-;?@[\\]^`{}~", (int)c));
}

/* Moves behind the digits of @base. */
static bool read_digits(struct text_reader *reader, unsigned int base, uint64_t *number)
{
	const char *start = reader->at;
	*number = 0;
	for (;; reader->at++) {
		int digit = text_hex_value(*reader->at);
		if (digit < 0 || (unsigned int)digit >= base)
			break;
		if (__builtin_mul_overflow(*number, base, number) ||
		    __builtin_add_overflow(*number, (unsigned int)digit, number))
			return text_fail(reader, start, need_integer);
	}
	return reader->at > start || text_fail(reader, start, need_integer);
}

bool text_read_integer(struct text_reader *reader, struct text_integer *integer)
{
	static const unsigned int bases[] = {
		[CONDITION_OCTAL] = 8, [CONDITION_DECIMAL] = 10, [CONDITION_HEXADECIMAL] = 16};
	const char *start = reader->at;
	integer->sign = CONDITION_SIGN_NONE;
	if (*start == '+' || *start == '-') {
		integer->sign = *start == '+' ? CONDITION_SIGN_PLUS : CONDITION_SIGN_MINUS;
		reader->at++;
	}
	integer->base = CONDITION_DECIMAL;
	if (text_take(reader, "0X"))
		integer->base = CONDITION_HEXADECIMAL;
	else if (reader->at[0] == '0' && text_hex_value(reader->at[1]) >= 0)
		integer->base = CONDITION_OCTAL;
	if (!read_digits(reader, bases[integer->base], &integer->magnitude))
		return false;
	/* "17p" and "08" are none */
	return !text_is_simple(*reader->at) || text_fail(reader, start, need_integer);
}

/* The value of a digit of octets, where '#' is another way to write 0. */
static int octet_digit(char c)
{
	return c == '#' ? 0 : text_hex_value(c);
}

bool text_read_octets(struct text_reader *reader, uint8_t **bytes, size_t *size)
{
	const char *start = reader->at;
	size_t digits = 0;
	while (octet_digit(start[digits]) >= 0)
		digits++;
	if (digits % 2)
		return text_fail(reader, start, need_octets);
	uint8_t *result = malloc(digits / 2 + 1);
	if (!result)
		return text_error(reader, SD_NO_MEMORY);
	for (size_t i = 0; i < digits / 2; i++)
		result[i] =
			(uint8_t)(octet_digit(start[2 * i]) << 4 | octet_digit(start[2 * i + 1]));
	reader->at = start + digits;
	*bytes = result;
	*size = digits / 2;
	return true;
}

bool text_read_string(struct text_reader *reader, uint16_t **units, size_t *length)
{
	const char *start = reader->at;
	if (!text_expect(reader, '"', need_string))
		return false;
	const char *end = strchr(reader->at, '"');
	if (!end)
		return text_fail(reader, start + strlen(start), need_end_of_string);
	size_t size = (size_t)(end - reader->at);
	uint16_t *result = u8_to_u16((const uint8_t *)reader->at, size, NULL, length);
	if (!result && errno == ENOMEM)
		return text_error(reader, SD_NO_MEMORY);
	if (!result)
		return text_fail(reader, start, need_utf8);
	reader->at = end + 1;
	*units = result;
	return true;
}

/* "%XXXX" of a character that a name cannot have as it is. */
static bool read_escape(struct text_reader *reader, uint16_t *unit)
{
	unsigned int value = 0;
	for (unsigned int i = 1; i <= 4; i++) {
		int digit = text_hex_value(reader->at[i]);
		if (digit < 0)
			return text_fail(reader, reader->at, need_escape);
		value = value << 4 | (unsigned int)digit;
	}
	if (!value || is_literal(value))
		return text_fail(reader, reader->at, need_escape);
	reader->at += 5;
	*unit = (uint16_t)value;
	return true;
}

/* Is @c at the start of a character of a name?  A comma stands in Samba's, though in no grammar. */
static bool is_of_name(char c)
{
	return c == '%' || c == ',' || (c & 0x80) || is_literal((unsigned char)c);
}

/* One character of a name that is @left bytes long; stores one or two units. */
static bool read_character(struct text_reader *reader, size_t left, uint16_t units[2], int *count)
{
	ucs4_t character;
	if (*reader->at == '%') {
		*count = 1;
		return read_escape(reader, units);
	}
	int size = u8_mbtoucr(&character, (const uint8_t *)reader->at, left);
	*count = size < 0 ? -1 : u16_uctomb(units, character, 2);
	if (*count < 0)
		return text_fail(reader, reader->at, need_utf8);
	reader->at += size;
	return true;
}

bool text_read_name(struct text_reader *reader, uint16_t **units, size_t *length)
{
	const char *end = reader->at;
	while (is_of_name(*end))
		end++;
	if (end == reader->at)
		return text_fail(reader, end, need_name);
	/* a character has at least as many bytes as units */
	uint16_t *result = reallocarray(NULL, (size_t)(end - reader->at) + 1, sizeof(*result));
	if (!result)
		return text_error(reader, SD_NO_MEMORY);
	size_t used = 0;
	while (reader->at < end) {
		int count;
		if (!read_character(reader, (size_t)(end - reader->at), result + used, &count)) {
			free(result);
			return false;
		}
		used += (size_t)count;
	}
	*units = result;
	*length = used;
	return true;
}

void text_put_number(struct text_writer *writer, uint64_t number, unsigned int base)
{
	char digits[NUMBER_MAX_TEXT];
	unsigned int count = 0;
	do {
		digits[count++] = "0123456789abcdef"[number % base];
		number /= base;
	} while (number);
	while (count)
		text_put_char(writer, digits[--count]);
}

enum sd_error text_write(struct text_writer *writer, const char *text)
{
	enum sd_error error = text_reserve(writer, strlen(text));
	if (!error)
		text_put(writer, text);
	return error;
}

static void put_escape(struct text_writer *writer, uint16_t unit)
{
	text_put_char(writer, '%');
	for (int shift = 12; shift >= 0; shift -= 4)
		text_put_char(writer, "0123456789abcdef"[unit >> shift & 15]);
}

enum sd_error text_write_name(struct text_writer *writer, const uint8_t *bytes, size_t size)
{
	enum sd_error error = text_reserve(writer, size / 2 * 5);
	if (error)
		return error;
	if (size < 2)
		return SD_NO_TEXT;
	for (size_t i = 0; i + 1 < size; i += 2) {
		uint16_t unit = get_le16(bytes + i);
		if (!unit)
			return SD_NO_TEXT;
		if (is_literal(unit))
			text_put_char(writer, (char)unit);
		else
			put_escape(writer, unit);
	}
	return SD_OK;
}

/* UTF-16 as UTF-8 (free()), if it is well-formed and can stand in quotes. */
static enum sd_error encode_string(const uint8_t *bytes, size_t size, uint8_t **utf8,
				   size_t *length)
{
	uint16_t *units = malloc(size + 1);
	if (!units)
		return SD_NO_MEMORY;
	enum sd_error error = SD_OK;
	for (size_t i = 0; i < size / 2; i++) {
		units[i] = get_le16(bytes + 2 * i);
		if (units[i] == '"' || units[i] == 0)
			error = SD_NO_TEXT;
	}
	if (!error) {
		*utf8 = u16_to_u8(units, size / 2, NULL, length);
		if (!*utf8)
			error = errno == ENOMEM ? SD_NO_MEMORY : SD_NO_TEXT;
	}
	free(units);
	return error;
}

enum sd_error text_write_string(struct text_writer *writer, const uint8_t *bytes, size_t size)
{
	uint8_t *utf8 = NULL;
	size_t length = 0;
	enum sd_error error = encode_string(bytes, size, &utf8, &length);
	if (!error)
		error = text_reserve(writer, length + 2);
	if (!error) {
		text_put_char(writer, '"');
		memcpy(writer->text + writer->size, utf8, length);
		writer->size += length;
		text_put_char(writer, '"');
	}
	free(utf8);
	return error;
}

enum sd_error text_write_octets(struct text_writer *writer, const uint8_t *bytes, size_t size)
{
	static const char hex[] = "0123456789ABCDEF";
	enum sd_error error = text_reserve(writer, 2 * size);
	for (size_t i = 0; i < size && !error; i++) {
		text_put_char(writer, hex[bytes[i] >> 4]);
		text_put_char(writer, hex[bytes[i] & 15]);
	}
	return error;
}

static const struct {
	char name[3];
	uint16_t type;
} types[] = {
	{"TI", CLAIM_SECURITY_ATTRIBUTE_TYPE_INT64},
	{"TU", CLAIM_SECURITY_ATTRIBUTE_TYPE_UINT64},
	{"TS", CLAIM_SECURITY_ATTRIBUTE_TYPE_STRING},
	{"TD", CLAIM_SECURITY_ATTRIBUTE_TYPE_SID},
	{"TX", CLAIM_SECURITY_ATTRIBUTE_TYPE_OCTET_STRING},
	{"TB", CLAIM_SECURITY_ATTRIBUTE_TYPE_BOOLEAN},
};

static bool read_comma(struct text_reader *reader)
{
	text_skip_wide_blanks(reader);
	if (!text_expect(reader, ',', need_comma))
		return false;
	text_skip_wide_blanks(reader);
	return true;
}

static bool read_name(struct text_reader *reader, struct attribute *attribute)
{
	text_skip_wide_blanks(reader);
	if (!text_expect(reader, '"', need_quote))
		return false;
	const char *start = reader->at;
	if (!text_read_name(reader, &attribute->name, &attribute->name_length))
		return false;
	if (attribute->name_length > ATTRIBUTE_MAX_NAME)
		return text_fail(reader, start, need_short_name);
	return text_expect(reader, '"', need_end_of_name);
}

static bool read_type(struct text_reader *reader, struct attribute *attribute)
{
	for (size_t i = 0; i < SDDL_COUNT(types); i++) {
		if (text_take(reader, types[i].name)) {
			attribute->type = types[i].type;
			return true;
		}
	}
	return text_fail(reader, reader->at, need_type);
}

static bool read_flags(struct text_reader *reader, struct attribute *attribute)
{
	const char *start = reader->at;
	struct text_integer flags;
	if (!text_read_integer(reader, &flags))
		return text_fail(reader, start, need_flags);
	if (flags.magnitude > UINT32_MAX || (flags.magnitude & RESERVED_FLAGS) ||
	    (flags.sign == CONDITION_SIGN_MINUS && flags.magnitude))
		return text_fail(reader, start, need_flags);
	attribute->flags = (uint32_t)flags.magnitude;
	return true;
}

/* Reads a number of @type; numbers that do not fit are refused. */
static bool read_number(struct text_reader *reader, uint16_t type, uint64_t *number)
{
	const char *start = reader->at;
	struct text_integer integer;
	if (!text_read_integer(reader, &integer))
		return false;
	bool negative = integer.sign == CONDITION_SIGN_MINUS && integer.magnitude;
	*number = negative ? -integer.magnitude : integer.magnitude;
	if (type == CLAIM_SECURITY_ATTRIBUTE_TYPE_INT64)
		return integer.magnitude <= (uint64_t)INT64_MAX + negative ||
		       text_fail(reader, start, need_signed);
	if (type == CLAIM_SECURITY_ATTRIBUTE_TYPE_UINT64)
		return !negative || text_fail(reader, start, need_unsigned);
	return *number <= 1 || text_fail(reader, start, need_boolean);
}

static bool read_string(struct text_reader *reader, struct attribute_value *value)
{
	uint16_t *units;
	size_t length;
	if (!text_read_string(reader, &units, &length))
		return false;
	value->size = 2 * length;
	value->bytes = malloc(value->size + 1);
	for (size_t i = 0; value->bytes && i < length; i++)
		put_le16(value->bytes + 2 * i, units[i]);
	free(units);
	return value->bytes || text_error(reader, SD_NO_MEMORY);
}

/* Windows writes octets without '#'; with it they can be none. */
static bool read_octets(struct text_reader *reader, struct attribute_value *value)
{
	const char *start = reader->at;
	if (*start == '#')
		reader->at++;
	else if (text_hex_value(*start) < 0)
		return text_fail(reader, start, need_octets);
	return text_read_octets(reader, &value->bytes, &value->size);
}

static bool read_value(struct text_reader *reader, uint16_t type, struct attribute_value *value)
{
	switch (type) {
	case CLAIM_SECURITY_ATTRIBUTE_TYPE_STRING:
		return read_string(reader, value);
	case CLAIM_SECURITY_ATTRIBUTE_TYPE_SID:
		return text_read_sid(reader, &value->sid);
	case CLAIM_SECURITY_ATTRIBUTE_TYPE_OCTET_STRING:
		return read_octets(reader, value);
	default:
		return read_number(reader, type, &value->number);
	}
}

/* Room for one more value, cleared. */
static bool add_value(struct text_reader *reader, struct attribute *attribute, size_t *room)
{
	if (attribute->count == ATTRIBUTE_MAX_VALUES)
		return text_fail(reader, reader->at, need_fewer);
	if (attribute->count == *room) {
		*room = *room ? 2 * *room : FIRST_VALUES;
		struct attribute_value *values =
			reallocarray(attribute->values, *room, sizeof(*values));
		if (!values)
			return text_error(reader, SD_NO_MEMORY);
		attribute->values = values;
	}
	memset(&attribute->values[attribute->count++], 0, sizeof(attribute->values[0]));
	return true;
}

static bool read_values(struct text_reader *reader, struct attribute *attribute)
{
	size_t room = 0;
	text_skip_wide_blanks(reader);
	while (*reader->at == ',') {
		reader->at++;
		text_skip_wide_blanks(reader);
		if (!add_value(reader, attribute, &room) ||
		    !read_value(reader, attribute->type, &attribute->values[attribute->count - 1]))
			return false;
		text_skip_wide_blanks(reader);
	}
	return text_expect(reader, ')', need_value);
}

enum sd_error attribute_read_text(const char *text, const struct sid *domain,
				  struct attribute *attribute, const char **end,
				  const char **expected)
{
	struct text_reader reader = {.at = text, .domain = domain};
	struct attribute read = {0};
	if (text_expect(&reader, '(', need_open) && read_name(&reader, &read) &&
	    read_comma(&reader) && read_type(&reader, &read) && read_comma(&reader) &&
	    read_flags(&reader, &read) && read_values(&reader, &read)) {
		*attribute = read;
		*end = reader.at;
		return SD_OK;
	}
	attribute_clear(&read);
	if (reader.error == SD_BAD_SYNTAX) {
		*end = reader.where;
		*expected = reader.expected;
	}
	return reader.error;
}

static const char *type_name(const struct attribute *attribute)
{
	for (size_t i = 0; i < SDDL_COUNT(types); i++) {
		if (types[i].type == attribute->type)
			return types[i].name;
	}
	return NULL;
}

static enum sd_error write_name(struct text_writer *writer, const struct attribute *attribute)
{
	uint8_t *bytes = malloc(2 * attribute->name_length + 1);
	if (!bytes)
		return SD_NO_MEMORY;
	for (size_t i = 0; i < attribute->name_length; i++)
		put_le16(bytes + 2 * i, attribute->name[i]);
	enum sd_error error = text_write_name(writer, bytes, 2 * attribute->name_length);
	free(bytes);
	return error;
}

static enum sd_error write_number(struct text_writer *writer, uint16_t type, uint64_t number)
{
	if (type == CLAIM_SECURITY_ATTRIBUTE_TYPE_BOOLEAN && number > 1)
		return SD_NO_TEXT;
	enum sd_error error = text_reserve(writer, 1 + NUMBER_MAX_TEXT);
	if (error)
		return error;
	if (type == CLAIM_SECURITY_ATTRIBUTE_TYPE_INT64 && number > INT64_MAX) {
		text_put_char(writer, '-');
		number = -number;
	}
	text_put_number(writer, number, 10);
	return SD_OK;
}

static enum sd_error write_value(struct text_writer *writer, uint16_t type,
				 const struct attribute_value *value)
{
	switch (type) {
	case CLAIM_SECURITY_ATTRIBUTE_TYPE_STRING:
		return text_write_string(writer, value->bytes, value->size);
	case CLAIM_SECURITY_ATTRIBUTE_TYPE_OCTET_STRING:
		return value->size ? text_write_octets(writer, value->bytes, value->size)
				   : text_write(writer, "#");
	case CLAIM_SECURITY_ATTRIBUTE_TYPE_SID:
		if (text_reserve(writer, SID_MAX_TEXT))
			return SD_NO_MEMORY;
		text_put_sid(writer, &value->sid);
		return SD_OK;
	default:
		return write_number(writer, type, value->number);
	}
}

/* The name, type and flags. */
static enum sd_error write_head(struct text_writer *writer, const struct attribute *attribute)
{
	const char *type = type_name(attribute);
	if (!type || (attribute->flags & RESERVED_FLAGS) ||
	    attribute->name_length > ATTRIBUTE_MAX_NAME || attribute->count > ATTRIBUTE_MAX_VALUES)
		return SD_NO_TEXT;
	enum sd_error error = text_write(writer, "(\"");
	if (!error)
		error = write_name(writer, attribute);
	if (!error)
		error = text_reserve(writer, strlen("\",TX,0x") + NUMBER_MAX_TEXT);
	if (error)
		return error;
	text_put(writer, "\",");
	text_put(writer, type);
	text_put(writer, ",0x");
	text_put_number(writer, attribute->flags, 16);
	return SD_OK;
}

enum sd_error attribute_write_text(const struct attribute *attribute, const struct sid *domain,
				   char **text)
{
	struct text_writer writer = {.domain = domain};
	enum sd_error error = write_head(&writer, attribute);
	for (size_t i = 0; i < attribute->count && !error; i++) {
		error = text_write(&writer, ",");
		if (!error)
			error = write_value(&writer, attribute->type, &attribute->values[i]);
	}
	if (!error)
		error = text_write(&writer, ")");
	if (!error)
		error = text_reserve(&writer, 1);
	if (error) {
		free(writer.text);
		return error;
	}
	text_put_char(&writer, '\0');
	*text = writer.text;
	return SD_OK;
}
