/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What lies below a folder, found by a path that somebody else wrote down: never through a symbolic
 * link, never out of the folder, never onto another mount.
 */
#ifndef GUISE_TOOLS_BELOW_H
#define GUISE_TOOLS_BELOW_H

#include "object.h"

/*
 * Opens @path ("." is the root itself, which need not be a folder) below @root.  0 or -errno:
 * -ELOOP if a symbolic link is on the way (the last name may be one: that is opened itself), -EXDEV
 * if it leads out or onto another mount.
 */
int below_open(const struct object *root, const char *path, struct object *object);

#endif
