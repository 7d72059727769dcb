/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Buckets, each a list. */
#include "fs/table.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_ROOM 16u

/* times as many buckets as there is to put in them, before there are fewer */
#define SPARSE 8u

static struct table_link **bucket_of(const struct table *table, uint64_t hash)
{
	return &table->buckets[(hash >> 8) & (table->room - 1)];
}

int table_init(struct table *table)
{
	*table = (struct table){.room = FIRST_ROOM};
	table->buckets = calloc(table->room, sizeof(struct table_link *));
	return table->buckets ? 0 : -ENOMEM;
}

/* Without memory it stays as it is: longer lists are found in, too. */
static void table_resize(struct table *table, size_t room)
{
	struct table old = *table;
	struct table_link **buckets = calloc(room, sizeof(struct table_link *));

	if (!buckets)
		return;
	table->buckets = buckets;
	table->room = room;
	for (size_t i = 0; i < old.room; i++) {
		struct table_link *link = old.buckets[i], *next;

		for (; link; link = next) {
			struct table_link **bucket = bucket_of(table, link->hash);

			next = link->next;
			link->next = *bucket;
			*bucket = link;
		}
	}
	free(old.buckets);
}

void table_drain(struct table *table, void (*each)(struct table_link *link))
{
	for (size_t i = 0; table->buckets && i < table->room; i++) {
		struct table_link *link = table->buckets[i], *next;

		for (; link; link = next) {
			next = link->next;
			each(link);
		}
	}
	free(table->buckets);
	*table = (struct table){0};
}

void table_add(struct table *table, struct table_link *link)
{
	struct table_link **bucket;

	if (table->count >= table->room)
		table_resize(table, table->room * 2);
	bucket = bucket_of(table, link->hash);
	link->next = *bucket;
	*bucket = link;
	table->count++;
}

void table_remove(struct table *table, struct table_link *link)
{
	struct table_link **at = bucket_of(table, link->hash);

	while (*at != link)
		at = &(*at)->next;
	*at = link->next;
	table->count--;
	if (table->room > FIRST_ROOM && table->count < table->room / SPARSE)
		table_resize(table, table->room / 2);
}
