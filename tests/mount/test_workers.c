/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The threads that serve: who waits keeps nobody else waiting.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/mount/harness.h"

#define WAITING 6
#define MANY 8
#define ROUNDS 300

static struct share *behind, *share;
static pid_t child[WAITING];

/* A share whose backing folder is on another one, which can be made to wait. */
static void open_on_another(void)
{
	behind = share_open(NULL);
	setenv("TMPDIR", share_path(behind, ""), 1);
	share = share_open(NULL);
	unsetenv("TMPDIR");
	/* descriptors cannot be stored on a mount, so what is there was made behind this one */
	put_file(share_behind(share, "file"), "text");
}

static void close_both(void)
{
	kill(share_daemon(behind), SIGCONT);
	for (int i = 0; i < WAITING; i++)
		if (child[i] > 0)
			waitpid(child[i], NULL, 0);
	share_close(share);
	share_close(behind);
}

static bool is_blocked(pid_t pid)
{
	char path[64], text[512] = "";
	const char *state;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		ck_abort_msg("%s: %s", path, strerror(errno));
	close(fd);
	state = strrchr(text, ')');
	return state && (state[2] == 'D' || state[2] == 'S');
}

/* A process that asks for what the folder behind must be asked for. */
static pid_t wait_for_other(int fd)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(fgetxattr(fd, "user.none", NULL, 0) == 0);
	ck_assert_int_gt(pid, 0);
	return pid;
}

START_TEST(who_waits_for_the_folder_behind_keeps_nobody_else_waiting)
{
	static char name[65536];
	int file, root;

	open_on_another();
	file = open(share_path(share, "file"), O_RDONLY | O_CLOEXEC);
	root = open(share_path(share, ""), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(file, 0);
	ck_assert_int_ge(root, 0);
	kill(share_daemon(behind), SIGSTOP);
	for (int i = 0; i < WAITING; i++)
		child[i] = wait_for_other(file);
	for (int i = 0; i < WAITING; i++)
		while (!is_blocked(child[i]))
			usleep(1000);
	/* needs nothing of the folder behind; without another worker it would never return */
	ck_assert_int_gt(fgetxattr(root, "system.guise.whoami", name, sizeof(name)), 0);
	for (int i = 0; i < WAITING; i++)
		ck_assert_int_eq(waitpid(child[i], NULL, WNOHANG), 0);
	close(file);
	close(root);
	close_both();
}
END_TEST

static void *open_often(void *arg)
{
	const char *path = arg;

	for (int i = 0; i < ROUNDS; i++) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		if (fd < 0 || close(fd) < 0)
			return (void *)1;
	}
	return NULL;
}

static void open_by_many(const struct share *of)
{
	pthread_t thread[MANY];
	char *path = share_path(of, "file");
	void *failed;

	for (int i = 0; i < MANY; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, open_often, path), 0);
	for (int i = 0; i < MANY; i++) {
		pthread_join(thread[i], &failed);
		ck_assert_ptr_null(failed);
	}
}

static void serve_many(const char *options)
{
	share = share_open(options);
	put_file(share_path(share, "file"), "text");
	open_by_many(share);
	/* after a pause everybody rests; the next one is served all the same */
	usleep(100000);
	open_by_many(share);
	share_close(share);
}

START_TEST(many_are_served_by_any_number_of_workers)
{
	serve_many("threads=1");
	serve_many("threads=2");
	serve_many(NULL);
	serve_many("poll=0");
	serve_many("threads=2,poll=1000");
}
END_TEST

/* Processor time of the daemon so far, in ticks. */
static unsigned long ticks_used(void)
{
	char path[64], text[512] = "";
	unsigned long user, system;
	const char *state;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)share_daemon(share));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		ck_abort_msg("%s: %s", path, strerror(errno));
	close(fd);
	state = strrchr(text, ')');
	if (!state || sscanf(state, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
			     &system) != 2)
		ck_abort_msg("%s: %s", path, text);
	return user + system;
}

START_TEST(who_was_busy_and_is_asked_nothing_more_uses_no_processor)
{
	unsigned long before;

	share = share_open("poll=1000");
	put_file(share_path(share, "file"), "text");
	open_often(share_path(share, "file"));
	usleep(100000);
	before = ticks_used();
	sleep(1);
	ck_assert_uint_lt(ticks_used() - before, (unsigned long)sysconf(_SC_CLK_TCK) / 4);
	share_close(share);
}
END_TEST

static Suite *workers_suite(void)
{
	Suite *suite = suite_create("workers");
	TCase *tc = tcase_create("workers");

	tcase_add_test(tc, who_waits_for_the_folder_behind_keeps_nobody_else_waiting);
	tcase_add_test(tc, many_are_served_by_any_number_of_workers);
	tcase_add_test(tc, who_was_busy_and_is_asked_nothing_more_uses_no_processor);
	suite_add_tcase(suite, tc);
	return suite;
}

int main(void)
{
	return harness_run(workers_suite());
}
