/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One descriptor that an argument names: of a file or folder, or by itself.
 */
#ifndef GUISE_TOOLS_SINGLE_H
#define GUISE_TOOLS_SINGLE_H

#include <stdbool.h>

#include "acl/descriptor.h"
#include "scope.h"

/*
 * Reads the descriptor that @path names, links and forms as @scope says, but for its -R; "-" is
 * standard input.  Stores it in *@sd (caller frees) and in *@folder whether it is a folder's.  An
 * enum status: a failure was reported.
 */
int single_read(const struct scope *scope, const char *path, struct descriptor **sd, bool *folder);

#endif
