/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise doctor: what is learned of the host otherwise than from files.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "doctor_gather.h"

extern char **environ;

/* Makes a key of its own process, reads it, and takes it away again. */
int gather_keyring(void)
{
	static const char payload[] = "guise doctor";
	char room[sizeof(payload)];
	long key = syscall(SYS_add_key, "user", "guise:doctor", payload, sizeof(payload),
			   (int32_t)KEY_SPEC_PROCESS_KEYRING);
	int error = 0;

	if (key < 0)
		return errno;
	if (syscall(SYS_keyctl, KEYCTL_READ, (int32_t)key, room, sizeof(room)) < 0)
		error = errno;
	syscall(SYS_keyctl, KEYCTL_UNLINK, (int32_t)key, (int32_t)KEY_SPEC_PROCESS_KEYRING);
	return error;
}

/* The first line that `@program --version` prints; false if there is no such program. */
static bool version_of(const char *program, char *line, size_t size)
{
	char name[64];
	char *words[] = {name, (char[]){"--version"}, NULL};
	posix_spawn_file_actions_t actions;
	int ends[2], status = 0;
	ssize_t got = 0;
	pid_t pid;

	snprintf(name, sizeof(name), "%s", program);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&pid, name, &actions, NULL, words, environ) != 0)
		pid = -1;
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (pid > 0)
		got = read(ends[0], line, size - 1);
	close(ends[0]);
	if (pid > 0)
		waitpid(pid, &status, 0);
	line[got > 0 ? got : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 && *line;
}

bool gather_build(char *line, size_t size)
{
	static const char *const programs[] = {"guisefs", "/usr/local/sbin/guisefs",
					       "/usr/sbin/guisefs"};

	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		if (version_of(programs[i], line, size))
			return true;
	}
	return false;
}

bool gather_clock_unsynced(void)
{
	struct timex state = {0};

	return adjtimex(&state) == TIME_ERROR || (state.status & STA_UNSYNC);
}
