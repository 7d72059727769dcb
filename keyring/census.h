/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which user namespaces have processes in them. */
#ifndef GUISE_KEYRING_CENSUS_H
#define GUISE_KEYRING_CENSUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct census {
	uint64_t *inodes; /* each namespace with a process in it, and its ancestors */
	size_t count, room;
};

/*
 * Looks at all processes of the host.  Returns 0 if nothing can have escaped the
 * count, -EAGAIN if processes began or ended meanwhile, or another negative errno.
 */
int census_take(struct census *census);
bool census_has(const struct census *census, uint64_t inode);
void census_free(struct census *census);

#endif
