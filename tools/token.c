/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise token: a table of what can be done with token keys.
 */
#include "command.h"

#define LIMITS                                                                                     \
	"  --rights RIGHTS  at most these: read, write, execute, delete, modify or full, with\n"   \
	"                   commas between, or a mask such as 0x120089\n"                          \
	"  --share SHARE    only on the share of that name\n"

const struct command token_commands[] = {
	{"grant", token_grant_run,
	 "--for ACCOUNT… [--level LEVEL] [--rights RIGHTS] [--share SHARE] [--ttl TIME]",
	 "consent that an account acts for you; print the serial",
	 "  --for ACCOUNT    a server account: a user name, a user id or a SID; may be repeated\n"
	 "  --level LEVEL    anonymous, identify, impersonate or delegate; else the host's\n"
	 "                   default, which is identify unless its policy says otherwise\n" LIMITS
	 "  --ttl TIME       how long, with a unit of s, m, h or d; else as the host's policy\n"
	 "                   says, or 10m\n"},
	{"restrict", token_restrict_run,
	 "SERIAL [--level LEVEL] [--rights RIGHTS] [--share SHARE] [--ttl TIME]",
	 "narrow a client's token key; print the serial of the new one",
	 "For the server account that SERIAL is for.  What is not said stays as it is.\n"
	 "  --level LEVEL    anonymous, identify, impersonate or delegate, at most\n" LIMITS
	 "  --ttl TIME       how long at most, with a unit of s, m, h or d\n"},
	{"issue", token_issue_run,
	 "--user USER [--group GROUP…] [--privilege PRIVILEGE…] --for ACCOUNT… --level LEVEL "
	 "[--ttl TIME]",
	 "state who a client is, for a logon service; print the serial",
	 "Counts only from root and accounts with the logon right.\n"
	 "  --user USER      who the client is: a name or a SID\n"
	 "  --group GROUP    a group of the client: a name or a SID; may be repeated\n"
	 "  --privilege NAME a privilege such as SeBackupPrivilege; may be repeated\n"
	 "  --for ACCOUNT    a server account that may act for it; may be repeated\n"
	 "  --level LEVEL    anonymous, identify, impersonate or delegate\n"
	 "  --ttl TIME       how long, with a unit of s, m, h or d; else as the host's policy\n"
	 "                   says, or 10m\n"},
	{"list", token_list_run, "", "list the token keys that you made", NULL},
	{"show", token_show_run, "SERIAL", "print all of a token key", NULL},
	{"revoke", token_revoke_run, "SERIAL", "end a consent at once", NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

int token_run(int argc, char **argv)
{
	return command_family(argc, argv, token_commands,
			      "grant, restrict, issue, list, show or revoke");
}
