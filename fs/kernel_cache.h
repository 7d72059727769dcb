/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the kernel answers by itself: attributes and names that hold for everyone.
 * Whoever changes what they hung on says so here, before answering.
 */
#ifndef GUISE_FS_KERNEL_CACHE_H
#define GUISE_FS_KERNEL_CACHE_H

#include <stdbool.h>

#include "fs/session.h"

struct node;

/* The kernel asks again before it answers stat of @node. */
void kernel_cache_drop_attr(struct session *session, struct node *node);

/*
 * Can names that are open to everyone now be taken back?  Only then may the kernel keep
 * names of a folder whose descriptor decides who passes (FUSE_NOTIFY_INC_EPOCH, Linux 6.16 and
 * libfuse 3.18).
 */
bool kernel_cache_keeps_names(struct session *session);

/* The kernel looks every name up again. */
void kernel_cache_drop_names(struct session *session);

#endif
