/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An object with all that decides who may do what with it: its descriptor, what the mount does
 * besides, and the folder it lies in.
 */
#ifndef GUISE_TOOLS_SITE_H
#define GUISE_TOOLS_SITE_H

#include <stdbool.h>

#include "acl/action.h"
#include "object.h"
#include "scope.h"
#include "walk.h"

struct site {
	struct object object;
	char *path;                /* for people */
	struct action_object what; /* its descriptor, NULL if @error says why not */
	struct descriptor *sd;     /* the same, owned */
	enum origin origin;
	int error;       /* -errno of reading the descriptor */
	bool root;       /* of its mount */
	bool strict;     /* of the mount: traverse=strict, */
	bool public;     /* attributes=public, */
	bool squash;     /* root=squash */
	bool no_sacl;    /* its SACL, if it has one, was not shown */
	bool no_natures; /* what decides besides the descriptor could not be asked */
	bool borrowed;   /* the object is a walk's, */
	int within;      /* which found it in this folder; else -1 */
};

#define SITE_NONE                                                                                  \
	{                                                                                          \
		.object = OBJECT_NONE, .within = -1                                                \
	}
#define SITE_CLEANUP __attribute__((cleanup(site_clear)))

/*
 * Opens @path, or with @scope (which may be NULL) the descriptor that it holds, and reads what
 * can be read.  0 or -errno; also 0 if only the descriptor cannot be read, which site->error
 * tells.
 */
int site_open(const char *path, const struct scope *scope, struct site *site);

/* The same of what a walk visits, as long as the visit lasts. */
int site_visit(const struct visit *visit, struct site *site);

/* The same of an object that is open, which is taken over also on failure. */
int site_adopt(struct object *object, const char *path, struct site *site);

/*
 * The folder that @site lies in, on the same mount: by its descriptor, never by a path where it is
 * a folder itself.  0 or -errno: -ENOENT if there is none, as above the root of a mount.
 */
int site_above(const struct site *site, struct site *folder);

void site_clear(struct site *site);

#endif
