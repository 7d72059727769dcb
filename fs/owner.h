/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What chown(2) means to a descriptor: the SIDs of the ids that it names. */
#ifndef GUISE_FS_OWNER_H
#define GUISE_FS_OWNER_H

#include <stdbool.h>
#include <sys/types.h>

#include "acl/descriptor.h"

struct owners {
	bool has_owner, has_group; /* to be set */
	struct sid owner, group;
	bool changes; /* one of them is another than before */
};

/*
 * Owner and group of @sd after chown(2) to @uid and @gid, of which -1 names none: a domain's
 * by its domain SID.  Who is owner or group already stays it by the SID that stands there.  0, or
 * -EHOSTDOWN: the domain cannot be asked.
 */
int owners_of_ids(const struct descriptor *sd, uid_t uid, gid_t gid, struct owners *owners);

#endif
