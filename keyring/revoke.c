/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ending a consent. */
#include <errno.h>

#include "keyring/guise.h"
#include "keyring/key.h"

int guise_revoke(int32_t serial)
{
	struct key_info info;
	int error = key_describe(serial, &info);

	if (error)
		return error;
	if (!key_is_token(&info))
		return -EKEYREJECTED;
	if (keyctl_revoke(serial) < 0)
		return -errno;
	/* for tidiness: the rings that link a revoked key go on listing it for a while */
	(void)keyctl_unlink(serial, KEY_SPEC_USER_KEYRING);
	return 0;
}
