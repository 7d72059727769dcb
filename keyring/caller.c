/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading /proc about a thread; see proc(5). */
#include "keyring/caller.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "keyring/resolve.h"
#include "keyring/scoped.h"

/* linux/sched.h: the flag that io_uring's own threads have */
#define PF_IO_WORKER 0x00000010u
/* 65,536 groups of up to 11 characters and some lines */
#define SLURP_MAX (1024 * 1024)

/* Reads all of @fd into *@text, doubling. */
static int slurp_fd(int fd, char **text)
{
	size_t room = 4096, length = 0;
	SCOPED_BUFFER char *buffer = malloc(room);

	for (;;) {
		ssize_t count;

		if (!buffer)
			return -ENOMEM;
		count = read(fd, buffer + length, room - length - 1);
		if (count < 0)
			return -errno;
		length += (size_t)count;
		if (count == 0)
			break;
		if (room - length - 1 == 0) {
			char *larger = room < SLURP_MAX ? realloc(buffer, 2 * room) : NULL;

			if (!larger)
				return room < SLURP_MAX ? -ENOMEM : -EFBIG;
			buffer = larger;
			room *= 2;
		}
	}
	buffer[length] = '\0';
	*text = buffer;
	buffer = NULL;
	return 0;
}

int caller_slurp(const char *path, char **text)
{
	int error;
	SCOPED_FD fd = open(path, O_RDONLY | O_CLOEXEC);

	error = fd < 0 ? -errno : slurp_fd(fd, text);
	return error == -ENOENT ? -ESRCH : error;
}

static int slurp_task(pid_t tid, const char *file, char **text)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)tid, file);
	return caller_slurp(path, text);
}

static bool number_read(const char *text, char **end, uint64_t *number)
{
	errno = 0;
	*number = strtoull(text, end, 10);
	return !errno && *end != text;
}

/* Fields that execve() sets, and else only who overwrites them on purpose (PR_SET_MM). */
enum { FIELD_START_CODE = 26, FIELD_START_STACK = 28, FIELD_START_DATA = 45, FIELD_START_BRK = 47 };

static bool field_is_of_image(int field)
{
	return (field >= FIELD_START_CODE && field <= FIELD_START_STACK) ||
	       (field >= FIELD_START_DATA && field <= FIELD_START_BRK);
}

/* FNV-1a */
static uint64_t hash_add(uint64_t hash, uint64_t value)
{
	for (int i = 0; i < 8; i++, value >>= 8)
		hash = (hash ^ (value & 0xff)) * 0x100000001b3u;
	return hash;
}

static int32_t image_of_hash(uint64_t hash)
{
	int32_t image = (int32_t)((hash ^ hash >> 32) & INT32_MAX);

	return image ? image : 1;
}

/* @at: field 4 and those after it. */
static int stat_parse(const char *at, struct caller_stat *stat)
{
	uint64_t hash = 0xcbf29ce484222325u, value;
	bool hidden = false;
	char *end;

	for (int field = 4; field <= FIELD_START_BRK; field++, at = end) {
		if (!number_read(at, &end, &value))
			return -EPROTO;
		if (field == 9)
			stat->io_worker = value & PF_IO_WORKER;
		if (field == 22)
			stat->start = value;
		/* 0 without memory, 0 or 1 without the right to know */
		if (field == FIELD_START_CODE || field == FIELD_START_STACK)
			hidden |= value <= 1;
		if (field_is_of_image(field))
			hash = hash_add(hash, value);
	}
	stat->image = hidden ? 0 : image_of_hash(hash);
	return 0;
}

int caller_stat(pid_t tid, struct caller_stat *stat)
{
	SCOPED_BUFFER char *text = NULL;
	int error = slurp_task(tid, "stat", &text);
	const char *at;

	if (error)
		return error;
	/* the name, field 2, may hold anything, blanks and brackets too */
	at = strrchr(text, ')');
	if (!at || at[1] != ' ' || !at[2])
		return -EPROTO;
	return stat_parse(at + 3, stat); /* past field 3, a letter */
}

/* The value of line "NAME:\t..." in the text of a status file, or NULL. */
static char *status_line(char *text, const char *name)
{
	size_t length = strlen(name);

	for (char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, length) == 0 && line[length] == ':')
			return line + length + 1;
	}
	return NULL;
}

static int status_number(pid_t tid, const char *name, uint64_t *number)
{
	SCOPED_BUFFER char *text = NULL;
	int error = slurp_task(tid, "status", &text);
	char *line, *end;

	if (error)
		return error;
	line = status_line(text, name);
	if (!line || !number_read(line, &end, number) || *end != '\n')
		return -EPROTO;
	return 0;
}

int caller_process(pid_t tid, pid_t *tgid)
{
	uint64_t number;
	int error;

	/* a tenth of the time: is it the first thread, whose id the process has? */
	if (tgkill(tid, tid, 0) == 0 || errno == EPERM) {
		*tgid = tid;
		return 0;
	}
	error = status_number(tid, "Tgid", &number);
	if (error)
		return error;
	if (number == 0 || number > INT_MAX)
		return -EPROTO;
	*tgid = (pid_t)number;
	return 0;
}

int caller_threads(pid_t tid, unsigned int *threads)
{
	uint64_t number;
	int error = status_number(tid, "Threads", &number);

	if (error)
		return error;
	*threads = number > UINT_MAX ? UINT_MAX : (unsigned int)number;
	return 0;
}

/* Numbers up to the end of the line; stores them unless @groups is NULL. */
static int groups_parse(const char *line, gid_t *groups, size_t *count)
{
	*count = 0;
	for (;;) {
		uint64_t gid;
		char *end;

		line += strspn(line, " \t");
		if (*line == '\n')
			return 0;
		if (*line < '0' || *line > '9' || !number_read(line, &end, &gid) ||
		    gid > UINT32_MAX)
			return -EPROTO;
		if (groups)
			groups[*count] = (gid_t)gid;
		(*count)++;
		line = end;
	}
}

/* Line "Uid:", real, effective, saved and file system user: is the last @uid? */
static bool is_fsuid(char *text, uid_t uid)
{
	const char *line = status_line(text, "Uid");
	unsigned int fsuid;

	return line && sscanf(line, "%*u %*u %*u %u", &fsuid) == 1 && fsuid == uid;
}

int caller_ids(pid_t tid, struct caller *caller)
{
	SCOPED_BUFFER char *text = NULL;
	int error = slurp_task(tid, "status", &text);
	const char *uids, *gids;
	unsigned int uid, gid;

	if (error)
		return error;
	uids = status_line(text, "Uid");
	gids = status_line(text, "Gid");
	if (!uids || !gids || sscanf(uids, "%*u %*u %*u %u", &uid) != 1 ||
	    sscanf(gids, "%*u %*u %*u %u", &gid) != 1)
		return -EPROTO;
	*caller = (struct caller){.tid = tid, .uid = uid, .gid = gid};
	return 0;
}

int caller_groups(pid_t tid, uid_t uid, gid_t **groups, size_t *count)
{
	SCOPED_BUFFER char *text = NULL;
	int error = slurp_task(tid, "status", &text);
	const char *line;

	if (error)
		return error;
	if (!is_fsuid(text, uid))
		return -ESTALE;
	line = status_line(text, "Groups");
	if (!line)
		return -EPROTO;
	error = groups_parse(line, NULL, count);
	if (error)
		return error;
	*groups = calloc(*count + 1, sizeof(**groups));
	if (!*groups)
		return -ENOMEM;
	return groups_parse(line, *groups, count);
}

int caller_maps_only(pid_t tid, uid_t uid, bool *only)
{
	SCOPED_BUFFER char *text = NULL;
	int error = slurp_task(tid, "uid_map", &text);
	unsigned int inside, outside, count;
	int used = 0;

	if (error)
		return error;
	*only = sscanf(text, " %u %u %u %n", &inside, &outside, &count, &used) == 3 &&
		text[used] == '\0' && inside == uid && outside == uid && count == 1;
	return 0;
}

bool caller_proc_is_ours(void)
{
	char target[16], own[16];
	ssize_t length = readlink("/proc/self", target, sizeof(target) - 1);

	if (length < 0)
		return false;
	target[length] = '\0';
	snprintf(own, sizeof(own), "%d", (int)getpid());
	return strcmp(target, own) == 0;
}

bool caller_times_are_hosts(void)
{
	SCOPED_BUFFER char *text = NULL;
	long seconds = 0, nanoseconds = 0;
	const char *line;

	/* no time namespaces before Linux 5.6 */
	if (caller_slurp("/proc/self/timens_offsets", &text))
		return true;
	line = strstr(text, "boottime");
	return !line || (sscanf(line, "boottime %ld %ld", &seconds, &nanoseconds) == 2 &&
			 seconds == 0 && nanoseconds == 0);
}

int caller_pid_namespace(uint64_t *inode)
{
	struct stat status;

	if (stat("/proc/self/ns/pid", &status) < 0)
		return -errno;
	*inode = status.st_ino;
	return 0;
}
