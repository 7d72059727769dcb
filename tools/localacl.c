/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * POSIX ACLs of files on the local filesystem.
 */
#include "localacl.h"

#include <errno.h>
#include <stddef.h>
#include <sys/acl.h>

#include <acl/libacl.h>

int localacl_get(const char *path, bool inherit, struct __acl_ext **acl)
{
	*acl = acl_get_file(path, inherit ? ACL_TYPE_DEFAULT : ACL_TYPE_ACCESS);
	if (!*acl)
		return errno == ENOTSUP || errno == ENOSYS || errno == ENODATA ? 0 : -errno;
	if (acl_entries(*acl) <= 0) {
		acl_free(*acl);
		*acl = NULL;
	}
	return 0;
}

void localacl_freep(struct __acl_ext **acl)
{
	if (*acl)
		acl_free(*acl);
}
