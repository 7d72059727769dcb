/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asking whether the calling thread is itself. */
#include <errno.h>

#include "keyring/guise.h"
#include "keyring/thread.h"
#include "keyring/whoami.h"

int guise_current(int32_t *serial)
{
	int32_t token;

	switch (thread_is(&token)) {
	case THREAD_ITSELF:
		return 0;
	case THREAD_CLIENT:
		*serial = token;
		return 1;
	default:
		return -ENOTRECOVERABLE;
	}
}

int guise_assert_self(void)
{
	int32_t token;

	if (thread_is(&token) != THREAD_ITSELF)
		return -EBUSY;
	/* its keyring decides */
	if (thread_is_announced())
		return 0;
	/* what started this program may have confined it, or impersonated in this thread */
	switch (whoami_acts()) {
	case 0:
	case -ENODEV:
		return 0;
	default:
		return -EBUSY;
	}
}
