/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Workers: the threads that read requests from the kernel and serve them.
 *
 * As few as do the work wait for requests: most requests take so short that waking another
 * thread, on another processor, would cost more than serving them one after the other.  When
 * all that are at it are held up or, with processors to spare, have more than they can do,
 * another one joins; who then finds nothing to do leaves again.
 */
#ifndef GUISE_FS_WORKERS_H
#define GUISE_FS_WORKERS_H

struct fuse_session;

/*
 * Serves the requests of @fuse, which is mounted, with at most @most threads, until it is unmounted
 * or told to end; requests that are being served then are finished.  A worker that has answered
 * looks for the next request for up to @linger microseconds where that pays (fs/linger).  It is the
 * calling thread that signals interrupt.  Returns 0, or -errno if serving could not begin or go on.
 */
int workers_run(struct fuse_session *fuse, unsigned int most, unsigned int linger);

/*
 * What the calling worker does next may take long (a disk, another host): another one waits for
 * requests meanwhile.  It would be noticed anyway, a moment later.  No effect in other threads.
 */
void workers_expect_delay(void);

#endif
