/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where audit records go, their ids, and how many there may be.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

#include "fs/audit.h"
#include "fs/flood.h"

#define STAMP_LENGTH 8
#define ID_SIZE (STAMP_LENGTH + 24)

struct audit_entry {
	struct audit_entry *next;
	char id[ID_SIZE];
	char *line;
	size_t length;
};

/* Set up before there are threads, then only read; but for the counter. */
static struct {
	bool on;
	int fd;     /* -1: syslog */
	char *file; /* absolute path */
	const char *share, *mount, *source;
	struct flood *flood;
	char stamp[STAMP_LENGTH + 1]; /* of this daemon's ids */
	_Atomic uint64_t last;
	pthread_mutex_t writing; /* held while a line is written, for the next */
	bool torn;               /* the file does not end with a whole line */
} records = {.fd = -1, .writing = PTHREAD_MUTEX_INITIALIZER};

static int complain(const char *file, const char *why)
{
	fprintf(stderr, "guisefs: audit file %s: %s\n", file, why);
	return 1;
}

/* Who may change the file can forge records. */
static int check_file(int fd, const char *file)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return complain(file, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return complain(file, "not a regular file");
	if (st.st_uid != geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH)))
		return complain(file, "others than root can change it");
	if (st.st_nlink != 1)
		return complain(file, "it has another name, and may be meant for something else");
	return 0;
}

static int open_file(const char *file)
{
	/* what is no regular file must not make us wait */
	records.fd =
		open(file,
		     O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
		     0600);
	if (records.fd < 0)
		return complain(file, strerror(errno));
	if (check_file(records.fd, file))
		return 1;
	records.file = realpath(file, NULL);
	return records.file ? 0 : complain(file, strerror(errno));
}

/* Random, so that no two daemons on however many hosts share one. */
static int make_stamp(void)
{
	static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
	uint8_t bytes[STAMP_LENGTH];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return -errno;
	for (size_t i = 0; i < STAMP_LENGTH; i++)
		records.stamp[i] = digits[bytes[i] % 32];
	return 0;
}

int audit_start(const struct options *options)
{
	if (!options->audit)
		return 0;
	if (strcmp(options->audit, "syslog") && open_file(options->audit))
		return 1;
	records.flood = flood_create();
	if (!records.flood || make_stamp() < 0)
		return complain(options->audit, "cannot start");
	records.share = options->share;
	records.mount = options->mountpoint;
	records.source = options->source;
	records.on = true;
	return 0;
}

bool audit_records(void)
{
	return records.on;
}

const char *audit_file(void)
{
	return records.file;
}

/* From the root of the share on. */
static const char *object_of(const char *path)
{
	size_t length = strlen(records.source);

	if (!path || strncmp(path, records.source, length))
		return path;
	if (length == 1)
		return path;
	if (!path[length])
		return "/";
	return path[length] == '/' ? path + length : path;
}

static const char *add(struct audit_entry **entries, struct record *record)
{
	struct audit_entry *entry = calloc(1, sizeof(*entry));
	struct timespec now;

	record->share = records.share;
	record->mount = records.mount;
	clock_gettime(CLOCK_REALTIME, &now);
	if (entry) {
		snprintf(entry->id, sizeof(entry->id), "%s-%llu", records.stamp,
			 (unsigned long long)++records.last);
		entry->line = record_write(record, entry->id, &now, &entry->length);
	}
	if (!entry || !entry->line) {
		free(entry);
		audit_note("audit record lost: out of memory");
		return NULL;
	}
	while (*entries)
		entries = &(*entries)->next;
	*entries = entry;
	return entry->id;
}

static void add_suppressed(struct audit_entry **entries, uid_t uid, uint64_t count)
{
	struct caller caller = {.uid = uid};
	struct record record = {.kind = RECORD_SUPPRESSED, .caller = &caller, .count = count};

	add(entries, &record);
}

/* The hits of audit ACEs are what the owner of the object asked for, however many. */
static bool admitted(struct audit_entry **entries, const struct record *record)
{
	struct timespec now;
	uint64_t missed;

	if (record->kind == RECORD_SACL)
		return true;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!flood_admits(records.flood, record->caller->uid,
			  (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec, &missed))
		return false;
	if (missed)
		add_suppressed(entries, record->caller->uid, missed);
	return true;
}

const char *audit_add(struct audit_entry **entries, struct record *record, const char *path)
{
	if (!records.on || !admitted(entries, record))
		return NULL;
	record->object = object_of(path);
	return add(entries, record);
}

/*
 * One write a record, so that those of several threads and daemons do not mix.  After one that was
 * cut short, for want of room, the next one starts on a line of its own.
 */
static bool write_file(const struct audit_entry *entry)
{
	struct iovec parts[] = {{(char[]){'\n'}, 0}, {entry->line, entry->length}};
	ssize_t written, whole;

	pthread_mutex_lock(&records.writing);
	parts[0].iov_len = records.torn;
	whole = (ssize_t)entry->length + records.torn;
	written = writev(records.fd, parts, 2);
	/* nothing written leaves the end as it was */
	if (written > 0)
		records.torn = written != whole;
	pthread_mutex_unlock(&records.writing);
	if (written == whole)
		return true;
	audit_note("audit record %s not written to %s: %s", entry->id, records.file,
		   written < 0 ? strerror(errno) : "no room");
	return false;
}

static void write_line(const struct audit_entry *entry)
{
	if (records.fd < 0 || !write_file(entry))
		syslog(LOG_AUTHPRIV | LOG_NOTICE, "%.*s", (int)entry->length - 1, entry->line);
}

void audit_write(struct audit_entry **entries)
{
	while (*entries) {
		struct audit_entry *entry = *entries;

		*entries = entry->next;
		write_line(entry);
		free(entry->line);
		free(entry);
	}
}

void audit_stop(void)
{
	struct audit_entry *entries = NULL;
	uint64_t missed;
	uid_t uid;

	while (records.on && (missed = flood_drain(records.flood, &uid)))
		add_suppressed(&entries, uid, missed);
	audit_write(&entries);
	flood_destroy(records.flood);
	free(records.file);
	records.flood = NULL;
	records.file = NULL;
	records.on = false;
}
