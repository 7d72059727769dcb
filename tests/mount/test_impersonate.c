/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Impersonation on a mount: a server thread is its client, or refused, and never
 * itself by accident.
 */
#include <errno.h>
#include <fcntl.h>
#include <keyutils.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "acl/mask.h"
#include "keyring/guise.h"
#include "keyring/key.h"
#include "tests/mount/cast.h"

static struct share *share;
static struct player *a, *b, *s, *e; /* alice, bob, the server, eve */
static char alice_file[256], bob_file[256], server_file[256], open_file[256];

/* A file that @person alone may use. */
static void private_file(char path[256], const char *name, const struct person *person)
{
	snprintf(path, 256, "%s", share_path(share, name));
	put_file(path, name);
	sddl_set(path, "O:%sD:P(A;;FA;;;%s)", sid_of(person), sid_of(person));
}

static void files_make(void)
{
	sddl_set(share_path(share, ""), "D:(A;;FRFX;;;WD)");
	private_file(alice_file, "alice", &alice);
	private_file(bob_file, "bob", &bob);
	private_file(server_file, "server", &server);
	snprintf(open_file, sizeof(open_file), "%s", share_path(share, "open"));
	put_file(open_file, "open");
	sddl_set(open_file, "D:P(A;;FR;;;WD)");
}

static void players_start(void)
{
	a = player_start(&alice);
	b = player_start(&bob);
	s = player_start(&server);
	e = player_start(&eve);
}

static void begin(void)
{
	share = share_open(NULL);
	files_make();
	players_start();
}

static void end(void)
{
	/* what each test leaves would use up the accounts' quota of keys */
	player_do(a, DEED_CLEAR, NULL, 0);
	player_do(b, DEED_CLEAR, NULL, 0);
	player_do(s, DEED_CLEAR, NULL, 0);
	player_end(a);
	player_end(b);
	player_end(s);
	player_end(e);
	share_close(share);
}

static long reads(struct player *player, const char *path)
{
	return player_do(player, DEED_READ, path, 0);
}

static void check_itself(struct player *player)
{
	ck_assert_int_eq(reads(player, server_file), 0);
	ck_assert_int_eq(reads(player, alice_file), -EACCES);
	ck_assert_int_eq(reads(player, bob_file), -EACCES);
	ck_assert_str_eq(whoami_word(player, server_file, "user"), sid_of(&server));
	ck_assert_str_eq(whoami_word(player, server_file, "actor"), "");
}

static void check_is_alice(struct player *player)
{
	ck_assert_int_eq(reads(player, alice_file), 0);
	ck_assert_int_eq(reads(player, server_file), -EACCES);
	ck_assert_int_eq(reads(player, bob_file), -EACCES);
	ck_assert_str_eq(whoami_word(player, alice_file, "user"), sid_of(&alice));
	ck_assert_str_eq(whoami_word(player, alice_file, "actor"), sid_of(&server));
}

static long impersonates(struct player *player, int32_t serial)
{
	return player_do(player, DEED_IMPERSONATE, NULL, serial);
}

static void revert(struct player *player)
{
	ck_assert_int_eq(player_do(player, DEED_REVERT, NULL, 0), 0);
}

/* The server acts as alice from here on; returns the token key. */
static int32_t be_alice(struct player *player, int level)
{
	int32_t serial = grant(a, &server, level, 600);

	ck_assert_int_eq(impersonates(player, serial), 0);
	return serial;
}

/* A token key of @player's with the text that @format gives, and these permissions. */
__attribute__((format(printf, 3, 4))) static int32_t make_key(struct player *player,
							      key_perm_t perm, const char *format,
							      ...)
{
	char text[5000];
	va_list arguments;
	long serial;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	serial = player_do(player, DEED_MAKE_KEY, text, (long)perm);
	ck_assert_int_gt(serial, 0);
	return (int32_t)serial;
}

/* What a server may do to its own keyring with keyctl(2), past the library's checks. */
static void swap(int32_t from, int32_t to)
{
	if (to)
		ck_assert_int_eq(player_do(s, DEED_LINK, NULL, to), 0);
	if (from)
		ck_assert_int_eq(player_do(s, DEED_UNLINK, NULL, from), 0);
}

/* The library refuses @bad, and so does the mount, with @reason. */
static void check_bad_token(int32_t bad, int library, int error, const char *reason)
{
	int32_t good = be_alice(s, GUISE_IMPERSONATE);

	ck_assert_int_eq(impersonates(s, bad), library);
	if (library == 0)
		revert(s);
	else
		check_is_alice(s);
	ck_assert_int_eq(impersonates(s, good), 0);
	swap(good, bad);
	check_refused(share, s, alice_file, error, reason);
	check_refused(share, s, server_file, error, reason);
	swap(bad, good);
	revert(s);
	check_itself(s);
}

START_TEST(itself)
{
	check_itself(s);
	ck_assert_int_eq(player_do(s, DEED_REVERT, NULL, 0), 0);
	check_itself(s);
}
END_TEST

START_TEST(acts_as_the_client)
{
	char made[256], sddl[512];
	struct stat st;

	put_folder(share_path(share, "drop"));
	sddl_set(share_path(share, "drop"), "D:P(A;;FA;;;%s)", sid_of(&alice));
	snprintf(made, sizeof(made), "%s", share_path(share, "drop/made"));
	ck_assert_int_eq(player_do(s, DEED_CREATE, made, 0), -EACCES);
	be_alice(s, GUISE_IMPERSONATE);
	check_is_alice(s);
	ck_assert_str_eq(whoami_word(s, alice_file, "level"), "impersonate");
	ck_assert_int_eq(player_do(s, DEED_CREATE, made, 0), 0);
	ck_assert_int_eq(stat(share_behind(share, "drop/made"), &st), 0);
	ck_assert_uint_eq(st.st_uid, alice.uid);
	snprintf(sddl, sizeof(sddl), "O:%sG:", sid_of(&alice));
	ck_assert_msg(strncmp(sddl_get(made), sddl, strlen(sddl)) == 0, "%s", sddl_get(made));
	revert(s);
	check_itself(s);
	ck_assert_int_eq(reads(s, made), -EACCES);
}
END_TEST

START_TEST(one_revert_undoes_all)
{
	int32_t first = be_alice(s, GUISE_IMPERSONATE), other;

	ck_assert_int_eq(impersonates(s, first), 0);
	other = grant(b, &server, GUISE_IMPERSONATE, 600);
	ck_assert_int_eq(impersonates(s, other), 0);
	ck_assert_int_eq(impersonates(s, first), 0);
	check_is_alice(s);
	revert(s);
	check_itself(s);
	revert(s);
	check_itself(s);
}
END_TEST

START_TEST(another_client_replaces_the_first)
{
	int32_t serial;

	be_alice(s, GUISE_IMPERSONATE);
	serial = grant(b, &server, GUISE_IMPERSONATE, 600);
	ck_assert_int_eq(impersonates(s, serial), 0);
	ck_assert_int_eq(reads(s, bob_file), 0);
	ck_assert_int_eq(reads(s, alice_file), -EACCES);
	ck_assert_int_eq(reads(s, server_file), -EACCES);
	be_alice(s, GUISE_IMPERSONATE);
	check_is_alice(s);
}
END_TEST

START_TEST(identify_opens_nothing)
{
	be_alice(s, GUISE_IDENTIFY);
	check_refused(share, s, alice_file, -EACCES, "token-level");
	check_refused(share, s, open_file, -EACCES, "token-level");
	check_refused(share, s, server_file, -EACCES, "token-level");
	ck_assert_int_eq(player_do(s, DEED_WRITE, alice_file, 0), -EACCES);
	ck_assert_str_eq(whoami_word(s, alice_file, "user"), sid_of(&alice));
	ck_assert_str_eq(whoami_word(s, alice_file, "level"), "identify");
	revert(s);
	check_itself(s);
}
END_TEST

START_TEST(anonymous_is_nobody)
{
	char anonymous[256], known[256];

	snprintf(anonymous, sizeof(anonymous), "%s", share_path(share, "anonymous"));
	put_file(anonymous, "x");
	sddl_set(anonymous, "D:P(A;;FR;;;AN)");
	snprintf(known, sizeof(known), "%s", share_path(share, "known"));
	put_file(known, "x");
	sddl_set(known, "D:P(A;;FR;;;AU)");
	ck_assert_int_eq(reads(s, known), 0);
	ck_assert_int_eq(reads(s, anonymous), -EACCES);
	be_alice(s, GUISE_ANONYMOUS);
	ck_assert_int_eq(reads(s, anonymous), 0);
	ck_assert_int_eq(reads(s, open_file), 0);
	ck_assert_int_eq(reads(s, known), -EACCES);
	ck_assert_int_eq(reads(s, alice_file), -EACCES);
	ck_assert_int_eq(reads(s, server_file), -EACCES);
	ck_assert_str_eq(whoami_word(s, open_file, "user"), "S-1-5-7");
}
END_TEST

START_TEST(delegate_reaches_local_files)
{
	be_alice(s, GUISE_DELEGATE);
	check_is_alice(s);
	ck_assert_str_eq(whoami_word(s, alice_file, "level"), "delegate");
}
END_TEST

START_TEST(expired_tokens_are_refused)
{
	int32_t serial = grant(a, &server, GUISE_IMPERSONATE, 600);
	int32_t dated = make_key(a, KEY_TOKEN_PERM,
				 "guise-token 1\nlevel impersonate\nfor %s\nuntil 1000000000\n",
				 sid_of(&server));

	ck_assert_int_eq(impersonates(s, serial), 0);
	check_is_alice(s);
	ck_assert_int_eq(player_do(a, DEED_TIMEOUT, NULL, serial), 0);
	for (int i = 0; i < 600 && reads(s, alice_file) == 0; i++)
		usleep(100000);
	check_refused(share, s, alice_file, -EKEYEXPIRED, "key-expired");
	check_refused(share, s, server_file, -EKEYEXPIRED, "key-expired");
	revert(s);
	check_itself(s);
	ck_assert_int_eq(impersonates(s, serial), -EKEYEXPIRED);
	check_itself(s);
	check_bad_token(dated, -EKEYEXPIRED, -EKEYEXPIRED, "key-expired");
}
END_TEST

START_TEST(revocation_acts_on_the_next_request)
{
	int32_t serial = be_alice(s, GUISE_IMPERSONATE);
	long handle = player_do(s, DEED_OPEN, alice_file, O_RDWR);

	ck_assert_int_ge(handle, 0);
	ck_assert_int_eq(player_do(a, DEED_REVOKE, NULL, serial), 0);
	check_refused(share, s, alice_file, -EKEYREVOKED, "key-revoked");
	check_refused(share, s, server_file, -EKEYREVOKED, "key-revoked");
	check_refused(share, s, open_file, -EKEYREVOKED, "key-revoked");
	/* what was open stays open */
	ck_assert_int_eq(player_do(s, DEED_READ_FD, NULL, handle), 1);
	ck_assert_int_eq(player_do(s, DEED_WRITE_FD, NULL, handle), 1);
	ck_assert_int_eq(impersonates(s, serial), -EKEYREVOKED);
	check_refused(share, s, alice_file, -EKEYREVOKED, "key-revoked");
	revert(s);
	check_itself(s);
	ck_assert_int_eq(impersonates(s, serial), -EKEYREVOKED);
	check_itself(s);
	be_alice(s, GUISE_IMPERSONATE);
	check_is_alice(s);
}
END_TEST

START_TEST(tokens_for_others_are_refused)
{
	int32_t serial = grant(a, &eve, GUISE_IMPERSONATE, 600);

	check_bad_token(serial, -EKEYREJECTED, -EKEYREJECTED, "token-audience");
	/* and nobody else may use the server's */
	serial = be_alice(s, GUISE_IMPERSONATE);
	ck_assert_int_eq(impersonates(e, serial), -EKEYREJECTED);
	ck_assert_int_eq(reads(e, alice_file), -EACCES);
}
END_TEST

START_TEST(forged_tokens_are_refused)
{
	int32_t forged, vouched;

	forged = make_key(b, KEY_TOKEN_PERM, "guise-token 1\nlevel impersonate\nfor %s\nuser %s\n",
			  sid_of(&server), sid_of(&alice));
	check_bad_token(forged, 0, -EKEYREJECTED, "token-forged");
	/* a server that is in league with itself */
	forged = make_key(s, KEY_TOKEN_PERM,
			  "guise-token 1\nlevel impersonate\nfor %s\nuser S-1-5-18\n",
			  sid_of(&server));
	check_bad_token(forged, 0, -EKEYREJECTED, "token-forged");
	/* root may vouch for others */
	struct player *authority = player_start(&root);
	vouched = make_key(authority, KEY_TOKEN_PERM,
			   "guise-token 1\nlevel impersonate\nfor %s\nuser %s\n", sid_of(&server),
			   sid_of(&alice));
	ck_assert_int_eq(impersonates(s, vouched), 0);
	check_is_alice(s);
	ck_assert_int_eq(player_do(authority, DEED_REVOKE, NULL, vouched), 0);
	player_end(authority);
}
END_TEST

/* A token that says "alice" by its name alone is that of whoever made it. */
START_TEST(the_owner_is_the_user)
{
	int32_t serial = make_key(b, KEY_TOKEN_PERM, "guise-token 1\nlevel impersonate\nfor %s\n",
				  sid_of(&server));

	ck_assert_int_eq(impersonates(s, serial), 0);
	ck_assert_int_eq(reads(s, bob_file), 0);
	ck_assert_int_eq(reads(s, alice_file), -EACCES);
	ck_assert_str_eq(whoami_word(s, open_file, "user"), sid_of(&bob));
}
END_TEST

START_TEST(keys_that_others_can_change_are_refused)
{
	static const key_perm_t more[] = {KEY_OTH_WRITE,   KEY_OTH_SETATTR, KEY_GRP_WRITE,
					  KEY_GRP_SETATTR, KEY_POS_WRITE,   KEY_POS_SETATTR};

	for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++) {
		int32_t serial =
			make_key(a, KEY_TOKEN_PERM | more[i],
				 "guise-token 1\nlevel impersonate\nfor %s\n", sid_of(&server));

		check_bad_token(serial, -EKEYREJECTED, -EKEYREJECTED, "key-writable");
	}
}
END_TEST

START_TEST(malformed_tokens_are_refused)
{
	static const char *const texts[] = {
		"",
		"guise-token 2\nlevel impersonate\nfor %s\n",
		"guise-token 1\nlevel impersonate\nfor %s",
		"guise-token 1\nlevel Impersonate\nfor %s\n",
		"guise-token 1\nlevel impersonate\nfor %s\ngroup S-1-22-2-100\n",
		"guise-token 1\nlevel impersonate\nfor %s\n\n",
		"guise-token 1\nlevel impersonate\nfor %s\nmore 1\n",
		"guise-token 1\nlevel impersonate\nfor %s\nrights 120089\n",
		"guise-token 1\r\nlevel impersonate\r\nfor %s\r\n",
	};
	char text[256];

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		const char *hole = strstr(texts[i], "%s");

		snprintf(text, sizeof(text), "%.*s%s%s", (int)(hole ? hole - texts[i] : 0),
			 texts[i], hole ? sid_of(&server) : " ", hole ? hole + 2 : "");
		check_bad_token(make_key(a, KEY_TOKEN_PERM, "%s", text), -EKEYREJECTED,
				-EKEYREJECTED, "token-malformed");
	}
}
END_TEST

START_TEST(two_tokens_are_refused)
{
	int32_t other = grant(b, &server, GUISE_IMPERSONATE, 600);

	be_alice(s, GUISE_IMPERSONATE);
	swap(0, other);
	check_refused(share, s, alice_file, -EACCES, "two-tokens");
	check_refused(share, s, bob_file, -EACCES, "two-tokens");
	check_refused(share, s, server_file, -EACCES, "two-tokens");
	swap(other, 0);
	check_is_alice(s);
}
END_TEST

START_TEST(token_without_marker_is_refused)
{
	long marker;

	be_alice(s, GUISE_IMPERSONATE);
	marker = player_do(s, DEED_MARKER, NULL, 0);
	ck_assert_int_gt(marker, 0);
	swap((int32_t)marker, 0);
	check_refused(share, s, alice_file, -EACCES, "token-unmarked");
	check_refused(share, s, server_file, -EACCES, "token-unmarked");
}
END_TEST

START_TEST(marker_without_token_is_refused)
{
	int32_t serial = be_alice(s, GUISE_IMPERSONATE);

	swap(serial, 0);
	check_refused(share, s, server_file, -EACCES, "marker-alone");
	check_refused(share, s, open_file, -EACCES, "marker-alone");
	revert(s);
	check_itself(s);
	/* the client lets its key vanish from every keyring at once */
	serial = be_alice(s, GUISE_IMPERSONATE);
	ck_assert_int_eq(player_do(a, DEED_INVALIDATE, NULL, serial), 0);
	check_refused(share, s, server_file, -EACCES, "marker-alone");
	check_refused(share, s, alice_file, -EACCES, "marker-alone");
	ck_assert_int_lt(player_do(s, DEED_WHOAMI, open_file, 0), 0);
	revert(s);
	check_itself(s);
}
END_TEST

START_TEST(unreadable_ring_is_refused)
{
	be_alice(s, GUISE_IMPERSONATE);
	ck_assert_int_eq(player_do(s, DEED_RING_PERM, NULL, KEY_POS_ALL), 0);
	check_refused(share, s, alice_file, -EACCES, "ring-unreadable");
	check_refused(share, s, server_file, -EACCES, "ring-unreadable");
	ck_assert_int_eq(player_do(s, DEED_RING_PERM, NULL, KEY_RING_PERM), 0);
	check_is_alice(s);
}
END_TEST

/* @player's announcement of @ring is refused for @reason. */
static void check_no_announcement(struct player *player, long ring, const char *reason)
{
	char text[64];

	snprintf(text, sizeof(text), "op=announce ");
	ck_assert_int_eq(player_do(player, DEED_ANNOUNCE, share_path(share, ""), ring), -EACCES);
	ck_assert(share_log_contains(share, text));
	snprintf(text, sizeof(text), "reason=%s ", reason);
	ck_assert_msg(share_log_contains(share, text), "not in the log: %s", text);
}

START_TEST(only_its_own_ring_can_be_announced)
{
	int32_t token = be_alice(s, GUISE_IMPERSONATE);
	long ring = player_do(s, DEED_RING, NULL, 0), own;

	ck_assert_int_gt(ring, 0);
	check_no_announcement(e, ring, "ring-not-own");
	check_no_announcement(e, token, "ring-not-thread");
	check_no_announcement(e, 2147483647, "ring-gone");
	/* a ring that others could put keys into */
	own = player_do(e, DEED_RING, NULL, 0);
	ck_assert_int_eq(player_do(e, DEED_RING_PERM, NULL, KEY_RING_PERM | KEY_OTH_WRITE), 0);
	check_no_announcement(e, own, "ring-not-thread");
	ck_assert_int_eq(player_do(e, DEED_ANNOUNCE, share_path(share, ""), -1), -EINVAL);
	ck_assert_int_eq(player_do(e, DEED_ANNOUNCE, share_path(share, ""), 0), -EINVAL);
	/* none of this changed who anybody is */
	ck_assert_int_eq(reads(e, open_file), 0);
	ck_assert_int_eq(reads(e, alice_file), -EACCES);
	check_is_alice(s);
}
END_TEST

/* Exec leaves the announced keyring behind: it is gone, or nobody can take anything out of it. */
START_TEST(what_is_executed_is_never_the_server)
{
	int32_t serial = be_alice(s, GUISE_IMPERSONATE);
	long result;

	ck_assert_int_eq(player_do(s, DEED_EXEC, NULL, 0), 0);
	ck_assert_int_eq(reads(s, server_file), -EACCES);
	usleep(300000);
	ck_assert_int_eq(reads(s, server_file), -EACCES);
	result = reads(s, alice_file);
	ck_assert(result == 0 || result == -EACCES);
	ck_assert(result == 0 || share_log_contains(share, "reason=ring-gone "));
	/* it holds for reverting, too: there is nothing that this could undo */
	revert(s);
	ck_assert_int_eq(reads(s, server_file), -EACCES);
	/* a process that it forks never announced itself */
	ck_assert_int_eq(player_do(s, DEED_FORK_READ, server_file, 0), 0);
	ck_assert_int_eq(player_do(s, DEED_FORK_READ, alice_file, 0), -EACCES);
	ck_assert_int_eq(player_do(a, DEED_REVOKE, NULL, serial), 0);
	ck_assert_int_lt(reads(s, alice_file), 0);
	ck_assert_int_lt(reads(s, server_file), 0);
	be_alice(s, GUISE_IMPERSONATE);
	check_is_alice(s);
	revert(s);
	check_itself(s);
}
END_TEST

START_TEST(forks_and_threads_are_the_server)
{
	be_alice(s, GUISE_IMPERSONATE);
	ck_assert_int_eq(player_do(s, DEED_FORK_READ, server_file, 0), 0);
	ck_assert_int_eq(player_do(s, DEED_FORK_READ, alice_file, 0), -EACCES);
	ck_assert_int_eq(player_do(s, DEED_THREAD_READ, server_file, 0), 0);
	ck_assert_int_eq(player_do(s, DEED_THREAD_READ, alice_file, 0), -EACCES);
	check_is_alice(s);
}
END_TEST

START_TEST(announcing_again_changes_nothing)
{
	long ring;

	be_alice(s, GUISE_IMPERSONATE);
	ring = player_do(s, DEED_RING, NULL, 0);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(player_do(s, DEED_ANNOUNCE, share_path(share, ""), ring), 2);
		check_is_alice(s);
	}
	revert(s);
	ck_assert_int_eq(player_do(s, DEED_ANNOUNCE, share_path(share, ""), ring), 2);
	check_itself(s);
}
END_TEST

/* Threads that end without having reverted. */
static void *short_thread(void *argument)
{
	const int32_t *serial = argument;
	int fd = open(server_file, O_RDONLY);

	if (fd < 0 || open(alice_file, O_RDONLY) >= 0)
		return argument; /* not itself at its beginning */
	close(fd);
	if (guise_impersonate(*serial) || open(server_file, O_RDONLY) >= 0)
		return argument;
	fd = open(alice_file, O_RDONLY);
	if (fd < 0)
		return argument;
	close(fd);
	return NULL;
}

static int many_short_threads(void *argument)
{
	pthread_t threads[8];
	void *wrong;
	int count = 0;

	for (int round = 0; round < 60; round++) {
		for (int i = 0; i < 8; i++) {
			if (pthread_create(&threads[i], NULL, short_thread, argument))
				return -EAGAIN;
		}
		for (int i = 0; i < 8; i++) {
			pthread_join(threads[i], &wrong);
			count += wrong != NULL;
		}
	}
	return -count;
}

START_TEST(threads_that_end_leave_nothing)
{
	int32_t serial = grant(a, &server, GUISE_IMPERSONATE, 600);

	ck_assert_int_eq(as_user(server.uid, server.gid, 0, NULL, many_short_threads, &serial), 0);
	check_itself(s);
}
END_TEST

START_TEST(an_id_used_again_is_another)
{
	struct player *heir;
	pid_t pid;

	be_alice(s, GUISE_IMPERSONATE);
	check_is_alice(s);
	pid = (pid_t)player_do(s, DEED_PID, NULL, 0);
	player_end(s);
	heir = player_start_as_pid(&server, pid);
	ck_assert_int_eq(player_do(heir, DEED_PID, NULL, 0), pid);
	check_itself(heir);
	be_alice(heir, GUISE_IMPERSONATE);
	check_is_alice(heir);
	player_end(heir);
	/* and of another account */
	heir = player_start_as_pid(&eve, pid);
	ck_assert_int_eq(reads(heir, alice_file), -EACCES);
	ck_assert_int_eq(reads(heir, open_file), 0);
	player_end(heir);
	s = player_start(&server);
}
END_TEST

START_TEST(restricted_rights_restrict)
{
	int32_t serial = make_key(a, KEY_TOKEN_PERM,
				  "guise-token 1\nlevel impersonate\nfor %s\nrights 0x120089\n",
				  sid_of(&server));

	ck_assert_int_eq(impersonates(s, serial), 0);
	check_is_alice(s);
	ck_assert_int_eq(player_do(s, DEED_WRITE, alice_file, 0), -EACCES);
	ck_assert_str_eq(whoami_word(s, alice_file, "rights"), "0x00120089");
	be_alice(s, GUISE_IMPERSONATE);
	ck_assert_int_eq(player_do(s, DEED_WRITE, alice_file, 0), 0);
}
END_TEST

/* What POSIX gives an owner or writer beside the rights of files, it gives within the token's. */
START_TEST(restricted_rights_bound_what_posix_gives)
{
	static const char format[] = "guise-token 1\nlevel impersonate\nfor %s\nrights 0x%x\n";
	char name[256];

	snprintf(name, sizeof(name), "%s", share_path(share, "drop/file"));
	ck_assert_int_eq(mkdir(share_behind(share, "drop"), 0777), 0);
	ck_assert_int_eq(chmod(share_behind(share, "drop"), 01777), 0);
	put_file(share_behind(share, "drop/file"), "text");
	ck_assert_int_eq(chown(share_behind(share, "drop/file"), alice.uid, alice.gid), 0);
	ck_assert_int_eq(chmod(share_behind(share, "drop/file"), 0666), 0);
	ck_assert_int_eq(
		impersonates(s, make_key(a, KEY_TOKEN_PERM, format, sid_of(&server),
					 FILE_ALL_ACCESS & ~DELETE & ~FILE_WRITE_ATTRIBUTES)),
		0);
	ck_assert_int_eq(player_do(s, DEED_WRITE, name, 0), 0);
	ck_assert_int_eq(player_do(s, DEED_TOUCH, name, 0), -EACCES);
	ck_assert_int_eq(player_do(s, DEED_REMOVE, name, 0), -EACCES);
	be_alice(s, GUISE_IMPERSONATE);
	ck_assert_int_eq(player_do(s, DEED_TOUCH, name, 0), 0);
	ck_assert_int_eq(player_do(s, DEED_REMOVE, name, 0), 0);
}
END_TEST

START_TEST(a_new_daemon_knows_announced_threads)
{
	int32_t serial = be_alice(s, GUISE_IMPERSONATE);

	check_is_alice(s);
	share_remount(share, NULL);
	check_is_alice(s);
	share_remount(share, NULL);
	ck_assert_int_eq(player_do(a, DEED_REVOKE, NULL, serial), 0);
	check_refused(share, s, server_file, -EKEYREVOKED, "key-revoked");
	revert(s);
	check_itself(s);
}
END_TEST

/* The same file of alice's on another mount. */
static struct share *second_share(char file[256])
{
	struct share *second = share_open(NULL);

	snprintf(file, 256, "%s", share_path(second, "file"));
	put_file(file, "x");
	sddl_set(file, "D:P(A;;FA;;;%s)", sid_of(&alice));
	return second;
}

/* The library tells one mount. */
START_TEST(all_mounts_share_the_registry)
{
	char file[256];
	struct share *second = second_share(file);
	int32_t serial;

	ck_assert_int_eq(reads(s, file), -EACCES);
	serial = be_alice(s, GUISE_IMPERSONATE);
	ck_assert_int_eq(reads(s, file), 0);
	check_is_alice(s);
	ck_assert_int_eq(player_do(a, DEED_REVOKE, NULL, serial), 0);
	check_refused(second, s, file, -EKEYREVOKED, "key-revoked");
	check_refused(share, s, alice_file, -EKEYREVOKED, "key-revoked");
	revert(s);
	ck_assert_int_eq(reads(s, file), -EACCES);
	check_itself(s);
	share_close(second);
}
END_TEST

/*
 * Exec gives a thread a new keyring, and the old one, with alice's token, may
 * live on: no mount may go by that any more once another knows the new one.
 */
START_TEST(a_newer_announcement_counts_everywhere)
{
	char file[256];
	struct share *second = second_share(file);
	int32_t serial;

	be_alice(s, GUISE_IMPERSONATE);
	ck_assert_int_eq(reads(s, file), 0);
	check_is_alice(s);
	ck_assert_int_eq(player_do(s, DEED_EXEC, NULL, 0), 0);
	serial = grant(b, &server, GUISE_IMPERSONATE, 600);
	ck_assert_int_eq(impersonates(s, serial), 0);
	ck_assert_int_eq(reads(s, bob_file), 0);
	ck_assert_int_eq(reads(s, alice_file), -EACCES);
	ck_assert_int_eq(reads(s, file), -EACCES);
	revert(s);
	check_itself(s);
	ck_assert_int_eq(reads(s, file), -EACCES);
	share_close(second);
}
END_TEST

START_TEST(read_only_mounts_take_announcements)
{
	int32_t serial = grant(a, &server, GUISE_IMPERSONATE, 600);
	long ring = player_do(s, DEED_RING, NULL, 0);

	share_remount(share, "ro");
	ck_assert_int_eq(player_do(s, DEED_RING_PERM, NULL, KEY_RING_PERM), 0);
	ck_assert_int_eq(player_do(s, DEED_ANNOUNCE, share_path(share, ""), ring), 2);
	ck_assert_int_eq(impersonates(s, serial), 0);
	check_is_alice(s);
	ck_assert_int_eq(player_do(s, DEED_WRITE, alice_file, 0), -EROFS);
}
END_TEST

START_TEST(callers_in_a_pid_namespace_are_told_apart)
{
	struct player *inside = player_start_in_pid_namespace(&server);

	ck_assert_int_eq(player_do(inside, DEED_PID, NULL, 0), 1);
	check_itself(inside);
	be_alice(inside, GUISE_IMPERSONATE);
	check_is_alice(inside);
	check_itself(s);
	revert(inside);
	check_itself(inside);
	player_end(inside);
}
END_TEST

/* A guisefs in a pid (and mount) namespace of its own; returns unshare's process id. */
static pid_t hidden_daemon(const char *source, const char *point, const char *log)
{
	char options[300];
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		snprintf(options, sizeof(options), "log=%s", log);
		execlp("unshare", "unshare", "-p", "-f", "--mount-proc", "--kill-child",
		       getenv("GUISEFS"), "-f", source, point, "-o", options, (char *)NULL);
		_exit(127);
	}
	return pid;
}

/* The mount's root, seen from outside by way of the process @pid; -1 if it does not come. */
static int hidden_root(pid_t pid, const char *point)
{
	struct stat outer, inner;
	char path[400];

	snprintf(path, sizeof(path), "/proc/%d/root%s", (int)pid, point);
	ck_assert_int_eq(stat(point, &outer), 0);
	for (int i = 0; i < 1200; i++) {
		int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (fd >= 0 && fstat(fd, &inner) == 0 && inner.st_dev != outer.st_dev)
			return fd;
		if (fd < 0 || errno == EACCES)
			return fd; /* the root itself is refused: it is mounted */
		close(fd);
		usleep(50000);
	}
	return -1;
}

static bool file_has(const char *path, const char *text)
{
	const char *contents = get_file(path);

	return contents && strstr(contents, text);
}

static void check_hidden(pid_t pid, const char *point, const char *log)
{
	char path[64];
	int fd = hidden_root(pid, point);
	struct player *caller;

	ck_assert_int_ge(fd, 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d/file", fd);
	for (int i = 0; i < 2; i++) {
		/* started here, so that it inherits the descriptor */
		caller = player_start(i ? &root : &server);
		ck_assert_int_eq(reads(caller, path), -EACCES);
		player_end(caller);
	}
	ck_assert_msg(file_has(log, "reason=no-caller "), "log: %s", get_file(log));
	close(fd);
}

START_TEST(callers_that_the_daemon_cannot_see_are_refused)
{
	char folder[] = "/tmp/guisefs-test.XXXXXX", source[64], point[64], log[64], file[80];
	pid_t pid;

	ck_assert(mkdtemp(folder) && chmod(folder, 0711) == 0);
	snprintf(source, sizeof(source), "%s/source", folder);
	snprintf(point, sizeof(point), "%s/mount", folder);
	snprintf(log, sizeof(log), "%s/log", folder);
	snprintf(file, sizeof(file), "%s/source/file", folder);
	put_folder(source);
	put_folder(point);
	put_file(file, "open to all by its mode");
	ck_assert(chmod(source, 0755) == 0 && chmod(file, 0644) == 0);
	pid = hidden_daemon(source, point, log);
	usleep(500000);
	check_hidden(pid, point, log);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	unlink(file);
	unlink(log);
	rmdir(source);
	rmdir(point);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(io_uring_workers)
{
	long result = player_do(s, DEED_URING_READ, server_file, 0);

	if (result == -ENOSYS)
		return; /* no io_uring on this host */
	/* a process that never announced a thread is itself there too */
	ck_assert_int_eq(result, 0);
	ck_assert_int_eq(player_do(s, DEED_URING_READ, alice_file, 0), -EACCES);
	be_alice(s, GUISE_IMPERSONATE);
	ck_assert_int_eq(player_do(s, DEED_URING_READ, alice_file, 0), -EACCES);
	ck_assert_int_eq(player_do(s, DEED_URING_READ, server_file, 0), -EACCES);
	ck_assert_int_eq(player_do(s, DEED_URING_READ, open_file, 0), -EACCES);
	ck_assert(share_log_contains(share, "reason=io-worker "));
	revert(s);
	ck_assert_int_eq(player_do(s, DEED_URING_READ, server_file, 0), -EACCES);
	check_itself(s);
}
END_TEST

START_TEST(nobody_else_ends_or_changes_a_consent)
{
	int32_t serial = be_alice(s, GUISE_IMPERSONATE);
	struct player *second = player_start(&server);

	ck_assert_int_eq(player_do(e, DEED_SPOIL, NULL, serial), 0);
	ck_assert_int_eq(player_do(s, DEED_SPOIL, NULL, serial), 0);
	ck_assert_int_eq(player_do(e, DEED_REVOKE, NULL, serial), -EACCES);
	ck_assert_int_eq(player_do(s, DEED_REVOKE, NULL, serial), -EACCES);
	ck_assert_int_eq(player_do(second, DEED_SPOIL, NULL, serial), 0);
	check_is_alice(s);
	player_end(second);
}
END_TEST

START_TEST(the_marker_cannot_be_spoiled)
{
	struct player *second = player_start(&server);
	long marker;

	be_alice(s, GUISE_IMPERSONATE);
	marker = player_do(s, DEED_MARKER, NULL, 0);
	ck_assert_int_gt(marker, 0);
	ck_assert_int_eq(player_do(s, DEED_SPOIL, NULL, marker), 0);
	ck_assert_int_eq(player_do(second, DEED_SPOIL, NULL, marker), 0);
	ck_assert_int_eq(player_do(e, DEED_SPOIL, NULL, marker), 0);
	check_is_alice(s);
	player_end(second);
}
END_TEST

static void tests_of_clients(TCase *tcase)
{
	tcase_add_test(tcase, itself);
	tcase_add_test(tcase, acts_as_the_client);
	tcase_add_test(tcase, one_revert_undoes_all);
	tcase_add_test(tcase, another_client_replaces_the_first);
	tcase_add_test(tcase, identify_opens_nothing);
	tcase_add_test(tcase, anonymous_is_nobody);
	tcase_add_test(tcase, delegate_reaches_local_files);
	tcase_add_test(tcase, expired_tokens_are_refused);
	tcase_add_test(tcase, revocation_acts_on_the_next_request);
	tcase_add_test(tcase, tokens_for_others_are_refused);
	tcase_add_test(tcase, forged_tokens_are_refused);
	tcase_add_test(tcase, the_owner_is_the_user);
	tcase_add_test(tcase, keys_that_others_can_change_are_refused);
	tcase_add_test(tcase, malformed_tokens_are_refused);
	tcase_add_test(tcase, restricted_rights_restrict);
	tcase_add_test(tcase, restricted_rights_bound_what_posix_gives);
	tcase_add_test(tcase, nobody_else_ends_or_changes_a_consent);
}

static void tests_of_threads(TCase *tcase)
{
	tcase_add_test(tcase, two_tokens_are_refused);
	tcase_add_test(tcase, token_without_marker_is_refused);
	tcase_add_test(tcase, marker_without_token_is_refused);
	tcase_add_test(tcase, the_marker_cannot_be_spoiled);
	tcase_add_test(tcase, unreadable_ring_is_refused);
	tcase_add_test(tcase, only_its_own_ring_can_be_announced);
	tcase_add_test(tcase, what_is_executed_is_never_the_server);
	tcase_add_test(tcase, forks_and_threads_are_the_server);
	tcase_add_test(tcase, announcing_again_changes_nothing);
	tcase_add_test(tcase, threads_that_end_leave_nothing);
	tcase_add_test(tcase, an_id_used_again_is_another);
	tcase_add_test(tcase, io_uring_workers);
}

static void tests_of_mounts(TCase *tcase)
{
	tcase_add_test(tcase, a_new_daemon_knows_announced_threads);
	tcase_add_test(tcase, all_mounts_share_the_registry);
	tcase_add_test(tcase, a_newer_announcement_counts_everywhere);
	tcase_add_test(tcase, read_only_mounts_take_announcements);
	tcase_add_test(tcase, callers_in_a_pid_namespace_are_told_apart);
	tcase_add_test(tcase, callers_that_the_daemon_cannot_see_are_refused);
}

int main(int argc, char **argv)
{
	static void (*const parts[])(TCase *) = {tests_of_clients, tests_of_threads,
						 tests_of_mounts};
	static const char *const names[] = {"clients", "threads", "mounts"};
	Suite *suite = suite_create("impersonate");

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		TCase *tcase = tcase_create(names[i]);

		tcase_add_checked_fixture(tcase, begin, end);
		parts[i](tcase);
		suite_add_tcase(suite, tcase);
	}
	return cast_run(argc, argv, suite);
}
