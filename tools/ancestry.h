/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The folders above an object, up to the root of its mount: opened one from the other, when they
 * are first asked for.
 */
#ifndef GUISE_TOOLS_ANCESTRY_H
#define GUISE_TOOLS_ANCESTRY_H

#include <stddef.h>

#include "site.h"

/* deeper than any path that can be said */
#define ANCESTRY_MAX 4096

struct ancestry {
	const struct site *object; /* not owned */
	size_t count;
	struct site **folders; /* the nearest first */
	int end;               /* -errno of opening the next one; -ENOENT: there is none */
};

#define ANCESTRY_CLEANUP __attribute__((cleanup(ancestry_clear)))

/* Number @level above the object, 0 being the one it lies in; NULL: ancestry->end says why. */
const struct site *ancestry_get(struct ancestry *ancestry, size_t level);
void ancestry_clear(struct ancestry *ancestry);

/* Where an inherited ACE comes from. */
enum trail_end {
	TRAIL_FOUND,      /* from the entry that was found last, which is not inherited */
	TRAIL_NOT_HANDED, /* the folder after that does not hand it down now */
	TRAIL_TOP,        /* the folder that was found last is the highest one */
	TRAIL_UNKNOWN,    /* the folder after that cannot be read */
};

struct trail {
	enum trail_end end;
	size_t levels;            /* folders that hand it down, one to the other */
	const struct site *from;  /* the last of them; NULL: none does */
	size_t place;             /* of the entry there, in its DACL, from 0 */
	const struct site *after; /* the folder that ended it, or NULL */
	int error;                /* TRAIL_UNKNOWN: -errno */
};

/* Follows @ace, an inherited one of the object's.  0 or -ENOMEM. */
int trail_follow(struct ancestry *ancestry, const struct ace *ace, struct trail *trail);

/* The same as words: "from entry 2 of /srv"; caller frees. */
char *trail_text(const struct trail *trail);

#endif
