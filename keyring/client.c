/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Validating token keys. */
#include "keyring/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "keyring/client_cache.h"
#include "keyring/domain.h"
#include "keyring/hold.h"
#include "keyring/identity.h"
#include "keyring/token_text.h"

#define SCOPED_FOUND __attribute__((cleanup(client_found_clear))) struct client_found
#define SCOPED_TEXT __attribute__((cleanup(token_text_free))) struct token_text

struct clients {
	bool squash_root;
	const char *share; /* or NULL */
	struct client_cache *cache;
};

/* A key that another one narrows. */
struct parent {
	struct key_info info;
	char text[TOKEN_TEXT_MAX];
	struct evidence evidence;
};

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	return (int64_t)time.tv_sec;
}

struct clients *clients_create(bool squash_root, const char *share)
{
	struct clients *clients = calloc(1, sizeof(*clients));

	if (!clients)
		return NULL;
	clients->squash_root = squash_root;
	clients->share = share;
	clients->cache = client_cache_create();
	if (!clients->cache) {
		free(clients);
		return NULL;
	}
	return clients;
}

void clients_destroy(struct clients *clients)
{
	if (!clients)
		return;
	client_cache_destroy(clients->cache);
	free(clients);
}

enum guise_reason client_reason(int error)
{
	switch (error) {
	case -ENOKEY:
		return REASON_KEY_GONE;
	case -EKEYREVOKED:
		return REASON_KEY_REVOKED;
	case -EKEYEXPIRED:
		return REASON_KEY_EXPIRED;
	case -ENOMEM:
		return REASON_NO_MEMORY;
	default:
		return REASON_KEY_UNREADABLE;
	}
}

/* What the kernel says of a key, and its text into @buffer. */
static enum guise_reason evidence_take(const struct client_ask *ask, char buffer[TOKEN_TEXT_MAX],
				       struct evidence *evidence)
{
	ssize_t length;

	if (!key_is_token(ask->info))
		return REASON_KEY_NOT_TOKEN;
	if (ask->info->perm & KEY_FOREIGN_CHANGE)
		return REASON_KEY_WRITABLE;
	length = key_read(ask->key, buffer, TOKEN_TEXT_MAX);
	if (length < 0)
		return length == -EFBIG ? REASON_TOKEN_MALFORMED : client_reason((int)length);
	*evidence = (struct evidence){
		.policy = ask->policy,
		.key = ask->key,
		.actor = ask->actor,
		.info = ask->info,
		.text = buffer,
		.length = (size_t)length,
	};
	return REASON_NONE;
}

/*
 * Only accounts and groups as others are may be stated by others than root: none of root's, none
 * that is well known (OWNER RIGHTS, Everyone, BUILTIN's ...), none that has more rights than
 * descriptors give.
 */
static bool only_root_names(const struct policy *policy, const struct sid *sid)
{
	uid_t uid;
	gid_t gid;
	bool ordinary = (sid_to_uid(sid, &uid) && uid != 0) ||
			(sid_to_gid(sid, &gid) && gid != 0) || domain_sid_is_ordinary(sid);

	return !ordinary || policy_holds_privilege(policy, sid);
}

/* May @owner state the identity that its key's text states? */
static enum guise_reason logon_refuse(const struct token_text *text, uid_t owner,
				      const struct policy *policy)
{
	struct sid sid = sid_from_uid(owner);

	if (!text->has_user || owner == 0)
		return REASON_NONE;
	if (!policy_account(policy, &sid)->logon)
		return REASON_TOKEN_FORGED;
	if (text->privileges || only_root_names(policy, &text->user))
		return REASON_TOKEN_LOGON;
	for (size_t i = 0; i < text->group_count; i++) {
		if (only_root_names(policy, &text->groups[i]))
			return REASON_TOKEN_LOGON;
	}
	return REASON_NONE;
}

/* What narrows another key is a server's own affair. */
static bool narrows_well(const struct token_text *text, const struct evidence *evidence)
{
	return evidence->actor == evidence->info->uid && text->audience_count == 1;
}

/* All that can be said without looking anything up. */
static enum guise_reason text_refuse(const struct token_text *text, const struct evidence *evidence)
{
	enum guise_reason reason = logon_refuse(text, evidence->info->uid, evidence->policy);

	if (reason)
		return reason;
	if (!token_text_is_for(text, evidence->actor))
		return REASON_TOKEN_AUDIENCE;
	if (text->parent.serial && !narrows_well(text, evidence))
		return REASON_TOKEN_NARROWING;
	if (text->has_until && text->until <= now())
		return REASON_KEY_EXPIRED;
	return REASON_NONE;
}

static enum guise_reason text_take(const struct evidence *evidence, struct token_text *text)
{
	int error = token_text_read(evidence->text, evidence->length, text, NULL);

	if (error)
		return error == -ENOMEM ? REASON_NO_MEMORY : REASON_TOKEN_MALFORMED;
	/* what a consent leaves open the host decides */
	if (!text->has_level)
		text->level = policy_defaults(evidence->policy)->level;
	return text_refuse(text, evidence);
}

static bool is_elsewhere(const struct clients *clients, const struct token_text *text)
{
	return text->has_share && (!clients->share || strcmp(text->share, clients->share) != 0);
}

/* What @text states, as the token of key owner @owner; @whole is what it narrows, or NULL. */
static enum guise_reason identify(const struct clients *clients, const struct evidence *evidence,
				  const struct token_text *text, uid_t owner,
				  const struct token *whole, const struct token **token)
{
	const struct identity_rules rules = {evidence->policy, clients->squash_root};
	struct token *made;
	enum guise_reason reason = identity_of_text(text, owner, evidence->actor, &rules, &made);

	if (reason)
		return reason;
	token_set_whole(made, whole);
	*token = made;
	return REASON_NONE;
}

/* A token ends, and not later than the policy allows. */
static enum guise_reason time_refuse(const struct token *token, const struct policy *policy)
{
	uint32_t most = policy_defaults(policy)->max_ttl;
	int64_t end = token_expiry(token), time = now();

	if (end && end <= time)
		return REASON_KEY_EXPIRED;
	/* who makes a key rounds its end up to whole seconds */
	if (most && (!end || end > time + (int64_t)most + 1))
		return REASON_TOKEN_LIFETIME;
	return REASON_NONE;
}

/* Makes, and keeps, the token of a key that narrows none. */
static enum guise_reason plain_make(const struct clients *clients, const struct evidence *evidence,
				    const struct token_text *text, struct client_found *found)
{
	enum guise_reason reason =
		identify(clients, evidence, text, evidence->info->uid, NULL, &found->token);

	if (!reason)
		reason = time_refuse(found->token, evidence->policy);
	if (reason)
		return reason;
	found->elsewhere = is_elsewhere(clients, text);
	client_cache_store(clients->cache, evidence, found);
	return REASON_NONE;
}

/* The token of a key that may be narrowed, since it narrows none. */
static enum guise_reason plain_token(const struct clients *clients, const struct evidence *evidence,
				     struct client_found *found)
{
	SCOPED_TEXT text = {0};
	enum guise_reason reason;

	if (client_cache_find(clients->cache, evidence, found))
		return found->parent ? REASON_TOKEN_PARENT
				     : time_refuse(found->token, evidence->policy);
	reason = text_take(evidence, &text);
	if (!reason && text.parent.serial)
		reason = REASON_TOKEN_PARENT;
	return reason ? reason : plain_make(clients, evidence, &text, found);
}

/* The key @serial that another narrows, as the kernel has it now. */
static enum guise_reason parent_find(int32_t serial, struct parent *parent)
{
	int error = key_describe(serial, &parent->info);

	return error ? client_reason(error) : REASON_NONE;
}

/* Is it the one that was narrowed?  Its serial may be another key's by now. */
static bool parent_is(const struct parent *parent, const struct token_parent *narrowed)
{
	return parent->info.uid == narrowed->owner &&
	       strcmp(parent->info.description, narrowed->name) == 0;
}

/*
 * The token of the key @serial, which that of @evidence narrows: asked as any key is, each
 * time, and as if it were linked anew, which is what its owner's permissions are about.
 */
static enum guise_reason parent_token(const struct clients *clients,
				      const struct evidence *evidence, int32_t serial,
				      struct parent *parent, struct client_found *found)
{
	const struct client_ask ask = {
		.policy = evidence->policy,
		.key = serial,
		.info = &parent->info,
		.actor = evidence->actor,
	};
	enum guise_reason reason;

	if (!key_lets_use(&parent->info, evidence->actor))
		return REASON_TOKEN_PARENT;
	reason = evidence_take(&ask, parent->text, &parent->evidence);
	if (!reason)
		reason = plain_token(clients, &parent->evidence, found);
	/* it exists, but is not its owner's to narrow */
	if (reason == REASON_TOKEN_AUDIENCE || reason == REASON_TOKEN_NARROWING)
		reason = REASON_TOKEN_PARENT;
	return reason;
}

/* What is left of @whole.  What @narrow does not name stays as it is. */
static void text_narrow(struct token_text *whole, const struct token_text *narrow)
{
	if (narrow->has_level && narrow->level < whole->level)
		whole->level = narrow->level;
	if (narrow->has_until && (!whole->has_until || narrow->until < whole->until)) {
		whole->has_until = true;
		whole->until = narrow->until;
	}
	if (narrow->has_rights) {
		whole->rights = whole->has_rights ? whole->rights & narrow->rights : narrow->rights;
		whole->has_rights = true;
	}
}

/* The token of a key that narrows @parent's. */
static enum guise_reason narrowed_token(const struct clients *clients,
					const struct evidence *evidence,
					const struct token_text *narrow,
					const struct parent *parent, struct client_found *found)
{
	SCOPED_TEXT text = {0};
	enum guise_reason reason = text_take(&parent->evidence, &text);

	if (reason)
		return reason;
	text_narrow(&text, narrow);
	reason = identify(clients, evidence, &text, parent->info.uid, found->from, &found->token);
	if (!reason)
		reason = time_refuse(found->token, evidence->policy);
	found->elsewhere = is_elsewhere(clients, &text) || is_elsewhere(clients, narrow);
	return reason;
}

/* Makes what the cache does not have. */
static enum guise_reason token_make(const struct clients *clients, const struct evidence *evidence,
				    struct client_found *found)
{
	SCOPED_FOUND above = {0};
	SCOPED_TEXT text = {0};
	struct parent parent;
	enum guise_reason reason = text_take(evidence, &text);

	if (reason)
		return reason;
	if (!text.parent.serial)
		return plain_make(clients, evidence, &text, found);
	reason = parent_find(text.parent.serial, &parent);
	if (!reason && !parent_is(&parent, &text.parent))
		reason = REASON_TOKEN_PARENT;
	if (!reason)
		reason = parent_token(clients, evidence, text.parent.serial, &parent, &above);
	if (reason)
		return reason;
	found->parent = text.parent.serial;
	found->from = token_ref(above.token);
	reason = narrowed_token(clients, evidence, &text, &parent, found);
	if (reason)
		return reason;
	client_cache_store(clients->cache, evidence, found);
	return REASON_NONE;
}

/* Is what the cache has still what would be made?  *@same tells. */
static enum guise_reason found_check(const struct clients *clients, const struct evidence *evidence,
				     const struct client_found *found, bool *same)
{
	SCOPED_FOUND above = {0};
	struct parent parent;
	enum guise_reason reason = time_refuse(found->token, evidence->policy);

	*same = true;
	if (reason || !found->parent)
		return reason;
	reason = parent_find(found->parent, &parent);
	if (!reason)
		reason = parent_token(clients, evidence, found->parent, &parent, &above);
	/* the same token is of the same owner, name and text; if it is not, why is told anew */
	*same = !reason && above.token == found->from;
	return REASON_NONE;
}

static enum guise_reason token_find(const struct clients *clients, const struct evidence *evidence,
				    struct client_found *found)
{
	enum guise_reason reason;
	bool same;

	if (!client_cache_find(clients->cache, evidence, found))
		return token_make(clients, evidence, found);
	reason = found_check(clients, evidence, found, &same);
	if (reason || same)
		return reason;
	client_found_clear(found);
	return token_make(clients, evidence, found);
}

enum guise_reason client_token(struct clients *clients, const struct client_ask *ask,
			       const struct token **token)
{
	struct sid actor = sid_from_uid(ask->actor);
	SCOPED_FOUND found = {0};
	struct evidence evidence;
	char text[TOKEN_TEXT_MAX];
	enum guise_reason reason;

	*token = NULL;
	if (!policy_account(ask->policy, &actor)->impersonate)
		return REASON_ACTOR_DENIED;
	reason = evidence_take(ask, text, &evidence);
	if (!reason)
		reason = token_find(clients, &evidence, &found);
	if (!reason && found.elsewhere && !ask->any_share)
		reason = REASON_TOKEN_SHARE;
	if (!reason && ask->hold)
		reason = hold_create(&evidence, found.token, ask->hold);
	if (reason)
		return reason;
	*token = token_ref(found.token);
	return REASON_NONE;
}

bool client_known(struct clients *clients, int32_t key)
{
	return client_cache_knows(clients->cache, key);
}

void clients_housekeep(struct clients *clients)
{
	client_cache_housekeep(clients->cache);
}
