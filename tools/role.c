/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise role: a table of what can be asked about roles, and the policy that it is about.
 */
#include "role.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "error.h"
#include "mountpoint.h"
#include "object.h"
#include "text.h"

#define ATTRIBUTE_POLICY "system.guise.policy"

#define OPTION_POLICY "  --policy FILE   in this file, instead of in the policy that is in force\n"

const struct command role_commands[] = {
	{"list", role_list_run, "[--policy FILE]", "list the roles of the policy", OPTION_POLICY},
	{"members", role_members_run, "[--policy FILE] ROLE", "list who is in a role",
	 OPTION_POLICY},
	{"check", role_check_run, "[--policy FILE] ROLE [USER]",
	 "say whether a user, or you, are in a role",
	 "Prints yes or no; exit status 0 or 1.\n" OPTION_POLICY},
	{NULL, NULL, NULL, NULL, NULL},
};

int role_run(int argc, char **argv)
{
	return command_family(argc, argv, role_commands, "list, members or check");
}

int role_options(int argc, char **argv, const char **file)
{
	static const struct option options[] = {
		{"policy", required_argument, NULL, 'p'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option;

	*file = NULL;
	while ((option = command_option(argc, argv, ":h", options)) == 'p')
		*file = optarg;
	return option;
}

static int status_of_fault(int error, const struct policy_fault *fault)
{
	error_say("%s", fault->text);
	return error == -EINVAL ? STATUS_USAGE : error_status(-error);
}

/* The text of the policy that the first mount within reach has in force. */
static int policy_ask(char **text, size_t *size)
{
	OBJECT_CLEANUP struct object object = OBJECT_NONE;
	TEXT_CLEANUP char *path = NULL;
	int fd = mountpoint_open_first(&path);
	int error = fd < 0 ? fd : object_adopt(fd, &object);

	if (error == 0)
		error = object_attribute(&object, ATTRIBUTE_POLICY, text, size);
	if (error == 0)
		return STATUS_OK;
	if (error == -EPERM) {
		error_say("only root may see a mount's policy; name a file with --policy");
		return STATUS_DENIED;
	}
	if (path)
		return error_report(path, -error);
	error_say("%s", error_text(-error));
	return error_status(-error);
}

int role_policy(const char *file, const struct policy **policy)
{
	TEXT_CLEANUP char *text = NULL;
	struct policy_fault fault;
	struct policy *read;
	size_t size;
	int error;

	if (file) {
		error = policy_load(file, &read, &fault);
	} else {
		int status = policy_ask(&text, &size);

		if (status != STATUS_OK)
			return status;
		error = policy_read(text, size, "policy in force", &read, &fault);
	}
	if (error < 0)
		return error == -ENOMEM ? error_report("policy", ENOMEM)
					: status_of_fault(error, &fault);
	*policy = read;
	return STATUS_OK;
}

int role_find(const struct policy *policy, const char *role, size_t *index)
{
	for (size_t i = 0; i < policy_role_count(policy); i++) {
		if (strcmp(policy_role_name(policy, i), role) == 0) {
			*index = i;
			return STATUS_OK;
		}
	}
	error_about(role, "there is no such role");
	return STATUS_USAGE;
}
