/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Comparing the descriptors of two trees, object by object.
 */
#ifndef GUISE_TOOLS_DIFF_TREES_H
#define GUISE_TOOLS_DIFF_TREES_H

#include "format.h"
#include "scope.h"

/*
 * Compares what is below @a with what has the same path below @b.  Stores in *@differs
 * whether they differ.  Returns what walk_paths() does.
 */
int diff_trees(const struct scope *scope, enum format format, const char *a, const char *b,
	       bool *differs);

#endif
