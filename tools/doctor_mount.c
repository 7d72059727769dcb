/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise doctor: the guisefs mounts of the host.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "doctor.h"
#include "mountinfo.h"
#include "patience.h"
#include "text.h"

#define ATTRIBUTE_BUILD "system.guise.build"

static const char check[] = "mount";

static void judge_build(const struct host *host, const struct mount *mount, struct report *report)
{
	if (!mount->build)
		report_add(report, check, SEVERITY_WARNING,
			   "What this guise says it may not understand.",
			   "unmount and mount again, when nobody uses it",
			   "%s: its daemon is older than this guise (%s)", mount->point,
			   host->version);
	else if (host->build && strcmp(host->build, mount->build) != 0)
		report_add(report, check, SEVERITY_WARNING,
			   "It runs on as it was before an update, or is of another installation.",
			   "unmount and mount again, when nobody uses it",
			   "%s: its daemon is %s, but the program guisefs is %s", mount->point,
			   mount->build, host->build);
	else
		report_add(report, check, SEVERITY_OK, NULL, NULL, "%s answers: %s", mount->point,
			   mount->build);
}

void check_mount(const struct host *host, const struct mount *mount, struct report *report)
{
	if (!mount->by_root)
		report_add(report, check, SEVERITY_WARNING,
			   "It only calls itself guisefs. Nothing heeds it, but people may take it "
			   "for one.",
			   "find out who made it", "%s was not mounted by root", mount->point);
	else if (mount->error == ENOTCONN)
		report_add(report, check, SEVERITY_PROBLEM,
			   "Its daemon has ended; every access fails.",
			   "umount it (-l, if it is in use), and mount it again", "%s: %s",
			   mount->point, strerror(mount->error));
	else if (mount->error == ETIMEDOUT)
		report_add(report, check, SEVERITY_PROBLEM,
			   "Its daemon is stopped, or waits for a disk or a directory service.",
			   "look at its log, and at what the process does", "%s does not answer",
			   mount->point);
	else if (mount->error == EACCES || mount->error == EPERM)
		report_add(report, check, SEVERITY_NOTE, "It may be all right.", "ask as root",
			   "%s cannot be reached by you", mount->point);
	else if (mount->error)
		report_add(report, check, SEVERITY_PROBLEM, "Every access of yours may fail.",
			   "look at its log", "%s: %s", mount->point, strerror(mount->error));
	else
		judge_build(host, mount, report);
}

/* What the process that asks a mount tells. */
struct answer {
	int error;
	char build[128];
};

static int ask_here(void *point, int out)
{
	struct answer answer = {0};
	ssize_t size = getxattr(point, ATTRIBUTE_BUILD, answer.build, sizeof(answer.build) - 1);

	if (size < 0 && errno != ENODATA && errno != EOPNOTSUPP)
		answer.error = errno;
	answer.build[size > 0 ? size : 0] = '\0';
	return write(out, &answer, sizeof(answer)) == sizeof(answer) ? 0 : -EIO;
}

/* Asks the mount which program serves it. */
static int ask(const char *point, struct answer *answer)
{
	TEXT_CLEANUP char *bytes = NULL;
	size_t size;
	int error = patience_ask(ask_here, (void *)(uintptr_t)point, &bytes, &size);

	*answer = (struct answer){0};
	if (error < 0)
		return -error;
	if (size != sizeof(*answer))
		return EIO;
	memcpy(answer, bytes, size);
	return answer->error;
}

static void look_at(const struct host *host, const struct mountinfo *line, struct report *report)
{
	struct mount mount = {.point = line->point, .source = line->source};
	struct answer answer = {0};

	mount.by_root = mountinfo_by_root(line);
	if (mount.by_root) {
		mount.error = ask(line->point, &answer);
		mount.build = answer.build[0] ? answer.build : NULL;
	}
	check_mount(host, &mount, report);
	if (mount.by_root)
		doctor_backing(host, mount.source, report);
}

int doctor_mounts(const struct host *host, const char *point, struct report *report)
{
	TEXT_CLEANUP char *text = doctor_text(host, "/proc/self/mountinfo");
	char *next = text, *line;
	int count = 0;

	if (!text)
		return -EIO;
	while ((line = strsep(&next, "\n"))) {
		struct mountinfo info;

		if (!mountinfo_read(line, &info) || strcmp(info.type, "fuse.guisefs") != 0 ||
		    strcmp(info.root, "/") != 0 || (point && strcmp(info.point, point) != 0))
			continue;
		count++;
		look_at(host, &info, report);
	}
	return count;
}
