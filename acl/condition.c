/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The binary form of conditional expressions: what is well-formed.
 */
#include "acl/condition.h"

#include <string.h>

#include "acl/bytes.h"
#include "acl/condition_token.h"

bool condition_begins(const uint8_t *bytes, size_t size)
{
	return size >= CONDITION_SIGNATURE_SIZE && size <= CONDITION_MAX_SIZE &&
	       !memcmp(bytes, CONDITION_SIGNATURE, CONDITION_SIGNATURE_SIZE);
}

bool condition_is_membership(uint8_t code)
{
	return (code >= CONDITION_MEMBER_OF && code <= CONDITION_DEVICE_MEMBER_OF_ANY) ||
	       (code >= CONDITION_NOT_MEMBER_OF && code <= CONDITION_NOT_DEVICE_MEMBER_OF_ANY);
}

bool condition_is_relational(uint8_t code)
{
	return (code >= CONDITION_EQUAL && code <= CONDITION_CONTAINS) ||
	       code == CONDITION_ANY_OF || code == CONDITION_NOT_CONTAINS ||
	       code == CONDITION_NOT_ANY_OF;
}

static size_t read_integer(const uint8_t *bytes, size_t size, struct condition_item *item)
{
	uint8_t sign, base;

	if (size < CONDITION_INTEGER_SIZE)
		return 0;
	sign = bytes[9];
	base = bytes[10];
	if (sign < CONDITION_SIGN_PLUS || sign > CONDITION_SIGN_NONE || base < CONDITION_OCTAL ||
	    base > CONDITION_HEXADECIMAL)
		return 0;
	item->data = bytes + 1;
	item->size = CONDITION_INTEGER_SIZE - 1;
	return CONDITION_INTEGER_SIZE;
}

/* A token with a length before its data; what the data is, is not checked yet. */
static size_t read_counted(const uint8_t *bytes, size_t size, struct condition_item *item)
{
	uint32_t length;

	if (size < CONDITION_HEADER_SIZE)
		return 0;
	length = get_le32(bytes + 1);
	if (length > size - CONDITION_HEADER_SIZE)
		return 0;
	item->data = bytes + CONDITION_HEADER_SIZE;
	item->size = length;
	return CONDITION_HEADER_SIZE + length;
}

size_t condition_element_read(const uint8_t *bytes, size_t size, struct condition_item *item)
{
	struct sid sid;
	size_t used;

	if (!size)
		return 0;
	item->code = bytes[0];
	switch (item->code) {
	case CONDITION_INT8:
	case CONDITION_INT16:
	case CONDITION_INT32:
	case CONDITION_INT64:
		return read_integer(bytes, size, item);
	case CONDITION_STRING:
		used = read_counted(bytes, size, item);
		return used && item->size % 2 == 0 ? used : 0;
	case CONDITION_OCTETS:
		return read_counted(bytes, size, item);
	case CONDITION_SID:
		used = read_counted(bytes, size, item);
		return used && item->size && sid_read(item->data, item->size, &sid) == item->size
			       ? used
			       : 0;
	default:
		return 0;
	}
}

static bool composite_valid(const struct condition_item *composite)
{
	struct condition_item element;
	size_t count = 0;

	for (size_t at = 0, used; at < composite->size; at += used) {
		used = condition_element_read(composite->data + at, composite->size - at, &element);
		if (!used || ++count > CONDITION_MAX_VALUES)
			return false;
	}
	return true;
}

static size_t read_composite(const uint8_t *bytes, size_t size, struct condition_item *item)
{
	size_t used = read_counted(bytes, size, item);

	return used && composite_valid(item) ? used : 0;
}

static size_t read_name(const uint8_t *bytes, size_t size, struct condition_item *item)
{
	size_t used = read_counted(bytes, size, item);

	return used && item->size && item->size % 2 == 0 ? used : 0;
}

size_t condition_item_read(const uint8_t *bytes, size_t size, struct condition_item *item)
{
	if (!size)
		return 0;
	if (bytes[0] < CONDITION_COMPOSITE || bytes[0] == CONDITION_SID)
		return condition_element_read(bytes, size, item);
	item->code = bytes[0];
	item->data = NULL;
	item->size = 0;
	if (item->code == CONDITION_COMPOSITE)
		return read_composite(bytes, size, item);
	if (item->code >= CONDITION_LOCAL && item->code <= CONDITION_DEVICE)
		return read_name(bytes, size, item);
	return item->code >= CONDITION_EQUAL && item->code <= CONDITION_NOT ? 1 : 0;
}

/* Whether there is a top operand to look at is the caller's question. */
static uint8_t shape_top(const struct condition_shape *shape, size_t below)
{
	return shape->kinds[shape->depth - 1 - below];
}

static bool shape_push(struct condition_shape *shape, enum condition_kind kind)
{
	if (shape->depth == CONDITION_MAX_DEPTH)
		return false;
	shape->kinds[shape->depth++] = (uint8_t)kind;
	return true;
}

static bool has_logical_value(uint8_t kind)
{
	return kind == CONDITION_KIND_RESULT || kind == CONDITION_KIND_ATTRIBUTE;
}

/* Replaces @count operands by a result. */
static bool shape_reduce(struct condition_shape *shape, size_t count, bool fits)
{
	if (!fits)
		return false;
	shape->depth -= count;
	shape->kinds[shape->depth++] = CONDITION_KIND_RESULT;
	return true;
}

static bool apply_unary(struct condition_shape *shape, uint8_t code)
{
	uint8_t kind;

	if (shape->depth < 1)
		return false;
	kind = shape_top(shape, 0);
	if (condition_is_membership(code))
		return shape_reduce(shape, 1,
				    kind == CONDITION_KIND_SID || kind == CONDITION_KIND_COMPOSITE);
	if (code == CONDITION_NOT)
		return shape_reduce(shape, 1, has_logical_value(kind));
	return shape_reduce(shape, 1, kind == CONDITION_KIND_ATTRIBUTE);
}

static bool apply_binary(struct condition_shape *shape, uint8_t code)
{
	uint8_t left, right;

	if (shape->depth < 2)
		return false;
	left = shape_top(shape, 1);
	right = shape_top(shape, 0);
	if (condition_is_relational(code))
		return shape_reduce(shape, 2,
				    left == CONDITION_KIND_ATTRIBUTE &&
					    right != CONDITION_KIND_RESULT);
	return shape_reduce(shape, 2, has_logical_value(left) && has_logical_value(right));
}

bool condition_shape_apply(struct condition_shape *shape, const struct condition_item *item)
{
	uint8_t code = item->code;

	if (code == CONDITION_COMPOSITE)
		return shape_push(shape, CONDITION_KIND_COMPOSITE);
	if (code == CONDITION_SID)
		return shape_push(shape, CONDITION_KIND_SID);
	if (code < CONDITION_COMPOSITE)
		return shape_push(shape, CONDITION_KIND_LITERAL);
	if (code >= CONDITION_LOCAL)
		return shape_push(shape, CONDITION_KIND_ATTRIBUTE);
	if (code == CONDITION_AND || code == CONDITION_OR || condition_is_relational(code))
		return apply_binary(shape, code);
	if (code == CONDITION_NOT || code == CONDITION_EXISTS || code == CONDITION_NOT_EXISTS ||
	    condition_is_membership(code))
		return apply_unary(shape, code);
	return false;
}

bool condition_ends(const struct condition_shape *shape, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] != CONDITION_PADDING)
			return false;
	}
	return shape->depth == 1 && has_logical_value(shape->kinds[0]);
}

bool condition_valid(const uint8_t *bytes, size_t size)
{
	struct condition_shape shape;
	struct condition_item item;
	size_t at = CONDITION_SIGNATURE_SIZE;

	if (!condition_begins(bytes, size))
		return false;
	shape.depth = 0;
	while (at < size && bytes[at] != CONDITION_PADDING) {
		size_t used = condition_item_read(bytes + at, size - at, &item);

		if (!used || !condition_shape_apply(&shape, &item))
			return false;
		at += used;
	}
	return condition_ends(&shape, bytes + at, size - at);
}
