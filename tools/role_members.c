/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* guise role members: who is in a role, as the policy lists them. */
#include "command.h"
#include "error.h"
#include "people.h"
#include "role.h"

int role_members_run(int argc, char **argv)
{
	POLICY_CLEANUP *policy = NULL;
	const struct sid *members;
	size_t index, count;
	const char *file;
	int option = role_options(argc, argv, &file), status;

	if (option != 0)
		return command_stop(option);
	if (argc - optind != 1)
		return error_usage("expected one ROLE");
	status = role_policy(file, &policy);
	if (status == STATUS_OK)
		status = role_find(policy, argv[optind], &index);
	if (status != STATUS_OK)
		return status;
	members = policy_role_members(policy, index, &count);
	for (size_t i = 0; i < count; i++)
		people_print_sid(&members[i]);
	return STATUS_OK;
}
