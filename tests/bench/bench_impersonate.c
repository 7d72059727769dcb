/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What impersonating costs: pairs of impersonate and revert in one thread and in many, and opening
 * a file under impersonation beside opening it without, on a mount of its own.
 *
 *   bench-impersonate [SECONDS-PER-CASE]
 *
 * The environment variable GUISEFS names the program to mount with (meson test --benchmark sets
 * it).  Needs root and /dev/fuse; says so and ends with 77 without.  Each case takes the best of
 * some rounds, in which the cases take turns.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "keyring/guise.h"
#include "tests/mount/harness.h"

#define ROUNDS 5
#define THREADS 8
#define COUNTED 10000
#define SERVER ALICE
#define SERVER_GROUP ALICE_GROUP

static double seconds_per_case = 0.2;
static char file[256];
static int32_t token;

/* What the processes tell each other. */
static struct shared {
	int32_t token;
	bool failed;
} * shared;

static void die(const char *what, int error)
{
	fprintf(stderr, "bench-impersonate: %s: %s\n", what, strerror(error < 0 ? -error : error));
	_exit(EXIT_FAILURE);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* --- what is measured --- */

static void act_nothing(void)
{
	(void)syscall(SYS_getppid);
}

static void impersonate(void)
{
	int error = guise_impersonate(token);

	if (error)
		die("impersonate", error);
}

static void revert(void)
{
	int error = guise_revert();

	if (error)
		die("revert", error);
}

static void act_pair(void)
{
	impersonate();
	revert();
}

static void act_open(void)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die(file, errno);
	close(fd);
}

static void act_all(void)
{
	impersonate();
	act_open();
	revert();
}

struct measure {
	const char *what;
	void (*before)(void); /* or NULL */
	void (*act)(void);
	void (*after)(void); /* or NULL */
	bool apart;          /* in a thread of its own, which never impersonated */
	double best;         /* seconds each */
};

static double run_for(void (*act)(void), double seconds)
{
	double start = now(), end;
	unsigned long times = 0;

	do {
		for (int i = 0; i < 16; i++)
			act();
		times += 16;
		end = now();
	} while (end - start < seconds);
	return (end - start) / (double)times;
}

static double run_slice(void (*act)(void))
{
	return run_for(act, seconds_per_case / ROUNDS);
}

struct slice {
	void (*act)(void);
	double each;
};

static void *slice_thread(void *argument)
{
	struct slice *slice = argument;

	slice->each = run_slice(slice->act);
	return NULL;
}

static double run_apart(void (*act)(void))
{
	struct slice slice = {act, 0};
	pthread_t thread;
	int error = pthread_create(&thread, NULL, slice_thread, &slice);

	if (error)
		die("pthread_create", error);
	pthread_join(thread, NULL);
	return slice.each;
}

static void measure_round(struct measure *measures, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		double each;

		if (measures[i].before)
			measures[i].before();
		each = measures[i].apart ? run_apart(measures[i].act) : run_slice(measures[i].act);
		if (measures[i].after)
			measures[i].after();
		if (measures[i].best == 0 || each < measures[i].best)
			measures[i].best = each;
	}
}

/* Lines: how long, and how many times the first of them. */
static void measure_all(struct measure *measures, size_t count)
{
	for (int round = 0; round < ROUNDS; round++)
		measure_round(measures, count);
	for (size_t i = 0; i < count; i++)
		printf("%-52s %9.2f us %9.2f\n", measures[i].what, measures[i].best * 1e6,
		       measures[i].best / measures[0].best);
}

static void bench_pairs(void)
{
	struct measure measures[] = {
		{"a system call that does nothing", NULL, act_nothing, NULL, false, 0},
		{"impersonate and revert", NULL, act_pair, NULL, false, 0},
	};

	act_pair(); /* which tells the daemon */
	measure_all(measures, 2);
	printf("%-52s %9.0f\n", "pairs a second, 1 thread", 1 / measures[1].best);
}

static atomic_bool over;
static atomic_ulong pairs;

static void *pairing_thread(void *unused)
{
	unsigned long count = 0;

	act_pair();
	while (!over) {
		act_pair();
		count++;
	}
	pairs += count;
	return unused;
}

static void bench_threads(void)
{
	pthread_t threads[THREADS];
	double start = now();

	for (int i = 0; i < THREADS; i++) {
		int error = pthread_create(&threads[i], NULL, pairing_thread, NULL);

		if (error)
			die("pthread_create", error);
	}
	usleep((useconds_t)(seconds_per_case * 1e6));
	over = true;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	printf("pairs a second, %d threads on %ld processors %*s %9.0f\n", THREADS,
	       sysconf(_SC_NPROCESSORS_ONLN), 13, "", (double)pairs / (now() - start));
}

static void bench_opens(void)
{
	struct measure measures[] = {
		{"open and close by a thread that never impersonated", NULL, act_open, NULL, true,
		 0},
		{"by one that reverted", NULL, act_open, NULL, false, 0},
		{"by one that impersonates", impersonate, act_open, revert, false, 0},
		{"impersonate, open, close and revert", NULL, act_all, NULL, false, 0},
	};

	measure_all(measures, 4);
}

static void bench(void)
{
	bench_pairs();
	bench_threads();
	bench_opens();
}

/* Many pairs, and nothing else. */
static void count_pairs(void)
{
	for (int i = 0; i < COUNTED; i++)
		act_pair();
}

/* --- processes --- */

static void become(uid_t uid, gid_t gid)
{
	if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		die("setresuid", errno);
}

static void consent(void)
{
	int error = guise_grant(SERVER, GUISE_IMPERSONATE, 3600, &shared->token);

	if (error)
		die("grant", error);
}

static void end_consent(void)
{
	(void)guise_revoke(shared->token);
}

static void run_as(uid_t uid, gid_t gid, void (*fn)(void))
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		become(uid, gid);
		token = shared->token;
		fn();
		fflush(stdout);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		shared->failed = true;
}

/* A mount with a file that everybody may read. */
static struct share *file_make(bool debug)
{
	struct share *share = share_open_config(&(struct share_config){.debug = debug});

	sddl_set(share_path(share, ""), "D:(A;;FRFX;;;WD)");
	snprintf(file, sizeof(file), "%s", share_path(share, "file"));
	put_file(file, "x");
	sddl_set(file, "D:P(A;;FR;;;WD)");
	return share;
}

/* With -d the daemon logs every request. */
static void count_requests(void)
{
	struct share *share = file_make(true);
	unsigned int before, after;

	run_as(SERVER, SERVER_GROUP, act_pair); /* what a process and its thread ask once */
	before = share_log_count(share, "opcode:");
	run_as(SERVER, SERVER_GROUP, act_pair);
	after = share_log_count(share, "opcode:");
	printf("%-52s %9u\n", "requests to the daemon in a process's 1st pair", after - before);
	run_as(SERVER, SERVER_GROUP, count_pairs);
	printf("in its first %-39d %9u\n", COUNTED, share_log_count(share, "opcode:") - after);
	share_close(share);
}

/* A test only because what makes the mount is for tests. */
START_TEST(bench_all)
{
	const struct passwd *client = getpwnam("nobody");
	struct share *share;

	ck_assert_ptr_nonnull(client);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	ck_assert(shared != MAP_FAILED);
	run_as(client->pw_uid, client->pw_gid, consent);
	share = file_make(false);
	printf("%-52s %12s %9s\n", "", "time", "times");
	run_as(SERVER, SERVER_GROUP, bench);
	share_close(share);
	count_requests();
	run_as(client->pw_uid, client->pw_gid, end_consent);
	ck_assert(!shared->failed);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("impersonate, how fast");
	TCase *tcase = tcase_create("bench");

	if (argc > 1)
		seconds_per_case = strtod(argv[1], NULL);
	if (argc > 2 || !(seconds_per_case > 0)) {
		fprintf(stderr, "usage: bench-impersonate [SECONDS-PER-CASE]\n");
		return 2;
	}
	tcase_set_timeout(tcase, 60 + 20 * seconds_per_case);
	tcase_add_test(tcase, bench_all);
	suite_add_tcase(suite, tcase);
	return harness_run(suite);
}
