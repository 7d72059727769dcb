/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The errors of acl/ as phrases and as errno values.
 */
#include "acl/error.h"

#include <errno.h>
#include <stddef.h>

static const struct {
	const char *phrase;
	int number;
} errors[SD_ERROR_COUNT] = {
	[SD_OK] = {"no error", 0},
	[SD_NO_MEMORY] = {"out of memory", ENOMEM},
	[SD_TRUNCATED] = {"security descriptor is cut short", EINVAL},
	[SD_BAD_REVISION] = {"unknown revision of a security descriptor or ACL", EINVAL},
	[SD_BAD_OFFSET] = {"an offset in the security descriptor is out of range", EINVAL},
	[SD_OVERLAP] = {"parts of the security descriptor overlap", EINVAL},
	[SD_BAD_SID] = {"malformed SID", EINVAL},
	[SD_BAD_ACL] = {"malformed ACL", EINVAL},
	[SD_BAD_ACE] = {"malformed ACE", EINVAL},
	[SD_NOT_RELATIVE] = {"security descriptor is not self-relative", EINVAL},
	[SD_TOO_LARGE] = {"security descriptor is too large", E2BIG},
	[SD_BAD_SYNTAX] = {"text is not valid SDDL", EINVAL},
	[SD_NO_TEXT] = {"security descriptor cannot be expressed in SDDL", EOPNOTSUPP},
	[SD_BAD_NTACL] = {"malformed security.NTACL attribute", EINVAL},
	[SD_BAD_POSIX_ACL] = {"malformed POSIX ACL", EINVAL},
};

const char *sd_strerror(enum sd_error error)
{
	if ((unsigned int)error >= SD_ERROR_COUNT)
		return "unknown error";
	return errors[error].phrase;
}

int sd_errno(enum sd_error error)
{
	if ((unsigned int)error >= SD_ERROR_COUNT)
		return EINVAL;
	return errors[error].number;
}
