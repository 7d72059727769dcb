/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise doctor: what guisefs itself has on the host.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "keyring/policy.h"
#include "keyring/ring_lock.h"
#include "keyring/scoped.h"
#include "text.h"

#define TEXT_MOST (1 << 22)

static const char program[] = "program";
static const char lock[] = "lock";
static const char policy_check[] = "policy";
static const char daemons[] = "daemons";

char *doctor_text(const struct host *host, const char *path)
{
	TEXT_CLEANUP char *whole = NULL;
	char *text = NULL, *more;
	size_t size = 0;
	ssize_t got = 1;
	SCOPED_FD fd = -1;

	if (asprintf(&whole, "%s%s", host->root, path) < 0) {
		whole = NULL;
		return NULL;
	}
	fd = open(whole, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return NULL;
	while (got > 0 && size < TEXT_MOST) {
		more = realloc(text, size + 4097);
		if (!more)
			break;
		text = more;
		got = read(fd, text + size, 4096);
		size += got > 0 ? (size_t)got : 0;
		text[size] = '\0';
	}
	if (got == 0)
		return text;
	free(text);
	return NULL;
}

char *doctor_line(const struct host *host, const char *path)
{
	char *text = doctor_text(host, path);

	if (text)
		text[strcspn(text, "\n")] = '\0';
	return text;
}

bool doctor_number(const struct host *host, const char *path, long long *number)
{
	TEXT_CLEANUP char *line = doctor_line(host, path);
	char *end;

	if (!line || !*line)
		return false;
	errno = 0;
	*number = strtoll(line, &end, 10);
	return errno == 0 && *end == '\0';
}

void check_program(const struct host *host, struct report *report)
{
	size_t length = strlen(host->version);
	const char *version;

	if (!host->build) {
		report_add(report, program, SEVERITY_WARNING, "It is what makes mounts.",
			   "install it beside guise",
			   "there is no program guisefs beside guise or in /usr/sbin");
		return;
	}
	version = strncmp(host->build, "guisefs ", 8) == 0 ? host->build + 8 : "";
	if (strncmp(version, host->version, length) != 0 ||
	    isdigit((unsigned char)version[length]) || version[length] == '.')
		report_add(report, program, SEVERITY_WARNING,
			   "What one of them says the other may not understand.",
			   "install both from one build", "guise is %s, but: %s", host->version,
			   host->build);
	else
		report_add(report, program, SEVERITY_OK, NULL, NULL, "%s", host->build);
}

void check_lock(const struct host *host, struct report *report)
{
	static const char means[] = "No mount starts without it, and servers cannot impersonate.";
	TEXT_CLEANUP char *path = NULL;
	struct stat st = {0};
	int error = 0;

	if (asprintf(&path, "%s%s", host->root, RING_LOCK_PATH) < 0) {
		path = NULL;
		report->incomplete = true;
		return;
	}
	if (lstat(path, &st) < 0)
		error = errno;
	if (error == ENOENT) {
		report_add(report, lock, SEVERITY_OK, NULL, NULL,
			   "%s is not there yet; the first mount makes it", RING_LOCK_PATH);
	} else if (error) {
		report_add(report, lock, SEVERITY_PROBLEM, means, "look at the folder /run",
			   "%s: %s", RING_LOCK_PATH, strerror(error));
	} else if (!S_ISREG(st.st_mode) || st.st_uid != 0 || (st.st_mode & (S_IRWXG | S_IRWXO))) {
		report_add(report, lock, SEVERITY_PROBLEM, means,
			   "unmount all guisefs mounts, remove it, and find out who made it",
			   "%s is not a file that is root's alone (owner %u, mode %04o)",
			   RING_LOCK_PATH, st.st_uid, st.st_mode & 07777);
	} else {
		report_add(report, lock, SEVERITY_OK, NULL, NULL, "%s is root's alone",
			   RING_LOCK_PATH);
	}
}

void check_policy(const struct host *host, struct report *report)
{
	TEXT_CLEANUP char *path = NULL;
	struct policy_fault fault = {0};
	struct policy *policy;
	struct stat st;
	int error;

	if (asprintf(&path, "%s%s", host->root, host->policy) < 0) {
		path = NULL;
		report->incomplete = true;
		return;
	}
	if (stat(path, &st) < 0 && errno == ENOENT) {
		report_add(report, policy_check, SEVERITY_OK, NULL, NULL,
			   "there is no %s; the defaults count", host->policy);
		return;
	}
	error = policy_load(path, &policy, &fault);
	if (error < 0) {
		report_add(report, policy_check, SEVERITY_PROBLEM,
			   "No mount starts with it, and mounts that run keep the one they have.",
			   "correct it until `guise policy check` is content, then "
			   "`guise policy reload`",
			   "%s", fault.text[0] ? fault.text : strerror(-error));
		return;
	}
	policy_unref(policy);
	report_add(report, policy_check, SEVERITY_OK, NULL, NULL, "%s can be read", host->policy);
}

/* Does the process run a guisefs that is not on disk any more? */
static bool is_replaced(const struct host *host, const char *pid)
{
	static const char gone[] = " (deleted)";
	char target[PATH_MAX];
	TEXT_CLEANUP char *path = NULL, *name = NULL, *link = NULL;
	ssize_t length;

	if (asprintf(&path, "/proc/%s/comm", pid) < 0)
		path = NULL;
	name = path ? doctor_line(host, path) : NULL;
	if (!name || strcmp(name, "guisefs") != 0)
		return false;
	if (asprintf(&link, "%s/proc/%s/exe", host->root, pid) < 0)
		link = NULL;
	length = link ? readlink(link, target, sizeof(target)) : -1;
	return length > (ssize_t)strlen(gone) &&
	       memcmp(target + length - strlen(gone), gone, strlen(gone)) == 0;
}

void check_daemons(const struct host *host, struct report *report)
{
	TEXT_CLEANUP char *path = NULL;
	const struct dirent *entry;
	bool any = false;
	DIR *folder;

	if (asprintf(&path, "%s/proc", host->root) < 0)
		path = NULL;
	folder = path ? opendir(path) : NULL;
	while (folder && (entry = readdir(folder))) {
		if (!isdigit((unsigned char)entry->d_name[0]) || !is_replaced(host, entry->d_name))
			continue;
		any = true;
		report_add(report, daemons, SEVERITY_WARNING,
			   "It runs on as it was before an update.",
			   "unmount and mount again, when nobody uses the mount",
			   "process %s runs a guisefs that has been replaced since", entry->d_name);
	}
	if (folder)
		closedir(folder);
	if (folder && !any)
		report_add(report, daemons, SEVERITY_OK, NULL, NULL,
			   "no daemon that can be seen from here runs a replaced program");
}
