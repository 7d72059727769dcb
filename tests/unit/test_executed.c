/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A program that a server executes in its own place is not the server, whichever of its
 * threads executed it, until it announces itself.
 *
 * Puppets are processes that run this very program and do what a test tells them.  In a user
 * namespace of the test's own, whose root has a registry of its own.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keyring/caller.h"
#include "keyring/key.h"
#include "keyring/resolve.h"
#include "keyring/ring.h"

enum order {
	ORDER_RING,        /* the first thread opens its keyring */
	ORDER_KEEP,        /* and a file, which outlives the program and keeps the ring */
	ORDER_THREAD,      /* another thread, which waits */
	ORDER_RING_THREAD, /* one with an open keyring */
	ORDER_EXEC,        /* the first thread executes this program anew */
	ORDER_EXEC_THREAD, /* another thread does */
	ORDER_FORK,        /* a process that waits */
	ORDER_LOSE_FIRST,  /* the first thread ends, another one obeys from then on */
	ORDER_NAME,        /* another name for the first thread */
};

/* What a puppet answers: the thread that it is about, and its keyring. */
struct answer {
	pid_t tid;
	int32_t ring;
};

struct puppet {
	pid_t pid;
	int socket;
};

static struct resolver *resolver;
static struct puppet puppet;

/* ---- in a puppet ---- */

static int32_t own_ring(void)
{
	int32_t ring = keyctl_get_keyring_ID(KEY_SPEC_THREAD_KEYRING, 1);

	return keyctl_setperm(ring, KEY_RING_PERM) == 0 ? ring : -1;
}

static pthread_barrier_t ready;

static void *wait_for_ever(void *argument)
{
	struct answer *answer = argument;

	answer->tid = gettid();
	if (answer->ring)
		answer->ring = own_ring();
	pthread_barrier_wait(&ready);
	for (;;)
		pause();
	return NULL;
}

static void thread_start(struct answer *answer)
{
	pthread_t thread;

	pthread_barrier_init(&ready, NULL, 2);
	if (pthread_create(&thread, NULL, wait_for_ever, answer) != 0)
		_exit(71);
	pthread_barrier_wait(&ready);
}

static void *execute(void *argument)
{
	const int *fd = argument;
	char number[16];

	snprintf(number, sizeof(number), "%d", *fd);
	execl("/proc/thread-self/exe", "puppet", number, (char *)NULL);
	_exit(72);
}

static void execute_elsewhere(int *fd)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, execute, fd) != 0)
		_exit(73);
	for (;;)
		pause();
}

static void obey(int fd);

static void *obey_elsewhere(void *argument)
{
	const int *fd = argument;

	obey(*fd);
	return NULL;
}

static void lose_first(int *fd)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, obey_elsewhere, fd) != 0)
		_exit(74);
	pthread_exit(NULL);
}

static pid_t child_start(int fd)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	/* as long as the puppet is there */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(fd);
	for (;;)
		pause();
}

static void carry_out(enum order order, int *fd, struct answer *answer)
{
	answer->tid = gettid();
	answer->ring = order == ORDER_RING_THREAD;
	switch (order) {
	case ORDER_RING:
	case ORDER_KEEP:
		answer->ring = own_ring();
		if (order == ORDER_KEEP && open("/dev/null", O_RDONLY) < 0) /* for the program */
			_exit(75);
		break;
	case ORDER_THREAD:
	case ORDER_RING_THREAD:
		thread_start(answer);
		break;
	case ORDER_EXEC:
		execute(fd);
		break;
	case ORDER_EXEC_THREAD:
		execute_elsewhere(fd);
		break;
	case ORDER_FORK:
		answer->tid = child_start(*fd);
		break;
	case ORDER_LOSE_FIRST:
		lose_first(fd);
		break;
	case ORDER_NAME:
		prctl(PR_SET_NAME, ") R 1 (x");
		break;
	default:
		break;
	}
}

static void obey(int fd)
{
	struct answer answer = {gettid(), 0};
	enum order order;

	/* it is ready */
	if (send(fd, &answer, sizeof(answer), MSG_NOSIGNAL) < 0)
		_exit(76);
	while (recv(fd, &order, sizeof(order), 0) == (ssize_t)sizeof(order)) {
		carry_out(order, &fd, &answer);
		if (send(fd, &answer, sizeof(answer), MSG_NOSIGNAL) < 0)
			break;
	}
	_exit(0);
}

/* "puppet FD" */
static void obey_if_asked(int argc, char **argv)
{
	if (argc != 2 || strcmp(argv[0], "puppet") != 0)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	obey((int)strtol(argv[1], NULL, 10));
}

/* ---- in the test ---- */

static struct answer answer_of(const struct puppet *of)
{
	struct answer answer;

	ck_assert_int_eq(recv(of->socket, &answer, sizeof(answer), 0), (ssize_t)sizeof(answer));
	return answer;
}

static struct answer tell(enum order order)
{
	ck_assert_int_eq(send(puppet.socket, &order, sizeof(order), MSG_NOSIGNAL),
			 (ssize_t)sizeof(order));
	return answer_of(&puppet);
}

static void puppet_start(void)
{
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	puppet.socket = pair[0];
	puppet.pid = fork();
	ck_assert_int_ge(puppet.pid, 0);
	if (puppet.pid == 0) {
		close(pair[0]);
		execute(&pair[1]);
	}
	close(pair[1]);
	answer_of(&puppet);
}

static void file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static struct resolver *resolver_new(void)
{
	struct resolver_options options = {0};
	struct resolver *made;

	ck_assert_int_eq(resolver_create(&options, &made), 0);
	return made;
}

static void setup(void)
{
	ck_assert_int_eq(unshare(CLONE_NEWUSER), 0);
	file_write("/proc/self/uid_map", "0 0 1");
	file_write("/proc/self/setgroups", "deny");
	file_write("/proc/self/gid_map", "0 0 1");
	resolver = resolver_new();
	puppet_start();
}

static void teardown(void)
{
	kill(puppet.pid, SIGKILL);
	waitpid(puppet.pid, NULL, 0);
	close(puppet.socket);
	resolver_destroy(resolver);
}

/* Why @tid is refused; REASON_NONE if it acts as itself. */
static enum guise_reason reason_of(pid_t tid)
{
	struct caller caller = {tid, 0, 0};
	const struct token *token;
	struct refusal refusal;
	int error = resolver_token(resolver, &caller, false, &token, &refusal);

	token_unref(token);
	ck_assert_int_eq(error, reason_errno(refusal.reason));
	return refusal.reason;
}

static void check(pid_t tid, enum guise_reason reason)
{
	enum guise_reason found = reason_of(tid);

	ck_assert_msg(found == reason, "%s, not %s", reason_name(found), reason_name(reason));
}

static enum guise_reason announces(struct answer thread)
{
	struct caller caller = {thread.tid, 0, 0};
	struct refusal refusal;

	ck_assert_int_gt(thread.ring, 0);
	resolver_announce_thread(resolver, &caller, thread.ring, &refusal);
	return refusal.reason;
}

/* A thread with a keyring, which it announced. */
static pid_t announced(enum order order)
{
	struct answer thread = tell(order);

	ck_assert_int_eq(announces(thread), REASON_NONE);
	return thread.tid;
}

static void entry_name(char name[64], const char *kind)
{
	uint64_t space;

	ck_assert_int_eq(caller_pid_namespace(&space), 0);
	snprintf(name, 64, "guise:%s:%" PRIu64 ":%d", kind, space, (int)puppet.pid);
}

/* Writes the puppet's entry of @kind anew, @start later and with @last as its last number. */
static void entry_write(const char *kind, int start, int32_t last)
{
	char name[64], text[RING_ENTRY_MAX];
	struct caller_stat stat;

	ck_assert_int_eq(caller_stat(puppet.pid, &stat), 0);
	entry_name(name, kind);
	snprintf(text, sizeof(text), "%" PRIu64 " %d %" PRId32, stat.start + (uint64_t)start,
		 (int)puppet.pid, last);
	ck_assert_int_gt(ring_entry_write(ring_open(RING_THREADS), name, text), 0);
}

static int32_t entry_of(const char *kind)
{
	char name[64];

	entry_name(name, kind);
	return ring_find(ring_open(RING_THREADS), name);
}

static int32_t image_of(pid_t tid)
{
	struct caller_stat stat;

	ck_assert_int_eq(caller_stat(tid, &stat), 0);
	return stat.image;
}

/* The thread that obeys from then on. */
static pid_t lose_first_thread(void)
{
	pid_t later = tell(ORDER_LOSE_FIRST).tid;

	for (int i = 0; i < 3000 && image_of(puppet.pid); i++)
		usleep(10000);
	ck_assert_int_eq(image_of(puppet.pid), 0);
	return later;
}

/* ---- what execve(2) leaves behind ---- */

START_TEST(a_program_that_another_thread_executes_is_refused)
{
	announced(ORDER_RING_THREAD);
	check(puppet.pid, REASON_NONE);
	ck_assert_int_eq(tell(ORDER_EXEC_THREAD).tid, puppet.pid);
	check(puppet.pid, REASON_PROCESS_EXECUTED);
	check(tell(ORDER_THREAD).tid, REASON_PROCESS_EXECUTED);
}
END_TEST

START_TEST(a_program_that_the_first_thread_executes_is_refused)
{
	announced(ORDER_RING_THREAD);
	tell(ORDER_EXEC);
	check(puppet.pid, REASON_PROCESS_EXECUTED);
	check(tell(ORDER_THREAD).tid, REASON_PROCESS_EXECUTED);
}
END_TEST

/*
 * Its own ring, which is empty, goes with it or, where the kernel keeps it with the program,
 * does not count; threads that the program starts have none.
 */
START_TEST(what_an_announced_first_thread_executes_is_refused)
{
	enum guise_reason found;
	pid_t later;

	announced(ORDER_RING);
	tell(ORDER_EXEC);
	later = tell(ORDER_THREAD).tid;
	check(later, REASON_PROCESS_EXECUTED);
	found = reason_of(puppet.pid);
	ck_assert(found == REASON_PROCESS_EXECUTED || found == REASON_RING_GONE);
	announced(ORDER_RING);
	check(puppet.pid, REASON_NONE);
	check(later, REASON_NONE);
}
END_TEST

/*
 * An open file keeps the first thread's ring, with what it holds.  That may be nothing, and
 * then it looks like the server's.  To a daemon that comes later as well.
 */
START_TEST(a_ring_that_outlives_the_program_does_not_count)
{
	struct answer later;

	announced(ORDER_KEEP);
	announced(ORDER_RING_THREAD);
	check(puppet.pid, REASON_NONE);
	tell(ORDER_EXEC_THREAD);
	for (int i = 0; i < 2; i++) {
		check(puppet.pid, REASON_PROCESS_EXECUTED);
		resolver_destroy(resolver);
		resolver = resolver_new();
	}
	/* nor if another thread of the new program announces itself */
	later = tell(ORDER_RING_THREAD);
	ck_assert_int_eq(announces(later), REASON_NONE);
	check(later.tid, REASON_NONE);
	for (int i = 0; i < 2; i++) {
		check(puppet.pid, REASON_PROCESS_EXECUTED);
		resolver_destroy(resolver);
		resolver = resolver_new();
	}
	announced(ORDER_RING);
	check(puppet.pid, REASON_NONE);
	check(tell(ORDER_THREAD).tid, REASON_NONE);
}
END_TEST

START_TEST(an_announcement_makes_the_program_a_server)
{
	pid_t later;

	announced(ORDER_RING_THREAD);
	for (int i = 0; i < 3; i++) {
		tell(ORDER_EXEC_THREAD);
		check(puppet.pid, REASON_PROCESS_EXECUTED);
		announced(ORDER_RING_THREAD);
		later = tell(ORDER_THREAD).tid;
		check(puppet.pid, REASON_NONE);
		check(later, REASON_NONE);
	}
}
END_TEST

/* The same program executed in the same way: each time it is told from the one before. */
START_TEST(hundreds_of_executions_are_told_apart)
{
	int32_t images[300];

	for (int i = 0; i < 300; i++) {
		images[i] = image_of(puppet.pid);
		ck_assert_int_gt(images[i], 0);
		for (int j = 0; j < i; j++)
			ck_assert_int_ne(images[i], images[j]);
		announced(ORDER_RING_THREAD);
		check(puppet.pid, REASON_NONE);
		tell(i % 2 ? ORDER_EXEC_THREAD : ORDER_EXEC);
		check(puppet.pid, REASON_PROCESS_EXECUTED);
	}
}
END_TEST

START_TEST(forked_children_are_not_concerned)
{
	announced(ORDER_RING_THREAD);
	check(tell(ORDER_FORK).tid, REASON_NONE);
	tell(ORDER_EXEC_THREAD);
	check(tell(ORDER_FORK).tid, REASON_NONE);
	check(puppet.pid, REASON_PROCESS_EXECUTED);
}
END_TEST

START_TEST(a_process_that_never_announced_itself_may_execute)
{
	/* the registry is not empty, and this test's own process is in it */
	struct answer own = {gettid(), own_ring()};

	ck_assert_int_eq(announces(own), REASON_NONE);
	tell(ORDER_EXEC_THREAD);
	check(puppet.pid, REASON_NONE);
	check(tell(ORDER_THREAD).tid, REASON_NONE);
}
END_TEST

/* ---- what is none of it ---- */

START_TEST(time_and_names_change_no_image)
{
	int32_t image = image_of(puppet.pid);
	pid_t later;

	announced(ORDER_RING_THREAD);
	tell(ORDER_NAME);
	later = tell(ORDER_THREAD).tid;
	ck_assert_int_eq(image_of(puppet.pid), image);
	ck_assert_int_eq(image_of(later), image);
	check(puppet.pid, REASON_NONE);
	check(later, REASON_NONE);
}
END_TEST

START_TEST(a_process_whose_first_thread_ended_goes_on)
{
	pid_t later;

	announced(ORDER_RING_THREAD);
	later = lose_first_thread();
	ck_assert_int_ne(later, puppet.pid);
	check(later, REASON_NONE);
	check(tell(ORDER_THREAD).tid, REASON_NONE);
	tell(ORDER_EXEC_THREAD);
	check(puppet.pid, REASON_PROCESS_EXECUTED);
}
END_TEST

START_TEST(an_id_used_again_is_another_process)
{
	announced(ORDER_RING_THREAD);
	entry_write("process", -1, 1);
	check(puppet.pid, REASON_NONE);
	ck_assert_int_eq(entry_of("process"), 0);
	/* and if it announces itself the entry is its own */
	entry_write("process", -1, image_of(puppet.pid));
	announced(ORDER_RING_THREAD);
	tell(ORDER_EXEC_THREAD);
	check(puppet.pid, REASON_PROCESS_EXECUTED);
}
END_TEST

/* ---- what cannot be told ---- */

START_TEST(what_an_older_daemon_recorded_suits_no_image)
{
	announced(ORDER_RING_THREAD);
	entry_write("process", 0, 0);
	check(puppet.pid, REASON_PROCESS_EXECUTED);
	announced(ORDER_RING_THREAD);
	check(puppet.pid, REASON_NONE);
	/* the same of the first thread */
	announced(ORDER_RING);
	check(puppet.pid, REASON_NONE);
	ring_entry_remove(ring_open(RING_THREADS), entry_of("first"));
	resolver_destroy(resolver);
	resolver = resolver_new();
	check(puppet.pid, REASON_PROCESS_EXECUTED);
	announced(ORDER_RING);
	check(puppet.pid, REASON_NONE);
}
END_TEST

/* Not even that of a thread which has none, as one that has ended. */
START_TEST(nothing_suits_no_image)
{
	announced(ORDER_RING);
	announced(ORDER_RING_THREAD);
	ring_entry_remove(ring_open(RING_THREADS), entry_of("first"));
	resolver_destroy(resolver);
	resolver = resolver_new();
	lose_first_thread();
	check(puppet.pid, REASON_PROCESS_EXECUTED);
	ring_entry_remove(ring_open(RING_THREADS), entry_of("thread"));
	resolver_destroy(resolver);
	resolver = resolver_new();
	check(puppet.pid, REASON_PROCESS_EXECUTED);
	entry_write("process", 0, 0);
	check(puppet.pid, REASON_PROCESS_EXECUTED);
}
END_TEST

/* What older daemons read, who take three numbers and look at the first. */
START_TEST(entries_are_such_as_older_daemons_read)
{
	static const char *const kinds[] = {"process", "first", "others"};
	struct caller_stat stat;

	announced(ORDER_RING);
	announced(ORDER_RING_THREAD);
	ck_assert_int_eq(caller_stat(puppet.pid, &stat), 0);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		char text[RING_ENTRY_MAX], wanted[RING_ENTRY_MAX];

		ck_assert_int_eq(ring_entry_read(entry_of(kinds[i]), text), 0);
		snprintf(wanted, sizeof(wanted), "%" PRIu64 " %d %" PRId32, stat.start,
			 (int)puppet.pid, stat.image);
		ck_assert_str_eq(text, wanted);
	}
}
END_TEST

/* A thread of the kernel's has no image, and another user's program shows none. */
START_TEST(who_has_no_image_cannot_announce_itself)
{
	struct answer kernel = {2, own_ring()};
	struct caller_stat stat;

	/* in a pid namespace of its own that is somebody else */
	if (caller_stat(2, &stat) == 0 && stat.image == 0)
		ck_assert_int_eq(announces(kernel), REASON_CALLER_GONE);
	/* the init of the host, of whom this namespace's root may not know */
	ck_assert_int_eq(image_of(1), 0);
	kernel.tid = 1;
	ck_assert_int_eq(announces(kernel), REASON_CALLER_GONE);
}
END_TEST

START_TEST(broken_entries_are_refused)
{
	static const char *const kinds[] = {"process", "first", "others"};
	const char *kind = kinds[_i];

	announced(ORDER_RING_THREAD);
	entry_write(kind, 0, -1);
	ck_assert_int_eq(announces(tell(ORDER_RING)),
			 strcmp(kind, "others") == 0 ? REASON_NONE : REASON_REGISTRY_BROKEN);
	ck_assert_int_eq(announces(tell(ORDER_RING_THREAD)),
			 strcmp(kind, "first") == 0 ? REASON_NONE : REASON_REGISTRY_BROKEN);
	if (strcmp(kind, "process") == 0)
		check(puppet.pid, REASON_REGISTRY_BROKEN);
}
END_TEST

/* ---- housekeeping ---- */

/* A daemon that starts sweeps at once. */
START_TEST(housekeeping_keeps_the_living_and_forgets_the_ended)
{
	static const char *const kinds[] = {"process", "first", "others"};

	announced(ORDER_RING);
	announced(ORDER_RING_THREAD);
	tell(ORDER_EXEC_THREAD);
	resolver_housekeep(resolver);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		ck_assert_int_gt(entry_of(kinds[i]), 0);
	check(tell(ORDER_THREAD).tid, REASON_PROCESS_EXECUTED);
	kill(puppet.pid, SIGKILL);
	waitpid(puppet.pid, NULL, 0);
	resolver_destroy(resolver);
	resolver = resolver_new();
	resolver_housekeep(resolver);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		ck_assert_int_eq(entry_of(kinds[i]), 0);
	puppet_start();
}
END_TEST

static void tests_add(TCase *tests)
{
	tcase_add_test(tests, a_program_that_another_thread_executes_is_refused);
	tcase_add_test(tests, a_program_that_the_first_thread_executes_is_refused);
	tcase_add_test(tests, what_an_announced_first_thread_executes_is_refused);
	tcase_add_test(tests, a_ring_that_outlives_the_program_does_not_count);
	tcase_add_test(tests, an_announcement_makes_the_program_a_server);
	tcase_add_test(tests, hundreds_of_executions_are_told_apart);
	tcase_add_test(tests, forked_children_are_not_concerned);
	tcase_add_test(tests, a_process_that_never_announced_itself_may_execute);
	tcase_add_test(tests, time_and_names_change_no_image);
	tcase_add_test(tests, a_process_whose_first_thread_ended_goes_on);
	tcase_add_test(tests, an_id_used_again_is_another_process);
	tcase_add_test(tests, what_an_older_daemon_recorded_suits_no_image);
	tcase_add_test(tests, nothing_suits_no_image);
	tcase_add_test(tests, entries_are_such_as_older_daemons_read);
	tcase_add_test(tests, who_has_no_image_cannot_announce_itself);
	tcase_add_loop_test(tests, broken_entries_are_refused, 0, 3);
	tcase_add_test(tests, housekeeping_keeps_the_living_and_forgets_the_ended);
}

int main(int argc, char **argv)
{
	Suite *suite = suite_create("executed");
	TCase *tests = tcase_create("programs");
	SRunner *runner;
	int failed;

	obey_if_asked(argc, argv);
	if (geteuid() != 0) {
		puts("19 tests skipped: they need root");
		return 77;
	}
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_set_timeout(tests, 90);
	tests_add(tests);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
