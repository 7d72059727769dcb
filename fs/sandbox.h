/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the daemon gives up before it serves.
 */
#ifndef GUISE_FS_SANDBOX_H
#define GUISE_FS_SANDBOX_H

/*
 * Keeps only the capabilities that serving needs, cannot gain new ones, and cannot be
 * traced or dumped.  Among those given up is CAP_FSETID: without it the kernel
 * clears suid and sgid bits of files that are written to.  Returns 0 or -errno.
 * Call before threads are started.
 */
int sandbox_enter(void);

#endif
