/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise doctor: what is learned of the host otherwise than from files.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/keyctl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "doctor_gather.h"
#include "patience.h"
#include "text.h"

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

/* Becomes `@program --version`. */
static int print_version(void *program, int out)
{
	int null = open("/dev/null", O_RDWR);

	if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(null, 2) < 0)
		return -EIO;
	execlp(program, program, "--version", (char *)NULL);
	return -EIO;
}

/* The first line that `@program --version` prints; false if there is no such program. */
static bool version_of(const char *program, char *line, size_t size)
{
	TEXT_CLEANUP char *text = NULL;
	size_t length;

	if (patience_ask(print_version, (void *)(uintptr_t)program, &text, &length) < 0)
		return false;
	snprintf(line, size, "%.*s", (int)strcspn(text, "\n"), text);
	return *line;
}

/* The same of @name beside guise itself. */
static bool version_beside(const char *name, char *line, size_t size)
{
	TEXT_CLEANUP char *program = NULL;
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	self[length > 0 ? length : 0] = '\0';
	slash = strrchr(self, '/');
	if (!slash)
		return false;
	*slash = '\0';
	if (asprintf(&program, "%s/%s", self, name) < 0) {
		program = NULL;
		return false;
	}
	return version_of(program, line, size);
}

/* What is run by root must not be chosen by whoever had a say in PATH. */
bool gather_build(char *line, size_t size)
{
	static const char *const beside[] = {"../sbin/guisefs", "guisefs", "../fs/guisefs"};
	static const char *const programs[] = {"/usr/local/sbin/guisefs", "/usr/sbin/guisefs"};

	for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
		if (version_beside(beside[i], line, size))
			return true;
	}
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		if (version_of(programs[i], line, size))
			return true;
	}
	return geteuid() != 0 && version_of("guisefs", line, size);
}

bool gather_clock_unsynced(void)
{
	struct timex state = {0};

	return adjtimex(&state) == TIME_ERROR || (state.status & STA_UNSYNC);
}
