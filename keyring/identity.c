/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Building tokens. */
#include "keyring/identity.h"

#include <errno.h>
#include <stdlib.h>

#include "keyring/domain.h"
#include "keyring/idmap.h"
#include "keyring/scoped.h"

#define ENABLED SE_GROUP_ENABLED

static void token_drop(struct token **token)
{
	token_unref(*token);
}

#define SCOPED_TOKEN __attribute__((cleanup(token_drop))) struct token

static enum guise_reason reason_of(int error)
{
	switch (error) {
	case 0:
		return REASON_NONE;
	case -ENOMEM:
		return REASON_NO_MEMORY;
	case -EHOSTDOWN:
	case -ETIMEDOUT:
		return REASON_DOMAIN_UNAVAILABLE;
	default:
		return REASON_CLIENT_UNKNOWN;
	}
}

/* Hands @made over if nothing went wrong while it was built. */
static enum guise_reason token_give(struct token **made, int error, struct token **token)
{
	if (error)
		return reason_of(error);
	*token = *made;
	*made = NULL;
	return REASON_NONE;
}

static void set_integrity(struct token *token, uint32_t level)
{
	token_set_integrity(token, level, TOKEN_MANDATORY_POLICY_NO_WRITE_UP);
}

/* The groups that every identity but the anonymous one has. */
static int add_common(struct token *token)
{
	int error = token_add_group(token, &sid_everyone, ENABLED);

	return error ? error : token_add_group(token, &sid_authenticated_users, ENABLED);
}

/* Root, unless it is squashed: LocalSystem, which also owns what root owns. */
static int add_system(struct token *token)
{
	struct sid root = sid_from_uid(0);
	int error = token_add_group(token, &sid_administrators, ENABLED | SE_GROUP_OWNER);

	token_set_privileges(token, SE_ALL_PRIVILEGES);
	set_integrity(token, SECURITY_MANDATORY_SYSTEM_RID);
	return error ? error : token_add_group(token, &root, ENABLED | SE_GROUP_OWNER);
}

/*
 * A SID of a domain, and with it the one that Samba would give the same id.  Descriptors name
 * people by either: what a mode implies, and what was written before the host was a member, by the
 * second.  Allowed or denied to one is allowed or denied to both.
 */
static int add_both(struct token *token, const struct sid *sid, const struct sid *unix_sid)
{
	int error = token_add_group(token, sid, ENABLED);

	if (error || sid_equal(sid, unix_sid))
		return error;
	return token_add_group(token, unix_sid, ENABLED);
}

/* The user's other SID, which owns what the user owns. */
static int add_user(struct token *token, const struct sid *unix_sid)
{
	if (sid_equal(token_user(token), unix_sid))
		return 0;
	return token_add_group(token, unix_sid, ENABLED | SE_GROUP_OWNER);
}

/* Ids and their SIDs: a user, its primary group, the others. */
struct people {
	struct domain_id *ids;
	struct sid *sids;
	size_t count;
};

static void people_clear(struct people *people)
{
	free(people->ids);
	free(people->sids);
}

#define SCOPED_PEOPLE __attribute__((cleanup(people_clear))) struct people

/* All are asked for at once. */
static int people_find(uid_t uid, gid_t gid, const gid_t *groups, size_t count,
		       struct people *people)
{
	people->ids = calloc(count + 2, sizeof(*people->ids));
	people->sids = calloc(count + 2, sizeof(*people->sids));
	if (!people->ids || !people->sids)
		return -ENOMEM;
	people->ids[people->count++] = (struct domain_id){.id = uid};
	people->ids[people->count++] = (struct domain_id){.id = gid, .is_group = true};
	for (size_t i = 0; i < count; i++) {
		if (groups[i] != gid)
			people->ids[people->count++] =
				(struct domain_id){.id = groups[i], .is_group = true};
	}
	return domain_sids(people->ids, people->count, people->sids);
}

static int add_unix_groups(struct token *token, const struct people *people)
{
	int error = token_set_primary_group(token, &people->sids[1]);

	for (size_t i = 1; i < people->count && !error; i++) {
		struct sid unix_sid = sid_from_gid(people->ids[i].id);

		error = add_both(token, &people->sids[i], &unix_sid);
	}
	return error;
}

/* What the policy gives.  A squashed root gets nothing back by it. */
static void add_privileges(struct token *token, const struct identity_rules *rules)
{
	struct sid root = sid_from_uid(0);

	if (rules->squash_root && token_allows(token, &root))
		return;
	token_set_privileges(token,
			     token_privileges(token) | policy_privileges(rules->policy, token));
}

enum guise_reason identity_of_ids(uid_t uid, gid_t gid, const gid_t *groups, size_t count,
				  const struct identity_rules *rules, struct token **token)
{
	bool is_system = uid == 0 && !rules->squash_root;
	struct sid unix_sid = sid_from_uid(uid);
	SCOPED_PEOPLE people = {0};
	SCOPED_TOKEN *made = NULL;
	int error = people_find(uid, gid, groups, count, &people);

	if (error)
		return reason_of(error);
	made = token_create(is_system ? &sid_system : &people.sids[0]);
	if (!made)
		return REASON_NO_MEMORY;
	if (!is_system)
		error = add_user(made, &unix_sid);
	if (!error)
		error = add_unix_groups(made, &people);
	if (!error && is_system)
		error = add_system(made);
	if (!error)
		error = add_common(made);
	if (!error)
		add_privileges(made, rules);
	token_set_unix(made, uid, gid);
	return token_give(&made, error, token);
}

/* The key's owner, with the groups that the account has here. */
static enum guise_reason identity_of_owner(uid_t owner, const struct identity_rules *rules,
					   struct token **token)
{
	SCOPED_BUFFER gid_t *groups = NULL;
	size_t count = 0;
	gid_t gid;
	struct sid sid;
	int error = domain_user_sid(owner, &sid);

	if (error)
		return reason_of(error);
	error = idmap_user_groups(owner, &gid, &groups, &count);
	/* whom the domain knew a moment ago */
	if (error == -ENOENT && sid_is_domain(&sid))
		error = -EHOSTDOWN;
	if (error)
		return reason_of(error);
	return identity_of_ids(owner, gid, groups, count, rules, token);
}

/* S-1-5-7 and nothing else. */
static enum guise_reason identity_anonymous(struct token **token)
{
	SCOPED_TOKEN *made = token_create(&sid_anonymous);
	int error;

	if (!made)
		return REASON_NO_MEMORY;
	error = token_add_group(made, &sid_everyone, ENABLED);
	set_integrity(made, SECURITY_MANDATORY_UNTRUSTED_RID);
	token_set_unix(made, IDENTITY_NOBODY, IDENTITY_NOBODY);
	return token_give(&made, error, token);
}

/* A group that a squashed root must not come back by. */
static bool is_squashed_group(const struct sid *sid)
{
	return sid_equal(sid, &sid_administrators) || sid_equal(sid, &sid_system);
}

/* A user or group that a text states, by all that it is here. */
struct stated {
	struct sid sid;      /* the domain's, if it has one, */
	struct sid unix_sid; /* and then also this one, else the same */
	bool has_id;
	uint32_t id;
};

static bool id_of(const struct sid *sid, bool is_group, uint32_t *id)
{
	return is_group ? sid_to_gid(sid, id) : sid_to_uid(sid, id);
}

/* The Unix id, if it has one, of a domain's @stated->sid. */
static int stated_by_domain(bool is_group, struct stated *stated)
{
	int error = is_group ? domain_gid(&stated->sid, &stated->id)
			     : domain_uid(&stated->sid, &stated->id);

	stated->has_id = !error;
	if (!error)
		stated->unix_sid = is_group ? sid_from_gid(stated->id) : sid_from_uid(stated->id);
	return error == -ENOENT ? 0 : error;
}

static int stated_find(const struct sid *sid, bool is_group, struct stated *stated)
{
	struct domain_id id = {.is_group = is_group};

	*stated = (struct stated){.sid = *sid, .unix_sid = *sid};
	if (sid_is_domain(sid))
		return stated_by_domain(is_group, stated);
	stated->has_id = id_of(sid, is_group, &stated->id);
	if (!stated->has_id || stated->id == 0)
		return 0;
	id.id = stated->id;
	return domain_sids(&id, 1, &stated->sid);
}

/* What a text states, by whom, for whom. */
struct statement {
	const struct token_text *text;
	uid_t owner; /* of the key */
	const struct identity_rules *rules;
	bool is_forbidden; /* only root may state it */
};

/*
 * Whom only root may state, the administrators of a domain and holders of privileges, it alone may
 * state by either SID: the one in the text was looked at before.
 */
static void check_stated(struct statement *statement, const struct stated *stated)
{
	const struct policy *policy = statement->rules->policy;

	if (statement->owner == 0)
		return;
	if ((sid_is_domain(&stated->sid) && !domain_sid_is_ordinary(&stated->sid)) ||
	    policy_holds_privilege(policy, &stated->sid) ||
	    policy_holds_privilege(policy, &stated->unix_sid))
		statement->is_forbidden = true;
}

static int add_named_groups(struct token *token, struct statement *statement, gid_t *gid)
{
	const struct token_text *text = statement->text;
	bool mapped = false, first = true;
	int error = 0;

	for (size_t i = 0; i < text->group_count && !error; i++) {
		struct stated group;

		if (statement->rules->squash_root && is_squashed_group(&text->groups[i]))
			continue;
		error = stated_find(&text->groups[i], true, &group);
		if (!error)
			error = add_both(token, &group.sid, &group.unix_sid);
		if (!error && first)
			error = token_set_primary_group(token, &group.sid);
		if (!error)
			check_stated(statement, &group);
		first = false;
		if (!error && !mapped && group.has_id) {
			*gid = group.id;
			mapped = true;
		}
	}
	return error;
}

/* What goes with who is stated: privileges, integrity. */
static void add_powers(struct token *token, const struct statement *statement, bool is_root)
{
	const struct identity_rules *rules = statement->rules;

	/* whoever states privileges is root, whose own are squashed, too */
	if (!rules->squash_root)
		token_set_privileges(token, statement->text->privileges);
	if (is_root && !rules->squash_root)
		set_integrity(token, SECURITY_MANDATORY_SYSTEM_RID);
	add_privileges(token, rules);
}

/* The identity that a logon authority states. */
static enum guise_reason identity_named(struct statement *statement, struct token **token)
{
	const struct sid *named = &statement->text->user;
	bool squash_root = statement->rules->squash_root, is_root;
	gid_t gid = IDENTITY_NOBODY;
	SCOPED_TOKEN *made = NULL;
	struct stated user;
	int error = stated_find(named, false, &user);

	if (error)
		return reason_of(error);
	is_root = user.has_id && user.id == 0;
	if (is_root && squash_root)
		user.sid = user.unix_sid = sid_from_uid(0);
	else if (squash_root && is_squashed_group(named))
		return REASON_CLIENT_UNKNOWN;
	made = token_create(&user.sid);
	if (!made)
		return REASON_NO_MEMORY;
	check_stated(statement, &user);
	error = add_user(made, &user.unix_sid);
	if (!error)
		error = add_named_groups(made, statement, &gid);
	if (!error)
		error = add_common(made);
	if (!error)
		add_powers(made, statement, is_root);
	token_set_unix(made, user.has_id ? user.id : IDENTITY_NOBODY, gid);
	if (!error && statement->is_forbidden)
		return REASON_TOKEN_LOGON;
	return token_give(&made, error, token);
}

enum guise_reason identity_of_text(const struct token_text *text, uid_t owner, uid_t actor,
				   const struct identity_rules *rules, struct token **token)
{
	struct statement statement = {.text = text, .owner = owner, .rules = rules};
	struct sid actor_sid = sid_from_uid(actor);
	enum guise_reason reason;

	/* who states that the client is nobody gets just that */
	if (text->level == TOKEN_ANONYMOUS ||
	    (text->has_user && sid_equal(&text->user, &sid_anonymous)))
		reason = identity_anonymous(token);
	else if (text->has_user)
		reason = identity_named(&statement, token);
	else
		reason = identity_of_owner(owner, rules, token);
	if (reason)
		return reason;
	token_set_level(*token, text->level);
	token_set_actor(*token, &actor_sid);
	token_set_source(*token, text->has_user ? TOKEN_BY_LOGON : TOKEN_BY_CONSENT);
	if (text->has_until)
		token_set_expiry(*token, text->until);
	if (text->has_rights)
		token_set_rights(*token, text->rights);
	return REASON_NONE;
}
