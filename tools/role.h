/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the commands of guise role share: which policy it is about. */
#ifndef GUISE_TOOLS_ROLE_H
#define GUISE_TOOLS_ROLE_H

#include <stddef.h>

#include "keyring/policy.h"

#define POLICY_CLEANUP __attribute__((cleanup(policy_unrefp))) const struct policy

/*
 * Reads --policy FILE, which goes to *@file (NULL if it is not given).  Returns 0, or what
 * command_option() gave to stop for.
 */
int role_options(int argc, char **argv, const char **file);

/*
 * The policy in @file, or if that is NULL the one that a mount has in force.  Returns 0 with a
 * reference in *@policy, or an exit status, having said why.
 */
int role_policy(const char *file, const struct policy **policy);

/* The index of @role in @policy.  0, or STATUS_USAGE having said that there is none. */
int role_find(const struct policy *policy, const char *role, size_t *index);

#endif
