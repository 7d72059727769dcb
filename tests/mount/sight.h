/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an object is and what users may do with it, on a mount and behind it: to
 * compare before and after a change, and after a crash in between.
 */
#ifndef GUISE_TESTS_SIGHT_H
#define GUISE_TESTS_SIGHT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/mount/harness.h"
#include "tests/mount/killer.h"

/* Who looks: the owner of most, somebody else, a member of TEAM, a member of CREW. */
enum { LOOKS_ALICE, LOOKS_BOB, LOOKS_MATE, LOOKS_EVE, LOOKERS };
extern const struct who lookers[LOOKERS];

/* What one user may do. */
struct powers {
	uint32_t granted;                         /* by system.guise.access; 0 if that is refused */
	bool reads, writes, lists, follows, sees; /* tried: open, opendir, readlink, stat */
	unsigned int
		behind; /* R_OK, W_OK, X_OK of the backing object alone, by mode and POSIX ACL */
};

/* An object. */
struct sight {
	bool exists;
	bool stored;     /* has a descriptor of its own, */
	bool parses;     /* and that can be read */
	char sddl[2048]; /* by root on the mount */
	char holds[64];  /* the start of its contents, or what it is */
	uid_t uid;       /* of the backing object */
	gid_t gid;
	mode_t mode;
	struct powers powers[LOOKERS];
};

/* Looks at @name of @share, of which nothing may be open. */
void look_at(const struct share *share, const char *name, struct sight *sight);

/* Of granted rights, those that a POSIX mode can show. */
unsigned int granted_behind(uint32_t granted);

#endif
