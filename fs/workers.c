/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fs/workers.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>

#include "fs/linger.h"

/* how often the overseer looks, and how often it sees nothing going on before it sleeps */
#define LOOK_NANOSECONDS 1000000
#define LOOKS_IDLE 10
/* so often in a row nobody waited for requests: there are more than can be served */
#define LOOKS_BUSY 4
/* so often in a row a worker found another one waiting: one is enough */
#define ENOUGH 8

/* what ends a worker's waiting, when all is over, and how long until it gets it again */
#define WAKE SIGUSR1
#define WAKE_NANOSECONDS 10000000

struct worker {
	pthread_t thread;
	struct fuse_buf buf;
	struct workers *all;
	unsigned int company; /* how often in a row it found another one waiting */
	struct linger linger;
};

struct workers {
	struct fuse_session *fuse;
	struct worker *worker;
	unsigned int most;  /* threads */
	unsigned int width; /* of these, how many may be at it though none is held up */
	long linger;        /* ns, each of them */
	int end;            /* an eventfd: a worker found that all is over */
	_Atomic int error;
	_Atomic unsigned int waiting; /* how many wait for a request, or are about to */
	_Atomic unsigned long served; /* requests; some may not be counted */
	_Atomic bool overseen;
	pthread_t overseer;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t called, watch;
	unsigned int started, resting, calls;
	_Atomic bool ending; /* set under it */
};

static __thread struct worker *self;

static void *work(void *arg);

/* A thread that no signal but WAKE interrupts: the others are the main thread's. */
static int start_thread(pthread_t *thread, void *(*run)(void *), void *arg)
{
	sigset_t all, old;
	int err;

	sigfillset(&all);
	sigdelset(&all, WAKE);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(thread, NULL, run, arg);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -err;
}

/* One more is to wait for requests, if there is one to be had; the lock is held. */
static int call_one(struct workers *all)
{
	struct worker *next;
	int err;

	if (all->calls < all->resting) {
		all->calls++;
		pthread_cond_signal(&all->called);
		return 0;
	}
	if (all->started == all->most || all->ending)
		return -EAGAIN;
	next = &all->worker[all->started];
	next->all = all;
	next->linger.most = all->linger;
	all->waiting++;
	err = start_thread(&next->thread, work, next);
	if (err < 0)
		all->waiting--;
	else
		all->started++;
	return err;
}

static void call_if_none_waits(struct workers *all)
{
	pthread_mutex_lock(&all->lock);
	if (all->waiting == 0 && all->calls == 0)
		call_one(all);
	pthread_mutex_unlock(&all->lock);
}

void workers_expect_delay(void)
{
	if (self && self->all->waiting == 0)
		call_if_none_waits(self->all);
}

/* Until it is called; false: all is over. */
static bool rest(struct workers *all)
{
	bool go_on;

	pthread_mutex_lock(&all->lock);
	all->resting++;
	while (all->calls == 0 && !all->ending)
		pthread_cond_wait(&all->called, &all->lock);
	all->resting--;
	if (all->calls > 0)
		all->calls--;
	go_on = !all->ending;
	all->waiting++;
	pthread_mutex_unlock(&all->lock);
	return go_on;
}

/* After a request: on to the next, which others may be waiting for already. */
static bool carry_on(struct worker *worker)
{
	struct workers *all = worker->all;

	worker->company = all->waiting > 0 ? worker->company + 1 : 0;
	if (worker->company < ENOUGH) {
		all->waiting++;
		return true;
	}
	worker->company = 0;
	return rest(all);
}

static void wake_overseer(struct workers *all)
{
	pthread_mutex_lock(&all->lock);
	all->overseen = true;
	pthread_cond_signal(&all->watch);
	pthread_mutex_unlock(&all->lock);
}

static void finish(struct workers *all, int err)
{
	if (err < 0)
		all->error = err;
	fuse_session_exit(all->fuse);
	eventfd_write(all->end, 1);
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	struct workers *all = worker->all;
	int size;

	self = worker;
	do {
		do
			size = linger_receive(&worker->linger, all->fuse, &worker->buf,
					      all->waiting == 1);
		while (size == -EINTR && !fuse_session_exited(all->fuse));
		/* the last one to wait must find the overseer awake, or wake it */
		if (--all->waiting == 0 && !all->overseen)
			wake_overseer(all);
		if (size <= 0) {
			finish(all, size == -EINTR ? 0 : size);
			break;
		}
		fuse_session_process_buf(all->fuse, &worker->buf);
		all->served++;
	} while (!fuse_session_exited(all->fuse) && carry_on(worker));
	return NULL;
}

/* What the overseer saw. */
struct look {
	unsigned long served;
	unsigned int busy, idle; /* looks in a row */
};

static void look(struct workers *all, struct look *last)
{
	unsigned long served = all->served;
	bool moved = served != last->served;

	last->served = served;
	last->idle = moved ? 0 : last->idle + 1;
	if (all->waiting > 0) {
		last->busy = 0;
		return;
	}
	last->idle = 0;
	last->busy++;
	/* all are held up, since the last look */
	if (!moved && last->busy > 1) {
		call_if_none_waits(all);
	} else if (last->busy >= LOOKS_BUSY) {
		pthread_mutex_lock(&all->lock);
		if (all->started - all->resting < all->width)
			call_one(all);
		pthread_mutex_unlock(&all->lock);
		last->busy = 0;
	}
}

/* Until a worker takes a request and none is left to wait; false: all is over. */
static bool sleep_unless_needed(struct workers *all)
{
	bool go_on;

	pthread_mutex_lock(&all->lock);
	all->overseen = false;
	/* who took a request just before did not know */
	if (all->waiting == 0)
		all->overseen = true;
	while (!all->overseen && !all->ending)
		pthread_cond_wait(&all->watch, &all->lock);
	go_on = !all->ending;
	pthread_mutex_unlock(&all->lock);
	return go_on;
}

static void *oversee(void *arg)
{
	const struct timespec pause = {.tv_nsec = LOOK_NANOSECONDS};
	struct workers *all = arg;
	struct look last = {0};

	while (sleep_unless_needed(all)) {
		last.idle = 0;
		while (last.idle < LOOKS_IDLE && !all->ending) {
			nanosleep(&pause, NULL);
			look(all, &last);
		}
	}
	return NULL;
}

/* Signals interrupt this thread, and only while it waits here. */
static void wait_for_end(struct workers *all)
{
	struct pollfd end = {all->end, POLLIN, 0};
	sigset_t all_signals, old;

	sigfillset(&all_signals);
	pthread_sigmask(SIG_SETMASK, &all_signals, &old);
	while (!fuse_session_exited(all->fuse))
		ppoll(&end, 1, NULL, &old);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static void nothing(int number)
{
}

/* A signal that comes just before the thread waits does not end that: it gets another one. */
static void join(pthread_t thread)
{
	struct timespec until;

	do {
		pthread_kill(thread, WAKE);
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += WAKE_NANOSECONDS;
		if (until.tv_nsec >= 1000000000) {
			until.tv_nsec -= 1000000000;
			until.tv_sec++;
		}
	} while (pthread_timedjoin_np(thread, NULL, &until) == ETIMEDOUT);
}

static void stop(struct workers *all)
{
	pthread_mutex_lock(&all->lock);
	all->ending = true;
	pthread_cond_broadcast(&all->called);
	pthread_cond_signal(&all->watch);
	pthread_mutex_unlock(&all->lock);
	/* from here on it starts no others */
	pthread_join(all->overseer, NULL);
	for (unsigned int i = 0; i < all->started; i++) {
		join(all->worker[i].thread);
		free(all->worker[i].buf.mem);
	}
}

static int start(struct workers *all)
{
	int begun, err;

	/* the overseer, who needs the lock, is not to find that nobody waits and call one, too */
	pthread_mutex_lock(&all->lock);
	begun = start_thread(&all->overseer, oversee, all);
	err = begun < 0 ? begun : call_one(all);
	pthread_mutex_unlock(&all->lock);
	if (begun == 0 && err < 0)
		stop(all);
	return err;
}

static unsigned int half_of_processors(void)
{
	long count = sysconf(_SC_NPROCESSORS_ONLN);

	return count > 3 ? (unsigned int)count / 2 : 1;
}

int workers_run(struct fuse_session *fuse, unsigned int most, unsigned int linger)
{
	struct workers all = {
		.fuse = fuse,
		.most = most,
		.linger = linger * 1000L,
		.width = half_of_processors(),
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.called = PTHREAD_COND_INITIALIZER,
		.watch = PTHREAD_COND_INITIALIZER,
	};
	const struct sigaction wake = {.sa_handler = nothing};
	struct sigaction before;
	int err;

	all.end = eventfd(0, EFD_CLOEXEC);
	if (all.end < 0)
		return -errno;
	sigaction(WAKE, &wake, &before);
	all.worker = calloc(most, sizeof(*all.worker));
	err = all.worker ? start(&all) : -ENOMEM;
	if (err == 0) {
		wait_for_end(&all);
		stop(&all);
		err = all.error;
	}
	sigaction(WAKE, &before, NULL);
	free(all.worker);
	close(all.end);
	return err;
}
