/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The commands of guise: what they are called, what they return, how they
 * read their options.
 */
#ifndef GUISE_TOOLS_COMMAND_H
#define GUISE_TOOLS_COMMAND_H

#include <getopt.h>
#include <stddef.h>

/* exit statuses, the same for every command but `guise run` once it has read its options */
enum status {
	STATUS_OK = 0,
	STATUS_DENIED = 1,  /* denied or refused */
	STATUS_USAGE = 2,   /* wrong arguments, or a text that cannot be parsed */
	STATUS_PARTIAL = 3, /* one or more of several paths failed */
	STATUS_FAILED = 4,  /* I/O error, or no guisefs mount */
};

/*
 * A row of the table in guise.c.  A new command takes a row there, its name in a group of the table
 * in help.c, and a manual page.  Completions need nothing: what may follow a word is found out from
 * @arguments, where capitals name what is expected (complete.c knows PATH, PRINCIPAL,
 * RIGHTS and others), and from the options that the command gives to command_option(), with which
 * it must begin.
 */
struct command {
	const char *name;                  /* "show" */
	int (*run)(int argc, char **argv); /* argv[0] is the command's own name */
	const char *arguments;             /* for the usage line */
	const char *summary;               /* one line */
	const char *details;               /* further lines of help, each ended; may be NULL */
};

/* The commands of guise and of its families, such as `guise token`; all end with a NULL name. */
extern const struct command commands[];
extern const struct command token_commands[];
extern const struct command policy_commands[];
extern const struct command role_commands[];

/* The commands of the family @name, or NULL if it is none. */
const struct command *command_members(const char *name);

/* The command called @name in @table, or NULL. */
const struct command *command_find(const struct command *table, const char *name);

/*
 * The command of a family: runs that one of @table which the first argument names, after options.
 * @names are what is expected, in words.
 */
int command_family(int argc, char **argv, const struct command *table, const char *names);

int show_run(int argc, char **argv);
int add_run(int argc, char **argv);
int deny_run(int argc, char **argv);
int edit_run(int argc, char **argv);
int owner_run(int argc, char **argv);
int remove_run(int argc, char **argv);
int copy_run(int argc, char **argv);
int diff_run(int argc, char **argv);
int find_sid_run(int argc, char **argv);
int restore_run(int argc, char **argv);
int save_run(int argc, char **argv);
int set_run(int argc, char **argv);
int whoami_run(int argc, char **argv);
int run_run(int argc, char **argv);
int why_run(int argc, char **argv);
int effective_run(int argc, char **argv);
int who_can_run(int argc, char **argv);
int verify_run(int argc, char **argv);
int sid_run(int argc, char **argv);
int token_run(int argc, char **argv);
int token_grant_run(int argc, char **argv);
int token_restrict_run(int argc, char **argv);
int token_issue_run(int argc, char **argv);
int token_list_run(int argc, char **argv);
int token_show_run(int argc, char **argv);
int token_revoke_run(int argc, char **argv);
int policy_run(int argc, char **argv);
int policy_check_run(int argc, char **argv);
int policy_show_run(int argc, char **argv);
int policy_reload_run(int argc, char **argv);
int role_run(int argc, char **argv);
int role_list_run(int argc, char **argv);
int role_members_run(int argc, char **argv);
int role_check_run(int argc, char **argv);
int doctor_run(int argc, char **argv);
int help_run(int argc, char **argv);
int inherit_run(int argc, char **argv);
int propagate_run(int argc, char **argv);
int reset_run(int argc, char **argv);

/*
 * The next option of @argv as getopt_long() gives it: its `val`, 0 at the end
 * of the options, -1 if a wrong one was reported, or 'h' if it was --help, which was answered.
 * @order is ":" or, if options end at the first argument that is none, "+:".
 */
int command_option(int argc, char **argv, const char *order, const struct option *options);

/* The options that @command takes, as it gives them to command_option(); NULL for none. */
const struct option *command_options(const struct command *command);

/* What a command returns after command_option() gave @option and it was -1 or 'h'. */
int command_stop(int option);

#endif
