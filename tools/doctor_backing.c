/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise doctor: backing folders: who else can reach them, and what their filesystems can do.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "doctor.h"
#include "keyring/scoped.h"
#include "mountinfo.h"
#include "mountpoint.h"
#include "patience.h"
#include "text.h"

#define STEPS_MOST 128

static const char exposure[] = "exposure";
static const char abilities_check[] = "filesystem";
static const char backing[] = "backing";

static const char keep_away[] =
	"keep it below a folder of mode 0700 that is root's, and mount from there";

/* Can group @gid, or with an ACL somebody, pass through all folders above the last one? */
static bool group_passes(const struct step *steps, size_t count, gid_t gid)
{
	for (size_t i = 0; i + 1 < count; i++) {
		bool group = (steps[i].mode & S_IXGRP) && (steps[i].gid == gid || steps[i].listed);

		if (!(steps[i].mode & S_IXOTH) && !group)
			return false;
	}
	return true;
}

static bool all_pass(const struct step *steps, size_t count)
{
	for (size_t i = 0; i + 1 < count; i++) {
		if (!(steps[i].mode & S_IXOTH))
			return false;
	}
	return true;
}

/* Who could put another folder into the place of one on the way? */
static bool judge_way(const struct step *steps, size_t count, struct report *report)
{
	for (size_t i = 0; i + 1 < count; i++) {
		bool writable = (steps[i].mode & (S_IWGRP | S_IWOTH)) && !(steps[i].mode & S_ISVTX);

		if (steps[i].uid == 0 && !writable)
			continue;
		report_add(report, exposure, SEVERITY_WARNING,
			   "Whoever may change it can put another folder into the place of the "
			   "backing folder.",
			   keep_away,
			   "%s, on the way to %s, is not root's alone (owner %u, mode %04o)",
			   steps[i].path, steps[count - 1].path, steps[i].uid,
			   steps[i].mode & 07777);
		return true;
	}
	return false;
}

static bool judge_folder(const struct step *steps, size_t count, struct report *report)
{
	static const char reads[] =
		"There, rights are only the nearest POSIX ones: no consent counts, "
		"and nothing is audited.";
	static const char writes[] = "Whoever writes there goes past guisefs.";
	const struct step *last = &steps[count - 1];
	bool all = all_pass(steps, count);

	if (all && (last->mode & S_IWOTH))
		report_add(report, exposure, SEVERITY_PROBLEM, writes, keep_away,
			   "everybody can write to %s", last->path);
	else if (all && (last->mode & S_IRWXO))
		report_add(report, exposure, SEVERITY_WARNING, reads, keep_away,
			   "everybody can reach %s", last->path);
	else if ((last->mode & S_IRWXG) && (last->gid != 0 || last->listed) &&
		 group_passes(steps, count, last->gid))
		report_add(report, exposure, SEVERITY_WARNING, reads, keep_away,
			   last->listed ? "the POSIX ACL of %s lets others in"
					: "its group can reach %s",
			   last->path);
	else if (last->uid != 0 && all)
		report_add(report, exposure, SEVERITY_WARNING, reads, keep_away,
			   "%s belongs to user %u, who can reach it", last->path, last->uid);
	else
		return false;
	return true;
}

void check_exposure(const struct step *steps, size_t count, struct report *report)
{
	bool way = judge_way(steps, count, report);

	if (!judge_folder(steps, count, report) && !way)
		report_add(report, exposure, SEVERITY_OK, NULL, NULL,
			   "only root can reach %s other than through its mount",
			   steps[count - 1].path);
}

void check_abilities(const struct abilities *abilities, struct report *report)
{
	size_t before = report->count;

	if (abilities->handles)
		report_add(
			report, abilities_check, SEVERITY_PROBLEM,
			"guisefs finds files again by file handles; none can be mounted without.",
			"use ext4, xfs, btrfs or tmpfs", "%s: no file handles: %s", abilities->path,
			strerror(abilities->handles));
	if (abilities->descriptors)
		report_add(report, abilities_check, SEVERITY_PROBLEM,
			   "Descriptors cannot be stored: only mode and POSIX ACL count.",
			   "use ext4, xfs, btrfs or tmpfs",
			   "%s: no extended attributes security.*: %s", abilities->path,
			   strerror(abilities->descriptors));
	if (abilities->lists)
		report_add(report, abilities_check, SEVERITY_WARNING,
			   "Descriptors are mirrored in the mode alone, so less is granted to who "
			   "reads the folder itself.",
			   "mount it with the option acl", "%s: no POSIX ACLs: %s", abilities->path,
			   strerror(abilities->lists));
	if (abilities->read_only)
		report_add(report, abilities_check, SEVERITY_NOTE, "Nothing can be changed.", NULL,
			   "%s is on a filesystem that is mounted read-only", abilities->path);
	if (report->count == before)
		report_add(report, abilities_check, SEVERITY_OK, NULL, NULL,
			   "%s has file handles, extended attributes and POSIX ACLs",
			   abilities->path);
}

/* Is @path the folder @above, or below it?  Returns what is left of it, or NULL. */
static const char *rest_below(const char *path, const char *above)
{
	size_t length = strlen(above);

	if (strcmp(above, "/") == 0)
		return path;
	if (strncmp(path, above, length) != 0 || (path[length] != '/' && path[length] != '\0'))
		return NULL;
	return path + length;
}

/* Where in its filesystem @path lies, on mount @id (caller frees); *@device is in @copy. */
static char *inner_path(char *copy, uint64_t id, const char *path, const char **device)
{
	char *next = copy, *line, *inner = NULL;

	while (next && (line = strsep(&next, "\n"))) {
		struct mountinfo info;
		const char *rest;

		if (!mountinfo_read(line, &info) || info.id != id)
			continue;
		rest = rest_below(path, info.point);
		if (!rest ||
		    asprintf(&inner, "%s%s", strcmp(info.root, "/") ? info.root : "", rest) < 0)
			return NULL;
		*device = info.device;
		return inner;
	}
	return NULL;
}

void check_other_mounts(const char *mountinfo, uint64_t id, const char *path, struct report *report)
{
	TEXT_CLEANUP char *copy = strdup(mountinfo), *lines = strdup(mountinfo), *inner = NULL;
	const char *device = NULL;
	char *next = lines, *line;

	inner = copy ? inner_path(copy, id, path, &device) : NULL;
	while (inner && next && (line = strsep(&next, "\n"))) {
		struct mountinfo info;

		if (!mountinfo_read(line, &info) || info.id == id ||
		    strcmp(info.device, device) != 0 ||
		    (!rest_below(inner, info.root) && !rest_below(info.root, inner)))
			continue;
		report_add(report, backing, SEVERITY_NOTE,
			   "What can be reached there goes past guisefs.",
			   "see who can reach it there, and unmount it if nobody needs it",
			   "%s, or a part of it, is also in what is mounted on %s", path,
			   info.point);
	}
}

/* An errno that says that there is no such thing, or 0. */
static int lacking(ssize_t result)
{
	return result < 0 && (errno == EOPNOTSUPP || errno == ENOSYS) ? errno : 0;
}

static void learn_abilities(const char *path, struct abilities *abilities)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} handle = {.handle.handle_bytes = MAX_HANDLE_SZ};
	struct statvfs fs;
	int mount;

	*abilities = (struct abilities){.path = path};
	abilities->handles = lacking(name_to_handle_at(AT_FDCWD, path, &handle.handle, &mount, 0));
	abilities->descriptors = lacking(getxattr(path, "security.NTACL", NULL, 0));
	abilities->lists = lacking(getxattr(path, "system.posix_acl_access", NULL, 0));
	abilities->read_only = statvfs(path, &fs) == 0 && (fs.f_flag & ST_RDONLY);
}

static bool learn_step(const char *path, struct step *step)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return false;
	*step = (struct step){strdup(path), st.st_uid, st.st_gid, st.st_mode,
			      getxattr(path, "system.posix_acl_access", NULL, 0) > 0};
	return step->path != NULL;
}

/* The folders from / to @path, which is absolute and has no links. */
static size_t learn_steps(const char *path, struct step steps[STEPS_MOST])
{
	char part[PATH_MAX];
	size_t count = 0, length = strlen(path);

	if (length >= sizeof(part) || !learn_step("/", &steps[count]))
		return count;
	count++;
	for (size_t i = 1; i <= length && count < STEPS_MOST && length > 1; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (!learn_step(part, &steps[count]))
			break;
		count++;
	}
	return count;
}

static void judge_steps(const char *path, struct report *report)
{
	struct step steps[STEPS_MOST];
	size_t count = learn_steps(path, steps);

	if (count > 0 && strcmp(steps[count - 1].path, path) == 0)
		check_exposure(steps, count, report);
	for (size_t i = 0; i < count; i++)
		free((void *)(uintptr_t)steps[i].path);
}

static void look_at(const struct host *host, const char *path, struct report *report)
{
	TEXT_CLEANUP char *real = realpath(path, NULL);
	TEXT_CLEANUP char *mounts = doctor_text(host, "/proc/self/mountinfo");
	SCOPED_FD fd = real ? open(real, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	struct abilities abilities;
	struct statx stx;

	if (fd < 0) {
		report_add(report, backing, SEVERITY_NOTE, "Nothing can be said of it.",
			   "ask as root, where it can be seen", "%s: %s", path, strerror(errno));
		return;
	}
	if (mountpoint_is_guisefs(fd) == 1) {
		report_add(report, backing, SEVERITY_NOTE, "Nothing can be said of it.",
			   "name the backing folder itself", "%s lies behind a guisefs mount",
			   path);
		return;
	}
	judge_steps(real, report);
	if (mounts && statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &stx) == 0)
		check_other_mounts(mounts, stx.stx_mnt_id, real, report);
	learn_abilities(real, &abilities);
	check_abilities(&abilities, report);
}

struct question {
	const struct host *host;
	const char *path;
};

static int look_here(void *context, int out)
{
	const struct question *question = context;
	struct report report = {0};

	look_at(question->host, question->path, &report);
	return report_send(&report, out);
}

/* It may lie behind a mount that does not answer, as anything on the way to it may. */
void doctor_backing(const struct host *host, const char *path, struct report *report)
{
	struct question question = {host, path};
	TEXT_CLEANUP char *bytes = NULL;
	size_t size;
	int error = patience_ask(look_here, &question, &bytes, &size);

	if (error == 0)
		report_take(report, bytes, size);
	else if (error == -ETIMEDOUT)
		doctor_no_answer(path, report);
	else
		report->incomplete = true;
}

void doctor_no_answer(const char *path, struct report *report)
{
	report_add(report, backing, SEVERITY_PROBLEM,
		   "It, or what is on the way to it, is on a filesystem that hangs.",
		   "look at what is mounted there", "%s does not answer", path);
}
