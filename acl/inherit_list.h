/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What inheritance at birth and its propagation later share; private to acl/.
 */
#ifndef GUISE_ACL_INHERIT_LIST_H
#define GUISE_ACL_INHERIT_LIST_H

#include <stdint.h>

/* The bits of one of the two lists in the control word. */
struct list_bits {
	uint16_t present, defaulted, request, inherited, protect;
};

extern const struct list_bits inherit_dacl_bits;
extern const struct list_bits inherit_sacl_bits;

#endif
