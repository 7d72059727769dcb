/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise, the user's tool of guisefs: a table of commands.
 */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "error.h"

/* the options of scope.h */
#define SCOPE_HELP                                                                                 \
	"  -R, --recursive        the paths and all below them\n"                                  \
	"  -P, --physical         do not follow symbolic links (the default with -R)\n"            \
	"  -L, --logical          follow symbolic links (the default without -R)\n"                \
	"  -x, --one-file-system  stay on the file system of each PATH\n"                          \
	"  --files-from FILE      take the paths from FILE, one a line; \"-\": standard input\n"   \
	"  -0, --null             ... each ended by a NUL\n"                                       \
	"  --descriptor           the paths are files that hold a descriptor, as \"-\" does\n"     \
	"  --folder               ... that of a folder\n"

/* the options of change.h */
#define PROPAGATE_HELP "  --propagate            hand down what it has then to all below\n"
#define CHANGE_HELP                                                                                \
	SCOPE_HELP                                                                                 \
	"  --continue             go on after a path that failed\n"                                \
	"  --resume FILE          go on where the same command was interrupted, as FILE "          \
	"says\n"                                                                                   \
	"  --progress             show it also where that is no terminal\n"                        \
	"  --into-private         also what only a closed folder keeps from others\n"              \
	"  --hard-links           also files below that have other names\n"                        \
	"  -n, --dry-run          print what would change, and change nothing\n"

/* the options of whose.h */
#define WHOSE_HELP                                                                                 \
	"USER is an account, a SID, uid:N; of a group or a well-known SID it is what that alone "  \
	"has.\n"                                                                                   \
	"  --self          you, as the mount sees you\n"                                           \
	"  --tid N         thread N, as the mount sees it (root only)\n"                           \
	"  --serial KEY    the client of that token key\n"                                         \
	"  --group GROUP   and in this group besides; may repeat\n"                                \
	"  --policy FILE   the policy that says who has privileges\n"

const struct command commands[] = {
	{"show", show_run, "[OPTION…] PATH…", "print who may do what on files and folders",
	 "  --format text          for people (the default)\n"
	 "  --format sddl          as SDDL, one line a path\n"
	 "  --format json          as JSON, one line a path\n"
	 "  --format raw           the self-relative descriptor\n" SCOPE_HELP},
	{"set", set_run, "[OPTION…] PATH… SDDL",
	 "replace owner, group, DACL or SACL of files and folders",
	 "Only the parts that SDDL names (O:, G:, D:, S:) are replaced.\n" PROPAGATE_HELP
		 CHANGE_HELP},
	{"add", add_run, "[OPTION…] PATH ENTRY…", "allow somebody something, or have it audited",
	 "ENTRY is PRINCIPAL:[(FLAG)…]RIGHTS, as for icacls: alice:R, 'staff:(OI)(CI)M'.\n"
	 "  --replace       remove what was allowed to that principal before\n"
	 "  --audit success|failure|success,failure\n"
	 "                  have such accesses audited instead of allowed\n"
	 "  --force         also where everybody has everything so far\n" PROPAGATE_HELP
		 CHANGE_HELP},
	{"deny", deny_run, "[OPTION…] PATH ENTRY…", "deny somebody something",
	 "ENTRY is PRINCIPAL:[(FLAG)…]RIGHTS, as for icacls: alice:W, 'staff:(OI)(CI)N'.\n"
	 "  --force         also where everybody has everything so far\n" PROPAGATE_HELP
		 CHANGE_HELP},
	{"remove", remove_run, "[OPTION…] PATH PRINCIPAL|ENTRY…",
	 "remove the entries of somebody, or one entry",
	 "Inherited entries stay: see guise help inherit.\n"
	 "  --allow         only what allows the PRINCIPAL something\n"
	 "  --deny          only what denies\n"
	 "  --audit         what is audited of the PRINCIPAL instead\n" PROPAGATE_HELP CHANGE_HELP},
	{"edit", edit_run, "[OPTION…] PATH…", "change who may do what in an editor",
	 "The editor is $VISUAL, $EDITOR, sensible-editor or vi.\n"
	 "  --force         also lock yourself out, or give everybody everything\n" PROPAGATE_HELP
		 CHANGE_HELP},
	{"owner", owner_run, "[OPTION…] PATH [PRINCIPAL]", "give files and folders another owner",
	 "  --group GROUP   and this group, or only that without a PRINCIPAL\n" CHANGE_HELP},
	{"inherit", inherit_run, "[--sacl] [OPTION…] on|copy|off PATH…",
	 "take over what the folder hands down, or cease to",
	 "  on     inherit from the folder, again\n"
	 "  copy   inherit no more, and keep as explicit entries what was inherited\n"
	 "  off    inherit no more, and drop what was inherited\n"
	 "  --sacl the SACL instead of the DACL\n"
	 "  --force also take from yourself what you need to read it or change it "
	 "again\n" PROPAGATE_HELP CHANGE_HELP},
	{"propagate", propagate_run, "[OPTION…] PATH…",
	 "hand down what folders have to all that is in them",
	 "What is protected, and explicit entries, stay.\n" CHANGE_HELP},
	{"reset", reset_run, "[OPTION…] PATH…",
	 "replace explicit entries by what the folder hands down",
	 "The DACL becomes what it would be if the object were made now.\n"
	 "  --force         also lock yourself out of what is named\n" PROPAGATE_HELP CHANGE_HELP},
	{"copy", copy_run, "[OPTION…] PATH PATH…",
	 "give objects the DACL, or other parts, of another object",
	 "  --owner         the owner, and only what else is named\n"
	 "  --group         the group\n"
	 "  --dacl          the DACL\n"
	 "  --sacl          the SACL\n"
	 "  --exact         inherited entries, too, not those of its own folder\n" CHANGE_HELP},
	{"diff", diff_run, "[OPTION…] PATH PATH", "print what differs between two descriptors",
	 "Exit status: 0 if they are equal, 1 if they differ.\n"
	 "  --format text          as a unified diff (the default)\n"
	 "  --format json          as JSON, one line a path\n"
	 "  -R, --recursive        of all that is below them, by path\n"
	 "  -x, --one-file-system  stay on the file system of each path\n"
	 "  --descriptor           the paths are files that hold a descriptor, as \"-\" does\n"
	 "  --folder               ... that of a folder\n"},
	{"find-sid", find_sid_run, "[OPTION…] PATH… PRINCIPAL",
	 "find what names a principal, anywhere in its descriptor",
	 "Exit status: 0 if something does, 1 if nothing does.\n"
	 "  --orphans              without PRINCIPAL: SIDs by which nobody is known\n"
	 "  --print-null           only paths, each ended by a NUL\n"
	 "  --format text          paths, and where (the default)\n"
	 "  --format json          as JSON, one line a path\n" SCOPE_HELP},
	{"save", save_run, "[OPTION…] PATH", "save whole descriptors, for guise restore",
	 "Prints them: redirect it to a file.\n"
	 "  -R, --recursive        of PATH and all below it\n"
	 "  -x, --one-file-system  stay on the file system of PATH\n"
	 "  --format guise         as guise-save(5) describes it (the default)\n"
	 "  --format icacls        as icacls /save does: DACLs only\n"},
	{"restore", restore_run, "[OPTION…] FILE", "put back what was saved",
	 "FILE is of guise save or icacls /save; \"-\": standard input.\n"
	 "  --to DIR        below DIR, not where it was saved\n"
	 "  -n, --dry-run   print what would change, and change nothing\n"
	 "  --continue      go on after a path that failed\n"
	 "  --force         restore what can be read of a damaged FILE\n"
	 "  --hard-links    also files that have other names\n"
	 "  --owner         the owner, and only what else is named\n"
	 "  --group         the group\n"
	 "  --dacl          the DACL\n"
	 "  --sacl          the SACL\n"
	 "  --map-sid FROM=TO\n"
	 "                  put one principal in the place of another\n"
	 "  --map-file FILE the same for many, one a line\n"
	 "  --domain SID    of aliases such as DA in a file of icacls\n"},
	{"whoami", whoami_run, "[--format text|raw] [PATH]", "print who you are to a guisefs mount",
	 "PATH is \".\" if that is on a guisefs mount, else the first guisefs mount.\n"
	 "  --format text   for people (the default)\n"
	 "  --format raw    as the mount sends it\n"},
	{"token", token_run, "grant|restrict|issue|list|show|revoke …",
	 "let servers act for you, and end it",
	 "See guise help token grant, and so on:\n"
	 "  grant    consent that an account acts for you; print the serial\n"
	 "  restrict narrow a client's token key; print the serial\n"
	 "  issue    state who a client is, for a logon service\n"
	 "  list     list the token keys that you made\n"
	 "  show     print all of a token key\n"
	 "  revoke   end a consent at once\n"},
	{"run", run_run, "--token SERIAL [--] COMMAND [ARGUMENT…]",
	 "run a command as the client of a token key",
	 "Exit status: that of COMMAND; 125 if guise failed, 126 if COMMAND cannot be\n"
	 "executed, 127 if it is not found.\n"},
	{"why", why_run,
	 "[OPTION…] USER|--tid N|--serial KEY|--self RIGHT|OPERATION PATH | --id ID [--audit FILE]",
	 "explain why somebody may do something, or not",
	 "Prints the verdict, the token, what each entry gave or took, where inherited ones\n"
	 "come from, and the smallest change that would make the answer the other one.\n"
	 "OPERATION: stat, open-read, open-write, open-read-write, open-append, open-execute,\n"
	 "truncate, list, create, mkdir, symlink, mknod, unlink, rmdir, rename, link, utimens,\n"
	 "touch, getxattr, setxattr, read-descriptor, write-dacl, chmod, setfacl, write-owner,\n"
	 "chown, read-sacl, write-sacl.\n"
	 "  --to FOLDER     where rename or link go to, if it is another folder\n" WHOSE_HELP
	 "  --format text|json\n"
	 "  --id ID         explain a record of a mount with audit=FILE\n"
	 "  --audit FILE    look there instead of in the mounts' own files; \"-\": standard "
	 "input\n"
	 "Exit status: 0 granted, 1 denied.\n"},
	{"effective", effective_run, "[OPTION…] USER|--tid N|--serial KEY|--self PATH…",
	 "print all that somebody may do with files and folders",
	 WHOSE_HELP "  --format text|json\n" SCOPE_HELP},
	{"who-can", who_can_run, "[OPTION…] RIGHT|OPERATION PATH…",
	 "list who may do something with files and folders",
	 "Whom the descriptor names, and the members of groups, are judged one by one.\n"
	 "  -a, --all       list who may not, too\n"
	 "  --policy FILE   the policy that says who has privileges\n"
	 "  --format text|json\n" SCOPE_HELP},
	{"verify", verify_run, "[OPTION…] PATH…", "look for what is odd about descriptors",
	 "  --only CHECK,…  these checks only, such as order, orphan, null-dacl\n"
	 "  --except CHECK,…\n"
	 "                  not these\n"
	 "  --notes         also what is only worth a note\n"
	 "  --strict        an owner who may change the DACL is worth a warning\n"
	 "  --policy FILE   the policy that says who has privileges\n"
	 "  --format text|json\n" SCOPE_HELP "Exit status: 1 if there is an error or a warning.\n"},
	{"sid", sid_run, "[--format text|json] NAME|SID…", "tell who names and SIDs are",
	 "  --policy FILE   the policy that says which domain is asked\n"},
	{"policy", policy_run, "check|show|reload …", "check, show and reload the host's policy",
	 "See guise help policy check, and so on:\n"
	 "  check    say whether a mount would take a policy file\n"
	 "  show     print the policy that a mount has in force\n"
	 "  reload   have all mounts read their policy again\n"},
	{"role", role_run, "list|members|check …", "ask who is in which role of the policy",
	 "See guise help role list, and so on:\n"
	 "  list      list the roles of the policy\n"
	 "  members   list who is in a role\n"
	 "  check     say whether a user, or you, are in a role\n"},
	{"doctor", doctor_run, "[--format text|json] [MOUNTPOINT|SOURCE]",
	 "look for what is wrong with this host, its mounts and backing folders",
	 "Without a folder: the host and all guisefs mounts.  SOURCE is a backing folder.\n"
	 "  --format text   for people (the default)\n"
	 "  --format json   one JSON object\n"
	 "Exit status: 0 if there is nothing but notes, 1 with warnings or problems.\n"},
	{"help", help_run, "[COMMAND [SUBCOMMAND]|TOPIC]",
	 "explain guise, a command or an argument", NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

const struct command *command_find(const struct command *table, const char *name)
{
	for (; table->name; table++) {
		if (strcmp(table->name, name) == 0)
			return table;
	}
	return NULL;
}

int command_family(int argc, char **argv, const struct command *table, const char *names)
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
		return error_usage("expected %s", names);
	command = command_find(table, argv[optind]);
	if (!command)
		return error_usage("%s: expected %s", argv[optind], names);
	error_enter(command->name);
	skip = optind;
	optind = 0; /* getopt_long() starts afresh */
	return command->run(argc - skip, argv + skip);
}

/* What was printed has not been printed until the last write succeeded. */
static int flush(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	error_say("standard output: %s", strerror(errno));
	return status == STATUS_OK ? STATUS_FAILED : status;
}

int main(int argc, char **argv)
{
	const struct command *command;

	setlocale(LC_CTYPE, "");
	if (argc < 2)
		return error_usage("no command given");
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return flush(help_run(1, argv));
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		puts("guise " GUISE_VERSION);
		return flush(STATUS_OK);
	}
	command = command_find(commands, argv[1]);
	if (!command)
		return error_usage("%s: no such command", argv[1]);
	error_enter(command->name);
	return flush(command->run(argc - 1, argv + 1));
}
