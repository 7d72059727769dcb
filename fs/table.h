/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A hash table of things that have a link in them.  It grows and shrinks with what it holds, and
 * locks nothing: who uses it does.
 *
 * The low eight bits of a hash are not looked at, so that they can choose one of several tables.
 */
#ifndef GUISE_FS_TABLE_H
#define GUISE_FS_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct table_link {
	struct table_link *next; /* in its bucket */
	uint64_t hash;
};

struct table {
	struct table_link **buckets;
	size_t room; /* how many buckets: a power of two */
	size_t count;
};

/* An empty one.  Returns 0 or -ENOMEM. */
int table_init(struct table *table);

/* Calls @each with all that is in it, which may free it; then frees the table's own memory. */
void table_drain(struct table *table, void (*each)(struct table_link *link));

/* Puts in @link, whose hash is set. */
void table_add(struct table *table, struct table_link *link);

/* Takes out @link, which is in it. */
void table_remove(struct table *table, struct table_link *link);

/* @link, or what comes after it in its bucket, with @hash; or NULL. */
static inline struct table_link *table_same(struct table_link *link, uint64_t hash)
{
	while (link && link->hash != hash)
		link = link->next;
	return link;
}

/* The first with @hash, or NULL; the next is table_same(link->next, hash). */
static inline struct table_link *table_find(const struct table *table, uint64_t hash)
{
	return table_same(table->buckets[(hash >> 8) & (table->room - 1)], hash);
}

/* What @link, which is not NULL, is the @member of. */
#define table_entry(link, type, member) ((type *)((char *)(link)-offsetof(type, member)))

#endif
