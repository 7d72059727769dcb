/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lingering: a worker that has answered looks for the next request for a moment before it
 * sleeps, since who was answered often asks again at once, and waking the worker would
 * cost more than that moment.
 *
 * Only where it pays: a worker lingers while nearly all of its last requests came within that
 * moment of the answer before.  An idle mount, or one that is asked now and then, costs nothing.
 */
#ifndef GUISE_FS_LINGER_H
#define GUISE_FS_LINGER_H

#include <stdbool.h>
#include <stdint.h>

struct fuse_buf;
struct fuse_session;

/* One worker's. */
struct linger {
	long most;     /* ns that it lingers; 0: never */
	uint32_t paid; /* of its last requests, latest lowest: which came within that */
	long pause;    /* ns; the last one */
	long resumed;  /* when it ended or ends */
	bool looks;    /* it lingers, and has told the device that it does not want to sleep */
};

/* How long to linger where nobody says, in microseconds: not on a single processor. */
unsigned int linger_usual(void);

/*
 * Reads the next request of @fuse into @buf as fuse_session_receive_buf() does, but
 * waits for it by itself; -EINTR if a signal ended that.  @alone: no other worker waits.
 */
int linger_receive(struct linger *linger, struct fuse_session *fuse, struct fuse_buf *buf,
		   bool alone);

/*
 * Its parts, times in ns: does it linger at @time?  A request came after @waited.  A look from
 * @before to @after got @size bytes or -errno.
 */
bool linger_pays(const struct linger *linger, long time);
void linger_learn(struct linger *linger, long waited);
void linger_looked(struct linger *linger, long before, long after, int size);

#endif
