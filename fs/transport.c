/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fs/transport.h"

#include <fcntl.h>
#include <unistd.h>

#include "fs/audit.h"
#include "fs/session.h"
#include "fs/store/store.h"
#include "keyring/domain.h"

#define KERNEL_SWITCH "/sys/module/fuse/parameters/enable_uring"

static bool kernel_is_willing(void)
{
	char value = 'N';
	int fd = open(KERNEL_SWITCH, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	if (read(fd, &value, 1) != 1)
		value = 'N';
	close(fd);
	return value == 'Y';
}

/* Why not, or NULL. */
static const char *obstacle(const struct session *session)
{
#ifndef HAVE_FUSE_URING
	return "this build's libfuse is without it";
#endif
	if (!kernel_is_willing())
		return "the kernel does not offer it; see " KERNEL_SWITCH;
	if (!session->store->never_waits)
		return "requests may wait for the filesystem behind";
	if (session->options->list == LIST_READABLE)
		return "listings may take long with list=readable";
	if (domain_in_use())
		return "requests may wait for the service of the host's domain";
	return NULL;
}

bool transport_is_uring(const struct session *session)
{
	const char *why_not;

	if (!session->options->io_uring)
		return false;
	why_not = obstacle(session);
	if (why_not)
		audit_note("io_uring is not used: %s", why_not);
	return !why_not;
}
