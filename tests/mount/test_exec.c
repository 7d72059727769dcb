/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Programs that a server executes in its own place: the kernel gives them the id of the
 * server's first thread, and the mount refuses them until they say that they are a server.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keyring/guise.h"
#include "tests/mount/cast.h"

#define REFUSED "process-executed"

static struct share *share;
static struct player *a, *s; /* alice, the server */
static char alice_file[256], server_file[256];

static void private_file(char path[256], const char *name, const struct person *person)
{
	snprintf(path, 256, "%s", share_path(share, name));
	put_file(path, name);
	sddl_set(path, "O:%sD:P(A;;FA;;;%s)", sid_of(person), sid_of(person));
}

static void begin(void)
{
	share = share_open(NULL);
	sddl_set(share_path(share, ""), "D:(A;;FRFX;;;WD)");
	private_file(alice_file, "alice", &alice);
	private_file(server_file, "server", &server);
	a = player_start(&alice);
	s = player_start(&server);
}

static void end(void)
{
	player_do(a, DEED_CLEAR, NULL, 0);
	player_do(s, DEED_CLEAR, NULL, 0);
	player_end(a);
	player_end(s);
	share_close(share);
}

static long does(enum deed deed, const char *text, long number)
{
	return player_do(s, deed, text, number);
}

static int32_t consent(void)
{
	return grant(a, &server, GUISE_IMPERSONATE, 600);
}

/* Another thread acts as alice and executes. */
static void executes(int32_t serial)
{
	ck_assert_int_eq(does(DEED_EXEC_THREAD, NULL, serial), 0);
}

static void check_itself(void)
{
	ck_assert_int_eq(does(DEED_READ, server_file, 0), 0);
	ck_assert_int_eq(does(DEED_READ, alice_file, 0), -EACCES);
	ck_assert_int_eq(does(DEED_THREAD_READ, server_file, 0), 0);
	ck_assert_int_eq(does(DEED_ASSERT_SELF, NULL, 0), 0);
}

/* Where the first thread had announced itself its ring may be gone already, or not count. */
static unsigned int refusals(void)
{
	return share_log_count(share, "reason=" REFUSED " ") +
	       share_log_count(share, "reason=ring-gone ");
}

static void check_nobody(void)
{
	unsigned int before = refusals();

	ck_assert_int_eq(does(DEED_READ, server_file, 0), -EACCES);
	ck_assert_int_eq(does(DEED_READ, alice_file, 0), -EACCES);
	ck_assert_uint_eq(refusals(), before + 2);
	ck_assert_int_eq(does(DEED_WRITE, server_file, 0), -EACCES);
	ck_assert_int_eq(does(DEED_WHOAMI, server_file, 0), -EACCES);
}

/* The same of threads that the program starts. */
static void check_threads_refused(void)
{
	unsigned int before = share_log_count(share, "reason=" REFUSED " ");

	ck_assert_int_eq(does(DEED_THREAD_READ, server_file, 0), -EACCES);
	ck_assert_int_eq(does(DEED_THREAD_READ, alice_file, 0), -EACCES);
	ck_assert_uint_eq(share_log_count(share, "reason=" REFUSED " "), before + 2);
}

START_TEST(what_another_thread_executes_is_nobody)
{
	int32_t serial = consent();

	check_itself();
	executes(serial);
	check_nobody();
	check_threads_refused();
	/* there is nothing that this could undo */
	ck_assert_int_eq(does(DEED_REVERT, NULL, 0), 0);
	check_nobody();
	/* what it executes itself is no more than it is */
	ck_assert_int_eq(does(DEED_EXEC, NULL, 0), 0);
	check_nobody();
	ck_assert_int_eq(does(DEED_EXEC_THREAD, NULL, 0), 0);
	check_nobody();
}
END_TEST

START_TEST(the_first_threads_ring_makes_nobody_the_server)
{
	int32_t serial = consent();

	/* a file that stays open keeps the ring, which is empty */
	ck_assert_int_eq(does(DEED_IMPERSONATE, NULL, serial), 0);
	ck_assert_int_eq(does(DEED_REVERT, NULL, 0), 0);
	ck_assert_int_gt(does(DEED_OPEN, "/dev/null", O_RDONLY), 0);
	check_itself();
	executes(serial);
	check_nobody();
	check_threads_refused();
	ck_assert_int_eq(does(DEED_ANNOUNCE_SELF, NULL, 0), 0);
	check_itself();
}
END_TEST

/* While the first thread acts as one client, what is executed is not the other, either. */
START_TEST(the_first_threads_client_is_left_behind)
{
	int32_t serial = consent();

	ck_assert_int_eq(does(DEED_IMPERSONATE, NULL, serial), 0);
	ck_assert_int_gt(does(DEED_OPEN, "/dev/null", O_RDONLY), 0);
	ck_assert_int_eq(does(DEED_READ, alice_file, 0), 0);
	executes(serial);
	check_nobody();
	check_threads_refused();
}
END_TEST

/* Its ring is gone or does not count; which it is, is the kernel's matter. */
START_TEST(what_a_reverted_first_thread_executes_is_nobody)
{
	ck_assert_int_eq(does(DEED_IMPERSONATE, NULL, consent()), 0);
	ck_assert_int_eq(does(DEED_REVERT, NULL, 0), 0);
	check_itself();
	ck_assert_int_eq(does(DEED_EXEC, NULL, 0), 0);
	ck_assert_int_eq(does(DEED_READ, server_file, 0), -EACCES);
	ck_assert_int_eq(does(DEED_WHOAMI, server_file, 0), -EACCES);
	check_threads_refused();
	ck_assert_int_eq(does(DEED_ANNOUNCE_SELF, NULL, 0), 0);
	check_itself();
}
END_TEST

START_TEST(threads_of_what_the_first_thread_executes_are_nobody)
{
	ck_assert_int_eq(does(DEED_IMPERSONATE, NULL, consent()), 0);
	ck_assert_int_eq(does(DEED_EXEC, NULL, 0), 0);
	ck_assert_int_eq(does(DEED_READ, server_file, 0), -EACCES);
	check_threads_refused();
}
END_TEST

START_TEST(a_program_that_announces_itself_is_the_server_again)
{
	int32_t serial = consent();

	for (int i = 0; i < 3; i++) {
		executes(serial);
		check_nobody();
		ck_assert_int_eq(does(DEED_ANNOUNCE_SELF, NULL, 0), 0);
		check_itself();
		/* again changes nothing */
		ck_assert_int_eq(does(DEED_ANNOUNCE_SELF, NULL, 0), 0);
		check_itself();
	}
	ck_assert_int_eq(does(DEED_IMPERSONATE, NULL, serial), 0);
	ck_assert_int_eq(does(DEED_READ, alice_file, 0), 0);
	ck_assert_int_eq(does(DEED_READ, server_file, 0), -EACCES);
	ck_assert_int_eq(does(DEED_THREAD_READ, server_file, 0), 0);
	/* it reverts, too */
	ck_assert_int_eq(does(DEED_ANNOUNCE_SELF, NULL, 0), 0);
	check_itself();
	ck_assert_int_eq(does(DEED_IMPERSONATE, NULL, serial), 0);
	ck_assert_int_eq(does(DEED_EXEC, NULL, 0), 0);
	ck_assert_int_eq(does(DEED_ANNOUNCE_SELF, NULL, 0), 0);
	check_itself();
}
END_TEST

START_TEST(a_program_that_impersonates_is_a_server_again)
{
	int32_t serial = consent();

	executes(serial);
	check_nobody();
	ck_assert_int_eq(does(DEED_IMPERSONATE, NULL, serial), 0);
	ck_assert_int_eq(does(DEED_READ, alice_file, 0), 0);
	ck_assert_int_eq(does(DEED_READ, server_file, 0), -EACCES);
	ck_assert_int_eq(does(DEED_REVERT, NULL, 0), 0);
	check_itself();
}
END_TEST

START_TEST(who_never_was_executed_announces_itself_for_nothing)
{
	ck_assert_int_eq(does(DEED_ANNOUNCE_SELF, NULL, 0), 0);
	check_itself();
	ck_assert_int_eq(player_do(a, DEED_ANNOUNCE_SELF, NULL, 0), 0);
	ck_assert_int_eq(player_do(a, DEED_READ, alice_file, 0), 0);
	ck_assert_int_eq(player_do(a, DEED_READ, server_file, 0), -EACCES);
}
END_TEST

START_TEST(forked_children_are_the_server)
{
	int32_t serial = consent();
	char words[600];

	snprintf(words, sizeof(words), "grep\n-q\nserver\n%s\n", server_file);
	executes(serial);
	check_nobody();
	ck_assert_int_eq(does(DEED_FORK_READ, server_file, 0), 0);
	ck_assert_int_eq(does(DEED_FORK_READ, alice_file, 0), -EACCES);
	ck_assert_int_eq(does(DEED_RUN, words, 0), 0);
	check_nobody();
}
END_TEST

/* Each time it is the same program, with the same arguments. */
START_TEST(hundreds_of_executions_are_nobody)
{
	int32_t serial = consent();

	for (int i = 0; i < 200; i++) {
		executes(serial);
		ck_assert_int_eq(does(DEED_READ, server_file, 0), -EACCES);
		ck_assert_int_eq(does(DEED_READ, alice_file, 0), -EACCES);
	}
	ck_assert_uint_eq(share_log_count(share, "reason=" REFUSED " "), 400);
	ck_assert_int_eq(does(DEED_ANNOUNCE_SELF, NULL, 0), 0);
	check_itself();
}
END_TEST

START_TEST(a_new_daemon_knows_what_was_executed)
{
	executes(consent());
	check_nobody();
	share_remount(share, NULL);
	check_nobody();
	check_threads_refused();
	ck_assert_int_eq(does(DEED_ANNOUNCE_SELF, NULL, 0), 0);
	check_itself();
	share_remount(share, NULL);
	check_itself();
}
END_TEST

START_TEST(callers_in_a_pid_namespace_are_told_apart)
{
	int32_t serial = consent();

	player_end(s);
	s = player_start_in_pid_namespace(&server);
	check_itself();
	executes(serial);
	check_nobody();
	check_threads_refused();
	ck_assert_int_eq(does(DEED_ANNOUNCE_SELF, NULL, 0), 0);
	check_itself();
}
END_TEST

/* ---- programs that know nothing of guisefs ---- */

struct cat {
	int32_t serial;
	const char *path;
};

static void *cat_execute(void *argument)
{
	const struct cat *cat = argument;

	if (guise_impersonate(cat->serial))
		_exit(90);
	execlp("cat", "cat", cat->path, (char *)NULL);
	_exit(91);
}

/* In a process of the server's whose other thread acts as alice: exit status of cat(1). */
static int cat_in_place(int32_t serial, const char *path)
{
	struct cat cat = {serial, path};
	pid_t pid = fork();
	pthread_t thread;
	int status;

	if (pid == 0) {
		if (setgroups(0, NULL) < 0 || setresgid(server.gid, server.gid, server.gid) < 0 ||
		    setresuid(server.uid, server.uid, server.uid) < 0 ||
		    dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO) < 0 ||
		    dup2(STDOUT_FILENO, STDERR_FILENO) < 0 ||
		    pthread_create(&thread, NULL, cat_execute, &cat) != 0)
			_exit(92);
		for (;;)
			pause();
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(ordinary_programs_are_nobody)
{
	int32_t serial = consent();

	ck_assert_int_eq(cat_in_place(serial, server_file), 1);
	ck_assert(share_log_contains(share, "reason=" REFUSED " "));
	ck_assert_int_eq(cat_in_place(serial, alice_file), 1);
	/* and it is no fault of the program's */
	ck_assert_int_eq(cat_in_place(serial, "/dev/null"), 0);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("exec");
	TCase *tcase = tcase_create("programs");

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, what_another_thread_executes_is_nobody);
	tcase_add_test(tcase, the_first_threads_ring_makes_nobody_the_server);
	tcase_add_test(tcase, the_first_threads_client_is_left_behind);
	tcase_add_test(tcase, what_a_reverted_first_thread_executes_is_nobody);
	tcase_add_test(tcase, threads_of_what_the_first_thread_executes_are_nobody);
	tcase_add_test(tcase, a_program_that_announces_itself_is_the_server_again);
	tcase_add_test(tcase, a_program_that_impersonates_is_a_server_again);
	tcase_add_test(tcase, who_never_was_executed_announces_itself_for_nothing);
	tcase_add_test(tcase, forked_children_are_the_server);
	tcase_add_test(tcase, hundreds_of_executions_are_nobody);
	tcase_add_test(tcase, a_new_daemon_knows_what_was_executed);
	tcase_add_test(tcase, callers_in_a_pid_namespace_are_told_apart);
	tcase_add_test(tcase, ordinary_programs_are_nobody);
	suite_add_tcase(suite, tcase);
	return cast_run(argc, argv, suite);
}
