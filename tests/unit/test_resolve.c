/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From callers to tokens, with real threads, users and keys: whom each caller
 * is taken for, and every reason for which one is refused.
 */
#include <check.h>
#include <errno.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "actor.h"
#include "keyring/caller.h"
#include "keyring/client.h"
#include "keyring/guise.h"
#include "keyring/key.h"
#include "keyring/namespace.h"
#include "keyring/ring.h"
#include "keyring/token_text.h"
#include "keyring/tree.h"
#include "people.h"

static struct person people[3];
#define CLIENT (&people[0])
#define SERVER (&people[1])
#define STRANGER (&people[2])

static struct actor *client, *server;
static struct resolver *resolver;

static void setup_with(bool squash_root)
{
	struct resolver_options options = {.squash_root = squash_root};

	ck_assert_int_eq(resolver_create(&options, &resolver), 0);
	actor_resolver = resolver;
	client = actor_start(CLIENT->uid, CLIENT->gid, 0);
	server = actor_start(SERVER->uid, SERVER->gid, STRANGER->gid);
}

static void setup(void)
{
	setup_with(false);
}

static void setup_squash(void)
{
	setup_with(true);
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
			ring_entry_remove(ring, entries[i]);
	}
	free(entries);
}

static long do_timeout(long key)
{
	return keyctl_set_timeout((key_serial_t)key, 1) < 0 ? -errno : 0;
}

static long do_clear(long unused)
{
	(void)unused;
	return keyctl_clear(KEY_SPEC_USER_KEYRING);
}

static void teardown(void)
{
	marks_remove();
	/* the quota of the next test's accounts, which may have the same ids */
	actor_do(client, do_clear, 0);
	actor_do(server, do_clear, 0);
	actor_end(client);
	actor_end(server);
	resolver_destroy(resolver);
}

/* --- what actors do --- */

static long do_grant_level(uid_t account, int level, unsigned int ttl)
{
	int32_t serial = 0;
	int error = guise_grant(account, level, ttl, &serial);

	return error ? error : serial;
}

static long do_grant(long account)
{
	return do_grant_level((uid_t)account, GUISE_DELEGATE, 60);
}

static long do_grant_anonymous(long account)
{
	return do_grant_level((uid_t)account, GUISE_ANONYMOUS, 60);
}

static long do_revoke(long key)
{
	return guise_revoke((int32_t)key);
}

static long do_invalidate(long key)
{
	return keyctl_invalidate((key_serial_t)key) < 0 ? -errno : 0;
}

static long do_impersonate(long key)
{
	return guise_impersonate((int32_t)key);
}

static long do_revert(long unused)
{
	(void)unused;
	return guise_revert();
}

static long do_ring(long unused)
{
	(void)unused;
	return keyctl_get_keyring_ID(KEY_SPEC_THREAD_KEYRING, 1);
}

static long do_link(long key)
{
	return keyctl_link((key_serial_t)key, KEY_SPEC_THREAD_KEYRING) < 0 ? -errno : 0;
}

static long do_unlink(long key)
{
	return keyctl_unlink((key_serial_t)key, KEY_SPEC_THREAD_KEYRING) < 0 ? -errno : 0;
}

static long do_unlink_marker(long unused)
{
	int32_t keys[8];
	ssize_t count = key_list(KEY_SPEC_THREAD_KEYRING, keys, 8);

	(void)unused;
	for (ssize_t i = 0; i < count; i++) {
		struct key_info info;

		if (key_describe(keys[i], &info) == 0 && key_is_marker(&info))
			return do_unlink(keys[i]);
	}
	return -1;
}

static long do_close_ring(long unused)
{
	(void)unused;
	return keyctl_setperm(KEY_SPEC_THREAD_KEYRING, KEY_POS_ALL | KEY_USR_VIEW);
}

static long do_view_ring(long unused)
{
	(void)unused;
	return keyctl_setperm(KEY_SPEC_THREAD_KEYRING, KEY_POS_ALL | KEY_OTH_VIEW);
}

static long do_open_ring_wide(long bits)
{
	return keyctl_setperm(KEY_SPEC_THREAD_KEYRING, KEY_RING_PERM | (key_perm_t)bits);
}

static long do_fill_ring(long count)
{
	for (long i = 0; i < count; i++) {
		char name[32];

		snprintf(name, sizeof(name), "filler %ld", i);
		if (add_key("user", name, "x", 1, KEY_SPEC_THREAD_KEYRING) < 0)
			return -errno;
	}
	return 0;
}

/* A key of the server's own in its ring that the daemon may not look at. */
static long do_private_key(long unused)
{
	(void)unused;
	return add_key("user", "private", "x", 1, KEY_SPEC_THREAD_KEYRING);
}

static long do_public_key(long unused)
{
	key_serial_t key = add_key("user", "public", "x", 1, KEY_SPEC_THREAD_KEYRING);

	(void)unused;
	return key < 0 || keyctl_setperm(key, KEY_TOKEN_PERM) < 0 ? -errno : key;
}

static long do_exec(long unused)
{
	(void)unused;
	execl("/bin/sleep", "sleep", "60", (char *)NULL);
	return -errno;
}

static long do_confine(long key)
{
	return guise_confine((int32_t)key);
}

static long do_setperm_no_view(long key)
{
	return keyctl_setperm((key_serial_t)key, KEY_TOKEN_PERM & ~KEY_OTH_VIEW);
}

static long do_setperm_no_read(long key)
{
	return keyctl_setperm((key_serial_t)key, KEY_TOKEN_PERM & ~KEY_OTH_READ);
}

/* Each of the bits that let others change a token key. */
static const key_perm_t foreign_bits[] = {KEY_POS_WRITE,   KEY_POS_SETATTR, KEY_GRP_WRITE,
					  KEY_GRP_SETATTR, KEY_OTH_WRITE,   KEY_OTH_SETATTR};
static long foreign_bit;

static long do_setperm_writable(long key)
{
	return keyctl_setperm((key_serial_t)key, KEY_TOKEN_PERM | (key_perm_t)foreign_bit);
}

static long do_set_foreign_bit(long bit)
{
	foreign_bit = bit;
	return 0;
}

/* A token key with text of number @which, in the user keyring. */
static const char *const texts[] = {
	"guise-token 2\nfor S-1-22-1-%u\n",
	"guise-token 1\nlevel impersonate\nfor S-1-22-1-%u\nuntil 1000000000\n",
	"guise-token 1\nlevel impersonate\nfor S-1-22-1-%u\nuser S-1-22-1-0\n",
	"guise-token 1\nlevel impersonate\nfor S-1-22-1-%u\nuser S-1-5-21-1-2-3-500\n"
	"group S-1-22-2-4242\ngroup S-1-5-32-544\nprivilege SeBackupPrivilege\n",
	"guise-token 1\nlevel impersonate\nfor S-1-22-1-%u\nuser S-1-5-18\n"
	"group S-1-5-32-544\nprivilege SeBackupPrivilege\n",
	"guise-token 1\nlevel impersonate\nfor S-1-22-1-%u\nrights 0x120089\n",
};
enum { TEXT_BAD, TEXT_ENDED, TEXT_ROOT, TEXT_DOMAIN, TEXT_SYSTEM, TEXT_RIGHTS };

static size_t text_make(long which, char *text, size_t size)
{
	/* the formats are those of the table above */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	return (size_t)snprintf(text, size, texts[which], SERVER->uid);
#pragma GCC diagnostic pop
}

static long do_make_text(long which)
{
	char text[512], name[64];
	size_t length = text_make(which, text, sizeof(text));

	snprintf(name, sizeof(name), KEY_TOKEN_PREFIX "test:%ld:%d", which, (int)getpid());
	return key_make(name, text, length, KEY_TOKEN_PERM, KEY_SPEC_USER_KEYRING, false);
}

static long do_break_text(long key)
{
	char text[512];
	size_t length = text_make(TEXT_BAD, text, sizeof(text));

	return keyctl_update((key_serial_t)key, text, length) < 0 ? -errno : 0;
}

static long do_end_text(long key)
{
	char text[512];
	size_t length = text_make(TEXT_ENDED, text, sizeof(text));

	return keyctl_update((key_serial_t)key, text, length) < 0 ? -errno : 0;
}

static long do_root_text(long key)
{
	char text[512];
	size_t length = text_make(TEXT_ROOT, text, sizeof(text));

	return keyctl_update((key_serial_t)key, text, length) < 0 ? -errno : 0;
}

/* --- what the tests ask --- */

static enum guise_reason refused(const struct actor *actor)
{
	struct caller caller = actor_caller(actor);
	struct refusal refusal;
	const struct token *token;
	int error = resolver_token(resolver, &caller, true, &token, &refusal);

	ck_assert_int_eq(error, reason_errno(refusal.reason));
	ck_assert_int_eq(token == NULL, error != 0);
	token_unref(token);
	return refusal.reason;
}

static const struct token *token_or_null(const struct actor *actor)
{
	struct caller caller = actor_caller(actor);
	struct refusal refusal;
	const struct token *token;

	resolver_token(resolver, &caller, true, &token, &refusal);
	return token;
}

static const struct token *token_of(const struct actor *actor)
{
	struct caller caller = actor_caller(actor);
	struct refusal refusal;
	const struct token *token;
	int error = resolver_token(resolver, &caller, true, &token, &refusal);

	ck_assert_msg(error == 0, "refused: %s", reason_name(refusal.reason));
	return token;
}

#define SCOPED_TOKEN __attribute__((cleanup(token_unrefp))) const struct token

static bool acts_as(const struct actor *actor, uid_t uid)
{
	struct sid sid = sid_from_uid(uid);
	SCOPED_TOKEN *token = token_of(actor);

	return sid_equal(token_user(token), uid ? &sid : &sid_system) && token_uid(token) == uid;
}

static bool has_group(const struct token *token, struct sid sid)
{
	return token_allows(token, &sid);
}

static long impersonating(void)
{
	long key = actor_do(client, do_grant, SERVER->uid);

	ck_assert_int_gt(key, 0);
	ck_assert_int_eq(actor_do(server, do_impersonate, key), 0);
	ck_assert(acts_as(server, CLIENT->uid));
	return key;
}

/* Announced, and reverted. */
static void announced(void)
{
	impersonating();
	ck_assert_int_eq(actor_do(server, do_revert, 0), 0);
	ck_assert(acts_as(server, SERVER->uid));
}

START_TEST(no_caller)
{
	struct caller caller = {0, 0, 0};
	struct refusal refusal;
	const struct token *token;

	ck_assert_int_eq(resolver_token(resolver, &caller, false, &token, &refusal), -EACCES);
	ck_assert_int_eq(refusal.reason, REASON_NO_CALLER);
	ck_assert_ptr_null(token);
	ck_assert_int_eq(resolver_announce_thread(resolver, &caller, 5, &refusal), -EACCES);
	ck_assert_int_eq(refusal.reason, REASON_NO_CALLER);
	ck_assert_int_eq(resolver_announce_tree(resolver, &caller, 5, &refusal), -EACCES);
	ck_assert_int_eq(refusal.reason, REASON_NO_CALLER);
}
END_TEST

START_TEST(primary)
{
	struct caller caller = actor_caller(server);
	struct sid gid = sid_from_gid(SERVER->gid);
	struct refusal refusal;
	const struct token *bare;
	SCOPED_TOKEN *token = token_of(server);

	ck_assert(acts_as(server, SERVER->uid));
	ck_assert_ptr_null(token_actor(token));
	ck_assert_int_eq(token_level(token), TOKEN_DELEGATE);
	ck_assert_uint_eq(token_privileges(token), 0);
	ck_assert(sid_equal(token_primary_group(token), &gid));
	ck_assert(has_group(token, sid_everyone) && has_group(token, sid_authenticated_users));
	ck_assert(has_group(token, sid_from_gid(STRANGER->gid))); /* supplementary */
	ck_assert(!has_group(token, sid_administrators));
	ck_assert_int_eq(resolver_token(resolver, &caller, false, &bare, &refusal), 0);
	ck_assert(has_group(bare, gid));
	ck_assert(!has_group(bare, sid_from_gid(STRANGER->gid)));
	token_unref(bare);
}
END_TEST

/* Who asks with another's uid has not got that one's groups. */
START_TEST(borrowed_uid)
{
	struct caller caller = actor_caller(server);
	struct refusal refusal;
	const struct token *token;

	caller.uid = STRANGER->uid;
	ck_assert_int_eq(resolver_token(resolver, &caller, true, &token, &refusal), -EACCES);
	ck_assert_int_eq(refusal.reason, REASON_GROUPS_UNREADABLE);
}
END_TEST

START_TEST(root)
{
	struct caller caller = {gettid(), 0, 0};
	struct refusal refusal;
	SCOPED_TOKEN *token = NULL;

	ck_assert_int_eq(resolver_token(resolver, &caller, true, &token, &refusal), 0);
	ck_assert(sid_equal(token_user(token), &sid_system));
	ck_assert_uint_eq(token_privileges(token), SE_ALL_PRIVILEGES);
	ck_assert(has_group(token, sid_administrators));
	ck_assert(has_group(token, sid_from_uid(0)));
	ck_assert(token_may_own(token, &sid_administrators));
}
END_TEST

START_TEST(root_squashed)
{
	struct caller caller = {gettid(), 0, 0};
	struct sid user = sid_from_uid(0);
	struct refusal refusal;
	SCOPED_TOKEN *token = NULL;

	ck_assert_int_eq(resolver_token(resolver, &caller, true, &token, &refusal), 0);
	ck_assert(sid_equal(token_user(token), &user));
	ck_assert_uint_eq(token_privileges(token), 0);
	ck_assert(!has_group(token, sid_administrators));
}
END_TEST

START_TEST(system_squashed)
{
	struct actor *authority = actor_start(0, 0, 0);
	long key = actor_do(authority, do_make_text, TEXT_SYSTEM);
	struct sid user = sid_from_uid(0);

	ck_assert_int_eq(actor_do(server, do_impersonate, key), 0);
	SCOPED_TOKEN *token = token_of(server);
	ck_assert(sid_equal(token_user(token), &user));
	ck_assert_uint_eq(token_privileges(token), 0);
	ck_assert(!has_group(token, sid_administrators));
	actor_do(authority, do_revoke, key);
	actor_end(authority);
}
END_TEST

START_TEST(impersonated)
{
	struct sid actor = sid_from_uid(SERVER->uid);
	long other = actor_do(server, do_grant, SERVER->uid);

	impersonating();
	SCOPED_TOKEN *token = token_of(server);
	ck_assert_int_eq(token_level(token), TOKEN_DELEGATE);
	ck_assert(sid_equal(token_actor(token), &actor));
	ck_assert(has_group(token, sid_from_gid(CLIENT->gid)));
	ck_assert(!has_group(token, sid_from_gid(SERVER->gid)));
	ck_assert(!has_group(token, sid_from_gid(STRANGER->gid)));
	ck_assert(has_group(token, sid_authenticated_users));
	ck_assert_int_gt(token_expiry(token), time(NULL));
	ck_assert_int_eq(actor_do(server, do_impersonate, other), 0);
	ck_assert(acts_as(server, SERVER->uid)); /* its own consent: a client like others */
	ck_assert_int_eq(actor_do(server, do_revert, 0), 0);
	ck_assert(acts_as(server, SERVER->uid));
}
END_TEST

START_TEST(anonymous)
{
	long key = actor_do(client, do_grant_anonymous, SERVER->uid);

	ck_assert_int_eq(actor_do(server, do_impersonate, key), 0);
	SCOPED_TOKEN *token = token_of(server);
	ck_assert(sid_equal(token_user(token), &sid_anonymous));
	ck_assert(has_group(token, sid_everyone));
	ck_assert(!has_group(token, sid_authenticated_users));
	ck_assert(!has_group(token, sid_from_gid(CLIENT->gid)));
	ck_assert_int_eq(token_level(token), TOKEN_ANONYMOUS);
	ck_assert_uint_eq(token_uid(token), 65534);
}
END_TEST

START_TEST(named_by_authority)
{
	struct actor *authority = actor_start(0, 0, 0);
	long key = actor_do(authority, do_make_text, TEXT_DOMAIN);
	struct sid user;

	ck_assert(sid_parse("S-1-5-21-1-2-3-500", &user, NULL));
	ck_assert_int_eq(actor_do(server, do_impersonate, key), 0);
	SCOPED_TOKEN *token = token_of(server);
	ck_assert(sid_equal(token_user(token), &user));
	ck_assert(has_group(token, sid_from_gid(4242)));
	ck_assert(has_group(token, sid_administrators));
	ck_assert_uint_eq(token_privileges(token), SE_BACKUP_PRIVILEGE);
	ck_assert_uint_eq(token_uid(token), 65534);
	ck_assert_uint_eq(token_gid(token), 4242);
	actor_do(authority, do_revoke, key);
	actor_end(authority);
}
END_TEST

START_TEST(limited_rights)
{
	long key = actor_do(client, do_make_text, TEXT_RIGHTS);

	ck_assert_int_eq(actor_do(server, do_impersonate, key), 0);
	SCOPED_TOKEN *token = token_of(server);
	ck_assert_uint_eq(token_rights(token), 0x120089);
}
END_TEST

/* Root's threads read and are read by the same user: their rings need the user's bits. */
START_TEST(root_server)
{
	struct actor *root_actor = actor_start(0, 0, 0);
	long key = actor_do(client, do_grant, 0);

	ck_assert_int_eq(actor_do(root_actor, do_impersonate, key), 0);
	ck_assert(acts_as(root_actor, CLIENT->uid));
	ck_assert_int_eq(actor_do(root_actor, do_revert, 0), 0);
	ck_assert(acts_as(root_actor, 0));
	actor_end(root_actor);
}
END_TEST

START_TEST(key_revoked)
{
	long key = impersonating();

	ck_assert_int_eq(actor_do(client, do_revoke, key), 0);
	ck_assert_int_eq(refused(server), REASON_KEY_REVOKED);
	ck_assert_int_eq(reason_errno(REASON_KEY_REVOKED), -EKEYREVOKED);
	ck_assert_int_eq(actor_do(server, do_revert, 0), 0);
	ck_assert(acts_as(server, SERVER->uid));
}
END_TEST

START_TEST(key_expired)
{
	long key = impersonating();

	ck_assert_int_eq(actor_do(client, do_timeout, key), 0);
	for (int i = 0; i < 600 && refused(server) == REASON_NONE; i++)
		usleep(100000);
	ck_assert_int_eq(refused(server), REASON_KEY_EXPIRED);
}
END_TEST

/* The end in the text counts even if the key lives on. */
START_TEST(text_ended)
{
	long key = impersonating();

	ck_assert_int_eq(actor_do(client, do_end_text, key), 0);
	ck_assert_int_eq(refused(server), REASON_KEY_EXPIRED);
}
END_TEST

/* The token of @key for the account of @person, always by the same policy. */
static enum guise_reason token_for(struct clients *clients, int32_t key,
				   const struct key_info *info, const struct person *person,
				   const struct token **token)
{
	static const struct policy *policy;
	struct client_ask ask = {.key = key, .info = info, .actor = person->uid};

	if (!policy)
		policy = policy_builtin();
	ask.policy = policy;
	return client_token(clients, &ask, token);
}

/* A token key for the server whose text, not the key, ends at @until. */
static int32_t key_until(int64_t until)
{
	struct token_text parts = {.audience = {sid_from_uid(SERVER->uid)},
				   .audience_count = 1,
				   .has_until = true,
				   .until = until,
				   .has_level = true,
				   .level = TOKEN_DELEGATE};
	char text[256];

	ck_assert_int_gt(token_text_write(&parts, text, sizeof(text)), 0);
	return key_make(KEY_TOKEN_PREFIX "cached", text, strlen(text), KEY_TOKEN_PERM,
			KEY_SPEC_USER_KEYRING, false);
}

/* And a token that was cached ends when its time has come. */
START_TEST(cached_ends)
{
	struct clients *clients = clients_create(false, NULL);
	enum guise_reason reason = REASON_KEY_EXPIRED;
	const struct token *token = NULL;
	struct key_info info;
	int32_t key = 0;
	int64_t until = 0;

	/* on a machine that stalls it may have ended before it was first asked for */
	for (int64_t life = 1; life < 60 && reason != REASON_NONE; life *= 2) {
		until = time(NULL) + life;
		key = key_until(until);
		ck_assert_int_eq(key_describe(key, &info), 0);
		reason = token_for(clients, key, &info, SERVER, &token);
	}
	ck_assert_int_eq(reason, REASON_NONE);
	token_unref(token);
	while (time(NULL) <= until)
		usleep(100000);
	ck_assert_int_eq(token_for(clients, key, &info, SERVER, &token), REASON_KEY_EXPIRED);
	ck_assert_ptr_null(token);
	keyctl_invalidate(key);
	clients_destroy(clients);
}
END_TEST

START_TEST(marker_alone)
{
	long key = impersonating();

	ck_assert_int_eq(actor_do(client, do_invalidate, key), 0);
	ck_assert_int_eq(refused(server), REASON_MARKER_ALONE);
	ck_assert_int_eq(refused(server), REASON_MARKER_ALONE);
}
END_TEST

START_TEST(marker_alone_unlinked)
{
	long key = impersonating();

	ck_assert_int_eq(actor_do(server, do_unlink, key), 0);
	ck_assert_int_eq(refused(server), REASON_MARKER_ALONE);
}
END_TEST

START_TEST(token_unmarked)
{
	impersonating();
	ck_assert_int_eq(actor_do(server, do_unlink_marker, 0), 0);
	ck_assert_int_eq(refused(server), REASON_TOKEN_UNMARKED);
}
END_TEST

START_TEST(two_tokens)
{
	long other = actor_do(client, do_grant, SERVER->uid);

	impersonating();
	ck_assert_int_eq(actor_do(server, do_link, other), 0);
	ck_assert_int_eq(refused(server), REASON_TWO_TOKENS);
}
END_TEST

START_TEST(ring_full)
{
	announced();
	ck_assert_int_eq(actor_do(server, do_fill_ring, 65), 0);
	ck_assert_int_eq(refused(server), REASON_RING_FULL);
}
END_TEST

START_TEST(marker_unreadable)
{
	announced();
	ck_assert_int_gt(actor_do(server, do_private_key, 0), 0);
	ck_assert_int_eq(refused(server), REASON_MARKER_UNREADABLE);
}
END_TEST

/* A foreign key that others may view disturbs nobody; once revoked it might be anything. */
START_TEST(foreign_keys)
{
	long key;

	announced();
	key = actor_do(server, do_public_key, 0);
	ck_assert_int_gt(key, 0);
	ck_assert(acts_as(server, SERVER->uid));
	impersonating();
	ck_assert_int_eq(actor_do(server, do_revert, 0), 0);
	ck_assert_int_eq(keyctl_revoke((key_serial_t)key), -1);
	ck_assert_int_eq(actor_do(server, do_unlink, key), 0);
	ck_assert(acts_as(server, SERVER->uid));
}
END_TEST

static long do_revoke_any(long key)
{
	return keyctl_revoke((key_serial_t)key) < 0 ? -errno : 0;
}

START_TEST(foreign_key_revoked)
{
	long key;

	announced();
	key = actor_do(server, do_public_key, 0);
	ck_assert_int_eq(actor_do(server, do_revoke_any, key), 0);
	ck_assert_int_eq(refused(server), REASON_MARKER_UNREADABLE);
}
END_TEST

/* Without a marker, a revoked key that was the client's before is told as such. */
START_TEST(known_key_revoked_unmarked)
{
	long key = impersonating();

	ck_assert_int_eq(actor_do(client, do_revoke, key), 0);
	ck_assert_int_eq(actor_do(server, do_unlink_marker, 0), 0);
	ck_assert_int_eq(refused(server), REASON_KEY_REVOKED);
}
END_TEST

START_TEST(key_writable)
{
	long key = impersonating();

	actor_do(client, do_set_foreign_bit, (long)foreign_bits[_i]);
	ck_assert_int_eq(actor_do(client, do_setperm_writable, key), 0);
	ck_assert_int_eq(refused(server), REASON_KEY_WRITABLE);
	ck_assert_int_eq(reason_errno(REASON_KEY_WRITABLE), -EKEYREJECTED);
}
END_TEST

START_TEST(key_unreadable)
{
	long key = impersonating();

	ck_assert_int_eq(actor_do(client, _i ? do_setperm_no_read : do_setperm_no_view, key), 0);
	ck_assert_int_eq(refused(server), REASON_KEY_UNREADABLE);
}
END_TEST

START_TEST(malformed)
{
	long key = impersonating();

	ck_assert_int_eq(actor_do(client, do_break_text, key), 0);
	ck_assert_int_eq(refused(server), REASON_TOKEN_MALFORMED);
}
END_TEST

START_TEST(forged)
{
	long key = impersonating();

	ck_assert_int_eq(actor_do(client, do_root_text, key), 0);
	ck_assert_int_eq(refused(server), REASON_TOKEN_FORGED);
}
END_TEST

/* A server that changes its account loses what was granted to the other. */
START_TEST(ring_of_another_user)
{
	struct caller caller = actor_caller(server);
	struct refusal refusal;
	const struct token *token;

	impersonating();
	/* the ring is not that user's: as after exec of a set-user-id program */
	caller.uid = STRANGER->uid;
	ck_assert_int_eq(resolver_token(resolver, &caller, true, &token, &refusal),
			 reason_errno(REASON_RING_NOT_OWN));
	ck_assert_int_eq(refusal.reason, REASON_RING_NOT_OWN);
}
END_TEST

START_TEST(client_unknown)
{
	struct actor *nobody = actor_start(3999999, 3999999, 0);
	long key = actor_do(nobody, do_grant, SERVER->uid);

	ck_assert_int_eq(actor_do(server, do_impersonate, key), 0);
	ck_assert_int_eq(refused(server), REASON_CLIENT_UNKNOWN);
	actor_end(nobody);
}
END_TEST

/* A key of the same serial, name and text but another owner is another client. */
START_TEST(cache_tells_owners_apart)
{
	struct clients *clients = clients_create(false, NULL);
	struct sid one = sid_from_uid(CLIENT->uid), two = sid_from_uid(STRANGER->uid);
	int32_t key = (int32_t)actor_do(client, do_grant, SERVER->uid);
	const struct token *token;
	struct key_info info;

	for (int again = 0; again < 2; again++) {
		ck_assert_int_eq(key_describe(key, &info), 0);
		ck_assert_int_eq(token_for(clients, key, &info, SERVER, &token), 0);
		ck_assert(sid_equal(token_user(token), &one));
		token_unref(token);
		info.uid = STRANGER->uid;
		ck_assert_int_eq(token_for(clients, key, &info, SERVER, &token), 0);
		ck_assert(sid_equal(token_user(token), &two));
		token_unref(token);
	}
	info.description = "something else";
	ck_assert_int_eq(token_for(clients, key, &info, SERVER, &token), REASON_KEY_NOT_TOKEN);
	ck_assert_int_eq(token_for(clients, key, &info, STRANGER, &token), REASON_KEY_NOT_TOKEN);
	clients_destroy(clients);
}
END_TEST

/* --- announcing --- */

static long do_invalidate_ring(long unused)
{
	(void)unused;
	return keyctl_invalidate(KEY_SPEC_THREAD_KEYRING) < 0 ? -errno : 0;
}

START_TEST(ring_gone)
{
	impersonating();
	ck_assert_int_eq(actor_do(server, do_invalidate_ring, 0), 0);
	ck_assert_int_eq(refused(server), REASON_RING_GONE);
}
END_TEST

/*
 * The kernel keeps the ring for the program that the thread executes, whose file was opened
 * with the old credentials.  Client or refused: never the server.
 */
START_TEST(exec_is_not_the_server)
{
	impersonating();
	ck_assert_int_eq(actor_do(server, do_exec, 0), -ECHILD);
	for (int i = 0; i < 20; i++) {
		SCOPED_TOKEN *token = token_or_null(server);

		ck_assert(!token || token_uid(token) == CLIENT->uid);
		usleep(10000);
	}
}
END_TEST

START_TEST(ring_unreadable)
{
	announced();
	ck_assert_int_eq(actor_do(server, do_close_ring, 0), 0);
	ck_assert_int_eq(refused(server), REASON_RING_UNREADABLE);
}
END_TEST

static enum guise_reason announce_as(const struct actor *actor, long ring)
{
	struct caller caller = actor_caller(actor);
	struct refusal refusal;

	resolver_announce_thread(resolver, &caller, (int32_t)ring, &refusal);
	return refusal.reason;
}

static long do_process_ring(long unused)
{
	key_serial_t ring = keyctl_get_keyring_ID(KEY_SPEC_PROCESS_KEYRING, 1);

	(void)unused;
	return keyctl_setperm(ring, KEY_RING_PERM) < 0 ? -errno : ring;
}

START_TEST(announce_refused)
{
	static const key_perm_t wide[] = {KEY_USR_WRITE, KEY_USR_LINK, KEY_USR_SETATTR,
					  KEY_GRP_WRITE, KEY_GRP_LINK, KEY_GRP_SETATTR,
					  KEY_OTH_WRITE, KEY_OTH_LINK, KEY_OTH_SETATTR};
	long ring = actor_do(server, do_ring, 0);
	long key = actor_do(client, do_grant, SERVER->uid);

	ck_assert_int_eq(announce_as(server, ring), REASON_RING_UNREADABLE); /* not opened */
	ck_assert_int_eq(actor_do(server, do_view_ring, 0), 0);
	ck_assert_int_eq(announce_as(server, ring), REASON_RING_UNREADABLE); /* half opened */
	ck_assert_int_eq(announce_as(server, key), REASON_RING_NOT_THREAD);
	ck_assert_int_eq(announce_as(server, actor_do(server, do_process_ring, 0)),
			 REASON_RING_NOT_THREAD);
	ck_assert_int_eq(announce_as(server, KEY_SPEC_THREAD_KEYRING), REASON_RING_NOT_THREAD);
	ck_assert_int_eq(announce_as(server, 0), REASON_RING_NOT_THREAD);
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++) {
		ck_assert_int_eq(actor_do(server, do_open_ring_wide, (long)wide[i]), 0);
		ck_assert_int_eq(announce_as(server, ring), REASON_RING_NOT_THREAD);
	}
	ck_assert_int_eq(actor_do(server, do_open_ring_wide, 0), 0);
	ck_assert_int_eq(announce_as(client, ring), REASON_RING_NOT_OWN);
	ck_assert_int_eq(announce_as(server, ring), REASON_NONE);
	ck_assert_int_eq(actor_do(server, do_invalidate_ring, 0), 0);
	ck_assert_int_eq(announce_as(server, ring), REASON_RING_GONE);
}
END_TEST

static long do_other_thread(long unused);

static void *other_thread(void *ring)
{
	long serial = keyctl_get_keyring_ID(KEY_SPEC_THREAD_KEYRING, 1);

	keyctl_setperm(KEY_SPEC_THREAD_KEYRING, KEY_RING_PERM);
	__atomic_store_n((long *)ring, serial, __ATOMIC_RELEASE);
	pause();
	return NULL;
}

/* A second thread that waits; returns its ring. */
static long do_other_thread(long unused)
{
	static long ring;
	pthread_t thread;

	(void)unused;
	if (pthread_create(&thread, NULL, other_thread, &ring))
		return -1;
	while (!__atomic_load_n(&ring, __ATOMIC_ACQUIRE))
		usleep(1000);
	return ring;
}

/* What one mount was told every mount knows, also when another knew something older. */
START_TEST(two_mounts)
{
	struct resolver_options options = {0};
	struct caller caller = actor_caller(server);
	struct resolver *first = resolver, *second;
	struct refusal refusal;
	long key, ring, other;

	ck_assert_int_eq(resolver_create(&options, &second), 0);
	impersonating();
	ring = actor_do(server, do_ring, 0);
	resolver = second;
	ck_assert(acts_as(server, CLIENT->uid));
	/* the second is told of a ring that is empty: then the first must not go on either */
	other = actor_do(server, do_other_thread, 0);
	ck_assert_int_eq(resolver_announce_thread(first, &caller, (int32_t)other, &refusal), 0);
	resolver = first;
	ck_assert(acts_as(server, SERVER->uid));
	/* and now the second of the true one, while the first believes the empty one */
	ck_assert_int_eq(resolver_announce_thread(second, &caller, (int32_t)ring, &refusal), 0);
	ck_assert(acts_as(server, CLIENT->uid));
	key = actor_do(client, do_grant, SERVER->uid);
	ck_assert_int_gt(key, 0);
	resolver_destroy(second);
}
END_TEST

/* Nor does one go on in the belief that nobody impersonates. */
START_TEST(a_mount_that_knew_of_nobody_looks_again)
{
	struct resolver_options options = {0};
	struct resolver *first = resolver, *second;

	resolver_housekeep(first); /* what ended is not there any more */
	ck_assert_int_eq(resolver_create(&options, &second), 0);
	resolver = second;
	ck_assert(acts_as(server, SERVER->uid));
	resolver = first;
	impersonating();
	resolver = second;
	ck_assert(acts_as(server, CLIENT->uid));
	resolver = first;
	resolver_destroy(second);
}
END_TEST

static void entry_name(char *name, size_t size, const char *kind, pid_t id)
{
	uint64_t space;

	ck_assert_int_eq(caller_pid_namespace(&space), 0);
	snprintf(name, size, "guise:%s:%llu:%d", kind, (unsigned long long)space, (int)id);
}

/* An entry that a thread of the same id left behind is not this thread's. */
START_TEST(id_used_again)
{
	struct caller caller = actor_caller(server);
	int32_t ring = ring_open(RING_THREADS);
	char name[64], text[64];
	struct caller_stat stat;

	ck_assert_int_eq(caller_stat(caller.tid, &stat), 0);
	entry_name(name, sizeof(name), "thread", caller.tid);
	snprintf(text, sizeof(text), "%llu %d 12345", (unsigned long long)stat.start - 1,
		 (int)caller.tid);
	ck_assert_int_gt(ring_entry_write(ring, name, text), 0);
	ck_assert(acts_as(server, SERVER->uid));
	ck_assert_int_eq(ring_find(ring, name), 0);
	/* the same with its true start time is believed, and its ring does not exist */
	snprintf(text, sizeof(text), "%llu %d 12345", (unsigned long long)stat.start,
		 (int)caller.tid);
	ck_assert_int_gt(ring_entry_write(ring, name, text), 0);
	ck_assert_int_ne(refused(server), REASON_NONE);
	ring_entry_remove(ring, ring_find(ring, name));
}
END_TEST

static const char *const nonsense[] = {"", "1", "1 2", "1 2 x", "1 2 -3", "1 2 3 4", "a b c"};

START_TEST(registry_broken)
{
	int32_t ring = ring_open(RING_THREADS);
	char name[64];

	entry_name(name, sizeof(name), "thread", actor_caller(server).tid);
	ck_assert_int_gt(ring_entry_write(ring, name, *nonsense[_i] ? nonsense[_i] : " "), 0);
	ck_assert_int_eq(refused(server), REASON_REGISTRY_BROKEN);
	ring_entry_remove(ring, ring_find(ring, name));
}
END_TEST

/* Somebody takes the entry of a live thread away: not a reason to be oneself. */
START_TEST(entry_lost)
{
	int32_t ring = ring_open(RING_THREADS);
	char name[64];

	announced();
	entry_name(name, sizeof(name), "thread", actor_caller(server).tid);
	ring_entry_remove(ring, ring_find(ring, name));
	ck_assert_int_eq(refused(server), REASON_REGISTRY_BROKEN);
}
END_TEST

START_TEST(caller_gone)
{
	struct actor *short_lived = actor_start(SERVER->uid, SERVER->gid, 0);
	struct caller caller = actor_caller(short_lived);
	struct refusal refusal;
	const struct token *token;

	actor_end(short_lived);
	ck_assert_int_eq(resolver_token(resolver, &caller, true, &token, &refusal), -EACCES);
	ck_assert_int_eq(refusal.reason, REASON_CALLER_GONE);
}
END_TEST

/* Housekeeping forgets the ended, and leaves the living alone. */
START_TEST(housekeeping)
{
	int32_t ring = ring_open(RING_THREADS);
	struct actor *other = actor_start(SERVER->uid, SERVER->gid, 0);
	char name[64], process[64];

	ck_assert_int_eq(actor_do(other, do_impersonate, actor_do(client, do_grant, SERVER->uid)),
			 0);
	impersonating();
	entry_name(name, sizeof(name), "thread", actor_caller(other).tid);
	entry_name(process, sizeof(process), "process", actor_caller(other).tid);
	resolver_housekeep(resolver);
	ck_assert_int_gt(ring_find(ring, name), 0);
	ck_assert_int_gt(ring_find(ring, process), 0);
	actor_end(other);
	resolver_housekeep(resolver);
	ck_assert_int_eq(ring_find(ring, name), 0);
	ck_assert(acts_as(server, CLIENT->uid));
}
END_TEST

/* The same where the kernel has no pidfds for threads, or there are too many: start times tell. */
START_TEST(without_pidfds)
{
	int32_t ring = ring_open(RING_THREADS);
	struct actor *other = actor_start(SERVER->uid, SERVER->gid, 0);
	char name[64];

	actor_old_kernel = true;
	ck_assert_int_eq(actor_do(other, do_impersonate, actor_do(client, do_grant, SERVER->uid)),
			 0);
	ck_assert(acts_as(other, CLIENT->uid));
	ck_assert(acts_as(server, SERVER->uid));
	entry_name(name, sizeof(name), "thread", actor_caller(other).tid);
	resolver_housekeep(resolver);
	ck_assert_int_gt(ring_find(ring, name), 0);
	actor_end(other);
	resolver_housekeep(resolver);
	ck_assert_int_eq(ring_find(ring, name), 0);
}
END_TEST

/* A kernel thread of io_uring's, which polls a queue of the process. */
static long do_io_worker(long unused)
{
	struct io_uring_params parameters = {.flags = IORING_SETUP_SQPOLL};

	(void)unused;
	return syscall(SYS_io_uring_setup, 4, &parameters) < 0 ? -errno : 0;
}

static pid_t worker_of(pid_t process)
{
	/* ids are given in order: it came after the process, and soon */
	for (pid_t tid = process + 1; tid < process + 200; tid++) {
		struct caller_stat stat;
		pid_t tgid;

		if (caller_stat(tid, &stat) == 0 && stat.io_worker &&
		    caller_process(tid, &tgid) == 0 && tgid == process)
			return tid;
	}
	return 0;
}

START_TEST(io_worker)
{
	struct caller caller = actor_caller(server);
	struct refusal refusal;
	const struct token *token;

	if (actor_do(server, do_io_worker, 0) < 0) {
		puts("io_worker skipped: no io_uring");
		return;
	}
	caller.tid = worker_of(caller.tid);
	ck_assert_int_gt(caller.tid, 0);
	ck_assert_int_eq(resolver_token(resolver, &caller, false, &token, &refusal), 0);
	token_unref(token);
	impersonating();
	ck_assert_int_eq(resolver_token(resolver, &caller, false, &token, &refusal), -EACCES);
	ck_assert_int_eq(refusal.reason, REASON_IO_WORKER);
	ck_assert_int_eq(actor_do(server, do_revert, 0), 0);
	ck_assert_int_eq(resolver_token(resolver, &caller, false, &token, &refusal), -EACCES);
	ck_assert_int_eq(refusal.reason, REASON_IO_WORKER);
}
END_TEST

/* --- trees --- */

static long do_nest(long unused)
{
	(void)unused;
	return unshare(CLONE_NEWUSER) < 0 ? -errno : 0;
}

/* A child in place of the actor, through two forks and a new session. */
static long do_spawn(long nest)
{
	int pipes[2];
	pid_t pid = -1;

	if (pipe(pipes) < 0)
		return -errno;
	if (fork() == 0) {
		setsid();
		pid = fork();
		if (pid != 0)
			_exit(0);
		prctl(PR_SET_PDEATHSIG, 0);
		if (nest && unshare(CLONE_NEWUSER) < 0)
			_exit(1);
		pid = getpid();
		(void)!write(pipes[1], &pid, sizeof(pid));
		alarm(20);
		pause();
		_exit(0);
	}
	close(pipes[1]);
	if (read(pipes[0], &pid, sizeof(pid)) != (ssize_t)sizeof(pid))
		pid = -1;
	close(pipes[0]);
	return pid;
}

static enum guise_reason refused_id(pid_t tid)
{
	struct caller caller = {tid, SERVER->uid, SERVER->gid};
	struct sid user = sid_from_uid(CLIENT->uid);
	struct refusal refusal;
	SCOPED_TOKEN *token = NULL;

	resolver_token(resolver, &caller, true, &token, &refusal);
	ck_assert(!token || sid_equal(token_user(token), &user));
	return refusal.reason;
}

START_TEST(confined)
{
	struct resolver_options options = {0};
	long key = actor_do(client, do_grant, SERVER->uid);
	struct resolver *first = resolver, *second;
	long child, nested;

	ck_assert(acts_as(server, SERVER->uid));
	ck_assert_int_eq(actor_do(server, do_confine, key), 0);
	ck_assert(acts_as(server, CLIENT->uid));
	child = actor_do(server, do_spawn, 0);
	nested = actor_do(server, do_spawn, 1);
	ck_assert_int_gt(child, 0);
	ck_assert_int_gt(nested, 0);
	ck_assert_int_eq(refused_id((pid_t)child), REASON_NONE);
	ck_assert_int_eq(refused_id((pid_t)nested), REASON_NONE);
	/* another mount believes the mark as long as its writer lives */
	ck_assert_int_eq(resolver_create(&options, &second), 0);
	resolver = second;
	ck_assert(acts_as(server, CLIENT->uid));
	ck_assert_int_eq(refused_id((pid_t)nested), REASON_NONE);
	resolver = first;
	resolver_destroy(second);
	/* no way out: neither by announcing a ring nor by another confinement */
	ck_assert_int_eq(announce_as(server, actor_do(server, do_ring, 0)), REASON_TREE_INSIDE);
	ck_assert_int_eq(actor_do(server, do_impersonate, key), -EACCES);
	ck_assert_int_eq(actor_refused, REASON_TREE_INSIDE);
	ck_assert_int_eq(actor_do(client, do_revoke, key), 0);
	ck_assert_int_eq(refused(server), REASON_KEY_REVOKED);
	ck_assert_int_eq(refused_id((pid_t)child), REASON_KEY_REVOKED);
	ck_assert_int_eq(refused_id((pid_t)nested), REASON_KEY_REVOKED);
	kill((pid_t)child, SIGKILL);
	kill((pid_t)nested, SIGKILL);
}
END_TEST

START_TEST(confined_twice)
{
	long key = actor_do(client, do_grant, SERVER->uid);

	ck_assert_int_eq(actor_do(server, do_confine, key), 0);
	ck_assert_int_eq(actor_do(server, do_confine, key), -EACCES);
	ck_assert_int_eq(actor_refused, REASON_TREE_INSIDE);
}
END_TEST

START_TEST(confined_key_gone)
{
	long key = actor_do(client, do_grant, SERVER->uid);

	ck_assert_int_eq(actor_do(server, do_confine, key), 0);
	ck_assert_int_eq(actor_do(client, do_invalidate, key), 0);
	ck_assert_int_eq(refused(server), REASON_KEY_GONE);
}
END_TEST

static enum guise_reason announce_tree_as(const struct actor *actor, long key)
{
	struct caller caller = actor_caller(actor);
	struct refusal refusal;

	resolver_announce_tree(resolver, &caller, (int32_t)key, &refusal);
	return refusal.reason;
}

static void *wait_for_ever(void *unused)
{
	(void)unused;
	pause();
	return NULL;
}

static long do_second_thread(long unused)
{
	pthread_t thread;

	(void)unused;
	return -pthread_create(&thread, NULL, wait_for_ever, NULL);
}

/* Before it is asked for, everything else about the confinement is checked. */
START_TEST(confine_refused)
{
	long key = actor_do(client, do_grant, SERVER->uid);
	long foreign = actor_do(client, do_grant, STRANGER->uid);

	ck_assert_int_eq(announce_tree_as(server, key), REASON_TREE_NO_NAMESPACE);
	ck_assert_int_eq(announce_tree_as(server, foreign), REASON_TOKEN_AUDIENCE);
	ck_assert_int_eq(announce_tree_as(server, actor_do(server, do_private_key, 0)),
			 REASON_KEY_UNREADABLE);
	ck_assert_int_eq(announce_tree_as(server, actor_do(server, do_public_key, 0)),
			 REASON_KEY_NOT_TOKEN);
	ck_assert_int_eq(announce_tree_as(server, 0), REASON_KEY_NOT_TOKEN);
	ck_assert_int_eq(actor_do(server, do_nest, 0), 0);
	/* in a namespace of its own, but it maps nobody */
	ck_assert_int_eq(announce_tree_as(server, key), REASON_TREE_NO_NAMESPACE);
	ck_assert_int_eq(announce_as(server, actor_do(server, do_ring, 0)), REASON_RING_UNREADABLE);
}
END_TEST

static long write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	if (!file)
		return -errno;
	fputs(text, file);
	return fclose(file) ? -errno : 0;
}

static long do_map(long unused)
{
	long error = write_file("/proc/self/setgroups", "deny");
	char map[32];

	(void)unused;
	snprintf(map, sizeof(map), "%u %u 1", SERVER->uid, SERVER->uid);
	if (!error)
		error = write_file("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "%u %u 1", SERVER->gid, SERVER->gid);
	return error ? error : write_file("/proc/self/gid_map", map);
}

START_TEST(confine_threads_refused)
{
	long key = actor_do(client, do_grant, SERVER->uid);

	ck_assert_int_eq(actor_do(server, do_nest, 0), 0);
	ck_assert_int_eq(actor_do(server, do_map, 0), 0);
	ck_assert_int_eq(actor_do(server, do_second_thread, 0), 0);
	ck_assert_int_eq(announce_tree_as(server, key), REASON_TREE_NO_NAMESPACE);
}
END_TEST

static void mark_name_of(const struct actor *actor, char *name, size_t size)
{
	int fd = namespace_open(actor_caller(actor).tid);
	uint64_t inode;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(namespace_inode(fd, &inode), 0);
	close(fd);
	snprintf(name, size, "guise:tree:%llu", (unsigned long long)inode);
}

/* A mark whose daemon is gone may be about a namespace that had the number before. */
START_TEST(tree_stale)
{
	int32_t ring = ring_open(RING_TREES);
	char name[64], text[128];
	struct caller_stat stat;
	uint64_t space;

	actor_old_kernel = true;
	ck_assert_int_eq(actor_do(server, do_nest, 0), 0);
	mark_name_of(server, name, sizeof(name));
	ck_assert_int_eq(caller_pid_namespace(&space), 0);
	ck_assert_int_eq(caller_stat(getpid(), &stat), 0);
	snprintf(text, sizeof(text), "5 %u %llu %d %llu guise:token:x", SERVER->uid,
		 (unsigned long long)space, (int)getpid(), (unsigned long long)stat.start - 1);
	ck_assert_int_gt(ring_entry_write(ring, name, text), 0);
	ck_assert_int_eq(refused(server), REASON_TREE_STALE);
	snprintf(text, sizeof(text), "5 %u %llu %d %llu guise:token:x", SERVER->uid,
		 (unsigned long long)space + 1, (int)getpid(), (unsigned long long)stat.start);
	ck_assert_int_gt(ring_entry_write(ring, name, text), 0);
	ck_assert_int_eq(refused(server), REASON_TREE_STALE);
	ck_assert_int_gt(ring_entry_write(ring, name, "5 nonsense"), 0);
	ck_assert_int_eq(refused(server), REASON_REGISTRY_BROKEN);
	/* a key of that serial that is not the one that was meant */
	snprintf(text, sizeof(text), "%ld %u %llu %d %llu guise:token:x",
		 actor_do(client, do_grant, SERVER->uid), CLIENT->uid, (unsigned long long)space,
		 (int)getpid(), (unsigned long long)stat.start);
	ck_assert_int_gt(ring_entry_write(ring, name, text), 0);
	ck_assert_int_eq(refused(server), REASON_KEY_GONE);
	ring_entry_remove(ring, ring_find(ring, name));
}
END_TEST

/* A caller whose namespace cannot be told is refused while there are marks. */
START_TEST(tree_unreadable)
{
	long key = actor_do(client, do_grant, SERVER->uid);
	struct caller gone = actor_caller(client);
	struct refusal refusal;
	const struct token *token;

	ck_assert_int_eq(actor_do(server, do_confine, key), 0);
	actor_end(client);
	ck_assert_int_eq(resolver_token(resolver, &gone, false, &token, &refusal), -EACCES);
	ck_assert_int_eq(refusal.reason, REASON_CALLER_GONE);
	client = actor_start(CLIENT->uid, CLIENT->gid, 0);
}
END_TEST

static void clean(struct trees *trees, int32_t ring, const char *name, int tries)
{
	for (int i = 0; i < tries && ring_find(ring, name) > 0; i++) {
		trees_housekeep_every(trees, 0);
		usleep(20000);
	}
}

static void mark_handle_of(const struct actor *actor, char *name, size_t size)
{
	char handle[NAMESPACE_HANDLE_TEXT];
	int fd = namespace_open(actor_caller(actor).tid);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(namespace_handle(fd, handle), 0);
	close(fd);
	snprintf(name, size, "guise:tree:h%s", handle);
}

static bool kernel_is_old(void)
{
	char handle[NAMESPACE_HANDLE_TEXT];
	int fd = namespace_open_own();
	int error = namespace_handle(fd, handle);

	close(fd);
	return error != 0;
}

/* A mark stays while anybody is under it, and goes afterwards. */
static void check_housekeeping(void (*name_of)(const struct actor *, char *, size_t))
{
	struct caller caller = actor_caller(server);
	struct tree_token token = {.owner = CLIENT->uid};
	int32_t ring = ring_open(RING_TREES);
	struct trees *trees;
	char name[96];
	long child;

	token.key = (int32_t)actor_do(client, do_grant, SERVER->uid);
	ck_assert_int_eq(trees_create(&trees), 0);
	ck_assert_int_eq(actor_do(server, do_nest, 0), 0);
	ck_assert_int_eq(actor_do(server, do_map, 0), 0);
	ck_assert_int_eq(trees_mark(trees, caller.tid, caller.uid, &token), REASON_NONE);
	name_of(server, name, sizeof(name));
	child = actor_do(server, do_spawn, 1);
	actor_end(server);
	server = actor_start(SERVER->uid, SERVER->gid, 0);
	clean(trees, ring, name, 10);
	ck_assert_int_gt(ring_find(ring, name), 0); /* the child is below it */
	kill((pid_t)child, SIGKILL);
	usleep(50000);
	clean(trees, ring, name, 3000);
	ck_assert_int_eq(ring_find(ring, name), 0);
	trees_destroy(trees);
}

START_TEST(tree_housekeeping)
{
	if (!kernel_is_old())
		check_housekeeping(mark_handle_of);
}
END_TEST

START_TEST(tree_housekeeping_by_inode)
{
	actor_old_kernel = true;
	check_housekeeping(mark_name_of);
}
END_TEST

/* A link that vanishes from root's ring, because a client ended its key, would stay charged to
 * root. */
START_TEST(tree_keeps_its_key_aside)
{
	struct caller caller = actor_caller(server);
	struct tree_token token = {.owner = CLIENT->uid};
	int32_t ring = ring_open(RING_TREES), *entries = NULL;
	struct trees *trees;
	ssize_t count;
	char name[64];

	token.key = (int32_t)actor_do(client, do_grant, SERVER->uid);
	snprintf(name, sizeof(name), "guise:kept:%d", (int)token.key);
	ck_assert_int_eq(trees_create(&trees), 0);
	ck_assert_int_eq(actor_do(server, do_nest, 0), 0);
	ck_assert_int_eq(actor_do(server, do_map, 0), 0);
	ck_assert_int_eq(trees_mark(trees, caller.tid, caller.uid, &token), REASON_NONE);
	trees_housekeep_every(trees, 0);
	ck_assert_int_gt(keyctl_search(ring, "keyring", name, 0), 0);
	count = key_list_all(ring, &entries);
	for (ssize_t i = 0; i < count; i++)
		ck_assert_int_ne(entries[i], token.key);
	free(entries);
	ck_assert_int_eq(actor_do(client, do_invalidate, token.key), 0);
	for (int i = 0; i < 3000 && keyctl_search(ring, "keyring", name, 0) > 0; i++) {
		trees_housekeep_every(trees, 0);
		usleep(10000);
	}
	ck_assert_int_lt(keyctl_search(ring, "keyring", name, 0), 0);
	trees_destroy(trees);
}
END_TEST

/* A mark named by handle needs nobody to hold the namespace open. */
START_TEST(tree_outlives_its_daemon)
{
	long key = actor_do(client, do_grant, SERVER->uid);
	int32_t ring = ring_open(RING_TREES);
	char name[96], text[RING_ENTRY_MAX], left[RING_ENTRY_MAX], description[128];
	unsigned long long space;
	unsigned int owner;
	int32_t serial;

	if (kernel_is_old())
		return;
	ck_assert_int_eq(actor_do(server, do_confine, key), 0);
	mark_handle_of(server, name, sizeof(name));
	ck_assert_int_eq(ring_entry_read(ring_find(ring, name), text), 0);
	ck_assert_int_eq(
		sscanf(text, "%d %u %llu %*d %*u %127s", &serial, &owner, &space, description), 4);
	/* as a daemon that is gone has left it */
	snprintf(left, sizeof(left), "%d %u %llu 2 1 %s", serial, owner, space, description);
	ck_assert_int_gt(ring_entry_write(ring, name, left), 0);
	ck_assert_int_eq(refused(server), REASON_NONE);
}
END_TEST

/* The token key says that it was revoked as long as the tree is there. */
START_TEST(tree_says_revoked)
{
	long key = actor_do(client, do_grant, SERVER->uid);

	ck_assert_int_eq(actor_do(server, do_confine, key), 0);
	ck_assert_int_eq(refused(server), REASON_NONE);
	ck_assert_int_eq(actor_do(client, do_revoke, key), 0);
	ck_assert_int_eq(refused(server), REASON_KEY_REVOKED);
}
END_TEST

static TCase *cases(void)
{
	TCase *tests = tcase_create("resolve");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, no_caller);
	tcase_add_test(tests, primary);
	tcase_add_test(tests, borrowed_uid);
	tcase_add_test(tests, root);
	tcase_add_test(tests, impersonated);
	tcase_add_test(tests, anonymous);
	tcase_add_test(tests, named_by_authority);
	tcase_add_test(tests, limited_rights);
	tcase_add_test(tests, root_server);
	tcase_add_test(tests, key_revoked);
	tcase_add_test(tests, key_expired);
	tcase_add_test(tests, text_ended);
	tcase_add_test(tests, cached_ends);
	tcase_add_test(tests, marker_alone);
	tcase_add_test(tests, marker_alone_unlinked);
	tcase_add_test(tests, token_unmarked);
	tcase_add_test(tests, two_tokens);
	tcase_add_test(tests, ring_full);
	tcase_add_test(tests, marker_unreadable);
	tcase_add_test(tests, foreign_keys);
	tcase_add_test(tests, foreign_key_revoked);
	tcase_add_test(tests, known_key_revoked_unmarked);
	tcase_add_loop_test(tests, key_writable, 0, 6);
	tcase_add_loop_test(tests, key_unreadable, 0, 2);
	tcase_add_test(tests, malformed);
	tcase_add_test(tests, forged);
	tcase_add_test(tests, ring_of_another_user);
	tcase_add_test(tests, client_unknown);
	tcase_add_test(tests, cache_tells_owners_apart);
	tcase_add_test(tests, ring_gone);
	tcase_add_test(tests, exec_is_not_the_server);
	tcase_add_test(tests, ring_unreadable);
	tcase_add_test(tests, announce_refused);
	tcase_add_test(tests, two_mounts);
	tcase_add_test(tests, a_mount_that_knew_of_nobody_looks_again);
	tcase_add_test(tests, id_used_again);
	tcase_add_loop_test(tests, registry_broken, 0, sizeof(nonsense) / sizeof(nonsense[0]));
	tcase_add_test(tests, entry_lost);
	tcase_add_test(tests, caller_gone);
	tcase_add_test(tests, housekeeping);
	tcase_add_test(tests, without_pidfds);
	tcase_add_test(tests, io_worker);
	return tests;
}

static TCase *tree_cases(void)
{
	TCase *tests = tcase_create("trees");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, confined);
	tcase_add_test(tests, confined_twice);
	tcase_add_test(tests, confined_key_gone);
	tcase_add_test(tests, confine_refused);
	tcase_add_test(tests, confine_threads_refused);
	tcase_add_test(tests, tree_stale);
	tcase_add_test(tests, tree_unreadable);
	tcase_add_test(tests, tree_housekeeping);
	tcase_add_test(tests, tree_keeps_its_key_aside);
	tcase_add_test(tests, tree_housekeeping_by_inode);
	tcase_add_test(tests, tree_outlives_its_daemon);
	tcase_add_test(tests, tree_says_revoked);
	return tests;
}

static TCase *squash_cases(void)
{
	TCase *tests = tcase_create("squash");

	tcase_add_checked_fixture(tests, setup_squash, teardown);
	tcase_add_test(tests, root_squashed);
	tcase_add_test(tests, system_squashed);
	return tests;
}

int main(void)
{
	Suite *suite = suite_create("resolve");
	SRunner *runner;
	int failed;

	if (geteuid() != 0) {
		puts("62 tests skipped: they need root");
		return 77;
	}
	if (!people_add(3, people))
		return EXIT_FAILURE;
	suite_add_tcase(suite, cases());
	suite_add_tcase(suite, tree_cases());
	suite_add_tcase(suite, squash_cases());
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
