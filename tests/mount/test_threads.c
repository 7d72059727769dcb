/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Many threads at once: each must get the answers of the identity it has at that
 * moment, every time.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <keyutils.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "keyring/announce.h"
#include "keyring/guise.h"
#include "keyring/key.h"
#include "tests/mount/cast.h"

#define CHANGING 64 /* threads that impersonate */
#define STEADY 16   /* threads beside them that never do */
#define OTHERS 4    /* processes of the same account */
#define ROUNDS 200  /* a thread */
#define CLIENTS 2

enum who { WHO_ALICE, WHO_BOB, WHO_SERVER, WHO_COUNT };

static char files[WHO_COUNT][256];
static char sids[WHO_COUNT][32];
static int32_t serials[CLIENTS];

/* of one process: what its threads share */
static atomic_uint wrong, asked;
static atomic_bool over;

/* Counts an answer, and says what was wrong with it. */
static void answer(bool right, const char *what, enum who who, enum who file)
{
	asked++;
	if (right)
		return;
	if (wrong++ < 20)
		fprintf(stderr, "wrong: %s as %s on %s's file: %s\n", what, sids[who], sids[file],
			strerror(errno));
}

static void check_files(enum who who)
{
	for (enum who file = 0; file < WHO_COUNT; file++) {
		int fd = open(files[file], O_RDONLY | O_CLOEXEC);

		answer(file == who ? fd >= 0 : fd < 0 && errno == EACCES, "open", who, file);
		if (fd >= 0)
			close(fd);
	}
}

static void check_name(enum who who)
{
	char text[4096], line[64];
	ssize_t length = getxattr(files[who], "system.guise.whoami", text, sizeof(text) - 1);

	text[length > 0 ? length : 0] = '\0';
	snprintf(line, sizeof(line), "user %s\n", sids[who]);
	answer(strncmp(text, line, strlen(line)) == 0, "whoami", who, who);
}

static void check_is(enum who who)
{
	check_files(who);
	check_name(who);
}

/* Now this client, now that; now and then straight from one to the other. */
static void *changing_thread(void *argument)
{
	unsigned int number = (unsigned int)(uintptr_t)argument;

	check_is(WHO_SERVER);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		enum who client = (number + round) % CLIENTS;

		answer(guise_impersonate(serials[client]) == 0, "impersonate", client, client);
		check_is(client);
		if ((number + round) % 3 == 0)
			continue;
		answer(guise_revert() == 0, "revert", client, client);
		check_is(WHO_SERVER);
	}
	/* half of them end as their client */
	if (number % 2)
		answer(guise_revert() == 0, "revert", WHO_SERVER, WHO_SERVER);
	return NULL;
}

static void *steady_thread(void *argument)
{
	while (!over) {
		check_is(WHO_SERVER);
		usleep(5000);
	}
	return argument;
}

static bool threads_start(pthread_t *threads, size_t count, void *(*run)(void *))
{
	for (size_t i = 0; i < count; i++) {
		if (pthread_create(&threads[i], NULL, run, (void *)(uintptr_t)i) != 0)
			return false;
	}
	return true;
}

static void threads_join(const pthread_t *threads, size_t count)
{
	for (size_t i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
}

/* Returns how many answers were wrong, or -1. */
static int server_run(void *argument)
{
	pthread_t changing[CHANGING], steady[STEADY];

	if (!threads_start(steady, STEADY, steady_thread) ||
	    !threads_start(changing, CHANGING, changing_thread))
		return -1;
	threads_join(changing, CHANGING);
	over = true;
	threads_join(steady, STEADY);
	check_is(WHO_SERVER);
	fprintf(stderr, "%u answers, %u wrong\n", asked, wrong);
	return wrong ? (int)wrong : asked < CHANGING * ROUNDS * 5 ? -2 : 0;
}

/* A process of the server's that never impersonates; runs until it is told to end. */
static int other_run(void *argument)
{
	const int *pipe_end = argument;
	char byte;

	while (read(*pipe_end, &byte, 1) < 0 && errno == EAGAIN) {
		check_is(WHO_SERVER);
		usleep(5000);
	}
	return wrong ? 1 : 0;
}

/* Tries to become a client with the server's tokens, and to pass keyrings off as its own. */
static int attacker_run(void *argument)
{
	const int *pipe_end = argument;
	int32_t ring = keyctl_get_keyring_ID(KEY_SPEC_THREAD_KEYRING, 1);
	unsigned int got = 0;
	char byte;

	while (read(*pipe_end, &byte, 1) < 0 && errno == EAGAIN) {
		for (int i = 0; i < CLIENTS; i++) {
			got += guise_impersonate(serials[i]) == 0;
			got += announce_thread(serials[i]) == 0;
			got += announce_tree(serials[i]) == 0;
			(void)keyctl_link(serials[i], ring);
			(void)keyctl_setperm(ring, KEY_RING_PERM);
			(void)announce_thread(ring);
		}
		for (int32_t near = ring - 3; near <= ring + 3; near++)
			got += near != ring && announce_thread(near) == 0;
		for (enum who file = 0; file < WHO_COUNT; file++)
			got += open(files[file], O_RDONLY | O_CLOEXEC) >= 0;
		usleep(20000);
	}
	return got ? 1 : 0;
}

struct company {
	pid_t pids[OTHERS + 1];
	int ends[2]; /* of the pipe whose closing ends them */
};

static pid_t company_fork(struct company *company, const struct person *person,
			  int (*run)(void *argument))
{
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid > 0)
		return pid;
	close(company->ends[1]);
	if (setgroups(0, NULL) < 0 || setgid(person->gid) < 0 || setuid(person->uid) < 0)
		_exit(2);
	_exit(run(&company->ends[0]));
}

static void company_start(struct company *company)
{
	ck_assert_int_eq(pipe2(company->ends, O_NONBLOCK | O_CLOEXEC), 0);
	for (int i = 0; i < OTHERS; i++)
		company->pids[i] = company_fork(company, &server, other_run);
	company->pids[OTHERS] = company_fork(company, &eve, attacker_run);
}

static void company_end(struct company *company)
{
	close(company->ends[1]);
	close(company->ends[0]);
	for (int i = 0; i <= OTHERS; i++) {
		int status = -1;

		ck_assert_int_eq(waitpid(company->pids[i], &status, 0), company->pids[i]);
		ck_assert_msg(status == 0, "process %d of %d: status 0x%x", i, OTHERS, status);
	}
}

static void files_make(struct share *share)
{
	const struct person *people[WHO_COUNT] = {&alice, &bob, &server};

	for (enum who who = 0; who < WHO_COUNT; who++) {
		snprintf(sids[who], sizeof(sids[who]), "%s", sid_of(people[who]));
		snprintf(files[who], sizeof(files[who]), "%s",
			 share_path(share, who == WHO_ALICE ? "alice"
					   : who == WHO_BOB ? "bob"
							    : "server"));
		put_file(files[who], "x");
		sddl_set(files[who], "O:%sD:P(A;;FA;;;%s)", sids[who], sids[who]);
	}
}

static pid_t server_pid(struct player **player)
{
	*player = player_start(&server);
	return (pid_t)player_do(*player, DEED_PID, NULL, 0);
}

/* Entries of a process's threads go soon after it has ended. */
static void check_forgotten(pid_t pid)
{
	char part[32];
	unsigned int left = 1;

	snprintf(part, sizeof(part), " %d ", (int)pid);
	for (int i = 0; i < 600 && left; i++) {
		left = registry_count("guise:threads", "guise:thread:", part);
		usleep(100000);
	}
	ck_assert_msg(left == 0, "%u entries of process %d are left", left, (int)pid);
}

START_TEST(every_answer_is_right)
{
	struct share *share = share_open(NULL);
	struct player *a = player_start(&alice), *b = player_start(&bob);
	struct company company;
	int status;
	pid_t pid;

	files_make(share);
	serials[WHO_ALICE] = grant(a, &server, GUISE_IMPERSONATE, 600);
	serials[WHO_BOB] = grant(b, &server, GUISE_IMPERSONATE, 600);
	company_start(&company);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		if (setgroups(0, NULL) < 0 || setgid(server.gid) < 0 || setuid(server.uid) < 0)
			_exit(2);
		_exit(server_run(NULL) != 0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	company_end(&company);
	ck_assert_int_eq(status, 0);
	check_forgotten(pid);
	player_end(a);
	player_end(b);
	share_close(share);
}
END_TEST

START_TEST(a_dead_thread_is_forgotten)
{
	struct share *share = share_open(NULL);
	struct player *a = player_start(&alice), *s;
	pid_t pid = server_pid(&s);
	char part[32];

	snprintf(part, sizeof(part), " %d ", (int)pid);
	ck_assert_int_eq(
		player_do(s, DEED_IMPERSONATE, NULL, grant(a, &server, GUISE_IMPERSONATE, 600)), 0);
	ck_assert_uint_eq(registry_count("guise:threads", "guise:thread:", part), 1);
	player_end(s);
	check_forgotten(pid);
	player_end(a);
	share_close(share);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("threads");
	TCase *tcase = tcase_create("threads");

	tcase_set_timeout(tcase, 100);
	tcase_add_test(tcase, every_answer_is_right);
	tcase_add_test(tcase, a_dead_thread_is_forgotten);
	suite_add_tcase(suite, tcase);
	return cast_run(argc, argv, suite);
}
