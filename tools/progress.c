/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A line on the terminal that says how far a walk has come. */
#include "progress.h"

#include <fts.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "parse.h"

/* in milliseconds */
#define PATIENCE 2000
#define INTERVAL 500

struct progress {
	char **paths; /* with a NULL at the end; NULL: not counted */
	int options;  /* of fts */
	unsigned long done;
	_Atomic unsigned long total;
	_Atomic bool counted, ended;
	bool counting, shown;
	pthread_t counter;
	int64_t begun, last; /* ms */
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Looks at names alone: what it finds is a number. */
static void *count(void *context)
{
	struct progress *progress = context;
	FTS *fts = fts_open(progress->paths, progress->options, NULL);
	const FTSENT *entry;

	if (!fts)
		return NULL;
	while (!atomic_load(&progress->ended) && (entry = fts_read(fts))) {
		if (entry->fts_info != FTS_DP)
			atomic_fetch_add(&progress->total, 1);
	}
	fts_close(fts);
	atomic_store(&progress->counted, true);
	return NULL;
}

struct progress *progress_begin(char *const *paths, int number, bool links, bool one_file_system,
				bool always)
{
	struct progress *progress;

	if (!always && !isatty(STDERR_FILENO))
		return NULL;
	progress = calloc(1, sizeof(*progress));
	if (!progress)
		return NULL;
	progress->options = (links ? FTS_LOGICAL : FTS_PHYSICAL) | FTS_NOSTAT | FTS_NOCHDIR |
			    (one_file_system ? FTS_XDEV : 0);
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
