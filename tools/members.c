/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Members of groups: those that the group names, and those whose primary group it is. */
#include "members.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>

#include "keyring/domain.h"
#include "keyring/idmap.h"

static int add(struct members *members, uid_t uid)
{
	uid_t *uids;

	for (size_t i = 0; i < members->count; i++) {
		if (members->uids[i] == uid)
			return 0;
	}
	uids = reallocarray(members->uids, members->count + 1, sizeof(*uids));
	if (!uids)
		return -ENOMEM;
	members->uids = uids;
	members->uids[members->count++] = uid;
	return 0;
}

/* Those that the group itself names. */
static int add_named(struct members *members, gid_t gid)
{
	const struct group *group = getgrgid(gid);
	uid_t uid;
	int error = 0;

	if (!group)
		return -ENOENT;
	for (char **name = group->gr_mem; *name && error == 0; name++) {
		if (idmap_user(*name, &uid) == 0)
			error = add(members, uid);
	}
	return error;
}

/* Accounts that have it as their own, where all accounts can be listed. */
static int add_primary(struct members *members, gid_t gid)
{
	const struct passwd *account;
	int error = 0;

	setpwent();
	while (error == 0 && (account = getpwent())) {
		if (account->pw_gid == gid)
			error = add(members, account->pw_uid);
	}
	endpwent();
	return error;
}

int members_find(gid_t gid, struct members *members)
{
	int error;

	*members = (struct members){.partial = domain_in_use() != NULL};
	error = add_named(members, gid);
	return error == 0 ? add_primary(members, gid) : error;
}

void members_clear(struct members *members)
{
	free(members->uids);
	*members = (struct members){0};
}
