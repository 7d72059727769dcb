/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading conditions, [MS-DTYP] 2.5.1.1: by recursive descent, from "||" (loosest) down to
 * terms, appending each operator after its operands.  Only parentheses recurse, and they are
 * counted.
 *
 * As loose as Windows is recorded to be: operators, prefixes and SID( in either case, a literal
 * after an operator in parentheses of its own.  As strict, too: "!" needs parentheses or a prefixed
 * name, and no simple name stands to the right of an operator.
 */
#include "acl/condition.h"

#include <stdlib.h>

#include "acl/bytes.h"
#include "acl/sddl_text.h"

#define FIRST_ROOM 256

static const char need_open[] = "a condition in parentheses";
static const char need_close[] = "an operator, '&&', '||' or ')'";
static const char need_term[] = "an attribute, Member_of, Exists, '!' or '('";
static const char need_negated[] = "'(' or an attribute with a prefix";
static const char need_attribute[] = "the name of an attribute";
static const char need_prefix[] = "@User., @Device. or @Resource.";
static const char need_right_side[] =
	"an attribute with a prefix, an integer, a string, SID(), # and octets, or { }";
static const char need_sids[] = "SID() or { } of them";
static const char need_element[] = "an integer, a string, SID(), or # and octets";
static const char need_comma[] = "',' or '}'";
static const char need_sid_close[] = "')' after the SID";
static const char need_literal_close[] = "')' after the value";
static const char need_integer[] = "an integer of at most 64 bits";
static const char need_less_depth[] = "at most 100 parentheses in each other";
static const char need_fewer_operands[] = "at most 100 operands waiting for an operator";
static const char need_fewer_values[] = "at most 4096 values in { }";

/* A condition being built. */
struct builder {
	struct text_reader text;
	uint8_t *bytes;
	size_t size;
	size_t room;
	unsigned int depth;   /* parentheses that are open */
	unsigned int waiting; /* operands that no operator has taken yet */
};

static bool append(struct builder *builder, const void *bytes, size_t size)
{
	if (size > CONDITION_MAX_SIZE - builder->size)
		return text_error(&builder->text, SD_TOO_LARGE);
	if (size > builder->room - builder->size) {
		size_t room = builder->room ? builder->room : FIRST_ROOM;
		while (room - builder->size < size)
			room *= 2;
		uint8_t *more = realloc(builder->bytes, room);
		if (!more)
			return text_error(&builder->text, SD_NO_MEMORY);
		builder->bytes = more;
		builder->room = room;
	}
	if (size)
		memcpy(builder->bytes + builder->size, bytes, size);
	builder->size += size;
	return true;
}

/* A code and the length of the data that follows. */
static bool append_header(struct builder *builder, uint8_t code, size_t size)
{
	uint8_t header[CONDITION_HEADER_SIZE] = {code};
	if (size > CONDITION_MAX_SIZE)
		return text_error(&builder->text, SD_TOO_LARGE);
	put_le32(header + 1, (uint32_t)size);
	return append(builder, header, sizeof(header));
}

static bool append_units(struct builder *builder, uint8_t code, const uint16_t *units,
			 size_t length)
{
	bool done = append_header(builder, code, 2 * length);
	for (size_t i = 0; i < length && done; i++) {
		uint8_t unit[2];
		put_le16(unit, units[i]);
		done = append(builder, unit, sizeof(unit));
	}
	return done;
}

/* An operand that starts at @start is there. */
static bool push(struct builder *builder, const char *start)
{
	if (builder->waiting == CONDITION_MAX_DEPTH)
		return text_fail(&builder->text, start, need_fewer_operands);
	builder->waiting++;
	return true;
}

/* An operator that makes one of @operands. */
static bool reduce(struct builder *builder, uint8_t code, unsigned int operands)
{
	builder->waiting -= operands - 1;
	return append(builder, &code, 1);
}

static void skip(struct builder *builder)
{
	text_skip_wide_blanks(&builder->text);
}

uint8_t text_operator(const char *text, size_t *length)
{
	size_t size = 0;
	/* none is longer, and a long name is not looked at again and again */
	while (size <= strlen("Not_Device_Member_of_Any") && text_is_simple(text[size]))
		size++;
	for (size_t i = 0; i < SDDL_COUNT(sddl_operators) && size; i++) {
		const char *name = sddl_operators[i].name;
		size_t same = 0;
		while (same < size && text_upper(text[same]) == text_upper(name[same]))
			same++;
		if (same == size && !name[same]) {
			*length = size;
			return sddl_operators[i].code;
		}
	}
	return 0;
}

/* If an operator that is a word and @fits comes next, moves behind it; its code, or 0. */
static uint8_t take_word(struct builder *builder, bool (*fits)(uint8_t code))
{
	size_t length;
	uint8_t code = text_operator(builder->text.at, &length);
	if (!code || !fits(code))
		return 0;
	builder->text.at += length;
	return code;
}

static bool is_existence(uint8_t code)
{
	return code == CONDITION_EXISTS || code == CONDITION_NOT_EXISTS;
}

/* The same for the operators of a relation, which are words or signs. */
static uint8_t take_relation(struct builder *builder)
{
	for (size_t i = 0; i < SDDL_COUNT(sddl_operators); i++) {
		const struct sddl_operator *sign = &sddl_operators[i];
		if (!text_is_simple(sign->name[0]) && condition_is_relational(sign->code) &&
		    text_take(&builder->text, sign->name))
			return sign->code;
	}
	return take_word(builder, condition_is_relational);
}

static uint8_t take_prefix(struct builder *builder)
{
	for (size_t i = 0; i < SDDL_COUNT(sddl_prefixes); i++) {
		if (text_take(&builder->text, sddl_prefixes[i].name))
			return sddl_prefixes[i].code;
	}
	return 0;
}

/* "@User." and the like, and a name. */
static bool read_prefixed(struct builder *builder)
{
	const char *start = builder->text.at;
	uint16_t *units;
	size_t length;
	uint8_t code = take_prefix(builder);
	if (!code)
		return text_fail(&builder->text, start, need_prefix);
	if (!text_read_name(&builder->text, &units, &length))
		return false;
	bool done = append_units(builder, code, units, length) && push(builder, start);
	free(units);
	return done;
}

/* A name without prefix: ASCII, and '@' after the first character. */
static bool read_simple(struct builder *builder)
{
	const char *start = builder->text.at;
	size_t length = 0;
	while (text_is_simple(start[length]) || (length && start[length] == '@'))
		length++;
	if (!length)
		return text_fail(&builder->text, start, need_attribute);
	if (!append_header(builder, CONDITION_LOCAL, 2 * length))
		return false;
	for (size_t i = 0; i < length; i++) {
		const char unit[2] = {start[i], 0};
		if (!append(builder, unit, sizeof(unit)))
			return false;
	}
	builder->text.at += length;
	return push(builder, start);
}

static bool read_attribute(struct builder *builder)
{
	return *builder->text.at == '@' ? read_prefixed(builder) : read_simple(builder);
}

static bool read_integer(struct builder *builder)
{
	const char *start = builder->text.at;
	struct text_integer integer;
	uint8_t token[CONDITION_INTEGER_SIZE] = {CONDITION_INT64};
	if (!text_read_integer(&builder->text, &integer))
		return false;
	/* without a sign, octal and hexadecimal say all 64 bits */
	uint64_t most = INT64_MAX;
	if (integer.sign == CONDITION_SIGN_MINUS)
		most++;
	else if (integer.sign == CONDITION_SIGN_NONE && integer.base != CONDITION_DECIMAL)
		most = UINT64_MAX;
	if (integer.magnitude > most)
		return text_fail(&builder->text, start, need_integer);
	uint64_t value =
		integer.sign == CONDITION_SIGN_MINUS ? -integer.magnitude : integer.magnitude;
	put_le32(token + 1, (uint32_t)value);
	put_le32(token + 5, (uint32_t)(value >> 32));
	token[9] = integer.sign;
	token[10] = integer.base;
	return append(builder, token, sizeof(token));
}

static bool read_string(struct builder *builder)
{
	uint16_t *units;
	size_t length;
	if (!text_read_string(&builder->text, &units, &length))
		return false;
	bool done = append_units(builder, CONDITION_STRING, units, length);
	free(units);
	return done;
}

static bool read_octets(struct builder *builder)
{
	uint8_t *bytes;
	size_t size;
	builder->text.at++; /* the number sign */
	if (!text_read_octets(&builder->text, &bytes, &size))
		return false;
	bool done = append_header(builder, CONDITION_OCTETS, size) && append(builder, bytes, size);
	free(bytes);
	return done;
}

/* "SID(" has been taken. */
static bool read_sid(struct builder *builder)
{
	struct sid sid;
	uint8_t bytes[SID_MAX_SIZE];
	if (!text_read_sid(&builder->text, &sid) ||
	    !text_expect(&builder->text, ')', need_sid_close))
		return false;
	size_t size = sid_write(&sid, bytes);
	return append_header(builder, CONDITION_SID, size) && append(builder, bytes, size);
}

/* A literal other than a composite; @expected says what else could stand here. */
static bool read_element(struct builder *builder, const char *expected)
{
	char c = *builder->text.at;
	if (c == '"')
		return read_string(builder);
	if (c == '#')
		return read_octets(builder);
	if (text_take(&builder->text, "SID("))
		return read_sid(builder);
	if ((c >= '0' && c <= '9') || c == '+' || c == '-')
		return read_integer(builder);
	return text_fail(&builder->text, builder->text.at, expected);
}

/* The elements up to '}', which is taken. */
static bool read_elements(struct builder *builder)
{
	skip(builder);
	if (text_take(&builder->text, "}"))
		return true;
	for (unsigned int count = 0;; count++) {
		if (count == CONDITION_MAX_VALUES)
			return text_fail(&builder->text, builder->text.at, need_fewer_values);
		if (!read_element(builder, need_element))
			return false;
		skip(builder);
		if (text_take(&builder->text, "}"))
			return true;
		if (!text_expect(&builder->text, ',', need_comma))
			return false;
		skip(builder);
	}
}

static bool read_composite(struct builder *builder)
{
	size_t header = builder->size;
	builder->text.at++; /* the brace */
	if (!append_header(builder, CONDITION_COMPOSITE, 0) || !read_elements(builder))
		return false;
	size_t size = builder->size - header - CONDITION_HEADER_SIZE;
	put_le32(builder->bytes + header + 1, (uint32_t)size);
	return true;
}

static bool read_literal(struct builder *builder, const char *expected)
{
	return *builder->text.at == '{' ? read_composite(builder) : read_element(builder, expected);
}

/* A literal; it may be @enclosable in parentheses, without blanks. */
static bool read_operand(struct builder *builder, bool enclosable, const char *expected)
{
	const char *start = builder->text.at;
	bool enclosed = enclosable && text_take(&builder->text, "(");
	if (!read_literal(builder, expected) ||
	    (enclosed && !text_expect(&builder->text, ')', need_literal_close)))
		return false;
	return push(builder, start);
}

/* What follows Member_of and its family: SIDs; though Windows takes a composite of anything. */
static bool read_membership(struct builder *builder, uint8_t code)
{
	skip(builder);
	const char *at = builder->text.at + (*builder->text.at == '(');
	if (*at != '{' && text_upper(*at) != 'S')
		return text_fail(&builder->text, at, need_sids);
	return read_operand(builder, true, need_sids) && reduce(builder, code, 1);
}

static bool read_existence(struct builder *builder, uint8_t code)
{
	skip(builder);
	return read_attribute(builder) && reduce(builder, code, 1);
}

/* The right side of the relation @code: no simple name. */
static bool read_right_side(struct builder *builder, uint8_t code)
{
	bool comparison = code >= CONDITION_EQUAL && code <= CONDITION_GREATER_EQUAL;
	skip(builder);
	if (*builder->text.at == '@')
		return read_prefixed(builder);
	return read_operand(builder, comparison, need_right_side);
}

/* An attribute, alone or in a relation. */
static bool read_relation(struct builder *builder)
{
	if (!read_attribute(builder))
		return false;
	skip(builder);
	uint8_t code = take_relation(builder);
	return !code || (read_right_side(builder, code) && reduce(builder, code, 2));
}

static bool read_parentheses(struct builder *builder);

static bool read_negated(struct builder *builder)
{
	builder->text.at++; /* the exclamation mark */
	skip(builder);
	char c = *builder->text.at;
	if (c != '(' && c != '@')
		return text_fail(&builder->text, builder->text.at, need_negated);
	bool done = c == '(' ? read_parentheses(builder) : read_relation(builder);
	return done && reduce(builder, CONDITION_NOT, 1);
}

static bool read_term(struct builder *builder)
{
	skip(builder);
	char c = *builder->text.at;
	if (c == '(')
		return read_parentheses(builder);
	if (c == '!')
		return read_negated(builder);
	uint8_t code = take_word(builder, condition_is_membership);
	if (code)
		return read_membership(builder, code);
	code = take_word(builder, is_existence);
	if (code)
		return read_existence(builder, code);
	if (c != '@' && !text_is_simple(c))
		return text_fail(&builder->text, builder->text.at, need_term);
	return read_relation(builder);
}

/* Terms with "&&" between them; it groups to the left. */
static bool read_conjunction(struct builder *builder)
{
	if (!read_term(builder))
		return false;
	skip(builder);
	while (text_take(&builder->text, "&&")) {
		if (!read_term(builder) || !reduce(builder, CONDITION_AND, 2))
			return false;
		skip(builder);
	}
	return true;
}

static bool read_disjunction(struct builder *builder)
{
	if (!read_conjunction(builder))
		return false;
	while (text_take(&builder->text, "||")) {
		if (!read_conjunction(builder) || !reduce(builder, CONDITION_OR, 2))
			return false;
	}
	return true;
}

static bool read_parentheses(struct builder *builder)
{
	if (builder->depth == CONDITION_MAX_DEPTH)
		return text_fail(&builder->text, builder->text.at, need_less_depth);
	builder->depth++;
	if (!text_expect(&builder->text, '(', need_open) || !read_disjunction(builder) ||
	    !text_expect(&builder->text, ')', need_close))
		return false;
	builder->depth--;
	return true;
}

/* Zeros up to a multiple of four. */
static bool pad(struct builder *builder)
{
	static const uint8_t zeros[4] = {CONDITION_PADDING};
	return append(builder, zeros, align4(builder->size) - builder->size);
}

enum sd_error condition_read_text(const char *text, const struct sid *domain, uint8_t **bytes,
				  size_t *size, const char **end, const char **expected)
{
	struct builder builder = {.text = {.at = text, .domain = domain}};
	if (append(&builder, CONDITION_SIGNATURE, CONDITION_SIGNATURE_SIZE) &&
	    read_parentheses(&builder) && pad(&builder)) {
		*bytes = builder.bytes;
		*size = builder.size;
		*end = builder.text.at;
		return SD_OK;
	}
	free(builder.bytes);
	if (builder.text.error == SD_BAD_SYNTAX) {
		*end = builder.text.where;
		*expected = builder.text.expected;
	}
	return builder.text.error;
}
