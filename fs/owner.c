/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fs/owner.h"

#include "keyring/domain.h"

static int find_owner(const struct descriptor *sd, uid_t uid, struct owners *owners)
{
	uid_t now;

	owners->has_owner = true;
	if (sd->has_owner && domain_uid(&sd->owner, &now) == 0 && now == uid) {
		owners->owner = sd->owner;
		return 0;
	}
	owners->changes = true;
	return domain_user_sid(uid, &owners->owner);
}

static int find_group(const struct descriptor *sd, gid_t gid, struct owners *owners)
{
	gid_t now;

	owners->has_group = true;
	if (sd->has_group && domain_gid(&sd->group, &now) == 0 && now == gid) {
		owners->group = sd->group;
		return 0;
	}
	owners->changes = true;
	return domain_group_sid(gid, &owners->group);
}

int owners_of_ids(const struct descriptor *sd, uid_t uid, gid_t gid, struct owners *owners)
{
	int err = 0;

	*owners = (struct owners){0};
	if (uid != (uid_t)-1)
		err = find_owner(sd, uid, owners);
	if (err == 0 && gid != (gid_t)-1)
		err = find_group(sd, gid, owners);
	return err;
}
