/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The compiled form of a descriptor, as compile.c makes it and access.c reads it;
 * private to acl/.
 */
#ifndef GUISE_ACL_COMPILED_H
#define GUISE_ACL_COMPILED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acl/attribute.h"
#include "acl/compile.h"
#include "acl/label.h"
#include "acl/sid.h"

/* An ACE that can allow or deny something; its SID is at the same place of another array. */
struct compiled_ace {
	uint64_t hash;      /* of the SID */
	uint32_t rights;    /* generic bits mapped */
	uint16_t place;     /* in the DACL, from 0 */
	uint16_t condition; /* its number, from 1; 0: none */
	bool deny;
	bool owner_rights; /* the SID is OWNER RIGHTS */
};

/* The expression of a callback ACE; not well-formed: size 0. */
struct compiled_condition {
	const uint8_t *bytes;
	size_t size;
};

/* Any ACE of the DACL, for a trace: what it says, and why it is not among the above. */
struct compiled_place {
	uint32_t rights;
	uint8_t reason; /* enum trace_reason; TRACE_MATCHED: it is among them */
};

/* A DACL. */
struct compiled_list {
	bool present;      /* false: it grants everything */
	bool owner_rights; /* an ACE in force names OWNER RIGHTS */
	size_t count;
	const struct compiled_ace *aces;
	const struct sid *sids;
	const struct compiled_condition *conditions;
	size_t place_count;
	const struct compiled_place *places;
};

struct compiled_policy {
	struct sid id;
	size_t place; /* of the scoped policy ID ACE in the SACL */
};

struct compiled {
	struct compiled_list dacl;
	bool has_owner;
	bool attributes_unknown; /* one is malformed: no condition has a value */
	struct sid owner;
	uint64_t owner_hash;
	struct label label;
	struct attribute_list attributes;
	size_t policy_count;
	const struct compiled_policy *policies;
	size_t size; /* of this and what follows it in memory */
};

/* Bytes that compile_at() needs for @sd. */
size_t compile_room(const struct descriptor *sd);

/*
 * Compiles @sd into @memory, which is zero, aligned as malloc() aligns, and
 * compile_room() long.  What else it needs it allocates; compiled_clear() frees that.
 */
enum sd_error compile_at(const struct descriptor *sd, void *memory, struct compiled **compiled);

void compiled_clear(struct compiled *compiled);

#endif
