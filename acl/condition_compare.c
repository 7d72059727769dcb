/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Relations of the operands of a condition, [MS-DTYP] 2.4.4.17.6.  Few values are compared each
 * with each; for many, those of one side go into a table by their hashes.
 */
#include "acl/condition_compare.h"

#include <string.h>

/* below so many comparisons a table does not pay */
#define FEW_COMPARISONS 512
/* a power of two, at least twice the values of one side */
#define TABLE_SIZE 8192

_Static_assert(TABLE_SIZE >= 2 * CONDITION_MAX_VALUES && TABLE_SIZE >= 2 * ATTRIBUTE_MAX_VALUES,
	       "a table stays half empty");
_Static_assert(CONDITION_MAX_SIZE <= UINT16_MAX && ATTRIBUTE_MAX_VALUES <= UINT16_MAX,
	       "a position fits a slot");

/* The values of one side, by their hashes. */
struct table {
	bool filled;
	bool repeats;               /* a value occurred more than once */
	uint16_t slots[TABLE_SIZE]; /* position + 1, 0: free */
};

struct comparison {
	size_t *work;
	bool fold; /* strings compare without regard to case */
	struct side left, right;
};

bool spend(size_t *work, size_t amount)
{
	if (amount > *work) {
		*work = 0;
		return false;
	}
	*work -= amount;
	return true;
}

static bool is_attribute(const struct side *side)
{
	return side->operand->kind == CONDITION_KIND_ATTRIBUTE;
}

struct cursor side_cursor(const struct side *side)
{
	const struct operand *operand = side->operand;

	if (is_attribute(side))
		return (struct cursor){.attribute = operand->attribute,
				       .end = operand->attribute->count};
	return (struct cursor){.bytes = operand->literal.data, .end = operand->literal.size};
}

/* The value at the cursor, which moves on; false at the end. */
static bool cursor_next(struct cursor *cursor, struct value *value)
{
	struct condition_item item;

	if (cursor->position >= cursor->end)
		return false;
	if (cursor->attribute) {
		value_of_attribute(cursor->attribute, cursor->position++, value);
		return true;
	}
	cursor->position += condition_element_read(cursor->bytes + cursor->position,
						   cursor->end - cursor->position, &item);
	value_of_literal(&item, value);
	return true;
}

bool side_next(const struct side *side, struct cursor *cursor, struct value *value)
{
	if (is_attribute(side) || side->operand->kind == CONDITION_KIND_COMPOSITE)
		return cursor_next(cursor, value);
	if (cursor->position)
		return false;
	cursor->position = 1;
	value_of_literal(&side->operand->literal, value);
	return true;
}

static size_t hash_slot(uint64_t hash)
{
	return (size_t)(hash ^ hash >> 29 ^ hash >> 47) % TABLE_SIZE;
}

/* The value at a position that a table holds. */
static void side_value(const struct side *side, size_t position, struct value *value)
{
	struct cursor cursor = side_cursor(side);

	cursor.position = position;
	side_next(side, &cursor, value);
}

/* Enough work left for one look at @value? */
static bool spend_value(size_t *work, const struct value *value)
{
	return spend(work, 1 + value->size / CONDITION_STEP_BYTES);
}

/*
 * Looks for @value among what @table has of @side; *@slot is where it is or belongs.  False if
 * there is no work left to tell.
 */
static bool table_find(const struct comparison *comparison, const struct side *side,
		       const struct table *table, const struct value *value, size_t *slot,
		       bool *found)
{
	struct value other;

	*found = false;
	*slot = hash_slot(value_hash(value, comparison->fold));
	if (!spend_value(comparison->work, value))
		return false;
	while (table->slots[*slot]) {
		if (!spend_value(comparison->work, value))
			return false;
		side_value(side, table->slots[*slot] - 1u, &other);
		*found = value_compare(value, &other, comparison->fold) == 0;
		if (*found)
			break;
		*slot = (*slot + 1) % TABLE_SIZE;
	}
	return true;
}

static bool table_fill(const struct comparison *comparison, const struct side *side,
		       struct table *table)
{
	struct cursor cursor = side_cursor(side);
	size_t position = cursor.position;
	struct value value;

	memset(table, 0, sizeof(*table));
	table->filled = true;
	while (side_next(side, &cursor, &value)) {
		bool found;
		size_t slot;

		if (!table_find(comparison, side, table, &value, &slot, &found))
			return false;
		table->repeats |= found;
		table->slots[slot] = (uint16_t)(position + 1);
		position = cursor.position;
	}
	return true;
}

/* Stores in *@found whether @side has @value; false if there is no work left to tell. */
static bool table_has(const struct comparison *comparison, const struct side *side,
		      struct table *table, const struct value *value, bool *found)
{
	size_t slot;

	if (!table->filled && !table_fill(comparison, side, table))
		return false;
	return table_find(comparison, side, table, value, &slot, found);
}

static bool table_repeats(const struct comparison *comparison, const struct side *side,
			  bool *repeats)
{
	struct table table;

	if (!table_fill(comparison, side, &table))
		return false;
	*repeats = table.repeats;
	return true;
}

/* The same as table_has() without a table, among the values from @cursor on. */
static bool list_has(const struct comparison *comparison, const struct side *side,
		     struct cursor cursor, const struct value *value, bool *found)
{
	struct value other;

	*found = false;
	while (!*found && side_next(side, &cursor, &other)) {
		if (!spend_value(comparison->work, value))
			return false;
		*found = value_compare(value, &other, comparison->fold) == 0;
	}
	return true;
}

/*
 * Has @stock all (or any) values of @wanted?  Stores it in *@answer; false if there is no work left
 * to tell.
 */
static bool side_has(const struct comparison *comparison, const struct side *stock,
		     const struct side *wanted, bool all, bool *answer)
{
	struct cursor cursor = side_cursor(wanted);
	struct table table;
	struct value value;
	bool few = stock->count * wanted->count <= FEW_COMPARISONS;
	bool found;

	table.filled = false;
	while (side_next(wanted, &cursor, &value)) {
		if (!spend_value(comparison->work, &value) ||
		    !(few ? list_has(comparison, stock, side_cursor(stock), &value, &found)
			  : table_has(comparison, stock, &table, &value, &found)))
			return false;
		if (found != all) {
			*answer = found;
			return true;
		}
	}
	*answer = all;
	return true;
}

/*
 * Are the values of both sides the same, whatever their order and how often they occur?  A single
 * value and a set, be it of one, cannot be compared.
 */
static bool sides_equal(const struct comparison *comparison, bool *answer)
{
	if (comparison->left.set != comparison->right.set)
		return false;
	if (!side_has(comparison, &comparison->left, &comparison->right, true, answer))
		return false;
	return !*answer ||
	       side_has(comparison, &comparison->right, &comparison->left, true, answer);
}

/* Which values come first: numbers and strings, one on each side.  False: an error. */
static bool sides_order(const struct comparison *comparison, int *order)
{
	struct cursor cursor = side_cursor(&comparison->left);
	struct value left, right;

	if (comparison->left.set || comparison->right.set)
		return false;
	if (!side_next(&comparison->left, &cursor, &left) || left.class == CLASS_SID)
		return false;
	cursor = side_cursor(&comparison->right);
	if (!side_next(&comparison->right, &cursor, &right) ||
	    !spend_value(comparison->work, &left))
		return false;
	*order = value_compare(&left, &right, comparison->fold);
	return true;
}

static bool compare_order(const struct comparison *comparison, uint8_t code, bool *answer)
{
	int order;

	if (!sides_order(comparison, &order))
		return false;
	switch (code) {
	case CONDITION_LESS:
		*answer = order < 0;
		break;
	case CONDITION_LESS_EQUAL:
		*answer = order <= 0;
		break;
	case CONDITION_GREATER:
		*answer = order > 0;
		break;
	default:
		*answer = order >= 0;
		break;
	}
	return true;
}

/* Of nothing one cannot say that it is contained. */
static bool compare_sets(const struct comparison *comparison, bool all, bool *answer)
{
	return comparison->right.count &&
	       side_has(comparison, &comparison->left, &comparison->right, all, answer);
}

static bool compare(const struct comparison *comparison, uint8_t code, bool *answer)
{
	bool done;

	switch (code) {
	case CONDITION_EQUAL:
		return sides_equal(comparison, answer);
	case CONDITION_NOT_EQUAL:
		done = sides_equal(comparison, answer);
		break;
	case CONDITION_CONTAINS:
		return compare_sets(comparison, true, answer);
	case CONDITION_NOT_CONTAINS:
		done = compare_sets(comparison, true, answer);
		break;
	case CONDITION_ANY_OF:
		return compare_sets(comparison, false, answer);
	case CONDITION_NOT_ANY_OF:
		done = compare_sets(comparison, false, answer);
		break;
	default:
		return compare_order(comparison, code, answer);
	}
	if (done)
		*answer = !*answer;
	return done;
}

bool side_measure(struct side *side, enum value_class class, size_t *work)
{
	const struct condition_item *literal = &side->operand->literal;
	struct condition_item item;

	if (is_attribute(side)) {
		side->count = side->operand->attribute->count;
		side->set = side->count > 1;
		return value_class_of_attribute(side->operand->attribute->type) == class;
	}
	side->count = 1;
	if (side->operand->kind != CONDITION_KIND_COMPOSITE)
		return value_class_of_literal(literal->code) == class;
	side->set = true;
	side->count = 0;
	for (size_t at = 0; at < literal->size; side->count++) {
		at += condition_element_read(literal->data + at, literal->size - at, &item);
		if (value_class_of_literal(item.code) != class || !spend(work, 1))
			return false;
	}
	return true;
}

static bool is_case_sensitive(const struct side *side)
{
	return is_attribute(side) &&
	       side->operand->attribute->flags & CLAIM_SECURITY_ATTRIBUTE_VALUE_CASE_SENSITIVE;
}

bool operands_relate(uint8_t code, const struct operand *left, const struct operand *right,
		     size_t *work, bool *answer)
{
	struct comparison comparison = {.work = work, .left.operand = left, .right.operand = right};
	enum value_class class = value_class_of_attribute(left->attribute->type);

	if (class == CLASS_NONE || !side_measure(&comparison.left, class, work) ||
	    !side_measure(&comparison.right, class, work))
		return false;
	comparison.fold =
		!is_case_sensitive(&comparison.left) && !is_case_sensitive(&comparison.right);
	return compare(&comparison, code, answer);
}

bool attribute_repeats(const struct attribute *attribute, size_t *work, bool *repeats)
{
	struct operand operand = {.kind = CONDITION_KIND_ATTRIBUTE, .attribute = attribute};
	struct side side = {.operand = &operand, .count = attribute->count};
	struct comparison comparison = {.work = work, .fold = !is_case_sensitive(&side)};
	struct cursor cursor = side_cursor(&side);
	struct value value;

	if (side.count * side.count > FEW_COMPARISONS)
		return table_repeats(&comparison, &side, repeats);
	*repeats = false;
	while (!*repeats && side_next(&side, &cursor, &value)) {
		if (!list_has(&comparison, &side, cursor, &value, repeats))
			return false;
	}
	return true;
}
