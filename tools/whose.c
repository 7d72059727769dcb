/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Making tokens as a mount makes them, or asking the mount. */
#include "whose.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "acl/token_lines.h"
#include "command.h"
#include "error.h"
#include "keyring/client.h"
#include "keyring/domain.h"
#include "keyring/identity.h"
#include "keyring/idmap.h"
#include "keyring/key.h"
#include "keyring/policy.h"
#include "keyring/reason.h"
#include "keyring/scoped.h"
#include "keyring/token_text.h"
#include "parse.h"
#include "text.h"

#define ATTRIBUTE_POLICY "system.guise.policy"
#define ATTRIBUTE_TOKEN "system.guise.token."

static const char note_groups[] =
	"the groups are those of the user database; a process can have others";
static const char note_alone[] =
	"this is a SID alone, with Everyone and Authenticated Users, which all have: what groups "
	"it has besides is not known";
static const char note_everyone[] = "this is what everybody has, whatever else they are";
static const char note_no_account[] = "there is no such account: its groups are not known";
static const char note_policy[] =
	"the mount's policy is not shown to you: privileges are those of " POLICY_FILE;
static const char note_squash[] =
	"whether root is squashed (root=squash) is not known: here it is not";
static const char note_domain[] =
	"the domain cannot be asked whether this is one of its groups here";
static const char note_added[] = "groups were added that the token need not have";

int whose_option(struct whose_ask *ask, int option)
{
	switch (option) {
	case WHOSE_SELF:
		ask->self = true;
		return 1;
	case WHOSE_TID:
		ask->tid = optarg;
		return 1;
	case WHOSE_SERIAL:
		ask->serial = optarg;
		return 1;
	case WHOSE_POLICY:
		ask->policy = optarg;
		return 1;
	case WHOSE_GROUP:
		if (ask->group_count == WHOSE_GROUPS) {
			error_usage("--group: more than %d", WHOSE_GROUPS);
			return -1;
		}
		ask->groups[ask->group_count++] = optarg;
		return 1;
	default:
		return 0;
	}
}

bool whose_is_named(const struct whose_ask *ask)
{
	return ask->self || ask->tid || ask->serial;
}

static void note(struct whose *whose, const char *text)
{
	for (size_t i = 0; i < whose->note_count; i++) {
		if (whose->notes[i] == text)
			return;
	}
	if (whose->note_count < WHOSE_NOTES)
		whose->notes[whose->note_count++] = text;
}

/* ---- the rules ---- */

static int load_policy(const char *file, bool needed, const struct policy **policy)
{
	struct policy_fault fault;
	struct policy *read = NULL;
	int error = policy_load(file, &read, &fault);

	if (error == -EINVAL || (error == -EPERM && needed)) {
		error_say("%s", fault.text);
		return error == -EINVAL ? STATUS_USAGE : STATUS_DENIED;
	}
	if (error < 0 && needed)
		return error_report(file, -error);
	if (error < 0)
		read = policy_builtin();
	if (!read)
		return error_report(file, ENOMEM);
	*policy = read;
	return STATUS_OK;
}

/* The policy that the mount has in force; STATUS_OK and NULL if it does not show it. */
static int ask_policy(const struct site *site, const struct policy **policy)
{
	TEXT_CLEANUP char *text = NULL;
	struct policy_fault fault;
	struct policy *read = NULL;
	size_t size;
	int error;

	if (!site->object.guisefs ||
	    object_attribute(&site->object, ATTRIBUTE_POLICY, &text, &size) < 0)
		return STATUS_OK;
	error = policy_read(text, size, "policy in force", &read, &fault);
	if (error == -EINVAL)
		error_say("%s", fault.text);
	if (error < 0)
		return error == -EINVAL ? STATUS_FAILED : error_report(site->path, -error);
	*policy = read;
	return STATUS_OK;
}

int whose_rules(const struct whose_ask *ask, const struct site *site, struct whose_rules *rules)
{
	int status = STATUS_OK;

	*rules = (struct whose_rules){.squash_root = site->squash};
	if (ask->policy)
		status = load_policy(ask->policy, true, &rules->policy);
	else
		status = ask_policy(site, &rules->policy);
	if (status == STATUS_OK && !rules->policy) {
		rules->policy_unknown = site->object.guisefs;
		status = load_policy(POLICY_FILE, false, &rules->policy);
	}
	/* who is who is looked up as the policy says */
	if (status == STATUS_OK)
		policy_choose_domain(rules->policy);
	return status;
}

void whose_rules_clear(struct whose_rules *rules)
{
	policy_unref(rules->policy);
	rules->policy = NULL;
}

static int error_of(enum guise_reason reason)
{
	switch (reason) {
	case REASON_NONE:
		return 0;
	case REASON_NO_MEMORY:
		return -ENOMEM;
	case REASON_DOMAIN_UNAVAILABLE:
		return -EHOSTDOWN;
	default:
		return reason_errno(reason);
	}
}

/* ---- tokens ---- */

static struct identity_rules identity_rules(const struct whose_rules *rules)
{
	return (struct identity_rules){rules->policy, rules->squash_root};
}

static int token_of_account(uid_t uid, const struct whose_rules *rules, struct whose *whose)
{
	const struct identity_rules identity = identity_rules(rules);
	SCOPED_BUFFER gid_t *groups = NULL;
	struct token *token = NULL;
	size_t count = 0;
	gid_t gid;
	int error = idmap_user_groups(uid, &gid, &groups, &count);

	if (error == 0)
		error = error_of(identity_of_ids(uid, gid, groups, count, &identity, &token));
	if (error < 0)
		return error;
	whose->kind = WHOSE_ACCOUNT;
	whose->token = token;
	note(whose, note_groups);
	return 0;
}

/* All that everybody has. */
static int token_of_everyone(struct whose *whose)
{
	struct token *token = token_create(&sid_everyone);

	if (!token)
		return -ENOMEM;
	whose->token = token;
	note(whose, note_everyone);
	return 0;
}

/* The other SID of a group of the host or its domain: they count alike. */
static int other_sid(const struct sid *sid, struct sid *other)
{
	gid_t gid;
	int error;

	if (sid_to_gid(sid, &gid))
		return domain_group_sid(gid, other);
	error = sid_is_domain(sid) ? domain_gid(sid, &gid) : -ENOENT;
	if (error == 0)
		*other = sid_from_gid(gid);
	return error;
}

static int add_other(struct token *token, const struct sid *sid, struct whose *whose)
{
	struct sid other;
	int found = other_sid(sid, &other);

	if (found == -EHOSTDOWN || found == -ETIMEDOUT)
		note(whose, note_domain);
	if (found < 0 || sid_equal(sid, &other))
		return 0;
	return token_add_group(token, &other, SE_GROUP_ENABLED);
}

static int add_group(struct token *token, const struct sid *sid, struct whose *whose)
{
	int error = token_add_group(token, sid, SE_GROUP_ENABLED);

	return error ? error : add_other(token, sid, whose);
}

/* As a key of root's would state it, without any group. */
static int token_of_sid(const struct sid *sid, const struct whose_rules *rules, struct whose *whose)
{
	const struct token_text text = {.level = TOKEN_DELEGATE, .has_user = true, .user = *sid};
	const struct identity_rules identity = identity_rules(rules);
	struct token *token = NULL;
	int error;

	whose->kind = WHOSE_SID;
	if (sid_equal(sid, &sid_everyone))
		return token_of_everyone(whose);
	error = error_of(identity_of_text(&text, 0, 0, &identity, &token));
	if (error < 0)
		return error;
	whose->token = token;
	if (sid_equal(sid, &sid_anonymous))
		return 0;
	note(whose, note_alone);
	return add_other(token, sid, whose);
}

int whose_of(const struct sid *sid, const struct whose_rules *rules, struct whose *whose)
{
	uid_t uid;
	int error;

	*whose = (struct whose){.kind = WHOSE_SID};
	error = domain_uid(sid, &uid);
	if (error == 0) {
		error = token_of_account(uid, rules, whose);
		if (error != -ENOENT)
			return error;
		note(whose, note_no_account);
	} else if (error != -ENOENT) {
		return error;
	}
	return token_of_sid(sid, rules, whose);
}

/* ---- asking the mount ---- */

static int read_token(const struct site *site, const char *text, struct whose *whose)
{
	struct token *token = NULL;
	enum sd_error error = token_lines_read(text, &token);

	if (error) {
		error_about(site->path, "the mount's answer about the token makes no sense");
		return STATUS_FAILED;
	}
	whose->token = token;
	return STATUS_OK;
}

static int need_mount(const struct site *site, const char *option)
{
	if (site->object.guisefs)
		return STATUS_OK;
	error_about(site->path, "not on a guisefs mount, which %s asks", option);
	return STATUS_USAGE;
}

static int find_self(const struct site *site, struct whose *whose)
{
	TEXT_CLEANUP char *text = NULL;
	size_t size;
	int status = need_mount(site, "--self"), error;

	if (status != STATUS_OK)
		return status;
	whose->kind = WHOSE_CALLER;
	error = object_attribute(&site->object, ATTRIBUTE_WHOAMI, &text, &size);
	return error < 0 ? error_report(site->path, -error) : read_token(site, text, whose);
}

static int report_thread(const char *tid, int error)
{
	if (error == -EPERM) {
		error_about(tid, "only root may ask whose token a thread has");
		return STATUS_DENIED;
	}
	if (error == -ESRCH) {
		error_about(tid, "there is no such thread");
		return STATUS_FAILED;
	}
	return error_report(tid, -error);
}

static int find_thread(const char *tid, const struct site *site, struct whose *whose)
{
	TEXT_CLEANUP char *text = NULL;
	char name[64];
	int32_t number;
	size_t size;
	int status = need_mount(site, "--tid"), error;

	if (status != STATUS_OK)
		return status;
	if (!parse_serial(tid, &number))
		return error_usage("--tid %s: expected the number of a thread", tid);
	whose->kind = WHOSE_THREAD;
	snprintf(name, sizeof(name), ATTRIBUTE_TOKEN "%d", (int)number);
	error = object_attribute(&site->object, name, &text, &size);
	if (error < 0)
		return report_thread(tid, error);
	if (strncmp(text, "refused ", 8) != 0)
		return read_token(site, text, whose);
	text[strcspn(text, "\n")] = '\0';
	whose->refused = strdup(text + 8);
	return whose->refused ? STATUS_OK : error_report(tid, ENOMEM);
}

/* ---- token keys ---- */

/* Who would use the key: the caller, or for root, whose keys are not, an account that may. */
static uid_t actor_for(int32_t key)
{
	__attribute__((cleanup(token_text_free))) struct token_text text = {0};
	char bytes[TOKEN_TEXT_MAX];
	ssize_t length = geteuid() == 0 ? key_read(key, bytes, sizeof(bytes)) : -1;
	uid_t uid = geteuid(), named;

	if (length < 0 || token_text_read(bytes, (size_t)length, &text, NULL) < 0 ||
	    token_text_is_for(&text, uid))
		return uid;
	for (size_t i = 0; i < text.audience_count; i++) {
		if (domain_uid(&text.audience[i], &named) == 0)
			return named;
	}
	return uid;
}

static enum guise_reason token_of_key(int32_t key, const struct whose_rules *rules,
				      struct whose *whose)
{
	struct clients *clients = clients_create(rules->squash_root, NULL);
	struct key_info info;
	const struct client_ask ask = {
		.policy = rules->policy,
		.key = key,
		.info = &info,
		.actor = actor_for(key),
		.any_share = true,
	};
	enum guise_reason reason = REASON_NO_MEMORY;
	int error = key_describe(key, &info);

	if (clients)
		reason = error ? client_reason(error) : client_token(clients, &ask, &whose->token);
	clients_destroy(clients);
	return reason;
}

static int find_client(const char *serial, const struct whose_rules *rules, struct whose *whose)
{
	enum guise_reason reason;
	int32_t key;

	if (!parse_serial(serial, &key))
		return parse_serial_error(serial);
	whose->kind = WHOSE_CLIENT;
	reason = token_of_key(key, rules, whose);
	if (!reason)
		return STATUS_OK;
	error_about(serial, "%s", reason_text(reason));
	return error_status(-reason_errno(reason));
}

/* ---- all together ---- */

static int find_user(const char *user, const struct whose_rules *rules, struct whose *whose)
{
	struct sid sid;
	int error;

	if (!idmap_sid_parse(user, &sid)) {
		error_about(user, "no such account, group or SID");
		return STATUS_USAGE;
	}
	error = whose_of(&sid, rules, whose);
	if (error == -EHOSTDOWN || error == -ETIMEDOUT) {
		error_about(user, "the host's domain cannot be asked who this is");
		return STATUS_FAILED;
	}
	if (error < 0 && rules->squash_root) {
		error_about(user, "the mount squashes root: nobody is this there");
		return STATUS_FAILED;
	}
	return error < 0 ? error_report(user, -error) : STATUS_OK;
}

/* A copy to add to: others may have a reference. */
static int copy_token(const struct token *token, struct token **copy)
{
	SCOPED_BUFFER char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out)
		token_lines_write(token, out);
	if (!out || fclose(out) != 0)
		return -ENOMEM;
	return -sd_errno(token_lines_read(text, copy));
}

/* --group: a copy of the token with more groups, which may have privileges by the policy. */
static int add_groups(const struct whose_ask *ask, const struct whose_rules *rules,
		      struct whose *whose)
{
	struct token *token = NULL;
	int error = ask->group_count ? copy_token(whose->token, &token) : 0;

	for (size_t i = 0; i < ask->group_count && error == 0; i++) {
		struct sid sid;

		if (!idmap_sid_parse(ask->groups[i], &sid)) {
			error_about(ask->groups[i], "no such group or SID");
			token_unref(token);
			return STATUS_USAGE;
		}
		error = add_group(token, &sid, whose);
	}
	if (error < 0 || !token) {
		token_unref(token);
		return error < 0 ? error_report("--group", -error) : STATUS_OK;
	}
	if (!rules->squash_root)
		token_set_privileges(token, token_privileges(token) |
						    policy_privileges(rules->policy, token));
	token_unref(whose->token);
	whose->token = token;
	note(whose, note_added);
	return STATUS_OK;
}

static void note_rules(const struct whose_rules *rules, const struct site *site,
		       struct whose *whose)
{
	struct sid root = sid_from_uid(0);

	if (rules->policy_unknown)
		note(whose, note_policy);
	if (site->no_natures && whose->token && token_allows(whose->token, &root))
		note(whose, note_squash);
}

int whose_find(const struct whose_ask *ask, const char *user, const struct site *site,
	       struct whose *whose)
{
	__attribute__((cleanup(whose_rules_clear))) struct whose_rules rules = {0};
	bool asked = ask->self || ask->tid;
	int status = STATUS_OK;

	*whose = (struct whose){0};
	if (!asked || ask->group_count)
		status = whose_rules(ask, site, &rules);
	if (status != STATUS_OK)
		return status;
	if (ask->self)
		status = find_self(site, whose);
	else if (ask->tid)
		status = find_thread(ask->tid, site, whose);
	else if (ask->serial)
		status = find_client(ask->serial, &rules, whose);
	else
		status = find_user(user, &rules, whose);
	if (status == STATUS_OK && whose->token)
		status = add_groups(ask, &rules, whose);
	if (!asked)
		note_rules(&rules, site, whose);
	return status;
}

void whose_clear(struct whose *whose)
{
	token_unref(whose->token);
	free(whose->refused);
	*whose = (struct whose){0};
}

bool whose_repeats(const struct token_group *groups, size_t i)
{
	for (size_t n = 0; n < i; n++) {
		if (sid_equal(&groups[n].sid, &groups[i].sid))
			return true;
	}
	return false;
}
