/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Values as conditions compare them: what they are, their order, their hash.
 */
#include "acl/condition_value.h"

#include <string.h>

#include "acl/bytes.h"
#include "acl/utf16.h"

enum value_class value_class_of_attribute(uint16_t type)
{
	switch (type) {
	case CLAIM_SECURITY_ATTRIBUTE_TYPE_INT64:
	case CLAIM_SECURITY_ATTRIBUTE_TYPE_UINT64:
	case CLAIM_SECURITY_ATTRIBUTE_TYPE_BOOLEAN:
		return CLASS_NUMBER;
	case CLAIM_SECURITY_ATTRIBUTE_TYPE_STRING:
		return CLASS_STRING;
	case CLAIM_SECURITY_ATTRIBUTE_TYPE_OCTET_STRING:
		return CLASS_OCTETS;
	case CLAIM_SECURITY_ATTRIBUTE_TYPE_SID:
		return CLASS_SID;
	default:
		return CLASS_NONE;
	}
}

enum value_class value_class_of_literal(uint8_t code)
{
	switch (code) {
	case CONDITION_STRING:
		return CLASS_STRING;
	case CONDITION_OCTETS:
		return CLASS_OCTETS;
	case CONDITION_SID:
		return CLASS_SID;
	default:
		return CLASS_NUMBER;
	}
}

void value_of_attribute(const struct attribute *attribute, size_t index, struct value *value)
{
	const struct attribute_value *from = &attribute->values[index];

	value->class = value_class_of_attribute(attribute->type);
	value->bytes = from->bytes;
	value->size = from->size;
	if (value->class == CLASS_SID) {
		value->sid = from->sid;
		value->size = 0;
	} else if (value->class == CLASS_NUMBER) {
		value->number = from->number;
		value->size = 0;
		value->negative = attribute->type == CLAIM_SECURITY_ATTRIBUTE_TYPE_INT64 &&
				  from->number >> 63;
		if (attribute->type == CLAIM_SECURITY_ATTRIBUTE_TYPE_BOOLEAN)
			value->number = from->number != 0;
	}
}

/* Is an integer literal two's complement?  As its text tells: 0xffffffffffffffff is not -1. */
static bool is_signed(const struct condition_item *literal)
{
	uint8_t sign = literal->data[8];

	return sign == CONDITION_SIGN_MINUS ||
	       (sign == CONDITION_SIGN_NONE && literal->data[9] == CONDITION_DECIMAL);
}

void value_of_literal(const struct condition_item *literal, struct value *value)
{
	value->class = value_class_of_literal(literal->code);
	value->bytes = literal->data;
	value->size = literal->size;
	if (value->class == CLASS_SID) {
		sid_read(literal->data, literal->size, &value->sid);
	} else if (value->class == CLASS_NUMBER) {
		value->number = get_le32(literal->data) | (uint64_t)get_le32(literal->data + 4)
								  << 32;
		value->negative = value->number >> 63 && is_signed(literal);
	}
}

static int bytes_compare(const struct value *a, const struct value *b)
{
	size_t shorter = a->size < b->size ? a->size : b->size;
	int order = shorter ? memcmp(a->bytes, b->bytes, shorter) : 0;

	if (order || a->size == b->size)
		return order;
	return a->size < b->size ? -1 : 1;
}

/* Order of two values of one class. */
int value_compare(const struct value *a, const struct value *b, bool fold)
{
	switch (a->class) {
	case CLASS_NUMBER:
		if (a->negative != b->negative)
			return a->negative ? -1 : 1;
		return a->number == b->number ? 0 : a->number < b->number ? -1 : 1;
	case CLASS_STRING:
		return utf16_compare(a->bytes, a->size, b->bytes, b->size, fold);
	case CLASS_SID:
		return sid_equal(&a->sid, &b->sid) ? 0 : 1;
	default:
		return bytes_compare(a, b);
	}
}

uint64_t value_hash(const struct value *value, bool fold)
{
	const uint64_t prime = UINT64_C(0x100000001b3); /* as FNV-1a has it */
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	if (value->class == CLASS_SID)
		return sid_hash(&value->sid);
	if (value->class == CLASS_NUMBER)
		return (value->number ^ value->number >> 32) * UINT64_C(0x9e3779b97f4a7c15);
	if (value->class == CLASS_STRING) {
		for (size_t i = 0; i < value->size; i += 2) {
			uint16_t unit = get_le16(value->bytes + i);

			hash = (hash ^ (fold ? utf16_upper(unit) : unit)) * prime;
		}
		return hash;
	}
	for (size_t i = 0; i < value->size; i++)
		hash = (hash ^ value->bytes[i]) * prime;
	return hash;
}
