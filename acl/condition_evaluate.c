/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The value of a conditional expression, [MS-DTYP] 2.4.4.17.6, 2.4.4.17.7 and 2.5.3.1.5: one pass
 * over the tokens with a stack of operands.
 *
 * What [MS-DTYP] calls an error (operands whose types cannot be compared, several values where
 * one is needed) makes the whole expression UNKNOWN; an attribute that is missing only what is
 * computed from it.
 */
#include "acl/condition.h"

#include "acl/condition_compare.h"
#include "acl/condition_token.h"

struct machine {
	const struct condition_context *context;
	size_t work; /* left; see CONDITION_MAX_WORK */
	struct condition_shape shape;
	struct operand operands[CONDITION_MAX_DEPTH];
};

/* The relation of @left, an attribute, to the operand after it; false: an error. */
static bool relate(struct machine *machine, uint8_t code, const struct operand *left,
		   enum condition_value *result)
{
	const struct operand *right = left + 1;
	bool answer;

	*result = CONDITION_UNKNOWN;
	if (!left->attribute || (right->kind == CONDITION_KIND_ATTRIBUTE && !right->attribute))
		return true;
	if (!operands_relate(code, left, right, &machine->work, &answer))
		return false;
	*result = answer ? CONDITION_TRUE : CONDITION_FALSE;
	return true;
}

/*
 * Which of token_holds() a membership operator asks for.  As Windows documents it, a deny-only
 * group counts in deny ACEs and does not in allow ACEs; the Not_ operators are the inverse, so in
 * an allow ACE they hold for a deny-only group, just as !(Member_of …) does.
 */
static unsigned int membership_bit(const struct condition_context *context, bool device)
{
	if (device)
		return context->deny ? TOKEN_SID_DEVICE_DENY : TOKEN_SID_DEVICE_ALLOW;
	if (context->restricted)
		return TOKEN_SID_RESTRICTED;
	return context->deny ? TOKEN_SID_DENY : TOKEN_SID_ALLOW;
}

static bool is_device_operator(uint8_t code)
{
	return code == CONDITION_DEVICE_MEMBER_OF || code == CONDITION_DEVICE_MEMBER_OF_ANY ||
	       code == CONDITION_NOT_DEVICE_MEMBER_OF || code == CONDITION_NOT_DEVICE_MEMBER_OF_ANY;
}

static bool is_any_operator(uint8_t code)
{
	return code == CONDITION_MEMBER_OF_ANY || code == CONDITION_DEVICE_MEMBER_OF_ANY ||
	       code == CONDITION_NOT_MEMBER_OF_ANY || code == CONDITION_NOT_DEVICE_MEMBER_OF_ANY;
}

/* Membership in the SIDs of @operand; false: an error (no SIDs, or values of other types). */
static bool belong(struct machine *machine, uint8_t code, const struct operand *operand,
		   enum condition_value *result)
{
	struct side side = {.operand = operand};
	struct cursor cursor = side_cursor(&side);
	unsigned int bit = membership_bit(machine->context, is_device_operator(code));
	bool any = is_any_operator(code);
	bool answer = !any;
	struct value value;

	if (!side_measure(&side, CLASS_SID, &machine->work) || !side.count ||
	    !spend(&machine->work, side.count))
		return false;
	while (answer != any && side_next(&side, &cursor, &value)) {
		bool held = token_holds(machine->context->token, &value.sid) & bit;

		if (held == any)
			answer = any;
	}
	if (code >= CONDITION_NOT_MEMBER_OF)
		answer = !answer;
	*result = answer ? CONDITION_TRUE : CONDITION_FALSE;
	return true;
}

static const struct attribute_list *list_of(const struct condition_context *context, uint8_t code)
{
	switch (code) {
	case CONDITION_LOCAL:
		return token_claims(context->token, TOKEN_CLAIMS_LOCAL);
	case CONDITION_USER:
		return token_claims(context->token, TOKEN_CLAIMS_USER);
	case CONDITION_DEVICE:
		return token_claims(context->token, TOKEN_CLAIMS_DEVICE);
	default:
		return context->resource;
	}
}

/*
 * An attribute that is disabled, or for deny ACEs only, or has no values, is not there.  Nor is one
 * that has a value twice: Samba's authors saw Windows treat resource attributes so.
 */
static bool attribute_counts(const struct attribute *attribute, bool deny)
{
	if (attribute->flags & CLAIM_SECURITY_ATTRIBUTE_DISABLED || !attribute->count)
		return false;
	return deny || !(attribute->flags & CLAIM_SECURITY_ATTRIBUTE_USE_FOR_DENY_ONLY);
}

/* Stores in *@attribute what @name stands for, NULL if nothing; false: no work left. */
static bool look_up(struct machine *machine, const struct condition_item *name,
		    const struct attribute **attribute)
{
	const struct attribute_list *list = list_of(machine->context, name->code);
	bool repeats;

	*attribute = NULL;
	if (!list)
		return true;
	if (!spend(&machine->work, list->count * (1 + name->size / CONDITION_STEP_BYTES)))
		return false;
	*attribute = attribute_list_find(list, name->data, name->size / 2);
	if (*attribute && !attribute_counts(*attribute, machine->context->deny))
		*attribute = NULL;
	if (!*attribute || (*attribute)->count == 1)
		return true;
	if (!attribute_repeats(*attribute, &machine->work, &repeats))
		return false;
	if (repeats)
		*attribute = NULL;
	return true;
}

/*
 * An attribute as a condition of its own, [MS-DTYP] 2.4.4.17.7: a number that is not 0, a string
 * that is not empty.  Other types and several values are not defined there.
 */
static enum condition_value attribute_truth(const struct attribute *attribute)
{
	struct value value;

	if (!attribute || attribute->count != 1)
		return CONDITION_UNKNOWN;
	value_of_attribute(attribute, 0, &value);
	if (value.class == CLASS_NUMBER)
		return value.number ? CONDITION_TRUE : CONDITION_FALSE;
	if (value.class == CLASS_STRING)
		return value.size ? CONDITION_TRUE : CONDITION_FALSE;
	return CONDITION_UNKNOWN;
}

static enum condition_value truth(const struct operand *operand)
{
	return operand->kind == CONDITION_KIND_ATTRIBUTE ? attribute_truth(operand->attribute)
							 : operand->result;
}

/* AND of two values, or with @decides TRUE the OR: one that decides, else UNKNOWN if one is. */
static enum condition_value join(enum condition_value a, enum condition_value b,
				 enum condition_value decides)
{
	if (a == decides || b == decides)
		return decides;
	return a == CONDITION_UNKNOWN ? a : b;
}

static enum condition_value negate(enum condition_value value)
{
	if (value == CONDITION_UNKNOWN)
		return value;
	return value == CONDITION_TRUE ? CONDITION_FALSE : CONDITION_TRUE;
}

/* Only of local and resource attributes can it be asked; of others it is an error. */
static bool exists(const struct operand *operand, bool wanted, enum condition_value *result)
{
	uint8_t code = operand->literal.code;

	if (code != CONDITION_LOCAL && code != CONDITION_RESOURCE)
		return false;
	*result = (operand->attribute != NULL) == wanted ? CONDITION_TRUE : CONDITION_FALSE;
	return true;
}

/* The result of an operator over @left and the operand after it, which fit; false: an error. */
static bool operate(struct machine *machine, uint8_t code, const struct operand *left,
		    enum condition_value *result)
{
	switch (code) {
	case CONDITION_AND:
		*result = join(truth(left), truth(left + 1), CONDITION_FALSE);
		return true;
	case CONDITION_OR:
		*result = join(truth(left), truth(left + 1), CONDITION_TRUE);
		return true;
	case CONDITION_NOT:
		*result = negate(truth(left));
		return true;
	case CONDITION_EXISTS:
	case CONDITION_NOT_EXISTS:
		return exists(left, code == CONDITION_EXISTS, result);
	default:
		return condition_is_membership(code) ? belong(machine, code, left, result)
						     : relate(machine, code, left, result);
	}
}

/* Takes one token; false: the expression is invalid or has an error. */
static bool step(struct machine *machine, const struct condition_item *item)
{
	struct operand *operand;
	enum condition_value result;
	bool done = true;

	if (!condition_shape_apply(&machine->shape, item))
		return false;
	/* an operator's operands are still where they were; its result replaces the first */
	operand = &machine->operands[machine->shape.depth - 1];
	switch (machine->shape.kinds[machine->shape.depth - 1]) {
	case CONDITION_KIND_RESULT:
		done = operate(machine, item->code, operand, &result);
		if (done)
			operand->result = result;
		break;
	case CONDITION_KIND_ATTRIBUTE:
		operand->literal = *item;
		done = look_up(machine, item, &operand->attribute);
		break;
	default:
		operand->literal = *item;
		break;
	}
	operand->kind = machine->shape.kinds[machine->shape.depth - 1];
	return done;
}

static enum condition_value run(struct machine *machine, const uint8_t *bytes, size_t size)
{
	struct condition_item item;
	size_t at = CONDITION_SIGNATURE_SIZE;

	while (at < size && bytes[at] != CONDITION_PADDING) {
		size_t used = condition_item_read(bytes + at, size - at, &item);

		if (!used || !step(machine, &item))
			return CONDITION_UNKNOWN;
		at += used;
	}
	if (!condition_ends(&machine->shape, bytes + at, size - at))
		return CONDITION_UNKNOWN;
	return truth(&machine->operands[0]);
}

enum condition_value condition_evaluate(const uint8_t *bytes, size_t size,
					const struct condition_context *context)
{
	struct machine machine;
	enum condition_value value;

	if (!condition_begins(bytes, size))
		return CONDITION_UNKNOWN;
	machine.context = context;
	machine.work = context->work ? *context->work : CONDITION_MAX_WORK;
	machine.shape.depth = 0;
	value = run(&machine, bytes, size);
	if (context->work)
		*context->work = machine.work;
	return value;
}
