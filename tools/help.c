/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise help, and what all commands do alike with options.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "complete.h"
#include "error.h"
#include "topic.h"

/*
 * What the commands are for, in the order in which they are listed.  A name for which there is no
 * command is not listed; a command without a group is, under "Other".
 */
#define GROUP_MAX 16
static const struct group {
	const char *title;
	const char *names[GROUP_MAX];
} groups[] = {
	{"Look at rights", {"show", "effective", "who-can", "find-sid", "verify"}},
	{"Change rights",
	 {"add", "deny", "remove", "set", "edit", "owner", "inherit", "propagate", "reset"}},
	{"Save, copy and compare", {"save", "restore", "copy", "diff"}},
	{"Explain", {"why", "sid"}},
	{"Identities", {"whoami", "token", "run", "role"}},
	{"This host", {"doctor", "policy", "help"}},
};

#define GROUPS (sizeof(groups) / sizeof(groups[0]))

static bool group_has(const struct group *group, const char *name)
{
	for (size_t i = 0; i < GROUP_MAX && group->names[i]; i++) {
		if (strcmp(group->names[i], name) == 0)
			return true;
	}
	return false;
}

static void print_row(const struct command *command)
{
	printf("  %-10s %s\n", command->name, command->summary);
}

/* What no group has, so that nothing is hidden. */
static void print_others(void)
{
	bool any = false;

	for (const struct command *command = commands; command->name; command++) {
		bool known = false;

		for (size_t i = 0; i < GROUPS && !known; i++)
			known = group_has(&groups[i], command->name);
		if (known)
			continue;
		if (!any)
			puts("\nOther:");
		any = true;
		print_row(command);
	}
}

static void print_groups(void)
{
	for (size_t i = 0; i < GROUPS; i++) {
		printf("\n%s:\n", groups[i].title);
		for (size_t j = 0; j < GROUP_MAX && groups[i].names[j]; j++) {
			const struct command *command = command_find(commands, groups[i].names[j]);

			if (command)
				print_row(command);
		}
	}
	print_others();
}

static void print_overview(void)
{
	fputs("usage: guise COMMAND [OPTION…] [ARGUMENT…]\n", stdout);
	print_groups();
	puts("\nArguments (guise help rights, and so on):");
	for (const struct topic *topic = topics; topic->name; topic++)
		printf("  %-10s %s\n", topic->name, topic->summary);
	fputs("\nguise help COMMAND explains a command, guise --version prints the version.\n"
	      "Exit status: 0 done or granted, 1 denied or different, 2 usage or parse error,\n"
	      "3 some of several paths failed, 4 I/O error or no guisefs mount.\n",
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

const struct command *command_members(const char *name)
{
	for (size_t i = 0; i < FAMILIES; i++) {
		if (strcmp(families[i].name, name) == 0)
			return families[i].table;
	}
	return NULL;
}

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

/* Set while a command is asked for its options, instead of run. */
static const struct option **asked;

const struct option *command_options(const struct command *command)
{
	const struct option *options = NULL;
	char name[32];
	char *argv[] = {name, NULL};

	snprintf(name, sizeof(name), "%s", command->name);
	asked = &options;
	command->run(1, argv);
	asked = NULL;
	return options;
}

int command_option(int argc, char **argv, const char *order, const struct option *options)
{
	int option;

	if (asked) {
		*asked = options;
		return 'h';
	}
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
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	const struct command *command;
	const struct topic *topic;
	int option;

	if (argc >= 2 && strcmp(argv[1], "--complete") == 0)
		return complete(argc - 2, argv + 2);
	option = command_option(argc, argv, ":h", options);
	if (option != 0)
		return command_stop(option);
	argc -= optind - 1;
	argv += optind - 1;
	if (argc < 2) {
		print_overview();
		return STATUS_OK;
	}
	topic = topic_find(argv[1]);
	if (topic && argc == 2) {
		fputs(topic->text, stdout);
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
