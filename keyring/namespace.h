/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * User namespaces, named by their inode, which is theirs as long as somebody
 * holds them open.  Functions return 0 (or a descriptor) or a negative errno.
 */
#ifndef GUISE_KEYRING_NAMESPACE_H
#define GUISE_KEYRING_NAMESPACE_H

#include <stdint.h>
#include <sys/types.h>

/* The user namespace of thread @tid; -ESRCH if it ended. */
int namespace_open(pid_t tid);

/* This process's own. */
int namespace_open_own(void);

/*
 * The parent of @fd, or -EPERM if there is none or it is not this process's
 * namespace or one below it.
 */
int namespace_parent(int fd);

int namespace_inode(int fd, uint64_t *inode);

/* Who made it. */
int namespace_owner(int fd, uid_t *uid);

#endif
