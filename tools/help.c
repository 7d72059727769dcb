/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise help, and what all commands do alike with options.
 */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "error.h"

static void print_table(const struct command *table)
{
	for (; table->name; table++)
		printf("  %-8s %s\n", table->name, table->summary);
}

static void print_overview(void)
{
	fputs("usage: guise COMMAND [OPTION…] [ARGUMENT…]\n\n", stdout);
	print_table(commands);
	fputs("\nguise help COMMAND explains a command, guise --version prints the version.\n"
	      "Exit status: 0 done, 1 denied or refused, 2 usage or parse error, 3 some of\n"
	      "several paths failed, 4 I/O error or no guisefs mount.\n",
	      stdout);
}

static void print_command(const char *prefix, const struct command *command)
{
	printf("usage: %s %s %s\n\n%c%s.\n", prefix, command->name, command->arguments,
	       command->summary[0] - 'a' + 'A', command->summary + 1);
	if (command->details)
		printf("\n%s", command->details);
}

/* The help of the command that error lines name: "guise token grant". */
static void print_current(void)
{
	const char *name = error_command() + strlen("guise");
	const struct command *command;

	if (strncmp(name, " token ", 7) == 0) {
		command = command_find(token_commands, name + 7);
		if (command)
			print_command("guise token", command);
		return;
	}
	command = *name ? command_find(commands, name + 1) : NULL;
	if (command)
		print_command("guise", command);
	else
		print_overview();
}

int command_option(int argc, char **argv, const char *order, const struct option *options)
{
	int option;

	opterr = 0;
	option = getopt_long(argc, argv, order, options, NULL);
	switch (option) {
	case -1:
		return 0;
	case 'h':
		print_current();
		return 'h';
	case ':':
		error_usage("option %s needs a value", argv[optind - 1]);
		return -1;
	case '?':
		/* a letter in the middle of "-xyz" has no argument of its own */
		if (optopt && strncmp(argv[optind - 1], "--", 2) != 0)
			error_usage("-%c: no such option", optopt);
		else
			error_usage("%s: no such option", argv[optind - 1]);
		return -1;
	default:
		return option;
	}
}

int command_stop(int option)
{
	return option == 'h' ? STATUS_OK : STATUS_USAGE;
}

int help_run(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2 || strcmp(argv[1], "--help") == 0) {
		print_overview();
		return STATUS_OK;
	}
	command = command_find(commands, argv[1]);
	if (!command)
		return error_usage("%s: no such command", argv[1]);
	if (argc == 2) {
		print_command("guise", command);
		return STATUS_OK;
	}
	if (command->run != token_run || argc > 3)
		return error_usage("%s: too many arguments", argv[argc - 1]);
	command = command_find(token_commands, argv[2]);
	if (!command)
		return error_usage("token %s: no such command", argv[2]);
	print_command("guise token", command);
	return STATUS_OK;
}
