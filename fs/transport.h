/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How requests reach the daemon: by read(2) from /dev/fuse, or over io_uring.
 *
 * Over io_uring one thread of libfuse's serves each processor, so that a request that
 * waits would hold up all others from there.  It is therefore used only where none does.
 */
#ifndef GUISE_FS_TRANSPORT_H
#define GUISE_FS_TRANSPORT_H

#include <stdbool.h>

struct session;

/*
 * Is @session, which is not mounted yet, to use io_uring?  Only if its options ask for it, and
 * kernel, libfuse and store are up to it; if they are not, the log says why.
 */
bool transport_is_uring(const struct session *session);

#endif
