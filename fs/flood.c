/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Token buckets by user. */
#include "fs/flood.h"

#include <pthread.h>
#include <stdlib.h>

#define SECOND 1000000000u
#define COST (SECOND / FLOOD_PER_SECOND)
#define FULL ((uint64_t)FLOOD_BURST * COST)

/* how many places are looked at for a user */
#define PROBES 16

/* A user's account is in nanoseconds: each record costs some, and time pays them back. */
struct bucket {
	uint64_t spent;
	uint64_t at;
	uint64_t missed;
	uid_t uid;
};

struct flood {
	pthread_mutex_t lock;
	struct bucket buckets[FLOOD_USERS];
	struct bucket others; /* of those for whom there was no place */
};

struct flood *flood_create(void)
{
	struct flood *flood = calloc(1, sizeof(*flood));

	if (!flood)
		return NULL;
	pthread_mutex_init(&flood->lock, NULL);
	flood->others.uid = FLOOD_OTHERS;
	return flood;
}

void flood_destroy(struct flood *flood)
{
	if (!flood)
		return;
	pthread_mutex_destroy(&flood->lock);
	free(flood);
}

static void bucket_pay(struct bucket *bucket, uint64_t now)
{
	uint64_t paid = now > bucket->at ? now - bucket->at : 0;

	bucket->spent = paid < bucket->spent ? bucket->spent - paid : 0;
	bucket->at = now;
}

/* The bucket of @uid: one that it has, or one that nobody needs any more, or that of the others. */
static struct bucket *bucket_of(struct flood *flood, uid_t uid, uint64_t now)
{
	size_t start = uid * UINT32_C(2654435761) >> 8;
	struct bucket *free_one = NULL;

	for (size_t i = 0; i < PROBES; i++) {
		struct bucket *bucket = &flood->buckets[(start + i) % FLOOD_USERS];

		bucket_pay(bucket, now);
		if (bucket->uid == uid && (bucket->spent || bucket->missed))
			return bucket;
		if (!free_one && !bucket->spent && !bucket->missed)
			free_one = bucket;
	}
	if (!free_one)
		return &flood->others;
	free_one->uid = uid;
	return free_one;
}

static bool bucket_admits(struct bucket *bucket, uint64_t now)
{
	bucket_pay(bucket, now);
	if (bucket->spent + COST > FULL)
		return false;
	bucket->spent += COST;
	return true;
}

bool flood_admits(struct flood *flood, uid_t uid, uint64_t now, uint64_t *missed)
{
	struct bucket *bucket;
	bool admitted;

	*missed = 0;
	pthread_mutex_lock(&flood->lock);
	bucket = bucket_of(flood, uid, now);
	admitted = bucket_admits(bucket, now);
	if (!admitted) {
		bucket->missed++;
	} else if (bucket != &flood->others) {
		*missed = bucket->missed;
		bucket->missed = 0;
	}
	pthread_mutex_unlock(&flood->lock);
	return admitted;
}

uint64_t flood_drain(struct flood *flood, uid_t *uid)
{
	uint64_t missed = 0;

	pthread_mutex_lock(&flood->lock);
	for (size_t i = 0; i <= FLOOD_USERS && !missed; i++) {
		struct bucket *bucket = i < FLOOD_USERS ? &flood->buckets[i] : &flood->others;

		missed = bucket->missed;
		*uid = bucket->uid;
		bucket->missed = 0;
	}
	pthread_mutex_unlock(&flood->lock);
	return missed;
}
