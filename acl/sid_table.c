/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SIDs with flags, found by hash: open addressing, never more than half full.
 */
#include "acl/sid_table.h"

#include <stdlib.h>
#include <sys/auxv.h>

#define FIRST_SLOTS 32

/* Where @sid is or would go; @slots has a free place. */
static struct sid_slot *find_slot(const struct sid_table *table, const struct sid *sid,
				  uint64_t hash)
{
	for (size_t i = sid_table_start(table, hash);; i = (i + 1) & table->mask) {
		struct sid_slot *slot = &table->slots[i];

		if (!slot->flags ||
		    (slot->hash == hash && sid_same(&table->sids[slot->index], sid)))
			return slot;
	}
}

/*
 * An odd number made of the random bytes that the kernel gives each process.  Only its effect on
 * timing can be seen from outside; the bytes, which the C library also uses, cannot be told from
 * it.
 */
static uint64_t secret_factor(void)
{
	const void *random = (const void *)(uintptr_t)getauxval(AT_RANDOM);
	uint64_t halves[2] = {0};

	if (random)
		memcpy(halves, random, sizeof(halves));
	for (unsigned int i = 0; i < 4; i++) {
		halves[0] = (halves[0] ^ halves[1]) * UINT64_C(0xff51afd7ed558ccd);
		halves[0] ^= halves[0] >> 32;
		halves[1] = (halves[1] + halves[0]) * UINT64_C(0xc4ceb9fe1a85ec53);
		halves[1] ^= halves[1] >> 29;
	}
	return halves[1] | 1;
}

static bool grow_slots(struct sid_table *table)
{
	size_t count = table->slots ? 2 * (table->mask + 1) : FIRST_SLOTS;
	struct sid_slot *old = table->slots;
	size_t old_count = old ? table->mask + 1 : 0;
	struct sid_slot *slots = calloc(count, sizeof(*slots));

	if (!slots)
		return false;
	if (!old)
		table->factor = secret_factor();
	table->slots = slots;
	table->mask = count - 1;
	table->shift = 64 - (unsigned int)__builtin_ctzll(count);
	for (size_t i = 0; i < old_count; i++) {
		if (old[i].flags)
			*find_slot(table, &table->sids[old[i].index], old[i].hash) = old[i];
	}
	free(old);
	return true;
}

static bool grow_sids(struct sid_table *table)
{
	size_t room = table->room ? 2 * table->room : FIRST_SLOTS / 2;
	struct sid *sids = reallocarray(table->sids, room, sizeof(*sids));

	if (!sids)
		return false;
	table->sids = sids;
	table->room = room;
	return true;
}

uint32_t *sid_table_place(struct sid_table *table, const struct sid *sid)
{
	uint64_t hash = sid_hash(sid);
	struct sid_slot *slot;

	if ((!table->slots || 2 * (table->count + 1) > table->mask + 1) && !grow_slots(table))
		return NULL;
	slot = find_slot(table, sid, hash);
	if (slot->flags)
		return &slot->flags;
	if (table->count == table->room && !grow_sids(table))
		return NULL;
	table->sids[table->count] = *sid;
	*slot = (struct sid_slot){hash, (uint32_t)table->count++, 0};
	return &slot->flags;
}

void sid_table_empty(struct sid_table *table)
{
	if (table->slots)
		memset(table->slots, 0, (table->mask + 1) * sizeof(*table->slots));
	table->count = 0;
}

void sid_table_free(struct sid_table *table)
{
	free(table->slots);
	free(table->sids);
	*table = (struct sid_table){0};
}
