/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise token: a table of what can be done with token keys.
 */
#include <string.h>

#include "command.h"
#include "error.h"

const struct command token_commands[] = {
	{"grant", token_grant_run, "--for ACCOUNT [--level LEVEL] [--ttl TIME]",
	 "consent that an account acts for you; print the serial",
	 "  --for ACCOUNT   the server account: a user name, a user id or a SID\n"
	 "  --level LEVEL   anonymous, identify (the default), impersonate or delegate\n"
	 "  --ttl TIME      how long, with a unit of s, m, h or d; 10m is the default\n"},
	{"list", token_list_run, "", "list the token keys that you made", NULL},
	{"show", token_show_run, "SERIAL", "print all of a token key", NULL},
	{"revoke", token_revoke_run, "SERIAL", "end a consent at once", NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

int token_run(int argc, char **argv)
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
		return error_usage("expected grant, list, show or revoke");
	command = command_find(token_commands, argv[optind]);
	if (!command)
		return error_usage("%s: expected grant, list, show or revoke", argv[optind]);
	error_enter(command->name);
	skip = optind;
	optind = 0; /* getopt_long() starts afresh */
	return command->run(argc - skip, argv + skip);
}
