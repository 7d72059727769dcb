/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Conditional expressions of callback ACEs, [MS-DTYP] 2.4.4.17: "artx" and tokens in postfix
 * order, text for people, and their value.
 *
 * All functions are pure and thread safe.
 */
#ifndef GUISE_ACL_CONDITION_H
#define GUISE_ACL_CONDITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acl/attribute.h"
#include "acl/error.h"
#include "acl/sid.h"
#include "acl/token.h"

/* limits against hostile input */
#define CONDITION_MAX_SIZE 0xfff0u /* bytes; an ACE cannot hold more */
#define CONDITION_MAX_DEPTH 100    /* operands waiting at once, and parentheses in each other */
#define CONDITION_MAX_VALUES 4096  /* elements of one composite */
#define CONDITION_MAX_WORK 131072  /* values and names looked at by one evaluation */

/* Three-valued logic, [MS-DTYP] 2.4.4.17.6. */
enum condition_value {
	CONDITION_FALSE,
	CONDITION_TRUE,
	CONDITION_UNKNOWN,
};

/* What a condition is evaluated over. */
struct condition_context {
	const struct token *token;
	const struct attribute_list *resource; /* of the object; NULL: none */
	bool deny;       /* for a deny ACE: deny-only groups and claims count, too */
	bool restricted; /* the pass of the SIDs that restrict the token: Member_of asks these */
	size_t *work;    /* what this and later evaluations may look at together, values and names,
			    counted down; NULL: CONDITION_MAX_WORK for this one */
};

/*
 * Is @bytes a well-formed expression: the signature, tokens that fit, each operator with operands
 * of its kind on the stack, within the limits, one logical result, then at most zero padding?
 */
bool condition_valid(const uint8_t *bytes, size_t size);

/*
 * The value of the expression @bytes.  CONDITION_UNKNOWN if it is not condition_valid(), if it has
 * an error anywhere ([MS-DTYP] 2.4.4.17.6: types that cannot be compared, several values where
 * one is needed), or if it takes more work than it is given.  Allocates nothing; time and
 * stack are bounded by the limits above.
 */
enum condition_value condition_evaluate(const uint8_t *bytes, size_t size,
					const struct condition_context *context);

/*
 * Reads an expression in parentheses from the start of @text (UTF-8), [MS-DTYP] 2.5.1.1, as
 * loosely as Windows does.  @domain as in sddl_read().  Allocates *@bytes (free()), padded to four
 * bytes as Windows pads, and stores in *@end where the text after it starts.  On SD_BAD_SYNTAX
 * *@end is where the fault is and *@expected what would have been right there (static string).
 */
enum sd_error condition_read_text(const char *text, const struct sid *domain, uint8_t **bytes,
				  size_t *size, const char **end, const char **expected);

/*
 * Writes the expression as text, in the form Windows writes, with its outer parentheses.
 * Allocates *@text (free()).  SD_OK, SD_NO_MEMORY, or SD_NO_TEXT if it is not condition_valid()
 * or the text could not be read back as the same.
 */
enum sd_error condition_write_text(const uint8_t *bytes, size_t size, const struct sid *domain,
				   char **text);

#endif
