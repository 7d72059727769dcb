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

/* The mount point of any guisefs mount.  0, -ENODEV, -ENAMETOOLONG, ... */
int announce_find_mount(char *path, size_t size);

#endif
