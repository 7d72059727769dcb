/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Descriptors and buffers that end with the block they are declared in. */
#ifndef GUISE_KEYRING_SCOPED_H
#define GUISE_KEYRING_SCOPED_H

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static inline void scoped_close(const int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

static inline void scoped_free(void *pointer)
{
	free(*(void **)pointer);
}

#define SCOPED_FD __attribute__((cleanup(scoped_close))) int
#define SCOPED_BUFFER __attribute__((cleanup(scoped_free)))

#endif
