/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the host's policy, the name of the share and a key that narrows another make of token keys
 * and callers, with real threads, users and keys.
 */
#include <check.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "actor.h"
#include "keyring/guise.h"
#include "keyring/identity.h"
#include "keyring/key.h"
#include "keyring/ring.h"
#include "people.h"

#define FIRST "guise-token 1\n"
#define IMPERSONATE FIRST "level impersonate\n"

static struct person people[3];
#define CLIENT (&people[0])
#define SERVER (&people[1])
#define STRANGER (&people[2])

static struct actor *client, *server, *stranger;
static struct resolver *resolver;

/* what an actor is to make a key of */
static char *shared_text;

static void setup_with(const char *share)
{
	struct resolver_options options = {.share = share};

	ck_assert_int_eq(resolver_create(&options, &resolver), 0);
	actor_resolver = resolver;
	shared_text = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(shared_text, MAP_FAILED);
	client = actor_start(CLIENT->uid, CLIENT->gid, 0);
	server = actor_start(SERVER->uid, SERVER->gid, STRANGER->gid);
	stranger = actor_start(STRANGER->uid, STRANGER->gid, 0);
}

static void setup(void)
{
	setup_with(NULL);
}

static void setup_team(void)
{
	setup_with("team");
}

static long do_clear(long unused)
{
	(void)unused;
	return keyctl_clear(KEY_SPEC_USER_KEYRING);
}

/* Marks of a daemon that ended would make the next user of the namespace's number stale. */
static void marks_remove(void)
{
	int32_t ring = ring_open(RING_TREES);
	int32_t *entries = NULL;
	ssize_t count = key_list_all(ring, &entries);

	for (ssize_t i = 0; i < count; i++) {
		char text[RING_ENTRY_MAX];
		int daemon = 0;

		if (ring_entry_read(entries[i], text) == 0 &&
		    sscanf(text, "%*d %*u %*u %d", &daemon) == 1 && daemon == (int)getpid())
			ring_entry_remove(entries[i]);
	}
	free(entries);
}

static void teardown(void)
{
	struct actor *actors[] = {client, server, stranger};

	marks_remove();
	for (size_t i = 0; i < 3; i++) {
		actor_do(actors[i], do_clear, 0);
		actor_end(actors[i]);
	}
	resolver_destroy(resolver);
	munmap(shared_text, 4096);
}

/* --- what actors do --- */

static long do_make(long perm)
{
	static unsigned int made;
	char name[64];

	snprintf(name, sizeof(name), KEY_TOKEN_PREFIX "policy:%d:%u", (int)getpid(), made++);
	return key_make(name, shared_text, strlen(shared_text), (uint32_t)perm,
			KEY_SPEC_USER_KEYRING, false);
}

static long do_update(long key)
{
	return keyctl_update((key_serial_t)key, shared_text, strlen(shared_text)) < 0 ? -errno : 0;
}

static long do_revoke(long key)
{
	return keyctl_revoke((key_serial_t)key) < 0 ? -errno : 0;
}

static long do_invalidate(long key)
{
	return keyctl_invalidate((key_serial_t)key) < 0 ? -errno : 0;
}

static long do_timeout(long key)
{
	return keyctl_set_timeout((key_serial_t)key, 1) < 0 ? -errno : 0;
}

static long do_impersonate(long key)
{
	return guise_impersonate((int32_t)key);
}

static long do_confine(long key)
{
	return guise_confine((int32_t)key);
}

/* --- what the tests say and ask --- */

__attribute__((format(printf, 1, 0))) static void text_set(const char *format, va_list values)
{
	int length = vsnprintf(shared_text, 4096, format, values);

	ck_assert(length > 0 && length < 4096);
}

/* A key of @actor's (NULL: root's) with the text that @format gives; its serial. */
__attribute__((format(printf, 3, 4))) static int32_t key_with(struct actor *actor, uint32_t perm,
							      const char *format, ...)
{
	va_list values;
	long key;

	va_start(values, format);
	text_set(format, values);
	va_end(values);
	key = actor ? actor_do(actor, do_make, (long)perm) : do_make((long)perm);
	ck_assert_int_gt(key, 0);
	return (int32_t)key;
}

__attribute__((format(printf, 3, 4))) static void key_change(struct actor *actor, int32_t key,
							     const char *format, ...)
{
	va_list values;

	va_start(values, format);
	text_set(format, values);
	va_end(values);
	ck_assert_int_eq(actor_do(actor, do_update, key), 0);
}

/* From now on the policy is what @format gives. */
__attribute__((format(printf, 1, 2))) static void policy_set(const char *format, ...)
{
	struct policy_fault fault;
	struct policy *policy;
	char text[2048];
	va_list values;

	va_start(values, format);
	vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	ck_assert_msg(policy_read(text, strlen(text), "test", &policy, &fault) == 0, "%s",
		      fault.text);
	resolver_set_policy(resolver, policy);
	policy_unref(policy);
}

/* The token of @actor, or NULL and *@reason. */
static const struct token *token_of(const struct actor *actor, bool groups,
				    enum guise_reason *reason)
{
	struct caller caller = actor_caller(actor);
	struct refusal refusal;
	const struct token *token;
	int error = resolver_token(resolver, &caller, groups, &token, &refusal);

	ck_assert_int_eq(error, reason_errno(refusal.reason));
	*reason = refusal.reason;
	return token;
}

static enum guise_reason asked(const struct actor *actor)
{
	enum guise_reason reason;

	token_unref(token_of(actor, true, &reason));
	return reason;
}

/* The server acts with @key from here on; why it cannot. */
static enum guise_reason acts_with(int32_t key)
{
	ck_assert_int_eq(actor_do(server, do_impersonate, key), 0);
	return asked(server);
}

#define check_acts(key, reason) ck_assert_str_eq(reason_name(acts_with(key)), reason_name(reason))
#define check_asked(reason) ck_assert_str_eq(reason_name(asked(server)), reason_name(reason))

static uint32_t privileges_of(const struct actor *actor, bool groups)
{
	enum guise_reason reason;
	const struct token *token = token_of(actor, groups, &reason);
	uint32_t privileges = token ? token_privileges(token) : UINT32_MAX;

	token_unref(token);
	return privileges;
}

static enum token_level level_of_server(void)
{
	enum guise_reason reason;
	const struct token *token = token_of(server, true, &reason);
	enum token_level level;

	ck_assert_ptr_nonnull(token);
	level = token_level(token);
	token_unref(token);
	return level;
}

/* --- the logon right --- */

START_TEST(naming_another_user_takes_the_logon_right)
{
	int32_t key =
		key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\nuser S-1-22-1-%u\n",
			 SERVER->uid, STRANGER->uid);
	struct sid sid = sid_from_uid(STRANGER->uid);
	const struct token *token;
	enum guise_reason reason;

	check_acts(key, REASON_TOKEN_FORGED);
	policy_set("[account uid:%u]\nlogon=yes\n", STRANGER->uid);
	check_asked(REASON_TOKEN_FORGED);
	policy_set("[account uid:%u]\nlogon=yes\n", CLIENT->uid);
	token = token_of(server, true, &reason);
	ck_assert_ptr_nonnull(token);
	ck_assert(sid_equal(token_user(token), &sid));
	token_unref(token);
	/* what it gave while it was there is not kept */
	policy_set("[account uid:%u]\nlogon=no\n", CLIENT->uid);
	check_asked(REASON_TOKEN_FORGED);
}
END_TEST

/* What only root may name, with %u for the user's number. */
static const char *const excesses[] = {
	"user S-1-22-1-0\n",
	"user S-1-5-18\n",
	"user S-1-5-32-544\n",
	"user S-1-22-1-70000\ngroup S-1-22-2-0\n",
	"user S-1-22-1-70000\ngroup S-1-22-2-5\ngroup S-1-22-1-0\n",
	"user S-1-22-1-70000\ngroup S-1-5-18\n",
	"user S-1-22-1-70000\ngroup S-1-5-32-544\n",
	"user S-1-22-1-70000\nprivilege SeChangeNotifyPrivilege\n",
	"user S-1-3-4\n",
	"user S-1-1-0\n",
	"user S-1-5-32-551\n",
	"user S-1-5-21-1-2-3-500\n",
	"user S-1-22-1-70000\ngroup S-1-3-4\n",
	"user S-1-22-1-70000\ngroup S-1-5-21-1-2-3-512\n",
	"user S-1-22-1-70001\n",
	"user S-1-22-1-70000\ngroup S-1-22-2-70002\n",
};
#define EXCESSES ((int)(sizeof(excesses) / sizeof(excesses[0])))

START_TEST(the_logon_right_does_not_reach_root_or_privileges)
{
	int32_t key = key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\n%s",
			       SERVER->uid, excesses[_i]);

	policy_set("[account uid:%u]\nlogon=yes\n"
		   "[privilege SeBackupPrivilege]\nholders=uid:70001,gid:70002\n",
		   CLIENT->uid);
	check_acts(key, REASON_TOKEN_LOGON);
	ck_assert_int_eq(reason_errno(REASON_TOKEN_LOGON), -EKEYREJECTED);
	/* root may */
	key = key_with(NULL, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\n%s", SERVER->uid,
		       excesses[_i]);
	check_acts(key, REASON_NONE);
	keyctl_invalidate(key);
}
END_TEST

/* What everybody holds is nobody's distinction. */
START_TEST(privileges_of_everyone_hinder_no_logon)
{
	int32_t key = key_with(client, KEY_TOKEN_PERM,
			       IMPERSONATE "for S-1-22-1-%u\nuser S-1-22-1-70000\n", SERVER->uid);

	policy_set("[account uid:%u]\nlogon=yes\n"
		   "[privilege SeChangeNotifyPrivilege]\nholders=Everyone\n",
		   CLIENT->uid);
	check_acts(key, REASON_NONE);
	ck_assert_uint_eq(privileges_of(server, true), SE_CHANGE_NOTIFY_PRIVILEGE);
}
END_TEST

/* --- privileges --- */

START_TEST(callers_have_the_privileges_that_the_policy_gives)
{
	ck_assert_uint_eq(privileges_of(server, true), 0);
	ck_assert_uint_eq(privileges_of(server, false), 0);
	policy_set("[privilege SeBackupPrivilege]\nholders=uid:%u\n", SERVER->uid);
	ck_assert_uint_eq(privileges_of(server, true), SE_BACKUP_PRIVILEGE);
	ck_assert_uint_eq(privileges_of(server, false), SE_BACKUP_PRIVILEGE);
	ck_assert_uint_eq(privileges_of(client, false), 0);
	policy_set("[privilege SeBackupPrivilege]\nholders=uid:%u\n", CLIENT->uid);
	ck_assert_uint_eq(privileges_of(server, false), 0);
	ck_assert_uint_eq(privileges_of(client, false), SE_BACKUP_PRIVILEGE);
}
END_TEST

/* The guard asks for groups only where a descriptor names one: a privilege needs none. */
START_TEST(a_group_gives_its_privileges_even_if_nobody_asks_for_groups)
{
	policy_set("[privilege SeRestorePrivilege]\nholders=gid:%u\n", STRANGER->gid);
	ck_assert_uint_eq(privileges_of(server, false), SE_RESTORE_PRIVILEGE);
	ck_assert_uint_eq(privileges_of(server, true), SE_RESTORE_PRIVILEGE);
	ck_assert_uint_eq(privileges_of(stranger, false), SE_RESTORE_PRIVILEGE);
	ck_assert_uint_eq(privileges_of(client, false), 0);
}
END_TEST

START_TEST(clients_bring_their_privileges_and_anonymous_has_none)
{
	int32_t key =
		key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\n", SERVER->uid);
	int32_t nobody = key_with(client, KEY_TOKEN_PERM,
				  FIRST "level anonymous\nfor S-1-22-1-%u\n", SERVER->uid);

	policy_set("[privilege SeBackupPrivilege]\nholders=uid:%u\n"
		   "[privilege SeSecurityPrivilege]\nholders=uid:%u\n"
		   "[privilege SeChangeNotifyPrivilege]\nholders=Everyone\n",
		   CLIENT->uid, SERVER->uid);
	check_acts(key, REASON_NONE);
	ck_assert_uint_eq(privileges_of(server, true),
			  SE_BACKUP_PRIVILEGE | SE_CHANGE_NOTIFY_PRIVILEGE);
	check_acts(nobody, REASON_NONE);
	ck_assert_uint_eq(privileges_of(server, true), 0);
}
END_TEST

START_TEST(a_squashed_root_gets_nothing_back_by_the_policy)
{
	static const char text[] = "[privilege SeBackupPrivilege]\nholders=root,gid:0,Everyone\n";
	static const char named[] = FIRST "level delegate\nfor S-1-22-1-0\nuser S-1-22-1-70000\n"
					  "group S-1-22-1-0\n";
	struct identity_rules rules = {.squash_root = true};
	struct policy_fault fault;
	struct policy *policy;
	struct token_text parts;
	struct token *token;

	ck_assert_int_eq(policy_read(text, strlen(text), "test", &policy, &fault), 0);
	rules.policy = policy;
	ck_assert_int_eq(identity_of_ids(0, 0, NULL, 0, &rules, &token), REASON_NONE);
	ck_assert_uint_eq(token_privileges(token), 0);
	token_unref(token);
	ck_assert_int_eq(identity_of_ids(5, 5, NULL, 0, &rules, &token), REASON_NONE);
	ck_assert_uint_eq(token_privileges(token), SE_BACKUP_PRIVILEGE);
	token_unref(token);
	ck_assert_int_eq(token_text_read(named, strlen(named), &parts, NULL), 0);
	ck_assert_int_eq(identity_of_text(&parts, 0, 0, &rules, &token), REASON_NONE);
	ck_assert_uint_eq(token_privileges(token), 0);
	token_unref(token);
	token_text_free(&parts);
	policy_unref(policy);
}
END_TEST

/* --- who may act, how far, how long --- */

START_TEST(who_may_act_for_nobody_is_refused_at_the_next_request)
{
	int32_t key =
		key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\n", SERVER->uid);

	check_acts(key, REASON_NONE);
	policy_set("[account uid:%u]\nimpersonate=no\n", SERVER->uid);
	check_asked(REASON_ACTOR_DENIED);
	ck_assert_int_eq(reason_errno(REASON_ACTOR_DENIED), -EACCES);
	ck_assert_int_eq(asked(stranger), REASON_NONE);
	policy_set("[account uid:%u]\nimpersonate=no\n", CLIENT->uid);
	check_asked(REASON_NONE);
}
END_TEST

START_TEST(who_may_act_for_nobody_cannot_be_confined)
{
	int32_t key =
		key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\n", SERVER->uid);

	policy_set("[account uid:%u]\nimpersonate=no\n", SERVER->uid);
	ck_assert_int_lt(actor_do(server, do_confine, key), 0);
	ck_assert_int_eq(actor_refused, REASON_ACTOR_DENIED);
}
END_TEST

START_TEST(a_consent_without_a_level_has_the_hosts)
{
	int32_t open = key_with(client, KEY_TOKEN_PERM, FIRST "for S-1-22-1-%u\n", SERVER->uid);
	int32_t fixed = key_with(client, KEY_TOKEN_PERM, FIRST "level identify\nfor S-1-22-1-%u\n",
				 SERVER->uid);

	check_acts(open, REASON_NONE);
	ck_assert_int_eq(level_of_server(), TOKEN_IDENTIFY);
	policy_set("[defaults]\nlevel=impersonate\n");
	ck_assert_int_eq(level_of_server(), TOKEN_IMPERSONATE);
	check_acts(fixed, REASON_NONE);
	ck_assert_int_eq(level_of_server(), TOKEN_IDENTIFY);
}
END_TEST

START_TEST(consents_that_last_too_long_or_for_ever_are_refused)
{
	long now = (long)time(NULL);
	int32_t endless =
		key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\n", SERVER->uid);
	int32_t lasting =
		key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\nuntil %ld\n",
			 SERVER->uid, now + 7300);
	int32_t brief = key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\nuntil %ld\n",
				 SERVER->uid, now + 3600);

	check_acts(endless, REASON_NONE);
	check_acts(lasting, REASON_NONE);
	policy_set("[defaults]\nmax-ttl=2h\n");
	check_asked(REASON_TOKEN_LIFETIME);
	ck_assert_int_eq(reason_errno(REASON_TOKEN_LIFETIME), -EKEYREJECTED);
	check_acts(endless, REASON_TOKEN_LIFETIME);
	check_acts(brief, REASON_NONE);
	/* root's own statements too */
	endless = key_with(NULL, KEY_TOKEN_PERM,
			   IMPERSONATE "for S-1-22-1-%u\nuser S-1-22-1-70000\n", SERVER->uid);
	check_acts(endless, REASON_TOKEN_LIFETIME);
	keyctl_invalidate(endless);
}
END_TEST

/* --- shares --- */

START_TEST(a_consent_for_a_share_is_refused_where_none_has_a_name)
{
	int32_t key = key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\nshare team\n",
			       SERVER->uid);

	check_acts(key, REASON_TOKEN_SHARE);
	check_asked(REASON_TOKEN_SHARE);
	ck_assert_int_eq(reason_errno(REASON_TOKEN_SHARE), -EKEYREJECTED);
}
END_TEST

START_TEST(a_consent_for_a_share_is_good_there_alone)
{
	check_acts(key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\nshare team\n",
			    SERVER->uid),
		   REASON_NONE);
	check_acts(key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\nshare Team\n",
			    SERVER->uid),
		   REASON_TOKEN_SHARE);
	check_acts(key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\nshare teams\n",
			    SERVER->uid),
		   REASON_TOKEN_SHARE);
	check_acts(key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\n", SERVER->uid),
		   REASON_NONE);
}
END_TEST

/* Any mount takes the announcement; each decides for itself. */
START_TEST(a_tree_for_one_share_can_be_announced_on_another)
{
	int32_t key = key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\nshare other\n",
			       SERVER->uid);

	ck_assert_int_eq(actor_do(server, do_confine, key), 0);
	check_asked(REASON_TOKEN_SHARE);
}
END_TEST

/* --- narrowing --- */

static int32_t whole(const char *lines)
{
	return key_with(client, KEY_TOKEN_PERM, FIRST "level delegate\nfor S-1-22-1-%u\n%s",
			SERVER->uid, lines);
}

static int32_t narrowed(int32_t parent, const char *lines)
{
	return key_with(server, KEY_TOKEN_PERM, FIRST "%sfor S-1-22-1-%u\nof %d\n", lines,
			SERVER->uid, parent);
}

START_TEST(a_narrowed_token_is_the_clients_with_less)
{
	long now = (long)time(NULL);
	char lines[128];
	struct sid sid = sid_from_uid(CLIENT->uid);
	const struct token *token;
	enum guise_reason reason;
	int32_t parent;

	snprintf(lines, sizeof(lines), "until %ld\nrights 0x1200a9\n", now + 100);
	parent = whole(lines);
	check_acts(narrowed(parent, "level impersonate\nrights 0x20089\n"), REASON_NONE);
	token = token_of(server, true, &reason);
	ck_assert(sid_equal(token_user(token), &sid));
	ck_assert_int_eq(token_level(token), TOKEN_IMPERSONATE);
	ck_assert_uint_eq(token_rights(token), 0x20089);
	ck_assert_int_eq(token_expiry(token), now + 100);
	sid = sid_from_uid(SERVER->uid);
	ck_assert(sid_equal(token_actor(token), &sid));
	token_unref(token);
	/* nothing gets wider by it */
	parent = key_with(client, KEY_TOKEN_PERM,
			  IMPERSONATE "for S-1-22-1-%u\nuntil %ld\nrights 0x1\n", SERVER->uid,
			  now + 50);
	snprintf(lines, sizeof(lines), "level delegate\nuntil %ld\nrights 0xffffffff\n", now + 100);
	check_acts(narrowed(parent, lines), REASON_NONE);
	token = token_of(server, true, &reason);
	ck_assert_int_eq(token_level(token), TOKEN_IMPERSONATE);
	ck_assert_uint_eq(token_rights(token), 0x1);
	ck_assert_int_eq(token_expiry(token), now + 50);
	token_unref(token);
	snprintf(lines, sizeof(lines), "until %ld\n", now + 20);
	check_acts(narrowed(parent, lines), REASON_NONE);
	token = token_of(server, true, &reason);
	ck_assert_int_eq(token_level(token), TOKEN_IMPERSONATE);
	ck_assert_int_eq(token_expiry(token), now + 20);
	token_unref(token);
}
END_TEST

START_TEST(what_ends_the_parent_ends_what_narrows_it)
{
	int32_t parent = whole("");

	check_acts(narrowed(parent, ""), REASON_NONE);
	check_asked(REASON_NONE);
	ck_assert_int_eq(actor_do(client, do_revoke, parent), 0);
	check_asked(REASON_KEY_REVOKED);
	parent = whole("");
	check_acts(narrowed(parent, ""), REASON_NONE);
	ck_assert_int_eq(actor_do(client, do_timeout, parent), 0);
	usleep(1500000);
	check_asked(REASON_KEY_EXPIRED);
	parent = whole("");
	check_acts(narrowed(parent, ""), REASON_NONE);
	ck_assert_int_eq(actor_do(client, do_invalidate, parent), 0);
	check_asked(REASON_KEY_GONE);
}
END_TEST

START_TEST(what_changes_the_parent_counts_at_the_next_request)
{
	int32_t parent = whole("");

	check_acts(narrowed(parent, ""), REASON_NONE);
	ck_assert_int_eq(level_of_server(), TOKEN_DELEGATE);
	key_change(client, parent, FIRST "level identify\nfor S-1-22-1-%u\n", SERVER->uid);
	ck_assert_int_eq(level_of_server(), TOKEN_IDENTIFY);
	key_change(client, parent, FIRST "level identify\nfor S-1-22-1-%u\n", STRANGER->uid);
	check_asked(REASON_TOKEN_PARENT);
	key_change(client, parent, FIRST "for S-1-22-1-%u\nuntil 1000000000\n", SERVER->uid);
	check_asked(REASON_KEY_EXPIRED);
	key_change(client, parent, "nonsense\n");
	check_asked(REASON_TOKEN_MALFORMED);
}
END_TEST

START_TEST(only_a_key_for_its_owner_can_be_narrowed)
{
	int32_t other =
		key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\n", STRANGER->uid);
	int32_t parent = whole("");
	int32_t once = narrowed(parent, "level impersonate\n");
	int32_t writable = key_with(client, KEY_TOKEN_PERM | KEY_OTH_WRITE,
				    IMPERSONATE "for S-1-22-1-%u\n", SERVER->uid);

	check_acts(narrowed(other, ""), REASON_TOKEN_PARENT);
	ck_assert_int_eq(reason_errno(REASON_TOKEN_PARENT), -EKEYREJECTED);
	check_acts(narrowed(once, ""), REASON_TOKEN_PARENT);
	/* and not because the cache knew it */
	check_acts(once, REASON_NONE);
	check_acts(narrowed(once, ""), REASON_TOKEN_PARENT);
	check_acts(narrowed(writable, ""), REASON_KEY_WRITABLE);
	check_acts(narrowed(2147483647, ""), REASON_KEY_GONE);
	check_acts(narrowed(key_with(client, KEY_TOKEN_PERM,
				     FIRST "for S-1-22-1-%u\nuser S-1-22-1-0\n", SERVER->uid),
			    ""),
		   REASON_TOKEN_FORGED);
}
END_TEST

START_TEST(a_narrowing_key_is_for_its_owner_alone)
{
	int32_t parent =
		key_with(client, KEY_TOKEN_PERM, IMPERSONATE "for S-1-22-1-%u\nfor S-1-22-1-%u\n",
			 SERVER->uid, STRANGER->uid);

	check_acts(key_with(server, KEY_TOKEN_PERM,
			    FIRST "for S-1-22-1-%u\nfor S-1-22-1-%u\nof %d\n", SERVER->uid,
			    STRANGER->uid, parent),
		   REASON_TOKEN_NARROWING);
	ck_assert_int_eq(reason_errno(REASON_TOKEN_NARROWING), -EKEYREJECTED);
	/* somebody else's, though for the server */
	check_acts(key_with(stranger, KEY_TOKEN_PERM, FIRST "for S-1-22-1-%u\nof %d\n", SERVER->uid,
			    parent),
		   REASON_TOKEN_NARROWING);
}
END_TEST

START_TEST(the_share_must_suit_both)
{
	int32_t here = whole("share team\n"), elsewhere = whole("share other\n");

	check_acts(narrowed(here, "share team\n"), REASON_NONE);
	check_acts(narrowed(here, "share other\n"), REASON_TOKEN_SHARE);
	check_acts(narrowed(elsewhere, "share team\n"), REASON_TOKEN_SHARE);
	check_asked(REASON_TOKEN_SHARE);
	check_acts(narrowed(elsewhere, ""), REASON_TOKEN_SHARE);
	check_acts(narrowed(whole(""), "share team\n"), REASON_NONE);
}
END_TEST

START_TEST(the_policy_holds_for_both)
{
	long now = (long)time(NULL);
	char lines[64];
	int32_t parent = whole("");

	snprintf(lines, sizeof(lines), "until %ld\n", now + 60);
	check_acts(narrowed(parent, lines), REASON_NONE);
	policy_set("[defaults]\nmax-ttl=1h\n");
	/* it would end in time, but what it narrows does not */
	check_asked(REASON_TOKEN_LIFETIME);
	policy_set("[account uid:%u]\nimpersonate=no\n", SERVER->uid);
	check_asked(REASON_ACTOR_DENIED);
}
END_TEST

static TCase *tcase_of(Suite *suite, const char *name, void (*begin)(void))
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, begin, teardown);
	tcase_set_timeout(tcase, 30);
	suite_add_tcase(suite, tcase);
	return tcase;
}

static void add_policy_tests(TCase *tcase)
{
	tcase_add_test(tcase, naming_another_user_takes_the_logon_right);
	tcase_add_loop_test(tcase, the_logon_right_does_not_reach_root_or_privileges, 0, EXCESSES);
	tcase_add_test(tcase, privileges_of_everyone_hinder_no_logon);
	tcase_add_test(tcase, callers_have_the_privileges_that_the_policy_gives);
	tcase_add_test(tcase, a_group_gives_its_privileges_even_if_nobody_asks_for_groups);
	tcase_add_test(tcase, clients_bring_their_privileges_and_anonymous_has_none);
	tcase_add_test(tcase, a_squashed_root_gets_nothing_back_by_the_policy);
	tcase_add_test(tcase, who_may_act_for_nobody_is_refused_at_the_next_request);
	tcase_add_test(tcase, who_may_act_for_nobody_cannot_be_confined);
	tcase_add_test(tcase, a_consent_without_a_level_has_the_hosts);
	tcase_add_test(tcase, consents_that_last_too_long_or_for_ever_are_refused);
	tcase_add_test(tcase, a_consent_for_a_share_is_refused_where_none_has_a_name);
	tcase_add_test(tcase, a_tree_for_one_share_can_be_announced_on_another);
}

static void add_narrowing_tests(TCase *tcase)
{
	tcase_add_test(tcase, a_consent_for_a_share_is_good_there_alone);
	tcase_add_test(tcase, a_narrowed_token_is_the_clients_with_less);
	tcase_add_test(tcase, what_ends_the_parent_ends_what_narrows_it);
	tcase_add_test(tcase, what_changes_the_parent_counts_at_the_next_request);
	tcase_add_test(tcase, only_a_key_for_its_owner_can_be_narrowed);
	tcase_add_test(tcase, a_narrowing_key_is_for_its_owner_alone);
	tcase_add_test(tcase, the_share_must_suit_both);
	tcase_add_test(tcase, the_policy_holds_for_both);
}

int main(void)
{
	Suite *suite = suite_create("resolve_policy");
	SRunner *runner;
	int failed;

	if (geteuid() != 0) {
		puts("needs root");
		return 77;
	}
	if (!people_add(3, people)) {
		puts("cannot add accounts");
		return 99;
	}
	add_policy_tests(tcase_of(suite, "policy", setup));
	add_narrowing_tests(tcase_of(suite, "on the share team", setup_team));
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
