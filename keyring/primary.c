/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Primary tokens.  Those without supplementary groups hang on two numbers and the host's domain
 * only, so a table keeps them for a while; groups are read from the thread each time.
 */
#include "keyring/primary.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "keyring/caller.h"
#include "keyring/domain.h"
#include "keyring/identity.h"
#include "keyring/scoped.h"

/* at most 16,384 tokens, of two or three kilobytes */
#define SETS 2048u
#define WAYS 8
#define LOCKS 64u
/* seconds that a place stays good */
#define KEEP 60

struct primary {
	uid_t uid;
	gid_t gid;
	const struct policy *policy; /* that it was made by */
	uint64_t generation;         /* of the domain's answers */
	time_t made;                 /* CLOCK_MONOTONIC */
	const struct token *token;   /* NULL: free */
};

struct primaries {
	bool squash_root;
	pthread_mutex_t locks[LOCKS]; /* each of several sets */
	struct primary sets[SETS][WAYS];
};

struct primaries *primaries_create(bool squash_root)
{
	struct primaries *primaries = calloc(1, sizeof(*primaries));

	if (primaries) {
		primaries->squash_root = squash_root;
		for (size_t i = 0; i < LOCKS; i++)
			pthread_mutex_init(&primaries->locks[i], NULL);
	}
	return primaries;
}

static void primary_clear(struct primary *place)
{
	token_unref(place->token);
	policy_unref(place->policy);
	*place = (struct primary){0};
}

void primaries_destroy(struct primaries *primaries)
{
	if (!primaries)
		return;
	for (size_t i = 0; i < SETS * WAYS; i++)
		primary_clear(&primaries->sets[i / WAYS][i % WAYS]);
	for (size_t i = 0; i < LOCKS; i++)
		pthread_mutex_destroy(&primaries->locks[i]);
	free(primaries);
}

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

/* Ids often follow one another, and a user's group has the user's number. */
static size_t set_of(const struct primary *wanted)
{
	uint32_t hash = wanted->uid * UINT32_C(0x9e3779b1) ^ wanted->gid * UINT32_C(0x85ebca77);

	return (hash >> 16 ^ hash) % SETS;
}

static bool is_of(const struct primary *place, const struct primary *wanted)
{
	return place->token && place->uid == wanted->uid && place->gid == wanted->gid;
}

static const struct token *place_find(struct primaries *primaries, const struct primary *wanted)
{
	size_t set = set_of(wanted);
	const struct token *token = NULL;

	pthread_mutex_lock(&primaries->locks[set % LOCKS]);
	for (size_t i = 0; i < WAYS && !token; i++) {
		const struct primary *place = &primaries->sets[set][i];

		if (is_of(place, wanted) && place->policy == wanted->policy &&
		    place->generation == wanted->generation && wanted->made - place->made < KEEP)
			token = token_ref(place->token);
	}
	pthread_mutex_unlock(&primaries->locks[set % LOCKS]);
	return token;
}

/* The place of the same ids, or a free one, or the one that was filled longest ago. */
static struct primary *place_for(struct primary set[WAYS], const struct primary *wanted)
{
	struct primary *place = &set[0];

	for (size_t i = 0; i < WAYS; i++) {
		if (is_of(&set[i], wanted))
			return &set[i];
		if (place->token && (!set[i].token || set[i].made < place->made))
			place = &set[i];
	}
	return place;
}

/* Takes references of its own. */
static void place_store(struct primaries *primaries, const struct primary *made)
{
	size_t set = set_of(made);
	struct primary *place;

	pthread_mutex_lock(&primaries->locks[set % LOCKS]);
	place = place_for(primaries->sets[set], made);
	primary_clear(place);
	*place = *made;
	place->policy = policy_ref(made->policy);
	place->token = token_ref(made->token);
	pthread_mutex_unlock(&primaries->locks[set % LOCKS]);
}

void primaries_housekeep(struct primaries *primaries)
{
	time_t time = now();

	for (size_t set = 0; set < SETS; set++) {
		pthread_mutex_lock(&primaries->locks[set % LOCKS]);
		for (size_t i = 0; i < WAYS; i++) {
			struct primary *place = &primaries->sets[set][i];

			if (place->token && time - place->made >= KEEP)
				primary_clear(place);
		}
		pthread_mutex_unlock(&primaries->locks[set % LOCKS]);
	}
}

/* It is made without the lock: a domain that is slow keeps nobody else waiting. */
static enum guise_reason primary_without_groups(struct primaries *primaries,
						const struct policy *policy,
						const struct caller *caller,
						const struct token **token)
{
	const struct identity_rules rules = {policy, primaries->squash_root};
	struct primary wanted = {
		.uid = caller->uid,
		.gid = caller->gid,
		.policy = policy,
		.generation = domain_generation(),
		.made = now(),
	};
	enum guise_reason reason;
	struct token *made;

	*token = place_find(primaries, &wanted);
	if (*token)
		return REASON_NONE;
	reason = identity_of_ids(caller->uid, caller->gid, NULL, 0, &rules, &made);
	if (reason)
		return reason;
	wanted.token = *token = made;
	place_store(primaries, &wanted);
	return REASON_NONE;
}

static enum guise_reason reason_of_groups(int error)
{
	if (error == -ENOMEM)
		return REASON_NO_MEMORY;
	return error == -ESRCH ? REASON_CALLER_GONE : REASON_GROUPS_UNREADABLE;
}

enum guise_reason primary_token(struct primaries *primaries, const struct policy *policy,
				const struct caller *caller, bool groups,
				const struct token **token)
{
	const struct identity_rules rules = {policy, primaries->squash_root};
	SCOPED_BUFFER gid_t *list = NULL;
	enum guise_reason reason;
	struct token *made;
	size_t count = 0;
	int error;

	/* a privilege can hang on a group where no descriptor names one */
	if (!groups && !policy_asks_groups(policy))
		return primary_without_groups(primaries, policy, caller, token);
	error = caller_groups(caller->tid, caller->uid, &list, &count);
	if (error)
		return reason_of_groups(error);
	reason = identity_of_ids(caller->uid, caller->gid, list, count, &rules, &made);
	if (!reason)
		*token = made;
	return reason;
}
