/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A thread for each look-up, and an end to waiting for it. */
#include "keyring/bounded.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

/* threads of a lane at most */
#define MOST 64

/* how long after one that hung another one may try */
#define PAUSE_MS 20000

static atomic_uint patience; /* ms; 0: wait for ever */

/* A look-up on its way.  The lane's lock guards it. */
struct run {
	struct lane *lane;
	struct work *work;
	pthread_cond_t ended;
	bool has_ended;
	bool is_lost; /* nobody waits any more */
	int result;
};

void bounded_start(unsigned int milliseconds)
{
	atomic_store(&patience, milliseconds);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct timespec time_of_ms(int64_t ms)
{
	return (struct timespec){.tv_sec = (time_t)(ms / 1000),
				 .tv_nsec = (long)(ms % 1000) * 1000000};
}

/* May one more begin? */
static int lane_enter(struct lane *lane)
{
	int64_t now = now_ms();
	int error = 0;

	pthread_mutex_lock(&lane->lock);
	if (lane->running >= MOST)
		error = -EAGAIN;
	else if (lane->lost && now < lane->next)
		error = -ETIMEDOUT;
	if (!error) {
		lane->running++;
		lane->next = now + PAUSE_MS;
	}
	pthread_mutex_unlock(&lane->lock);
	return error;
}

static void run_free(struct run *run)
{
	pthread_cond_destroy(&run->ended);
	free(run);
}

static struct run *run_create(struct lane *lane, struct work *work)
{
	struct run *run = calloc(1, sizeof(*run));
	pthread_condattr_t clock;

	if (!run)
		return NULL;
	run->lane = lane;
	run->work = work;
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&run->ended, &clock);
	pthread_condattr_destroy(&clock);
	return run;
}

static void *run_thread(void *arg)
{
	struct run *run = arg;
	struct lane *lane = run->lane;
	int result = run->work->run(run->work);
	bool is_lost;

	pthread_mutex_lock(&lane->lock);
	lane->running--;
	is_lost = run->is_lost;
	if (is_lost)
		lane->lost--;
	run->result = result;
	run->has_ended = true;
	pthread_cond_signal(&run->ended);
	pthread_mutex_unlock(&lane->lock);
	/* from here on it is the waiter's, unless there is none */
	if (is_lost) {
		run->work->destroy(run->work);
		run_free(run);
	}
	return NULL;
}

/* Signals are for others. */
static int run_start(struct run *run)
{
	pthread_attr_t detached;
	sigset_t all, old;
	pthread_t thread;
	int error;

	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&thread, &detached, run_thread, run);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&detached);
	return error ? -EAGAIN : 0;
}

/* Returns whether it ended in time. */
static bool run_wait(struct run *run, int64_t end_ms)
{
	struct timespec end = time_of_ms(end_ms);
	bool has_ended;
	int error = 0;

	pthread_mutex_lock(&run->lane->lock);
	while (!run->has_ended && error != ETIMEDOUT)
		error = pthread_cond_timedwait(&run->ended, &run->lane->lock, &end);
	has_ended = run->has_ended;
	if (!has_ended) {
		run->is_lost = true;
		run->lane->lost++;
	}
	pthread_mutex_unlock(&run->lane->lock);
	return has_ended;
}

static void lane_leave(struct lane *lane)
{
	pthread_mutex_lock(&lane->lock);
	lane->running--;
	pthread_mutex_unlock(&lane->lock);
}

static int give_up(struct work **work, int error)
{
	(*work)->destroy(*work);
	*work = NULL;
	return error;
}

int bounded_run(struct lane *lane, struct work **work)
{
	unsigned int most = atomic_load(&patience);
	struct run *run;
	int result;

	if (!most)
		return (*work)->run(*work);
	result = lane_enter(lane);
	if (result)
		return give_up(work, result);
	run = run_create(lane, *work);
	if (!run || run_start(run) < 0) {
		if (run)
			run_free(run);
		lane_leave(lane);
		return give_up(work, -EAGAIN);
	}
	if (!run_wait(run, now_ms() + most)) {
		*work = NULL;
		return -ETIMEDOUT;
	}
	result = run->result;
	run_free(run);
	return result;
}
