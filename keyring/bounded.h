/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Look-ups that may hang, for callers that must not.
 *
 * Whoever asks a directory waits for who answers there, and what libraries call a time-out can be
 * minutes.  A daemon that has workers to lose has each look-up done by a thread of its own, and
 * gives up waiting for it.  While one that was given up has not come back, others of its lane
 * are not even begun, but for one now and then that finds out whether it works again.
 */
#ifndef GUISE_KEYRING_BOUNDED_H
#define GUISE_KEYRING_BOUNDED_H

#include <pthread.h>
#include <stdint.h>

/* Look-ups of one sort: that they hang says nothing of others. */
struct lane {
	pthread_mutex_t lock;
	unsigned int running; /* all, also those that were given up, */
	unsigned int lost;    /* which are these */
	int64_t next;         /* ms: while any is lost, when one more may try */
};

#define LANE_INITIALIZER                                                                           \
	{                                                                                          \
		.lock = PTHREAD_MUTEX_INITIALIZER                                                  \
	}

/* What is to be done; the first part of something larger that holds what goes in and comes out. */
struct work {
	int (*run)(struct work *work); /* what it returns bounded_run() returns */
	void (*destroy)(struct work *work);
};

/*
 * From now on no look-up is waited for longer than @milliseconds.  Without this, and with 0, they
 * are done by who asks, however long that takes.  Call after the last fork.
 */
void bounded_start(unsigned int milliseconds);

/*
 * Runs *@work.  If it came to an end *@work is the caller's, to read and to destroy.  Else
 * returns -ETIMEDOUT, or -EAGAIN if no thread can be had, and *@work is NULL: it is destroyed when
 * it ends.
 */
int bounded_run(struct lane *lane, struct work **work);

#endif
