/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A scan of all processes in /proc.  It proves an absence, so any doubt makes it
 * void: a process that ends during the scan, and any new one, which the count of
 * forks since boot shows.
 */
#include "keyring/census.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "keyring/caller.h"
#include "keyring/namespace.h"
#include "keyring/scoped.h"

static void dir_close(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static bool census_counted(const struct census *census, uint64_t inode)
{
	for (size_t i = 0; i < census->count; i++) {
		if (census->inodes[i] == inode)
			return true;
	}
	return false;
}

static int census_add(struct census *census, uint64_t inode)
{
	if (census->count == census->room) {
		size_t room = census->room ? 2 * census->room : 16;
		uint64_t *inodes = reallocarray(census->inodes, room, sizeof(*inodes));

		if (!inodes)
			return -ENOMEM;
		census->inodes = inodes;
		census->room = room;
	}
	census->inodes[census->count++] = inode;
	return 0;
}

/* Adds the namespace of @tid and its ancestors that are not there yet. */
static int census_climb(struct census *census, pid_t tid)
{
	int fd = namespace_open(tid);
	int error = 0;

	while (fd >= 0) {
		uint64_t inode;
		int parent;
		SCOPED_FD child = fd;

		error = namespace_inode(child, &inode);
		if (error || census_counted(census, inode))
			return error;
		error = census_add(census, inode);
		if (error)
			return error;
		parent = namespace_parent(child);
		if (parent == -EPERM)
			return 0;
		fd = parent;
	}
	/* it ended: perhaps it had children that were not seen either */
	return fd == -ESRCH ? -EAGAIN : fd;
}

/*
 * Threads share their process's user namespace: the kernel lets only a process
 * of one thread change it.
 */
static int census_processes(struct census *census)
{
	__attribute__((cleanup(dir_close))) DIR *dir = opendir("/proc");

	if (!dir)
		return -errno;
	for (;;) {
		struct dirent *entry;
		char *end;
		long pid;
		int error;

		errno = 0;
		entry = readdir(dir);
		if (!entry)
			return errno ? -errno : 0;
		pid = strtol(entry->d_name, &end, 10);
		if (*end != '\0' || pid <= 0)
			continue;
		error = census_climb(census, (pid_t)pid);
		/* where init is shielded from tracing; it never gets a mark */
		if (error == -EACCES && pid == 1)
			continue;
		if (error)
			return error;
	}
}

/* Line "processes N" of /proc/stat: it only ever grows. */
static int fork_count(unsigned long long *count)
{
	static const char word[] = "\nprocesses ";
	SCOPED_BUFFER char *text = NULL;
	int error = caller_slurp("/proc/stat", &text);
	const char *line;

	if (error)
		return error;
	line = strstr(text, word);
	return line && sscanf(line + strlen(word), "%llu", count) == 1 ? 0 : -EPROTO;
}

int census_take(struct census *census)
{
	unsigned long long before, after;
	int error = fork_count(&before);

	memset(census, 0, sizeof(*census));
	if (!error)
		error = census_processes(census);
	if (!error)
		error = fork_count(&after);
	if (!error && before != after)
		error = -EAGAIN;
	if (error)
		census_free(census);
	return error;
}

bool census_has(const struct census *census, uint64_t inode)
{
	return census_counted(census, inode);
}

void census_free(struct census *census)
{
	free(census->inodes);
	memset(census, 0, sizeof(*census));
}
