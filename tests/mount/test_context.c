/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Call contexts: a server asks who calls it and in which roles, now and later, and gets
 * answers that nobody can make up, and no identity.
 *
 * Mounts may differ in their policies, and the library asks the first one that answers: the test
 * sees only its own.
 */
#include <errno.h>
#include <keyutils.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "keyring/context_mac.h"
#include "keyring/guise.h"
#include "keyring/mounts.h"
#include "tests/mount/cast.h"

static struct share *share;
static struct player *a, *s, *e; /* alice, the server, eve */
static char policy_file[64], options[100], alice_file[256];

/* The policy: @managers are Managers; the rest is always the same. */
static void policy_write_file(const char *managers)
{
	FILE *file = fopen(policy_file, "we");

	ck_assert_ptr_nonnull(file);
	fprintf(file, "[role Managers]\nmembers = %s\n", managers);
	fprintf(file, "[role Alice's group]\nmembers = S-1-22-2-%u\n", alice.gid);
	fprintf(file, "[role Servers]\nmembers = %s\n", sid_of(&server));
	fprintf(file, "[role Known]\nmembers = S-1-5-11\n");
	fprintf(file, "[role All]\nmembers = S-1-1-0\n");
	ck_assert_int_eq(fclose(file), 0);
}

static void begin(void)
{
	int fd;

	snprintf(policy_file, sizeof(policy_file), "/tmp/guise-roles-XXXXXX");
	fd = mkstemp(policy_file);
	ck_assert_int_ge(fd, 0);
	close(fd);
	policy_write_file(sid_of(&alice));
	snprintf(options, sizeof(options), "policy=%s", policy_file);
	share = share_open(options);
	sddl_set(share_path(share, ""), "D:(A;;FRFX;;;WD)");
	snprintf(alice_file, sizeof(alice_file), "%s", share_path(share, "alice"));
	put_file(alice_file, "alice");
	sddl_set(alice_file, "O:%sD:P(A;;FA;;;%s)", sid_of(&alice), sid_of(&alice));
	a = player_start(&alice);
	s = player_start(&server);
	e = player_start(&eve);
}

static void end(void)
{
	player_do(a, DEED_CLEAR, NULL, 0);
	player_do(s, DEED_CLEAR, NULL, 0);
	player_end(a);
	player_end(s);
	player_end(e);
	share_close(share);
	unlink(policy_file);
}

static long role(struct player *player, const char *name)
{
	return player_do(player, DEED_ROLE, name, 0);
}

static int32_t be_alice(int level)
{
	int32_t serial = grant(a, &server, level, 600);

	ck_assert_int_eq(player_do(s, DEED_IMPERSONATE, NULL, serial), 0);
	return serial;
}

static void revert(void)
{
	ck_assert_int_eq(player_do(s, DEED_REVERT, NULL, 0), 0);
}

/* The context of @player as bytes, which are text; valid until the next call. */
static const char *context_of(struct player *player)
{
	static char sealed[6001];
	long size = player_do(player, DEED_CONTEXT, NULL, 0);

	ck_assert_msg(size > 0 && size < 6000, "no context: %ld", size);
	memcpy(sealed, player_said(player), (size_t)size);
	sealed[size] = '\0';
	return sealed;
}

/* What @player answers about @name from @sealed; @thread 1: in another thread. */
static long later(struct player *player, const char *sealed, const char *name, long thread)
{
	char text[6100];

	snprintf(text, sizeof(text), "%s\n%s", name, sealed);
	return player_do(player, DEED_IMPORT_ROLE, text, thread);
}

/* The callers that @sealed has are these. */
static void check_callers(const char *sealed, long count, const char *said)
{
	ck_assert_int_eq(player_do(e, DEED_IMPORT, sealed, 0), count);
	ck_assert_str_eq(player_said(e), said);
}

/* "USER LEVEL AUTHENTICATION SERVER"; valid until four more were asked for. */
static const char *line(const char *user, int level, int authentication, const char *by)
{
	static char lines[4][500];
	static unsigned int turn;
	char *text = lines[turn++ % 4];

	snprintf(text, sizeof(lines[0]), "%s %d %d %s\n", user, level, authentication, by);
	return text;
}

START_TEST(the_client_is_asked_about_and_not_the_server)
{
	ck_assert_int_eq(role(s, "Servers"), 1);
	ck_assert_int_eq(role(s, "Managers"), 0);
	be_alice(GUISE_IMPERSONATE);
	ck_assert_int_eq(role(s, "Managers"), 1);
	ck_assert_int_eq(role(s, "Alice's group"), 1);
	ck_assert_int_eq(role(s, "Servers"), 0);
	ck_assert_int_eq(role(s, "Known"), 1);
	ck_assert_int_eq(role(s, "No such role"), 0);
	revert();
	ck_assert_int_eq(role(s, "Servers"), 1);
	ck_assert_int_eq(role(s, "Managers"), 0);
	check_callers(context_of(s), 1,
		      line(sid_of(&server), GUISE_DELEGATE, GUISE_BY_PROCESS, "-"));
}
END_TEST

START_TEST(identify_level_answers_about_roles)
{
	be_alice(GUISE_IDENTIFY);
	ck_assert_int_eq(role(s, "Managers"), 1);
	ck_assert_int_eq(player_do(s, DEED_READ, alice_file, 0), -EACCES);
	check_callers(context_of(s), 1,
		      line(sid_of(&alice), GUISE_IDENTIFY, GUISE_BY_CONSENT, sid_of(&server)));
}
END_TEST

START_TEST(an_anonymous_client_stays_unknown)
{
	const char *sealed;

	be_alice(GUISE_ANONYMOUS);
	ck_assert_int_eq(role(s, "Managers"), 0);
	ck_assert_int_eq(role(s, "Known"), 0);
	ck_assert_int_eq(role(s, "All"), 1);
	sealed = context_of(s);
	ck_assert_ptr_null(strstr(sealed, sid_of(&alice)));
	check_callers(sealed, 1,
		      line("S-1-5-7", GUISE_ANONYMOUS, GUISE_BY_CONSENT, sid_of(&server)));
}
END_TEST

START_TEST(a_logon_service_s_word_shows)
{
	const char *groups[] = {"S-1-22-2-64001"};
	const char *user = sid_of(&alice);
	uid_t account = server.uid;
	int32_t serial;

	ck_assert_int_eq(
		guise_issue(user, groups, 1, NULL, 0, &account, 1, GUISE_IMPERSONATE, 60, &serial),
		0);
	ck_assert_int_eq(player_do(s, DEED_IMPERSONATE, NULL, serial), 0);
	check_callers(context_of(s), 1,
		      line(user, GUISE_IMPERSONATE, GUISE_BY_LOGON, sid_of(&server)));
	ck_assert_int_eq(role(s, "Alice's group"), 0);
	guise_revoke(serial);
}
END_TEST

static long narrow(int32_t serial, int level)
{
	char text[32];
	long narrowed;

	snprintf(text, sizeof(text), "%d 60 ffffffff -", level);
	narrowed = player_do(s, DEED_RESTRICT, text, serial);
	ck_assert_int_gt(narrowed, 0);
	return narrowed;
}

START_TEST(who_narrowed_a_token_shows_beside_the_client)
{
	int32_t serial = be_alice(GUISE_IMPERSONATE);
	char callers[1000];
	const char *sealed;
	long narrowed;

	revert();
	narrowed = narrow(serial, GUISE_IDENTIFY);
	ck_assert_int_eq(player_do(s, DEED_IMPERSONATE, NULL, narrowed), 0);
	/* the client's roles, still */
	ck_assert_int_eq(role(s, "Managers"), 1);
	ck_assert_int_eq(role(s, "Servers"), 0);
	sealed = context_of(s);
	ck_assert_ptr_nonnull(strstr(sealed, "role Servers\n"));
	snprintf(callers, sizeof(callers), "%s%s",
		 line(sid_of(&alice), GUISE_IMPERSONATE, GUISE_BY_CONSENT, sid_of(&server)),
		 line(sid_of(&server), GUISE_IDENTIFY, GUISE_BY_NARROWING, sid_of(&server)));
	check_callers(sealed, 2, callers);
	revert();
	narrowed = narrow(serial, GUISE_ANONYMOUS);
	ck_assert_int_eq(player_do(s, DEED_IMPERSONATE, NULL, narrowed), 0);
	sealed = context_of(s);
	ck_assert_ptr_null(strstr(sealed, sid_of(&alice)));
	check_callers(sealed, 1,
		      line("S-1-5-7", GUISE_ANONYMOUS, GUISE_BY_CONSENT, sid_of(&server)));
}
END_TEST

START_TEST(a_refused_identity_has_no_context)
{
	int32_t serial = be_alice(GUISE_IMPERSONATE);

	ck_assert_int_eq(player_do(a, DEED_REVOKE, NULL, serial), 0);
	ck_assert_int_eq(player_do(s, DEED_CONTEXT, NULL, 0), -EKEYREVOKED);
	ck_assert_int_eq(role(s, "Managers"), -EKEYREVOKED);
	ck_assert_int_eq(role(s, "Servers"), -EKEYREVOKED);
}
END_TEST

static void check_kept(const char *sealed)
{
	struct player *const askers[] = {s, e, a};

	for (size_t i = 0; i < sizeof(askers) / sizeof(askers[0]); i++) {
		for (long thread = 0; thread < 2; thread++) {
			ck_assert_int_eq(later(askers[i], sealed, "Managers", thread), 1);
			ck_assert_int_eq(later(askers[i], sealed, "Alice's group", thread), 1);
			ck_assert_int_eq(later(askers[i], sealed, "Servers", thread), 0);
		}
	}
}

START_TEST(role_answers_outlive_the_consent_and_open_nothing)
{
	int32_t serial = be_alice(GUISE_IMPERSONATE);
	const char *sealed = context_of(s);

	revert();
	check_kept(sealed);
	ck_assert_int_eq(player_do(a, DEED_REVOKE, NULL, serial), 0);
	check_kept(sealed);
	/* also for a thread that is refused itself */
	ck_assert_int_ne(player_do(s, DEED_READ, alice_file, 0), 0);
	/* revoked, and perhaps collected already */
	ck_assert_int_lt(player_do(s, DEED_IMPERSONATE, NULL, serial), 0);
	ck_assert_int_eq(player_do(e, DEED_READ, alice_file, 0), -EACCES);
	ck_assert_int_eq(player_do(s, DEED_READ, alice_file, 0), -EACCES);
	ck_assert_int_eq(role(s, "Managers"), 0);
}
END_TEST

START_TEST(a_context_can_be_imported_by_a_thread_that_is_refused)
{
	int32_t serial = be_alice(GUISE_IMPERSONATE);
	const char *sealed = context_of(s);

	ck_assert_int_eq(player_do(a, DEED_REVOKE, NULL, serial), 0);
	ck_assert_int_eq(player_do(s, DEED_READ, alice_file, 0), -EKEYREVOKED);
	ck_assert_int_eq(later(s, sealed, "Managers", 0), 1);
}
END_TEST

START_TEST(a_context_stays_what_it_was_when_the_policy_changes)
{
	char answer[2000];
	char sealed[6001];

	be_alice(GUISE_IDENTIFY);
	strcpy(sealed, context_of(s));
	policy_write_file(sid_of(&bob));
	ck_assert_int_gt(getxattr(share_path(share, ""), "system.guise.policy.reload", answer,
				  sizeof(answer)),
			 0);
	ck_assert_int_eq(role(s, "Managers"), 0);
	ck_assert_int_eq(later(s, sealed, "Managers", 0), 1);
	ck_assert_int_eq(later(s, context_of(s), "Managers", 0), 0);
}
END_TEST

START_TEST(contexts_outlive_the_daemon)
{
	char sealed[6001];

	be_alice(GUISE_IDENTIFY);
	strcpy(sealed, context_of(s));
	share_remount(share, options);
	ck_assert_int_eq(later(e, sealed, "Managers", 0), 1);
}
END_TEST

START_TEST(read_only_mounts_answer)
{
	char read_only[150];

	snprintf(read_only, sizeof(read_only), "ro,%s", options);
	share_remount(share, read_only);
	be_alice(GUISE_IDENTIFY);
	ck_assert_int_eq(later(e, context_of(s), "Managers", 0), 1);
}
END_TEST

START_TEST(what_is_not_exactly_as_it_was_sealed_is_refused)
{
	char sealed[6001];
	size_t size;

	be_alice(GUISE_IDENTIFY);
	strcpy(sealed, context_of(s));
	size = strlen(sealed);
	ck_assert_int_eq(player_do(e, DEED_IMPORT, sealed, 0), 1);
	for (size_t at = 0; at < size; at++) {
		char byte = sealed[at];

		sealed[at] = (char)(byte == 'x' ? 'y' : 'x');
		ck_assert_int_eq(player_do(e, DEED_IMPORT, sealed, 0), -EKEYREJECTED);
		sealed[at] = '\0'; /* and cut off here */
		ck_assert_int_eq(player_do(e, DEED_IMPORT, sealed, 0), -EKEYREJECTED);
		sealed[at] = byte;
	}
	strcat(sealed, "\n");
	ck_assert_int_eq(player_do(e, DEED_IMPORT, sealed, 0), -EKEYREJECTED);
	sealed[size] = '\0';
	ck_assert_int_eq(player_do(e, DEED_IMPORT, sealed, 0), 1);
}
END_TEST

/* As another host would, or somebody who guesses: all is right but the key. */
START_TEST(another_key_s_seal_is_refused)
{
	uint8_t key[CONTEXT_HASH], digest[CONTEXT_HASH], mac[CONTEXT_HASH];
	char sealed[6001];
	size_t length;

	be_alice(GUISE_IDENTIFY);
	strcpy(sealed, context_of(s));
	ck_assert(context_split(sealed, strlen(sealed), &length, mac));
	for (int guess = 0; guess < 256; guess++) {
		memset(key, guess, sizeof(key));
		context_digest(sealed, length, digest);
		context_mac(key, digest, mac);
		context_mac_line(mac, sealed + length);
		ck_assert_int_eq(player_do(e, DEED_IMPORT, sealed, 0), -EKEYREJECTED);
	}
}
END_TEST

/* Tries all with the key, as eve, in a session that began as root's: 0, or what worked. */
static int steal_possessed(int32_t key)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		char bytes[64];

		if (keyctl_join_session_keyring(NULL) < 0 ||
		    keyctl_link(KEY_SPEC_USER_KEYRING, KEY_SPEC_SESSION_KEYRING) < 0 ||
		    keyctl_setperm(KEY_SPEC_SESSION_KEYRING, KEY_POS_ALL) < 0 ||
		    setresgid(eve.gid, eve.gid, eve.gid) < 0 ||
		    setresuid(eve.uid, eve.uid, eve.uid) < 0)
			_exit(99);
		_exit((keyctl_read(key, bytes, sizeof(bytes)) >= 0 ? 1 : 0) |
		      (keyctl_link(key, KEY_SPEC_PROCESS_KEYRING) == 0 ? 2 : 0) |
		      (keyctl_setperm(key, KEY_POS_ALL | KEY_USR_ALL | KEY_OTH_ALL) == 0 ? 4 : 0) |
		      (keyctl_invalidate(key) == 0 ? 8 : 0) |
		      (keyctl_update(key, "x", 1) == 0 ? 16 : 0));
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(nobody_but_root_gets_at_the_key)
{
	int32_t key;

	context_of(s);
	key = (int32_t)keyctl_search(KEY_SPEC_USER_KEYRING, "user", "guise:context-key", 0);
	ck_assert_int_gt(key, 0);
	ck_assert_int_eq(player_do(e, DEED_READ_KEY, NULL, key), 0);
	ck_assert_int_eq(player_do(e, DEED_SPOIL, NULL, key), 0);
	ck_assert_int_eq(steal_possessed(key), 0);
}
END_TEST

START_TEST(questions_about_seals_that_are_none_are_refused)
{
	static const char zeros[] =
		"0000000000000000000000000000000000000000000000000000000000000000";
	char name[300], answer[8];
	const char *path = share_path(share, "");

	snprintf(name, sizeof(name), "system.guise.context.check.%s.%s", zeros, zeros);
	ck_assert_int_eq(getxattr(path, name, answer, sizeof(answer)), 2);
	ck_assert_int_eq(memcmp(answer, "no", 2), 0);
	name[strlen(name) - 1] = '\0';
	ck_assert_int_eq(getxattr(path, name, answer, sizeof(answer)), -1);
	ck_assert_int_eq(errno, EINVAL);
	snprintf(name, sizeof(name), "system.guise.context.check.%sx%s", zeros, zeros);
	ck_assert_int_eq(getxattr(path, name, answer, sizeof(answer)), -1);
	ck_assert_int_eq(errno, EINVAL);
	snprintf(name, sizeof(name), "system.guise.context.check.%s.%.63sA", zeros, zeros);
	ck_assert_int_eq(getxattr(path, name, answer, sizeof(answer)), -1);
	ck_assert_int_eq(errno, EINVAL);
}
END_TEST

START_TEST(without_a_mount_nothing_is_believed)
{
	struct guise_context *context;
	char sealed[6001];

	be_alice(GUISE_IDENTIFY);
	strcpy(sealed, context_of(s));
	ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
	ck_assert_int_eq(umount2(share_path(share, ""), MNT_DETACH), 0);
	ck_assert_int_eq(guise_context_import(sealed, strlen(sealed), &context), -ENODEV);
	ck_assert_ptr_null(context);
	ck_assert_int_eq(guise_context_current(&context), -ENODEV);
	ck_assert_int_eq(guise_is_in_role(NULL, "Managers"), -ENODEV);
	ck_assert_int_eq(guise_context_import("", 0, &context), -EKEYREJECTED);
}
END_TEST

START_TEST(export_tells_how_much_room_it_takes)
{
	struct guise_context *context;
	char buffer[6000];
	int size;

	ck_assert_int_eq(guise_context_current(&context), 0);
	size = guise_context_export(context, NULL, 0);
	ck_assert_int_gt(size, 0);
	ck_assert_int_eq(guise_context_export(context, buffer, (size_t)size - 1), -ERANGE);
	ck_assert_int_eq(guise_context_export(context, buffer, (size_t)size), size);
	ck_assert_int_gt(guise_context_made(context), 0);
	ck_assert_str_eq(guise_context_caller_user(context, 0), "S-1-5-18");
	ck_assert_ptr_null(guise_context_caller_user(context, 1));
	ck_assert_ptr_null(guise_context_caller_name(context, 1));
	ck_assert_ptr_null(guise_context_caller_server(context, 0, 0));
	ck_assert_int_eq(guise_context_caller_level(context, 1), -EINVAL);
	ck_assert_int_eq(guise_context_caller_authentication(context, 1), -EINVAL);
	ck_assert_int_eq(guise_context_caller_in_role(context, 1, "All"), -EINVAL);
	ck_assert_int_eq(guise_context_caller_in_role(context, 0, "All"), 1);
	ck_assert_int_eq(guise_is_in_role(context, NULL), -EINVAL);
	ck_assert_int_eq(guise_is_in_role(NULL, NULL), -EINVAL);
	guise_context_free(context);
}
END_TEST

/* --- several mounts --- */

/* What the server finds out about a client with key @serial, asking all mounts or that of @path. */
struct finding {
	int32_t serial;
	const char *path; /* or NULL */
	char user[100];
	int manager, known; /* roles */
};

static int find_out(void *arg)
{
	struct finding *finding = arg;
	struct guise_context *context;
	struct guise_token *token;
	int error = guise_impersonate(finding->serial);

	if (error)
		return error;
	error = finding->path ? guise_query_at(finding->path, &token) : guise_query(&token);
	if (error)
		return token ? -EDOM : error;
	snprintf(finding->user, sizeof(finding->user), "%s", guise_token_user(token));
	guise_token_free(token);
	error = finding->path ? guise_context_current_at(finding->path, &context)
			      : guise_context_current(&context);
	/* it knew the thread a moment ago */
	if (error)
		return -EDOM;
	finding->manager = guise_is_in_role(context, "Managers");
	finding->known = guise_is_in_role(context, "Known");
	if (!finding->path && guise_is_in_role(NULL, "Managers") != finding->manager)
		error = -EDOM;
	guise_context_free(context);
	return error;
}

/* The server finds out @error, or who alice is and whether she is a manager, and @known. */
static void check_found(int32_t serial, const char *path, int error, int manager, int known)
{
	struct finding *finding = mmap(NULL, sizeof(*finding), PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(finding, MAP_FAILED);
	*finding = (struct finding){.serial = serial, .path = path};
	ck_assert_int_eq(as_user(server.uid, server.gid, 0, NULL, find_out, finding), error);
	if (!error) {
		ck_assert_str_eq(finding->user, sid_of(&alice));
		ck_assert_int_eq(finding->manager, manager);
		ck_assert_int_eq(finding->known, known);
	}
	munmap(finding, sizeof(*finding));
}

/* A consent of alice's for share @name. */
static int32_t for_share(const char *name)
{
	char text[100];
	long serial;

	snprintf(text, sizeof(text), "2 600 ffffffff %s %u", name, server.uid);
	serial = player_do(a, DEED_GRANT_WITH, text, 0);
	ck_assert_int_gt(serial, 0);
	return (int32_t)serial;
}

/* A second mount, of the share "other", where nobody is a manager or known. */
static struct share *other_open(const char *policy, char file[64])
{
	char with[100];
	FILE *out;

	snprintf(file, 64, "%.50s.other", policy_file);
	out = fopen(file, "we");
	ck_assert_ptr_nonnull(out);
	fputs(policy, out);
	ck_assert_int_eq(fchmod(fileno(out), 0600), 0);
	ck_assert_int_eq(fclose(out), 0);
	snprintf(with, sizeof(with), "policy=%s,share=other", file);
	return share_open(with);
}

static void other_close(struct share *other, const char *file)
{
	share_close(other);
	unlink(file);
}

/* Whichever is asked first: of two consents one is for the share of the second mount. */
START_TEST(the_mount_that_knows_the_share_answers)
{
	char file[64], policy[64];
	struct share *other;

	share_remount(share, strcat(options, ",share=one"));
	other = other_open("[role Managers]\nmembers=uid:0\n", file);
	check_found(for_share("one"), NULL, 0, 1, 1);
	check_found(for_share("other"), NULL, 0, 0, 0);
	check_found(for_share("neither"), NULL, -EKEYREJECTED, 0, 0);
	other_close(other, file);
	/* one that may act for nobody there is told so, and not that it asked the wrong mount */
	snprintf(policy, sizeof(policy), "[account uid:%u]\nimpersonate=no\n", server.uid);
	other = other_open(policy, file);
	check_found(for_share("one"), NULL, 0, 1, 1);
	check_found(for_share("other"), NULL, -EACCES, 0, 0);
	other_close(other, file);
}
END_TEST

START_TEST(each_mount_answers_by_its_own_policy)
{
	char file[64];
	struct share *other = other_open("[role Known]\nmembers=S-1-5-11\n", file);
	int32_t serial = grant(a, &server, GUISE_IDENTIFY, 600);

	check_found(serial, share_path(share, ""), 0, 1, 1);
	check_found(serial, alice_file, 0, 1, 1);
	check_found(serial, share_path(other, ""), 0, 0, 1);
	check_found(for_share("other"), share_path(other, ""), 0, 0, 1);
	/* no other mount is asked than that */
	check_found(for_share("other"), share_path(share, ""), -EKEYREJECTED, 0, 0);
	check_found(serial, "/proc", -EOPNOTSUPP, 0, 0);
	check_found(serial, share_path(share, "nothing"), -ENOENT, 0, 0);
	other_close(other, file);
}
END_TEST

static void tests_of_callers(TCase *tcase)
{
	tcase_add_test(tcase, the_mount_that_knows_the_share_answers);
	tcase_add_test(tcase, each_mount_answers_by_its_own_policy);
	tcase_add_test(tcase, the_client_is_asked_about_and_not_the_server);
	tcase_add_test(tcase, identify_level_answers_about_roles);
	tcase_add_test(tcase, an_anonymous_client_stays_unknown);
	tcase_add_test(tcase, a_logon_service_s_word_shows);
	tcase_add_test(tcase, who_narrowed_a_token_shows_beside_the_client);
	tcase_add_test(tcase, a_refused_identity_has_no_context);
	tcase_add_test(tcase, export_tells_how_much_room_it_takes);
}

static void tests_of_storing(TCase *tcase)
{
	tcase_add_test(tcase, role_answers_outlive_the_consent_and_open_nothing);
	tcase_add_test(tcase, a_context_can_be_imported_by_a_thread_that_is_refused);
	tcase_add_test(tcase, a_context_stays_what_it_was_when_the_policy_changes);
	tcase_add_test(tcase, contexts_outlive_the_daemon);
	tcase_add_test(tcase, read_only_mounts_answer);
	tcase_add_test(tcase, what_is_not_exactly_as_it_was_sealed_is_refused);
	tcase_add_test(tcase, another_key_s_seal_is_refused);
	tcase_add_test(tcase, nobody_but_root_gets_at_the_key);
	tcase_add_test(tcase, questions_about_seals_that_are_none_are_refused);
	tcase_add_test(tcase, without_a_mount_nothing_is_believed);
}

static bool leave(const char *path, void *context)
{
	umount2(path, MNT_DETACH);
	return false;
}

/* No other mounts than this test's own, for it and all that it starts. */
static void be_alone(void)
{
	if (unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
		mounts_each(leave, NULL);
}

int main(int argc, char **argv)
{
	static void (*const parts[])(TCase *) = {tests_of_callers, tests_of_storing};
	static const char *const names[] = {"callers", "storing"};
	Suite *suite = suite_create("context");

	if (argc == 1)
		be_alone();
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		TCase *tcase = tcase_create(names[i]);

		tcase_add_checked_fixture(tcase, begin, end);
		parts[i](tcase);
		suite_add_tcase(suite, tcase);
	}
	return cast_run(argc, argv, suite);
}
