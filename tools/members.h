/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who is in a group of this host, as far as the host can list that.
 */
#ifndef GUISE_TOOLS_MEMBERS_H
#define GUISE_TOOLS_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct members {
	size_t count;
	uid_t *uids;
	bool partial; /* a domain may have more, which it does not list */
};

#define MEMBERS_CLEANUP __attribute__((cleanup(members_clear)))

/* The accounts in group @gid, each once.  0, -ENOENT (there is no such group), -ENOMEM. */
int members_find(gid_t gid, struct members *members);
void members_clear(struct members *members);

#endif
