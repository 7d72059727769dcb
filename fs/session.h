/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A session: one mounted share, from its options to its store.
 */
#ifndef GUISE_FS_SESSION_H
#define GUISE_FS_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "fs/options.h"

struct fuse_conn_info;
struct fuse_session;
struct resolver;
struct store;

/* may the kernel keep names that it can be told to forget? (kernel_cache.h) */
enum names_kept { NAMES_UNKNOWN, NAMES_KEPT, NAMES_NOT_KEPT };

struct session {
	const struct options *options;
	struct store *store;
	struct resolver *resolver;
	struct fuse_session *fuse; /* while mounted */
	bool uring;                /* requests come over io_uring */
	_Atomic bool passthrough;  /* negotiated with the kernel, and not failed yet */
	_Atomic enum names_kept names_kept;
	uint64_t node_mask;       /* random: callers see node numbers, but not where nodes lie */
	void (*ready)(void *arg); /* called once the kernel has agreed; may be NULL */
	void *ready_arg;
};

/* Serves @session on its mount point until it is unmounted or told to end.  Returns 0 or 1, having
 * said why. */
int session_run(struct session *session);

/*
 * From now on SIGHUP ends nothing, and waits for a session that reads its policy again.  Call it
 * before there are threads.
 */
void session_hold_hangup(void);

/* Chooses from what the kernel offers: what section "Not negotiated" of SECURITY.md relies on. */
void session_negotiate(struct session *session, struct fuse_conn_info *conn);

#endif
