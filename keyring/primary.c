/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Primary tokens.  Those without supplementary groups hang on two numbers and the host's domain
 * only, so a small table keeps them for a while; groups are read from the thread each time.
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

#define PLACES 256
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
	pthread_mutex_t lock;
	struct primary places[PLACES];
};

struct primaries *primaries_create(bool squash_root)
{
	struct primaries *primaries = calloc(1, sizeof(*primaries));

	if (primaries) {
		primaries->squash_root = squash_root;
		pthread_mutex_init(&primaries->lock, NULL);
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
	for (size_t i = 0; i < PLACES; i++)
		primary_clear(&primaries->places[i]);
	pthread_mutex_destroy(&primaries->lock);
	free(primaries);
}

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

static struct primary *place_of(struct primaries *primaries, const struct caller *caller)
{
	return &primaries->places[(caller->uid * 31u + caller->gid) % PLACES];
}

static const struct token *place_find(struct primaries *primaries, const struct primary *wanted)
{
	const struct caller caller = {.uid = wanted->uid, .gid = wanted->gid};
	const struct primary *place = place_of(primaries, &caller);
	const struct token *token = NULL;

	pthread_mutex_lock(&primaries->lock);
	if (place->token && place->uid == wanted->uid && place->gid == wanted->gid &&
	    place->policy == wanted->policy && place->generation == wanted->generation &&
	    wanted->made - place->made < KEEP)
		token = token_ref(place->token);
	pthread_mutex_unlock(&primaries->lock);
	return token;
}

/* Takes references of its own. */
static void place_store(struct primaries *primaries, const struct primary *made)
{
	const struct caller caller = {.uid = made->uid, .gid = made->gid};
	struct primary *place = place_of(primaries, &caller);

	pthread_mutex_lock(&primaries->lock);
	primary_clear(place);
	*place = *made;
	place->policy = policy_ref(made->policy);
	place->token = token_ref(made->token);
	pthread_mutex_unlock(&primaries->lock);
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
