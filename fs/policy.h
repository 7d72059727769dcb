/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The policy that a mount has in force: read at the start, again on SIGHUP or when root
 * asks for it.  One that cannot be read never replaces one that could.
 */
#ifndef GUISE_FS_POLICY_H
#define GUISE_FS_POLICY_H

#include "fs/operation.h"
#include "fs/options.h"
#include "keyring/policy.h"

/*
 * The policy that @options name, or the host's; the built-in one if the host has none.  Returns 0,
 * or 2 having said why not.
 */
int mount_policy_start(const struct options *options, struct policy **policy);

/* Reads it again, and notes what came of it.  0, or -errno and *@fault. */
int mount_policy_reload(struct session *session, struct policy_fault *fault);

/* The attributes system.guise.policy, the policy as text, and system.guise.policy.reload; root's.
 */
int mount_policy_show(struct operation *op, struct node *node, const char *argument);
int mount_policy_ask(struct operation *op, struct node *node, const char *argument);

/* The attribute system.guise.defaults, of the policy that part which anybody may know. */
int mount_policy_defaults(struct operation *op, struct node *node, const char *argument);

#endif
