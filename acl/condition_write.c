/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writing conditions in the form Windows writes: the whole and each operand of a logical operator
 * in parentheses.
 *
 * The tokens, which are in postfix order, become a tree, and a list of steps walks it: a row of a
 * thousand "&&" makes a tree as deep.  Where there would be more parentheses in each other than
 * are read again, only the necessary ones are written.
 */
#include "acl/condition.h"

#include <stdlib.h>

#include "acl/bytes.h"
#include "acl/sddl_text.h"

#define NONE UINT32_MAX

/* A token and its operands, as places in the list of nodes. */
struct node {
	struct condition_item item;
	uint32_t left; /* NONE unless there are two */
	uint32_t right;
	uint32_t depth; /* most parentheses in each other inside, as Windows writes them */
	uint32_t least; /* the same with the necessary ones only */
};

enum step_kind {
	STEP_NODE,  /* all of a node */
	STEP_SIGN,  /* the operator of one */
	STEP_CLOSE, /* the parenthesis after it */
};

struct step {
	enum step_kind kind;
	bool enclosed; /* STEP_NODE: in parentheses */
	uint32_t node;
};

struct tree {
	struct text_writer text;
	struct node *nodes;
	uint32_t count;
	struct step *steps;
	size_t step_count;
	bool sparing; /* with the necessary parentheses only */
};

static bool is_logical(uint8_t code)
{
	return code == CONDITION_AND || code == CONDITION_OR || code == CONDITION_NOT;
}

static bool is_binary(uint8_t code)
{
	return code == CONDITION_AND || code == CONDITION_OR || condition_is_relational(code);
}

static bool is_operand(uint8_t code)
{
	return code < CONDITION_EQUAL || code > CONDITION_NOT;
}

/* Does the text of a node, without parentheses, start with a prefixed name? */
static bool starts_prefixed(const struct tree *tree, const struct node *node)
{
	if (condition_is_relational(node->item.code))
		node = &tree->nodes[node->left];
	return node->item.code > CONDITION_LOCAL;
}

/*
 * Does an operand of @node need parentheses to be read as the same?  "&&" binds tighter than "||",
 * both group to the left; "!" takes a relation if it starts with a prefixed name.
 */
static bool needs_parentheses(const struct tree *tree, const struct node *node, uint32_t place)
{
	const struct node *operand = &tree->nodes[place];
	uint8_t code = operand->item.code;
	bool left = place == node->left;
	switch (node->item.code) {
	case CONDITION_NOT:
		return !starts_prefixed(tree, operand);
	case CONDITION_AND:
		return code == CONDITION_OR || (!left && code == CONDITION_AND);
	case CONDITION_OR:
		return !left && code == CONDITION_OR;
	default:
		return false;
	}
}

static void measure_operand(struct tree *tree, struct node *node, uint32_t place)
{
	const struct node *operand = &tree->nodes[place];
	uint32_t depth = operand->depth + is_logical(node->item.code);
	uint32_t least = operand->least + needs_parentheses(tree, node, place);
	if (node->depth < depth)
		node->depth = depth;
	if (node->least < least)
		node->least = least;
}

/* The next node takes its operands from @waiting. */
static void add_node(struct tree *tree, const struct condition_item *item, uint32_t *waiting,
		     size_t *depth)
{
	struct node *node = &tree->nodes[tree->count];
	*node = (struct node){.item = *item, .left = NONE, .right = NONE};
	if (!is_operand(item->code))
		node->right = waiting[--*depth];
	if (is_binary(item->code))
		node->left = waiting[--*depth];
	if (node->right != NONE)
		measure_operand(tree, node, node->right);
	if (node->left != NONE)
		measure_operand(tree, node, node->left);
	waiting[(*depth)++] = tree->count++;
}

/* The number of tokens of an expression that is condition_valid(). */
static size_t count_tokens(const uint8_t *bytes, size_t size)
{
	struct condition_item item;
	size_t count = 0;
	for (size_t at = CONDITION_SIGNATURE_SIZE; at < size && bytes[at] != CONDITION_PADDING;
	     count++)
		at += condition_item_read(bytes + at, size - at, &item);
	return count;
}

/* Makes the tree; its root is the last node. */
static enum sd_error plant(struct tree *tree, const uint8_t *bytes, size_t size)
{
	uint32_t waiting[CONDITION_MAX_DEPTH];
	struct condition_item item;
	size_t depth = 0;
	size_t count = count_tokens(bytes, size);
	tree->nodes = reallocarray(NULL, count, sizeof(*tree->nodes));
	/* at most four steps come of a node, and one starts it all */
	tree->steps = reallocarray(NULL, 4 * count + 1, sizeof(*tree->steps));
	if (!tree->nodes || !tree->steps)
		return SD_NO_MEMORY;
	for (size_t at = CONDITION_SIGNATURE_SIZE; at < size && bytes[at] != CONDITION_PADDING;) {
		at += condition_item_read(bytes + at, size - at, &item);
		add_node(tree, &item, waiting, &depth);
	}
	return SD_OK;
}

static enum sd_error write_integer(struct text_writer *text, const uint8_t *data)
{
	static const unsigned int bases[] = {
		[CONDITION_OCTAL] = 8, [CONDITION_DECIMAL] = 10, [CONDITION_HEXADECIMAL] = 16};
	uint64_t value = get_le32(data) | (uint64_t)get_le32(data + 4) << 32;
	uint8_t sign = data[8], base = data[9];
	bool negative = value > INT64_MAX;
	if (sign == CONDITION_SIGN_NONE && base == CONDITION_DECIMAL && negative)
		sign = CONDITION_SIGN_MINUS;
	if ((sign == CONDITION_SIGN_PLUS && negative) ||
	    (sign == CONDITION_SIGN_MINUS && value && !negative))
		return SD_NO_TEXT;
	if (text_reserve(text, strlen("-0x") + NUMBER_MAX_TEXT))
		return SD_NO_MEMORY;
	if (sign != CONDITION_SIGN_NONE)
		text_put_char(text, sign == CONDITION_SIGN_PLUS ? '+' : '-');
	if (base != CONDITION_DECIMAL)
		text_put(text, base == CONDITION_OCTAL ? "0" : "0x");
	text_put_number(text, sign == CONDITION_SIGN_MINUS ? -value : value, bases[base]);
	return SD_OK;
}

static enum sd_error write_sid(struct text_writer *text, const struct condition_item *item)
{
	struct sid sid;
	if (!sid_read(item->data, item->size, &sid))
		return SD_NO_TEXT;
	if (text_reserve(text, SID_MAX_TEXT + strlen("SID()")))
		return SD_NO_MEMORY;
	text_put(text, "SID(");
	text_put_sid(text, &sid);
	text_put_char(text, ')');
	return SD_OK;
}

/* A literal other than a composite. */
static enum sd_error write_element(struct text_writer *text, const struct condition_item *item)
{
	enum sd_error error;
	switch (item->code) {
	case CONDITION_STRING:
		return text_write_string(text, item->data, item->size);
	case CONDITION_OCTETS:
		error = text_write(text, "#");
		return error ? error : text_write_octets(text, item->data, item->size);
	case CONDITION_SID:
		return write_sid(text, item);
	default:
		return write_integer(text, item->data);
	}
}

static enum sd_error write_composite(struct text_writer *text, const struct condition_item *item)
{
	struct condition_item element;
	enum sd_error error = text_write(text, "{");
	for (size_t at = 0; at < item->size && !error;) {
		if (at)
			error = text_write(text, ", ");
		at += condition_element_read(item->data + at, item->size - at, &element);
		if (!error)
			error = write_element(text, &element);
	}
	return error ? error : text_write(text, "}");
}

/* A name without prefix; @any if it may be a word that is an operator elsewhere. */
static enum sd_error write_simple(struct text_writer *text, const struct condition_item *item,
				  bool any)
{
	size_t length = item->size / 2, ignored;
	if (text_reserve(text, length + 1))
		return SD_NO_MEMORY;
	char *start = text->text + text->size;
	for (size_t i = 0; i < length; i++) {
		uint16_t unit = get_le16(item->data + 2 * i);
		char c = (char)unit;
		if (unit > 0x7f || !(text_is_simple(c) || (i && c == '@')))
			return SD_NO_TEXT;
		text_put_char(text, c);
	}
	text->text[text->size] = '\0';
	uint8_t code = text_operator(start, &ignored);
	bool taken = condition_is_membership(code) || code == CONDITION_EXISTS ||
		     code == CONDITION_NOT_EXISTS;
	return taken && !any ? SD_NO_TEXT : SD_OK;
}

static enum sd_error write_name(struct text_writer *text, const struct condition_item *item)
{
	enum sd_error error = SD_NO_TEXT;
	for (size_t i = 0; i < SDDL_COUNT(sddl_prefixes); i++) {
		if (sddl_prefixes[i].code == item->code)
			error = text_write(text, sddl_prefixes[i].name);
	}
	return error ? error : text_write_name(text, item->data, item->size);
}

/* A literal or a name. */
static enum sd_error write_operand(struct text_writer *text, const struct condition_item *item,
				   bool any)
{
	if (item->code == CONDITION_COMPOSITE)
		return write_composite(text, item);
	if (item->code < CONDITION_EQUAL)
		return write_element(text, item);
	return item->code == CONDITION_LOCAL ? write_simple(text, item, any)
					     : write_name(text, item);
}

/* The operator of @node, with blanks where there is something to part. */
static enum sd_error write_sign(struct text_writer *text, const struct node *node)
{
	uint8_t code = node->item.code;
	const char *name = NULL;
	for (size_t i = 0; i < SDDL_COUNT(sddl_operators); i++) {
		if (sddl_operators[i].code == code)
			name = sddl_operators[i].name;
	}
	if (!name)
		return SD_NO_TEXT;
	if (text_reserve(text, strlen(name) + 2))
		return SD_NO_MEMORY;
	if (node->left != NONE)
		text_put_char(text, ' ');
	text_put(text, name);
	if (code != CONDITION_NOT)
		text_put_char(text, ' ');
	return SD_OK;
}

/* Does the grammar have it that @operand stands to the right of @operator? */
static bool has_text(uint8_t operator, uint8_t operand)
{
	return !(condition_is_relational(operator) && operand == CONDITION_LOCAL);
}

static void add_step(struct tree *tree, enum step_kind kind, uint32_t node, bool enclosed)
{
	tree->steps[tree->step_count++] =
		(struct step){.kind = kind, .node = node, .enclosed = enclosed};
}

static void add_operand(struct tree *tree, const struct node *node, uint32_t place)
{
	bool enclosed =
		tree->sparing ? needs_parentheses(tree, node, place) : is_logical(node->item.code);
	add_step(tree, STEP_NODE, place, enclosed);
}

/* Adds the steps that write an operator with its operands, the last one first. */
static enum sd_error expand(struct tree *tree, uint32_t place)
{
	const struct node *node = &tree->nodes[place];
	if (!has_text(node->item.code, tree->nodes[node->right].item.code))
		return SD_NO_TEXT;
	/* a name after Exists cannot be taken for an operator */
	if (node->item.code == CONDITION_EXISTS || node->item.code == CONDITION_NOT_EXISTS) {
		enum sd_error error = write_sign(&tree->text, node);
		return error ? error
			     : write_operand(&tree->text, &tree->nodes[node->right].item, true);
	}
	add_operand(tree, node, node->right);
	add_step(tree, STEP_SIGN, place, false);
	if (node->left != NONE)
		add_operand(tree, node, node->left);
	return SD_OK;
}

static enum sd_error take_step(struct tree *tree, const struct step *step)
{
	const struct node *node = &tree->nodes[step->node];
	if (step->kind == STEP_CLOSE)
		return text_write(&tree->text, ")");
	if (step->kind == STEP_SIGN)
		return write_sign(&tree->text, node);
	if (step->enclosed) {
		enum sd_error error = text_write(&tree->text, "(");
		if (error)
			return error;
		add_step(tree, STEP_CLOSE, step->node, false);
	}
	if (is_operand(node->item.code))
		return write_operand(&tree->text, &node->item, false);
	return expand(tree, step->node);
}

static enum sd_error write_tree(struct tree *tree)
{
	uint32_t root = tree->count - 1;
	enum sd_error error = SD_OK;
	tree->sparing = tree->nodes[root].depth + 1 > CONDITION_MAX_DEPTH;
	if (tree->sparing && tree->nodes[root].least + 1 > CONDITION_MAX_DEPTH)
		return SD_NO_TEXT;
	add_step(tree, STEP_NODE, root, true);
	while (tree->step_count && !error) {
		struct step step = tree->steps[--tree->step_count];
		error = take_step(tree, &step);
	}
	if (!error)
		error = text_reserve(&tree->text, 1);
	if (!error)
		text_put_char(&tree->text, '\0');
	return error;
}

enum sd_error condition_write_text(const uint8_t *bytes, size_t size, const struct sid *domain,
				   char **text)
{
	struct tree tree = {.text = {.domain = domain}};
	if (!condition_valid(bytes, size))
		return SD_NO_TEXT;
	enum sd_error error = plant(&tree, bytes, size);
	if (!error)
		error = write_tree(&tree);
	free(tree.nodes);
	free(tree.steps);
	if (error) {
		free(tree.text.text);
		return error;
	}
	*text = tree.text.text;
	return SD_OK;
}
