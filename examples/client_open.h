/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Opening as the client: all that the server ever does in a client's name.
 *
 * What is open keeps the rights that it was opened with, so reading, writing and waiting for
 * the network need no identity but the server's own.
 */
#ifndef EXAMPLES_CLIENT_OPEN_H
#define EXAMPLES_CLIENT_OPEN_H

#include <stdint.h>
#include <sys/stat.h>

/* A token key, and who must have made it. */
struct consent {
	int32_t serial;
	uid_t owner;
};

/*
 * Opens @path, which must lead nowhere above the folder @root (O_PATH), with @flags and,
 * unless it is NULL, tells its *@status.  The thread is itself again when this returns.
 * A descriptor, or a negative errno: what the client would have got, or -EKEYREVOKED,
 * -EKEYEXPIRED, -EKEYREJECTED, -ENOKEY (the consent is not good for this), or
 * -ENOTRECOVERABLE (the thread is neither itself nor the client: end it).
 */
int client_open(const struct consent *consent, int root, const char *path, int flags,
		struct stat *status);

#endif
