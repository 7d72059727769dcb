/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The guisefs mounts of the host, as the kernel lists them.
 *
 * Only a mount that root made counts: anybody may mount a file system that
 * calls itself guisefs, and one that only pretended to take an announcement
 * would leave the thread acting as itself on the true mounts.
 */
#ifndef GUISE_KEYRING_MOUNTS_H
#define GUISE_KEYRING_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * If @line, of /proc/self/mountinfo (it is cut up), is a guisefs mount made by root
 * and its root folder is what is mounted, returns the mount point (in @line), else NULL.
 */
char *mounts_line(char *line);

/*
 * Calls @each with the mount point of every guisefs mount, until it returns
 * true.  Returns 0 if it did, -ENODEV if not, or why the list cannot be read.
 */
int mounts_each(bool (*each)(const char *path, void *context), void *context);

/*
 * Is what @fd (O_PATH will do) refers to on such a mount, or on a part of one that is
 * mounted elsewhere?  1 or 0, or -errno.  No request reaches the mount.
 */
int mounts_hold(int fd);

/*
 * Calls @each with an O_PATH descriptor of the root of every guisefs mount, or with
 * the negative errno for which there is none: -EOPNOTSUPP if the mount lies hidden
 * below something else.  Until it returns true, and returns, as mounts_each().
 */
int mounts_each_open(bool (*each)(int fd, const char *path, void *context), void *context);

/*
 * Is @error, of opening a mount's root, one of a mount that this thread cannot reach (or
 * that would refuse it anyway), that has lost its daemon, or that is hidden?
 */
bool mounts_out_of_reach(int error);

/* The mount point of any guisefs mount.  0, -ENODEV, -ENAMETOOLONG, ... */
int announce_find_mount(char *path, size_t size);

#endif
