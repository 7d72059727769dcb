/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Primary tokens.  Those without supplementary groups hang on two numbers only,
 * so a small table keeps them; groups are read from the thread each time.
 */
#include "keyring/primary.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "keyring/caller.h"
#include "keyring/identity.h"
#include "keyring/scoped.h"

#define PLACES 256

struct primary {
	uid_t uid;
	gid_t gid;
	const struct policy *policy; /* that it was made by */
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

static enum guise_reason primary_without_groups(struct primaries *primaries,
						const struct policy *policy,
						const struct caller *caller,
						const struct token **token)
{
	const struct identity_rules rules = {policy, primaries->squash_root};
	struct primary *place = &primaries->places[(caller->uid * 31u + caller->gid) % PLACES];
	enum guise_reason reason = REASON_NONE;

	pthread_mutex_lock(&primaries->lock);
	if (!place->token || place->uid != caller->uid || place->gid != caller->gid ||
	    place->policy != policy) {
		struct token *made;

		reason = identity_of_ids(caller->uid, caller->gid, NULL, 0, &rules, &made);
		if (!reason) {
			primary_clear(place);
			*place = (struct primary){caller->uid, caller->gid, policy_ref(policy),
						  made};
		}
	}
	if (!reason)
		*token = token_ref(place->token);
	pthread_mutex_unlock(&primaries->lock);
	return reason;
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
