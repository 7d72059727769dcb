/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Answers, in two tables of sets of places: SIDs by id, ids by SID.  What has no place displaces
 * another; who fills them makes others ask again, no more.
 */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "keyring/domain_parts.h"

#define WAYS 4
#define SETS (CACHE_ANSWERS / 2 / WAYS)

struct answer {
	uint64_t generation; /* 0: free */
	time_t until;        /* CLOCK_MONOTONIC */
	struct domain_id id;
	struct domain_ids ids;
	struct sid sid;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct answer (*by_id)[WAYS];
static struct answer (*by_sid)[WAYS];
static unsigned int turn; /* whom to displace next */

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

static size_t set_of_id(const struct domain_id *id)
{
	return (id->id * 2u + id->is_group) % SETS;
}

static size_t set_of_sid(const struct sid *sid)
{
	return (size_t)(sid_hash(sid) % SETS);
}

static bool is_for_id(const struct answer *answer, const struct domain_id *id)
{
	return answer->generation && answer->id.id == id->id && answer->id.is_group == id->is_group;
}

static bool is_for_sid(const struct answer *answer, const struct sid *sid)
{
	return answer->generation && sid_equal(&answer->sid, sid);
}

static bool is_good(const struct answer *answer, uint64_t generation, time_t time)
{
	return answer->generation == generation && time < answer->until;
}

bool cache_sid(const struct domain_id *id, uint64_t generation, struct sid *sid)
{
	bool found = false;
	time_t time = now();

	pthread_mutex_lock(&lock);
	for (size_t i = 0; by_id && i < WAYS && !found; i++) {
		const struct answer *answer = &by_id[set_of_id(id)][i];

		found = is_for_id(answer, id) && is_good(answer, generation, time);
		if (found)
			*sid = answer->sid;
	}
	pthread_mutex_unlock(&lock);
	return found;
}

bool cache_ids(const struct sid *sid, uint64_t generation, struct domain_ids *ids)
{
	bool found = false;
	time_t time = now();

	pthread_mutex_lock(&lock);
	for (size_t i = 0; by_sid && i < WAYS && !found; i++) {
		const struct answer *answer = &by_sid[set_of_sid(sid)][i];

		found = is_for_sid(answer, sid) && is_good(answer, generation, time);
		if (found)
			*ids = answer->ids;
	}
	pthread_mutex_unlock(&lock);
	return found;
}

/* One that is no good any more, or whose turn it is. */
static struct answer *place_free(struct answer *set, uint64_t generation, time_t time)
{
	for (size_t i = 0; i < WAYS; i++) {
		if (!is_good(&set[i], generation, time))
			return &set[i];
	}
	return &set[turn++ % WAYS];
}

/* Without memory nothing is kept; that is all. */
static bool tables_make(void)
{
	if (!by_id)
		by_id = calloc(SETS, sizeof(*by_id));
	if (!by_sid)
		by_sid = calloc(SETS, sizeof(*by_sid));
	return by_id && by_sid;
}

void cache_keep_sid(const struct domain_id *id, uint64_t generation, const struct sid *sid)
{
	time_t time = now();
	struct answer *place = NULL;

	pthread_mutex_lock(&lock);
	if (tables_make()) {
		struct answer *set = by_id[set_of_id(id)];

		for (size_t i = 0; i < WAYS && !place; i++)
			place = is_for_id(&set[i], id) ? &set[i] : NULL;
		if (!place)
			place = place_free(set, generation, time);
		*place = (struct answer){
			.generation = generation,
			.until = time + (sid_is_domain(sid) ? CACHE_MAPPED : CACHE_NOT_MAPPED),
			.id = *id,
			.sid = *sid,
		};
	}
	pthread_mutex_unlock(&lock);
}

void cache_keep_ids(const struct sid *sid, uint64_t generation, const struct domain_ids *ids)
{
	bool mapped = ids->has_uid || ids->has_gid;
	time_t time = now();
	struct answer *place = NULL;

	pthread_mutex_lock(&lock);
	if (tables_make()) {
		struct answer *set = by_sid[set_of_sid(sid)];

		for (size_t i = 0; i < WAYS && !place; i++)
			place = is_for_sid(&set[i], sid) ? &set[i] : NULL;
		if (!place)
			place = place_free(set, generation, time);
		*place = (struct answer){
			.generation = generation,
			.until = time + (mapped ? CACHE_MAPPED : CACHE_NOT_MAPPED),
			.ids = *ids,
			.sid = *sid,
		};
	}
	pthread_mutex_unlock(&lock);
}
