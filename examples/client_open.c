/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Impersonating, opening, reverting. */
#include "client_open.h"

#include <errno.h>
#include <fcntl.h>
#include <guise.h>
#include <keyutils.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TRIES_MAX 100

/*
 * Whose consent is it?  A key that names this server's account is good for this server, whoever
 * tells us its serial, and serials are no secret.  The kernel says who made the key.
 */
static int owner_check(const struct consent *consent)
{
	char text[4352];
	unsigned int owner;
	long length = keyctl_describe(consent->serial, text, sizeof(text));

	if (length < 0)
		return -errno;
	if ((size_t)length > sizeof(text) || sscanf(text, "user;%u;", &owner) != 1)
		return -EKEYREJECTED;
	return owner == consent->owner ? 0 : -EKEYREJECTED;
}

/*
 * Nothing above the folder, and nothing mounted below it: on other file systems a
 * server that impersonates is itself.  O_NONBLOCK, or a client's fifo would hold us here.
 */
static int open_beneath(int root, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned int)flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
		.mode = flags & O_CREAT ? 0666 : 0, /* what is inherited says who gets what */
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV,
	};
	long fd = -1;

	/* with ".." in the path any rename or mount on the host makes it start again */
	for (int tries = 0; tries < TRIES_MAX; tries++) {
		fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return fd < 0 ? -errno : (int)fd;
}

static int open_and_tell(int root, const char *path, int flags, struct stat *status)
{
	int fd = open_beneath(root, path, flags);
	int error;

	if (fd < 0 || !status || fstat(fd, status) == 0)
		return fd;
	error = -errno;
	close(fd);
	return error;
}

int client_open(const struct consent *consent, int root, const char *path, int flags,
		struct stat *status)
{
	int result = guise_impersonate(consent->serial);

	/* not before: as long as nobody links the key its serial could come to name another */
	if (!result)
		result = owner_check(consent);
	if (!result)
		result = open_and_tell(root, path, flags, status);
	/* whatever happened */
	if (guise_revert() == 0)
		return result;
	if (result >= 0)
		close(result);
	return -ENOTRECOVERABLE;
}
