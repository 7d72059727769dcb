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

/* commands that have commands of their own */
static const struct {
	const char *name, *prefix;
	const struct command *table;
} families[] = {
	{"token", "guise token", token_commands},
	{"policy", "guise policy", policy_commands},
	{"role", "guise role", role_commands},
};

#define FAMILIES (sizeof(families) / sizeof(families[0]))

/* The help of the command that error lines name: "guise token grant". */
static void print_current(void)
{
	const char *name = error_command() + strlen("guise");
	const struct command *command;

	for (size_t i = 0; i < FAMILIES; i++) {
		size_t length = strlen(families[i].name);

		if (strncmp(name + 1, families[i].name, length) != 0 || name[length + 1] != ' ')
			continue;
		command = command_find(families[i].table, name + length + 2);
		if (command)
			print_command(families[i].prefix, command);
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

/* guise help token grant */
static int help_family(int argc, char **argv)
{
	const struct command *command;

	for (size_t i = 0; i < FAMILIES && argc == 3; i++) {
		if (strcmp(argv[1], families[i].name) != 0)
			continue;
		command = command_find(families[i].table, argv[2]);
		if (!command)
			return error_usage("%s %s: no such command", argv[1], argv[2]);
		print_command(families[i].prefix, command);
		return STATUS_OK;
	}
	return error_usage("%s: too many arguments", argv[argc - 1]);
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
	return help_family(argc, argv);
}
