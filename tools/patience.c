/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Asking what may never answer.
 */
#include "patience.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "keyring/scoped.h"

/* ms that it may take */
#define PATIENCE 20000
/* ms between two looks at whether it has ended */
#define LOOK 10
#define ANSWER_MOST (1u << 20)

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (long long)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Waits until there is something to read, or the end. */
static int wait_ready(int fd, long long end)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};

	for (;;) {
		long long left = end - now();
		int count = left > 0 ? poll(&ready, 1, (int)left) : 0;

		if (count > 0)
			return 0;
		if (count == 0)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
}

static int collect(int fd, long long end, char **answer, size_t *size)
{
	SCOPED_BUFFER char *room = malloc(ANSWER_MOST + 1);
	ssize_t got = 1;

	*size = 0;
	if (!room)
		return -ENOMEM;
	while (got != 0) {
		int error = wait_ready(fd, end);

		if (error < 0)
			return error;
		got = read(fd, room + *size, ANSWER_MOST - *size);
		if (got < 0)
			return -errno;
		*size += (size_t)got;
		if (*size == ANSWER_MOST)
			return -EFBIG;
	}
	room[*size] = '\0';
	*answer = room;
	room = NULL;
	return 0;
}

/* Waits for the end of @pid.  One that the kernel holds cannot even be killed: it is left. */
static int finish(pid_t pid, long long end, int error)
{
	const struct timespec pause = {.tv_nsec = LOOK * 1000000};
	int status = 0;
	pid_t ended = 0;

	while (error == 0 && (ended = waitpid(pid, &status, WNOHANG)) == 0) {
		if (now() >= end)
			error = -ETIMEDOUT;
		else
			nanosleep(&pause, NULL);
	}
	if (ended == pid)
		return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
	if (error == 0)
		return -EIO;
	kill(pid, SIGKILL);
	waitpid(pid, &status, WNOHANG);
	return error;
}

int patience_ask(patience_fn *deed, void *context, char **answer, size_t *size)
{
	long long end = now() + PATIENCE;
	int ends[2], error;
	pid_t pid;

	*answer = NULL;
	fflush(NULL);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		_exit(deed(context, ends[1]) == 0 ? 0 : 1);
	error = pid < 0 ? -errno : 0;
	close(ends[1]);
	if (pid > 0) {
		error = collect(ends[0], end, answer, size);
		error = finish(pid, end, error);
	}
	close(ends[0]);
	if (error < 0) {
		free(*answer);
		*answer = NULL;
	}
	return error;
}
