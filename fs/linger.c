/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fs/linger.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <time.h>

#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>

#define USUAL_MICROSECONDS 50

/* of so many requests so many must have come soon to begin with it, and to go on */
#define REMEMBERED 16
#define MANY 14
#define ENOUGH 10

/*
 * Whose look took so long, though it copied little, was not alone on its processor, or that one
 * not alone on the host's.  There who lingers uses up the share that would let it begin at once
 * with the next request, so it does not for a while, longer each time unless all was well for as
 * long as this.
 */
#define CROWDED 500000L
#define LITTLE 65536
#define PAUSE_FIRST 100000000L
#define PAUSE_LONGEST 6400000000L

static long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000 + time.tv_nsec;
}

unsigned int linger_usual(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) < 2
		       ? 0
		       : USUAL_MICROSECONDS;
}

bool linger_pays(const struct linger *linger, long time)
{
	int wanted = linger->looks ? ENOUGH : MANY;

	return __builtin_popcount(linger->paid) >= wanted && time >= linger->resumed;
}

void linger_learn(struct linger *linger, long waited)
{
	const uint32_t remembered = (1u << REMEMBERED) - 1;

	linger->paid = (linger->paid << 1 | (waited <= linger->most)) & remembered;
}

static void pause_lingering(struct linger *linger, long time)
{
	long next = linger->pause * 2;

	if (!linger->pause || time - linger->resumed > PAUSE_LONGEST)
		next = PAUSE_FIRST;
	linger->pause = next < PAUSE_LONGEST ? next : PAUSE_LONGEST;
	linger->resumed = time + linger->pause;
}

void linger_looked(struct linger *linger, long before, long after, int size)
{
	if (after - before > CROWDED && size < LITTLE)
		pause_lingering(linger, after);
}

static int look(struct linger *linger, struct fuse_session *fuse, struct fuse_buf *buf, long start)
{
	long before, after = start;
	int size;

	do {
		before = after;
		size = fuse_session_receive_buf(fuse, buf);
		after = now();
		linger_looked(linger, before, after, size);
	} while (size == -EAGAIN && after - start < linger->most && after >= linger->resumed);
	return size;
}

/*
 * Who lingers must not sleep when it reads, and who does not should.  The device is the same for
 * all workers, but none relies on it: who sleeps unasked lingers less, and who reads nothing waits.
 */
static void choose(struct linger *linger, struct fuse_session *fuse, bool looks)
{
	int fd = fuse_session_fd(fuse), flags;

	if (looks == linger->looks)
		return;
	linger->looks = looks;
	flags = fcntl(fd, F_GETFL);
	if (flags >= 0)
		(void)fcntl(fd, F_SETFL, looks ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

static int sleep_until_there_is(struct fuse_session *fuse)
{
	struct pollfd device = {fuse_session_fd(fuse), POLLIN, 0};

	return poll(&device, 1, -1) < 0 ? -errno : 0;
}

int linger_receive(struct linger *linger, struct fuse_session *fuse, struct fuse_buf *buf,
		   bool alone)
{
	long start;
	int err = 0, size;

	if (!linger->most)
		return fuse_session_receive_buf(fuse, buf);
	start = now();
	choose(linger, fuse, alone && linger_pays(linger, start));
	size = fuse_session_receive_buf(fuse, buf);
	if (size == -EAGAIN && linger->looks)
		size = look(linger, fuse, buf, start);
	while (size == -EAGAIN && err == 0) {
		err = sleep_until_there_is(fuse);
		if (err == 0)
			size = fuse_session_receive_buf(fuse, buf);
	}
	linger_learn(linger, now() - start);
	return err < 0 ? err : size;
}
