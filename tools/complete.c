/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What may follow on a command line: from the tables of commands, their usage lines and
 * their options.
 */
#include "complete.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "text.h"
#include "topic.h"

#define POSITIONS 8

/* What a command line is so far. */
struct line {
	const char *current;          /* the word to complete */
	const char *option;           /* whose value it is, or NULL */
	const struct option *options; /* of the command */
	int position;                 /* how many arguments come before it that are no options */
	bool ended;                   /* no more options */
};

/* What a usage line expects. */
struct usage {
	char *text;
	const char *positions[POSITIONS]; /* the meaning of each argument */
	int count;
	int repeats;       /* which one may be repeated, or -1 */
	const char *value; /* the meaning of the value of the option that was looked for, or NULL */
	char pending[32];  /* the option whose value the next token begins with, or "" */
};

/* values that usage lines need not explain */
static const struct {
	const char *option, *meaning;
} values[] = {
	{"format", "text|sddl|json|raw"},
	{"level", "anonymous|identify|impersonate|delegate"},
	{"rights", "read|write|execute|delete|modify|full"},
	{"ttl", "10m|1h|8h|1d"},
	{"privilege", "SeSecurityPrivilege|SeBackupPrivilege|SeRestorePrivilege|"
		      "SeTakeOwnershipPrivilege|SeChangeNotifyPrivilege|SeRelabelPrivilege"},
	{"for", "USER"},
	{"user", "USER"},
	{"group", "GROUP"},
	{"token", "SERIAL"},
	{"audit", "FILE"},
	{"policy", "FILE"},
	{"serial", "SERIAL"},
	{"only", "CHECK"},
	{"except", "CHECK"},
	{"to", "FOLDER"},
	{"files-from", "FILE"},
	{"resume", "FILE"},
	{"map-file", "FILE"},
	{"to", "PATH"},
};

/* Cuts @token down to what it means: no brackets, no dots of repetition. */
static char *strip(char *token, bool *repeats)
{
	size_t length;

	token += strspn(token, "[(");
	length = strcspn(token, "])");
	token[length] = '\0';
	*repeats = length >= 3 && strcmp(token + length - 3, "…") == 0;
	if (*repeats)
		token[length - 3] = '\0';
	return token;
}

/*
 * Takes the options off @token, a choice such as "USER|--self"; what is left moves to its front.
 * What comes first is the value of the option that is pending.
 */
static void take_options(struct usage *usage, char *token)
{
	char *rest = token, *part, *next = token;
	bool value = usage->pending[0];

	usage->pending[0] = '\0';
	while ((part = strsep(&next, "|"))) {
		size_t length = strlen(part);

		if (part[0] == '-' && !next)
			snprintf(usage->pending, sizeof(usage->pending), "%s", part);
		if (part[0] != '-' && !value) {
			if (rest != token)
				*rest++ = '|';
			memmove(rest, part, length);
			rest += length;
		}
		value = false;
	}
	*rest = '\0';
}

static bool takes_value(const struct option *options, const char *name)
{
	for (; options && options->name; options++) {
		if (strcmp(options->name, name) == 0)
			return options->has_arg == required_argument;
	}
	return false;
}

/* "--name VALUE" of a usage line: is it the option that is looked for? */
static void note_value(struct usage *usage, const struct line *line, const char *option,
		       const char *value)
{
	if (line->option && strcmp(option, line->option) == 0)
		usage->value = value;
}

static void add_position(struct usage *usage, const char *meaning, bool repeats)
{
	if (usage->count == POSITIONS || strcmp(meaning, "OPTION") == 0)
		return;
	if (repeats && usage->repeats < 0)
		usage->repeats = usage->count;
	usage->positions[usage->count++] = meaning;
}

static void read_token(struct usage *usage, const struct line *line, char *token)
{
	bool repeats, value;
	char *bare = strip(token, &repeats);
	const char *option = usage->pending;

	if (strcmp(bare, "--") == 0)
		return;
	value = strncmp(option, "--", 2) == 0 && takes_value(line->options, option + 2);
	if (value && !strstr(bare, "|-")) {
		note_value(usage, line, option + 2, bare);
		usage->pending[0] = '\0';
		return;
	}
	if (!value)
		usage->pending[0] = '\0';
	take_options(usage, bare);
	if (*bare)
		add_position(usage, bare, repeats);
}

/* Reads @text, a usage line; usage->text is for the caller to free. */
static bool read_usage(struct usage *usage, const struct line *line, const char *text)
{
	char *next, *token;

	*usage = (struct usage){.text = strdup(text), .repeats = -1};
	next = usage->text;
	while (next && (token = strsep(&next, " "))) {
		if (*token && strcmp(token, "|") != 0)
			read_token(usage, line, token);
	}
	return usage->text != NULL;
}

/* Looks at the words before the last one. */
static void read_line(struct line *line, int count, char **words)
{
	line->current = words[count - 1];
	for (int i = 0; i < count - 1; i++) {
		if (line->ended || words[i][0] != '-' || !words[i][1]) {
			line->position++;
		} else if (strcmp(words[i], "--") == 0) {
			line->ended = true;
		} else if (strncmp(words[i], "--", 2) == 0 &&
			   takes_value(line->options, words[i] + 2)) {
			if (i + 1 == count - 1)
				line->option = words[i] + 2;
			i++; /* its value */
		}
	}
}

static void complete_value(const struct line *line, const struct usage *usage)
{
	const char *meaning = NULL;

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (strcmp(values[i].option, line->option) == 0)
			meaning = values[i].meaning;
	}
	/* what a usage line spells out is this command's own */
	if (usage->value && (!meaning || islower((unsigned char)usage->value[0])))
		meaning = usage->value;
	if (meaning)
		complete_meaning(meaning, line->current);
}

static void complete_options(const struct line *line)
{
	for (const struct option *option = line->options; option && option->name; option++) {
		TEXT_CLEANUP char *word = NULL;

		if (asprintf(&word, "--%s", option->name) < 0)
			return;
		complete_word(word, NULL, line->current);
	}
}

/* One argument may be repeated, so that what follows may stand there, too. */
static void complete_position(const struct line *line, const struct usage *usage)
{
	int first = line->position, last = line->position;

	if (usage->repeats >= 0 && line->position >= usage->repeats) {
		first = usage->repeats;
		last = line->position == usage->repeats ? first : usage->count - 1;
	}
	for (int i = first; i <= last && i < usage->count; i++)
		complete_meaning(usage->positions[i], line->current);
	if (first >= usage->count && !line->ended)
		complete_options(line);
}

static void complete_command(const struct command *command, int count, char **words)
{
	struct line line = {.options = command_options(command)};
	struct usage usage;

	read_line(&line, count, words);
	if (!read_usage(&usage, &line, command->arguments))
		return;
	if (line.option)
		complete_value(&line, &usage);
	else if (line.current[0] == '-' && !line.ended)
		complete_options(&line);
	else
		complete_position(&line, &usage);
	free(usage.text);
}

static void complete_names(const struct command *table, const char *prefix)
{
	for (; table->name; table++)
		complete_word(table->name, table->summary, prefix);
}

/* What follows "guise help": names of commands. */
static void complete_help(int count, char **words)
{
	const struct command *members = count == 2 ? command_members(words[0]) : NULL;

	if (count == 1)
		complete_names(commands, words[0]);
	for (const struct topic *topic = topics; count == 1 && topic->name; topic++)
		complete_word(topic->name, topic->summary, words[0]);
	if (members)
		complete_names(members, words[1]);
}

int complete(int count, char **words)
{
	const struct command *command = NULL, *members;

	if (count == 1) {
		complete_names(commands, words[0]);
		complete_word("--help", NULL, words[0]);
		complete_word("--version", NULL, words[0]);
	}
	if (count > 1)
		command = command_find(commands, words[0]);
	if (!command)
		return STATUS_OK;
	members = command_members(command->name);
	if (members && count > 2) {
		command = command_find(members, words[1]);
		words++;
		count--;
	} else if (members && words[1][0] != '-') {
		complete_names(members, words[1]);
		return STATUS_OK;
	}
	if (command && strcmp(command->name, "help") == 0 && words[1][0] != '-')
		complete_help(count - 1, words + 1);
	else if (command)
		complete_command(command, count - 1, words + 1);
	return STATUS_OK;
}
