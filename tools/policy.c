/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise policy: a table of what can be done with policies.
 */
#include "command.h"

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
	return command_family(argc, argv, policy_commands, "check, show or reload");
}
