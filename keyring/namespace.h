/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * User namespaces, named by their file handle, which is theirs for ever, or by
 * their inode, which is theirs as long as somebody holds them open.  Functions
 * return 0 (or a descriptor) or a negative errno.
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

/* room for a file handle as hexadecimal text, with its NUL */
#define NAMESPACE_HANDLE_TEXT 49

/*
 * The file handle of namespace @fd, which holds an id that no other namespace
 * gets until the next boot.  -EOPNOTSUPP where the kernel has none (before 6.18).
 */
int namespace_handle(int fd, char text[NAMESPACE_HANDLE_TEXT]);

/* Is the namespace with handle @text still there?  1, 0 or a negative errno. */
int namespace_exists(const char *text);

/* Who made it. */
int namespace_owner(int fd, uid_t *uid);

#endif
