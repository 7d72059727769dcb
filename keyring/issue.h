/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stating a client's identity: principals as a logon service names them. */
#ifndef GUISE_KEYRING_ISSUE_H
#define GUISE_KEYRING_ISSUE_H

#include <stdbool.h>

#include "acl/sid.h"

/*
 * The user, or the group, that @text is: a SID, or the name of an account, or of a group of this
 * host, its domain or a well-known one.  Many hosts give each account a group of its name, so what
 * a name means depends on what it is for.  0, -ENOENT, or why the look-up failed.
 */
int issue_sid(const char *text, bool is_group, struct sid *sid);

#endif
