/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which threads announced themselves, and with which ring.
 *
 * The truth is in the kernel: one entry a thread, with the thread's start time,
 * so that an id used again is not mistaken for it.  In memory each daemon keeps
 * a pidfd of every thread it has seen, which tells at once whether it lives.
 */
#ifndef GUISE_KEYRING_REGISTRY_H
#define GUISE_KEYRING_REGISTRY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "keyring/reason.h"

struct registry;

struct registration {
	int32_t ring;   /* 0: the thread never announced itself */
	int32_t entry;  /* the registry's key */
	int32_t marker; /* the key in the ring that was the marker last time, or 0 */
	bool first;     /* it is its process's first thread, whose id a program that any of the
			 * threads executes gets */
	int32_t image;  /* then: what it ran when it announced itself, or 0 (caller.h) */
	bool nobody;    /* no thread of any process has announced itself */
};

/* 0 or a negative errno. */
int registry_create(struct registry **registry);
void registry_destroy(struct registry *registry);

/*
 * Did thread @tid announce itself?  A registry that is gone looks like one that
 * does not know the thread: registry_check_unannounced() tells them apart.
 */
enum guise_reason registry_find(struct registry *registry, pid_t tid,
				struct registration *registration);

/*
 * As registry_find(), but asks the kernel's registry anew: has another mount
 * been told of a newer ring?
 */
enum guise_reason registry_find_again(struct registry *registry, pid_t tid,
				      struct registration *registration);

/* Remembers the marker of @tid, if it still is registered as @entry. */
void registry_note_marker(struct registry *registry, pid_t tid, int32_t entry, int32_t marker);

/* Records that thread @tid has ring @ring. */
enum guise_reason registry_announce(struct registry *registry, pid_t tid, int32_t ring);

/*
 * May @tid, which did not announce itself, act as itself?  If threads of its process did,
 * REASON_IO_WORKER for an io_uring worker, and REASON_PROCESS_EXECUTED if the process has
 * executed another program since; REASON_REGISTRY_BROKEN if the registry is gone.
 */
enum guise_reason registry_check_unannounced(struct registry *registry, pid_t tid);

/*
 * Does what @tid announced still count?  REASON_PROCESS_EXECUTED if it was the first thread, and
 * a program executed in the process's place has its id now.  Where its ring has a @client
 * that is only looked at if others announced themselves, too: what a first thread alone
 * executes while it impersonates may go on as its client.
 */
enum guise_reason registry_check_first(struct registry *registry, pid_t tid,
				       const struct registration *registration, bool client);

/* Forgets threads that ended, and now and then what daemons that ended left behind. */
void registry_housekeep(struct registry *registry);

#endif
