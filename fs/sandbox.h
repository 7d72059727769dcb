/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the daemon gives up before it serves.
 */
#ifndef GUISE_FS_SANDBOX_H
#define GUISE_FS_SANDBOX_H

#include <sys/types.h>

/*
 * Keeps only the capabilities that serving needs, cannot gain new ones, and cannot be
 * traced or dumped.  CAP_FSETID is kept out of effect: without it the kernel
 * clears suid and sgid bits of files that are written to.  Returns 0 or -errno.
 * Call before threads are started.
 */
int sandbox_enter(void);

/*
 * chmod(2) of a folder, which keeps S_ISGID if @mode has it although the daemon is not
 * in the folder's group: the calling thread has CAP_FSETID meanwhile, and no other.
 */
int sandbox_chmod_folder(const char *path, mode_t mode);

#endif
