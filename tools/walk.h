/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Going through the objects that a command is about: the paths that were named and, if it is
 * recursive, all below them, a folder before what is in it.
 *
 * What is found in a folder is opened by its name in that very folder, never by a path, so that
 * nobody who renames things meanwhile or puts symbolic links there leads the walk elsewhere. Of a
 * folder as many names are held as are read at once, sorted if these are all; memory grows
 * with the depth of a tree, not with its size.
 */
#ifndef GUISE_TOOLS_WALK_H
#define GUISE_TOOLS_WALK_H

#include "object.h"
#include "scope.h"

/* One object on the way. */
struct visit {
	const char *path; /* as people know it: what was named, and names below */
	const struct object *object;
	unsigned int depth; /* 0: it was named itself */
	int folder;         /* the folder that it was found in (O_PATH); -1 if it was named */
	void *above;        /* what the visit of that folder left in its *below, or NULL */
	void **below;       /* of a folder: for visits of what is in it; NULL at first */
	bool passed; /* it was visited by the run before, see --resume, and only *below counts */
};

struct walk {
	const struct scope *scope;
	/* An enum status; another than STATUS_OK is a failure, which was reported. */
	int (*visit)(void *context, const struct visit *visit);
	/* Frees what a visit left in *below; may be NULL. */
	void (*leave)(void *below);
	void *context;
	bool shows_progress;   /* on a terminal */
	unsigned long *failed; /* NULL, or where the failures are counted */
};

/*
 * Visits @count @paths, or those of scope->files_from.  Returns STATUS_OK; the status of what
 * failed, if only one object was visited; STATUS_PARTIAL if one of several failed.  After
 * a failure the walk ends unless scope->keep_going.
 */
int walk_paths(const struct walk *walk, char *const *paths, int count);

/* Does standard output go elsewhere than to the terminal that shows how far a walk has come? */
bool walk_output_is_apart(void);

/*
 * The folder that what is visited lies in, for its descriptor: opened anew in *@parent (the
 * caller closes).  0 or -errno: -ENOENT if it was named and its folder cannot be told, or it is the
 * root of everything or of its mount.
 */
int visit_parent(const struct visit *visit, struct object *parent);

#endif
