/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Byte codes of conditional expressions, [MS-DTYP] 2.4.4.17.4 to 2.4.4.17.8; private to acl/.
 *
 * An expression is CONDITION_SIGNATURE, tokens in postfix order, and zero bytes up to a multiple
 * of four.  A token is its code and, for literals and attribute names, operand data.
 */
#ifndef GUISE_ACL_CONDITION_TOKEN_H
#define GUISE_ACL_CONDITION_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acl/condition.h"

#define CONDITION_SIGNATURE "artx"
#define CONDITION_SIGNATURE_SIZE 4

enum condition_token {
	CONDITION_PADDING = 0x00, /* at the end only */

	/* literals: eight bytes two's complement, a sign and a base (the width is for show) */
	CONDITION_INT8 = 0x01,
	CONDITION_INT16 = 0x02,
	CONDITION_INT32 = 0x03,
	CONDITION_INT64 = 0x04,
	/* literals: a length in bytes (32 bits), then */
	CONDITION_STRING = 0x10,    /* UTF-16, little-endian, no NUL */
	CONDITION_OCTETS = 0x18,    /* bytes */
	CONDITION_COMPOSITE = 0x50, /* literals, one after another */
	CONDITION_SID = 0x51,       /* a binary SID */

	/* relational operators: an attribute, then an attribute or a literal */
	CONDITION_EQUAL = 0x80,
	CONDITION_NOT_EQUAL = 0x81,
	CONDITION_LESS = 0x82,
	CONDITION_LESS_EQUAL = 0x83,
	CONDITION_GREATER = 0x84,
	CONDITION_GREATER_EQUAL = 0x85,
	CONDITION_CONTAINS = 0x86,
	CONDITION_ANY_OF = 0x88,
	CONDITION_NOT_CONTAINS = 0x8e,
	CONDITION_NOT_ANY_OF = 0x8f,

	/* of one attribute */
	CONDITION_EXISTS = 0x87,
	CONDITION_NOT_EXISTS = 0x8d,

	/* of one SID or a composite of SIDs */
	CONDITION_MEMBER_OF = 0x89,
	CONDITION_DEVICE_MEMBER_OF = 0x8a,
	CONDITION_MEMBER_OF_ANY = 0x8b,
	CONDITION_DEVICE_MEMBER_OF_ANY = 0x8c,
	CONDITION_NOT_MEMBER_OF = 0x90,
	CONDITION_NOT_DEVICE_MEMBER_OF = 0x91,
	CONDITION_NOT_MEMBER_OF_ANY = 0x92,
	CONDITION_NOT_DEVICE_MEMBER_OF_ANY = 0x93,

	/* logical operators: results, or attributes that stand for one */
	CONDITION_AND = 0xa0,
	CONDITION_OR = 0xa1,
	CONDITION_NOT = 0xa2,

	/* attribute names: a length in bytes (32 bits), then UTF-16, little-endian, no NUL */
	CONDITION_LOCAL = 0xf8,
	CONDITION_USER = 0xf9,
	CONDITION_RESOURCE = 0xfa,
	CONDITION_DEVICE = 0xfb,
};

/* how an integer was written */
enum condition_sign {
	CONDITION_SIGN_PLUS = 0x01,
	CONDITION_SIGN_MINUS = 0x02,
	CONDITION_SIGN_NONE = 0x03,
};

enum condition_base {
	CONDITION_OCTAL = 0x01,
	CONDITION_DECIMAL = 0x02,
	CONDITION_HEXADECIMAL = 0x03,
};

/* sizes of tokens: with eight bytes, sign and base; with a length before its data */
#define CONDITION_INTEGER_SIZE 11
#define CONDITION_HEADER_SIZE 5

/* One token, checked. */
struct condition_item {
	uint8_t code;        /* enum condition_token */
	const uint8_t *data; /* what follows the code, without the length */
	size_t size;         /* of data: 10 for integers, 0 for operators */
};

/* What an operand is, as far as operators choose. */
enum condition_kind {
	CONDITION_KIND_RESULT,
	CONDITION_KIND_ATTRIBUTE,
	CONDITION_KIND_LITERAL, /* other than the next two */
	CONDITION_KIND_SID,
	CONDITION_KIND_COMPOSITE,
};

/* The kinds of the operands that wait, the last one on top. */
struct condition_shape {
	size_t depth;
	uint8_t kinds[CONDITION_MAX_DEPTH];
};

/* Is @bytes of a size that is allowed, with the signature in front? */
bool condition_begins(const uint8_t *bytes, size_t size);

/*
 * Reads the token at the start of @bytes (not padding) and checks its data, elements of a composite
 * included.  Returns how many bytes it takes, 0 if there is no well-formed token.
 */
size_t condition_item_read(const uint8_t *bytes, size_t size, struct condition_item *item);

/*
 * The same for an element of a composite, a simple literal.  The elements of a composite that
 * condition_item_read() has read are well-formed.
 */
size_t condition_element_read(const uint8_t *bytes, size_t size, struct condition_item *item);

/* Puts @item on the stack or takes its operands from it; false if they do not fit. */
bool condition_shape_apply(struct condition_shape *shape, const struct condition_item *item);

/* Does @shape have one operand with a logical value, and are the last @size bytes padding? */
bool condition_ends(const struct condition_shape *shape, const uint8_t *bytes, size_t size);

bool condition_is_relational(uint8_t code);
bool condition_is_membership(uint8_t code);

#endif
