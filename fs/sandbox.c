/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fs/sandbox.h"

#include <cap-ng.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What each is for: mount and security.* attributes; reaching every file; its owner; file handles;
 * callers' /proc. */
static const int needed[] = {
	CAP_SYS_ADMIN,  CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_CHOWN,
	CAP_SYS_PTRACE, CAP_KILL,
};

/* Makes CAP_FSETID effective for this thread, or not. */
static int set_keeping_group(bool keeping)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	data[0].effective &= ~(1u << CAP_FSETID);
	data[0].effective |= keeping ? data[0].permitted & 1u << CAP_FSETID : 0;
	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

int sandbox_chmod_folder(const char *path, mode_t mode)
{
	bool keeping = mode & S_ISGID;
	int err = keeping ? set_keeping_group(true) : 0;

	if (err == 0 && chmod(path, mode) < 0)
		err = -errno;
	/* a thread that went on with it would let suid and sgid bits stand */
	if (keeping && set_keeping_group(false) < 0)
		abort();
	return err;
}

int sandbox_enter(void)
{
	capng_clear(CAPNG_SELECT_BOTH);
	for (unsigned int i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, (unsigned int)needed[i]);
	capng_update(CAPNG_ADD, CAPNG_PERMITTED, CAP_FSETID); /* see sandbox_chmod_folder() */
	if (capng_apply(CAPNG_SELECT_CAPS) < 0)
		return -EPERM;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	return 0;
}
