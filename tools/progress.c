/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A line on the terminal that says how far a walk has come. */
#include "progress.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "parse.h"

/* in milliseconds */
#define PATIENCE 2000
#define INTERVAL 500

struct progress {
	char **paths; /* with a NULL at the end; NULL: not counted */
	unsigned long done;
	_Atomic unsigned long total;
	_Atomic bool counted, ended;
	bool counting, shown, one_file_system;
	pthread_t counter;
	int64_t begun, last; /* ms */
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* deeper than this is not counted */
#define DEPTH_MAX 256

/* Counts what is in folder @fd (which it closes), by names alone: what it finds is a number. */
static void count_below(struct progress *progress, int fd, uint64_t device, unsigned int depth)
{
	DIR *dir = fdopendir(fd);
	const struct dirent *entry;
	struct stat st;
	int below;

	if (!dir) {
		close(fd);
		return;
	}
	while (!atomic_load(&progress->ended) && (entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		atomic_fetch_add(&progress->total, 1);
		if (entry->d_type != DT_DIR || depth >= DEPTH_MAX)
			continue;
		below = openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (below < 0)
			continue;
		if (!progress->one_file_system || (fstat(below, &st) == 0 && st.st_dev == device))
			count_below(progress, below, device, depth + 1);
		else
			close(below);
	}
	closedir(dir);
}

static void *count(void *context)
{
	struct progress *progress = context;
	struct stat st;

	for (char **path = progress->paths; *path; path++) {
		int fd = open(*path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);

		atomic_fetch_add(&progress->total, 1);
		if (fd >= 0 && (!progress->one_file_system || fstat(fd, &st) == 0))
			count_below(progress, fd, st.st_dev, 0);
		else if (fd >= 0)
			close(fd);
	}
	atomic_store(&progress->counted, true);
	return NULL;
}

struct progress *progress_begin(char *const *paths, int number, bool one_file_system, bool always)
{
	struct progress *progress;

	if (!always && !isatty(STDERR_FILENO))
		return NULL;
	progress = calloc(1, sizeof(*progress));
	if (!progress)
		return NULL;
	progress->one_file_system = one_file_system;
	progress->begun = progress->last = now_ms();
	progress->paths = paths ? calloc((size_t)number + 1, sizeof(*paths)) : NULL;
	if (progress->paths)
		memcpy(progress->paths, paths, (size_t)number * sizeof(*paths));
	return progress;
}

static void show(struct progress *progress, int64_t elapsed)
{
	double rate = (double)progress->done * 1000 / (double)elapsed;
	unsigned long total = atomic_load(&progress->total);
	char left[SECONDS_MAX_TEXT];

	fprintf(stderr, "\r\033[K%lu", progress->done);
	if (atomic_load(&progress->counted) && total >= progress->done)
		fprintf(stderr, " of %lu, %.0f a second, %s left", total, rate,
			format_seconds((int64_t)((double)(total - progress->done) / rate), left));
	else
		fprintf(stderr, " done, %.0f a second", rate);
	fflush(stderr);
	progress->shown = true;
}

void progress_step(struct progress *progress)
{
	int64_t now;

	if (!progress)
		return;
	progress->done++;
	now = now_ms();
	if (now - progress->last < (progress->shown ? INTERVAL : PATIENCE))
		return;
	progress->last = now;
	if (!progress->counting && progress->paths)
		progress->counting = pthread_create(&progress->counter, NULL, count, progress) == 0;
	show(progress, now - progress->begun);
}

void progress_clear(struct progress *progress)
{
	if (progress && progress->shown)
		fputs("\r\033[K", stderr);
}

void progress_end(struct progress *progress)
{
	if (!progress)
		return;
	progress_clear(progress);
	atomic_store(&progress->ended, true);
	if (progress->counting)
		pthread_join(progress->counter, NULL);
	free(progress->paths);
	free(progress);
}
