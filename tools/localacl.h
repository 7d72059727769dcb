/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * POSIX ACLs of files on the local filesystem.  In a file of its own because
 * <sys/acl.h> and acl/ace.h give some names to different things.
 */
#ifndef GUISE_TOOLS_LOCALACL_H
#define GUISE_TOOLS_LOCALACL_H

#include <stdbool.h>

struct __acl_ext; /* libacl's acl_t is a pointer to this */

/*
 * The access ACL of @path, or its default ACL if @inherit, in *@acl: NULL if
 * it has none or the filesystem knows none.  Returns 0 or -errno.
 */
int localacl_get(const char *path, bool inherit, struct __acl_ext **acl);

void localacl_freep(struct __acl_ext **acl);

#define LOCALACL_CLEANUP __attribute__((cleanup(localacl_freep)))

#endif
