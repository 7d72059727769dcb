/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The words of usage lines, and what they stand for.
 */
#include <ctype.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/action.h"
#include "acl/lint.h"
#include "complete.h"
#include "text.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

void complete_word(const char *word, const char *what, const char *prefix)
{
	if (strncmp(word, prefix, strlen(prefix)) != 0)
		return;
	putchar('=');
	text_print(stdout, word);
	if (what) {
		putchar('\t');
		text_print(stdout, what);
	}
	putchar('\n');
}

/* Names of accounts; @end is put behind each. */
static void print_name(const char *name, const char *end, const char *prefix)
{
	TEXT_CLEANUP char *word = NULL;

	if (asprintf(&word, "%s%s", name, end) >= 0)
		complete_word(word, NULL, prefix);
}

static void print_users(const char *end, const char *prefix)
{
	const struct passwd *user;

	setpwent();
	while ((user = getpwent()))
		print_name(user->pw_name, end, prefix);
	endpwent();
}

static void print_groups(const char *end, const char *prefix)
{
	const struct group *group;

	setgrent();
	while ((group = getgrent()))
		print_name(group->gr_name, end, prefix);
	endgrent();
}

static void print_principals(const char *end, const char *prefix)
{
	static const char *const known[] = {
		"Everyone",      "Authenticated Users", "Anonymous Logon", "Creator Owner",
		"Creator Group", "Owner Rights",        "Administrators",  "Users",
	};

	print_users(end, prefix);
	print_groups(end, prefix);
	for (size_t i = 0; i < COUNT(known); i++)
		print_name(known[i], end, prefix);
}

static void users(const char *prefix)
{
	print_users("", prefix);
}

static void groups(const char *prefix)
{
	print_groups("", prefix);
}

static void principals(const char *prefix)
{
	print_principals("", prefix);
}

static const struct {
	const char *letters, *what;
} rights[] = {
	{"F", "full control"}, {"M", "modify"}, {"RX", "read and execute"},
	{"R", "read"},         {"W", "write"},  {"D", "delete"},
};

static void right_letters(const char *prefix)
{
	for (size_t i = 0; i < COUNT(rights); i++)
		complete_word(rights[i].letters, rights[i].what, prefix);
}

static void operations(const char *prefix)
{
	for (const struct action *action = action_table(); action->name; action++)
		complete_word(action->name, action->meaning, prefix);
}

static void checks(const char *prefix)
{
	for (int i = 0; i < LINT_COUNT; i++)
		complete_word(lint_name(i), lint_text(i), prefix);
}

/* PRINCIPAL:[(FLAGS)…]RIGHTS; what is before the rights is there already. */
static void entries(const char *prefix)
{
	static const char *const flags[] = {"(OI)(CI)", "(OI)", "(CI)", "(IO)", "(NP)"};
	size_t length;
	const char *behind = strrchr(prefix, ':');

	if (!behind) {
		print_principals(":", prefix);
		return;
	}
	while (strchr(behind, ')'))
		behind = strchr(behind, ')');
	behind += *behind == ')' || *behind == ':';
	length = (size_t)(behind - prefix);
	for (size_t i = 0; i < COUNT(rights) + COUNT(flags); i++) {
		bool right = i < COUNT(rights);
		TEXT_CLEANUP char *word = NULL;

		if (asprintf(&word, "%.*s%s", (int)length, prefix,
			     right ? rights[i].letters : flags[i - COUNT(rights)]) < 0)
			return;
		complete_word(word, right ? rights[i].what : NULL, prefix);
	}
}

static void paths(const char *prefix)
{
	puts(":path");
}

static void programs(const char *prefix)
{
	puts(":program");
}

static void serials(const char *prefix)
{
	puts(":serial");
}

static const struct {
	const char *word;
	void (*print)(const char *prefix);
} meanings[] = {
	{"PATH", paths},
	{"FILE", paths},
	{"FROM", paths},
	{"TO", paths},
	{"A", paths},
	{"B", paths},
	{"MOUNTPOINT", paths},
	{"SOURCE", paths},
	{"ARGUMENT", paths},
	{"PRINCIPAL", principals},
	{"NAME", principals},
	{"USER", users},
	{"ACCOUNT", users},
	{"GROUP", groups},
	{"RIGHT", right_letters},
	{"OPERATION", operations},
	{"CHECK", checks},
	{"FOLDER", paths},
	{"SID", principals},
	{"RIGHTS", right_letters},
	{"ENTRY", entries},
	{"SERIAL", serials},
	{"COMMAND", programs},
	{"KEY", serials},
	{"DIR", paths},
};

static void print_part(const char *part, const char *prefix)
{
	if (!isupper((unsigned char)part[0])) {
		complete_word(part, NULL, prefix);
		return;
	}
	for (size_t i = 0; i < COUNT(meanings); i++) {
		if (strcmp(meanings[i].word, part) == 0)
			meanings[i].print(prefix);
	}
}

void complete_meaning(const char *meaning, const char *prefix)
{
	TEXT_CLEANUP char *parts = strdup(meaning);
	char *next = parts, *part;

	while (next && (part = strsep(&next, "|"))) {
		if (*part)
			print_part(part, prefix);
	}
}
