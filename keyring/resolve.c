/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From a caller to its token: is it in a marked tree, did it announce itself,
 * what does its ring hold?  Each question is answered, or the caller refused.
 */
#include "keyring/resolve.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keyring/caller.h"
#include "keyring/client.h"
#include "keyring/key.h"
#include "keyring/primary.h"
#include "keyring/registry.h"
#include "keyring/tree.h"

/* keys in a ring that are looked at */
#define RING_KEYS 64

/* What others than its thread must not be able to do to a ring: add keys, or let themselves. */
#define RING_FOREIGN_CHANGE                                                                        \
	(KEY_USR_WRITE | KEY_USR_LINK | KEY_USR_SETATTR | KEY_GRP_WRITE | KEY_GRP_LINK |           \
	 KEY_GRP_SETATTR | KEY_OTH_WRITE | KEY_OTH_LINK | KEY_OTH_SETATTR)

/* Each request takes the policy: threads take it from different places. */
#define POLICY_SLOTS 16
struct policy_slot {
	pthread_mutex_t lock;
	const struct policy *policy;
};

struct resolver {
	struct registry *registry;
	struct trees *trees;
	struct clients *clients;
	struct primaries *primaries;
	struct policy_slot policies[POLICY_SLOTS]; /* the same one in each */
};

/* One request. */
struct request {
	struct resolver *resolver;
	const struct policy *policy; /* the same one from beginning to end */
	const struct caller *caller;
	bool groups;
	int32_t key;        /* the ring or token key it is about */
	struct hold **hold; /* wanted, or NULL */
};

/* What a ring holds. */
struct finding {
	int32_t marker;
	int32_t token;
	unsigned int tokens;
	int32_t odd;                 /* a key that cannot be described */
	int odd_error;               /* and why */
	bool vanished;               /* a key went between listing and describing */
	struct key_info *info;       /* room to describe the next key */
	struct key_info *token_info; /* of the last token key */
	struct key_info rooms[2];
};

void resolver_destroy(struct resolver *resolver)
{
	if (!resolver)
		return;
	for (size_t i = 0; i < POLICY_SLOTS; i++) {
		policy_unref(resolver->policies[i].policy);
		pthread_mutex_destroy(&resolver->policies[i].lock);
	}
	primaries_destroy(resolver->primaries);
	clients_destroy(resolver->clients);
	trees_destroy(resolver->trees);
	registry_destroy(resolver->registry);
	free(resolver);
}

static int create_parts(const struct resolver_options *options, struct resolver *made)
{
	const struct policy *policy;
	int error = registry_create(&made->registry);

	if (error)
		return error;
	error = trees_create(&made->trees);
	if (error)
		return error;
	made->clients = clients_create(options->squash_root, options->share);
	made->primaries = primaries_create(options->squash_root);
	policy = options->policy ? policy_ref(options->policy) : policy_builtin();
	if (policy)
		resolver_set_policy(made, policy);
	policy_unref(policy);
	return made->clients && made->primaries && policy ? 0 : -ENOMEM;
}

int resolver_create(const struct resolver_options *options, struct resolver **resolver)
{
	struct resolver *made;
	int error;

	if (geteuid() != 0 || getuid() != 0)
		return -EPERM;
	/* thread ids of another pid namespace would be taken for ours, and start times of another
	 * time namespace for those of other threads */
	if (!caller_proc_is_ours() || !caller_times_are_hosts())
		return -EXDEV;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	for (size_t i = 0; i < POLICY_SLOTS; i++)
		pthread_mutex_init(&made->policies[i].lock, NULL);
	error = create_parts(options, made);
	if (error) {
		resolver_destroy(made);
		return error;
	}
	*resolver = made;
	return 0;
}

/* Threads' stacks lie apart by powers of two and some more. */
static struct policy_slot *slot_of_thread(struct resolver *resolver)
{
	uintptr_t self = (uintptr_t)pthread_self();

	return &resolver->policies[(self >> 12 ^ self >> 20 ^ self >> 23) % POLICY_SLOTS];
}

struct policy *resolver_policy(struct resolver *resolver)
{
	struct policy_slot *slot = slot_of_thread(resolver);
	struct policy *policy;

	pthread_mutex_lock(&slot->lock);
	policy = policy_ref(slot->policy);
	pthread_mutex_unlock(&slot->lock);
	return policy;
}

void resolver_set_policy(struct resolver *resolver, const struct policy *policy)
{
	for (size_t i = 0; i < POLICY_SLOTS; i++) {
		struct policy_slot *slot = &resolver->policies[i];
		const struct policy *old;

		pthread_mutex_lock(&slot->lock);
		old = slot->policy;
		slot->policy = policy_ref(policy);
		pthread_mutex_unlock(&slot->lock);
		policy_unref(old);
	}
}

static void finding_add(struct finding *finding, int32_t key, int32_t known_marker)
{
	int error;

	/* to take another key for the marker can only refuse more */
	if (key == known_marker) {
		finding->marker = key;
		return;
	}
	error = key_describe(key, finding->info);
	if (error == -ENOKEY) {
		finding->vanished = true;
	} else if (error) {
		finding->odd = key;
		finding->odd_error = error;
	} else if (key_is_marker(finding->info)) {
		finding->marker = key;
	} else if (key_is_token(finding->info)) {
		finding->token = key;
		finding->token_info = finding->info;
		/* more than two are refused whatever they are */
		finding->info = &finding->rooms[finding->tokens++ == 0];
	}
}

/* Lists and describes what @ring holds.  0 or a negative errno about the ring itself. */
static int ring_examine(int32_t ring, int32_t known_marker, struct finding *finding)
{
	int32_t keys[RING_KEYS];

	/* a key that vanished in between: look again, once, and then take it as it is */
	for (int attempt = 0; attempt < 2; attempt++) {
		ssize_t count = key_list(ring, keys, RING_KEYS);

		if (count < 0)
			return (int)count;
		finding->info = finding->rooms;
		finding->token_info = NULL;
		finding->marker = 0;
		finding->token = 0;
		finding->tokens = 0;
		finding->odd = 0;
		finding->vanished = false;
		for (ssize_t i = 0; i < count; i++)
			finding_add(finding, keys[i], known_marker);
		if (!finding->vanished)
			break;
	}
	return 0;
}

/* A key that cannot be described: was it the client's? */
static enum guise_reason reason_of_odd(const struct request *request, const struct finding *finding)
{
	if (finding->marker || client_known(request->resolver->clients, finding->odd))
		return client_reason(finding->odd_error);
	return REASON_MARKER_UNREADABLE;
}

static enum guise_reason reason_of_ring(int error)
{
	switch (error) {
	case -ENOKEY:
		return REASON_RING_GONE;
	case -EFBIG:
		return REASON_RING_FULL;
	default:
		return REASON_RING_UNREADABLE;
	}
}

/* May @ring be the thread ring of a thread of user @uid? */
static enum guise_reason ring_refuse(int32_t ring, uid_t uid)
{
	struct key_info info;
	int error = key_describe(ring, &info);

	if (error)
		return reason_of_ring(error);
	if (strcmp(info.type, "keyring") != 0 || strcmp(info.description, "_tid") != 0 ||
	    (info.perm & RING_FOREIGN_CHANGE))
		return REASON_RING_NOT_THREAD;
	return info.uid == uid ? REASON_NONE : REASON_RING_NOT_OWN;
}

/* The client whose token key request->key is, as @info describes it. */
static enum guise_reason token_of_key(const struct request *request, const struct key_info *info,
				      const struct token **token)
{
	const struct client_ask ask = {
		.policy = request->policy,
		.key = request->key,
		.info = info,
		.actor = request->caller->uid,
		.hold = request->hold,
	};

	return client_token(request->resolver->clients, &ask, token);
}

static enum guise_reason token_of_itself(const struct request *request, const struct token **token)
{
	return primary_token(request->resolver->primaries, request->policy, request->caller,
			     request->groups, token);
}

/*
 * Who the thread is by its ring.  *@empty if it holds nothing of ours: then it is itself.
 */
static enum guise_reason ring_judge(struct request *request,
				    const struct registration *registration, bool *empty,
				    const struct token **token)
{
	struct resolver *resolver = request->resolver;
	struct finding finding;
	enum guise_reason reason;
	bool itself;
	int error;

	*empty = false;
	request->key = registration->ring;
	/* exec gives a set-user-id program the thread, and the serial may be another ring's by now
	 */
	reason = ring_refuse(registration->ring, request->caller->uid);
	if (reason)
		return reason;
	error = ring_examine(registration->ring, registration->marker, &finding);
	if (error)
		return reason_of_ring(error);
	if (finding.odd) {
		request->key = finding.odd;
		return reason_of_odd(request, &finding);
	}
	if (finding.marker != registration->marker)
		registry_note_marker(resolver->registry, request->caller->tid, registration->entry,
				     finding.marker);
	itself = !finding.marker && !finding.tokens;
	/* a ring outlives its thread as long as a file that the thread opened, a program too */
	reason = registry_check_first(resolver->registry, request->caller->tid, registration,
				      !itself);
	if (reason)
		return reason;
	if (finding.tokens > 1)
		return REASON_TWO_TOKENS;
	*empty = itself;
	if (*empty)
		return REASON_NONE;
	if (!finding.tokens)
		return REASON_MARKER_ALONE;
	request->key = finding.token;
	if (!finding.marker)
		return REASON_TOKEN_UNMARKED;
	return token_of_key(request, finding.token_info, token);
}

/*
 * A thread that announced itself.  Before it counts as itself, or its ring as
 * gone, the kernel's registry is asked whether another mount knows a newer ring.
 */
static enum guise_reason resolve_announced(struct request *request,
					   struct registration *registration,
					   const struct token **token)
{
	struct resolver *resolver = request->resolver;

	for (int attempt = 0; attempt < 2; attempt++) {
		int32_t entry = registration->entry;
		enum guise_reason again;
		bool empty;
		enum guise_reason reason = ring_judge(request, registration, &empty, token);

		if (!empty && reason != REASON_RING_GONE)
			return reason;
		again = registry_find_again(resolver->registry, request->caller->tid, registration);
		if (again)
			return again;
		if (registration->entry != entry && registration->ring)
			continue;
		if (!empty)
			return reason;
		return token_of_itself(request, token);
	}
	return REASON_RING_GONE;
}

static enum guise_reason resolve_tree(struct request *request, const struct tree_token *tree,
				      const struct token **token)
{
	struct key_info info;
	int error;

	request->key = tree->key;
	error = key_describe(tree->key, &info);
	if (error)
		return client_reason(error);
	/* the serial may be another key's by now */
	if (info.uid != tree->owner || strcmp(info.description, tree->description) != 0)
		return REASON_KEY_GONE;
	return token_of_key(request, &info, token);
}

static enum guise_reason resolve(struct request *request, const struct token **token)
{
	struct resolver *resolver = request->resolver;
	const struct caller *caller = request->caller;
	struct registration registration;
	struct tree_token tree;
	enum guise_reason reason;

	if (caller->tid <= 0)
		return REASON_NO_CALLER;
	reason = trees_find(resolver->trees, caller->tid, &tree);
	if (reason)
		return reason;
	if (tree.key)
		return resolve_tree(request, &tree, token);
	reason = registry_find(resolver->registry, caller->tid, &registration);
	if (reason)
		return reason;
	if (registration.ring)
		return resolve_announced(request, &registration, token);
	if (!registration.nobody)
		reason = registry_check_unannounced(resolver->registry, caller->tid);
	return reason ? reason : token_of_itself(request, token);
}

static int refuse(enum guise_reason reason, int32_t key, struct refusal *refusal)
{
	*refusal = (struct refusal){reason, reason ? key : 0};
	return reason_errno(reason);
}

int resolver_token(struct resolver *resolver, const struct caller *caller, bool groups,
		   const struct token **token, struct refusal *refusal)
{
	return resolver_token_hold(resolver, caller, groups, token, NULL, refusal);
}

int resolver_token_hold(struct resolver *resolver, const struct caller *caller, bool groups,
			const struct token **token, struct hold **hold, struct refusal *refusal)
{
	struct policy *policy = resolver_policy(resolver);
	struct request request = {resolver, policy, caller, groups, 0, hold};
	enum guise_reason reason;

	*token = NULL;
	if (hold)
		*hold = NULL;
	reason = resolve(&request, token);
	policy_unref(policy);
	return refuse(reason, request.key, refusal);
}

int resolver_primary(struct resolver *resolver, const struct caller *caller,
		     const struct token **token, struct refusal *refusal)
{
	struct policy *policy = resolver_policy(resolver);
	enum guise_reason reason = REASON_NO_CALLER;

	*token = NULL;
	if (caller->tid > 0)
		reason = primary_token(resolver->primaries, policy, caller, true, token);
	policy_unref(policy);
	return refuse(reason, 0, refusal);
}

static enum guise_reason announce_thread_check(struct resolver *resolver,
					       const struct caller *caller, int32_t ring)
{
	struct tree_token tree;
	enum guise_reason reason;
	ssize_t count;

	if (caller->tid <= 0)
		return REASON_NO_CALLER;
	/* special ids would name the daemon's own rings */
	if (ring <= 0)
		return REASON_RING_NOT_THREAD;
	reason = trees_find(resolver->trees, caller->tid, &tree);
	if (reason)
		return reason;
	if (tree.key)
		return REASON_TREE_INSIDE;
	reason = ring_refuse(ring, caller->uid);
	if (reason)
		return reason;
	count = key_count(ring);
	return count < 0 ? reason_of_ring((int)count) : REASON_NONE;
}

int resolver_announce_thread(struct resolver *resolver, const struct caller *caller, int32_t ring,
			     struct refusal *refusal)
{
	enum guise_reason reason = announce_thread_check(resolver, caller, ring);

	if (!reason)
		reason = registry_announce(resolver->registry, caller->tid, ring);
	return refuse(reason, ring, refusal);
}

/* May @caller use @key?  On which share is asked when it does. */
static enum guise_reason key_refuse(struct resolver *resolver, const struct caller *caller,
				    int32_t key, const struct key_info *info)
{
	struct policy *policy = resolver_policy(resolver);
	const struct client_ask ask = {
		.policy = policy,
		.key = key,
		.info = info,
		.actor = caller->uid,
		.any_share = true,
	};
	const struct token *token;
	enum guise_reason reason = client_token(resolver->clients, &ask, &token);

	token_unref(token);
	policy_unref(policy);
	return reason;
}

static enum guise_reason announce_tree(struct resolver *resolver, const struct caller *caller,
				       int32_t key)
{
	struct tree_token tree = {.key = key};
	enum guise_reason reason;
	struct key_info info;
	int error;

	if (caller->tid <= 0)
		return REASON_NO_CALLER;
	if (key <= 0)
		return REASON_KEY_NOT_TOKEN;
	error = key_describe(key, &info);
	if (error)
		return client_reason(error);
	reason = key_refuse(resolver, caller, key, &info);
	if (reason)
		return reason;
	tree.owner = info.uid;
	/* not longer: it was found to be a token key's */
	strncpy(tree.description, info.description, sizeof(tree.description) - 1);
	return trees_mark(resolver->trees, caller->tid, caller->uid, &tree);
}

int resolver_announce_tree(struct resolver *resolver, const struct caller *caller, int32_t key,
			   struct refusal *refusal)
{
	return refuse(announce_tree(resolver, caller, key), key, refusal);
}

void resolver_housekeep(struct resolver *resolver)
{
	registry_housekeep(resolver->registry);
	trees_housekeep(resolver->trees);
	clients_housekeep(resolver->clients);
	primaries_housekeep(resolver->primaries);
}
