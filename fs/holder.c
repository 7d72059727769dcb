/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One count for each identity that has something open. */
#include "fs/holder.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "fs/table.h"

#define SHARDS 32u

/* so many each may have of the last quarter, too */
#define FEW 16u

struct holder {
	struct table_link link; /* in its shard, while it holds something */
	struct holders *holders;
	struct sid who;
	size_t held;
};

struct shard {
	pthread_mutex_t lock;
	struct table table;
};

struct holders {
	size_t limit;
	atomic_size_t total;
	struct shard shards[SHARDS];
};

int holders_create(size_t limit, struct holders **out)
{
	struct holders *holders = calloc(1, sizeof(*holders));
	int err = holders ? 0 : -ENOMEM;

	if (err < 0)
		return err;
	holders->limit = limit;
	for (size_t i = 0; i < SHARDS; i++) {
		pthread_mutex_init(&holders->shards[i].lock, NULL);
		if (err == 0)
			err = table_init(&holders->shards[i].table);
	}
	if (err < 0)
		holders_destroy(holders);
	else
		*out = holders;
	return err;
}

static void link_free(struct table_link *link)
{
	free(table_entry(link, struct holder, link));
}

void holders_destroy(struct holders *holders)
{
	if (!holders)
		return;
	for (size_t i = 0; i < SHARDS; i++) {
		table_drain(&holders->shards[i].table, link_free);
		pthread_mutex_destroy(&holders->shards[i].lock);
	}
	free(holders);
}

static struct shard *shard_of(struct holders *holders, uint64_t hash)
{
	return &holders->shards[hash % SHARDS];
}

/* The shard is locked. */
static struct holder *shard_find(struct holders *holders, struct shard *shard,
				 const struct sid *who, uint64_t hash)
{
	struct table_link *link = table_find(&shard->table, hash);
	struct holder *holder;

	for (; link; link = table_same(link->next, hash)) {
		holder = table_entry(link, struct holder, link);
		if (sid_equal(&holder->who, who))
			return holder;
	}
	holder = calloc(1, sizeof(*holder));
	if (!holder)
		return NULL;
	holder->link.hash = hash;
	holder->holders = holders;
	holder->who = *who;
	table_add(&shard->table, &holder->link);
	return holder;
}

/* With @total, itself among them, held by all. */
static bool is_fair(const struct holder *holder, size_t total)
{
	size_t limit = holder->holders->limit, shared = limit - limit / 4;

	if (total > limit)
		return false;
	return holder->held <= FEW || sid_equal(&holder->who, &sid_system) ||
	       (total <= shared && holder->held <= shared - total);
}

/* The shard is locked; who holds nothing any more is forgotten. */
static void give_back(struct shard *shard, struct holder *holder, unsigned int count)
{
	atomic_fetch_sub(&holder->holders->total, count);
	holder->held -= count;
	if (holder->held)
		return;
	table_remove(&shard->table, &holder->link);
	free(holder);
}

/* The shard is locked. */
static int take(struct shard *shard, struct holder *holder, unsigned int count)
{
	holder->held += count;
	if (is_fair(holder, atomic_fetch_add(&holder->holders->total, count) + count))
		return 0;
	give_back(shard, holder, count);
	return -EMFILE;
}

int claim_begin(struct holders *holders, const struct sid *who, unsigned int count,
		struct claim *claim)
{
	uint64_t hash = sid_hash(who);
	struct shard *shard = shard_of(holders, hash);
	struct holder *holder;
	int err;

	pthread_mutex_lock(&shard->lock);
	holder = shard_find(holders, shard, who, hash);
	err = holder ? take(shard, holder, count) : -ENOMEM;
	pthread_mutex_unlock(&shard->lock);
	*claim = err < 0 ? (struct claim){0} : (struct claim){holder, count};
	return err;
}

int claim_more(struct claim *claim, unsigned int count)
{
	struct holder *holder = claim->holder;
	struct shard *shard = shard_of(holder->holders, holder->link.hash);
	int err;

	pthread_mutex_lock(&shard->lock);
	err = take(shard, holder, count);
	if (err == 0)
		claim->count += count;
	pthread_mutex_unlock(&shard->lock);
	return err;
}

void claim_less(struct claim *claim, unsigned int count)
{
	struct holder *holder = claim->holder;
	struct shard *shard = shard_of(holder->holders, holder->link.hash);

	pthread_mutex_lock(&shard->lock);
	claim->count -= count;
	give_back(shard, holder, count);
	pthread_mutex_unlock(&shard->lock);
}

void claim_end(struct claim *claim)
{
	struct holder *holder = claim->holder;
	struct shard *shard;

	if (!holder)
		return;
	shard = shard_of(holder->holders, holder->link.hash);
	pthread_mutex_lock(&shard->lock);
	give_back(shard, holder, claim->count);
	pthread_mutex_unlock(&shard->lock);
	*claim = (struct claim){0};
}
