/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Token buckets by user. */
#include "fs/flood.h"

#include <pthread.h>
#include <stdlib.h>

#define SECOND 1000000000u
#define COST (SECOND / FLOOD_PER_SECOND)
#define FULL ((uint64_t)FLOOD_BURST * COST)

/* A user's account is in nanoseconds: each record costs some, and time pays them back. */
struct bucket {
	uint64_t spent;
	uint64_t at;
	uint64_t missed;
	uid_t uid; /* the last to be refused */
};

struct flood {
	pthread_mutex_t lock;
	struct bucket buckets[FLOOD_USERS];
};

struct flood *flood_create(void)
{
	struct flood *flood = calloc(1, sizeof(*flood));

	if (flood)
		pthread_mutex_init(&flood->lock, NULL);
	return flood;
}

void flood_destroy(struct flood *flood)
{
	if (!flood)
		return;
	pthread_mutex_destroy(&flood->lock);
	free(flood);
}

static bool bucket_admits(struct bucket *bucket, uint64_t now)
{
	uint64_t paid = now > bucket->at ? now - bucket->at : 0;

	bucket->spent = paid < bucket->spent ? bucket->spent - paid : 0;
	bucket->at = now;
	if (bucket->spent + COST > FULL)
		return false;
	bucket->spent += COST;
	return true;
}

bool flood_admits(struct flood *flood, uid_t uid, uint64_t now, uint64_t *missed)
{
	struct bucket *bucket = &flood->buckets[uid % FLOOD_USERS];
	bool admitted;

	*missed = 0;
	pthread_mutex_lock(&flood->lock);
	admitted = bucket_admits(bucket, now);
	if (admitted) {
		*missed = bucket->missed;
		bucket->missed = 0;
	} else {
		bucket->missed++;
		bucket->uid = uid;
	}
	pthread_mutex_unlock(&flood->lock);
	return admitted;
}

uint64_t flood_drain(struct flood *flood, uid_t *uid)
{
	uint64_t missed = 0;

	pthread_mutex_lock(&flood->lock);
	for (size_t i = 0; i < FLOOD_USERS && !missed; i++) {
		missed = flood->buckets[i].missed;
		*uid = flood->buckets[i].uid;
		flood->buckets[i].missed = 0;
	}
	pthread_mutex_unlock(&flood->lock);
	return missed;
}
