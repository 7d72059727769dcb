/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The access check once more, as plainly as the rules of docs/access.md read: no
 * compiled form, no table, one right at a time.  Slow, and there to be compared with.
 */
#ifndef GUISE_TESTS_REFERENCE_ACCESS_H
#define GUISE_TESTS_REFERENCE_ACCESS_H

#include "acl/access.h"

/* As access_check(); never ACCESS_NO_MEMORY (aborts). */
struct access_result reference_access(const struct descriptor *sd, const struct token *token,
				      uint32_t wanted, unsigned int flags);

#endif
