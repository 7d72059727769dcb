/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The host's lock on the registry's keyrings. */
#include "keyring/ring_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "keyring/scoped.h"

/* us between two tries: the first, and the longest */
#define PAUSE_FIRST 50
#define PAUSE_LONGEST 5000

/* flock(2) is per open file: threads of one process are kept apart by the mutex */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static const char *file_path = RING_LOCK_PATH;
static int file = -1;
static pid_t file_opener; /* what is forked would share the lock with its parent */
/* the last one waited in vain */
static atomic_bool stuck;

static bool file_is_sound(int fd, struct stat *st)
{
	/* who can open it can hold it */
	return fstat(fd, st) == 0 && S_ISREG(st->st_mode) && st->st_uid == 0 &&
	       !(st->st_mode & (S_IRWXG | S_IRWXO));
}

static int file_open(void)
{
	struct stat st;
	SCOPED_FD fd = open(file_path, O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK,
			    S_IRUSR | S_IWUSR);

	if (fd < 0)
		return -errno;
	if (!file_is_sound(fd, &st))
		return -EPERM;
	file = fd;
	file_opener = getpid();
	fd = -1;
	return 0;
}

static void file_close(void)
{
	if (file >= 0)
		close(file);
	file = -1;
}

/* Is it still the one that others find?  Somebody may have removed it. */
static bool file_is_current(void)
{
	struct stat mine, found;

	return file_is_sound(file, &mine) && lstat(file_path, &found) == 0 &&
	       mine.st_dev == found.st_dev && mine.st_ino == found.st_ino;
}

static int file_lock(void)
{
	int error;

	if (file >= 0 && file_opener != getpid())
		file_close();
	error = file < 0 ? file_open() : 0;
	if (error)
		return error;
	error = flock(file, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
	if (!file_is_current()) {
		file_close();
		return -EBUSY;
	}
	return error == -EWOULDBLOCK || error == -EINTR ? -EBUSY : error;
}

static int lock_try(void)
{
	int error;

	if (pthread_mutex_trylock(&mutex))
		return -EBUSY;
	error = file_lock();
	if (error)
		pthread_mutex_unlock(&mutex);
	return error;
}

int ring_lock(unsigned int patience)
{
	const unsigned int limit = stuck && patience < RING_LOCK_PATIENT ? 0 : patience * 1000;
	unsigned int waited = 0, pause = PAUSE_FIRST;
	int error = lock_try();

	while (error == -EBUSY && waited < limit) {
		const struct timespec time = {.tv_nsec = (long)pause * 1000};

		nanosleep(&time, NULL);
		waited += pause;
		pause = pause * 2 < PAUSE_LONGEST ? pause * 2 : PAUSE_LONGEST;
		error = lock_try();
	}
	stuck = error == -EBUSY;
	return error;
}

void ring_unlock(void)
{
	(void)flock(file, LOCK_UN);
	pthread_mutex_unlock(&mutex);
}

int ring_lock_open(void)
{
	int error;

	pthread_mutex_lock(&mutex);
	error = file < 0 ? file_open() : 0;
	pthread_mutex_unlock(&mutex);
	return error;
}

void ring_lock_at(const char *path)
{
	pthread_mutex_lock(&mutex);
	file_close();
	file_path = path;
	pthread_mutex_unlock(&mutex);
}
