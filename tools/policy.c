/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise policy: a table of what can be done with policies.
 */
#include "command.h"
#include "error.h"

const struct command policy_commands[] = {
	{"check", policy_check_run, "[FILE]", "say whether a mount would take a policy file",
	 "FILE is /etc/guisefs/guise.conf if it is not given.\n"},
	{"show", policy_show_run, "[PATH]", "print the policy that a mount has in force",
	 "PATH is \".\" if that is on a guisefs mount, else the first guisefs mount.\n"},
	{"reload", policy_reload_run, "", "have all mounts read their policy again", NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

int policy_run(int argc, char **argv)
{
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	const struct command *command;
	int option = command_option(argc, argv, "+:h", options);
	int skip;

	if (option != 0)
		return command_stop(option);
	if (optind >= argc)
		return error_usage("expected check, show or reload");
	command = command_find(policy_commands, argv[optind]);
	if (!command)
		return error_usage("%s: expected check, show or reload", argv[optind]);
	error_enter(command->name);
	skip = optind;
	optind = 0; /* getopt_long() starts afresh */
	return command->run(argc - skip, argv + skip);
}
