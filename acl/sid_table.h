/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SIDs with flags, found by hash; private to acl/.  The time to find one does not
 * grow with their number, also if somebody has chosen SIDs whose hashes lie close
 * together: where they are put is another secret in each process.
 */
#ifndef GUISE_ACL_SID_TABLE_H
#define GUISE_ACL_SID_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "acl/sid.h"

/* A place in the table; free if flags is 0. */
struct sid_slot {
	uint64_t hash;
	uint32_t index; /* of the SID */
	uint32_t flags;
};

struct sid_table {
	struct sid_slot *slots; /* a power of two, at most half in use; NULL: empty */
	size_t mask;            /* slots - 1 */
	uint64_t factor;        /* odd, and nobody else's to know */
	unsigned int shift;     /* 64 less the bits of mask */
	struct sid *sids;
	size_t count;
	size_t room;
};

/* sid_equal(), for use in loops: the first eight bytes are revision, count and authority. */
static inline bool sid_same(const struct sid *a, const struct sid *b)
{
	uint64_t head_a, head_b;

	memcpy(&head_a, a, sizeof(head_a));
	memcpy(&head_b, b, sizeof(head_b));
	if (head_a != head_b)
		return false;
	for (unsigned int i = 0; i < a->sub_count; i++) {
		if (a->sub[i] != b->sub[i])
			return false;
	}
	return true;
}

/* Where the search for @hash starts. */
static inline size_t sid_table_start(const struct sid_table *table, uint64_t hash)
{
	return (size_t)(hash * table->factor >> table->shift);
}

/* The flags of @sid, whose sid_hash() is @hash; 0 if it is not in the table. */
static inline uint32_t sid_table_flags(const struct sid_table *table, const struct sid *sid,
				       uint64_t hash)
{
	if (!table->slots)
		return 0;
	for (size_t i = sid_table_start(table, hash);; i = (i + 1) & table->mask) {
		const struct sid_slot *slot = &table->slots[i];

		if (!slot->flags)
			return 0;
		if (slot->hash == hash && sid_same(&table->sids[slot->index], sid))
			return slot->flags;
	}
}

/*
 * The flags of @sid, 0 if it was not there: the caller must make them something else at once.
 * NULL without memory.  Valid until the next call.
 */
uint32_t *sid_table_place(struct sid_table *table, const struct sid *sid);

/* Forgets all SIDs, keeps the memory. */
void sid_table_empty(struct sid_table *table);

void sid_table_free(struct sid_table *table);

#endif
