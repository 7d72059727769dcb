/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise run: a whole tree of processes acts as the client, however it branches,
 * and nobody else does.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <keyutils.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keyring/guise.h"
#include "keyring/key.h"
#include "tests/mount/cast.h"

static struct share *share;
static struct player *a, *b, *s, *tree; /* alice, bob, the server, its tree as alice */
static char alice_file[256], bob_file[256], server_file[256];
static int32_t alice_token;

static void private_file(char path[256], const char *name, const struct person *person)
{
	snprintf(path, 256, "%s", share_path(share, name));
	put_file(path, name);
	sddl_set(path, "O:%sD:P(A;;FA;;;%s)", sid_of(person), sid_of(person));
}

static void begin(void)
{
	registry_forget_trees();
	share = share_open(NULL);
	private_file(alice_file, "alice", &alice);
	private_file(bob_file, "bob", &bob);
	private_file(server_file, "server", &server);
	a = player_start(&alice);
	b = player_start(&bob);
	s = player_start(&server);
	alice_token = grant(a, &server, GUISE_IMPERSONATE, 600);
	tree = player_start_confined(&server, alice_token);
}

static void end(void)
{
	player_end(tree);
	player_do(a, DEED_CLEAR, NULL, 0);
	player_do(b, DEED_CLEAR, NULL, 0);
	player_end(a);
	player_end(b);
	player_end(s);
	share_close(share);
	registry_forget_trees();
}

static long reads(struct player *player, const char *path)
{
	return player_do(player, DEED_READ, path, 0);
}

static void check_is_alice(struct player *player)
{
	ck_assert_int_eq(reads(player, alice_file), 0);
	ck_assert_int_eq(reads(player, server_file), -EACCES);
	ck_assert_int_eq(reads(player, bob_file), -EACCES);
	ck_assert_str_eq(whoami_word(player, alice_file, "user"), sid_of(&alice));
	ck_assert_str_eq(whoami_word(player, alice_file, "actor"), sid_of(&server));
}

static void check_is_server(struct player *player)
{
	ck_assert_int_eq(reads(player, server_file), 0);
	ck_assert_int_eq(reads(player, alice_file), -EACCES);
	ck_assert_str_eq(whoami_word(player, server_file, "user"), sid_of(&server));
}

START_TEST(children_act_as_the_client)
{
	char made[256];
	struct stat st;

	sddl_set(share_path(share, ""), "D:(A;;FA;;;WD)");
	check_is_alice(tree);
	ck_assert_int_eq(player_do(tree, DEED_FORK_READ, alice_file, 0), 0);
	ck_assert_int_eq(player_do(tree, DEED_FORK_READ, server_file, 0), -EACCES);
	ck_assert_int_eq(player_do(tree, DEED_THREAD_READ, alice_file, 0), 0);
	ck_assert_int_eq(player_do(tree, DEED_THREAD_READ, server_file, 0), -EACCES);
	snprintf(made, sizeof(made), "%s", share_path(share, "made"));
	ck_assert_int_eq(player_do(tree, DEED_CREATE, made, 0), 0);
	ck_assert_int_eq(stat(share_behind(share, "made"), &st), 0);
	ck_assert_uint_eq(st.st_uid, alice.uid);
	ck_assert_int_eq(player_do(tree, DEED_EXEC, NULL, 0), 0);
	check_is_alice(tree);
	check_is_server(s);
}
END_TEST

START_TEST(shells_act_as_the_client)
{
	char words[600];

	snprintf(words, sizeof(words), "env\n-i\n/bin/sh\n-c\ncat %s >/dev/null | cat %s\n",
		 alice_file, alice_file);
	ck_assert_int_eq(player_do(tree, DEED_RUN, words, 0), 0);
	snprintf(words, sizeof(words), "env\n-i\n/bin/sh\n-c\ncat %s 2>/dev/null\n", server_file);
	ck_assert_int_eq(player_do(tree, DEED_RUN, words, 0), 1);
	snprintf(words, sizeof(words), "setsid\n-w\nnohup\ncat\n%s\n", alice_file);
	ck_assert_int_eq(player_do(tree, DEED_RUN, words, 0), 0);
}
END_TEST

START_TEST(io_uring_acts_as_the_client)
{
	long result = player_do(tree, DEED_URING_READ, alice_file, 0);

	if (result == -ENOSYS)
		return; /* no io_uring on this host */
	ck_assert_int_eq(result, 0);
	ck_assert_int_eq(player_do(tree, DEED_URING_READ, server_file, 0), -EACCES);
}
END_TEST

START_TEST(daemons_act_as_the_client)
{
	struct player *daemon = player_start_daemon(tree), *deeper;

	check_is_alice(daemon);
	/* what was `guise run` goes by force */
	player_end(tree);
	check_is_alice(daemon);
	deeper = player_start_daemon(daemon);
	ck_assert_int_eq(player_do(deeper, DEED_EXEC, NULL, 0), 0);
	check_is_alice(deeper);
	check_is_server(s);
	ck_assert_int_eq(player_do(a, DEED_REVOKE, NULL, alice_token), 0);
	check_refused(share, daemon, alice_file, -EKEYREVOKED, "key-revoked");
	check_refused(share, deeper, server_file, -EKEYREVOKED, "key-revoked");
	player_end(deeper);
	player_end(daemon);
	alice_token = grant(a, &server, GUISE_IMPERSONATE, 600);
	tree = player_start_confined(&server, alice_token);
	check_is_alice(tree);
}
END_TEST

START_TEST(nested_namespaces_stay_inside)
{
	for (long depth = 1; depth <= 3; depth++) {
		ck_assert_int_eq(player_do(tree, DEED_NESTED_READ, alice_file, depth), 0);
		ck_assert_int_eq(player_do(tree, DEED_NESTED_READ, server_file, depth), -EACCES);
	}
	ck_assert_int_eq(player_do(tree, DEED_RUN, "unshare\n-U\n-r\ntrue\n", 0), 0);
	/* outside it changes nothing */
	ck_assert_int_eq(player_do(s, DEED_NESTED_READ, server_file, 2), 0);
	ck_assert_int_eq(player_do(s, DEED_NESTED_READ, alice_file, 2), -EACCES);
}
END_TEST

START_TEST(inside_nobody_becomes_another)
{
	int32_t other = grant(b, &server, GUISE_IMPERSONATE, 600);
	long ring = player_do(tree, DEED_RING, NULL, 0);
	char words[64];

	ck_assert_int_lt(player_do(tree, DEED_IMPERSONATE, NULL, other), 0);
	check_is_alice(tree);
	ck_assert_int_eq(player_do(tree, DEED_RING_PERM, NULL, KEY_RING_PERM), 0);
	ck_assert_int_eq(player_do(tree, DEED_ANNOUNCE, share_path(share, ""), ring), -EACCES);
	ck_assert_int_eq(player_do(tree, DEED_ANNOUNCE_TREE, share_path(share, ""), other),
			 -EACCES);
	ck_assert(share_log_contains(share, "reason=tree-inside "));
	snprintf(words, sizeof(words), "%s\nrun\n--token\n%d\ntrue\n", guise_program(), other);
	ck_assert_int_eq(player_do(tree, DEED_RUN, words, 0), 125);
	ck_assert_int_eq(player_do(tree, DEED_REVERT, NULL, 0), 0);
	check_is_alice(tree);
	/* one's own consent, too, is for another account than the tree's */
	ck_assert_int_eq(reads(tree, bob_file), -EACCES);
}
END_TEST

START_TEST(outside_nobody_can_be_confined_by_announcing)
{
	ck_assert_int_eq(player_do(s, DEED_ANNOUNCE_TREE, share_path(share, ""), alice_token),
			 -EACCES);
	ck_assert(share_log_contains(share, "reason=tree-no-namespace "));
	check_is_server(s);
}
END_TEST

START_TEST(revocation_cuts_the_tree_off)
{
	struct player *daemon = player_start_daemon(tree);
	long handle = player_do(tree, DEED_OPEN, alice_file, O_RDONLY);

	check_is_alice(daemon);
	ck_assert_int_ge(handle, 0);
	ck_assert_int_eq(player_do(a, DEED_REVOKE, NULL, alice_token), 0);
	check_refused(share, tree, alice_file, -EKEYREVOKED, "key-revoked");
	check_refused(share, daemon, alice_file, -EKEYREVOKED, "key-revoked");
	check_refused(share, tree, server_file, -EKEYREVOKED, "key-revoked");
	ck_assert_int_eq(player_do(tree, DEED_NESTED_READ, server_file, 1), -EKEYREVOKED);
	ck_assert_int_eq(player_do(tree, DEED_READ_FD, NULL, handle), 1);
	check_is_server(s);
	player_end(daemon);
}
END_TEST

START_TEST(an_invalidated_token_is_gone)
{
	ck_assert_int_eq(player_do(a, DEED_INVALIDATE, NULL, alice_token), 0);
	check_refused(share, tree, alice_file, -ENOKEY, "key-gone");
	check_refused(share, tree, server_file, -ENOKEY, "key-gone");
	check_is_server(s);
}
END_TEST

START_TEST(trees_of_two_clients)
{
	int32_t token = grant(b, &server, GUISE_IMPERSONATE, 600);
	struct player *other = player_start_confined(&server, token);

	for (int i = 0; i < 20; i++) {
		check_is_alice(tree);
		ck_assert_int_eq(reads(other, bob_file), 0);
		ck_assert_int_eq(reads(other, alice_file), -EACCES);
		ck_assert_int_eq(reads(other, server_file), -EACCES);
		check_is_server(s);
	}
	ck_assert_int_eq(player_do(b, DEED_REVOKE, NULL, token), 0);
	check_refused(share, other, bob_file, -EKEYREVOKED, "key-revoked");
	check_is_alice(tree);
	player_end(other);
}
END_TEST

START_TEST(identify_level_opens_nothing)
{
	struct player *other =
		player_start_confined(&server, grant(a, &server, GUISE_IDENTIFY, 600));

	check_refused(share, other, alice_file, -EACCES, "token-level");
	check_refused(share, other, server_file, -EACCES, "token-level");
	ck_assert_str_eq(whoami_word(other, alice_file, "user"), sid_of(&alice));
	player_end(other);
}
END_TEST

START_TEST(a_daemon_that_ended_leaves_nobody_free)
{
	share_remount(share, NULL);
	ck_assert_int_lt(reads(tree, server_file), 0);
	check_is_server(s);
}
END_TEST

/* `guise run WORDS` by the server account; returns its exit status. */
static int run_status(const char *token, const char *words)
{
	char text[256];

	snprintf(text, sizeof(text), "%s\nrun\n--token\n%s\n--\n%s", guise_program(), token, words);
	return (int)player_do(s, DEED_RUN, text, 0);
}

START_TEST(exit_statuses)
{
	char token[16], text[256];

	snprintf(token, sizeof(token), "%" PRId32, alice_token);
	ck_assert_int_eq(run_status(token, "true\n"), 0);
	ck_assert_int_eq(run_status(token, "sh\n-c\nexit 7\n"), 7);
	ck_assert_int_eq(run_status(token, "sh\n-c\nkill -KILL $$\n"), 128 + SIGKILL);
	ck_assert_int_eq(run_status(token, "/nonexistent/program\n"), 127);
	ck_assert_int_eq(run_status(token, "no-such-program-anywhere\n"), 127);
	ck_assert_int_eq(run_status(token, "/etc/passwd\n"), 126);
	ck_assert_int_eq(run_status(token, "/tmp\n"), 126);
	ck_assert_int_eq(run_status(token, ""), 125);
	ck_assert_int_eq(run_status("0", "true\n"), 125);
	ck_assert_int_eq(run_status("x", "true\n"), 125);
	ck_assert_int_eq(run_status("2147483647", "true\n"), 125);
	snprintf(token, sizeof(token), "%ld", player_do(s, DEED_RING, NULL, 0));
	ck_assert_int_eq(run_status(token, "true\n"), 125);
	snprintf(text, sizeof(text), "%s\nrun\n--\ntrue\n", guise_program());
	ck_assert_int_eq(player_do(s, DEED_RUN, text, 0), 125);
	ck_assert_int_eq(player_do(a, DEED_REVOKE, NULL, alice_token), 0);
	snprintf(token, sizeof(token), "%" PRId32, alice_token);
	ck_assert_int_eq(run_status(token, "true\n"), 125);
}
END_TEST

static bool copy_suid(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	ssize_t length = -1;
	char bytes[65536];

	while (in >= 0 && out >= 0 && (length = read(in, bytes, sizeof(bytes))) > 0) {
		if (write(out, bytes, (size_t)length) != length)
			return false;
	}
	return length == 0 && fchmod(out, 04755) == 0 && close(in) == 0 && close(out) == 0;
}

/* `PROGRAM FILE` by @player; returns the exit status. */
static long run_on(struct player *player, const char *program, const char *file)
{
	char words[512];

	snprintf(words, sizeof(words), "sh\n-c\n%s %s >/dev/null 2>&1\n", program, file);
	return player_do(player, DEED_RUN, words, 0);
}

START_TEST(setuid_programs_gain_nothing)
{
	char folder[] = "/tmp/guisefs-test.XXXXXX", program[64];
	long outside, on_bob, on_server, on_alice;
	struct statvfs place;

	ck_assert(mkdtemp(folder) && chmod(folder, 0711) == 0);
	snprintf(program, sizeof(program), "%s/cat", folder);
	ck_assert(copy_suid("/bin/cat", program) && statvfs(folder, &place) == 0);
	outside = run_on(s, program, bob_file);
	on_bob = run_on(tree, program, bob_file);
	on_server = run_on(tree, program, server_file);
	on_alice = run_on(tree, program, alice_file);
	/* before anything can fail: it must not stay */
	ck_assert(unlink(program) == 0 && rmdir(folder) == 0);
	/* outside it is root, whose backup privilege reads everything */
	if (!(place.f_flag & ST_NOSUID))
		ck_assert_int_eq(outside, 0);
	ck_assert_int_eq(on_bob, 1);
	ck_assert_int_eq(on_server, 1);
	ck_assert_int_eq(on_alice, 0);
}
END_TEST

/* The marks that are about the tree's token key. */
static unsigned int marks(void)
{
	char part[48];

	snprintf(part, sizeof(part), "%" PRId32 " %u ", alice_token, alice.uid);
	return registry_count("guise:trees", "guise:tree:", part);
}

START_TEST(marks_go_with_their_trees)
{
	check_is_alice(tree);
	ck_assert_uint_eq(marks(), 1);
	player_end(tree);
	for (int i = 0; i < 140 && marks(); i++)
		usleep(500000);
	ck_assert_uint_eq(marks(), 0);
	/* whoever gets the namespace's number next is nobody's tree */
	for (int i = 0; i < 200; i++)
		ck_assert_int_eq(player_do(s, DEED_NESTED_READ, server_file, 1), 0);
	tree = player_start_confined(&server, alice_token);
	check_is_alice(tree);
}
END_TEST

static void tests_add(TCase *tcase)
{
	tcase_add_test(tcase, children_act_as_the_client);
	tcase_add_test(tcase, shells_act_as_the_client);
	tcase_add_test(tcase, io_uring_acts_as_the_client);
	tcase_add_test(tcase, daemons_act_as_the_client);
	tcase_add_test(tcase, nested_namespaces_stay_inside);
	tcase_add_test(tcase, inside_nobody_becomes_another);
	tcase_add_test(tcase, outside_nobody_can_be_confined_by_announcing);
	tcase_add_test(tcase, revocation_cuts_the_tree_off);
	tcase_add_test(tcase, an_invalidated_token_is_gone);
	tcase_add_test(tcase, trees_of_two_clients);
	tcase_add_test(tcase, identify_level_opens_nothing);
	tcase_add_test(tcase, a_daemon_that_ended_leaves_nobody_free);
	tcase_add_test(tcase, exit_statuses);
	tcase_add_test(tcase, setuid_programs_gain_nothing);
	tcase_add_test(tcase, marks_go_with_their_trees);
}

int main(int argc, char **argv)
{
	Suite *suite = suite_create("run");
	TCase *tcase = tcase_create("run");

	/* execvp(3) tells "not found" only if all folders can be searched by the accounts */
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	tcase_set_timeout(tcase, 90);
	tcase_add_checked_fixture(tcase, begin, end);
	tests_add(tcase);
	suite_add_tcase(suite, tcase);
	return cast_run(argc, argv, suite);
}
