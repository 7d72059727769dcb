/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise owner: gives objects another owner or group.
 */
#include <errno.h>
#include <string.h>

#include "change.h"
#include "command.h"
#include "error.h"
#include "keyring/idmap.h"

struct owners {
	bool has_owner, has_group;
	struct sid owner, group;
};

static int make(void *context, const struct target *target, struct descriptor **to)
{
	const struct owners *owners = context;
	struct descriptor *sd = descriptor_copy(target->sd);

	if (!sd)
		return error_report(target->path, ENOMEM);
	if (owners->has_owner) {
		sd->has_owner = true;
		sd->owner = owners->owner;
		sd->control &= (uint16_t)~SE_OWNER_DEFAULTED;
	}
	if (owners->has_group) {
		sd->has_group = true;
		sd->group = owners->group;
		sd->control &= (uint16_t)~SE_GROUP_DEFAULTED;
	}
	*to = sd;
	return STATUS_OK;
}

static bool parse(const char *text, struct sid *sid)
{
	if (idmap_sid_parse(text[0] == '*' ? text + 1 : text, sid))
		return true;
	error_usage("%s: expected a principal: an account or group that this host knows, a SID, "
		    "uid:N, gid:N, a well-known name such as Administrators",
		    text);
	return false;
}

/* A user often has the name of its own group, which is the one that is meant here. */
static bool parse_group(const char *text, struct sid *sid)
{
	uid_t uid;
	gid_t gid;

	if (!parse(text, sid))
		return false;
	if (strchr(text, ':') || strncasecmp(text, "S-", 2) == 0)
		return true;
	if (sid_to_uid(sid, &uid) && idmap_group(text, &gid) == 0)
		*sid = sid_from_gid(gid);
	return true;
}

/* Takes the PRINCIPAL from the end of @arguments, unless only the group is to change. */
static int run(struct change *change, struct owners *owners, char *const *arguments, int count)
{
	int paths = change->scope.files_from ? 0 : 1;

	if (count < paths || count > paths + 1 || (count == paths && !owners->has_group))
		return error_usage(paths ? "expected one PATH and one PRINCIPAL"
					 : "expected one PRINCIPAL");
	if (count > paths) {
		owners->has_owner = true;
		if (!parse(arguments[paths], &owners->owner))
			return STATUS_USAGE;
	}
	change->make = make;
	change->context = owners;
	return change_paths(change, arguments, paths);
}

int owner_run(int argc, char **argv)
{
	static const struct option options[] = {
		CHANGE_OPTIONS,
		{"group", required_argument, NULL, 'g'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct owners owners = {0};
	struct change change = {0};
	int option;

	while ((option = command_option(argc, argv, ":h" CHANGE_LETTERS, options)) != 0) {
		if (option == 'g') {
			owners.has_group = parse_group(optarg, &owners.group);
			if (!owners.has_group)
				return STATUS_USAGE;
		} else if (!change_option(&change, option)) {
			return command_stop(option);
		}
	}
	return run(&change, &owners, argv + optind, argc - optind);
}
