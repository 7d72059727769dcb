/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What /proc says of a thread.  The request that it waits for pins a caller's
 * id, so what is read under that id is the caller's.
 *
 * All return 0 or a negative errno; a thread that ended gives -ESRCH.
 */
#ifndef GUISE_KEYRING_CALLER_H
#define GUISE_KEYRING_CALLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct caller_stat {
	uint64_t start; /* clock ticks since boot */
	bool io_worker; /* an io_uring worker of the kernel's */
	int32_t image;  /* which program it runs: see below */
};

/*
 * The image is made of where the kernel put the program: execve(2) draws that anew (so the same
 * program executed again is another image), and neither time nor what a process does to its
 * name or arguments changes it.  1 to INT32_MAX; 0 if it cannot be told, because the
 * thread has no memory of its own any more or the kernel does not say.
 */

/* /proc/TID/stat */
int caller_stat(pid_t tid, struct caller_stat *stat);

/* The process that @tid belongs to. */
int caller_process(pid_t tid, pid_t *tgid);

/* How many threads that process has. */
int caller_threads(pid_t tid, unsigned int *threads);

struct caller;

/* Who @tid is to requests that it would make now: its fsuid and fsgid. */
int caller_ids(pid_t tid, struct caller *caller);

/*
 * Supplementary groups of @tid, an array for the caller to free.  -ESTALE if its
 * fsuid is not @uid: then the request was made with borrowed credentials (by overlayfs,
 * say) or by another thread, and these groups do not belong to that user.
 */
int caller_groups(pid_t tid, uid_t uid, gid_t **groups, size_t *count);

/*
 * Does the user namespace of @tid map exactly one user, onto itself as the
 * daemon sees it: @uid?
 */
int caller_maps_only(pid_t tid, uid_t uid, bool *only);

/* Is /proc that of this process's pid namespace?  Ids mean nothing if not. */
bool caller_proc_is_ours(void);

/* Are start times those that other daemons see?  In a time namespace they may be others. */
bool caller_times_are_hosts(void);

/* Inode of this process's pid namespace, which the meaning of a thread id hangs on. */
int caller_pid_namespace(uint64_t *inode);

/*
 * The text of @path (a file under /proc), NUL-terminated, in *@text for the
 * caller to free.
 */
int caller_slurp(const char *path, char **text);

#endif
