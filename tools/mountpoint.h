/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which files are on a guisefs mount, as the kernel says.
 */
#ifndef GUISE_TOOLS_MOUNTPOINT_H
#define GUISE_TOOLS_MOUNTPOINT_H

/*
 * Is what @fd (O_PATH will do) refers to on a guisefs mount, or on a part of
 * one that is mounted elsewhere?  1 or 0, or -errno.  No request reaches the mount.
 */
int mountpoint_is_guisefs(int fd);

/*
 * Opens the root of the first guisefs mount that can be reached.  Stores its
 * path in *@path (caller frees) and returns an O_PATH descriptor, or -errno: -ENODEV if there is
 * none.
 */
int mountpoint_open_first(char **path);

#endif
