/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Temporary accounts, by useradd(8) and userdel(8). */
#include "people.h"

#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char names[PEOPLE_MAX][32];
static unsigned int added;
static pid_t adder;

static bool run(const char *const *words)
{
	posix_spawn_file_actions_t actions;
	char *arguments[8] = {NULL};
	int status = -1;
	pid_t pid;

	for (size_t i = 0; i < 7 && words[i]; i++)
		arguments[i] = strdup(words[i]);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", 1, 0);
	if (posix_spawnp(&pid, arguments[0], &actions, NULL, arguments, environ) != 0 ||
	    waitpid(pid, &status, 0) != pid)
		status = -1;
	posix_spawn_file_actions_destroy(&actions);
	for (size_t i = 0; arguments[i]; i++)
		free(arguments[i]);
	return status == 0;
}

/* Another process may be writing /etc/passwd. */
static bool run_patiently(const char *const *words)
{
	for (int attempt = 0; attempt < 300; attempt++) {
		if (run(words))
			return true;
		usleep(200000);
	}
	return false;
}

static void people_remove(void)
{
	if (getpid() != adder)
		return;
	while (added > 0)
		run_patiently((const char *[]){"userdel", names[--added], NULL});
}

static void remove_on_signal(int number)
{
	people_remove();
	_exit(128 + number);
}

bool people_add(unsigned int count, struct person *people)
{
	if (count > PEOPLE_MAX)
		return false;
	adder = getpid();
	atexit(people_remove);
	signal(SIGINT, remove_on_signal);
	signal(SIGTERM, remove_on_signal);
	signal(SIGHUP, remove_on_signal);
	for (unsigned int i = 0; i < count; i++) {
		const struct passwd *entry;

		snprintf(names[i], sizeof(names[i]), "gt%d%c", (int)adder, 'a' + (int)i);
		if (!run_patiently((const char *[]){"useradd", "-M", "-U", "-s",
						    "/usr/sbin/nologin", names[i], NULL}))
			return false;
		added = i + 1;
		entry = getpwnam(names[i]);
		if (!entry)
			return false;
		memcpy(people[i].name, names[i], sizeof(people[i].name));
		people[i].uid = entry->pw_uid;
		people[i].gid = entry->pw_gid;
	}
	return true;
}
