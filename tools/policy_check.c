/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise policy check: reads a policy file as a mount would.
 */
#include <errno.h>

#include "command.h"
#include "error.h"
#include "keyring/policy.h"

static int check(const char *path)
{
	struct policy_fault fault;
	struct policy *policy;
	int error = policy_load(path, &policy, &fault);

	if (error == 0) {
		policy_unref(policy);
		return STATUS_OK;
	}
	error_say("%s", fault.text);
	if (error == -EINVAL)
		return STATUS_USAGE;
	return error_status(-error);
}

int policy_check_run(int argc, char **argv)
{
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option = command_option(argc, argv, ":h", options);

	if (option != 0)
		return command_stop(option);
	if (argc - optind > 1)
		return error_usage("%s: more than one FILE", argv[optind + 1]);
	return check(optind < argc ? argv[optind] : POLICY_FILE);
}
