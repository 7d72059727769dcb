/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Interned descriptors: a hash table in shards, each with its lock.
 */
#include "fs/interned.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "acl/access.h"
#include "acl/mask.h"
#include "fs/table.h"

#define SHARDS 32u

/* bytes of a descriptor at rest that is remembered, and of all in memory */
#define LIGHT_MAX 4096
#define BYTES_MAX (256u << 20)

/* a prime, 2^61 - 1 */
#define PRIME ((UINT64_C(1) << 61) - 1)

struct interned {
	struct interned_table *table;
	struct table_link link; /* in its shard */
	atomic_uint references;
	unsigned int nature;
	bool names_group, shows_attributes, lets_pass;
	struct descriptor *sd;
	struct compiled *compiled;
	size_t bytes; /* in memory, about */
	size_t size;  /* 0: not in the table */
	unsigned char key[];
};

struct shard {
	pthread_mutex_t lock;
	struct table table;
};

struct interned_table {
	uint64_t factor; /* nobody else's to know: users choose what is hashed */
	atomic_size_t bytes;
	struct shard shards[SHARDS];
};

/* The bytes as digits of a number to a secret base: two keys rarely meet, whoever chose them. */
static uint64_t key_hash(const struct interned_table *table, const void *key, size_t size)
{
	const unsigned char *at = key;
	__uint128_t hash = size;

	while (size) {
		size_t step = size < 7 ? size : 7;
		uint64_t digit = 0;

		memcpy(&digit, at, step);
		hash = (hash * table->factor + digit) % PRIME;
		at += step;
		size -= step;
	}
	return (uint64_t)(hash * table->factor % PRIME);
}

static struct shard *shard_of(struct interned_table *table, uint64_t hash)
{
	return &table->shards[hash % SHARDS];
}

int interned_table_create(struct interned_table **out)
{
	struct interned_table *table = calloc(1, sizeof(*table));
	int err = 0;

	if (!table)
		return -ENOMEM;
	if (getrandom(&table->factor, sizeof(table->factor), 0) != sizeof(table->factor))
		err = -errno;
	table->factor = table->factor % (PRIME - 1) + 1;
	for (size_t i = 0; i < SHARDS; i++) {
		pthread_mutex_init(&table->shards[i].lock, NULL);
		if (err == 0)
			err = table_init(&table->shards[i].table);
	}
	if (err < 0)
		interned_table_destroy(table);
	else
		*out = table;
	return err;
}

void interned_table_destroy(struct interned_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < SHARDS; i++) {
		pthread_mutex_destroy(&table->shards[i].lock);
		free(table->shards[i].table.buckets);
	}
	free(table);
}

/* The shard is locked. */
static struct interned *shard_find(const struct shard *shard, uint64_t hash, const void *key,
				   size_t size)
{
	struct table_link *link = table_find(&shard->table, hash);

	for (; link; link = table_same(link->next, hash)) {
		struct interned *one = table_entry(link, struct interned, link);

		if (one->size == size && memcmp(one->key, key, size) == 0)
			return interned_ref(one);
	}
	return NULL;
}

struct interned *interned_find(struct interned_table *table, const void *key, size_t size)
{
	uint64_t hash = key_hash(table, key, size);
	struct shard *shard = shard_of(table, hash);
	struct interned *found;

	pthread_mutex_lock(&shard->lock);
	found = shard_find(shard, hash, key, size);
	pthread_mutex_unlock(&shard->lock);
	return found;
}

static size_t acl_bytes(const struct acl *acl)
{
	return acl ? acl->count * sizeof(*acl->aces) : 0;
}

static void interned_free(struct interned *interned)
{
	atomic_fetch_sub(&interned->table->bytes, interned->bytes);
	descriptor_destroy(interned->sd);
	compiled_destroy(interned->compiled);
	free(interned);
}

static struct interned *interned_make(struct interned_table *table, const void *key, size_t size,
				      struct descriptor *sd, unsigned int nature)
{
	struct interned *made = calloc(1, sizeof(*made) + size);

	if (!made || compile(sd, &made->compiled) != SD_OK) {
		free(made);
		descriptor_destroy(sd);
		return NULL;
	}
	made->table = table;
	made->references = 1;
	made->nature = nature;
	made->names_group = access_names_group(sd);
	made->shows_attributes = access_public(sd, FILE_READ_ATTRIBUTES);
	made->lets_pass = access_public(sd, FILE_TRAVERSE);
	made->sd = sd;
	made->bytes = sizeof(*made) + size + compiled_size(made->compiled) + acl_bytes(sd->dacl) +
		      acl_bytes(sd->sacl);
	atomic_fetch_add(&table->bytes, made->bytes);
	made->size = size;
	if (size) {
		made->link.hash = key_hash(table, key, size);
		memcpy(made->key, key, size);
	}
	return made;
}

int interned_add(struct interned_table *table, const void *key, size_t size, struct descriptor *sd,
		 unsigned int nature, struct interned **interned)
{
	struct interned *made = interned_make(table, key, size, sd, nature), *other;
	struct shard *shard;

	if (!made)
		return -ENOMEM;
	*interned = made;
	if (!size)
		return 0;
	shard = shard_of(table, made->link.hash);
	pthread_mutex_lock(&shard->lock);
	other = shard_find(shard, made->link.hash, key, size);
	if (!other)
		table_add(&shard->table, &made->link);
	pthread_mutex_unlock(&shard->lock);
	if (other) {
		interned_free(made);
		*interned = other;
	}
	return 0;
}

struct interned *interned_ref(struct interned *interned)
{
	if (interned)
		atomic_fetch_add(&interned->references, 1);
	return interned;
}

/* The last reference is given back under the lock: nobody can find it in between. */
static bool shard_drop(struct interned *interned)
{
	struct shard *shard = shard_of(interned->table, interned->link.hash);
	bool last;

	pthread_mutex_lock(&shard->lock);
	last = atomic_fetch_sub(&interned->references, 1) == 1;
	if (last)
		table_remove(&shard->table, &interned->link);
	pthread_mutex_unlock(&shard->lock);
	return last;
}

void interned_unref(struct interned *interned)
{
	unsigned int references;

	if (!interned)
		return;
	references = atomic_load(&interned->references);
	while (references > 1)
		if (atomic_compare_exchange_weak(&interned->references, &references,
						 references - 1))
			return;
	if (!interned->size ? atomic_fetch_sub(&interned->references, 1) == 1
			    : shard_drop(interned))
		interned_free(interned);
}

const struct descriptor *interned_descriptor(const struct interned *interned)
{
	return interned->sd;
}

const struct compiled *interned_compiled(const struct interned *interned)
{
	return interned->compiled;
}

unsigned int interned_nature(const struct interned *interned)
{
	return interned->nature;
}

bool interned_names_group(const struct interned *interned)
{
	return interned->names_group;
}

bool interned_shows_attributes(const struct interned *interned)
{
	return interned->shows_attributes;
}

bool interned_lets_pass(const struct interned *interned)
{
	return interned->lets_pass;
}

bool interned_is_light(const struct interned *interned)
{
	return interned->size <= LIGHT_MAX &&
	       (interned->references > 1 || interned->table->bytes < BYTES_MAX);
}

size_t interned_count(const struct interned_table *table)
{
	size_t count = 0;

	for (size_t i = 0; i < SHARDS; i++)
		count += table->shards[i].table.count;
	return count;
}
