/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fs/sandbox.h"

#include <cap-ng.h>
#include <errno.h>
#include <sys/prctl.h>

/* What each is for: mount and security.* attributes; reaching every file; its owner; file handles;
 * callers' /proc. */
static const int needed[] = {
	CAP_SYS_ADMIN,  CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_CHOWN,
	CAP_SYS_PTRACE, CAP_KILL,
};

int sandbox_enter(void)
{
	capng_clear(CAPNG_SELECT_BOTH);
	for (unsigned int i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, (unsigned int)needed[i]);
	if (capng_apply(CAPNG_SELECT_CAPS) < 0)
		return -EPERM;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	return 0;
}
