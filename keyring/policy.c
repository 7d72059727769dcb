/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a policy answers, and its life. */
#include "keyring/policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "keyring/policy_parts.h"

/* What counts for an account of which nothing is said. */
static const struct policy_account anybody = {.impersonate = true};

/* Makes room for one more of @size bytes in @list; NULL without memory, and nothing has changed. */
static void *grow(void *list, size_t count, size_t *room, size_t size)
{
	size_t wider = *room ? *room * 2 : 8;
	void *moved;

	if (count < *room)
		return list;
	moved = reallocarray(list, wider, size);
	if (moved)
		*room = wider;
	return moved;
}

void *entries_add(struct entries *entries, size_t size)
{
	void **list = grow(entries->list, entries->count, &entries->room, sizeof(*list));
	void *entry;

	if (!list)
		return NULL;
	entries->list = list;
	entry = calloc(1, size);
	if (entry)
		list[entries->count++] = entry;
	return entry;
}

int words_add(struct words *words, const char *word)
{
	char **list = grow(words->list, words->count, &words->room, sizeof(*list));

	if (!list)
		return -ENOMEM;
	words->list = list;
	list[words->count] = strdup(word);
	if (!list[words->count])
		return -ENOMEM;
	words->count++;
	return 0;
}

int principals_add(struct principals *principals, const struct sid *sid, const char *name)
{
	struct sid *list =
		grow(principals->sids, principals->count, &principals->room, sizeof(*list));

	if (!list)
		return -ENOMEM;
	principals->sids = list;
	if (words_add(&principals->names, name) < 0)
		return -ENOMEM;
	list[principals->count++] = *sid;
	return 0;
}

int principals_add_other(struct principals *principals, const struct sid *sid)
{
	struct sid *list = grow(principals->others, principals->other_count,
				&principals->other_room, sizeof(*list));

	if (!list)
		return -ENOMEM;
	principals->others = list;
	list[principals->other_count++] = *sid;
	return 0;
}

static void words_clear(struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->list[i]);
	free(words->list);
}

static void principals_clear(struct principals *principals)
{
	free(principals->sids);
	free(principals->others);
	words_clear(&principals->names);
}

static void account_clear(void *entry)
{
	struct account_entry *account = entry;

	free(account->name);
	words_clear(&account->targets);
}

static void privilege_clear(void *entry)
{
	principals_clear(&((struct privilege_entry *)entry)->holders);
}

static void role_clear(void *entry)
{
	struct role_entry *role = entry;

	free(role->name);
	principals_clear(&role->members);
}

static void peer_clear(void *entry)
{
	struct peer_entry *peer = entry;

	free(peer->host);
	free(peer->domain);
	words_clear(&peer->accounts);
}

static void entries_clear(struct entries *entries, void (*clear)(void *entry))
{
	for (size_t i = 0; i < entries->count; i++) {
		clear(entries->list[i]);
		free(entries->list[i]);
	}
	free(entries->list);
}

struct policy *policy_create(const char *file)
{
	struct policy *policy = calloc(1, sizeof(*policy));

	if (!policy)
		return NULL;
	atomic_init(&policy->references, 1);
	policy->defaults.level = TOKEN_IDENTIFY;
	if (file) {
		policy->file = strdup(file);
		if (!policy->file) {
			free(policy);
			return NULL;
		}
	}
	return policy;
}

struct policy *policy_builtin(void)
{
	return policy_create(NULL);
}

/* The count is the one thing in a shared policy that changes. */
static struct policy *policy_mutable(const struct policy *policy)
{
	return (struct policy *)(uintptr_t)policy;
}

struct policy *policy_ref(const struct policy *policy)
{
	struct policy *shared = policy_mutable(policy);

	if (shared)
		atomic_fetch_add_explicit(&shared->references, 1, memory_order_relaxed);
	return shared;
}

void policy_unref(const struct policy *policy)
{
	struct policy *shared = policy_mutable(policy);

	if (!shared)
		return;
	/* what other threads did with it happened before it goes */
	if (atomic_fetch_sub_explicit(&shared->references, 1, memory_order_acq_rel) != 1)
		return;
	entries_clear(&shared->accounts, account_clear);
	entries_clear(&shared->privileges, privilege_clear);
	entries_clear(&shared->roles, role_clear);
	entries_clear(&shared->peers, peer_clear);
	free(shared->file);
	free(shared);
}

void policy_unrefp(const struct policy **policy)
{
	policy_unref(*policy);
	*policy = NULL;
}

/* Everybody has these groups, or a user is one: nothing that a look at the caller would add. */
static bool is_known_without_groups(const struct sid *sid)
{
	uid_t uid;

	return sid_to_uid(sid, &uid) || sid_equal(sid, &sid_everyone) ||
	       sid_equal(sid, &sid_authenticated_users);
}

static bool holders_are_groups(const struct policy *policy)
{
	for (size_t i = 0; i < policy->privileges.count; i++) {
		const struct privilege_entry *entry = policy->privileges.list[i];

		for (size_t j = 0; j < entry->holders.count; j++) {
			if (!is_known_without_groups(&entry->holders.sids[j]))
				return true;
		}
	}
	return false;
}

static int account_order(const void *a, const void *b)
{
	const struct account_entry *const *left = a, *const *right = b;

	return sid_compare(&(*left)->account.sid, &(*right)->account.sid);
}

void policy_seal(struct policy *policy)
{
	policy->asks_groups = holders_are_groups(policy);
	if (policy->accounts.count)
		qsort(policy->accounts.list, policy->accounts.count, sizeof(void *), account_order);
	for (size_t i = 0; i < policy->accounts.count; i++) {
		struct account_entry *entry = policy->accounts.list[i];

		entry->account.name = entry->name;
		entry->account.target_count = entry->targets.count;
		entry->account.targets = (const char *const *)entry->targets.list;
	}
	for (size_t i = 0; i < policy->peers.count; i++) {
		struct peer_entry *entry = policy->peers.list[i];

		entry->peer.host = entry->host;
		entry->peer.domain = entry->domain;
		entry->peer.account_count = entry->accounts.count;
		entry->peer.accounts = (const char *const *)entry->accounts.list;
	}
}

const char *policy_file(const struct policy *policy)
{
	return policy->file;
}

const struct policy_defaults *policy_defaults(const struct policy *policy)
{
	return &policy->defaults;
}

enum domain_mapping policy_mapping(const struct policy *policy)
{
	return policy->mapping;
}

void policy_choose_domain(const struct policy *policy)
{
	domain_choose_machine(policy->has_machine ? &policy->machine : NULL);
	domain_choose(policy->mapping);
}

struct sid policy_account_sid(const struct sid *sid)
{
	return sid_equal(sid, &sid_system) ? sid_from_uid(0) : *sid;
}

const struct policy_account *policy_account(const struct policy *policy, const struct sid *sid)
{
	const struct account_entry wanted = {.account.sid = policy_account_sid(sid)};
	const struct account_entry *key = &wanted;
	const struct account_entry *const *found;

	if (!policy->accounts.count)
		return &anybody;
	found = bsearch(&key, policy->accounts.list, policy->accounts.count, sizeof(void *),
			account_order);
	return found ? &(*found)->account : &anybody;
}

static bool sids_have(const struct sid *sids, size_t count, const struct sid *wanted)
{
	for (size_t i = 0; i < count; i++) {
		struct sid own = policy_account_sid(&sids[i]);

		if (sid_equal(&own, wanted))
			return true;
	}
	return false;
}

bool principals_have(const struct principals *principals, const struct sid *sid)
{
	struct sid wanted = policy_account_sid(sid);

	return sids_have(principals->sids, principals->count, &wanted) ||
	       sids_have(principals->others, principals->other_count, &wanted);
}

/* A token of root may have either of root's SIDs only. */
static bool token_has_any(const struct token *token, const struct sid *sids, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct sid account = policy_account_sid(&sids[i]);
		uid_t uid;

		if (token_allows(token, &sids[i]))
			return true;
		if (sid_to_uid(&account, &uid) && uid == 0 &&
		    (token_allows(token, &sid_system) || token_allows(token, &account)))
			return true;
	}
	return false;
}

/* Does @token hold one of @principals? */
static bool principals_hold(const struct principals *principals, const struct token *token)
{
	return token_has_any(token, principals->sids, principals->count) ||
	       token_has_any(token, principals->others, principals->other_count);
}

uint32_t policy_privileges(const struct policy *policy, const struct token *token)
{
	uint32_t privileges = 0;

	for (size_t i = 0; i < policy->privileges.count; i++) {
		const struct privilege_entry *entry = policy->privileges.list[i];

		if (principals_hold(&entry->holders, token))
			privileges |= entry->bit;
	}
	return privileges;
}

bool policy_holds_privilege(const struct policy *policy, const struct sid *sid)
{
	for (size_t i = 0; i < policy->privileges.count; i++) {
		const struct privilege_entry *entry = policy->privileges.list[i];

		if (principals_have(&entry->holders, sid))
			return true;
	}
	return false;
}

int policy_each_holder(const struct policy *policy,
		       int (*tell)(void *context, const struct sid *sid), void *context)
{
	int stop = 0;

	for (size_t i = 0; i < policy->privileges.count; i++) {
		const struct privilege_entry *entry = policy->privileges.list[i];

		for (size_t j = 0; j < entry->holders.count && stop == 0; j++)
			stop = tell(context, &entry->holders.sids[j]);
	}
	return stop;
}

bool policy_asks_groups(const struct policy *policy)
{
	return policy->asks_groups;
}

size_t policy_role_count(const struct policy *policy)
{
	return policy->roles.count;
}

const char *policy_role_name(const struct policy *policy, size_t index)
{
	const struct role_entry *role = policy->roles.list[index];

	return role->name;
}

const struct sid *policy_role_members(const struct policy *policy, size_t index, size_t *count)
{
	const struct role_entry *role = policy->roles.list[index];

	*count = role->members.count;
	return role->members.sids;
}

bool policy_in_role(const struct policy *policy, const char *role, const struct token *token)
{
	for (size_t i = 0; i < policy->roles.count; i++) {
		const struct role_entry *entry = policy->roles.list[i];

		if (strcmp(entry->name, role) == 0)
			return principals_hold(&entry->members, token);
	}
	return false;
}

const struct policy_peer *policy_peer(const struct policy *policy, const char *host)
{
	for (size_t i = 0; i < policy->peers.count; i++) {
		const struct peer_entry *entry = policy->peers.list[i];

		if (strcasecmp(entry->host, host) == 0)
			return &entry->peer;
	}
	return NULL;
}
