/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The sections and keys of a policy file: tables, and a function a key. */
#include "keyring/policy_key.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "keyring/domain.h"
#include "keyring/idmap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* most keys that a section knows, and a NULL name */
#define KEYS 6

/* longest name of a role or peer, and of a word in a list */
#define WORD_MAX 128

static const char NO_MEMORY[] = "memory";
static const char DOMAIN_ANSWER[] = "an answer of the host's domain";

struct policy_section {
	const char *kind;
	/* Makes the entry for @name.  NULL or what was expected instead of the name. */
	const char *(*begin)(struct policy_reader *reader, const char *name);
	const char *expected; /* its keys, for people */
	struct policy_key keys[KEYS];
};

/* --- values --- */

static const char *take_flag(const char *value, bool *flag)
{
	*flag = strcmp(value, "yes") == 0;
	return *flag || strcmp(value, "no") == 0 ? NULL : "yes or no";
}

/* "90", "10m", "8h", "1d" */
static const char *take_seconds(const char *value, uint32_t *seconds)
{
	static const char expected[] = "a number and s, m, h or d, at most 136 years";
	static const char units[] = "smhd";
	static const uint32_t factors[] = {1, 60, 3600, 86400};
	uint64_t number = 0;
	const char *unit;

	if (*value < '0' || *value > '9')
		return expected;
	for (; *value >= '0' && *value <= '9'; value++) {
		number = number * 10 + (uint64_t)(*value - '0');
		if (number > UINT32_MAX)
			return expected;
	}
	unit = *value ? strchr(units, *value) : units;
	if (!unit || (*value && value[1]))
		return expected;
	number *= factors[unit - units];
	if (!number || number > UINT32_MAX)
		return expected;
	*seconds = (uint32_t)number;
	return NULL;
}

/* Printable, no blanks: a target, a domain, a remote account. */
static bool is_word(const char *value)
{
	if (!*value || strlen(value) > WORD_MAX)
		return false;
	for (; *value; value++) {
		if (*value <= ' ' || *value > '~')
			return false;
	}
	return true;
}

static const char *take_word(struct words *words, const char *value)
{
	if (!is_word(value))
		return "words without blanks, separated by commas";
	for (size_t i = 0; i < words->count; i++) {
		if (strcmp(words->list[i], value) == 0)
			return "each word once";
	}
	return words_add(words, value) < 0 ? NO_MEMORY : NULL;
}

/* The Unix ids of one whose SID is @sid, of a domain.  Whoever of those has it, is it. */
static const char *take_others(struct principals *principals, const struct sid *sid)
{
	struct domain_ids ids;
	struct sid other;
	int error = sid_is_domain(sid) ? domain_ids(sid, &ids) : -ENOENT;

	if (error && error != -ENOENT)
		return error == -ENOMEM ? NO_MEMORY : DOMAIN_ANSWER;
	if (!error && ids.has_uid) {
		other = sid_from_uid(ids.uid);
		error = principals_add_other(principals, &other);
	}
	if (!error && ids.has_gid && !ids.is_user) {
		other = sid_from_gid(ids.gid);
		error = principals_add_other(principals, &other);
	}
	return error == -ENOMEM ? NO_MEMORY : NULL;
}

/* The domain's SID of an id that the file gives as such, if it has one. */
static int sid_of_domain(struct sid *sid)
{
	struct domain_id id = {0};

	if (!sid_to_uid(sid, &id.id)) {
		id.is_group = true;
		if (!sid_to_gid(sid, &id.id))
			return 0;
	}
	return id.id == 0 ? 0 : domain_sids(&id, 1, sid);
}

static const char *take_principal(struct principals *principals, const char *value)
{
	const char *expected;
	struct sid sid;
	int error;

	/* a SID is the longest name, and fits a line */
	if (strlen(value) >= SID_MAX_TEXT || !idmap_sid_parse(value, &sid))
		return "the name or SID of a user or group that this host knows";
	error = sid_of_domain(&sid);
	if (error)
		return error == -ENOMEM ? NO_MEMORY : DOMAIN_ANSWER;
	if (principals_have(principals, &sid))
		return "each user or group once";
	expected = take_others(principals, &sid);
	if (expected)
		return expected;
	return principals_add(principals, &sid, value) < 0 ? NO_MEMORY : NULL;
}

/* --- keys --- */

static const char *defaults_level(struct policy_reader *reader, const char *value)
{
	if (token_level_parse(value, &reader->policy->defaults.level))
		return NULL;
	return "anonymous, identify, impersonate or delegate";
}

static const char *defaults_ttl(struct policy_reader *reader, const char *value)
{
	return take_seconds(value, &reader->policy->defaults.ttl);
}

static const char *defaults_max_ttl(struct policy_reader *reader, const char *value)
{
	reader->max_ttl_line = reader->line;
	return take_seconds(value, &reader->policy->defaults.max_ttl);
}

static const char *take_mapping(struct policy_reader *reader, const char *value)
{
	const char *missing;

	if (!domain_mapping_parse(value, &reader->policy->mapping))
		return "auto, winbind, sssd or none";
	domain_choose_here(reader->policy->mapping);
	/* what the host names, and does not have, is told when it is asked */
	missing = reader->policy->mapping == DOMAIN_AUTO
			  ? NULL
			  : domain_mapping_lacks(reader->policy->mapping);
	return missing ? "one that this host has: its library cannot be loaded" : NULL;
}

static const char *take_machine(struct policy_reader *reader, const char *value)
{
	struct policy *policy = reader->policy;
	const char *end;

	if (policy->mapping != DOMAIN_WINBIND)
		return "mapping=winbind before it";
	if (!sid_parse(value, &policy->machine, &end) || *end ||
	    !domain_is_machine(&policy->machine))
		return "a SID S-1-5-21-A-B-C";
	policy->has_machine = true;
	domain_choose_machine_here(&policy->machine);
	return NULL;
}

static struct account_entry *account_of(struct policy_reader *reader)
{
	return reader->entry;
}

static const char *account_sensitive(struct policy_reader *reader, const char *value)
{
	return take_flag(value, &account_of(reader)->account.sensitive);
}

static const char *account_trusted(struct policy_reader *reader, const char *value)
{
	return take_flag(value, &account_of(reader)->account.trusted_for_delegation);
}

static const char *account_logon(struct policy_reader *reader, const char *value)
{
	return take_flag(value, &account_of(reader)->account.logon);
}

static const char *account_impersonate(struct policy_reader *reader, const char *value)
{
	return take_flag(value, &account_of(reader)->account.impersonate);
}

static const char *account_target(struct policy_reader *reader, const char *value)
{
	return take_word(&account_of(reader)->targets, value);
}

static size_t *account_targets(struct policy_reader *reader)
{
	return &account_of(reader)->targets.count;
}

static const char *privilege_holder(struct policy_reader *reader, const char *value)
{
	struct privilege_entry *privilege = reader->entry;

	return take_principal(&privilege->holders, value);
}

static size_t *privilege_holders(struct policy_reader *reader)
{
	struct privilege_entry *privilege = reader->entry;

	return &privilege->holders.count;
}

static const char *role_member(struct policy_reader *reader, const char *value)
{
	struct role_entry *role = reader->entry;

	return take_principal(&role->members, value);
}

static size_t *role_members(struct policy_reader *reader)
{
	struct role_entry *role = reader->entry;

	return &role->members.count;
}

static const char *peer_account(struct policy_reader *reader, const char *value)
{
	struct peer_entry *peer = reader->entry;

	return take_word(&peer->accounts, value);
}

static size_t *peer_accounts(struct policy_reader *reader)
{
	struct peer_entry *peer = reader->entry;

	return &peer->accounts.count;
}

static const char *peer_domain(struct policy_reader *reader, const char *value)
{
	struct peer_entry *peer = reader->entry;

	if (!is_word(value) || strchr(value, ','))
		return "the name of a domain";
	peer->domain = strdup(value);
	return peer->domain ? NULL : NO_MEMORY;
}

static const char *peer_trusted(struct policy_reader *reader, const char *value)
{
	struct peer_entry *peer = reader->entry;

	return take_flag(value, &peer->peer.trusted_for_delegation);
}

/* --- sections --- */

static const char *begin_defaults(struct policy_reader *reader, const char *name)
{
	if (*name)
		return "[defaults], which has no name";
	if (reader->defaults_seen)
		return "[defaults] once";
	reader->defaults_seen = true;
	return NULL;
}

/* Names in sections before it would have been looked up otherwise. */
static const char *begin_domain(struct policy_reader *reader, const char *name)
{
	const struct policy *policy = reader->policy;

	if (*name)
		return "[domain], which has no name";
	if (reader->domain_seen)
		return "[domain] once";
	if (policy->accounts.count || policy->privileges.count || policy->roles.count)
		return "[domain] before the sections that name users and groups";
	reader->domain_seen = true;
	return NULL;
}

/*
 * An account is known by its user id, which is what the kernel says of a caller: a domain's, too.
 * One that has none can do nothing here that a section could be about.
 */
static const char *account_sid(const char *name, struct sid *sid)
{
	uid_t uid;
	int error;

	if (!idmap_sid_parse(name, sid))
		return "[account NAME] with the name or SID of a user that this host knows";
	error = domain_uid(sid, &uid);
	if (error == -ENOENT)
		return "[account NAME] with a user, who has a user id on this host";
	if (error)
		return error == -ENOMEM ? NO_MEMORY : DOMAIN_ANSWER;
	*sid = sid_from_uid(uid);
	return NULL;
}

static const char *begin_account(struct policy_reader *reader, const char *name)
{
	struct account_entry *entry;
	struct sid sid;
	const char *expected = account_sid(name, &sid);

	if (expected)
		return expected;
	for (size_t i = 0; i < reader->policy->accounts.count; i++) {
		entry = reader->policy->accounts.list[i];
		if (sid_equal(&entry->account.sid, &sid))
			return "one section for each account";
	}
	entry = entries_add(&reader->policy->accounts, sizeof(*entry));
	if (!entry)
		return NO_MEMORY;
	entry->account.sid = sid;
	entry->account.impersonate = true;
	entry->name = strdup(name);
	reader->entry = entry;
	return entry->name ? NULL : NO_MEMORY;
}

static const char *begin_privilege(struct policy_reader *reader, const char *name)
{
	uint32_t bit = token_privilege_parse(name);
	struct privilege_entry *entry;

	if (!bit)
		return "[privilege NAME] with a name such as SeBackupPrivilege";
	for (size_t i = 0; i < reader->policy->privileges.count; i++) {
		entry = reader->policy->privileges.list[i];
		if (entry->bit == bit)
			return "one section for each privilege";
	}
	entry = entries_add(&reader->policy->privileges, sizeof(*entry));
	if (!entry)
		return NO_MEMORY;
	entry->bit = bit;
	reader->entry = entry;
	return NULL;
}

/* Roles may be of several words. */
static bool is_role_name(const char *name)
{
	return *name && strlen(name) <= WORD_MAX && !strpbrk(name, ",\t");
}

static const char *begin_role(struct policy_reader *reader, const char *name)
{
	struct role_entry *entry;

	if (!is_role_name(name))
		return "[role NAME] with a name of at most 128 bytes without commas and tabs";
	for (size_t i = 0; i < reader->policy->roles.count; i++) {
		entry = reader->policy->roles.list[i];
		if (strcmp(entry->name, name) == 0)
			return "one section for each role";
	}
	entry = entries_add(&reader->policy->roles, sizeof(*entry));
	if (!entry)
		return NO_MEMORY;
	entry->name = strdup(name);
	reader->entry = entry;
	return entry->name ? NULL : NO_MEMORY;
}

static const char *begin_peer(struct policy_reader *reader, const char *name)
{
	struct peer_entry *entry;

	if (!is_word(name))
		return "[peer HOST] with the name of a host";
	for (size_t i = 0; i < reader->policy->peers.count; i++) {
		entry = reader->policy->peers.list[i];
		if (strcasecmp(entry->host, name) == 0)
			return "one section for each peer";
	}
	entry = entries_add(&reader->policy->peers, sizeof(*entry));
	if (!entry)
		return NO_MEMORY;
	entry->host = strdup(name);
	reader->entry = entry;
	return entry->host ? NULL : NO_MEMORY;
}

static const struct policy_section sections[] = {
	{"defaults",
	 begin_defaults,
	 "level, ttl or max-ttl",
	 {{"level", defaults_level}, {"ttl", defaults_ttl}, {"max-ttl", defaults_max_ttl}}},
	{"domain",
	 begin_domain,
	 "mapping or machine",
	 {{"mapping", take_mapping}, {"machine", take_machine}}},
	{"account",
	 begin_account,
	 "sensitive, trusted-for-delegation, delegate-to, logon or impersonate",
	 {{"sensitive", account_sensitive},
	  {"trusted-for-delegation", account_trusted},
	  {"delegate-to", account_target, account_targets},
	  {"logon", account_logon},
	  {"impersonate", account_impersonate}}},
	{"privilege",
	 begin_privilege,
	 "holders",
	 {{"holders", privilege_holder, privilege_holders}}},
	{"role", begin_role, "members", {{"members", role_member, role_members}}},
	{"peer",
	 begin_peer,
	 "accounts, domain or trusted-for-delegation",
	 {{"accounts", peer_account, peer_accounts},
	  {"domain", peer_domain},
	  {"trusted-for-delegation", peer_trusted}}},
};

/* Complains if there is something to complain about. */
static void judge(struct policy_reader *reader, const char *expected, const char *name,
		  const char *join, const char *value)
{
	char found[2 * POLICY_LINE_MAX + 4];

	if (expected == NO_MEMORY) {
		reader->no_memory = reader->failed = true;
		return;
	}
	if (!expected)
		return;
	snprintf(found, sizeof(found), "%s%s%s", name, join, value);
	policy_complain(reader, reader->line, found, expected);
}

void policy_section_begin(struct policy_reader *reader, const char *kind, const char *name)
{
	for (size_t i = 0; i < COUNT(sections); i++) {
		if (strcmp(sections[i].kind, kind) != 0)
			continue;
		reader->section = &sections[i];
		reader->section_line = reader->line;
		reader->entry = NULL;
		reader->seen = 0;
		judge(reader, sections[i].begin(reader, name), kind, *name ? " " : "", name);
		return;
	}
	judge(reader, "a section defaults, domain, account, privilege, role or peer", kind,
	      *name ? " " : "", name);
}

/* What begins like a comment would be one at the beginning of a line. */
static const char *take_item(struct policy_reader *reader, const char *item)
{
	if (!*item || *item == ';' || *item == '#')
		return "names separated by commas";
	return reader->key->take(reader, item);
}

/* One line of a list; it may end with a comma, if it goes on or not. */
static void take_list(struct policy_reader *reader, const char *value)
{
	char copy[POLICY_LINE_MAX + 1], *rest = copy, *item;
	size_t length = strlen(value);

	memcpy(copy, value, length + 1);
	if (length && copy[length - 1] == ',')
		copy[length - 1] = '\0';
	while (length && !reader->failed && (item = strsep(&rest, ","))) {
		size_t width;

		item += strspn(item, " \t");
		width = strlen(item);
		while (width && (item[width - 1] == ' ' || item[width - 1] == '\t'))
			item[--width] = '\0';
		if (++reader->names > POLICY_NAMES)
			judge(reader, "at most 8192 names in all lists", "one name more", "", "");
		else
			judge(reader, take_item(reader, item), reader->key->name, "=", item);
	}
}

void policy_key_begin(struct policy_reader *reader, const char *name, const char *value)
{
	const struct policy_section *section = reader->section;

	for (size_t i = 0; i < KEYS && section->keys[i].name; i++) {
		const struct policy_key *key = &section->keys[i];

		if (strcmp(key->name, name) != 0)
			continue;
		if (reader->seen & 1u << i) {
			judge(reader, "each key once in a section", name, "", "");
			return;
		}
		reader->seen |= 1u << i;
		reader->key = key;
		reader->key_line = reader->line;
		reader->list = key->count ? key->count(reader) : NULL;
		if (key->count)
			take_list(reader, value);
		else
			judge(reader, key->take(reader, value), name, "=", value);
		return;
	}
	judge(reader, section->expected, name, "", "");
}

void policy_key_continue(struct policy_reader *reader, const char *value)
{
	if (reader->list)
		take_list(reader, value);
	else
		judge(reader, "one line, since it takes one value", reader->key->name,
		      " goes on: ", value);
}

void policy_check(struct policy_reader *reader)
{
	const struct policy_defaults *defaults = &reader->policy->defaults;

	if (defaults->max_ttl && defaults->ttl > defaults->max_ttl)
		policy_complain(reader, reader->max_ttl_line, "max-ttl shorter than ttl",
				"at least as long a time");
}
