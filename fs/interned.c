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

#define SHARDS 32u
#define FIRST_BUCKETS 16u

/* bytes of a descriptor at rest that is remembered, and of all in memory */
#define LIGHT_MAX 4096
#define BYTES_MAX (256u << 20)

/* a prime, 2^61 - 1 */
#define PRIME ((UINT64_C(1) << 61) - 1)

struct interned {
	struct interned_table *table;
	struct interned *next; /* in its bucket */
	uint64_t hash;
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
	struct interned **buckets;
	size_t bucket_count; /* a power of two */
	size_t count;
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

static struct interned **bucket_of(const struct shard *shard, uint64_t hash)
{
	return &shard->buckets[(hash / SHARDS) & (shard->bucket_count - 1)];
}

static int shard_grow(struct shard *shard)
{
	size_t room = shard->bucket_count ? shard->bucket_count * 2 : FIRST_BUCKETS;
	struct interned **old = shard->buckets, **buckets = calloc(room, sizeof(*buckets));
	size_t old_count = shard->bucket_count;

	if (!buckets)
		return -ENOMEM;
	shard->buckets = buckets;
	shard->bucket_count = room;
	for (size_t i = 0; i < old_count; i++) {
		struct interned *one = old[i], *next;

		for (; one; one = next) {
			struct interned **bucket = bucket_of(shard, one->hash);

			next = one->next;
			one->next = *bucket;
			*bucket = one;
		}
	}
	free(old);
	return 0;
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
			err = shard_grow(&table->shards[i]);
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
		free(table->shards[i].buckets);
	}
	free(table);
}

/* The shard is locked. */
static struct interned *shard_find(const struct shard *shard, uint64_t hash, const void *key,
				   size_t size)
{
	struct interned *one = *bucket_of(shard, hash);

	while (one && (one->hash != hash || one->size != size || memcmp(one->key, key, size) != 0))
		one = one->next;
	return one ? interned_ref(one) : NULL;
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
		made->hash = key_hash(table, key, size);
		memcpy(made->key, key, size);
	}
	return made;
}

int interned_add(struct interned_table *table, const void *key, size_t size, struct descriptor *sd,
		 unsigned int nature, struct interned **interned)
{
	struct interned *made = interned_make(table, key, size, sd, nature), *other;
	struct shard *shard;
	int err = 0;

	if (!made)
		return -ENOMEM;
	*interned = made;
	if (!size)
		return 0;
	shard = shard_of(table, made->hash);
	pthread_mutex_lock(&shard->lock);
	other = shard_find(shard, made->hash, key, size);
	if (!other && shard->count >= shard->bucket_count)
		err = shard_grow(shard);
	if (!other && err == 0) {
		made->next = *bucket_of(shard, made->hash);
		*bucket_of(shard, made->hash) = made;
		shard->count++;
	}
	pthread_mutex_unlock(&shard->lock);
	if (other || err < 0) {
		interned_free(made);
		*interned = other;
	}
	return err;
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
	struct shard *shard = shard_of(interned->table, interned->hash);
	bool last;

	pthread_mutex_lock(&shard->lock);
	last = atomic_fetch_sub(&interned->references, 1) == 1;
	if (last) {
		struct interned **at = bucket_of(shard, interned->hash);

		while (*at != interned)
			at = &(*at)->next;
		*at = interned->next;
		shard->count--;
	}
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
		count += table->shards[i].count;
	return count;
}
