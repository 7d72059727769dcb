/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What arguments of several commands mean. */
#include "topic.h"

#include <stddef.h>
#include <string.h>

const struct topic topics[] = {
	{"principals", "how users and groups are written",
	 "PRINCIPAL is one of\n"
	 "  alice                        a user, or else a group, of this host\n"
	 "  'EXAMPLE\\staff'              one of a domain; also alice@example.com\n"
	 "  uid:1000, gid:50             a user or a group by its number\n"
	 "  Everyone                     a well-known identity by its name: Everyone, Owner "
	 "Rights,\n"
	 "                               Authenticated Users, Creator Owner, ...\n"
	 "  WD                           an alias of SDDL, in capitals\n"
	 "  S-1-22-1-1000                a SID\n"},
	{"rights", "how rights are written",
	 "RIGHTS are one of these, or several with commas between, in any case:\n"
	 "  F    full control            all of them\n"
	 "  M    modify                  read, write, execute and delete\n"
	 "  RX   read and execute        also: list a folder and pass through it\n"
	 "  R    read\n"
	 "  W    write                   also: create in a folder\n"
	 "  D    delete\n"
	 "or single rights, by letters or by names:\n"
	 "  RD   FILE_READ_DATA          read; of a folder: list it\n"
	 "  WD   FILE_WRITE_DATA         write; of a folder: create files in it\n"
	 "  AD   FILE_APPEND_DATA        append; of a folder: create folders in it\n"
	 "  X    FILE_EXECUTE            execute; of a folder: pass through it\n"
	 "  REA  FILE_READ_EA            read extended attributes\n"
	 "  WEA  FILE_WRITE_EA           write them\n"
	 "  RA   FILE_READ_ATTRIBUTES    see size and times\n"
	 "  WA   FILE_WRITE_ATTRIBUTES   change times\n"
	 "  DC   FILE_DELETE_CHILD       delete anything in a folder\n"
	 "  DE   DELETE                  delete or rename\n"
	 "  RC   READ_CONTROL            see the descriptor\n"
	 "  WDAC WRITE_DAC               change who may do what\n"
	 "  WO   WRITE_OWNER             change the owner\n"
	 "or a number such as 0x1200a9, or SDDL's letters (FA FR FW FX ...).\n"},
	{"entries", "how entries of a list are written",
	 "ENTRY is PRINCIPAL:[(FLAG)...]RIGHTS, as icacls takes it:\n"
	 "  alice:R                      alice may read\n"
	 "  'staff:(OI)(CI)M'            staff may modify a folder and what is made in it\n"
	 "  'EXAMPLE\\staff:(RX,W)'\n"
	 "Quote it: parentheses mean something to shells.  Flags are for folders:\n"
	 "  (OI)                         files in the folder inherit it\n"
	 "  (CI)                         folders in the folder inherit it\n"
	 "  (IO)                         it is handed down only, and not for the folder itself\n"
	 "  (NP)                         it is handed down one level and no further\n"
	 "Without flags it is for that one file or folder.  What is in the folder already gets\n"
	 "its part with --propagate, or later by guise propagate.\n"
	 "See guise help principals and guise help rights.\n"},
	{NULL, NULL, NULL},
};

const struct topic *topic_find(const char *name)
{
	for (const struct topic *topic = topics; topic->name; topic++) {
		if (strcmp(topic->name, name) == 0)
			return topic;
	}
	return NULL;
}
