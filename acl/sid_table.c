/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SIDs with flags, found by hash: open addressing, never more than half full.
 */
#include "acl/sid_table.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_SLOTS 32

/* Where @sid is or would go; @slots has a free place. */
static struct sid_slot *find_slot(const struct sid_table *table, const struct sid *sid,
				  uint64_t hash)
{
	for (size_t i = hash & table->mask;; i = (i + 1) & table->mask) {
		struct sid_slot *slot = &table->slots[i];

		if (!slot->flags ||
		    (slot->hash == hash && sid_same(&table->sids[slot->index], sid)))
			return slot;
	}
}

static int grow_slots(struct sid_table *table)
{
	size_t count = table->slots ? 2 * (table->mask + 1) : FIRST_SLOTS;
	struct sid_slot *old = table->slots;
	size_t old_count = old ? table->mask + 1 : 0;
	struct sid_slot *slots = calloc(count, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	table->slots = slots;
	table->mask = count - 1;
	for (size_t i = 0; i < old_count; i++) {
		if (old[i].flags)
			*find_slot(table, &table->sids[old[i].index], old[i].hash) = old[i];
	}
	free(old);
	return 0;
}

static int grow_sids(struct sid_table *table)
{
	size_t room = table->room ? 2 * table->room : FIRST_SLOTS / 2;
	struct sid *sids = reallocarray(table->sids, room, sizeof(*sids));

	if (!sids)
		return -ENOMEM;
	table->sids = sids;
	table->room = room;
	return 0;
}

int sid_table_add(struct sid_table *table, const struct sid *sid, uint32_t flags)
{
	uint64_t hash = sid_hash(sid);
	struct sid_slot *slot;

	if (!table->slots || 2 * (table->count + 1) > table->mask + 1) {
		if (grow_slots(table))
			return -ENOMEM;
	}
	slot = find_slot(table, sid, hash);
	if (slot->flags) {
		slot->flags |= flags;
		return 0;
	}
	if (table->count == table->room && grow_sids(table))
		return -ENOMEM;
	table->sids[table->count] = *sid;
	*slot = (struct sid_slot){hash, (uint32_t)table->count++, flags};
	return 0;
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
