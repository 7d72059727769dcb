/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Building tokens. */
#include "keyring/identity.h"

#include <errno.h>

#include "keyring/idmap.h"
#include "keyring/scoped.h"

#define ENABLED SE_GROUP_ENABLED

static void token_drop(struct token **token)
{
	token_unref(*token);
}

#define SCOPED_TOKEN __attribute__((cleanup(token_drop))) struct token

/* Hands @made over if nothing went wrong while it was built. */
static enum guise_reason token_give(struct token **made, int error, struct token **token)
{
	if (error)
		return error == -ENOMEM ? REASON_NO_MEMORY : REASON_CLIENT_UNKNOWN;
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

static int add_unix_groups(struct token *token, gid_t primary, const gid_t *groups, size_t count)
{
	struct sid sid = sid_from_gid(primary);
	int error = token_add_group(token, &sid, ENABLED);

	if (!error)
		error = token_set_primary_group(token, &sid);
	for (size_t i = 0; i < count && !error; i++) {
		if (groups[i] == primary)
			continue;
		sid = sid_from_gid(groups[i]);
		error = token_add_group(token, &sid, ENABLED);
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
	struct sid user = is_system ? sid_system : sid_from_uid(uid);
	SCOPED_TOKEN *made = token_create(&user);
	int error;

	if (!made)
		return REASON_NO_MEMORY;
	error = add_unix_groups(made, gid, groups, count);
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
	int error = idmap_user_groups(owner, &gid, &groups, &count);

	if (error)
		return error == -ENOMEM ? REASON_NO_MEMORY : REASON_CLIENT_UNKNOWN;
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

static int add_named_groups(struct token *token, const struct token_text *text, bool squash_root,
			    gid_t *gid)
{
	bool mapped = false, first = true;
	int error = 0;

	for (size_t i = 0; i < text->group_count && !error; i++) {
		const struct sid *sid = &text->groups[i];

		if (squash_root && is_squashed_group(sid))
			continue;
		error = token_add_group(token, sid, ENABLED);
		if (!error && first)
			error = token_set_primary_group(token, sid);
		first = false;
		if (!mapped && sid_to_gid(sid, gid))
			mapped = true;
	}
	return error;
}

/* The identity that a logon authority states. */
static enum guise_reason identity_named(const struct token_text *text,
					const struct identity_rules *rules, struct token **token)
{
	bool squash_root = rules->squash_root;
	uid_t uid = IDENTITY_NOBODY;
	gid_t gid = IDENTITY_NOBODY;
	bool mapped = sid_to_uid(&text->user, &uid);
	bool is_root = mapped && uid == 0;
	struct sid user = is_root && squash_root ? sid_from_uid(0) : text->user;
	SCOPED_TOKEN *made = token_create(&user);
	int error;

	if (!made)
		return REASON_NO_MEMORY;
	if (squash_root && !is_root && is_squashed_group(&text->user))
		return REASON_CLIENT_UNKNOWN;
	if (!mapped)
		uid = IDENTITY_NOBODY;
	error = add_named_groups(made, text, squash_root, &gid);
	if (!error)
		error = add_common(made);
	/* whoever states privileges is root, whose own are squashed, too */
	if (!squash_root)
		token_set_privileges(made, text->privileges);
	if (is_root && !squash_root)
		set_integrity(made, SECURITY_MANDATORY_SYSTEM_RID);
	if (!error)
		add_privileges(made, rules);
	token_set_unix(made, uid, gid);
	return token_give(&made, error, token);
}

enum guise_reason identity_of_text(const struct token_text *text, uid_t owner, uid_t actor,
				   const struct identity_rules *rules, struct token **token)
{
	struct sid actor_sid = sid_from_uid(actor);
	enum guise_reason reason;

	/* who states that the client is nobody gets just that */
	if (text->level == TOKEN_ANONYMOUS ||
	    (text->has_user && sid_equal(&text->user, &sid_anonymous)))
		reason = identity_anonymous(token);
	else if (text->has_user)
		reason = identity_named(text, rules, token);
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
