/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Becoming a daemon, in a way that the starter learns whether it worked.
 */
#ifndef GUISE_FS_DAEMON_H
#define GUISE_FS_DAEMON_H

/*
 * Forks.  The child goes on; the parent waits, without returning, until the child calls
 * daemon_ready() (exit status 0) or ends (the child's status).  Returns in
 * the child a descriptor for daemon_ready(), or -errno.
 */
int daemon_start(void);

/* Tells the parent that all is well, and lets go of the terminal. */
void daemon_ready(int fd);

#endif
