/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Operands of a condition and their relations: sets of values of claims and of literals;
 * private to acl/.
 *
 * What takes time counts down *@work.  A function that returns false met an error in
 * [MS-DTYP]'s sense (types that cannot be compared, several values where one is
 * needed), or there was no work left.
 */
#ifndef GUISE_ACL_CONDITION_COMPARE_H
#define GUISE_ACL_CONDITION_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acl/condition.h"
#include "acl/condition_token.h"
#include "acl/condition_value.h"

/* so many bytes of a value or name cost as much work as another one */
#define CONDITION_STEP_BYTES 8

/* Which fields count depends on the kind. */
struct operand {
	uint8_t kind; /* enum condition_kind */
	enum condition_value result;
	const struct attribute *attribute; /* NULL: missing */
	struct condition_item literal;     /* of an attribute, its name */
};

/* Values of an operand, one after another. */
struct cursor {
	const struct attribute *attribute; /* NULL: literals from bytes */
	const uint8_t *bytes;
	size_t position; /* an index into values, or an offset into bytes */
	size_t end;
};

/* One side of a comparison. */
struct side {
	const struct operand *operand;
	size_t count;
	bool set; /* several values, or a composite however many it has */
};

/* Takes @amount from *@work; false if that was not enough. */
bool spend(size_t *work, size_t amount);

/* Measures @side, whose operand is set; false, too, if a value is not of @class. */
bool side_measure(struct side *side, enum value_class class, size_t *work);

/* The start of the values of @side. */
struct cursor side_cursor(const struct side *side);

/* The value at the cursor, which moves on; false at the end. */
bool side_next(const struct side *side, struct cursor *cursor, struct value *value);

/*
 * The relation @code of @left, an attribute that is there, to @right, an attribute that
 * is there or a literal.
 */
bool operands_relate(uint8_t code, const struct operand *left, const struct operand *right,
		     size_t *work, bool *answer);

/* Stores in *@repeats whether @attribute has a value more than once. */
bool attribute_repeats(const struct attribute *attribute, size_t *work, bool *repeats);

#endif
