/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise role check: is somebody in a role?  Oneself is whom a mount says, so that it answers for
 * the client below guise run; somebody else is who the user database says.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "error.h"
#include "keyring/guise.h"
#include "keyring/identity.h"
#include "keyring/idmap.h"
#include "keyring/scoped.h"
#include "role.h"

static int answer(int is_in_role)
{
	puts(is_in_role ? "yes" : "no");
	return is_in_role ? STATUS_OK : STATUS_DENIED;
}

static int check_ids(const struct policy *policy, const char *role, uid_t uid, gid_t gid,
		     const gid_t *groups, size_t count)
{
	const struct identity_rules rules = {.policy = policy};
	struct token *token;
	bool is_in_role;

	if (identity_of_ids(uid, gid, groups, count, &rules, &token))
		return error_report(role, ENOMEM);
	is_in_role = policy_in_role(policy, role, token);
	token_unref(token);
	return answer(is_in_role);
}

static int check_user(const struct policy *policy, const char *role, const char *user)
{
	SCOPED_BUFFER gid_t *groups = NULL;
	size_t count = 0;
	uid_t uid;
	gid_t gid;
	int error = idmap_account(user, &uid);

	if (error == 0)
		error = idmap_user_groups(uid, &gid, &groups, &count);
	if (error == -ENOENT) {
		error_about(user, "no such account");
		return STATUS_USAGE;
	}
	if (error < 0)
		return error_report(user, -error);
	return check_ids(policy, role, uid, gid, groups, count);
}

static int check_self(const struct policy *policy, const char *role)
{
	int count = getgroups(0, NULL);
	SCOPED_BUFFER gid_t *groups = count < 0 ? NULL : calloc((size_t)count + 1, sizeof(gid_t));

	if (groups)
		count = getgroups(count, groups);
	if (!groups || count < 0)
		return error_report(role, groups ? errno : ENOMEM);
	return check_ids(policy, role, geteuid(), getegid(), groups, (size_t)count);
}

static int check_by_mount(const char *role)
{
	int result = guise_is_in_role(NULL, role);

	if (result >= 0)
		return answer(result);
	error_say("%s", error_text(-result));
	return error_status(-result);
}

int role_check_run(int argc, char **argv)
{
	POLICY_CLEANUP *policy = NULL;
	const char *file, *role, *user;
	size_t index;
	int option = role_options(argc, argv, &file), status;

	if (option != 0)
		return command_stop(option);
	if (argc - optind < 1 || argc - optind > 2)
		return error_usage("expected ROLE, or ROLE and USER");
	role = argv[optind];
	user = argv[optind + 1];
	if (!file && !user)
		return check_by_mount(role);
	status = role_policy(file, &policy);
	if (status == STATUS_OK)
		status = role_find(policy, role, &index);
	if (status != STATUS_OK)
		return status;
	return user ? check_user(policy, role, user) : check_self(policy, role);
}
