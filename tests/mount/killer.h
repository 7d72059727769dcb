/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Kills a daemon, or who asked it, just before the N-th system call by which the daemon
 * would change something on disk.
 */
#ifndef GUISE_TESTS_KILLER_H
#define GUISE_TESTS_KILLER_H

#include <stdbool.h>
#include <sys/types.h>

/* Whose processes there are. */
struct who {
	const char *name;
	uid_t uid;
	gid_t gid;
	size_t ngroups;
	gid_t groups[2];
};

enum victim { VICTIM_DAEMON, VICTIM_CALLER };

struct killing {
	pid_t daemon;
	enum victim victim;
	unsigned int at; /* before the at-th call that changes something; 0: never */
	const struct who *who;
	int (*act)(void *arg); /* what is asked of the daemon, 0 or -errno */
	void *arg;
};

struct killed {
	bool done;          /* the victim was killed */
	unsigned int calls; /* that change something, which the daemon made or would have made */
	int result;         /* of act(), if the caller was not killed */
};

/* Becomes @who, for good, in a process of its own; ends it on failure. */
void become(const struct who *who);

/* Runs act() in a new process while all threads of the daemon are traced; fails the test if it
 * cannot. */
struct killed kill_at(const struct killing *killing);

#endif
