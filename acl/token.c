/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Access tokens: a counted value with growing lists of SIDs, and a table in which
 * a check finds them.
 */
#include "acl/token.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "acl/mask.h"
#include "acl/sid_table.h"
#include "acl/token_table.h"

struct token {
	atomic_uint references;
	struct sid user;
	uint32_t user_attributes;
	uint32_t privileges;
	uint32_t rights;
	enum token_level level;
	bool has_actor;
	bool has_primary_group;
	enum token_source source;
	const struct token *whole; /* or NULL */
	struct sid actor;
	struct sid primary_group;
	int64_t expiry;
	uid_t uid;
	gid_t gid;
	struct token_group *groups;
	size_t group_count;
	size_t group_room;
	struct sid *restricted;
	size_t restricted_count;
	size_t restricted_room;
	uint32_t integrity;
	uint32_t mandatory_policy;
	struct attribute_list claims[TOKEN_CLAIMS_COUNT];
	struct token_group *devices;
	size_t device_count;
	size_t device_room;
	struct sid_table held; /* all SIDs of the token, with TOKEN_SID_… bits */
};

/* A deny-only SID grants nothing, even if it is marked as enabled too. */
static uint32_t group_bits(uint32_t attributes)
{
	if (attributes & SE_GROUP_USE_FOR_DENY_ONLY)
		return TOKEN_SID_DENY | TOKEN_SID_DENY_ONLY;
	if (!(attributes & SE_GROUP_ENABLED))
		return TOKEN_SID_DISABLED;
	if (attributes & SE_GROUP_OWNER)
		return TOKEN_SID_ALLOW | TOKEN_SID_DENY | TOKEN_SID_OWN;
	return TOKEN_SID_ALLOW | TOKEN_SID_DENY;
}

/* A user may always be the owner of what is its own. */
static uint32_t user_bits(uint32_t attributes)
{
	return group_bits(attributes | SE_GROUP_OWNER);
}

static uint32_t device_bits(uint32_t attributes)
{
	uint32_t bits = group_bits(attributes);

	return (bits & TOKEN_SID_ALLOW ? TOKEN_SID_DEVICE_ALLOW : 0) |
	       (bits & TOKEN_SID_DENY ? TOKEN_SID_DEVICE_DENY : 0);
}

/*
 * Adds @bits to the ways in which the token holds @sid.  What it also holds for denying only
 * allows nothing, however often it is there.
 */
static int hold(struct token *token, const struct sid *sid, uint32_t bits)
{
	uint32_t *flags = sid_table_place(&token->held, sid);

	if (!flags)
		return -ENOMEM;
	*flags |= bits;
	if (*flags & TOKEN_SID_DENY_ONLY)
		*flags &= ~(TOKEN_SID_ALLOW | TOKEN_SID_OWN);
	return 0;
}

struct token *token_create(const struct sid *user)
{
	struct token *token = calloc(1, sizeof(*token));

	if (!token)
		return NULL;
	atomic_init(&token->references, 1);
	token->user = *user;
	token->user_attributes = SE_GROUP_ENABLED;
	token->rights = UINT32_MAX;
	token->level = TOKEN_DELEGATE;
	token->integrity = SECURITY_MANDATORY_MEDIUM_RID;
	token->mandatory_policy = TOKEN_MANDATORY_POLICY_NO_WRITE_UP;
	token->uid = (uid_t)-1;
	token->gid = (gid_t)-1;
	if (hold(token, user, user_bits(token->user_attributes))) {
		token_unref(token);
		return NULL;
	}
	return token;
}

/* The count is the one thing in a shared token that changes. */
static struct token *token_mutable(const struct token *token)
{
	return (struct token *)(uintptr_t)token;
}

struct token *token_ref(const struct token *token)
{
	struct token *shared = token_mutable(token);

	if (shared)
		atomic_fetch_add_explicit(&shared->references, 1, memory_order_relaxed);
	return shared;
}

void token_unref(const struct token *token)
{
	struct token *shared = token_mutable(token);

	if (!shared)
		return;
	/* what other threads did with the token happened before it goes */
	if (atomic_fetch_sub_explicit(&shared->references, 1, memory_order_acq_rel) != 1)
		return;
	free(shared->groups);
	free(shared->restricted);
	free(shared->devices);
	for (unsigned int i = 0; i < TOKEN_CLAIMS_COUNT; i++)
		attribute_list_clear(&shared->claims[i]);
	sid_table_free(&shared->held);
	token_unref(shared->whole); /* one more at most: what is narrowed narrows none */
	free(shared);
}

void token_unrefp(const struct token **token)
{
	token_unref(*token);
	*token = NULL;
}

/* Makes room for one more element of @size bytes in *@list. */
static int list_grow(void **list, size_t count, size_t *room, size_t size)
{
	size_t wider = *room ? *room * 2 : 8;
	void *moved;

	if (count >= TOKEN_MAX_GROUPS)
		return -E2BIG;
	if (count < *room)
		return 0;
	moved = realloc(*list, wider * size);
	if (!moved)
		return -ENOMEM;
	*list = moved;
	*room = wider;
	return 0;
}

int token_add_group(struct token *token, const struct sid *sid, uint32_t attributes)
{
	void *list = token->groups;
	int error =
		list_grow(&list, token->group_count, &token->group_room, sizeof(*token->groups));

	token->groups = list;
	if (!error)
		error = hold(token, sid, group_bits(attributes));
	if (error)
		return error;
	token->groups[token->group_count++] =
		(struct token_group){.sid = *sid, .attributes = attributes};
	return 0;
}

int token_add_restricted(struct token *token, const struct sid *sid)
{
	void *list = token->restricted;
	int error = list_grow(&list, token->restricted_count, &token->restricted_room,
			      sizeof(*token->restricted));

	token->restricted = list;
	if (!error)
		error = hold(token, sid, TOKEN_SID_RESTRICTED);
	if (error)
		return error;
	token->restricted[token->restricted_count++] = *sid;
	return 0;
}

int token_add_device_group(struct token *token, const struct sid *sid, uint32_t attributes)
{
	void *list = token->devices;
	int error =
		list_grow(&list, token->device_count, &token->device_room, sizeof(*token->devices));

	token->devices = list;
	if (!error && device_bits(attributes))
		error = hold(token, sid, device_bits(attributes));
	if (error)
		return error;
	token->devices[token->device_count++] =
		(struct token_group){.sid = *sid, .attributes = attributes};
	return 0;
}

int token_add_claim(struct token *token, enum token_claims whose, const struct attribute *claim)
{
	return attribute_list_append(&token->claims[whose], claim) ? -ENOMEM : 0;
}

/* Adds again what is in the lists; their SIDs had room in the table before. */
static void refill(struct token *token)
{
	sid_table_empty(&token->held);
	hold(token, &token->user, user_bits(token->user_attributes));
	for (size_t i = 0; i < token->group_count; i++)
		hold(token, &token->groups[i].sid, group_bits(token->groups[i].attributes));
	for (size_t i = 0; i < token->restricted_count; i++)
		hold(token, &token->restricted[i], TOKEN_SID_RESTRICTED);
	for (size_t i = 0; i < token->device_count; i++) {
		if (device_bits(token->devices[i].attributes))
			hold(token, &token->devices[i].sid,
			     device_bits(token->devices[i].attributes));
	}
}

void token_set_user_attributes(struct token *token, uint32_t attributes)
{
	token->user_attributes = attributes;
	refill(token);
}

void token_set_integrity(struct token *token, uint32_t level, uint32_t policy)
{
	token->integrity = level;
	token->mandatory_policy = policy;
}

void token_set_privileges(struct token *token, uint32_t privileges)
{
	token->privileges = privileges & SE_ALL_PRIVILEGES;
}

void token_set_level(struct token *token, enum token_level level)
{
	token->level = level;
}

void token_set_rights(struct token *token, uint32_t rights)
{
	token->rights = mask_map_generic(rights);
}

void token_set_actor(struct token *token, const struct sid *actor)
{
	token->actor = *actor;
	token->has_actor = true;
}

void token_set_source(struct token *token, enum token_source source)
{
	token->source = source;
}

void token_set_whole(struct token *token, const struct token *whole)
{
	token_unref(token->whole);
	token->whole = token_ref(whole);
}

void token_set_expiry(struct token *token, int64_t expiry)
{
	token->expiry = expiry;
}

void token_set_unix(struct token *token, uid_t uid, gid_t gid)
{
	token->uid = uid;
	token->gid = gid;
}

int token_set_primary_group(struct token *token, const struct sid *sid)
{
	token->primary_group = *sid;
	token->has_primary_group = true;
	return 0;
}

const struct sid *token_user(const struct token *token)
{
	return &token->user;
}

uint32_t token_user_attributes(const struct token *token)
{
	return token->user_attributes;
}

const struct token_group *token_groups(const struct token *token, size_t *count)
{
	*count = token->group_count;
	return token->groups;
}

const struct sid *token_restricted(const struct token *token, size_t *count)
{
	*count = token->restricted_count;
	return token->restricted;
}

const struct sid *token_primary_group(const struct token *token)
{
	if (token->has_primary_group)
		return &token->primary_group;
	return &token->user;
}

uint32_t token_privileges(const struct token *token)
{
	return token->privileges;
}

enum token_level token_level(const struct token *token)
{
	return token->level;
}

uint32_t token_rights(const struct token *token)
{
	return token->rights;
}

const struct sid *token_actor(const struct token *token)
{
	return token->has_actor ? &token->actor : NULL;
}

enum token_source token_source(const struct token *token)
{
	return token->source;
}

const struct token *token_whole(const struct token *token)
{
	return token->whole;
}

int64_t token_expiry(const struct token *token)
{
	return token->expiry;
}

uid_t token_uid(const struct token *token)
{
	return token->uid;
}

gid_t token_gid(const struct token *token)
{
	return token->gid;
}

const struct attribute_list *token_claims(const struct token *token, enum token_claims whose)
{
	return &token->claims[whose];
}

uint32_t token_integrity(const struct token *token)
{
	return token->integrity;
}

uint32_t token_mandatory_policy(const struct token *token)
{
	return token->mandatory_policy;
}

const struct sid_table *token_table(const struct token *token)
{
	return &token->held;
}

unsigned int token_holds_hashed(const struct token *token, const struct sid *sid, uint64_t hash)
{
	return sid_table_flags(&token->held, sid, hash);
}

unsigned int token_holds(const struct token *token, const struct sid *sid)
{
	return sid_table_flags(&token->held, sid, sid_hash(sid));
}

bool token_allows(const struct token *token, const struct sid *sid)
{
	return token_holds(token, sid) & TOKEN_SID_ALLOW;
}

bool token_denies(const struct token *token, const struct sid *sid)
{
	return token_holds(token, sid) & TOKEN_SID_DENY;
}

bool token_may_own(const struct token *token, const struct sid *sid)
{
	return token_holds(token, sid) & TOKEN_SID_OWN;
}
