/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From the thread behind a request to the token it acts with.
 *
 * The resolver is the daemon's side: it keeps what threads and process trees
 * announced (shared with every mount on the host through the kernel keyring), reads the caller's
 * ring at each request, validates the token key in it and caches what is
 * expensive.  It never falls back: whenever it cannot tell who asks it refuses
 * with a reason.  All functions are thread safe unless said otherwise.
 */
#ifndef GUISE_KEYRING_RESOLVE_H
#define GUISE_KEYRING_RESOLVE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "acl/token.h"
#include "keyring/policy.h"
#include "keyring/reason.h"

/* The thread that makes a request, as the kernel reports it. */
struct caller {
	pid_t tid; /* thread id in the daemon's pid namespace; 0: not visible */
	uid_t uid; /* its fsuid and fsgid at the time of the request */
	gid_t gid;
};

/* What a refusal is about, for the log. */
struct refusal {
	enum guise_reason reason;
	int32_t key; /* the ring or token key concerned, or 0 */
};

struct hold;
struct resolver;

struct resolver_options {
	bool squash_root;            /* uid 0 is an ordinary user, without privileges */
	const char *share;           /* its name, or NULL; kept, not copied */
	const struct policy *policy; /* NULL: the built-in one */
};

/*
 * A resolver; opens or makes the registry in root's user keyring.  Needs uid 0.
 * Returns 0 or -errno.  Call after the last fork: it remembers its process.
 */
int resolver_create(const struct resolver_options *options, struct resolver **resolver);
void resolver_destroy(struct resolver *resolver);

/* From the next request on @policy counts, also for whoever impersonates already. */
void resolver_set_policy(struct resolver *resolver, const struct policy *policy);

/* What is in force; one reference. */
struct policy *resolver_policy(struct resolver *resolver);

/*
 * The token @caller acts with, one reference in *@token for the caller to drop.
 * With @groups false a primary token may lack supplementary groups (it is then
 * cheaper); the caller asks again with true before a group can decide.  A
 * client's token always has its groups.  Any level, anonymous and identify
 * included, is returned: what it suffices for is the guard's decision.
 * On refusal returns the negative errno of refusal->reason and stores NULL.
 */
int resolver_token(struct resolver *resolver, const struct caller *caller, bool groups,
		   const struct token **token, struct refusal *refusal);

/* The same, with a hold (hold.h) on the token key in *@hold, for the caller to destroy; NULL for a
 * primary token. */
int resolver_token_hold(struct resolver *resolver, const struct caller *caller, bool groups,
			const struct token **token, struct hold **hold, struct refusal *refusal);

/*
 * Who @caller is by itself, whomever it acts for: for what is recorded beside the
 * client, never for a decision on a file.  As resolver_token().
 */
int resolver_primary(struct resolver *resolver, const struct caller *caller,
		     const struct token **token, struct refusal *refusal);

/*
 * @caller says that key @ring is its thread keyring.  Checks that it can be
 * true (a thread keyring, owned by the caller's uid, that nobody else may
 * write) and records it.  A later announcement replaces an earlier one.
 */
int resolver_announce_thread(struct resolver *resolver, const struct caller *caller, int32_t ring,
			     struct refusal *refusal);

/*
 * @caller, alone in a user namespace of its own, asks that this namespace and
 * all below it act with token key @key for good.  The token is validated first.
 */
int resolver_announce_tree(struct resolver *resolver, const struct caller *caller, int32_t key,
			   struct refusal *refusal);

/*
 * Forgets threads that ended and trees without processes.  Call now and then
 * (every few seconds) from one housekeeping thread; correctness does not hang on it.
 */
void resolver_housekeep(struct resolver *resolver);

#endif
