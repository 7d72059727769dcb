/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The registry of threads. */
#include "keyring/registry.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "keyring/caller.h"
#include "keyring/key.h"
#include "keyring/ring.h"
#include "keyring/scoped.h"

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif

#define BUCKETS 4096
#define NAME_THREAD "guise:thread:"
#define NAME_PROCESS "guise:process:" /* one of its threads announced itself */
#define NAME_FIRST "guise:first:"     /* its first thread did */
#define NAME_OTHERS "guise:others:"   /* others than the first did */
#define NAME_MAX_SIZE 64
/* seconds between two looks at all entries in the kernel */
#define SWEEP_EVERY 60

/* A thread that announced itself and was alive when it was last asked for. */
struct seen {
	struct seen *next;
	pid_t tid;
	int pidfd; /* -1: the kernel cannot; the start time is compared instead */
	uint64_t start;
	struct registration registration;
	struct registry *registry;
};

struct bucket {
	pthread_mutex_t lock;
	struct seen *first;
};

struct registry {
	int32_t ring;
	uint64_t pid_namespace;
	atomic_bool was_empty; /* when it was last counted */
	time_t swept;          /* housekeeping only */
	atomic_size_t pidfds;
	size_t max_pidfds; /* descriptors are for files, too: beyond, start times are compared */
	struct bucket buckets[BUCKETS];
};

/*
 * An entry's text.  Of a process, the last number is its image when the announcement was made.
 * Daemons from before there were images run beside newer ones while a host is upgraded: they
 * write 0 there and do not look at it, and sweep kinds of entries that they do not know by the
 * start time.  Which image a 0 is about cannot be told; it suits none.
 */
struct record {
	uint64_t start;
	pid_t tgid;
	int32_t value; /* a thread's ring, a process's image */
};

static void entry_name(const struct registry *registry, const char *prefix, pid_t id,
		       char name[NAME_MAX_SIZE])
{
	snprintf(name, NAME_MAX_SIZE, "%s%" PRIu64 ":%d", prefix, registry->pid_namespace, (int)id);
}

static int record_read(int32_t entry, struct record *record)
{
	char text[RING_ENTRY_MAX];
	int error = ring_entry_read(entry, text);
	int used = -1;

	if (error)
		return error;
	if (sscanf(text, "%" SCNu64 " %d %" SCNd32 "%n", &record->start, &record->tgid,
		   &record->value, &used) != 3 ||
	    used < 0 || text[used] != '\0' || record->value < 0)
		return -EPROTO;
	return 0;
}

/*
 * The entry of @id: its serial, with *@record, or 0 if there is none.  One that goes between
 * finding and reading may have been replaced: it counts as none only if it is found no more.
 */
static int32_t record_find(const struct registry *registry, const char *prefix, pid_t id,
			   struct record *record)
{
	char name[NAME_MAX_SIZE];
	int error = -ENOKEY;

	entry_name(registry, prefix, id, name);
	for (int attempt = 0; attempt < 4 && error == -ENOKEY; attempt++) {
		int32_t entry = ring_find(registry->ring, name);

		if (entry <= 0)
			return entry;
		error = record_read(entry, record);
		if (!error)
			return entry;
	}
	return error;
}

static int32_t record_write(const struct registry *registry, const char *prefix, pid_t id,
			    const struct record *record)
{
	char name[NAME_MAX_SIZE], text[RING_ENTRY_MAX];

	entry_name(registry, prefix, id, name);
	snprintf(text, sizeof(text), "%" PRIu64 " %d %" PRId32, record->start, (int)record->tgid,
		 record->value);
	return ring_entry_write(registry->ring, name, text);
}

static size_t pidfds_allowed(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) < 0 ? 0 : limit.rlim_cur / 4;
}

int registry_create(struct registry **registry)
{
	struct registry *made = calloc(1, sizeof(*made));
	int error;

	if (!made)
		return -ENOMEM;
	made->ring = ring_open(RING_THREADS);
	error = made->ring < 0 ? made->ring : caller_pid_namespace(&made->pid_namespace);
	if (error) {
		free(made);
		return error;
	}
	made->swept = 0; /* what an earlier daemon left is looked through first */
	made->max_pidfds = pidfds_allowed();
	for (size_t i = 0; i < BUCKETS; i++)
		pthread_mutex_init(&made->buckets[i].lock, NULL);
	*registry = made;
	return 0;
}

static void seen_free(struct seen *seen)
{
	if (seen->pidfd >= 0) {
		close(seen->pidfd);
		atomic_fetch_sub(&seen->registry->pidfds, 1);
	}
	free(seen);
}

void registry_destroy(struct registry *registry)
{
	if (!registry)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (registry->buckets[i].first) {
			struct seen *seen = registry->buckets[i].first;

			registry->buckets[i].first = seen->next;
			seen_free(seen);
		}
		pthread_mutex_destroy(&registry->buckets[i].lock);
	}
	free(registry);
}

static struct bucket *bucket_of(struct registry *registry, pid_t tid)
{
	return &registry->buckets[(unsigned int)tid % BUCKETS];
}

/* The link that points to @tid's record, or the one at the end. */
static struct seen **seen_link(struct bucket *bucket, pid_t tid)
{
	struct seen **link = &bucket->first;

	while (*link && (*link)->tid != tid)
		link = &(*link)->next;
	return link;
}

/*
 * Is it certain that the thread that was seen has ended?  A doubt must not count:
 * what is forgotten by mistake would act as itself from then on.
 */
static bool seen_ended(const struct seen *seen)
{
	struct caller_stat stat;
	int error;

	if (seen->pidfd >= 0)
		return pidfd_send_signal(seen->pidfd, 0, NULL, 0) < 0 && errno == ESRCH;
	error = caller_stat(seen->tid, &stat);
	return error == -ESRCH || (!error && stat.start != seen->start);
}

/* Takes @tid's record out of the table; the caller holds the lock. */
static void seen_drop(struct bucket *bucket, pid_t tid)
{
	struct seen **link = seen_link(bucket, tid);
	struct seen *seen = *link;

	if (!seen)
		return;
	*link = seen->next;
	seen_free(seen);
}

static enum guise_reason seen_store(struct registry *registry, pid_t tid, int *pidfd,
				    uint64_t start, const struct registration *registration)
{
	struct bucket *bucket = bucket_of(registry, tid);
	struct seen *seen = malloc(sizeof(*seen));

	if (!seen)
		return REASON_NO_MEMORY;
	*seen = (struct seen){NULL, tid, -1, start, *registration, registry};
	if (*pidfd >= 0 && atomic_fetch_add(&registry->pidfds, 1) < registry->max_pidfds) {
		seen->pidfd = *pidfd;
		*pidfd = -1;
	} else if (*pidfd >= 0) {
		atomic_fetch_sub(&registry->pidfds, 1);
	}
	pthread_mutex_lock(&bucket->lock);
	seen_drop(bucket, tid);
	seen->next = bucket->first;
	bucket->first = seen;
	pthread_mutex_unlock(&bucket->lock);
	return REASON_NONE;
}

/*
 * A pidfd of @tid, or -1 where the kernel has none for threads (before 6.9) or
 * descriptors are short.  *@gone if the thread ended.
 */
static int thread_open(pid_t tid, bool *gone)
{
	int pidfd = pidfd_open(tid, PIDFD_THREAD);

	*gone = pidfd < 0 && errno == ESRCH;
	return pidfd;
}

static enum guise_reason reason_of_proc(int error)
{
	return error == -ENOMEM ? REASON_NO_MEMORY : REASON_CALLER_GONE;
}

/*
 * In which image did @tid announce itself, if it is the first thread?  No other's id outlives
 * an execve(2).  The entry comes before the thread's and is replaced before it.
 */
static enum guise_reason first_look(const struct registry *registry, pid_t tid,
				    const struct record *thread, struct registration *registration)
{
	struct record first;
	int32_t entry;

	registration->first = thread->tgid == tid;
	if (!registration->first)
		return REASON_NONE;
	entry = record_find(registry, NAME_FIRST, tid, &first);
	if (entry < 0)
		return REASON_REGISTRY_BROKEN;
	if (entry > 0 && first.start == thread->start)
		registration->image = first.value;
	return REASON_NONE;
}

/* Is the registry still there, and empty? */
static enum guise_reason registry_count(struct registry *registry, bool *empty)
{
	ssize_t entries = key_count(registry->ring);

	if (entries < 0)
		return REASON_REGISTRY_BROKEN;
	*empty = registry->was_empty = entries == 0;
	return REASON_NONE;
}

/*
 * The pidfd is opened before the start time is read: if another thread gets the
 * id in between, the pidfd is dead and the next request finds out.
 */
static enum guise_reason entry_look(struct registry *registry, pid_t tid,
				    struct registration *registration)
{
	struct record record;
	struct caller_stat stat;
	enum guise_reason reason;
	int32_t entry;
	bool gone;
	int error;

	entry = record_find(registry, NAME_THREAD, tid, &record);
	if (entry <= 0)
		return entry < 0 ? REASON_REGISTRY_BROKEN : REASON_NONE;
	SCOPED_FD pidfd = thread_open(tid, &gone);
	error = gone ? -ESRCH : caller_stat(tid, &stat);
	if (error)
		return reason_of_proc(error);
	if (stat.start != record.start) {
		/* left by a thread that had the id before */
		(void)ring_entry_remove(registry->ring, entry);
		return REASON_NONE;
	}
	*registration = (struct registration){.ring = record.value, .entry = entry};
	reason = first_look(registry, tid, &record, registration);
	return reason ? reason : seen_store(registry, tid, &pidfd, stat.start, registration);
}

static enum guise_reason registry_look(struct registry *registry, pid_t tid,
				       struct registration *registration)
{
	enum guise_reason reason = REASON_NONE;

	*registration = (struct registration){0};
	/* as long as nobody impersonates anywhere, one call tells */
	if (registry->was_empty)
		reason = registry_count(registry, &registration->nobody);
	if (reason || registration->nobody)
		return reason;
	return entry_look(registry, tid, registration);
}

enum guise_reason registry_find(struct registry *registry, pid_t tid,
				struct registration *registration)
{
	struct bucket *bucket = bucket_of(registry, tid);
	int32_t stale = 0;
	bool found = false;
	struct seen *seen;

	pthread_mutex_lock(&bucket->lock);
	seen = *seen_link(bucket, tid);
	if (seen && !seen_ended(seen)) {
		*registration = seen->registration;
		found = true;
	} else if (seen) {
		stale = seen->registration.entry;
		seen_drop(bucket, tid);
	}
	pthread_mutex_unlock(&bucket->lock);
	/* an entry that is gone was replaced: another mount was told of a newer ring */
	if (found)
		return key_count(registration->entry) < 0
			       ? registry_find_again(registry, tid, registration)
			       : REASON_NONE;
	if (stale)
		(void)ring_entry_remove(registry->ring, stale);
	return registry_look(registry, tid, registration);
}

enum guise_reason registry_find_again(struct registry *registry, pid_t tid,
				      struct registration *registration)
{
	char name[NAME_MAX_SIZE];
	int32_t entry;

	entry_name(registry, NAME_THREAD, tid, name);
	entry = ring_find(registry->ring, name);
	/* it lives and was registered: only a broken registry can have lost it */
	if (entry <= 0)
		return REASON_REGISTRY_BROKEN;
	if (entry == registration->entry)
		return REASON_NONE;
	return registry_look(registry, tid, registration);
}

void registry_note_marker(struct registry *registry, pid_t tid, int32_t entry, int32_t marker)
{
	struct bucket *bucket = bucket_of(registry, tid);
	struct seen *seen;

	pthread_mutex_lock(&bucket->lock);
	seen = *seen_link(bucket, tid);
	if (seen && seen->registration.entry == entry)
		seen->registration.marker = marker;
	pthread_mutex_unlock(&bucket->lock);
}

/* Has the first thread of process @tgid the start time that is recorded? */
static enum guise_reason process_is(pid_t tgid, const struct record *record, bool *same)
{
	struct caller_stat stat;
	int error = caller_stat(tgid, &stat);

	if (error)
		return reason_of_proc(error);
	*same = stat.start == record->start;
	return REASON_NONE;
}

/* Records @image under @prefix and @tgid, unless it is recorded already. */
static enum guise_reason image_record(const struct registry *registry, const char *prefix,
				      pid_t tgid, int32_t image)
{
	struct caller_stat stat;
	struct record record;
	int32_t entry = record_find(registry, prefix, tgid, &record);
	int error;

	if (entry < 0)
		return REASON_REGISTRY_BROKEN;
	error = caller_stat(tgid, &stat);
	if (error)
		return reason_of_proc(error);
	if (entry > 0 && record.start == stat.start && record.value == image)
		return REASON_NONE;
	record = (struct record){stat.start, tgid, image};
	return record_write(registry, prefix, tgid, &record) < 0 ? REASON_REGISTRY_BROKEN
								 : REASON_NONE;
}

/*
 * That a thread of process @tgid, as it is now, announces itself.  It makes a server of a
 * program that was executed in the place of one: only its own code can say so.
 */
static enum guise_reason process_announce(const struct registry *registry, pid_t tid, pid_t tgid,
					  int32_t image)
{
	enum guise_reason reason;

	/* one that could not be told from what it may execute */
	if (!image)
		return REASON_CALLER_GONE;
	reason = image_record(registry, NAME_PROCESS, tgid, image);
	if (reason)
		return reason;
	return image_record(registry, tid == tgid ? NAME_FIRST : NAME_OTHERS, tgid, image);
}

enum guise_reason registry_announce(struct registry *registry, pid_t tid, int32_t ring)
{
	struct registration registration = {.ring = ring};
	enum guise_reason reason;
	struct caller_stat stat;
	struct record record;
	pid_t tgid;
	bool gone;
	int error;
	SCOPED_FD pidfd = thread_open(tid, &gone);

	error = gone ? -ESRCH : caller_process(tid, &tgid);
	if (!error)
		error = caller_stat(tid, &stat);
	if (error)
		return reason_of_proc(error);
	/* the process first: no moment in which a thread is known and its workers are not */
	reason = process_announce(registry, tid, tgid, stat.image);
	if (reason)
		return reason;
	record = (struct record){stat.start, tgid, ring};
	registration.entry = record_write(registry, NAME_THREAD, tid, &record);
	if (registration.entry < 0)
		return REASON_REGISTRY_BROKEN;
	registration.first = tid == tgid;
	registration.image = stat.image;
	return seen_store(registry, tid, &pidfd, stat.start, &registration);
}

/* Have others than its first thread announced themselves in process @tgid?  Negative: broken. */
static int32_t others_find(const struct registry *registry, pid_t tgid)
{
	char name[NAME_MAX_SIZE];

	entry_name(registry, NAME_OTHERS, tgid, name);
	return ring_find(registry->ring, name);
}

enum guise_reason registry_check_first(struct registry *registry, pid_t tid,
				       const struct registration *registration, bool client)
{
	struct caller_stat stat;
	int32_t others;
	int error;

	if (!registration->first)
		return REASON_NONE;
	others = client ? others_find(registry, tid) : 1;
	if (others <= 0)
		return others < 0 ? REASON_REGISTRY_BROKEN : REASON_NONE;
	error = caller_stat(tid, &stat);
	if (error)
		return reason_of_proc(error);
	return stat.image && stat.image == registration->image ? REASON_NONE
							       : REASON_PROCESS_EXECUTED;
}

/* @tid, of process @tgid, did not announce itself, but @record says that others of @tgid did. */
static enum guise_reason unannounced_judge(const struct registry *registry, pid_t tid, pid_t tgid,
					   int32_t entry, const struct record *record)
{
	struct caller_stat stat;
	enum guise_reason reason;
	bool same;
	int error;

	/* the thread's own: of a first thread that has ended no image can be told */
	error = caller_stat(tid, &stat);
	if (error)
		return reason_of_proc(error);
	/* itself, also if the entry should be about another process */
	if (!stat.io_worker && stat.image && stat.image == record->value)
		return REASON_NONE;
	reason = process_is(tgid, record, &same);
	if (reason)
		return reason;
	if (same)
		return stat.io_worker ? REASON_IO_WORKER : REASON_PROCESS_EXECUTED;
	/* left by a process that had the id before */
	(void)ring_entry_remove(registry->ring, entry);
	return REASON_NONE;
}

enum guise_reason registry_check_unannounced(struct registry *registry, pid_t tid)
{
	enum guise_reason reason;
	struct record record;
	int32_t entry;
	bool empty;
	pid_t tgid;
	int error;

	reason = registry_count(registry, &empty);
	if (reason || empty)
		return reason;
	error = caller_process(tid, &tgid);
	if (error)
		return reason_of_proc(error);
	entry = record_find(registry, NAME_PROCESS, tgid, &record);
	if (entry <= 0)
		return entry < 0 ? REASON_REGISTRY_BROKEN : REASON_NONE;
	return unannounced_judge(registry, tid, tgid, entry, &record);
}

/* Removes @entry from the kernel if the thread or process it is about has ended. */
static void sweep_entry(const struct registry *registry, int32_t entry)
{
	struct caller_stat stat;
	struct key_info info;
	struct record record;
	uint64_t space;
	char kind[16];
	int used = -1, id, error;

	if (key_describe(entry, &info) ||
	    sscanf(info.description, "guise:%15[a-z]:%" SCNu64 ":%d%n", kind, &space, &id, &used) !=
		    3 ||
	    used < 0 || info.description[used] != '\0' || space != registry->pid_namespace ||
	    record_read(entry, &record))
		return;
	error = caller_stat(id, &stat);
	if (error == -ESRCH || (!error && stat.start != record.start))
		(void)ring_entry_remove(registry->ring, entry);
}

static void registry_sweep(const struct registry *registry)
{
	SCOPED_BUFFER int32_t *entries = NULL;
	ssize_t count = key_list_all(registry->ring, &entries);

	for (ssize_t i = 0; i < count; i++)
		sweep_entry(registry, entries[i]);
}

/* Forgets the threads of one bucket that ended. */
static void bucket_clean(struct registry *registry, struct bucket *bucket)
{
	struct seen **link = &bucket->first;

	pthread_mutex_lock(&bucket->lock);
	while (*link) {
		struct seen *seen = *link;

		if (!seen_ended(seen)) {
			link = &seen->next;
			continue;
		}
		*link = seen->next;
		(void)ring_entry_remove(registry->ring, seen->registration.entry);
		seen_free(seen);
	}
	pthread_mutex_unlock(&bucket->lock);
}

void registry_housekeep(struct registry *registry)
{
	time_t now = time(NULL);

	for (size_t i = 0; i < BUCKETS; i++)
		bucket_clean(registry, &registry->buckets[i]);
	if (now >= registry->swept && now - registry->swept < SWEEP_EVERY)
		return;
	registry->swept = now;
	registry_sweep(registry);
}
