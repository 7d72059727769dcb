/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Values as conditions compare them, of claims and of literals; private to acl/.
 */
#ifndef GUISE_ACL_CONDITION_VALUE_H
#define GUISE_ACL_CONDITION_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acl/attribute.h"
#include "acl/condition_token.h"
#include "acl/sid.h"

/* What can be compared with each other. */
enum value_class {
	CLASS_NUMBER,
	CLASS_STRING,
	CLASS_OCTETS,
	CLASS_SID,
	CLASS_NONE /* of an unknown type */
};

struct value {
	enum value_class class;
	bool negative;
	uint64_t number;      /* two's complement if negative */
	const uint8_t *bytes; /* STRING, OCTETS */
	size_t size;
	struct sid sid;
};

/* What the values of an attribute of @type are; CLASS_NONE: the type is unknown. */
enum value_class value_class_of_attribute(uint16_t type);

/* The same for a simple literal. */
enum value_class value_class_of_literal(uint8_t code);

/* The @index-th value of @attribute. */
void value_of_attribute(const struct attribute *attribute, size_t index, struct value *value);

/* The value of a simple literal, which is well-formed. */
void value_of_literal(const struct condition_item *literal, struct value *value);

/*
 * Orders two values of one class: below, equal to or above 0.  With @fold strings compare without
 * regard to case.  SIDs are equal or not; they have no order.
 */
int value_compare(const struct value *a, const struct value *b, bool fold);

/* A hash; values that value_compare() calls equal have the same. */
uint64_t value_hash(const struct value *value, bool fold);

#endif
