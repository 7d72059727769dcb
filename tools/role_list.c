/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* guise role list: the roles of the policy. */
#include <stdio.h>

#include "command.h"
#include "error.h"
#include "role.h"
#include "text.h"

int role_list_run(int argc, char **argv)
{
	POLICY_CLEANUP *policy = NULL;
	const char *file;
	int option = role_options(argc, argv, &file), status;

	if (option != 0)
		return command_stop(option);
	if (optind < argc)
		return error_usage("%s: no argument is expected here", argv[optind]);
	status = role_policy(file, &policy);
	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < policy_role_count(policy); i++) {
		text_print(stdout, policy_role_name(policy, i));
		putchar('\n');
	}
	return STATUS_OK;
}
