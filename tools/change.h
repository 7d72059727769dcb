/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What all commands do alike that change descriptors: go through the paths, read each
 * descriptor, have the command say what it is to be, and write what differs, or with
 * -n print it.
 */
#ifndef GUISE_TOOLS_CHANGE_H
#define GUISE_TOOLS_CHANGE_H

#include "acl/descriptor.h"
#include "scope.h"
#include "walk.h"

/* An object whose descriptor a command is to change. */
struct target {
	const char *path;
	bool folder;
	bool named; /* its path was given, not found below another */
	enum origin origin;
	const struct descriptor *sd; /* what it is; without a SACL if the caller may not read it */
	const struct visit *visit;   /* NULL: it is in a file */
	const struct descriptor
		*above; /* what the folder it was found in has by now; NULL if named */
};

/*
 * Stores in *@to, a new descriptor, what that of @target is to be; leaves it NULL if it is to stay
 * as it is.  Returns an enum status, having reported a failure.
 */
typedef int change_fn(void *context, const struct target *target, struct descriptor **to);

struct change {
	struct scope scope;
	bool dry_run;      /* -n, --dry-run */
	bool takes_away;   /* the command takes rights away */
	bool states_dacl;  /* the command was told the whole DACL */
	bool into_private; /* --into-private: see exposure.h */
	bool hard_links;   /* --hard-links: also what has names elsewhere */
	bool propagate;    /* --propagate: what is below is only handed down what was named has */
	change_fn *make;
	void *context;
	unsigned long changed, unchanged; /* how many objects, once they were gone through */
};

enum change_value {
	CHANGE_PROPAGATE = SCOPE_END,
	CHANGE_INTO_PRIVATE,
	CHANGE_HARD_LINKS,
	CHANGE_END, /* a command's own values begin here */
};

/* for a table of options */
#define CHANGE_OPTIONS                                                                             \
	SCOPE_OPTIONS, {"propagate", no_argument, NULL, CHANGE_PROPAGATE},                         \
		{"into-private", no_argument, NULL, CHANGE_INTO_PRIVATE},                          \
		{"hard-links", no_argument, NULL, CHANGE_HARD_LINKS},                              \
	{                                                                                          \
		"dry-run", no_argument, NULL, 'n'                                                  \
	}
#define CHANGE_LETTERS SCOPE_LETTERS "n"

/* Takes @option, as command_option() gave it, if it is one of these. */
bool change_option(struct change *change, int option);

/* Changes the @count @paths; returns the exit status. */
int change_paths(struct change *change, char *const *paths, int count);

/* STATUS_OK, or STATUS_FAILED, having reported that @to, which is to inherit, could not: its order
 * is meant, so that it became protected instead (inherit.h). */
int change_check_order(const struct target *target, const struct descriptor *to);

/* What @target inherits of the folder it was found in, beside what is its own. */
change_fn change_hand_down;

/*
 * The descriptor of the folder that @target lies in, in *@parent (caller frees).  An enum status: a
 * failure was reported.  What lies nowhere, as the root of a mount, has none: STATUS_OK
 * and NULL.
 */
int change_parent(const struct target *target, struct descriptor **parent);

#endif
