/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as the value of system.posix_acl_access: what is read is a valid list, and set on a
 * descriptor it is recognised there.
 */
#include <sys/acl.h>

#include "acl/posix_set.h"
#include "fuzz.h"

static void check_access(const struct __acl_ext *acl, mode_t type)
{
	const struct posix_access access = {
		.mode = type, .owner = sid_from_uid(1), .group = sid_from_gid(1), .acl = acl};
	struct descriptor *sd = descriptor_create();

	require(sd != NULL);
	if (posix_set_access(sd, &access) == SD_OK)
		require(posix_is_access(sd, &access));
	descriptor_destroy(sd);
}

static void check_default(const struct __acl_ext *acl)
{
	struct descriptor *sd = descriptor_create();

	require(sd != NULL);
	if (posix_set_default(sd, acl) == SD_OK)
		require(posix_is_default(sd, acl));
	descriptor_destroy(sd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct __acl_ext *acl;

	if (posix_acl_read(data, size, &acl) != SD_OK || !acl) {
		require(!acl);
		return 0;
	}
	require(acl_valid(acl) == 0);
	require(posix_acl_mode(acl) <= 0777);
	check_access(acl, S_IFREG);
	check_access(acl, S_IFDIR);
	check_default(acl);
	acl_free(acl);
	return 0;
}
