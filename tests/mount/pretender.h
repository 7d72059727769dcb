/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A file system as any user could mount one where fusermount(1) lets it: it calls itself
 * guisefs, takes every announcement, says yes to every access check, and that everybody is SYSTEM.
 */
#ifndef GUISE_TESTS_PRETENDER_H
#define GUISE_TESTS_PRETENDER_H

#include <sys/types.h>

/* Mounts it on @folder, with a file "file"; fails the test if it cannot.  Its process. */
pid_t pretender_start(const char *folder);

/* Unmounts it and ends the process. */
void pretender_end(pid_t pid, const char *folder);

#endif
