/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Processes of other users that do what a test tells them, and announce
 * themselves to the test's resolver instead of to a mount.
 *
 * actor.c takes the place of the library's announce.c at link time.
 */
#ifndef GUISE_TESTS_ACTOR_H
#define GUISE_TESTS_ACTOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "keyring/resolve.h"

struct actor;

/* What an actor runs; the result goes back to the test. */
typedef long actor_fn(long argument);

/* Where announcements go; set it before an actor starts. */
extern struct resolver *actor_resolver;
/* The reason that the last announcement was refused for. */
extern enum guise_reason actor_refused;

/* While true, threads have no pidfds and namespaces no file handles, as before Linux 6.9 and 6.18.
 */
extern bool actor_old_kernel;

/* In an actor, while true: the kernel refuses to unlink keys, one or all. */
extern bool actor_no_unlink;
/* In an actor: the permissions of the keyring that was emptied last. */
extern uint32_t actor_cleared;

/* A new process of user @uid, with no supplementary groups but @extra if that is not 0. */
struct actor *actor_start(uid_t uid, gid_t gid, gid_t extra);

/* Has @fn run in the actor.  -ECHILD if it does not come back (exec, exit). */
long actor_do(struct actor *actor, actor_fn *fn, long argument);

/* The actor as a caller. */
struct caller actor_caller(const struct actor *actor);

/* Kills it and waits. */
void actor_end(struct actor *actor);

#endif
