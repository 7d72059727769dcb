/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A table of sets, by the key's serial. */
#include "keyring/client_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* at most 16,384 tokens, of two or three kilobytes */
#define SETS 2048u
#define WAYS 8
#define LOCKS 64u
/* seconds that a group look-up stays good */
#define KEEP 60

struct client {
	int32_t key; /* 0: free */
	uid_t owner, actor;
	const struct policy *policy;
	time_t made; /* CLOCK_MONOTONIC */
	size_t length;
	char *bytes; /* description with its NUL, then the text */
	struct client_found found;
};

struct client_cache {
	pthread_mutex_t locks[LOCKS]; /* each of several sets */
	struct client sets[SETS][WAYS];
};

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

struct client_cache *client_cache_create(void)
{
	struct client_cache *cache = calloc(1, sizeof(*cache));

	if (cache)
		for (size_t i = 0; i < LOCKS; i++)
			pthread_mutex_init(&cache->locks[i], NULL);
	return cache;
}

void client_found_clear(struct client_found *found)
{
	token_unref(found->token);
	token_unref(found->from);
	*found = (struct client_found){0};
}

static struct client_found found_ref(const struct client_found *found)
{
	struct client_found copy = *found;

	token_ref(copy.token);
	token_ref(copy.from);
	return copy;
}

static void client_clear(struct client *client)
{
	client_found_clear(&client->found);
	policy_unref(client->policy);
	free(client->bytes);
	memset(client, 0, sizeof(*client));
}

void client_cache_destroy(struct client_cache *cache)
{
	if (!cache)
		return;
	for (size_t i = 0; i < SETS * WAYS; i++)
		client_clear(&cache->sets[i / WAYS][i % WAYS]);
	for (size_t i = 0; i < LOCKS; i++)
		pthread_mutex_destroy(&cache->locks[i]);
	free(cache);
}

static struct client *set_of(struct client_cache *cache, int32_t key)
{
	return cache->sets[(uint32_t)key % SETS];
}

/* Of the set of @key. */
static pthread_mutex_t *lock_of(struct client_cache *cache, int32_t key)
{
	return &cache->locks[(uint32_t)key % LOCKS];
}

static bool client_matches(const struct client *client, const struct evidence *evidence)
{
	size_t name = strlen(evidence->info->description) + 1;

	return client->key == evidence->key && client->owner == evidence->info->uid &&
	       client->actor == evidence->actor && client->policy == evidence->policy &&
	       client->length == name + evidence->length &&
	       memcmp(client->bytes, evidence->info->description, name) == 0 &&
	       memcmp(client->bytes + name, evidence->text, evidence->length) == 0;
}

bool client_cache_find(struct client_cache *cache, const struct evidence *evidence,
		       struct client_found *found)
{
	struct client *set = set_of(cache, evidence->key);
	time_t time = now();
	bool any = false;

	pthread_mutex_lock(lock_of(cache, evidence->key));
	for (size_t i = 0; i < WAYS && !any; i++) {
		any = client_matches(&set[i], evidence) && time - set[i].made < KEEP;
		if (any)
			*found = found_ref(&set[i].found);
	}
	pthread_mutex_unlock(lock_of(cache, evidence->key));
	return any;
}

/* The place of the same key and actor, or a free one, or the one that was filled longest ago. */
static struct client *place_for(struct client_cache *cache, const struct evidence *evidence)
{
	struct client *set = set_of(cache, evidence->key);
	struct client *place = &set[0];

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].key == evidence->key && set[i].actor == evidence->actor)
			return &set[i];
		if (place->key && (!set[i].key || set[i].made < place->made))
			place = &set[i];
	}
	return place;
}

/* Without memory it is not kept; that is all. */
void client_cache_store(struct client_cache *cache, const struct evidence *evidence,
			const struct client_found *found)
{
	size_t name = strlen(evidence->info->description) + 1;
	char *bytes = malloc(name + evidence->length);
	struct client *place;

	if (!bytes)
		return;
	memcpy(bytes, evidence->info->description, name);
	memcpy(bytes + name, evidence->text, evidence->length);
	pthread_mutex_lock(lock_of(cache, evidence->key));
	place = place_for(cache, evidence);
	client_clear(place);
	*place = (struct client){
		.key = evidence->key,
		.owner = evidence->info->uid,
		.actor = evidence->actor,
		.policy = policy_ref(evidence->policy),
		.made = now(),
		.length = name + evidence->length,
		.bytes = bytes,
		.found = found_ref(found),
	};
	pthread_mutex_unlock(lock_of(cache, evidence->key));
}

bool client_cache_knows(struct client_cache *cache, int32_t key)
{
	struct client *set = set_of(cache, key);
	bool known = false;

	pthread_mutex_lock(lock_of(cache, key));
	for (size_t i = 0; i < WAYS; i++)
		known = known || set[i].key == key;
	pthread_mutex_unlock(lock_of(cache, key));
	return known;
}

void client_cache_housekeep(struct client_cache *cache)
{
	time_t time = now();

	for (size_t set = 0; set < SETS; set++) {
		pthread_mutex_lock(&cache->locks[set % LOCKS]);
		for (size_t i = 0; i < WAYS; i++) {
			struct client *client = &cache->sets[set][i];

			if (client->key && time - client->made >= KEEP)
				client_clear(client);
		}
		pthread_mutex_unlock(&cache->locks[set % LOCKS]);
	}
}
